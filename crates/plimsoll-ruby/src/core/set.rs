//! Set: a Hash whose values do not matter, in an instance variable that Ruby code can't name.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::core::enumerable::{block_or_enumerator, collect};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RHash, RProc, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Set", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.set_alloc(&class, |vm, class| {
        let object: Value = vm.object(class).into();
        put(&object, RHash::new());
        Ok(object)
    });
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
}

const SINGLETON: &[Def] = &[def("[]", 0, -1, literal, "A Set of the arguments")];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("pretty_print", 1, 1, |vm, _, _| Err(vm.unsupported("Set#pretty_print")), "Refused: PP's own"),
    def("pretty_print_cycle", 1, 1, |vm, _, _| Err(vm.unsupported("Set#pretty_print_cycle")), "Refused: PP's own"),
    private_def("initialize", 0, 1, initialize, "Takes what can be iterated over; a block makes the elements"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over the elements of another Set"),
    def("add", 1, 1, add, "Adds an element"),
    def("<<", 1, 1, add, "Adds an element"),
    def("add?", 1, 1, add_new, "Adds an element; nil if it was there"),
    def("delete", 1, 1, delete, "Removes an element"),
    def("delete?", 1, 1, delete_present, "Removes an element; nil if it was not there"),
    def("include?", 1, 1, includes, "Whether it is an element"),
    def("member?", 1, 1, includes, "Whether it is an element"),
    def("===", 1, 1, includes, "Whether it is an element"),
    def("size", 0, 0, |_, r, _| Ok(this(r).len().into()), "Number of elements"),
    def("length", 0, 0, |_, r, _| Ok(this(r).len().into()), "Number of elements"),
    def("empty?", 0, 0, |_, r, _| Ok(this(r).is_empty().into()), "Whether there are no elements"),
    def("each", 0, 0, each, "Yields each element"),
    def("to_a", 0, 0, |_, r, _| Ok(Value::array(this(r).keys())), "The elements as an Array"),
    def("to_set", 0, -1, to_set, "Itself, or a Set of another class"),
    def("clear", 0, 0, clear, "Removes all elements"),
    def("replace", 1, 1, replace, "Replaces all elements"),
    def("merge", 1, 1, merge, "Adds the elements of another"),
    def("subtract", 1, 1, subtract, "Removes the elements of another"),
    def("|", 1, 1, union, "The elements of both"),
    def("union", 1, 1, union, "The elements of both"),
    def("+", 1, 1, union, "The elements of both"),
    def("&", 1, 1, intersection, "The elements that are in both"),
    def("intersection", 1, 1, intersection, "The elements that are in both"),
    def("-", 1, 1, difference, "The elements that are not in the other"),
    def("difference", 1, 1, difference, "The elements that are not in the other"),
    def("^", 1, 1, exclusive, "The elements that are in one of both alone"),
    def("==", 1, 1, equals, "Whether both have the same elements"),
    def("eql?", 1, 1, eql, "Whether both are Sets of the same elements"),
    def("hash", 0, 0, |vm, r, _| vm.call(&inner(r), known::HASH, &[]), "A hash code of the elements"),
    def("<=>", 1, 1, compare, "Whether it is a part of the other, or the other way round"),
    def("subset?", 1, 1, |vm, r, a| relation(vm, &a[0], r, |more| more >= 0), "Whether all elements are in the other"),
    def("<=", 1, 1, |vm, r, a| relation(vm, &a[0], r, |more| more >= 0), "Whether all elements are in the other"),
    def("proper_subset?", 1, 1, |vm, r, a| relation(vm, &a[0], r, |more| more > 0), "The same, and the other has more"),
    def("<", 1, 1, |vm, r, a| relation(vm, &a[0], r, |more| more > 0), "The same, and the other has more"),
    def("superset?", 1, 1, superset, "Whether all elements of the other are in it"),
    def(">=", 1, 1, superset, "Whether all elements of the other are in it"),
    def("proper_superset?", 1, 1, proper_superset, "The same, and it has more"),
    def(">", 1, 1, proper_superset, "The same, and it has more"),
    def("intersect?", 1, 1, |vm, r, a| Ok(meets(vm, r, &a[0])?.into()), "Whether there is an element in both"),
    def("disjoint?", 1, 1, |vm, r, a| Ok((!meets(vm, r, &a[0])?).into()), "Whether there is no element in both"),
    def("delete_if", 0, 0, delete_if, "Removes the elements that the block accepts"),
    def("keep_if", 0, 0, keep_if, "Keeps only the elements that the block accepts"),
    def("select!", 0, 0, select_in_place, "Keeps only what the block accepts; nil if nothing changed"),
    def("filter!", 0, 0, select_in_place, "Keeps only what the block accepts; nil if nothing changed"),
    def("reject!", 0, 0, reject_in_place, "Removes what the block accepts; nil if nothing changed"),
    def("map!", 0, 0, map_in_place, "Replaces each element by what the block gives"),
    def("collect!", 0, 0, map_in_place, "Replaces each element by what the block gives"),
    def("classify", 0, 0, classify, "Sets of the elements by what the block gives for them"),
    def("divide", 0, 0, divide, "A Set of Sets of the elements that belong together"),
    def("flatten", 0, 0, flatten, "The elements, those of nested Sets in their place"),
    def("flatten!", 0, 0, flatten_in_place, "Puts the elements of nested Sets in their place; nil if there are none"),
    def("join", 0, 1, join, "The texts of all elements, with a separator between"),
    def("compare_by_identity", 0, 0, by_identity, "Elements are the same only if they are the same object"),
    def(
        "compare_by_identity?",
        0,
        0,
        |_, r, _| Ok(this(r).by_identity.get().into()),
        "Whether elements are told by identity",
    ),
    def("reset", 0, 0, reset, "Sorts in again elements that have changed"),
    def("freeze", 0, 0, freeze, "Freezes it"),
    def("inspect", 0, 0, inspect, "Its class and elements"),
    def("to_s", 0, 0, inspect, "Its class and elements"),
];

