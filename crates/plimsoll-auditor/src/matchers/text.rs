//! `match`, `start_with`, `end_with`.

use std::cell::{Cell, RefCell};

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def, known};

use super::format::{self, Inner, list_of};
use super::{Chained, Matcher, is_matcher, object, one_diff, phrase, raised, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("match", 1, 1, make_match, "Matches a pattern."),
    def("start_with", 1, -1, |vm, _, args| affix(vm, args, true), "Starts with."),
    def("end_with", 1, -1, |vm, _, args| affix(vm, args, false), "Ends with."),
];

fn make_match(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Match { expected: args[0].clone(), captures: RefCell::default() })
}

struct Match {
    expected: Value,
    captures: RefCell<Option<Vec<Value>>>,
}

impl Match {
    fn match_captures(&self, vm: &Interp, actual: &Value, captures: &[Value]) -> Res<bool> {
        let found = vm.send(actual, "match", std::slice::from_ref(&self.expected))?;
        if !found.truthy() {
            return Ok(false);
        }
        let all = Value::array(captures.to_vec());
        let groups = vm.send(&found, "captures", &[])?;
        let names = vm.collect(&vm.send(&found, "names", &[])?)?;
        if !names.is_empty() {
            let last = captures.last().cloned().unwrap_or_default();
            let values = vm.collect(&groups)?;
            let strings = vm.hash_from(names.iter().cloned().zip(values.iter().cloned()))?;
            let symbols: Res<Vec<Value>> = names.iter().map(|name| Ok(Value::Sym(vm.to_name(name)?))).collect();
            let symbols = vm.hash_from(symbols?.into_iter().zip(values))?;
            if values_match(vm, &last, &Value::Hash(strings))? || values_match(vm, &last, &Value::Hash(symbols))? {
                return Ok(true);
            }
        }
        values_match(vm, &all, &groups)
    }
}

impl Matcher for Match {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if let Some(captures) = self.captures.borrow().as_ref() {
            return self.match_captures(vm, actual, captures);
        }
        if values_match(vm, &self.expected, actual)? {
            return Ok(true);
        }
        let is_text = matches!(actual, Value::Str(_)) || super::is_a_named(vm, actual, "Regexp");
        if !vm.responds(actual, Sym::new("match"))? || (is_text && is_matcher(vm, &self.expected)?) {
            return Ok(false);
        }
        Ok(vm.send(actual, "match", std::slice::from_ref(&self.expected))?.truthy())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut text = [b"match ", &format::inspect(vm, &self.expected, Inner::Surfaced)?[..]].concat();
        if let Some(captures) = self.captures.borrow().as_ref() {
            let captures = format::inspect(vm, &Value::array(captures.clone()), Inner::Surfaced)?;
            text.extend([b" with captures ", &captures[..]].concat());
        }
        Ok(text)
    }

    fn has_default_failures(&self) -> bool {
        true
    }

    fn diffed(&self, _: &Interp, _: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        Ok(one_diff(&self.expected))
    }

    fn chain(&self, _: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        if name == "with_captures" {
            *self.captures.borrow_mut() = Some(args.values.to_vec());
        }
        Ok((name == "with_captures").into())
    }
}

fn affix(vm: &Interp, args: Args<'_>, start: bool) -> Res {
    let expected = match args.values {
        [one] => one.clone(),
        several => Value::array(several.to_vec()),
    };
    object(vm, Affix { start, expected, unordered: Cell::new(false) })
}

struct Affix {
    start: bool,
    expected: Value,
    /// Whether the value refused to give its elements by position.
    unordered: Cell<bool>,
}

impl Affix {
    fn holds(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let part = |values: &[Value]| vm.call(actual, known::AREF, values);
        if vm.responds(&self.expected, Sym::new("length"))? && !super::is_a_named(vm, &self.expected, "Struct") {
            let length = vm.to_int(&vm.call(&self.expected, known::LENGTH, &[])?)?;
            let from = if self.start { 0 } else { -length };
            if values_match(vm, &self.expected, &part(&[Value::Int(from), Value::Int(length)])?)? {
                return Ok(true);
            }
        }
        values_match(vm, &self.expected, &part(&[Value::Int(if self.start { 0 } else { -1 })])?)
    }
}

impl Matcher for Affix {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if !vm.responds(actual, known::AREF)? {
            return Ok(false);
        }
        match self.holds(vm, actual) {
            Err(unwind) if raised(vm, &unwind, &["ArgumentError"]) => {
                self.unordered.set(true);
                Ok(false)
            }
            result => result,
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let words: &[u8] = if self.start { b"start with" } else { b"end with" };
        let expected = match &self.expected {
            Value::Hash(_) => [b" ", &format::inspect(vm, &self.expected, Inner::Surfaced)?[..]].concat(),
            other => list_of(vm, other)?,
        };
        Ok([words, &expected].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let mut text = phrase(vm, "expected ", actual, " to ", &self.description(vm)?)?;
        if self.unordered.get() {
            text.extend_from_slice(b", but it does not have ordered elements");
        } else if !vm.responds(actual, known::AREF)? {
            text.extend_from_slice(b", but it cannot be indexed using #[]");
        }
        Ok(text)
    }
}
