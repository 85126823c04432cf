//! A resource's declaration: what defines it in the interpreter and what documents it.

use std::rc::Rc;

use plimsoll_ruby::{Def, Interp, NativeFn, Sym};

use crate::base;
use crate::registry::ResourceSet;

/// One core resource. A resource's file declares one (or one for each of its kin) and lists it in `resources::ALL`.
pub struct ResourceDef {
    /// The name profiles use: `file`.
    pub name: &'static str,
    /// Further names.
    pub aliases: &'static [&'static str],
    /// Its class below `Inspec::Resources`: `FileResource`.
    pub class: &'static str,
    /// The class it inherits from, below `Inspec::Resources`, when it is another resource; it stands earlier in the list.
    pub parent: Option<&'static str>,
    /// What it is, in a line. The page for users is the doc comment of its file ([`crate::docs`]).
    pub doc: &'static str,
    /// Fewest and most arguments (negative for any number) and what `initialize` does; `None` inherits the parent's.
    pub new: Option<(u8, i8, NativeFn)>,
    /// Properties and matchers, each with a line of documentation.
    pub methods: &'static [Def],
    /// What it gives that is an object of its own: what gives it, and its methods.
    pub parts: &'static [Given],
    /// Further set-up of the class (FilterTable columns).
    pub setup: Option<fn(&Interp, &Rc<plimsoll_ruby::RClass>)>,
}

/// A kind of objects that a resource gives.
pub struct Given {
    /// What gives one: `repo('NAME')`.
    pub by: &'static str,
    /// Properties and matchers.
    pub methods: &'static [Def],
}

impl ResourceDef {
    /// A declaration to fill in with struct update syntax.
    pub const EMPTY: Self = Self {
        name: "",
        aliases: &[],
        class: "",
        parent: None,
        doc: "",
        new: Some((0, 0, |_, _, _| Ok(plimsoll_ruby::Value::Nil))),
        methods: &[],
        parts: &[],
        setup: None,
    };
}

/// Defines a resource's class and adds it to the set under all its names.
pub(crate) fn install(vm: &Interp, set: &ResourceSet, resource: &'static ResourceDef) {
    let namespace = vm.class_named("Inspec::Resources");
    let parent = match resource.parent {
        Some(parent) => vm.class_named(&format!("Inspec::Resources::{parent}")),
        None => vm.class_named("Inspec::Resource"),
    };
    let class = vm.define_class(&namespace, resource.class, &parent);
    if let Some(new) = resource.new {
        base::add_initialize(vm, &class, new);
    }
    vm.define(&class, resource.methods);
    if let Some(setup) = resource.setup {
        setup(vm, &class);
    }
    base::set_resource_name(&class, resource.name);
    for name in std::iter::once(&resource.name).chain(resource.aliases) {
        set.add(vm, Sym::new(name), base::instantiable(vm, &class));
    }
}
