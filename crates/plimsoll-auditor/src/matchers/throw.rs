//! `throw_symbol`.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RProc, Res, Unwind, UnwindKind, Value, def};

use super::{Matcher, format_value, object, values_match};

pub(super) const MAKERS: &[Def] = &[def("throw_symbol", 0, 2, throw_symbol, "Running the block throws.")];

fn throw_symbol(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let given = |at: usize| args.get(at).filter(|value| !value.is_nil()).cloned();
    object(vm, Throws { tag: given(0), argument: given(1), caught: RefCell::default() })
}

struct Throws {
    tag: Option<Value>,
    argument: Option<Value>,
    /// What was thrown last, with its argument.
    caught: RefCell<Option<(Value, Value)>>,
}

impl Throws {
    fn described(&self, vm: &Interp, tag: Option<&Value>, none: &str, argument: Option<&Value>) -> Res<Vec<u8>> {
        let mut text = match tag {
            Some(tag) => format_value(vm, tag)?,
            None => none.as_bytes().to_vec(),
        };
        match argument {
            Some(argument) => text.extend([b" with ", &format_value(vm, argument)?[..]].concat()),
            None if self.argument.is_some() && tag.is_some() => text.extend_from_slice(b" with no argument"),
            None => {}
        }
        Ok(text)
    }

    fn expected(&self, vm: &Interp, none: &str) -> Res<Vec<u8>> {
        self.described(vm, self.tag.as_ref(), none, self.argument.as_ref())
    }

    fn got(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        if !matches!(actual, Value::Proc(_)) {
            return Ok(b"but was not a block".to_vec());
        }
        let caught = self.caught.borrow().clone();
        let (tag, argument) = caught.unzip();
        let argument = argument.filter(|argument| !argument.is_nil());
        Ok([b"got ", &self.described(vm, tag.as_ref(), "nothing", argument.as_ref())?[..]].concat())
    }
}

impl Matcher for Throws {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        *self.caught.borrow_mut() = None;
        let Value::Proc(block) = actual else { return Ok(false) };
        let Some((tag, argument)) = thrown(vm, self.tag.as_ref(), block)? else { return Ok(false) };
        *self.caught.borrow_mut() = Some((tag.clone(), argument.clone()));
        match (&self.tag, &self.argument) {
            (Some(expected), _) if !expected.same(&tag) => Ok(false),
            (None, _) | (Some(_), None) => Ok(true),
            (Some(_), Some(expected)) => values_match(vm, expected, &argument),
        }
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(!self.matches(vm, actual)? && matches!(actual, Value::Proc(_)))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"throw ", &self.expected(vm, "a Symbol")?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let expected = self.expected(vm, "a Symbol")?;
        Ok([b"expected ", &expected[..], b" to be thrown, ", &self.got(vm, actual)?[..]].concat())
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let not: &[u8] = if self.tag.is_some() { b" not" } else { b"" };
        let expected = self.expected(vm, "no Symbol")?;
        Ok([b"expected ", &expected[..], not, b" to be thrown, ", &self.got(vm, actual)?[..]].concat())
    }

    fn takes_blocks(&self, _: &Interp) -> Res<bool> {
        Ok(true)
    }
}

/// What a block throws: the tag and its argument. A throw without a `catch` for its tag is an UncaughtThrowError that names
/// it; a throw to a `catch` further out goes on, unless it is the one that is expected.
fn thrown(vm: &Interp, expected: Option<&Value>, block: &Rc<RProc>) -> Res<Option<(Value, Value)>> {
    match vm.call_block(block, &[]).map_err(Unwind::into_kind) {
        Ok(_) => Ok(None),
        Err(UnwindKind::Throw(tag, argument)) if expected.is_some_and(|expected| expected.same(&tag)) => {
            Ok(Some((tag, argument)))
        }
        Err(UnwindKind::Raise(exception)) => {
            let error = Value::Obj(Rc::clone(&exception));
            if super::is_a_named(vm, &error, "UncaughtThrowError") {
                let part = |name: &str| vm.send(&error, name, &[]);
                return Ok(Some((part("tag")?, part("value")?)));
            }
            Err(UnwindKind::Raise(exception).into())
        }
        Err(kind) => Err(kind.into()),
    }
}
