//! Numeric: what all numbers have in common, for classes of numbers that programs define too.

use std::cmp::Ordering;

use super::arithmetic::{self, Number, Relation};
use super::complex;
use super::enumerator::{self, Sequence};
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    vm.include(&vm.c.numeric, &vm.c.comparable);
    vm.define(&vm.c.numeric, METHODS);
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("+@", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("-@", 0, 0, negate, "Negated"),
    def("<=>", 1, 1, |_, r, a| Ok(if r.same(&a[0]) { Value::Int(0) } else { Value::Nil }), "0 for itself, else nil"),
    def("eql?", 1, 1, eql, "Equal and of the same class"),
    def("%", 1, 1, modulo, "Remainder of the quotient rounded down"),
    def("modulo", 1, 1, modulo, "Remainder of the quotient rounded down"),
    def("div", 1, 1, div, "Quotient rounded down to an Integer"),
    def("divmod", 1, 1, divmod, "Quotient rounded down, and remainder"),
    def("remainder", 1, 1, remainder, "Remainder with the sign of the receiver"),
    def("fdiv", 1, 1, |vm, r, a| vm.call(&vm.call(r, known::TO_F, &[])?, known::DIV, a.values), "Quotient as a Float"),
    def("quo", 1, 1, |vm, r, a| vm.call(&vm.send(r, "to_r", &[])?, known::DIV, a.values), "Exact quotient"),
    def("abs", 0, 0, abs, "Absolute value"),
    def("magnitude", 0, 0, abs, "Absolute value"),
    def("abs2", 0, 0, |vm, r, _| vm.call(r, known::MUL, std::slice::from_ref(r)), "Square"),
    def("to_int", 0, 0, |vm, r, _| vm.call(r, known::TO_I, &[]), "As an Integer"),
    def("to_c", 0, 0, |vm, r, _| Ok(complex::make(vm, r.clone(), Value::Int(0))), "As a Complex number"),
    def("integer?", 0, 0, |_, _, _| Ok(false.into()), "Whether an Integer"),
    def("real?", 0, 0, |_, _, _| Ok(true.into()), "Whether not Complex"),
    def("real", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("imaginary", 0, 0, |_, _, _| Ok(Value::Int(0)), "Zero"),
    def("imag", 0, 0, |_, _, _| Ok(Value::Int(0)), "Zero"),
    def("conj", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("conjugate", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("i", 0, 0, |vm, r, _| Ok(complex::make(vm, Value::Int(0), r.clone())), "Times the imaginary unit"),
    def("rect", 0, 0, |_, r, _| Ok(Value::array(vec![r.clone(), Value::Int(0)])), "Itself and zero"),
    def("rectangular", 0, 0, |_, r, _| Ok(Value::array(vec![r.clone(), Value::Int(0)])), "Itself and zero"),
    def("arg", 0, 0, angle, "0, or pi for numbers below zero"),
    def("angle", 0, 0, angle, "0, or pi for numbers below zero"),
    def("phase", 0, 0, angle, "0, or pi for numbers below zero"),
    def("polar", 0, 0, |vm, r, a| Ok(Value::array(vec![abs(vm, r, a)?, angle(vm, r, a)?])), "Absolute value and angle"),
    def("zero?", 0, 0, |vm, r, _| vm.equal(r, &Value::Int(0)).map(Value::Bool), "Whether zero"),
    def("nonzero?", 0, 0, nonzero, "Itself, or nil for zero"),
    def(
        "positive?",
        0,
        0,
        |vm, r, _| Ok(vm.call(r, known::GT, &[Value::Int(0)])?.truthy().into()),
        "Whether above zero",
    ),
    def(
        "negative?",
        0,
        0,
        |vm, r, _| Ok(vm.call(r, known::LT, &[Value::Int(0)])?.truthy().into()),
        "Whether below zero",
    ),
    def("finite?", 0, 0, |_, _, _| Ok(true.into()), "Whether neither infinite nor NaN"),
    def("infinite?", 0, 0, |_, _, _| Ok(Value::Nil), "1 or -1 for infinities, else nil"),
    def("floor", 0, 1, |vm, r, a| by_float(vm, r, a, "floor"), "Downwards"),
    def("ceil", 0, 1, |vm, r, a| by_float(vm, r, a, "ceil"), "Upwards"),
    def("round", 0, 2, |vm, r, a| by_float(vm, r, a, "round"), "To the nearest"),
    def("truncate", 0, 1, |vm, r, a| by_float(vm, r, a, "truncate"), "Towards zero"),
    def("step", 0, -1, step, "Yields numbers at a distance, up to a limit"),
    def("coerce", 1, 1, coerce, "Both as numbers of one class"),
    def(
        "numerator",
        0,
        0,
        |vm, r, _| vm.send(&vm.send(r, "to_r", &[])?, "numerator", &[]),
        "The numerator of its exact value",
    ),
    def(
        "denominator",
        0,
        0,
        |vm, r, _| vm.send(&vm.send(r, "to_r", &[])?, "denominator", &[]),
        "The denominator of its exact value",
    ),
    def("singleton_method_added", 1, 1, no_singleton_methods, "Refuses methods of single numbers"),
    def("dup", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("clone", 0, 1, clone, "Itself"),
];

fn no_singleton_methods(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (name, class) = (vm.to_s(&args[0])?.lossy(), vm.real_class_of(receiver).name());
    Err(vm.type_error(format!("can't define singleton method \"{name}\" for {class}")))
}

fn negate(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    match arithmetic::coerce_pair(vm, &Value::Int(0), receiver)? {
        Some((zero, this)) => vm.call(&zero, known::MINUS, &[this]),
        None => arithmetic::coerced(vm, known::MINUS, &Value::Int(0), receiver),
    }
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let same = std::rc::Rc::ptr_eq(&vm.real_class_of(receiver), &vm.real_class_of(&args[0]));
    Ok((same && vm.equal(receiver, &args[0])?).into())
}

fn div(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if arithmetic::number(receiver).is_some() {
        return arithmetic::floor_divide(vm, receiver, &args[0]);
    }
    if vm.equal(&args[0], &Value::Int(0))? {
        return Err(arithmetic::zero_division(vm));
    }
    let quotient = vm.call(receiver, known::DIV, args.values)?;
    vm.send(&quotient, "floor", &[])
}

fn modulo(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let quotient = vm.send(receiver, "div", args.values)?;
    let product = vm.call(&args[0], known::MUL, &[quotient])?;
    vm.call(receiver, known::MINUS, &[product])
}

fn divmod(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if arithmetic::number(receiver).is_some() {
        return arithmetic::divmod(vm, receiver, &args[0]);
    }
    Ok(Value::array(vec![vm.send(receiver, "div", args.values)?, vm.call(receiver, known::MOD, args.values)?]))
}

fn remainder(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if arithmetic::number(receiver).is_some() {
        return arithmetic::remainder(vm, receiver, &args[0]);
    }
    let rest = vm.call(receiver, known::MOD, args.values)?;
    let negative = |value: &Value| -> Res<bool> { Ok(vm.call(value, known::LT, &[Value::Int(0)])?.truthy()) };
    let positive = |value: &Value| -> Res<bool> { Ok(vm.call(value, known::GT, &[Value::Int(0)])?.truthy()) };
    let zero = vm.equal(&rest, &Value::Int(0))?;
    let differs =
        !zero && ((negative(receiver)? && positive(&args[0])?) || (positive(receiver)? && negative(&args[0])?));
    if differs { vm.call(&rest, known::MINUS, args.values) } else { Ok(rest) }
}

fn abs(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let negative = vm.call(receiver, known::LT, &[Value::Int(0)])?.truthy();
    if negative { vm.call(receiver, known::NEG, &[]) } else { Ok(receiver.clone()) }
}

fn angle(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    if let Value::Float(float) = receiver
        && float.is_nan()
    {
        return Ok(receiver.clone());
    }
    let negative = match receiver {
        Value::Float(float) => float.is_sign_negative(),
        other => vm.call(other, known::LT, &[Value::Int(0)])?.truthy(),
    };
    Ok(if negative { Value::Float(std::f64::consts::PI) } else { Value::Int(0) })
}

fn nonzero(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let zero = vm.send(receiver, "zero?", &[])?.truthy();
    Ok(if zero { Value::Nil } else { receiver.clone() })
}

fn by_float(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    let float = Value::Float(super::float::convert(vm, receiver)?);
    vm.call_with(&float, Sym::new(name), args, crate::dispatch::CallStyle::Implicit)
}

fn coerce(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if std::rc::Rc::ptr_eq(&vm.real_class_of(receiver), &vm.real_class_of(&args[0])) {
        return Ok(Value::array(vec![args[0].clone(), receiver.clone()]));
    }
    let (other, this) = (super::float::convert(vm, &args[0])?, super::float::convert(vm, receiver)?);
    Ok(Value::array(vec![Value::Float(other), Value::Float(this)]))
}

fn clone(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.keyword("freeze").is_some_and(|v| matches!(v, Value::Bool(false))) {
        let class = vm.real_class_of(receiver).name();
        return Err(vm.argument_error(format!("can't unfreeze {class}")));
    }
    Ok(receiver.clone())
}

fn step(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    let (by, to) = (args.keyword("by"), args.keyword("to"));
    if to.is_some() && !positional.is_empty() {
        return Err(vm.argument_error("to is given twice"));
    }
    if by.is_some() && positional.len() > 1 {
        return Err(vm.argument_error("step is given twice"));
    }
    if positional.len() > 2 {
        return Err(vm.arity_error(positional.len(), 0, 2));
    }
    let limit = to.or_else(|| positional.first().cloned()).unwrap_or_default();
    let explicit = by.or_else(|| positional.get(1).cloned());
    let step = match &explicit {
        None | Some(Value::Nil) => Value::Int(1),
        Some(step) => step.clone(),
    };
    let Some(block) = args.block else { return sequence(vm, receiver, args, limit, step) };
    if vm.equal(&step, &Value::Int(0))? {
        return Err(vm.argument_error("step can't be 0"));
    }
    each_step(vm, receiver, &limit, &step, false, |value| vm.call_block(block, &[value]).map(|_| true))?;
    Ok(receiver.clone())
}

/// `step` without a block: the sequence, or an Enumerator where something is no number.
fn sequence(vm: &Interp, receiver: &Value, args: Args<'_>, limit: Value, step: Value) -> Res {
    let is_number = |value: &Value| vm.is_a(value, &vm.c.numeric);
    if !is_number(&step) || !(limit.is_nil() || is_number(&limit)) {
        return Ok(enumerator::of(vm, receiver, "step", args, None));
    }
    let mut shown = vm.inspect(receiver)?.to_vec();
    shown.extend_from_slice(b".step");
    let (positional, keywords) = args.split_keywords();
    let mut parts = Vec::new();
    for value in positional {
        parts.push(vm.inspect(value)?.to_vec());
    }
    for (name, value) in keywords.map(|keywords| keywords.entries()).unwrap_or_default() {
        parts.push([&vm.to_s(&name)?.to_vec()[..], b": ", &vm.inspect(&value)?.bytes()].concat());
    }
    if !parts.is_empty() {
        shown.push(b'(');
        shown.extend(parts.join(&b", "[..]));
        shown.push(b')');
    }
    Ok(enumerator::sequence(vm, Sequence { begin: receiver.clone(), end: limit, step, exclusive: false, shown }))
}

/// Visits numbers from one to a limit (nil: without end) at a distance; Floats by counting, so that errors do not add up.
pub(crate) fn each_step(
    vm: &Interp,
    from: &Value,
    limit: &Value,
    step: &Value,
    exclusive: bool,
    mut visit: impl FnMut(Value) -> Res<bool>,
) -> Res<()> {
    let any_float = [from, limit, step].iter().any(|value| matches!(value, Value::Float(_)));
    if any_float {
        let number = |value: &Value| super::float::convert(vm, value);
        let (start, unit) = (number(from)?, number(step)?);
        let end =
            if limit.is_nil() { if unit < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY } } else { number(limit)? };
        let count = float_steps(start, end, unit, exclusive);
        let mut at = 0.0;
        while at < count {
            vm.tick()?;
            let value = if unit.is_infinite() { start } else { at * unit + start };
            let value = if unit >= 0.0 { value.min(end) } else { value.max(end) };
            if !visit(Value::Float(value))? {
                break;
            }
            at += 1.0;
        }
        return Ok(());
    }
    let down = match arithmetic::number(step) {
        Some(number) => arithmetic::compare(&number, &Number::Int(0)) == Some(Ordering::Less),
        None => vm.compare_strictly(step, &Value::Int(0))? == Ordering::Less,
    };
    let beyond = match (down, exclusive) {
        (false, false) => Relation::Greater,
        (false, true) => Relation::GreaterEqual,
        (true, false) => Relation::Less,
        (true, true) => Relation::LessEqual,
    };
    let mut at = from.clone();
    loop {
        vm.tick()?;
        let over = if limit.is_nil() {
            false
        } else if arithmetic::number(&at).is_some() {
            arithmetic::relation(vm, beyond, &at, limit)?.truthy()
        } else {
            beyond.holds(vm.compare_strictly(&at, limit)?)
        };
        if over || !visit(at.clone())? {
            return Ok(());
        }
        at = vm.call(&at, known::PLUS, std::slice::from_ref(step))?;
    }
}

/// How many Floats lie between two at a distance, allowing for rounding.
pub(crate) fn float_steps(from: f64, to: f64, unit: f64, exclusive: bool) -> f64 {
    let count = (to - from) / unit;
    let error = (from.abs() + to.abs() + (to - from).abs()) / unit.abs() * f64::EPSILON;
    if unit == 0.0 {
        return f64::INFINITY;
    }
    if unit.is_infinite() {
        let within = if unit > 0.0 { from <= to } else { from >= to };
        return f64::from(u8::from(within));
    }
    let error = error.min(0.5);
    if exclusive {
        if count <= 0.0 {
            return 0.0;
        }
        let whole = if count < 1.0 { 0.0 } else { (count - error).floor() };
        // Rounding may leave room for one more.
        let next = (whole + 1.0) * unit + from;
        let more = if from < to { next < to } else { next > to };
        return whole + 1.0 + f64::from(u8::from(more));
    }
    if count < 0.0 {
        return 0.0;
    }
    (count + error).floor() + 1.0
}
