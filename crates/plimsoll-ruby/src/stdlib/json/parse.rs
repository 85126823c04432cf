//! Parsing JSON. Where it stops, and what it says then, is what json 2.6.1's state machines do: a bad object gives up as a
//! whole, a bad array complains on the spot, and the number before the message is the line that complains there.

use num_bigint::BigInt;

use super::{error, visible};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RArray, RHash, RString, Value};

/// What the caller wants of the parser.
#[derive(Clone)]
pub(super) struct Options {
    symbolize_names: bool,
    /// Deepest nesting; 0 for any.
    max_nesting: i64,
    allow_nan: bool,
    freeze: bool,
    object_class: Value,
    array_class: Value,
    decimal_class: Value,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            symbolize_names: false,
            max_nesting: 100,
            allow_nan: false,
            freeze: false,
            object_class: Value::Nil,
            array_class: Value::Nil,
            decimal_class: Value::Nil,
        }
    }
}

impl Options {
    /// What `JSON.load` and `JSON.parse!` begin with.
    pub(super) fn lenient() -> Self {
        Self { max_nesting: 0, allow_nan: true, ..Self::default() }
    }

    /// The same, changed by an options Hash.
    pub(super) fn with(&self, vm: &Interp, hash: &RHash) -> Res<Self> {
        let flag = |name: &str, otherwise: bool| -> Res<bool> {
            Ok(vm.hash_sym(hash, name)?.map_or(otherwise, |value| value.truthy()))
        };
        let class =
            |name: &str, otherwise: &Value| -> Res { Ok(vm.hash_sym(hash, name)?.unwrap_or(otherwise.clone())) };
        let max_nesting = match vm.hash_sym(hash, "max_nesting")? {
            None => self.max_nesting,
            Some(value) if value.truthy() => vm.to_int(&value)?,
            Some(_) => 0,
        };
        Ok(Self {
            symbolize_names: flag("symbolize_names", self.symbolize_names)?,
            max_nesting,
            allow_nan: flag("allow_nan", self.allow_nan)?,
            freeze: flag("freeze", self.freeze)?,
            object_class: class("object_class", &self.object_class)?,
            array_class: class("array_class", &self.array_class)?,
            decimal_class: class("decimal_class", &self.decimal_class)?,
        })
    }
}

/// The value of a JSON text.
pub(super) fn parse(vm: &Interp, source: &RString, options: &Options) -> Res {
    let text = source.to_utf8();
    let mut parser = Parser { vm, text: &text, at: 0, options };
    let value = match parser.skip() {
        Ok(()) => parser.value(0)?,
        Err(at) => return Err(parser.unexpected(TOP, at)),
    };
    let Some(value) = value else { return Err(parser.unexpected(TOP, parser.at)) };
    match parser.skip() {
        Ok(()) if parser.at == text.len() => Ok(value),
        Ok(()) => Err(parser.unexpected(TOP, parser.at)),
        Err(at) => Err(parser.unexpected(TOP, at)),
    }
}

/// Where json's parser complains.
const TOP: u32 = 859;
const IN_ARRAY: u32 = 451;
const NAN: u32 = 225;
const INFINITY: u32 = 232;
const MINUS_INFINITY: u32 = 249;
const UNICODE: u32 = 508;
const SURROGATE: u32 = 521;

struct Parser<'a> {
    vm: &'a Interp,
    text: &'a [u8],
    at: usize,
    options: &'a Options,
}

