//! Float.

use num_bigint::BigInt;

use super::arithmetic::{self, Half, Number, Op, Relation, Rounding};
use super::rational::{self, Ratio};
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = &vm.c.float;
    vm.define(class, METHODS);
    super::without_new(vm, class);
    let floats = [
        ("INFINITY", f64::INFINITY),
        ("NAN", f64::NAN),
        ("EPSILON", f64::EPSILON),
        ("MAX", f64::MAX),
        ("MIN", f64::MIN_POSITIVE),
    ];
    for (name, value) in floats {
        class.constants.borrow_mut().insert(Sym::new(name), Value::Float(value));
    }
    let integers = [
        ("DIG", 15),
        ("MANT_DIG", 53),
        ("RADIX", 2),
        ("MAX_EXP", 1024),
        ("MIN_EXP", -1021),
        ("MAX_10_EXP", 308),
        ("MIN_10_EXP", -307),
    ];
    for (name, value) in integers {
        class.constants.borrow_mut().insert(Sym::new(name), Value::Int(value));
    }
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("+", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Add, r, &a[0]), "Sum"),
    def("-", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Sub, r, &a[0]), "Difference"),
    def("*", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mul, r, &a[0]), "Product"),
    def("/", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Div, r, &a[0]), "Quotient"),
    def("quo", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Div, r, &a[0]), "Quotient"),
    def("fdiv", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Div, r, &a[0]), "Quotient"),
    def("%", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mod, r, &a[0]), "Remainder of the quotient rounded down"),
    def("modulo", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mod, r, &a[0]), "Remainder of the quotient rounded down"),
    def("**", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Pow, r, &a[0]), "Power"),
    def("divmod", 1, 1, |vm, r, a| arithmetic::divmod(vm, r, &a[0]), "Quotient rounded down, and remainder"),
    def("-@", 0, 0, |_, r, _| Ok(Value::Float(-this(r))), "Negated"),
    def("==", 1, 1, |vm, r, a| arithmetic::equal(vm, r, &a[0]), "Same value"),
    def("===", 1, 1, |vm, r, a| arithmetic::equal(vm, r, &a[0]), "Same value"),
    def("eql?", 1, 1, |_, r, a| Ok(matches!(&a[0], Value::Float(b) if *b == this(r)).into()), "Equal to another Float"),
    def("hash", 0, 0, |vm, r, _| Ok(Value::Int(vm.hash_code(r)? as i64 >> 1)), "A hash code"),
    def("<=>", 1, 1, spaceship, "-1, 0 or 1; nil for NaN and what is no number"),
    def("<", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::Less, r, &a[0]), "Less"),
    def("<=", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::LessEqual, r, &a[0]), "Less or equal"),
    def(">", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::Greater, r, &a[0]), "Greater"),
    def(">=", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::GreaterEqual, r, &a[0]), "Greater or equal"),
    def("abs", 0, 0, |_, r, _| Ok(Value::Float(this(r).abs())), "Absolute value"),
    def("magnitude", 0, 0, |_, r, _| Ok(Value::Float(this(r).abs())), "Absolute value"),
    def("nan?", 0, 0, |_, r, _| Ok(this(r).is_nan().into()), "Whether not a number"),
    def("infinite?", 0, 0, infinite, "1 or -1 for infinities, else nil"),
    def("finite?", 0, 0, |_, r, _| Ok(this(r).is_finite().into()), "Whether neither infinite nor NaN"),
    def("zero?", 0, 0, |_, r, _| Ok((this(r) == 0.0).into()), "Whether zero"),
    def("positive?", 0, 0, |_, r, _| Ok((this(r) > 0.0).into()), "Whether above zero"),
    def("negative?", 0, 0, |_, r, _| Ok((this(r) < 0.0).into()), "Whether below zero"),
    def("to_s", 0, 0, to_s, "The shortest digits that give the same Float"),
    def("inspect", 0, 0, to_s, "The shortest digits that give the same Float"),
    def("to_f", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_i", 0, 0, |vm, r, _| arithmetic::float_to_integer(vm, this(r)), "Without the fraction"),
    def("to_int", 0, 0, |vm, r, _| arithmetic::float_to_integer(vm, this(r)), "Without the fraction"),
    def("truncate", 0, 1, truncate, "Towards zero, to a number of digits"),
    def("floor", 0, 1, |vm, r, a| floor_or_ceil(vm, r, a, false), "Downwards, to a number of digits"),
    def("ceil", 0, 1, |vm, r, a| floor_or_ceil(vm, r, a, true), "Upwards, to a number of digits"),
    def("round", 0, 2, round, "To the nearest, to a number of digits"),
    def("to_r", 0, 0, |vm, r, _| exact(vm, this(r)).map(|ratio| rational::value(vm, ratio)), "Its exact value"),
    def("rationalize", 0, 1, rationalize, "The simplest Rational that is the same Float, or within a distance"),
    def("numerator", 0, 0, |vm, r, _| part(vm, r, true), "The numerator of its exact value"),
    def("denominator", 0, 0, |vm, r, _| part(vm, r, false), "The denominator of its exact value"),
    def("next_float", 0, 0, |_, r, _| Ok(Value::Float(next_up(this(r)))), "The next Float above"),
    def("prev_float", 0, 0, |_, r, _| Ok(Value::Float(-next_up(-this(r)))), "The next Float below"),
    def("coerce", 1, 1, coerce, "Both as Floats"),
];

