//! The questions a target understands and the answers it gives.

use std::time::Duration;

/// One question to a target. All paths are absolute paths inside the target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
    /// Run a command line.
    Run(Command),
    /// Metadata of a path.
    Stat {
        /// Absolute path.
        path: Vec<u8>,
        /// Whether a symbolic link is resolved first.
        follow: bool,
    },
    /// A file's whole content, links followed.
    Read {
        /// Absolute path.
        path: Vec<u8>,
    },
    /// A directory's entries.
    List {
        /// Absolute path.
        path: Vec<u8>,
    },
}

/// A command line, run as `sh -c LINE` with empty stdin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// The text after `sh -c`.
    pub line: Vec<u8>,
    /// How long it may take; `None` leaves it to the target's default.
    pub timeout: Option<Duration>,
}

impl Command {
    /// `line` with the target's default timeout.
    pub fn new(line: impl Into<Vec<u8>>) -> Self {
        Self { line: line.into(), timeout: None }
    }
}

/// The answer to the [`Request`] of the same kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Request::Run`].
    Run(RunResult),
    /// To [`Request::Stat`].
    Stat(FileResult<Stat>),
    /// To [`Request::Read`].
    Content(FileResult<Vec<u8>>),
    /// To [`Request::List`].
    Entries(FileResult<Vec<Entry>>),
}

/// What a finished command left behind, exact to the byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The exit status as a shell's `$?` tells it: 0–255, 128 + signal when killed, 127 when not found.
    pub exit_status: i32,
}

/// A command's output, or why there is none.
pub type RunResult = Result<Output, RunError>;

/// Why a command has no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// It ran longer than it may.
    #[error("timed out after {} seconds", .0.as_secs_f64())]
    TimedOut(Duration),
    /// It wrote more than the target takes from one command, and was ended.
    #[error("wrote more than {0} bytes")]
    TooLarge(u64),
    /// This target can't run commands; the text says why.
    #[error("cannot run commands here: {0}")]
    Unavailable(String),
}

/// A file answer, or why there is none.
pub type FileResult<T> = Result<T, FileError>;

/// Why a file question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Nothing is there (a dangling link included).
    #[error("no such file or directory")]
    NotFound,
    /// The way leads through something that is no directory, or a directory was asked for and this is none.
    #[error("not a directory")]
    NotADirectory,
    /// A file was asked for and this is a directory.
    #[error("is a directory")]
    IsADirectory,
    /// It may not be looked at by the identity that asks.
    #[error("permission denied")]
    PermissionDenied,
    /// Too many symbolic links.
    #[error("too many levels of symbolic links")]
    Loop,
    /// Larger than the target hands out.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// Anything else, in the system's own words.
    #[error("{0}")]
    Other(String),
}

/// A file's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A block device.
    BlockDevice,
    /// A character device.
    CharacterDevice,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// Something else.
    Unknown,
}

/// A file's metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Its type.
    pub kind: FileKind,
    /// Permission bits, setuid, setgid and sticky included: `0o0000..=0o7777`.
    pub mode: u32,
    /// Owner's user id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Last modification, seconds since the epoch.
    pub mtime: i64,
    /// Where a symbolic link points, as written in it; `None` unless `kind` is [`FileKind::Symlink`].
    pub link: Option<Vec<u8>>,
    /// The SELinux label, where the target knows one.
    pub selinux: Option<String>,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the directory.
    pub name: Vec<u8>,
    /// Its own type (a link is a [`FileKind::Symlink`]).
    pub kind: FileKind,
}

/// The way to the target is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// What was lost and why, in one sentence.
    pub message: String,
}

/// Checks that `path` can be asked for: absolute, and without NUL bytes, which no file system knows.
pub(crate) fn check_path(path: &[u8]) -> FileResult<()> {
    if !path.starts_with(b"/") {
        return Err(FileError::Other(format!("{:?} is not an absolute path", String::from_utf8_lossy(path))));
    }
    if path.contains(&0) {
        return Err(FileError::Other("the path contains a NUL byte".into()));
    }
    Ok(())
}

impl TransportError {
    /// A transport error with this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    pub(crate) fn mismatch(asked: &str, got: &Answer) -> Self {
        Self::new(format!("the target answered a {asked} request with {got:?}"))
    }
}

/// What a target is, for reports and messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetInfo {
    /// The way in: `local`, `rootfs`, `mock`, `k8s-exec` …
    pub channel: String,
    /// The target as a user names it: `local`, `rootfs:DIR`, `k8s:NAMESPACE/POD/CONTAINER` …
    pub uri: String,
    /// An id that stays the same for the same container (InSpec's `target_id`), where there is one.
    pub id: Option<String>,
}

/// A platform given instead of detected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct PlatformOverride {
    /// As InSpec's `os.name`.
    pub name: String,
    /// As InSpec's `os.family`.
    pub family: Option<String>,
    /// As InSpec's `os.release`.
    pub release: Option<String>,
    /// As InSpec's `os.arch`.
    pub arch: Option<String>,
}
