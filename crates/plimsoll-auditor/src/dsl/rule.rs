//! A control: what its code has said so far, and what that comes down to.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use indexmap::IndexMap;
use plimsoll_report::model::Object;
use plimsoll_ruby::{Interp, RHash, RProc, Res, Value};

use super::file::FileState;
use super::scope::Scope;
use crate::convert::{self, Keys};
use crate::source;
use crate::waiver::Waiver;

/// One `describe` of a `describe.one`: its arguments and its body.
pub(crate) type Alternative = (Vec<Value>, Option<Rc<RProc>>);

/// One thing a control checks.
#[derive(Clone)]
pub(crate) enum Check {
    /// `describe …`
    Describe(Vec<Value>, Option<Rc<RProc>>),
    /// `describe.one`: the alternatives.
    One(Vec<Alternative>),
    /// `expect(…).to …` directly in the control: the value and the object that collects the calls.
    Expect(Value, Value),
    /// The control's body failed.
    SourceError {
        /// FILE:LINE of the body.
        location: String,
        message: Vec<u8>,
        backtrace: Vec<String>,
    },
}

/// Why a control's checks are replaced by a single skip.
#[derive(Clone)]
pub(super) struct Skip {
    /// `only_if` or `waiver`.
    pub kind: &'static str,
    pub message: Value,
}

/// A control.
pub(crate) struct Rule {
    pub id: String,
    /// The id as it was written: a number stays one.
    pub raw_id: Value,
    pub scope: Rc<Scope>,
    pub(super) block: Option<Rc<RProc>>,
    file: RefCell<Option<Rc<FileState>>>,
    /// The title of its file when it was registered.
    pub group_title: RefCell<Option<String>>,
    pub line: u32,
    /// Where its source text stands: its own, then those that were merged into it.
    definitions: RefCell<Vec<Definition>>,
    pub(super) impact: RefCell<Value>,
    pub(super) impact_frozen: Cell<bool>,
    pub(super) title: RefCell<Value>,
    pub(super) descriptions: RefCell<IndexMap<String, Value>>,
    pub(super) refs: RefCell<Vec<Value>>,
    pub(super) tags: Rc<RHash>,
    checks: RefCell<Vec<Check>>,
    pub(super) only_if: RefCell<Option<bool>>,
    pub(super) skip: RefCell<Option<Skip>>,
    pub(super) not_applicable: RefCell<Option<Value>>,
    pub waiver: RefCell<Option<Waiver>>,
}

/// One definition of a control.
#[derive(Clone)]
struct Definition {
    /// The file as messages show it.
    file: String,
    /// Its whole lines.
    code: String,
}

impl Rule {
    pub(crate) fn new(
        vm: &Interp,
        scope: &Rc<Scope>,
        raw_id: &Value,
        id: String,
        block: Option<&Rc<RProc>>,
    ) -> Res<Rc<Self>> {
        let location = block.and_then(|block| source::location(block));
        let line = location.map_or_else(|| vm.position().1, |(_, line)| line);
        let definition = location.zip(block).map(|((file, _), block)| Definition {
            file: file.to_string(),
            code: source::lines(vm, block).unwrap_or_default(),
        });
        Ok(Rc::new(Self {
            id,
            raw_id: raw_id.clone(),
            scope: Rc::clone(scope),
            block: block.cloned(),
            file: RefCell::default(),
            group_title: RefCell::default(),
            line,
            definitions: RefCell::new(definition.into_iter().collect()),
            impact: RefCell::default(),
            impact_frozen: Cell::new(false),
            title: RefCell::default(),
            descriptions: RefCell::default(),
            refs: RefCell::default(),
            tags: RHash::new(),
            checks: RefCell::default(),
            only_if: RefCell::default(),
            skip: RefCell::default(),
            not_applicable: RefCell::default(),
            waiver: RefCell::default(),
        }))
    }

