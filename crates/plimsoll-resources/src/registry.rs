//! Which resource a name means.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use plimsoll_ruby::{Interp, MethodBody, RClass, Res, Sym, Value, Visibility};

use crate::base;

/// The resources that one profile can name: the core ones, those of its dependencies and its own.
///
/// Its `dsl` module has one method per resource; including it lets an object create resources by name. A profile's
/// library may replace a core resource for that profile alone.
pub struct ResourceSet {
    classes: RefCell<IndexMap<Sym, Rc<RClass>>>,
    /// The module whose methods create the resources.
    pub dsl: Rc<RClass>,
}

impl ResourceSet {
    /// An empty set.
    pub fn new(vm: &Interp) -> Rc<Self> {
        Rc::new(Self { classes: RefCell::default(), dsl: vm.new_module(None) })
    }

    /// A set that starts with everything in `other`.
    pub fn derived(vm: &Interp, other: &Self) -> Rc<Self> {
        let set = Self::new(vm);
        set.add_all(vm, other);
        set
    }

    /// Takes over every resource of another set.
    pub fn add_all(&self, vm: &Interp, other: &Self) {
        let classes: Vec<_> = other.classes.borrow().iter().map(|(name, class)| (*name, Rc::clone(class))).collect();
        for (name, class) in classes {
            self.add(vm, name, class);
        }
    }

    /// Adds a resource, replacing one of the same name.
    pub fn add(&self, vm: &Interp, name: Sym, class: Rc<RClass>) {
        self.classes.borrow_mut().insert(name, Rc::clone(&class));
        let make = move |vm: &Interp, _: &Value, args: plimsoll_ruby::Args<'_>| base::create(vm, &class, name, args);
        vm.add_method(&self.dsl, name, Visibility::Public, MethodBody::Closure(Rc::new(make), 0, -1));
    }

    /// The class that a name means.
    pub fn get(&self, name: Sym) -> Option<Rc<RClass>> {
        self.classes.borrow().get(&name).cloned()
    }

    /// All names, in the order of their registration.
    pub fn names(&self) -> Vec<Sym> {
        self.classes.borrow().keys().copied().collect()
    }

    /// Makes this set the one that classes register in while `body` runs (a profile's libraries are loaded).
    pub fn while_registering<T>(self: &Rc<Self>, vm: &Interp, body: impl FnOnce() -> Res<T>) -> Res<T> {
        let before = vm.extension::<Registering>();
        vm.set_extension(Rc::new(Registering(Rc::clone(self))));
        let result = body();
        if let Some(before) = before {
            vm.set_extension(before);
        }
        result
    }

    /// The set that classes register in now.
    pub(crate) fn registering(vm: &Interp) -> Option<Rc<Self>> {
        vm.extension::<Registering>().map(|r| Rc::clone(&r.0))
    }
}

struct Registering(Rc<ResourceSet>);
