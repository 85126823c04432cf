//! Which calls answer which requests, and what their answers mean.

use std::time::Duration;

use memchr::memmem;

use super::ShellOptions;
use super::inbox::Frame;
use super::nonce::Nonce;
use super::probe::Tools;
use super::{metadata, script};
use crate::request::check_path;
use crate::{Answer, Command, Entry, FileError, FileKind, FileResult, Output, Request, RunError, Stat, TransportError};

/// How many paths one `stat` takes at most: few enough for any system's argument limit.
const STAT_PATHS: usize = 100;
/// How many bytes of paths one `stat` takes at most.
const STAT_BYTES: usize = 48 * 1024;

/// One call of a session function: what is written, and how its answer is read.
pub(super) struct Step {
    /// Closes the answer.
    pub(super) nonce: Nonce,
    /// What is written to the shell.
    pub(super) text: Vec<u8>,
    /// How long it may take.
    pub(super) timeout: Duration,
    /// How many bytes it may write to one stream.
    pub(super) limit: u64,
    kind: Kind,
}

/// What a step asks, with the places of its requests.
enum Kind {
    Run(usize),
    Read(usize),
    List(usize),
    Stat { places: Vec<usize>, cut: Nonce },
}

/// What an answer says about the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// It goes on.
    Continue,
    /// The shell ended itself: processes of the command may still write.
    Spent,
}

