//! Parameters.

use super::{Node, Target};
use crate::symbol::Sym;

/// The parameters of a method or block.
#[derive(Debug, Default)]
pub struct Params {
    /// Required ones before the optional.
    pub required: Box<[Param]>,
    /// Optional ones with their defaults.
    pub optional: Box<[(u16, Node)]>,
    /// `*rest`
    pub rest: Rest,
    /// Required ones after the rest.
    pub post: Box<[Param]>,
    /// Keywords.
    pub keywords: Box<[Keyword]>,
    /// `**rest`
    pub keyword_rest: KeywordRest,
    /// `&block`
    pub block: Option<u16>,
    /// Only required ones, in the slots 0, 1, 2 …
    pub simple: bool,
    /// `_1`, `_2` and `it`: how many the block names.
    pub numbered: bool,
}

/// A required parameter.
#[derive(Debug)]
pub enum Param {
    /// A variable.
    Slot(u16),
    /// `(a, b)`, or the variable of a `for`.
    Target(Box<Target>),
}

/// `*rest`
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// There is none.
    #[default]
    None,
    /// `|a, |`: further values are dropped.
    Dropped,
    /// The variable.
    Slot(u16),
}

/// A keyword parameter.
#[derive(Debug)]
pub struct Keyword {
    /// Its name.
    pub name: Sym,
    /// Its variable.
    pub slot: u16,
    /// Its default; without one it is required.
    pub default: Option<Node>,
}

/// `**rest`
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum KeywordRest {
    /// There is none.
    #[default]
    None,
    /// `**nil`
    Refused,
    /// The variable.
    Slot(u16),
}

impl Params {
    /// Whether it takes keywords.
    pub fn takes_keywords(&self) -> bool {
        !self.keywords.is_empty() || matches!(self.keyword_rest, KeywordRest::Slot(_))
    }

    /// Fewest positional arguments.
    pub fn min(&self) -> usize {
        self.required.len() + self.post.len()
    }

    /// Most positional arguments; `None` for any number.
    pub fn max(&self) -> Option<usize> {
        match self.rest {
            Rest::Slot(_) => None,
            _ => Some(self.min() + self.optional.len()),
        }
    }

    /// Whether a keyword is required.
    pub fn requires_keyword(&self) -> bool {
        self.keywords.iter().any(|keyword| keyword.default.is_none())
    }

    /// As `Method#arity` and `Proc#arity` tell it; a proc that is no lambda does without its optional ones.
    pub fn arity(&self, lambda: bool) -> i64 {
        let min = self.min() + usize::from(self.requires_keyword());
        let max = self.max().map(|max| max + usize::from(self.takes_keywords()));
        let exact = if lambda { max == Some(min) } else { max.is_some() };
        if exact { min as i64 } else { -(min as i64) - 1 }
    }
}
