//! What was found, in the shape of the report.

use std::rc::Rc;
use std::time::Duration;

use plimsoll_report::model::{
    Control, ControlResult, Description, Group, Impact, Object, Profile, ProfileStatus, ResultStatus, SourceLocation,
};
use plimsoll_ruby::{Interp, Res, Value};
use serde_json::Value as Json;

use crate::convert::{text, to_json};
use crate::dsl::{FileState, Rule, Scope};
use crate::spec::{Outcome, Status};

/// One result of a control.
pub(crate) fn result(outcome: &Outcome) -> ControlResult {
    let mut result = ControlResult {
        code_desc: text(&outcome.code_desc),
        run_time: Some(outcome.took.as_secs_f64()),
        start_time: timestamp(outcome.started),
        resource_class: Some(outcome.resource_class.clone()),
        resource_params: Some(Json::String(text(&outcome.resource_params))),
        resource_id: Some(Json::String(text(&outcome.resource_id))),
        resource_title: Some(text(&outcome.title)),
        ..ControlResult::default()
    };
    match &outcome.status {
        Status::Passed => result.status = ResultStatus::Passed,
        Status::Skipped => {
            result.status = ResultStatus::Skipped;
            result.resource = Some(text(&outcome.resource));
            result.skip_message = Some(text(&outcome.description));
        }
        Status::Failed(failure) => {
            result.status = ResultStatus::Failed;
            result.message = Some(text(&failure.message));
            result.exception.clone_from(&failure.class);
            result.backtrace.clone_from(&failure.backtrace);
        }
    }
    result
}

/// RFC 3339 with whole seconds, in UTC.
fn timestamp(since_epoch: Duration) -> String {
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or_default();
    match jiff::Timestamp::from_second(seconds) {
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        Err(_) => String::new(),
    }
}

/// A control as the report lists it.
pub(crate) fn control(vm: &Interp, rule: &Rule, results: Vec<ControlResult>) -> Res<Control> {
    let mut descriptions = Vec::new();
    for (label, data) in rule.descriptions() {
        descriptions.push(Description { label, data: vm.to_s(&data)?.lossy(), ..Description::default() });
    }
    let desc = descriptions.iter().find(|d| d.label == "default").map(|d| d.data.clone());
    let mut tags = Object::new();
    for (key, value) in rule.tags().entries() {
        tags.insert(vm.to_s(&key)?.lossy(), to_json(vm, &value)?);
    }
    let refs: Res<Vec<Json>> = rule.refs().iter().map(|entry| to_json(vm, entry)).collect();
    let title = rule.title();
    Ok(Control {
        id: match rule.raw_id {
            Value::Int(number) => number.into(),
            _ => rule.id.clone().into(),
        },
        title: if title.is_nil() { None } else { Some(vm.to_s(&title)?.lossy()) },
        desc,
        descriptions,
        impact: impact(&rule.impact()),
        refs: refs?,
        tags,
        code: Some(rule.code.borrow().clone()),
        source_location: SourceLocation {
            line: Some(u64::from(rule.line.get())),
            file: rule.file().map(|file| file.display.clone()),
            ..SourceLocation::default()
        },
        waiver_data: rule.waiver.borrow().as_ref().map(|w| w.data.clone()).unwrap_or_default(),
        results,
        ..Control::default()
    })
}

/// An impact within 0 and 1; 0.5 when none was given.
fn impact(value: &Value) -> Impact {
    match value {
        Value::Int(int) => Impact::Integer((*int).clamp(0, 1)),
        Value::Float(float) => Impact::Float(float.clamp(0.0, 1.0)),
        _ => Impact::default(),
    }
}

/// A profile as the report lists it.
pub(crate) fn profile(
    vm: &Interp,
    scope: &Scope,
    files: &[Rc<FileState>],
    controls: Vec<Control>,
    status: ProfileStatus,
    status_message: String,
) -> Res<Profile> {
    let meta = &scope.metadata;
    let groups = files.iter().map(|file| Group {
        id: file.name.clone(),
        controls: file.controls.borrow().iter().map(|id| id.clone().into()).collect(),
        title: file.title.borrow().clone(),
        ..Group::default()
    });
    Ok(Profile {
        name: meta.name.clone(),
        version: meta.version.clone(),
        sha256: scope.files.sha256(),
        title: meta.title.clone(),
        maintainer: meta.maintainer.clone(),
        summary: meta.summary.clone(),
        license: meta.license.clone(),
        copyright: meta.copyright.clone(),
        copyright_email: meta.copyright_email.clone(),
        supports: meta.supports.clone(),
        attributes: scope.inputs.attributes(vm)?,
        groups: groups.collect(),
        controls,
        skip_message: (status == ProfileStatus::Skipped).then(|| status_message.clone()),
        status: Some(status),
        status_message: Some(status_message),
        ..Profile::default()
    })
}
