//! `eq`, `eql`, `equal`.

use plimsoll_ruby::{Def, Interp, Res, Value, def};

use super::format::list_of;
use super::{Matcher, format_value, object, one_diff};

pub(super) const MAKERS: &[Def] = &[
    def("eq", 1, 1, |vm, _, args| object(vm, Eq(args[0].clone())), "Equal by `==`."),
    def("eql", 1, 1, |vm, _, args| object(vm, Eql(args[0].clone())), "Equal by `eql?`."),
    def("equal", 1, 1, |vm, _, args| object(vm, Same(args[0].clone())), "The same object."),
];

struct Eq(Value);

impl Matcher for Eq {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        vm.equal(actual, &self.0)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"eq ", &format_value(vm, &self.0)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        compared(vm, "", &self.0, actual, "==")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        compared(vm, "value != ", &self.0, actual, "==")
    }

    fn diffed(&self, _: &Interp, _: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        Ok(one_diff(&self.0))
    }
}

struct Eql(Value);

impl Matcher for Eql {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        vm.eql(actual, &self.0)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        named(vm, "eql", &self.0)
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        compared(vm, "", &self.0, actual, "eql?")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        compared(vm, "value != ", &self.0, actual, "eql?")
    }

    fn diffed(&self, _: &Interp, _: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        Ok(one_diff(&self.0))
    }
}

/// A matcher's words and its expected value, or the elements of an expected list.
fn named(vm: &Interp, words: &str, expected: &Value) -> Res<Vec<u8>> {
    Ok([words.as_bytes(), &list_of(vm, expected)?].concat())
}

fn compared(vm: &Interp, relation: &str, expected: &Value, actual: &Value, by: &str) -> Res<Vec<u8>> {
    let expected = format_value(vm, expected)?;
    let actual = format_value(vm, actual)?;
    let by = format!("\n\n(compared using {by})\n");
    Ok([b"\nexpected: ", relation.as_bytes(), &expected, b"\n     got: ", &actual, by.as_bytes()].concat())
}

/// `equal`, and `be` with a value.
pub(super) struct Same(pub(super) Value);

fn is_literal(value: &Value) -> bool {
    matches!(value, Value::Nil | Value::Bool(_))
}

impl Matcher for Same {
    fn matches(&self, _: &Interp, actual: &Value) -> Res<bool> {
        Ok(actual.same(&self.0))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        named(vm, "equal", &self.0)
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        if is_literal(&self.0) {
            let expected = format_value(vm, &self.0)?;
            let got = if is_literal(actual) { format_value(vm, actual)? } else { identified(vm, actual)? };
            return Ok([b"\nexpected ", &expected[..], b"\n     got ", &got, b"\n"].concat());
        }
        let (expected, got) = (identified(vm, &self.0)?, identified(vm, actual)?);
        Ok([
            b"\nexpected ",
            &expected[..],
            b"\n     got ",
            &got,
            b"\n\nCompared using equal?, which compares object identity,\n",
            b"but expected and actual are not the same object. Use\n",
            b"`expect(actual).to eq(expected)` if you don't care about\n",
            b"object identity in this example.\n\n",
        ]
        .concat())
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let (expected, got) = (identified(vm, actual)?, identified(vm, &self.0)?);
        let end = b"\n\nCompared using equal?, which compares object identity.\n\n";
        Ok([b"\nexpected not ", &expected[..], b"\n         got ", &got, end].concat())
    }

    fn diffed(&self, _: &Interp, _: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        Ok(if is_literal(&self.0) { Vec::new() } else { one_diff(&self.0) })
    }
}

/// `#<String:16> => "abc"`
fn identified(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let class = vm.real_class_of(value).name();
    let id = vm.send(value, "__id__", &[])?;
    let id = vm.to_s(&id)?.lossy();
    Ok([format!("#<{class}:{id}> => ").as_bytes(), &format_value(vm, value)?].concat())
}
