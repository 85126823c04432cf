//! Changing an Array in place.

use std::rc::Rc;

use super::access::{NoSpan, Span, from_front, out_of_range, span_of, writable_index};
use super::{changing, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{block_or_enumerator, own_size};
use crate::core::enumerator::aliased;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RArray, RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("[]=", 2, 3, assign, "Replaces the element at an index, or the elements of a range"),
    def("<<", 1, 1, append, "Adds an element at the end"),
    def("push", 0, -1, push, "Adds elements at the end"),
    def("append", 0, -1, push, "Adds elements at the end"),
    def("pop", 0, 1, pop, "Removes the last element, or the last ones"),
    def("shift", 0, 1, shift, "Removes the first element, or the first ones"),
    def("unshift", 0, -1, unshift, "Adds elements at the beginning"),
    def("prepend", 0, -1, unshift, "Adds elements at the beginning"),
    def("insert", 1, -1, insert, "Adds elements before an index"),
    def("concat", 0, -1, concat, "Adds the elements of other Arrays at the end"),
    def("clear", 0, 0, clear, "Removes all elements"),
    def("delete", 1, 1, delete, "Removes all elements equal to the argument"),
    def("delete_at", 1, 1, delete_at, "Removes the element at an index"),
    def("slice!", 1, 2, slice, "Removes the element at an index, or the elements of a range"),
    def("delete_if", 0, 0, delete_if, "Removes the elements that the block accepts"),
    def("reject!", 0, 0, reject, "Removes the elements that the block accepts; nil if there are none"),
    def("keep_if", 0, 0, keep_if, "Keeps only the elements that the block accepts"),
    def("select!", 0, 0, select, "Keeps only the elements that the block accepts; nil if nothing changed"),
    def(
        "filter!",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "filter!", Some(own_size), select),
        "Keeps only the elements that the block accepts; nil if nothing changed",
    ),
    def("map!", 0, 0, map, "Replaces each element by what the block gives for it"),
    def(
        "collect!",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "collect!", Some(own_size), map),
        "Replaces each element by what the block gives for it",
    ),
    def("compact!", 0, 0, compact, "Removes nil; nil if there was none"),
    def("fill", 0, 3, fill, "Sets all elements, or those of a range, to a value or what the block gives"),
];

/// Replaces a run of elements by others; what lies between the end and the run becomes nil.
fn splice(vm: &Interp, array: &RArray, span: Span, new: Vec<Value>) -> Res<()> {
    vm.reserve_elements(span.start.max(array.len()).saturating_add(new.len()))?;
    let old: Vec<Value> = array.change(|elements| {
        if span.start > elements.len() {
            elements.resize(span.start, Value::Nil);
        }
        let end = span.start.saturating_add(span.count).min(elements.len());
        elements.splice(span.start..end, new).collect()
    });
    drop(old);
    Ok(())
}

fn assign(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let len = array.len();
    if args.len() == 3 {
        let (start, count) = (vm.to_int(&args[0])?, vm.to_int(&args[1])?);
        let Ok(count) = usize::try_from(count) else {
            return Err(vm.error("IndexError", format!("negative length ({count})")));
        };
        let start = writable_index(vm, start, len)?;
        splice(vm, array, Span { start, count }, replacement(vm, &args[2])?)?;
        return Ok(args[2].clone());
    }
    match span_of(vm, &args[0], len)? {
        Ok(span) => splice(vm, array, span, replacement(vm, &args[1])?)?,
        Err(NoSpan::Before) => return Err(out_of_range(vm, &args[0])?),
        Err(_) => {
            let index = vm.to_int(&args[0])?;
            let at = writable_index(vm, index, len)?;
            set(vm, array, at, args[1].clone())?;
        }
    }
    Ok(args[1].clone())
}

