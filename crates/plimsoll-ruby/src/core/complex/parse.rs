//! Complex numbers as text: `1+2i`, `3.5`, `-i`, `2@0.5`, `1/2-3/4i`.

use std::rc::Rc;

use crate::args::Args;
use crate::core::{rational, string};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RString, Value};

/// A text that is nothing but a Complex number; else ArgumentError.
pub(super) fn whole(vm: &Interp, text: &Rc<RString>) -> Res {
    let bytes = text.to_vec();
    if bytes.contains(&0) {
        return Err(vm.argument_error("string contains null byte"));
    }
    let mut reader = Reader { vm, bytes: bytes.trim_ascii(), at: 0 };
    let (value, complete) = reader.complex()?;
    if complete && reader.at == reader.bytes.len() {
        return Ok(value);
    }
    let shown = vm.inspect(&Value::Str(Rc::clone(text)))?.lossy();
    Err(vm.argument_error(format!("invalid value for convert(): {shown}")))
}

/// The Complex number that a text begins with, zero if none.
pub(crate) fn leading(vm: &Interp, bytes: &[u8]) -> Res {
    Reader { vm, bytes: bytes.trim_ascii_start(), at: 0 }.complex().map(|(value, _)| value)
}

struct Reader<'a> {
    vm: &'a Interp,
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn take(&mut self, wanted: &[u8]) -> Option<u8> {
        let byte = self.peek();
        wanted.contains(&byte).then(|| {
            self.at += 1;
            byte
        })
    }

    /// The number, and whether it was one to its end.
    fn complex(&mut self) -> Res<(Value, bool)> {
        const UNIT: &[u8] = b"ijIJ";
        let zero = Value::Int(0);
        let from = self.at;
        let negative = self.take(b"+-") == Some(b'-');
        if self.take(UNIT).is_some() {
            return Ok((super::make(self.vm, zero, Value::Int(if negative { -1 } else { 1 })), true));
        }
        let complete = self.unsigned();
        let first = self.number(from)?;
        if !complete {
            return Ok((super::make(self.vm, first, zero), false));
        }
        if self.take(UNIT).is_some() {
            return Ok((super::make(self.vm, zero, first), true));
        }
        if self.take(b"@").is_some() {
            let from = self.at;
            self.take(b"+-");
            let complete = self.unsigned();
            if !self.bytes[from..self.at].last().is_some_and(u8::is_ascii_digit) {
                return Ok((super::make(self.vm, first, zero), false));
            }
            let angle = self.number(from)?;
            return Ok((super::from_polar(self.vm, Args::new(&[first, angle]))?, complete));
        }
        let from = self.at;
        let Some(sign) = self.take(b"+-") else { return Ok((super::make(self.vm, first, zero), true)) };
        let second = if UNIT.contains(&self.peek()) {
            Value::Int(if sign == b'-' { -1 } else { 1 })
        } else {
            self.unsigned();
            self.number(from)?
        };
        if self.take(UNIT).is_none() {
            return Ok((super::make(self.vm, first, zero), false));
        }
        Ok((super::make(self.vm, first, second), true))
    }

    /// Passes digits with single underscores between them.
    fn digits(&mut self) -> bool {
        let from = self.at;
        while self.peek().is_ascii_digit()
            || (self.peek() == b'_' && self.at > from && self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit))
        {
            self.at += 1;
        }
        self.at > from
    }

    /// Passes a number without its sign: digits, a fraction, an exponent, a denominator. Whether it is whole.
    fn unsigned(&mut self) -> bool {
        if self.peek() != b'.' && !self.digits() {
            return false;
        }
        for (marks, signed) in [(&b"."[..], false), (b"eE", true), (b"/", false)] {
            let from = self.at;
            if self.take(marks).is_some() {
                if signed {
                    self.take(b"+-");
                }
                if !self.digits() {
                    self.at = from;
                    return false;
                }
            }
        }
        true
    }

    /// What was passed since `from`, as an Integer, Float or Rational.
    fn number(&self, from: usize) -> Res {
        let text = &self.bytes[from..self.at];
        if text.contains(&b'/') {
            return Ok(rational::parse(self.vm, text, false)?.unwrap_or(Value::Int(0)));
        }
        if text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            return Ok(Value::Float(string::parse_float(text, false).unwrap_or(0.0)));
        }
        Ok(self.vm.integer(string::parse_integer(text, 10, false).unwrap_or_default()))
    }
}
