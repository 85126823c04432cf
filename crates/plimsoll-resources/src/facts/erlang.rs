//! Erlang's terms, as RabbitMQ's classic configuration file has them.

/// A term.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Term {
    List(Vec<Term>),
    Tuple(Vec<Term>),
    /// An atom, a string or a binary.
    Text(Vec<u8>),
    Bool(bool),
    Integer(i64),
    Float(f64),
}

/// A text that is no list of terms.
#[derive(Debug, PartialEq)]
pub(crate) struct Malformed;

/// The file's one list; `None` for a file without any.
pub(crate) fn parse(text: &[u8]) -> Result<Option<Term>, Malformed> {
    let mut parser = Parser { text, at: 0 };
    parser.filler();
    let list = match parser.peek() {
        Some(b'[') => Some(parser.enclosed(b']').map(Term::List).ok_or(Malformed)?),
        _ => None,
    };
    if parser.take(b".") {
        parser.filler();
    }
    if parser.at == text.len() { Ok(list) } else { Err(Malformed) }
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, word: &[u8]) -> bool {
        let is_here = self.text[self.at..].starts_with(word);
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    /// Blanks and comments.
    fn filler(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => self.at += self.span(|byte| !matches!(byte, b'\n' | b'\r')).len(),
                byte if byte.is_ascii_whitespace() || byte == 0x0b => self.at += 1,
                _ => return,
            }
        }
    }

    /// The bytes from here on that fit.
    fn span(&self, fits: impl Fn(u8) -> bool) -> &[u8] {
        let rest = &self.text[self.at..];
        &rest[..rest.iter().position(|byte| !fits(*byte)).unwrap_or(rest.len())]
    }

    /// Terms up to a closing byte, after the opening one.
    fn enclosed(&mut self, closing: u8) -> Option<Vec<Term>> {
        self.at += 1;
        self.filler();
        let mut terms = Vec::new();
        // The first ones may stand without commas between.
        while self.peek().is_some_and(|byte| byte != closing && byte != b',') {
            terms.push(self.term()?);
        }
        while !terms.is_empty() && self.take(b",") {
            self.filler();
            terms.push(self.term()?);
        }
        self.closed(&[closing])?;
        Some(terms)
    }

    fn closed(&mut self, closing: &[u8]) -> Option<()> {
        let closed = self.take(closing);
        self.filler();
        closed.then_some(())
    }

    fn term(&mut self) -> Option<Term> {
        let term = match self.peek()? {
            b'{' => Term::Tuple(self.enclosed(b'}')?),
            b'[' => Term::List(self.enclosed(b']')?),
            b'<' => Term::Text(self.binary()?),
            b'\'' | b'"' => Term::Text(self.string()?),
            b'a'..=b'z' | b'A'..=b'Z' => self.atom(),
            _ => self.number()?,
        };
        self.filler();
        Some(term)
    }

    fn atom(&mut self) -> Term {
        for (word, value) in [(b"true".as_slice(), true), (b"false".as_slice(), false)] {
            if self.take(word) {
                return Term::Bool(value);
            }
        }
        let name = self.span(|byte| byte.is_ascii_alphanumeric() || byte == b'_').to_vec();
        self.at += name.len();
        Term::Text(name)
    }

    /// A quoted text; what a backslash stands before stays behind it.
    fn string(&mut self) -> Option<Vec<u8>> {
        let quote = self.peek()?;
        let start = self.at + 1;
        self.at = start;
        while self.peek()? != quote {
            self.at += if self.peek() == Some(b'\\') { 2 } else { 1 };
        }
        let string = self.text[start..self.at].to_vec();
        self.at += 1;
        self.filler();
        Some(string)
    }

    fn digits(&mut self) -> Option<Vec<u8>> {
        let digits = self.span(|byte| byte.is_ascii_digit()).to_vec();
        self.at += digits.len();
        (!digits.is_empty()).then_some(digits)
    }

    fn integer(&mut self) -> Option<Vec<u8>> {
        let mut number = Vec::new();
        if let Some(sign @ (b'+' | b'-')) = self.peek() {
            number.push(sign);
            self.at += 1;
        }
        number.extend(self.digits()?);
        self.filler();
        Some(number)
    }

    fn number(&mut self) -> Option<Term> {
        let whole = self.integer()?;
        let after = self.at;
        if let Some(mark @ (b'.' | b'e')) = self.peek() {
            self.at += 1;
            if let Some(fraction) = self.digits() {
                let text = [&whole[..], &[mark], &fraction].concat();
                return String::from_utf8(text).ok()?.parse().ok().map(Term::Float);
            }
            self.at = after;
        }
        String::from_utf8(whole).ok()?.parse().ok().map(Term::Integer)
    }

    /// `<<"text", 7, 3:16>>`: the bytes of texts and numbers of so many bits.
    fn binary(&mut self) -> Option<Vec<u8>> {
        if !self.take(b"<<") {
            return None;
        }
        self.filler();
        let mut bits = Bits::default();
        let mut is_empty = true;
        while !self.take(b">>") {
            if !is_empty && self.take(b",") {
                self.filler();
            }
            self.item(&mut bits)?;
            is_empty = false;
        }
        Some(if is_empty { Vec::new() } else { bits.bytes() })
    }

    fn item(&mut self, bits: &mut Bits) -> Option<()> {
        let is_text = matches!(self.peek()?, b'\'' | b'"');
        let value = if is_text { self.string()? } else { self.integer()? };
        let mut size = None;
        if self.take(b":") {
            size = Some(String::from_utf8(self.integer()?).ok()?.parse::<u32>().ok()?);
        }
        if self.take(b"/") {
            let kind = self.span(|byte| byte.is_ascii_alphanumeric() || byte == b'_').to_vec();
            self.at += kind.len();
            size = match (kind.as_slice(), size) {
                (b"utf8" | b"integer", None) => Some(8),
                (b"float", None) if !is_text => Some(64),
                (b"utf16", None) if !is_text => Some(16),
                (b"utf32", None) if !is_text => Some(32),
                _ => return None,
            };
        }
        self.filler();
        if is_text {
            for byte in value {
                bits.add(byte.into(), 8);
            }
        } else {
            let number = String::from_utf8(value).ok()?.parse::<i64>().ok()?;
            bits.add(number.cast_unsigned(), size.unwrap_or(8).min(64));
        }
        Some(())
    }
}

