//! Running: what controls check becomes example groups, and these are run.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Interp, RProc, Res, Sym, Unwind, UnwindKind, Value};

use crate::dsl::{Check, Expected, Plan, Rule, Scope};
use crate::input;
use crate::spec::{self, Example, Group, Outcome, Status};

/// The groups that one control's checks come to.
pub(crate) struct Prepared {
    pub rule: Rc<Rule>,
    parts: Vec<Part>,
}

impl Prepared {
    /// Its groups, in the order in which they are run.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Rc<Group>> {
        self.parts.iter().flat_map(|part| match part {
            Part::Group(group) => std::slice::from_ref(group),
            Part::One(groups) => groups,
        })
    }
}

enum Part {
    Group(Rc<Group>),
    /// `describe.one`: its alternatives.
    One(Vec<Rc<Group>>),
}

/// Turns the checks of all controls into groups.
///
/// CINC runs the body of each describe twice (to count the examples) and keeps what the first time gave.
pub(crate) fn prepare_all(vm: &Interp, rules: &[Rc<Rule>]) -> Res<Vec<Prepared>> {
    let mut prepared = Vec::new();
    for rule in rules {
        prepared.push(prepare(vm, rule)?);
        prepare(vm, rule)?;
    }
    Ok(prepared)
}

/// Turns a control's checks into groups, running the bodies of its describes.
fn prepare(vm: &Interp, rule: &Rc<Rule>) -> Res<Prepared> {
    let scope = &rule.scope;
    plimsoll_resources::set_backend_object(vm, scope.backend.clone());
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
            let example = Example::failing(error.into(), rule.backtrace());
            parts.push(Part::Group(spec::describe_native(vm, scope, &[noop()?], example)?));
        }
        Plan::Run(checks) => {
            for check in &checks {
                match prepare_check(vm, rule, check).map_err(Unwind::into_kind) {
                    Ok(part) => parts.extend(part),
                    Err(kind) => parts.push(Part::Group(failing(vm, scope, &[], kind)?)),
                }
            }
        }
    }
    Ok(Prepared { rule: Rc::clone(rule), parts })
}

fn prepare_check(vm: &Interp, rule: &Rule, check: &Check) -> Res<Option<Part>> {
    let scope = &rule.scope;
    Ok(match check {
        Check::Describe(args, body) => prepare_describe(vm, rule, args, body.as_ref())?.map(Part::Group),
        Check::One(alternatives) => {
            let mut groups = Vec::new();
            for (args, body) in alternatives {
                // CINC goes on with a failed resource here. One that nobody could look up must not hold.
                groups.push(match args.first().and_then(plimsoll_resources::unanswered_at_creation) {
                    Some(why) => spec::describe_native(vm, scope, args, failed_resource(vm, rule, why))?,
                    None => guarded(vm, scope, args, body.as_ref())?,
                });
            }
            Some(Part::One(groups))
        }
        Check::Expect(value, object) => Some(Part::Group(prepare_expect(vm, scope, value, object)?)),
        Check::SourceError { location, message, backtrace } => {
            let error = vm.exception(&vm.class_named("RuntimeError"), Value::bytes(message.clone()));
            let example = Example::failing(error.into(), backtrace.clone());
            Some(Part::Group(spec::describe_nested(vm, scope, "Control Source Code Error", location, example)?))
        }
    })
}

/// One `describe`; a skipped or failed resource gives one result instead of its body's.
fn prepare_describe(vm: &Interp, rule: &Rule, args: &[Value], body: Option<&Rc<RProc>>) -> Res<Option<Rc<Group>>> {
    let scope = &rule.scope;
    let Some(first) = args.first() else { return Ok(None) };
    if input::is_no_value(first) {
        let example = Example::skipped(vm.to_s(first)?.to_vec());
        return spec::describe_native(vm, scope, args, example).map(Some);
    }
    if let Some((skipped, message)) = exception_of(vm, first)? {
        let example =
            if skipped { Example::skipped(vm.to_s(&message)?.to_vec()) } else { failed_resource(vm, rule, message) };
        return spec::describe_native(vm, scope, args, example).map(Some);
    }
    guarded(vm, scope, args, body).map(Some)
}

