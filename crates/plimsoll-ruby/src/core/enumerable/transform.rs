//! Making other collections of the elements.

use std::rc::Rc;

use super::{Walk, block_or_enumerator, collect, own_size, packed, push, walk, walk_with};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerator::aliased;
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{ProcKind, RHash, RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("map", 0, 0, map, "What the block gives for each element"),
    def(
        "collect",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "collect", Some(own_size), map),
        "What the block gives for each element",
    ),
    def("flat_map", 0, 0, flat_map, "What the block gives for each element, Arrays spread out"),
    def(
        "collect_concat",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "collect_concat", None, flat_map),
        "What the block gives for each element, Arrays spread out",
    ),
    def("filter_map", 0, 0, filter_map, "What the block gives for each element, where it is true"),
    def("compact", 0, 0, compact, "The elements that are not nil"),
    def("each_with_index", 0, -1, each_with_index, "Yields each element with its index"),
    def("each_with_object", 1, 1, each_with_object, "Yields each element with an object, and gives the object"),
    def("each_entry", 0, -1, each_entry, "Yields each element as one value"),
    def("reverse_each", 0, -1, reverse_each, "Yields the elements from the last to the first"),
    def("cycle", 0, 1, cycle, "Yields all elements again and again"),
    def("to_a", 0, -1, entries, "The elements as an Array"),
    def("entries", 0, -1, entries, "The elements as an Array"),
    def("to_h", 0, -1, to_h, "A Hash of pairs"),
    def("to_set", 0, -1, to_set, "A Set of the elements"),
    def("uniq", 0, 0, uniq, "The elements without those equal to an earlier one"),
    def("group_by", 0, 0, group_by, "The elements by what the block gives for them"),
    def("tally", 0, 1, tally, "How often each element occurs"),
    def("zip", 0, -1, zip, "The elements each with those of the arguments at its place"),
    def("lazy", 0, 0, lazy, "A lazy enumerator"),
    def("chain", 0, -1, chain, "An enumerator of the elements, then those of the arguments"),
];

fn map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "map", own_size));
    let pairs = matches!(receiver, Value::Hash(_)) && takes_pairs(&block);
    let all = walk_with(vm, receiver, &[], Vec::new(), move |vm, all, values| {
        let value = match values {
            [Value::Array(pair)] if pairs => vm.call_block(&block, &pair.to_vec())?,
            values => vm.call_block(&block, values)?,
        };
        push(vm, all, value)?;
        Ok(Walk::On)
    })?;
    Ok(Value::array(all))
}

/// Whether a block is a lambda of two parameters: `Hash#map` gives it key and value apart.
fn takes_pairs(block: &RProc) -> bool {
    match &block.kind {
        ProcKind::Ruby(code) => block.lambda.get() && code.body.params.required.len() == 2,
        _ => false,
    }
}

fn flat_map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "flat_map"));
    let all = walk_with(vm, receiver, &[], Vec::new(), move |vm, all, values| {
        let value = vm.call_block(&block, values)?;
        match vm.try_array(&value)? {
            Some(array) => {
                vm.reserve_elements(all.len() + array.len())?;
                all.extend(array.to_vec());
            }
            None => push(vm, all, value)?,
        }
        Ok(Walk::On)
    })?;
    Ok(Value::array(all))
}

fn filter_map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "filter_map"));
    let all = walk_with(vm, receiver, &[], Vec::new(), move |vm, all, values| {
        let value = vm.call_block(&block, values)?;
        if value.truthy() {
            push(vm, all, value)?;
        }
        Ok(Walk::On)
    })?;
    Ok(Value::array(all))
}

fn compact(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut all = collect(vm, receiver, &[])?;
    all.retain(|value| !value.is_nil());
    Ok(Value::array(all))
}

fn each_with_index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "each_with_index", own_size));
    walk_with(vm, receiver, args.values, 0_usize, move |vm, at, values| {
        vm.call_block(&block, &[packed(values), (*at).into()])?;
        *at += 1;
        Ok(Walk::On)
    })?;
    Ok(receiver.clone())
}