fn this(receiver: &Value) -> f64 {
    match receiver {
        Value::Float(float) => *float,
        _ => unreachable!("a method of Float runs on Floats alone"),
    }
}

/// A Float as CRuby writes it.
pub(crate) fn text(float: f64) -> String {
    if float.is_nan() {
        return "NaN".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let sign = if float.is_sign_negative() { "-" } else { "" };
    if float == 0.0 {
        return format!("{sign}0.0");
    }
    let (digits, point) = shortest(float.abs());
    let len = digits.len() as i32;
    let body = match point {
        1.. if point < len => format!("{}.{}", &digits[..point as usize], &digits[point as usize..]),
        1..=15 => format!("{digits}{}.0", "0".repeat((point - len) as usize)),
        -3..=0 => format!("0.{}{digits}", "0".repeat(-point as usize)),
        _ => {
            let rest = if len > 1 { &digits[1..] } else { "0" };
            let exponent = point - 1;
            let exponent_sign = if exponent < 0 { '-' } else { '+' };
            format!("{}.{rest}e{exponent_sign}{:02}", &digits[..1], exponent.abs())
        }
    };
    format!("{sign}{body}")
}

/// The shortest digits of a Float above zero, and where the decimal point stands before or behind them.
fn shortest(float: f64) -> (String, i32) {
    let any = format!("{float:e}");
    let len = any.split_once('e').map_or(1, |(mantissa, _)| mantissa.len().saturating_sub(1).max(1));
    // Of several texts of this length that give the same Float, the nearest one, and of two as near the even one.
    let nearest = format!("{float:.*e}", len - 1);
    let text = if nearest.parse() == Ok(float) { nearest } else { any };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.replace('.', "");
    let significant = digits.trim_end_matches('0').len().max(1);
    (digits[..significant].to_owned(), exponent.parse::<i32>().unwrap_or(0) + 1)
}

fn to_s(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::Str(RString::new(text(this(receiver)).into_bytes(), Encoding::UsAscii)))
}

fn spaceship(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let this = this(receiver);
    if this.is_infinite() && matches!(args[0], Value::Obj(_)) && arithmetic::number(&args[0]).is_none() {
        // Something else may be infinite as well.
        if let Some(sign) = vm.call_if_responds(&args[0], Sym::new("infinite?"), &[])? {
            let other = if sign.truthy() { vm.to_int(&sign)?.signum() } else { 0 };
            let own = if this > 0.0 { 1 } else { -1 };
            return Ok(Value::Int(if other == 0 { own } else { (own - other).signum() }));
        }
    }
    arithmetic::spaceship(vm, receiver, &args[0])
}

