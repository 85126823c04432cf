//! What every heap value carries besides its content.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::class::RClass;
use crate::symbol::Sym;
use crate::value::{Value, release};

/// Class, frozen flag, instance variables and object id of a heap value.
///
/// `class` is `None` for a value of its kind's own core class (a plain String's is String): strings, arrays and hashes
/// are made by the thousand, most need nothing here, and can then be made without an interpreter at hand.
#[derive(Default)]
pub struct Head {
    class: RefCell<Option<Rc<RClass>>>,
    frozen: Cell<bool>,
    id: Cell<u32>,
    ivars: RefCell<Ivars>,
}

/// Instance variables in the order of their first assignment; most values have none.
type Ivars = Option<Box<Vec<(Sym, Value)>>>;

impl Head {
    /// The head of an instance of `class`.
    pub fn of(class: Rc<RClass>) -> Self {
        let head = Self::default();
        head.set_class(class);
        head
    }

    /// The class (a singleton class, where there is one), unless it is the kind's own core class.
    pub fn class(&self) -> Option<Rc<RClass>> {
        self.class.borrow().clone()
    }

    /// Sets the class: for singleton classes and subclasses of core classes.
    pub fn set_class(&self, class: Rc<RClass>) {
        *self.class.borrow_mut() = Some(class);
    }

    /// Whether it is frozen.
    pub fn is_frozen(&self) -> bool {
        self.frozen.get()
    }

    /// Freezes it.
    pub fn freeze(&self) {
        self.frozen.set(true);
    }

    /// Its object id, taken from `next` when it is asked for the first time.
    pub fn id(&self, next: impl FnOnce() -> u32) -> u32 {
        if self.id.get() == 0 {
            self.id.set(next());
        }
        self.id.get()
    }

    /// An instance variable.
    pub fn ivar(&self, name: Sym) -> Option<Value> {
        self.ivars.borrow().as_ref()?.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    }

    /// Sets an instance variable; the caller checks for frozen objects.
    pub fn set_ivar(&self, name: Sym, value: Value) {
        let mut ivars = self.ivars.borrow_mut();
        let ivars = ivars.get_or_insert_with(Box::default);
        // The old value is dropped after the borrow would matter: its own drop runs no Ruby code.
        match ivars.iter_mut().find(|(n, _)| *n == name) {
            Some((_, slot)) => *slot = value,
            None => ivars.push((name, value)),
        }
    }

    /// Removes an instance variable.
    pub fn remove_ivar(&self, name: Sym) -> Option<Value> {
        let mut ivars = self.ivars.borrow_mut();
        let ivars = ivars.as_mut()?;
        let at = ivars.iter().position(|(n, _)| *n == name)?;
        Some(ivars.remove(at).1)
    }

    /// All instance variables in the order of their first assignment.
    pub fn ivars(&self) -> Vec<(Sym, Value)> {
        self.ivars.borrow().as_ref().map_or_else(Vec::new, |v| v.to_vec())
    }

    /// Forgets class and instance variables (breaks cycles when an interpreter ends).
    pub(crate) fn clear(&self) {
        let class = self.class.borrow_mut().take();
        drop(class);
        self.clear_ivars();
    }

    /// Forgets all instance variables (breaks cycles when an interpreter ends).
    pub(crate) fn clear_ivars(&self) {
        let taken = self.ivars.borrow_mut().take();
        drop(taken);
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        if let Some(ivars) = self.ivars.get_mut().take() {
            release(ivars.into_iter().map(|(_, value)| value).collect());
        }
    }
}
