//! Sorting, least and greatest.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Walk, block_or_enumerator, collect, count_argument, own_size, push, walk};
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("sort", 0, 0, sort, "The elements in order"),
    def("sort_by", 0, 0, sort_by, "The elements in the order of what the block gives for them"),
    def("min", 0, 1, |vm, r, a| least(vm, r, a, Ordering::Less), "The least element, or the least ones"),
    def("max", 0, 1, |vm, r, a| least(vm, r, a, Ordering::Greater), "The greatest element, or the greatest ones"),
    def("min_by", 0, 1, min_by, "The element for which the block gives the least"),
    def("max_by", 0, 1, max_by, "The element for which the block gives the greatest"),
    def("minmax", 0, 0, minmax, "The least and the greatest element"),
    def("minmax_by", 0, 0, minmax_by, "The elements for which the block gives the least and the greatest"),
];

/// Which end of an order is looked for: `Less` for the least, `Greater` for the greatest.
type Extreme = Ordering;

/// How a block orders two values.
fn compare_by_block(vm: &Interp, block: &Rc<RProc>, a: &Value, b: &Value) -> Res<Ordering> {
    match vm.call_block(block, &[a.clone(), b.clone()])? {
        Value::Int(order) => Ok(order.cmp(&0)),
        Value::Nil => Err(vm.comparison_failed(a, b)),
        other => {
            if vm.call(&other, known::GT, &[Value::Int(0)])?.truthy() {
                return Ok(Ordering::Greater);
            }
            let less = vm.call(&other, known::LT, &[Value::Int(0)])?.truthy();
            Ok(if less { Ordering::Less } else { Ordering::Equal })
        }
    }
}

/// How two values are ordered: by the block if there is one.
fn ordered(vm: &Interp, block: Option<&Rc<RProc>>, a: &Value, b: &Value) -> Res<Ordering> {
    match block {
        Some(block) => compare_by_block(vm, block, a, b),
        None => vm.compare_strictly(a, b),
    }
}

/// Sorts values, by the block if there is one.
pub(crate) fn sort_values(vm: &Interp, values: Vec<Value>, block: Option<&Rc<RProc>>) -> Res<Vec<Value>> {
    match block {
        Some(block) => merge_sort(vm, values, &|a, b| compare_by_block(vm, block, a, b)),
        None => sort_plain(vm, values),
    }
}

fn sort_plain(vm: &Interp, mut values: Vec<Value>) -> Res<Vec<Value>> {
    if values.iter().all(|v| matches!(v, Value::Int(_))) {
        values.sort_by_key(|v| if let Value::Int(int) = v { *int } else { 0 });
        return Ok(values);
    }
    if values.iter().all(|v| matches!(v, Value::Str(s) if s.head.class().is_none())) {
        values.sort_by(|a, b| match (a, b) {
            (Value::Str(a), Value::Str(b)) => a.bytes().cmp(&b.bytes()),
            _ => Ordering::Equal,
        });
        return Ok(values);
    }
    merge_sort(vm, values, &|a, b| vm.compare_strictly(a, b))
}

/// Sorts values by the keys that the block gives for them.
pub(crate) fn sort_values_by(vm: &Interp, values: Vec<Value>, block: &Rc<RProc>) -> Res<Vec<Value>> {
    let mut keyed = Vec::with_capacity(values.len());
    for value in values {
        keyed.push((vm.call_block(block, std::slice::from_ref(&value))?, value));
    }
    let keyed = merge_sort(vm, keyed, &|(a, _), (b, _)| vm.compare_strictly(a, b))?;
    Ok(keyed.into_iter().map(|(_, value)| value).collect())
}

