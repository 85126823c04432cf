//! Running examples.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use plimsoll_ruby::{
    Args, CallStyle, Def, Interp, RClass, RObject, RProc, Res, Sym, Unwind, UnwindKind, Value, def, known,
};

use super::group::{Example, Group, Hook, WRONG_SCOPE, join};
use super::outcome::{Failure, Outcome, Status};
use super::{example_object, expectation, plain};
use crate::input::{self, Place};
use crate::matchers;

/// What an example object carries while it runs.
pub(super) struct Running {
    group: Rc<Group>,
    /// Its own words, or where it stands.
    description: Vec<u8>,
    memoized: RefCell<Vec<(Sym, Value)>>,
    /// The last expectation: whether it was negated, and its matcher. Unnamed examples are described by it.
    last: RefCell<Option<(bool, Value)>>,
    /// Whether the example said `skip`.
    skipped: Cell<bool>,
    /// Whether it said `pending`: it must fail.
    pending: Cell<bool>,
}

const METHODS: &[Def] = &[
    def("subject", 0, 0, |vm, this, _| implicit_subject(vm, this), "What the example is about."),
    def("described_class", 0, 0, |vm, this, _| Ok(running(vm, this)?.group.described()), "What is described."),
    def("is_expected", 0, 0, is_expected, "Expects of the subject."),
    def("are_expected", 0, 0, is_expected, "Expects of the subject."),
    def("should", 0, 2, |vm, this, args| should(vm, this, args, false), "The subject must match."),
    def("should_not", 0, 2, |vm, this, args| should(vm, this, args, true), "The subject must not match."),
    def("expect", 0, 1, expect, "Expects of a value or block."),
    def("aggregate_failures", 0, 2, super::aggregate::run, "Collects what does not hold."),
    def("skip", 0, 1, skip, "Skips the rest of the example."),
    def("pending", 0, 1, pending, "The rest of the example must fail."),
    def("inspec", 0, 0, |vm, this, _| Ok(running(vm, this)?.group.scope.backend.clone()), "The backend."),
    def("input", 1, 2, input, "An input's value."),
    def("attribute", 1, 2, input, "An input's value."),
    def("input_object", 1, 1, input_object, "An input."),
    def("inspect", 0, 0, inspect, "Its group and description."),
    def("to_s", 0, 0, inspect, "Its group and description."),
    def("method_missing", 1, -1, missing, "Predicate matchers: `be_file`, `have_key`."),
    def("respond_to_missing?", 1, 2, |_, _, _| Ok(Value::Bool(false)), "Predicates are not listed."),
];

const OBJECT_METHODS: &[Def] = &[
    def(
        "should",
        0,
        2,
        |vm, this, args| expectation::handle(vm, this, args.get(0), args.get(1), false),
        "It must match.",
    ),
    def(
        "should_not",
        0,
        2,
        |vm, this, args| expectation::handle(vm, this, args.get(0), args.get(1), true),
        "It must not match.",
    ),
];

/// What an `around` hook is given.
const PROCSY: &[Def] = &[
    def("run", 0, 0, proceed, "Runs the example."),
    def("call", 0, 0, proceed, "Runs the example."),
    def("to_proc", 0, 0, |vm, this, _| Ok(Value::Proc(Rc::clone(&procsy(vm, this)?.0))), "The example as a block."),
];

pub(super) fn install(vm: &Interp, base: &Rc<RClass>, core: &Rc<RClass>) {
    vm.define(base, METHODS);
    vm.define(&vm.c.basic_object, OBJECT_METHODS);
    vm.define_class(base, "WrongScopeError", &vm.class_named("NoMethodError"));
    let pending = vm.define_module(core, "Pending");
    vm.define_class(&pending, "SkipDeclaredInExample", &vm.c.standard_error);
    vm.define_class(&pending, "PendingExampleFixedError", &vm.c.standard_error);
    vm.define_class(core, "MultipleExceptionError", &vm.c.standard_error);
    let example = vm.define_class(core, "Example", &vm.c.object);
    example_object::install(vm, &example);
    let procsy = vm.define_class(&example, "Procsy", &vm.c.object);
    vm.define(&procsy, PROCSY);
}

