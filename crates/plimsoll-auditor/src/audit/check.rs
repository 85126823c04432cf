//! What is wrong with an audit as far as that can be told without a target.

use std::sync::Arc;

use plimsoll_ruby::ir::Program;
use plimsoll_target::MemoryTarget;

use super::{Audit, interpreter};
use crate::error::AuditError;
use crate::profile::Source;

impl Audit {
    /// Reads and parses the profiles and holds the given inputs against those they declare; no code of theirs is run.
    ///
    /// What is wrong is an error here as it would be in [`Audit::run`], but costs no connection to a target.
    pub fn check(&self) -> Result<(), AuditError> {
        let sources = self.sources()?;
        let vm = interpreter(&sources, &self.limits);
        vm.on_own_stack(|| {
            let loader = self.loader(&vm, Arc::new(MemoryTarget::new()))?;
            sources.iter().try_for_each(|source| {
                loader.scope(source)?;
                self.parse(source)
            })
        })
    }

    fn parse(&self, source: &Source) -> Result<(), AuditError> {
        let files = &source.files;
        for name in files.libraries().into_iter().chain(files.controls()) {
            let text = files.get(name).unwrap_or_default();
            let program = Program::parse(text, &files.display(name), &[], &self.limits);
            program.map_err(|error| AuditError::Syntax(error.to_string()))?;
        }
        source.dependencies.iter().try_for_each(|dependency| self.parse(&dependency.source))
    }
}
