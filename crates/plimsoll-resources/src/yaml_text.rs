//! YAML as Ruby's Psych 4 reads it: the first document, YAML 1.1 scalars, no aliases, no objects.

use std::sync::LazyLock;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use num_bigint::BigInt;
use plimsoll_ruby::{Interp, RArray, RHash, Res, Value};
use regex::Regex;

/// A value, or what Psych's error says.
pub(crate) fn parse(vm: &Interp, text: &[u8]) -> Res<Result<Value, String>> {
    let Ok(source) = std::str::from_utf8(text) else {
        return Ok(Err("(<unknown>): invalid leading UTF-8 octet".into()));
    };
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let mut builder = Builder { vm, source, parser: Parser::new_from_str(source), depth: 0 };
    match builder.document()? {
        Ok(value) => Ok(Ok(value)),
        Err(error) => Ok(Err(error)),
    }
}

/// How deep collections may nest.
const DEEPEST: usize = 500;

struct Builder<'s> {
    vm: &'s Interp,
    source: &'s str,
    parser: Parser<'s, StrInput<'s>>,
    depth: usize,
}

type Built<T = Value> = Result<T, String>;

impl<'s> Builder<'s> {
    fn next(&mut self) -> Built<(Event<'s>, Span)> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(event)) => return Ok(event),
                Some(Err(error)) => {
                    let at = error.marker();
                    return Err(format!("(<unknown>): {} at line {} column {}", error.info(), at.line(), at.col() + 1));
                }
                None => return Ok((Event::StreamEnd, Span::default())),
            }
        }
    }

    fn document(&mut self) -> Res<Built> {
        loop {
            match self.next() {
                Ok((Event::StreamStart | Event::DocumentStart(..), _)) => {}
                Ok((Event::StreamEnd | Event::DocumentEnd, _)) => return Ok(Ok(Value::Nil)),
                Ok((event, span)) => return self.node(event, span),
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn node(&mut self, event: Event<'s>, span: Span) -> Res<Built> {
        self.vm.tick()?;
        if self.depth > DEEPEST {
            return Ok(Err("(<unknown>): exceeded the nesting limit".into()));
        }
        self.depth += 1;
        let built = match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.map(|tag| tag.original());
                Ok(scalar(self.vm, &text, style == ScalarStyle::Plain, tag.as_deref()))
            }
            Event::SequenceStart(..) => self.sequence(),
            Event::MappingStart(_, _, tag) => match tag.map(|tag| tag.original()) {
                Some(tag) if tag.starts_with("!ruby/") => Ok(Err(unspecified(&tag))),
                _ => self.mapping(),
            },
            Event::Alias(_) => {
                let name = span.slice(self.source).unwrap_or("*").trim_start_matches('*').to_owned();
                Ok(Err(format!("Unknown alias: {name}")))
            }
            _ => Ok(Err("(<unknown>): did not find expected node content".into())),
        };
        self.depth -= 1;
        built
    }

    fn sequence(&mut self) -> Res<Built> {
        let list = RArray::new(Vec::new());
        loop {
            match self.next() {
                Ok((Event::SequenceEnd, _)) => return Ok(Ok(list.into())),
                Ok((event, span)) => match self.node(event, span)? {
                    Ok(value) => list.push(value),
                    Err(error) => return Ok(Err(error)),
                },
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn mapping(&mut self) -> Res<Built> {
        let hash = RHash::new();
        loop {
            let (event, span) = match self.next() {
                Ok((Event::MappingEnd, _)) => return Ok(Ok(hash.into())),
                Ok(next) => next,
                Err(error) => return Ok(Err(error)),
            };
            let merges = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key = match self.node(event, span)? {
                Ok(key) => key,
                Err(error) => return Ok(Err(error)),
            };
            let value = match self.next() {
                Ok((event, span)) => self.node(event, span)?,
                Err(error) => Err(error),
            };
            let value = match value {
                Ok(value) => value,
                Err(error) => return Ok(Err(error)),
            };
            match &value {
                Value::Hash(other) if merges => {
                    for (key, value) in other.entries() {
                        self.vm.hash_set(&hash, key, value)?;
                    }
                }
                _ => self.vm.hash_set(&hash, key, value)?,
            }
        }
    }
}

fn unspecified(tag: &str) -> String {
    let class = tag.trim_start_matches("!ruby/").split(':').skip(1).collect::<Vec<_>>().join(":");
    format!("Tried to load unspecified class: {}", if class.is_empty() { "Object" } else { &class })
}

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a fixed pattern"));
    };
}

pattern!(WORD, r"^[^\d.:-]?[A-Za-z_\s!@#$%^&*(){}<>|/\\~;=]+");
pattern!(TIME, r"^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(\d\d)?))?$");
pattern!(DATE, r"^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$");
pattern!(SEXAGESIMAL, r"^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}$");
pattern!(FLOAT, r"^[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][+-][0-9]+)?$");
pattern!(INTEGER, r"^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0x[0-9a-fA-F_]+)$");

/// What a scalar means.
fn scalar(vm: &Interp, text: &str, plain: bool, tag: Option<&str>) -> Built {
    match tag {
        Some("!!str" | "tag:yaml.org,2002:str" | "!str" | "!") => return Ok(Value::str(text)),
        Some(tag) if tag.starts_with("!ruby/sym") => return Ok(Value::sym(text)),
        Some(tag) if tag.starts_with("!ruby/") => return Err(unspecified(tag)),
        _ if !plain => return Ok(Value::str(text)),
        _ => {}
    }
    let string = || Ok(Value::str(text));
    if text.is_empty() {
        return Ok(Value::Nil);
    }
    if WORD.is_match(text) || text.contains('\n') {
        return Ok(match text.to_ascii_lowercase().as_str() {
            "~" | "null" => Value::Nil,
            "yes" | "true" | "on" => true.into(),
            "no" | "false" | "off" => false.into(),
            _ => Value::str(text),
        });
    }
    if TIME.is_match(text) {
        return Err("Tried to load unspecified class: Time".into());
    }
    if DATE.is_match(text) {
        return Err("Tried to load unspecified class: Date".into());
    }
    match text.to_ascii_lowercase().as_str() {
        "~" => return Ok(Value::Nil),
        ".inf" | "+.inf" => return Ok(Value::Float(f64::INFINITY)),
        "-.inf" => return Ok(Value::Float(f64::NEG_INFINITY)),
        ".nan" => return Ok(Value::Float(f64::NAN)),
        _ => {}
    }
    if let Some(name) = text.strip_prefix(':').filter(|name| !name.is_empty()) {
        let quote = |q: char| name.strip_prefix(q).and_then(|name| name.strip_suffix(q));
        return Ok(Value::sym(quote('"').or_else(|| quote('\'')).unwrap_or(name)));
    }
    if SEXAGESIMAL.is_match(text) {
        let parts = text.split(':').enumerate();
        let number = |part: &str| part.replace('_', "").parse::<i64>().unwrap_or(0);
        return Ok(Value::Int(parts.map(|(at, part)| number(part) * 60_i64.pow((at as i32 - 2).unsigned_abs())).sum()));
    }
    if FLOAT.is_match(text) {
        let digits = text.replace([',', '_'], "");
        return digits.parse().map_or_else(|_| string(), |float| Ok(Value::Float(float)));
    }
    if INTEGER.is_match(text) {
        return integer(vm, text).map_or_else(string, Ok);
    }
    string()
}

fn integer(vm: &Interp, text: &str) -> Option<Value> {
    let digits = text.replace([',', '_'], "");
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(digits) => (true, digits.to_owned()),
        None => (false, digits.trim_start_matches('+').to_owned()),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x', ..] => (16, &digits[2..]),
        [b'0', b'b', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, &digits[..]),
    };
    let value = BigInt::parse_bytes(digits.as_bytes(), radix)?;
    Some(vm.integer(if negative { -value } else { value }))
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
    fn scalars_are_those_of_yaml_1_1() {
        let cases = [
            ("[yes, No, ON, ~, null, y]", r#"[true, false, true, nil, nil, "y"]"#),
            ("[0644, 0x1f, 1_000, -3, 08]", r#"[420, 31, 1000, -3, "08"]"#),
            ("[1.5, .5, 1., 1e3, 1.0e+3]", r#"[1.5, 0.5, 1.0, "1e3", 1000.0]"#),
            ("[:sym, '12', \"yes\", 1:30]", r#"[:sym, "12", "yes", 5400]"#),
            ("[1.2.3, 10.0.0.1, a b]", r#"["1.2.3", "10.0.0.1", "a b"]"#),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn reads_the_first_document() {
        assert_eq!(
            read("# c\n---\na:\n  - b: 1\n  - |\n    x\n    y\n---\nother\n"),
            "{\"a\" => [{\"b\" => 1}, \"x\\ny\\n\"]}"
        );
        assert_eq!(read(""), "nil");
        assert_eq!(read("a: 1\n<<: {b: 2}\n"), r#"{"a" => 1, "b" => 2}"#);
    }

    #[test]
    fn refuses_what_psych_refuses() {
        assert_eq!(read("d: 2024-01-02\n"), "!Tried to load unspecified class: Date");
        assert_eq!(read("a: &b 1\nc: *b\n"), "!Unknown alias: b");
        assert_eq!(read("a: !ruby/object:Foo {}\n"), "!Tried to load unspecified class: Foo");
        assert!(read("a: [1\n").starts_with("!(<unknown>):"));
    }
}