pub(super) fn running<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Running> {
    this.native::<Running>().ok_or_else(|| vm.error("RuntimeError", "this can only be used inside an example"))
}

/// Remembers the expectation that describes an unnamed example.
pub(super) fn remember(vm: &Interp, negated: bool, matcher: &Value) {
    if let Some(current) = vm.extension::<Current>() {
        let example = current.0.borrow().clone();
        if let Some(running) = example.native::<Running>() {
            *running.last.borrow_mut() = Some((negated, matcher.clone()));
        }
    }
}

/// The example that runs.
struct Current(RefCell<Value>);

/// A value computed once for each example.
pub(super) fn memoized(vm: &Interp, this: &Value, name: Sym, compute: impl FnOnce(&Interp) -> Res) -> Res {
    let example = running(vm, this)?;
    let known = example.memoized.borrow().iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
    if let Some(value) = known {
        return Ok(value);
    }
    let value = compute(vm)?;
    let mut memoized = example.memoized.borrow_mut();
    // `super` in a `let` computes the outer value under the same name; the inner one is what counts.
    memoized.retain(|(known, _)| *known != name);
    memoized.push((name, value.clone()));
    Ok(value)
}

/// The subject where nothing else says what it is: what is described, or the group's label.
fn implicit_subject(vm: &Interp, this: &Value) -> Res {
    let group = Rc::clone(&running(vm, this)?.group);
    memoized(vm, this, Sym::new("subject"), |vm| {
        let described = group.described();
        let described = if described.truthy() { described } else { group.args.first().cloned().unwrap_or_default() };
        match &described {
            Value::Class(class) if !class.is_module => vm
                .call(&described, known::NEW, &[])
                .map_err(|unwind| vm.highlight(unwind, &described, known::NEW, NEW_LINE)),
            _ => Ok(described),
        }
    })
}

fn subject(vm: &Interp, this: &Value) -> Res {
    vm.call_with(this, Sym::new("subject"), Args::default(), CallStyle::Implicit)
}

/// The lines of RSpec's own code that Ruby's error_highlight shows below the message of a NoMethodError raised in it.
const SEND_LINE: &str = "\n\n              inner_subject.send(attr)\n                           ^^^^^";
const AREF_LINE: &str = "\n\n              subject[*attribute]\n                     ^^^^^^^^^^^^";
const INJECT_LINE: &str = "\n\n              attribute.inject(subject) {|inner, attr| inner[attr] }\n                                                            ^^^^^^";
const NEW_LINE: &str =
    "\n\n          Class === described ? described.new : described\n                                         ^^^^";
const WRONG_SCOPE_LINE: &str = "\n\n          raise WrongScopeError,\n          ^^^^^";

/// The subject, or the attribute of it that an `its` is about.
fn expected_value(vm: &Interp, this: &Value) -> Res {
    let Some(attribute) = running(vm, this)?.group.its_attribute() else { return subject(vm, this) };
    memoized(vm, this, Sym::new("__its_subject"), |vm| {
        let subject = subject(vm, this)?;
        match &attribute {
            Value::Array(keys) => match &subject {
                Value::Hash(_) => keys.to_vec().into_iter().try_fold(subject, |inner, key| {
                    vm.call(&inner, known::AREF, &[key])
                        .map_err(|unwind| vm.highlight(unwind, &inner, known::AREF, INJECT_LINE))
                }),
                _ => vm
                    .call_with(&subject, known::AREF, Args::new(&keys.to_vec()), CallStyle::Explicit)
                    .map_err(|unwind| vm.highlight(unwind, &subject, known::AREF, AREF_LINE)),
            },
            name => {
                let name = vm.to_s(name)?.to_vec();
                let segments = name.split(|b| *b == b'.').collect::<Vec<_>>();
                // `'a..b'.split('.')` keeps inner empty segments and drops trailing ones.
                let kept = segments.iter().rposition(|s| !s.is_empty()).map_or(0, |at| at + 1);
                segments[..kept].iter().try_fold(subject, |inner, segment| {
                    let method = Sym::from_bytes(segment);
                    vm.call_with(&inner, method, Args::default(), CallStyle::Implicit)
                        .map_err(|unwind| vm.highlight(unwind, &inner, method, SEND_LINE))
                })
            }
        }
    })
}

