//! Blocks and methods.

use std::fmt;

use super::{Node, Params, Variables};
use crate::symbol::Sym;

/// The body of a block or lambda.
#[derive(Debug)]
pub struct Block {
    /// Its parameters.
    pub params: Params,
    /// What it does.
    pub body: Node,
    /// Its own variables, parameters first. A block without any shares the scope around it.
    pub names: Box<[Sym]>,
    /// As backtraces name it.
    pub label: Label,
    /// The file it is in.
    pub file: Sym,
    /// The line it begins in.
    pub line: u32,
    /// Where it stands in the file, its braces (or `do` and `end`) included: byte offsets.
    pub span: (u32, u32),
    /// Whether a `break` in it ends the call it was given to.
    pub breaks: bool,
    /// The variables around it, innermost first, where the file asks procs for their `binding`.
    pub visible: Variables,
}

/// A `def`.
#[derive(Debug)]
pub struct MethodDef {
    /// Its name.
    pub name: Sym,
    /// Its parameters.
    pub params: Params,
    /// What it does.
    pub body: Node,
    /// Its variables, parameters first.
    pub names: Box<[Sym]>,
    /// The file it is in.
    pub file: Sym,
    /// The line it begins in.
    pub line: u32,
}

/// What runs in a frame, as backtraces name it: `foo`, `block in foo`, `<class:Foo>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// The method, or `<main>` and the like.
    pub base: Sym,
    /// How many blocks deep.
    pub blocks: u32,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.blocks {
            0 => write!(f, "{}", self.base),
            1 => write!(f, "block in {}", self.base),
            levels => write!(f, "block ({levels} levels) in {}", self.base),
        }
    }
}
