//! Semverse: semantic versions and what is required of them.

mod constraint;
mod version;

use std::rc::Rc;

use super::{ivar, set_ivar};
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::Value;

/// Defines the module.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Semverse");
    let error = vm.define_class(&module, "SemverseError", &Rc::clone(&vm.c.standard_error));
    for (name, methods) in [("InvalidVersionFormat", VERSION_ERROR), ("InvalidConstraintFormat", CONSTRAINT_ERROR)] {
        let class = vm.define_class(&module, name, &error);
        vm.define(&class, methods);
    }
    vm.define_class(&module, "NoSolutionError", &error);
    module.constants.borrow_mut().insert(Sym::new("VERSION"), Value::str("2.0.0"));
    version::init(vm, &module);
    constraint::init(vm, &module);
}

const VERSION_ERROR: &[Def] = &[
    private_def("initialize", 1, 1, keep, "Takes what is no version"),
    def("version", 0, 0, |_, r, _| Ok(ivar(r, "@given")), "What is no version"),
    def("to_s", 0, 0, |vm, r, _| message(vm, r, "a valid version string: 'x.y.z' or 'x.y'."), "The message"),
];

const CONSTRAINT_ERROR: &[Def] = &[
    private_def("initialize", 1, 1, keep, "Takes what is no constraint"),
    def("constraint", 0, 0, |_, r, _| Ok(ivar(r, "@given")), "What is no constraint"),
    def("to_s", 0, 0, |vm, r, _| message(vm, r, "a valid operator or a valid version string."), "The message"),
];

fn keep(_: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    set_ivar(receiver, "@given", args[0].clone());
    Ok(Value::Nil)
}

fn message(vm: &Interp, receiver: &Value, what: &str) -> Res {
    let given = vm.to_s(&ivar(receiver, "@given"))?.lossy();
    Ok(Value::from(format!("'{given}' did not contain {what}")))
}

/// The error about a text that is nothing of the kind.
fn invalid(vm: &Interp, class: &str, given: &str) -> Unwind {
    let class = vm.class_named(&format!("Semverse::{class}"));
    match vm.new_instance(&class, Args::new(&[Value::str(given)])) {
        Ok(Value::Obj(error)) => vm.raise_object(error),
        Ok(_) => vm.raise(&class, ""),
        Err(unwind) => unwind,
    }
}
