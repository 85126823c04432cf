//! Random identifiers: uids, tokens, generated names.

use std::fmt::Write;

/// Letters that Kubernetes generates names from: no vowels, so no words.
const NAME_LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut buffer = [0; N];
    getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
    buffer
}

/// A version 4 UUID.
pub(crate) fn uid() -> String {
    let mut raw: [u8; 16] = bytes();
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let hex = hex(&raw);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The five letters that `generateName` gets.
pub(crate) fn name_suffix() -> String {
    bytes::<5>().iter().map(|byte| char::from(NAME_LETTERS[usize::from(*byte) % NAME_LETTERS.len()])).collect()
}

/// An opaque bearer token of 32 hex digits.
pub(crate) fn token() -> String {
    hex(&bytes::<16>())
}

pub(crate) fn hex(raw: &[u8]) -> String {
    raw.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
