//! What a scan asked of a container, as the command lines that would ask the same.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// What a scan asked, as command lines.
pub(crate) struct Questions {
    /// All of it.
    pub(crate) all: Vec<String>,
    /// Those that were command lines.
    pub(crate) commands: Vec<String>,
}

/// Reads a scan's record: one JSON object a line, one line a request that reached the container.
pub(crate) fn read(record: &Path) -> Result<Questions> {
    let text = fs::read_to_string(record).with_context(|| format!("no record {}", record.display()))?;
    let all: Vec<_> = text.lines().map(line).collect::<Result<_>>()?;
    ensure!(!all.is_empty(), "the scan asked nothing of the container");
    let commands = text.lines().zip(&all).filter(|(request, _)| request.starts_with(r#"{"run""#));
    Ok(Questions { commands: commands.map(|(_, line)| line.clone()).collect(), all })
}

/// The command line that asks what one recorded request asks.
fn line(request: &str) -> Result<String> {
    let request: Value = serde_json::from_str(request).with_context(|| format!("not a recorded request: {request}"))?;
    let of = |kind: &str| request[kind].as_str();
    Ok(if let Some(line) = of("run") {
        line.to_owned()
    } else if let Some(path) = of("stat") {
        let follow = if request["follow"] == true { "-L " } else { "" };
        format!("stat {follow}-c '%f %u %g %s %Y' {}", quote(path))
    } else if let Some(path) = of("read") {
        format!("cat {}", quote(path))
    } else if let Some(path) = of("list") {
        format!("ls -a {}", quote(path))
    } else {
        bail!("not a recorded request: {request}")
    })
}

/// Text as one word of the shell's language.
pub(super) fn quote(path: &str) -> String {
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn every_request_has_a_command_line() {
        let cases = [
            (r#"{"run":"id -u | cat"}"#, "id -u | cat"),
            (r#"{"stat":"/etc/it's","follow":true}"#, r"stat -L -c '%f %u %g %s %Y' '/etc/it'\''s'"),
            (r#"{"stat":"/a","follow":false}"#, "stat -c '%f %u %g %s %Y' '/a'"),
            (r#"{"read":"/etc/passwd"}"#, "cat '/etc/passwd'"),
            (r#"{"list":"/etc"}"#, "ls -a '/etc'"),
        ];
        for (request, expected) in cases {
            assert_eq!(line(request).unwrap(), expected);
        }
        assert!(line(r#"{"remove":"/"}"#).is_err());
    }
}
