//! REXML::Elements: the elements in an element.

use std::rc::Rc;

use super::{Data, Handle, Id, find, forest, node, object, objects};
use crate::args::Args;
use crate::class::{Def, RClass, def};
use crate::core::enumerable::block_or_enumerator;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RObject, Value};

/// The elements in this element.
struct Elements(Id);

pub(super) fn init(vm: &Interp, rexml: &Rc<RClass>) {
    let class = vm.define_class(rexml, "Elements", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.define(&class, METHODS);
}

const METHODS: &[Def] = &[
    def("parent", 0, 0, |vm, r, _| Ok(object(vm, this(r))), "The element that they are in"),
    def("[]", 1, 2, |vm, r, a| Ok(one(vm, this(r), &a[0], a.get(1))?.into()), "One, by number or path"),
    def("[]=", 2, 2, set, "Puts an element in the place of another, or adds it"),
    def("each", 0, 1, each, "Yields them, or those of a path"),
    def("collect", 0, 1, collect, "What the block gives for each"),
    def("to_a", 0, 1, |vm, r, a| Ok(Value::array(of_path(vm, this(r), a.get(0))?)), "They, or those of a path"),
    def("size", 0, 0, |vm, r, _| Ok(own(vm, this(r)).len().into()), "How many there are"),
    def("empty?", 0, 0, |vm, r, _| Ok(own(vm, this(r)).is_empty().into()), "Whether there are none"),
    def("index", 1, 1, index, "The number of one, -1 when it is not there"),
    def("add", 0, 1, add, "Adds an element"),
    def("<<", 0, 1, add, "Adds an element"),
    def("delete", 1, 1, delete, "Takes one out, by number, path or itself"),
    def("delete_all", 1, 1, delete_all, "Takes those of a path out"),
];

/// The elements in an element, as an object.
pub(super) fn of(vm: &Interp, element: Id) -> Value {
    RObject::with_native(vm.class_named("REXML::Elements"), Elements(element)).into()
}

fn this(receiver: &Value) -> Id {
    receiver.native::<Elements>().expect("a method of REXML::Elements runs on them alone").0
}

/// The elements directly in an element.
pub(super) fn own(vm: &Interp, element: Id) -> Vec<Id> {
    let forest = forest(vm);
    forest.children(element).into_iter().filter(|id| forest.is_element(*id)).collect()
}

/// The elements directly in an element, or the elements that a path finds.
pub(super) fn of_path(vm: &Interp, element: Id, path: Option<&Value>) -> Res<Vec<Value>> {
    match path {
        Some(path) if !path.is_nil() => {
            let found = find(vm, element, &vm.to_s(path)?.lossy(), &[])?;
            let is_element = |value: &Value| value.native::<Handle>().is_some_and(|own| forest(vm).is_element(own.0));
            Ok(found.into_iter().filter(is_element).collect())
        }
        _ => Ok(objects(vm, own(vm, element))),
    }
}

/// One by number, by number and `name` attribute, or the first that a path finds.
pub(super) fn one(vm: &Interp, element: Id, which: &Value, name: Option<&Value>) -> Res<Option<Value>> {
    let Value::Int(number) = which else {
        return Ok(find(vm, element, &vm.to_s(which)?.lossy(), &[])?.into_iter().next());
    };
    if *number < 1 {
        return Err(vm.error("RuntimeError", format!("index ({number}) must be >= 1")));
    }
    let mut all = own(vm, element);
    if let Some(name) = name {
        let name = vm.to_s(name)?.lossy();
        let forest = forest(vm);
        all.retain(|id| forest.name(*id) == name);
    }
    Ok(all.get(*number as usize - 1).map(|id| object(vm, *id)))
}

fn set(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match one(vm, this(receiver), &args[0], None)? {
        Some(old) => vm.send(&old, "replace_with", &args.values[1..])?,
        None => super::nodes::add(vm, &object(vm, this(receiver)), Args::new(&args.values[1..]))?,
    };
    Ok(args[1].clone())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each");
    let found = of_path(vm, this(receiver), args.get(0))?;
    for value in &found {
        vm.call_block(block, std::slice::from_ref(value))?;
    }
    Ok(Value::array(found))
}

fn collect(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "collect");
    let found = of_path(vm, this(receiver), args.get(0))?;
    Ok(Value::array(
        found.iter().map(|value| vm.call_block(block, std::slice::from_ref(value))).collect::<Res<Vec<_>>>()?,
    ))
}

fn index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let wanted = node(vm, &args[0])?;
    let at = own(vm, this(receiver)).iter().position(|id| *id == wanted);
    Ok(Value::Int(at.map_or(-1, |at| at as i64 + 1)))
}

/// Adds an element, given or of a name.
pub(super) fn add_to(vm: &Interp, parent: Id, what: Option<&Value>) -> Res<Id> {
    let forest = forest(vm);
    let id = match what {
        Some(value) if value.native::<Handle>().is_some() => node(vm, value)?,
        Some(name) => forest.add(Data::Element { name: vm.to_s(name)?.lossy(), attributes: Vec::new() }),
        None => forest.add(Data::Element { name: String::new(), attributes: Vec::new() }),
    };
    super::nodes::add(vm, &object(vm, parent), Args::new(&[object(vm, id)]))?;
    Ok(id)
}

fn add(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(object(vm, add_to(vm, this(receiver), args.get(0))?))
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = match &args[0] {
        value if value.native::<Handle>().is_some() => Some(value.clone()),
        which => one(vm, this(receiver), which, None)?,
    };
    if let Some(found) = &found {
        forest(vm).remove(node(vm, found)?);
    }
    Ok(found.into())
}

fn delete_all(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = of_path(vm, this(receiver), args.get(0))?;
    for value in &found {
        forest(vm).remove(node(vm, value)?);
    }
    Ok(Value::array(found))
}
