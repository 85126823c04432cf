//! `include`, `cover`, `all`.

use std::cell::RefCell;

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def, known};

use super::count::Count;
use super::format::{self, Inner, format_surfaced, join_list, spaced_arrows};
use super::{Chained, DIFF, Matcher, failure, format_value, list, matches, object, phrase, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("include", 0, -1, include, "Contains these members."),
    def("cover", 0, -1, |vm, _, args| object(vm, Cover(args.values.to_vec())), "Covers these values."),
    def("all", 1, 1, all, "Every element matches."),
];

fn include(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Include { expected: args.values.to_vec(), off: RefCell::default(), count: Count::default() })
}

struct Include {
    expected: Vec<Value>,
    /// The expected members that were missing (or, negated, present).
    off: RefCell<Vec<Value>>,
    count: Count,
}

impl Include {
    fn check(&self, vm: &Interp, actual: &Value, wanted: bool) -> Res<bool> {
        if !can_include(vm, actual)? {
            return Ok(false);
        }
        if self.count.is_expected() {
            self.off.borrow_mut().clone_from(&self.expected);
            return Ok(self.count.takes(self.occurrences(vm, actual)?) == wanted);
        }
        let mut off = Vec::new();
        for expected in &self.expected {
            match (expected, actual) {
                (Value::Hash(pairs), Value::Hash(_)) => {
                    for (key, value) in pairs.entries() {
                        if has_pair(vm, actual, &key, &value)? != wanted {
                            off.push(Value::Hash(vm.hash_from([(key, value)])?));
                        }
                    }
                }
                _ => {
                    if has_member(vm, actual, expected)? != wanted {
                        off.push(expected.clone());
                    }
                }
            }
        }
        let holds = off.is_empty();
        *self.off.borrow_mut() = off;
        Ok(holds)
    }

    /// How often the one expected member occurs.
    fn occurrences(&self, vm: &Interp, actual: &Value) -> Res<i64> {
        let refuse = |why: &str| Err(vm.error("NotImplementedError", why));
        let [expected] = self.expected.as_slice() else {
            return refuse("Count constraint supported only when testing for a single value being included");
        };
        match actual {
            Value::Hash(_) => refuse("Count constraint on hash keys not implemented"),
            Value::Str(_) => {
                let found = vm.send(actual, "scan", std::slice::from_ref(expected))?;
                vm.to_int(&vm.call(&found, known::LENGTH, &[])?)
            }
            actual if vm.is_a(actual, &vm.c.enumerable) => {
                let mut count = 0;
                for element in vm.collect(actual)? {
                    count += i64::from(values_match(vm, expected, &element)?);
                }
                Ok(count)
            }
            _ => refuse("Count constraints are implemented for Enumerable and String values only"),
        }
    }

    fn explain(&self, vm: &Interp, actual: &Value, word: &str) -> Res<Vec<u8>> {
        if !can_include(vm, actual)? {
            let start = phrase(vm, "expected ", actual, &format!(" {word} "), &self.description(vm)?)?;
            return Ok(spaced_arrows(&[&start[..], b", but it does not respond to `include?`"].concat()));
        }
        let members = readable(vm, &self.off.borrow())?;
        let mut text = phrase(vm, "expected ", actual, &format!(" {word} include"), &members)?;
        if self.count.is_expected() {
            text.extend(self.count.failure("it is included").into_bytes());
        }
        Ok(spaced_arrows(&text))
    }
}

/// Whether `include?` can be asked of a value.
fn can_include(vm: &Interp, actual: &Value) -> Res<bool> {
    vm.responds(actual, Sym::new("include?"))
}

fn has_pair(vm: &Interp, actual: &Value, key: &Value, value: &Value) -> Res<bool> {
    let Value::Hash(hash) = actual else { return Ok(false) };
    if let Some(found) = vm.hash_get(hash, key)? {
        return values_match(vm, value, &found);
    }
    for (name, found) in hash.entries() {
        if values_match(vm, key, &name)? {
            return values_match(vm, value, &found);
        }
    }
    Ok(false)
}

fn has_member(vm: &Interp, actual: &Value, expected: &Value) -> Res<bool> {
    if let Value::Hash(hash) = actual {
        if vm.hash_get_entry(hash, expected)?.is_some() {
            return Ok(true);
        }
        return any_matches(vm, &hash.keys(), expected);
    }
    if vm.call(actual, known::INCLUDE_P, std::slice::from_ref(expected))?.truthy() {
        return Ok(true);
    }
    if !vm.responds(actual, Sym::new("any?"))? {
        return Ok(false);
    }
    any_matches(vm, &vm.collect(actual)?, expected)
}

