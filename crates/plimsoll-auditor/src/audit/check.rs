//! What is wrong with an audit as far as that can be told without a target.

use std::rc::Rc;
use std::sync::Arc;

use plimsoll_ruby::Interp;
use plimsoll_target::MemoryTarget;

use super::{Audit, read, refuse_dependencies, set_up};
use crate::error::AuditError;
use crate::host::AuditHost;
use crate::input::Inputs;
use crate::select::Selection;

impl Audit {
    /// Reads and parses the profiles and holds the given inputs against those they declare; no code of theirs is run.
    ///
    /// What is wrong is an error here as it would be in [`Audit::run`], but costs no connection to a target. Needs a
    /// thread with [`super::STACK`] bytes of stack, too.
    pub fn check(&self) -> Result<(), AuditError> {
        let vm = Interp::new(Rc::new(AuditHost::new(Vec::new())), self.limits.clone());
        vm.set_stack(super::STACK);
        set_up(&vm, Arc::new(MemoryTarget::new()));
        Selection::new(&vm, &self.controls, &self.tags)?;
        for path in &self.profiles {
            let (files, metadata) = read(path)?;
            refuse_dependencies(&files, &metadata)?;
            Inputs::bind(&vm, &metadata.name, &metadata.inputs, &self.inputs)?;
            for name in files.libraries().into_iter().chain(files.controls()) {
                let source = files.get(name).unwrap_or_default();
                vm.parse(source, &files.display(name)).map_err(|error| AuditError::Syntax(error.to_string()))?;
            }
        }
        Ok(())
    }
}
