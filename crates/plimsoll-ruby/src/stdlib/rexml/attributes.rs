//! Attribute, and the Attributes of an element.

use std::rc::Rc;

use super::{Content, Data, Handle, Id, allocated, define, forest, node, nodes, object, objects, optional};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::enumerable::block_or_enumerator;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RHash, RObject, Value};

/// The attributes of this element.
struct Attributes(Id);

pub(super) fn init(vm: &Interp, rexml: &Rc<RClass>) {
    let blank = |vm: &Interp, class: &Rc<RClass>| {
        allocated(vm, class, Data::Attribute { name: String::new(), value: Content::Written(String::new()) })
    };
    let attribute = define(vm, rexml, "Attribute", "Object", blank, &[]);
    vm.include(&attribute, &vm.class_named("REXML::Node"));
    vm.include(&attribute, &vm.class_named("REXML::Namespace"));
    vm.define(&attribute, ATTRIBUTE);
    let attributes = vm.define_class(rexml, "Attributes", &vm.c.object);
    vm.include(&attributes, &vm.c.enumerable);
    vm.define(&attributes, ATTRIBUTES);
}

const ATTRIBUTE: &[Def] = &[
    private_def("initialize", 1, 3, initialize, "Takes a name and a value"),
    def("value", 0, 0, |vm, r, _| value(vm, node(vm, r)?), "The value without entities"),
    def("to_s", 0, 0, written, "The value with entities"),
    def(
        "to_string",
        0,
        0,
        |vm, r, _| Ok(Value::from(super::write::attribute(&forest(vm), node(vm, r)?))),
        "Name and value",
    ),
    def("element", 0, 0, |vm, r, _| Ok(optional(vm, forest(vm).parent(node(vm, r)?))), "The element it is of"),
    def("==", 1, 1, equals, "Whether names and values are equal"),
    def("remove", 0, 0, remove, "Takes it from its element"),
];

const ATTRIBUTES: &[Def] = &[
    def("[]", 1, 1, |vm, r, a| Ok(find(vm, r, &a[0])?.map(|id| value(vm, id)).transpose()?.into()), "A value by name"),
    def("[]=", 2, 2, set, "Sets a value; nil takes the attribute away"),
    def("get_attribute", 1, 1, |vm, r, a| Ok(optional(vm, find(vm, r, &a[0])?)), "An attribute by name"),
    def("add", 1, 1, add, "Adds an attribute"),
    def("<<", 1, 1, add, "Adds an attribute"),
    def("delete", 1, 1, delete, "Takes an attribute away"),
    def("each", 0, 0, each, "Yields each name and value"),
    def("each_attribute", 0, 0, each_attribute, "Yields the attributes"),
    def("to_a", 0, 0, |vm, r, _| Ok(Value::array(objects(vm, all(vm, r)))), "The attributes"),
    def("values", 0, 0, |vm, r, _| Ok(Value::array(objects(vm, all(vm, r)))), "The attributes"),
    def("keys", 0, 0, keys, "The names"),
    def("size", 0, 0, |vm, r, _| Ok(all(vm, r).len().into()), "Number of attributes"),
    def("length", 0, 0, |vm, r, _| Ok(all(vm, r).len().into()), "Number of attributes"),
    def("empty?", 0, 0, |vm, r, _| Ok(all(vm, r).is_empty().into()), "Whether there are none"),
    def("key?", 1, 1, |vm, r, a| Ok(find(vm, r, &a[0])?.is_some().into()), "Whether there is one of this name"),
    def("has_key?", 1, 1, |vm, r, a| Ok(find(vm, r, &a[0])?.is_some().into()), "Whether there is one of this name"),
    def("include?", 1, 1, |vm, r, a| Ok(find(vm, r, &a[0])?.is_some().into()), "Whether there is one of this name"),
    def("to_h", 0, 0, |vm, r, _| to_h(vm, r).map(Value::Hash), "A Hash of names and attributes"),
    def("inspect", 0, 0, |vm, r, _| Ok(vm.inspect(&Value::Hash(to_h(vm, r)?))?.into()), "Names and attributes"),
    def("to_s", 0, 0, |vm, r, _| Ok(vm.inspect(&Value::Hash(to_h(vm, r)?))?.into()), "Names and attributes"),
];

