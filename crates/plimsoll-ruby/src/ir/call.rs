//! Calls.

use std::sync::Arc;

use super::{Block, Node, Slot};
use crate::dispatch::CallStyle;
use crate::symbol::Sym;

/// A method call.
#[derive(Debug)]
pub struct Call {
    /// The receiver; `self` where there is none.
    pub receiver: Option<Node>,
    /// The method.
    pub name: Sym,
    /// How it is written.
    pub style: CallStyle,
    /// The arguments.
    pub args: ArgList,
    /// The block.
    pub block: BlockArg,
    /// `&.`
    pub safe: bool,
    /// `recv.name = value`: its value is the last argument.
    pub assigns: bool,
}

/// `super`
#[derive(Debug)]
pub struct Super {
    /// The arguments.
    pub args: ArgList,
    /// The block; where there is none, the method's own.
    pub block: BlockArg,
    /// `super` without arguments passes the method's own.
    pub implicit: bool,
}

/// Arguments, or the elements of an array literal.
#[derive(Debug)]
pub enum ArgList {
    /// One value each.
    Plain(Box<[Node]>),
    /// With splats or keywords.
    Mixed(Box<[Arg]>),
}

/// One argument.
#[derive(Debug)]
pub enum Arg {
    /// A value.
    Value(Node),
    /// `*values`
    Splat(Node),
    /// Keywords, always last.
    Keywords(Box<[Pair]>),
}

/// One element of a hash literal or of keywords.
#[derive(Debug)]
pub enum Pair {
    /// `key => value`
    Entry(Node, Node),
    /// `**hash`
    Splat(Node),
}

/// The block of a call.
#[derive(Debug)]
pub enum BlockArg {
    /// None.
    None,
    /// `{ … }`
    Literal(Arc<Block>),
    /// `&expression`
    Pass(Node),
    /// `&` alone: the block parameter without a name.
    Forward(Slot),
}

impl ArgList {
    /// No arguments.
    pub fn none() -> Self {
        Self::Plain(Box::default())
    }
}
