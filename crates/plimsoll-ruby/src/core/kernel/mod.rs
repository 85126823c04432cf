//! Kernel: the functions that are there everywhere, and the methods of every object.

mod control;
mod conversion;
mod copy;
mod loading;
mod object;
mod print;
mod raise;
mod reflection;
mod system;

use crate::class::{Def, MethodBody, Visibility};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::value::Value;

pub(crate) use reflection::method_names;

pub(crate) fn init(vm: &Interp) {
    object::init(vm);
    copy::init(vm);
    reflection::init(vm);
    raise::init(vm);
    control::init(vm);
    conversion::init(vm);
    print::init(vm);
    loading::init(vm);
    system::init(vm);
}

/// Defines functions: private methods of every object, public ones of Kernel itself.
pub(crate) fn functions(vm: &Interp, functions: &'static [Def]) {
    vm.define(&vm.c.kernel, functions);
    let kernel = Value::Class(std::rc::Rc::clone(&vm.c.kernel));
    let singleton = vm.singleton_class(&kernel).expect("modules have singleton classes");
    for function in functions {
        vm.add_method(&singleton, Sym::new(function.name), Visibility::Public, MethodBody::Native(function));
    }
}
