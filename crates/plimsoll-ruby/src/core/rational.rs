//! Rational: exact fractions.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::arithmetic::{self, Number, Op, Relation, Rounding};
use super::string::parse_integer;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RObject, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Rational", &vm.c.numeric);
    vm.define(&class, METHODS);
    super::without_new(vm, &class);
    super::without_allocate(vm, &class);
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("numerator", 0, 0, |vm, r, _| Ok(vm.integer(this(r).num.clone())), "The number above"),
    def("denominator", 0, 0, |vm, r, _| Ok(vm.integer(this(r).den.clone())), "The number below"),
    def("+", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Add, r, &a[0]), "Sum"),
    def("-", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Sub, r, &a[0]), "Difference"),
    def("*", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mul, r, &a[0]), "Product"),
    def("/", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Div, r, &a[0]), "Quotient"),
    def("quo", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Div, r, &a[0]), "Quotient"),
    def("%", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Mod, r, &a[0]), "Remainder of the quotient rounded down"),
    def("**", 1, 1, |vm, r, a| arithmetic::binary(vm, Op::Pow, r, &a[0]), "Power"),
    def("fdiv", 1, 1, fdiv, "Quotient as a Float"),
    def("-@", 0, 0, |vm, r, _| Ok(value(vm, this(r).negated())), "Negated"),
    def("abs", 0, 0, |vm, r, _| Ok(value(vm, this(r).magnitude())), "Absolute value"),
    def("magnitude", 0, 0, |vm, r, _| Ok(value(vm, this(r).magnitude())), "Absolute value"),
    def("positive?", 0, 0, |_, r, _| Ok(this(r).num.is_positive().into()), "Whether above zero"),
    def("negative?", 0, 0, |_, r, _| Ok(this(r).num.is_negative().into()), "Whether below zero"),
    def("zero?", 0, 0, |_, r, _| Ok(this(r).num.is_zero().into()), "Whether zero"),
    def("<=>", 1, 1, |vm, r, a| arithmetic::spaceship(vm, r, &a[0]), "-1, 0 or 1"),
    def("==", 1, 1, |vm, r, a| arithmetic::equal(vm, r, &a[0]), "Same value"),
    def("<", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::Less, r, &a[0]), "Less"),
    def("<=", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::LessEqual, r, &a[0]), "Less or equal"),
    def(">", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::Greater, r, &a[0]), "Greater"),
    def(">=", 1, 1, |vm, r, a| arithmetic::relation(vm, Relation::GreaterEqual, r, &a[0]), "Greater or equal"),
    def("eql?", 1, 1, |_, r, a| Ok((a[0].native::<Ratio>() == Some(this(r))).into()), "Equal to another Rational"),
    def("hash", 0, 0, hash, "A hash code"),
    def("coerce", 1, 1, coerce, "Both as numbers of one class"),
    def("to_i", 0, 0, |vm, r, _| Ok(vm.integer(this(r).truncate())), "Without the fraction"),
    def("truncate", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Truncate), "Towards zero"),
    def("floor", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Floor), "Downwards"),
    def("ceil", 0, 1, |vm, r, a| rounded(vm, r, a, Rounding::Ceil), "Upwards"),
    def("round", 0, 2, |vm, r, a| rounded(vm, r, a, Rounding::Round(arithmetic::half(vm, a)?)), "To the nearest"),
    def("to_f", 0, 0, |_, r, _| Ok(Value::Float(this(r).to_f())), "As a Float"),
    def("to_r", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("rationalize", 0, 1, rationalize, "A simpler Rational within a distance"),
    def("to_s", 0, 0, |_, r, _| Ok(Value::str(this(r).text())), "`1/2`"),
    def("inspect", 0, 0, |_, r, _| Ok(Value::str(format!("({})", this(r).text()))), "`(1/2)`"),
];

/// A fraction in lowest terms, its denominator above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ratio {
    num: BigInt,
    den: BigInt,
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.num * &other.den).cmp(&(&other.num * &self.den))
    }
}

