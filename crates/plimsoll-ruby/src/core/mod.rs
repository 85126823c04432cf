//! The core classes, one file each: a table of methods and the functions behind it.

mod arithmetic;
mod boolean;
mod comparable;
mod encoding;
mod exception;
mod float;
pub(crate) mod format;
mod integer;
mod kernel;
pub(crate) mod matchdata;
mod math;
mod module;
mod nil;
mod numeric;
mod proc;
pub(crate) mod random;
pub(crate) mod rational;
pub(crate) mod regexp;
pub(crate) mod string;
pub(crate) mod symbol;

use crate::interp::Interp;
use crate::value::RString;

/// What defines the classes: one line each, after those they build on, else sorted.
const CLASSES: &[fn(&Interp)] = &[
    kernel::init,
    exception::init,
    module::init,
    boolean::init,
    comparable::init,
    encoding::init,
    float::init,
    integer::init,
    matchdata::init,
    math::init,
    nil::init,
    numeric::init,
    proc::init,
    random::init,
    rational::init,
    regexp::init,
    string::init,
    symbol::init,
];

/// Defines the whole core library.
pub(crate) fn init(vm: &Interp) {
    for define in CLASSES {
        define(vm);
    }
}

/// `a == b` for Strings: the same bytes, in the same encoding or all ASCII.
pub(crate) fn strings_equal(a: &RString, b: &RString) -> bool {
    *a.bytes() == *b.bytes() && (a.encoding() == b.encoding() || a.is_ascii())
}

/// A Float's text.
pub(crate) fn float_text(float: f64) -> String {
    float::text(float)
}
