//! `be`, `be_nil`, `be_truthy`, `be > 3`, `be_between`, `be_within`.

use std::cell::{Cell, RefCell};

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use super::equality::Same;
use super::{Chained, Matcher, format_value, object, phrase, raised};

pub(super) const MAKERS: &[Def] = &[
    def("be", 0, 1, be, "Truthy, the same object, or the start of a comparison."),
    def("be_nil", 0, 0, |vm, _, _| object(vm, Simple::Nil), "`nil`"),
    def("be_truthy", 0, 0, |vm, _, _| object(vm, Simple::Truthy), "Neither `nil` nor `false`."),
    def("be_falsey", 0, 0, |vm, _, _| object(vm, Simple::Falsey), "`nil` or `false`."),
    def("be_between", 2, 2, between, "Between two values, inclusive unless told otherwise."),
    def("be_within", 1, 1, within, "Within a distance `of` a value."),
];

fn be(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    match args.get(0) {
        Some(value) => object(vm, Same(value.clone())),
        None => object(vm, Be),
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

/// `be` alone.
struct Be;

const OPERATORS: &[&str] = &["==", "<", "<=", ">=", ">", "===", "=~"];

impl Matcher for Be {
    fn matches(&self, _: &Interp, actual: &Value) -> Res<bool> {
        Ok(actual.truthy())
    }

    fn description(&self, _: &Interp) -> Res<Vec<u8>> {
        Ok(b"be".to_vec())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " to evaluate to true", b"")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " to evaluate to false", b"")
    }

    fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        let operator = OPERATORS.iter().find(|operator| **operator == name);
        match (operator, args.get(0)) {
            (Some(operator), Some(operand)) => Ok(Chained::Other(object(vm, Compared(operator, operand.clone()))?)),
            _ => Ok(Chained::Unknown),
        }
    }
}

/// `be OPERATOR value`
struct Compared(&'static str, Value);

impl Compared {
    fn compare(&self, vm: &Interp, actual: &Value, wanted: bool) -> Res<bool> {
        match vm.send(actual, self.0, std::slice::from_ref(&self.1)) {
            Ok(result) => Ok(result.truthy() == wanted),
            // What can't be compared neither matches nor does not.
            Err(unwind) if raised(vm, &unwind, &["ArgumentError", "NoMethodError"]) => Ok(false),
            Err(unwind) => Err(unwind),
        }
    }
}

impl Matcher for Compared {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        self.compare(vm, actual, true)
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        self.compare(vm, actual, false)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        // The operand stands by its text, underscores and all turned into blanks.
        let operand = vm.to_s(&self.1)?.to_vec();
        let operand: Vec<u8> = operand.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
        Ok([b"be ", self.0.as_bytes(), b" ", &operand].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let (expected, got) = (format_value(vm, &self.1)?, format_value(vm, actual)?);
        let indent = " ".repeat(self.0.len() + 1);
        let (start, middle) = (format!("expected: {} ", self.0), format!("\n     got: {indent}"));
        Ok([start.as_bytes(), &expected, middle.as_bytes(), &got].concat())
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let (expected, got) = (format_value(vm, &self.1)?, format_value(vm, actual)?);
        let middle = format!(").not_to be {} ", self.0);
        let mut text = [b"`expect(", &got[..], middle.as_bytes(), &expected, b"`"].concat();
        if ["<", ">", "<=", ">="].contains(&self.0) {
            text.extend_from_slice(b" not only FAILED, it is a bit confusing.");
        }
        Ok(text)
    }
}

fn between(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Between { min: args[0].clone(), max: args[1].clone(), exclusive: Cell::new(false) })
}

struct Between {
    min: Value,
    max: Value,
    exclusive: Cell<bool>,
}

impl Between {
    fn operators(&self) -> (&'static str, &'static str) {
        if self.exclusive.get() { (">", "<") } else { (">=", "<=") }
    }

    fn is_comparable(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let (least, most) = self.operators();
        Ok(vm.responds(actual, Sym::new(least))? && vm.responds(actual, Sym::new(most))?)
    }

    fn compare(&self, vm: &Interp, actual: &Value) -> Res {
        let (least, most) = self.operators();
        let enough = vm.send(actual, least, std::slice::from_ref(&self.min))?;
        if enough.truthy() { vm.send(actual, most, std::slice::from_ref(&self.max)) } else { Ok(enough) }
    }
}

impl Matcher for Between {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if !self.is_comparable(vm, actual)? {
            return Ok(false);
        }
        match self.compare(vm, actual) {
            Ok(value) => Ok(value.truthy()),
            Err(unwind) if raised(vm, &unwind, &["ArgumentError"]) => Ok(false),
            Err(unwind) => Err(unwind),
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mode: &[u8] = if self.exclusive.get() { b" (exclusive)" } else { b" (inclusive)" };
        Ok([b"be between ", &format_value(vm, &self.min)?[..], b" and ", &format_value(vm, &self.max)?[..], mode]
            .concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let mut text = phrase(vm, "expected ", actual, " to ", &self.description(vm)?)?;
        if !self.is_comparable(vm, actual)? {
            let (least, most) = self.operators();
            text.extend(format!(", but it does not respond to `{most}` and `{least}`").into_bytes());
        }
        Ok(text)
    }

    fn chain(&self, _: &Interp, name: &str, _: Args<'_>) -> Res<Chained> {
        let known = name == "exclusive" || name == "inclusive";
        if known {
            self.exclusive.set(name == "exclusive");
        }
        Ok(known.into())
    }
}

fn within(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Within { delta: args[0].clone(), of: RefCell::new(None) })
}

struct Within {
    delta: Value,
    /// The value, and the tolerance where it is a percentage of it.
    of: RefCell<Option<(Value, Option<Value>)>>,
}

impl Within {
    fn is_numeric(vm: &Interp, actual: &Value) -> Res<bool> {
        vm.responds(actual, Sym::new("-"))
    }
}

impl Matcher for Within {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let of = self.of.borrow().clone();
        let Some((expected, tolerance)) = of else {
            let delta = vm.to_s(&self.delta)?.lossy();
            let text = format!("You must set an expected value using #of: be_within({delta}).of(expected_value)");
            return Err(vm.argument_error(text));
        };
        if !Self::is_numeric(vm, actual)? {
            return Ok(false);
        }
        let distance = vm.send(&vm.send(actual, "-", &[expected])?, "abs", &[])?;
        Ok(vm.send(&distance, "<=", &[tolerance.unwrap_or_else(|| self.delta.clone())])?.truthy())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let (of, tolerance) = self.of.borrow().clone().unwrap_or_default();
        let unit: &[u8] = if tolerance.is_some() { b"%" } else { b"" };
        Ok([b"be within ", &vm.to_s(&self.delta)?.to_vec()[..], unit, b" of ", &format_value(vm, &of)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let mut text = phrase(vm, "expected ", actual, " to ", &self.description(vm)?)?;
        if !Self::is_numeric(vm, actual)? {
            text.extend_from_slice(b", but it could not be treated as a numeric value");
        }
        Ok(text)
    }

    fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        let tolerance = match (name, args.get(0)) {
            ("of", Some(_)) => None,
            ("percent_of", Some(value)) => {
                let share = vm.send(&vm.send(value, "abs", &[])?, "*", std::slice::from_ref(&self.delta))?;
                Some(vm.send(&share, "/", &[Value::Float(100.0)])?)
            }
            _ => return Ok(Chained::Unknown),
        };
        *self.of.borrow_mut() = Some((args[0].clone(), tolerance));
        Ok(Chained::Itself)
    }
}
