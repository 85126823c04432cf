//! BigDecimal: decimal numbers of any precision.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{Signed, Zero};

use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::core::arithmetic::{Half, Rounding, half};
use crate::core::kernel;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Data, Encoding, RObject, RString, Value};

/// A decimal number.
#[derive(Debug, Clone, PartialEq)]
enum Decimal {
    NaN,
    Infinite {
        negative: bool,
    },
    NegativeZero,
    /// `digits` over ten to the power of `scale`, without needless zeros at its end.
    Finite {
        digits: BigInt,
        scale: i64,
    },
}

use Decimal::{Finite, Infinite, NaN, NegativeZero};

/// Defines the class, the function of its name, and `to_d`.
pub(super) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "BigDecimal", &vm.c.numeric);
    vm.define(&class, METHODS);
    crate::core::without_new(vm, &class);
    kernel::functions(vm, KERNEL);
    for own in [&vm.c.string, &vm.c.integer, &vm.c.float] {
        vm.define(own, TO_D);
    }
    let mut constants = class.constants.borrow_mut();
    for (name, value) in [
        ("ROUND_MODE", 256),
        ("ROUND_UP", 1),
        ("ROUND_DOWN", 2),
        ("ROUND_HALF_UP", 3),
        ("ROUND_HALF_DOWN", 4),
        ("ROUND_CEILING", 5),
        ("ROUND_FLOOR", 6),
        ("ROUND_HALF_EVEN", 7),
    ] {
        constants.insert(Sym::new(name), Value::Int(value));
    }
    constants.insert(Sym::new("NAN"), object(vm, NaN));
    constants.insert(Sym::new("INFINITY"), object(vm, Infinite { negative: false }));
}

const KERNEL: &[Def] = &[private_def("BigDecimal", 1, -1, big_decimal, "A decimal number of a text or number")];

const TO_D: &[Def] = &[def("to_d", 0, 1, to_d, "It as a decimal number")];

