//! Enumerable: everything that can be told from `each` alone.
//!
//! Methods are written over [`walk`], which goes through Arrays and Hashes without a call and through everything else by
//! its `each`. State is handed from visit to visit, so that no borrow is held while Ruby code runs.

mod order;
mod reduce;
mod search;
mod slices;
mod transform;

use std::cell::RefCell;
use std::rc::Rc;

pub(crate) use order::{minmax_of, pick_extremes, sort_values, sort_values_by};
pub(crate) use reduce::{Sum, add};
pub(crate) use search::Test;
pub(crate) use transform::{hash_of_pair, zip_sources, zipped};

use crate::args::Args;
use crate::class::Def;
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::{Res, Unwind, UnwindKind};
use crate::value::{RProc, Value};

/// Every table of the module.
pub(crate) const TABLES: &[&[Def]] =
    &[order::METHODS, reduce::METHODS, search::METHODS, slices::METHODS, transform::METHODS];

/// Defines the module.
pub(crate) fn init(vm: &Interp) {
    for table in TABLES {
        vm.define(&vm.c.enumerable, table);
    }
}

/// Whether a walk goes on after a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    /// It goes on.
    On,
    /// It ends.
    Stop,
}

/// The block of a call; without one the method gives an Enumerator of itself. The size is a function or left out.
macro_rules! block_or_enumerator {
    ($vm:expr, $receiver:expr, $args:expr, $name:literal) => {
        match $args.block {
            Some(block) => block,
            None => return Ok($crate::core::enumerator::of($vm, $receiver, $name, $args, None)),
        }
    };
    ($vm:expr, $receiver:expr, $args:expr, $name:literal, $size:expr) => {
        match $args.block {
            Some(block) => block,
            None => return Ok($crate::core::enumerator::of($vm, $receiver, $name, $args, Some($size))),
        }
    };
}
pub(crate) use block_or_enumerator;

/// The size of an Enumerator over something that knows its own.
pub(crate) fn own_size(vm: &Interp, receiver: &Value, _: &[Value]) -> Res {
    match receiver {
        Value::Array(array) => Ok(array.len().into()),
        Value::Hash(hash) => Ok(hash.len().into()),
        other => Ok(vm.call_if_responds(other, known::SIZE, &[])?.unwrap_or_default()),
    }
}

/// Several yielded values as one: none is nil, one is itself, more are an Array.
pub(crate) fn packed(values: &[Value]) -> Value {
    match values {
        [] => Value::Nil,
        [one] => one.clone(),
        several => Value::array(several.to_vec()),
    }
}

/// Walks what `each` yields, several values at once packed into an Array, and gives back the state.
pub(crate) fn walk<S: 'static>(
    vm: &Interp,
    receiver: &Value,
    state: S,
    visit: impl Fn(&Interp, &mut S, Value) -> Res<Walk> + 'static,
) -> Res<S> {
    walk_with(vm, receiver, &[], state, move |vm, state, values| visit(vm, state, packed(values)))
}

/// Walks what `each` yields, called with these arguments; `visit` sees the values of one yield apart.
pub(crate) fn walk_with<S: 'static>(
    vm: &Interp,
    receiver: &Value,
    arguments: &[Value],
    mut state: S,
    visit: impl Fn(&Interp, &mut S, &[Value]) -> Res<Walk> + 'static,
) -> Res<S> {
    match receiver {
        Value::Array(array) if array.head.class().is_none() && arguments.is_empty() => {
            let mut at = 0;
            while let Some(value) = array.get(at) {
                vm.tick()?;
                if visit(vm, &mut state, &[value])? == Walk::Stop {
                    break;
                }
                at += 1;
            }
            Ok(state)
        }
        Value::Hash(hash) if hash.head.class().is_none() && arguments.is_empty() => {
            vm.hash_each(hash, |key, value| Ok(visit(vm, &mut state, &[Value::array(vec![key, value])])? == Walk::On))?;
            Ok(state)
        }
        _ => walk_each(vm, receiver, arguments, state, visit),
    }
}

fn walk_each<S: 'static>(
    vm: &Interp,
    receiver: &Value,
    arguments: &[Value],
    state: S,
    visit: impl Fn(&Interp, &mut S, &[Value]) -> Res<Walk> + 'static,
) -> Res<S> {
    let home = vm.new_activation();
    let shared = Rc::new(RefCell::new(Some(state)));
    let inner = Rc::clone(&shared);
    let block = RProc::native(move |vm, _, args| {
        vm.tick()?;
        let taken = inner.borrow_mut().take();
        // Only an `each` that hands its block to another fiber in the middle of a visit gets here without a state.
        let Some(mut state) = taken else { return Err(vm.error("FiberError", "attempt to iterate recursively")) };
        let visited = visit(vm, &mut state, args.values);
        *inner.borrow_mut() = Some(state);
        match visited? {
            Walk::On => Ok(Value::Nil),
            Walk::Stop => Err(UnwindKind::Break(home, Value::Nil).into()),
        }
    });
    let call = Args::new(arguments).with_block(Some(&block));
    match vm.call_with(receiver, known::EACH, call, CallStyle::Implicit).map_err(Unwind::into_kind) {
        Ok(_) => {}
        Err(UnwindKind::Break(id, _)) if id == home => {}
        Err(kind) => return Err(kind.into()),
    }
    let state = shared.borrow_mut().take();
    state.ok_or_else(|| vm.error("FiberError", "attempt to iterate recursively"))
}

/// Everything that `each` yields, called with these arguments.
pub(crate) fn collect(vm: &Interp, receiver: &Value, arguments: &[Value]) -> Res<Vec<Value>> {
    match receiver {
        Value::Array(array) if arguments.is_empty() => return Ok(array.to_vec()),
        Value::Hash(hash) if hash.head.class().is_none() && arguments.is_empty() => {
            return Ok(hash.entries().into_iter().map(|(key, value)| Value::array(vec![key, value])).collect());
        }
        _ => {}
    }
    walk_with(vm, receiver, arguments, Vec::new(), |vm, all, values| {
        push(vm, all, packed(values))?;
        Ok(Walk::On)
    })
}

/// Appends to a growing result, within the limit of elements.
pub(crate) fn push(vm: &Interp, all: &mut Vec<Value>, value: Value) -> Res<()> {
    if all.len() == all.capacity() {
        vm.reserve_elements(all.len() * 2)?;
    }
    all.push(value);
    Ok(())
}

/// A count given by the caller: not negative.
pub(crate) fn count_argument(vm: &Interp, value: &Value, what: &str) -> Res<usize> {
    let count = vm.to_int(value)?;
    usize::try_from(count).map_err(|_| vm.argument_error(what))
}
