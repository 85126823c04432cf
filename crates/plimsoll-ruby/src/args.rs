//! What a call hands over.

use std::rc::Rc;

use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RHash, RProc, Value};

/// The arguments of one call.
///
/// Keywords travel as a Hash in the last place of `values`, marked by `keywords`: a native method without keywords sees
/// an ordinary trailing Hash, as in Ruby.
#[derive(Clone, Copy, Default)]
pub struct Args<'a> {
    /// Positional arguments, then the keywords' Hash when `keywords` is set.
    pub values: &'a [Value],
    /// Whether the last value holds keywords.
    pub keywords: bool,
    /// The block, if one was given.
    pub block: Option<&'a Rc<RProc>>,
}

impl<'a> Args<'a> {
    /// Positional arguments alone.
    pub fn new(values: &'a [Value]) -> Self {
        Self { values, keywords: false, block: None }
    }

    /// The same with a block.
    #[must_use]
    pub fn with_block(self, block: Option<&'a Rc<RProc>>) -> Self {
        Self { block, ..self }
    }

    /// Number of values, the keywords' Hash counted as one.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value at `index`, if given.
    pub fn get(&self, index: usize) -> Option<&'a Value> {
        self.values.get(index)
    }

    /// The value at `index`, `nil` when not given.
    pub fn or_nil(&self, index: usize) -> Value {
        self.values.get(index).cloned().unwrap_or_default()
    }

    /// Positional values and keywords apart.
    pub fn split_keywords(&self) -> (&'a [Value], Option<&'a Rc<RHash>>) {
        match self.values.split_last() {
            Some((Value::Hash(keywords), positional)) if self.keywords => (positional, Some(keywords)),
            _ => (self.values, None),
        }
    }

    /// The keyword `name`, if given.
    pub fn keyword(&self, name: &str) -> Option<Value> {
        let (_, keywords) = self.split_keywords();
        let name = crate::symbol::Sym::new(name);
        keywords?.entries().into_iter().find(|(key, _)| matches!(key, Value::Sym(s) if *s == name)).map(|(_, v)| v)
    }

    /// The block, or the LocalJumpError that a `yield` without one raises.
    pub fn need_block(&self, vm: &Interp) -> Res<&'a Rc<RProc>> {
        self.block.ok_or_else(|| vm.error("LocalJumpError", "no block given (yield)"))
    }
}

impl std::ops::Index<usize> for Args<'_> {
    type Output = Value;

    fn index(&self, index: usize) -> &Value {
        &self.values[index]
    }
}
