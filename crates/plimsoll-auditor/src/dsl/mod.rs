//! The language of control files: `control`, `describe`, `only_if`, `input` and their kin.

mod conf;
mod context;
mod include;
mod inspec;
mod one;
mod rule;
mod scope;

pub(crate) use context::{FileState, fail_file, new_context};
pub(crate) use rule::{Check, Expected, Plan, Rule};
pub(crate) use scope::{Dependency, Progress, Scope, profile_object};

use plimsoll_ruby::Interp;

/// Defines the classes behind control files.
pub(crate) fn install(vm: &Interp) {
    inspec::install(vm);
    scope::install(vm);
    conf::install(vm);
    context::install(vm);
    rule::install(vm);
    one::install(vm);
}