/// Where the elements are kept.
const ELEMENTS: Sym = known::HASH;

fn inner(receiver: &Value) -> Value {
    receiver.head().and_then(|head| head.ivar(ELEMENTS)).unwrap_or_else(|| Value::Hash(RHash::new()))
}

/// The elements of the Set that a method was called on.
fn this(receiver: &Value) -> Rc<RHash> {
    match inner(receiver) {
        Value::Hash(hash) => hash,
        _ => unreachable!("no program can set a variable of this name"),
    }
}

fn changing(vm: &Interp, receiver: &Value) -> Res<Rc<RHash>> {
    let hash = inner(receiver);
    vm.check_frozen(&hash)?;
    vm.check_frozen(receiver)?;
    Ok(this(receiver))
}

fn put(receiver: &Value, elements: Rc<RHash>) {
    if let Some(head) = receiver.head() {
        head.set_ivar(ELEMENTS, Value::Hash(elements));
    }
}

fn insert(vm: &Interp, elements: &RHash, element: Value) -> Res<()> {
    vm.hash_set(elements, element, Value::Bool(true))
}

fn is_set(vm: &Interp, value: &Value) -> bool {
    matches!(value, Value::Obj(_)) && vm.is_a(value, &vm.class_named("Set"))
}

/// A Set of the same class as another, with these elements.
fn like(vm: &Interp, receiver: &Value, elements: Rc<RHash>) -> Value {
    let object: Value = vm.object(&vm.real_class_of(receiver)).into();
    put(&object, elements);
    object
}

fn copied(hash: &RHash) -> Rc<RHash> {
    let copy = RHash::new();
    copy.by_identity.set(hash.by_identity.get());
    copy.copy_entries(hash);
    copy
}

fn empty_like(hash: &RHash) -> Rc<RHash> {
    let new = RHash::new();
    new.by_identity.set(hash.by_identity.get());
    new
}

/// The values of what a Set can be combined with.
fn elements_of(vm: &Interp, value: &Value) -> Res<Vec<Value>> {
    match value {
        Value::Array(array) => Ok(array.to_vec()),
        set if is_set(vm, set) => Ok(this(set).keys()),
        other if vm.responds(other, Sym::new("each_entry"))? || vm.responds(other, known::EACH)? => {
            collect(vm, other, &[])
        }
        _ => Err(vm.argument_error("value must be enumerable")),
    }
}