impl Ratio {
    /// A fraction in lowest terms; `None` when `den` is zero.
    pub(crate) fn new(num: BigInt, den: BigInt) -> Option<Self> {
        if den.is_zero() {
            return None;
        }
        let common = num.gcd(&den);
        let (num, den) = if common.is_one() { (num, den) } else { (num / &common, den / &common) };
        Some(if den.is_negative() { Self { num: -num, den: -den } } else { Self { num, den } })
    }

    /// Bits of the larger of its two parts.
    pub(crate) fn bits(&self) -> u64 {
        self.num.bits().max(self.den.bits())
    }

    /// An Integer as a fraction.
    pub(crate) fn whole(num: BigInt) -> Self {
        Self { num, den: BigInt::one() }
    }

    /// The exact value of a finite Float.
    pub(crate) fn from_f(float: f64) -> Option<Self> {
        if !float.is_finite() {
            return None;
        }
        let (mantissa, exponent, negative) = arithmetic::parts(float);
        let mantissa = if negative { -BigInt::from(mantissa) } else { BigInt::from(mantissa) };
        if exponent >= 0 {
            Some(Self::whole(mantissa << exponent))
        } else {
            Self::new(mantissa, BigInt::one() << -exponent)
        }
    }

    pub(crate) fn numer(&self) -> &BigInt {
        &self.num
    }

    pub(crate) fn denom(&self) -> &BigInt {
        &self.den
    }

    fn made(num: BigInt, den: BigInt) -> Self {
        Self::new(num, den).expect("no denominator is zero")
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        Self::made(&self.num * &other.den + &other.num * &self.den, &self.den * &other.den)
    }

    pub(crate) fn sub(&self, other: &Self) -> Self {
        Self::made(&self.num * &other.den - &other.num * &self.den, &self.den * &other.den)
    }

    pub(crate) fn mul(&self, other: &Self) -> Self {
        Self::made(&self.num * &other.num, &self.den * &other.den)
    }

    /// `None` when dividing by zero.
    pub(crate) fn div(&self, other: &Self) -> Option<Self> {
        Self::new(&self.num * &other.den, &self.den * &other.num)
    }

    fn negated(&self) -> Self {
        Self { num: -&self.num, den: self.den.clone() }
    }

    fn magnitude(&self) -> Self {
        Self { num: self.num.abs(), den: self.den.clone() }
    }

    pub(crate) fn floor(&self) -> BigInt {
        self.num.div_floor(&self.den)
    }

    fn truncate(&self) -> BigInt {
        &self.num / &self.den
    }

    /// The nearest Float.
    pub(crate) fn to_f(&self) -> f64 {
        const EXACT: u64 = 53;
        if self.num.bits() <= EXACT && self.den.bits() <= EXACT {
            return self.num.to_f64().unwrap_or(f64::NAN) / self.den.to_f64().unwrap_or(f64::NAN);
        }
        // A quotient of 66 bits and a sticky one decides every rounding.
        let shift = 66 - (self.num.bits() as i64 - self.den.bits() as i64);
        let (num, den) =
            if shift >= 0 { (&self.num << shift, self.den.clone()) } else { (self.num.clone(), &self.den << -shift) };
        let (quotient, rest) = num.abs().div_rem(&den);
        let sticky: BigInt = (quotient << 1) + i32::from(!rest.is_zero());
        let magnitude = scaled(&sticky, -shift - 1);
        if self.num.is_negative() { -magnitude } else { magnitude }
    }

    fn text(&self) -> String {
        format!("{}/{}", self.num, self.den)
    }

    /// Whether it is written exactly with so many decimal digits.
    fn has_digits(&self, digits: i64) -> bool {
        let twos = self.den.trailing_zeros().unwrap_or(0);
        let mut rest = &self.den >> twos;
        let mut fives = 0;
        while (&rest % 5_i32).is_zero() {
            rest /= 5_i32;
            fives += 1;
        }
        rest.is_one() && i64::try_from(twos.max(fives)).is_ok_and(|needed| needed <= digits)
    }

