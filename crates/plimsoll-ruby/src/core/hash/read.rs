//! Looking up keys and values.

use std::rc::Rc;

use super::{alike, copied, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::array;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::{Res, Unwind};
use crate::value::{HashDefault, RHash, RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("[]", 1, 1, element, "The value of a key, or the default"),
    def("fetch", 1, 2, fetch, "The value of a key, the given default, or a KeyError"),
    def("fetch_values", 0, -1, fetch_values, "The values of several keys, or a KeyError"),
    def("values_at", 0, -1, values_at, "The values of several keys, or defaults"),
    def("dig", 1, -1, dig, "The value of a key, and so on into what it is"),
    def("key?", 1, 1, has_key, "Whether there is such a key"),
    def("has_key?", 1, 1, has_key, "Whether there is such a key"),
    def("include?", 1, 1, has_key, "Whether there is such a key"),
    def("member?", 1, 1, has_key, "Whether there is such a key"),
    def("value?", 1, 1, has_value, "Whether a value equals the argument"),
    def("has_value?", 1, 1, has_value, "Whether a value equals the argument"),
    def("key", 1, 1, key, "The first key whose value equals the argument"),
    def("keys", 0, 0, |_, r, _| Ok(Value::array(this(r).keys())), "All keys"),
    def("values", 0, 0, |_, r, _| Ok(Value::array(this(r).values())), "All values"),
    def("length", 0, 0, |_, r, _| Ok(this(r).len().into()), "Number of entries"),
    def("size", 0, 0, |_, r, _| Ok(this(r).len().into()), "Number of entries"),
    def("empty?", 0, 0, |_, r, _| Ok(this(r).is_empty().into()), "Whether there are no entries"),
    def("assoc", 1, 1, assoc, "The key and value of a key"),
    def("rassoc", 1, 1, rassoc, "The first key and value whose value equals the argument"),
    def("slice", 0, -1, slice, "The entries of these keys"),
    def("except", 0, -1, except, "The entries of all other keys"),
    def("<=", 1, 1, |vm, r, a| subset(vm, r, &a[0], false), "Whether all entries are in the other"),
    def("<", 1, 1, |vm, r, a| subset(vm, r, &a[0], true), "Whether all entries are in the other, which has more"),
    def(">=", 1, 1, |vm, r, a| superset(vm, r, &a[0], false), "Whether all entries of the other are in this"),
    def(">", 1, 1, |vm, r, a| superset(vm, r, &a[0], true), "Whether all entries of the other are in this, and more"),
    def("deconstruct_keys", 1, 1, |_, r, _| Ok(r.clone()), "Itself, for pattern matching"),
    def("to_proc", 0, 0, to_proc, "A lambda that looks up its argument"),
];

fn element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = this(receiver);
    if let Some(value) = vm.hash_get(hash, &args[0])? {
        return Ok(value);
    }
    missing(vm, receiver, &args[0])
}

/// What a missing key gives: by `default`, where a subclass has its own.
fn missing(vm: &Interp, receiver: &Value, key: &Value) -> Res {
    let hash = this(receiver);
    if hash.head.class().is_some() {
        return vm.call(receiver, known::DEFAULT, std::slice::from_ref(key));
    }
    let default = hash.default.borrow().clone();
    match default {
        HashDefault::None => Ok(Value::Nil),
        HashDefault::Value(value) => Ok(value),
        HashDefault::Proc(block) => vm.call_block(&block, &[receiver.clone(), key.clone()]),
    }
}

/// The KeyError of a missing key.
pub(crate) fn key_error(vm: &Interp, receiver: &Value, key: &Value) -> Unwind {
    let shown = match vm.inspect(key) {
        Ok(shown) => shown.to_vec(),
        Err(unwind) => return unwind,
    };
    let message = Value::bytes([b"key not found: ", &shown[..]].concat());
    let error = vm.exception(&vm.class_named("KeyError"), message);
    error.head.set_ivar(known::RECEIVER, receiver.clone());
    error.head.set_ivar(known::KEY, key.clone());
    vm.raise_object(error)
}

