//! Numbers written in Strings.

use num_bigint::BigInt;
use num_traits::Num;

use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::{complex, rational};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(super) const METHODS: &[Def] = &[
    def("to_i", 0, 1, to_i, "The Integer it begins with, in a base of 2 to 36"),
    def("to_f", 0, 0, to_f, "The Float it begins with"),
    def("to_r", 0, 0, to_r, "The Rational it begins with"),
    def("to_c", 0, 0, |vm, r, _| complex::leading(vm, &vm.ascii_text(this(r))?), "The Complex number it begins with"),
    def("hex", 0, 0, |vm, r, _| leading(vm, r, 16), "The hexadecimal Integer it begins with"),
    def("oct", 0, 0, |vm, r, _| leading(vm, r, -8), "The octal (or prefixed) Integer it begins with"),
];

fn to_i(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let base = match args.get(0) {
        Some(value) => vm.to_int(value)?,
        None => 10,
    };
    if base < 0 || base == 1 || base > 36 {
        return Err(vm.argument_error(format!("invalid radix {base}")));
    }
    leading(vm, receiver, base as i32)
}

fn leading(vm: &Interp, receiver: &Value, base: i32) -> Res {
    let bytes = vm.ascii_text(this(receiver))?;
    Ok(vm.integer(parse_integer(&bytes, base, false).unwrap_or_default()))
}

/// An Integer as text in a base: 0 reads the prefix, a negative base is the default where no prefix says otherwise.
///
/// `strict` accepts nothing but the number and white space around it; otherwise what follows the number is ignored.
pub(crate) fn parse_integer(bytes: &[u8], base: i32, strict: bool) -> Option<BigInt> {
    let mut rest = bytes.trim_ascii_start();
    if let Some(stripped) = rest.strip_prefix(b"\x0b") {
        rest = stripped.trim_ascii_start();
    }
    let negative = rest.first() == Some(&b'-');
    if matches!(rest.first(), Some(b'+' | b'-')) {
        rest = &rest[1..];
    }
    let (base, prefixed) = radix(&mut rest, base);
    let (digits, after) = digit_run(rest, base, strict)?;
    if strict && !after.iter().all(|b| matches!(b, b'\t'..=b'\r' | b' ')) {
        return None;
    }
    if digits.is_empty() {
        // A lone "0" may have been taken for an octal prefix.
        return (prefixed || !strict).then(BigInt::default);
    }
    let text = String::from_utf8(digits).ok()?;
    let value = match text.parse::<i64>() {
        Ok(small) if base == 10 => BigInt::from(small),
        _ => BigInt::from_str_radix(&text, base).ok()?,
    };
    Some(if negative { -value } else { value })
}

/// Takes a radix prefix off; also tells whether the prefix itself was a number (`0`).
fn radix(rest: &mut &[u8], base: i32) -> (u32, bool) {
    let lower = |bytes: &[u8]| bytes.get(1).map(u8::to_ascii_lowercase);
    let wanted = base.unsigned_abs();
    if rest.first() == Some(&b'0') {
        let of_letter = match lower(rest) {
            Some(b'x') => Some(16),
            Some(b'b') => Some(2),
            Some(b'o') => Some(8),
            Some(b'd') => Some(10),
            _ => None,
        };
        if let Some(letter_base) = of_letter
            && (base <= 0 || wanted == letter_base)
        {
            let digit = rest.get(2).is_some_and(|&b| char::from(b).is_digit(letter_base));
            if digit {
                *rest = &rest[2..];
                return (letter_base, false);
            }
        } else if base == 0 {
            return (8, true);
        }
        return (if base == 0 { 8 } else { wanted }, false);
    }
    (if base == 0 { 10 } else { wanted }, false)
}

/// Digits with single underscores between them taken out, and what follows.
fn digit_run(bytes: &[u8], base: u32, strict: bool) -> Option<(Vec<u8>, &[u8])> {
    let mut digits = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if char::from(byte).is_digit(base) {
            digits.push(byte);
        } else if byte == b'_' && !digits.is_empty() && bytes.get(at + 1).is_some_and(|&b| char::from(b).is_digit(base))
        {
        } else {
            break;
        }
        at += 1;
    }
    if strict && digits.is_empty() {
        return None;
    }
    Some((digits, &bytes[at..]))
}

fn to_f(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let bytes = vm.ascii_text(this(receiver))?;
    Ok(Value::Float(parse_float(&bytes, false).unwrap_or(0.0)))
}

/// A Float as text; `strict` accepts nothing but the number and white space around it.
pub(crate) fn parse_float(bytes: &[u8], strict: bool) -> Option<f64> {
    let start = bytes.iter().take_while(|b| matches!(b, b'\t'..=b'\r' | b' ')).count();
    let rest = &bytes[start..];
    if strict && let Some(hex) = hex_float(rest) {
        return Some(hex);
    }
    let mut text = String::new();
    let mut at = 0;
    if let Some(sign @ (b'+' | b'-')) = rest.first() {
        text.push(char::from(*sign));
        at += 1;
    }
    let whole = digits(rest, &mut at, &mut text);
    if whole == 0 && !(rest.get(at) == Some(&b'.') && rest.get(at + 1).is_some_and(u8::is_ascii_digit)) {
        return None;
    }
    if rest.get(at) == Some(&b'.') && rest.get(at + 1).is_some_and(u8::is_ascii_digit) {
        text.push('.');
        at += 1;
        digits(rest, &mut at, &mut text);
    }
    if matches!(rest.get(at), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(rest.get(at + 1), Some(b'+' | b'-')));
        if rest.get(at + 1 + signed).is_some_and(u8::is_ascii_digit) {
            text.push('e');
            text.extend(rest[at + 1..at + 1 + signed].iter().map(|&b| char::from(b)));
            at += 1 + signed;
            digits(rest, &mut at, &mut text);
        }
    }
    if strict && !rest[at..].iter().all(|b| matches!(b, b'\t'..=b'\r' | b' ')) {
        return None;
    }
    text.parse().ok()
}

/// Copies digits, passing single underscores between them; gives their number.
fn digits(bytes: &[u8], at: &mut usize, out: &mut String) -> usize {
    let mut count = 0;
    while let Some(&byte) = bytes.get(*at) {
        if byte.is_ascii_digit() {
            out.push(char::from(byte));
            count += 1;
        } else if !(byte == b'_' && count > 0 && bytes.get(*at + 1).is_some_and(u8::is_ascii_digit)) {
            break;
        }
        *at += 1;
    }
    count
}

/// `0x1.8p3`
fn hex_float(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let (mantissa, exponent) = match text.split_once(['p', 'P']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for digit in whole.chars() {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let mut scale = 1.0 / 16.0;
    for digit in fraction.chars() {
        value += f64::from(digit.to_digit(16)?) * scale;
        scale /= 16.0;
    }
    Some(sign * value * 2.0_f64.powi(exponent))
}

fn to_r(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let bytes = vm.ascii_text(this(receiver))?;
    Ok(rational::parse(vm, &bytes, false)?.unwrap_or_else(|| rational::make(vm, BigInt::default(), BigInt::from(1))))
}