impl Parser<'_> {
    fn unexpected(&self, line: u32, at: usize) -> Unwind {
        self.complain(line, "unexpected token at", self.text.get(at..).unwrap_or_default())
    }

    fn complain(&self, line: u32, what: &str, rest: &[u8]) -> Unwind {
        let message = [format!("{line}: {what} '").as_bytes(), visible(rest), b"'"].concat();
        error(self.vm, "JSON::ParserError", message)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips blanks and comments; the error is where a comment goes wrong.
    fn skip(&mut self) -> Result<(), usize> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), usize> {
        let rest = &self.text[self.at..];
        let length = match rest.get(1) {
            Some(b'/') => rest.iter().position(|byte| *byte == b'\n').map(|end| end + 1),
            Some(b'*') => rest.get(2..).and_then(|body| body.windows(2).position(|w| w == b"*/")).map(|end| end + 4),
            _ => return Err(self.at + 1),
        };
        match length {
            Some(length) => {
                self.at += length;
                Ok(())
            }
            None => Err(self.text.len()),
        }
    }

    /// A value; `None` where there is none, with the position left at its start.
    fn value(&mut self, depth: i64) -> Res<Option<Value>> {
        let start = self.at;
        let word = |parser: &mut Self, word: &[u8], value: Value| {
            let found = parser.text[start..].starts_with(word);
            if found {
                parser.at += word.len();
            }
            found.then_some(value)
        };
        let value = match self.peek() {
            Some(b'n') => word(self, b"null", Value::Nil),
            Some(b't') => word(self, b"true", Value::Bool(true)),
            Some(b'f') => word(self, b"false", Value::Bool(false)),
            Some(b'N') => match word(self, b"NaN", Value::Float(f64::NAN)) {
                Some(_) if !self.options.allow_nan => return Err(self.unexpected(NAN, start)),
                value => value,
            },
            Some(b'I') => match word(self, b"Infinity", Value::Float(f64::INFINITY)) {
                Some(_) if !self.options.allow_nan => {
                    let before = start.checked_sub(1).unwrap_or(self.text.len());
                    return Err(self.unexpected(INFINITY, before));
                }
                value => value,
            },
            Some(b'"') => self.string()?.map(|bytes| self.text_value(bytes)),
            Some(b'[') => Some(self.array(depth + 1)?),
            Some(b'{') => self.object(depth + 1)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => None,
        };
        if value.is_none() {
            self.at = start;
        }
        Ok(value)
    }

    fn text_value(&self, bytes: Vec<u8>) -> Value {
        let value = Value::bytes(bytes);
        self.finished(value)
    }

    fn finished(&self, value: Value) -> Value {
        if self.options.freeze
            && let Some(head) = value.head()
        {
            head.freeze();
        }
        value
    }

    fn too_deep(&self, depth: i64) -> Res<()> {
        self.vm.check_stack()?;
        if self.options.max_nesting != 0 && depth > self.options.max_nesting {
            return Err(error(self.vm, "JSON::NestingError", format!("nesting of {depth} is too deep").into_bytes()));
        }
        Ok(())
    }

    fn array(&mut self, depth: i64) -> Res {
        self.too_deep(depth)?;
        self.at += 1;
        let mut elements = Vec::new();
        let mut first = true;
        loop {
            self.vm.tick()?;
            self.skip().map_err(|at| self.unexpected(IN_ARRAY, at))?;
            match self.peek() {
                Some(b']') => break,
                Some(b',') if !first => {
                    self.at += 1;
                    self.skip().map_err(|at| self.unexpected(IN_ARRAY, at))?;
                }
                _ if first => {}
                _ => return Err(self.unexpected(IN_ARRAY, self.at)),
            }
            first = false;
            let Some(value) = self.value(depth)? else { return Err(self.unexpected(IN_ARRAY, self.at)) };
            crate::core::enumerable::push(self.vm, &mut elements, value)?;
        }
        self.at += 1;
        let array = if self.options.array_class.is_nil() {
            Value::Array(RArray::new(elements))
        } else {
            let array = self.vm.call(&self.options.array_class, known::NEW, &[])?;
            for element in elements {
                self.vm.call(&array, known::SHL, &[element])?;
            }
            array
        };
        Ok(self.finished(array))
    }

    /// An object; `None` where anything in it is wrong.
    fn object(&mut self, depth: i64) -> Res<Option<Value>> {
        self.too_deep(depth)?;
        self.at += 1;
        let own = !self.options.object_class.is_nil();
        let made = if own { self.vm.call(&self.options.object_class, known::NEW, &[])? } else { Value::Nil };
        let hash = RHash::new();
        let mut first = true;
        loop {
            self.vm.tick()?;
            if self.skip().is_err() {
                return Ok(None);
            }
            match self.peek() {
                Some(b'}') => break,
                Some(b',') if !first => {
                    self.at += 1;
                    if self.skip().is_err() {
                        return Ok(None);
                    }
                }
                _ if first => {}
                _ => return Ok(None),
            }
            first = false;
            let Some((key, value)) = self.entry(depth)? else { return Ok(None) };
            if own {
                self.vm.call(&made, known::ASET, &[key, value])?;
            } else {
                self.vm.hash_set(&hash, key, value)?;
            }
        }
        self.at += 1;
        Ok(Some(self.finished(if own { made } else { Value::Hash(hash) })))
    }

    fn entry(&mut self, depth: i64) -> Res<Option<(Value, Value)>> {
        if self.peek() != Some(b'"') {
            return Ok(None);
        }
        let Some(name) = self.string()? else { return Ok(None) };
        if self.skip().is_err() || self.peek() != Some(b':') {
            return Ok(None);
        }
        self.at += 1;
        if self.skip().is_err() {
            return Ok(None);
        }
        let key = if self.options.symbolize_names { Value::Sym(self.vm.intern(&name)?) } else { Value::bytes(name) };
        let Some(value) = self.value(depth)? else { return Ok(None) };
        Ok(Some((key, value)))
    }

    fn number(&mut self) -> Res<Option<Value>> {
        let rest = &self.text[self.at..];
        if rest.starts_with(b"-Infinity") {
            if !self.options.allow_nan {
                return Err(self.unexpected(MINUS_INFINITY, self.at));
            }
            self.at += 9;
            return Ok(Some(Value::Float(f64::NEG_INFINITY)));
        }
        if let Some(length) = float_length(rest) {
            let text = std::str::from_utf8(&rest[..length]).unwrap_or_default();
            self.at += length;
            return self.decimal(text).map(Some);
        }
        let Some(length) = integer_length(rest) else { return Ok(None) };
        let text = std::str::from_utf8(&rest[..length]).unwrap_or_default();
        self.at += length;
        let value = match text.parse::<i64>() {
            Ok(small) => Value::Int(small),
            Err(_) => {
                crate::core::arithmetic::check_bits(self.vm, text.len() as u64 * 4)?;
                self.vm.integer(text.parse::<BigInt>().unwrap_or_default())
            }
        };
        Ok(Some(value))
    }

    fn decimal(&self, text: &str) -> Res {
        let class = &self.options.decimal_class;
        if !class.is_nil() {
            let text = [Value::str(text)];
            if self.vm.responds(class, Sym::new("try_convert"))? {
                return self.vm.send(class, "try_convert", &text);
            }
            if self.vm.responds(class, known::NEW)? {
                return self.vm.call(class, known::NEW, &text);
            }
            if let Value::Class(class) = class {
                let object = Value::Class(std::rc::Rc::clone(&self.vm.c.kernel));
                return self.vm.send(&object, &class.name(), &text);
            }
        }
        Ok(Value::Float(text.parse::<f64>().unwrap_or(f64::NAN)))
    }

    /// A string's text; `None` where it is not one.
    fn string(&mut self) -> Res<Option<Vec<u8>>> {
        let start = self.at + 1;
        let mut end = start;
        loop {
            match self.text.get(end) {
                Some(b'"') => break,
                Some(b'\\') => match self.text.get(end + 1) {
                    Some(b'u') => {
                        let digits = self.text.get(end + 2..end + 6);
                        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                            return Ok(None);
                        }
                        end += 6;
                    }
                    Some(byte) if *byte >= 0x20 => end += 2,
                    _ => return Ok(None),
                },
                Some(byte) if *byte >= 0x20 => end += 1,
                _ => return Ok(None),
            }
        }
        let text = self.unescaped(start, end)?;
        self.at = end + 1;
        Ok(Some(text))
    }

    fn unescaped(&self, start: usize, end: usize) -> Res<Vec<u8>> {
        let raw = &self.text[start..end];
        self.vm.reserve_string(raw.len())?;
        let mut out = Vec::with_capacity(raw.len());
        let mut at = 0;
        while at < raw.len() {
            if raw[at] != b'\\' {
                out.push(raw[at]);
                at += 1;
                continue;
            }
            let escape = raw[at + 1];
            match escape {
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'b' => out.push(8),
                b'f' => out.push(12),
                b'u' => {
                    at += self.unicode(raw, at, start, &mut out)?;
                    continue;
                }
                other => out.push(other),
            }
            at += 2;
        }
        Ok(out)
    }

    /// Decodes the `\u` escape at `at`; gives how many bytes it took.
    fn unicode(&self, raw: &[u8], at: usize, start: usize, out: &mut Vec<u8>) -> Res<usize> {
        let code = |at: usize| {
            let digits = raw.get(at + 2..at + 6).and_then(|digits| std::str::from_utf8(digits).ok());
            digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())
        };
        let rest = &self.text[start + at..];
        let Some(high) = code(at) else {
            return Err(self.complain(UNICODE, "incomplete unicode character escape sequence at", rest));
        };
        if high & 0xfc00 != 0xd800 {
            push_code(high, out);
            return Ok(6);
        }
        if at + 12 > raw.len() {
            return Err(self.complain(SURROGATE, "incomplete surrogate pair at", rest));
        }
        if raw[at + 6] != b'\\' || raw[at + 7] != b'u' {
            out.push(b'?');
            return Ok(7);
        }
        let low = code(at + 6).unwrap_or(0);
        let joined = ((high & 0x3f) << 10) | ((((high >> 6) & 0xf) + 1) << 16) | (low & 0x3ff);
        push_code(joined, out);
        Ok(12)
    }
}

