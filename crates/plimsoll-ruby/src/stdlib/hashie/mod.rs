//! Hashie: the Mash, a Hash whose keys are methods.

mod mash;

use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the module.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Hashie");
    let array = vm.define_class(&module, "Array", &vm.c.array);
    vm.define(&array, ARRAY);
    let hash = vm.define_class(&module, "Hash", &vm.c.hash);
    vm.define(&hash, mash::HASH);
    let class = vm.define_class(&module, "Mash", &hash);
    vm.define(&class, mash::METHODS);
}

const ARRAY: &[Def] = &[
    def("inspect", 0, 0, inspect_array, "Its class and elements"),
    def("to_s", 0, 0, inspect_array, "Its class and elements"),
];

fn inspect_array(vm: &Interp, receiver: &Value, _: crate::args::Args<'_>) -> Res {
    let Value::Array(array) = receiver else { return Ok(Value::Nil) };
    let shown = vm.inspect(&Value::array(array.to_vec()))?.to_vec();
    Ok(Value::bytes([b"#<Hashie::Array ", &shown[..], b">"].concat()))
}
