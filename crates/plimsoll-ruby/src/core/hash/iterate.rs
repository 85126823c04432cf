//! Going through the entries.

use super::{alike, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{block_or_enumerator, own_size};
use crate::core::enumerator::aliased;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(super) const METHODS: &[Def] = &[
    def("each", 0, 0, each, "Yields each key with its value"),
    def(
        "each_pair",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "each_pair", Some(own_size), each),
        "Yields each key with its value",
    ),
    def("each_key", 0, 0, each_key, "Yields each key"),
    def("each_value", 0, 0, each_value, "Yields each value"),
    def("any?", 0, 1, any, "Whether an entry matches"),
    def("select", 0, 0, select, "The entries that the block accepts"),
    def(
        "filter",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "filter", Some(own_size), select),
        "The entries that the block accepts",
    ),
    def("reject", 0, 0, reject, "The entries that the block refuses"),
];

fn pair(key: Value, value: Value) -> Value {
    Value::array(vec![key, value])
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each", own_size);
    vm.hash_each(this(receiver), |key, value| {
        vm.call_block(block, &[pair(key, value)])?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

fn each_key(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_key", own_size);
    vm.hash_each(this(receiver), |key, _| {
        vm.call_block(block, &[key])?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

fn each_value(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_value", own_size);
    vm.hash_each(this(receiver), |_, value| {
        vm.call_block(block, &[value])?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

fn any(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let hash = this(receiver);
    let mut found = false;
    match (args.get(0), args.block) {
        (None, None) => found = !hash.is_empty(),
        (Some(pattern), _) => vm.hash_each(hash, |key, value| {
            found = vm.case_equal(pattern, &pair(key, value))?;
            Ok(!found)
        })?,
        (None, Some(block)) => vm.hash_each(hash, |key, value| {
            found = vm.call_block(block, &[pair(key, value)])?.truthy();
            Ok(!found)
        })?,
    }
    Ok(found.into())
}

fn select(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    block_or_enumerator!(vm, receiver, args, "select", own_size);
    chosen(vm, receiver, args, true)
}

fn reject(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    block_or_enumerator!(vm, receiver, args, "reject", own_size);
    chosen(vm, receiver, args, false)
}

fn chosen(vm: &Interp, receiver: &Value, args: Args<'_>, wanted: bool) -> Res {
    let block = args.need_block(vm)?;
    let hash = this(receiver);
    let part = alike(hash);
    vm.hash_each(hash, |key, value| {
        if vm.call_block(block, &[key.clone(), value.clone()])?.truthy() == wanted {
            vm.hash_set(&part, key, value)?;
        }
        Ok(true)
    })?;
    Ok(Value::Hash(part))
}
