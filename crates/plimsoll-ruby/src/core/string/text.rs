//! Bytes seen as characters, by their encoding.

use crate::interp::Interp;
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RString};

/// Length in bytes of the valid UTF-8 character that `bytes` starts with.
pub(crate) fn utf8_len(bytes: &[u8]) -> Option<usize> {
    let first = *bytes.first()?;
    let len = match first {
        0..=0x7f => return Some(1),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let tail = bytes.get(1..len)?;
    let second = match first {
        0xe0 => 0xa0..=0xbf,
        0xed => 0x80..=0x9f,
        0xf0 => 0x90..=0xbf,
        0xf4 => 0x80..=0x8f,
        _ => 0x80..=0xbf,
    };
    let valid = second.contains(&tail[0]) && tail[1..].iter().all(|b| b & 0xc0 == 0x80);
    valid.then_some(len)
}

/// Length in bytes of the character that the non-empty `bytes` start with; an invalid byte is a character of its own.
pub(crate) fn char_len(bytes: &[u8], encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => utf8_len(bytes).unwrap_or(1),
        _ if encoding.is_ascii_compatible() => 1,
        _ => match encoding.decode(bytes) {
            (len, Ok(_)) => len,
            _ => encoding.unit().min(bytes.len()),
        },
    }
}

/// Whether every character is ASCII, and written as ASCII is.
pub(crate) fn is_ascii(bytes: &[u8], encoding: Encoding) -> bool {
    encoding.is_ascii_compatible() && bytes.is_ascii()
}

/// Whether every character is one byte.
pub(crate) fn single_byte(bytes: &[u8], encoding: Encoding) -> bool {
    match encoding {
        Encoding::Utf8 => bytes.is_ascii(),
        _ => encoding.is_ascii_compatible(),
    }
}

/// Whether the bytes are valid in their encoding.
pub(crate) fn is_valid(bytes: &[u8], encoding: Encoding) -> bool {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).is_ok(),
        Encoding::UsAscii => bytes.is_ascii(),
        _ if encoding.is_ascii_compatible() => true,
        _ => chars(bytes, encoding).all(|ch| encoding.decode(ch).1.is_ok()),
    }
}

/// Text in any encoding as a String; as an error, what it is with replacement characters for invalid bytes.
pub(crate) fn decoded(bytes: &[u8], encoding: Encoding) -> Result<String, String> {
    let mut valid = true;
    let text = chars(bytes, encoding).map(|ch| {
        encoding.decode(ch).1.unwrap_or_else(|_| {
            valid = false;
            char::REPLACEMENT_CHARACTER
        })
    });
    let text = text.collect();
    if valid { Ok(text) } else { Err(text) }
}

/// A String's text in an encoding, when that has all its characters.
pub(crate) fn encoded(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    text.chars().all(|c| encoding.encode(c, &mut bytes)).then_some(bytes)
}

/// The characters, each as its bytes.
pub(crate) fn chars(bytes: &[u8], encoding: Encoding) -> Chars<'_> {
    Chars { bytes, encoding }
}

/// Iterates over characters.
#[derive(Clone)]
pub(crate) struct Chars<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
}

impl<'a> Iterator for Chars<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.bytes.is_empty() {
            return None;
        }
        let (first, rest) = self.bytes.split_at(char_len(self.bytes, self.encoding));
        self.bytes = rest;
        Some(first)
    }
}

/// Number of characters.
pub(crate) fn count(bytes: &[u8], encoding: Encoding) -> usize {
    if single_byte(bytes, encoding) {
        return bytes.len();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if encoding == Encoding::Utf8 => text.chars().count(),
        _ => chars(bytes, encoding).count(),
    }
}

/// The byte offset of character `index`; the length for the index after the last; `None` beyond.
pub(crate) fn offset(bytes: &[u8], encoding: Encoding, index: usize) -> Option<usize> {
    if single_byte(bytes, encoding) {
        return (index <= bytes.len()).then_some(index);
    }
    let mut at = 0;
    for _ in 0..index {
        if at >= bytes.len() {
            return None;
        }
        at += char_len(&bytes[at..], encoding);
    }
    Some(at)
}

/// The same with indices below zero counted from the end.
pub(crate) fn signed_offset(bytes: &[u8], encoding: Encoding, index: i64) -> Option<usize> {
    let index = if index < 0 { index + count(bytes, encoding) as i64 } else { index };
    offset(bytes, encoding, usize::try_from(index).ok()?)
}

/// How many characters lie before byte `at`.
pub(crate) fn index_of(bytes: &[u8], encoding: Encoding, at: usize) -> usize {
    count(&bytes[..at], encoding)
}

/// Start of the character that ends at byte `at` (`at` > 0).
pub(crate) fn previous(bytes: &[u8], encoding: Encoding, at: usize) -> usize {
    if encoding == Encoding::Utf8 {
        for back in 1..=4.min(at) {
            if utf8_len(&bytes[at - back..at]) == Some(back) {
                return at - back;
            }
        }
    }
    let unit = encoding.unit();
    let start = (at - 1) / unit * unit;
    // The second half of a surrogate pair belongs to the first.
    match start.checked_sub(2).map(|before| encoding.decode(&bytes[before..at])) {
        Some((4, Ok(_))) if unit == 2 => start - 2,
        _ => start,
    }
}

