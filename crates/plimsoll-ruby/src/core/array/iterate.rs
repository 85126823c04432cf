//! Going through the elements, by index, so that changes meanwhile are seen.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{block_or_enumerator, own_size, push};
use crate::core::enumerator::aliased;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("each", 0, 0, each, "Yields each element"),
    def("each_index", 0, 0, each_index, "Yields each index"),
    def("reverse_each", 0, 0, reverse_each, "Yields the elements from the last to the first"),
    def("map", 0, 0, map, "What the block gives for each element"),
    def(
        "collect",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "collect", Some(own_size), map),
        "What the block gives for each element",
    ),
    def("select", 0, 0, select, "The elements that the block accepts"),
    def(
        "filter",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "filter", Some(own_size), select),
        "The elements that the block accepts",
    ),
    def("reject", 0, 0, reject, "The elements that the block refuses"),
    def("take_while", 0, 0, take_while, "The elements before the first that the block refuses"),
    def("drop_while", 0, 0, drop_while, "The elements from the first that the block refuses"),
    def("cycle", 0, 1, cycle, "Yields all elements again and again"),
];

/// Visits the elements one by one, the length looked at again before each.
pub(super) fn visit(vm: &Interp, receiver: &Value, mut visit: impl FnMut(Value) -> Res<bool>) -> Res<()> {
    let array = this(receiver);
    let mut at = 0;
    while let Some(element) = array.get(at) {
        vm.tick()?;
        if !visit(element)? {
            break;
        }
        at += 1;
    }
    Ok(())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each", own_size);
    visit(vm, receiver, |element| {
        vm.call_block(block, &[element])?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

fn each_index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_index", own_size);
    let array = this(receiver);
    let mut at = 0;
    while at < array.len() {
        vm.tick()?;
        vm.call_block(block, &[at.into()])?;
        at += 1;
    }
    Ok(receiver.clone())
}

fn reverse_each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "reverse_each", own_size);
    let array = this(receiver);
    let mut at = array.len();
    while at > 0 {
        vm.tick()?;
        at -= 1;
        if let Some(element) = array.get(at) {
            vm.call_block(block, &[element])?;
        }
        at = at.min(array.len());
    }
    Ok(receiver.clone())
}

fn map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "map", own_size);
    let mut all = Vec::with_capacity(this(receiver).len());
    visit(vm, receiver, |element| {
        let value = vm.call_block(block, &[element])?;
        push(vm, &mut all, value)?;
        Ok(true)
    })?;
    Ok(Value::array(all))
}

fn select(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "select", own_size);
    chosen(vm, receiver, block, true)
}

fn reject(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "reject", own_size);
    chosen(vm, receiver, block, false)
}

fn chosen(vm: &Interp, receiver: &Value, block: &Rc<RProc>, wanted: bool) -> Res {
    let mut all = Vec::new();
    visit(vm, receiver, |element| {
        if vm.call_block(block, std::slice::from_ref(&element))?.truthy() == wanted {
            push(vm, &mut all, element)?;
        }
        Ok(true)
    })?;
    Ok(Value::array(all))
}

fn take_while(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "take_while");
    let mut all = Vec::new();
    visit(vm, receiver, |element| {
        let taken = vm.call_block(block, std::slice::from_ref(&element))?.truthy();
        if taken {
            push(vm, &mut all, element)?;
        }
        Ok(taken)
    })?;
    Ok(Value::array(all))
}

fn drop_while(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "drop_while");
    let mut dropped = 0;
    visit(vm, receiver, |element| {
        let dropping = vm.call_block(block, &[element])?.truthy();
        dropped += usize::from(dropping);
        Ok(dropping)
    })?;
    Ok(Value::array(this(receiver).to_vec().split_off(dropped.min(this(receiver).len()))))
}

fn cycle_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let len = this(receiver).len();
    match args.first() {
        None | Some(Value::Nil) if len == 0 => Ok(Value::Int(0)),
        None | Some(Value::Nil) => Ok(Value::Float(f64::INFINITY)),
        Some(rounds) => Ok(Value::Int(vm.to_int(rounds)?.max(0).saturating_mul(len as i64))),
    }
}

fn cycle(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "cycle", cycle_size);
    let rounds = match args.get(0) {
        None | Some(Value::Nil) => None,
        Some(rounds) => Some(vm.to_int(rounds)?),
    };
    let mut round = 0;
    while rounds.is_none_or(|rounds| round < rounds) && !this(receiver).is_empty() {
        visit(vm, receiver, |element| {
            vm.call_block(block, &[element])?;
            Ok(true)
        })?;
        round += 1;
    }
    Ok(Value::Nil)
}
