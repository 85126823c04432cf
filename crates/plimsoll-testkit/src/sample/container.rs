//! A running sample: namespaces where the kernel allows them, a plain chroot where it does not.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use super::files::{DEVICES, environment, first_process};
use super::{SampleError, SampleKind};
use crate::runtime::{ContainerRuntime, DEFAULT_PATH, ExecError, locate};

/// Runs beside a container, outside of it: starts what holds the container, waits for a word on its standard input,
/// ends the container and removes its files. The word is `ended` when the container has been ended already. When this
/// process is killed, the kernel closes that input instead, so nothing is left behind even then.
const GUARD: &str = r#"
root=$1; shift
holder=
[ $# -eq 0 ] || { "$@" </dev/null & holder=$!; }
exec >/dev/null 2>&1
if ! read -r word && [ -n "$holder" ]; then kill -9 "$holder"; fi
wait
rm -rf "$root"
"#;

/// Runs as root of fresh namespaces, still with this machine's files: mounts what a container has, then enters the root.
/// $1 is the root, $2 how /proc gets there, $3 the hostname, $4 the capabilities to keep (empty: all); the rest is the
/// command. The last step prints the process id as this machine knows it, from inside the root: who reads it knows that
/// the container is ready and can't be mistaken for the machine.
const SET_UP: &str = r#"
set -e
root=$1 proc=$2 name=$3 keep=$4; shift 4
read -r pid rest </proc/self/stat
mount --bind "$root" "$root"
mount -t tmpfs -o mode=755,size=64k tmpfs "$root/dev"
for device in DEVICES; do : >"$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
case $proc in
fresh) mount -t proc proc "$root/proc"; hostname "$name" 2>/dev/null || : ;;
*) mount --rbind /proc "$root/proc" ;;
esac
cd "$root"
enter='cd /; exec "$@"'
[ "$proc" = shared ] || enter='echo "$0"; cd /; exec "$@" >/dev/null 2>&1'
if [ -n "$keep" ] && command -v setpriv >/dev/null; then
    exec setpriv --no-new-privs --bounding-set "-all,$keep" -- chroot "$root" /bin/sh -c "$enter" "$pid" "$@"
fi
exec chroot "$root" /bin/sh -c "$enter" "$pid" "$@"
"#;

/// The capabilities that container runtimes leave to a container's root.
const RUNTIME_CAPABILITIES: &str = "+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,\
                                    +net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap";

/// How a sample container is kept apart from this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// User, mount, process, network, host name and IPC namespaces of its own, with its own /proc.
    Namespaces,
    /// A user and a mount namespace for each command; /proc is this machine's.
    SharedProc,
    /// A user namespace and chroot; there is no /proc.
    UserChroot,
    /// chroot as the machine's root; there is no /proc.
    Chroot,
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isolation::Namespaces => "namespaces of its own",
            Isolation::SharedProc => "a user namespace and chroot, with this machine's /proc",
            Isolation::UserChroot => "a user namespace and chroot, without /proc",
            Isolation::Chroot => "chroot, without /proc",
        })
    }
}

/// A sample container. Dropping it ends its processes and removes its files.
#[derive(Debug)]
pub struct SampleContainer {
    // Declared in the order of dropping: first what runs, then its files.
    guard: Guard,
    root: TempDir,
    kind: SampleKind,
    isolation: Isolation,
    /// Its first process as this machine knows it; none where every command is on its own.
    first_process: Option<u32>,
}

impl SampleContainer {
    /// `guard` already sees to the root's removal.
    pub(super) fn start(root: TempDir, guard: Guard, kind: SampleKind) -> Result<Self, SampleError> {
        let mut tried = Vec::new();
        match Guard::hold(root.path(), kind)? {
            Ok((holding, pid)) => {
                guard.dismiss();
                let first_process = Some(pid);
                return Ok(Self { guard: holding, root, kind, isolation: Isolation::Namespaces, first_process });
            }
            Err(why) => tried.push(format!("{}: {why}", Isolation::Namespaces)),
        }
        let mut container = Self { guard, root, kind, isolation: Isolation::Chroot, first_process: None };
        for isolation in [Isolation::SharedProc, Isolation::UserChroot, Isolation::Chroot] {
            container.isolation = isolation;
            match container.try_out() {
                Ok(()) => return Ok(container),
                Err(why) => tried.push(format!("{isolation}: {why}")),
            }
        }
        Err(SampleError::Unsupported { tried: tried.join("; "), directory: std::env::temp_dir() })
    }

