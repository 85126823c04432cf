//! Going through the values between the ends.

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::{cannot_iterate, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::arithmetic;
use crate::core::enumerable::{Sum, block_or_enumerator, push};
use crate::core::enumerator::{Sequence, sequence};
use crate::core::numeric::each_step;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{RRange, Value};

pub(super) const METHODS: &[Def] = &[
    def("each", 0, 0, each, "Yields each value"),
    def("reverse_each", 0, 0, reverse_each, "Yields the values from the last to the first"),
    def("step", 0, 1, step, "Yields every so manieth value"),
    def("%", 1, 1, modulo, "Yields every so manieth value"),
    def("to_a", 0, 0, to_a, "All values"),
    def("entries", 0, 0, to_a, "All values"),
    def("size", 0, 0, |vm, r, _| size(vm, r), "Number of values between numbers; nil for other ends"),
    def("count", 0, 1, count, "Number of values, of those equal to the argument, or of those the block accepts"),
    def("sum", 0, 1, sum, "The sum of the values, or of what the block gives for them"),
];

/// Visits the values in order.
pub(super) fn visit(vm: &Interp, range: &RRange, mut visit: impl FnMut(Value) -> Res<bool>) -> Res<()> {
    match (&range.begin, &range.end) {
        (Value::Int(begin), Value::Int(end)) => {
            let (mut at, end) = (*begin, *end);
            while at < end || (at == end && !range.exclusive) {
                vm.tick()?;
                if !visit(Value::Int(at))? || at == i64::MAX {
                    break;
                }
                at += 1;
            }
            Ok(())
        }
        (begin, end) if arithmetic::big(begin).is_some() && (end.is_nil() || vm.is_a(end, &vm.c.numeric)) => {
            visit_numbers(vm, range, visit)
        }
        (Value::Str(begin), Value::Str(end)) => {
            crate::core::string::succ::each_upto(vm, begin, end, range.exclusive, visit)
        }
        (Value::Sym(_), Value::Sym(_)) => {
            let text = |value: &Value| vm.to_s(value);
            let (begin, end) = (text(&range.begin)?, text(&range.end)?);
            crate::core::string::succ::each_upto(vm, &begin, &end, range.exclusive, |value| {
                visit(Value::Sym(vm.to_name(&value)?))
            })
        }
        _ => visit_successors(vm, range, visit),
    }
}

fn visit_numbers(vm: &Interp, range: &RRange, mut visit: impl FnMut(Value) -> Res<bool>) -> Res<()> {
    let mut at = range.begin.clone();
    loop {
        vm.tick()?;
        if !range.end.is_nil() {
            match vm.compare_strictly(&at, &range.end)? {
                Ordering::Greater => return Ok(()),
                Ordering::Equal if range.exclusive => return Ok(()),
                _ => {}
            }
        }
        if !visit(at.clone())? {
            return Ok(());
        }
        at = crate::core::enumerable::add(vm, &at, &Value::Int(1))?;
    }
}

fn visit_successors(vm: &Interp, range: &RRange, mut visit: impl FnMut(Value) -> Res<bool>) -> Res<()> {
    let mut at = range.begin.clone();
    if !vm.responds(&at, known::SUCC)? {
        return Err(cannot_iterate(vm, &at));
    }
    loop {
        vm.tick()?;
        if !range.end.is_nil() {
            match vm.compare(&at, &range.end)? {
                None | Some(Ordering::Greater) => return Ok(()),
                Some(Ordering::Equal) if range.exclusive => return Ok(()),
                Some(Ordering::Equal) => return visit(at).map(drop),
                Some(Ordering::Less) => {}
            }
        }
        if !visit(at.clone())? {
            return Ok(());
        }
        at = vm.call(&at, known::SUCC, &[])?;
    }
}

/// All values, collected.
pub(super) fn all(vm: &Interp, range: &RRange) -> Res<Vec<Value>> {
    if range.end.is_nil() {
        return Err(vm.error("RangeError", "cannot convert endless range to an array"));
    }
    let mut all = Vec::new();
    visit(vm, range, |value| {
        push(vm, &mut all, value)?;
        Ok(true)
    })?;
    Ok(all)
}

fn range_size(vm: &Interp, receiver: &Value, _: &[Value]) -> Res {
    size(vm, receiver)
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each", range_size);
    visit(vm, this(receiver), |value| {
        vm.call_block(block, &[value])?;
        Ok(true)
    })?;
    Ok(receiver.clone())
}

fn reverse_each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "reverse_each", range_size);
    if let (Value::Int(begin), Value::Int(end)) = (&this(receiver).begin, &this(receiver).end) {
        let mut at = i128::from(*end) - i128::from(this(receiver).exclusive);
        while at >= i128::from(*begin) {
            vm.tick()?;
            vm.call_block(block, &[Value::Int(at as i64)])?;
            at -= 1;
        }
        return Ok(receiver.clone());
    }
    for value in all(vm, this(receiver))?.into_iter().rev() {
        vm.call_block(block, &[value])?;
    }
    Ok(receiver.clone())
}

fn to_a(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    all(vm, this(receiver)).map(Value::array)
}

