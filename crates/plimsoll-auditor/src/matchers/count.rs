//! How often: `once`, `exactly(2).times`, `at_least(1).at_most(3)`.

use std::cell::{Cell, RefCell};

use plimsoll_ruby::{Args, Interp, Res, Value};

/// What is expected of a count, and the count that was found.
#[derive(Default)]
pub(super) struct Count {
    expected: RefCell<Option<Expected>>,
    found: Cell<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Exactly(i64),
    AtLeast(i64),
    AtMost(i64),
    Between(i64, i64),
}

impl Count {
    /// Whether anything is expected.
    pub(super) fn is_expected(&self) -> bool {
        self.expected.borrow().is_some()
    }

    /// Holds what was found against what is expected: without that, anything at all.
    pub(super) fn takes(&self, found: i64) -> bool {
        self.found.set(found);
        match *self.expected.borrow() {
            None => found > 0,
            Some(Expected::Exactly(count)) => found == count,
            Some(Expected::AtLeast(least)) => found >= least,
            Some(Expected::AtMost(most)) => found <= most,
            Some(Expected::Between(least, most)) => (least..=most).contains(&found),
        }
    }

    /// What is expected, in words, with a leading blank.
    pub(super) fn description(&self) -> String {
        match *self.expected.borrow() {
            None => String::new(),
            Some(Expected::Exactly(count)) => times(count),
            Some(Expected::AtLeast(count)) => format!(" at least{}", times(count)),
            Some(Expected::AtMost(count)) => format!(" at most{}", times(count)),
            Some(Expected::Between(least, most)) => format!(" between {least} and {most} times"),
        }
    }

    /// The same with what was found.
    pub(super) fn failure(&self, action: &str) -> String {
        format!("{} but {action}{}", self.description(), times(self.found.get()))
    }

    /// A chained call: true when it is one of a count's.
    pub(super) fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<bool> {
        let number = || -> Res<i64> {
            match args.get(0) {
                Some(Value::Sym(word)) => match &*word.text() {
                    "once" => Ok(1),
                    "twice" => Ok(2),
                    "thrice" => Ok(3),
                    other => {
                        Err(vm.argument_error(format!("Expected a number, :once, :twice or :thrice, but got {other}")))
                    }
                },
                Some(value) => vm.to_int(value),
                None => Err(vm.arity_error(0, 1, 1)),
            }
        };
        let wanted = match name {
            "once" => Expected::Exactly(1),
            "twice" => Expected::Exactly(2),
            "thrice" => Expected::Exactly(3),
            "exactly" => Expected::Exactly(number()?),
            "at_least" => Expected::AtLeast(number()?),
            "at_most" => Expected::AtMost(number()?),
            "times" => return Ok(true),
            _ => return Ok(false),
        };
        let known = *self.expected.borrow();
        let expected = match (known, wanted) {
            (None, wanted) => wanted,
            (Some(Expected::AtLeast(least)), Expected::AtMost(most))
            | (Some(Expected::AtMost(most)), Expected::AtLeast(least)) => {
                if least > most {
                    let text = format!("The constraint at_least({least}).at_most({most}) is not possible");
                    return Err(vm.argument_error(text));
                }
                Expected::Between(least, most)
            }
            (Some(Expected::AtLeast(_)), Expected::AtLeast(_)) => return Err(repeated(vm, "at_least")),
            (Some(Expected::AtMost(_)), Expected::AtMost(_)) => return Err(repeated(vm, "at_most")),
            (Some(Expected::Between(..)), _) => return Err(repeated(vm, "at_least/at_most combination")),
            (Some(Expected::Exactly(_)), _) => return Err(repeated(vm, "count")),
            (Some(_), exactly) => exactly,
        };
        *self.expected.borrow_mut() = Some(expected);
        Ok(true)
    }
}

fn repeated(vm: &Interp, what: &str) -> plimsoll_ruby::Unwind {
    vm.argument_error(format!("Multiple {what} constraints are not supported"))
}

fn times(count: i64) -> String {
    match count {
        1 => " once".to_owned(),
        2 => " twice".to_owned(),
        count => format!(" {count} times"),
    }
}
