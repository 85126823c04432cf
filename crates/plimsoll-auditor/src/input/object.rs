//! `input_object('x')`: an input itself rather than its value.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, Res, Value, def};

use super::{Input, Inputs};

struct InputObject {
    inputs: Rc<Inputs>,
    name: String,
}

const METHODS: &[Def] = &[
    def("name", 0, 0, |vm, this, _| Ok(Value::str(&of(vm, this)?.name)), "Its name."),
    def("value", 0, 0, |vm, this, _| of(vm, this)?.inputs.value(vm, &of(vm, this)?.name), "Its value."),
    def("has_value?", 0, 0, |vm, this, _| look(vm, this, |i| i.value().is_some().into()), "Whether it has a value."),
    def("type", 0, 0, |vm, this, _| look(vm, this, |i| i.kind.into()), "Its type."),
    def("description", 0, 0, |vm, this, _| look(vm, this, |i| i.description.clone().into()), "Its description."),
    def("title", 0, 0, |vm, this, _| look(vm, this, |i| i.title.clone().into()), "Its title."),
    def("pattern", 0, 0, |vm, this, _| look(vm, this, |i| i.pattern.clone().into()), "What its value must match."),
    def("required", 0, 0, |vm, this, _| look(vm, this, |i| i.required.into()), "Whether it must have a value."),
    def("sensitive", 0, 0, |vm, this, _| look(vm, this, |i| i.sensitive.into()), "Whether reports mask its value."),
    def("identifier", 0, 0, |_, _, _| Ok(Value::Nil), "What identifies it; nothing does."),
    def("to_hash", 0, 0, to_hash, "Its name and options."),
    def("to_s", 0, 0, to_s, "Its name and value."),
    def("diagnostic_string", 0, 0, history, "The values it was given."),
];

const CLASS_METHODS: &[Def] =
    &[def("new", 1, 2, |vm, _, _| Err(vm.unsupported("making an input by hand")), "Inputs are named, not made.")];

/// Gives `Inspec::Input` its methods.
pub(super) fn install(vm: &Interp, class: &Rc<RClass>) {
    vm.define(class, METHODS);
    vm.define_singleton(class, CLASS_METHODS);
}

/// The object of an input.
pub(super) fn object(vm: &Interp, inputs: &Rc<Inputs>, name: String) -> Value {
    RObject::with_native(vm.class_named("Inspec::Input"), InputObject { inputs: Rc::clone(inputs), name }).into()
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v InputObject> {
    this.native::<InputObject>().ok_or_else(|| vm.type_error("not an input"))
}

fn look(vm: &Interp, this: &Value, read: impl Fn(&Input) -> Value) -> Res {
    let object = of(vm, this)?;
    Ok(read(&object.inputs.inputs.borrow()[&object.name]))
}

fn to_hash(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let object = of(vm, this)?;
    let options = vm.hash_from([])?;
    for name in ["description", "title", "type", "required", "value", "sensitive", "pattern"] {
        let value = vm.send(this, name, &[])?;
        if !value.is_nil() {
            vm.hash_set(&options, Value::sym(name), value)?;
        }
    }
    let pairs = [(Value::sym("name"), Value::str(&object.name)), (Value::sym("options"), Value::Hash(options))];
    Ok(Value::Hash(vm.hash_from(pairs)?))
}

fn history(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let object = of(vm, this)?;
    let values = object.inputs.inputs.borrow()[&object.name].values.clone();
    let mut text = format!("Input {}, with history:", object.name);
    for (priority, value) in values {
        let value = vm.to_s(&value)?.lossy();
        text.push_str(&format!("\n  action: 'set', priority: '{priority}', value: '{value}'"));
    }
    Ok(Value::str(text))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let object = of(vm, this)?;
    let (sensitive, value) = {
        let inputs = object.inputs.inputs.borrow();
        let input = &inputs[&object.name];
        (input.sensitive == Some(true), input.value().cloned())
    };
    let shown = match value {
        _ if sensitive => "*** (senstive)".to_owned(),
        Some(value) => vm.to_s(&value)?.lossy(),
        None => super::missing::text(&object.name),
    };
    Ok(Value::str(format!("Input {} with value {shown}", object.name)))
}