fn size(vm: &Interp, receiver: &Value) -> Res {
    let range = this(receiver);
    let number = |value: &Value| vm.is_a(value, &vm.c.numeric);
    match (&range.begin, &range.end) {
        (Value::Int(begin), Value::Int(end)) => {
            let size = i128::from(*end) - i128::from(*begin) + i128::from(!range.exclusive);
            Ok(vm.integer(BigInt::from(size.max(0))))
        }
        (begin, Value::Nil) if number(begin) => Ok(Value::Float(f64::INFINITY)),
        (Value::Nil, end) if number(end) => Ok(Value::Float(f64::INFINITY)),
        (begin, end) if number(begin) && number(end) => {
            if let (Some(begin), Some(end)) = (arithmetic::big(begin), arithmetic::big(end)) {
                let size = end - begin + i32::from(!range.exclusive);
                return Ok(vm.integer(size.max(BigInt::from(0))));
            }
            let (Some(from), Some(to)) = (arithmetic::number(begin), arithmetic::number(end)) else {
                return Ok(Value::Nil);
            };
            let count = crate::core::numeric::float_steps(from.to_f(), to.to_f(), 1.0, range.exclusive);
            if count.is_finite() { Ok(Value::Int(count as i64)) } else { Ok(Value::Float(count)) }
        }
        _ => Ok(Value::Nil),
    }
}

fn count(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    if args.is_empty() && args.block.is_none() {
        if range.begin.is_nil() || range.end.is_nil() {
            return Ok(Value::Float(f64::INFINITY));
        }
        if arithmetic::big(&range.begin).is_some() && arithmetic::big(&range.end).is_some() {
            return size(vm, receiver);
        }
    }
    let mut count = 0_usize;
    visit(vm, range, |value| {
        count += usize::from(match (args.get(0), args.block) {
            (Some(wanted), _) => vm.equal(&value, wanted)?,
            (None, Some(block)) => vm.call_block(block, &[value])?.truthy(),
            (None, None) => true,
        });
        Ok(true)
    })?;
    Ok(count.into())
}

fn sum(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    let start = args.get(0).cloned().unwrap_or(Value::Int(0));
    if args.block.is_none()
        && let (Some(begin), Some(end)) = (arithmetic::big(&range.begin), arithmetic::big(&range.end))
        && arithmetic::big(&start).is_some()
    {
        let end = if range.exclusive { end - 1 } else { end };
        if end < begin {
            return Ok(start);
        }
        let total: BigInt = (&end - &begin + 1) * (end + begin) / 2;
        return crate::core::enumerable::add(vm, &start, &vm.integer(total));
    }
    let mut sum = Sum::new(start);
    visit(vm, range, |value| {
        let term = match args.block {
            Some(block) => vm.call_block(block, &[value])?,
            None => value,
        };
        sum.add(vm, term)?;
        Ok(true)
    })?;
    Ok(sum.result())
}

fn modulo(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    stepped(vm, receiver, args, "%")
}

fn step(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    stepped(vm, receiver, args, "step")
}

fn stepped_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let range = this(receiver);
    let step = args.first().map_or(Ok(1), |step| vm.to_int(step))?;
    match size(vm, receiver)? {
        Value::Int(size) if step > 0 => Ok(Value::Int((size + step - 1) / step)),
        Value::Float(size) if range.begin.is_nil() || range.end.is_nil() => Ok(Value::Float(size)),
        _ => Ok(Value::Nil),
    }
}

fn stepped(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    let range = this(receiver);
    let given = args.get(0).cloned().unwrap_or(Value::Int(1));
    let number = |value: &Value| vm.is_a(value, &vm.c.numeric);
    let between_numbers = (number(&range.begin) && (range.end.is_nil() || number(&range.end)))
        || (range.begin.is_nil() && number(&range.end));
    let Some(block) = args.block else {
        if number(&given) && vm.equal(&given, &Value::Int(0))? {
            return Err(vm.argument_error("step can't be 0"));
        }
        if between_numbers && number(&given) {
            let mut shown = [b"(", &vm.inspect(receiver)?.bytes()[..], b")."].concat();
            shown.extend_from_slice(name.as_bytes());
            if let Some(step) = args.get(0) {
                shown.extend_from_slice(&[b"(", &vm.inspect(step)?.bytes()[..], b")"].concat());
            }
            let (begin, end) = (range.begin.clone(), range.end.clone());
            return Ok(sequence(vm, Sequence { begin, end, step: given, exclusive: range.exclusive, shown }));
        }
        return Ok(crate::core::enumerator::of(vm, receiver, "step", args, Some(stepped_size)));
    };
    let step = if number(&given) { given } else { Value::Int(vm.to_int(&given)?) };
    match vm.compare_strictly(&step, &Value::Int(0))? {
        Ordering::Less => return Err(vm.argument_error("step can't be negative")),
        Ordering::Equal => return Err(vm.argument_error("step can't be 0")),
        Ordering::Greater => {}
    }
    if range.begin.is_nil() {
        return Err(cannot_iterate(vm, &range.begin));
    }
    if between_numbers {
        each_step(vm, &range.begin, &range.end, &step, range.exclusive, |value| {
            vm.call_block(block, &[value])?;
            Ok(true)
        })?;
        return Ok(receiver.clone());
    }
    if [&range.begin, &range.end, &step].iter().any(|value| matches!(value, Value::Float(_))) {
        return Err(vm.type_error("no implicit conversion to float from string"));
    }
    let every = vm.to_int(&step)?;
    let mut at = 0;
    visit(vm, range, |value| {
        if at % every == 0 {
            vm.call_block(block, &[value])?;
        }
        at += 1;
        Ok(true)
    })?;
    Ok(receiver.clone())
}
