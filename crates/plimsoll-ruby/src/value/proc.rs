//! Procs, lambdas and blocks.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use crate::args::Args;
use crate::class::RClass;
use crate::eval::{Context, Env};
use crate::interp::Interp;
use crate::ir;
use crate::symbol::Sym;
use crate::unwind::{ActivationId, Res};
use crate::value::{Charge, Head, Value};

/// A Ruby Proc; a block is the same thing before anyone keeps it.
pub struct RProc {
    /// Class, frozen flag, instance variables.
    pub head: Head,
    /// What runs.
    pub kind: ProcKind,
    /// Whether it is a lambda: strict about arguments, and `return` ends it alone.
    pub lambda: Cell<bool>,
    /// The activation that a `break` in it ends; 0 when that activation is over or never was.
    pub home: Cell<ActivationId>,
    /// Whether a program holds it as a value: until then it is the block of one call.
    pub escaped: Cell<bool>,
    _charge: Charge,
}

/// Bytes of a proc with the scope it keeps alive.
const SIZE: usize = 256;

/// What a proc runs.
pub enum ProcKind {
    /// A block of Ruby code.
    Ruby(RubyBlock),
    /// A Rust closure, given the value of `self` (for `instance_exec` and `define_method`) and the arguments.
    Native(Box<NativeBlock>),
    /// `&:name`
    Symbol(Sym),
    /// `method(:name).to_proc`: the Method object.
    Method(Value),
}

/// A Rust closure as a block.
pub type NativeBlock = dyn Fn(&Interp, &Value, Args<'_>) -> Res;

/// A block of Ruby code and what it closes over.
#[derive(Clone)]
pub struct RubyBlock {
    /// The code.
    pub body: Arc<ir::Block>,
    /// The variables around it.
    pub env: Rc<Env>,
    /// `self` where it was written.
    pub self_value: Value,
    /// The method activation it was written in.
    pub context: Rc<Context>,
}

impl RProc {
    /// A proc of this kind.
    pub fn new(kind: ProcKind, lambda: bool, home: ActivationId) -> Rc<Self> {
        Self::build(Head::default(), kind, lambda, home)
    }

    /// A block that runs a Rust closure.
    pub fn native(run: impl Fn(&Interp, &Value, Args<'_>) -> Res + 'static) -> Rc<Self> {
        Self::new(ProcKind::Native(Box::new(run)), false, 0)
    }

    /// A proc of a subclass of Proc.
    pub fn with_class(class: Rc<RClass>, kind: ProcKind, lambda: bool, home: ActivationId) -> Rc<Self> {
        Self::build(Head::of(class), kind, lambda, home)
    }

    fn build(head: Head, kind: ProcKind, lambda: bool, home: ActivationId) -> Rc<Self> {
        Rc::new(Self {
            head,
            kind,
            lambda: Cell::new(lambda),
            home: Cell::new(home),
            escaped: Cell::new(false),
            _charge: Charge::new(SIZE),
        })
    }
}