fn is_expected(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    expectation::value_target(vm, expected_value(vm, this)?)
}

fn should(vm: &Interp, this: &Value, args: Args<'_>, negated: bool) -> Res {
    let actual = expected_value(vm, this)?;
    expectation::handle(vm, &actual, args.get(0), args.get(1), negated)
}

fn expect(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    match (args.get(0), args.block) {
        (Some(_), Some(_)) => Err(vm.argument_error("You cannot pass both an argument and a block to `expect`.")),
        (Some(value), None) => expectation::value_target(vm, value.clone()),
        (None, Some(block)) => expectation::block_target(vm, block),
        (None, None) => Err(vm.argument_error("You must pass either an argument or a block to `expect`.")),
    }
}

fn skip(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    running(vm, this)?.skipped.set(true);
    let class = vm.class_named("RSpec::Core::Pending::SkipDeclaredInExample");
    Err(vm.raise_value(&class, args.or_nil(0)))
}

fn pending(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    running(vm, this)?.pending.set(true);
    Ok(Value::Nil)
}

fn input(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let running = running(vm, this)?;
    if is_trial(vm) {
        input::nobodys(vm).read(vm, args, Place::Elsewhere)
    } else {
        running.group.scope.input(vm, args, Place::Elsewhere)
    }
}

fn input_object(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let running = running(vm, this)?;
    if is_trial(vm) { input::nobodys(vm).object(vm, args) } else { running.group.scope.input_object(vm, args) }
}

fn inspect(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let example = running(vm, this)?;
    let description = example.description.clone();
    let text = format!("#<{} \"{}\">", example.group.class.name(), String::from_utf8_lossy(&description));
    Ok(Value::str(text))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    if let Some(matcher) = matchers::for_name(vm, name, rest) {
        return matcher;
    }
    let class = Value::Class(Rc::clone(&running(vm, this)?.group.class));
    if vm.find_method(&vm.class_of(&class), name).is_some() {
        let text = format!(
            "`{name}` is not available from within an example (e.g. an `it` block) or from constructs that run in the scope of an example (e.g. `before`, `let`, etc). It is only available on an example group (e.g. a `describe` or `context` block).{WRONG_SCOPE_LINE}"
        );
        return Err(vm.error(WRONG_SCOPE, text));
    }
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}

/// The example as an `around` hook sees it.
struct Procsy(Rc<RProc>);

fn procsy<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Procsy> {
    this.native::<Procsy>().ok_or_else(|| vm.type_error("not an example"))
}

fn proceed(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    vm.call_block(&procsy(vm, this)?.0, &[])
}

/// Whether examples are tried only.
#[derive(Default)]
struct Trial(Cell<bool>);

fn is_trial(vm: &Interp) -> bool {
    vm.extension::<Trial>().is_some_and(|trial| trial.0.get())
}

/// Runs the examples of a group as CINC tries the alternatives of a `describe.one`: they do not know their profile yet, so
/// the inputs that they read have no value.
pub(crate) fn try_group(vm: &Interp, group: &Rc<Group>, outcomes: &mut Vec<Outcome>) -> Res<()> {
    if vm.extension::<Trial>().is_none() {
        vm.set_extension(Rc::new(Trial::default()));
    }
    let trial = vm.extension::<Trial>().expect("it is set");
    trial.0.set(true);
    let result = run_group(vm, group, outcomes);
    trial.0.set(false);
    result
}