fn infinite(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let float = this(receiver);
    Ok(if float.is_infinite() { Value::Int(if float > 0.0 { 1 } else { -1 }) } else { Value::Nil })
}

/// Whether a Float has no more than `digits` decimal digits anyway.
fn has_no_more_digits(float: f64, digits: i64) -> bool {
    let exponent = binary_exponent(float);
    digits >= 17 - if exponent > 0 { exponent / 4 } else { exponent / 3 - 1 }
}

/// Whether a Float is too small for a digit to stay.
fn vanishes(float: f64, digits: i64) -> bool {
    let exponent = binary_exponent(float);
    digits < -if exponent > 0 { exponent / 3 + 1 } else { exponent / 4 }
}

/// The exponent of two for a fraction between one half and one.
fn binary_exponent(float: f64) -> i64 {
    if float == 0.0 {
        return 0;
    }
    let (mantissa, exponent, _) = arithmetic::parts(float);
    i64::from(exponent) + i64::from(64 - mantissa.leading_zeros())
}

fn whole(vm: &Interp, float: f64, digits: i64, how: Rounding) -> Res {
    let integer = arithmetic::float_to_integer(vm, float)?;
    if digits == 0 {
        return Ok(integer);
    }
    arithmetic::check_bits(vm, digits.unsigned_abs().saturating_mul(4))?;
    let big = arithmetic::big(&integer).unwrap_or_default();
    let unit = BigInt::from(10).pow(digits.unsigned_abs() as u32);
    Ok(vm.integer(how.to_multiple(&big, &unit)))
}

fn floor_or_ceil(vm: &Interp, receiver: &Value, args: Args<'_>, ceil: bool) -> Res {
    let float = this(receiver);
    let digits = arithmetic::digits(vm, args)?.unwrap_or(0);
    if digits <= 0 {
        let edge = if ceil { float.ceil() } else { float.floor() };
        return whole(vm, edge, digits, if ceil { Rounding::Ceil } else { Rounding::Floor });
    }
    if float == 0.0 || !float.is_finite() || has_no_more_digits(float, digits) {
        return Ok(receiver.clone());
    }
    let scale = 10_f64.powi(digits as i32);
    if ceil {
        if float < 0.0 && vanishes(float, digits) {
            return Ok(Value::Float(0.0));
        }
        // CRuby corrects the product's error for `floor` alone.
        return Ok(Value::Float((float * scale).ceil() / scale));
    }
    if float > 0.0 && vanishes(float, digits) {
        return Ok(Value::Float(0.0));
    }
    let scaled = (float * scale).floor();
    let above = (scaled + 1.0) / scale;
    Ok(Value::Float(if above <= float { above } else { scaled / scale }))
}

fn truncate(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    floor_or_ceil(vm, receiver, args, this(receiver) < 0.0)
}

fn round(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let float = this(receiver);
    let half = arithmetic::half(vm, args)?;
    let digits = arithmetic::digits(vm, args)?.unwrap_or(0);
    if digits <= 0 {
        if digits < 0 {
            return whole(vm, float, digits, Rounding::Round(half));
        }
        return arithmetic::float_to_integer(vm, round_scaled(float, 1.0, half));
    }
    if float == 0.0 || !float.is_finite() || has_no_more_digits(float, digits) {
        return Ok(receiver.clone());
    }
    if vanishes(float, digits) {
        return Ok(Value::Float(0.0));
    }
    if digits > 14 {
        let ratio = exact(vm, float)?.rounded(digits, Rounding::Round(half));
        return Ok(Value::Float(ratio.to_f()));
    }
    let scale = 10_f64.powi(digits as i32);
    let rounded = round_scaled(float, scale, half);
    Ok(Value::Float(rounded / scale))
}

