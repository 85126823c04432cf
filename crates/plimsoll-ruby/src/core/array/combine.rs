//! Arrays made of Arrays: sums, sets, products, permutations, flattening.

use std::rc::Rc;

use super::{changing, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{block_or_enumerator, push, zip_sources, zipped};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{RArray, RHash, Value};

pub(super) const METHODS: &[Def] = &[
    def("+", 1, 1, plus, "The elements of both"),
    def("-", 1, 1, difference, "The elements that are not in the other"),
    def("difference", 0, -1, difference, "The elements that are in none of the others"),
    def("*", 1, 1, times, "The elements repeated, or joined by a separator"),
    def("&", 1, 1, intersection, "The elements that are in both, each once"),
    def("intersection", 0, -1, intersection, "The elements that are in all, each once"),
    def("intersect?", 1, 1, intersects, "Whether both have an element in common"),
    def("|", 1, 1, union, "The elements of both, each once"),
    def("union", 0, -1, union, "The elements of all, each once"),
    def("uniq", 0, 0, uniq, "The elements without those equal to an earlier one"),
    def("uniq!", 0, 0, uniq_in_place, "Removes elements equal to an earlier one; nil if there were none"),
    def("compact", 0, 0, compact, "The elements that are not nil"),
    def("flatten", 0, 1, flatten, "The elements, those of nested Arrays in their place"),
    def("flatten!", 0, 1, flatten_in_place, "Puts the elements of nested Arrays in their place; nil if there are none"),
    def("zip", 0, -1, zip, "The elements each with those of the arguments at its place"),
    def("transpose", 0, 0, transpose, "Rows as columns"),
    def("product", 0, -1, product, "All combinations of an element of each Array"),
    def("combination", 1, 1, combination, "Yields all choices of this many elements"),
    def("permutation", 0, 1, permutation, "Yields all orders of this many elements"),
    def(
        "repeated_combination",
        1,
        1,
        repeated_combination,
        "Yields all choices of this many elements, with repetition",
    ),
    def("repeated_permutation", 1, 1, repeated_permutation, "Yields all orders of this many elements, with repetition"),
];

fn plus(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = vm.to_array(&args[0])?;
    let mut all = this(receiver).to_vec();
    vm.reserve_elements(all.len() + other.len())?;
    all.extend(other.to_vec());
    Ok(Value::array(all))
}

fn times(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    if let Value::Str(_) = &args[0] {
        let separator = vm.to_str(&args[0])?;
        return super::joined(vm, array, Some(&separator));
    }
    if vm.responds(&args[0], known::TO_STR)? {
        let separator = vm.to_str(&args[0])?;
        return super::joined(vm, array, Some(&separator));
    }
    let Ok(count) = usize::try_from(vm.to_int(&args[0])?) else { return Err(vm.argument_error("negative argument")) };
    let Some(total) = array.len().checked_mul(count) else { return Err(vm.argument_error("argument too big")) };
    vm.reserve_elements(total)?;
    let elements = array.to_vec();
    Ok(Value::array(elements.iter().cycle().take(total).cloned().collect()))
}

/// Values as the keys of a Hash: for membership.
fn keys(vm: &Interp, values: &RArray) -> Res<Rc<RHash>> {
    let keys = RHash::new();
    let mut at = 0;
    while let Some(value) = values.get(at) {
        vm.hash_set(&keys, value, Value::Bool(true))?;
        at += 1;
    }
    Ok(keys)
}

fn others(vm: &Interp, args: Args<'_>) -> Res<Vec<Rc<RArray>>> {
    args.values.iter().map(|other| vm.to_array(other)).collect()
}

fn difference(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut left = this(receiver).to_vec();
    for other in others(vm, args)? {
        let unwanted = keys(vm, &other)?;
        let mut kept = Vec::with_capacity(left.len());
        for value in left {
            if vm.hash_get(&unwanted, &value)?.is_none() {
                kept.push(value);
            }
        }
        left = kept;
    }
    Ok(Value::array(left))
}

fn intersection(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        return Ok(Value::array(this(receiver).to_vec()));
    }
    let mut left = distinct(vm, this(receiver), args.with_block(None))?;
    for other in others(vm, args)? {
        let wanted = keys(vm, &other)?;
        let mut kept = Vec::with_capacity(left.len());
        for value in left {
            if vm.hash_get(&wanted, &value)?.is_some() {
                kept.push(value);
            }
        }
        left = kept;
    }
    Ok(Value::array(left))
}

