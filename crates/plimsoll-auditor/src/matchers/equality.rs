//! `eq`, `eql`, `equal`.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::{Matcher, format_value, object};

pub(super) const MAKERS: &[Def] = &[
    def("eq", 1, 1, |vm, _, args| object(vm, Eq(args[0].clone())), "Equal by `==`."),
    def("eql", 1, 1, |vm, _, args| object(vm, Eql(args[0].clone())), "Equal by `eql?`."),
    def("equal", 1, 1, |vm, _, args: Args<'_>| object(vm, Same(args[0].clone())), "The same object."),
    def("an_object_eq_to", 1, 1, |vm, _, args| object(vm, Eq(args[0].clone())), "Equal by `==`."),
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

    fn diffable(&self, _: &Interp) -> Option<Value> {
        Some(self.0.clone())
    }
}

struct Eql(Value);

impl Matcher for Eql {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        vm.eql(actual, &self.0)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"eql ", &format_value(vm, &self.0)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        compared(vm, "", &self.0, actual, "eql?")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        compared(vm, "value != ", &self.0, actual, "eql?")
    }

    fn diffable(&self, _: &Interp) -> Option<Value> {
        Some(self.0.clone())
    }
}

fn compared(vm: &Interp, relation: &str, expected: &Value, actual: &Value, by: &str) -> Res<Vec<u8>> {
    let expected = format_value(vm, expected)?;
    let actual = format_value(vm, actual)?;
    let by = format!("\n\n(compared using {by})\n");
    Ok([b"\nexpected: ", relation.as_bytes(), &expected, b"\n     got: ", &actual, by.as_bytes()].concat())
}

pub(super) struct Same(pub(super) Value);

impl Same {
    fn literal(&self) -> bool {
        matches!(self.0, Value::Nil | Value::Bool(_))
    }
}

impl Matcher for Same {
    fn matches(&self, _: &Interp, actual: &Value) -> Res<bool> {
        Ok(actual.same(&self.0))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"equal ", &format_value(vm, &self.0)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let shown = format_value(vm, actual)?;
        if self.literal() {
            let expected = format_value(vm, &self.0)?;
            return Ok([b"\nexpected ", &expected[..], b"\n     got ", &shown, b"\n"].concat());
        }
        let expected = identified(vm, &self.0)?;
        let got = identified(vm, actual)?;
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
        let expected = identified(vm, &self.0)?;
        let shown = identified(vm, actual)?;
        let start = [b"\nexpected not ", &expected[..], b"\n         got ", &shown].concat();
        Ok([&start[..], b"\n\nCompared using equal?, which compares object identity.\n\n"].concat())
    }

    fn diffable(&self, _: &Interp) -> Option<Value> {
        (!self.literal()).then(|| self.0.clone())
    }
}

/// `#<String:16> => "abc"`
fn identified(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let class = vm.real_class_of(value).name();
    let id = vm.send(value, "__id__", &[])?;
    let id = vm.to_s(&id)?.lossy();
    Ok([format!("#<{class}:{id}> => ").as_bytes(), &format_value(vm, value)?].concat())
}
