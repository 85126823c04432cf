//! `change`.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RProc, Res, Value, def};

use super::{Chained, Matcher, format_value, object, values_match};

pub(super) const MAKERS: &[Def] = &[def("change", 0, 2, change, "Running the block changes a value.")];

fn change(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let read = match (args.get(0), args.get(1), args.block) {
        (Some(receiver), Some(message), _) => Read::Message(receiver.clone(), message.clone()),
        (None, None, Some(block)) => Read::Block(Rc::clone(block)),
        _ => {
            let text = "`change` requires either an object and message (`change(obj, :msg)`) or a block (`change { }`). You passed an object but no message.";
            return Err(vm.argument_error(text));
        }
    };
    object(vm, Change { read: Rc::new(read), expected: Expected::default(), seen: RefCell::default() })
}

/// How the value that should change is read.
enum Read {
    Message(Value, Value),
    Block(Rc<RProc>),
}

impl Read {
    fn value(&self, vm: &Interp) -> Res {
        match self {
            Self::Message(receiver, message) => vm.call(receiver, vm.to_name(message)?, &[]),
            Self::Block(block) => vm.call_block(block, &[]),
        }
    }

    /// The value in words.
    fn name(&self, vm: &Interp) -> Res<String> {
        Ok(match self {
            Self::Message(receiver @ Value::Class(_), message) => {
                format!("`{}.{}`", vm.to_s(receiver)?.lossy(), vm.to_name(message)?)
            }
            Self::Message(receiver, message) => {
                format!("`{}#{}`", vm.real_class_of(receiver).name(), vm.to_name(message)?)
            }
            Self::Block(block) => {
                crate::source::single_line(vm, block).map_or_else(|| "result".to_owned(), |line| format!("`{line}`"))
            }
        })
    }
}

/// What is expected of the change beyond that there is one.
#[derive(Default, Clone)]
struct Expected {
    from: Option<Value>,
    to: Option<Value>,
    /// `by`, `by_at_least` or `by_at_most`, and the difference.
    by: Option<(&'static str, Value)>,
}

struct Change {
    read: Rc<Read>,
    expected: Expected,
    seen: RefCell<Option<Seen>>,
}

/// What the block did.
#[derive(Clone)]
struct Seen {
    /// The value before, as text: it may be the very object that has changed.
    before_text: Vec<u8>,
    before_fits: bool,
    after: Value,
    changed: bool,
    /// The difference, where one is expected.
    by: Option<Value>,
}

impl Change {
    fn observe(&self, vm: &Interp, block: &Rc<RProc>) -> Res<Seen> {
        let before = self.read.value(vm)?;
        let hash = vm.send(&before, "hash", &[])?;
        let before_text = format_value(vm, &before)?;
        let before_fits = match &self.expected.from {
            Some(expected) => values_match(vm, expected, &before)?,
            None => true,
        };
        vm.call_block(block, &[])?;
        let after = self.read.value(vm)?;
        let changed = !vm.equal(&before, &after)? || !vm.equal(&hash, &vm.send(&after, "hash", &[])?)?;
        let by = match self.expected.by {
            Some(_) => Some(vm.send(&after, "-", &[before])?),
            None => None,
        };
        Ok(Seen { before_text, before_fits, after, changed, by })
    }

    /// What is expected, after "change NAME".
    fn wording(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut text = Vec::new();
        if let Some((how, by)) = &self.expected.by {
            text.extend([b" ", how.replace('_', " ").as_bytes(), b" ", &format_value(vm, by)?[..]].concat());
        }
        for (word, value) in [(" from ", &self.expected.from), (" to ", &self.expected.to)] {
            if let Some(value) = value {
                text.extend([word.as_bytes(), &format_value(vm, value)?[..]].concat());
            }
        }
        Ok(text)
    }