/// Runs the examples of a group, then those of its nested groups.
pub(crate) fn run_group(vm: &Interp, group: &Rc<Group>, outcomes: &mut Vec<Outcome>) -> Res<()> {
    run_below(vm, group, &[], outcomes)
}

/// Runs an example of a group without hooks for what it asks the target alone: nobody hears of what it comes to.
pub(crate) fn try_example(vm: &Interp, group: &Rc<Group>, example: &Rc<Example>) {
    let _ = run(vm, group, example, &[], None);
}

/// `shared`: the instance variables that `before(:all)` hooks of the groups around have set.
fn run_below(vm: &Interp, group: &Rc<Group>, shared: &[(Sym, Value)], outcomes: &mut Vec<Outcome>) -> Res<()> {
    let (shared, failure) = before_all(vm, group, shared)?;
    for example in group.examples.borrow().iter() {
        outcomes.push(run(vm, group, example, &shared, failure.as_ref())?);
    }
    for child in group.children.borrow().iter() {
        run_below(vm, child, &shared, outcomes)?;
    }
    let after = group.hooks.after_all.borrow().clone();
    for block in after.iter().rev() {
        let this = instance(group, Vec::new(), &shared);
        // What such a hook raises RSpec only prints.
        settle(vm, call_hook(vm, block, &this, &this))?;
    }
    Ok(())
}

/// What `before(:all)` hooks leave behind: instance variables for every example, or the failure of all of them.
type Shared = (Vec<(Sym, Value)>, Option<Failure>);

fn before_all(vm: &Interp, group: &Rc<Group>, shared: &[(Sym, Value)]) -> Res<Shared> {
    let blocks = group.hooks.before_all.borrow().clone();
    if blocks.is_empty() {
        return Ok((shared.to_vec(), None));
    }
    let this = instance(group, Vec::new(), shared);
    for block in &blocks {
        if let Status::Failed(failure) = settle(vm, call_hook(vm, block, &this, &this))? {
            return Ok((shared.to_vec(), Some(failure)));
        }
    }
    Ok((this.head().map(plimsoll_ruby::Head::ivars).unwrap_or_default(), None))
}

/// Runs a block in an example (or around all of a group); it is told `about`.
fn call_hook(vm: &Interp, block: &Rc<RProc>, this: &Value, about: &Value) -> Res {
    vm.call_block_with_self(block, this, None, Args::new(std::slice::from_ref(about)))
}

/// The object that runs an example.
fn instance(group: &Rc<Group>, description: Vec<u8>, shared: &[(Sym, Value)]) -> Value {
    let running = Running {
        group: Rc::clone(group),
        description,
        memoized: RefCell::default(),
        last: RefCell::default(),
        skipped: Cell::new(false),
        pending: Cell::new(false),
    };
    let object = RObject::with_native(Rc::clone(&group.class), running);
    for (name, value) in shared {
        object.head.set_ivar(*name, value.clone());
    }
    Value::Obj(object)
}