fn literal(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    vm.call(class, known::NEW, &[Value::array(args.values.to_vec())])
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let elements = RHash::new();
    put(receiver, Rc::clone(&elements));
    let Some(source) = args.get(0).filter(|source| !source.is_nil()) else { return Ok(Value::Nil) };
    let own_add = own_add(vm, receiver);
    for value in elements_of(vm, source)? {
        let value = match args.block {
            Some(block) => vm.call_block(block, &[value])?,
            None => value,
        };
        if own_add {
            vm.send(receiver, "add", &[value])?;
        } else {
            insert(vm, &elements, value)?;
        }
    }
    Ok(Value::Nil)
}

/// Whether a subclass has an `add` of its own.
fn own_add(vm: &Interp, receiver: &Value) -> bool {
    let method = vm.find_method(&vm.class_of(receiver), Sym::new("add"));
    method.is_some_and(|method| !Rc::ptr_eq(&method.owner, &vm.class_named("Set")))
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !is_set(vm, &args[0]) {
        return Err(vm.type_error("initialize_copy should take same class object"));
    }
    put(receiver, copied(&this(&args[0])));
    Ok(receiver.clone())
}

fn add(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    insert(vm, &*changing(vm, receiver)?, args[0].clone())?;
    Ok(receiver.clone())
}

fn add_new(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if vm.hash_get(&this(receiver), &args[0])?.is_some() {
        return Ok(Value::Nil);
    }
    add(vm, receiver, args)
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.hash_delete(&*changing(vm, receiver)?, &args[0])?;
    Ok(receiver.clone())
}

fn delete_present(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let removed = vm.hash_delete(&*changing(vm, receiver)?, &args[0])?;
    Ok(removed.map(|_| receiver.clone()).into())
}

fn includes(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(vm.hash_get(&this(receiver), &args[0])?.is_some().into())
}

