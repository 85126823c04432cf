//! FilterTable: rows with named columns that profiles filter with `where`.
//!
//! One implementation serves the core resources, which describe their columns with [`Columns`], and the resources of
//! libraries, which do it in Ruby with `FilterTable.create` ([`factory`]).

mod catcher;
mod columns;
mod factory;
mod row;
mod table;
mod trace;

pub use catcher::raise_caught;
pub(crate) use columns::{AllDescribed, Column, Columns, Described, Key};
pub(crate) use table::{is_regexp, resource_of};

use plimsoll_ruby::Interp;

/// Defines the module `FilterTable`.
pub(crate) fn install(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "FilterTable");
    vm.define_module(&module, "NoCriteriaProvided");
    trace::install(vm, &module);
    catcher::install(vm, &module);
    table::install(vm, &module);
    factory::install(vm, &module);
}
