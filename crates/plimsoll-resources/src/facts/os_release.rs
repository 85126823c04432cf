//! `/etc/os-release` and the older files that name a distribution.

use crate::text;

/// The keys and values of an os-release file, in order; a later value of a key counts.
pub(crate) struct OsRelease(Vec<(String, String)>);

impl OsRelease {
    /// Reads `KEY=value` lines; one double quote at either end of a value is taken off.
    pub(crate) fn parse(content: &[u8]) -> Self {
        let mut entries = Vec::new();
        for line in content.split(|b| *b == b'\n') {
            let line = text::strip(line);
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let Some(at) = line.iter().position(|b| *b == b'=') else { continue };
            let value = &line[at + 1..];
            if value.is_empty() {
                continue;
            }
            let value = value.strip_prefix(b"\"").unwrap_or(value);
            let value = value.strip_suffix(b"\"").unwrap_or(value);
            entries.push((text::lossy(&line[..at]), text::lossy(value)));
        }
        Self(entries)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Whether the value of a key contains the text, upper and lower case alike.
    pub(crate) fn says(&self, key: &str, word: &str) -> bool {
        self.get(key).is_some_and(|value| text::contains_ignore_case(value.as_bytes(), word.as_bytes()))
    }
}

/// What an lsb-release file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lsb {
    pub id: Option<String>,
    pub release: Option<String>,
}

impl Lsb {
    /// `/etc/lsb-release`: `DISTRIB_ID=…`
    pub(crate) fn parse(content: &[u8]) -> Self {
        let value = |key: &str| {
            let line = content.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(key.as_bytes()))?;
            let line = line.strip_prefix(b"\"").or_else(|| line.strip_prefix(b"'")).unwrap_or(line);
            let line = line.strip_suffix(b"\"").or_else(|| line.strip_suffix(b"'")).unwrap_or(line);
            (!line.is_empty()).then(|| text::lossy(line))
        };
        Self { id: value("DISTRIB_ID="), release: value("DISTRIB_RELEASE=") }
    }

    /// What `lsb_release -a` prints, kept in a file.
    pub(crate) fn parse_printed(content: &[u8]) -> Self {
        let value = |key: &str| {
            let line = content.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(key.as_bytes()))?;
            let line = text::strip(line);
            (!line.is_empty()).then(|| text::lossy(line))
        };
        Self { id: value("Distributor ID:"), release: value("Release:") }
    }

    pub(crate) fn is(&self, word: &str) -> bool {
        self.id.as_ref().is_some_and(|id| text::contains_ignore_case(id.as_bytes(), word.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_files_say() {
        let release = OsRelease::parse(b"# c\n NAME=\"Alpine Linux\"\nID=alpine\nEMPTY=\njunk\nVERSION_ID=3.19.1\n");
        assert_eq!(release.get("NAME"), Some("Alpine Linux"));
        assert_eq!(release.get("EMPTY"), None);
        assert!(release.says("NAME", "alpine"));
        let lsb = Lsb::parse(b"DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=\"22.04\"\n");
        assert_eq!(lsb, Lsb { id: Some("Ubuntu".into()), release: Some("22.04".into()) });
        let printed = Lsb::parse_printed(b"Distributor ID:\tCentOS\nRelease:\t7.9\n");
        assert!(printed.is("centos"));
    }
}
