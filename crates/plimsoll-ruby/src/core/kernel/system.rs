//! Commands, time, chance: what only the host can give.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Encoding, RObject, RString, Value};

pub(super) fn init(vm: &Interp) {
    super::functions(vm, FUNCTIONS);
    let process = vm.define_module(&vm.c.object, "Process");
    let status = vm.define_class(&process, "Status", &vm.c.object);
    vm.define(&status, STATUS);
    let mut constants = vm.c.object.constants.borrow_mut();
    for (name, text) in RUBY {
        let text = RString::new(text.as_bytes().to_vec(), Encoding::UsAscii);
        text.head.freeze();
        constants.insert(Sym::new(name), Value::Str(text));
    }
    constants.insert(Sym::new("RUBY_PATCHLEVEL"), Value::Int(261));
}

/// The Ruby that profiles find: the one of CINC Auditor's packages.
const RUBY: &[(&str, &str)] = &[
    ("RUBY_VERSION", "3.1.7"),
    ("RUBY_ENGINE", "ruby"),
    ("RUBY_ENGINE_VERSION", "3.1.7"),
    ("RUBY_PLATFORM", "x86_64-linux"),
    ("RUBY_RELEASE_DATE", "2025-03-26"),
    ("RUBY_COPYRIGHT", "ruby - Copyright (C) 1993-2025 Yukihiro Matsumoto"),
    ("RUBY_DESCRIPTION", "ruby 3.1.7p261 (2025-03-26 revision 0a3704f218) [x86_64-linux]"),
];

const FUNCTIONS: &[Def] = &[
    private_def("`", 1, 1, backticks, "Runs a command through the host and gives its output."),
    private_def("system", 1, -1, system, "Runs a command through the host and tells whether it succeeded."),
    private_def("exec", 1, -1, |vm, _, _| Err(vm.unsupported("exec")), "Refused."),
    private_def("spawn", 1, -1, |vm, _, _| Err(vm.unsupported("spawn")), "Refused."),
    private_def("open", 1, -1, |vm, _, _| Err(vm.unsupported("open")), "Refused."),
    private_def(
        "rand",
        0,
        1,
        |vm, _, args| crate::core::random::kernel_rand(vm, args),
        "A number of the default generator.",
    ),
    private_def("srand", 0, 1, |vm, _, args| crate::core::random::srand(vm, args), "Sets its seed."),
    private_def("syscall", 1, -1, |vm, _, _| Err(vm.unsupported("syscall")), "Refused."),
    private_def("test", 2, 3, |vm, _, _| Err(vm.unsupported("test")), "Refused."),
    private_def("readline", 0, -1, |vm, _, _| Err(vm.unsupported("readline")), "Refused."),
    private_def("readlines", 0, -1, |vm, _, _| Err(vm.unsupported("readlines")), "Refused."),
    private_def("trace_var", 1, -1, |vm, _, _| Err(vm.unsupported("trace_var")), "Refused."),
    private_def("untrace_var", 1, -1, |vm, _, _| Err(vm.unsupported("untrace_var")), "Refused."),
    private_def("sleep", 0, 1, |vm, _, _| Err(vm.unsupported("sleep")), "Refused."),
    private_def("select", 1, 4, |vm, _, _| Err(vm.unsupported("select")), "Refused."),
];

const STATUS: &[Def] = &[
    def("exitstatus", 0, 0, |_, own, _| Ok(Value::Int(code(own))), "The exit status."),
    def("to_i", 0, 0, |_, own, _| Ok(Value::Int(code(own) << 8)), "The status as the system encodes it."),
    def("success?", 0, 0, |_, own, _| Ok(Value::Bool(code(own) == 0)), "Whether it is 0."),
    def("exited?", 0, 0, |_, _, _| Ok(Value::Bool(true)), "true"),
    def("signaled?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("pid", 0, 0, |_, _, _| Ok(Value::Int(0)), "0: it ran elsewhere."),
];

/// The payload of a Process::Status.
struct Exit(i64);

fn code(own: &Value) -> i64 {
    own.native::<Exit>().map_or(0, |exit| exit.0)
}

/// Runs a command line, sets `$?` and gives output and status.
fn run(vm: &Interp, line: &[u8]) -> Res<(Vec<u8>, i64)> {
    match vm.host.command(line) {
        Ok(output) => {
            let status = i64::from(output.exit_status);
            let class = vm.class_named("Process::Status");
            let object = RObject::with_native(Rc::clone(&class), Exit(status));
            vm.globals.borrow_mut().insert(Sym::new("$?"), Value::Obj(object));
            vm.reserve_string(output.stdout.len())?;
            Ok((output.stdout, status))
        }
        Err(reason) => {
            let line = String::from_utf8_lossy(line).into_owned();
            Err(vm.error("SecurityError", format!("`{line}`: {reason}")))
        }
    }
}

fn backticks(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let line = vm.to_str(&args[0])?.to_vec();
    let (output, _) = run(vm, &line)?;
    Ok(Value::Str(RString::new(output, Encoding::Utf8)))
}

fn system(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    let mut words = Vec::new();
    for word in positional {
        words.push(vm.to_str(word)?.to_vec());
    }
    let line = match words.as_slice() {
        [only] => only.clone(),
        several => several.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(&b' '),
    };
    let (output, status) = run(vm, &line)?;
    vm.host.print(crate::host::Stream::Stdout, &output);
    Ok(Value::Bool(status == 0))
}

/// A word as the shell takes it literally.
fn quoted(word: &[u8]) -> Vec<u8> {
    let mut text = vec![b'\''];
    for byte in word {
        match byte {
            b'\'' => text.extend_from_slice(b"'\\''"),
            other => text.push(*other),
        }
    }
    text.push(b'\'');
    text
}
