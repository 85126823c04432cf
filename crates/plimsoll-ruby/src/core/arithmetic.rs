//! Arithmetic and comparison over Integer, Float and Rational, and the `coerce` protocol for everything else.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::complex;
use super::rational::{self, Ratio};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Data, Value};

/// Integers of more bits are refused: their arithmetic and text would take longer than any profile's worth.
const MOST_BITS: u64 = 1 << 22;

/// The same where a common divisor is needed: of a Rational's parts, or for `gcd`.
const MOST_BITS_OF_A_FRACTION: u64 = 1 << 16;

/// A number of a core class.
#[derive(Debug, Clone)]
pub(crate) enum Number {
    /// A small Integer.
    Int(i64),
    /// An Integer beyond 64 bits.
    Big(BigInt),
    /// A Float.
    Float(f64),
    /// A Rational.
    Ratio(Ratio),
}

use Number::{Big, Float, Int};

/// The operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
}

impl Op {
    pub(crate) fn name(self) -> Sym {
        match self {
            Self::Add => known::PLUS,
            Self::Sub => known::MINUS,
            Self::Mul => known::MUL,
            Self::Div => known::DIV,
            Self::Mod => known::MOD,
            Self::Pow => known::POW,
        }
    }
}

/// The number that a value is.
pub(crate) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(int) => Some(Int(*int)),
        Value::Float(float) => Some(Float(*float)),
        Value::Obj(object) => match &object.data {
            Data::Big(big) => Some(Big(big.clone())),
            Data::Native(_) => object.native::<Ratio>().map(|ratio| Number::Ratio(ratio.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The Integer that a value is, of any size.
pub(crate) fn big(value: &Value) -> Option<BigInt> {
    match number(value)? {
        Int(int) => Some(BigInt::from(int)),
        Big(big) => Some(big),
        _ => None,
    }
}

impl Number {
    /// As a Float, rounded to the nearest.
    pub(crate) fn to_f(&self) -> f64 {
        match self {
            Int(int) => *int as f64,
            Big(big) => big.to_f64().unwrap_or(f64::NAN),
            Float(float) => *float,
            Self::Ratio(ratio) => ratio.to_f(),
        }
    }

    fn ratio(&self) -> Option<Ratio> {
        match self {
            Int(int) => Some(Ratio::whole(BigInt::from(*int))),
            Big(big) => Some(Ratio::whole(big.clone())),
            Self::Ratio(ratio) => Some(ratio.clone()),
            Float(_) => None,
        }
    }

    fn integer(&self) -> Option<BigInt> {
        match self {
            Int(int) => Some(BigInt::from(*int)),
            Big(big) => Some(big.clone()),
            _ => None,
        }
    }
}

/// `a OP b` for a receiver of a core class.
pub(crate) fn binary(vm: &Interp, op: Op, a: &Value, b: &Value) -> Res {
    if let (Value::Int(x), Value::Int(y)) = (a, b)
        && let Some(result) = small(op, *x, *y)
    {
        return Ok(Value::Int(result));
    }
    let (Some(x), Some(y)) = (number(a), number(b)) else { return coerced(vm, op.name(), a, b) };
    match (&x, &y) {
        (Float(_), _) | (_, Float(_)) => float(vm, op, &x, &y),
        (Number::Ratio(_), _) | (_, Number::Ratio(_)) => ratios(vm, op, &x, &y),
        _ => {
            let (Some(x), Some(y)) = (x.integer(), y.integer()) else { unreachable!("both are Integers") };
            integers(vm, op, &x, &y)
        }
    }
}

/// What needs no more than 64 bits.
fn small(op: Op, x: i64, y: i64) -> Option<i64> {
    match op {
        Op::Add => x.checked_add(y),
        Op::Sub => x.checked_sub(y),
        Op::Mul => x.checked_mul(y),
        Op::Div if y != 0 && y != -1 => Some(Integer::div_floor(&x, &y)),
        Op::Mod if y != 0 && y != -1 => Some(Integer::mod_floor(&x, &y)),
        Op::Pow => x.checked_pow(u32::try_from(y).ok()?),
        _ => None,
    }
}

fn float(vm: &Interp, op: Op, x: &Number, y: &Number) -> Res {
    let (a, b) = (x.to_f(), y.to_f());
    Ok(Value::Float(match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Mod if b == 0.0 => return Err(zero_division(vm)),
        Op::Mod => float_modulo(a, b),
        Op::Pow if a < 0.0 && b.is_finite() && b.fract() != 0.0 => return Ok(complex::root_of_negative(vm, a, b)),
        Op::Pow => a.powf(b),
    }))
}

/// `a % b`: the sign of the result is b's.
pub(crate) fn float_modulo(a: f64, b: f64) -> f64 {
    if b == 0.0 {
        return f64::NAN;
    }
    if b.is_infinite() && a.is_finite() {
        return if a == 0.0 || (a < 0.0) == (b < 0.0) { a } else { b };
    }
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

fn ratios(vm: &Interp, op: Op, x: &Number, y: &Number) -> Res {
    let (Some(a), Some(b)) = (x.ratio(), y.ratio()) else { unreachable!("neither is a Float") };
    check_fraction(vm, a.bits().max(b.bits()))?;
    let result = match op {
        Op::Add => a.add(&b),
        Op::Sub => a.sub(&b),
        Op::Mul => a.mul(&b),
        Op::Div => a.div(&b).ok_or_else(|| zero_division(vm))?,
        Op::Mod => {
            let quotient = a.div(&b).ok_or_else(|| zero_division(vm))?.floor();
            a.sub(&b.mul(&Ratio::whole(quotient)))
        }
        Op::Pow => return rational::power(vm, &a, y),
    };
    Ok(rational::value(vm, result))
}

/// Refuses to make an Integer of more bits than anyone needs.
pub(crate) fn check_bits(vm: &Interp, bits: u64) -> Res<()> {
    if bits > MOST_BITS { Err(vm.limit("integer", format!("{MOST_BITS} bits"))) } else { Ok(()) }
}

/// Refuses to look for a common divisor of larger Integers: that takes a time which grows with the square of their size.
pub(crate) fn check_fraction(vm: &Interp, bits: u64) -> Res<()> {
    if bits <= MOST_BITS_OF_A_FRACTION {
        return Ok(());
    }
    Err(vm.limit("integer", format!("{MOST_BITS_OF_A_FRACTION} bits where a common divisor is needed")))
}

fn integers(vm: &Interp, op: Op, x: &BigInt, y: &BigInt) -> Res {
    Ok(vm.integer(match op {
        Op::Add => x + y,
        Op::Sub => x - y,
        Op::Mul => {
            check_bits(vm, x.bits() + y.bits())?;
            x * y
        }
        Op::Div | Op::Mod if y.is_zero() => return Err(zero_division(vm)),
        Op::Div => x.div_floor(y),
        Op::Mod => x.mod_floor(y),
        Op::Pow => return integer_power(vm, x, y),
    }))
}

fn integer_power(vm: &Interp, x: &BigInt, y: &BigInt) -> Res {
    if y.is_negative() {
        let ratio = Ratio::whole(x.clone());
        return rational::power(vm, &ratio, &Big(y.clone()));
    }
    if x.is_zero() || x.is_one() {
        return Ok(vm.integer(if y.is_zero() { BigInt::one() } else { x.clone() }));
    }
    if (-x).is_one() {
        return Ok(Value::Int(if y.is_even() { 1 } else { -1 }));
    }
    // CRuby gives up on Integers from here on.
    const BEYOND: u64 = 32 << 20;
    let exponent = y.to_u32().unwrap_or(u32::MAX);
    let bits = (x.bits() - 1).saturating_mul(u64::from(exponent));
    if bits > BEYOND {
        let (x, y) = (x.to_f64().unwrap_or(f64::NAN), y.to_f64().unwrap_or(f64::NAN));
        return Ok(Value::Float(x.powf(y)));
    }
    check_bits(vm, bits)?;
    Ok(vm.integer(x.pow(exponent)))
}

/// ZeroDivisionError: `divided by 0`.
pub(crate) fn zero_division(vm: &Interp) -> Unwind {
    vm.error("ZeroDivisionError", "divided by 0")
}

/// What a number is called in "can't be coerced".
fn coercion_word(vm: &Interp, value: &Value) -> Res<String> {
    match value {
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Sym(_) => Ok(vm.inspect(value)?.lossy()),
        other => Ok(vm.real_class_of(other).name()),
    }
}

/// Both operands as the right one's `coerce` gives them; `None` when it has none.
pub(crate) fn coerce_pair(vm: &Interp, a: &Value, b: &Value) -> Res<Option<(Value, Value)>> {
    // Numbers coerce by rules of their own; nil, Strings and so on not at all.
    match vm.call_if_responds(b, known::COERCE, std::slice::from_ref(a))? {
        None => Ok(None),
        Some(Value::Array(pair)) if pair.len() == 2 => Ok(pair.get(0).zip(pair.get(1))),
        Some(_) => Err(vm.type_error("coerce must return [x, y]")),
    }
}

/// `a.NAME(b)` where `b` is of no core class: by `b.coerce(a)`, else TypeError.
pub(crate) fn coerced(vm: &Interp, name: Sym, a: &Value, b: &Value) -> Res {
    match coerce_pair(vm, a, b)? {
        Some((x, y)) => vm.call(&x, name, &[y]),
        None => {
            let class = vm.real_class_of(a).name();
            Err(vm.type_error(format!("{} can't be coerced into {class}", coercion_word(vm, b)?)))
        }
    }
}

/// `a <=> b` for numbers of core classes; `None` with NaN.
pub(crate) fn compare(a: &Number, b: &Number) -> Option<Ordering> {
    match (a, b) {
        (Int(x), Int(y)) => Some(x.cmp(y)),
        (Float(x), Float(y)) => x.partial_cmp(y),
        (Float(x), y) => compare_float(*x, y),
        (x, Float(y)) => compare_float(*y, x).map(Ordering::reverse),
        (x, y) => Some(x.ratio()?.cmp(&y.ratio()?)),
    }
}

/// A Float with an exact number, exactly.
fn compare_float(x: f64, y: &Number) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Greater } else { Ordering::Less });
    }
    if let Int(y) = y
        && y.abs() < 1 << 53
    {
        return x.partial_cmp(&(*y as f64));
    }
    Some(Ratio::from_f(x)?.cmp(&y.ratio()?))
}