const METHODS: &[Def] = &[
    def("+", 1, 1, |vm, r, a| arithmetic(vm, r, &a[0], known::PLUS), "The sum"),
    def("-", 1, 1, |vm, r, a| arithmetic(vm, r, &a[0], known::MINUS), "The difference"),
    def("*", 1, 1, |vm, r, a| arithmetic(vm, r, &a[0], known::MUL), "The product"),
    def("/", 1, 1, |vm, r, a| arithmetic(vm, r, &a[0], known::DIV), "The quotient"),
    def("quo", 1, 1, |vm, r, a| arithmetic(vm, r, &a[0], known::DIV), "The quotient"),
    def("%", 1, 1, |vm, r, a| arithmetic(vm, r, &a[0], known::MOD), "The rest of the division"),
    def("modulo", 1, 1, |vm, r, a| arithmetic(vm, r, &a[0], known::MOD), "The rest of the division"),
    def("div", 1, 1, |vm, r, a| Ok(vm.integer(quotient(vm, r, &a[0])?)), "The whole part of the quotient"),
    def("divmod", 1, 1, divmod, "The whole part of the quotient, and the rest"),
    def(
        "add",
        2,
        2,
        |vm, r, a| to_precision(vm, arithmetic(vm, r, &a[0], known::PLUS)?, &a[1]),
        "The sum, to so many digits",
    ),
    def(
        "sub",
        2,
        2,
        |vm, r, a| to_precision(vm, arithmetic(vm, r, &a[0], known::MINUS)?, &a[1]),
        "The difference, to so many digits",
    ),
    def(
        "mult",
        2,
        2,
        |vm, r, a| to_precision(vm, arithmetic(vm, r, &a[0], known::MUL)?, &a[1]),
        "The product, to so many digits",
    ),
    def("**", 1, 1, power, "A whole power"),
    def("power", 1, 1, power, "A whole power"),
    def("-@", 0, 0, |vm, r, _| Ok(object(vm, negated(&this(r)))), "The number with the other sign"),
    def("+@", 0, 0, |_, r, _| Ok(r.clone()), "The number"),
    def("abs", 0, 0, |vm, r, _| Ok(object(vm, absolute(&this(r)))), "The number without its sign"),
    def(
        "==",
        1,
        1,
        |vm, r, a| Ok((order(vm, r, &a[0])? == Some(Ordering::Equal)).into()),
        "Whether the numbers are equal",
    ),
    def(
        "===",
        1,
        1,
        |vm, r, a| Ok((order(vm, r, &a[0])? == Some(Ordering::Equal)).into()),
        "Whether the numbers are equal",
    ),
    def(
        "eql?",
        1,
        1,
        |vm, r, a| Ok((order(vm, r, &a[0])? == Some(Ordering::Equal)).into()),
        "Whether the numbers are equal",
    ),
    def("<=>", 1, 1, |vm, r, a| Ok(order(vm, r, &a[0])?.map(|order| Value::Int(order as i64)).into()), "Compares"),
    def("<", 1, 1, |vm, r, a| relation(vm, r, &a[0], Ordering::is_lt), "Whether it is less"),
    def("<=", 1, 1, |vm, r, a| relation(vm, r, &a[0], Ordering::is_le), "Whether it is not greater"),
    def(">", 1, 1, |vm, r, a| relation(vm, r, &a[0], Ordering::is_gt), "Whether it is greater"),
    def(">=", 1, 1, |vm, r, a| relation(vm, r, &a[0], Ordering::is_ge), "Whether it is not less"),
    def("coerce", 1, 1, coerce, "Both as decimal numbers"),
    def("hash", 0, 0, |vm, r, _| vm.call(&Value::from(scientific(&this(r))), known::HASH, &[]), "A hash code"),
    def("round", 0, -1, round, "Rounded to so many places"),
    def("floor", 0, 1, |vm, r, a| cut(vm, r, a, Rounding::Floor), "Rounded down"),
    def("ceil", 0, 1, |vm, r, a| cut(vm, r, a, Rounding::Ceil), "Rounded up"),
    def("truncate", 0, 1, |vm, r, a| cut(vm, r, a, Rounding::Truncate), "Rounded to zero"),
    def("fix", 0, 0, |vm, r, _| Ok(object(vm, rounded(&this(r), 0, Rounding::Truncate))), "The whole part"),
    def(
        "frac",
        0,
        0,
        |vm, r, _| Ok(object(vm, plus(&this(r), &negated(&rounded(&this(r), 0, Rounding::Truncate))))),
        "The part after the point",
    ),
    def("to_i", 0, 0, |vm, r, _| whole(vm, &this(r), Rounding::Truncate), "The whole part"),
    def("to_int", 0, 0, |vm, r, _| whole(vm, &this(r), Rounding::Truncate), "The whole part"),
    def("to_f", 0, 0, |_, r, _| Ok(Value::Float(float(&this(r)))), "The nearest Float"),
    def("to_r", 0, 0, to_r, "The same as a Rational"),
    def("to_d", 0, 0, |_, r, _| Ok(r.clone()), "The number"),
    def("to_digits", 0, 0, |_, r, _| Ok(ascii(plain(&this(r)))), "It without an exponent"),
    def("to_s", 0, 1, to_s, "It as text: `F` without an exponent, a number for groups of digits"),
    def("inspect", 0, 0, |_, r, _| Ok(ascii(scientific(&this(r)))), "It as text"),
    def("nan?", 0, 0, |_, r, _| Ok((this(r) == NaN).into()), "Whether it is no number"),
    def("infinite?", 0, 0, infinite, "1 or -1 when it is infinite, else nil"),
    def("finite?", 0, 0, |_, r, _| Ok(matches!(this(r), Finite { .. } | NegativeZero).into()), "Whether it is finite"),
    def("zero?", 0, 0, |_, r, _| Ok(is_zero(&this(r)).into()), "Whether it is 0"),
    def("nonzero?", 0, 0, |_, r, _| Ok(if is_zero(&this(r)) { Value::Nil } else { r.clone() }), "Itself, nil for 0"),
    def("sign", 0, 0, |_, r, _| Ok(Value::Int(sign(&this(r)))), "What it is, as a number"),
    def("exponent", 0, 0, |_, r, _| Ok(Value::Int(exponent(&this(r)))), "Places of the point from the first digit"),
    def("precision", 0, 0, |_, r, _| Ok(Value::Int(precision(&this(r)))), "How many digits it has"),
    def("scale", 0, 0, |_, r, _| Ok(Value::Int(scale(&this(r)).max(0))), "How many digits stand after the point"),
];

