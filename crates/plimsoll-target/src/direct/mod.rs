//! A container that has tools and no shell: each question is a program of the container's own, started by its words.
//!
//! - What is asked of files is asked of `stat`, `head` or `cat`, `find` and `readlink`, or what there is in their place
//!   (`ls`, applets of a `busybox`). What no tool tells is an error that names the tools.
//! - A command line is run where it means the same without a shell: plain words. One that needs a shell is answered as not
//!   to be run here, which no test passes by.
//! - Why a file can't be looked at is taken from the system's own words at the end of what a tool says. Words that are not
//!   known are an error, never "not there".

mod line;
mod tools;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::request::check_path;
use crate::shell::{entries, parse_ls, parse_stat};
use crate::{
    Answer, Command, Entry, FileError, FileKind, FileResult, Output, Request, RunError, RunResult, ShellOptions, Stat,
    Target, TargetInfo, TransportError,
};
use tools::{Content, Metadata, Names, Tools};

/// How many bytes of paths one program takes at most: they travel in an address, which proxies want to be short.
const MOST_PATHS: usize = 2048;

/// How long a tool may take that only shows that it is there.
const BRIEF: Duration = Duration::from_secs(20);

/// A program to start in a container, with empty stdin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name or path, and its arguments.
    pub words: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// How much it may write to each of its streams, in bytes.
    pub limit: u64,
}

impl Program {
    fn brief(words: Vec<String>) -> Self {
        Self { words, timeout: BRIEF, limit: 64 * 1024 }
    }
}

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launched {
    /// It ran to its end.
    Ended(Output),
    /// There is none of this name.
    Missing,
    /// It is there and was not started, in the system's words.
    Refused(String),
    /// It took longer than it may.
    TimedOut,
    /// It wrote more than it may.
    TooLarge,
}

/// Starts programs in a container.
pub trait Launcher: Send + Sync {
    /// Starts them, several at once or one after the other, and waits for their ends; the answers are in order. Blocks. An error
    /// means that the way to the container is lost.
    fn launch(&self, programs: &[Program]) -> Result<Vec<Launched>, TransportError>;
}

/// A container that is asked by its own tools.
pub struct DirectTarget {
    launcher: Box<dyn Launcher>,
    tools: Tools,
    options: ShellOptions,
    /// What were files when they were looked at, links resolved, and no command has run since: reading one needs no second look.
    files: Mutex<HashSet<Vec<u8>>>,
    info: TargetInfo,
}

/// Why a container can't be asked by its own tools.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectError {
    /// It has too few.
    #[error("it has no tools to read files with either: that takes `stat` or `ls`, and `head` or `cat`")]
    NoTools,
    /// The way to it is lost.
    #[error(transparent)]
    Lost(#[from] TransportError),
}

impl DirectTarget {
    /// Looks for the container's tools. Blocks.
    pub fn open(info: TargetInfo, options: ShellOptions, launcher: Box<dyn Launcher>) -> Result<Self, DirectError> {
        let tools = Tools::find(&*launcher)?;
        if !tools.suffice() {
            return Err(DirectError::NoTools);
        }
        Ok(Self { launcher, tools, options, files: Mutex::default(), info })
    }

    /// The names of the tools that are used.
    pub fn tools(&self) -> Vec<String> {
        self.tools.used()
    }

    fn file_tool(&self, words: Vec<String>) -> Program {
        // One more than a file may have, so that a file that is too large is told from one that is as large as it may be.
        Program { words, timeout: self.options.file_timeout, limit: self.options.max_file + 1 }
    }

    fn run_line(&self, command: &Command) -> Result<RunResult, TransportError> {
        let words = match line::plain_words(&command.line) {
            Ok(words) => words,
            Err(why) => {
                let why = format!("the container has no shell, and the command needs one: {why}");
                return Ok(Err(RunError::Unavailable(why)));
            }
        };
        let name = words[0].clone();
        self.known_files().clear();
        let timeout = command.timeout.unwrap_or(self.options.command_timeout);
        let limit = self.options.max_output;
        let mut launched = self.launcher.launch(&[Program { words, timeout, limit }])?;
        Ok(match launched.pop() {
            Some(Launched::Ended(output)) => Ok(output),
            // That there is none can be seen from files, and so it is where a test wants to know it.
            Some(Launched::Missing) => {
                Err(RunError::Unavailable(format!("the container has no shell, and its runtime finds no `{name}`")))
            }
            Some(Launched::Refused(why)) => Err(RunError::Unavailable(why)),
            Some(Launched::TimedOut) => Err(RunError::TimedOut(timeout)),
            Some(Launched::TooLarge) => Err(RunError::TooLarge(limit)),
            None => return Err(TransportError::new("no answer came for a program that was started")),
        })
    }

