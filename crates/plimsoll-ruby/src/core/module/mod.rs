//! Module and Class.

mod attributes;
mod class;
mod constants;
mod evaluation;
mod inclusion;
mod methods;
mod relations;
mod variables;
mod visibility;

use std::rc::Rc;

pub(crate) use methods::define_method_in;

use crate::class::RClass;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(crate) fn init(vm: &Interp) {
    relations::init(vm);
    inclusion::init(vm);
    methods::init(vm);
    visibility::init(vm);
    attributes::init(vm);
    constants::init(vm);
    variables::init(vm);
    evaluation::init(vm);
    class::init(vm);
}

/// The receiver of a method of Module.
fn this(vm: &Interp, own: &Value) -> Res<Rc<RClass>> {
    vm.to_class(own)
}