fn this(receiver: &Value) -> Decimal {
    receiver.native::<Decimal>().expect("a method of BigDecimal runs on decimal numbers alone").clone()
}

fn object(vm: &Interp, decimal: Decimal) -> Value {
    let object = RObject::with_native(vm.class_named("BigDecimal"), decimal);
    object.head.freeze();
    Value::Obj(object)
}

fn ascii(text: String) -> Value {
    Value::Str(RString::new(text.into_bytes(), Encoding::UsAscii))
}

fn ten(power: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power.clamp(0, MOST_DIGITS)).unwrap_or(0))
}

/// How far an exponent may go.
const MOST_DIGITS: i64 = 100_000;

/// The number without needless zeros.
fn finite(digits: BigInt, scale: i64) -> Decimal {
    let (mut digits, mut scale) = (digits, scale);
    if digits.is_zero() {
        return Finite { digits, scale: 0 };
    }
    loop {
        let (shorter, rest) = digits.div_rem(&BigInt::from(10));
        if !rest.is_zero() {
            return Finite { digits, scale };
        }
        digits = shorter;
        scale -= 1;
    }
}

fn is_zero(decimal: &Decimal) -> bool {
    matches!(decimal, NegativeZero) || matches!(decimal, Finite { digits, .. } if digits.is_zero())
}

fn is_negative(decimal: &Decimal) -> bool {
    match decimal {
        NaN => false,
        NegativeZero => true,
        Infinite { negative } => *negative,
        Finite { digits, .. } => digits.is_negative(),
    }
}

fn scale(decimal: &Decimal) -> i64 {
    if let Finite { scale, .. } = decimal { *scale } else { 0 }
}

/// Digits and scale of a finite number.
fn parts(decimal: &Decimal) -> (BigInt, i64) {
    match decimal {
        Finite { digits, scale } => (digits.clone(), *scale),
        _ => (BigInt::ZERO, 0),
    }
}

fn digit_count(digits: &BigInt) -> i64 {
    digits.abs().to_string().len() as i64
}

fn exponent(decimal: &Decimal) -> i64 {
    match decimal {
        Finite { digits, scale } if !digits.is_zero() => digit_count(digits) - scale,
        _ => 0,
    }
}

fn precision(decimal: &Decimal) -> i64 {
    match decimal {
        Finite { digits, scale } if !digits.is_zero() => digit_count(digits) + (-scale).max(0),
        _ => 0,
    }
}

fn sign(decimal: &Decimal) -> i64 {
    match decimal {
        NaN => 0,
        NegativeZero => -1,
        Infinite { negative } => {
            if *negative {
                -3
            } else {
                3
            }
        }
        Finite { digits, .. } => match digits.sign() {
            Sign::NoSign => 1,
            Sign::Plus => 2,
            Sign::Minus => -2,
        },
    }
}

/// The number that a text is.
fn parse(text: &str) -> Option<Decimal> {
    let text = text.trim();
    match text {
        "NaN" => return Some(NaN),
        "Infinity" | "+Infinity" => return Some(Infinite { negative: false }),
        "-Infinity" => return Some(Infinite { negative: true }),
        _ => {}
    }
    let (found, rest) = prefix(text)?;
    rest.is_empty().then_some(found)
}

