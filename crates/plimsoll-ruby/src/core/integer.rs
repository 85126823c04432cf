//! Integer, of any size.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::arithmetic::{self, Number, Op, Relation, Rounding};
use super::enumerable::block_or_enumerator;
use super::enumerator;
use super::rational::{self, Ratio};
use super::string::text;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = &vm.c.integer;
    vm.define(class, METHODS);
    vm.define_singleton(class, SINGLETON);
    super::without_new(vm, class);
}

const SINGLETON: &[Def] = &[
    def("sqrt", 1, 1, sqrt, "The square root, rounded down"),
    def("try_convert", 1, 1, try_convert, "The argument as an Integer by `to_int`, or nil"),
];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("+", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Add, r, &a[0]), "Sum"),
    def("-", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Sub, r, &a[0]), "Difference"),
    def("*", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mul, r, &a[0]), "Product"),
    def("/", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Div, r, &a[0]), "Quotient, rounded down for Integers"),
    def("%", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mod, r, &a[0]), "Remainder of the quotient rounded down"),
    def("modulo", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mod, r, &a[0]), "Remainder of the quotient rounded down"),
    def("**", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Pow, r, &a[0]), "Power"),
    def("pow", 1, 2, pow, "Power, or power modulo a number"),
    def("div", 1, 1, |vm, r, a| arithmetic::floor_divide(vm, r, &a[0]), "Quotient rounded down to an Integer"),
    def("divmod", 1, 1, |vm, r, a| arithmetic::divmod(vm, r, &a[0]), "Quotient rounded down, and remainder"),
    def("remainder", 1, 1, |vm, r, a| arithmetic::remainder(vm, r, &a[0]), "Remainder with the sign of the receiver"),
    def("fdiv", 1, 1, fdiv, "Quotient as a Float"),
    def("quo", 1, 1, quo, "Exact quotient"),
    def("-@", 0, 0, |vm, r, _| Ok(vm.integer(-big(r))), "Negated"),
    def("~", 0, 0, |vm, r, _| Ok(vm.integer(-big(r) - 1_i32)), "All bits inverted"),
    def("&", 1, 1, |vm, r, a| bits(vm, r, &a[0], "&", |x, y| x & y), "Bits in both"),
    def("|", 1, 1, |vm, r, a| bits(vm, r, &a[0], "|", |x, y| x | y), "Bits in either"),
    def("^", 1, 1, |vm, r, a| bits(vm, r, &a[0], "^", |x, y| x ^ y), "Bits in one of both"),
    def("<<", 1, 1, |vm, r, a| shift(vm, r, &a[0], true), "Shifted to the left"),
    def(">>", 1, 1, |vm, r, a| shift(vm, r, &a[0], false), "Shifted to the right"),
    def("[]", 1, 2, bit, "One bit, or several"),
    def("allbits?", 1, 1, |vm, r, a| masked(vm, r, &a[0], |x, m| x & m == *m), "Whether all bits of a mask are set"),
    def("anybits?", 1, 1, |vm, r, a| masked(vm, r, &a[0], |x, m| !(x & m).is_zero()), "Whether a bit of a mask is set"),
    def("nobits?", 1, 1, |vm, r, a| masked(vm, r, &a[0], |x, m| (x & m).is_zero()), "Whether no bit of a mask is set"),
    def("bit_length", 0, 0, bit_length, "Number of bits without the sign"),
    def("==", 1, 1, |vm, r, a| arithmetic::equal(vm, r, &a[0]), "Same value"),
    def("===", 1, 1, |vm, r, a| arithmetic::equal(vm, r, &a[0]), "Same value"),
    def("eql?", 1, 1, |_, r, a| Ok((arithmetic::big(r) == arithmetic::big(&a[0])).into()), "Same Integer"),
    def("equal?", 1, 1, |_, r, a| Ok((arithmetic::big(r) == arithmetic::big(&a[0])).into()), "Same Integer"),
    def("hash", 0, 0, |vm, r, _| Ok(Value::Int(vm.hash_code(r)? as i64 >> 1)), "A hash code"),
    def("<=>", 1, 1, |vm, r, a| arithmetic::spaceship(vm, r, &a[0]), "-1, 0 or 1; nil for what is no number"),
    def("<", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::Less, r, &a[0]), "Less"),
    def("<=", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::LessEqual, r, &a[0]), "Less or equal"),
    def(">", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::Greater, r, &a[0]), "Greater"),
    def(">=", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::GreaterEqual, r, &a[0]), "Greater or equal"),
    def("abs", 0, 0, |vm, r, _| Ok(vm.integer(big(r).abs())), "Absolute value"),
    def("magnitude", 0, 0, |vm, r, _| Ok(vm.integer(big(r).abs())), "Absolute value"),
    def("succ", 0, 0, |vm, r, _| arithmetic::binary(vm, Op::Add, r, &Value::Int(1)), "The next Integer"),
    def("next", 0, 0, |vm, r, _| arithmetic::binary(vm, Op::Add, r, &Value::Int(1)), "The next Integer"),
    def("pred", 0, 0, |vm, r, _| arithmetic::binary(vm, Op::Sub, r, &Value::Int(1)), "The Integer before"),
    def("even?", 0, 0, |_, r, _| Ok(big(r).is_even().into()), "Whether divisible by two"),
    def("odd?", 0, 0, |_, r, _| Ok(big(r).is_odd().into()), "Whether not divisible by two"),
    def("zero?", 0, 0, |_, r, _| Ok(big(r).is_zero().into()), "Whether zero"),
    def("integer?", 0, 0, |_, _, _| Ok(true.into()), "True"),
    def("size", 0, 0, size, "Bytes of its machine form"),
    def("to_s", 0, 1, to_s, "Digits in a base of 2 to 36"),
    def("inspect", 0, 1, to_s, "Digits in a base of 2 to 36"),
    def("to_i", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_int", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_f", 0, 0, |_, r, _| Ok(Value::Float(number(r).to_f())), "As a Float"),
    def("to_r", 0, 0, |vm, r, _| Ok(rational::make(vm, big(r), BigInt::one())), "As a Rational"),
    def("rationalize", 0, 1, |vm, r, _| Ok(rational::make(vm, big(r), BigInt::one())), "As a Rational"),
    def("numerator", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("denominator", 0, 0, |_, _, _| Ok(Value::Int(1)), "One"),
    def("ord", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("chr", 0, 1, chr, "The character of this code"),
    def("digits", 0, 1, digits, "Digits, the lowest first"),
    def("gcd", 1, 1, |vm, r, a| common(vm, r, a).map(|(a, b)| vm.integer(a.gcd(&b))), "Greatest common divisor"),
    def("lcm", 1, 1, |vm, r, a| common(vm, r, a).map(|(a, b)| vm.integer(a.lcm(&b))), "Least common multiple"),
    def("gcdlcm", 1, 1, gcdlcm, "Greatest common divisor and least common multiple"),
    def("ceil", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Ceil), "Upwards to a number of digits"),
    def("floor", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Floor), "Downwards to a number of digits"),
    def("truncate", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Truncate), "Towards zero to a number of digits"),
    def(
        "round",
        0,
        2,
        |vm, r, a| rounded(vm, r, a, Rounding::Round(arithmetic::half(vm, a)?)),
        "To the nearest of a number of digits",
    ),
    def("times", 0, 0, times, "Yields 0 up to itself, itself left out"),
    def("upto", 1, 1, |vm, r, a| count(vm, r, a, "upto", 1), "Yields up to another"),
    def("downto", 1, 1, |vm, r, a| count(vm, r, a, "downto", -1), "Yields down to another"),
    def("coerce", 1, 1, coerce, "Both as numbers of one class"),
];