    /// Answers questions about files: first the metadata that nearly all of them begin with, then what is in them.
    fn files(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let known: Vec<bool> = {
            let files = self.known_files();
            requests.iter().map(|one| matches!(one, Request::Read { path } if files.contains(path))).collect()
        };
        let question = |request: &Request| match request {
            Request::Stat { path, follow } => (path.clone(), *follow),
            Request::Read { path } | Request::List { path } => (path.clone(), true),
            Request::Run(command) => (command.line.clone(), true),
        };
        let open = requests.iter().zip(&known).filter(|(_, known)| !**known);
        let questions: Vec<(Vec<u8>, bool)> = open.map(|(request, _)| question(request)).collect();
        let mut stats = self.stats(&questions)?.into_iter();
        let mut answers: Vec<Option<Answer>> = Vec::with_capacity(requests.len());
        let mut wanted = Vec::new();
        for (request, known) in requests.iter().zip(known) {
            let stat = if known { None } else { stats.next() };
            answers.push(match (request, stat) {
                (Request::Read { path }, stat) => match stat.map_or(Ok(true), |stat| self.may_be_read(path, &stat?)) {
                    Ok(true) => {
                        wanted.push((answers.len(), self.reading(path)));
                        None
                    }
                    Ok(false) => Some(Answer::Content(Ok(Vec::new()))),
                    Err(error) => Some(Answer::Content(Err(error))),
                },
                (Request::List { path }, Some(Ok(stat))) if stat.kind == FileKind::Directory => {
                    Some(Answer::Entries(self.list_directory(path)?))
                }
                (Request::List { .. }, Some(Ok(_))) => Some(Answer::Entries(Err(FileError::NotADirectory))),
                (Request::List { .. }, Some(Err(error))) => Some(Answer::Entries(Err(error))),
                (_, stat) => stat.map(Answer::Stat),
            });
        }
        let programs: Vec<Program> = wanted.iter().map(|(_, program)| program.clone()).collect();
        for ((place, _), launched) in wanted.iter().zip(self.launch(&programs)?) {
            let max = self.options.max_file;
            answers[*place] = Some(Answer::Content(match launched {
                Launched::TooLarge => Err(FileError::TooLarge(max)),
                launched => done(launched).and_then(|content| {
                    if content.len() as u64 > max { Err(FileError::TooLarge(max)) } else { Ok(content) }
                }),
            }));
        }
        Ok(answers.into_iter().flatten().collect())
    }

    fn known_files(&self) -> MutexGuard<'_, HashSet<Vec<u8>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is something to read; what is no file has no content to be had.
    fn may_be_read(&self, path: &[u8], stat: &Stat) -> FileResult<bool> {
        match stat.kind {
            FileKind::File if stat.size > self.options.max_file => Err(FileError::TooLarge(self.options.max_file)),
            FileKind::File => Ok(true),
            FileKind::Directory => Err(FileError::IsADirectory),
            FileKind::CharacterDevice if path == b"/dev/null" => Ok(false),
            _ => Err(FileError::Other("is not a regular file".into())),
        }
    }

    fn reading(&self, path: &[u8]) -> Program {
        let path = String::from_utf8_lossy(path).into_owned();
        let words = match &self.tools.content {
            Some(Content::Head(head)) => with(head, ["-c".to_owned(), (self.options.max_file + 1).to_string(), path]),
            Some(Content::Cat(cat)) => with(cat, [path]),
            None => vec!["cat".to_owned(), path],
        };
        self.file_tool(words)
    }

