//! Ranges.

use std::rc::Rc;

use crate::class::RClass;
use crate::value::{Head, Value};

/// A Ruby Range; always frozen.
pub struct RRange {
    /// Class and instance variables.
    pub head: Head,
    /// First value; `nil` for a beginless range.
    pub begin: Value,
    /// Last value; `nil` for an endless range.
    pub end: Value,
    /// Whether `end` itself is left out (`...`).
    pub exclusive: bool,
}

impl RRange {
    /// `begin..end`, or `begin...end` when exclusive.
    pub fn new(begin: Value, end: Value, exclusive: bool) -> Rc<Self> {
        Rc::new(Self { head: Head::default(), begin, end, exclusive })
    }

    /// A Range of a subclass of Range.
    pub fn with_class(class: Rc<RClass>, begin: Value, end: Value, exclusive: bool) -> Rc<Self> {
        Rc::new(Self { head: Head::of(class), begin, end, exclusive })
    }
}
