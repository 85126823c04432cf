//! `yield_control`, `yield_with_no_args`, `yield_with_args`, `yield_successive_args`.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RProc, Res, Value, def};

use super::count::Count;
use super::object::surfaced;
use super::{Chained, Matcher, format_value, object, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("yield_control", 0, 0, |vm, _, _| yields(vm, Kind::Control(Count::default())), "Yields."),
    def("yield_with_no_args", 0, 0, |vm, _, _| yields(vm, Kind::NoArgs), "Yields without arguments."),
    def("yield_with_args", 0, -1, |vm, _, args| yields(vm, Kind::Args(args.values.to_vec())), "Yields arguments."),
    def(
        "yield_successive_args",
        0,
        -1,
        |vm, _, args| yields(vm, Kind::Successive(args.values.to_vec())),
        "Yields one after the other.",
    ),
];

fn yields(vm: &Interp, kind: Kind) -> Res {
    object(vm, Yields { kind, seen: RefCell::default() })
}

enum Kind {
    Control(Count),
    NoArgs,
    Args(Vec<Value>),
    Successive(Vec<Value>),
}

struct Yields {
    kind: Kind,
    /// The arguments of every yield, unless no block was given.
    seen: RefCell<Option<Vec<Vec<Value>>>>,
}

impl Yields {
    /// Calls the block under test with a probe that it passes on as a block.
    fn probe(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        *self.seen.borrow_mut() = None;
        let Value::Proc(block) = actual else { return Ok(false) };
        let seen = Rc::new(RefCell::new(Vec::new()));
        let into = Rc::clone(&seen);
        let probe = RProc::native(move |_, _, args| {
            into.borrow_mut().push(args.values.to_vec());
            Ok(Value::Nil)
        });
        vm.call_block(block, &[Value::Proc(probe)])?;
        *self.seen.borrow_mut() = Some(seen.take());
        Ok(true)
    }

    fn once(&self, vm: &Interp, matcher: &str) -> Res<Option<Vec<Value>>> {
        let seen = self.seen.borrow().clone().unwrap_or_default();
        match seen.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            _ => Err(vm.error(
                "RuntimeError",
                format!("The {matcher} matcher is not designed to be used with a method that yields multiple times. Use the yield_successive_args matcher for that case."),
            )),
        }
    }

    fn explain(&self, vm: &Interp, negated: bool) -> Res<Vec<u8>> {
        let words = match self.kind {
            Kind::Control(_) => "yield control",
            Kind::NoArgs => "yield with no arguments, but ",
            Kind::Args(_) => "yield with arguments, but ",
            Kind::Successive(_) => "yield successively with arguments, but ",
        };
        let start = format!("expected given block {}to {words}", if negated { "not " } else { "" });
        let seen = self.seen.borrow().clone();
        let reason = match (&self.kind, &seen) {
            (Kind::Control(_), None) => b" but was not a block".to_vec(),
            (Kind::Control(count), Some(seen)) if seen.is_empty() => {
                format!("{} but did not yield", count.description()).into_bytes()
            }
            (Kind::Control(count), Some(_)) => count.failure("yielded").into_bytes(),
            (_, None) => b"was not a block".to_vec(),
            (Kind::Successive(expected), Some(seen)) => unexpected(vm, expected, &successive(seen), negated)?,
            (_, Some(seen)) if seen.is_empty() && !negated => b"did not yield".to_vec(),
            (Kind::NoArgs, Some(seen)) if !negated => {
                [b"yielded with arguments: ", &format_value(vm, &Value::array(seen[0].clone()))?[..]].concat()
            }
            (Kind::Args(expected), Some(_)) if expected.is_empty() && !negated => b"yielded with no arguments".to_vec(),
            (Kind::Args(expected), Some(seen)) if !expected.is_empty() && !seen.is_empty() => {
                unexpected(vm, expected, &seen[0], negated)?
            }
            _ => b"did".to_vec(),
        };
        Ok([start.as_bytes(), &reason].concat())
    }
}

/// The arguments of each yield, single ones without their list.
fn successive(seen: &[Vec<Value>]) -> Vec<Value> {
    let one = |args: &Vec<Value>| match args.as_slice() {
        [one] => one.clone(),
        several => Value::array(several.to_vec()),
    };
    seen.iter().map(one).collect()
}

fn unexpected(vm: &Interp, expected: &[Value], got: &[Value], negated: bool) -> Res<Vec<u8>> {
    let expected = surfaced(vm, &Value::array(expected.to_vec()))?;
    let got = format_value(vm, &Value::array(got.to_vec()))?;
    let (start, middle) = if negated {
        ("yielded with expected arguments\nexpected not: ", "\n         got: ")
    } else {
        ("yielded with unexpected arguments\nexpected: ", "\n     got: ")
    };
    Ok([start.as_bytes(), &expected, middle.as_bytes(), &got].concat())
}

impl Matcher for Yields {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        if !self.probe(vm, actual)? {
            return Ok(false);
        }
        match &self.kind {
            Kind::Control(count) => {
                let yields = self.seen.borrow().as_ref().map_or(0, Vec::len);
                Ok(count.takes(i64::try_from(yields).unwrap_or(i64::MAX)))
            }
            Kind::NoArgs => Ok(self.once(vm, "yield_with_no_args")?.is_some_and(|args| args.is_empty())),
            Kind::Args(expected) => match self.once(vm, "yield_with_args")? {
                None => Ok(false),
                Some(args) if expected.is_empty() => Ok(!args.is_empty()),
                Some(args) => values_match(vm, &Value::array(expected.clone()), &Value::array(args)),
            },
            Kind::Successive(expected) => {
                let seen = self.seen.borrow().clone().unwrap_or_default();
                values_match(vm, &Value::array(expected.clone()), &Value::array(successive(&seen)))
            }
        }
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(!self.matches(vm, actual)? && matches!(actual, Value::Proc(_)))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let with = |words: &str, values: &[Value]| -> Res<Vec<u8>> {
            let parts: Res<Vec<_>> = values.iter().map(|value| format_value(vm, value)).collect();
            Ok([words.as_bytes(), b"(", &parts?.join(&b", "[..])[..], b")"].concat())
        };
        match &self.kind {
            Kind::Control(_) => Ok(b"yield control".to_vec()),
            Kind::NoArgs => Ok(b"yield with no args".to_vec()),
            Kind::Args(expected) if expected.is_empty() => Ok(b"yield with args".to_vec()),
            Kind::Args(expected) => with("yield with args", expected),
            Kind::Successive(expected) => with("yield successive args", expected),
        }
    }

    fn failure(&self, vm: &Interp, _: &Value) -> Res<Vec<u8>> {
        self.explain(vm, false)
    }

    fn failure_negated(&self, vm: &Interp, _: &Value) -> Res<Vec<u8>> {
        self.explain(vm, true)
    }

    fn takes_blocks(&self, _: &Interp) -> Res<bool> {
        Ok(true)
    }

    fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        match &self.kind {
            Kind::Control(count) => Ok(count.chain(vm, name, args)?.into()),
            _ => Ok(Chained::Unknown),
        }
    }
}