/// The number that a text begins with, and what follows.
fn prefix(text: &str) -> Option<(Decimal, &str)> {
    let bytes = text.as_bytes();
    let negative = bytes.first() == Some(&b'-');
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let mut digits = String::new();
    let take = |at: &mut usize, digits: &mut String| {
        let start = digits.len();
        while let Some(byte) = bytes.get(*at) {
            let joins = *byte == b'_' && digits.len() > start && bytes.get(*at + 1).is_some_and(u8::is_ascii_digit);
            if byte.is_ascii_digit() {
                digits.push(char::from(*byte));
            } else if !joins {
                break;
            }
            *at += 1;
        }
    };
    take(&mut at, &mut digits);
    let whole = digits.len();
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at += 1;
        take(&mut at, &mut digits);
    }
    if digits.is_empty() {
        return None;
    }
    let mut scale = (digits.len() - whole) as i64;
    if matches!(bytes.get(at), Some(b'e' | b'E' | b'd' | b'D')) {
        let mut end = at + 1;
        end += usize::from(matches!(bytes.get(end), Some(b'-' | b'+')));
        let start = end;
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        if end > start {
            scale -= text[at + 1..end].parse::<i64>().ok()?.clamp(-MOST_DIGITS, MOST_DIGITS);
            at = end;
        }
    }
    let number: BigInt = digits.parse().ok()?;
    if negative && number.is_zero() {
        return Some((NegativeZero, &text[at..]));
    }
    Some((finite(if negative { -number } else { number }, scale), &text[at..]))
}

