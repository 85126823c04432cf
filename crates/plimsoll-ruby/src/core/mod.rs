//! The core classes, one file each: a table of methods and the functions behind it.

pub(crate) mod arithmetic;
pub(crate) mod array;
mod binding;
mod boolean;
mod calendar;
mod comparable;
pub(crate) mod complex;
pub(crate) mod date;
pub(crate) mod did_you_mean;
pub(crate) mod encoding;
pub(crate) mod enumerable;
pub(crate) mod enumerator;
mod error_highlight;
mod exception;
mod file;
mod float;
pub(crate) mod format;
pub(crate) mod hash;
mod integer;
pub(crate) mod kernel;
pub(crate) mod matchdata;
mod math;
mod module;
mod nil;
mod numeric;
pub(crate) mod ostruct;
mod proc;
pub(crate) mod random;
pub(crate) mod range;
pub(crate) mod rational;
pub(crate) mod regexp;
pub(crate) mod set;
pub(crate) mod string;
pub(crate) mod struct_;
pub(crate) mod symbol;
pub(crate) mod time;

use std::rc::Rc;

use crate::class::{MethodBody, RClass, Visibility};
use crate::interp::Interp;
use crate::symbol::known;
use crate::value::{RString, Value};

/// What defines the classes: one line each, after those they build on, else sorted.
const CLASSES: &[fn(&Interp)] = &[
    kernel::init,
    exception::init,
    module::init,
    array::init,
    binding::init,
    boolean::init,
    comparable::init,
    date::init,
    encoding::init,
    enumerable::init,
    enumerator::init,
    file::init,
    float::init,
    hash::init,
    integer::init,
    matchdata::init,
    math::init,
    nil::init,
    numeric::init,
    complex::init,
    ostruct::init,
    proc::init,
    random::init,
    range::init,
    rational::init,
    regexp::init,
    set::init,
    string::init,
    struct_::init,
    symbol::init,
    time::init,
];

/// Defines the whole core library.
pub(crate) fn init(vm: &Interp) {
    for define in CLASSES {
        define(vm);
    }
}

/// Leaves a class without `new`; `allocate` raises TypeError. Its instances come from literals and from other methods alone.
pub(crate) fn without_new(vm: &Interp, class: &Rc<RClass>) {
    let singleton = vm.singleton_class(&Value::Class(Rc::clone(class))).expect("classes have singleton classes");
    vm.add_method(&singleton, known::NEW, Visibility::Public, MethodBody::Undefined);
    vm.set_alloc(class, |vm, class| Err(vm.type_error(format!("allocator undefined for {}", class.name()))));
}

/// Leaves a class without `allocate` as well.
fn without_allocate(vm: &Interp, class: &Rc<RClass>) {
    let singleton = vm.singleton_class(&Value::Class(Rc::clone(class))).expect("classes have singleton classes");
    vm.add_method(&singleton, known::ALLOCATE, Visibility::Public, MethodBody::Undefined);
}

/// `a == b` for Strings: the same bytes, in the same encoding or all ASCII.
pub(crate) fn strings_equal(a: &RString, b: &RString) -> bool {
    *a.bytes() == *b.bytes() && (a.encoding() == b.encoding() || a.is_empty() || (a.is_ascii() && b.is_ascii()))
}

/// A Float's text.
pub(crate) fn float_text(float: f64) -> String {
    float::text(float)
}
