//! NilClass.

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RHash, RString, Value};

pub(crate) fn init(vm: &Interp) {
    vm.define(&vm.c.nil, METHODS);
    super::without_new(vm, &vm.c.nil);
}

const METHODS: &[Def] = &[
    def("to_s", 0, 0, to_s, "An empty String."),
    def("to_a", 0, 0, |_, _, _| Ok(Value::array(Vec::new())), "An empty Array."),
    def("to_h", 0, 0, |_, _, _| Ok(Value::Hash(RHash::new())), "An empty Hash."),
    def("to_i", 0, 0, |_, _, _| Ok(Value::Int(0)), "0"),
    def("to_f", 0, 0, |_, _, _| Ok(Value::Float(0.0)), "0.0"),
    def("to_r", 0, 0, |vm, _, _| vm.call(&Value::Nil, crate::symbol::Sym::new("Rational"), &[Value::Int(0)]), "(0/1)"),
    def(
        "rationalize",
        0,
        1,
        |vm, _, _| vm.call(&Value::Nil, crate::symbol::Sym::new("Rational"), &[Value::Int(0)]),
        "(0/1)",
    ),
    def("to_c", 0, 0, |vm, _, _| Ok(super::complex::make(vm, Value::Int(0), Value::Int(0))), "(0+0i)"),
    def("inspect", 0, 0, |_, _, _| Ok(Value::str("nil")), "nil"),
    def("=~", 1, 1, |_, _, _| Ok(Value::Nil), "nil"),
    def("===", 1, 1, |_, _, args| Ok(Value::Bool(args[0].is_nil())), "Whether the value is nil."),
    def("&", 1, 1, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("|", 1, 1, or, "Whether the value is true."),
    def("^", 1, 1, or, "Whether the value is true."),
];

fn or(_: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(args[0].truthy()))
}

fn to_s(_: &Interp, _: &Value, _: Args<'_>) -> Res {
    let text = RString::new(Vec::new(), Encoding::UsAscii);
    text.head.freeze();
    Ok(Value::Str(text))
}