/// Requests on their way to answers.
pub(super) struct Plan<'a> {
    requests: &'a [Request],
    options: &'a ShellOptions,
    tools: &'a Tools,
    answers: Vec<Option<Answer>>,
    /// Places whose `stat` must be asked on its own: something changed while many were asked at once.
    again: Vec<usize>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(requests: &'a [Request], options: &'a ShellOptions, tools: &'a Tools) -> Self {
        Self { requests, options, tools, answers: vec![None; requests.len()], again: Vec::new() }
    }

    /// The answers so far, each at its request's place.
    pub(super) fn into_answers(self) -> Vec<Option<Answer>> {
        self.answers
    }

    /// The steps for everything that has no answer yet; requests that no shell could answer are answered here.
    pub(super) fn steps(&mut self) -> Result<Vec<Step>, TransportError> {
        let mut steps = Vec::new();
        let mut place = 0;
        while place < self.requests.len() {
            let alone = self.again.contains(&place);
            if self.answers[place].is_some() {
                place += 1;
            } else if let Some(answer) = self.refuse(&self.requests[place]) {
                self.answers[place] = Some(answer);
                place += 1;
            } else {
                let step = self.step(place, alone)?;
                place += match &step.kind {
                    Kind::Stat { places, .. } => places.len(),
                    _ => 1,
                };
                steps.push(step);
            }
        }
        Ok(steps)
    }

    /// What can't be asked of a shell is answered without one.
    fn refuse(&self, request: &Request) -> Option<Answer> {
        match request {
            Request::Run(command) => self.refuse_command(command).map(|error| Answer::Run(Err(error))),
            Request::Stat { path, .. } => self.refuse_stat(path).map(|error| Answer::Stat(Err(error))),
            Request::Read { path } => self.refuse_read(path).map(|error| Answer::Content(Err(error))),
            Request::List { path } => self.refuse_list(path).map(|error| Answer::Entries(Err(error))),
        }
    }

    fn refuse_command(&self, command: &Command) -> Option<RunError> {
        if command.line.contains(&0) {
            return Some(RunError::Unavailable("the command line contains a NUL byte".into()));
        }
        let able = !script::needs_pipe(&command.line) || self.tools.path("printf").is_some();
        (!able).then(|| {
            let bytes = command.line.len();
            RunError::Unavailable(format!(
                "a command line of {bytes} bytes needs `printf`, which the container has not"
            ))
        })
    }

    fn refuse_stat(&self, path: &[u8]) -> Option<FileError> {
        check_path(path).err().or_else(|| {
            let able = self.tools.stat_format().is_some() || self.tools.ls_tells_time();
            (!able).then(|| {
                FileError::Other("metadata can't be told: the container has neither a usable `stat` nor `ls`".into())
            })
        })
    }

    fn refuse_read(&self, path: &[u8]) -> Option<FileError> {
        check_path(path).err().or_else(|| {
            self.tools.reader(self.options.max_file).is_none().then(|| {
                FileError::Other("content can't be read: the container has neither `head`, `cat` nor `dd`".into())
            })
        })
    }

    fn refuse_list(&self, path: &[u8]) -> Option<FileError> {
        check_path(path).err().or_else(|| {
            let able = self.tools.path("printf").is_some();
            (!able).then(|| FileError::Other("directories can't be listed: the container has no `printf`".into()))
        })
    }

    fn step(&self, place: usize, alone: bool) -> Result<Step, TransportError> {
        let nonce = Nonce::new()?;
        let (file_timeout, max_output) = (self.options.file_timeout, self.options.max_output);
        Ok(match &self.requests[place] {
            Request::Run(command) => Step {
                text: script::run(&nonce, &command.line),
                nonce,
                timeout: command.timeout.unwrap_or(self.options.command_timeout),
                limit: max_output,
                kind: Kind::Run(place),
            },
            Request::Read { path } => Step {
                text: script::call("plimsoll_read", &nonce, &[path]),
                nonce,
                timeout: file_timeout,
                // One more than a file may have, so that a file that is too large still ends in an answer.
                limit: self.options.max_file + 1,
                kind: Kind::Read(place),
            },
            Request::List { path } => Step {
                text: script::call("plimsoll_list", &nonce, &[path]),
                nonce,
                timeout: file_timeout,
                limit: max_output,
                kind: Kind::List(place),
            },
            Request::Stat { follow, .. } => {
                let places = if alone { vec![place] } else { self.stats_from(place, *follow) };
                let cut = Nonce::new()?;
                let follow: &[u8] = if *follow { b"yes" } else { b"no" };
                let paths = places.iter().filter_map(|place| self.stat_path(*place));
                let words: Vec<&[u8]> = [cut.bytes(), follow].into_iter().chain(paths).collect();
                Step {
                    text: script::call("plimsoll_stat", &nonce, &words),
                    nonce,
                    timeout: file_timeout,
                    limit: max_output,
                    kind: Kind::Stat { places, cut },
                }
            }
        })
    }

    fn stat_path(&self, place: usize) -> Option<&'a [u8]> {
        match &self.requests[place] {
            Request::Stat { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The places from `first` on that one `stat` can answer.
    fn stats_from(&self, first: usize, follow: bool) -> Vec<usize> {
        let mut bytes = 0;
        (first..self.requests.len())
            .take(STAT_PATHS)
            .take_while(|place| match &self.requests[*place] {
                Request::Stat { path, follow: as_well } => {
                    bytes += path.len();
                    *as_well == follow
                        && (*place == first || bytes <= STAT_BYTES)
                        && self.answers[*place].is_none()
                        && !self.again.contains(place)
                        && self.refuse_stat(path).is_none()
                }
                _ => false,
            })
            .collect()
    }

    /// Whether anything has no answer yet.
    pub(super) fn is_open(&self) -> bool {
        self.answers.iter().any(Option::is_none)
    }

    /// Takes the answer to a step. An answer that makes no sense means that this is not the shell we think it is.
    pub(super) fn finish(&mut self, step: &Step, stdout: Frame, stderr: &[u8]) -> Result<After, TransportError> {
        let Some((status, word)) = stdout.end.split_once(' ') else {
            return Err(TransportError::new(format!("the shell ended an answer with {:?}", stdout.end)));
        };
        let status: i32 = status
            .parse()
            .map_err(|_| TransportError::new(format!("the shell ended an answer with status {status:?}")))?;
        match &step.kind {
            Kind::Run(place) => {
                let output = Output { stdout: stdout.payload, stderr: stderr.to_vec(), exit_status: status };
                self.answers[*place] = Some(Answer::Run(Ok(output)));
                return Ok(if word == "left" { After::Spent } else { After::Continue });
            }
            Kind::Read(place) => {
                let content = self.content(stdout.payload, status, word, stderr);
                self.answers[*place] = Some(Answer::Content(content));
            }
            Kind::List(place) => {
                let entries = if word == "here" { Ok(entries(&stdout.payload)) } else { Err(why(word, stderr)) };
                self.answers[*place] = Some(Answer::Entries(entries));
            }
            Kind::Stat { places, cut } => self.finish_stats(places, cut, &stdout.payload, stderr),
        }
        Ok(After::Continue)
    }

    fn content(&self, payload: Vec<u8>, status: i32, word: &str, stderr: &[u8]) -> FileResult<Vec<u8>> {
        let max = self.options.max_file;
        match (word, status) {
            ("here", 0) if payload.len() as u64 > max => Err(FileError::TooLarge(max)),
            ("here", 0) => Ok(payload),
            // The tool runs in the C locale, so this sentence is the C library's own.
            ("here", _) if stderr.trim_ascii_end().ends_with(b"Permission denied") => Err(FileError::PermissionDenied),
            (word, _) => Err(why(word, stderr)),
        }
    }

    fn finish_stats(&mut self, places: &[usize], cut: &Nonce, payload: &[u8], stderr: &[u8]) {
        match stats(payload, cut, places.len(), stderr) {
            Some(stats) => {
                for (place, stat) in places.iter().zip(stats) {
                    self.answers[*place] = Some(Answer::Stat(stat));
                }
            }
            None if places.len() > 1 => self.again.extend(places),
            None => self.answers[places[0]] = Some(Answer::Stat(Err(why("odd", stderr)))),
        }
    }

    /// Takes note that a step wrote or took more than it may.
    pub(super) fn give_up(&mut self, step: &Step, overrun: Overrun) {
        let file_error = |max_file| match overrun {
            Overrun::Time => FileError::Other(format!("took longer than {} seconds", step.timeout.as_secs_f64())),
            Overrun::Size => FileError::TooLarge(max_file),
        };
        match &step.kind {
            Kind::Run(place) => {
                let error = match overrun {
                    Overrun::Time => RunError::TimedOut(step.timeout),
                    Overrun::Size => RunError::TooLarge(step.limit),
                };
                self.answers[*place] = Some(Answer::Run(Err(error)));
            }
            Kind::Read(place) => {
                self.answers[*place] = Some(Answer::Content(Err(file_error(self.options.max_file))));
            }
            Kind::List(place) => self.answers[*place] = Some(Answer::Entries(Err(file_error(step.limit)))),
            Kind::Stat { places, .. } => {
                for place in places {
                    self.answers[*place] = Some(Answer::Stat(Err(file_error(step.limit))));
                }
            }
        }
    }

    /// What a step asks, for messages.
    pub(super) fn describe(&self, step: &Step) -> String {
        match &step.kind {
            Kind::Run(place) | Kind::Read(place) | Kind::List(place) => describe(&self.requests[*place]),
            Kind::Stat { places, .. } => match places.as_slice() {
                [place] => describe(&self.requests[*place]),
                [first, rest @ ..] => format!("{} and {} more", describe(&self.requests[*first]), rest.len()),
                [] => "nothing".to_owned(),
            },
        }
    }
}

/// What a step had too much of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Overrun {
    Time,
    Size,
}

