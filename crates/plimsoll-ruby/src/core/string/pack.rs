//! `String#unpack` and `Array#pack`: values as bytes in binary layouts.

use num_bigint::{BigInt, BigUint};
use num_traits::{One, ToPrimitive};

use super::{text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::arithmetic;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("unpack", 1, 2, unpack_method, "The values that the bytes hold in a layout"),
    def("unpack1", 1, 2, unpack1, "The first of them"),
];

/// One directive of a layout.
#[derive(Debug, Clone, Copy)]
struct Directive {
    kind: u8,
    count: Count,
    /// `_` or `!`: the machine's own size.
    native: bool,
    big_endian: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    None,
    Number(usize),
    Star,
}

fn directives(vm: &Interp, template: &[u8]) -> Res<Vec<Directive>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&kind) = template.get(at) {
        at += 1;
        if kind.is_ascii_whitespace() || kind == 0 || kind == 0x0b {
            continue;
        }
        if kind == b'#' {
            at += template[at..].iter().take_while(|&&b| b != b'\n').count();
            continue;
        }
        let mut directive = Directive { kind, count: Count::None, native: false, big_endian: None };
        while let Some(&modifier @ (b'_' | b'!' | b'<' | b'>')) = template.get(at) {
            if !b"sSiIlLqQjJ".contains(&kind) {
                let text = format!("'{}' allowed only after types sSiIlLqQjJ", char::from(modifier));
                return Err(vm.argument_error(text));
            }
            match modifier {
                b'<' => directive.big_endian = Some(false),
                b'>' => directive.big_endian = Some(true),
                _ => directive.native = true,
            }
            at += 1;
        }
        if template.get(at) == Some(&b'*') {
            directive.count = Count::Star;
            at += 1;
        } else if template.get(at).is_some_and(u8::is_ascii_digit) {
            let len = template[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            let digits = std::str::from_utf8(&template[at..at + len]).unwrap_or("0");
            let Ok(number) = digits.parse() else { return Err(vm.error("RangeError", "pack length too big")) };
            directive.count = Count::Number(number);
            at += len;
        }
        found.push(directive);
    }
    Ok(found)
}

/// Width in bytes, signedness and byte order of an integer directive.
fn integer_layout(directive: &Directive) -> Option<(usize, bool, bool)> {
    let (width, signed, big) = match directive.kind {
        b'c' => (1, true, false),
        b'C' => (1, false, false),
        b's' => (2, true, false),
        b'S' | b'v' => (2, false, false),
        b'i' => (4, true, false),
        b'I' | b'V' => (4, false, false),
        b'l' => (if directive.native { 8 } else { 4 }, true, false),
        b'L' => (if directive.native { 8 } else { 4 }, false, false),
        b'q' | b'j' => (8, true, false),
        b'Q' | b'J' => (8, false, false),
        b'n' => (2, false, true),
        b'N' => (4, false, true),
        _ => return None,
    };
    Some((width, signed, directive.big_endian.unwrap_or(big)))
}

/// Width and byte order of a float directive.
fn float_layout(kind: u8) -> Option<(usize, bool)> {
    match kind {
        b'd' | b'D' | b'E' => Some((8, false)),
        b'G' => Some((8, true)),
        b'f' | b'F' | b'e' => Some((4, false)),
        b'g' => Some((4, true)),
        _ => None,
    }
}

fn offset(vm: &Interp, string: &RString, args: Args<'_>) -> Res<usize> {
    let Some(value) = args.keyword("offset") else { return Ok(0) };
    let offset = vm.to_int(&value)?;
    if offset < 0 {
        return Err(vm.argument_error("offset can't be negative"));
    }
    if offset as usize > string.len() {
        return Err(vm.argument_error("offset outside of string"));
    }
    Ok(offset as usize)
}

fn unpack_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let template = vm.to_str(&args[0])?.to_vec();
    let from = offset(vm, string, args)?;
    let values = unpack(vm, &string.to_vec()[from..], &template, false)?;
    match args.block {
        None => Ok(Value::array(values)),
        Some(block) => {
            for value in values {
                vm.call_block(block, &[value])?;
            }
            Ok(Value::Nil)
        }
    }
}

fn unpack1(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let template = vm.to_str(&args[0])?.to_vec();
    let from = offset(vm, string, args)?;
    Ok(unpack(vm, &string.to_vec()[from..], &template, true)?.into_iter().next().unwrap_or_default())
}

