//! One process of an exec session, with its streams, on pipes or on a terminal. It dies with its handle.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal};
use rustix::termios::Winsize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::unix::pipe;
use tokio::process::Child;

/// Which streams the client asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streams {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
    pub(crate) tty: bool,
}

pub(crate) type Output = Box<dyn AsyncRead + Send + Unpin>;
pub(crate) type Input = Box<dyn AsyncWrite + Send + Unpin>;

/// A started process. Dropping it kills its whole process group.
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    pub(crate) stdin: Option<Input>,
    pub(crate) stdout: Option<Output>,
    pub(crate) stderr: Option<Output>,
    terminal: Option<Terminal>,
}

/// The master side of a pseudo-terminal, for resizing.
pub(crate) struct Terminal(OwnedFd);

impl Terminal {
    /// Tell the program that its window has changed.
    pub(crate) fn resize(&self, width: u16, height: u16) {
        let size = Winsize { ws_col: width, ws_row: height, ws_xpixel: 0, ws_ypixel: 0 };
        if let Err(error) = rustix::termios::tcsetwinsize(&self.0, size) {
            tracing::debug!(%error, "the terminal can't be resized");
        }
    }
}

impl Process {
    pub(crate) fn start(command: Command, streams: Streams) -> io::Result<Self> {
        if streams.tty { Self::on_terminal(&command, streams) } else { Self::on_pipes(command, streams) }
    }

    fn on_pipes(mut command: Command, streams: Streams) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let piped = |wanted| if wanted { Stdio::piped() } else { Stdio::null() };
        command.stdin(piped(streams.stdin)).stdout(piped(streams.stdout)).stderr(piped(streams.stderr));
        command.process_group(0);
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
        let output = |stream| -> Output { Box::new(stream) };
        Ok(Self {
            group: group_of(&child),
            stdin: child.stdin.take().map(|stream| -> Input { Box::new(stream) }),
            stdout: child.stdout.take().map(output),
            stderr: child.stderr.take().map(|stream| -> Output { Box::new(stream) }),
            terminal: None,
            child,
        })
    }

    /// On a terminal stdout and stderr are one stream. `setsid` makes it the controlling terminal: that takes a step
    /// between fork and exec which safe code can't take itself.
    fn on_terminal(command: &Command, streams: Streams) -> io::Result<Self> {
        use rustix::fs::OFlags;
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = ptsname(&master, Vec::new())?;
        let slave = rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY, rustix::fs::Mode::empty())?;
        rustix::fs::fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK)?;

        let mut session = Command::new("setsid");
        session.arg("--ctty").arg(command.get_program()).args(command.get_args());
        session.env_clear();
        session.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
        if let Some(directory) = command.get_current_dir() {
            session.current_dir(directory);
        }
        session.stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave);
        let child = tokio::process::Command::from(session).kill_on_drop(true).spawn()?;
        let input = pipe::Sender::from_owned_fd_unchecked(master.try_clone()?)?;
        let output = pipe::Receiver::from_owned_fd_unchecked(master.try_clone()?)?;
        Ok(Self {
            group: group_of(&child),
            child,
            stdin: streams.stdin.then(|| -> Input { Box::new(input) }),
            stdout: streams.stdout.then(|| -> Output { Box::new(output) }),
            stderr: None,
            terminal: Some(Terminal(master)),
        })
    }

    pub(crate) fn take_terminal(&mut self) -> Option<Terminal> {
        self.terminal.take()
    }

    /// Wait for the end; the exit code as a container runtime gives it (128 + signal).
    pub(crate) async fn wait(&mut self) -> io::Result<i32> {
        self.child.wait().await.map(exit_code)
    }

    /// Kill the process group, if the process has not ended, and wait until it is gone.
    pub(crate) async fn end(mut self) {
        self.kill();
        let _ = self.child.wait().await;
    }

    fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            // Fails when nobody of the group is left: that is what is wanted.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn group_of(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| Pid::from_raw(id as i32))
}

fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(255)
}