/// Sets one element, filling up with nil.
fn set(vm: &Interp, array: &RArray, at: usize, value: Value) -> Res<()> {
    if at >= array.len() {
        vm.reserve_elements(at.saturating_add(1))?;
    }
    let old = array.change(|elements| {
        if at >= elements.len() {
            elements.resize(at + 1, Value::Nil);
        }
        std::mem::replace(&mut elements[at], value)
    });
    drop(old);
    Ok(())
}

/// What is assigned to a run: the elements of an Array, or the value alone.
fn replacement(vm: &Interp, value: &Value) -> Res<Vec<Value>> {
    Ok(match vm.try_array(value)? {
        Some(array) => array.to_vec(),
        None => vec![value.clone()],
    })
}

fn append(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    push(vm, receiver, args)
}

fn push(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    vm.reserve_elements(array.len() + args.len())?;
    array.change(|elements| elements.extend_from_slice(args.values));
    Ok(receiver.clone())
}

fn pop(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let Some(count) = args.get(0) else { return Ok(array.change(Vec::pop).into()) };
    let count = crate::core::enumerable::count_argument(vm, count, "negative array size")?;
    Ok(array.change(|elements| elements.split_off(elements.len().saturating_sub(count))).into())
}

fn shift(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let Some(count) = args.get(0) else {
        return Ok(array.change(|elements| (!elements.is_empty()).then(|| elements.remove(0))).into());
    };
    let count = crate::core::enumerable::count_argument(vm, count, "negative array size")?;
    Ok(array.change(|elements| elements.drain(..count.min(elements.len())).collect::<Vec<_>>()).into())
}

fn unshift(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    splice(vm, array, Span { start: 0, count: 0 }, args.values.to_vec())?;
    Ok(receiver.clone())
}

fn insert(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let index = vm.to_int(&args[0])?;
    if args.len() == 1 {
        return Ok(receiver.clone());
    }
    let len = array.len();
    let start = if index == -1 { Some(len) } else { from_front(if index < 0 { index + 1 } else { index }, len) };
    let Some(start) = start else {
        let text = format!("index {index} too small for array; minimum: -{}", len + 1);
        return Err(vm.error("IndexError", text));
    };
    splice(vm, array, Span { start, count: 0 }, args.values[1..].to_vec())?;
    Ok(receiver.clone())
}

fn concat(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let mut added = Vec::new();
    for other in args.values {
        let other = vm.to_array(other)?;
        vm.reserve_elements(array.len() + added.len() + other.len())?;
        added.extend(other.to_vec());
    }
    array.change(|elements| elements.extend(added));
    Ok(receiver.clone())
}

fn clear(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    changing(vm, receiver)?.replace(Vec::new());
    Ok(receiver.clone())
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let mut found = None;
    let mut at = 0;
    while let Some(element) = array.get(at) {
        if !vm.equal(&element, &args[0])? {
            at += 1;
            continue;
        }
        changing(vm, receiver)?;
        found = Some(element);
        let removed = array.change(|elements| (at < elements.len()).then(|| elements.remove(at)));
        drop(removed);
    }
    match (found, args.block) {
        (Some(found), _) => Ok(found),
        (None, Some(block)) => vm.call_block(block, args.values),
        (None, None) => Ok(Value::Nil),
    }
}

fn delete_at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let index = vm.to_int(&args[0])?;
    Ok(remove_at(array, index))
}

fn remove_at(array: &RArray, index: i64) -> Value {
    let at = from_front(index, array.len()).filter(|at| *at < array.len());
    at.map(|at| array.change(|elements| elements.remove(at))).into()
}

fn slice(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let len = array.len();
    let span = if let Some(count) = args.get(1) {
        let (start, count) = (vm.to_int(&args[0])?, vm.to_int(count)?);
        match (from_front(start, len), usize::try_from(count)) {
            (Some(start), Ok(count)) => Span { start, count },
            _ => return Ok(Value::Nil),
        }
    } else {
        match span_of(vm, &args[0], len)? {
            Ok(span) => span,
            Err(NoSpan::NotRange) => return Ok(remove_at(array, vm.to_int(&args[0])?)),
            Err(_) => return Ok(Value::Nil),
        }
    };
    if span.start > len {
        return Ok(Value::Nil);
    }
    let end = span.start.saturating_add(span.count).min(len);
    Ok(array.change(|elements| elements.drain(span.start..end).collect::<Vec<_>>()).into())
}

