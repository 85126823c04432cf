//! Benchmark and Timeout. Time is the host's; how long a program may run is a limit of the interpreter.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def};
use crate::core::struct_;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// Defines the modules.
pub(super) fn init(vm: &Interp) {
    let benchmark = vm.define_module(&vm.c.object, "Benchmark");
    vm.define_singleton(&benchmark, BENCHMARK);
    let members = ["utime", "stime", "cutime", "cstime", "real", "total", "label"].map(Sym::new);
    let times = struct_::struct_class(vm, None, &members);
    times.set_name("Benchmark::Tms");
    vm.define_constant(&benchmark, "Tms", &times);
    let timeout = vm.define_module(&vm.c.object, "Timeout");
    vm.define_singleton(&timeout, TIMEOUT);
    let runtime_error = vm.class_named("RuntimeError");
    vm.define_class(&timeout, "Error", &runtime_error);
    vm.define_class(&timeout, "ExitException", &vm.c.exception);
}

const BENCHMARK: &[Def] = &[
    def("realtime", 0, 0, |vm, _, a| Ok(Value::Float(timed(vm, a)?)), "Seconds that a block takes"),
    def("measure", 0, 1, measure, "The times that a block takes"),
];

const TIMEOUT: &[Def] = &[def("timeout", 1, 3, timeout, "Runs a block; the interpreter's own limit ends it")];

fn timed(vm: &Interp, args: Args<'_>) -> Res<f64> {
    let block = args.need_block(vm)?;
    let start = vm.host.now();
    vm.call_block(block, &[])?;
    Ok(vm.host.now().saturating_sub(start).as_secs_f64())
}

fn measure(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let label = args.get(0).cloned().unwrap_or_else(|| Value::str(""));
    let real = Value::Float(timed(vm, args)?);
    let zero = || Value::Float(0.0);
    let values = [zero(), zero(), zero(), zero(), real.clone(), real, label];
    let class = Value::Class(Rc::clone(&vm.class_named("Benchmark::Tms")));
    vm.call(&class, known::NEW, &values)
}

fn timeout(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    vm.call_block(args.need_block(vm)?, &args.values[..1])
}
