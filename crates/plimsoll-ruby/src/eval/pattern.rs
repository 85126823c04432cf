//! Pattern matching.

use super::Scope;
use crate::ir::{ArrayPattern, CaseIn, FindPattern, HashPattern, HashRest, Node, Pattern, Target};
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::Value;

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
                Err(self.no_match(&subject, None)?)
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
        Err(self.no_match(&value, Some(pattern))?)
    }

    /// NoMatchingPatternError, or NoMatchingPatternKeyError for a hash that lacks a key.
    fn no_match(&self, value: &Value, pattern: Option<&Pattern>) -> Res<Unwind> {
        let vm = self.vm;
        let text = vm.inspect(value)?.lossy();
        if let (Some(Pattern::Hash(pattern)), Value::Hash(hash)) = (pattern, value) {
            for (key, _) in &pattern.entries {
                if vm.hash_get(hash, &Value::Sym(*key))?.is_none() {
                    let message = format!("{text}: key not found: {key:?}");
                    let exception = vm.exception(&vm.class_named("NoMatchingPatternKeyError"), Value::str(message));
                    exception.head.set_ivar(known::KEY, Value::Sym(*key));
                    exception.head.set_ivar(Sym::new("matchee"), value.clone());
                    return Ok(vm.raise_object(exception));
                }
            }
        }
        Ok(vm.error("NoMatchingPatternError", text))
    }

    fn matches(&self, pattern: &Pattern, value: &Value) -> Res<bool> {
        match pattern {
            Pattern::Value(node) => {
                let pattern = self.eval(node)?;
                self.vm.line.set(node.line);
                self.vm.case_equal(&pattern, value)
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
            Pattern::Guard(guard) => Ok(self.matches(&guard.0, value)? && self.eval(&guard.1)?.truthy()),
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
                self.vm.case_equal(&constant, value)
            }
        }
    }

    /// What `deconstruct` gives, when the value has it.
    fn elements(&self, value: &Value) -> Res<Option<Vec<Value>>> {
        if let Value::Array(array) = value {
            return Ok(Some(array.to_vec()));
        }
        match self.vm.call_if_responds(value, known::DECONSTRUCT, &[])? {
            None => Ok(None),
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
            return Ok(false);
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
        Ok(false)
    }

    fn matches_hash(&self, pattern: &HashPattern, value: &Value) -> Res<bool> {
        let vm = self.vm;
        if !self.is_of(pattern.constant.as_ref(), value)? {
            return Ok(false);
        }
        let hash = match value {
            Value::Hash(hash) => std::rc::Rc::clone(hash),
            other => {
                let keys = match pattern.rest {
                    HashRest::Bind(_) => Value::Nil,
                    _ => Value::array(pattern.entries.iter().map(|(key, _)| Value::Sym(*key)).collect()),
                };
                match vm.call_if_responds(other, known::DECONSTRUCT_KEYS, &[keys])? {
                    None => return Ok(false),
                    Some(Value::Hash(hash)) => hash,
                    Some(_) => return Err(vm.type_error("deconstruct_keys must return Hash")),
                }
            }
        };
        for (key, pattern) in &pattern.entries {
            match vm.hash_get(&hash, &Value::Sym(*key))? {
                Some(value) if self.matches(pattern, &value)? => {}
                _ => return Ok(false),
            }
        }
        let named = |key: &Value| matches!(key, Value::Sym(key) if pattern.entries.iter().any(|(k, _)| k == key));
        match &pattern.rest {
            HashRest::Ignored => Ok(true),
            HashRest::Refused => Ok(hash.len() == pattern.entries.len()),
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