fn number(receiver: &Value) -> Number {
    arithmetic::number(receiver).expect("a method of Integer runs on Integers alone")
}

fn big(receiver: &Value) -> BigInt {
    arithmetic::big(receiver).expect("a method of Integer runs on Integers alone")
}

fn other(vm: &Interp, value: &Value) -> Res<BigInt> {
    arithmetic::big(value).ok_or_else(|| vm.type_error("not an integer"))
}

/// An Integer of any size, or what `to_int` makes of a value; else TypeError.
pub(crate) fn to_big(vm: &Interp, value: &Value) -> Res<BigInt> {
    match arithmetic::number(value) {
        Some(Number::Float(float)) => {
            let whole = arithmetic::float_to_integer(vm, float)?;
            Ok(big(&whole))
        }
        Some(Number::Int(_) | Number::Big(_)) => Ok(big(value)),
        _ => match vm.call_if_responds(value, known::TO_INT, &[])? {
            Some(converted) => match arithmetic::big(&converted) {
                Some(big) => Ok(big),
                None => {
                    let (class, got) = (vm.real_class_of(value).name(), vm.real_class_of(&converted).name());
                    Err(vm.type_error(format!("can't convert {class} to Integer ({class}#to_int gives {got})")))
                }
            },
            None => vm.to_int(value).map(BigInt::from),
        },
    }
}

