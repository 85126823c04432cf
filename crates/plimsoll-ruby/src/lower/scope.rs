//! Scopes: names to slots.

use super::Lowerer;
use crate::ir::{Label, Slot};
use crate::symbol::Sym;

/// What opened a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    /// A file.
    Top,
    /// A `def`.
    Method,
    /// A block or lambda: it sees the scopes around it.
    Block,
    /// The body of a class or module.
    Body,
}

/// A scope while it is being lowered.
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    /// Its variables in the order of their slots.
    pub(super) names: Vec<Sym>,
    pub(super) label: Label,
    /// A block without variables of its own shares the scope around it.
    pub(super) shares: bool,
    /// How many `while` loops are around the code being lowered, within this scope.
    pub(super) loops: usize,
    /// Whether a `break` was seen that ends the block's call.
    pub(super) breaks: bool,
    /// What `super` without arguments passes.
    pub(super) super_args: Vec<SuperArg>,
}

/// One argument of a `super` without arguments.
#[derive(Debug, Clone, Copy)]
pub(super) enum SuperArg {
    Value(Sym),
    Splat(Sym),
    Keyword(Sym),
    KeywordSplat(Sym),
}

impl Scope {
    pub(super) fn new(kind: ScopeKind, names: Vec<Sym>, label: Label) -> Self {
        let shares = kind == ScopeKind::Block && names.is_empty();
        Self { kind, names, label, shares, loops: 0, breaks: false, super_args: Vec::new() }
    }
}

impl Lowerer<'_> {
    /// The innermost scope.
    pub(super) fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("lowering happens within a scope")
    }

    /// The slot of a local variable.
    pub(super) fn slot(&mut self, name: Sym) -> Slot {
        let mut depth = 0;
        for scope in self.scopes.iter().rev() {
            if let Some(index) = scope.names.iter().position(|known| *known == name) {
                return Slot { depth, index: index as u16 };
            }
            if scope.kind != ScopeKind::Block {
                break;
            }
            if !scope.shares {
                depth += 1;
            }
        }
        self.hidden_slot(name)
    }

    /// The named variables that code sees here, innermost first.
    pub(super) fn visible(&self) -> Box<[(Sym, Slot)]> {
        let mut found: Vec<(Sym, Slot)> = Vec::new();
        let mut depth = 0;
        for scope in self.scopes.iter().rev() {
            for (index, name) in scope.names.iter().enumerate() {
                let named = name
                    .bytes()
                    .first()
                    .is_some_and(|byte| byte.is_ascii_lowercase() || *byte == b'_' || !byte.is_ascii());
                if named && name.bytes() != b"it" && !found.iter().any(|(known, _)| known == name) {
                    found.push((*name, Slot { depth, index: index as u16 }));
                }
            }
            if scope.kind != ScopeKind::Block {
                break;
            }
            if !scope.shares {
                depth += 1;
            }
        }
        found.into()
    }

    /// A new variable in the innermost scope that holds variables: Prism lists all that have names, so this is for those
    /// that have none (`*`, `**`, `&`).
    fn hidden_slot(&mut self, name: Sym) -> Slot {
        let holder = self.scopes.iter_mut().rev().find(|scope| !scope.shares).expect("a file's scope holds variables");
        holder.names.push(name);
        Slot { depth: 0, index: (holder.names.len() - 1) as u16 }
    }

    /// The scope of the method around the code being lowered, when there is one.
    pub(super) fn method_scope(&self) -> Option<&Scope> {
        let outermost = self.scopes.iter().rev().find(|scope| scope.kind != ScopeKind::Block)?;
        (outermost.kind == ScopeKind::Method).then_some(outermost)
    }
}
