//! Running examples.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RClass, RObject, Res, Sym, Unwind, UnwindKind, Value, def, known};

use super::expectation;
use super::group::{Example, Group, join};
use super::outcome::{Failure, Outcome, Status};
use crate::input::Place;
use crate::matchers;

/// What an example object carries while it runs.
pub(super) struct Running {
    group: Rc<Group>,
    memoized: RefCell<Vec<(Sym, Value)>>,
    /// The last expectation: whether it was negated, and its matcher. Unnamed examples are described by it.
    last: RefCell<Option<(bool, Value)>>,
}

const METHODS: &[Def] = &[
    def("subject", 0, 0, |vm, this, _| subject(vm, this), "What the example is about."),
    def("described_class", 0, 0, |vm, this, _| Ok(running(vm, this)?.group.described()), "What is described."),
    def(
        "is_expected",
        0,
        0,
        |vm, this, _| expectation::target(vm, this, expected_value(vm, this)?),
        "Expects of the subject.",
    ),
    def(
        "are_expected",
        0,
        0,
        |vm, this, _| expectation::target(vm, this, expected_value(vm, this)?),
        "Expects of the subject.",
    ),
    def("should", 0, 2, |vm, this, args| should(vm, this, args, false), "The subject must match."),
    def("should_not", 0, 2, |vm, this, args| should(vm, this, args, true), "The subject must not match."),
    def("expect", 0, 1, expect, "Expects of a value or block."),
    def("skip", 0, 1, skip, "Skips the rest of the example."),
    def("pending", 0, 1, skip, "Skips the rest of the example."),
    def("inspec", 0, 0, |vm, this, _| Ok(running(vm, this)?.group.scope.backend.clone()), "The backend."),
    def(
        "input",
        1,
        2,
        |vm, this, args| running(vm, this)?.group.scope.input(vm, args, Place::Elsewhere),
        "An input's value.",
    ),
    def(
        "attribute",
        1,
        2,
        |vm, this, args| running(vm, this)?.group.scope.input(vm, args, Place::Elsewhere),
        "An input's value.",
    ),
    def("input_object", 1, 1, |vm, this, args| running(vm, this)?.group.scope.input_object(vm, args), "An input."),
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

pub(super) fn install(vm: &Interp, base: &Rc<RClass>, core: &Rc<RClass>) {
    vm.define(base, METHODS);
    vm.define(&vm.c.basic_object, OBJECT_METHODS);
    let pending = vm.define_module(core, "Pending");
    vm.define_class(&pending, "SkipDeclaredInExample", &vm.c.standard_error);
    vm.define_class(core, "MultipleExceptionError", &vm.c.standard_error);
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
    example.memoized.borrow_mut().push((name, value.clone()));
    Ok(value)
}

/// The explicit or implicit subject.
pub(super) fn subject(vm: &Interp, this: &Value) -> Res {
    let group = Rc::clone(&running(vm, this)?.group);
    memoized(vm, this, Sym::new("subject"), |vm| {
        if let Some(block) = group.explicit_subject() {
            return vm.call_block_with_self(&block, this, None, Args::default());
        }
        let described = group.described();
        let described = if described.truthy() { described } else { group.args.first().cloned().unwrap_or_default() };
        match &described {
            Value::Class(class) if !class.is_module => vm.call(&described, known::NEW, &[]),
            _ => Ok(described),
        }
    })
}

/// The subject, or the attribute of it that an `its` is about.
fn expected_value(vm: &Interp, this: &Value) -> Res {
    let Some(attribute) = running(vm, this)?.group.its_attribute() else { return subject(vm, this) };
    memoized(vm, this, Sym::new("__its_subject"), |vm| {
        let subject = subject(vm, this)?;
        match &attribute {
            Value::Array(keys) => match &subject {
                Value::Hash(_) => {
                    keys.to_vec().into_iter().try_fold(subject, |inner, key| vm.call(&inner, known::AREF, &[key]))
                }
                _ => vm.call_with(&subject, known::AREF, Args::new(&keys.to_vec()), CallStyle::Explicit),
            },
            name => {
                let name = vm.to_s(name)?.to_vec();
                let segments = name.split(|b| *b == b'.').collect::<Vec<_>>();
                // `'a..b'.split('.')` keeps inner empty segments and drops trailing ones.
                let kept = segments.iter().rposition(|s| !s.is_empty()).map_or(0, |at| at + 1);
                segments[..kept].iter().try_fold(subject, |inner, segment| {
                    let method = Sym::from_bytes(segment);
                    vm.call(&inner, method, &[]).map_err(|unwind| point_out(vm, unwind, &inner, method))
                })
            }
        }
    })
}

/// CINC runs the attribute's call in a library that Ruby's error_highlight annotates.
fn point_out(vm: &Interp, unwind: Unwind, receiver: &Value, method: Sym) -> Unwind {
    if let Some(exception) = unwind.exception()
        && vm.is_a(&Value::Obj(Rc::clone(exception)), &vm.class_named("NoMethodError"))
        && exception.head.ivar(Sym::new("@receiver")).is_some_and(|r| r.same(receiver))
        && exception.head.ivar(Sym::new("@name")).is_some_and(|n| matches!(n, Value::Sym(n) if n == method))
        && let Some(data) = exception.exception()
    {
        let mut message = vm.to_s(&data.message.borrow().clone()).map(|m| m.to_vec()).unwrap_or_default();
        message.extend_from_slice(b"\n\n              inner_subject.send(attr)\n                           ^^^^^");
        *data.message.borrow_mut() = Value::bytes(message);
    }
    unwind
}

fn should(vm: &Interp, this: &Value, args: Args<'_>, negated: bool) -> Res {
    let actual = expected_value(vm, this)?;
    expectation::handle(vm, &actual, args.get(0), args.get(1), negated)
}

fn expect(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    match (args.get(0), args.block) {
        (Some(value), _) => expectation::target(vm, this, value.clone()),
        (None, Some(block)) => expectation::target(vm, this, Value::Proc(Rc::clone(block))),
        (None, None) => Err(vm.argument_error("You must pass either an argument or a block to `expect`.")),
    }
}

fn skip(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let class = vm.class_named("RSpec::Core::Pending::SkipDeclaredInExample");
    Err(vm.raise_value(&class, args.or_nil(0)))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    if let Some(matcher) = matchers::for_name(vm, name, rest) {
        return matcher;
    }
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}

/// Runs the examples of a group, then those of its nested groups.
pub(crate) fn run_group(vm: &Interp, group: &Rc<Group>, outcomes: &mut Vec<Outcome>) -> Res<()> {
    for example in group.examples.borrow().iter() {
        outcomes.push(run(vm, group, example)?);
    }
    for child in group.children.borrow().iter() {
        run_group(vm, child, outcomes)?;
    }
    Ok(())
}

fn run(vm: &Interp, group: &Rc<Group>, example: &Example) -> Res<Outcome> {
    let started = vm.host.now();
    let clock = std::time::Instant::now();
    let running = Running { group: Rc::clone(group), memoized: RefCell::default(), last: RefCell::default() };
    let this = Value::Obj(RObject::with_native(Rc::clone(&group.class), running));
    let skipped = example.skipped || group.is_skipped();
    let status = if skipped {
        Status::Skipped
    } else {
        let status = settle(vm, attempt(vm, group, example, &this))?;
        match status {
            // A pending example that fails is as it should be.
            Status::Failed(_) if example.pending => Status::Skipped,
            status => status,
        }
    };
    let last = this.native::<Running>().and_then(|r| r.last.borrow().clone());
    let generated = match (&example.description, &status, last) {
        (Some(text), _, _) => text.clone(),
        (None, Status::Failed(failure), _) if failure.is_error => Vec::new(),
        (None, Status::Skipped, _) | (None, _, None) => Vec::new(),
        (None, _, Some((negated, matcher))) => {
            let verb: &[u8] = if negated { b"is expected not to " } else { b"is expected to " };
            let text = matchers::description(vm, &matcher)?;
            [verb, &text.unwrap_or_else(|| UNDESCRIBED.to_vec())].concat()
        }
    };
    let code_desc = if skipped && example.description.is_some() {
        group.description.clone()
    } else {
        join(&group.full_description, &generated)
    };
    Outcome::new(vm, group, status, code_desc, generated, started, clock.elapsed())
}

const UNDESCRIBED: &[u8] = b"When you call a matcher in an example without a String, like this:\n\nspecify { expect(object).to matcher }\n\nor this:\n\nit { is_expected.to matcher }\n\nRSpec expects the matcher to have a #description method. You should either\nadd a String to the example this matcher is being used in, or give it a\ndescription method. Then you won't have to suffer this lengthy warning again.\n";

/// Runs hooks and body.
fn attempt(vm: &Interp, group: &Rc<Group>, example: &Example, this: &Value) -> Res {
    if let Some(Value::Obj(failure)) = &example.failure {
        return Err(vm.raise_object(Rc::clone(failure)));
    }
    vm.set_extension(Rc::new(Current(RefCell::new(this.clone()))));
    let run_block = |block: &Rc<plimsoll_ruby::RProc>| {
        vm.call_block_with_self(block, this, None, Args::new(std::slice::from_ref(this)))
    };
    let chain = group.chain();
    let body = || -> Res {
        for group in &chain {
            for name in group.eager.borrow().clone() {
                vm.call(this, name, &[])?;
            }
            for block in group.before.borrow().clone() {
                run_block(&block)?;
            }
        }
        example.block.as_ref().map_or(Ok(Value::Nil), run_block)
    };
    let result = body();
    for group in chain.iter().rev() {
        for block in group.after.borrow().clone() {
            run_block(&block)?;
        }
    }
    result
}

/// What an example's end means; limits and lost targets are no verdict on the example and go on up.
fn settle(vm: &Interp, result: Res) -> Res<Status> {
    let unwind = match result {
        Ok(_) => return Ok(Status::Passed),
        Err(unwind) => unwind,
    };
    let exception = match unwind.into_kind() {
        UnwindKind::Raise(exception) => Value::Obj(exception),
        UnwindKind::Halt(error) => return Err(UnwindKind::Halt(error).into()),
        UnwindKind::Limit(limit) => {
            return Ok(Status::Failed(Failure {
                message: limit.to_string().into_bytes(),
                class: Some("Plimsoll::LimitExceeded".to_owned()),
                backtrace: Some(vec![format!("{}:{}", limit.file, limit.line)]),
                is_error: true,
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
