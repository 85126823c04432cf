//! The language of control files: `control`, `describe`, `only_if`, `input` and their kin.

mod body;
mod conf;
mod context;
mod file;
mod include;
mod inspec;
mod one;
mod rule;
mod scope;

pub(crate) use body::Expected;
pub(crate) use context::{fail_file, new_context};
pub(crate) use file::FileState;
pub(crate) use rule::{Check, Plan, Rule};
pub(crate) use scope::{Dependency, Progress, Scope, profile_object};

use plimsoll_ruby::Interp;

/// Defines the classes behind control files.
pub(crate) fn install(vm: &Interp) {
    inspec::install(vm);
    scope::install(vm);
    conf::install(vm);
    context::install(vm);
    body::install(vm);
    one::install(vm);
}
