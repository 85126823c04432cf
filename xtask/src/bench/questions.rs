//! What a scan asked of a container, as the command lines that would ask the same.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Reads a scan's record: one JSON object a line, one line a request that reached the container.
pub(crate) fn read(record: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(record).with_context(|| format!("no record {}", record.display()))?;
    let lines: Vec<_> = text.lines().map(line).collect::<Result<_>>()?;
    ensure!(!lines.is_empty(), "the scan asked nothing of the container");
    Ok(lines)
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

fn quote(path: &str) -> String {
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
