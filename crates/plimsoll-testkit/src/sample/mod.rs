//! Sample containers made of this machine's own shell and tools plus generated files: no image, no network, no root.

mod container;
mod elf;
mod files;
mod toolbox;

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use thiserror::Error;

use container::Guard;
pub use container::{Beside, Isolation, SampleContainer};

/// What kind of container to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    /// A decent one: a supported release, locked accounts, tight modes, few packages.
    Web,
    /// A poor one: a release past its end of life, a second root account, an empty password, world-writable and setuid
    /// files, an ssh server, secrets in files and in the environment.
    Legacy,
}

/// Why a sample container can't be made or started.
#[derive(Debug, Error)]
pub enum SampleError {
    /// A program of this machine that every sample needs is missing or not an ELF executable.
    #[error("the sample containers are made of this machine's own tools, and {0:?} is not among them: install it")]
    MissingTool(String),
    /// A file could not be read, written or copied.
    #[error("the sample container's files can't be made: {path}: {source}")]
    File {
        /// The file, on this machine.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The loader did not say which libraries a program needs.
    #[error("the libraries of {0} can't be found out: {1}")]
    Libraries(PathBuf, String),
    /// A process on this machine could not be started.
    #[error("the sample container can't be started: {program}: {source}")]
    Process {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The kernel, or what confines this process, allows no way to run a container.
    #[error(
        "this machine allows no user namespaces, and without them the sample containers can't run (tried: {tried}). \
         Allow them (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0 and \
         user.max_user_namespaces above 0, where your kernel has these), or run as root; inside a container, start that \
         one with --security-opt seccomp=unconfined. If {directory} is mounted noexec, set TMPDIR to another directory"
    )]
    Unsupported {
        /// What was tried, and how each attempt failed.
        tried: String,
        /// The directory for temporary files.
        directory: PathBuf,
    },
}

impl SampleError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| SampleError::File { path: path.to_owned(), source }
    }
}

/// The root directory of a sample container. Dropping it removes it.
#[derive(Debug)]
pub struct SampleRoot {
    // Declared in the order of dropping; the guard removes the directory also when this process is killed.
    guard: Guard,
    directory: TempDir,
    kind: SampleKind,
}

/// Make the root directory of a sample container below the directory for temporary files.
pub fn sample_root(kind: SampleKind) -> Result<SampleRoot, SampleError> {
    let parent = std::env::temp_dir();
    let directory =
        tempfile::Builder::new().prefix("plimsoll-sample-").tempdir().map_err(SampleError::file(&parent))?;
    let guard = Guard::watch(directory.path(), None)?;
    files::lay_out(directory.path())?;
    toolbox::Toolbox::of_this_machine()?.copy_to(directory.path())?;
    files::write(kind, directory.path())?;
    Ok(SampleRoot { guard, directory, kind })
}

impl SampleRoot {
    /// The directory on this machine.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Start a container in it: its first process runs until the container is dropped.
    pub fn start(self) -> Result<SampleContainer, SampleError> {
        SampleContainer::start(self.directory, self.guard, self.kind)
    }
}