/// The four comparisons.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Relation {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Relation {
    fn name(self) -> Sym {
        match self {
            Self::Less => known::LT,
            Self::LessEqual => known::LE,
            Self::Greater => known::GT,
            Self::GreaterEqual => known::GE,
        }
    }

    /// Whether an order satisfies it.
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order == Ordering::Less,
            Self::LessEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterEqual => order != Ordering::Less,
        }
    }
}

/// `a < b` and its kin for a receiver of a core class.
pub(crate) fn relation(vm: &Interp, relation: Relation, a: &Value, b: &Value) -> Res {
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return Ok(compare(&x, &y).is_some_and(|order| relation.holds(order)).into());
    }
    match coerce_pair(vm, a, b)? {
        Some((x, y)) => {
            let result = vm.call(&x, relation.name(), std::slice::from_ref(&y))?;
            if result.is_nil() { Err(vm.comparison_failed(a, b)) } else { Ok(result) }
        }
        None => Err(vm.comparison_failed(a, b)),
    }
}

/// `a <=> b` for a receiver of a core class; nil when they can't be compared.
pub(crate) fn spaceship(vm: &Interp, a: &Value, b: &Value) -> Res {
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return Ok(compare(&x, &y).map_or(Value::Nil, |order| Value::Int(order as i64)));
    }
    match b {
        Value::Obj(_) => match coerce_pair(vm, a, b) {
            Ok(Some((x, y))) => vm.call(&x, known::CMP, &[y]),
            Ok(None) => Ok(Value::Nil),
            Err(unwind) => Err(unwind),
        },
        _ => Ok(Value::Nil),
    }
}