fn each_with_object(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "each_with_object", own_size));
    let object = args[0].clone();
    walk(vm, receiver, (), move |vm, (), value| {
        vm.call_block(&block, &[value, object.clone()])?;
        Ok(Walk::On)
    })?;
    Ok(args[0].clone())
}

fn each_entry(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "each_entry", own_size));
    walk_with(vm, receiver, args.values, (), move |vm, (), values| {
        vm.call_block(&block, &[packed(values)])?;
        Ok(Walk::On)
    })?;
    Ok(receiver.clone())
}

fn reverse_each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "reverse_each", own_size);
    for value in collect(vm, receiver, args.values)?.into_iter().rev() {
        vm.call_block(block, &[value])?;
    }
    Ok(receiver.clone())
}

fn cycle_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let size = own_size(vm, receiver, &[])?;
    match (size, args.first()) {
        (Value::Nil, _) => Ok(Value::Nil),
        (Value::Int(0), _) => Ok(Value::Int(0)),
        (_, None | Some(Value::Nil)) => Ok(Value::Float(f64::INFINITY)),
        (size, Some(rounds)) => {
            let rounds = vm.to_int(rounds)?.max(0);
            vm.call(&size, known::MUL, &[Value::Int(rounds)])
        }
    }
}

fn cycle(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "cycle", cycle_size);
    let rounds = match args.get(0) {
        None | Some(Value::Nil) => None,
        Some(rounds) => Some(vm.to_int(rounds)?),
    };
    if rounds.is_some_and(|rounds| rounds <= 0) {
        return Ok(Value::Nil);
    }
    let first = Rc::clone(block);
    let all = walk(vm, receiver, Vec::new(), move |vm, all, value| {
        push(vm, all, value.clone())?;
        vm.call_block(&first, &[value])?;
        Ok(Walk::On)
    })?;
    if all.is_empty() {
        return Ok(Value::Nil);
    }
    let mut round = 1;
    while rounds.is_none_or(|rounds| round < rounds) {
        for value in &all {
            vm.tick()?;
            vm.call_block(block, std::slice::from_ref(value))?;
        }
        round += 1;
    }
    Ok(Value::Nil)
}

fn entries(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    collect(vm, receiver, args.values).map(Value::array)
}

fn to_h(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = args.block.map(Rc::clone);
    let hash = walk_with(vm, receiver, args.values, RHash::new(), move |vm, hash, values| {
        let pair = match &block {
            Some(block) => vm.call_block(block, values)?,
            None => packed(values),
        };
        insert_pair(vm, hash, &pair)?;
        Ok(Walk::On)
    })?;
    Ok(Value::Hash(hash))
}

/// Adds a pair to a Hash, or raises what `to_h` raises for what is no pair.
fn insert_pair(vm: &Interp, hash: &RHash, pair: &Value) -> Res<()> {
    let (key, value) = hash_of_pair(vm, pair, None)?;
    vm.hash_set(hash, key, value)
}

/// A pair's key and value; `at` is its index where the error is to name it.
pub(crate) fn hash_of_pair(vm: &Interp, pair: &Value, at: Option<usize>) -> Res<(Value, Value)> {
    let place = at.map_or_else(String::new, |at| format!(" at {at}"));
    let Some(array) = vm.try_array(pair)? else {
        let class = vm.real_class_of(pair).name();
        return Err(vm.type_error(format!("wrong element type {class}{place} (expected array)")));
    };
    match array.to_vec().as_slice() {
        [key, value] => Ok((key.clone(), value.clone())),
        other => {
            let count = other.len();
            let text = match at {
                Some(_) => format!("wrong array length{place} (expected 2, was {count})"),
                None => format!("element has wrong array length (expected 2, was {count})"),
            };
            Err(vm.argument_error(text))
        }
    }
}

fn to_set(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let class = match args.get(0) {
        Some(class) => class.clone(),
        None => Value::Class(vm.class_named("Set")),
    };
    let mut values = vec![receiver.clone()];
    values.extend(args.values.iter().skip(1).cloned());
    vm.call_with(&class, known::NEW, Args::new(&values).with_block(args.block), CallStyle::Implicit)
}