fn run(
    vm: &Interp,
    group: &Rc<Group>,
    example: &Rc<Example>,
    shared: &[(Sym, Value)],
    failure: Option<&Failure>,
) -> Res<Outcome> {
    let started = vm.host.now();
    let clock = std::time::Instant::now();
    let this = instance(group, example.in_words(), shared);
    let running = running(vm, &this)?;
    let status = match failure {
        _ if example.metadata.skip => Status::Skipped,
        Some(failure) => Status::Failed(failure.clone()),
        None => judge(vm, group, example, &this)?,
    };
    let skipped = example.metadata.skip || running.skipped.get();
    let last = running.last.borrow().clone();
    let description = match (&example.description, last) {
        (Some(text), _) => text.clone(),
        (None, Some((negated, matcher))) if !skipped => {
            let verb: &[u8] = if negated { b"is expected not to " } else { b"is expected to " };
            let text = if matcher.truthy() { matchers::description(vm, &matcher) } else { Ok(None) };
            match text.map_err(Unwind::into_kind) {
                Ok(text) => [verb, &text.unwrap_or_else(|| UNDESCRIBED.to_vec())].concat(),
                Err(UnwindKind::Raise(exception)) => undescribed_for(vm, example, &Value::Obj(exception))?,
                Err(kind) => return Err(kind.into()),
            }
        }
        (None, _) => Vec::new(),
    };
    let code_desc = if skipped && example.description.is_some() {
        group.description.clone()
    } else {
        join(&group.full_description, &description)
    };
    Outcome::new(vm, group, hide(status, example), code_desc, description, started, clock.elapsed())
}

/// The description of an example whose matcher raised while it was asked for its own.
fn undescribed_for(vm: &Interp, example: &Example, exception: &Value) -> Res<Vec<u8>> {
    let message = vm.call(exception, known::MESSAGE, &[])?;
    let class = vm.real_class_of(exception).name();
    let raised_at = super::backtrace(exception).into_iter().next().unwrap_or_default();
    let start =
        format!("example at {} (Got an error when generating description from matcher: {class}: ", example.location);
    Ok([start.as_bytes(), &vm.to_s(&message)?.to_vec(), format!(" -- {raised_at})").as_bytes()].concat())
}

/// Messages of what is sensitive are not shown.
fn hide(status: Status, example: &Example) -> Status {
    match status {
        Status::Failed(failure) if example.metadata.sensitive => {
            Status::Failed(Failure { message: b"*** sensitive output suppressed ***".to_vec(), ..failure })
        }
        status => status,
    }
}

const UNDESCRIBED: &[u8] = b"When you call a matcher in an example without a String, like this:\n\nspecify { expect(object).to matcher }\n\nor this:\n\nit { is_expected.to matcher }\n\nRSpec expects the matcher to have a #description method. You should either\nadd a String to the example this matcher is being used in, or give it a\ndescription method. Then you won't have to suffer this lengthy warning again.\n";

/// Runs an example with everything around it. One that rests on an answer that the target had no means to give may fail
/// as it likes, but does not pass.
fn judge(vm: &Interp, group: &Rc<Group>, example: &Rc<Example>, this: &Value) -> Res<Status> {
    let keeps_nothing = group.chain().iter().all(|group| plain::is_plain_group(vm, group))
        && plain::is_plain_example(vm, group, example);
    if !keeps_nothing {
        return finish(vm, group, example, this);
    }
    let (status, doubts) = plimsoll_resources::noting(vm, || finish(vm, group, example, this));
    Ok(match status? {
        Status::Passed | Status::Skipped if !doubts.is_empty() => Status::Failed(Failure {
            message: doubts.join("\n").into_bytes(),
            class: Some(plimsoll_resources::UNANSWERED.to_owned()),
            backtrace: Some(vec![example.location.clone()]),
        }),
        status => status,
    })
}