/// `a == b` for a receiver of a core class: of others, `b` decides.
pub(crate) fn equal(vm: &Interp, a: &Value, b: &Value) -> Res {
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return Ok((compare(&x, &y) == Some(Ordering::Equal)).into());
    }
    match b {
        Value::Obj(_) => Ok(vm.call(b, known::EQ, std::slice::from_ref(a))?.truthy().into()),
        _ => Ok(false.into()),
    }
}

/// Quotient and remainder, rounded down.
pub(crate) fn divmod(vm: &Interp, a: &Value, b: &Value) -> Res {
    let (Some(x), Some(y)) = (number(a), number(b)) else { return coerced(vm, Sym::new("divmod"), a, b) };
    match (&x, &y) {
        (Float(_), _) | (_, Float(_)) => {
            let (x, y) = (x.to_f(), y.to_f());
            if y == 0.0 {
                return Err(zero_division(vm));
            }
            let rest = float_modulo(x, y);
            let quotient = if y.is_infinite() && x.is_finite() {
                if rest == x { 0.0 } else { -1.0 }
            } else {
                ((x - rest) / y).round()
            };
            Ok(Value::array(vec![float_to_integer(vm, quotient)?, Value::Float(rest)]))
        }
        _ => {
            let quotient = floor_divide(vm, a, b)?;
            let product = binary(vm, Op::Mul, &quotient, b)?;
            Ok(Value::array(vec![quotient, binary(vm, Op::Sub, a, &product)?]))
        }
    }
}

/// The quotient rounded down to an Integer.
pub(crate) fn floor_divide(vm: &Interp, a: &Value, b: &Value) -> Res {
    let (Some(x), Some(y)) = (number(a), number(b)) else { return coerced(vm, Sym::new("div"), a, b) };
    match (&x, &y) {
        (Float(_), _) | (_, Float(_)) => {
            let divisor = y.to_f();
            if divisor == 0.0 {
                return Err(zero_division(vm));
            }
            let x = x.to_f();
            float_to_integer(vm, ((x - float_modulo(x, divisor)) / divisor).round())
        }
        (Number::Ratio(_), _) | (_, Number::Ratio(_)) => {
            let (Some(x), Some(y)) = (x.ratio(), y.ratio()) else { unreachable!("neither is a Float") };
            Ok(vm.integer(x.div(&y).ok_or_else(|| zero_division(vm))?.floor()))
        }
        _ => binary(vm, Op::Div, a, b),
    }
}

