//! Changing a Hash in place.

use std::rc::Rc;

use super::{alike, changing, copied, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{block_or_enumerator, own_size};
use crate::core::enumerator::aliased;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RHash, RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("[]=", 2, 2, set, "Sets the value of a key"),
    def("store", 2, 2, set, "Sets the value of a key"),
    def("delete", 1, 1, delete, "Removes a key, and gives its value"),
    def("delete_if", 0, 0, delete_if, "Removes the entries that the block accepts"),
    def("reject!", 0, 0, reject_in_place, "Removes the entries that the block accepts; nil if there are none"),
    def("keep_if", 0, 0, keep_if, "Keeps only the entries that the block accepts"),
    def("select!", 0, 0, select_in_place, "Keeps only the entries that the block accepts; nil if nothing changed"),
    def(
        "filter!",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "filter!", Some(own_size), select_in_place),
        "Keeps only the entries that the block accepts; nil if nothing changed",
    ),
    def("clear", 0, 0, clear, "Removes all entries"),
    def("shift", 0, 0, shift, "Removes the first entry"),
    def("replace", 1, 1, replace, "Replaces all entries by those of another Hash"),
    def("merge", 0, -1, merge, "The entries of all; the block settles keys that occur twice"),
    def("merge!", 0, -1, update, "Adds the entries of others; the block settles keys that occur twice"),
    def("update", 0, -1, update, "Adds the entries of others; the block settles keys that occur twice"),
    def("compact!", 0, 0, compact_in_place, "Removes nil values; nil if there were none"),
    def("transform_keys!", 0, 1, transform_keys, "Replaces each key by what the Hash or block gives for it"),
    def("transform_values!", 0, 0, transform_values, "Replaces each value by what the block gives for it"),
];

fn set(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.hash_set(changing(vm, receiver)?, args[0].clone(), args[1].clone())?;
    Ok(args[1].clone())
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match (vm.hash_delete(changing(vm, receiver)?, &args[0])?, args.block) {
        (Some(value), _) => Ok(value),
        (None, Some(block)) => vm.call_block(block, args.values),
        (None, None) => Ok(Value::Nil),
    }
}

/// Keeps the entries for which the block's truth is `wanted`; tells whether any was removed.
fn retain(vm: &Interp, receiver: &Value, block: &Rc<RProc>, wanted: bool) -> Res<bool> {
    let hash = changing(vm, receiver)?;
    let before = hash.len();
    vm.hash_each(hash, |key, value| {
        if vm.call_block(block, &[key.clone(), value])?.truthy() != wanted {
            changing(vm, receiver)?;
            vm.hash_delete(hash, &key)?;
        }
        Ok(true)
    })?;
    Ok(hash.len() < before)
}

fn delete_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "delete_if", own_size);
    retain(vm, receiver, block, false)?;
    Ok(receiver.clone())
}

fn reject_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "reject!", own_size);
    Ok(retain(vm, receiver, block, false)?.then(|| receiver.clone()).into())
}

fn keep_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "keep_if", own_size);
    retain(vm, receiver, block, true)?;
    Ok(receiver.clone())
}

fn select_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "select!", own_size);
    Ok(retain(vm, receiver, block, true)?.then(|| receiver.clone()).into())
}

fn clear(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = changing(vm, receiver)?;
    if hash.iterating.get() == 0 {
        hash.clear();
    } else {
        for key in hash.keys() {
            vm.hash_delete(hash, &key)?;
        }
    }
    Ok(receiver.clone())
}

fn shift(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = changing(vm, receiver)?;
    match hash.next_entry(0) {
        Some((after, _, _)) => Ok(hash.remove_at(after - 1).map(|(key, value)| vec![key, value]).into()),
        None => default_of_empty(vm, receiver),
    }
}

pub(super) fn replace(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = changing(vm, receiver)?;
    let other = vm.to_hash(&args[0])?;
    if Rc::ptr_eq(hash, &other) {
        return Ok(receiver.clone());
    }
    if hash.iterating.get() > 0 {
        return Err(vm.error("RuntimeError", "can't replace hash during iteration"));
    }
    hash.by_identity.set(other.by_identity.get());
    hash.copy_entries(&other);
    let default = other.default.borrow().clone();
    *hash.default.borrow_mut() = default;
    Ok(receiver.clone())
}

fn merge(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = this(receiver);
    let merged = copied(hash);
    if let Some(class) = hash.head.class() {
        merged.head.set_class(class.real());
    }
    let default = hash.default.borrow().clone();
    *merged.default.borrow_mut() = default;
    add_all(vm, &merged, args)?;
    Ok(Value::Hash(merged))
}

fn update(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = changing(vm, receiver)?;
    add_all(vm, hash, args)?;
    Ok(receiver.clone())
}

fn add_all(vm: &Interp, hash: &Rc<RHash>, args: Args<'_>) -> Res<()> {
    for other in args.values {
        let other = vm.to_hash(other)?;
        for (key, value) in other.entries() {
            let value = match args.block {
                Some(block) => match vm.hash_get(hash, &key)? {
                    Some(old) => vm.call_block(block, &[key.clone(), old, value])?,
                    None => value,
                },
                None => value,
            };
            vm.hash_set(hash, key, value)?;
        }
    }
    Ok(())
}

fn compact_in_place(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let hash = changing(vm, receiver)?;
    let before = hash.len();
    for (key, value) in hash.entries() {
        if value.is_nil() {
            vm.hash_delete(hash, &key)?;
        }
    }
    Ok((hash.len() < before).then(|| receiver.clone()).into())
}

fn transform_keys(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        block_or_enumerator!(vm, receiver, args, "transform_keys!", own_size);
    }
    let names = args.get(0).map(|names| vm.to_hash(names)).transpose()?;
    let hash = changing(vm, receiver)?;
    let new_keys = alike(hash);
    for (key, value) in hash.entries() {
        let new = super::convert::renamed(vm, names.as_ref(), args.block, &key)?;
        if vm.hash_get(&new_keys, &key)?.is_none() {
            vm.hash_delete(hash, &key)?;
        }
        vm.hash_set(hash, new.clone(), value)?;
        vm.hash_set(&new_keys, new, Value::Nil)?;
    }
    Ok(receiver.clone())
}

fn transform_values(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "transform_values!", own_size);
    let hash = changing(vm, receiver)?;
    vm.hash_each(hash, |key, value| {
        let value = vm.call_block(block, &[value])?;
        changing(vm, receiver)?;
        vm.hash_set(hash, key, value)?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

/// What `shift` gives for an empty Hash: its default for nil.
fn default_of_empty(vm: &Interp, receiver: &Value) -> Res {
    vm.call(receiver, crate::symbol::known::DEFAULT, &[Value::Nil])
}
