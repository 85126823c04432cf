//! How control leaves an evaluation other than with a value.

use std::rc::Rc;

use crate::limits::LimitExceeded;
use crate::value::{RObject, Value};

/// What every evaluation gives: a value, or the way control leaves it.
pub type Res<T = Value> = Result<T, Unwind>;

/// Control on its way up the stack. Boxed, so that results stay small.
#[derive(Debug, Clone)]
pub struct Unwind(Box<UnwindKind>);

/// Where control goes.
#[derive(Debug, Clone)]
pub enum UnwindKind {
    /// An exception: ends at a matching `rescue`.
    Raise(Rc<RObject>),
    /// `break`: ends the call that was given the block of this activation.
    Break(ActivationId, Value),
    /// `next`: ends the current block with this value.
    Next(Value),
    /// `return`: ends the method activation of this id.
    Return(ActivationId, Value),
    /// `throw`: ends at the `catch` of an identical tag.
    Throw(Value, Value),
    /// `redo`: runs the current block or loop body again.
    Redo,
    /// `retry`: runs the `begin` of the current `rescue` again.
    Retry,
    /// A limit was crossed: no `rescue` and no `ensure` of the program sees it.
    Limit(LimitExceeded),
    /// The host ended the evaluation (the way to the target is lost): no `rescue` and no `ensure` sees it either.
    Halt(Rc<dyn std::error::Error>),
}

/// Identifies one activation of a method, block or native iteration for the life of an interpreter.
pub type ActivationId = u64;

impl Unwind {
    /// Its kind.
    pub fn kind(&self) -> &UnwindKind {
        &self.0
    }

    /// Its kind, taken.
    pub fn into_kind(self) -> UnwindKind {
        *self.0
    }

    /// The exception, when it is one.
    pub fn exception(&self) -> Option<&Rc<RObject>> {
        match self.kind() {
            UnwindKind::Raise(exception) => Some(exception),
            _ => None,
        }
    }
}

impl From<UnwindKind> for Unwind {
    fn from(kind: UnwindKind) -> Self {
        Self(Box::new(kind))
    }
}
