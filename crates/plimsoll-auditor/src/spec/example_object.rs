//! An example as code sees it: what `it` gives, and what the blocks of examples and of their hooks are told.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, Res, Value, def};

use super::group::{Example, Group, join};

/// What the object stands for.
struct Seen {
    example: Rc<Example>,
    group: Rc<Group>,
}

const METHODS: &[Def] = &[
    def(
        "description",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(seen(vm, this)?.example.in_words())),
        "What it says of itself.",
    ),
    def(
        "full_description",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(seen(vm, this)?.full())),
        "The same behind its group's.",
    ),
    def("location", 0, 0, |vm, this, _| Ok(Value::str(&seen(vm, this)?.example.location)), "FILE:LINE of it."),
    def("metadata", 0, 0, metadata, "All of this as a Hash."),
    def(
        "example_group",
        0,
        0,
        |vm, this, _| Ok(Value::Class(Rc::clone(&seen(vm, this)?.group.class))),
        "The class of its group.",
    ),
    def("inspect", 0, 0, inspect, "Its class and description."),
    def("to_s", 0, 0, inspect, "Its class and description."),
];

pub(super) fn install(vm: &Interp, class: &Rc<RClass>) {
    vm.define(class, METHODS);
}

/// The object of an example.
pub(super) fn of(vm: &Interp, group: &Rc<Group>, example: &Rc<Example>) -> Value {
    let seen = Seen { example: Rc::clone(example), group: Rc::clone(group) };
    RObject::with_native(vm.class_named("RSpec::Core::Example"), seen).into()
}

fn seen<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Seen> {
    this.native::<Seen>().ok_or_else(|| vm.type_error("not an example"))
}

impl Seen {
    fn full(&self) -> Vec<u8> {
        join(&self.group.full_description, self.example.description.as_deref().unwrap_or_default())
    }
}

fn metadata(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let seen = seen(vm, this)?;
    let own = seen.example.description.clone().unwrap_or_default();
    let metadata = seen.example.metadata;
    let mut entries = vec![
        (Value::sym("description"), Value::bytes(own)),
        (Value::sym("full_description"), Value::bytes(seen.full())),
        (Value::sym("described_class"), seen.group.described()),
        (Value::sym("location"), Value::str(&seen.example.location)),
    ];
    for (name, set) in [("skip", metadata.skip), ("pending", metadata.pending), ("sensitive", metadata.sensitive)] {
        entries.extend(set.then(|| (Value::sym(name), true.into())));
    }
    Ok(vm.hash_from(entries)?.into())
}

fn inspect(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let description = vm.inspect(&Value::bytes(seen(vm, this)?.example.in_words()))?;
    Ok(Value::bytes([b"#<RSpec::Core::Example ", &description.bytes()[..], b">"].concat()))
}
