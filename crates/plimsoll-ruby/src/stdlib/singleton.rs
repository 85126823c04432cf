//! Singleton: classes with one instance.

use std::rc::Rc;

use super::{ivar, set_ivar};
use crate::args::Args;
use crate::class::{Def, MethodBody, Visibility, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// Defines the module.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Singleton");
    if let Some(singleton) = vm.singleton_class(&Value::Class(Rc::clone(&module))) {
        // A closure, since hooks of the table are taken for those that do nothing.
        let hook = MethodBody::Closure(Rc::new(included), 1, 1);
        vm.add_method(&singleton, known::INCLUDED, Visibility::Public, hook);
    }
    vm.define(&module, METHODS);
}

const METHODS: &[Def] = &[
    def("dup", 0, 0, |vm, r, _| refused(vm, r, "dup"), "Refused"),
    def("clone", 0, -1, |vm, r, _| refused(vm, r, "clone"), "Refused"),
];

const CLASS_METHODS: &[Def] = &[def("instance", 0, 0, instance, "The instance")];

/// Where the instance is kept: no program can write such a variable.
const INSTANCE: &str = "instance";

fn refused(vm: &Interp, receiver: &Value, what: &str) -> Res {
    let class = vm.real_class_of(receiver).name();
    Err(vm.type_error(format!("can't {what} instance of singleton {class}")))
}

/// Makes a class one with a single instance.
fn included(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(&args[0])?;
    vm.define_singleton(&class, CLASS_METHODS);
    let Some(singleton) = vm.singleton_class(&args[0]) else { return Ok(Value::Nil) };
    for name in [known::NEW, known::ALLOCATE] {
        if let Some(method) = vm.find_method(&singleton, name) {
            vm.add_method(&singleton, name, Visibility::Private, method.body.clone());
        }
    }
    Ok(Value::Nil)
}

fn instance(vm: &Interp, class: &Value, _: Args<'_>) -> Res {
    let known = ivar(class, INSTANCE);
    if !known.is_nil() && Rc::ptr_eq(&vm.real_class_of(&known), &vm.to_class(class)?) {
        return Ok(known);
    }
    let made = vm.call(class, Sym::new("new"), &[])?;
    set_ivar(class, INSTANCE, made.clone());
    Ok(made)
}
