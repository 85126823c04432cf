//! `raise_error`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RProc, Res, Unwind, UnwindKind, Value, def, known};

use super::{Chained, Matcher, format_value, is_matcher, object, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("raise_error", 0, 2, raise_error, "Running the block raises."),
    def("raise_exception", 0, 2, raise_error, "Running the block raises."),
];

fn raise_error(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let any = Value::Class(Rc::clone(&vm.c.exception));
    let (class, message) = match (args.get(0), args.get(1)) {
        (None | Some(Value::Nil), message) => (any, message.cloned()),
        (Some(text @ Value::Str(_)), _) => (any, Some(text.clone())),
        (Some(class), message) => (class.clone(), message.cloned()),
    };
    let message = message.filter(|message| !message.is_nil());
    object(
        vm,
        Raises {
            class,
            message: RefCell::new(message),
            block: args.block.cloned(),
            raised: RefCell::default(),
            inner: Cell::new(false),
        },
    )
}

struct Raises {
    class: Value,
    message: RefCell<Option<Value>>,
    /// Looks at the exception.
    block: Option<Rc<RProc>>,
    /// What was raised last.
    raised: RefCell<Option<Value>>,
    /// Whether that was raised by the block that looks at the exception.
    inner: Cell<bool>,
}

impl Raises {
    fn message_of(vm: &Interp, error: &Value) -> Res {
        vm.call(error, known::MESSAGE, &[])
    }

    fn fits(&self, vm: &Interp, error: &Value) -> Res<bool> {
        let message = Self::message_of(vm, error)?;
        if !values_match(vm, &self.class, error)? && !values_match(vm, &self.class, &message)? {
            return Ok(false);
        }
        match self.message.borrow().as_ref() {
            Some(expected) => values_match(vm, expected, &Value::Str(vm.to_s(&message)?)),
            None => Ok(true),
        }
    }

    fn check(&self, vm: &Interp, actual: &Value, negated: bool) -> Res<bool> {
        *self.raised.borrow_mut() = None;
        self.inner.set(false);
        let Value::Proc(given) = actual else { return Ok(false) };
        let Some(error) = exception(vm.call_block(given, &[]))? else { return Ok(false) };
        *self.raised.borrow_mut() = Some(error.clone());
        if !self.fits(vm, &error)? {
            return Ok(false);
        }
        let Some(block) = self.block.as_ref().filter(|_| !negated) else { return Ok(true) };
        match exception(vm.call_block(block, std::slice::from_ref(&error)))? {
            None => Ok(true),
            Some(error) => {
                *self.raised.borrow_mut() = Some(error);
                self.inner.set(true);
                Ok(false)
            }
        }
    }

    fn expected(&self, vm: &Interp) -> Res<Vec<u8>> {
        let class = format_value(vm, &self.class)?;
        Ok(match self.message.borrow().as_ref() {
            None if is_matcher(vm, &self.class)? => [b"Exception with ", &class[..]].concat(),
            None => class,
            Some(message) => {
                let words: &[u8] =
                    if super::is_a_named(vm, message, "Regexp") { b" with message matching " } else { b" with " };
                [&vm.to_s(&self.class)?.to_vec()[..], words, &format_value(vm, message)?].concat()
            }
        })
    }

    fn given(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        if !matches!(actual, Value::Proc(_)) {
            return Ok(b" but was not given a block".to_vec());
        }
        let Some(error) = self.raised.borrow().clone() else { return Ok(b" but nothing was raised".to_vec()) };
        let mut text = [b", got ", &format_value(vm, &error)?[..], b" with backtrace:"].concat();
        let lines = match &error {
            Value::Obj(object) => object.exception().and_then(|data| data.backtrace.borrow().clone()),
            _ => None,
        };
        for line in lines.unwrap_or_default() {
            text.extend(format!("\n  # {line}").into_bytes());
        }
        Ok(text)
    }
}

/// The exception that a call ended with.
fn exception(result: Res) -> Res<Option<Value>> {
    match result.map_err(Unwind::into_kind) {
        Ok(_) => Ok(None),
        Err(UnwindKind::Raise(exception)) => Ok(Some(Value::Obj(exception))),
        Err(kind) => Err(kind.into()),
    }
}

impl Matcher for Raises {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        self.check(vm, actual, false)
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(!self.check(vm, actual, true)? && matches!(actual, Value::Proc(_)))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"raise ", &self.expected(vm)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        if let (true, Some(error)) = (self.inner.get(), self.raised.borrow().as_ref()) {
            return Ok(vm.to_s(&Self::message_of(vm, error)?)?.to_vec());
        }
        Ok([b"expected ", &self.expected(vm)?[..], &self.given(vm, actual)?[..]].concat())
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        Ok([b"expected no ", &self.expected(vm)?[..], &self.given(vm, actual)?[..]].concat())
    }

    fn takes_blocks(&self, _: &Interp) -> Res<bool> {
        Ok(true)
    }

    fn chain(&self, _: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        if let ("with_message", Some(message)) = (name, args.get(0)) {
            *self.message.borrow_mut() = Some(message.clone());
            return Ok(Chained::Itself);
        }
        Ok(Chained::Unknown)
    }
}