fn intersects(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = vm.to_array(&args[0])?;
    let wanted = keys(vm, &other)?;
    for value in this(receiver).to_vec() {
        if vm.hash_get(&wanted, &value)?.is_some() {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn union(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut all = this(receiver).to_vec();
    for other in others(vm, args)? {
        vm.reserve_elements(all.len() + other.len())?;
        all.extend(other.to_vec());
    }
    distinct(vm, &RArray::new(all), args.with_block(None)).map(Value::array)
}

/// The elements, without those equal (by what the block gives, if there is one) to an earlier one.
fn distinct(vm: &Interp, array: &Rc<RArray>, args: Args<'_>) -> Res<Vec<Value>> {
    let seen = RHash::new();
    let mut at = 0;
    let mut kept = Vec::new();
    while let Some(value) = array.get(at) {
        let key = match args.block {
            Some(block) => vm.call_block(block, std::slice::from_ref(&value))?,
            None => value.clone(),
        };
        if vm.hash_get(&seen, &key)?.is_none() {
            vm.hash_set(&seen, key, Value::Nil)?;
            kept.push(value);
        }
        at += 1;
    }
    Ok(kept)
}

fn uniq(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    distinct(vm, this(receiver), args).map(Value::array)
}

fn uniq_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let kept = distinct(vm, array, args)?;
    changing(vm, receiver)?;
    if kept.len() == array.len() {
        return Ok(Value::Nil);
    }
    array.replace(kept);
    Ok(receiver.clone())
}

fn compact(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut all = this(receiver).to_vec();
    all.retain(|value| !value.is_nil());
    Ok(Value::array(all))
}

/// The elements with nested Arrays spread out, `depth` levels of them (all when negative); and whether there were any.
pub(crate) fn flattened(vm: &Interp, array: &Rc<RArray>, depth: i64) -> Res<(Vec<Value>, bool)> {
    let mut all = Vec::new();
    let mut nested = false;
    flatten_into(vm, array, depth, &mut all, &mut nested)?;
    Ok((all, nested))
}

fn flatten_into(vm: &Interp, array: &Rc<RArray>, depth: i64, all: &mut Vec<Value>, nested: &mut bool) -> Res<()> {
    vm.check_stack()?;
    let inner = vm.guard("flatten", Rc::as_ptr(array) as usize, 0, || {
        let mut at = 0;
        while let Some(element) = array.get(at) {
            vm.tick()?;
            at += 1;
            let inner = if depth == 0 { None } else { vm.try_array(&element)? };
            match inner {
                Some(inner) => {
                    *nested = true;
                    flatten_into(vm, &inner, depth - 1, all, nested)?;
                }
                None => push(vm, all, element)?,
            }
        }
        Ok(())
    });
    inner.unwrap_or_else(|| Err(vm.argument_error("tried to flatten recursive array")))
}

fn depth(vm: &Interp, args: Args<'_>) -> Res<i64> {
    match args.get(0) {
        None | Some(Value::Nil) => Ok(-1),
        Some(depth) => vm.to_int(depth),
    }
}

fn flatten(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let depth = depth(vm, args)?;
    Ok(Value::array(flattened(vm, this(receiver), depth)?.0))
}

fn flatten_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let depth = depth(vm, args)?;
    let (all, nested) = flattened(vm, array, depth)?;
    if !nested {
        return Ok(Value::Nil);
    }
    changing(vm, receiver)?.replace(all);
    Ok(receiver.clone())
}

fn zip(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let sources = if array.is_empty() { Vec::new() } else { zip_sources(vm, args.values, array.len())? };
    let mut rows = Vec::new();
    let mut at = 0;
    while let Some(element) = array.get(at) {
        let row = zipped(element, &sources, at);
        match args.block {
            Some(block) => {
                vm.call_block(block, &[row])?;
            }
            None => push(vm, &mut rows, row)?,
        }
        at += 1;
    }
    Ok(if args.block.is_some() { Value::Nil } else { Value::array(rows) })
}

fn transpose(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut columns: Vec<Vec<Value>> = Vec::new();
    for (at, row) in this(receiver).to_vec().iter().enumerate() {
        let row = vm.to_array(row)?.to_vec();
        if at == 0 {
            columns = vec![Vec::new(); row.len()];
        } else if row.len() != columns.len() {
            let text = format!("element size differs ({} should be {})", row.len(), columns.len());
            return Err(vm.error("IndexError", text));
        }
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    Ok(Value::array(columns.into_iter().map(Value::array).collect()))
}

fn product(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut lists = vec![this(receiver).to_vec()];
    for other in others(vm, args)? {
        lists.push(other.to_vec());
    }
    let total = lists.iter().try_fold(1_usize, |total, list| total.checked_mul(list.len()));
    if args.block.is_none() {
        let Some(total) = total else { return Err(vm.error("RangeError", "too big to product")) };
        vm.reserve_elements(total)?;
    }
    let mut rows = Vec::new();
    if total == Some(0) {
        return Ok(if args.block.is_some() { receiver.clone() } else { Value::array(rows) });
    }
    let mut places = vec![0; lists.len()];
    loop {
        vm.tick()?;
        let row = Value::array(lists.iter().zip(&places).map(|(list, &at)| list[at].clone()).collect());
        match args.block {
            Some(block) => {
                vm.call_block(block, &[row])?;
            }
            None => push(vm, &mut rows, row)?,
        }
        let Some(turning) = (0..lists.len()).rev().find(|&at| places[at] + 1 < lists[at].len()) else { break };
        places[turning] += 1;
        places[turning + 1..].fill(0);
    }
    Ok(if args.block.is_some() { receiver.clone() } else { Value::array(rows) })
}

/// The product of a falling or rising run of factors, as an Integer of any size.
fn counted(vm: &Interp, factors: impl Iterator<Item = i64>, divisors: impl Iterator<Item = i64>) -> Value {
    let big = |items: &mut dyn Iterator<Item = i64>| {
        items.fold(num_bigint::BigInt::from(1), |product, factor| product * factor)
    };
    let (mut factors, mut divisors) = (factors, divisors);
    vm.integer(big(&mut factors) / big(&mut divisors))
}

/// Too many to count exactly: the answer would take longer than anyone waits.
const COUNTABLE: i64 = 100_000;

fn combinations_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let (len, count) = (this(receiver).len() as i64, vm.to_int(&args[0])?);
    let count = if count > len { count } else { count.min(len - count) };
    Ok(match count {
        count if count < 0 || count > len => Value::Int(0),
        count if count > COUNTABLE => return Err(vm.unsupported("counting this many combinations")),
        count => counted(vm, (len - count + 1)..=len, 1..=count),
    })
}

fn permutations_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let len = this(receiver).len() as i64;
    let count = match args.first() {
        None | Some(Value::Nil) => len,
        Some(count) => vm.to_int(count)?,
    };
    Ok(match count {
        count if count < 0 || count > len => Value::Int(0),
        count if count > COUNTABLE => return Err(vm.unsupported("counting this many permutations")),
        count => counted(vm, (len - count + 1)..=len, std::iter::empty()),
    })
}

