//! Percent-decoding of paths and query strings.

/// The decoded parameters of a query string, in order; names may repeat (`command=ls&command=-l`).
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name, true), decode(value, true))
        });
        Self(pairs.collect())
    }

    /// The first value of a parameter; `None` when absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// True for `true` and `1`, as the real server reads booleans.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }
}

/// Undo percent-encoding; in queries `+` is a space. A stray `%` stands for itself.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(value) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(value);
            at += 3;
        } else {
            out.push(if byte == b'+' && plus_is_space { b' ' } else { byte });
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Query, decode};

    #[test]
    fn repeated_and_escaped_parameters_keep_their_order_and_bytes() {
        let query = Query::parse("command=sh&command=-c&command=echo+a%2Bb%26c&stdout=true&tty=0");
        assert_eq!(query.all("command"), ["sh", "-c", "echo a+b&c"]);
        assert!(query.flag("stdout"));
        assert!(!query.flag("tty"));
        assert_eq!(query.get("missing"), None);
    }

    #[test]
    fn a_stray_percent_sign_stands_for_itself() {
        assert_eq!(decode("100%", false), "100%");
        assert_eq!(decode("a%zzb+c", false), "a%zzb+c");
        assert_eq!(decode("system%3Adiscovery", false), "system:discovery");
    }
}