/// The values that bytes hold in a layout; `first` stops after one.
fn unpack(vm: &Interp, bytes: &[u8], template: &[u8], first: bool) -> Res<Vec<Value>> {
    let mut values = Vec::new();
    let mut at = 0;
    for directive in directives(vm, template)? {
        let rest = &bytes[at.min(bytes.len())..];
        let binary = |bytes: &[u8]| Value::Str(RString::new(bytes.to_vec(), Encoding::Binary));
        if let Some((width, signed, big)) = integer_layout(&directive) {
            let count = elements(directive.count, rest.len() / width);
            for index in 0..count {
                let unit = rest.get(index * width..(index + 1) * width);
                match unit {
                    Some(unit) => {
                        values.push(integer_of(vm, unit, signed, big));
                        at += width;
                    }
                    None if directive.count == Count::Star => break,
                    None => values.push(Value::Nil),
                }
            }
        } else if let Some((width, big)) = float_layout(directive.kind) {
            let count = elements(directive.count, rest.len() / width);
            for index in 0..count {
                match rest.get(index * width..(index + 1) * width) {
                    Some(unit) => {
                        values.push(Value::Float(float_of(unit, big)));
                        at += width;
                    }
                    None if directive.count == Count::Star => break,
                    None => values.push(Value::Nil),
                }
            }
        } else {
            match directive.kind {
                b'a' | b'A' | b'Z' => {
                    let len = match directive.count {
                        Count::None => 1,
                        Count::Number(n) => n,
                        Count::Star => rest.len(),
                    }
                    .min(rest.len());
                    let mut field = &rest[..len];
                    let mut taken = len;
                    if directive.kind == b'A' {
                        let end = field.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |i| i + 1);
                        field = &field[..end];
                    } else if directive.kind == b'Z'
                        && let Some(end) = field.iter().position(|b| *b == 0)
                    {
                        field = &field[..end];
                        if directive.count == Count::Star {
                            taken = end + 1;
                        }
                    }
                    values.push(binary(field));
                    at += taken;
                }
                b'b' | b'B' => {
                    let bits = elements(directive.count, rest.len() * 8).min(rest.len() * 8);
                    let bit = |i: usize| {
                        let byte = rest[i / 8];
                        let shift = if directive.kind == b'b' { i % 8 } else { 7 - i % 8 };
                        if byte >> shift & 1 == 1 { b'1' } else { b'0' }
                    };
                    let text: Vec<u8> = (0..bits).map(bit).collect();
                    values.push(Value::Str(RString::new(text, Encoding::UsAscii)));
                    at += bits.div_ceil(8);
                }
                b'h' | b'H' => {
                    let nibbles = elements(directive.count, rest.len() * 2).min(rest.len() * 2);
                    let nibble = |i: usize| {
                        let low = i.is_multiple_of(2) == (directive.kind == b'h');
                        let value = if low { rest[i / 2] & 15 } else { rest[i / 2] >> 4 };
                        char::from_digit(u32::from(value), 16).map_or(b'0', |c| c as u8)
                    };
                    let text: Vec<u8> = (0..nibbles).map(nibble).collect();
                    values.push(Value::Str(RString::new(text, Encoding::UsAscii)));
                    at += nibbles.div_ceil(2);
                }
                b'U' => {
                    let most = elements(directive.count, usize::MAX);
                    let mut taken = 0;
                    for _ in 0..most {
                        let tail = &rest[taken..];
                        if tail.is_empty() {
                            break;
                        }
                        let Some(len) = text::utf8_len(tail) else {
                            return Err(vm.argument_error("malformed UTF-8 character"));
                        };
                        let code = text::code_point(&tail[..len], Encoding::Utf8).unwrap_or(0);
                        values.push(Value::Int(i64::from(code)));
                        taken += len;
                    }
                    at += taken;
                }
                b'm' => {
                    values.push(binary(&decode_base64(vm, rest, directive.count == Count::Number(0))?));
                    at = bytes.len();
                }
                b'M' => {
                    values.push(binary(&decode_quoted_printable(rest)));
                    at = bytes.len();
                }
                b'u' => {
                    values.push(binary(&decode_uu(rest)));
                    at = bytes.len();
                }
                b'w' => {
                    let most = elements(directive.count, usize::MAX);
                    let mut taken = 0;
                    for _ in 0..most {
                        let Some(len) = rest[taken..].iter().position(|b| b & 0x80 == 0) else { break };
                        let number = rest[taken..=taken + len]
                            .iter()
                            .fold(BigInt::default(), |n, b| (n << 7) + i32::from(b & 0x7f));
                        values.push(vm.integer(number));
                        taken += len + 1;
                    }
                    at += taken;
                }
                b'x' => {
                    let count = elements(directive.count, rest.len());
                    if count > rest.len() {
                        return Err(vm.argument_error("x outside of string"));
                    }
                    at += count;
                }
                b'X' => {
                    let count = elements(directive.count, rest.len());
                    if count > at {
                        return Err(vm.argument_error("X outside of string"));
                    }
                    at -= count;
                }
                b'@' => {
                    let to = if directive.count == Count::None { 0 } else { elements(directive.count, rest.len()) };
                    if to > bytes.len() {
                        return Err(vm.argument_error("@ outside of string"));
                    }
                    at = to;
                }
                b'%' => return Err(vm.argument_error("% is not supported")),
                b'p' | b'P' => return Err(vm.unsupported("unpack of pointers")),
                // CRuby warns only.
                _ => {}
            }
        }
        vm.reserve_elements(values.len())?;
        if first && !values.is_empty() {
            break;
        }
    }
    Ok(values)
}

