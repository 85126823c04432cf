//! Patterns of `case … in`.

use super::{Node, Target};
use crate::symbol::Sym;

/// A pattern.
#[derive(Debug)]
pub enum Pattern {
    /// Compared with `===`: a literal, a constant, a range, a pinned expression.
    Value(Node),
    /// Takes anything and assigns it.
    Bind(Target),
    /// `pattern => name`
    Capture(Box<(Pattern, Target)>),
    /// `a | b`
    Alternatives(Box<(Pattern, Pattern)>),
    /// `[a, *b]`
    Array(Box<ArrayPattern>),
    /// `[*, a, *]`
    Find(Box<FindPattern>),
    /// `{a:, **b}`
    Hash(Box<HashPattern>),
    /// `pattern if condition`
    Guard(Box<(Pattern, Node)>),
}

/// `Const[a, *b, c]`
#[derive(Debug)]
pub struct ArrayPattern {
    /// What the value must be besides.
    pub constant: Option<Node>,
    /// Before the splat.
    pub before: Box<[Pattern]>,
    /// `*rest`; the target is absent for `*` alone.
    pub rest: Option<Option<Target>>,
    /// After the splat.
    pub after: Box<[Pattern]>,
}

/// `Const[*a, b, *c]`
#[derive(Debug)]
pub struct FindPattern {
    /// What the value must be besides.
    pub constant: Option<Node>,
    /// What comes before.
    pub before: Option<Target>,
    /// What is looked for.
    pub middle: Box<[Pattern]>,
    /// What comes after.
    pub after: Option<Target>,
}

/// `Const(a:, **b)`
#[derive(Debug)]
pub struct HashPattern {
    /// What the value must be besides.
    pub constant: Option<Node>,
    /// Keys and the patterns of their values.
    pub entries: Box<[(Sym, Pattern)]>,
    /// What of the rest.
    pub rest: HashRest,
}

/// `**rest`
#[derive(Debug)]
pub enum HashRest {
    /// Other keys are ignored.
    Ignored,
    /// `**nil`: there must be no other keys.
    Refused,
    /// Other keys are assigned.
    Bind(Target),
}
