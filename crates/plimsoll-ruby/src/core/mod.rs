//! The core classes, one file each: a table of methods and the functions behind it.

use crate::interp::Interp;
use crate::value::RString;

/// Defines the whole core library.
pub(crate) fn init(_vm: &Interp) {}

/// `a == b` for Strings.
pub(crate) fn strings_equal(a: &RString, b: &RString) -> bool {
    *a.bytes() == *b.bytes()
}

/// A Float's text.
pub(crate) fn float_text(float: f64) -> String {
    float.to_string()
}
