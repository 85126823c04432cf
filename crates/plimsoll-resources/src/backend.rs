//! How resources ask the target.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use plimsoll_ruby::{Interp, Res, UnwindKind};
use plimsoll_target::{Answer, Command, Entry, FileResult, Output, Request, RunResult, Stat, Target, TransportError};

/// The target of an audit as resources see it; one for each interpreter.
pub struct Backend {
    target: Arc<dyn Target>,
    facts: RefCell<Facts>,
    /// Facts that were learnt while it was found out what would be asked; they count no longer than what was seen ahead.
    facts_ahead: RefCell<Facts>,
    /// What would have been asked, while it is only to be learnt what that is.
    foreseen: RefCell<Option<Vec<Request>>>,
}

type Facts = HashMap<TypeId, Rc<dyn Any>>;

/// What ends a computation that would have to ask the target, where nothing is to be asked.
#[derive(Debug, thiserror::Error)]
#[error("the target is not asked while it is found out what it would be asked")]
struct Unasked;

impl Backend {
    /// A backend for this target.
    pub fn new(target: Arc<dyn Target>) -> Rc<Self> {
        Rc::new(Self {
            target,
            facts: RefCell::default(),
            facts_ahead: RefCell::default(),
            foreseen: RefCell::default(),
        })
    }

    /// The backend of this interpreter.
    pub fn of(vm: &Interp) -> Rc<Self> {
        vm.extension().expect("resources are installed with a backend")
    }

    /// The target itself.
    pub fn target(&self) -> &Arc<dyn Target> {
        &self.target
    }

    /// Runs a command line that only looks.
    pub fn run(&self, line: &[u8]) -> Res<RunResult> {
        match self.one(Request::Run(Command::new(line)))? {
            Answer::Run(result) => Ok(result),
            _ => Err(mismatch()),
        }
    }

    /// Runs a command line of the profile's, which may change what it runs on: what was seen ahead counts no more then,
    /// unless it was seen ahead what the command answers as well.
    pub fn run_command(&self, command: Command) -> Res<RunResult> {
        let request = Request::Run(command);
        if let Some(foresight) = self.target.foresight()
            && self.foreseen.borrow().is_none()
        {
            let request = std::slice::from_ref(&request);
            foresight.await_answers(request).map_err(halt)?;
            if foresight.recall(request).is_none() {
                foresight.forget_files();
                self.facts_ahead.borrow_mut().clear();
            }
        }
        match self.one(request)? {
            Answer::Run(result) => Ok(result),
            _ => Err(mismatch()),
        }
    }

    /// The output of a command that is run to learn a fact; `None` when it failed or can't be run.
    pub fn output_of(&self, line: &str) -> Res<Option<Output>> {
        Ok(self.run(line.as_bytes())?.ok().filter(|output| output.exit_status == 0))
    }

    /// Metadata of a path.
    pub fn stat(&self, path: &[u8], follow: bool) -> Res<FileResult<Stat>> {
        match self.one(Request::Stat { path: path.to_vec(), follow })? {
            Answer::Stat(result) => Ok(result),
            _ => Err(mismatch()),
        }
    }

    /// A file's whole content.
    pub fn read(&self, path: &[u8]) -> Res<FileResult<Vec<u8>>> {
        match self.one(Request::Read { path: path.to_vec() })? {
            Answer::Content(result) => Ok(result),
            _ => Err(mismatch()),
        }
    }

    /// A directory's entries, sorted by name.
    pub fn list(&self, path: &[u8]) -> Res<FileResult<Vec<Entry>>> {
        match self.one(Request::List { path: path.to_vec() })? {
            Answer::Entries(result) => Ok(result),
            _ => Err(mismatch()),
        }
    }

    fn one(&self, request: Request) -> Res<Answer> {
        self.ask(std::slice::from_ref(&request))?.pop().ok_or_else(mismatch)
    }

    /// Asks many things at once, in one round trip where the target can.
    pub fn ask(&self, requests: &[Request]) -> Res<Vec<Answer>> {
        let Some(foreseen) = &mut *self.foreseen.borrow_mut() else {
            return self.target.ask(requests).map_err(halt);
        };
        let known = self.target.foresight().and_then(|foresight| foresight.recall(requests));
        known.ok_or_else(|| {
            foreseen.extend_from_slice(requests);
            UnwindKind::Halt(Rc::new(Unasked)).into()
        })
    }

    /// Whether it is worth foreseeing what will be asked.
    pub fn can_foresee(&self) -> bool {
        self.target.foresight().is_some()
    }

    /// Finds out what `look` would ask first that is not known yet. Nothing is asked meanwhile: `look` ends, with an
    /// unwind that nothing catches, where it would have to.
    pub fn foresee<T>(&self, look: impl FnOnce() -> T) -> Vec<Request> {
        *self.foreseen.borrow_mut() = Some(Vec::new());
        look();
        self.foreseen.take().unwrap_or_default()
    }

    /// Has asked what was foreseen, in one go; nothing waits for the answers.
    pub fn ask_ahead(&self, requests: &[Request]) -> Res<()> {
        let Some(foresight) = self.target.foresight() else { return Ok(()) };
        foresight.ask_ahead(requests).map_err(halt)
    }

    /// Waits for the answers to what was asked ahead.
    pub fn await_answers(&self, requests: &[Request]) -> Res<()> {
        let Some(foresight) = self.target.foresight() else { return Ok(()) };
        foresight.await_answers(requests).map_err(halt)
    }

    /// What is known about the target, looked up when it is asked for the first time in an audit.
    pub fn fact<T: 'static>(&self, look: impl FnOnce(&Self) -> Res<T>) -> Res<Rc<T>> {
        let key = TypeId::of::<T>();
        let foreseeing = self.foreseen.borrow().is_some();
        let known = self.facts.borrow().get(&key).cloned();
        let known = known.or_else(|| self.facts_ahead.borrow().get(&key).filter(|_| foreseeing).cloned());
        if let Some(known) = known {
            return Ok(known.downcast().expect("facts are kept by their type"));
        }
        let fact = Rc::new(look(self)?);
        let facts = if foreseeing { &self.facts_ahead } else { &self.facts };
        facts.borrow_mut().insert(key, Rc::clone(&fact) as Rc<dyn Any>);
        Ok(fact)
    }
}

fn mismatch() -> plimsoll_ruby::Unwind {
    halt(TransportError::new("the target answered a request with something else"))
}

/// A lost transport ends the audit: no `rescue` of a profile may turn it into a verdict.
fn halt(error: TransportError) -> plimsoll_ruby::Unwind {
    UnwindKind::Halt(Rc::new(error)).into()
}
