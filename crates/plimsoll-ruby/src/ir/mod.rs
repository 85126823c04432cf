//! The owned form of a program, lowered once from Prism's tree and shared by threads.
//!
//! Names have become slots and symbols, literals are precomputed, and every node knows its line.

mod block;
mod call;
mod control;
mod params;
mod pattern;
mod target;
mod walk;

use std::sync::Arc;

use num_bigint::BigInt;

pub use block::{Block, Label, MethodDef};
pub use call::{Arg, ArgList, BlockArg, Call, Pair, Super};
pub use control::{Begin, Branch, Case, CaseIn, If, InBranch, Rescue, While};
pub use params::{Keyword, KeywordRest, Param, Params, Rest};
pub use pattern::{ArrayPattern, FindPattern, HashPattern, HashRest, Pattern};
pub use target::{AssignOp, MultiTarget, OpAssign, OpTarget, Target};

use crate::symbol::Sym;
use crate::value::Encoding;

/// A whole source file.
#[derive(Debug)]
pub struct Program {
    /// The file's name, as errors show it.
    pub file: Sym,
    /// What it does.
    pub body: Node,
    /// Its local variables in the order of their slots; predefined ones come first.
    pub names: Vec<Sym>,
}

/// An expression and the line it is written in.
#[derive(Debug)]
pub struct Node {
    /// Counted from 1.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
}

/// Where a local variable lives: how many scopes out, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Scopes outwards, counting only those that have variables.
    pub depth: u16,
    /// Place in the scope.
    pub index: u16,
}

/// Local variables by name, with where each lives as seen from one place.
pub type Variables = Box<[(Sym, Slot)]>;

/// The kinds of expression.
#[derive(Debug)]
pub enum Kind {
    /// `nil`
    Nil,
    /// `true`
    True,
    /// `false`
    False,
    /// `self`
    SelfValue,
    /// An Integer that fits 64 bits.
    Int(i64),
    /// A Float.
    Float(f64),
    /// A larger Integer.
    Big(Arc<BigInt>),
    /// `3r`: numerator and denominator.
    Rational(Box<(BigInt, BigInt)>),
    /// `3i`: the imaginary part, a literal of its own.
    Imaginary(Box<Node>),
    /// A string without interpolation; the flag tells whether it is frozen.
    Str(Arc<[u8]>, Encoding, bool),
    /// A symbol.
    Sym(Sym),
    /// A string with interpolation.
    Interpolated(Box<[Node]>),
    /// A symbol with interpolation.
    InterpolatedSym(Box<[Node]>),
    /// Backticks.
    Shell(Box<[Node]>),
    /// A regular expression.
    Regex(Box<Regex>),
    /// `[…]`
    Array(Box<ArgList>),
    /// `{…}`
    Hash(Box<[Pair]>),
    /// `a..b`
    Range(Box<Range>),
    /// A local variable of the innermost scope.
    Local(u16),
    /// A local variable of a scope further out.
    OuterLocal(Slot),
    /// `@x`
    Ivar(Sym),
    /// `@@x`
    Cvar(Sym),
    /// `$x`
    Global(Sym),
    /// `$1`
    NthMatch(u32),
    /// `X`
    Const(Sym),
    /// `A::B`, or `::B` where there is no scope.
    ConstPath(Option<Box<Node>>, Sym),
    /// `x = …` in the innermost scope.
    SetLocal(u16, Box<Node>),
    /// `x = …` in a scope further out.
    SetOuterLocal(Slot, Box<Node>),
    /// `target = …`
    Assign(Box<(Target, Node)>),
    /// `a, *b = …`
    MultiAssign(Box<(MultiTarget, Node)>),
    /// `x += …`, `x ||= …`
    OpAssign(Box<OpAssign>),
    /// A method call.
    Call(Box<Call>),
    /// A call of a binary operator that numbers answer without dispatch.
    Binary(Box<Binary>),
    /// `!x`
    Not(Box<Node>),
    /// `super`
    Super(Box<Super>),
    /// `yield`
    Yield(Box<ArgList>),
    /// Statements in a row.
    Seq(Box<[Node]>),
    /// `a && b`
    And(Box<(Node, Node)>),
    /// `a || b`
    Or(Box<(Node, Node)>),
    /// `if`, `unless`, `?:`
    If(Box<If>),
    /// `while`, `until`
    While(Box<While>),
    /// `case … when`
    Case(Box<Case>),
    /// `case … in`
    CaseIn(Box<CaseIn>),
    /// `begin` with rescue, else or ensure.
    Begin(Box<Begin>),
    /// `return`
    Return(Box<Node>),
    /// `break` out of a block.
    Break(Box<Node>),
    /// `break` out of a `while`.
    LoopBreak(Box<Node>),
    /// `next`
    Next(Box<Node>),
    /// `redo`
    Redo,
    /// `retry`
    Retry,
    /// `def`; with the object of `def obj.name`.
    Def(Box<(Option<Node>, Arc<MethodDef>)>),
    /// `class`
    Class(Box<ClassDef>),
    /// `module`
    Module(Box<ModuleDef>),
    /// `class << x`
    SingletonClass(Box<(Node, Body)>),
    /// `alias new old`
    Alias(Box<(Node, Node)>),
    /// `alias $new $old`
    AliasGlobal(Sym, Sym),
    /// `undef`
    Undef(Box<[Node]>),
    /// `-> {}`
    Lambda(Arc<Block>),
    /// `defined?(x)`
    Defined(Box<Node>),
    /// `value => pattern` (required) or `value in pattern`.
    Match(Box<(Node, Pattern)>, bool),
    /// `/(?<x>…)/ =~ y`, which sets local variables.
    MatchWrite(Box<(Node, Vec<(Sym, Target)>)>),
    /// `binding` or `local_variables`, with the variables it sees, innermost first.
    Visible(Box<(Call, Variables)>),
    /// Something refused on purpose: the error of whoever runs it.
    Refused(&'static str),
}

/// A regular expression literal.
#[derive(Debug)]
pub struct Regex {
    /// Its source.
    pub parts: Box<[Node]>,
    /// Its options, as `Regexp#options` numbers them: 1 `i`, 2 `x`, 4 `m`, 16 fixed encoding, 32 `n`.
    pub flags: u32,
    /// Identifies the literal, when it is compiled once only.
    pub site: Option<u32>,
}

/// `a..b`
#[derive(Debug)]
pub struct Range {
    /// `a`
    pub begin: Node,
    /// `b`
    pub end: Node,
    /// `...`
    pub exclusive: bool,
}

/// A binary operator with its operands.
#[derive(Debug)]
pub struct Binary {
    /// Which operator.
    pub op: Operator,
    /// Its name as a method.
    pub name: Sym,
    /// The left operand.
    pub left: Node,
    /// The right operand.
    pub right: Node,
    /// How deep it is when only literals, local variables and such operators stand in it, else 0: evaluating it runs no
    /// code of the program as long as the variables hold Integers.
    pub plain: u8,
}

impl Binary {
    /// Deepest expression that is tried with bare Integers first: what a failed try repeats stays small.
    const PLAIN_DEPTH: u8 = 4;