fn any_matches(vm: &Interp, values: &[Value], expected: &Value) -> Res<bool> {
    for value in values {
        if values_match(vm, expected, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Members in an English list; hashes become one.
fn readable(vm: &Interp, values: &[Value]) -> Res<Vec<u8>> {
    if values.iter().all(|value| matches!(value, Value::Hash(_))) {
        let merged = vm.hash_from([])?;
        for value in values {
            for (key, element) in vm.to_hash(value)?.entries() {
                vm.hash_set(&merged, key, element)?;
            }
        }
        let pairs: Res<Vec<_>> = merged
            .entries()
            .iter()
            .map(|(key, element)| {
                let (key, element) =
                    (format::inspect(vm, key, Inner::Surfaced)?, format::inspect(vm, element, Inner::Surfaced)?);
                Ok([&key[..], b"=>", &element].concat())
            })
            .collect();
        let none = values.is_empty();
        let text = if none { b"nil".to_vec() } else { [b"{", &pairs?.join(&b", "[..])[..], b"}"].concat() };
        return Ok([b" ", &text[..]].concat());
    }
    let parts: Res<Vec<_>> = values.iter().map(|value| format_surfaced(vm, value)).collect();
    Ok(join_list(&parts?))
}

impl Matcher for Include {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        self.check(vm, actual, true)
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        self.check(vm, actual, false)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let members = readable(vm, &self.expected)?;
        Ok(spaced_arrows(&[b"include", &members[..], self.count.description().as_bytes()].concat()))
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, "to")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, "not to")
    }

    fn diffed(&self, vm: &Interp, actual: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        let expected = match self.expected.as_slice() {
            [hash @ Value::Hash(_)] => hash.clone(),
            several => Value::array(several.to_vec()),
        };
        // A line that only contains what is expected would be shown as if it were wrong.
        if let (Value::Str(text), Value::Array(_)) = (actual, &expected) {
            let text = text.to_vec();
            for member in &self.expected {
                let contained = vm.call(actual, known::INCLUDE_P, std::slice::from_ref(member))?.truthy();
                let whole = |member: &Value| match member {
                    Value::Str(member) => text.split(|byte| *byte == b'\n').any(|line| line == &*member.bytes()),
                    _ => false,
                };
                if contained && !whole(member) {
                    return Ok(Vec::new());
                }
            }
        }
        Ok(vec![(DIFF.to_vec(), expected)])
    }

    fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        Ok(self.count.chain(vm, name, args)?.into())
    }
}

struct Cover(Vec<Value>);

impl Cover {
    fn covered(&self, vm: &Interp, actual: &Value) -> Res<usize> {
        let mut count = 0;
        for value in &self.0 {
            count += usize::from(vm.send(actual, "cover?", std::slice::from_ref(value))?.truthy());
        }
        Ok(count)
    }
}

impl Matcher for Cover {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.covered(vm, actual)? == self.0.len())
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.covered(vm, actual)? == 0)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"cover", &list(vm, &self.0)?[..]].concat())
    }

    fn has_default_failures(&self) -> bool {
        true
    }
}

fn all(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, All { matcher: args[0].clone(), failed: RefCell::default() })
}

struct All {
    matcher: Value,
    /// The messages of the elements that do not match, by index.
    failed: RefCell<Vec<(usize, Vec<u8>)>>,
}

fn is_iterable(vm: &Interp, actual: &Value) -> Res<bool> {
    vm.responds(actual, Sym::new("each_with_index"))
}

impl Matcher for All {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if !is_iterable(vm, actual)? {
            return Ok(false);
        }
        let mut failed = Vec::new();
        for (at, element) in vm.collect(actual)?.iter().enumerate() {
            if !matches(vm, &self.matcher, element)? {
                failed.push((at, failure(vm, &self.matcher, false)?));
            }
        }
        let holds = failed.is_empty();
        *self.failed.borrow_mut() = failed;
        Ok(holds)
    }

    fn does_not_match(&self, vm: &Interp, _: &Value) -> Res<bool> {
        Err(vm.error("NotImplementedError", "`expect().not_to all( matcher )` is not supported."))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok(spaced_arrows(&[b"all ", &format_value(vm, &self.matcher)?[..]].concat()))
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let mut text = spaced_arrows(&phrase(vm, "expected ", actual, " to ", &self.description(vm)?)?);
        if !is_iterable(vm, actual)? {
            return Ok([&text[..], b", but was not iterable"].concat());
        }
        for (at, message) in self.failed.borrow().iter() {
            let message = String::from_utf8_lossy(message);
            let message = if message.starts_with('\n') { message.into_owned() } else { format!("\n{message}") };
            let item = format!("object at index {at} failed to match:{}", indented(&message));
            text.extend([b"\n\n", indented(&item).as_bytes()].concat());
        }
        Ok(text)
    }
}

/// A message's lines indented by three blanks, without newlines at its end.
pub(super) fn indented(message: &str) -> String {
    let lines = message.trim_end_matches('\n').split('\n');
    let lines: Vec<String> =
        lines.map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("   {line}") }).collect();
    lines.join("\n")
}
