//! JSON as Ruby's parser reads it, with its errors.

use num_bigint::BigInt;
use plimsoll_ruby::{Interp, RArray, RHash, Res, Value};

/// A value, or what Ruby's `JSON::ParserError` says.
pub(crate) fn parse(vm: &Interp, text: &[u8]) -> Res<Result<Value, String>> {
    let mut parser = Parser { vm, text, at: 0, depth: 0 };
    parser.skip_ignored();
    let start = parser.at;
    let value = match parser.value()? {
        Ok(value) => value,
        Err(Failure::NoValue) => return Ok(Err(unexpected(DOCUMENT, &text[start..]))),
        Err(Failure::Error(error)) => return Ok(Err(error)),
    };
    parser.skip_ignored();
    if parser.at < text.len() {
        return Ok(Err(unexpected(DOCUMENT, &text[parser.at..])));
    }
    Ok(Ok(value))
}

/// Lines of Ruby's parser (json 2.6.1) that its messages begin with.
const DOCUMENT: u32 = 859;
const ARRAY: u32 = 451;
/// How deep arrays and hashes may nest.
const DEEPEST: usize = 100;

fn unexpected(line: u32, rest: &[u8]) -> String {
    format!("{line}: unexpected token at '{}'", crate::text::lossy(rest))
}

/// Why there is no value.
enum Failure {
    /// What is here is none: the array or document around it says so.
    NoValue,
    /// An error of its own.
    Error(String),
}

type Parsed = Result<Value, Failure>;

struct Parser<'t> {
    vm: &'t Interp,
    text: &'t [u8],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn starts_with(&self, word: &[u8]) -> bool {
        self.text[self.at..].starts_with(word)
    }

    /// Blanks and comments.
    fn skip_ignored(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') if self.starts_with(b"//") => {
                    let rest = &self.text[self.at..];
                    self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                }
                Some(b'/') if self.starts_with(b"/*") => match crate::text::find(&self.text[self.at + 2..], b"*/") {
                    Some(end) => self.at += end + 4,
                    None => return,
                },
                _ => return,
            }
        }
    }

    fn value(&mut self) -> Res<Parsed> {
        self.vm.tick()?;
        let words: [(&[u8], Value); 3] =
            [(b"null", Value::Nil), (b"true", Value::Bool(true)), (b"false", Value::Bool(false))];
        for (word, value) in words {
            if self.starts_with(word) {
                self.at += word.len();
                return Ok(Ok(value));
            }
        }
        match self.peek() {
            Some(b'"') => Ok(self.string().map(Value::bytes).ok_or(Failure::NoValue)),
            Some(b'[') => self.nested(Self::array),
            Some(b'{') => self.nested(Self::object),
            Some(b'-' | b'0'..=b'9') => Ok(self.number()),
            _ if self.starts_with(b"NaN") || self.starts_with(b"Infinity") => {
                Ok(Err(Failure::Error(unexpected(DOCUMENT, &self.text[self.at..]))))
            }
            _ => Ok(Err(Failure::NoValue)),
        }
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Res<Parsed>) -> Res<Parsed> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Ok(Err(Failure::Error(format!("nesting of {} is too deep", self.depth))));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn array(&mut self) -> Res<Parsed> {
        let list = RArray::new(Vec::new());
        self.at += 1;
        self.skip_ignored();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Ok(list.into()));
        }
        loop {
            let start = self.at;
            match self.value()? {
                Ok(value) => list.push(value),
                Err(Failure::NoValue) => return Ok(Err(Failure::Error(unexpected(ARRAY, &self.text[start..])))),
                Err(error) => return Ok(Err(error)),
            }
            self.skip_ignored();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.skip_ignored();
                }
                Some(b']') => {
                    self.at += 1;
                    return Ok(Ok(list.into()));
                }
                _ => return Ok(Err(Failure::Error(unexpected(ARRAY, &self.text[self.at..])))),
            }
        }
    }

    /// An object with anything wrong in it is no value: the message shows all of it.
    fn object(&mut self) -> Res<Parsed> {
        let hash = RHash::new();
        let start = self.at;
        self.at += 1;
        self.skip_ignored();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Ok(hash.into()));
        }
        loop {
            let Some(key) = self.string() else { return Ok(self.no_object(start)) };
            self.skip_ignored();
            if self.peek() != Some(b':') {
                return Ok(self.no_object(start));
            }
            self.at += 1;
            self.skip_ignored();
            match self.value()? {
                Ok(value) => self.vm.hash_set(&hash, Value::bytes(key), value)?,
                Err(Failure::NoValue) => return Ok(self.no_object(start)),
                Err(error) => return Ok(Err(error)),
            }
            self.skip_ignored();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.skip_ignored();
                }
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Ok(hash.into()));
                }
                _ => return Ok(self.no_object(start)),
            }
        }
    }

    fn no_object(&mut self, start: usize) -> Parsed {
        self.at = start;
        Err(Failure::NoValue)
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        let mut at = self.at;
        if self.text.get(at) != Some(&b'"') {
            return None;
        }
        at += 1;
        let mut string = Vec::new();
        loop {
            match *self.text.get(at)? {
                b'"' => break,
                b'\\' => {
                    at += 1;
                    match *self.text.get(at)? {
                        b'b' => string.push(8),
                        b'f' => string.push(12),
                        b'n' => string.push(b'\n'),
                        b'r' => string.push(b'\r'),
                        b't' => string.push(b'\t'),
                        b'u' => {
                            let (character, length) = unescape(self.text.get(at + 1..)?)?;
                            string.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                            at += length;
                        }
                        b'\n' => return None,
                        other => string.push(other),
                    }
                }
                0..=0x1f => return None,
                byte => string.push(byte),
            }
            at += 1;
        }
        self.at = at + 1;
        Some(string)
    }

    fn number(&mut self) -> Parsed {
        let rest = &self.text[self.at..];
        let digits = |from: usize| rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let sign = usize::from(rest[0] == b'-');
        let whole = digits(sign);
        if whole == 0 || (whole > 1 && rest[sign] == b'0') {
            return Err(Failure::NoValue);
        }
        let mut end = sign + whole;
        let mut is_float = false;
        if rest.get(end) == Some(&b'.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
            is_float = true;
        }
        if matches!(rest.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
            if rest.len() > end + 1 + sign && digits(end + 1 + sign) > 0 {
                end += 1 + sign + digits(end + 1 + sign);
                is_float = true;
            }
        }
        let text = std::str::from_utf8(&rest[..end]).expect("digits and signs");
        self.at += end;
        if is_float {
            return text.parse().map(Value::Float).map_err(|_| Failure::NoValue);
        }
        match text.parse::<i64>() {
            Ok(small) => Ok(Value::Int(small)),
            Err(_) => text.parse::<BigInt>().map(|big| self.vm.integer(big)).map_err(|_| Failure::NoValue),
        }
    }
}

