//! A shell session that stays open: many requests over one `/bin/sh`, exact to the byte.
//!
//! A session needs three streams and nothing else, so it works over whatever can start a shell: an exec into a container,
//! a child process, a socket. How it works:
//!
//! - Requests are calls of shell functions that the session defines once, written to the shell's stdin one after the
//!   other without waiting. Answers are what they write to stdout and stderr, each closed on both streams by the
//!   request's own random nonce, which reaches the container over stdin alone.
//! - Commands run as `sh -c LINE` in a process of their own with empty stdin: neither `cd`, `exit`, a syntax error nor an
//!   open quote reaches the session.
//! - If processes of a command are left in the session's group when it ends, the session ends with that answer and the rest
//!   is asked on a new one: what they write later can't be taken for another command's output. They are found in `/proc`;
//!   where that is not mounted they aren't seen. A tool that would give each command a group of its own takes longer to
//!   start than most commands take altogether.
//! - A command past its time is abandoned together with its session; the next session ends both by their process ids.
//! - A shell doesn't notice that whoever asked is gone before its command ends. So once an answer takes its time, a second
//!   session is opened that does nothing but wait for the end of its own connection, and ends the first one's shell then.
//! - Files are looked at with the shell's own tests first, so that "not there" and "not allowed" don't depend on anybody's
//!   language, and with `stat`, `head` or `cat` for what a shell can't tell.

mod inbox;
mod metadata;
mod nonce;
mod plan;
mod probe;
mod script;
mod session;
mod target;
mod wire;

use std::any::Any;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

pub(crate) use metadata::{parse_ls, parse_stat};
pub(crate) use plan::entries;
pub use probe::ShellFacts;
pub(crate) use script::quote;
pub use session::{Interrupted, ShellSession, StartError};
pub use target::{Connect, ShellTarget};

/// The streams of a shell that was started somewhere.
pub struct ShellStreams {
    stdin: Box<dyn AsyncWrite + Send + Unpin>,
    stdout: Box<dyn AsyncRead + Send + Unpin>,
    stderr: Box<dyn AsyncRead + Send + Unpin>,
    kept: Option<Box<dyn Any + Send>>,
}

impl ShellStreams {
    /// The shell's stdin, stdout and stderr. Stdout and stderr must be streams apart.
    pub fn new(
        stdin: impl AsyncWrite + Send + Unpin + 'static,
        stdout: impl AsyncRead + Send + Unpin + 'static,
        stderr: impl AsyncRead + Send + Unpin + 'static,
    ) -> Self {
        Self { stdin: Box::new(stdin), stdout: Box::new(stdout), stderr: Box::new(stderr), kept: None }
    }

    /// Keeps `value` (a connection, a child process) for as long as the streams are used.
    #[must_use]
    pub fn keeping(mut self, value: impl Any + Send) -> Self {
        self.kept = Some(Box::new(value));
        self
    }
}

/// How a session behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellOptions {
    /// The program, with its arguments, that runs commands; `-c LINE` is added.
    pub shell: Vec<String>,
    /// How long a command may take that doesn't say so itself.
    pub command_timeout: Duration,
    /// How long a file request may take.
    pub file_timeout: Duration,
    /// How long answers may take until a second session watches over the one that is asked.
    pub guard_after: Duration,
    /// How long the shell may take to say that it works.
    pub start_timeout: Duration,
    /// The largest file that is handed out, in bytes.
    pub max_file: u64,
    /// The most a command may write to each of its streams, in bytes.
    pub max_output: u64,
}

impl Default for ShellOptions {
    fn default() -> Self {
        Self {
            shell: vec!["/bin/sh".into()],
            command_timeout: crate::process::DEFAULT_TIMEOUT,
            file_timeout: Duration::from_secs(60),
            guard_after: Duration::from_secs(2),
            start_timeout: Duration::from_secs(30),
            max_file: crate::tree::MAX_FILE,
            max_output: crate::process::MAX_OUTPUT,
        }
    }
}