fn repeated_combinations_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let (len, count) = (this(receiver).len() as i64, vm.to_int(&args[0])?);
    Ok(match count {
        count if count < 0 || (len == 0 && count > 0) => Value::Int(0),
        0 => Value::Int(1),
        count if count > COUNTABLE => return Err(vm.unsupported("counting this many combinations")),
        count => counted(vm, len..len + count, 1..=count),
    })
}

fn repeated_permutations_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let (len, count) = (this(receiver).len() as i64, vm.to_int(&args[0])?);
    Ok(match u32::try_from(count) {
        Ok(count) if i64::from(count) <= COUNTABLE => vm.integer(num_bigint::BigInt::from(len).pow(count)),
        Ok(_) => return Err(vm.unsupported("counting this many permutations")),
        Err(_) => Value::Int(0),
    })
}

fn combination(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "combination", combinations_size);
    let count = vm.to_int(&args[0])?;
    let elements = this(receiver).to_vec();
    let Ok(count) = usize::try_from(count) else { return Ok(receiver.clone()) };
    if count > elements.len() {
        return Ok(receiver.clone());
    }
    let mut places: Vec<usize> = (0..count).collect();
    loop {
        vm.tick()?;
        vm.call_block(block, &[picked(&elements, &places)])?;
        let Some(moving) = (0..count).rev().find(|&at| places[at] < elements.len() - count + at) else { break };
        places[moving] += 1;
        for at in moving + 1..count {
            places[at] = places[at - 1] + 1;
        }
    }
    Ok(receiver.clone())
}

