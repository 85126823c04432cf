//! DER, the encoding of certificates and keys, and PEM around it.

use base64::Engine as _;

/// One encoded value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Der<'d> {
    pub tag: u8,
    pub content: &'d [u8],
    /// Tag, length and content.
    pub raw: &'d [u8],
}

/// The first value of `bytes` and what follows it; `None` where there is no whole value.
pub(crate) fn read(bytes: &[u8]) -> Option<(Der<'_>, &[u8])> {
    let (&tag, &first) = (bytes.first()?, bytes.get(1)?);
    let (length, start) = if first < 0x80 {
        (usize::from(first), 2)
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let length = bytes.get(2..2 + count)?.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        (length, 2 + count)
    };
    let end = start.checked_add(length)?;
    let content = bytes.get(start..end)?;
    Some((Der { tag, content, raw: &bytes[..end] }, &bytes[end..]))
}

impl<'d> Der<'d> {
    /// The values inside.
    pub(crate) fn parts(&self) -> Vec<Der<'d>> {
        let mut parts = Vec::new();
        let mut rest = self.content;
        while let Some((part, next)) = read(rest) {
            parts.push(part);
            rest = next;
        }
        parts
    }

    /// An object identifier as text: `2.5.4.3`.
    pub(crate) fn oid(&self) -> String {
        let mut numbers: Vec<u64> = Vec::new();
        let mut number = 0_u64;
        for byte in self.content {
            number = number << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                if numbers.is_empty() {
                    let first = (number / 40).min(2);
                    numbers.extend([first, number - first * 40]);
                } else {
                    numbers.push(number);
                }
                number = 0;
            }
        }
        numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
    }

    /// The bits of a BIT STRING, without the count of unused ones.
    pub(crate) fn bits(&self) -> &'d [u8] {
        self.content.get(1..).unwrap_or_default()
    }

    /// An unsigned INTEGER's bytes without leading zeros.
    pub(crate) fn unsigned(&self) -> &'d [u8] {
        let start = self.content.iter().position(|byte| *byte != 0).unwrap_or(self.content.len());
        &self.content[start..]
    }
}

/// A value of these parts.
pub(crate) fn write(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match content.len() {
        length @ 0..0x80 => bytes.push(length as u8),
        length => {
            let length = length.to_be_bytes();
            let start = length.iter().position(|byte| *byte != 0).unwrap_or(0);
            bytes.push(0x80 | (length.len() - start) as u8);
            bytes.extend_from_slice(&length[start..]);
        }
    }
    bytes.extend(content);
    bytes
}

/// What stands between the lines `-----BEGIN LABEL-----` and `-----END LABEL-----`, for the first such label that fits:
/// the label, the headers and the bytes.
pub(crate) fn pem(text: &[u8], fits: impl Fn(&str) -> bool) -> Option<(String, Vec<String>, Vec<u8>)> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(str::trim);
    loop {
        let line = lines.next()?;
        let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else {
            continue;
        };
        let (mut headers, mut body) = (Vec::new(), String::new());
        let end = format!("-----END {label}-----");
        loop {
            match lines.next()? {
                line if line == end => break,
                line if line.contains(':') => headers.push(line.to_owned()),
                line => body.push_str(line),
            }
        }
        if fits(label) {
            let bytes = base64::engine::general_purpose::STANDARD.decode(body).ok()?;
            return Some((label.to_owned(), headers, bytes));
        }
    }
}

/// The same the other way round, 64 characters a line.
pub(crate) fn to_pem(label: &str, bytes: &[u8]) -> String {
    let body = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let long = vec![7; 300];
        let bytes = write(0x30, &[&write(6, &[&[0x55, 4, 3]]), &write(4, &[&long])]);
        let (sequence, rest) = read(&bytes).unwrap();
        assert!(rest.is_empty());
        let parts = sequence.parts();
        assert_eq!((parts[0].oid().as_str(), parts[1].content.len()), ("2.5.4.3", 300));
        assert!(read(&bytes[..100]).is_none());
        assert!(read(&[0x30, 0x80]).is_none());
    }

    #[test]
    fn pem_goes_both_ways() {
        let text = to_pem("CERTIFICATE", &[1; 100]);
        let (label, headers, bytes) = pem(text.as_bytes(), |label| label == "CERTIFICATE").unwrap();
        assert_eq!((label.as_str(), headers.len(), bytes), ("CERTIFICATE", 0, vec![1; 100]));
        assert!(pem(b"-----BEGIN X-----\n", |_| true).is_none());
        assert!(pem(b"nothing", |_| true).is_none());
    }
}