fn elements(count: Count, all: usize) -> usize {
    match count {
        Count::None => 1,
        Count::Number(number) => number,
        Count::Star => all,
    }
}

fn integer_of(vm: &Interp, unit: &[u8], signed: bool, big: bool) -> Value {
    let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    let raw = if big { unit.iter().fold(0, fold) } else { unit.iter().rev().fold(0, fold) };
    if signed {
        let unused = 64 - unit.len() as u32 * 8;
        return Value::Int(((raw << unused) as i64) >> unused);
    }
    vm.integer(BigInt::from(raw))
}

fn float_of(unit: &[u8], big: bool) -> f64 {
    let mut bytes = unit.to_vec();
    if big {
        bytes.reverse();
    }
    match (<[u8; 8]>::try_from(&bytes[..]), <[u8; 4]>::try_from(&bytes[..])) {
        (Ok(double), _) => f64::from_le_bytes(double),
        (_, Ok(single)) => f64::from(f32::from_le_bytes(single)),
        _ => 0.0,
    }
}

/// `Array#pack`: the bytes of values in a layout.
pub(crate) fn pack(vm: &Interp, values: &[Value], template: &[u8]) -> Res<Value> {
    let mut out: Vec<u8> = Vec::new();
    let mut encoding = Encoding::UsAscii;
    let mut next = 0;
    let list = directives(vm, template)?;
    for (index, directive) in list.iter().enumerate() {
        let mut take = || {
            let value = values.get(next).cloned().ok_or_else(|| vm.argument_error("too few arguments"));
            next += 1;
            value
        };
        if let Some((width, _, big)) = integer_layout(directive) {
            encoding = Encoding::Binary;
            let count = elements(directive.count, values.len().saturating_sub(next));
            for _ in 0..count {
                let value = values.get(next).ok_or_else(|| vm.argument_error("too few arguments"))?;
                next += 1;
                out.extend(integer_bytes(vm, value, width, big)?);
            }
        } else if let Some((width, big)) = float_layout(directive.kind) {
            encoding = Encoding::Binary;
            let count = elements(directive.count, values.len().saturating_sub(next));
            for _ in 0..count {
                let value = values.get(next).ok_or_else(|| vm.argument_error("too few arguments"))?;
                next += 1;
                let Some(number) = arithmetic::number(value) else {
                    return Err(vm.type_error(format!("can't convert {} into Float", vm.type_word(value))));
                };
                let float = number.to_f();
                let mut bytes =
                    if width == 8 { float.to_le_bytes().to_vec() } else { (float as f32).to_le_bytes().to_vec() };
                if big {
                    bytes.reverse();
                }
                out.extend(bytes);
            }
        } else {
            match directive.kind {
                b'a' | b'A' | b'Z' | b'b' | b'B' | b'h' | b'H' => {
                    encoding = Encoding::Binary;
                    let text = match take()? {
                        Value::Nil => Vec::new(),
                        value => vm.to_str(&value)?.to_vec(),
                    };
                    pack_text(vm, directive, &text, &mut out)?;
                }
                b'U' => {
                    if index == 0 {
                        encoding = Encoding::Utf8;
                    }
                    let count = elements(directive.count, values.len().saturating_sub(next));
                    for _ in 0..count {
                        let value = values.get(next).ok_or_else(|| vm.argument_error("too few arguments"))?;
                        next += 1;
                        let code = vm.to_int(value)?;
                        let encoded = u32::try_from(code).ok().and_then(|c| text::encode(c, Encoding::Utf8));
                        out.extend(encoded.ok_or_else(|| vm.error("RangeError", "pack(U): value out of range"))?);
                    }
                }
                b'm' => {
                    let text = take()?;
                    let text = vm.to_str(&text)?.to_vec();
                    let line = match directive.count {
                        Count::Number(0) => None,
                        Count::Number(n) if n >= 3 => Some(n / 3 * 3),
                        _ => Some(45),
                    };
                    encode_base64(&text, line, &mut out);
                }
                b'M' => {
                    let value = take()?;
                    let text = vm.to_s(&value)?.to_vec();
                    let line = match directive.count {
                        Count::Number(n) if n > 1 => n,
                        _ => 72,
                    };
                    encode_quoted_printable(&text, line, &mut out);
                }
                b'u' => {
                    let text = take()?;
                    let text = vm.to_str(&text)?.to_vec();
                    let line = match directive.count {
                        Count::Number(n) if n >= 3 => (n / 3 * 3).min(63),
                        _ => 45,
                    };
                    encode_uu(&text, line, &mut out);
                }
                b'w' => {
                    encoding = Encoding::Binary;
                    let count = elements(directive.count, values.len().saturating_sub(next));
                    for _ in 0..count {
                        let value = values.get(next).ok_or_else(|| vm.argument_error("too few arguments"))?;
                        next += 1;
                        pack_compressed(vm, value, &mut out)?;
                    }
                }
                b'x' => {
                    encoding = Encoding::Binary;
                    let count = elements(directive.count, 0);
                    vm.reserve_string(out.len().saturating_add(count))?;
                    out.extend(std::iter::repeat_n(0, count));
                }
                b'X' => {
                    encoding = Encoding::Binary;
                    let count = elements(directive.count, 0);
                    if count > out.len() {
                        return Err(vm.argument_error("X outside of string"));
                    }
                    out.truncate(out.len() - count);
                }
                b'@' => {
                    encoding = Encoding::Binary;
                    let to = elements(directive.count, 0);
                    vm.reserve_string(to)?;
                    out.resize(to, 0);
                }
                b'%' => return Err(vm.argument_error("% is not supported")),
                b'p' | b'P' => return Err(vm.unsupported("pack of pointers")),
                // CRuby warns only.
                _ => {}
            }
        }
        vm.reserve_string(out.len())?;
    }
    Ok(Value::Str(RString::new(out, encoding)))
}

