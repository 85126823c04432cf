//! Objects of all other classes.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use num_bigint::BigInt;

use crate::class::RClass;
use crate::value::{Charge, Head, Value};

/// An object: a head, and for instances of built-in classes a payload.
pub struct RObject {
    /// Class, frozen flag, instance variables.
    pub head: Head,
    /// What a built-in class keeps in it.
    pub data: Data,
    charge: Charge,
}

/// The payload of an object.
pub enum Data {
    /// None: an ordinary object.
    Plain,
    /// An Integer beyond 64 bits.
    Big(BigInt),
    /// An exception.
    Exception(ExceptionData),
    /// What a built-in class implemented elsewhere keeps (Regexp, Time, Set, Enumerator, a resource …).
    Native(Box<dyn Any>),
}

/// What an exception carries.
#[derive(Default)]
pub struct ExceptionData {
    /// What was given to `new`; `nil` means that the message is the class's name.
    pub message: RefCell<Value>,
    /// Lines `FILE:LINE:in 'METHOD'`, innermost first; `None` until it is raised.
    pub backtrace: RefCell<Option<Vec<String>>>,
    /// A backtrace set by the program.
    pub own_backtrace: RefCell<Value>,
    /// The exception being handled when this one was raised.
    pub cause: RefCell<Value>,
    /// Whether `cause` has been decided.
    pub cause_set: Cell<bool>,
}

/// Bytes that an object holds, a few instance variables among them.
const SIZE: usize = 256;

impl RObject {
    /// An instance of `class` with this payload.
    pub fn new(class: Rc<RClass>, data: Data) -> Rc<Self> {
        Rc::new(Self { head: Head::of(class), data, charge: Charge::new(SIZE) })
    }

    /// Counts this many bytes more as its own.
    pub(crate) fn hold(&self, bytes: usize) {
        self.charge.set(SIZE + bytes);
    }

    /// An instance of `class` with a payload of a type of its own.
    pub fn with_native<T: 'static>(class: Rc<RClass>, payload: T) -> Rc<Self> {
        Self::new(class, Data::Native(Box::new(payload)))
    }

    /// The payload of type `T`, when it carries one.
    pub fn native<T: 'static>(&self) -> Option<&T> {
        match &self.data {
            Data::Native(payload) => payload.downcast_ref(),
            _ => None,
        }
    }

    /// The exception's data, when it is one.
    pub fn exception(&self) -> Option<&ExceptionData> {
        match &self.data {
            Data::Exception(data) => Some(data),
            _ => None,
        }
    }
}

impl std::fmt::Debug for RObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let class = self.head.class().map_or_else(|| "?".to_owned(), |c| c.name());
        match self.exception() {
            Some(data) => write!(f, "#<{class}: {:?}>", data.message.borrow()),
            None => write!(f, "#<{class}>"),
        }
    }
}
