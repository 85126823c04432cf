//! `contain_exactly`, `match_array`.

use std::cell::RefCell;

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use super::format::{format_surfaced, list_surfaced};
use super::{Matcher, format_value, object, phrase, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("contain_exactly", 0, -1, contain_exactly, "The same elements in any order."),
    def("match_array", 1, 1, match_array, "The same elements in any order."),
];

fn contain_exactly(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Exactly { expected: args.values.to_vec(), found: RefCell::default() })
}

fn match_array(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let expected = match &args[0] {
        Value::Array(array) => array.to_vec(),
        other => vec![other.clone()],
    };
    object(vm, Exactly { expected, found: RefCell::default() })
}

struct Exactly {
    expected: Vec<Value>,
    found: RefCell<Found>,
}

/// What the last comparison found.
#[derive(Default)]
struct Found {
    /// The elements of the value; `None` when it has none.
    elements: Option<Vec<Value>>,
    missing: Vec<Value>,
    extra: Vec<Value>,
}

/// The elements of a value that can be converted to an array.
fn elements(vm: &Interp, actual: &Value) -> Res<Option<Vec<Value>>> {
    if actual.is_nil() {
        return Ok(None);
    }
    for name in ["to_ary", "to_a"] {
        if vm.responds(actual, Sym::new(name))? {
            return match vm.send(actual, name, &[])? {
                Value::Array(array) => Ok(Some(array.to_vec())),
                _ => Ok(None),
            };
        }
    }
    Ok(None)
}

impl Exactly {
    /// Pairs expected with actual elements, as many as possible.
    fn pair(&self, vm: &Interp, actual: &[Value]) -> Res<(Vec<Value>, Vec<Value>)> {
        let mut fits: Vec<Vec<usize>> = Vec::new();
        for expected in &self.expected {
            let mut partners = Vec::new();
            for (at, candidate) in actual.iter().enumerate() {
                if values_match(vm, expected, candidate)? {
                    partners.push(at);
                }
            }
            fits.push(partners);
        }
        let mut partner_of: Vec<Option<usize>> = vec![None; actual.len()];
        for expected in 0..fits.len() {
            find_partner(expected, &fits, &mut partner_of, &mut vec![false; actual.len()]);
        }
        let paired = |expected: usize| partner_of.contains(&Some(expected));
        let missing = self.expected.iter().enumerate().filter(|(at, _)| !paired(*at));
        let extra = actual.iter().zip(&partner_of).filter(|(_, partner)| partner.is_none());
        Ok((missing.map(|(_, value)| value.clone()).collect(), extra.map(|(value, _)| value.clone()).collect()))
    }
}

/// Finds an actual element for an expected one, moving those that are paired already where that helps.
fn find_partner(expected: usize, fits: &[Vec<usize>], partner_of: &mut [Option<usize>], seen: &mut Vec<bool>) -> bool {
    for &at in &fits[expected] {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        let free = match partner_of[at] {
            None => true,
            Some(other) => find_partner(other, fits, partner_of, seen),
        };
        if free {
            partner_of[at] = Some(expected);
            return true;
        }
    }
    false
}

impl Matcher for Exactly {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let elements = elements(vm, actual)?;
        let (missing, extra) = match &elements {
            Some(elements) => self.pair(vm, elements)?,
            None => (self.expected.clone(), Vec::new()),
        };
        let holds = elements.is_some() && missing.is_empty() && extra.is_empty();
        *self.found.borrow_mut() = Found { elements, missing, extra };
        Ok(holds)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"contain exactly", &list_surfaced(vm, &self.expected)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let found = self.found.borrow();
        let Some(elements) = &found.elements else {
            let start = "expected a collection that can be converted to an array with `#to_ary` or `#to_a`, but got ";
            return phrase(vm, start, actual, "", b"");
        };
        let mut text = Vec::new();
        let mut line = |words: &str, values: &[Value], surfaced: bool| -> Res<()> {
            let array = sorted(vm, values)?;
            let shown = if surfaced { format_surfaced(vm, &array)? } else { format_value(vm, &array)? };
            text.extend([format!("{words:<32}").as_bytes(), &shown, b"\n"].concat());
            Ok(())
        };
        line("expected collection contained:", &self.expected, true)?;
        line("actual collection contained:", elements, false)?;
        if !found.missing.is_empty() {
            line("the missing elements were:", &found.missing, true)?;
        }
        if !found.extra.is_empty() {
            line("the extra elements were:", &found.extra, false)?;
        }
        Ok(text)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " not to contain exactly", &list_surfaced(vm, &self.expected)?)
    }
}

/// Values as an Array, sorted where they can be.
fn sorted(vm: &Interp, values: &[Value]) -> Res {
    let array = Value::array(values.to_vec());
    match vm.send(&array, "sort", &[]) {
        Err(unwind) if unwind.exception().is_some() => Ok(array),
        result => result,
    }
}
