//! One open shell.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::nonce::Nonce;
use super::plan::{After, Plan};
use super::probe::{ShellFacts, ShellProcess};
use super::wire::{Waited, Wire};
use super::{ShellOptions, ShellStreams, script};
use crate::{Answer, Request, TransportError};

/// How long a shell that was told to leave may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// A shell that answers requests until it is closed.
pub struct ShellSession {
    wire: Wire,
    options: ShellOptions,
    facts: ShellFacts,
    /// Why it can't be asked any more.
    over: Option<String>,
    /// Whatever the streams need to live.
    _kept: Option<Box<dyn std::any::Any + Send>>,
}

/// A session that does nothing but watch over another one for as long as this is held.
pub(super) struct Guard {
    _session: ShellSession,
}

/// Why a shell can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// It ended before it said a word.
    #[error("the shell ended before it answered{}", said(.stderr))]
    Ended {
        /// What it, or whatever should have started it, wrote to stderr.
        stderr: String,
    },
    /// It doesn't answer in time.
    #[error("the shell did not answer within {} seconds", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The way to it is lost.
    #[error(transparent)]
    Lost(#[from] TransportError),
}

fn said(stderr: &str) -> String {
    let stderr = stderr.trim();
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}

/// A batch that a session did not answer to its end. The session can't be asked any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    /// The answers there are, each at its request's place. What has none can be asked on a new session.
    pub answers: Vec<Option<Answer>>,
    /// How the way to the shell was lost; `None` when the session was given up on purpose, because a command overran its
    /// limits or left processes behind that may still write.
    pub lost: Option<TransportError>,
}

impl ShellSession {
    /// Makes sure that a working shell is at the other end, and learns what its container has.
    pub async fn start(streams: ShellStreams, options: ShellOptions) -> Result<Self, StartError> {
        let mut wire = Wire::new(streams.stdin, streams.stdout, streams.stderr);
        let facts = probe(&mut wire, &options).await?;
        let mut session = Self { wire, options, facts, over: None, _kept: streams.kept };
        session.define_functions().await?;
        Ok(session)
    }

    async fn define_functions(&mut self) -> Result<(), TransportError> {
        let functions = script::functions(&self.facts.tools, &self.options.shell, self.options.max_file);
        match timeout(self.options.start_timeout, self.wire.write(&functions)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(TransportError::new(format!("the shell takes no input: {error}"))),
            Err(_) => Err(TransportError::new("the shell takes no input")),
        }
    }

    /// Who the shell is and what it can use.
    pub fn facts(&self) -> &ShellFacts {
        &self.facts
    }

    /// Answers each request, in order. All of them are written without waiting for answers.
    pub async fn ask(&mut self, requests: &[Request]) -> Result<Vec<Answer>, Interrupted> {
        let (options, facts) = (self.options.clone(), self.facts.clone());
        let mut plan = Plan::new(requests, &options, &facts.tools);
        let mut lost = None;
        while plan.is_open() && lost.is_none() {
            match self.round(&mut plan).await {
                Ok(After::Continue) => {}
                Ok(After::Spent) => break,
                Err(error) => lost = Some(error),
            }
        }
        if let Some(error) = &lost {
            self.over = Some(error.message.clone());
        }
        let answers = plan.into_answers();
        if answers.iter().all(Option::is_some) {
            Ok(answers.into_iter().flatten().collect())
        } else {
            Err(Interrupted { answers, lost })
        }
    }

    /// Whether the session can still be asked.
    pub fn is_open(&self) -> bool {
        self.over.is_none()
    }

    /// Writes all that is open and takes the answers.
    async fn round(&mut self, plan: &mut Plan<'_>) -> Result<After, TransportError> {
        if let Some(reason) = &self.over {
            return Err(TransportError::new(format!("the shell session is over: {reason}")));
        }
        let steps = plan.steps()?;
        let text: Vec<u8> = steps.iter().flat_map(|step| step.text.iter().copied()).collect();
        // Until the last answer is in, the streams are in the middle of something: if this is cancelled, they stay there.
        self.over = Some("it was abandoned in the middle of a request".to_owned());
        let mut over = None;
        let mut exchange = self.wire.exchange(text);
        for step in &steps {
            let deadline = Instant::now() + step.timeout;
            match exchange.wait(&step.nonce, deadline, step.limit).await {
                Waited::Answered { stdout, stderr } => {
                    if plan.finish(step, stdout, &stderr)? == After::Spent {
                        over = Some("a command left processes behind that may still write".to_owned());
                    }
                }
                Waited::Overran(overrun) => {
                    plan.give_up(step, overrun);
                    over = Some(format!("{} overran its limits", plan.describe(step)));
                }
                Waited::Lost { reason, .. } => {
                    return Err(TransportError::new(format!(
                        "the shell session was lost during {}: {reason}",
                        plan.describe(step)
                    )));
                }
            }
            if over.is_some() {
                break;
            }
        }
        self.over = over;
        Ok(if self.over.is_some() { After::Spent } else { After::Continue })
    }

