//! The interpreter of one audit.

use std::ops::Deref;
use std::rc::Rc;

use plimsoll_ruby::{Interp, Limits};

use crate::host::AuditHost;

/// An interpreter that ends with the audit: what programs left half way would hold it, and the target, for good.
pub(crate) struct Evaluator(Rc<Interp>);

impl Evaluator {
    pub(crate) fn new(host: AuditHost, limits: &Limits) -> Self {
        Self(Interp::new(Rc::new(host), limits.clone()))
    }
}

impl Deref for Evaluator {
    type Target = Interp;

    fn deref(&self) -> &Interp {
        &self.0
    }
}

impl Drop for Evaluator {
    fn drop(&mut self) {
        self.0.end_fibers();
    }
}