/// Runs an example with everything around it.
fn finish(vm: &Interp, group: &Rc<Group>, example: &Rc<Example>, this: &Value) -> Res<Status> {
    if let Some(failure) = &example.failure {
        return Ok(Status::Failed(Failure::prepared(vm, failure)?));
    }
    vm.set_extension(Rc::new(Current(RefCell::new(this.clone()))));
    let failures = Rc::new(RefCell::new(Vec::new()));
    let halted = Rc::new(RefCell::new(None));
    let about = example_object::of(vm, group, example);
    let core = core(group, example, this, about, &failures, &halted);
    // The outermost hook is called first and runs those inside it.
    let hooks: Vec<_> = group.chain().iter().flat_map(|group| group.hooks.around.borrow().clone()).collect();
    let whole = hooks.into_iter().rev().fold(core, |inner, hook| {
        let this = this.clone();
        RProc::native(move |vm, _, _| {
            let procsy = Procsy(Rc::clone(&inner));
            let class = vm.class_named("RSpec::Core::Example::Procsy");
            vm.call_block_with_self(&hook, &this, None, Args::new(&[RObject::with_native(class, procsy).into()]))
        })
    });
    if let Status::Failed(failure) = settle(vm, vm.call_block(&whole, &[]))? {
        failures.borrow_mut().push(failure);
    }
    if let Some(unwind) = halted.take() {
        return Err(unwind);
    }
    let running = running(vm, this)?;
    let failures = failures.take();
    let pending = example.metadata.pending || running.pending.get();
    Ok(match (Failure::several(failures), pending) {
        // A pending example that fails is as it should be.
        (Some(_), true) => Status::Skipped,
        (Some(failure), false) => Status::Failed(failure),
        (None, _) if running.skipped.get() => Status::Skipped,
        (None, true) => Status::Failed(Failure::fixed()),
        (None, false) => Status::Passed,
    })
}

/// The example itself with its `before` and `after` hooks, as what `around` hooks run. What fails is collected; what must
/// end the audit is kept for the caller.
fn core(
    group: &Rc<Group>,
    example: &Example,
    this: &Value,
    about: Value,
    failures: &Rc<RefCell<Vec<Failure>>>,
    halted: &Rc<RefCell<Option<Unwind>>>,
) -> Rc<RProc> {
    let (chain, block, this) = (group.chain(), example.block.clone(), this.clone());
    let (failures, halted) = (Rc::clone(failures), Rc::clone(halted));
    RProc::native(move |vm, _, _| {
        let note = |result: Res| match settle(vm, result) {
            Ok(Status::Failed(failure)) => failures.borrow_mut().push(failure),
            Ok(_) => {}
            Err(unwind) => *halted.borrow_mut() = Some(unwind),
        };
        let body = || -> Res {
            for group in &chain {
                for hook in group.hooks.before.borrow().clone() {
                    match hook {
                        Hook::Block(block) => call_hook(vm, &block, &this, &about)?,
                        Hook::Value(name) => vm.call(&this, name, &[])?,
                    };
                }
            }
            block.as_ref().map_or(Ok(Value::Nil), |block| call_hook(vm, block, &this, &about))
        };
        note(body());
        for group in chain.iter().rev() {
            for hook in group.hooks.after.borrow().clone() {
                if let Hook::Block(block) = hook {
                    note(call_hook(vm, &block, &this, &about));
                }
            }
        }
        Ok(Value::Nil)
    })
}

/// What an end means; limits and lost targets are no verdict and go on up.
fn settle(vm: &Interp, result: Res) -> Res<Status> {
    let Err(unwind) = result else { return Ok(Status::Passed) };
    let exception = match unwind.into_kind() {
        UnwindKind::Raise(exception) => Value::Obj(exception),
        UnwindKind::Halt(error) => return Err(UnwindKind::Halt(error).into()),
        UnwindKind::Limit(limit) => {
            return Ok(Status::Failed(Failure {
                message: limit.to_string().into_bytes(),
                class: Some("Plimsoll::LimitExceeded".to_owned()),
                backtrace: Some(vec![format!("{}:{}", limit.file, limit.line)]),
            }));
        }
        UnwindKind::Throw(tag, _) => {
            let tag = vm.inspect(&tag)?.lossy();
            Value::Obj(vm.exception(&vm.class_named("UncaughtThrowError"), Value::str(format!("uncaught throw {tag}"))))
        }
        // `next`, `break` and `return` end the example's block; what ran before them counts.
        _ => return Ok(Status::Passed),
    };
    if vm.is_a(&exception, &vm.class_named("RSpec::Core::Pending::SkipDeclaredInExample")) {
        return Ok(Status::Skipped);
    }
    Ok(Status::Failed(Failure::of(vm, &exception)?))
}