fn fetch(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if let Some(value) = vm.hash_get(this(receiver), &args[0])? {
        return Ok(value);
    }
    match (args.block, args.get(1)) {
        (Some(block), _) => vm.call_block(block, &args.values[..1]),
        (None, Some(otherwise)) => Ok(otherwise.clone()),
        (None, None) => Err(key_error(vm, receiver, &args[0])),
    }
}

fn fetch_values(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut found = Vec::with_capacity(args.len());
    for key in args.values {
        found.push(fetch(vm, receiver, Args::new(std::slice::from_ref(key)).with_block(args.block))?);
    }
    Ok(Value::array(found))
}

fn values_at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut found = Vec::with_capacity(args.len());
    for key in args.values {
        found.push(element(vm, receiver, Args::new(std::slice::from_ref(key)))?);
    }
    Ok(Value::array(found))
}

fn dig(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = element(vm, receiver, Args::new(&args.values[..1]))?;
    array::dig_on(vm, found, &args.values[1..])
}

fn has_key(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(vm.hash_get(this(receiver), &args[0])?.is_some().into())
}

/// The first entry whose value equals this one.
fn entry_of(vm: &Interp, hash: &Rc<RHash>, wanted: &Value) -> Res<Option<(Value, Value)>> {
    let mut found = None;
    vm.hash_each(hash, |key, value| {
        if vm.equal(&value, wanted)? {
            found = Some((key, value));
        }
        Ok(found.is_none())
    })?;
    Ok(found)
}

fn has_value(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(entry_of(vm, this(receiver), &args[0])?.is_some().into())
}

fn key(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(entry_of(vm, this(receiver), &args[0])?.map(|(key, _)| key).into())
}

fn assoc(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let entry = vm.hash_get_entry(this(receiver), &args[0])?;
    Ok(entry.map(|(key, value)| vec![key, value]).into())
}

fn rassoc(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(entry_of(vm, this(receiver), &args[0])?.map(|(key, value)| vec![key, value]).into())
}

fn slice(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = this(receiver);
    let part = alike(hash);
    for key in args.values {
        if let Some(value) = vm.hash_get(hash, key)? {
            vm.hash_set(&part, key.clone(), value)?;
        }
    }
    Ok(Value::Hash(part))
}

fn except(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let part = copied(this(receiver));
    for key in args.values {
        vm.hash_delete(&part, key)?;
    }
    Ok(Value::Hash(part))
}

fn contains_all(vm: &Interp, larger: &Rc<RHash>, smaller: &Rc<RHash>) -> Res<bool> {
    let mut all = true;
    vm.hash_each(smaller, |key, value| {
        all = match vm.hash_get(larger, &key)? {
            Some(other) => vm.equal(&value, &other)?,
            None => false,
        };
        Ok(all)
    })?;
    Ok(all)
}

fn subset(vm: &Interp, receiver: &Value, other: &Value, proper: bool) -> Res {
    let (hash, other) = (this(receiver), vm.to_hash(other)?);
    let fits = if proper { hash.len() < other.len() } else { hash.len() <= other.len() };
    Ok((fits && contains_all(vm, &other, hash)?).into())
}

fn superset(vm: &Interp, receiver: &Value, other: &Value, proper: bool) -> Res {
    let (hash, other) = (this(receiver), vm.to_hash(other)?);
    let fits = if proper { other.len() < hash.len() } else { other.len() <= hash.len() };
    Ok((fits && contains_all(vm, hash, &other)?).into())
}

fn to_proc(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = receiver.clone();
    let proc = RProc::native(move |vm, _, args| match args.values {
        [_] => vm.call(&hash, known::AREF, args.values),
        values => Err(vm.arity_error(values.len(), 1, 1)),
    });
    proc.lambda.set(true);
    Ok(Value::Proc(proc))
}
