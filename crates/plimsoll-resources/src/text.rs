//! Text that came from a target, cut the way Ruby cuts it. Everything is bytes.

use memchr::memmem;

/// `text.split(separator)`: without the empty parts at the end.
pub(crate) fn split(text: &[u8], separator: u8) -> Vec<&[u8]> {
    let mut parts: Vec<_> = text.split(|byte| *byte == separator).collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    parts
}

/// `text.split("\n")`
pub(crate) fn lines(text: &[u8]) -> Vec<&[u8]> {
    split(text, b'\n')
}

/// `text.split`: at runs of white space.
pub(crate) fn words(text: &[u8]) -> Vec<&[u8]> {
    text.split(is_space).filter(|part| !part.is_empty()).collect()
}

/// Whether Ruby's `\s` matches.
pub(crate) fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// `text.strip`: white space on both sides, NUL at the end too.
pub(crate) fn strip(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|b| !is_space(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !is_space(b) && *b != 0).map_or(start, |at| at + 1);
    &text[start..end.max(start)]
}

/// `text.chomp`: without one line end.
pub(crate) fn chomp(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// The number that all of the text spells in decimal digits (`/^\d+$/`).
pub(crate) fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `text.to_i`: the number at the start, 0 when there is none.
pub(crate) fn to_i(text: &[u8]) -> i64 {
    let start = text.iter().position(|b| !is_space(b)).unwrap_or(text.len());
    let text = &text[start..];
    let (negative, text) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let mut value: i64 = 0;
    for byte in text.iter().take_while(|b| b.is_ascii_digit()) {
        value = value.saturating_mul(10).saturating_add(i64::from(byte - b'0'));
    }
    if negative { -value } else { value }
}

/// Where `needle` first occurs.
pub(crate) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    memmem::find(text, needle)
}

/// Whether `needle` occurs, upper and lower case of ASCII letters alike.
pub(crate) fn contains_ignore_case(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

/// The text; the replacement character stands for invalid bytes.
pub(crate) fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A word as the shell takes it back unchanged: `Shellwords.escape`.
pub(crate) fn shell_escape(word: &[u8]) -> Vec<u8> {
    if word.is_empty() {
        return b"''".to_vec();
    }
    let mut escaped = Vec::with_capacity(word.len());
    // Ruby escapes characters, not bytes: a character beyond ASCII gets one backslash.
    let mut rest = word;
    while let Some(&byte) = rest.first() {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        }
        .min(rest.len());
        match byte {
            b'\n' => escaped.extend_from_slice(b"'\n'"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b',' | b':' | b'+' | b'/' | b'@' => {
                escaped.push(byte);
            }
            _ => {
                escaped.push(b'\\');
                escaped.extend_from_slice(&rest[..length]);
            }
        }
        rest = &rest[length..];
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_as_ruby_does() {
        assert_eq!(split(b"a::b::", b':'), [b"a".as_slice(), b"", b"b"]);
        assert!(split(b"", b':').is_empty());
        assert_eq!(words(b"  a\tb \n"), [b"a", b"b"]);
        assert_eq!(strip(b" \t a b\0\n "), b"a b");
        assert_eq!(strip(b" "), b"");
        assert_eq!(chomp(b"a\r\n"), b"a");
        assert_eq!((digits(b"12"), digits(b"1x"), digits(b"")), (Some(12), None, None));
        assert_eq!((to_i(b" -12abc"), to_i(b"x")), (-12, 0));
        assert_eq!(find(b"abc", b"bc"), Some(1));
        assert!(contains_ignore_case(b"CentOS Linux", b"centos"));
    }

    #[test]
    fn escapes_words_for_the_shell() {
        assert_eq!(shell_escape(b"a b'c"), b"a\\ b\\'c");
        assert_eq!(shell_escape("ü".as_bytes()), "\\ü".as_bytes());
        assert_eq!(shell_escape(b""), b"''");
        assert_eq!(shell_escape(b"\n"), b"'\n'");
    }
}