/// A stable sort that survives failing and inconsistent comparisons; it compares in the order in which glibc does.
fn merge_sort<T: Clone>(vm: &Interp, mut values: Vec<T>, order: &impl Fn(&T, &T) -> Res<Ordering>) -> Res<Vec<T>> {
    if values.len() < 2 {
        return Ok(values);
    }
    let right = values.split_off(values.len() / 2);
    let left = merge_sort(vm, values, order)?.into_iter();
    let right = merge_sort(vm, right, order)?.into_iter();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.peekable(), right.peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        vm.tick()?;
        merged.extend(if order(a, b)? == Ordering::Greater { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

fn sort(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let all = collect(vm, receiver, &[])?;
    sort_values(vm, all, args.block).map(Value::array)
}

fn sort_by(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "sort_by", own_size);
    let all = collect(vm, receiver, &[])?;
    sort_values_by(vm, all, block).map(Value::array)
}

fn least(vm: &Interp, receiver: &Value, args: Args<'_>, wanted: Extreme) -> Res {
    let all = collect(vm, receiver, &[])?;
    if args.get(0).is_none_or(Value::is_nil) && args.block.is_none() {
        return Ok(first_best(vm, all, |value, best| vm.compare_strictly(value, best), wanted)?.into());
    }
    pick_extremes(vm, all, args, wanted)
}

/// `min` and `max` of values: one, or as many as the argument says.
pub(crate) fn pick_extremes(vm: &Interp, values: Vec<Value>, args: Args<'_>, wanted: Extreme) -> Res {
    match args.get(0) {
        None | Some(Value::Nil) => Ok(extreme(vm, values, args.block, wanted)?.unwrap_or_default()),
        Some(count) => extremes(vm, values, count, args.block, wanted),
    }
}

/// The least or greatest value; the first of equal ones. Without a block the best so far is what is asked, which a failing
/// comparison tells.
fn extreme(
    vm: &Interp,
    values: impl IntoIterator<Item = Value>,
    block: Option<&Rc<RProc>>,
    wanted: Extreme,
) -> Res<Option<Value>> {
    match block {
        Some(_) => first_best(vm, values, |value, best| ordered(vm, block, value, best), wanted),
        None => first_best(vm, values, |value, best| Ok(vm.compare_strictly(best, value)?.reverse()), wanted),
    }
}

fn first_best(
    vm: &Interp,
    values: impl IntoIterator<Item = Value>,
    compare: impl Fn(&Value, &Value) -> Res<Ordering>,
    wanted: Extreme,
) -> Res<Option<Value>> {
    let mut best: Option<Value> = None;
    for value in values {
        vm.tick()?;
        let better = match &best {
            Some(best) => compare(&value, best)? == wanted,
            None => true,
        };
        if better {
            best = Some(value);
        }
    }
    Ok(best)
}

/// The `count` least or greatest values, the outermost first.
fn extremes(vm: &Interp, values: Vec<Value>, count: &Value, block: Option<&Rc<RProc>>, wanted: Extreme) -> Res {
    let count = extreme_count(vm, count)?;
    if count == 0 {
        return Ok(Value::array(Vec::new()));
    }
    let mut sorted = sort_values(vm, values, block)?;
    if wanted == Ordering::Greater {
        sorted.reverse();
    }
    sorted.truncate(count);
    Ok(Value::array(sorted))
}

fn extreme_count(vm: &Interp, count: &Value) -> Res<usize> {
    let given = vm.to_int(count)?;
    count_argument(vm, count, &format!("negative size ({given})"))
}

fn min_by(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "min_by", own_size);
    extreme_by(vm, receiver, args.get(0), block, Ordering::Less)
}

fn max_by(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "max_by", own_size);
    extreme_by(vm, receiver, args.get(0), block, Ordering::Greater)
}

/// The element (or as many as `count` says) for which the block gives the least or greatest.
fn extreme_by(vm: &Interp, receiver: &Value, count: Option<&Value>, block: &Rc<RProc>, wanted: Extreme) -> Res {
    if let Some(count) = count.filter(|count| !count.is_nil()) {
        let count = extreme_count(vm, count)?;
        let all = if count == 0 { Vec::new() } else { collect(vm, receiver, &[])? };
        let mut sorted = sort_values_by(vm, all, block)?;
        if wanted == Ordering::Greater {
            sorted.reverse();
        }
        sorted.truncate(count);
        return Ok(Value::array(sorted));
    }
    let block = Rc::clone(block);
    let best: Option<(Value, Value)> = None;
    let best = walk(vm, receiver, best, move |vm, best, value| {
        let key = vm.call_block(&block, std::slice::from_ref(&value))?;
        let better = match best {
            Some((best, _)) => vm.compare_strictly(&key, best)? == wanted,
            None => true,
        };
        if better {
            *best = Some((key, value));
        }
        Ok(Walk::On)
    })?;
    Ok(best.map(|(_, value)| value).into())
}

fn minmax(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let all = collect(vm, receiver, &[])?;
    minmax_of(vm, &all, args.block)
}

/// The least and the greatest of values.
pub(crate) fn minmax_of(vm: &Interp, values: &[Value], block: Option<&Rc<RProc>>) -> Res {
    let least = extreme(vm, values.iter().cloned(), block, Ordering::Less)?;
    let greatest = extreme(vm, values.iter().cloned(), block, Ordering::Greater)?;
    Ok(Value::array(vec![least.into(), greatest.into()]))
}

fn minmax_by(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "minmax_by", own_size);
    let block = Rc::clone(block);
    let keyed = walk(vm, receiver, Vec::new(), move |vm, keyed: &mut Vec<Value>, value| {
        let key = vm.call_block(&block, std::slice::from_ref(&value))?;
        push(vm, keyed, Value::array(vec![key, value]))?;
        Ok(Walk::On)
    })?;
    let mut least: Option<(Value, Value)> = None;
    let mut greatest: Option<(Value, Value)> = None;
    for pair in keyed {
        let (key, value) = super::hash_of_pair(vm, &pair, None)?;
        for (best, wanted) in [(&mut least, Ordering::Less), (&mut greatest, Ordering::Greater)] {
            let better = match best {
                Some((best, _)) => vm.compare_strictly(&key, best)? == wanted,
                None => true,
            };
            if better {
                *best = Some((key.clone(), value.clone()));
            }
        }
    }
    let value = |best: Option<(Value, Value)>| best.map(|(_, value)| value).into();
    Ok(Value::array(vec![value(least), value(greatest)]))
}