    /// Metadata of each path, links resolved where that is asked for; where one points, where it is not.
    fn stats(&self, questions: &[(Vec<u8>, bool)]) -> Result<Vec<FileResult<Stat>>, TransportError> {
        let mut results: Vec<Option<FileResult<Stat>>> =
            questions.iter().map(|(path, _)| nameable(path).err().map(Err)).collect();
        for follow in [false, true] {
            let places: Vec<usize> = (0..questions.len())
                .filter(|place| results[*place].is_none() && questions[*place].1 == follow)
                .collect();
            let paths: Vec<&[u8]> = places.iter().map(|place| questions[*place].0.as_slice()).collect();
            for (place, stat) in places.iter().zip(self.metadata(&paths, follow)?) {
                results[*place] = Some(match stat {
                    // Something that was followed is no link any more, unless it leads nowhere.
                    Ok(stat) if follow && stat.kind == FileKind::Symlink => Err(FileError::NotFound),
                    stat => stat,
                });
            }
        }
        let mut results: Vec<FileResult<Stat>> = results.into_iter().flatten().collect();
        self.resolve_links(questions, &mut results)?;
        let mut files = self.known_files();
        for ((path, follow), stat) in questions.iter().zip(&results) {
            if *follow && stat.as_ref().is_ok_and(|stat| self.may_be_read(path, stat) == Ok(true)) {
                files.insert(path.clone());
            }
        }
        Ok(results)
    }

    /// Adds to each link where it points.
    fn resolve_links(
        &self,
        questions: &[(Vec<u8>, bool)],
        results: &mut [FileResult<Stat>],
    ) -> Result<(), TransportError> {
        let is_link =
            |result: &FileResult<Stat>| matches!(result, Ok(Stat { kind: FileKind::Symlink, link: None, .. }));
        let links: Vec<usize> = (0..results.len()).filter(|place| is_link(&results[*place])).collect();
        let Some(readlink) = &self.tools.readlink else {
            for place in links {
                let why = "where the link points can't be told: the container has no `readlink`";
                results[place] = Err(FileError::Other(why.into()));
            }
            return Ok(());
        };
        let path = |place: &usize| String::from_utf8_lossy(&questions[*place].0).into_owned();
        let programs: Vec<Program> = links.iter().map(|place| self.file_tool(with(readlink, [path(place)]))).collect();
        for (place, launched) in links.iter().zip(self.launch(&programs)?) {
            // Busybox's tool fails without a word.
            let target = done(launched).map(|target| target.strip_suffix(b"\n").map(<[u8]>::to_vec).unwrap_or(target));
            match (target, &mut results[*place]) {
                (Ok(target), Ok(stat)) => stat.link = Some(target),
                (Err(error), result) => *result = Err(error),
                (Ok(_), Err(_)) => {}
            }
        }
        Ok(())
    }

    fn metadata(&self, paths: &[&[u8]], follow: bool) -> Result<Vec<FileResult<Stat>>, TransportError> {
        match &self.tools.metadata {
            Some(Metadata::Stat(stat, format)) => self.by_stat(stat, format, paths, follow),
            Some(Metadata::Ls(ls)) => self.by_ls(ls, paths, follow),
            None => Err(TransportError::new("the container has no tool that tells metadata")),
        }
    }

    fn by_ls(&self, ls: &[String], paths: &[&[u8]], follow: bool) -> Result<Vec<FileResult<Stat>>, TransportError> {
        let flags = if follow { "-lndL" } else { "-lnd" };
        let program = |path: &&[u8]| {
            let path = String::from_utf8_lossy(path).into_owned();
            self.file_tool(with(ls, [flags.to_owned(), "--full-time".to_owned(), path]))
        };
        let programs: Vec<Program> = paths.iter().map(program).collect();
        let read = |launched| {
            let said = done(launched)?;
            parse_ls(&String::from_utf8_lossy(&said)).ok_or_else(|| odd(&said))
        };
        Ok(self.launch(&programs)?.into_iter().map(read).collect())
    }

    /// Many paths a program; where what it says can't be told apart, each of them on its own.
    fn by_stat(
        &self,
        stat: &[String],
        format: &str,
        paths: &[&[u8]],
        follow: bool,
    ) -> Result<Vec<FileResult<Stat>>, TransportError> {
        let format = format!("{format} %n");
        let flags: Vec<String> = follow.then(|| "-L".to_owned()).into_iter().chain(["-c".to_owned(), format]).collect();
        let program = |paths: &[&[u8]]| {
            let paths = paths.iter().map(|path| String::from_utf8_lossy(path).into_owned());
            self.file_tool(with(stat, flags.iter().cloned().chain(paths)))
        };
        let mut results: Vec<Option<FileResult<Stat>>> = vec![None; paths.len()];
        let groups = groups(paths);
        let programs: Vec<Program> = groups.iter().map(|group| program(&paths[group.clone()])).collect();
        for (group, launched) in groups.into_iter().zip(self.launch(&programs)?) {
            if let Launched::Ended(output) = &launched
                && let Some(found) = told_apart(output, &paths[group.clone()])
            {
                for (place, stat) in group.zip(found) {
                    results[place] = Some(stat);
                }
            }
        }
        let open: Vec<usize> = (0..paths.len()).filter(|place| results[*place].is_none()).collect();
        let alone: Vec<Program> = open.iter().map(|place| program(&paths[*place..=*place])).collect();
        for (place, launched) in open.into_iter().zip(self.launch(&alone)?) {
            results[place] = Some(done(launched).and_then(|said| {
                let line = without_name(&said, paths[place]).ok_or_else(|| odd(&said))?;
                parse_stat(&line).ok_or_else(|| odd(&said))
            }));
        }
        Ok(results.into_iter().flatten().collect())
    }

