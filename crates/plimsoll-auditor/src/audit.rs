//! The audit: profiles are loaded, their controls evaluated, their examples run.

mod check;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use plimsoll_report::model::{ControlResult, Platform, Profile, ProfileStatus, Report, Statistics};
use plimsoll_resources::{Backend, ResourceSet};
use plimsoll_ruby::{Args, CallStyle, Interp, Limits, RProc, Res, Sym, Unwind, UnwindKind, Value, known};
use plimsoll_target::Target;

use crate::dsl::{self, Check, Expected, FileState, Plan, Rule, Scope};
use crate::error::AuditError;
use crate::event::Event;
use crate::host::AuditHost;
use crate::input::{self, GivenInputs, Inputs};
use crate::matchers;
use crate::profile::{Metadata, ProfileFiles};
use crate::results;
use crate::select::Selection;
use crate::spec::{self, Example, Failure, Group, Outcome, ProfileSpecs, Status};
use crate::waiver::Waivers;

/// The native stack that the thread of an audit needs, in bytes.
pub const STACK: usize = 256 << 20;

/// What is to be audited, and how.
#[derive(Debug, Default, Clone)]
pub struct Audit {
    /// Profiles: directories, or single `.rb` files.
    pub profiles: Vec<PathBuf>,
    /// Values of inputs.
    pub inputs: GivenInputs,
    /// Waived controls.
    pub waivers: Waivers,
    /// Ids (or `/patterns/`) of the controls to run; empty for all.
    pub controls: Vec<String>,
    /// Tags (or `/patterns/`) of the controls to run; empty for all.
    pub tags: Vec<String>,
    /// The limits within which the profiles' code runs.
    pub limits: Limits,
}

/// A profile that is loaded.
struct Loaded {
    scope: Rc<Scope>,
    files: Vec<Rc<FileState>>,
    status: ProfileStatus,
    message: String,
}

impl Audit {
    /// Holds the profiles against the target.
    ///
    /// Blocks; run it on a thread with [`STACK`] bytes of stack. What goes wrong inside a control is a result of that
    /// control; an error means that there is no report.
    pub fn run(&self, target: Arc<dyn Target>, on_event: &mut dyn FnMut(Event)) -> Result<Report, AuditError> {
        let started = Instant::now();
        let sources: Result<Vec<_>, _> = self.profiles.iter().map(|path| read(path)).collect();
        let sources = sources?;
        let files = sources.iter().map(|(files, _)| Rc::clone(files)).collect();
        let vm = Interp::new(Rc::new(AuditHost::new(files)), self.limits.clone());
        vm.set_stack(STACK);
        let info = target.info();
        let core = set_up(&vm, target);
        let selection = Rc::new(Selection::new(&vm, &self.controls, &self.tags)?);
        let mut loaded = Vec::new();
        for (files, metadata) in sources {
            let loader = Loader { vm: &vm, core: &core, selection: &selection, given: &self.inputs };
            loaded.push(loader.load(files, metadata)?);
        }
        self.apply_waivers(&vm, &loaded)?;
        let profiles = run_all(&vm, &loaded, on_event)?;
        let platform = platform(&vm, &loaded)?;
        let duration = started.elapsed().as_secs_f64();
        let mut report = Report {
            platform: Platform { target_id: Some(info.id.unwrap_or_default()), ..platform },
            profiles,
            statistics: Statistics { duration: Some(duration), ..Statistics::default() },
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Report::default()
        };
        let extension = report.plimsoll.get_or_insert_default();
        extension.target = Some(info.uri);
        extension.channel = Some(info.channel);
        Ok(report)
    }