/// Bits that are put together to bytes.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    /// Adds the lowest bits of a number.
    fn add(&mut self, number: u64, count: u32) {
        self.0.extend((0..count).rev().map(|at| number >> at & 1 == 1));
    }

    /// The bytes; what is left over at the end is one of its own.
    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Term {
        Term::Text(text.into())
    }

    #[test]
    fn reads_terms() {
        let file = "% comment\n[ {rabbit, [{ssl, true}, {n, -3}, {f, 1.5}, {s, 'a\\'b'}, {e, \"\"}]} , x ]. % end\n";
        let pair = |name: &str, value: Term| Term::Tuple(vec![text(name), value]);
        let settings = vec![
            pair("ssl", Term::Bool(true)),
            pair("n", Term::Integer(-3)),
            pair("f", Term::Float(1.5)),
            pair("s", text("a\\'b")),
            pair("e", text("")),
        ];
        let expected = Term::List(vec![pair("rabbit", Term::List(settings)), text("x")]);
        assert_eq!(parse(file.as_bytes()), Ok(Some(expected)));
    }

    #[test]
    fn reads_binaries() {
        let binary = |file: &str| match parse(file.as_bytes()) {
            Ok(Some(Term::List(terms))) => terms[0].clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(binary("[<<\"foo\", 33>>]"), text("foo!"));
        assert_eq!(binary("[<<65:16>>]"), Term::Text(vec![0, 65]));
        assert_eq!(binary("[<<>>]"), text(""));
    }

    #[test]
    fn refuses_what_is_malformed() {
        assert_eq!(parse(b""), Ok(None));
        for file in ["[", "[a,]", "{a}", "[a] b", "['a]", "[<<1]", "[<<1"] {
            assert_eq!(parse(file.as_bytes()), Err(Malformed), "{file}");
        }
    }
}