    fn list_directory(&self, path: &[u8]) -> Result<FileResult<Vec<Entry>>, TransportError> {
        let directory = format!("{}/", String::from_utf8_lossy(path).trim_end_matches('/'));
        let depth = ["-mindepth", "1", "-maxdepth", "1"].map(str::to_owned);
        let words = match &self.tools.names {
            Some(Names::Typed(find)) => {
                with(find, [directory.clone()].into_iter().chain(depth).chain(["-printf".into(), r"%y%f\0".into()]))
            }
            Some(Names::Find(find)) => {
                with(find, [directory.clone()].into_iter().chain(depth).chain(["-print0".into()]))
            }
            Some(Names::Lines(ls)) => with(ls, ["-1A".to_owned(), directory.clone()]),
            None => {
                let why = "directories can't be listed: the container has neither `find` nor `ls`";
                return Ok(Err(FileError::Other(why.into())));
            }
        };
        let launched = self.launch(&[self.file_tool(words)])?.pop();
        let said = match launched.map_or_else(|| Err(odd(b"")), listed) {
            Ok(said) => said,
            Err(error) => return Ok(Err(error)),
        };
        if matches!(self.tools.names, Some(Names::Typed(_))) {
            return Ok(Ok(entries(&said)));
        }
        let separator = if matches!(self.tools.names, Some(Names::Find(_))) { 0 } else { b'\n' };
        let names = said.split(|byte| *byte == separator).filter(|name| !name.is_empty());
        let names: Vec<Vec<u8>> =
            names.map(|name| name.rsplit(|byte| *byte == b'/').next().unwrap_or(name).to_vec()).collect();
        self.with_kinds(directory.as_bytes(), names, separator == 0)
    }

    /// The entries of these names. `sure` unless a name may be a piece of one that has a line break in it.
    fn with_kinds(
        &self,
        directory: &[u8],
        names: Vec<Vec<u8>>,
        sure: bool,
    ) -> Result<FileResult<Vec<Entry>>, TransportError> {
        let paths: Vec<Vec<u8>> = names.iter().map(|name| [directory, name].concat()).collect();
        let unnameable = paths.iter().find_map(|path| nameable(path).err());
        if let Some(error) = unnameable {
            return Ok(Err(error));
        }
        let stats = self.metadata(&paths.iter().map(Vec::as_slice).collect::<Vec<_>>(), false)?;
        let mut entries = Vec::with_capacity(names.len());
        for (name, stat) in names.into_iter().zip(stats) {
            let process = directory == b"/proc/" && name.iter().all(u8::is_ascii_digit);
            match stat {
                Ok(stat) => entries.push(Entry { name, kind: stat.kind }),
                // It went meanwhile; processes always do.
                Err(FileError::NotFound) if sure || process => {}
                Err(FileError::NotFound) => {
                    let why = "a name has a line break in it or went meanwhile, which `ls` can't tell apart";
                    return Ok(Err(FileError::Other(why.into())));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Ok(entries))
    }

    fn launch(&self, programs: &[Program]) -> Result<Vec<Launched>, TransportError> {
        if programs.is_empty() { Ok(Vec::new()) } else { self.launcher.launch(programs) }
    }
}

impl Target for DirectTarget {
    /// Commands one after the other; what is asked of files between them, together.
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let mut answers = Vec::with_capacity(requests.len());
        let is_run = |request: &Request| matches!(request, Request::Run(_));
        for group in requests.chunk_by(|one, other| !is_run(one) && !is_run(other)) {
            match group {
                [Request::Run(command)] => answers.push(Answer::Run(self.run_line(command)?)),
                files => answers.extend(self.files(files)?),
            }
        }
        Ok(answers)
    }

    fn info(&self) -> TargetInfo {
        self.info.clone()
    }

    fn is_distant(&self) -> bool {
        true
    }
}

fn with(tool: &[String], more: impl IntoIterator<Item = String>) -> Vec<String> {
    tool.iter().cloned().chain(more).collect()
}

/// Programs are started by text.
fn nameable(path: &[u8]) -> FileResult<()> {
    check_path(path)?;
    let named = std::str::from_utf8(path).map(drop);
    named.map_err(|_| FileError::Other("its name is not UTF-8, and a program can't be told it without a shell".into()))
}

/// Neighbouring paths that one program takes. One with a line break in it stays alone: what is said of it takes several lines.
fn groups(paths: &[&[u8]]) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (place, path) in paths.iter().enumerate() {
        let alone = |path: &[u8]| path.contains(&b'\n');
        bytes += path.len();
        match groups.last_mut() {
            Some(group) if bytes <= MOST_PATHS && !alone(path) && !alone(paths[group.start]) => group.end = place + 1,
            _ => {
                groups.push(place..place + 1);
                bytes = path.len();
            }
        }
    }
    groups
}

