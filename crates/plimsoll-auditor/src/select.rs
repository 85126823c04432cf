//! Which controls run: `--controls` and `--tags`.

use std::rc::Rc;

use plimsoll_ruby::{Args, Interp, Res, Value, known};

use crate::error::AuditError;

/// A selection of controls; empty lists select all.
#[derive(Default)]
pub(crate) struct Selection {
    controls: Vec<Choice>,
    tags: Vec<Choice>,
}

/// A literal, or `/a regular expression/`.
enum Choice {
    Text(String),
    Pattern(Value),
}

/// Whether a control is selected, as far as its id tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selected {
    Yes,
    No,
    /// Its tags decide.
    IfTagged,
}

impl Selection {
    pub(crate) fn new(vm: &Interp, controls: &[String], tags: &[String]) -> Result<Self, AuditError> {
        let all = |list: &[String]| list.iter().map(|text| Choice::new(vm, text)).collect::<Result<Vec<_>, _>>();
        Ok(Self { controls: all(controls)?, tags: all(tags)? })
    }

    /// Whether it leaves anything out.
    pub(crate) fn is_all(&self) -> bool {
        self.controls.is_empty() && self.tags.is_empty()
    }

    /// Whether a control is selected by its id.
    pub(crate) fn takes(&self, vm: &Interp, id: &str) -> Res<Selected> {
        if self.is_all() || any(vm, &self.controls, id)? {
            return Ok(Selected::Yes);
        }
        Ok(if self.tags.is_empty() { Selected::No } else { Selected::IfTagged })
    }

    /// Whether a control without an id of its own is selected.
    pub(crate) fn takes_anonymous(&self, vm: &Interp, id: &str) -> Res<bool> {
        Ok(self.controls.is_empty() || any(vm, &self.controls, id)?)
    }

    /// Whether the tags select a control: its tag keys and values.
    pub(crate) fn takes_tagged(&self, vm: &Interp, tags: &[String]) -> Res<bool> {
        for tag in tags {
            if any(vm, &self.tags, tag)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a control of a dependency stays when it is included: both lists must take it.
    pub(crate) fn keeps(&self, vm: &Interp, id: &str, tags: &[String]) -> Res<bool> {
        Ok(self.takes_anonymous(vm, id)? && (self.tags.is_empty() || self.takes_tagged(vm, tags)?))
    }
}

fn any(vm: &Interp, choices: &[Choice], text: &str) -> Res<bool> {
    for choice in choices {
        if choice.takes(vm, text)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Choice {
    fn new(vm: &Interp, text: &str) -> Result<Self, AuditError> {
        let Some(source) = text.strip_prefix('/').and_then(|t| t.strip_suffix('/')).filter(|s| !s.is_empty()) else {
            return Ok(Self::Text(text.to_owned()));
        };
        vm.new_instance(&vm.class_named("Regexp"), Args::new(&[Value::str(source)])).map(Self::Pattern).map_err(
            |unwind| {
                let why = unwind.exception().map(|exception| Value::Obj(Rc::clone(exception)));
                let why = why.and_then(|exception| vm.call(&exception, known::MESSAGE, &[]).ok());
                let why = why.and_then(|message| vm.to_s(&message).ok()).map_or_else(String::new, |text| text.lossy());
                AuditError::Usage(format!("`{text}` is no regular expression: {why}"))
            },
        )
    }

    fn takes(&self, vm: &Interp, text: &str) -> Res<bool> {
        match self {
            Self::Text(own) => Ok(own == text),
            Self::Pattern(pattern) => Ok(!vm.call(pattern, known::MATCH, &[Value::str(text)])?.is_nil()),
        }
    }
}
