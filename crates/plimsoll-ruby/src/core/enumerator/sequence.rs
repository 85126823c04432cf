//! Enumerator::ArithmeticSequence: numbers at equal distances.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, RClass, def};
use crate::core::arithmetic;
use crate::core::enumerable::{Walk, push};
use crate::core::numeric::{each_step, float_steps};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RObject, RRange, Value};

/// Numbers from `begin` to `end` (nil: without end) at a distance of `step`.
pub(crate) struct Sequence {
    pub(crate) begin: Value,
    pub(crate) end: Value,
    pub(crate) step: Value,
    pub(crate) exclusive: bool,
    /// As `inspect` shows it: `1.step(10, 3)`.
    pub(crate) shown: Vec<u8>,
}

pub(super) fn init(vm: &Interp, enumerator: &Rc<RClass>) {
    let class = vm.define_class(enumerator, "ArithmeticSequence", enumerator);
    vm.define(&class, METHODS);
    crate::core::without_new(vm, &class);
}

const METHODS: &[Def] = &[
    def("begin", 0, 0, |_, r, _| Ok(this(r).begin.clone()), "The first number"),
    def("end", 0, 0, |_, r, _| Ok(this(r).end.clone()), "The limit"),
    def("step", 0, 0, |_, r, _| Ok(this(r).step.clone()), "The distance"),
    def("exclude_end?", 0, 0, |_, r, _| Ok(this(r).exclusive.into()), "Whether the limit is left out"),
    def("each", 0, 0, each, "Yields each number"),
    def("size", 0, 0, size, "Number of numbers"),
    def("first", 0, 1, first, "The first number, or the first ones"),
    def("last", 0, 1, last, "The last number, or the last ones"),
    def("to_a", 0, 0, |vm, r, _| numbers(vm, r, usize::MAX).map(Value::array), "All numbers"),
    def("entries", 0, 0, |vm, r, _| numbers(vm, r, usize::MAX).map(Value::array), "All numbers"),
    def("==", 1, 1, equals, "Whether both are the same numbers in the same way"),
    def("===", 1, 1, equals, "Whether both are the same numbers in the same way"),
    def("eql?", 1, 1, equals, "Whether both are the same numbers in the same way"),
    def("hash", 0, 0, hash, "A hash code"),
    def("inspect", 0, 0, |_, r, _| Ok(Value::bytes([b"(", &this(r).shown[..], b")"].concat())), "How it was made"),
];

/// A sequence as a value.
pub(crate) fn sequence(vm: &Interp, sequence: Sequence) -> Value {
    RObject::with_native(vm.class_named("Enumerator::ArithmeticSequence"), sequence).into()
}

fn this(receiver: &Value) -> &Sequence {
    receiver.native().expect("a method of ArithmeticSequence runs on sequences alone")
}

/// What a value names when it is used as an index.
pub(crate) enum Places {
    /// It is no sequence.
    NoSequence,
    /// Nothing in the collection.
    Outside,
    /// These places.
    At(Vec<usize>),
}

/// The places in a collection of `len` that a sequence names when it is used as an index.
pub(crate) fn stepped_places(vm: &Interp, value: &Value, len: usize) -> Res<Places> {
    let Some(sequence) = value.native::<Sequence>() else { return Ok(Places::NoSequence) };
    let step = vm.to_int(&sequence.step)?;
    let (begin, end) = if step < 0 {
        (sequence.end.clone(), sequence.begin.clone())
    } else {
        (sequence.begin.clone(), sequence.end.clone())
    };
    let range = Value::Range(RRange::new(begin, end, sequence.exclusive && step > 0));
    let outside = || -> Res<_> {
        let text = vm.inspect(value)?.lossy();
        Err(vm.error("RangeError", format!("{text} out of range")))
    };
    let Ok(span) = crate::core::array::span_of(vm, &range, len)? else {
        return if step.unsigned_abs() > 1 { outside() } else { Ok(Places::Outside) };
    };
    if span.start > len {
        return if step.unsigned_abs() > 1 { outside() } else { Ok(Places::Outside) };
    }
    let end = span.start.saturating_add(span.count).min(len);
    let places: Vec<usize> = if step < 0 {
        (span.start..end).rev().step_by(step.unsigned_abs() as usize).collect()
    } else {
        (span.start..end).step_by(step as usize).collect()
    };
    Ok(Places::At(places))
}

