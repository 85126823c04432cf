//! Strings: bytes and an encoding, shared with the literal they came from until they are changed.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::class::RClass;
use crate::core::string::text;
use crate::value::{Charge, Encoding, Head};

enum Content {
    Shared(Arc<[u8]>),
    Owned(Vec<u8>),
}

/// A Ruby String.
pub struct RString {
    /// Class, frozen flag, instance variables.
    pub head: Head,
    content: RefCell<Content>,
    encoding: Cell<Encoding>,
    charge: Charge,
}

const BASE: usize = 64;

impl RString {
    /// A String of its own bytes.
    pub fn new(bytes: Vec<u8>, encoding: Encoding) -> Rc<Self> {
        Self::build(Head::default(), Content::Owned(bytes), encoding)
    }

    /// A String that shares a literal's bytes until it is changed.
    pub fn shared(bytes: &Arc<[u8]>, encoding: Encoding) -> Rc<Self> {
        Self::build(Head::default(), Content::Shared(Arc::clone(bytes)), encoding)
    }

    /// A String of a subclass of String.
    pub fn with_class(class: Rc<RClass>, bytes: Vec<u8>, encoding: Encoding) -> Rc<Self> {
        Self::build(Head::of(class), Content::Owned(bytes), encoding)
    }

    fn build(head: Head, content: Content, encoding: Encoding) -> Rc<Self> {
        let charge = Charge::new(BASE + owned(&content));
        Rc::new(Self { head, content: RefCell::new(content), encoding: Cell::new(encoding), charge })
    }

    /// The bytes, borrowed: never hold this across a call into Ruby.
    pub fn bytes(&self) -> Ref<'_, [u8]> {
        Ref::map(self.content.borrow(), |content| match content {
            Content::Shared(bytes) => &**bytes,
            Content::Owned(bytes) => bytes.as_slice(),
        })
    }

    /// The bytes, copied.
    pub fn to_vec(&self) -> Vec<u8> {
        self.bytes().to_vec()
    }

    /// The text; the replacement character stands for invalid bytes.
    pub fn lossy(&self) -> String {
        let bytes = self.bytes();
        if self.encoding().is_foreign() {
            return text::decoded(&bytes, self.encoding()).unwrap_or_else(|valid| valid);
        }
        match String::from_utf8_lossy(&bytes) {
            Cow::Borrowed(text) => text.to_owned(),
            Cow::Owned(text) => text,
        }
    }

    /// The bytes of its text in UTF-8, invalid ones of UTF-8, US-ASCII and ASCII-8BIT as they are.
    pub fn to_utf8(&self) -> Vec<u8> {
        if self.encoding().is_foreign() { self.lossy().into_bytes() } else { self.to_vec() }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Changes the bytes in place; never call into Ruby from within. The caller checks for frozen strings.
    pub fn change<T>(&self, change: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let mut content = self.content.borrow_mut();
        if let Content::Shared(bytes) = &*content {
            *content = Content::Owned(bytes.to_vec());
        }
        let Content::Owned(bytes) = &mut *content else { unreachable!("made owned above") };
        let result = change(bytes);
        self.charge.set(BASE + bytes.capacity());
        result
    }

    /// Replaces the bytes.
    pub fn replace(&self, bytes: Vec<u8>) {
        self.charge.set(BASE + bytes.capacity());
        *self.content.borrow_mut() = Content::Owned(bytes);
    }

    /// Its encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding.get()
    }

    /// Changes the encoding tag, not the bytes.
    pub fn set_encoding(&self, encoding: Encoding) {
        self.encoding.set(encoding);
    }

    /// Whether every character is ASCII, and written as ASCII is.
    pub fn is_ascii(&self) -> bool {
        text::is_ascii(&self.bytes(), self.encoding())
    }

    /// Whether the bytes are valid in its encoding.
    pub fn is_valid(&self) -> bool {
        text::is_valid(&self.bytes(), self.encoding())
    }
}

fn owned(content: &Content) -> usize {
    match content {
        Content::Shared(_) => 0,
        Content::Owned(bytes) => bytes.capacity(),
    }
}