/// The attributes of an element.
pub(super) fn of(vm: &Interp, element: Id) -> Value {
    RObject::with_native(vm.class_named("REXML::Attributes"), Attributes(element)).into()
}

fn element(receiver: &Value) -> Id {
    receiver.native::<Attributes>().expect("a method of REXML::Attributes runs on them alone").0
}

fn all(vm: &Interp, receiver: &Value) -> Vec<Id> {
    forest(vm).attributes(element(receiver))
}

/// An attribute by its name, with or without its prefix.
pub(super) fn named(vm: &Interp, element: Id, name: &str) -> Option<Id> {
    let forest = forest(vm);
    let all = forest.attributes(element);
    let whole = all.iter().find(|id| forest.name(**id) == name);
    let found = whole.or_else(|| {
        let is_own = |id: &&Id| {
            let own = forest.name(**id);
            let (prefix, local) = super::tree::split_name(&own);
            prefix != "xmlns" && local == name
        };
        all.iter().find(is_own)
    });
    found.copied()
}

fn find(vm: &Interp, receiver: &Value, name: &Value) -> Res<Option<Id>> {
    Ok(named(vm, element(receiver), &vm.to_s(name)?.lossy()))
}

/// An attribute's value; from here on it is kept without entities.
fn value(vm: &Interp, id: Id) -> Res {
    let text = forest(vm).value(id);
    forest(vm).change(id, |data| {
        if let Data::Attribute { value, .. } = data {
            *value = Content::Meant(text.clone());
        }
    });
    Ok(Value::from(text))
}

fn written(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::from(forest(vm).written(node(vm, receiver)?)))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_s(&args[0])?.lossy();
    let text = match args.get(1) {
        Some(value) => vm.to_s(value)?.lossy(),
        None => String::new(),
    };
    forest(vm).change(node(vm, receiver)?, |data| *data = Data::Attribute { name, value: Content::Written(text) });
    Ok(Value::Nil)
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (forest, own) = (forest(vm), node(vm, receiver)?);
    let Some(other) = args[0].native::<Handle>() else { return Ok(false.into()) };
    Ok((forest.name(own) == forest.name(other.0) && forest.value(own) == forest.value(other.0)).into())
}

fn remove(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let id = node(vm, receiver)?;
    if let Some(element) = forest(vm).parent(id) {
        forest(vm).delete_attribute(element, id);
    }
    Ok(Value::Nil)
}

/// Gives an element an attribute, or takes it away for nil.
pub(super) fn assign(vm: &Interp, element: Id, name: &str, value: &Value) -> Res<()> {
    if value.is_nil() {
        if let Some(id) = named(vm, element, name) {
            forest(vm).delete_attribute(element, id);
        }
        return Ok(());
    }
    let value = match value.native::<Handle>().map(|handle| forest(vm).data(handle.0)) {
        Some(Data::Attribute { value, .. }) => value,
        _ => nodes::attribute_value(vm, value)?,
    };
    forest(vm).set_attribute(element, name, value);
    Ok(())
}

fn set(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    assign(vm, element(receiver), &vm.to_s(&args[0])?.lossy(), &args[1])?;
    Ok(args[1].clone())
}

fn add(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = forest(vm).name(node(vm, &args[0])?);
    assign(vm, element(receiver), &name, &args[0])?;
    Ok(args[0].clone())
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = match args[0].native::<Handle>() {
        Some(handle) => Some(handle.0),
        None => find(vm, receiver, &args[0])?,
    };
    if let Some(id) = found {
        forest(vm).delete_attribute(element(receiver), id);
    }
    Ok(object(vm, element(receiver)))
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each");
    for id in all(vm, receiver) {
        let name = Value::from(forest(vm).name(id));
        vm.call_block(block, &[Value::array(vec![name, value(vm, id)?])])?;
    }
    Ok(receiver.clone())
}

fn each_attribute(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_attribute");
    for id in all(vm, receiver) {
        vm.call_block(block, &[object(vm, id)])?;
    }
    Ok(receiver.clone())
}

fn keys(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(all(vm, receiver).into_iter().map(|id| Value::from(forest(vm).name(id))).collect()))
}

fn to_h(vm: &Interp, receiver: &Value) -> Res<Rc<RHash>> {
    vm.hash_from(all(vm, receiver).into_iter().map(|id| (Value::from(forest(vm).name(id)), object(vm, id))))
}