/// Keeps the elements for which the block's truth is `wanted`, also when the block is left half way; tells how many
/// were removed.
fn retain(vm: &Interp, receiver: &Value, block: &Rc<RProc>, wanted: bool) -> Res<usize> {
    let array = changing(vm, receiver)?;
    let (mut read, mut written) = (0, 0);
    let result = loop {
        let Some(element) = array.get(read) else { break Ok(()) };
        match vm.tick().and_then(|()| vm.call_block(block, std::slice::from_ref(&element))) {
            Ok(verdict) if verdict.truthy() == wanted => {
                array.change(|elements| {
                    if written < elements.len() {
                        elements[written] = element;
                    }
                });
                written += 1;
                read += 1;
            }
            Ok(_) => read += 1,
            Err(unwind) => break Err(unwind),
        }
    };
    let removed: Vec<Value> = array.change(|elements| {
        let end = read.min(elements.len());
        elements.drain(written.min(end)..end).collect()
    });
    result.map(|()| removed.len())
}

fn delete_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "delete_if", own_size);
    retain(vm, receiver, block, false)?;
    Ok(receiver.clone())
}

fn reject(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "reject!", own_size);
    let removed = retain(vm, receiver, block, false)?;
    Ok((removed > 0).then(|| receiver.clone()).into())
}

fn keep_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "keep_if", own_size);
    retain(vm, receiver, block, true)?;
    Ok(receiver.clone())
}

fn select(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "select!", own_size);
    let removed = retain(vm, receiver, block, true)?;
    Ok((removed > 0).then(|| receiver.clone()).into())
}

fn map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "map!", own_size);
    let array = changing(vm, receiver)?;
    let mut at = 0;
    while let Some(element) = array.get(at) {
        vm.tick()?;
        let value = vm.call_block(block, &[element])?;
        changing(vm, receiver)?;
        set(vm, array, at, value)?;
        at += 1;
    }
    Ok(receiver.clone())
}

fn compact(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let before = array.len();
    array.change(|elements| elements.retain(|element| !element.is_nil()));
    Ok((array.len() < before).then(|| receiver.clone()).into())
}

fn fill(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let (value, place) = match (args.block, args.values) {
        (Some(_), place) if place.len() <= 2 => (Value::Nil, place),
        (Some(_), _) => return Err(vm.arity_error(args.len(), 0, 2)),
        (None, [value, place @ ..]) => (value.clone(), place),
        (None, []) => return Err(vm.arity_error(0, 1, 3)),
    };
    let len = array.len();
    let all_from = |start: usize| Span { start, count: len.saturating_sub(start) };
    let span = match place {
        [] | [Value::Nil] => all_from(0),
        [range @ Value::Range(_)] => match span_of(vm, range, len)? {
            Ok(span) => span,
            Err(_) => return Err(out_of_range(vm, range)?),
        },
        [start, rest @ ..] => {
            let start = if start.is_nil() { 0 } else { vm.to_int(start)? };
            let start = from_front(start, len).unwrap_or(0);
            match rest.first() {
                None | Some(Value::Nil) => all_from(start),
                Some(count) => Span { start, count: vm.to_int(count)?.max(0) as usize },
            }
        }
    };
    let Some(end) = span.start.checked_add(span.count).filter(|end| *end < isize::MAX as usize / 8) else {
        return Err(vm.argument_error("argument too big"));
    };
    vm.reserve_elements(end)?;
    for at in span.start..end {
        let value = match args.block {
            Some(block) => vm.call_block(block, &[at.into()])?,
            None => value.clone(),
        };
        set(vm, array, at, value)?;
    }
    Ok(receiver.clone())
}