fn sqrt(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let number = to_big(vm, &args[0])?;
    if number.is_negative() {
        return Err(vm.error("Math::DomainError", "Numerical argument is out of domain - \"isqrt\""));
    }
    Ok(vm.integer(number.sqrt()))
}

fn try_convert(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    if arithmetic::big(&args[0]).is_some() {
        return Ok(args[0].clone());
    }
    match vm.call_if_responds(&args[0], known::TO_INT, &[])? {
        Some(Value::Nil) | None => Ok(Value::Nil),
        Some(converted) if arithmetic::big(&converted).is_some() => Ok(converted),
        Some(converted) => {
            let (class, got) = (vm.real_class_of(&args[0]).name(), vm.real_class_of(&converted).name());
            Err(vm.type_error(format!("can't convert {class} to Integer ({class}#to_int gives {got})")))
        }
    }
}

fn pow(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(modulus) = args.get(1) else { return arithmetic::binary(vm, Op::Pow, receiver, &args[0]) };
    let Some(exponent) = arithmetic::big(&args[0]) else {
        return Err(vm.type_error("Integer#pow() 2nd argument not allowed unless a 1st argument is integer"));
    };
    if exponent.is_negative() {
        return Err(vm.error("RangeError", "Integer#pow() 1st argument cannot be negative when 2nd argument specified"));
    }
    let Some(modulus) = arithmetic::big(modulus) else {
        return Err(vm.type_error("Integer#pow() 2nd argument not allowed unless all arguments are integers"));
    };
    if modulus.is_zero() {
        return Err(arithmetic::zero_division(vm));
    }
    Ok(vm.integer(big(receiver).modpow(&exponent, &modulus)))
}

fn fdiv(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match (arithmetic::big(&args[0]), arithmetic::number(&args[0])) {
        (Some(divisor), _) => match Ratio::new(big(receiver), divisor) {
            Some(ratio) => Ok(Value::Float(ratio.to_f())),
            None => Ok(Value::Float(number(receiver).to_f() / 0.0)),
        },
        (None, Some(divisor)) => Ok(Value::Float(number(receiver).to_f() / divisor.to_f())),
        (None, None) => arithmetic::coerced(vm, Sym::new("fdiv"), receiver, &args[0]),
    }
}

fn quo(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if let Value::Float(divisor) = &args[0] {
        return Ok(Value::Float(number(receiver).to_f() / divisor));
    }
    let exact = rational::make(vm, big(receiver), BigInt::one());
    arithmetic::binary(vm, Op::Div, &exact, &args[0])
}

fn bits(vm: &Interp, a: &Value, b: &Value, name: &str, op: fn(BigInt, BigInt) -> BigInt) -> Res {
    match arithmetic::big(b) {
        Some(y) => Ok(vm.integer(op(big(a), y))),
        None => match b {
            Value::Float(_) | Value::Nil | Value::Bool(_) | Value::Sym(_) | Value::Str(_) => {
                let word = match b {
                    Value::Str(_) => "String".to_owned(),
                    other => vm.inspect(other)?.lossy(),
                };
                Err(vm.type_error(format!("{word} can't be coerced into Integer")))
            }
            other => arithmetic::coerced(vm, Sym::new(name), a, other),
        },
    }
}

fn shift(vm: &Interp, receiver: &Value, by: &Value, left: bool) -> Res {
    let by = to_big(vm, by)?;
    let left = left != by.is_negative();
    let value = big(receiver);
    let amount = by.abs().to_u64().unwrap_or(u64::MAX);
    if left {
        if value.is_zero() {
            return Ok(Value::Int(0));
        }
        arithmetic::check_bits(vm, value.bits().saturating_add(amount))?;
        return Ok(vm.integer(value << amount));
    }
    if amount > value.bits() {
        return Ok(Value::Int(if value.is_negative() { -1 } else { 0 }));
    }
    Ok(vm.integer(value >> amount))
}

