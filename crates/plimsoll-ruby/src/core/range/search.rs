//! What lies between the ends.

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::{cannot_iterate, iterate, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::arithmetic;
use crate::core::array::Verdict;
use crate::core::enumerable::block_or_enumerator;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RProc, RRange, Value};

pub(super) const METHODS: &[Def] = &[
    def("include?", 1, 1, includes, "Whether a value is among those between the ends"),
    def("member?", 1, 1, includes, "Whether a value is among those between the ends"),
    def("cover?", 1, 1, covers, "Whether a value, or all of another Range, lies between the ends"),
    def("===", 1, 1, |vm, r, a| Ok(between(vm, this(r), &a[0])?.into()), "Whether a value lies between the ends"),
    def("bsearch", 0, 0, bsearch, "Finds a value by halving"),
];

/// Whether a value lies between the ends.
fn between(vm: &Interp, range: &RRange, value: &Value) -> Res<bool> {
    if !range.begin.is_nil() {
        match vm.compare(&range.begin, value)? {
            None | Some(Ordering::Greater) => return Ok(false),
            _ => {}
        }
    }
    if range.end.is_nil() {
        return Ok(true);
    }
    Ok(match vm.compare(value, &range.end)? {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => !range.exclusive,
        _ => false,
    })
}

fn includes(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    let value = &args[0];
    let number = |value: &Value| vm.is_a(value, &vm.c.numeric);
    if number(&range.begin) || number(&range.end) {
        return Ok(between(vm, range, value)?.into());
    }
    match (&range.begin, &range.end) {
        (Value::Str(begin), Value::Str(end)) => {
            let Value::Str(wanted) = value else { return Ok(false.into()) };
            let mut found = false;
            crate::core::string::succ::each_upto(vm, begin, end, range.exclusive, |candidate| {
                found = matches!(&candidate, Value::Str(candidate) if crate::core::strings_equal(candidate, wanted));
                Ok(!found)
            })?;
            Ok(found.into())
        }
        // Without one end the order decides, and the other end belongs to it.
        (Value::Str(_), Value::Nil) => Ok(in_order(vm, &range.begin, value)?.into()),
        (Value::Nil, Value::Str(_)) => Ok(in_order(vm, value, &range.end)?.into()),
        (begin, end) if is_time(vm, begin) || is_time(vm, end) => Ok(between(vm, range, value)?.into()),
        (Value::Nil, _) => Err(cannot_iterate(vm, &range.begin)),
        _ => {
            let mut found = false;
            iterate::visit(vm, range, |candidate| {
                found = vm.equal(&candidate, value)?;
                Ok(!found)
            })?;
            Ok(found.into())
        }
    }
}

fn in_order(vm: &Interp, low: &Value, high: &Value) -> Res<bool> {
    Ok(matches!(vm.compare(low, high)?, Some(Ordering::Less | Ordering::Equal)))
}

fn is_time(vm: &Interp, value: &Value) -> bool {
    matches!(value, Value::Obj(_)) && vm.real_class_of(value).name() == "Time"
}

fn covers(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    match &args[0] {
        Value::Range(other) => Ok(covers_range(vm, range, other)?.into()),
        value => Ok(between(vm, range, value)?.into()),
    }
}

fn covers_range(vm: &Interp, range: &RRange, other: &RRange) -> Res<bool> {
    let order = |a: &Value, b: &Value| vm.compare(a, b);
    if !other.begin.is_nil() && !other.end.is_nil() {
        match order(&other.begin, &other.end)? {
            None | Some(Ordering::Greater) => return Ok(false),
            Some(Ordering::Equal) if other.exclusive => return Ok(false),
            _ => {}
        }
    }
    let begins = if range.begin.is_nil() {
        true
    } else if other.begin.is_nil() {
        false
    } else {
        matches!(order(&range.begin, &other.begin)?, Some(Ordering::Less | Ordering::Equal))
    };
    if !begins || !(other.begin.is_nil() || between(vm, range, &other.begin)?) {
        return Ok(false);
    }
    if range.end.is_nil() {
        return Ok(true);
    }
    if other.end.is_nil() {
        return Ok(false);
    }
    match order(&other.end, &range.end)? {
        Some(Ordering::Less) => Ok(true),
        Some(Ordering::Equal) => Ok(!range.exclusive || other.exclusive),
        Some(Ordering::Greater) if other.exclusive && !range.exclusive => {
            // The last value that the other really has may still lie within.
            if arithmetic::big(&other.begin).is_none() || arithmetic::big(&other.end).is_none() {
                return Ok(false);
            }
            let last = vm.send(&Value::Range(RRange::new(other.begin.clone(), other.end.clone(), true)), "max", &[])?;
            Ok(matches!(order(&last, &range.end)?, Some(Ordering::Less | Ordering::Equal)))
        }
        _ => Ok(false),
    }
}

