//! Reading YAML files of a profile or of whoever runs it, as Ruby's Psych reads them: YAML 1.1 scalars, of which only `y`
//! and `n` are plain text, the last of equal keys, and no aliases.

use granit_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Number, Value as Json};

/// What becomes of a date that stands without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dates {
    /// It is its text.
    Text,
    /// It is an error: Psych makes an object of it that InSpec does not take.
    Refused,
}

/// Parses YAML (or JSON, which is YAML) into a JSON value; the error says what is wrong, with line and column.
pub(crate) fn parse(text: &str, dates: Dates) -> Result<Json, String> {
    let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    loop {
        let mut reader = Reader { parser: Parser::new_from_str(&text), dates, depth: 0, unindented: None };
        let (document, unindented) = (reader.document(), reader.unindented);
        match unindented {
            Some(line) if indent(&mut text, line) => {}
            _ => return document,
        }
    }
}

/// Indents a line, counted from 0, that is part of a text in quotes: the parser asks for it, Psych does not, and it means
/// nothing there. False when it is indented already.
fn indent(text: &mut String, line: usize) -> bool {
    let blanks = " ".repeat(4 * DEEPEST);
    let start = text.split_inclusive('\n').take(line).map(str::len).sum();
    let needed = !text[start..].starts_with(&blanks);
    if needed {
        text.insert_str(start, &blanks);
    }
    needed
}

/// How deep collections may nest.
const DEEPEST: usize = 200;

struct Reader<'s> {
    parser: Parser<'s, StrInput<'s>>,
    dates: Dates,
    depth: usize,
    /// The line, counted from 0, that ended it for the want of blanks at its beginning.
    unindented: Option<usize>,
}

impl<'s> Reader<'s> {
    fn document(&mut self) -> Result<Json, String> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(Json::Null),
                event => return self.node(event),
            }
        }
    }

    fn next(&mut self) -> Result<Event<'s>, String> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, _))) => return Ok(event),
                Some(Err(error)) => {
                    let at = error.marker();
                    if error.info().contains("indentation in multiline quoted scalar") {
                        self.unindented = Some(at.line().saturating_sub(1));
                    }
                    return Err(format!("line {}, column {}: {}", at.line(), at.col() + 1, error.info()));
                }
                None => return Ok(Event::StreamEnd),
            }
        }
    }

    fn node(&mut self, event: Event<'s>) -> Result<Json, String> {
        if self.depth == DEEPEST {
            return Err(format!("it is nested deeper than {DEEPEST} levels"));
        }
        self.depth += 1;
        let node = match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.map(|tag| tag.original());
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag == "!!str" || tag == "!");
                if is_text { Ok(Json::from(&*text)) } else { scalar(&text, self.dates) }
            }
            Event::SequenceStart(..) => self.sequence(),
            Event::MappingStart(..) => self.mapping(),
            Event::Alias(_) => Err("aliases (`*name`) are not allowed".to_owned()),
            _ => Err("a value is missing".to_owned()),
        };
        self.depth -= 1;
        node
    }

    fn sequence(&mut self) -> Result<Json, String> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Json::Array(list)),
                event => list.push(self.node(event)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Json, String> {
        let mut map = Map::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(Json::Object(map)),
                event => self.node(event)?,
            };
            let key = match key {
                Json::String(text) => text,
                other => other.to_string(),
            };
            let event = self.next()?;
            map.insert(key, self.node(event)?);
        }
    }
}

/// What a scalar without quotes means.
fn scalar(text: &str, dates: Dates) -> Result<Json, String> {
    let word = text.to_ascii_lowercase();
    Ok(match word.as_str() {
        "" | "~" | "null" => Json::Null,
        "yes" | "true" | "on" => Json::Bool(true),
        "no" | "false" | "off" => Json::Bool(false),
        _ if is_date(text) && dates == Dates::Refused => {
            return Err(format!("the date {text} is not allowed here; put it in quotes"));
        }
        _ => integer(text).or_else(|| float(text)).unwrap_or_else(|| Json::from(text)),
    })
}

/// `2030-01-31`, or such a date with a time.
fn is_date(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &str, longest: usize| {
        (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    matches!(parts.as_slice(), [year, month, day] if year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2))
}

/// Decimal, octal (`0644`), hexadecimal and binary numbers, with `_` and `,` between their digits.
fn integer(text: &str) -> Option<Json> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x', ..] => (16, &digits[2..]),
        [b'0', b'b', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let plain: String = digits.chars().filter(|c| *c != '_' && (radix != 10 || *c != ',')).collect();
    let starts = digits.starts_with(|c: char| c.is_digit(radix));
    if !starts || !plain.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    match i64::from_str_radix(&plain, radix) {
        Ok(number) => Some(Json::from(if negative { -number } else { number })),
        Err(_) => plain.parse::<f64>().ok().and_then(Number::from_f64).map(Json::Number),
    }
}

/// Numbers with a point, and perhaps an exponent with a sign.
fn float(text: &str) -> Option<Json> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.trim_start_matches(['-', '+']).replace(['_', ','], "");
    let exponent_fits = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['-', '+']).is_some_and(|digits| !digits.is_empty() && all(digits))
    });
    if !all(&whole) || !all(fraction) || (whole.is_empty() && fraction.is_empty()) || !exponent_fits {
        return None;
    }
    text.replace(['_', ','], "").parse::<f64>().ok().and_then(Number::from_f64).map(Json::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Dates, parse};

    #[test]
    fn scalars_are_those_of_psych() {
        let text = "{a: n, b: no, c: 0644, d: '0644', e: 1_000, f: 2.50, g: 1.2.3, h: ~, i: 1e3, j: -7, k: 0x1f, l: y}";
        let expected = json!({"a": "n", "b": false, "c": 420, "d": "0644", "e": 1000, "f": 2.5, "g": "1.2.3", "h": null,
            "i": "1e3", "j": -7, "k": 31, "l": "y"});
        assert_eq!(parse(text, Dates::Text), Ok(expected));
    }

    #[test]
    fn the_last_of_equal_keys_counts_and_keys_are_text() {
        assert_eq!(parse("a: 1\n2: x\na: 3\n", Dates::Text), Ok(json!({"a": 3, "2": "x"})));
        assert_eq!(parse("", Dates::Text), Ok(json!(null)));
    }

    #[test]
    fn texts_in_quotes_go_on_without_indentation() {
        let text = "a:\n  - b: 'x\n\n    y\n  z'\n    c: \"p\nq\"\n  - 1\n";
        assert_eq!(parse(text, Dates::Text), Ok(json!({"a": [{"b": "x\ny z", "c": "p q"}, 1]})));
        assert!(parse("a: 'x\n---\n", Dates::Text).is_err());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let error = parse("a: [1, 2\nb: 3\n", Dates::Text).unwrap_err();
        assert!(error.contains("line"), "{error}");
        assert_eq!(parse("on: 2030-01-31", Dates::Text), Ok(json!({"true": "2030-01-31"})));
        assert!(parse("x: 2030-01-31", Dates::Refused).unwrap_err().contains("2030-01-31"));
        assert!(parse("x: '2030-01-31'", Dates::Refused).is_ok());
        assert!(parse("a: &x 1\nb: *x\n", Dates::Text).unwrap_err().contains("alias"));
        assert!(parse(&"[".repeat(5000), Dates::Text).is_err());
    }
}