fn bit(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let value = big(receiver);
    if let Some(len) = args.get(1) {
        let shifted = shift(vm, receiver, &args[0], false)?;
        return low_bits(vm, &shifted, vm.to_int(len)?);
    }
    if let Value::Range(range) = &args[0] {
        let begin = if range.begin.is_nil() { 0 } else { vm.to_int(&range.begin)? };
        if range.begin.is_nil() {
            let end = vm.to_int(&range.end)? + i64::from(!range.exclusive);
            let low = low_bits(vm, receiver, end)?;
            let none = big(&low).is_zero();
            return if none {
                Ok(Value::Int(0))
            } else {
                Err(vm.argument_error("The beginless range for Integer#[] results in infinity"))
            };
        }
        let shifted = shift(vm, receiver, &Value::Int(begin), false)?;
        if range.end.is_nil() {
            return Ok(shifted);
        }
        let end = vm.to_int(&range.end)?;
        // A range that ends before it begins has no upper boundary.
        let len = end - begin + i64::from(!range.exclusive);
        return if end < begin { Ok(shifted) } else { low_bits(vm, &shifted, len) };
    }
    let index = to_big(vm, &args[0])?;
    if index.is_negative() {
        return Ok(Value::Int(0));
    }
    let set = match index.to_u64() {
        Some(index) if index <= value.bits() => value.bit(index),
        _ => value.is_negative(),
    };
    Ok(Value::Int(i64::from(set)))
}

fn low_bits(vm: &Interp, value: &Value, len: i64) -> Res {
    let Ok(len) = u64::try_from(len) else { return Ok(value.clone()) };
    arithmetic::check_bits(vm, len)?;
    let mask = (BigInt::one() << len) - 1_i32;
    Ok(vm.integer(big(value) & mask))
}

fn masked(vm: &Interp, receiver: &Value, mask: &Value, test: fn(&BigInt, &BigInt) -> bool) -> Res {
    let mask = to_big(vm, mask)?;
    Ok(test(&big(receiver), &mask).into())
}

fn bit_length(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let value = big(receiver);
    let magnitude = if value.is_negative() { -value - 1_i32 } else { value };
    Ok(Value::Int(magnitude.bits() as i64))
}

fn size(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(match receiver {
        Value::Int(_) => 8,
        _ => big(receiver).bits().div_ceil(8) as i64,
    }))
}

fn to_s(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let base = match args.get(0) {
        Some(value) => vm.to_int(value)?,
        None => 10,
    };
    if !(2..=36).contains(&base) {
        return Err(vm.argument_error(format!("invalid radix {base}")));
    }
    let text = match (receiver, base) {
        (Value::Int(int), 10) => int.to_string(),
        _ => big(receiver).to_str_radix(base as u32),
    };
    vm.reserve_string(text.len())?;
    Ok(Value::Str(RString::new(text.into_bytes(), Encoding::UsAscii)))
}

fn chr(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let out_of_range = || vm.error("RangeError", format!("{} out of char range", big(receiver)));
    let Value::Int(code) = receiver else {
        return Err(vm.error("RangeError", "bignum out of char range"));
    };
    let Ok(code) = u32::try_from(*code) else { return Err(out_of_range()) };
    let encoding = match args.get(0) {
        Some(value) => super::encoding::of(vm, value)?,
        None if code < 0x80 => Encoding::UsAscii,
        None if code < 0x100 => Encoding::Binary,
        None => return Err(out_of_range()),
    };
    match text::encode(code, encoding) {
        Some(bytes) => Ok(Value::Str(RString::new(bytes, encoding))),
        None if encoding == Encoding::Utf8 && code <= 0x10_ffff => {
            Err(vm.error("RangeError", format!("invalid codepoint 0x{code:X} in UTF-8")))
        }
        None => Err(out_of_range()),
    }
}

