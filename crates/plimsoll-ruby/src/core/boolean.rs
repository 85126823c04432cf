//! TrueClass and FalseClass.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(crate) fn init(vm: &Interp) {
    vm.set_extension(Rc::new(Texts::new()));
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

/// The texts of `true` and `false`: the same objects each time.
struct Texts([Rc<RString>; 2]);

impl Texts {
    fn new() -> Self {
        Self(["false", "true"].map(|text| {
            let text = RString::new(text.as_bytes().to_vec(), Encoding::UsAscii);
            text.head.freeze();
            text
        }))
    }
}

fn to_s(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let texts = vm.extension::<Texts>().expect("set when the class is defined");
    Ok(Value::Str(Rc::clone(&texts.0[usize::from(own.truthy())])))
}
