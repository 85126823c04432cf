//! What `--reporter` names: a format, and where its output goes.

use super::{FORMATS, Format};
use std::path::PathBuf;
use std::str::FromStr;

/// One reporter of a command line: `cli`, `json:report.json`, `junit2:-`.
#[derive(Debug, Clone)]
pub struct Reporter {
    /// How to write.
    pub format: &'static Format,
    /// Where to; standard output when `None`.
    pub file: Option<PathBuf>,
}

/// There is no format of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no reporter `{name}`; reporters are {}", names())]
pub struct UnknownFormat {
    /// The name that was given.
    pub name: String,
}

fn names() -> String {
    FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ")
}

impl FromStr for Reporter {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, file) = text.split_once(':').unwrap_or((text, "-"));
        let file = Some(file).filter(|file| !file.is_empty() && *file != "-").map(PathBuf::from);
        Ok(Reporter { format: Format::by_name(name)?, file })
    }
}

#[cfg(test)]
mod tests {
    use super::Reporter;
    use std::path::Path;

    #[test]
    fn names_a_format_and_a_file() {
        let parse = |text: &str| text.parse::<Reporter>().map(|r| (r.format.name, r.file));
        assert_eq!(parse("cli").unwrap(), ("cli", None));
        assert_eq!(parse("json:-").unwrap(), ("json", None));
        let (name, file) = parse("json:C:/a.json").unwrap();
        assert_eq!((name, file.as_deref()), ("json", Some(Path::new("C:/a.json"))));
        let error = parse("jsn:a").unwrap_err().to_string();
        assert!(error.starts_with("there is no reporter `jsn`; reporters are cli, documentation"), "{error}");
    }
}
