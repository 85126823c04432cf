//! Versions as RubyGems compares them.

use std::cmp::Ordering;

/// The order of two texts that are both versions.
pub(super) fn compare(a: &[u8], b: &[u8]) -> Option<Ordering> {
    if !is_version(a) || !is_version(b) {
        return None;
    }
    let (a, b) = (segments(a), segments(b));
    let zero = Segment::Number(0);
    let at = |segments: &[Segment], at: usize| segments.get(at).cloned().unwrap_or_else(|| zero.clone());
    let mut orders = (0..a.len().max(b.len())).map(|index| at(&a, index).cmp(&at(&b, index)));
    Some(orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

/// A part of a version. Words stand before numbers: `1.0.rc1` is older than `1.0.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(Vec<u8>),
    Number(u128),
}

/// The parts of a version, without the zeros that end its release and its pre-release.
fn segments(version: &[u8]) -> Vec<Segment> {
    let mut all = Vec::new();
    let text = String::from_utf8_lossy(version.trim_ascii()).replace('-', ".pre.");
    for run in text.as_bytes().chunk_by(|a, b| kind(*a) == kind(*b)) {
        match kind(run[0]) {
            Some(true) => {
                let digits = std::str::from_utf8(run).unwrap_or_default();
                all.push(Segment::Number(digits.parse().unwrap_or(u128::MAX)));
            }
            Some(false) => all.push(Segment::Word(run.to_vec())),
            None => {}
        }
    }
    let words = all.iter().position(|segment| matches!(segment, Segment::Word(_))).unwrap_or(all.len());
    let pre = all.split_off(words);
    [all, pre].into_iter().flat_map(without_zeros).collect()
}

fn without_zeros(mut segments: Vec<Segment>) -> Vec<Segment> {
    while segments.last() == Some(&Segment::Number(0)) {
        segments.pop();
    }
    segments
}

/// Whether a byte is part of a number, of a word, or of neither.
fn kind(byte: u8) -> Option<bool> {
    byte.is_ascii_alphanumeric().then(|| byte.is_ascii_digit())
}

/// Gem::Version's pattern: `[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?`, blanks around, empty allowed.
fn is_version(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    if text.is_empty() {
        return true;
    }
    let (release, pre) = match text.iter().position(|b| *b == b'-') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut parts = release.split(|b| *b == b'.');
    let first = parts.next().unwrap_or_default();
    let plain = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric);
    let dashed = |part: &[u8]| !part.is_empty() && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    !first.is_empty()
        && first.iter().all(u8::is_ascii_digit)
        && parts.all(plain)
        && pre.is_none_or(|pre| pre.split(|b| *b == b'.').all(dashed))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::compare;

    #[test]
    fn versions_are_ordered_as_by_rubygems() {
        for (a, b, order) in [
            ("1.10", "1.9", Greater),
            ("1.0", "1", Equal),
            ("1.0.rc1", "1.0", Less),
            ("1.0-1", "1.0", Less),
            ("1.0.a", "1.0.b", Less),
            ("2.4.6b", "2.4.6", Less),
            (" 3 ", "3.0.0", Equal),
            ("", "0", Equal),
        ] {
            assert_eq!(compare(a.as_bytes(), b.as_bytes()), Some(order), "{a} {b}");
        }
        assert_eq!(compare(b"1.0", b"one"), None);
        assert_eq!(compare(b"1:2.3", b"1"), None);
    }
}
