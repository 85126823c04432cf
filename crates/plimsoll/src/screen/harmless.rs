//! What a terminal may be sent of a text that a container, a profile or a server had a say in.
//!
//! A container's output ends up in reports and errors. Written to a terminal as it is, its escape sequences could move the
//! cursor over a verdict, set the clipboard, or answer in the user's name.

/// The text with every control character but line breaks and tabs made visible. Colours stay: they are ours, and harmless
/// where they are not.
pub(super) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_control) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(end) = color_end(rest) {
            shown.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(control) = rest.chars().next() {
            shown.extend(control.escape_default());
            rest = &rest[control.len_utf8()..];
        }
    }
    shown + rest
}

fn is_control(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

/// Where a colour sequence (`ESC [ … m`) that begins the text ends.
fn color_end(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let length = parameters.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    parameters[length..].starts_with('m').then_some(2 + length + 1)
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn colours_stay_and_everything_else_is_shown() {
        let same = ["", "plain\ttext\n✔ ü", "\x1b[38;5;41m✔\x1b[0m", "\x1b[1m\x1b[31merror:\x1b[0m x"];
        for text in same {
            assert_eq!(harmless(text), text);
        }
        let cases = [
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("\x1b]52;c;aGk=\x07", "\\u{1b}]52;c;aGk=\\u{7}"),
            ("over\rwritten\x08", "over\\rwritten\\u{8}"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("end\x1b[31", "end\\u{1b}[31"),
            ("\x1b[1\x1b[0mx", "\\u{1b}[1\x1b[0mx"),
        ];
        for (text, shown) in cases {
            assert_eq!(harmless(text), shown, "{text:?}");
        }
    }
}