fn failed_resource(vm: &Interp, rule: &Rule, why: Value) -> Example {
    let class = vm.class_named("Inspec::Exceptions::ResourceFailed");
    Example::failing(vm.exception(&class, why).into(), rule.backtrace())
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
        // `break`, `next` and `return` end the body; what stands before them counts.
        Err(UnwindKind::Break(..) | UnwindKind::Next(_) | UnwindKind::Return(..)) => {
            spec::describe(vm, scope, args, None)
        }
        Err(kind) => failing(vm, scope, args, kind),
    }
}

/// A group whose one example fails with what was raised outside of all examples: in a group's body, a `to_s`, a
/// `resource_id`. CINC aborts the run there.
fn failing(vm: &Interp, scope: &Rc<Scope>, args: &[Value], kind: UnwindKind) -> Res<Rc<Group>> {
    let example = match kind {
        UnwindKind::Raise(exception) => {
            let error = Value::Obj(exception);
            let backtrace = spec::backtrace(&error);
            Example::failing(error, backtrace)
        }
        UnwindKind::Limit(limit) => {
            let error = vm.exception(&vm.class_named("RuntimeError"), Value::str(limit.to_string()));
            Example::failing(error.into(), vec![format!("{}:{}", limit.file, limit.line)])
        }
        UnwindKind::Throw(tag, _) => {
            let text = [b"uncaught throw ", &vm.inspect(&tag)?.to_vec()[..]].concat();
            Example::failing(vm.exception(&vm.class_named("UncaughtThrowError"), Value::bytes(text)).into(), Vec::new())
        }
        other => return Err(other.into()),
    };
    let text = |arg: &Value| vm.to_s(arg).map_or_else(|_| b"describe".to_vec(), |text| text.to_vec());
    let mut label: Vec<Value> = args.iter().take(2).map(|arg| Value::bytes(text(arg))).collect();
    if label.is_empty() {
        label.push(Value::str("describe"));
    }
    spec::describe_native(vm, scope, &label, example)
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

/// Runs the examples of a control.
pub(crate) fn run(vm: &Interp, control: &Prepared) -> Res<Vec<Outcome>> {
    plimsoll_resources::set_backend_object(vm, control.rule.scope.backend.clone());
    let mut outcomes = Vec::new();
    for part in &control.parts {
        vm.renew_budget();
        match part {
            Part::Group(group) => run_group(vm, &control.rule.scope, group, spec::run_group, &mut outcomes)?,
            Part::One(groups) => outcomes.extend(run_one(vm, &control.rule.scope, groups)?),
        }
    }
    Ok(outcomes)
}

/// How the examples of a group are run.
type Run = fn(&Interp, &Rc<Group>, &mut Vec<Outcome>) -> Res<()>;

/// Runs the examples of a group; what is raised between them is a failure of its own.
fn run_group(vm: &Interp, scope: &Rc<Scope>, group: &Rc<Group>, run: Run, outcomes: &mut Vec<Outcome>) -> Res<()> {
    let Err(unwind) = run(vm, group, outcomes) else { return Ok(()) };
    let group = failing(vm, scope, &group.args, unwind.into_kind())?;
    run(vm, &group, outcomes)
}

/// `describe.one`: the alternatives that hold, or all of them when none does.
///
/// As in CINC, every alternative is tried, and those that are reported are run once more: inputs have a value only then,
/// and an example that failed either time has failed.
fn run_one(vm: &Interp, scope: &Rc<Scope>, groups: &[Rc<Group>]) -> Res<Vec<Outcome>> {
    let mut tried = Vec::new();
    for group in groups {
        let mut outcomes = Vec::new();
        run_group(vm, scope, group, spec::try_group, &mut outcomes)?;
        let holds = !outcomes.iter().any(|outcome| matches!(outcome.status, Status::Failed(_)));
        tried.push((group, holds, outcomes));
    }
    let any_holds = tried.iter().any(|(_, holds, _)| *holds);
    let mut reported = Vec::new();
    for (group, _, first) in tried.into_iter().filter(|(_, holds, _)| *holds || !any_holds) {
        let mut outcomes = Vec::new();
        run_group(vm, scope, group, spec::run_group, &mut outcomes)?;
        let mut first = first.into_iter();
        reported.extend(outcomes.into_iter().map(|outcome| match first.next() {
            Some(first) => outcome.after(first),
            None => outcome,
        }));
    }
    Ok(reported)
}