    /// How it is kept apart from this machine.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// Its root directory on this machine.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// Whether a command runs at all; what the system said if not.
    fn try_out(&self) -> Result<(), String> {
        let mut command = self.entering(&["sh".to_owned(), "-c".to_owned(), ":".to_owned()]);
        let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        if output.status.success() { Ok(()) } else { Err(said(&output.stderr)) }
    }

    /// The process that runs a command inside.
    fn entering(&self, command: &[String]) -> Command {
        let root = self.root.path();
        let mut entering = match self.isolation {
            Isolation::Namespaces => {
                let mut entering = Command::new("nsenter");
                entering.args(["-t", &self.first_process.unwrap_or_default().to_string()]);
                entering.args(["-U", "--preserve-credentials", "-m", "-p", "-n", "-u", "-i", "-r", "-w", "--"]);
                entering
            }
            Isolation::SharedProc => {
                let mut entering = Command::new("unshare");
                entering.args(["-U", "-r", "-m", "--", "sh", "-c", &set_up(), "sh"]);
                entering.arg(root).args(["shared", "", ""]);
                entering
            }
            Isolation::UserChroot => {
                let mut entering = Command::new("unshare");
                entering.args(["-U", "-r", "--", "chroot"]).arg(root);
                entering
            }
            Isolation::Chroot => {
                let mut entering = Command::new("chroot");
                entering.arg(root);
                entering
            }
        };
        entering.args(with_environment(self.kind)).args(command).current_dir("/");
        entering
    }
}

/// A container beside a sample, as debug containers are: the sample's processes are its own too, and its files are this
/// machine's.
#[derive(Debug, Clone)]
pub struct Beside {
    first_process: u32,
    programs: BTreeMap<String, PathBuf>,
}

impl SampleContainer {
    /// `None` where the sample has no namespaces of its own. `programs` are in the container's image by these paths,
    /// wherever they are on this machine.
    pub fn beside(&self, programs: BTreeMap<String, PathBuf>) -> Option<Beside> {
        let first_process = self.first_process.filter(|_| self.isolation == Isolation::Namespaces)?;
        Some(Beside { first_process, programs })
    }
}

impl ContainerRuntime for Beside {
    fn prepare(&self, command: &[String]) -> Result<Command, ExecError> {
        let named = command.first().and_then(|program| self.programs.get(program)).cloned();
        let program = match named {
            Some(program) => program,
            None => locate(Path::new("/"), Path::new("/"), DEFAULT_PATH, command)?,
        };
        let mut beside = Command::new("nsenter");
        beside.args(["-t", &self.first_process.to_string(), "-U", "--preserve-credentials", "-p", "--"]);
        beside.args(["unshare", "-m", "--", "sh", "-c", "mount -t proc proc /proc && exec \"$@\"", "sh"]);
        beside.arg(program).args(&command[1..]).env_clear().env("PATH", DEFAULT_PATH).current_dir("/");
        Ok(beside)
    }
}

/// The beginning of every command inside: `env` of the container's own, so that nothing of this machine's environment
/// gets in while this machine's `PATH` still finds the tools that lead there.
fn with_environment(kind: SampleKind) -> impl Iterator<Item = String> {
    let variables = environment(kind).into_iter().map(|(key, value)| format!("{key}={value}"));
    ["/usr/bin/env".to_owned(), "-i".to_owned()].into_iter().chain(variables)
}

impl ContainerRuntime for SampleContainer {
    fn prepare(&self, command: &[String]) -> Result<Command, ExecError> {
        let environment = environment(self.kind);
        let path = environment.iter().find(|(key, _)| *key == "PATH").map_or("", |(_, value)| value);
        locate(self.root.path(), Path::new("/"), path, command)?;
        if self.guard.has_ended() {
            return Err(ExecError::Other("the sample container has ended".to_owned()));
        }
        Ok(self.entering(command))
    }
}