    /// To a number of decimal digits, as a fraction.
    pub(crate) fn rounded(&self, digits: i64, how: Rounding) -> Self {
        let scale = BigInt::from(10).pow(digits.unsigned_abs().min(100_000) as u32);
        let (num, den) =
            if digits >= 0 { (&self.num * &scale, self.den.clone()) } else { (self.num.clone(), &self.den * &scale) };
        let whole = how.to_multiple(&num, &den) / &den;
        if digits >= 0 { Self::made(whole, scale) } else { Self::whole(whole * scale) }
    }
}

/// `value * 2 ** exponent` as the nearest Float, subnormal ones rounded once.
fn scaled(value: &BigInt, exponent: i64) -> f64 {
    let top = value.bits() as i64 + exponent;
    if top < -1021 {
        // Subnormal: drop the bits that do not fit, keeping a sticky one.
        let drop = -1074 - exponent;
        if drop > 1 {
            let kept = value >> (drop - 2);
            let sticky = (&kept << (drop - 2)) != *value;
            let kept: BigInt = (kept << 1) + i32::from(sticky);
            let (whole, rest) = kept.div_rem(&BigInt::from(8));
            let round_up = rest > BigInt::from(4) || (rest == BigInt::from(4) && whole.is_odd());
            let whole: BigInt = whole + i32::from(round_up);
            return whole.to_f64().unwrap_or(0.0) * f64::from_bits(1);
        }
    }
    let float = value.to_f64().unwrap_or(f64::INFINITY);
    // In two steps, since one factor may not fit.
    let half = (exponent / 2) as i32;
    float * 2.0_f64.powi(half) * 2.0_f64.powi(exponent as i32 - half)
}

fn this(receiver: &Value) -> &Ratio {
    receiver.native().expect("a method of Rational runs on Rationals alone")
}

/// A Rational value.
pub(crate) fn value(vm: &Interp, ratio: Ratio) -> Value {
    let object = RObject::with_native(vm.class_named("Rational"), ratio);
    object.head.freeze();
    Value::Obj(object)
}

/// A Rational of a numerator and a denominator that is not zero: a literal's value.
pub(crate) fn make(vm: &Interp, num: BigInt, den: BigInt) -> Value {
    value(vm, Ratio::made(num, den))
}

/// `Rational(…)`: from numbers or text.
pub(crate) fn convert(vm: &Interp, args: &[Value]) -> Res<Option<Value>> {
    let part = |argument: &Value| -> Res<Option<Ratio>> {
        Ok(match arithmetic::number(argument) {
            Some(Number::Int(int)) => Some(Ratio::whole(BigInt::from(int))),
            Some(Number::Big(big)) => Some(Ratio::whole(big)),
            Some(Number::Ratio(ratio)) => Some(ratio),
            Some(Number::Float(float)) => match Ratio::from_f(float) {
                Some(ratio) => Some(ratio),
                None => return Err(vm.error("FloatDomainError", super::float_text(float))),
            },
            None => match argument {
                Value::Str(text) => match parse(vm, &text.to_vec(), true)? {
                    Some(parsed) => Some(this(&parsed).clone()),
                    None => {
                        let shown = vm.inspect(argument)?.lossy();
                        return Err(vm.argument_error(format!("invalid value for convert(): {shown}")));
                    }
                },
                Value::Nil => return Err(vm.type_error("can't convert nil into Rational")),
                other => match vm.call_if_responds(other, crate::symbol::Sym::new("to_r"), &[])? {
                    Some(converted) => converted.native::<Ratio>().cloned(),
                    None => {
                        let class = vm.real_class_of(other).name();
                        return Err(vm.type_error(format!("can't convert {class} into Rational")));
                    }
                },
            },
        })
    };
    let Some(num) = part(&args[0])? else { return Ok(None) };
    let den = match args.get(1) {
        Some(den) => part(den)?,
        None => Some(Ratio::whole(BigInt::one())),
    };
    let Some(den) = den else { return Ok(None) };
    let ratio = num.div(&den).ok_or_else(|| arithmetic::zero_division(vm))?;
    Ok(Some(value(vm, ratio)))
}

