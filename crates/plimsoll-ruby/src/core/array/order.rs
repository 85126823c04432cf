//! Order: sorting, least and greatest, turning around, shuffling; and the sum.

use std::cmp::Ordering;

use super::{changing, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{
    Sum, block_or_enumerator, minmax_of, own_size, pick_extremes, sort_values, sort_values_by,
};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(super) const METHODS: &[Def] = &[
    def("sort", 0, 0, sort, "The elements in order"),
    def("sort!", 0, 0, sort_in_place, "Puts the elements in order"),
    def("sort_by!", 0, 0, sort_by, "Puts the elements in the order of what the block gives for them"),
    def("min", 0, 1, |vm, r, a| pick_extremes(vm, this(r).to_vec(), a, Ordering::Less), "The least element"),
    def("max", 0, 1, |vm, r, a| pick_extremes(vm, this(r).to_vec(), a, Ordering::Greater), "The greatest element"),
    def("minmax", 0, 0, |vm, r, a| minmax_of(vm, &this(r).to_vec(), a.block), "The least and the greatest element"),
    def("sum", 0, 1, sum, "The sum of the elements, or of what the block gives for them"),
    def("reverse", 0, 0, reverse, "The elements from the last to the first"),
    def("reverse!", 0, 0, reverse_in_place, "Turns the elements around"),
    def("rotate", 0, 1, rotate, "The elements, the first ones moved to the end"),
    def("rotate!", 0, 1, rotate_in_place, "Moves the first elements to the end"),
    def("shuffle", 0, -1, shuffle, "The elements in random order"),
    def("shuffle!", 0, -1, shuffle_in_place, "Puts the elements in random order"),
];

fn sort(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    sort_values(vm, this(receiver).to_vec(), args.block).map(Value::array)
}

fn sort_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let sorted = sort_values(vm, array.to_vec(), args.block)?;
    changing(vm, receiver)?.replace(sorted);
    Ok(receiver.clone())
}

fn sort_by(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "sort_by!", own_size);
    let array = changing(vm, receiver)?;
    let sorted = sort_values_by(vm, array.to_vec(), block)?;
    changing(vm, receiver)?.replace(sorted);
    Ok(receiver.clone())
}

fn sum(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut sum = Sum::new(args.get(0).cloned().unwrap_or(Value::Int(0)));
    super::iterate::visit(vm, receiver, |element| {
        let term = match args.block {
            Some(block) => vm.call_block(block, &[element])?,
            None => element,
        };
        sum.add(vm, term)?;
        Ok(true)
    })?;
    Ok(sum.result())
}

fn reverse(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut elements = this(receiver).to_vec();
    elements.reverse();
    Ok(Value::array(elements))
}

fn reverse_in_place(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    changing(vm, receiver)?.change(|elements| elements.reverse());
    Ok(receiver.clone())
}

fn rotation(vm: &Interp, args: Args<'_>, len: usize) -> Res<usize> {
    let by = args.get(0).map_or(Ok(1), |by| vm.to_int(by))?;
    Ok(if len == 0 { 0 } else { by.rem_euclid(len as i64) as usize })
}

fn rotate(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut elements = this(receiver).to_vec();
    let by = rotation(vm, args, elements.len())?;
    elements.rotate_left(by);
    Ok(Value::array(elements))
}

fn rotate_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let by = rotation(vm, args, array.len())?;
    array.change(|elements| {
        let by = by.min(elements.len());
        elements.rotate_left(by);
    });
    Ok(receiver.clone())
}

fn shuffled(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<Vec<Value>> {
    let (positional, _) = args.split_keywords();
    if !positional.is_empty() {
        return Err(vm.arity_error(positional.len(), 0, 0));
    }
    let random = crate::core::random::Source::of(vm, args)?;
    let mut elements = this(receiver).to_vec();
    for left in (1..=elements.len()).rev() {
        let other = random.below(vm, left)?;
        elements.swap(left - 1, other);
    }
    Ok(elements)
}

fn shuffle(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    shuffled(vm, receiver, args).map(Value::array)
}

fn shuffle_in_place(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let elements = shuffled(vm, receiver, args)?;
    array.replace(elements);
    Ok(receiver.clone())
}
