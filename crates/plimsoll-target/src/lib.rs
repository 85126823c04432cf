//! What can be asked of a container: run a command, read a file, look at a file's metadata, list a directory.
//!
//! [`Target`] is the one wall between an audit and the place it audits. An audit knows nothing of Kubernetes, shells or
//! sockets; a channel knows nothing of Ruby or resources. Everything is bytes: neither paths nor contents nor output of
//! a container can be trusted to be UTF-8.

mod cached;
mod commands;
mod direct;
mod image;
mod local;
mod memory;
mod mock;
mod neighbour;
mod process;
mod request;
mod rerooted;
mod resolve;
mod rootfs;
mod shell;
mod tree;

pub use cached::{CacheCounts, Cached};
pub use direct::{DirectError, DirectTarget, Launched, Launcher, Program};
pub use image::{ImageError, ImageTarget};
pub use local::LocalTarget;
pub use memory::MemoryTarget;
pub use mock::{MockError, MockTarget, RecordedCommand, RecordedOutput};
pub use neighbour::{FoundBy, Identity, Neighbour, NeighbourError, find_neighbour};
pub use process::{end_commands, interrupt_commands};
pub use request::{
    Answer, Command, Entry, FileError, FileKind, FileResult, Output, PlatformOverride, Request, RunError, RunResult,
    Stat, TargetInfo, TransportError,
};
pub use rerooted::Rerooted;
pub use rootfs::RootfsTarget;
pub use shell::{Connect, Interrupted, ShellFacts, ShellOptions, ShellSession, ShellStreams, ShellTarget, StartError};

/// A place that can be audited.
///
/// Calls block: an audit is sequential inside and runs on a thread of its own. Implementations may be shared by threads.
pub trait Target: Send + Sync {
    /// Answers each request, in order: `answers.len() == requests.len()` and each answer is of its request's kind.
    ///
    /// What goes wrong with one request is inside its answer (a missing file, a timeout). `Err` means that the way to
    /// the container is lost: nothing more can be evaluated and nothing may be counted as passed.
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError>;

    /// What this target is, for reports and messages.
    fn info(&self) -> TargetInfo;

    /// A platform that replaces detection (replayed targets only).
    fn platform(&self) -> Option<PlatformOverride> {
        None
    }

    /// Whether asking takes a way there and back, so that many questions are better asked at once.
    fn is_distant(&self) -> bool {
        false
    }

    /// What answers what was asked ahead; `None` where asking ahead saves nothing.
    fn foresight(&self) -> Option<&dyn Foresight> {
        None
    }

    /// Runs `line` as `sh -c LINE` does there, with empty stdin.
    fn run(&self, line: &[u8]) -> Result<RunResult, TransportError> {
        match self.one(Request::Run(Command::new(line)))? {
            Answer::Run(result) => Ok(result),
            other => Err(TransportError::mismatch("run", &other)),
        }
    }

    /// Metadata of `path`; `follow` resolves a symbolic link first.
    fn stat(&self, path: &[u8], follow: bool) -> Result<FileResult<Stat>, TransportError> {
        match self.one(Request::Stat { path: path.to_vec(), follow })? {
            Answer::Stat(result) => Ok(result),
            other => Err(TransportError::mismatch("stat", &other)),
        }
    }

    /// The whole content of the file at `path`, links followed.
    fn read(&self, path: &[u8]) -> Result<FileResult<Vec<u8>>, TransportError> {
        match self.one(Request::Read { path: path.to_vec() })? {
            Answer::Content(result) => Ok(result),
            other => Err(TransportError::mismatch("read", &other)),
        }
    }

    /// The entries of the directory at `path`, without `.` and `..`, sorted by name.
    fn list(&self, path: &[u8]) -> Result<FileResult<Vec<Entry>>, TransportError> {
        match self.one(Request::List { path: path.to_vec() })? {
            Answer::Entries(result) => Ok(result),
            other => Err(TransportError::mismatch("list", &other)),
        }
    }

    /// Asks a single request.
    fn one(&self, request: Request) -> Result<Answer, TransportError> {
        let mut answers = self.ask(std::slice::from_ref(&request))?;
        match (answers.pop(), answers.is_empty()) {
            (Some(answer), true) => Ok(answer),
            _ => Err(TransportError::new("the target answered another number of requests than it was asked")),
        }
    }
}

/// A target that can be asked ahead: what is sure to be asked is asked in one go, and answered without asking later.
pub trait Foresight {
    /// Has asked what will be asked, without waiting for answers. Nothing else happens to what is known already.
    fn ask_ahead(&self, requests: &[Request]) -> Result<(), TransportError>;

    /// Waits for those of these that are being asked ahead.
    fn await_answers(&self, requests: &[Request]) -> Result<(), TransportError>;

    /// The answers to all of these, if they are there.
    fn recall(&self, requests: &[Request]) -> Option<Vec<Answer>>;

    /// Forgets what was seen of files ahead and has not been asked for since: something is about to run that may change
    /// them, and whoever asks later must see the change. What commands answered ahead stays: they must not run twice.
    fn forget_files(&self);
}

/// A target behind a pointer is the same target.
macro_rules! target_behind {
    ($($pointer:ty),+) => {$(
        impl<T: Target + ?Sized> Target for $pointer {
            fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
                (**self).ask(requests)
            }

            fn info(&self) -> TargetInfo {
                (**self).info()
            }

            fn platform(&self) -> Option<PlatformOverride> {
                (**self).platform()
            }

            fn is_distant(&self) -> bool {
                (**self).is_distant()
            }

            fn foresight(&self) -> Option<&dyn Foresight> {
                (**self).foresight()
            }
        }
    )+};
}

target_behind!(&T, Box<T>, std::sync::Arc<T>);