/// The code point of one character; `None` for an invalid one.
pub(crate) fn code_point(ch: &[u8], encoding: Encoding) -> Option<u32> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(ch).ok()?.chars().next().map(u32::from),
        _ if !encoding.is_ascii_compatible() => encoding.decode(ch).1.ok().map(u32::from),
        Encoding::UsAscii => ch.first().filter(|b| b.is_ascii()).map(|&b| u32::from(b)),
        _ => ch.first().map(|&b| u32::from(b)),
    }
}

/// The character of a code point in an encoding.
pub(crate) fn encode(code: u32, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::UsAscii => u8::try_from(code).ok().filter(u8::is_ascii).map(|b| vec![b]),
        _ if encoding.is_unicode() => char::from_u32(code).map(|c| {
            let mut bytes = Vec::new();
            encoding.encode(c, &mut bytes);
            bytes
        }),
        _ => u8::try_from(code).ok().map(|b| vec![b]),
    }
}

/// The encoding in which two Strings can be joined, if there is one.
pub(crate) fn compatible(a: &RString, b: &RString) -> Option<Encoding> {
    joint(a.encoding(), a.is_empty(), || a.is_ascii(), b.encoding(), &b.bytes())
}

/// The encoding in which more can be added to a text, if there is one; whether that is ASCII is asked last, for it may be long.
pub(crate) fn joint(
    encoding: Encoding,
    empty: bool,
    ascii: impl FnOnce() -> bool,
    added: Encoding,
    bytes: &[u8],
) -> Option<Encoding> {
    if encoding == added || bytes.is_empty() || (encoding.is_ascii_compatible() && is_ascii(bytes, added)) {
        return Some(encoding);
    }
    let gives_way = empty || (encoding.is_ascii_compatible() && added.is_ascii_compatible() && ascii());
    gives_way.then_some(added)
}

/// The error of texts that can't be joined.
pub(crate) fn incompatible(vm: &Interp, encoding: Encoding, added: Encoding) -> Unwind {
    let text = format!("incompatible character encodings: {} and {}", encoding.name(), added.name());
    vm.error("Encoding::CompatibilityError", text)
}

impl Interp {
    /// The encoding in which two Strings can be joined; else `Encoding::CompatibilityError`.
    pub(crate) fn joint_encoding(&self, a: &RString, b: &RString) -> Res<Encoding> {
        compatible(a, b).ok_or_else(|| incompatible(self, a.encoding(), b.encoding()))
    }

    /// The bytes of a String in which ASCII characters are the same bytes as ever: numbers are read from those alone.
    pub(crate) fn ascii_text(&self, string: &RString) -> Res<Vec<u8>> {
        if string.encoding().is_ascii_compatible() {
            return Ok(string.to_vec());
        }
        let text = format!("ASCII incompatible encoding: {}", string.encoding().name());
        Err(self.error("Encoding::CompatibilityError", text))
    }

    /// Refuses a String with invalid bytes.
    pub(crate) fn check_valid(&self, string: &RString) -> Res<()> {
        if string.is_valid() {
            return Ok(());
        }
        Err(self.argument_error(format!("invalid byte sequence in {}", string.encoding().name())))
    }
}

/// First occurrence of `needle` at or after byte `from`, on a character boundary.
pub(crate) fn find(bytes: &[u8], needle: &[u8], from: usize, encoding: Encoding) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + find_bytes(bytes.get(from..)?, needle)?;
        if on_boundary(bytes, at, encoding) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Last occurrence of `needle` at or before byte `from`, on a character boundary.
pub(crate) fn rfind(bytes: &[u8], needle: &[u8], from: usize, encoding: Encoding) -> Option<usize> {
    let last = bytes.len().checked_sub(needle.len())?.min(from);
    (0..=last).rev().find(|&at| bytes[at..].starts_with(needle) && on_boundary(bytes, at, encoding))
}

/// Whether a character may start at byte `at`.
pub(crate) fn on_boundary(bytes: &[u8], at: usize, encoding: Encoding) -> bool {
    if at == 0 || at >= bytes.len() {
        return true;
    }
    if !encoding.is_ascii_compatible() {
        return at.is_multiple_of(encoding.unit())
            && previous(bytes, encoding, (at + encoding.unit()).min(bytes.len())) == at;
    }
    if encoding != Encoding::Utf8 || bytes[at] & 0xc0 != 0x80 {
        return true;
    }
    // A continuation byte: inside a character unless what precedes it is broken.
    (1..4.min(at + 1)).all(|back| utf8_len(&bytes[at - back..]).is_none_or(|len| len <= back))
}

fn find_bytes(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let Some((&first, rest)) = needle.split_first() else { return Some(0) };
    let last = bytes.len().checked_sub(needle.len())?;
    let mut at = 0;
    while at <= last {
        at += bytes[at..=last].iter().position(|&b| b == first)?;
        if bytes[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
    None
}