    /// Ends what an abandoned session may have left running: its shell and all that descends from it.
    pub(super) fn reap(&mut self, stray: &ShellSession) -> impl Future<Output = Result<(), TransportError>> {
        // Only the process is kept while something is awaited: a borrowed session would make the future !Send.
        self.about("plimsoll_reap", stray.process(), "ending what an earlier session left")
    }

    /// Keeps watch over the shell of another session from now on: when this one's connection ends, that shell is ended as by
    /// [`Self::reap`]. This session can't be asked any more.
    pub(super) async fn guard(mut self, process: Option<ShellProcess>) -> Result<Guard, TransportError> {
        self.about("plimsoll_guard", process, "watching over a session").await?;
        Ok(Guard { _session: self })
    }

    /// The shell's process.
    pub(super) fn process(&self) -> Option<ShellProcess> {
        self.facts.process
    }

    /// Calls a session function with another session's process.
    async fn about(&mut self, function: &str, process: Option<ShellProcess>, step: &str) -> Result<(), TransportError> {
        let Some(process) = process else { return Ok(()) };
        let nonce = Nonce::new()?;
        let (pid, born) = (process.pid.to_string(), process.born.to_string());
        let text = script::call(function, &nonce, &[pid.as_bytes(), born.as_bytes()]);
        let deadline = Instant::now() + self.options.file_timeout;
        match self.wire.exchange(text).wait(&nonce, deadline, u64::MAX).await {
            Waited::Answered { .. } => Ok(()),
            Waited::Overran(_) => Err(TransportError::new(format!("the shell session does not answer: {step}"))),
            Waited::Lost { reason, .. } => {
                Err(TransportError::new(format!("the shell session was lost: {step}: {reason}")))
            }
        }
    }

    /// Ends the shell by `exit` and waits until it has: closing stdin instead loses output on some transports.
    pub async fn close(mut self) {
        if self.over.is_some() {
            return;
        }
        let farewell = async {
            self.wire.write(b"exit\n").await?;
            self.wire.drain().await
        };
        // A shell that doesn't leave in time loses its streams when they are dropped here.
        let _ = timeout(FAREWELL, farewell).await;
    }
}

