//! Arrays.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use crate::class::RClass;
use crate::value::{Charge, Head, Value, release};

/// A Ruby Array.
///
/// Ruby code may change an array while native code walks it: iterate by index with [`RArray::get`], which looks at the
/// length again each time, and never hold [`RArray::borrow`] across a call into Ruby.
pub struct RArray {
    /// Class, frozen flag, instance variables.
    pub head: Head,
    elements: RefCell<Vec<Value>>,
    charge: Charge,
}

const BASE: usize = 64;

impl RArray {
    /// An Array of these elements.
    pub fn new(elements: Vec<Value>) -> Rc<Self> {
        Self::build(Head::default(), elements)
    }

    /// An Array of a subclass of Array.
    pub fn with_class(class: Rc<RClass>, elements: Vec<Value>) -> Rc<Self> {
        Self::build(Head::of(class), elements)
    }

    fn build(head: Head, elements: Vec<Value>) -> Rc<Self> {
        let charge = Charge::new(BASE + elements.capacity() * size_of::<Value>());
        Rc::new(Self { head, elements: RefCell::new(elements), charge })
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.elements.borrow().len()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.elements.borrow().get(index).cloned()
    }

    /// All elements, copied (cheap: values are reference counted).
    pub fn to_vec(&self) -> Vec<Value> {
        self.elements.borrow().clone()
    }

    /// The elements, borrowed: never hold this across a call into Ruby.
    pub fn borrow(&self) -> Ref<'_, Vec<Value>> {
        self.elements.borrow()
    }

    /// Changes the elements; never call into Ruby from within. The caller checks for frozen arrays.
    pub fn change<T>(&self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        let mut elements = self.elements.borrow_mut();
        let result = change(&mut elements);
        self.charge.set(BASE + elements.capacity() * size_of::<Value>());
        result
    }

    /// Appends an element. The caller checks for frozen arrays.
    pub fn push(&self, value: Value) {
        self.change(|elements| elements.push(value));
    }

    /// Replaces all elements.
    pub fn replace(&self, new: Vec<Value>) {
        // The old elements are dropped outside the borrow.
        let old = self.change(|elements| std::mem::replace(elements, new));
        drop(old);
    }
}

impl Drop for RArray {
    fn drop(&mut self) {
        release(std::mem::take(self.elements.get_mut()));
    }
}