/// Appends a code point as UTF-8, surrogates too, as json does.
fn push_code(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            let part = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
            out.extend([0xe0 | (code >> 12) as u8, part(6), part(0)]);
        }
    }
}

/// Length of the integer part: no needless zero before it.
fn integer_digits(text: &[u8]) -> Option<usize> {
    let sign = usize::from(text.first() == Some(&b'-'));
    let digits = text[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    match digits {
        0 => None,
        _ if text[sign] == b'0' => Some(sign + 1),
        digits => Some(sign + digits),
    }
}

fn integer_length(text: &[u8]) -> Option<usize> {
    let length = integer_digits(text)?;
    let goes_on = text.get(length).is_some_and(u8::is_ascii_digit);
    (!goes_on).then_some(length)
}

/// Length of a number with a fraction or an exponent; nothing that could be part of a number may follow it.
fn float_length(text: &[u8]) -> Option<usize> {
    let mut at = integer_digits(text)?;
    let digits = |at: usize| text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut is_float = false;
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
        is_float = true;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = if at + 1 + sign <= text.len() { digits(at + 1 + sign) } else { 0 };
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
        is_float = true;
    }
    let goes_on = matches!(text.get(at), Some(b'0'..=b'9' | b'E' | b'e' | b'.' | b'-'));
    (is_float && !goes_on).then_some(at)
}
