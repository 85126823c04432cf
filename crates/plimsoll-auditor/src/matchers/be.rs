//! `be`, `be_nil`, `be_truthy`, `be > 3`, `be_between`, `be_within`.

use std::cell::RefCell;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::equality::Same;
use super::{Matcher, format_value, object, phrase};

pub(super) const MAKERS: &[Def] = &[
    def("be", 0, 1, be, "Truthy, the same object, or the start of a comparison."),
    def("be_nil", 0, 0, |vm, _, _| object(vm, Simple::Nil), "`nil`"),
    def("be_truthy", 0, 0, |vm, _, _| object(vm, Simple::Truthy), "Neither `nil` nor `false`."),
    def("be_falsey", 0, 0, |vm, _, _| object(vm, Simple::Falsey), "`nil` or `false`."),
    def("be_falsy", 0, 0, |vm, _, _| object(vm, Simple::Falsey), "`nil` or `false`."),
    def("be_between", 2, 2, between, "Between two values, inclusive unless told otherwise."),
    def("be_within", 1, 1, within, "Within a distance `of` a value."),
    def("a_value", 0, 0, be, "The start of a comparison."),
];

fn be(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    match args.get(0) {
        Some(value) => object(vm, Same(value.clone())),
        None => object(vm, Be { comparison: RefCell::new(None) }),
    }
}

enum Simple {
    Nil,
    Truthy,
    Falsey,
}

impl Matcher for Simple {
    fn matches(&self, _: &Interp, actual: &Value) -> Res<bool> {
        Ok(match self {
            Self::Nil => actual.is_nil(),
            Self::Truthy => actual.truthy(),
            Self::Falsey => !actual.truthy(),
        })
    }

    fn description(&self, _: &Interp) -> Res<Vec<u8>> {
        Ok(match self {
            Self::Nil => b"be nil".to_vec(),
            Self::Truthy => b"be truthy".to_vec(),
            Self::Falsey => b"be falsey".to_vec(),
        })
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let got = format_value(vm, actual)?;
        let expected: &[u8] = match self {
            Self::Nil => b"expected: nil\n     got: ",
            Self::Truthy => b"expected: truthy value\n     got: ",
            Self::Falsey => b"expected: falsey value\n     got: ",
        };
        Ok([expected, &got].concat())
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let got = format_value(vm, actual)?;
        let expected: &[u8] = match self {
            Self::Nil => return Ok(b"expected: not nil\n     got: nil".to_vec()),
            Self::Truthy => b"expected: falsey value\n     got: ",
            Self::Falsey => b"expected: truthy value\n     got: ",
        };
        Ok([expected, &got].concat())
    }
}

/// `be` alone, or `be OP value`.
struct Be {
    comparison: RefCell<Option<(String, Value)>>,
}

impl Matcher for Be {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let comparison = self.comparison.borrow().clone();
        match comparison {
            None => Ok(actual.truthy()),
            // What can't be compared does not match.
            Some((op, expected)) => match vm.send(actual, &op, &[expected]) {
                Ok(result) => Ok(result.truthy()),
                Err(unwind) => match unwind.exception() {
                    Some(exception) if is_incomparable(vm, &Value::Obj(exception.clone())) => Ok(false),
                    _ => Err(unwind),
                },
            },
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        match &*self.comparison.borrow() {
            None => Ok(b"be".to_vec()),
            Some((op, expected)) => Ok([b"be ", op.as_bytes(), b" ", &format_value(vm, expected)?[..]].concat()),
        }
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let comparison = self.comparison.borrow().clone();
        let got = format_value(vm, actual)?;
        match comparison {
            None => Ok([b"expected ", &got[..], b" to evaluate to true"].concat()),
            Some((op, expected)) => {
                let indent = " ".repeat(op.len() + 1);
                let expected = format_value(vm, &expected)?;
                let start = format!("expected: {op} ");
                let middle = format!("\n     got: {indent}");
                Ok([start.as_bytes(), &expected, middle.as_bytes(), &got].concat())
            }
        }
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let comparison = self.comparison.borrow().clone();
        let got = format_value(vm, actual)?;
        match comparison {
            None => Ok([b"expected ", &got[..], b" to evaluate to false"].concat()),
            Some((op, expected)) => {
                let expected = format_value(vm, &expected)?;
                let start = format!("`expect({}).not_to be {op} ", String::from_utf8_lossy(&got));
                let mut text = [start.as_bytes(), &expected, b"`"].concat();
                if op != "==" && op != "===" && op != "=~" {
                    text.extend_from_slice(b" not only FAILED, it is a bit confusing.");
                }
                Ok(text)
            }
        }
    }

    fn chain(&self, _: &Interp, name: &str, args: Args<'_>) -> Res<bool> {
        let known = ["==", "<", "<=", ">=", ">", "===", "=~"].contains(&name);
        if let (true, Some(value)) = (known, args.get(0)) {
            *self.comparison.borrow_mut() = Some((name.to_owned(), value.clone()));
        }
        Ok(known)
    }
}

fn is_incomparable(vm: &Interp, error: &Value) -> bool {
    ["ArgumentError", "NoMethodError"].iter().any(|class| vm.is_a(error, &vm.class_named(class)))
}

fn between(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Between { min: args[0].clone(), max: args[1].clone(), exclusive: RefCell::new(false) })
}

struct Between {
    min: Value,
    max: Value,
    exclusive: RefCell<bool>,
}

impl Matcher for Between {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let (least, most) = if *self.exclusive.borrow() { (">", "<") } else { (">=", "<=") };
        let result = vm
            .send(actual, least, std::slice::from_ref(&self.min))
            .and_then(|ok| if ok.truthy() { vm.send(actual, most, std::slice::from_ref(&self.max)) } else { Ok(ok) });
        match result {
            Ok(value) => Ok(value.truthy()),
            Err(unwind) => match unwind.exception() {
                Some(e) if vm.is_a(&Value::Obj(e.clone()), &vm.class_named("ArgumentError")) => Ok(false),
                _ => Err(unwind),
            },
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mode: &[u8] = if *self.exclusive.borrow() { b" (exclusive)" } else { b" (inclusive)" };
        Ok([b"be between ", &format_value(vm, &self.min)?[..], b" and ", &format_value(vm, &self.max)?[..], mode]
            .concat())
    }

    fn chain(&self, _: &Interp, name: &str, _: Args<'_>) -> Res<bool> {
        if name == "exclusive" || name == "inclusive" {
            *self.exclusive.borrow_mut() = name == "exclusive";
            return Ok(true);
        }
        Ok(false)
    }
}

fn within(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Within { delta: args[0].clone(), of: RefCell::new(None) })
}

struct Within {
    delta: Value,
    of: RefCell<Option<Value>>,
}

impl Matcher for Within {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let Some(of) = self.of.borrow().clone() else {
            return Err(vm.argument_error("You must set an expected value using #of: be_within(delta).of(expected)"));
        };
        let difference = vm.send(actual, "-", &[of])?;
        let distance = vm.send(&difference, "abs", &[])?;
        Ok(vm.send(&distance, "<=", std::slice::from_ref(&self.delta))?.truthy())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let of = self.of.borrow().clone().unwrap_or_default();
        Ok([b"be within ", &format_value(vm, &self.delta)?[..], b" of ", &format_value(vm, &of)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " to ", &self.description(vm)?)
    }

    fn chain(&self, _: &Interp, name: &str, args: Args<'_>) -> Res<bool> {
        if name == "of" && args.len() == 1 {
            *self.of.borrow_mut() = Some(args[0].clone());
            return Ok(true);
        }
        Ok(false)
    }
}