/// The remainder with the sign of the dividend.
pub(crate) fn remainder(vm: &Interp, a: &Value, b: &Value) -> Res {
    let (Some(x), Some(y)) = (number(a), number(b)) else { return coerced(vm, Sym::new("remainder"), a, b) };
    match (&x, &y) {
        (Big(_), Float(y)) if *y == 0.0 => Err(zero_division(vm)),
        (Float(_), _) | (_, Float(_)) => Ok(Value::Float(x.to_f() % y.to_f())),
        _ => {
            let rest = binary(vm, Op::Mod, a, b)?;
            let (Some(r), Some(zero)) = (number(&rest), Some(Int(0))) else { return Ok(rest) };
            let negative = |n: &Number| compare(n, &zero) == Some(Ordering::Less);
            let differs = compare(&r, &zero) != Some(Ordering::Equal) && negative(&x) != negative(&y);
            if differs { binary(vm, Op::Sub, &rest, b) } else { Ok(rest) }
        }
    }
}

/// A Float without its fraction as an Integer; `FloatDomainError` for infinities and NaN.
pub(crate) fn float_to_integer(vm: &Interp, float: f64) -> Res {
    if !float.is_finite() {
        return Err(vm.error("FloatDomainError", super::float_text(float)));
    }
    let whole = float.trunc();
    if whole.abs() < 9.0e18 {
        return Ok(Value::Int(whole as i64));
    }
    Ok(vm.integer(big_of(whole)))
}

/// The exact Integer of a whole Float.
pub(crate) fn big_of(whole: f64) -> BigInt {
    let (mantissa, exponent, negative) = parts(whole);
    let magnitude =
        if exponent >= 0 { BigInt::from(mantissa) << exponent } else { BigInt::from(mantissa) >> -exponent };
    if negative { BigInt::from_biguint(Sign::Minus, magnitude.magnitude().clone()) } else { magnitude }
}

/// A finite Float as mantissa, exponent of two, and sign.
pub(crate) fn parts(float: f64) -> (u64, i32, bool) {
    let bits = float.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    (mantissa, exponent, bits >> 63 == 1)
}

/// How halves are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Up,
    Even,
    Down,
}

/// Reads `half:`.
pub(crate) fn half(vm: &Interp, args: crate::args::Args<'_>) -> Res<Half> {
    let given = match args.keyword("half") {
        None | Some(Value::Nil) => return Ok(Half::Up),
        Some(value) => value,
    };
    let name = match &given {
        Value::Sym(name) => name.bytes().to_vec(),
        Value::Str(name) => name.to_vec(),
        other => return Err(vm.argument_error(format!("invalid rounding mode ({})", vm.inspect(other)?.lossy()))),
    };
    match &name[..] {
        b"up" => Ok(Half::Up),
        b"even" => Ok(Half::Even),
        b"down" => Ok(Half::Down),
        other => Err(vm.argument_error(format!("invalid rounding mode: {}", String::from_utf8_lossy(other)))),
    }
}

/// The number of digits that `round`, `floor` and their kin are given.
pub(crate) fn digits(vm: &Interp, args: crate::args::Args<'_>) -> Res<Option<i64>> {
    let (positional, _) = args.split_keywords();
    match positional {
        [] => Ok(None),
        [value] => vm.to_int(value).map(Some),
        more => Err(vm.arity_error(more.len(), 0, 1)),
    }
}

/// How a number is brought to fewer digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Floor,
    Ceil,
    Truncate,
    Round(Half),
}

impl Rounding {
    /// The multiple of `unit` next to `value`.
    pub(crate) fn to_multiple(self, value: &BigInt, unit: &BigInt) -> BigInt {
        let (quotient, rest) = value.div_mod_floor(unit);
        let up = match self {
            Self::Floor => false,
            Self::Ceil => !rest.is_zero(),
            Self::Truncate => value.is_negative() && !rest.is_zero(),
            Self::Round(half) => match (&rest * 2_i32).cmp(unit) {
                Ordering::Less => false,
                Ordering::Greater => true,
                Ordering::Equal => match half {
                    Half::Up => !value.is_negative(),
                    Half::Down => value.is_negative(),
                    Half::Even => quotient.is_odd(),
                },
            },
        };
        (quotient + i32::from(up)) * unit
    }
}