fn set_size(_: &Interp, receiver: &Value, _: &[Value]) -> Res {
    Ok(this(receiver).len().into())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each", set_size);
    vm.hash_each(&this(receiver), |element, _| {
        vm.call_block(block, &[element])?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

fn to_set(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let own = vm.real_class_of(receiver);
    let wanted = match args.get(0) {
        None => return Ok(receiver.clone()),
        Some(class) => vm.to_class(class)?,
    };
    if Rc::ptr_eq(&own, &wanted) && args.block.is_none() && args.len() == 1 {
        return Ok(receiver.clone());
    }
    let values = [receiver.clone()];
    vm.new_instance(&wanted, Args::new(&values).with_block(args.block))
}

fn clear(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    vm.send(&Value::Hash(changing(vm, receiver)?), "clear", &[])?;
    Ok(receiver.clone())
}

fn replace(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let elements = changing(vm, receiver)?;
    let new = empty_like(&elements);
    for value in elements_of(vm, &args[0])? {
        insert(vm, &new, value)?;
    }
    put(receiver, new);
    Ok(receiver.clone())
}

fn merge(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let elements = changing(vm, receiver)?;
    for value in elements_of(vm, &args[0])? {
        insert(vm, &elements, value)?;
    }
    Ok(receiver.clone())
}

fn subtract(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let elements = changing(vm, receiver)?;
    for value in elements_of(vm, &args[0])? {
        vm.hash_delete(&elements, &value)?;
    }
    Ok(receiver.clone())
}

fn union(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let all = copied(&this(receiver));
    for value in elements_of(vm, &args[0])? {
        insert(vm, &all, value)?;
    }
    Ok(like(vm, receiver, all))
}

fn intersection(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let elements = this(receiver);
    let common = empty_like(&elements);
    for value in elements_of(vm, &args[0])? {
        if vm.hash_get(&elements, &value)?.is_some() {
            insert(vm, &common, value)?;
        }
    }
    Ok(like(vm, receiver, common))
}

fn difference(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let left = copied(&this(receiver));
    for value in elements_of(vm, &args[0])? {
        vm.hash_delete(&left, &value)?;
    }
    Ok(like(vm, receiver, left))
}

fn exclusive(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let either = RHash::new();
    for value in elements_of(vm, &args[0])? {
        insert(vm, &either, value)?;
    }
    for value in this(receiver).keys() {
        if vm.hash_delete(&either, &value)?.is_none() {
            insert(vm, &either, value)?;
        }
    }
    Ok(like(vm, receiver, either))
}

fn contains_all(vm: &Interp, larger: &RHash, smaller: &RHash) -> Res<bool> {
    for value in smaller.keys() {
        if vm.hash_get(larger, &value)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !is_set(vm, &args[0]) {
        return Ok(false.into());
    }
    let (a, b) = (this(receiver), this(&args[0]));
    Ok((Rc::ptr_eq(&a, &b) || (a.len() == b.len() && contains_all(vm, &a, &b)?)).into())
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !is_set(vm, &args[0]) {
        return Ok(false.into());
    }
    vm.call(&inner(receiver), known::EQL, &[inner(&args[0])])
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !is_set(vm, &args[0]) {
        return Ok(Value::Nil);
    }
    let (a, b) = (this(receiver), this(&args[0]));
    let order = a.len().cmp(&b.len());
    let fits = match order {
        std::cmp::Ordering::Less => contains_all(vm, &b, &a)?,
        _ => contains_all(vm, &a, &b)?,
    };
    Ok(if fits { Value::Int(order as i64) } else { Value::Nil })
}

/// Whether one Set has all elements of another, and how many more it has is as wanted.
fn relation(vm: &Interp, larger: &Value, smaller: &Value, wanted: fn(i64) -> bool) -> Res {
    if !is_set(vm, larger) || !is_set(vm, smaller) {
        return Err(vm.argument_error("value must be a set"));
    }
    let (larger, smaller) = (this(larger), this(smaller));
    let more = larger.len() as i64 - smaller.len() as i64;
    Ok((wanted(more) && contains_all(vm, &larger, &smaller)?).into())
}

fn superset(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    relation(vm, receiver, &args[0], |more| more >= 0)
}

fn proper_superset(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    relation(vm, receiver, &args[0], |more| more > 0)
}

fn meets(vm: &Interp, receiver: &Value, other: &Value) -> Res<bool> {
    let elements = this(receiver);
    if let Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Str(_) = other {
        return Err(vm.argument_error("value must be enumerable"));
    }
    for value in elements_of(vm, other)? {
        if vm.hash_get(&elements, &value)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps the elements for which the block's truth is `wanted`; tells whether any was removed.
fn retain(vm: &Interp, receiver: &Value, block: &Rc<RProc>, wanted: bool) -> Res<bool> {
    let elements = changing(vm, receiver)?;
    let mut removed = Vec::new();
    vm.hash_each(&elements, |element, _| {
        if vm.call_block(block, std::slice::from_ref(&element))?.truthy() != wanted {
            removed.push(element);
        }
        Ok(true)
    })?;
    for element in &removed {
        vm.hash_delete(&elements, element)?;
    }
    Ok(!removed.is_empty())
}

fn delete_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "delete_if", set_size);
    retain(vm, receiver, block, false)?;
    Ok(receiver.clone())
}

fn keep_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "keep_if", set_size);
    retain(vm, receiver, block, true)?;
    Ok(receiver.clone())
}

fn select_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "select!", set_size);
    Ok(retain(vm, receiver, block, true)?.then(|| receiver.clone()).into())
}

fn reject_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "reject!", set_size);
    Ok(retain(vm, receiver, block, false)?.then(|| receiver.clone()).into())
}

fn map_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "map!", set_size);
    let elements = changing(vm, receiver)?;
    let new = empty_like(&elements);
    for element in elements.keys() {
        insert(vm, &new, vm.call_block(block, &[element])?)?;
    }
    put(receiver, new);
    Ok(receiver.clone())
}

fn classify(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "classify", set_size);
    let classes = RHash::new();
    for element in this(receiver).keys() {
        let key = vm.call_block(block, std::slice::from_ref(&element))?;
        let group = match vm.hash_get(&classes, &key)? {
            Some(group) => group,
            None => {
                let group = like(vm, receiver, RHash::new());
                vm.hash_set(&classes, key, group.clone())?;
                group
            }
        };
        insert(vm, &this(&group), element)?;
    }
    Ok(Value::Hash(classes))
}