    /// An operator with its operands.
    pub fn new(op: Operator, name: Sym, left: Node, right: Node) -> Self {
        let plain = match (left.plain_depth(), right.plain_depth()) {
            (Some(a), Some(b)) if a.max(b) < Self::PLAIN_DEPTH => a.max(b) + 1,
            _ => 0,
        };
        Self { op, name, left, right, plain }
    }
}

impl Node {
    /// How deep an expression of [`Binary::plain`] kind is: 0 for a leaf.
    fn plain_depth(&self) -> Option<u8> {
        match &self.kind {
            Kind::Int(_) | Kind::Local(_) | Kind::OuterLocal(_) => Some(0),
            Kind::Binary(binary) if binary.plain > 0 => Some(binary.plain),
            _ => None,
        }
    }
}

/// Operators that numbers answer without dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
    Index,
    Shl,
}

/// A body with a scope of its own: of a class, module or singleton class.
#[derive(Debug)]
pub struct Body {
    /// What it does.
    pub code: Node,
    /// Its local variables.
    pub names: Box<[Sym]>,
    /// As backtraces name it.
    pub label: Label,
    /// The file it is in.
    pub file: Sym,
}

/// Where a class or module is defined: `Foo`, `A::Foo`, `::Foo`.
#[derive(Debug)]
pub enum Place {
    /// In the innermost module.
    Here,
    /// In `Object`.
    Top,
    /// In this module.
    In(Node),
}

/// `class`
#[derive(Debug)]
pub struct ClassDef {
    /// Where it is defined.
    pub place: Place,
    /// Its name.
    pub name: Sym,
    /// Its superclass.
    pub superclass: Option<Node>,
    /// Its body.
    pub body: Body,
}

/// `module`
#[derive(Debug)]
pub struct ModuleDef {
    /// Where it is defined.
    pub place: Place,
    /// Its name.
    pub name: Sym,
    /// Its body.
    pub body: Body,
}

impl Node {
    /// A node.
    pub fn new(line: u32, kind: Kind) -> Self {
        Self { line, kind }
    }

    /// `nil`
    pub fn nil(line: u32) -> Self {
        Self::new(line, Kind::Nil)
    }
}