    /// Lets a waiver say what becomes of the control; it weighs more than what the control's body said.
    pub(super) fn apply_waiver(&self, vm: &Interp) -> Res<()> {
        let entry = if self.scope.waivers.is_empty() {
            // Inputs named like a control were the way to waive it once.
            self.waiving_input(vm)?
        } else {
            self.scope.waivers.entry(vm, &self.id)?
        };
        let Some(entry) = entry.filter(|_| matches!(self.raw_id, Value::Str(_))) else { return Ok(()) };
        let waiver = Waiver::new(vm, entry)?;
        if waiver.skips {
            let justification = waiver.data.get("justification").cloned().unwrap_or_default();
            let message = convert::to_ruby(vm, &justification, Keys::Strings)?;
            *self.only_if.borrow_mut() = Some(true);
            *self.skip.borrow_mut() = Some(Skip { kind: "waiver", message });
        }
        *self.waiver.borrow_mut() = Some(waiver);
        Ok(())
    }

    /// Whether a waiver skips it.
    pub(super) fn is_waived(&self) -> bool {
        self.waiver.borrow().as_ref().is_some_and(|waiver| waiver.skips)
    }

    /// The input that waives the control: one of its name that is a Hash, which InSpec then notes the outcome in.
    fn waiving_input(&self, vm: &Interp) -> Res<Option<Object>> {
        let Some(hash) = self.scope.inputs.hash(&self.id) else { return Ok(None) };
        let serde_json::Value::Object(entry) = convert::to_json(vm, &Value::Hash(Rc::clone(&hash)))? else {
            return Ok(None);
        };
        vm.hash_set(&hash, Value::str("skipped_due_to_waiver"), Value::Bool(false))?;
        vm.hash_set(&hash, Value::str("message"), Value::str(""))?;
        Ok(Some(entry))
    }

    /// Where it is declared, as the backtrace of what fails outside the profile's code.
    pub(crate) fn backtrace(&self) -> Vec<String> {
        let file = self.file().map_or_else(|| "unknown".to_owned(), |file| file.display.clone());
        vec![format!("{file}:{}:in `control'", self.line)]
    }

    pub(crate) fn add_check(&self, check: Check) {
        self.checks.borrow_mut().push(check);
    }

    pub(super) fn set_file(&self, file: &Rc<FileState>) {
        *self.file.borrow_mut() = Some(Rc::clone(file));
        self.group_title.borrow_mut().clone_from(&file.title.borrow());
    }

    /// The file it was declared in.
    pub(crate) fn file(&self) -> Option<Rc<FileState>> {
        self.file.borrow().clone()
    }

    /// The file of its first definition as messages show it; a control without a body is where it was met.
    pub(crate) fn defined_in(&self) -> Option<String> {
        let defined = self.definitions.borrow().first().map(|definition| definition.file.clone());
        defined.or_else(|| self.file().map(|file| file.display.clone()))
    }

    /// Its source text as a profile lists it: its own there, else what was merged into it there. A profile that was asked
    /// for shows what a dependency says where it says nothing itself.
    pub(crate) fn code_in(&self, scope: &Scope) -> String {
        let definitions = self.definitions.borrow();
        let here = definitions.iter().find(|definition| scope.files.has_control(&definition.file));
        let below = || {
            let own = definitions.first()?;
            let mut dependencies = scope.dependencies.values();
            let found = dependencies.any(|dependency| dependency.scope.files.has_control(&own.file));
            (scope.parent.is_none() && found).then_some(own)
        };
        here.or_else(below).map(|definition| definition.code.clone()).unwrap_or_default()
    }

    pub(super) fn skip_by_file(&self, message: Value) {
        *self.only_if.borrow_mut() = Some(true);
        *self.skip.borrow_mut() = Some(Skip { kind: "only_if", message });
    }

    /// Lets this failure stand for all it checks.
    pub(super) fn fail_by_file(&self, failure: Check) {
        *self.checks.borrow_mut() = vec![failure];
    }