fn divide(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "divide", set_size);
    if matches!(vm.send(&Value::Proc(Rc::clone(block)), "arity", &[])?, Value::Int(2)) {
        return divide_by_pairs(vm, receiver, block);
    }
    let Value::Hash(classes) = classify(vm, receiver, args)? else { return Ok(Value::Nil) };
    let groups = RHash::new();
    for group in classes.values() {
        insert(vm, &groups, group)?;
    }
    Ok(like(vm, receiver, groups))
}

/// Groups of elements that the block connects in both directions, directly or through others.
fn divide_by_pairs(vm: &Interp, receiver: &Value, block: &Rc<RProc>) -> Res {
    let all = this(receiver).keys();
    let connected = |a: &Value, b: &Value| -> Res<bool> {
        Ok(vm.call_block(block, &[a.clone(), b.clone()])?.truthy()
            && vm.call_block(block, &[b.clone(), a.clone()])?.truthy())
    };
    let mut group_of = vec![usize::MAX; all.len()];
    let groups = RHash::new();
    for start in 0..all.len() {
        if group_of[start] != usize::MAX {
            continue;
        }
        let mut waiting = vec![start];
        group_of[start] = start;
        while let Some(at) = waiting.pop() {
            for other in 0..all.len() {
                if group_of[other] == usize::MAX && connected(&all[at], &all[other])? {
                    group_of[other] = start;
                    waiting.push(other);
                }
            }
        }
        let group = RHash::new();
        for at in (0..all.len()).filter(|at| group_of[*at] == start) {
            insert(vm, &group, all[at].clone())?;
        }
        insert(vm, &groups, like(vm, receiver, group))?;
    }
    Ok(like(vm, receiver, groups))
}

/// Adds elements with those of nested Sets in their place; tells whether there were any.
fn flatten_into(vm: &Interp, set: &Value, into: &RHash) -> Res<bool> {
    let id = set.head().map_or(0, |head| vm.object_id(head)) as usize;
    vm.check_stack()?;
    let done = vm.guard("flatten", id, usize::MAX, || -> Res<bool> {
        let mut nested = false;
        for element in this(set).keys() {
            if is_set(vm, &element) {
                nested = true;
                flatten_into(vm, &element, into)?;
            } else {
                insert(vm, into, element)?;
            }
        }
        Ok(nested)
    });
    done.unwrap_or_else(|| Err(vm.argument_error("tried to flatten recursive Set")))
}

fn flatten(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let flat = RHash::new();
    flatten_into(vm, receiver, &flat)?;
    Ok(like(vm, receiver, flat))
}

fn flatten_in_place(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    changing(vm, receiver)?;
    let flat = RHash::new();
    if !flatten_into(vm, receiver, &flat)? {
        return Ok(Value::Nil);
    }
    put(receiver, flat);
    Ok(receiver.clone())
}

fn join(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.send(&Value::array(this(receiver).keys()), "join", args.values)
}

fn by_identity(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    vm.send(&Value::Hash(changing(vm, receiver)?), "compare_by_identity", &[])?;
    Ok(receiver.clone())
}

fn reset(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    vm.send(&Value::Hash(changing(vm, receiver)?), "rehash", &[])?;
    Ok(receiver.clone())
}

fn freeze(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    this(receiver).head.freeze();
    if let Some(head) = receiver.head() {
        head.freeze();
    }
    Ok(receiver.clone())
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    let id = receiver.head().map_or(0, |head| vm.object_id(head)) as usize;
    vm.check_stack()?;
    let text = vm.guard("inspect", id, usize::MAX, || -> Res<Vec<u8>> {
        let shown = vm.inspect(&Value::array(this(receiver).keys()))?.to_vec();
        let elements = &shown[1..shown.len() - 1];
        Ok([format!("#<{class}: {{").as_bytes(), elements, b"}>"].concat())
    });
    Ok(Value::bytes(text.unwrap_or_else(|| Ok(format!("#<{class}: {{...}}>").into_bytes()))?))
}
