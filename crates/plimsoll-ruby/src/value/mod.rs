//! Ruby values as the interpreter holds them.
//!
//! A [`Value`] is 16 bytes: immediates in place, everything else behind a reference count. The frequent heap classes have
//! variants of their own so that native code can match on them; everything rarer is an [`RObject`] with a payload.

mod array;
mod encoding;
mod hash;
mod head;
mod memory;
mod object;
mod proc;
mod range;
mod release;
mod string;

use std::fmt;
use std::rc::Rc;

pub use array::RArray;
pub use encoding::Encoding;
pub use hash::{HashDefault, RHash};
pub use head::Head;
pub(crate) use memory::Charge;
pub use memory::live_bytes;
pub use object::{Data, ExceptionData, RObject};
pub use proc::{NativeBlock, ProcKind, RProc, RubyBlock};
pub use range::RRange;
pub(crate) use release::release;
pub use string::RString;

use crate::class::RClass;
use crate::symbol::Sym;

/// A Ruby value.
///
/// The wide tag puts every payload at the same offset, so that values are copied as two words.
#[derive(Clone, Default)]
#[repr(u64)]
pub enum Value {
    /// `nil`
    #[default]
    Nil,
    /// `true` or `false`
    Bool(bool),
    /// An Integer that fits 64 bits; larger ones are objects with [`Data::Big`].
    Int(i64),
    /// A Float.
    Float(f64),
    /// A Symbol.
    Sym(Sym),
    /// A String.
    Str(Rc<RString>),
    /// An Array.
    Array(Rc<RArray>),
    /// A Hash.
    Hash(Rc<RHash>),
    /// A Range.
    Range(Rc<RRange>),
    /// A Proc.
    Proc(Rc<RProc>),
    /// A Class or Module.
    Class(Rc<RClass>),
    /// Any other object.
    Obj(Rc<RObject>),
}

const _: () = assert!(size_of::<Value>() == 16 && size_of::<crate::unwind::Res>() == 16);

impl Value {
    /// Everything but `nil` and `false`.
    pub fn truthy(&self) -> bool {
        !matches!(self, Self::Nil | Self::Bool(false))
    }

    /// A clone that costs nothing more for the most frequent kind.
    #[inline]
    pub(crate) fn quick_clone(&self) -> Self {
        match self {
            Self::Int(int) => Self::Int(*int),
            other => other.clone(),
        }
    }

    /// Whether it is `nil`.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// A new String of UTF-8 text.
    pub fn str(text: impl AsRef<str>) -> Self {
        Self::Str(RString::new(text.as_ref().as_bytes().to_vec(), Encoding::Utf8))
    }

    /// A new String of these bytes, tagged UTF-8.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Str(RString::new(bytes.into(), Encoding::Utf8))
    }

    /// The symbol of this text.
    pub fn sym(name: &str) -> Self {
        Self::Sym(Sym::new(name))
    }

    /// A new Array.
    pub fn array(elements: Vec<Value>) -> Self {
        Self::Array(RArray::new(elements))
    }

    /// The payload of type `T`, when it is an object that carries one.
    pub fn native<T: 'static>(&self) -> Option<&T> {
        match self {
            Self::Obj(object) => object.native(),
            _ => None,
        }
    }

    /// Identity, as `equal?` tells it (numbers and symbols are identical when equal).
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nil, Self::Nil) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Sym(a), Self::Sym(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => Rc::ptr_eq(a, b),
            (Self::Array(a), Self::Array(b)) => Rc::ptr_eq(a, b),
            (Self::Hash(a), Self::Hash(b)) => Rc::ptr_eq(a, b),
            (Self::Range(a), Self::Range(b)) => Rc::ptr_eq(a, b),
            (Self::Proc(a), Self::Proc(b)) => Rc::ptr_eq(a, b),
            (Self::Class(a), Self::Class(b)) => Rc::ptr_eq(a, b),
            (Self::Obj(a), Self::Obj(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// The head that every heap value has; immediates have none.
    pub fn head(&self) -> Option<&Head> {
        match self {
            Self::Str(v) => Some(&v.head),
            Self::Array(v) => Some(&v.head),
            Self::Hash(v) => Some(&v.head),
            Self::Range(v) => Some(&v.head),
            Self::Proc(v) => Some(&v.head),
            Self::Class(v) => Some(&v.head),
            Self::Obj(v) => Some(&v.head),
            Self::Nil | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Sym(_) => None,
        }
    }

    /// Whether it can't be changed.
    pub fn is_frozen(&self) -> bool {
        match self {
            Self::Range(_) => true,
            _ => self.head().is_none_or(Head::is_frozen),
        }
    }
}

impl fmt::Debug for Value {
    /// For Rust's own messages; Ruby's `inspect` is a method.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Float(v) => write!(f, "{v:?}"),
            Self::Sym(v) => write!(f, "{v:?}"),
            Self::Str(v) => write!(f, "{:?}", v.lossy()),
            Self::Array(v) => write!(f, "Array({})", v.len()),
            Self::Hash(v) => write!(f, "Hash({})", v.len()),
            Self::Range(v) => write!(f, "{:?}..{:?}", v.begin, v.end),
            Self::Proc(_) => f.write_str("Proc"),
            Self::Class(v) => write!(f, "{}", v.name()),
            Self::Obj(v) => write!(f, "#<{}>", v.head.class().map_or_else(|| "?".to_owned(), |c| c.name())),
        }
    }
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Bool(v)
    }
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}

impl From<usize> for Value {
    fn from(v: usize) -> Self {
        Self::Int(v as i64)
    }
}

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Self::Float(v)
    }
}

impl From<Sym> for Value {
    fn from(v: Sym) -> Self {
        Self::Sym(v)
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::str(v)
    }
}

impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::bytes(v.into_bytes())
    }
}

impl From<Vec<Value>> for Value {
    fn from(v: Vec<Value>) -> Self {
        Self::array(v)
    }
}

impl From<Rc<RString>> for Value {
    fn from(v: Rc<RString>) -> Self {
        Self::Str(v)
    }
}

impl From<Rc<RArray>> for Value {
    fn from(v: Rc<RArray>) -> Self {
        Self::Array(v)
    }
}

impl From<Rc<RHash>> for Value {
    fn from(v: Rc<RHash>) -> Self {
        Self::Hash(v)
    }
}

impl From<Rc<RClass>> for Value {
    fn from(v: Rc<RClass>) -> Self {
        Self::Class(v)
    }
}

impl From<Rc<RProc>> for Value {
    fn from(v: Rc<RProc>) -> Self {
        Self::Proc(v)
    }
}

impl From<Rc<RObject>> for Value {
    fn from(v: Rc<RObject>) -> Self {
        Self::Obj(v)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Nil, Into::into)
    }
}