    /// What its body checks, whether or not something stands for it.
    pub(crate) fn all_checks(&self) -> Vec<Check> {
        self.checks.borrow().clone()
    }

    /// What to check, or the one skip (or failure) that stands for it.
    pub(crate) fn checks(&self, vm: &Interp) -> Res<Plan> {
        let sentence = |start: &str, kind: &str, message: &Value| -> Res<Vec<u8>> {
            let start = format!("{start} control due to {kind} condition");
            if message.truthy() {
                Ok([start.as_bytes(), b": ", &vm.to_s(message)?.to_vec()].concat())
            } else {
                Ok(format!("{start}.").into_bytes())
            }
        };
        if *self.only_if.borrow() == Some(true)
            && let Some(skip) = self.skip.borrow().as_ref()
        {
            return Ok(Plan::Skip(sentence("Skipped", skip.kind, &skip.message)?));
        }
        if let Some(message) = self.not_applicable.borrow().as_ref() {
            return Ok(Plan::Fail(sentence("N/A", "only_applicable_if", message)?));
        }
        Ok(Plan::Run(self.checks.borrow().clone()))
    }

    /// A later definition of the same id: its fields win, its checks replace those here when it has any.
    pub(super) fn merge(&self, vm: &Interp, later: &Self) -> Res<()> {
        for (from, to) in [(&later.impact, &self.impact), (&later.title, &self.title)] {
            let value = from.borrow().clone();
            if !value.is_nil() {
                *to.borrow_mut() = value;
            }
        }
        for (label, text) in later.descriptions.borrow().iter() {
            self.descriptions.borrow_mut().insert(label.clone(), text.clone());
        }
        for (key, value) in later.tags.entries() {
            vm.hash_set(&self.tags, key, value)?;
        }
        // InSpec hands over the whole list of references as one.
        let merged = vm.hash_from([(Value::sym("ref"), Value::array(later.refs.borrow().clone()))])?;
        self.refs.borrow_mut().push(Value::Hash(merged));
        let checks = later.checks.borrow().clone();
        if !checks.is_empty() {
            *self.checks.borrow_mut() = checks;
        }
        let only_if = *later.only_if.borrow();
        if only_if.is_some() {
            *self.only_if.borrow_mut() = only_if;
            self.skip.borrow_mut().clone_from(&later.skip.borrow());
        }
        self.definitions.borrow_mut().extend(later.definitions.borrow().iter().cloned());
        Ok(())
    }

    pub(crate) fn impact(&self) -> Value {
        self.impact.borrow().clone()
    }

    pub(crate) fn title(&self) -> Value {
        self.title.borrow().clone()
    }

    pub(crate) fn descriptions(&self) -> Vec<(String, Value)> {
        self.descriptions.borrow().iter().map(|(label, text)| (label.clone(), text.clone())).collect()
    }

    pub(crate) fn refs(&self) -> Vec<Value> {
        self.refs.borrow().clone()
    }

    pub(crate) fn tags(&self) -> &Rc<RHash> {
        &self.tags
    }

    /// Tag keys and values as text, for `--tags`.
    pub(super) fn tag_texts(&self, vm: &Interp) -> Res<Vec<String>> {
        let mut texts = Vec::new();
        for (key, value) in self.tags.entries() {
            texts.push(vm.to_s(&key)?.lossy());
            match value {
                Value::Nil => {}
                Value::Array(list) => {
                    for element in list.to_vec() {
                        texts.push(vm.to_s(&element)?.lossy());
                    }
                }
                other => texts.push(vm.to_s(&other)?.lossy()),
            }
        }
        Ok(texts)
    }
}

/// What a control comes down to.
pub(crate) enum Plan {
    /// These checks.
    Run(Vec<Check>),
    /// One skip with this message.
    Skip(Vec<u8>),
    /// One failure with this message.
    Fail(Vec<u8>),
}
