//! `include`, `contain_exactly`, `match_array`, `all`, `contain_duplicates`.

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use super::{Matcher, description, failure, format_value, is_matcher, list, matches, object, phrase, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("include", 0, -1, |vm, _, args| object(vm, Include(args.values.to_vec())), "Contains these members."),
    def("a_string_including", 1, -1, |vm, _, args| object(vm, Include(args.values.to_vec())), "Contains these texts."),
    def(
        "contain_exactly",
        0,
        -1,
        |vm, _, args| object(vm, Exactly(args.values.to_vec())),
        "The same elements in any order.",
    ),
    def("match_array", 1, 1, match_array, "The same elements in any order."),
    def("all", 1, 1, |vm, _, args| object(vm, All(args[0].clone())), "Every element matches."),
    def("contain_duplicates", 0, 0, |vm, _, _| object(vm, Duplicates), "Some element stands twice."),
];

struct Include(Vec<Value>);

impl Include {
    /// The expected members that are missing (or, negated, present).
    fn off(&self, vm: &Interp, actual: &Value, wanted: bool) -> Res<Vec<Value>> {
        let mut off = Vec::new();
        for expected in &self.0 {
            match (expected, actual) {
                (Value::Hash(pairs), Value::Hash(_)) => {
                    let missing = vm.hash_from([])?;
                    for (key, value) in pairs.entries() {
                        if has_pair(vm, actual, &key, &value)? != wanted {
                            vm.hash_set(&missing, key, value)?;
                        }
                    }
                    if !missing.is_empty() {
                        off.push(Value::Hash(missing));
                    }
                }
                _ => {
                    if has_member(vm, actual, expected)? != wanted {
                        off.push(expected.clone());
                    }
                }
            }
        }
        Ok(off)
    }

    fn explain(&self, vm: &Interp, actual: &Value, negated: bool) -> Res<Vec<u8>> {
        let word = if negated { " not to include" } else { " to include" };
        if !can_include(vm, actual)? {
            let expected = list(vm, &self.0)?;
            let start = phrase(vm, "expected ", actual, word, &expected)?;
            return Ok([&start[..], b", but it does not respond to `include?`"].concat());
        }
        let off = self.off(vm, actual, !negated)?;
        phrase(vm, "expected ", actual, word, &readable(vm, &off)?)
    }
}

/// Whether `include?` can be asked of a value.
fn can_include(vm: &Interp, actual: &Value) -> Res<bool> {
    vm.responds(actual, Sym::new("include?"))
}

fn has_pair(vm: &Interp, actual: &Value, key: &Value, value: &Value) -> Res<bool> {
    let Value::Hash(hash) = actual else { return Ok(false) };
    match vm.hash_get(hash, key)? {
        Some(found) => values_match(vm, value, &found),
        None => Ok(false),
    }
}

