//! Entities: characters that are not written as themselves.

/// The entities of every document.
const DEFAULT: [(&str, char); 5] = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];

/// Text with entities, for text without.
pub(super) fn written(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match DEFAULT.iter().find(|(_, own)| *own == c) {
            Some((name, _)) => out.extend(["&", name, ";"]),
            None => out.push(c),
        }
    }
    out
}

/// Text without entities; those that nobody has declared stay.
pub(super) fn meant(text: &str, declared: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = rest.find(';').and_then(|end| Some((character(&rest[1..end], declared)?, end)));
        match found {
            Some((text, end)) => {
                out.push_str(&text);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str, declared: &[(String, String)]) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).map(String::from);
    }
    let own = DEFAULT.iter().find(|(own, _)| *own == name).map(|(_, c)| c.to_string());
    own.or_else(|| declared.iter().find(|(own, _)| own == name).map(|(_, text)| meant(text, &[])))
}

/// The place of an `&` that begins no entity, or of a `<`.
pub(super) fn illegal(text: &str) -> Option<char> {
    for (at, c) in text.char_indices() {
        match c {
            '<' => return Some('<'),
            '&' => {
                let name = text[at + 1..].split(';').next().unwrap_or_default();
                let closed = text[at + 1..].contains(';');
                let valid = |c: char| c.is_alphanumeric() || matches!(c, '#' | '_' | '-' | '.' | ':');
                if !closed || name.is_empty() || !name.chars().all(valid) {
                    return Some('&');
                }
            }
            _ => {}
        }
    }
    None
}