fn bsearch(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    let number = |value: &Value| value.is_nil() || arithmetic::number(value).is_some();
    if args.block.is_none() && !(number(&range.begin) && number(&range.end)) {
        let class = vm.real_class_of(if range.begin.is_nil() { &range.end } else { &range.begin }).name();
        return Err(vm.type_error(format!("can't do binary search for {class}")));
    }
    let block = block_or_enumerator!(vm, receiver, args, "bsearch");
    let float = |value: &Value| matches!(value, Value::Float(_));
    if float(&range.begin) || float(&range.end) {
        return floats(vm, range, block);
    }
    let cannot = |value: &Value| {
        let class = vm.real_class_of(value).name();
        vm.type_error(format!("can't do binary search for {class}"))
    };
    let begin = arithmetic::big(&range.begin);
    let end = arithmetic::big(&range.end);
    match (begin, end) {
        (Some(begin), Some(end)) => integers(vm, begin, if range.exclusive { end - 1 } else { end }, block),
        (Some(begin), None) if range.end.is_nil() => upwards(vm, begin, block),
        (None, Some(end)) if range.begin.is_nil() => downwards(vm, if range.exclusive { end - 1 } else { end }, block),
        _ => Err(cannot(&range.begin)),
    }
}

type Block = std::rc::Rc<RProc>;

fn verdict(vm: &Interp, block: &Block, at: &BigInt) -> Res<Verdict> {
    Verdict::of(vm, vm.call_block(block, &[vm.integer(at.clone())])?)
}

/// Halves the integers from `low` to `high`, both included.
fn integers(vm: &Interp, mut low: BigInt, high: BigInt, block: &Block) -> Res {
    let mut high = high + 1;
    let mut found = None;
    while low < high {
        vm.tick()?;
        let middle: BigInt = &low + (&high - &low) / 2;
        match verdict(vm, block, &middle)? {
            Verdict::Here => return Ok(vm.integer(middle)),
            Verdict::HereOrBefore => {
                high.clone_from(&middle);
                found = Some(middle);
            }
            Verdict::Before => high = middle,
            Verdict::After => low = middle + 1,
        }
    }
    Ok(found.map(|found| vm.integer(found)).into())
}

fn upwards(vm: &Interp, begin: BigInt, block: &Block) -> Res {
    let mut distance = BigInt::from(1);
    loop {
        vm.tick()?;
        let probe = &begin + &distance;
        if !matches!(verdict(vm, block, &probe)?, Verdict::After) {
            return integers(vm, begin, probe, block);
        }
        distance *= 2;
    }
}

fn downwards(vm: &Interp, end: BigInt, block: &Block) -> Res {
    let mut distance = BigInt::from(1);
    loop {
        vm.tick()?;
        let probe = &end - &distance;
        match verdict(vm, block, &probe)? {
            Verdict::Here => return Ok(vm.integer(probe)),
            Verdict::After => return integers(vm, probe, end, block),
            Verdict::HereOrBefore | Verdict::Before => distance *= 2,
        }
    }
}

/// A Float's place among all Floats in order.
fn place(float: f64) -> i64 {
    let bits = float.to_bits() as i64;
    if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
}

fn at_place(place: i64) -> f64 {
    if place < 0 { f64::from_bits(i64::MIN.wrapping_sub(place) as u64) } else { f64::from_bits(place as u64) }
}

/// Halves the Floats between the ends.
fn floats(vm: &Interp, range: &RRange, block: &Block) -> Res {
    let number = |value: &Value, otherwise: f64| match arithmetic::number(value) {
        Some(number) => Ok(number.to_f()),
        None if value.is_nil() => Ok(otherwise),
        None => {
            let class = vm.real_class_of(value).name();
            Err(vm.type_error(format!("can't do binary search for {class}")))
        }
    };
    let (begin, end) = (number(&range.begin, f64::NEG_INFINITY)?, number(&range.end, f64::INFINITY)?);
    let mut low = i128::from(place(begin));
    let mut high = i128::from(place(end)) + i128::from(!range.exclusive);
    let mut found = Value::Nil;
    while low < high {
        vm.tick()?;
        let middle = low + (high - low) / 2;
        let value = Value::Float(at_place(middle as i64));
        match Verdict::of(vm, vm.call_block(block, std::slice::from_ref(&value))?)? {
            Verdict::Here => return Ok(value),
            Verdict::HereOrBefore => {
                found = value;
                high = middle;
            }
            Verdict::Before => high = middle,
            Verdict::After => low = middle + 1,
        }
    }
    Ok(found)
}
