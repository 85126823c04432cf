//! What an input without a value is: an object that answers every call with itself, and skips what describes it.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, MethodBody, RClass, RObject, Res, Value, Visibility, def, known};

const METHODS: &[Def] = &[
    def("to_s", 0, 0, |vm, this, _| Ok(Value::str(text(name_of(vm, this)?))), "Says that there is no value."),
    def("method_missing", 0, -1, |_, this, _| Ok(this.clone()), "Anything gives itself."),
];

struct NoValue(String);

/// Defines the class below `Inspec::Input`.
pub(super) fn install(vm: &Interp, input: &Rc<RClass>) {
    let class = vm.define_class(input, "NO_VALUE_SET", &vm.c.object);
    vm.define(&class, METHODS);
    // It claims to answer everything, conversions among it.
    let answers = |_: &Interp, _: &Value, _: Args<'_>| Ok(Value::Bool(true));
    let answers = MethodBody::Closure(Rc::new(answers), 0, -1);
    vm.add_method(&class, known::RESPOND_TO_MISSING, Visibility::Public, answers);
}

/// The object for the input of this name.
pub(super) fn object(vm: &Interp, name: &str) -> Value {
    RObject::with_native(vm.class_named("Inspec::Input::NO_VALUE_SET"), NoValue(name.to_owned())).into()
}

/// Its text.
pub(super) fn text(name: &str) -> String {
    format!("Input '{name}' does not have a value. Skipping test.")
}

fn name_of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v str> {
    this.native::<NoValue>().map(|data| data.0.as_str()).ok_or_else(|| vm.type_error("not an input"))
}

/// Whether a value stands for an input without one.
pub(crate) fn is_no_value(value: &Value) -> bool {
    value.native::<NoValue>().is_some()
}
