//! Pattern matching.

use std::rc::Rc;

use super::Scope;
use crate::ir::{ArrayPattern, CaseIn, FindPattern, HashPattern, HashRest, Node, Pattern, Target};
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RHash, Value};

/// Why the last pattern did not match: for the error text of a match that has no other branch.
pub(crate) enum Mismatch {
    /// `pattern === value` was false.
    NotEqual(Value, Value),
    /// An array of another length; the flag tells that more are fine.
    Length(Vec<Value>, usize, bool),
    /// Nothing in the array is what the find pattern looks for.
    NotFound(Value),
    /// A hash without the key.
    Key(Rc<RHash>, Sym),
    /// A hash with more keys than `**nil` allows.
    Rest(Value),
    /// A hash where `{}` wants none.
    NotEmpty(Value),
    /// The value has no `deconstruct` or `deconstruct_keys`.
    Opaque(Value, &'static str),
    /// The guard was false.
    Guard,
}

impl Scope<'_> {
    pub(super) fn case_in(&self, case: &CaseIn, line: u32) -> Res {
        let subject = self.eval(&case.subject)?;
        for branch in &case.branches {
            if self.matches(&branch.pattern, &subject)? {
                return self.eval(&branch.body);
            }
        }
        match &case.otherwise {
            Some(otherwise) => self.eval(otherwise),
            None => {
                self.vm.line.set(line);
                Err(self.no_match(&subject, case.branches.len() == 1)?)
            }
        }
    }

    pub(super) fn match_pattern(&self, value: &Node, pattern: &Pattern, required: bool, line: u32) -> Res {
        let value = self.eval(value)?;
        let matched = self.matches(pattern, &value)?;
        if !required {
            return Ok(Value::Bool(matched));
        }
        if matched {
            return Ok(Value::Nil);
        }
        self.vm.line.set(line);
        Err(self.no_match(&value, true)?)
    }

    /// NoMatchingPatternError, or NoMatchingPatternKeyError for a hash that lacks a key; a `single` pattern says why.
    fn no_match(&self, value: &Value, single: bool) -> Res<Unwind> {
        let vm = self.vm;
        let text = vm.inspect(value)?.lossy();
        let mismatch = vm.mismatch.take().filter(|_| single);
        let Some(mismatch) = mismatch else { return Ok(vm.error("NoMatchingPatternError", text)) };
        let why = match &mismatch {
            Mismatch::NotEqual(pattern, value) => {
                format!("{} === {} does not return true", vm.inspect(pattern)?.lossy(), vm.inspect(value)?.lossy())
            }
            Mismatch::Length(elements, expected, open) => {
                let shown = vm.inspect(&Value::array(elements.clone()))?.lossy();
                let (given, plus) = (elements.len(), if *open { "+" } else { "" });
                format!("{shown} length mismatch (given {given}, expected {expected}{plus})")
            }
            Mismatch::NotFound(value) => format!("{} does not match to find pattern", vm.inspect(value)?.lossy()),
            Mismatch::Key(hash, key) => {
                let message = format!("{text}: key not found: {key:?}");
                let exception = vm.exception(&vm.class_named("NoMatchingPatternKeyError"), Value::str(message));
                exception.head.set_ivar(known::KEY, Value::Sym(*key));
                exception.head.set_ivar(Sym::new("matchee"), Value::Hash(Rc::clone(hash)));
                return Ok(vm.raise_object(exception));
            }
            Mismatch::Rest(rest) => format!("rest of {} is not empty", vm.inspect(rest)?.lossy()),
            Mismatch::NotEmpty(hash) => format!("{} is not empty", vm.inspect(hash)?.lossy()),
            Mismatch::Opaque(value, method) => format!("{} does not respond to #{method}", vm.inspect(value)?.lossy()),
            Mismatch::Guard => "guard clause does not return true".to_owned(),
        };
        Ok(vm.error("NoMatchingPatternError", format!("{text}: {why}")))
    }

    /// Notes why a pattern does not match.
    fn mismatch(&self, mismatch: Mismatch) -> bool {
        let old = self.vm.mismatch.replace(Some(mismatch));
        drop(old);
        false
    }

    fn matches(&self, pattern: &Pattern, value: &Value) -> Res<bool> {
        match pattern {
            Pattern::Value(node) => {
                let pattern = self.eval(node)?;
                self.vm.line.set(node.line);
                self.equals(pattern, value)
            }
            Pattern::Bind(target) => {
                self.assign(target, value.clone())?;
                Ok(true)
            }
            Pattern::Capture(capture) => {
                let matched = self.matches(&capture.0, value)?;
                if matched {
                    self.assign(&capture.1, value.clone())?;
                }
                Ok(matched)
            }
            Pattern::Alternatives(pair) => Ok(self.matches(&pair.0, value)? || self.matches(&pair.1, value)?),
            Pattern::Guard(guard) => {
                Ok(self.matches(&guard.0, value)? && (self.eval(&guard.1)?.truthy() || self.mismatch(Mismatch::Guard)))
            }
            Pattern::Array(array) => self.matches_array(array, value),
            Pattern::Find(find) => self.matches_find(find, value),
            Pattern::Hash(hash) => self.matches_hash(hash, value),
        }
    }

    fn is_of(&self, constant: Option<&Node>, value: &Value) -> Res<bool> {
        match constant {
            None => Ok(true),
            Some(node) => {
                let constant = self.eval(node)?;
                self.equals(constant, value)
            }
        }
    }

