//! Which controls run: `--controls` and `--tags`.

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

impl Selection {
    pub(crate) fn new(vm: &Interp, controls: &[String], tags: &[String]) -> Result<Self, AuditError> {
        let all = |list: &[String]| list.iter().map(|text| Choice::new(vm, text)).collect::<Result<Vec<_>, _>>();
        Ok(Self { controls: all(controls)?, tags: all(tags)? })
    }

    /// Whether a control of this id is evaluated at all (its tags may still leave it out).
    pub(crate) fn takes_id(&self, vm: &Interp, id: &str) -> Res<bool> {
        if self.controls.is_empty() {
            return Ok(true);
        }
        any(vm, &self.controls, id)
    }

    /// Whether the tags select a control: its tag keys and values.
    pub(crate) fn takes_tags(&self, vm: &Interp, tags: &[String]) -> Res<bool> {
        // `--controls` that names a control wins over `--tags`.
        if self.tags.is_empty() || !self.controls.is_empty() {
            return Ok(true);
        }
        for tag in tags {
            if any(vm, &self.tags, tag)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether controls without an id of their own run.
    pub(crate) fn takes_anonymous(&self) -> bool {
        self.controls.is_empty()
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
                AuditError::Usage(format!("`{text}` is no regular expression: {}", AuditError::internal(vm, &unwind)))
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
