//! InSpec resources, natively, over a target.
//!
//! A resource is a class in the interpreter's tables whose methods are Rust: profiles create it by name, subclass it and
//! override it like any Ruby class. [`install`] defines them all; [`Backend`] is what they ask the target through.

mod backend;
mod base;
mod config_text;
mod content;
mod declare;
pub mod docs;
mod doubt;
mod facts;
mod filter_table;
mod for_libraries;
mod give;
mod included;
mod inspec;
mod json_text;
mod mash;
mod registry;
mod resources;
#[cfg(test)]
mod testing;
mod text;
mod tool;
mod xpath;
mod yaml_text;

pub use backend::Backend;
pub use base::{Removed, ResourceData, create, resource_data, set_backend_object, unanswered_at_creation};
pub use declare::ResourceDef;
pub use doubt::{UNANSWERED, noting};
pub use filter_table::raise_caught;
pub use inspec::backend_object;
pub use registry::ResourceSet;

use std::rc::Rc;

use plimsoll_ruby::{Interp, RClass, Res, Sym, Value};

/// The resources that are there without a profile.
struct Core(Rc<ResourceSet>);

/// Whether a class is the core resource of this name, not what a library put in its place.
pub fn is_core(vm: &Interp, name: Sym, class: &Rc<RClass>) -> bool {
    let core = vm.extension::<Core>().and_then(|core| core.0.get(name));
    core.is_some_and(|core| Rc::ptr_eq(&core, class))
}

/// Whether a value is a core resource.
fn is_core_resource(vm: &Interp, value: &Value) -> bool {
    let name = value.native::<ResourceData>().and_then(|data| data.name.get());
    name.is_some_and(|name| is_core(vm, name, &vm.class_of(value)))
}

/// Whether a value is a core resource, or what native code made of one's answers: none of its methods are a profile's.
pub fn is_core_value(vm: &Interp, value: &Value) -> bool {
    is_core_resource(vm, filter_table::resource_of(value).unwrap_or(value)) || resources::is_query_result(value)
}

/// Has the target asked for what tells its platform, which every audit needs, without waiting for the answers.
pub fn ask_platform_ahead(vm: &Interp) -> Res<()> {
    let backend = Backend::of(vm);
    let requests = backend.foresee(|| detect_platform(vm));
    backend.ask_ahead(&requests)
}

/// Detects the target's platform, as every audit does sooner or later.
pub fn detect_platform(vm: &Interp) -> Res<()> {
    facts::platform::Platform::of(&Backend::of(vm)).map(drop)
}

/// Defines `Inspec::Resource` and every core resource, and gives the set that holds them.
pub fn install(vm: &Interp, backend: Rc<Backend>) -> Rc<ResourceSet> {
    install_each(vm, backend, declare::install)
}

/// The same, where something is done with each resource as it is defined.
fn install_each(
    vm: &Interp,
    backend: Rc<Backend>,
    mut define: impl FnMut(&Interp, &ResourceSet, &'static ResourceDef),
) -> Rc<ResourceSet> {
    vm.set_extension(backend);
    base::install(vm);
    filter_table::install(vm);
    inspec::install(vm);
    for_libraries::install(vm);
    let set = ResourceSet::new(vm);
    for def in
        resources::ALL.iter().map(|listed| listed.def).chain(resources::removed::ALL).chain(resources::unsupported::ALL)
    {
        define(vm, &set, def);
    }
    vm.set_extension(Rc::new(Core(Rc::clone(&set))));
    set
}
