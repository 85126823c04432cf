//! What can be told of a profile without a target.
//!
//! Its files are run against a target on which there is nothing, as CINC does it: only so are controls known whose ids are
//! made by code.

mod check;
mod problem;
mod summary;

use std::rc::Rc;
use std::sync::Arc;

use plimsoll_ruby::Interp;
use plimsoll_target::MemoryTarget;

use crate::audit::{self, Audit};
use crate::dsl::{Rule, Scope};
use crate::error::AuditError;
use crate::load::Loader;
use crate::profile::Source;

pub use check::Checked;
pub use problem::{Problem, Severity};

/// A profile whose files have been run, but none of its tests.
struct Loaded {
    scope: Rc<Scope>,
    /// Its controls, those it includes among them.
    rules: Vec<Rc<Rule>>,
}

impl Loaded {
    /// Loads a profile as if it supported the target.
    fn new(loader: &Loader<'_>, source: &Source) -> Result<Self, AuditError> {
        let scope = loader.scope(source)?;
        // No test is run that could rest on what nothing is there to answer.
        let (loaded, _) =
            plimsoll_resources::noting(loader.vm, || audit::load_files(loader, std::slice::from_ref(&scope)));
        let (_, rules) = loaded?;
        Ok(Self { scope, rules })
    }
}

impl Audit {
    /// What loads a profile without a target. From here on the interpreter has the classes that profiles know.
    fn offline<'a>(&'a self, vm: &'a Interp) -> Result<Loader<'a>, AuditError> {
        let mut loader = self.loader(vm, Arc::new(MemoryTarget::new()))?;
        loader.any_platform = true;
        Ok(loader)
    }
}