fn set_up() -> String {
    SET_UP.replace("DEVICES", &DEVICES.join(" "))
}

/// What a failed program said, in one line.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { "it failed without a word".to_owned() } else { text }
}

/// The process that outlives this one just long enough to clean up.
#[derive(Debug)]
pub(super) struct Guard {
    process: std::sync::Mutex<Child>,
    /// Held open for as long as the container is to live.
    line: Option<ChildStdin>,
    /// The container's first process; with it, everything in the container ends.
    first_process: Option<OwnedFd>,
    root: PathBuf,
}

/// A handle that keeps meaning this process, unlike its id.
fn pidfd(pid: u32) -> Option<OwnedFd> {
    let pid = Pid::from_raw(pid as i32)?;
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

impl Guard {
    /// Start a container of its own namespaces; on success with the machine's id of its first process. The inner error
    /// is what the system said when it refused.
    fn hold(root: &Path, kind: SampleKind) -> Result<Result<(Self, u32), String>, SampleError> {
        let (name, capabilities) = match kind {
            SampleKind::Web => ("web", RUNTIME_CAPABILITIES),
            SampleKind::Legacy => ("legacy", ""),
        };
        let mut holder = Command::new("unshare");
        holder.args([
            "-U",
            "-r",
            "-m",
            "-p",
            "-n",
            "-u",
            "-i",
            "-f",
            "--kill-child",
            "--",
            "sh",
            "-c",
            &set_up(),
            "sh",
        ]);
        holder.arg(root).args(["fresh", name, capabilities]).args(with_environment(kind)).arg(first_process(kind));
        let mut guard = Self::watch(root, Some(&holder))?;
        let (stdout, stderr) = {
            let mut process = guard.process.lock().expect("nobody else has it yet");
            (process.stdout.take(), process.stderr.take())
        };
        let mut line = String::new();
        if let Some(stdout) = stdout {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        if let Ok(pid) = line.trim().parse::<u32>() {
            guard.first_process = pidfd(pid);
            return Ok(Ok((guard, pid)));
        }
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_end(&mut text);
        }
        // The files are needed for the next attempt.
        guard.dismiss();
        Ok(Err(said(&text)))
    }

    /// Start the guard with what holds the container; without it the guard only sees to the files.
    pub(super) fn watch(root: &Path, holder: Option<&Command>) -> Result<Self, SampleError> {
        use std::os::unix::process::CommandExt;
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "sh"]).arg(root);
        if let Some(holder) = holder {
            guard.arg(holder.get_program()).args(holder.get_args());
        }
        guard.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C goes to the terminal's whole process group: the guard must survive it.
        guard.process_group(0);
        let mut process = guard.spawn().map_err(|source| SampleError::Process { program: "sh".to_owned(), source })?;
        let line = process.stdin.take();
        Ok(Self { process: std::sync::Mutex::new(process), line, first_process: None, root: root.to_owned() })
    }

    fn has_ended(&self) -> bool {
        self.process.lock().is_ok_and(|mut process| matches!(process.try_wait(), Ok(Some(_))))
    }

    /// End it without letting it remove the files; what it held, if anything, has ended by itself.
    fn dismiss(self) {
        if let Ok(mut process) = self.process.lock() {
            let _ = process.kill();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let kill = |process| rustix::process::pidfd_send_signal(process, Signal::KILL);
        if self.first_process.as_ref().is_some_and(|process| kill(process).is_ok()) {
            // Its parent reaps it and ends, too; a guard that killed the parent would leave that to the machine's init.
            let _ = self.line.as_mut().map(|line| line.write_all(b"ended\n"));
        }
        drop(self.line.take());
        let ended = self.process.lock().map(|mut process| process.wait());
        if !matches!(ended, Ok(Ok(_))) {
            tracing::warn!(root = %self.root.display(), "the sample container may still be there");
        }
    }
}
