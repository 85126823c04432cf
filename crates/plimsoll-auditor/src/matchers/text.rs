//! `match`, `start_with`, `end_with`.

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use super::format::list_of;
use super::{Matcher, format_value, object, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("match", 1, 1, make_match, "Matches a pattern."),
    def("match_regex", 1, 1, make_match, "Matches a pattern."),
    def("a_string_matching", 1, 1, make_match, "Matches a pattern."),
    def(
        "start_with",
        1,
        -1,
        |vm, _, args| object(vm, Affix { start: true, expected: args.values.to_vec() }),
        "Starts with.",
    ),
    def(
        "end_with",
        1,
        -1,
        |vm, _, args| object(vm, Affix { start: false, expected: args.values.to_vec() }),
        "Ends with.",
    ),
];

fn make_match(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Match(args[0].clone()))
}

struct Match(Value);

impl Matcher for Match {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        match actual {
            Value::Array(_) | Value::Hash(_) => values_match(vm, &self.0, actual),
            _ if vm.responds(actual, Sym::new("match"))? => {
                Ok(vm.send(actual, "match", std::slice::from_ref(&self.0))?.truthy())
            }
            _ => values_match(vm, &self.0, actual),
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"match ", &format_value(vm, &self.0)?[..]].concat())
    }

    fn diffable(&self, _: &Interp) -> Option<Value> {
        Some(self.0.clone())
    }
}

struct Affix {
    start: bool,
    expected: Vec<Value>,
}

impl Affix {
    fn expected(&self) -> Value {
        match self.expected.as_slice() {
            [one] => one.clone(),
            several => Value::array(several.to_vec()),
        }
    }

    fn word(&self) -> &'static [u8] {
        if self.start { b"start with" } else { b"end with" }
    }
}

impl Matcher for Affix {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let expected = self.expected();
        match (actual, &expected) {
            (Value::Str(text), Value::Str(affix)) => {
                let (text, affix) = (text.bytes(), affix.bytes());
                Ok(if self.start { text.starts_with(&affix) } else { text.ends_with(&affix) })
            }
            (Value::Array(array), _) => {
                let array = array.to_vec();
                let count = self.expected.len();
                if array.len() < count {
                    return Ok(false);
                }
                let part = if self.start { &array[..count] } else { &array[array.len() - count..] };
                values_match(vm, &Value::array(self.expected.clone()), &Value::array(part.to_vec()))
            }
            _ => Ok(false),
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([self.word(), &list_of(vm, &self.expected())?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let mut text = [b"expected ", &format_value(vm, actual)?[..], b" to ", &self.description(vm)?[..]].concat();
        if !matches!(actual, Value::Str(_) | Value::Array(_)) {
            text.extend_from_slice(b", but it cannot be indexed using #[]");
        }
        Ok(text)
    }
}