fn visit(vm: &Interp, sequence: &Sequence, mut visit: impl FnMut(Value) -> Res<Walk>) -> Res<()> {
    each_step(vm, &sequence.begin, &sequence.end, &sequence.step, sequence.exclusive, |value| {
        Ok(visit(value)? == Walk::On)
    })
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(block) = args.block else { return Ok(receiver.clone()) };
    visit(vm, this(receiver), |value| {
        vm.call_block(block, &[value])?;
        Ok(Walk::On)
    })?;
    Ok(receiver.clone())
}

fn numbers(vm: &Interp, receiver: &Value, count: usize) -> Res<Vec<Value>> {
    let mut all = Vec::new();
    if count == 0 {
        return Ok(all);
    }
    visit(vm, this(receiver), |value| {
        push(vm, &mut all, value)?;
        Ok(if all.len() == count { Walk::Stop } else { Walk::On })
    })?;
    Ok(all)
}

fn size(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let Sequence { begin, end, step, exclusive, .. } = this(receiver);
    if end.is_nil() {
        return Ok(Value::Float(f64::INFINITY));
    }
    if let (Value::Int(begin), Value::Int(end), Value::Int(step)) = (begin, end, step) {
        let (mut distance, step) = (i128::from(*end) - i128::from(*begin), i128::from(*step));
        if *exclusive {
            distance -= step.signum();
        }
        return Ok(Value::Int(if step == 0 || (distance < 0) != (step < 0) && distance != 0 {
            0
        } else {
            (distance / step + 1) as i64
        }));
    }
    let number = |value: &Value| arithmetic::number(value).map(|number| number.to_f());
    if [begin, end, step].iter().any(|value| matches!(value, Value::Float(_)))
        && let (Some(begin), Some(end), Some(step)) = (number(begin), number(end), number(step))
    {
        let count = float_steps(begin, end, step, *exclusive);
        return if count.is_finite() { arithmetic::float_to_integer(vm, count) } else { Ok(Value::Float(count)) };
    }
    let mut count = 0_usize;
    visit(vm, this(receiver), |_| {
        count += 1;
        Ok(Walk::On)
    })?;
    Ok(count.into())
}

fn first(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(count) = args.get(0) else { return Ok(numbers(vm, receiver, 1)?.pop().into()) };
    let count = crate::core::enumerable::count_argument(vm, count, "attempt to take negative size")?;
    numbers(vm, receiver, count).map(Value::array)
}

fn last(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if this(receiver).end.is_nil() {
        return Err(vm.error("RangeError", "cannot get the last element of endless arithmetic sequence"));
    }
    let mut all = numbers(vm, receiver, usize::MAX)?;
    let Some(count) = args.get(0) else { return Ok(all.pop().into()) };
    let count = crate::core::enumerable::count_argument(vm, count, "negative array size")?;
    Ok(Value::array(all.split_off(all.len().saturating_sub(count))))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (a, Some(b)) = (this(receiver), args[0].native::<Sequence>()) else { return Ok(false.into()) };
    let alike = a.exclusive == b.exclusive
        && vm.equal(&a.begin, &b.begin)?
        && vm.equal(&a.end, &b.end)?
        && vm.equal(&a.step, &b.step)?;
    Ok(alike.into())
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let sequence = this(receiver);
    let mut hasher = rustc_hash::FxHasher::default();
    sequence.exclusive.hash(&mut hasher);
    for part in [&sequence.begin, &sequence.end, &sequence.step] {
        vm.hash_code(part)?.hash(&mut hasher);
    }
    Ok(Value::Int((hasher.finish() >> 2) as i64))
}