/// The character of `\uXXXX` (after the `u`), with a second half where it has one; and how many bytes that took.
fn unescape(text: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| u32::from_str_radix(std::str::from_utf8(text.get(at..at + 4)?).ok()?, 16).ok();
    let first = unit(0)?;
    if (0xd800..0xdc00).contains(&first)
        && text.get(4..6) == Some(b"\\u")
        && let Some(second) = unit(6).filter(|second| (0xdc00..0xe000).contains(second))
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(code)?, 10));
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, show};

    fn read(text: &str) -> String {
        let vm = testing::vm();
        match parse(&vm, text.as_bytes()).unwrap() {
            Ok(value) => show(&vm, &value),
            Err(error) => format!("!{error}"),
        }
    }

    #[test]
    fn reads_values() {
        assert_eq!(
            read(r#" {"a": [1, -2.5, 1e3, null, true], "b": {"c": "x\n\u00e9\ud83d\ude00"}} "#),
            "{\"a\" => [1, -2.5, 1000.0, nil, true], \"b\" => {\"c\" => \"x\\né😀\"}}"
        );
        assert_eq!(read("/* c */ [] // d\n"), "[]");
        assert_eq!(read("12345678901234567890"), "12345678901234567890");
        assert_eq!(read(r#"{"a":1,"a":2}"#), r#"{"a" => 2}"#);
    }

    #[test]
    fn errors_are_those_of_ruby() {
        assert_eq!(read(r#"{"a": 1"#), r#"!859: unexpected token at '{"a": 1'"#);
        assert_eq!(read("[1, 2"), "!451: unexpected token at ''");
        assert_eq!(read("[1 2]"), "!451: unexpected token at '2]'");
        assert_eq!(read("[{]"), "!451: unexpected token at '{]'");
        assert_eq!(read("x"), "!859: unexpected token at 'x'");
        assert_eq!(read("1 x"), "!859: unexpected token at 'x'");
        assert_eq!(read("01"), "!859: unexpected token at '01'");
        assert!(read(&"[".repeat(101)).starts_with("!nesting of 101"));
    }
}