/// A Rational as text: `1/3`, `0.75`, `1.2e3`; `strict` accepts nothing else.
pub(crate) fn parse(vm: &Interp, bytes: &[u8], strict: bool) -> Res<Option<Value>> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    let (head, tail) = match text.split_once('/') {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    };
    let Some((num, rest)) = decimal(vm, head)? else { return Ok(None) };
    let mut ratio = num;
    let mut clean = rest.is_empty();
    if clean && let Some(tail) = tail {
        let digits: String = tail.chars().take_while(|c| c.is_ascii_digit() || *c == '_').collect();
        match parse_integer(digits.as_bytes(), 10, true) {
            Some(den) => {
                clean = digits.len() == tail.len();
                ratio = ratio.div(&Ratio::whole(den)).ok_or_else(|| arithmetic::zero_division(vm))?;
            }
            None => clean = false,
        }
    }
    if strict && !clean {
        return Ok(None);
    }
    Ok(Some(value(vm, ratio)))
}

/// A decimal number at the start of a text, and what follows it.
fn decimal<'a>(vm: &Interp, text: &'a str) -> Res<Option<(Ratio, &'a str)>> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let run = |text: &str| text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let whole_len = run(rest);
    let (whole, mut rest) = rest.split_at(whole_len);
    let Some(mut num) = parse_integer(whole.as_bytes(), 10, true) else { return Ok(None) };
    let mut scale: i64 = 0;
    if let Some(after) = rest.strip_prefix('.') {
        let len = run(after);
        let digits: String = after[..len].chars().filter(|c| *c != '_').collect();
        if let Ok(fraction) = digits.parse::<BigInt>() {
            arithmetic::check_bits(vm, digits.len() as u64 * 4)?;
            num = num * BigInt::from(10).pow(digits.len() as u32) + fraction;
            scale -= digits.len() as i64;
            rest = &after[len..];
        }
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let signed = after.strip_prefix(['+', '-']).unwrap_or(after);
        let sign_len = after.len() - signed.len();
        let len = run(signed);
        if let Ok(exponent) = after[..sign_len + len].parse::<i64>() {
            scale += exponent;
            rest = &after[sign_len + len..];
        }
    }
    arithmetic::check_bits(vm, scale.unsigned_abs().saturating_mul(4))?;
    let power = BigInt::from(10).pow(scale.unsigned_abs() as u32);
    let num = if negative { -num } else { num };
    let ratio = if scale >= 0 { Ratio::whole(num * power) } else { Ratio::made(num, power) };
    Ok(Some((ratio, rest)))
}

/// A fraction to a power.
pub(crate) fn power(vm: &Interp, base: &Ratio, exponent: &Number) -> Res {
    let exponent = match exponent {
        Number::Int(int) => BigInt::from(*int),
        Number::Big(big) => big.clone(),
        Number::Ratio(ratio) if ratio.den.is_one() => ratio.num.clone(),
        other => {
            let (a, b) = (base.to_f(), other.to_f());
            if a < 0.0 && b.is_finite() && b.fract() != 0.0 {
                return Ok(super::complex::root_of_negative(vm, a, b));
            }
            return Ok(Value::Float(a.powf(b)));
        }
    };
    if exponent.is_negative() && base.num.is_zero() {
        return Err(arithmetic::zero_division(vm));
    }
    let bits = base.num.bits().max(base.den.bits()).saturating_sub(1);
    let times = exponent.abs().to_u32().unwrap_or(u32::MAX);
    if bits > 0 && times == u32::MAX {
        // CRuby goes on with Floats for such exponents.
        return Ok(Value::Float(base.to_f().powf(exponent.to_f64().unwrap_or(f64::INFINITY))));
    }
    arithmetic::check_bits(vm, bits.saturating_mul(u64::from(times)))?;
    // Zero and one stay what they are, minus one is one of two.
    let times = if bits == 0 && times > 2 { 2 - u32::from(exponent.is_odd()) } else { times };
    let (num, den) = (base.num.pow(times), base.den.pow(times));
    let ratio = if exponent.is_negative() { Ratio::made(den, num) } else { Ratio::made(num, den) };
    Ok(value(vm, ratio))
}

