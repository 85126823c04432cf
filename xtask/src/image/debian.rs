//! A minimal Debian image, installed from the package mirror that this machine uses.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::archive;
use crate::cluster;

/// What every Debian image of the field brings along or what profiles commonly ask with: `ps` and `sysctl`.
const EXTRA: &str = "procps";

/// Where packages come from.
#[derive(Debug, PartialEq, Eq)]
struct Mirror {
    address: String,
    suite: String,
}

/// Writes an image that sleeps.
pub(crate) fn build(name: &str, archive: &Path) -> Result<()> {
    let mirror = mirror()?;
    eprintln!("installing Debian {} from {} (once; about a minute)", mirror.suite, mirror.address);
    let work = tempfile::tempdir()?;
    let root = work.path().join("root");
    let debootstrap = cluster::program("debootstrap").context("debootstrap is not installed")?;
    let mut command = Command::new(debootstrap);
    command.args(["--variant=minbase", &format!("--include={EXTRA}"), &mirror.suite]).arg(&root).arg(&mirror.address);
    if let Some(proxy) = apt_proxy() {
        command.env("http_proxy", proxy);
    }
    let output = command.output().context("cannot run debootstrap")?;
    if !output.status.success() {
        // What went wrong in an installed package's script is in its log, which goes with the directory.
        let log = fs::read_to_string(root.join("debootstrap/debootstrap.log")).unwrap_or_default();
        let said = String::from_utf8_lossy(&output.stdout);
        bail!("debootstrap failed: {}\n{}\n{}", output.status, last_lines(&said), last_lines(&log));
    }
    for downloaded in ["var/cache/apt/archives", "var/lib/apt/lists"] {
        empty(&root.join(downloaded))?;
    }
    archive::write(name, &root, &["/bin/sleep", "1000000"], archive)
}

/// The mirror and release this machine itself installs from, if it is a Debian; else Debian's own mirror.
fn mirror() -> Result<Mirror> {
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let field = |name: &str| {
        os_release
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map(|value| value.trim_matches('"'))
    };
    let Some(suite) = field("VERSION_CODENAME").filter(|_| field("ID") == Some("debian")) else {
        return Ok(Mirror { address: "http://deb.debian.org/debian".to_owned(), suite: "bookworm".to_owned() });
    };
    let mut files = vec![Path::new("/etc/apt/sources.list").to_owned()];
    files.extend(fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path()));
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|sources| find_mirror(&sources, suite))
        .with_context(|| format!("no source of apt offers Debian {suite}: see /etc/apt/sources.list"))
}

/// A source of exactly this suite in one of apt's files, of either format.
fn find_mirror(sources: &str, suite: &str) -> Option<Mirror> {
    let one_line = sources.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("deb ")?.trim_start();
        let rest = if rest.starts_with('[') { rest.split_once(']')?.1 } else { rest };
        let mut words = rest.split_whitespace();
        let address = words.next()?;
        (words.next()? == suite).then(|| address.to_owned())
    });
    let stanza = || {
        sources.split("\n\n").find_map(|stanza| {
            let field = |name: &str| {
                stanza.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.split_whitespace()))
            };
            field("Types")?.find(|kind| *kind == "deb")?;
            field("Suites")?.find(|offered| *offered == suite)?;
            field("URIs")?.next().map(str::to_owned)
        })
    };
    one_line.or_else(stanza).map(|address| Mirror { address, suite: suite.to_owned() })
}

/// debootstrap doesn't read apt's configuration.
fn apt_proxy() -> Option<String> {
    let output = Command::new("apt-config").args(["shell", "proxy", "Acquire::http::Proxy"]).output().ok()?;
    let assignment = String::from_utf8(output.stdout).ok()?;
    let value = assignment.trim().strip_prefix("proxy='")?.strip_suffix('\'')?;
    Some(value.to_owned())
}

fn empty(directory: &Path) -> Result<()> {
    fs::remove_dir_all(directory)?;
    Ok(fs::create_dir(directory)?)
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bookworm(address: &str) -> Option<Mirror> {
        Some(Mirror { address: address.to_owned(), suite: "bookworm".to_owned() })
    }

    #[test]
    fn one_line_sources() {
        let sources = "# comment\ndeb-src http://a/debian bookworm main\n\
            deb http://security/debian-security bookworm-security main\n\
            deb [arch=amd64 signed-by=/k] http://mirror/debian bookworm main\n";
        assert_eq!(find_mirror(sources, "bookworm"), bookworm("http://mirror/debian"));
        assert_eq!(find_mirror(sources, "trixie"), None);
    }

    #[test]
    fn stanza_sources() {
        let sources = "Types: deb\nURIs: http://security/debian-security\nSuites: bookworm-security\n\n\
            Types: deb deb-src\n# a comment\nURIs: http://mirror/debian http://other/debian\n\
            Suites: bookworm bookworm-updates\nComponents: main\n";
        assert_eq!(find_mirror(sources, "bookworm"), bookworm("http://mirror/debian"));
        assert_eq!(find_mirror(sources, "sid"), None);
    }
}
