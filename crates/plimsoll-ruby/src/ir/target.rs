//! What can be assigned to.

use super::{ArgList, Node, Slot};
use crate::symbol::Sym;

/// What can be assigned to.
#[derive(Debug)]
pub enum Target {
    /// A local variable.
    Local(Slot),
    /// `@x`
    Ivar(Sym),
    /// `@@x`
    Cvar(Sym),
    /// `$x`
    Global(Sym),
    /// `X`
    Const(Sym),
    /// `A::X`, or `::X` where there is no scope.
    ConstPath(Option<Node>, Sym),
    /// `recv[args]`; `self` where there is no receiver.
    Index(Option<Node>, ArgList),
    /// `recv.name`, with the setter's name and whether it is `&.`.
    Attribute(Option<Node>, Sym, bool),
    /// `(a, b)`
    Multi(Box<MultiTarget>),
}

/// `a, *b, c`
#[derive(Debug)]
pub struct MultiTarget {
    /// Before the splat.
    pub before: Box<[Target]>,
    /// `*rest`; the target is absent for `*` alone.
    pub rest: Option<Option<Target>>,
    /// After the splat.
    pub after: Box<[Target]>,
}

/// `target op= value`
#[derive(Debug)]
pub struct OpAssign {
    /// What is read and written.
    pub target: OpTarget,
    /// How.
    pub op: AssignOp,
    /// The operand.
    pub value: Node,
}

/// How an operator assignment combines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignOp {
    /// `||=`
    Or,
    /// `&&=`
    And,
    /// `+=` and the like: the method.
    Call(Sym),
}

/// What an operator assignment reads and writes.
#[derive(Debug)]
pub enum OpTarget {
    /// A variable or a constant in scope: assigning it reads nothing else.
    Simple(Target),
    /// `A::X`
    ConstPath(Option<Node>, Sym),
    /// `recv[args]`
    Index(Option<Node>, ArgList),
    /// `recv.name`: reader, writer and whether it is `&.`.
    Attribute(Option<Node>, Sym, Sym, bool),
}
