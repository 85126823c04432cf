//! The interpreter's `Hashie::Mash`, as resources use it: groups of configuration files are such, and what tools tell in JSON.

use std::rc::Rc;

use plimsoll_ruby::{Args, Interp, RHash, Res, Value};

/// An empty one.
pub(crate) fn new(vm: &Interp) -> Rc<RHash> {
    RHash::with_class(vm.class_named("Hashie::Mash"))
}

/// A Hash as a Mash, at every depth.
pub(crate) fn deep(vm: &Interp, hash: &Rc<RHash>) -> Res {
    vm.new_instance(&vm.class_named("Hashie::Mash"), Args::new(&[Value::Hash(Rc::clone(hash))]))
}