fn digits(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let base = match args.get(0) {
        Some(value) => to_big(vm, value)?,
        None => BigInt::from(10),
    };
    if base.is_negative() {
        return Err(vm.argument_error("negative radix"));
    }
    if base < BigInt::from(2) {
        return Err(vm.argument_error(format!("invalid radix {base}")));
    }
    let mut rest = big(receiver);
    if rest.is_negative() {
        return Err(vm.error("Math::DomainError", "out of domain"));
    }
    let mut found = Vec::new();
    loop {
        vm.tick()?;
        let (quotient, digit) = rest.div_rem(&base);
        found.push(vm.integer(digit));
        rest = quotient;
        if rest.is_zero() {
            return Ok(Value::array(found));
        }
    }
}

/// The two Integers whose common divisor is asked for: not so large that finding it takes long.
fn common(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<(BigInt, BigInt)> {
    let (a, b) = (big(receiver), other(vm, &args[0])?);
    arithmetic::check_fraction(vm, a.bits().max(b.bits()))?;
    Ok((a, b))
}

fn gcdlcm(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (a, b) = common(vm, receiver, args)?;
    Ok(Value::array(vec![vm.integer(a.gcd(&b)), vm.integer(a.lcm(&b))]))
}

fn rounded(vm: &Interp, receiver: &Value, args: Args<'_>, how: Rounding) -> Res {
    let digits = arithmetic::digits(vm, args)?.unwrap_or(0);
    if digits >= 0 {
        return Ok(receiver.clone());
    }
    let value = big(receiver);
    let places = digits.unsigned_abs();
    // Rounding to more digits than there are leaves nothing, or a single unit for floor and ceil.
    if places > value.bits() && matches!(how, Rounding::Truncate | Rounding::Round(_)) {
        return Ok(Value::Int(0));
    }
    arithmetic::check_bits(vm, places.saturating_mul(4))?;
    let unit = BigInt::from(10).pow(places as u32);
    Ok(vm.integer(how.to_multiple(&value, &unit)))
}

fn times_size(_: &Interp, receiver: &Value, _: &[Value]) -> Res {
    Ok(if big(receiver).is_negative() { Value::Int(0) } else { receiver.clone() })
}

/// How many numbers lie between two, both counted.
fn distance(vm: &Interp, from: &Value, to: &Value) -> Res {
    let gap = arithmetic::binary(vm, Op::Sub, to, from)?;
    let count = arithmetic::binary(vm, Op::Add, &vm.send(&gap, "floor", &[])?, &Value::Int(1))?;
    Ok(if big(&count).is_negative() { Value::Int(0) } else { count })
}

fn upto_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    arithmetic::relation(vm, Relation::Less, receiver, &args[0])?;
    distance(vm, receiver, &args[0])
}

fn downto_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    arithmetic::relation(vm, Relation::Less, receiver, &args[0])?;
    distance(vm, &args[0], receiver)
}

fn times(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "times", times_size);
    let mut at = 0;
    while arithmetic::compare(&Number::Int(at), &number(receiver)) == Some(Ordering::Less) {
        vm.tick()?;
        vm.call_block(block, &[Value::Int(at)])?;
        at += 1;
    }
    Ok(receiver.clone())
}

fn count(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str, step: i64) -> Res {
    let size: enumerator::SizeFn = if step > 0 { upto_size } else { downto_size };
    let Some(block) = args.block else { return Ok(enumerator::of(vm, receiver, name, args, Some(size))) };
    let limit = &args[0];
    let beyond = if step > 0 { Relation::Greater } else { Relation::Less };
    if let (Value::Int(from), Value::Int(to)) = (receiver, limit) {
        let mut at = *from;
        while if step > 0 { at <= *to } else { at >= *to } {
            vm.tick()?;
            vm.call_block(block, &[Value::Int(at)])?;
            match at.checked_add(step) {
                Some(next) => at = next,
                None => break,
            }
        }
        return Ok(receiver.clone());
    }
    let mut at = receiver.clone();
    while !arithmetic::relation(vm, beyond, &at, limit)?.truthy() {
        vm.tick()?;
        vm.call_block(block, &[at.clone()])?;
        at = arithmetic::binary(vm, Op::Add, &at, &Value::Int(step))?;
    }
    Ok(receiver.clone())
}

fn coerce(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if arithmetic::big(&args[0]).is_some() {
        return Ok(Value::array(vec![args[0].clone(), receiver.clone()]));
    }
    let other = super::float::convert(vm, &args[0])?;
    Ok(Value::array(vec![Value::Float(other), Value::Float(number(receiver).to_f())]))
}
