//! The tools that a container without a shell is asked by.

use super::{Launched, Launcher, Program};
use crate::shell::{parse_ls, parse_stat};
use crate::{Output, TransportError};

/// What each tool is asked first, to see that it does what is needed of it.
const PROBES: [(&str, &[&str]); 9] = [
    ("labels", &["stat", "-c", "%f %u %g %s %Y %C", "/"]),
    ("stat", &["stat", "-c", "%f %u %g %s %Y", "/"]),
    ("ls", &["ls", "-lnd", "--full-time", "/"]),
    ("head", &["head", "-c", "5", "/proc/self/status"]),
    ("cat", &["cat", "/proc/self/status"]),
    ("find", &["find", "/", "-maxdepth", "0", "-printf", r"%y%p\0"]),
    ("find0", &["find", "/", "-maxdepth", "0", "-print0"]),
    ("names", &["ls", "-1A", "/proc/self"]),
    ("readlink", &["readlink", "/proc/self"]),
];

/// How each kind of question is asked: the words before a path, or nothing where no tool answers it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tools {
    pub(super) metadata: Option<Metadata>,
    pub(super) content: Option<Content>,
    pub(super) names: Option<Names>,
    /// The words of `readlink`.
    pub(super) readlink: Option<Vec<String>>,
}

/// What tells metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Metadata {
    /// `stat`, and its format without the name.
    Stat(Vec<String>, &'static str),
    /// `ls`.
    Ls(Vec<String>),
}

/// What tells content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// `head -c`.
    Head(Vec<String>),
    /// `cat`.
    Cat(Vec<String>),
}

/// What tells a directory's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Names {
    /// `find` that tells types as well.
    Typed(Vec<String>),
    /// `find`.
    Find(Vec<String>),
    /// `ls`, a name a line.
    Lines(Vec<String>),
}

impl Tools {
    /// Finds out what the container has: tools by their own names, else as applets of a busybox.
    pub(super) fn find(launcher: &dyn Launcher) -> Result<Self, TransportError> {
        // Most containers without a shell have none of these: three refusals say so.
        let first = ["stat", "ls", "busybox"].map(|name| Program::brief(vec![name.to_owned(), "/".to_owned()]));
        let first = launcher.launch(&first)?;
        let (has_own, has_busybox) = match &first[..] {
            [stat, ls, busybox] => {
                (*stat != Launched::Missing || *ls != Launched::Missing, *busybox != Launched::Missing)
            }
            _ => return Err(TransportError::new("no answer came for a program that was started")),
        };
        let own = if has_own { Self::of(launcher, &[])? } else { Self::default() };
        if own.is_complete() || !has_busybox {
            return Ok(own);
        }
        let busybox = Self::of(launcher, &["busybox"])?;
        Ok(Self {
            metadata: own.metadata.or(busybox.metadata),
            content: own.content.or(busybox.content),
            names: own.names.or(busybox.names),
            readlink: own.readlink.or(busybox.readlink),
        })
    }

    fn of(launcher: &dyn Launcher, before: &[&str]) -> Result<Self, TransportError> {
        let words = |own: &[&str]| before.iter().chain(own).map(ToString::to_string).collect::<Vec<_>>();
        let programs: Vec<Program> = PROBES.iter().map(|(_, own)| Program::brief(words(own))).collect();
        let answers = launcher.launch(&programs)?;
        let mut tools = Self::default();
        for ((probe, own), answer) in PROBES.iter().zip(answers) {
            let Launched::Ended(Output { stdout, exit_status: 0, .. }) = answer else { continue };
            let text = String::from_utf8_lossy(&stdout);
            tools.learn(probe, words(&own[..1]), &text);
        }
        Ok(tools)
    }

    /// The first tool that does what is needed is the one that is taken.
    fn learn(&mut self, probe: &str, words: Vec<String>, said: &str) {
        let line = said.trim_end_matches('\n');
        let stat = |labelled: bool| parse_stat(line).is_some_and(|stat| !labelled || stat.selinux.is_some());
        match probe {
            "labels" if stat(true) => self.metadata = Some(Metadata::Stat(words, "%f %u %g %s %Y %C")),
            "stat" if stat(false) => {
                self.metadata.get_or_insert(Metadata::Stat(words, "%f %u %g %s %Y"));
            }
            "ls" if parse_ls(line).is_some() => {
                self.metadata.get_or_insert(Metadata::Ls(words));
            }
            "head" if said == "Name:" => self.content = Some(Content::Head(words)),
            "cat" if said.starts_with("Name:") => {
                self.content.get_or_insert(Content::Cat(words));
            }
            "find" if said == "d/\0" => self.names = Some(Names::Typed(words)),
            "find0" if said == "/\0" => {
                self.names.get_or_insert(Names::Find(words));
            }
            "names" if said.lines().any(|name| name == "status") => {
                self.names.get_or_insert(Names::Lines(words));
            }
            "readlink" if line.parse::<u32>().is_ok() => self.readlink = Some(words),
            _ => {}
        }
    }

    fn is_complete(&self) -> bool {
        self.metadata.is_some() && self.content.is_some() && self.names.is_some() && self.readlink.is_some()
    }

    /// Whether files can be audited: their metadata and their content.
    pub(super) fn suffice(&self) -> bool {
        self.metadata.is_some() && self.content.is_some()
    }

    /// The names of those that are used.
    pub(super) fn used(&self) -> Vec<String> {
        let metadata = self.metadata.iter().map(|(Metadata::Stat(words, _) | Metadata::Ls(words))| words);
        let content = self.content.iter().map(|(Content::Head(words) | Content::Cat(words))| words);
        let names = self.names.iter().map(|(Names::Typed(words) | Names::Find(words) | Names::Lines(words))| words);
        let mut used: Vec<String> = Vec::new();
        for words in metadata.chain(content).chain(names).chain(&self.readlink) {
            let name = words.join(" ");
            if !used.contains(&name) {
                used.push(name);
            }
        }
        used
    }
}