/// A request in a few words.
fn describe(request: &Request) -> String {
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let short: String = text.chars().take(80).collect();
        if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
    };
    match request {
        Request::Run(command) => format!("the command {}", text(&command.line)),
        Request::Stat { path, .. } => format!("looking at {}", text(path)),
        Request::Read { path } => format!("reading {}", text(path)),
        Request::List { path } => format!("listing {}", text(path)),
    }
}

/// The error behind a word of the session functions.
fn why(word: &str, stderr: &[u8]) -> FileError {
    match word {
        "gone" => FileError::NotFound,
        "notdir" => FileError::NotADirectory,
        "directory" => FileError::IsADirectory,
        "denied" => FileError::PermissionDenied,
        "loop" => FileError::Loop,
        "special" => FileError::Other("is not a regular file".into()),
        _ => {
            let text = String::from_utf8_lossy(stderr);
            let first = text.lines().next().unwrap_or_default().trim();
            let changed = "it could not be looked at; it may have changed meanwhile";
            FileError::Other(if first.is_empty() { changed.into() } else { first.into() })
        }
    }
}

/// Entries of a directory, by name: a letter for the type and the name, each closed by a NUL byte.
pub(crate) fn entries(payload: &[u8]) -> Vec<Entry> {
    let entry = |record: &[u8]| {
        let (kind, name) = record.split_first()?;
        let kind = match kind {
            b'l' => FileKind::Symlink,
            b'f' => FileKind::File,
            b'd' => FileKind::Directory,
            b'c' => FileKind::CharacterDevice,
            b'b' => FileKind::BlockDevice,
            b'p' => FileKind::Pipe,
            b's' => FileKind::Socket,
            _ => FileKind::Unknown,
        };
        Some(Entry { name: name.to_vec(), kind })
    };
    let mut entries: Vec<Entry> = payload.split(|byte| *byte == 0).filter_map(entry).collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries.dedup_by(|a, b| a.name == b.name);
    entries
}

/// The answers in the payload of a `plimsoll_stat`; `None` when its parts don't fit together, because something came or
/// went between the shell's tests and the tool's look.
fn stats(payload: &[u8], cut: &Nonce, count: usize, stderr: &[u8]) -> Option<Vec<FileResult<Stat>>> {
    let mut parts = cut_apart(payload, cut).into_iter();
    let words = String::from_utf8(parts.next()?.to_vec()).ok()?;
    let words: Vec<&str> = words.lines().collect();
    let lines = String::from_utf8_lossy(parts.next()?).into_owned();
    let mut lines = lines.lines();
    let there = words.iter().filter(|word| matches!(**word, "link" | "here")).count();
    if words.len() != count || lines.clone().count() != there {
        return None;
    }
    let mut results = Vec::with_capacity(count);
    for word in words {
        if !matches!(word, "link" | "here") {
            results.push(Err(why(word, stderr)));
            continue;
        }
        let line = lines.next()?;
        let mut stat = metadata::parse_stat(line).or_else(|| metadata::parse_ls(line))?;
        if (stat.kind == FileKind::Symlink) != (word == "link") {
            return None;
        }
        if word == "link" {
            stat.link = Some(parts.next()?.strip_suffix(b"\n")?.to_vec());
        }
        results.push(Ok(stat));
    }
    Some(results)
}

/// The pieces of `payload`, each closed by a line that is `cut`.
fn cut_apart<'p>(payload: &'p [u8], cut: &Nonce) -> Vec<&'p [u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(payload, cut.bytes()) {
        pieces.push(&payload[start..at]);
        start = (at + cut.bytes().len() + 1).min(payload.len());
    }
    pieces
}