    fn apply_waivers(&self, vm: &Interp, loaded: &[Loaded]) -> Result<(), AuditError> {
        let now = i64::try_from(vm.host.now().as_secs()).unwrap_or(i64::MAX);
        for profile in loaded {
            for rule in profile.scope.rules.borrow().values() {
                let Some(waiver) = self.waivers.of(&rule.id, now) else { continue };
                if waiver.skips {
                    let justification = waiver.data.get("justification").cloned().unwrap_or_default();
                    let value = crate::convert::to_ruby(vm, &justification, crate::convert::Keys::Strings);
                    rule.skip_by_waiver(value.map_err(|unwind| AuditError::internal(vm, &unwind))?);
                }
                *rule.waiver.borrow_mut() = Some(waiver);
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<(Rc<ProfileFiles>, Metadata), AuditError> {
    let files = ProfileFiles::read(path)?;
    let metadata = Metadata::read(&files)?;
    Ok((Rc::new(files), metadata))
}

fn refuse_dependencies(files: &ProfileFiles, metadata: &Metadata) -> Result<(), AuditError> {
    let Some(dependency) = metadata.depends.first() else { return Ok(()) };
    let name = dependency.get("name").and_then(serde_json::Value::as_str).unwrap_or("?");
    let why = format!("it depends on the profile `{name}`, and dependencies are not supported yet");
    Err(AuditError::Profile { path: files.given.clone(), why })
}

/// Defines everything that profiles' code can name; gives the core resources.
fn set_up(vm: &Interp, target: Arc<dyn Target>) -> Rc<ResourceSet> {
    let core = plimsoll_resources::install(vm, Backend::new(target));
    let module = matchers::install(vm);
    spec::install(vm, &module);
    let inspec = vm.class_named("Inspec");
    vm.define_class(&inspec, "ImpactError", &vm.c.standard_error);
    input::install(vm);
    dsl::install(vm);
    // Matchers are named in `it` blocks and, as arguments of `expect(…).to`, in controls.
    for class in ["Inspec::Rule", "Inspec::DescribeBase"] {
        vm.include(&vm.class_named(class), &module);
    }
    core
}

/// Loads one profile.
struct Loader<'a> {
    vm: &'a Interp,
    core: &'a Rc<ResourceSet>,
    selection: &'a Rc<Selection>,
    given: &'a GivenInputs,
}

impl Loader<'_> {
    fn load(&self, files: Rc<ProfileFiles>, metadata: Metadata) -> Result<Loaded, AuditError> {
        let vm = self.vm;
        refuse_dependencies(&files, &metadata)?;
        let inputs = Inputs::bind(vm, &metadata.name, &metadata.inputs, self.given)?;
        let resources = ResourceSet::derived(vm, self.core);
        let profile = dsl::profile_object(vm, &metadata, &files);
        let backend = plimsoll_resources::backend_object(vm, &resources, profile);
        plimsoll_resources::set_backend_object(vm, backend.clone());
        let mut failure = self.libraries(&files, &resources)?;
        let unsupported = self.unsupported(&metadata, &backend)?;
        let class = |parent: &str| {
            let class = vm.new_class(&vm.class_named(parent), None);
            vm.include(&class, &resources.dsl);
            class
        };
        let scope = Rc::new(Scope {
            specs: ProfileSpecs::new(vm, &resources),
            rule_class: class("Inspec::Rule"),
            one_class: class("Inspec::DescribeBase"),
            metadata,
            files,
            inputs,
            selection: Rc::clone(self.selection),
            backend,
            shared: std::cell::RefCell::default(),
            rules: std::cell::RefCell::default(),
            unsupported: unsupported.clone(),
        });
        let context_class = class("Inspec::ControlEvalContext");
        let mut states = Vec::new();
        for name in scope.files.controls() {
            let state = FileState::new(name, scope.files.display(name));
            states.push(Rc::clone(&state));
            if failure.is_some() {
                continue;
            }
            let source = scope.files.get(name).unwrap_or_default();
            let this = dsl::new_context(&scope, &context_class, &state);
            failure = self.run_file(source, &state.display, &this, &context_class)?;
        }
        let (status, message) = match (failure, unsupported) {
            (Some(why), _) => (ProfileStatus::Failed, why),
            (None, Some(why)) => (ProfileStatus::Skipped, why),
            (None, None) => (ProfileStatus::Loaded, String::new()),
        };
        Ok(Loaded { scope, files: states, status, message })
    }

    /// Loads the libraries; gives what one of them raised.
    fn libraries(&self, files: &ProfileFiles, resources: &Rc<ResourceSet>) -> Result<Option<String>, AuditError> {
        let vm = self.vm;
        for name in files.libraries() {
            let source = files.get(name).unwrap_or_default();
            let this = Value::Obj(vm.object(&vm.c.object));
            let result = resources
                .while_registering(vm, || Ok(self.run_file(source, &files.display(name), &this, &vm.c.object)));
            let failure = result.map_err(|unwind| AuditError::internal(vm, &unwind))??;
            if failure.is_some() {
                return Ok(failure);
            }
        }
        Ok(None)
    }

    /// Runs a file; gives what it raised at its top level.
    fn run_file(
        &self,
        source: &[u8],
        display: &str,
        this: &Value,
        class: &Rc<plimsoll_ruby::RClass>,
    ) -> Result<Option<String>, AuditError> {
        let vm = self.vm;
        let program = vm.parse(source, display).map_err(|error| AuditError::Syntax(error.to_string()))?;
        vm.renew_budget();
        match vm.run(&program, this, class).map_err(Unwind::into_kind) {
            // `return` ends a file early, as it ends a script.
            Ok(_) | Err(UnwindKind::Return(..)) => Ok(None),
            Err(UnwindKind::Raise(exception)) => {
                let error = Value::Obj(exception);
                let class = vm.real_class_of(&error).name();
                let message = vm.call(&error, known::MESSAGE, &[]).and_then(|m| vm.to_s(&m));
                let message = message.map_err(|unwind| AuditError::internal(vm, &unwind))?.lossy();
                let place = backtrace_top(&error).unwrap_or_else(|| display.to_owned());
                Ok(Some(format!("Failed to load source for {display}: {message} ({class} at {place})")))
            }
            Err(UnwindKind::Limit(limit)) => Ok(Some(format!("Failed to load source for {display}: {limit}"))),
            Err(kind) => Err(AuditError::internal(vm, &kind.into())),
        }
    }

    /// Why the profile does not support the target's platform, if it does not.
    fn unsupported(&self, metadata: &Metadata, backend: &Value) -> Result<Option<String>, AuditError> {
        if metadata.supports.is_empty() {
            return Ok(None);
        }
        let vm = self.vm;
        let check = || -> Res<Option<String>> {
            let platform = vm.send(backend, "platform", &[])?;
            let supports = serde_json::Value::Array(metadata.supports.iter().cloned().map(Into::into).collect());
            let supports = crate::convert::to_ruby(vm, &supports, crate::convert::Keys::SymbolsInside)?;
            if vm.send(&platform, "supported?", &[supports])?.truthy() {
                return Ok(None);
            }
            let name = vm.send(&platform, "name", &[])?;
            let release = vm.send(&platform, "release", &[])?;
            Ok(Some(format!(
                "Skipping profile: '{}' on unsupported platform: '{}/{}'.",
                metadata.name,
                vm.to_s(&name)?.lossy(),
                vm.to_s(&release)?.lossy()
            )))
        };
        check().map_err(|unwind| AuditError::internal(vm, &unwind))
    }
}

fn backtrace_top(error: &Value) -> Option<String> {
    let Value::Obj(object) = error else { return None };
    let lines = object.exception()?.backtrace.borrow().clone()?;
    let line = lines.first()?;
    Some(line.split(":in ").next().unwrap_or(line).to_owned())
}

/// The groups that one control's checks come to.
struct Prepared {
    rule: Rc<Rule>,
    parts: Vec<Part>,
}

enum Part {
    Group(Rc<Group>),
    /// `describe.one`: its alternatives.
    One(Vec<Rc<Group>>),
}

/// Runs all profiles: first every describe body, then every example, in order.
fn run_all(vm: &Interp, loaded: &[Loaded], on_event: &mut dyn FnMut(Event)) -> Result<Vec<Profile>, AuditError> {
    let internal = |unwind: Unwind| AuditError::internal(vm, &unwind);
    let mut prepared = Vec::new();
    // CINC runs the body of each describe twice, all of them once before all of them again, and keeps the second pass.
    for pass in 0..2 {
        for (at, profile) in loaded.iter().enumerate().filter(|(_, p)| p.status != ProfileStatus::Failed) {
            plimsoll_resources::set_backend_object(vm, profile.scope.backend.clone());
            let rules: Vec<_> = profile.scope.rules.borrow().values().cloned().collect();
            for rule in rules {
                let control = prepare(vm, &rule).map_err(internal)?;
                if pass == 1 {
                    prepared.push((at, control));
                }
            }
        }
    }
    let controls = prepared.len();
    on_event(Event::Loaded { profiles: loaded.len(), controls });
    let mut results: Vec<Vec<(Rc<Rule>, Vec<ControlResult>)>> = loaded.iter().map(|_| Vec::new()).collect();
    for (at, control) in prepared {
        let scope = &loaded[at].scope;
        plimsoll_resources::set_backend_object(vm, scope.backend.clone());
        let (profile, id) = (scope.metadata.name.clone(), control.rule.id.clone());
        on_event(Event::ControlStarted { profile: profile.clone(), id: id.clone() });
        let outcomes = run_control(vm, &control).map_err(internal)?;
        let found: Vec<_> = outcomes.iter().map(results::result).collect();
        on_event(Event::ControlFinished { profile, id, results: found.clone() });
        results[at].push((control.rule, found));
    }
    let mut profiles = Vec::new();
    for (profile, found) in loaded.iter().zip(results) {
        let mut controls = Vec::new();
        if profile.status == ProfileStatus::Failed {
            for rule in profile.scope.rules.borrow().values() {
                controls.push(results::control(vm, rule, Vec::new()).map_err(internal)?);
            }
        }
        for (rule, results) in found {
            controls.push(results::control(vm, &rule, results).map_err(internal)?);
        }
        let (status, message) = (profile.status, profile.message.clone());
        let entry = results::profile(vm, &profile.scope, &profile.files, controls, status, message);
        profiles.push(entry.map_err(internal)?);
    }
    Ok(profiles)
}

/// Turns a control's checks into groups, running the bodies of its describes.
fn prepare(vm: &Interp, rule: &Rc<Rule>) -> Res<Prepared> {
    let scope = &rule.scope;
    let noop = || -> Res { vm.call(&scope.backend, Sym::new("noop"), &[]) };
    let mut parts = Vec::new();
    vm.renew_budget();
    match rule.checks(vm)? {
        Plan::Skip(message) => {
            let example = Example::skipped(message);
            parts.push(Part::Group(spec::describe_native(vm, scope, &[noop()?], example)?));
        }
        Plan::Fail(message) => {
            let error = vm.exception(&vm.class_named("Inspec::Exceptions::ResourceFailed"), Value::bytes(message));
            let example = Example::failing(error.into());
            parts.push(Part::Group(spec::describe_native(vm, scope, &[noop()?], example)?));
        }
        Plan::Run(checks) => {
            for check in &checks {
                if let Some(part) = prepare_check(vm, scope, check)? {
                    parts.push(part);
                }
            }
        }
    }
    Ok(Prepared { rule: Rc::clone(rule), parts })
}

fn prepare_check(vm: &Interp, scope: &Rc<Scope>, check: &Check) -> Res<Option<Part>> {
    Ok(match check {
        Check::Describe(args, body) => prepare_describe(vm, scope, args, body.as_ref())?.map(Part::Group),
        Check::One(alternatives) => {
            let mut groups = Vec::new();
            for (args, body) in alternatives {
                groups.push(guarded(vm, scope, args, body.as_ref())?);
            }
            Some(Part::One(groups))
        }
        Check::Expect(value, object) => Some(Part::Group(prepare_expect(vm, scope, value, object)?)),
        Check::SourceError(location, message) => {
            let error = vm.exception(&vm.class_named("RuntimeError"), Value::bytes(message.clone()));
            let args = [Value::str(format!("Control Source Code Error {location}"))];
            Some(Part::Group(spec::describe_native(vm, scope, &args, Example::failing(error.into()))?))
        }
    })
}

/// One `describe`; a skipped or failed resource gives one result instead of its body's.
fn prepare_describe(
    vm: &Interp,
    scope: &Rc<Scope>,
    args: &[Value],
    body: Option<&Rc<RProc>>,
) -> Res<Option<Rc<Group>>> {
    let Some(first) = args.first() else { return Ok(None) };
    if input::is_no_value(first) {
        let example = Example::skipped(vm.to_s(first)?.to_vec());
        return spec::describe_native(vm, scope, args, example).map(Some);
    }
    if let Some((skipped, message)) = exception_of(vm, first)? {
        let example = if skipped {
            Example::skipped(vm.to_s(&message)?.to_vec())
        } else {
            let class = vm.class_named("Inspec::Exceptions::ResourceFailed");
            Example::failing(vm.exception(&class, message).into())
        };
        return spec::describe_native(vm, scope, args, example).map(Some);
    }
    guarded(vm, scope, args, body).map(Some)
}

/// Whether a resource (or the resource behind a FilterTable) was skipped (true) or failed, and why.
fn exception_of(vm: &Interp, value: &Value) -> Res<Option<(bool, Value)>> {
    let Value::Obj(_) = value else { return Ok(None) };
    let resource = if vm.is_a(value, &vm.class_named("FilterTable::Table")) {
        vm.send(value, "resource", &[])?
    } else {
        value.clone()
    };
    for (question, skipped) in [("resource_skipped?", true), ("resource_failed?", false)] {
        if vm.responds(&resource, Sym::new(question))? && vm.send(&resource, question, &[])?.truthy() {
            return Ok(Some((skipped, vm.send(&resource, "resource_exception_message", &[])?)));
        }
    }
    Ok(None)
}

/// A group with its body run; what the body raises becomes the group's one failure (CINC would abort the run).
fn guarded(vm: &Interp, scope: &Rc<Scope>, args: &[Value], body: Option<&Rc<RProc>>) -> Res<Rc<Group>> {
    match spec::describe(vm, scope, args, body).map_err(Unwind::into_kind) {
        Ok(group) => Ok(group),
        Err(UnwindKind::Raise(exception)) => {
            let args = &args[..args.len().min(2)];
            let label: Res<Vec<Value>> = args
                .iter()
                .map(|arg| Ok(Value::bytes(vm.to_s(arg).map_or_else(|_| b"describe".to_vec(), |text| text.to_vec()))))
                .collect();
            spec::describe_native(vm, scope, &label?, Example::failing(exception.into()))
        }
        Err(UnwindKind::Limit(limit)) => {
            let error = vm.exception(&vm.class_named("RuntimeError"), Value::str(limit.to_string()));
            spec::describe_native(vm, scope, &[Value::str("describe")], Example::failing(error.into()))
        }
        Err(UnwindKind::Halt(error)) => Err(UnwindKind::Halt(error).into()),
        // `break`, `next` and `return` end the body; what stands before them counts.
        Err(_) => spec::describe(vm, scope, args, None),
    }
}

/// `expect(value).to matcher` directly in a control: a group with one example for each call.
fn prepare_expect(vm: &Interp, scope: &Rc<Scope>, value: &Value, object: &Value) -> Res<Rc<Group>> {
    let group = spec::describe(vm, scope, std::slice::from_ref(value), None)?;
    let calls = object.native::<Expected>().map(|e| e.calls.borrow().clone()).unwrap_or_default();
    for (method, arguments) in calls {
        let value = value.clone();
        let block = RProc::native(move |vm, this, _| {
            let target = match &value {
                Value::Proc(block) => vm.call_with(
                    this,
                    Sym::new("expect"),
                    Args::default().with_block(Some(block)),
                    CallStyle::Implicit,
                )?,
                value => vm.send(this, "expect", std::slice::from_ref(value))?,
            };
            vm.send(&target, method, &arguments)
        });
        group.examples.borrow_mut().push(Rc::new(Example::of_block(block)));
    }
    Ok(group)
}

fn run_control(vm: &Interp, control: &Prepared) -> Res<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for part in &control.parts {
        vm.renew_budget();
        match part {
            Part::Group(group) => spec::run_group(vm, group, &mut outcomes)?,
            Part::One(groups) => outcomes.extend(run_one(vm, groups)?),
        }
    }
    Ok(outcomes)
}

/// `describe.one`: the alternatives that hold, or all of them when none does.
fn run_one(vm: &Interp, groups: &[Rc<Group>]) -> Res<Vec<Outcome>> {
    let mut holding = Vec::new();
    let mut all = Vec::new();
    for group in groups {
        let mut outcomes = Vec::new();
        spec::run_group(vm, group, &mut outcomes)?;
        let holds = !outcomes.iter().any(|outcome| matches!(outcome.status, Status::Failed(_)));
        if holds {
            holding.extend(outcomes);
        } else {
            all.extend(outcomes);
        }
    }
    if !holding.is_empty() {
        return Ok(holding);
    }
    // CINC runs the examples twice then, and reports both failures of each as one.
    for outcome in &mut all {
        if let Status::Failed(Failure { class, backtrace, .. }) = &mut outcome.status {
            *class = Some("RSpec::Core::MultipleExceptionError".to_owned());
            *backtrace = None;
        }
    }
    Ok(all)
}

/// The platform as the first profile's code sees it.
fn platform(vm: &Interp, loaded: &[Loaded]) -> Result<Platform, AuditError> {
    let Some(first) = loaded.first() else { return Ok(Platform::default()) };
    let ask = || -> Res<Platform> {
        let platform = vm.send(&first.scope.backend, "platform", &[])?;
        let text = |name: &str| -> Res<String> {
            let value = vm.send(&platform, name, &[])?;
            Ok(vm.to_s(&value)?.lossy())
        };
        Ok(Platform { name: text("name")?, release: text("release")?, ..Platform::default() })
    };
    ask().map_err(|unwind| AuditError::internal(vm, &unwind))
}
