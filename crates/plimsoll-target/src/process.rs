//! Runs one command on this machine and takes its output, its status and not a moment more than it may.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::MemfdFlags;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal};

use crate::{Output, RunError, RunResult};

/// How long a command may take unless it says otherwise; InSpec's own default.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3600);

/// The most that is taken from one command, on each of its streams.
pub(crate) const MAX_OUTPUT: u64 = 256 << 20;

/// How often a child is looked at where the kernel can't say that it ended.
const TICK: Duration = Duration::from_millis(5);

/// Runs `line` by a `shell` that lacks nothing but the line, with empty stdin, in a process group of its own. Past
/// `timeout` the whole group is killed.
///
/// What the command leaves running in the background is not waited for, even where it keeps stdout open: the answer is
/// what was written until the command itself ended.
pub(crate) fn run(mut shell: Command, line: &[u8], timeout: Duration) -> RunResult {
    if line.len() > LONGEST_ARGUMENT {
        // It arrives by stdin, which is at its end then.
        let input = held(line).map_err(|error| cannot_start(&shell, error))?;
        shell.arg(eval_of("")).stdin(input);
    } else {
        shell.arg(OsStr::from_bytes(&as_argument(line))).stdin(Stdio::null());
    }
    start(shell, timeout)
}

/// The longest string Linux takes as one argument of a program, its closing NUL not counted.
pub(crate) const LONGEST_ARGUMENT: usize = 128 * 1024 - 1;

/// A command line as what follows a shell's `-c`: there nothing may look like one more option.
pub(crate) fn as_argument(line: &[u8]) -> Cow<'_, [u8]> {
    if line.starts_with(b"-") || line.starts_with(b"+") {
        return Cow::Owned([b" ", line].concat());
    }
    Cow::Borrowed(line)
}

/// What makes a shell evaluate all that it reads (`from`: a redirection, or nothing for its stdin), by builtins alone. A hundred
/// lines at a time: adding them one by one to what is there takes time that grows with the square of their number.
pub(crate) fn eval_of(from: &str) -> String {
    format!(
        "plimsoll_text= plimsoll_part= plimsoll_count=0\n\
         while IFS= read -r plimsoll_line; do plimsoll_part=$plimsoll_part$plimsoll_line'\n' \
         plimsoll_count=$((plimsoll_count+1))\n\
         case $plimsoll_count in 100) plimsoll_text=$plimsoll_text$plimsoll_part plimsoll_part= plimsoll_count=0;; esac\n\
         done {from}\n\
         eval \"unset plimsoll_text plimsoll_part plimsoll_line plimsoll_count; \
         $plimsoll_text$plimsoll_part$plimsoll_line\""
    )
}

/// A file in memory with this content, to be read from its beginning.
fn held(content: &[u8]) -> std::io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("command", MemfdFlags::CLOEXEC)?);
    file.write_all(content)?;
    file.rewind()?;
    Ok(file)
}

fn start(mut command: Command, timeout: Duration) -> RunResult {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| cannot_start(&command, error))?;
    let group = Pid::from_child(&child);
    let mut result = if enrol(group) { collect(&mut child, timeout) } else { ended() };
    if !discharge(group) {
        result = ended();
    }
    if result.is_err() {
        kill(group);
        let _ = child.wait();
    }
    result
}

/// What a command gives that was ended from here: what it would have given is not known.
fn ended() -> RunResult {
    Err(RunError::Unavailable("it was interrupted".into()))
}

/// The process groups of commands that run now; `None` once no command may run any more.
static RUNNING: Mutex<Option<Vec<Pid>>> = Mutex::new(Some(Vec::new()));

/// Ends every command that this process runs on this machine, and lets none begin: for a process that is about to leave
/// while an audit of its own is under way.
pub fn end_commands() {
    for group in running().take().into_iter().flatten() {
        kill(group);
    }
}

/// Ends every command that this process runs on this machine; others may begin.
pub fn interrupt_commands() {
    for group in running().as_mut().map(std::mem::take).into_iter().flatten() {
        kill(group);
    }
}

fn running() -> MutexGuard<'static, Option<Vec<Pid>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a command that was just started may run.
fn enrol(group: Pid) -> bool {
    running().as_mut().map(|groups| groups.push(group)).is_some()
}

/// Whether it still ran for all that is known here: nothing has ended it.
fn discharge(group: Pid) -> bool {
    let mut running = running();
    let Some(groups) = running.as_mut() else { return false };
    let before = groups.len();
    groups.retain(|other| *other != group);
    groups.len() < before
}

fn kill(group: Pid) {
    let _ = rustix::process::kill_process_group(group, Signal::KILL);
}

fn cannot_start(command: &Command, error: impl Display) -> RunError {
    RunError::Unavailable(format!("{} did not start: {error}", command.get_program().to_string_lossy()))
}

fn collect(child: &mut Child, timeout: Duration) -> RunResult {
    let broken = |error: std::io::Error| RunError::Unavailable(format!("its output can't be read: {error}"));
    let mut stdout = Stream::new(child.stdout.take().map(OwnedFd::from)).map_err(broken)?;
    let mut stderr = Stream::new(child.stderr.take().map(OwnedFd::from)).map_err(broken)?;
    let exit = rustix::process::pidfd_open(Pid::from_child(child), PidfdFlags::empty()).ok();
    let start = Instant::now();
    let status = loop {
        let Some(left) = timeout.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) else {
            return Err(RunError::TimedOut(timeout));
        };
        wait_for_any([stdout.fd(), stderr.fd(), exit.as_ref()], left).map_err(broken)?;
        // The status first: what is read after it is all that the command itself wrote.
        let status = child.try_wait().map_err(broken)?;
        for stream in [&mut stdout, &mut stderr] {
            stream.drain().map_err(broken)?;
            if stream.taken.len() as u64 > MAX_OUTPUT {
                return Err(RunError::TooLarge(MAX_OUTPUT));
            }
        }
        if let Some(status) = status {
            break status;
        }
    };
    Ok(Output { stdout: stdout.taken, stderr: stderr.taken, exit_status: shell_status(status) })
}

/// The status as a shell's `$?` tells it.
fn shell_status(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(255)
}

fn wait_for_any(fds: [Option<&OwnedFd>; 3], left: Duration) -> std::io::Result<()> {
    let left = if fds[2].is_some() { left } else { left.min(TICK) };
    let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
    let mut polled: Vec<PollFd<'_>> = fds.into_iter().flatten().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
    match rustix::event::poll(&mut polled, Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// One output stream of a child, read without ever waiting.
struct Stream {
    fd: Option<OwnedFd>,
    taken: Vec<u8>,
}

impl Stream {
    fn new(fd: Option<OwnedFd>) -> std::io::Result<Self> {
        if let Some(fd) = &fd {
            rustix::io::ioctl_fionbio(fd, true)?;
        }
        Ok(Self { fd, taken: Vec::new() })
    }

    fn fd(&self) -> Option<&OwnedFd> {
        self.fd.as_ref()
    }

    /// Takes what is there now; forgets the stream at its end. Stops past the limit, which the caller checks.
    fn drain(&mut self) -> std::io::Result<()> {
        let mut piece = [0_u8; 16384];
        while let Some(fd) = &self.fd {
            match rustix::io::read(fd.as_fd(), &mut piece) {
                Ok(0) => self.fd = None,
                Ok(length) => self.taken.extend_from_slice(&piece[..length]),
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if self.taken.len() as u64 > MAX_OUTPUT {
                break;
            }
        }
        Ok(())
    }
}