fn picked(elements: &[Value], places: &[usize]) -> Value {
    Value::array(places.iter().map(|&at| elements[at].clone()).collect())
}

fn permutation(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "permutation", permutations_size);
    let elements = this(receiver).to_vec();
    let count = match args.get(0) {
        None | Some(Value::Nil) => elements.len() as i64,
        Some(count) => vm.to_int(count)?,
    };
    let Ok(count) = usize::try_from(count) else { return Ok(receiver.clone()) };
    if count > elements.len() {
        return Ok(receiver.clone());
    }
    let mut places: Vec<usize> = (0..count).collect();
    loop {
        vm.tick()?;
        vm.call_block(block, &[picked(&elements, &places)])?;
        if !next_permutation(&mut places, elements.len()) {
            break;
        }
    }
    Ok(receiver.clone())
}

/// The next row of distinct places below `limit` in lexical order.
fn next_permutation(places: &mut [usize], limit: usize) -> bool {
    for at in (0..places.len()).rev() {
        let free = |place: &usize, before: &[usize]| !before.contains(place);
        let Some(next) = (places[at] + 1..limit).find(|place| free(place, &places[..at])) else { continue };
        places[at] = next;
        for later in at + 1..places.len() {
            let (before, rest) = places.split_at_mut(later);
            if let Some(place) = (0..limit).find(|place| free(place, before)) {
                rest[0] = place;
            }
        }
        return true;
    }
    false
}

fn repeated_combination(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "repeated_combination", repeated_combinations_size);
    let elements = this(receiver).to_vec();
    let Ok(count) = usize::try_from(vm.to_int(&args[0])?) else { return Ok(receiver.clone()) };
    if elements.is_empty() && count > 0 {
        return Ok(receiver.clone());
    }
    vm.reserve_elements(count)?;
    let mut places = vec![0; count];
    loop {
        vm.tick()?;
        vm.call_block(block, &[picked(&elements, &places)])?;
        let Some(moving) = (0..count).rev().find(|&at| places[at] + 1 < elements.len()) else { break };
        let next = places[moving] + 1;
        places[moving..].fill(next);
    }
    Ok(receiver.clone())
}

fn repeated_permutation(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "repeated_permutation", repeated_permutations_size);
    let elements = this(receiver).to_vec();
    let Ok(count) = usize::try_from(vm.to_int(&args[0])?) else { return Ok(receiver.clone()) };
    if elements.is_empty() && count > 0 {
        return Ok(receiver.clone());
    }
    vm.reserve_elements(count)?;
    let mut places = vec![0; count];
    loop {
        vm.tick()?;
        vm.call_block(block, &[picked(&elements, &places)])?;
        let Some(moving) = (0..count).rev().find(|&at| places[at] + 1 < elements.len()) else { break };
        places[moving] += 1;
        places[moving + 1..].fill(0);
    }
    Ok(receiver.clone())
}