/// Sends the probe and reads what it finds.
async fn probe(wire: &mut Wire, options: &ShellOptions) -> Result<ShellFacts, StartError> {
    let (begin, end) = (Nonce::new()?, Nonce::new()?);
    let deadline = Instant::now() + options.start_timeout;
    let mut exchange = wire.exchange(script::probe(&begin, &end).into_bytes());
    let mut said = Vec::new();
    for nonce in [&begin, &end] {
        match exchange.wait(nonce, deadline, u64::MAX).await {
            // What the shell's own start-up files may have written ends with the first nonce.
            Waited::Answered { stdout, .. } => said = stdout.payload,
            Waited::Overran(_) => return Err(StartError::TimedOut(options.start_timeout)),
            Waited::Lost { stderr, .. } => return Err(StartError::Ended { stderr }),
        }
    }
    Ok(ShellFacts::parse(&String::from_utf8_lossy(&said)))
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;
    use crate::{FileError, FileKind, LocalTarget, RunError, Target};

    /// A session whose container lacks some tools.
    async fn session_without(tools: &[&str]) -> ShellSession {
        let mut child = tokio::process::Command::new("sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
            .unwrap();
        let (stdin, stdout, stderr) =
            (child.stdin.take().unwrap(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let streams = ShellStreams::new(stdin, stdout, stderr).keeping(child);
        let mut session = ShellSession::start(streams, ShellOptions::default()).await.unwrap();
        session.facts.tools = session.facts.tools.clone().without(tools);
        session.define_functions().await.unwrap();
        session
    }

    fn stat(path: &str) -> Request {
        Request::Stat { path: path.into(), follow: false }
    }

    #[tokio::test]
    async fn without_stat_ls_says_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).display().to_string();
        std::fs::write(path("file"), "123").unwrap();
        std::os::unix::fs::symlink("to -> there\n\\n", path("link -> x")).unwrap();
        let requests: Vec<Request> = [path("file"), path("link -> x"), path("none"), path(""), "/dev/null".into()]
            .iter()
            .map(|p| stat(p))
            .collect();
        let mut session = session_without(&["stat", "readlink"]).await;
        assert_eq!(session.ask(&requests).await.unwrap(), LocalTarget::new().ask(&requests).unwrap());
        let follow = [Request::Stat { path: "/proc/self".into(), follow: true }];
        let answers = session.ask(&follow).await.unwrap();
        assert!(matches!(&answers[0], Answer::Stat(Ok(stat)) if stat.kind == FileKind::Directory), "{answers:?}");
    }

    #[tokio::test]
    async fn without_head_cat_and_without_cat_dd_reads() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let content: Vec<u8> = (0..200_000_u32).map(|number| (number % 256) as u8).collect();
        std::fs::write(file.path(), &content).unwrap();
        let requests = [Request::Read { path: file.path().display().to_string().into() }];
        for missing in [&["head"][..], &["head", "cat"], &["head", "cat", "dd"]] {
            if missing.len() == 3
                && !["/bin/busybox", "/usr/bin/busybox"].iter().any(|path| std::fs::exists(path).unwrap())
            {
                continue;
            }
            let mut session = session_without(missing).await;
            assert_eq!(session.ask(&requests).await.unwrap(), [Answer::Content(Ok(content.clone()))]);
        }
    }

    #[tokio::test]
    async fn what_no_tool_can_tell_is_an_error_that_names_the_tools() {
        let mut session = session_without(&["head", "cat", "dd", "busybox", "stat", "ls", "printf"]).await;
        let requests = [
            Request::Read { path: b"/etc/passwd".to_vec() },
            stat("/etc/passwd"),
            Request::List { path: b"/etc".to_vec() },
            Request::Run(crate::Command::new([b"true #".as_slice(), &vec![b'x'; 200_000]].concat())),
            Request::Run(crate::Command::new("echo still there")),
        ];
        let answers = session.ask(&requests).await.unwrap();
        let named = |text: &str, tool: &str| assert!(text.contains(tool), "{text}");
        match &answers[..] {
            [
                Answer::Content(Err(FileError::Other(read))),
                Answer::Stat(Err(FileError::Other(stat))),
                Answer::Entries(Err(FileError::Other(list))),
                Answer::Run(Err(RunError::Unavailable(long))),
                Answer::Run(Ok(output)),
            ] => {
                named(read, "`dd`");
                named(stat, "`stat`");
                named(list, "`printf`");
                named(long, "`printf`");
                assert_eq!(output.stdout, b"still there\n");
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_long_line_needs_no_cat() {
        let bytes: Vec<u8> = (1..=255).filter(|byte| *byte != b'\'').collect();
        let comment = [b"# ".as_slice(), &vec![b'x'; 200_000], b"\n"].concat();
        let line = [&comment, b"cat; printf %s '".as_slice(), &bytes, b"'; exit 3\n\n"].concat();
        let answers = session_without(&["cat"]).await.ask(&[Request::Run(crate::Command::new(line))]).await.unwrap();
        assert_eq!(answers, [Answer::Run(Ok(crate::Output { stdout: bytes, stderr: Vec::new(), exit_status: 3 }))]);
    }

    #[tokio::test]
    async fn a_session_abandoned_in_the_middle_is_over() {
        let mut session = session_without(&[]).await;
        let slow = [Request::Run(crate::Command::new("sleep 0.3; echo slow"))];
        assert!(timeout(Duration::from_millis(50), session.ask(&slow)).await.is_err());
        let interrupted = session.ask(&[stat("/")]).await.unwrap_err();
        assert!(interrupted.lost.unwrap().message.contains("abandoned"));
        assert_eq!(interrupted.answers, [None]);
    }
}