    fn equals(&self, pattern: Value, value: &Value) -> Res<bool> {
        Ok(self.vm.case_equal(&pattern, value)? || self.mismatch(Mismatch::NotEqual(pattern, value.clone())))
    }

    /// What `deconstruct` gives, when the value has it.
    fn elements(&self, value: &Value) -> Res<Option<Vec<Value>>> {
        if let Value::Array(array) = value {
            return Ok(Some(array.to_vec()));
        }
        match self.vm.call_if_responds(value, known::DECONSTRUCT, &[])? {
            None => {
                self.mismatch(Mismatch::Opaque(value.clone(), "deconstruct"));
                Ok(None)
            }
            Some(Value::Array(array)) => Ok(Some(array.to_vec())),
            Some(_) => Err(self.vm.type_error("deconstruct must return Array")),
        }
    }

    fn matches_array(&self, pattern: &ArrayPattern, value: &Value) -> Res<bool> {
        if !self.is_of(pattern.constant.as_ref(), value)? {
            return Ok(false);
        }
        let Some(elements) = self.elements(value)? else { return Ok(false) };
        let fixed = pattern.before.len() + pattern.after.len();
        let fits = if pattern.rest.is_some() { elements.len() >= fixed } else { elements.len() == fixed };
        if !fits {
            return Ok(self.mismatch(Mismatch::Length(elements, fixed, pattern.rest.is_some())));
        }
        let (before, others) = elements.split_at(pattern.before.len());
        let (rest, after) = others.split_at(others.len() - pattern.after.len());
        if !self.all_match(&pattern.before, before)? {
            return Ok(false);
        }
        self.bind_rest(pattern.rest.as_ref().and_then(Option::as_ref), rest)?;
        self.all_match(&pattern.after, after)
    }

    fn all_match(&self, patterns: &[Pattern], values: &[Value]) -> Res<bool> {
        for (pattern, value) in patterns.iter().zip(values) {
            if !self.matches(pattern, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn bind_rest(&self, target: Option<&Target>, values: &[Value]) -> Res<()> {
        match target {
            Some(target) => self.assign(target, Value::array(values.to_vec())),
            None => Ok(()),
        }
    }

    fn matches_find(&self, pattern: &FindPattern, value: &Value) -> Res<bool> {
        if !self.is_of(pattern.constant.as_ref(), value)? {
            return Ok(false);
        }
        let Some(elements) = self.elements(value)? else { return Ok(false) };
        let wanted = pattern.middle.len();
        for start in 0..(elements.len() + 1).saturating_sub(wanted) {
            self.vm.tick()?;
            if self.all_match(&pattern.middle, &elements[start..start + wanted])? {
                self.bind_rest(pattern.before.as_ref(), &elements[..start])?;
                self.bind_rest(pattern.after.as_ref(), &elements[start + wanted..])?;
                return Ok(true);
            }
        }
        Ok(self.mismatch(Mismatch::NotFound(value.clone())))
    }

    fn matches_hash(&self, pattern: &HashPattern, value: &Value) -> Res<bool> {
        let vm = self.vm;
        if !self.is_of(pattern.constant.as_ref(), value)? {
            return Ok(false);
        }
        let hash = match value {
            Value::Hash(hash) => Rc::clone(hash),
            other => {
                let keys = match pattern.rest {
                    HashRest::Bind(_) => Value::Nil,
                    _ => Value::array(pattern.entries.iter().map(|(key, _)| Value::Sym(*key)).collect()),
                };
                match vm.call_if_responds(other, known::DECONSTRUCT_KEYS, &[keys])? {
                    None => return Ok(self.mismatch(Mismatch::Opaque(value.clone(), "deconstruct_keys"))),
                    Some(Value::Hash(hash)) => hash,
                    Some(_) => return Err(vm.type_error("deconstruct_keys must return Hash")),
                }
            }
        };
        for (key, pattern) in &pattern.entries {
            match vm.hash_get(&hash, &Value::Sym(*key))? {
                Some(value) if self.matches(pattern, &value)? => {}
                Some(_) => return Ok(false),
                None => return Ok(self.mismatch(Mismatch::Key(hash, *key))),
            }
        }
        let named = |key: &Value| matches!(key, Value::Sym(key) if pattern.entries.iter().any(|(k, _)| k == key));
        match &pattern.rest {
            HashRest::Ignored => Ok(true),
            HashRest::Refused if hash.len() == pattern.entries.len() => Ok(true),
            HashRest::Refused if pattern.entries.is_empty() => {
                let shown = Value::Hash(Rc::clone(&hash));
                Ok(self.mismatch(Mismatch::NotEmpty(shown)))
            }
            HashRest::Refused => {
                let rest = vm.hash_from(hash.entries().into_iter().filter(|(key, _)| !named(key)))?;
                Ok(self.mismatch(Mismatch::Rest(Value::Hash(rest))))
            }
            HashRest::Bind(target) => {
                let rest = vm.hash_from(hash.entries().into_iter().filter(|(key, _)| !named(key)))?;
                self.assign(target, Value::Hash(rest))?;
                Ok(true)
            }
        }
    }

    /// `/(?<name>…)/ =~ text`: the named groups become local variables.
    pub(super) fn match_write(&self, call: &Node, targets: &[(Sym, Target)]) -> Res {
        let result = self.eval(call)?;
        let found = self.vm.last_match();
        for (name, target) in targets {
            let value = match (&result, &found) {
                (Value::Nil, _) | (_, Value::Nil) => Value::Nil,
                _ => self.vm.call(&found, known::AREF, &[Value::Sym(*name)])?,
            };
            self.assign(target, value)?;
        }
        Ok(result)
    }
}
