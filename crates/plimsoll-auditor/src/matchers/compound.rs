//! `a.and b`, `a.or b`.

use plimsoll_ruby::{Interp, Res, Value};

use super::{Matcher, description, failure, matches, object};

/// Both (or one) of two matchers.
pub(super) fn make(vm: &Interp, first: &Value, second: &Value, both: bool) -> Res {
    object(vm, Compound { first: first.clone(), second: second.clone(), both })
}

struct Compound {
    first: Value,
    second: Value,
    both: bool,
}

impl Matcher for Compound {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let first = matches(vm, &self.first, actual)?;
        if first != self.both {
            return Ok(first);
        }
        matches(vm, &self.second, actual)
    }

    fn does_not_match(&self, vm: &Interp, _: &Value) -> Res<bool> {
        Err(vm.error("NotImplementedError", "`expect(...).not_to matcher.and matcher` is not supported, since it creates a bit of an ambiguity. Instead, define negated versions of whatever matchers you wish to negate with `RSpec::Matchers.define_negated_matcher` and use `expect(...).to matcher.and matcher`."))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let word: &[u8] = if self.both { b" and " } else { b" or " };
        let first = description(vm, &self.first)?.unwrap_or_default();
        Ok([&first[..], word, &description(vm, &self.second)?.unwrap_or_default()].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let first_fails = !matches(vm, &self.first, actual)?;
        let second_fails = !matches(vm, &self.second, actual)?;
        if self.both && !(first_fails && second_fails) {
            let failing = if first_fails { &self.first } else { &self.second };
            return failure(vm, failing, actual, false);
        }
        let word = if self.both { "and" } else { "or" };
        let first = failure(vm, &self.first, actual, false)?;
        let second = failure(vm, &self.second, actual, false)?;
        let (first, second) = (indent(&first), indent(&second));
        Ok([&first[..], b"\n\n...", word.as_bytes(), b":\n\n", &second].concat())
    }
}

/// A message as it stands inside a compound's: its outer newlines gone, its lines indented.
fn indent(message: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(message);
    let text = text.strip_prefix('\n').unwrap_or(&text);
    let text = text.trim_end_matches('\n');
    let lines: Vec<String> =
        text.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("   {line}") }).collect();
    lines.join("\n").into_bytes()
}