fn has_member(vm: &Interp, actual: &Value, expected: &Value) -> Res<bool> {
    match actual {
        Value::Hash(hash) => {
            if is_matcher(vm, expected)? {
                for key in hash.keys() {
                    if values_match(vm, expected, &key)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
            Ok(vm.hash_get_entry(hash, expected)?.is_some())
        }
        Value::Str(_) if is_matcher(vm, expected)? => values_match(vm, expected, actual),
        Value::Str(_) => Ok(vm.send(actual, "include?", std::slice::from_ref(expected))?.truthy()),
        _ => {
            // An Array (or anything enumerable) has it when it says so, or when an element fits a pattern.
            let plain = vm.send(actual, "include?", std::slice::from_ref(expected))?.truthy();
            if plain {
                return Ok(true);
            }
            let Value::Array(elements) = actual else { return Ok(false) };
            let pattern =
                is_matcher(vm, expected)? || matches!(expected, Value::Obj(_) | Value::Class(_) | Value::Range(_));
            if !pattern {
                return Ok(false);
            }
            for element in elements.to_vec() {
                if values_match(vm, expected, &element)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// Expected members in a message: hashes without braces.
fn readable(vm: &Interp, values: &[Value]) -> Res<Vec<u8>> {
    match values {
        [Value::Hash(_)] => Ok([b" ", &format_value(vm, &values[0])?[..]].concat()),
        _ => list(vm, values),
    }
}

impl Matcher for Include {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(can_include(vm, actual)? && self.off(vm, actual, true)?.is_empty())
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(can_include(vm, actual)? && self.off(vm, actual, false)?.is_empty())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"include", &readable(vm, &self.0)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, false)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, true)
    }

    fn diffable(&self, _: &Interp) -> Option<Value> {
        Some(Value::array(self.0.clone()))
    }
}

fn match_array(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Exactly(vm.collect(&args[0])?))
}

struct Exactly(Vec<Value>);

impl Exactly {
    /// Expected elements without a partner, and actual elements without one.
    fn unpaired(&self, vm: &Interp, actual: &[Value]) -> Res<(Vec<Value>, Vec<Value>)> {
        let mut extra = actual.to_vec();
        let mut missing = Vec::new();
        for expected in &self.0 {
            let mut found = None;
            for (at, candidate) in extra.iter().enumerate() {
                if values_match(vm, expected, candidate)? {
                    found = Some(at);
                    break;
                }
            }
            match found {
                Some(at) => drop(extra.remove(at)),
                None => missing.push(expected.clone()),
            }
        }
        Ok((missing, extra))
    }
}

impl Matcher for Exactly {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let Value::Array(elements) = actual else { return Ok(false) };
        let (missing, extra) = self.unpaired(vm, &elements.to_vec())?;
        Ok(missing.is_empty() && extra.is_empty())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"contain exactly", &list(vm, &self.0)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let Value::Array(elements) = actual else {
            return phrase(
                vm,
                "expected a collection that can be converted to an array with `#to_ary` or `#to_a`, but got ",
                actual,
                "",
                b"",
            );
        };
        let elements = elements.to_vec();
        let (missing, extra) = self.unpaired(vm, &elements)?;
        let mut text = b"expected collection contained:  ".to_vec();
        text.extend(sorted(vm, &self.0)?);
        text.extend_from_slice(b"\nactual collection contained:    ");
        text.extend(sorted(vm, &elements)?);
        text.push(b'\n');
        if !missing.is_empty() {
            text.extend_from_slice(b"the missing elements were:      ");
            text.extend(sorted(vm, &missing)?);
            text.push(b'\n');
        }
        if !extra.is_empty() {
            text.extend_from_slice(b"the extra elements were:        ");
            text.extend(sorted(vm, &extra)?);
            text.push(b'\n');
        }
        Ok(text)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let elements = list(vm, &self.0)?;
        phrase(vm, "expected ", actual, " not to contain exactly", &elements)
    }
}

/// A list in a message, sorted where its elements can be.
fn sorted(vm: &Interp, values: &[Value]) -> Res<Vec<u8>> {
    let array = Value::array(values.to_vec());
    let comparable = values.windows(2).all(|pair| matches!(vm.compare(&pair[0], &pair[1]), Ok(Some(_))));
    let array = if comparable { vm.send(&array, "sort", &[])? } else { array };
    format_value(vm, &array)
}

struct All(Value);

impl Matcher for All {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if !is_enumerable(vm, actual) {
            return Ok(false);
        }
        for element in vm.collect(actual)? {
            if !matches(vm, &self.0, &element)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn does_not_match(&self, vm: &Interp, _: &Value) -> Res<bool> {
        Err(vm.error("NotImplementedError", "`expect().not_to all( matcher )` is not supported."))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"all ", &description(vm, &self.0)?.unwrap_or_default()[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        if !is_enumerable(vm, actual) {
            let start = phrase(vm, "expected ", actual, " to ", &self.description(vm)?)?;
            return Ok([&start[..], b", but was not iterable"].concat());
        }
        let mut text = phrase(vm, "expected ", actual, " to ", &self.description(vm)?)?;
        for (at, element) in vm.collect(actual)?.iter().enumerate() {
            if matches(vm, &self.0, element)? {
                continue;
            }
            let message = failure(vm, &self.0, element, false)?;
            let message = String::from_utf8_lossy(&message).into_owned();
            let body = if message.contains('\n') {
                let lines = message
                    .split('\n')
                    .map(|line| if line.is_empty() { String::new() } else { format!("      {line}") });
                let lines: Vec<String> = lines.collect();
                format!("\n{}", lines.join("\n").trim_start_matches('\n'))
            } else {
                format!("\n      {message}")
            };
            text.extend(format!("\n\n   object at index {at} failed to match:{body}").into_bytes());
        }
        Ok(text)
    }
}

fn is_enumerable(vm: &Interp, value: &Value) -> bool {
    vm.is_a(value, &vm.c.enumerable)
}

struct Duplicates;

impl Matcher for Duplicates {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let elements = vm.collect(actual)?;
        for (at, element) in elements.iter().enumerate() {
            for other in &elements[at + 1..] {
                if vm.equal(element, other)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn description(&self, _: &Interp) -> Res<Vec<u8>> {
        Ok(b"contain duplicates".to_vec())
    }
}
