//! How resources ask the target.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use plimsoll_ruby::{Interp, Res, UnwindKind};
use plimsoll_target::{Command, Entry, FileResult, Output, Request, RunResult, Stat, Target, TransportError};

/// The target of an audit as resources see it; one for each interpreter.
pub struct Backend {
    target: Arc<dyn Target>,
    facts: RefCell<HashMap<TypeId, Rc<dyn Any>>>,
}

impl Backend {
    /// A backend for this target.
    pub fn new(target: Arc<dyn Target>) -> Rc<Self> {
        Rc::new(Self { target, facts: RefCell::default() })
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

    /// Runs a command line with a timeout of its own.
    pub fn run_command(&self, command: Command) -> Res<RunResult> {
        match self.target.one(Request::Run(command)).map_err(halt)? {
            plimsoll_target::Answer::Run(result) => Ok(result),
            _ => Err(halt(TransportError::new("the target answered a command with something else"))),
        }
    }

    /// The output of a command that is run to learn a fact; `None` when it failed or can't be run.
    pub fn output_of(&self, line: &str) -> Res<Option<Output>> {
        Ok(self.run(line.as_bytes())?.ok().filter(|output| output.exit_status == 0))
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

    /// Asks many things at once, in one round trip where the target can.
    pub fn ask(&self, requests: &[Request]) -> Res<Vec<plimsoll_target::Answer>> {
        self.target.ask(requests).map_err(halt)
    }

    /// What is known about the target, looked up when it is asked for the first time in an audit.
    pub fn fact<T: 'static>(&self, look: impl FnOnce(&Self) -> Res<T>) -> Res<Rc<T>> {
        let known = self.facts.borrow().get(&TypeId::of::<T>()).cloned();
        if let Some(known) = known {
            return Ok(known.downcast().expect("facts are kept by their type"));
        }
        let fact = Rc::new(look(self)?);
        self.facts.borrow_mut().insert(TypeId::of::<T>(), Rc::clone(&fact) as Rc<dyn Any>);
        Ok(fact)
    }
}

/// A lost transport ends the audit: no `rescue` of a profile may turn it into a verdict.
fn halt(error: TransportError) -> plimsoll_ruby::Unwind {
    UnwindKind::Halt(Rc::new(error)).into()
}
