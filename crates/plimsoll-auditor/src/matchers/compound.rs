//! `a.and b`, `a.or b`.

use std::cell::Cell;

use plimsoll_ruby::{Interp, Res, Value};

use super::collection::indented;
use super::{Boxed, Matcher, described, diffed, failure, format_value, matches, object, takes_blocks};

/// Both (or one) of two matchers.
pub(super) fn make(vm: &Interp, first: &Value, second: &Value, both: bool) -> Res {
    let compound = Compound { first: first.clone(), second: second.clone(), both, held: Cell::new((false, false)) };
    object(vm, compound)
}

struct Compound {
    first: Value,
    second: Value,
    both: bool,
    /// Which of the two matched last.
    held: Cell<(bool, bool)>,
}

/// Longer names of matchers are cut in the labels of diffs.
const LONGEST_NAME: usize = 65;

impl Compound {
    fn word(&self) -> &'static str {
        if self.both { "and" } else { "or" }
    }
}

impl Matcher for Compound {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let first = matches(vm, &self.first, actual)?;
        self.held.set((first, false));
        if first != self.both {
            return Ok(first);
        }
        let second = matches(vm, &self.second, actual)?;
        self.held.set((first, second));
        Ok(second)
    }

    fn does_not_match(&self, vm: &Interp, _: &Value) -> Res<bool> {
        let word = self.word();
        Err(vm.error("NotImplementedError", format!("`expect(...).not_to matcher.{word} matcher` is not supported, since it creates a bit of an ambiguity. Instead, define negated versions of whatever matchers you wish to negate with `RSpec::Matchers.define_negated_matcher` and use `expect(...).to matcher.{word} matcher`.")))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let (first, second) = (described(vm, &self.first)?, described(vm, &self.second)?);
        Ok([&first[..], b" ", self.word().as_bytes(), b" ", &second].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let first_held = self.held.get().0;
        if self.both && first_held {
            return failure(vm, &self.second, false);
        }
        // `and` stops at the first failure; the message tells of the second matcher too.
        if self.both {
            let second_holds = matches(vm, &self.second, actual)?;
            self.held.set((false, second_holds));
            if second_holds {
                return failure(vm, &self.first, false);
            }
        }
        let (first, second) = (failure(vm, &self.first, false)?, failure(vm, &self.second, false)?);
        let (first, second) = (String::from_utf8_lossy(&first), String::from_utf8_lossy(&second));
        let first = indented(&first);
        let second = second.trim_start_matches('\n');
        // The second message keeps the newlines at its end.
        let tail = &second[second.trim_end_matches('\n').len()..];
        Ok(format!("{first}\n\n...{}:\n\n{}{tail}", self.word(), indented(second)).into_bytes())
    }

    fn diffed(&self, vm: &Interp, actual: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        let (first_held, second_held) = self.held.get();
        let mut all = Vec::new();
        for (matcher, held) in [(&self.first, first_held), (&self.second, second_held)] {
            if held {
                continue;
            }
            let inner = diffed(vm, matcher, actual)?;
            let is_compound = matcher.native::<Boxed>().is_some_and(|boxed| boxed.matcher.is_compound());
            if is_compound {
                all.extend(inner);
            } else {
                for (_, expected) in inner {
                    all.push((label(&format_value(vm, matcher)?), expected));
                }
            }
        }
        Ok(all)
    }

    fn takes_blocks(&self, vm: &Interp) -> Res<bool> {
        Ok(takes_blocks(vm, &self.first)? && takes_blocks(vm, &self.second)?)
    }

    fn is_compound(&self) -> bool {
        true
    }
}

fn label(name: &[u8]) -> Vec<u8> {
    let name = String::from_utf8_lossy(name);
    let name = if name.chars().count() > LONGEST_NAME {
        let cut: String = name.chars().take(LONGEST_NAME - 3).collect();
        format!("{cut}...")
    } else {
        name.into_owned()
    };
    format!("Diff for ({name}):").into_bytes()
}
