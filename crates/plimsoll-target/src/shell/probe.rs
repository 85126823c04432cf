//! What a session learns about its container first.

use std::collections::HashMap;

use super::metadata;

/// Who a session's shell is and what it can use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellFacts {
    /// The effective user id.
    pub uid: Option<u32>,
    /// The effective group id.
    pub gid: Option<u32>,
    /// The shell's process, to end it by when its session is lost.
    pub(super) process: Option<ShellProcess>,
    pub(super) tools: Tools,
}

/// A shell's process in its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShellProcess {
    pub(super) pid: u32,
    /// When it started, in the kernel's ticks since boot: together with the pid it names one process for good.
    pub(super) born: u64,
}

/// The tools of a container, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tools {
    paths: HashMap<String, String>,
    stat_format: Option<&'static str>,
    ls_tells_time: bool,
    head_counts_bytes: bool,
}

impl ShellFacts {
    /// Whether the container has this tool, of those a session looks for: stat, ls, readlink, head, cat, dd,
    /// busybox, printf.
    pub fn has(&self, tool: &str) -> bool {
        self.tools.path(tool).is_some()
    }

    /// Reads what the probe wrote: lines of a tool's own, each followed by a line that begins with `=` and names it.
    pub(super) fn parse(text: &str) -> Self {
        let mut facts = Self::default();
        let (mut pid, mut born) = (None, None);
        let mut last = "";
        for line in text.lines() {
            let Some(note) = line.strip_prefix("= ") else {
                last = line;
                continue;
            };
            match note.split_once(' ') {
                Some((value, "pid")) => pid = value.parse().ok(),
                Some((value, "born")) => born = value.parse().ok(),
                Some((value, "uid")) => facts.uid = value.parse().ok(),
                Some((value, "gid")) => facts.gid = value.parse().ok(),
                Some(("tool", name)) => facts.tools.add(name, last),
                Some(("stat", what)) => facts.tools.learn_stat(what, last),
                Some(("ls", _)) => facts.tools.ls_tells_time = metadata::parse_ls(last).is_some(),
                Some(("head", _)) => facts.tools.head_counts_bytes = last == "ab",
                _ => {}
            }
            last = "";
        }
        facts.process = pid.zip(born).map(|(pid, born)| ShellProcess { pid, born });
        facts
    }
}

impl Tools {
    /// How to call a tool.
    pub(super) fn path(&self, name: &str) -> Option<&str> {
        self.paths.get(name).map(String::as_str)
    }

    /// The format `stat -c` understands, if metadata can be had from it.
    pub(super) fn stat_format(&self) -> Option<&'static str> {
        self.stat_format
    }

    /// Whether metadata can be had from `ls`.
    pub(super) fn ls_tells_time(&self) -> bool {
        self.ls_tells_time && self.path("ls").is_some() && self.path("printf").is_some()
    }

    /// How to write a file, `$2`, to stdout: its first `limit` bytes, or more where the tool can't count.
    pub(super) fn reader(&self, limit: u64) -> Option<String> {
        let head = self.path("head").filter(|_| self.head_counts_bytes);
        let head = head.map(|head| format!("{head} -c {limit} \"$2\""));
        head.or_else(|| self.path("cat").map(|cat| format!("{cat} \"$2\"")))
            .or_else(|| self.path("dd").map(|dd| format!("{dd} \"if=$2\" bs=65536 count={}", limit.div_ceil(65536))))
            .or_else(|| self.path("busybox").map(|busybox| format!("{busybox} cat \"$2\"")))
    }

    /// A container without these.
    #[cfg(test)]
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        for name in names {
            self.paths.remove(*name);
        }
        if names.contains(&"stat") {
            self.stat_format = None;
        }
        self
    }

    /// Takes only plain words: what `command -v` says of an alias or a function is not a way to call a tool.
    fn add(&mut self, name: &str, path: &str) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._+-".contains(&byte);
        if !path.is_empty() && path.bytes().all(plain) {
            self.paths.insert(name.to_owned(), path.to_owned());
        }
    }

    /// Labels are asked for only where there are any: elsewhere GNU's tool complains about every file.
    fn learn_stat(&mut self, what: &str, line: &str) {
        let Some(stat) = metadata::parse_stat(line) else { return };
        if stat.selinux.is_some() {
            self.stat_format = Some("%f %u %g %s %Y %C");
        } else if what == "plain" && self.stat_format.is_none() {
            self.stat_format = Some("%f %u %g %s %Y");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_read() {
        let facts = ShellFacts::parse(
            "= 7 pid\n= 1234 born\n= 0 uid\n= 65532 gid\n/usr/bin/stat\n= tool stat\nalias ls='ls -F'\n= tool ls\n\
             41ed 0 0 4096 1795267909 C\n= stat labels\n41ed 0 0 4096 1795267909\n= stat plain\nab\n= head bytes\n",
        );
        assert_eq!(facts.process, Some(ShellProcess { pid: 7, born: 1234 }));
        assert_eq!((facts.uid, facts.gid), (Some(0), Some(65532)));
        assert!(facts.has("stat") && !facts.has("ls"));
        assert_eq!(facts.tools.stat_format(), Some("%f %u %g %s %Y"));
        assert!(facts.tools.head_counts_bytes && !facts.tools.ls_tells_time());
    }

    #[test]
    fn labels_are_asked_for_where_there_are_any() {
        let labelled = "41ed 0 0 4096 1795267909 system_u:object_r:root_t:s0\n= stat labels\n";
        let facts = ShellFacts::parse(&format!("{labelled}41ed 0 0 4096 1795267909\n= stat plain\n"));
        assert_eq!(facts.tools.stat_format(), Some("%f %u %g %s %Y %C"));
        assert_eq!(ShellFacts::parse("= stat labels\n= stat plain\n").tools.stat_format(), None);
    }
}
