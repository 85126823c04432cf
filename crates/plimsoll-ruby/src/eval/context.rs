//! What a running method or block stands in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use smallvec::SmallVec;

use crate::class::{Cref, Method, Visibility};
use crate::unwind::ActivationId;
use crate::value::{RProc, Value};

/// The local variables of one scope; blocks see those around them through `parent`.
pub struct Env {
    /// The variables, by the slots that lowering gave them.
    pub vars: RefCell<SmallVec<[Value; 4]>>,
    /// The scope around a block.
    pub parent: Option<Rc<Env>>,
}

/// One activation of a method (or of a file or class body), shared with the blocks written in it.
pub struct Context {
    /// Identifies the activation: where `return` goes.
    pub id: ActivationId,
    /// Whether it is still running.
    pub live: Cell<bool>,
    /// The method that runs: where `super` goes on from.
    pub method: Option<Rc<Method>>,
    /// The block it was given.
    pub block: Option<Rc<RProc>>,
    /// Lexical nesting.
    pub cref: Rc<Cref>,
    /// The visibility of methods defined next (`private` without arguments).
    pub visibility: Cell<Visibility>,
    /// Whether `module_function` without arguments is in force.
    pub module_function: Cell<bool>,
    /// `$~`
    pub last_match: RefCell<Value>,
}