/// `float * scale` rounded, corrected where the multiplication itself was inexact.
fn round_scaled(float: f64, scale: f64, half: Half) -> f64 {
    let scaled = float * scale;
    let toward = float.signum();
    match half {
        Half::Up => {
            let rounded = scaled.round();
            if scale == 1.0 {
                return rounded;
            }
            let beyond = (rounded + 0.5 * toward) / scale;
            if beyond * toward <= float * toward { rounded + toward } else { rounded }
        }
        Half::Down => {
            let rounded = scaled.round();
            let before = (rounded - 0.5 * toward) / scale;
            if before * toward >= float * toward { rounded - toward } else { rounded }
        }
        Half::Even => {
            let whole = scaled.trunc();
            let rest = (scaled - whole).abs();
            let tie = rest == 0.5 || (whole + 0.5 * toward) / scale * toward <= float * toward;
            if rest > 0.5 {
                whole + toward
            } else if tie {
                whole + whole % 2.0
            } else {
                whole
            }
        }
    }
}

fn exact(vm: &Interp, float: f64) -> Res<Ratio> {
    Ratio::from_f(float).ok_or_else(|| vm.error("FloatDomainError", text(float)))
}

fn rationalize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let float = this(receiver);
    let ratio = exact(vm, float)?;
    if let Some(distance) = args.get(0) {
        let value = rational::value(vm, ratio);
        return vm.send(&value, "rationalize", std::slice::from_ref(distance));
    }
    let (mantissa, exponent, negative) = arithmetic::parts(float);
    if mantissa == 0 || exponent >= 0 {
        return Ok(rational::value(vm, ratio));
    }
    // Half a unit in the last place to both sides gives the same Float.
    let den = BigInt::from(1) << (1 - exponent);
    let twice = BigInt::from(mantissa) * 2_i32;
    let (Some(low), Some(high)) = (Ratio::new(&twice - 1_i32, den.clone()), Ratio::new(&twice + 1_i32, den)) else {
        return Ok(rational::value(vm, ratio));
    };
    let simplest = rational::simplest(&low, &high);
    let simplest = if negative { Ratio::whole(BigInt::from(0)).sub(&simplest) } else { simplest };
    Ok(rational::value(vm, simplest))
}

fn part(vm: &Interp, receiver: &Value, numerator: bool) -> Res {
    let float = this(receiver);
    if !float.is_finite() {
        return Ok(if numerator { receiver.clone() } else { Value::Int(1) });
    }
    let ratio = exact(vm, float)?;
    Ok(vm.integer(if numerator { ratio.numer().clone() } else { ratio.denom().clone() }))
}

fn next_up(float: f64) -> f64 {
    if float.is_nan() || float == f64::INFINITY {
        return float;
    }
    let bits = float.to_bits();
    if float == 0.0 {
        return f64::from_bits(1);
    }
    f64::from_bits(if float > 0.0 { bits + 1 } else { bits - 1 })
}

fn coerce(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(Value::array(vec![Value::Float(convert(vm, &args[0])?), receiver.clone()]))
}

/// `Float(value)`: a number, or text that is nothing but one; else TypeError or ArgumentError.
pub(crate) fn convert(vm: &Interp, value: &Value) -> Res<f64> {
    if let Some(number) = arithmetic::number(value) {
        return Ok(match number {
            Number::Float(float) => float,
            other => other.to_f(),
        });
    }
    match value {
        Value::Str(string) => match super::string::parse_float(&vm.ascii_text(string)?, true) {
            Some(float) => Ok(float),
            None => Err(vm.argument_error(format!("invalid value for Float(): {}", vm.inspect(value)?.lossy()))),
        },
        Value::Nil | Value::Bool(_) => Err(vm.type_error(format!("can't convert {} into Float", vm.type_word(value)))),
        other => match vm.call_if_responds(other, known::TO_F, &[])? {
            Some(Value::Float(float)) => Ok(float),
            Some(got) => {
                let (class, got) = (vm.real_class_of(other).name(), vm.real_class_of(&got).name());
                Err(vm.type_error(format!("can't convert {class} to Float ({class}#to_f gives {got})")))
            }
            None => Err(vm.type_error(format!("can't convert {} into Float", vm.type_word(other)))),
        },
    }
}