fn uniq(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = args.block.map(Rc::clone);
    let seen = walk_with(vm, receiver, &[], RHash::new(), move |vm, seen, values| {
        let key = match &block {
            Some(block) => vm.call_block(block, values)?,
            None => packed(values),
        };
        if vm.hash_get(seen, &key)?.is_none() {
            vm.hash_set(seen, key, packed(values))?;
        }
        Ok(Walk::On)
    })?;
    Ok(Value::array(seen.values()))
}

fn group_by(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "group_by", own_size));
    let groups = walk(vm, receiver, RHash::new(), move |vm, groups, value| {
        let key = vm.call_block(&block, std::slice::from_ref(&value))?;
        match vm.hash_get(groups, &key)? {
            Some(Value::Array(group)) => {
                vm.reserve_elements(group.len() + 1)?;
                group.push(value);
            }
            _ => vm.hash_set(groups, key, Value::array(vec![value]))?,
        }
        Ok(Walk::On)
    })?;
    Ok(Value::Hash(groups))
}

fn tally(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let counts = match args.get(0) {
        None => RHash::new(),
        Some(given) => {
            let counts = vm.to_hash(given)?;
            vm.check_frozen(&Value::Hash(Rc::clone(&counts)))?;
            counts
        }
    };
    let counts = walk(vm, receiver, counts, |vm, counts, value| {
        let count = match vm.hash_get(counts, &value)? {
            None => Value::Int(1),
            Some(Value::Int(count)) => Value::Int(count + 1),
            Some(other) if crate::core::arithmetic::big(&other).is_some() => {
                vm.call(&other, known::PLUS, &[Value::Int(1)])?
            }
            Some(other) => {
                let class = vm.real_class_of(&other).name();
                return Err(vm.type_error(format!("wrong argument type {class} (expected Integer)")));
            }
        };
        vm.hash_set(counts, value, count)?;
        Ok(Walk::On)
    })?;
    Ok(Value::Hash(counts))
}

/// The arguments of `zip` as Arrays; what is only enumerable is read as far as there are elements to pair it with.
pub(crate) fn zip_sources(vm: &Interp, sources: &[Value], count: usize) -> Res<Vec<Vec<Value>>> {
    let mut all = Vec::with_capacity(sources.len());
    for source in sources {
        if let Some(array) = vm.try_array(source)? {
            all.push(array.to_vec());
            continue;
        }
        if !vm.responds(source, known::EACH)? {
            let class = vm.type_word(source);
            return Err(vm.type_error(format!("wrong argument type {class} (must respond to :each)")));
        }
        all.push(super::search::leading(vm, source, count)?);
    }
    Ok(all)
}

/// One row of `zip`.
pub(crate) fn zipped(value: Value, sources: &[Vec<Value>], at: usize) -> Value {
    let mut row = Vec::with_capacity(1 + sources.len());
    row.push(value);
    row.extend(sources.iter().map(|source| source.get(at).cloned().unwrap_or_default()));
    Value::array(row)
}

fn zip(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let all = collect(vm, receiver, &[])?;
    let sources = zip_sources(vm, args.values, all.len())?;
    let rows = all.into_iter().enumerate().map(|(at, value)| zipped(value, &sources, at));
    match args.block {
        None => Ok(Value::array(rows.collect())),
        Some(block) => each_row(vm, block, rows),
    }
}

fn each_row(vm: &Interp, block: &Rc<RProc>, rows: impl Iterator<Item = Value>) -> Res {
    for row in rows {
        vm.call_block(block, &[row])?;
    }
    Ok(Value::Nil)
}

fn lazy(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    crate::core::enumerator::lazy_over(vm, receiver)
}

fn chain(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut parts = vec![receiver.clone()];
    parts.extend_from_slice(args.values);
    vm.call_with(&Value::Class(vm.class_named("Enumerator::Chain")), known::NEW, Args::new(&parts), CallStyle::Implicit)
}
