//! What `sub`, `gsub` and `scan` search for.

use std::rc::Rc;

use super::super::matchdata::MatchData;
use super::compiled::{Subject, new_regexp, of, this};
use super::program::Hit;
use crate::core::string::text;
use crate::interp::Interp;
use crate::unwind::{Res, Unwind};
use crate::value::{RString, Value};

/// A Regexp, or a String as it stands.
pub(crate) enum Pattern {
    /// A Regexp's value.
    Regexp(Value),
    /// A text.
    Text(Rc<RString>),
}

impl Pattern {
    /// A Regexp or String; else TypeError.
    pub(crate) fn of(vm: &Interp, value: &Value) -> Res<Self> {
        if of(value).is_some() {
            return Ok(Self::Regexp(value.clone()));
        }
        match vm.try_str(value)? {
            Some(string) => Ok(Self::Text(string)),
            None => Err(Self::wrong_type(vm, value)),
        }
    }

    /// A Regexp, compiled from a String if it is one; else TypeError.
    pub(crate) fn regexp(vm: &Interp, value: &Value) -> Res {
        if of(value).is_some() {
            return Ok(value.clone());
        }
        match vm.try_str(value)? {
            Some(string) => new_regexp(vm, &string.to_vec(), 0),
            None => Err(Self::wrong_type(vm, value)),
        }
    }

    /// TypeError: `wrong argument type X (expected Regexp)`.
    pub(crate) fn wrong_type(vm: &Interp, value: &Value) -> Unwind {
        vm.type_error(format!("wrong argument type {} (expected Regexp)", vm.type_word(value)))
    }

    /// The first match at or after byte `from`.
    pub(crate) fn search(&self, vm: &Interp, subject: &Subject, from: usize) -> Res<Option<Hit>> {
        match self {
            Self::Regexp(value) => this(vm, value)?.search(vm, subject, from),
            Self::Text(needle) => {
                vm.joint_encoding(subject, needle)?;
                let at = text::find(&subject.bytes(), &needle.bytes(), from, subject.encoding());
                Ok(at.map(|at| Hit { groups: smallvec::smallvec![Some((at, at + needle.len()))] }))
            }
        }
    }

    /// Sets `$~`; gives its value.
    pub(crate) fn record(&self, vm: &Interp, subject: &Subject, hit: Hit) -> Value {
        let own = match self {
            Self::Regexp(value) => value.clone(),
            Self::Text(text) => Value::Str(Rc::clone(text)),
        };
        let value = MatchData::value(vm, own, subject.frozen(), hit);
        vm.set_last_match(value.clone());
        value
    }

    /// The group of a name.
    pub(crate) fn named_group(&self, name: &[u8], hit: &Hit) -> Option<usize> {
        match self {
            Self::Regexp(value) => of(value)?.named_group(name, hit),
            Self::Text(_) => None,
        }
    }
}
