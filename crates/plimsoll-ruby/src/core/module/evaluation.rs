//! `class_eval` and `class_exec`.

use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
}

const METHODS: &[Def] = &[
    def("class_eval", 0, -1, class_eval, "Runs a block in the class's body."),
    def("module_eval", 0, -1, class_eval, "Runs a block in the module's body."),
    def("class_exec", 0, -1, class_exec, "The same with arguments."),
    def("module_exec", 0, -1, class_exec, "The same with arguments."),
];

fn class_eval(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    match args.block {
        Some(block) => vm.call_block_with_self(block, own, Some(&this(vm, own)?), Args::new(std::slice::from_ref(own))),
        None if args.is_empty() => Err(vm.argument_error("wrong number of arguments (given 0, expected 1..3)")),
        None => Err(vm.unsupported("class_eval of a string")),
    }
}

fn class_exec(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    vm.call_block_with_self(block, own, Some(&this(vm, own)?), Args { block: None, ..args })
}