/// A number of another class as a decimal; `None` for what is no number.
fn of(vm: &Interp, value: &Value) -> Res<Option<Decimal>> {
    Ok(match value {
        Value::Int(int) => Some(finite(BigInt::from(*int), 0)),
        Value::Float(float) if float.is_nan() => Some(NaN),
        Value::Float(float) if float.is_infinite() => Some(Infinite { negative: *float < 0.0 }),
        Value::Float(float) => parse(&crate::core::float_text(*float)),
        Value::Obj(object) => match (&object.data, value.native::<Decimal>()) {
            (_, Some(decimal)) => Some(decimal.clone()),
            (Data::Big(big), _) => Some(finite(big.clone(), 0)),
            _ if vm.is_a(value, &vm.class_named("Rational")) => {
                let (numerator, denominator) = (vm.send(value, "numerator", &[])?, vm.send(value, "denominator", &[])?);
                match (of(vm, &numerator)?, of(vm, &denominator)?) {
                    (Some(a), Some(b)) => Some(divided(&a, &b)),
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    })
}

fn big_decimal(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (values, _) = args.split_keywords();
    let raises = args.keyword("exception").is_none_or(|raises| raises.truthy());
    let made = match &values[0] {
        Value::Str(text) => match parse(&text.lossy()) {
            Some(decimal) => Ok(object(vm, decimal)),
            None => {
                let shown = vm.inspect(&values[0])?.lossy();
                Err(vm.argument_error(format!("invalid value for BigDecimal(): {shown}")))
            }
        },
        Value::Float(_) if values.get(1).is_none() => Err(vm.argument_error("can't omit precision for a Float.")),
        other => match of(vm, other)? {
            Some(decimal) => Ok(object(vm, decimal)),
            None => Err(vm.type_error(format!("can't convert {} into BigDecimal", vm.type_word(other)))),
        },
    };
    match made {
        Ok(decimal) => match values.get(1) {
            Some(digits) => to_precision(vm, decimal, digits),
            None => Ok(decimal),
        },
        Err(_) if !raises => Ok(Value::Nil),
        Err(error) => Err(error),
    }
}

fn to_d(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let decimal = match receiver {
        Value::Str(text) => {
            prefix(text.lossy().trim_start()).map_or_else(|| finite(BigInt::ZERO, 0), |(found, _)| found)
        }
        other => of(vm, other)?.unwrap_or(NaN),
    };
    match args.get(0) {
        Some(digits) => to_precision(vm, object(vm, decimal), digits),
        None => Ok(object(vm, decimal)),
    }
}

/// Rounded to so many digits; 0 for all.
fn to_precision(vm: &Interp, value: Value, digits: &Value) -> Res {
    let digits = vm.to_int(digits)?;
    if digits < 0 {
        return Err(vm.argument_error("negative precision"));
    }
    let decimal = this(&value);
    if digits == 0 {
        return Ok(value);
    }
    Ok(object(vm, rounded(&decimal, digits - exponent(&decimal), Rounding::Round(Half::Up))))
}

fn negated(decimal: &Decimal) -> Decimal {
    match decimal {
        NaN => NaN,
        NegativeZero => finite(BigInt::ZERO, 0),
        Infinite { negative } => Infinite { negative: !negative },
        Finite { digits, .. } if digits.is_zero() => NegativeZero,
        Finite { digits, scale } => Finite { digits: -digits, scale: *scale },
    }
}

fn absolute(decimal: &Decimal) -> Decimal {
    if is_negative(decimal) { negated(decimal) } else { decimal.clone() }
}

fn plus(a: &Decimal, b: &Decimal) -> Decimal {
    match (a, b) {
        (NaN, _) | (_, NaN) => NaN,
        (Infinite { negative: x }, Infinite { negative: y }) if x != y => NaN,
        (Infinite { negative }, _) | (_, Infinite { negative }) => Infinite { negative: *negative },
        (NegativeZero, NegativeZero) => NegativeZero,
        _ => {
            let ((a, m), (b, n)) = (parts(a), parts(b));
            let scale = m.max(n);
            finite(a * ten(scale - m) + b * ten(scale - n), scale)
        }
    }
}

fn times(a: &Decimal, b: &Decimal) -> Decimal {
    let negative = is_negative(a) != is_negative(b);
    match (a, b) {
        (NaN, _) | (_, NaN) => NaN,
        (Infinite { .. }, other) | (other, Infinite { .. }) if is_zero(other) => NaN,
        (Infinite { .. }, _) | (_, Infinite { .. }) => Infinite { negative },
        _ => {
            let ((a, m), (b, n)) = (parts(a), parts(b));
            let product = finite(a * b, m + n);
            if negative && is_zero(&product) { NegativeZero } else { product }
        }
    }
}

/// Digits are kept in words of nine; a quotient has this many of them after the point, or more.
const WORD: i64 = 9;

fn divided(a: &Decimal, b: &Decimal) -> Decimal {
    let negative = is_negative(a) != is_negative(b);
    match (a, b) {
        (NaN, _) | (_, NaN) | (Infinite { .. }, Infinite { .. }) => NaN,
        (Infinite { .. }, _) => Infinite { negative },
        (_, Infinite { .. }) => {
            if negative {
                NegativeZero
            } else {
                finite(BigInt::ZERO, 0)
            }
        }
        _ if is_zero(b) => {
            if is_zero(a) {
                NaN
            } else {
                Infinite { negative }
            }
        }
        _ => {
            let words = |decimal: &Decimal| (precision(decimal) + WORD - 1) / WORD;
            let word_exponent = |decimal: &Decimal| (exponent(decimal) + WORD - 1).div_euclid(WORD);
            let most = (words(a).max(words(b)) * WORD).max(32);
            let places = (most + WORD - 1) / WORD * WORD + WORD * (word_exponent(b) - word_exponent(a)).max(0);
            let ((a, m), (b, n)) = (parts(a), parts(b));
            // One more digit, to round by.
            let shift = places + 1 + n - m;
            let (a, b) = if shift >= 0 { (a * ten(shift), b) } else { (a, b * ten(-shift)) };
            rounded(&finite(a / b, places + 1), places, Rounding::Round(Half::Up))
        }
    }
}

/// The whole part of a quotient, rounded down.
fn quotient(vm: &Interp, receiver: &Value, other: &Value) -> Res<BigInt> {
    let Some(other) = of(vm, other)? else { return Err(not_coerced(vm, other)) };
    let own = this(receiver);
    if is_zero(&other) {
        return Err(vm.error("ZeroDivisionError", "divided by 0"));
    }
    if let Some(error) = not_whole(vm, &own).or_else(|| not_whole(vm, &other)) {
        return Err(error);
    }
    let ((a, m), (b, n)) = (parts(&own), parts(&other));
    let scale = m.max(n);
    Ok((a * ten(scale - m)).div_floor(&(b * ten(scale - n))))
}

fn divmod(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let whole = finite(quotient(vm, receiver, &args[0])?, 0);
    let rest = arithmetic(vm, receiver, &args[0], known::MOD)?;
    Ok(Value::array(vec![object(vm, whole), rest]))
}

fn not_coerced(vm: &Interp, value: &Value) -> Unwind {
    vm.type_error(format!("{} can't be coerced into BigDecimal", vm.type_word(value)))
}

fn arithmetic(vm: &Interp, receiver: &Value, value: &Value, operator: Sym) -> Res {
    let Some(other) = of(vm, value)? else {
        if vm.responds(value, known::COERCE)? {
            return crate::core::arithmetic::coerced(vm, operator, receiver, value);
        }
        return Err(not_coerced(vm, value));
    };
    let own = this(receiver);
    let result = match operator {
        known::PLUS => plus(&own, &other),
        known::MINUS => plus(&own, &negated(&other)),
        known::MUL => times(&own, &other),
        known::DIV => divided(&own, &other),
        _ => {
            let whole = finite(quotient(vm, receiver, value)?, 0);
            plus(&own, &negated(&times(&whole, &other)))
        }
    };
    let (digits, scale) = parts(&result);
    vm.reserve_string(digits.bits() as usize / 3 + scale.unsigned_abs() as usize)?;
    Ok(object(vm, result))
}

fn power(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let wanted = vm.to_int(&args[0])?;
    let own = this(receiver);
    if wanted.unsigned_abs() > 10_000 {
        return Err(vm.unsupported("a power of this size"));
    }
    let mut result = finite(BigInt::from(1), 0);
    for _ in 0..wanted.unsigned_abs() {
        vm.tick()?;
        result = times(&result, &own);
    }
    Ok(object(vm, if wanted < 0 { divided(&finite(BigInt::from(1), 0), &result) } else { result }))
}

fn order(vm: &Interp, receiver: &Value, value: &Value) -> Res<Option<Ordering>> {
    let Some(other) = of(vm, value)? else { return Ok(None) };
    Ok(match (this(receiver), other) {
        (NaN, _) | (_, NaN) => None,
        (own, other) => match plus(&own, &negated(&other)) {
            NaN => Some(Ordering::Equal),
            rest if is_zero(&rest) => Some(Ordering::Equal),
            rest if is_negative(&rest) => Some(Ordering::Less),
            _ => Some(Ordering::Greater),
        },
    })
}

fn relation(vm: &Interp, receiver: &Value, value: &Value, holds: fn(Ordering) -> bool) -> Res {
    if of(vm, value)?.is_none() {
        return Err(vm.comparison_failed(receiver, value));
    }
    Ok(order(vm, receiver, value)?.is_some_and(holds).into())
}

fn coerce(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match of(vm, &args[0])? {
        Some(other) => Ok(Value::array(vec![object(vm, other), receiver.clone()])),
        None => Err(not_coerced(vm, &args[0])),
    }
}

/// Rounded to so many places after the point.
fn rounded(decimal: &Decimal, places: i64, rounding: Rounding) -> Decimal {
    match decimal {
        Finite { digits, scale } if *scale > places => {
            let unit = ten(scale - places);
            finite(rounding.to_multiple(digits, &unit), *scale)
        }
        other => other.clone(),
    }
}

fn not_whole(vm: &Interp, decimal: &Decimal) -> Option<Unwind> {
    let what = match decimal {
        NaN => "NaN' (Not a Number)",
        Infinite { negative: false } => "Infinity'",
        Infinite { negative: true } => "-Infinity'",
        _ => return None,
    };
    Some(vm.error("FloatDomainError", format!("Computation results in '{what}")))
}

fn whole(vm: &Interp, decimal: &Decimal, rounding: Rounding) -> Res {
    if let Some(error) = not_whole(vm, decimal) {
        return Err(error);
    }
    let (digits, scale) = parts(&rounded(decimal, 0, rounding));
    Ok(vm.integer(digits * ten(-scale)))
}

fn cut(vm: &Interp, receiver: &Value, args: Args<'_>, rounding: Rounding) -> Res {
    match args.get(0) {
        Some(places) => Ok(object(vm, rounded(&this(receiver), vm.to_int(places)?, rounding))),
        None => whole(vm, &this(receiver), rounding),
    }
}

fn round(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (values, _) = args.split_keywords();
    let rounding = match values.get(1) {
        Some(Value::Int(mode)) => match mode {
            1 => return Err(vm.unsupported("rounding away from zero")),
            2 => Rounding::Truncate,
            4 => Rounding::Round(Half::Down),
            5 => Rounding::Ceil,
            6 => Rounding::Floor,
            7 => Rounding::Round(Half::Even),
            _ => Rounding::Round(Half::Up),
        },
        _ => Rounding::Round(half(vm, args)?),
    };
    match values.first() {
        Some(places) => {
            let places = vm.to_int(places)?;
            let decimal = rounded(&this(receiver), places, rounding);
            let is_whole = places < 1 && values.len() == 1;
            if is_whole { whole(vm, &decimal, rounding) } else { Ok(object(vm, decimal)) }
        }
        None => whole(vm, &this(receiver), rounding),
    }
}

fn float(decimal: &Decimal) -> f64 {
    match decimal {
        NaN => f64::NAN,
        NegativeZero => -0.0,
        Infinite { negative } => {
            if *negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            }
        }
        Finite { digits, scale } => format!("{digits}e{}", -scale).parse().unwrap_or(f64::NAN),
    }
}

fn to_r(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let own = this(receiver);
    if let Some(error) = not_whole(vm, &own) {
        return Err(error);
    }
    let (digits, scale) = parts(&own);
    let pair = [vm.integer(digits * ten(-scale)), vm.integer(ten(scale))];
    vm.send(&vm.main_object(), "Rational", &pair)
}

fn infinite(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(match this(receiver) {
        Infinite { negative } => Value::Int(if negative { -1 } else { 1 }),
        _ => Value::Nil,
    })
}

/// What a number that has no digits is called; `None` for one that has.
fn word(decimal: &Decimal) -> Option<&'static str> {
    Some(match decimal {
        NaN => "NaN",
        NegativeZero => "-0.0",
        Infinite { negative: false } => "Infinity",
        Infinite { negative: true } => "-Infinity",
        Finite { digits, .. } if digits.is_zero() => "0.0",
        Finite { .. } => return None,
    })
}

/// Sign and digits.
fn written(decimal: &Decimal) -> (&'static str, String) {
    let (digits, _) = parts(decimal);
    (if digits.is_negative() { "-" } else { "" }, digits.abs().to_string())
}

/// `0.123e2`
fn scientific(decimal: &Decimal) -> String {
    if let Some(word) = word(decimal) {
        return word.to_owned();
    }
    let (sign, digits) = written(decimal);
    format!("{sign}0.{digits}e{}", exponent(decimal))
}

/// `12.3`
fn plain(decimal: &Decimal) -> String {
    if let Some(word) = word(decimal) {
        return word.to_owned();
    }
    let (sign, digits) = written(decimal);
    let (whole, fraction) = point(&digits, exponent(decimal));
    format!("{sign}{whole}.{fraction}")
}

/// Digits before and after the point.
fn point(digits: &str, exponent: i64) -> (String, String) {
    let length = digits.len() as i64;
    if exponent <= 0 {
        return ("0".to_owned(), format!("{}{digits}", "0".repeat(exponent.unsigned_abs() as usize)));
    }
    if exponent >= length {
        return (format!("{digits}{}", "0".repeat((exponent - length) as usize)), "0".to_owned());
    }
    let (whole, fraction) = digits.split_at(exponent as usize);
    (whole.to_owned(), fraction.to_owned())
}

fn to_s(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let own = this(receiver);
    let format = match args.get(0) {
        Some(Value::Int(groups)) => groups.to_string(),
        Some(format) => vm.to_str(format)?.lossy(),
        None => String::new(),
    };
    let lead = match format.chars().next() {
        Some(lead @ ('+' | ' ')) if !is_negative(&own) => lead.to_string(),
        _ => String::new(),
    };
    if let Some(word) = word(&own) {
        return Ok(ascii(format!("{lead}{word}")));
    }
    let groups: usize = format.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    let forwards = |text: &str| -> String {
        let all: Vec<char> = text.chars().collect();
        match groups {
            0 => text.to_owned(),
            _ => all.chunks(groups).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" "),
        }
    };
    let (sign, digits) = written(&own);
    if !format.to_ascii_uppercase().contains('F') {
        return Ok(ascii(format!("{lead}{sign}0.{}e{}", forwards(&digits), exponent(&own))));
    }
    let (whole, fraction) = point(&digits, exponent(&own));
    Ok(ascii(format!("{lead}{sign}{}.{}", forwards(&whole), forwards(&fraction))))
}