fn fdiv(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    arithmetic::binary(vm, Op::Div, &Value::Float(this(receiver).to_f()), &args[0])
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    let code =
        vm.hash_code(&vm.integer(this.num.clone()))? ^ vm.hash_code(&vm.integer(this.den.clone()))?.rotate_left(17);
    Ok(Value::Int(code as i64 >> 1))
}

fn coerce(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match arithmetic::number(&args[0]) {
        Some(Number::Int(int)) => Ok(Value::array(vec![make(vm, BigInt::from(int), BigInt::one()), receiver.clone()])),
        Some(Number::Big(big)) => Ok(Value::array(vec![make(vm, big, BigInt::one()), receiver.clone()])),
        Some(Number::Float(float)) => Ok(Value::array(vec![Value::Float(float), Value::Float(this(receiver).to_f())])),
        Some(Number::Ratio(_)) => Ok(Value::array(vec![args[0].clone(), receiver.clone()])),
        None => {
            let class = vm.real_class_of(&args[0]).name();
            Err(vm.type_error(format!("{class} can't be coerced into Rational")))
        }
    }
}

fn rounded(vm: &Interp, receiver: &Value, args: Args<'_>, how: Rounding) -> Res {
    let this = this(receiver);
    match arithmetic::digits(vm, args)? {
        None => Ok(vm.integer(how.to_multiple(&this.num, &this.den) / &this.den)),
        Some(digits) if digits > 0 && this.has_digits(digits) => Ok(receiver.clone()),
        Some(digits) => {
            arithmetic::check_bits(vm, digits.unsigned_abs().saturating_mul(4))?;
            let result = this.rounded(digits, how);
            Ok(if digits > 0 { value(vm, result) } else { vm.integer(result.num) })
        }
    }
}

fn rationalize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let this = this(receiver);
    let Some(distance) = args.get(0) else { return Ok(receiver.clone()) };
    let Some(distance) = convert(vm, std::slice::from_ref(distance))? else { return Ok(receiver.clone()) };
    let distance = self::this(&distance).magnitude();
    Ok(value(vm, simplest(&this.sub(&distance), &this.add(&distance))))
}

/// The fraction of the smallest denominator between two.
pub(crate) fn simplest(low: &Ratio, high: &Ratio) -> Ratio {
    if low == high {
        return low.clone();
    }
    if low.num.is_positive() {
        return between(low, high);
    }
    if high.num.is_negative() {
        return between(&high.negated(), &low.negated()).negated();
    }
    Ratio::whole(BigInt::zero())
}

/// The same between two above zero.
fn between(low: &Ratio, high: &Ratio) -> Ratio {
    let floor = low.floor();
    let whole = Ratio::whole(floor.clone());
    if whole == *low {
        return whole;
    }
    if floor < high.floor() {
        return Ratio::whole(floor + 1_i32);
    }
    let one = Ratio::whole(BigInt::one());
    let (low_rest, high_rest) = (low.sub(&whole), high.sub(&whole));
    let (Some(a), Some(b)) = (one.div(&high_rest), one.div(&low_rest)) else { return whole };
    let inner = between(&a, &b);
    whole.add(&one.div(&inner).unwrap_or(one))
}
