//! TrueClass and FalseClass.

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(crate) fn init(vm: &Interp) {
    for class in [&vm.c.true_class, &vm.c.false_class] {
        vm.define(class, METHODS);
        super::without_new(vm, class);
    }
}

const METHODS: &[Def] = &[
    def("to_s", 0, 0, to_s, "true or false"),
    def("inspect", 0, 0, to_s, "true or false"),
    def("===", 1, 1, |_, own, args| Ok(Value::Bool(own.same(&args[0]))), "Whether both are the same."),
    def("!", 0, 0, |_, own, _| Ok(Value::Bool(!own.truthy())), "The other one."),
    def("&", 1, 1, |_, own, args| Ok(Value::Bool(own.truthy() && args[0].truthy())), "Whether both are true."),
    def("|", 1, 1, |_, own, args| Ok(Value::Bool(own.truthy() || args[0].truthy())), "Whether one is true."),
    def("^", 1, 1, |_, own, args| Ok(Value::Bool(own.truthy() != args[0].truthy())), "Whether they differ."),
];

fn to_s(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    let text = if own.truthy() { "true" } else { "false" };
    let text = RString::new(text.as_bytes().to_vec(), Encoding::UsAscii);
    text.head.freeze();
    Ok(Value::Str(text))
}
