//! The core classes, one file each: a table of methods and the functions behind it.

mod arithmetic;
mod comparable;
mod encoding;
mod float;
pub(crate) mod format;
mod integer;
pub(crate) mod matchdata;
mod math;
mod numeric;
pub(crate) mod random;
pub(crate) mod rational;
pub(crate) mod regexp;
pub(crate) mod string;
pub(crate) mod symbol;

use crate::interp::Interp;
use crate::value::RString;

/// What defines the classes: one line each, after those they build on, else sorted.
const CLASSES: &[fn(&Interp)] = &[
    comparable::init,
    encoding::init,
    float::init,
    integer::init,
    matchdata::init,
    math::init,
    numeric::init,
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