fn integer_bytes(vm: &Interp, value: &Value, width: usize, big: bool) -> Res<Vec<u8>> {
    let number = crate::core::integer::to_big(vm, value)?;
    // Only the low bits count, in two's complement.
    let modulus = BigInt::one() << 64;
    let wrapped: BigInt = ((number % &modulus) + &modulus) % &modulus;
    let raw = wrapped.to_u64().unwrap_or(0);
    let mut bytes = raw.to_le_bytes()[..width].to_vec();
    if big {
        bytes.reverse();
    }
    Ok(bytes)
}

fn pack_text(vm: &Interp, directive: &Directive, text: &[u8], out: &mut Vec<u8>) -> Res<()> {
    let len = match directive.count {
        Count::None => 1,
        Count::Number(number) => number,
        Count::Star if directive.kind == b'Z' => text.len() + 1,
        Count::Star => text.len(),
    };
    vm.reserve_string(out.len().saturating_add(len))?;
    match directive.kind {
        b'a' | b'A' | b'Z' => {
            let filler = if directive.kind == b'A' { b' ' } else { 0 };
            out.extend(text.iter().copied().chain(std::iter::repeat(filler)).take(len));
        }
        b'b' | b'B' => {
            for chunk in text[..len.min(text.len())].chunks(8) {
                let byte = chunk.iter().enumerate().fold(0_u8, |byte, (i, bit)| {
                    let shift = if directive.kind == b'b' { i } else { 7 - i };
                    byte | (bit & 1) << shift
                });
                out.push(byte);
            }
            out.extend(std::iter::repeat_n(0, len.saturating_sub(text.len()).div_ceil(2).min(len)));
        }
        _ => {
            for chunk in text[..len.min(text.len())].chunks(2) {
                let nibble = |byte: u8| if byte.is_ascii_alphabetic() { (byte & 7) + 9 } else { byte & 15 };
                let (first, second) = (nibble(chunk[0]), chunk.get(1).map_or(0, |b| nibble(*b)));
                out.push(if directive.kind == b'h' { first | second << 4 } else { first << 4 | second });
            }
            out.extend(std::iter::repeat_n(0, len.div_ceil(2) - len.min(text.len()).div_ceil(2)));
        }
    }
    Ok(())
}

