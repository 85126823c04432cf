//! What was found, in the shape of the report.

use std::rc::Rc;
use std::time::Duration;

use indexmap::IndexMap;
use plimsoll_report::model::{
    Control, ControlId, ControlResult, Description, Group, Impact, Object, Profile, ResultStatus, SourceLocation,
};
use plimsoll_ruby::{Interp, Res, Value};
use serde_json::Value as Json;

use crate::convert::{text, to_json};
use crate::dsl::{Rule, Scope};
use crate::spec::{Outcome, Status};

/// A control that was run, and what it found.
pub(crate) struct Found {
    pub rule: Rc<Rule>,
    pub results: Vec<ControlResult>,
}

/// One result of a control.
pub(crate) fn result(outcome: &Outcome) -> ControlResult {
    let mut result = ControlResult {
        code_desc: text(&outcome.code_desc),
        run_time: Some(outcome.took.as_secs_f64()),
        start_time: timestamp(outcome.started),
        resource_class: Some(outcome.resource_class.clone()),
        resource_params: Some(Json::String(text(&outcome.resource_params))),
        resource_id: Some(outcome.resource_id.clone()),
        resource_title: Some(text(&outcome.title)),
        expectation: Some(text(&outcome.expectation)),
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

/// A control's id; a number stays one.
fn control_id(rule: &Rule) -> ControlId {
    match rule.raw_id {
        Value::Int(number) => number.into(),
        _ => rule.id.clone().into(),
    }
}

/// A control as the report lists it below a profile.
fn control(vm: &Interp, scope: &Scope, rule: &Rule, results: Vec<ControlResult>) -> Res<Control> {
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
        id: control_id(rule),
        title: if title.is_nil() { None } else { Some(vm.to_s(&title)?.lossy()) },
        desc,
        descriptions,
        impact: impact(&rule.impact()),
        refs: refs?,
        tags,
        code: Some(rule.code_in(scope)),
        source_location: SourceLocation {
            line: Some(u64::from(rule.line)),
            file: rule.defined_in(),
            ..SourceLocation::default()
        },
        // Without a result there is nothing to waive.
        waiver_data: match &*rule.waiver.borrow() {
            Some(waiver) if !results.is_empty() => waiver.data.clone(),
            _ => Object::new(),
        },
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

/// The profiles as the report lists them, with what was found.
///
/// A result belongs to the first profile of its control's profile name that lists the control: overlays list the controls
/// they include, but the results stand under the profile that declares them.
pub(crate) fn profiles(vm: &Interp, scopes: &[Rc<Scope>], found: &[Found], diffs: bool) -> Res<Vec<Profile>> {
    let mut listed: Vec<Listed> = scopes.iter().map(Listed::new).collect();
    for Found { rule, results } in found {
        let home = |listed: &&mut Listed| {
            let name = listed.scope.metadata.name.as_deref();
            name.is_some_and(|name| name == rule.scope.metadata.name()) && listed.rules.contains_key(&rule.id)
        };
        let Some(home) = listed.iter_mut().find(home) else { continue };
        let into = home.results.entry(rule.id.clone()).or_default();
        into.extend(results.iter().cloned().map(|result| if diffs { result } else { without_diff(result) }));
    }
    listed.iter().map(|listed| listed.profile(vm)).collect()
}

/// A result whose message ends before the difference it shows.
fn without_diff(mut result: ControlResult) -> ControlResult {
    if let Some(message) = &mut result.message
        && let Some(at) = message.find("\nDiff").filter(|at| message[*at..].contains(':'))
    {
        let at = if message[..at].ends_with('\n') { at - 1 } else { at };
        message.truncate(at);
    }
    result
}

/// A profile on its way into the report.
struct Listed {
    scope: Rc<Scope>,
    /// Its controls by id; of several with one id the last counts.
    rules: IndexMap<String, Rc<Rule>>,
    /// Ids by file, in the order of loading, and the files' titles.
    groups: IndexMap<String, (Option<String>, Vec<Rc<Rule>>)>,
    results: IndexMap<String, Vec<ControlResult>>,
}

impl Listed {
    fn new(scope: &Rc<Scope>) -> Self {
        let mut rules = IndexMap::new();
        let mut groups = IndexMap::new();
        for rule in if scope.unsupported.is_none() { scope.all_rules() } else { Vec::new() } {
            let file = rule.file().map_or_else(|| "unknown".to_owned(), |file| file.display.clone());
            let file = scope.files.inside(&file).to_owned();
            let group = groups.entry(file).or_insert_with(|| (rule.group_title.borrow().clone(), Vec::new()));
            group.1.push(Rc::clone(&rule));
            rules.insert(rule.id.clone(), rule);
        }
        Self { scope: Rc::clone(scope), rules, groups, results: IndexMap::new() }
    }

    /// The controls as reports list them: by file, and within one in the order of loading.
    fn controls(&self, vm: &Interp) -> Res<Vec<Control>> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(file, _)| *file);
        let ids = groups.into_iter().flat_map(|(_, (_, rules))| rules.iter().map(|rule| &rule.id));
        ids.map(|id| {
            let results = self.results.get(id).cloned().unwrap_or_default();
            control(vm, &self.scope, &self.rules[id], results)
        })
        .collect()
    }

    fn profile(&self, vm: &Interp) -> Res<Profile> {
        let scope = &self.scope;
        let meta = &scope.metadata;
        let groups = self.groups.iter().map(|(file, (title, rules))| Group {
            id: file.clone(),
            controls: rules.iter().map(|rule| control_id(rule)).collect(),
            title: title.clone(),
            ..Group::default()
        });
        let message = scope.unsupported.clone().unwrap_or_else(|| scope.progress.message.borrow().clone());
        Ok(Profile {
            name: meta.name.clone().unwrap_or_default(),
            version: meta.version.clone(),
            sha256: sha256(vm, scope)?,
            title: meta.title.clone(),
            maintainer: meta.maintainer.clone(),
            summary: meta.summary.clone(),
            license: meta.license.clone(),
            copyright: meta.copyright.clone(),
            copyright_email: meta.copyright_email.clone(),
            supports: meta.supports.clone(),
            attributes: scope.inputs.attributes(vm)?,
            parent_profile: scope.parent.clone(),
            depends: depends(scope),
            groups: groups.collect(),
            controls: self.controls(vm)?,
            skip_message: scope.unsupported.clone(),
            status: Some(scope.status()),
            status_message: Some(message),
            ..Profile::default()
        })
    }
}

/// The profile's checksum, which covers those of what it depends on.
fn sha256(vm: &Interp, scope: &Scope) -> Res<String> {
    let below = vm.hash_from([])?;
    for (name, dependency) in &scope.dependencies {
        let sum = sha256(vm, &dependency.scope)?;
        vm.hash_set(&below, Value::str(name), Value::str(sum))?;
    }
    let yaml = vm.send(&Value::Class(vm.class_named("YAML")), "dump", &[Value::Hash(below)])?;
    Ok(scope.files.sha256(&vm.to_s(&yaml)?.to_vec()))
}

/// The dependencies as inspec.yml has them, with what became of them.
fn depends(scope: &Scope) -> Vec<Object> {
    // CINC pairs the declared dependencies with all that there are, by position.
    let became = scope.dependencies.values().map(|dependency| &dependency.scope.unsupported);
    let mut became = became.map(Some).chain(std::iter::repeat(None));
    let loaded = scope.progress.libraries.get();
    let mut entry = |declared: &Object| {
        let mut entry = declared.clone();
        match became.next().flatten().filter(|_| loaded) {
            None => {}
            Some(None) => drop(entry.insert("status".into(), "loaded".into())),
            Some(Some(why)) => {
                entry.insert("status".into(), "skipped".into());
                entry.insert("status_message".into(), why.as_str().into());
                entry.insert("skip_message".into(), why.as_str().into());
            }
        }
        entry
    };
    scope.metadata.depends.iter().map(&mut entry).collect()
}
