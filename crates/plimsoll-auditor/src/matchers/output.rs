//! `output`: what a block prints.

use std::cell::{Cell, RefCell};

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use super::{Chained, Matcher, format_value, object, one_diff, values_match};

pub(super) const MAKERS: &[Def] = &[def("output", 0, 1, output, "Running the block prints.")];

fn output(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let expected = args.get(0).filter(|expected| expected.truthy()).cloned();
    object(vm, Output { expected, stream: Cell::new(None), printed: RefCell::default() })
}

#[derive(Clone, Copy)]
enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    fn global(self) -> Sym {
        Sym::new(match self {
            Self::Stdout => "$stdout",
            Self::Stderr => "$stderr",
        })
    }
}

struct Output {
    /// What should be printed; anything if it is none.
    expected: Option<Value>,
    stream: Cell<Option<Stream>>,
    printed: RefCell<Vec<u8>>,
}

impl Output {
    fn but(&self, vm: &Interp, actual: &Value, negated: bool) -> Res<Vec<u8>> {
        if !matches!(actual, Value::Proc(_)) {
            return Ok(b"was not a block".to_vec());
        }
        if self.expected.is_none() && !negated {
            return Ok(b"did not".to_vec());
        }
        let printed = self.printed.borrow().clone();
        let printed = if printed.is_empty() { b"nothing".to_vec() } else { format_value(vm, &Value::bytes(printed))? };
        Ok([b"output ", &printed[..]].concat())
    }
}

impl Matcher for Output {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let Value::Proc(block) = actual else { return Ok(false) };
        let Some(stream) = self.stream.get() else {
            let text = "You must chain `to_stdout` or `to_stderr` off of the `output(...)` matcher.";
            return Err(vm.error("RuntimeError", text));
        };
        let captured = vm.new_instance(&vm.class_named("StringIO"), Args::default())?;
        let before = vm.global(stream.global())?;
        vm.set_global(stream.global(), captured.clone())?;
        let result = vm.call_block(block, &[]);
        vm.set_global(stream.global(), before)?;
        result?;
        let printed = vm.send(&captured, "string", &[])?;
        *self.printed.borrow_mut() = vm.to_s(&printed)?.to_vec();
        match &self.expected {
            Some(expected) => values_match(vm, expected, &printed),
            None => Ok(!self.printed.borrow().is_empty()),
        }
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(!self.matches(vm, actual)? && matches!(actual, Value::Proc(_)))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let stream = self.stream.get().map_or("some stream", Stream::name);
        Ok(match &self.expected {
            Some(expected) => [b"output ", &format_value(vm, expected)?[..], b" to ", stream.as_bytes()].concat(),
            None => format!("output to {stream}").into_bytes(),
        })
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let (what, but) = (self.description(vm)?, self.but(vm, actual, false)?);
        Ok([b"expected block to ", &what[..], b", but ", &but].concat())
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let (what, but) = (self.description(vm)?, self.but(vm, actual, true)?);
        Ok([b"expected block to not ", &what[..], b", but ", &but].concat())
    }

    fn diffed(&self, _: &Interp, _: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        Ok(self.expected.as_ref().map(one_diff).unwrap_or_default())
    }

    fn diffed_actual(&self, _: &Value) -> Value {
        Value::bytes(self.printed.borrow().clone())
    }

    fn takes_blocks(&self, _: &Interp) -> Res<bool> {
        Ok(true)
    }

    fn chain(&self, _: &Interp, name: &str, _: Args<'_>) -> Res<Chained> {
        // A profile has no process but this one that prints.
        let stream = match name {
            "to_stdout" | "to_stdout_from_any_process" => Stream::Stdout,
            "to_stderr" | "to_stderr_from_any_process" => Stream::Stderr,
            _ => return Ok(Chained::Unknown),
        };
        self.stream.set(Some(stream));
        Ok(Chained::Itself)
    }
}
