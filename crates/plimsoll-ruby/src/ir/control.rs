//! Control flow.

use super::{Arg, Node, Pattern, Target};

/// `if`
#[derive(Debug)]
pub struct If {
    /// The condition.
    pub condition: Node,
    /// When it holds.
    pub then: Node,
    /// When it doesn't.
    pub otherwise: Node,
}

/// `while`
#[derive(Debug)]
pub struct While {
    /// The condition.
    pub condition: Node,
    /// `until`: runs while the condition does not hold.
    pub negated: bool,
    /// `begin … end while`: the body runs before the condition is asked.
    pub body_first: bool,
    /// The body.
    pub body: Node,
}

/// `case … when`
#[derive(Debug)]
pub struct Case {
    /// The value that is compared; none for `case` alone.
    pub subject: Option<Node>,
    /// The branches.
    pub branches: Box<[Branch]>,
    /// `else`
    pub otherwise: Node,
}

/// `when`
#[derive(Debug)]
pub struct Branch {
    /// What is compared with `===`.
    pub conditions: Box<[Arg]>,
    /// What runs.
    pub body: Node,
}

/// `case … in`
#[derive(Debug)]
pub struct CaseIn {
    /// The value that is matched.
    pub subject: Node,
    /// The branches.
    pub branches: Box<[InBranch]>,
    /// `else`; without it, no match is an error.
    pub otherwise: Option<Node>,
}

/// `in`
#[derive(Debug)]
pub struct InBranch {
    /// The pattern.
    pub pattern: Pattern,
    /// What runs.
    pub body: Node,
}

/// `begin`
#[derive(Debug)]
pub struct Begin {
    /// What is guarded.
    pub body: Node,
    /// `rescue` clauses.
    pub rescues: Box<[Rescue]>,
    /// `else`: runs when nothing was raised.
    pub otherwise: Option<Node>,
    /// `ensure`
    pub ensure: Option<Node>,
}

/// `rescue`
#[derive(Debug)]
pub struct Rescue {
    /// What it catches; StandardError when empty.
    pub classes: Box<[Arg]>,
    /// Where the exception goes.
    pub target: Option<Target>,
    /// What runs.
    pub body: Node,
    /// Its line.
    pub line: u32,
}
