//! `inspect`, `dump` and `undump`.

use super::text;
use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("inspect", 0, 0, inspect, "A literal of the String, quoted and escaped"),
    def("dump", 0, 0, dump, "The same with everything beyond ASCII escaped"),
    def("undump", 0, 0, undump, "The String that a `dump` stands for"),
];

fn inspect(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    Ok(Value::bytes(inspected(&string.bytes(), string.encoding())))
}

/// The quoted, escaped form of bytes in an encoding.
pub(crate) fn inspected(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 2);
    out.push(b'"');
    let mut at = 0;
    while at < bytes.len() {
        let ch = &bytes[at..at + text::char_len(&bytes[at..], encoding)];
        at += ch.len();
        match text::code_point(ch, encoding).filter(|&c| encoding.is_unicode() || c < 0x80) {
            None => out.extend(ch.iter().flat_map(|b| format!("\\x{b:02X}").into_bytes())),
            Some(code) => {
                let next = text::chars(&bytes[at..], encoding).next().and_then(|ch| text::code_point(ch, encoding));
                escape_code(&mut out, code, next, encoding);
            }
        }
    }
    out.push(b'"');
    out
}

fn escape_code(out: &mut Vec<u8>, code: u32, next: Option<u32>, encoding: Encoding) {
    let shown = |c: char| encoding == Encoding::Utf8 && printable(c);
    if let Some(simple) = simple_escape(code) {
        out.extend([b'\\', simple]);
    } else if code == u32::from(b'"') || code == u32::from(b'\\') {
        out.extend([b'\\', code as u8]);
    } else if code == u32::from(b'#') && next.is_some_and(|next| b"{$@".map(u32::from).contains(&next)) {
        out.extend(b"\\#");
    } else if code < 0x80 {
        if (0x20..0x7f).contains(&code) {
            out.push(code as u8);
        } else if encoding.is_unicode() {
            out.extend(format!("\\u{code:04X}").into_bytes());
        } else {
            out.extend(format!("\\x{code:02X}").into_bytes());
        }
    } else if let Some(c) = char::from_u32(code).filter(|c| shown(*c)) {
        out.extend(c.encode_utf8(&mut [0; 4]).bytes());
    } else if code > 0xffff {
        out.extend(format!("\\u{{{code:X}}}").into_bytes());
    } else {
        out.extend(format!("\\u{code:04X}").into_bytes());
    }
}

fn simple_escape(code: u32) -> Option<u8> {
    Some(match code {
        0x07 => b'a',
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0b => b'v',
        0x0c => b'f',
        0x0d => b'r',
        0x1b => b'e',
        _ => return None,
    })
}

/// Whether a character is shown as itself: neither a control, nor a line separator, nor unassigned.
pub(crate) fn printable(c: char) -> bool {
    thread_local! {
        static PRINTABLE: fancy_regex::Regex =
            fancy_regex::Regex::new(r"^(?:[^\p{Cc}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|\x{85})$").expect("a constant pattern");
    }
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // Letters, by far the most frequent, need no pattern.
    c.is_alphanumeric() || PRINTABLE.with(|p| p.is_match(c.encode_utf8(&mut [0; 4])).unwrap_or(false))
}

fn dump(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    let encoding = string.encoding();
    if encoding.is_ascii_compatible() {
        return Ok(Value::Str(RString::new(dumped(&string.bytes(), encoding), encoding)));
    }
    let mut dumped = dumped(&string.bytes(), Encoding::Binary);
    dumped.extend(format!(".dup.force_encoding(\"{}\")", encoding.name()).into_bytes());
    Ok(Value::Str(RString::new(dumped, Encoding::Binary)))
}

fn dumped(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let mut out = vec![b'"'];
    let mut at = 0;
    while at < bytes.len() {
        let ch = &bytes[at..at + text::char_len(&bytes[at..], encoding)];
        at += ch.len();
        let byte = ch[0];
        if let (Encoding::Utf8, 2.., Some(code)) = (encoding, ch.len(), text::code_point(ch, encoding)) {
            let escape = if code > 0xffff { format!("\\u{{{code:X}}}") } else { format!("\\u{code:04X}") };
            out.extend(escape.into_bytes());
        } else if let Some(simple) = simple_escape(u32::from(byte)) {
            out.extend([b'\\', simple]);
        } else if byte == b'"' || byte == b'\\' {
            out.extend([b'\\', byte]);
        } else if byte == b'#' && matches!(bytes.get(at), Some(b'{' | b'$' | b'@')) {
            out.extend(b"\\#");
        } else if (0x20..0x7f).contains(&byte) {
            out.push(byte);
        } else {
            out.extend(format!("\\x{byte:02X}").into_bytes());
        }
    }
    out.push(b'"');
    out
}

fn undump(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    let bytes = string.to_vec();
    if !bytes.is_ascii() {
        return Err(vm.error("RuntimeError", "non-ASCII character detected"));
    }
    if bytes.contains(&0) {
        return Err(vm.error("RuntimeError", "string contains null byte"));
    }
    let Some(inner) = bytes.strip_prefix(b"\"") else {
        return Err(vm.error(
            "RuntimeError",
            "invalid dumped string; not wrapped with '\"' nor '\"...\".force_encoding(\"...\")' form",
        ));
    };
    let Some(end) = closing_quote(inner) else {
        return Err(vm.error("RuntimeError", "unterminated dumped string"));
    };
    if end + 1 != inner.len() {
        return Err(vm.error(
            "RuntimeError",
            "invalid dumped string; not wrapped with '\"' nor '\"...\".force_encoding(\"...\")' form",
        ));
    }
    let mut out = Vec::with_capacity(end);
    let mut encoding = string.encoding();
    let mut rest = &inner[..end];
    let (mut hexadecimal, mut unicode) = (false, false);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else {
            return Err(vm.error("RuntimeError", "invalid escape character syntax"));
        };
        rest = after;
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'f' => out.push(0x0c),
            b'v' => out.push(0x0b),
            b'b' => out.push(0x08),
            b'a' => out.push(0x07),
            b'e' => out.push(0x1b),
            b'x' => {
                let digits = hex_digits(rest, 2);
                if digits.len() != 2 {
                    return Err(vm.error("RuntimeError", "invalid hex escape"));
                }
                out.push(hex_value(digits) as u8);
                hexadecimal = true;
                rest = &rest[2..];
            }
            b'u' => {
                encoding = Encoding::Utf8;
                unicode = true;
                let (digits, skip) = match rest.strip_prefix(b"{") {
                    Some(braced) => {
                        let digits = hex_digits(braced, 6);
                        (digits, digits.len() + 2)
                    }
                    None => (hex_digits(rest, 4), 4),
                };
                let code = char::from_u32(hex_value(digits)).filter(|_| !digits.is_empty() && skip <= rest.len());
                let Some(code) = code else {
                    return Err(vm.error("RuntimeError", "invalid Unicode escape"));
                };
                out.extend(code.to_string().into_bytes());
                rest = &rest[skip..];
            }
            other => out.push(other),
        }
        if hexadecimal && unicode {
            return Err(vm.error("RuntimeError", "hex escape and Unicode escape are mixed"));
        }
    }
    Ok(Value::Str(RString::new(out, encoding)))
}

fn closing_quote(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn hex_digits(bytes: &[u8], most: usize) -> &[u8] {
    let count = bytes.iter().take(most).take_while(|b| b.is_ascii_hexdigit()).count();
    &bytes[..count]
}

fn hex_value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, &d| value * 16 + char::from(d).to_digit(16).unwrap_or(0))
}