    fn changed_to(vm: &Interp, seen: &Seen) -> Res<Vec<u8>> {
        Ok([b"did change from ", &seen.before_text[..], b" to ", &format_value(vm, &seen.after)?[..]].concat())
    }
}

impl Matcher for Change {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        *self.seen.borrow_mut() = None;
        let Value::Proc(block) = actual else { return Ok(false) };
        let seen = self.observe(vm, block)?;
        *self.seen.borrow_mut() = Some(seen.clone());
        if let (Some((how, expected)), Some(by)) = (&self.expected.by, &seen.by) {
            return match *how {
                "by" => values_match(vm, expected, by),
                "by_at_least" => Ok(vm.send(by, ">=", std::slice::from_ref(expected))?.truthy()),
                _ => Ok(vm.send(by, "<=", std::slice::from_ref(expected))?.truthy()),
            };
        }
        let after_fits = match &self.expected.to {
            Some(expected) => values_match(vm, expected, &seen.after)?,
            None => true,
        };
        Ok(seen.changed && seen.before_fits && after_fits)
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let unsupported = match (&self.expected.by, &self.expected.to) {
            (Some((how, _)), _) => Some(format!("`expect {{ }}.not_to change {{ }}.{how}()` is not supported")),
            (None, Some(_)) => Some("`expect { }.not_to change { }.to()` is not supported".to_owned()),
            (None, None) => None,
        };
        if let Some(text) = unsupported {
            return Err(vm.error("NotImplementedError", text));
        }
        let Value::Proc(block) = actual else { return Ok(false) };
        let seen = self.observe(vm, block)?;
        let holds = !seen.changed && seen.before_fits;
        *self.seen.borrow_mut() = Some(seen);
        Ok(holds)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"change ", self.read.name(vm)?.as_bytes(), &self.wording(vm)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, _: &Value) -> Res<Vec<u8>> {
        let start = format!("expected {} to have ", self.read.name(vm)?);
        let changed = [b"changed", &self.wording(vm)?[..]].concat();
        let seen = self.seen.borrow().clone();
        let text = match &seen {
            None => [&changed[..], b", but was not given a block"].concat(),
            Some(Seen { by: Some(by), .. }) => {
                [&changed[..], b", but was changed by ", &format_value(vm, by)?].concat()
            }
            Some(seen) if !seen.before_fits => {
                let expected = format_value(vm, &self.expected.from.clone().unwrap_or_default())?;
                [b"initially been ", &expected[..], b", but was ", &seen.before_text].concat()
            }
            Some(seen) if !seen.changed && self.expected.from.is_none() && self.expected.to.is_none() => {
                [&changed[..], b", but is still ", &seen.before_text].concat()
            }
            Some(seen) if !seen.changed => [&changed[..], b", but did not change"].concat(),
            Some(seen) => {
                let expected = format_value(vm, &self.expected.to.clone().unwrap_or_default())?;
                [b"changed to ", &expected[..], b", but is now ", &format_value(vm, &seen.after)?[..]].concat()
            }
        };
        Ok([start.as_bytes(), &text].concat())
    }

    fn failure_negated(&self, vm: &Interp, _: &Value) -> Res<Vec<u8>> {
        let start = format!("expected {} ", self.read.name(vm)?);
        let seen = self.seen.borrow().clone();
        let text = match &seen {
            None => b"not to have changed, but was not given a block".to_vec(),
            Some(seen) if !seen.before_fits => {
                let expected = format_value(vm, &self.expected.from.clone().unwrap_or_default())?;
                [b"to have initially been ", &expected[..], b", but was ", &seen.before_text].concat()
            }
            Some(seen) => [b"not to have changed, but ", &Self::changed_to(vm, seen)?[..]].concat(),
        };
        Ok([start.as_bytes(), &text].concat())
    }

    fn takes_blocks(&self, _: &Interp) -> Res<bool> {
        Ok(true)
    }

    fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        let Some(value) = args.get(0).cloned() else { return Ok(Chained::Unknown) };
        let mut expected = self.expected.clone();
        match name {
            "by" => expected.by = Some(("by", value)),
            "by_at_least" => expected.by = Some(("by_at_least", value)),
            "by_at_most" => expected.by = Some(("by_at_most", value)),
            "from" => expected.from = Some(value),
            "to" => expected.to = Some(value),
            _ => return Ok(Chained::Unknown),
        }
        let chained = Self { read: Rc::clone(&self.read), expected, seen: RefCell::default() };
        Ok(Chained::Other(object(vm, chained)?))
    }
}