fn pack_compressed(vm: &Interp, value: &Value, out: &mut Vec<u8>) -> Res<()> {
    let number = crate::core::integer::to_big(vm, value)?;
    let Ok(mut number) = BigUint::try_from(number) else {
        return Err(vm.argument_error("can't compress negative numbers"));
    };
    let mut bytes = vec![(&number % 128_u32).to_u8().unwrap_or(0)];
    number >>= 7;
    while number > BigUint::default() {
        bytes.push((&number % 128_u32).to_u8().unwrap_or(0) | 0x80);
        number >>= 7;
    }
    out.extend(bytes.into_iter().rev());
    Ok(())
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64, in lines of this many input bytes each, or in one piece.
pub(crate) fn encode_base64(text: &[u8], line: Option<usize>, out: &mut Vec<u8>) {
    let encode = |chunk: &[u8], out: &mut Vec<u8>| {
        for group in chunk.chunks(3) {
            let word = group.iter().fold(0_u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - group.len()));
            for i in 0..4 {
                let index = word >> (18 - 6 * i) & 63;
                out.push(if i <= group.len() { BASE64[index as usize] } else { b'=' });
            }
        }
    };
    match line {
        None => encode(text, out),
        Some(line) => {
            for chunk in text.chunks(line) {
                encode(chunk, out);
                out.push(b'\n');
            }
        }
    }
}

fn decode_base64(vm: &Interp, text: &[u8], strict: bool) -> Res<Vec<u8>> {
    let invalid = || vm.argument_error("invalid base64");
    let value = |byte: u8| BASE64.iter().position(|b| *b == byte).map(|i| i as u32);
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut word, mut bits) = (0_u32, 0);
    if strict {
        let padding = text.iter().rev().take_while(|b| **b == b'=').count();
        let body = &text[..text.len() - padding];
        if !text.len().is_multiple_of(4) || padding > 2 || !body.iter().all(|b| value(*b).is_some()) {
            return Err(invalid());
        }
    }
    for &byte in text {
        if byte == b'=' {
            break;
        }
        let Some(six) = value(byte) else { continue };
        word = word << 6 | six;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    if strict && word != 0 {
        return Err(invalid());
    }
    Ok(out)
}

fn encode_quoted_printable(text: &[u8], line: usize, out: &mut Vec<u8>) {
    let mut column = 0;
    let mut previous = None;
    for (at, &byte) in text.iter().enumerate() {
        let next = text.get(at + 1);
        let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~');
        let blank = matches!(byte, b' ' | b'\t');
        if byte == b'\n' {
            if matches!(previous, Some(b' ' | b'\t')) {
                out.extend(b"=\n");
            }
            out.push(b'\n');
            column = 0;
        } else {
            if plain || (blank && next.is_some()) || (blank && next.is_none()) {
                out.push(byte);
                column += 1;
            } else {
                out.extend(format!("={byte:02X}").into_bytes());
                column += 3;
            }
            if column > line {
                out.extend(b"=\n");
                column = 0;
            }
        }
        previous = Some(byte);
    }
    if column > 0 {
        out.extend(b"=\n");
    }
}

fn decode_quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'=' {
            out.push(byte);
            continue;
        }
        match (text.get(at), digit(at), digit(at + 1)) {
            (Some(b'\n'), _, _) => at += 1,
            (Some(b'\r'), _, _) if text.get(at + 1) == Some(&b'\n') => at += 2,
            (_, Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            _ => {
                out.push(b'=');
                out.extend_from_slice(&text[at..]);
                break;
            }
        }
    }
    out
}

fn encode_uu(text: &[u8], line: usize, out: &mut Vec<u8>) {
    let letter = |six: u32| if six == 0 { b'`' } else { six as u8 + b' ' };
    for chunk in text.chunks(line) {
        out.push(letter(chunk.len() as u32));
        for group in chunk.chunks(3) {
            let word = group.iter().fold(0_u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - group.len()));
            out.extend((0..4).map(|i| letter(word >> (18 - 6 * i) & 63)));
        }
        out.push(b'\n');
    }
}

fn decode_uu(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        let Some((&first, rest)) = line.split_first() else { continue };
        let len = usize::from(first.wrapping_sub(b' ') & 63);
        if len == 0 {
            break;
        }
        let mut bytes = Vec::with_capacity(len + 3);
        for group in rest.chunks(4) {
            let word =
                (0..4).fold(0_u32, |w, i| w << 6 | u32::from(group.get(i).map_or(0, |b| b.wrapping_sub(b' ') & 63)));
            bytes.extend([(word >> 16) as u8, (word >> 8) as u8, word as u8]);
        }
        bytes.truncate(len);
        out.extend(bytes);
    }
    out
}
