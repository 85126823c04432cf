//! How resources ask the target.

use std::rc::Rc;
use std::sync::Arc;

use plimsoll_ruby::{Interp, Res, UnwindKind};
use plimsoll_target::{Entry, FileResult, RunResult, Stat, Target, TransportError};

/// The target of an audit as resources see it; one for each interpreter.
pub struct Backend {
    target: Arc<dyn Target>,
}

impl Backend {
    /// A backend for this target.
    pub fn new(target: Arc<dyn Target>) -> Rc<Self> {
        Rc::new(Self { target })
    }

    /// The backend of this interpreter.
    pub fn of(vm: &Interp) -> Rc<Self> {
        vm.extension().expect("resources are installed with a backend")
    }

    /// The target itself.
    pub fn target(&self) -> &Arc<dyn Target> {
        &self.target
    }

    /// Runs a command line.
    pub fn run(&self, line: &[u8]) -> Res<RunResult> {
        self.target.run(line).map_err(halt)
    }

    /// Metadata of a path.
    pub fn stat(&self, path: &[u8], follow: bool) -> Res<FileResult<Stat>> {
        self.target.stat(path, follow).map_err(halt)
    }

    /// A file's whole content.
    pub fn read(&self, path: &[u8]) -> Res<FileResult<Vec<u8>>> {
        self.target.read(path).map_err(halt)
    }

    /// A directory's entries, sorted by name.
    pub fn list(&self, path: &[u8]) -> Res<FileResult<Vec<Entry>>> {
        self.target.list(path).map_err(halt)
    }
}

/// A lost transport ends the audit: no `rescue` of a profile may turn it into a verdict.
fn halt(error: TransportError) -> plimsoll_ruby::Unwind {
    UnwindKind::Halt(Rc::new(error)).into()
}
