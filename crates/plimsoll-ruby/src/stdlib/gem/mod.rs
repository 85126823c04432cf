//! Gem::Version and Gem::Requirement: how versions of gems are written and compared.

mod requirement;
mod version;

use crate::interp::Interp;
use crate::symbol::Sym;
use crate::value::Value;

/// Defines the module.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Gem");
    module.constants.borrow_mut().insert(Sym::new("VERSION"), Value::str("3.3.15"));
    version::init(vm, &module);
    requirement::init(vm, &module);
}
