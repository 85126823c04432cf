//! Example groups and examples: what a `describe` holds and how it runs, as RSpec 3.12 does it.

mod aggregate;
mod example;
mod example_object;
mod expectation;
mod group;
mod outcome;
mod plain;

pub(crate) use aggregate::raising;
pub(crate) use example::{run_group, try_example, try_group};
pub(crate) use group::{Example, Group, ProfileSpecs, describe, describe_native, describe_nested, set_loading};
pub(crate) use outcome::{Outcome, Status, backtrace};
pub(crate) use plain::{is_plain_example, is_plain_group};

use std::rc::Rc;

use plimsoll_ruby::{Interp, RClass};

/// Defines the classes behind `describe`; `matchers` is the module whose methods make matchers.
pub(crate) fn install(vm: &Interp, matchers: &Rc<RClass>) {
    let rspec = vm.class_named("RSpec");
    let core = vm.define_module(&rspec, "Core");
    let base = vm.define_class(&core, "ExampleGroup", &vm.c.object);
    vm.include(&base, matchers);
    group::install(vm, &base);
    vm.define_singleton(&rspec, group::SHARED);
    example::install(vm, &base, &core);
    expectation::install(vm, &rspec);
}