/// What a program that was asked for several paths said of each: a line with its name on stdout, or one on stderr, both in
/// order. `None` where that does not come out even.
fn told_apart(output: &Output, paths: &[&[u8]]) -> Option<Vec<FileResult<Stat>>> {
    let mut found = output.stdout.split_inclusive(|byte| *byte == b'\n').peekable();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut refused = stderr.lines();
    let mut results = Vec::with_capacity(paths.len());
    for path in paths {
        if path.contains(&b'\n') {
            return None;
        }
        let named = found.next_if(|line| without_name(line, path).is_some());
        results.push(match named {
            Some(line) => Ok(parse_stat(&without_name(line, path)?)?),
            None => Err(refusal(refused.next()?)),
        });
    }
    (found.next().is_none() && refused.next().is_none()).then_some(results)
}

/// What precedes a path in a line of its own.
fn without_name(line: &[u8], path: &[u8]) -> Option<String> {
    let line = line.strip_suffix(b"\n")?.strip_suffix(path)?.strip_suffix(b" ")?;
    let line = std::str::from_utf8(line).ok()?;
    // A path that ends like another one's line has more before it than metadata.
    (!line.contains('/')).then(|| line.to_owned())
}

/// What a tool wrote that did what it should.
fn done(launched: Launched) -> FileResult<Vec<u8>> {
    match launched {
        Launched::Ended(Output { stdout, exit_status: 0, .. }) => Ok(stdout),
        Launched::Ended(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(refusal(stderr.lines().next_back().unwrap_or_default()))
        }
        Launched::Missing => {
            Err(FileError::Other("the tool that told such things before is not there any more".into()))
        }
        Launched::Refused(why) => Err(FileError::Other(why)),
        Launched::TimedOut => Err(FileError::Other("it took too long".into())),
        Launched::TooLarge => Err(FileError::Other("a tool wrote more than it may".into())),
    }
}

/// The same of a tool that lists a directory: what went meanwhile, as processes do, is not in it.
fn listed(launched: Launched) -> FileResult<Vec<u8>> {
    match launched {
        Launched::Ended(Output { stdout, stderr, .. })
            if !(stdout.is_empty() || stderr.is_empty())
                && String::from_utf8_lossy(&stderr).lines().all(|line| refusal(line) == FileError::NotFound) =>
        {
            Ok(stdout)
        }
        launched => done(launched),
    }
}

/// Why a tool says that it could not look.
fn refusal(said: &str) -> FileError {
    match said.rsplit(": ").next().unwrap_or_default() {
        "No such file or directory" => FileError::NotFound,
        "Not a directory" => FileError::NotADirectory,
        "Is a directory" => FileError::IsADirectory,
        "Permission denied" => FileError::PermissionDenied,
        // The GNU C library's, and musl's.
        "Too many levels of symbolic links" | "Symbolic link loop" => FileError::Loop,
        "" => FileError::Other("it could not be looked at; it may have changed meanwhile".into()),
        _ => FileError::Other(said.to_owned()),
    }
}

fn odd(said: &[u8]) -> FileError {
    let said: String = String::from_utf8_lossy(said).chars().take(80).collect();
    FileError::Other(format!("a tool of the container said what can't be understood: {said:?}"))
}
