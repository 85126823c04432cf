//! How an example ended.

use std::rc::Rc;
use std::time::Duration;

use plimsoll_resources::ResourceData;
use plimsoll_ruby::{Interp, Res, Sym, Value, known};

use super::group::{Group, Prepared};
use crate::convert;

/// How an example ended, with everything a report says of it.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub status: Status,
    pub code_desc: Vec<u8>,
    /// The example's own description: what a skip gives as its reason.
    pub description: Vec<u8>,
    /// What a report calls the thing tested: the resource, or the label of the group.
    pub title: Vec<u8>,
    /// What was expected of it: the group's label, unless that is the title, and the example's description.
    pub expectation: Vec<u8>,
    /// `to_s` of what was described.
    pub resource: Vec<u8>,
    pub resource_class: String,
    pub resource_params: Vec<u8>,
    /// What identifies the resource, as a report writes it.
    pub resource_id: serde_json::Value,
    pub started: Duration,
    pub took: Duration,
}

/// Passed, failed or skipped.
#[derive(Debug, Clone)]
pub(crate) enum Status {
    Passed,
    Failed(Failure),
    Skipped,
}

/// Why an example failed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub message: Vec<u8>,
    /// The exception's class, unless an expectation simply did not hold.
    pub class: Option<String>,
    pub backtrace: Option<Vec<String>>,
}

impl Failure {
    /// The failure that an exception means.
    pub(super) fn of(vm: &Interp, exception: &Value) -> Res<Self> {
        let message = vm.call(exception, known::MESSAGE, &[])?;
        let message = vm.to_s(&message)?.to_vec();
        if vm.is_a(exception, &vm.class_named("RSpec::Expectations::ExpectationNotMetError")) {
            return Ok(Self { message, class: None, backtrace: None });
        }
        let class = vm.real_class_of(exception).name();
        Ok(Self { message, class: Some(class), backtrace: Some(backtrace(exception)) })
    }

    /// The failure that native code prepared.
    pub(super) fn prepared(vm: &Interp, prepared: &Prepared) -> Res<Self> {
        let failure = Self::of(vm, &prepared.exception)?;
        Ok(Self { backtrace: failure.backtrace.map(|_| prepared.backtrace.clone()), ..failure })
    }

    /// Several failures of one example as one.
    pub(super) fn several(mut failures: Vec<Self>) -> Option<Self> {
        if failures.len() < 2 {
            return failures.pop();
        }
        let mut messages: Vec<Vec<u8>> = Vec::new();
        for failure in failures {
            if !messages.contains(&failure.message) {
                messages.push(failure.message);
            }
        }
        let class = Some("RSpec::Core::MultipleExceptionError".to_owned());
        Some(Self { message: messages.join(&b"\n\n"[..]), class, backtrace: None })
    }

    /// That of a pending example that passed.
    pub(super) fn fixed() -> Self {
        let place = concat!(module_path!(), ":in `pending'").to_owned();
        Self {
            message: b"Expected example to fail since it is pending, but it passed.".to_vec(),
            class: Some("RSpec::Core::Pending::PendingExampleFixedError".to_owned()),
            backtrace: Some(vec![place]),
        }
    }
}

/// Where an exception was raised, innermost first.
pub(crate) fn backtrace(exception: &Value) -> Vec<String> {
    match exception {
        Value::Obj(object) => object.exception().and_then(|data| data.backtrace.borrow().clone()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

impl Outcome {
    /// What an example comes to that was run before: it failed if it failed either time, and what it was first described
    /// with stays.
    pub(crate) fn after(self, first: Self) -> Self {
        let status = match (first.status, self.status) {
            (Status::Failed(first), Status::Failed(second)) => {
                Status::Failed(Failure::several(vec![first, second]).expect("there are two"))
            }
            (Status::Failed(first), _) => Status::Failed(first),
            (_, second) => second,
        };
        if first.description.is_empty() {
            return Self { status, ..self };
        }
        let Self { code_desc, description, expectation, .. } = first;
        Self { status, code_desc, description, expectation, ..self }
    }

    pub(super) fn new(
        vm: &Interp,
        group: &Rc<Group>,
        status: Status,
        code_desc: Vec<u8>,
        description: Vec<u8>,
        started: Duration,
        took: Duration,
    ) -> Res<Self> {
        let described = group.described();
        let resource_class = class_name(vm, &described)?;
        let params = match described.native::<ResourceData>() {
            Some(data) => Value::array(data.params.borrow().clone()),
            None => Value::array(Vec::new()),
        };
        let id = resource_id(vm, group, &described, &resource_class)?;
        let resource = vm.to_s(&described)?.to_vec();
        let title = if described.is_nil() { group.description.clone() } else { resource.clone() };
        let expectation = if described.is_nil() || group.describes_itself() {
            description.clone()
        } else {
            [&group.description[..], &description[..]].join(&b' ')
        };
        let resource_params = vm.to_s(&params)?.to_vec();
        Ok(Self {
            status,
            code_desc,
            description,
            title,
            expectation,
            resource,
            resource_class,
            resource_params,
            resource_id: id,
            started,
            took,
        })
    }
}

/// `described.class.superclass.name`: for resources the name they are known by.
fn class_name(vm: &Interp, described: &Value) -> Res<String> {
    let class = vm.real_class_of(described);
    let Some(superclass) = class.superclass().map(|s| s.real()) else { return Ok(String::new()) };
    let name = vm.call(&Value::Class(superclass), known::NAME, &[])?;
    Ok(vm.to_s(&name)?.lossy())
}

/// The resource's own id, or what is left of a label without the resource's name.
fn resource_id(vm: &Interp, group: &Group, described: &Value, class: &str) -> Res<serde_json::Value> {
    if crate::input::is_no_value(described) {
        // It answers everything with itself.
        return Ok(vm.to_s(described)?.lossy().into());
    }
    if described.truthy() && vm.responds(described, Sym::new("resource_id"))? {
        let id = vm.send(described, "resource_id", &[])?;
        return if id.is_nil() { Ok("".into()) } else { convert::to_json(vm, &id) };
    }
    if described.truthy() {
        return Ok("".into());
    }
    let title = &group.description;
    let prefixed = title.len() >= class.len() && title[..class.len()].eq_ignore_ascii_case(class.as_bytes());
    let trimmed = if prefixed { &title[class.len()..] } else { title };
    let trimmed = trimmed.trim_ascii();
    Ok(convert::text(if trimmed.is_empty() { title } else { trimmed }).into())
}
