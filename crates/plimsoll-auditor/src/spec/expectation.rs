//! `should`, `expect(…).to`, and what happens when an expectation does not hold.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, RProc, Res, Value, def};

use super::aggregate;
use super::example::remember;
use crate::matchers;

const TARGET: &[Def] = &[
    def("to", 0, 2, |vm, this, args| on(vm, this, args, false), "It must match."),
    def("not_to", 0, 2, |vm, this, args| on(vm, this, args, true), "It must not match."),
    def("to_not", 0, 2, |vm, this, args| on(vm, this, args, true), "It must not match."),
];

const MODULE: &[Def] = &[def(
    "fail_with",
    1,
    3,
    |vm, _, args| Err(vm.raise_value(&not_met(vm), args[0].clone())),
    "Fails the example with this message.",
)];

const OPERATORS: &[Def] = &[
    def("==", 1, 1, |vm, this, args| operate(vm, this, "==", args), "`should == x`"),
    def("===", 1, 1, |vm, this, args| operate(vm, this, "===", args), "`should === x`"),
    def("=~", 1, 1, |vm, this, args| operate(vm, this, "=~", args), "`should =~ x`"),
    def(">", 1, 1, |vm, this, args| operate(vm, this, ">", args), "`should > x`"),
    def(">=", 1, 1, |vm, this, args| operate(vm, this, ">=", args), "`should >= x`"),
    def("<", 1, 1, |vm, this, args| operate(vm, this, "<", args), "`should < x`"),
    def("<=", 1, 1, |vm, this, args| operate(vm, this, "<=", args), "`should <= x`"),
];

const OPERATOR_DESCRIPTION: &[Def] = &[
    def("description", 0, 0, |vm, this, _| described(vm, this), "What it expects."),
    def("matches?", 1, 1, |_, _, _| Ok(Value::Bool(false)), "Operators compare at once."),
];

pub(super) fn install(vm: &Interp, rspec: &Rc<RClass>) {
    let module = vm.define_module(rspec, "Expectations");
    // Not a StandardError: `rescue => e` in an example does not catch it.
    vm.define_class(&module, "ExpectationNotMetError", &vm.c.exception);
    vm.define_singleton(&module, MODULE);
    let target = vm.define_class(&module, "ExpectationTarget", &vm.c.object);
    vm.define(&target, TARGET);
    let operators = vm.define_class(&module, "OperatorMatcher", &vm.c.object);
    vm.define(&operators, OPERATORS);
    vm.define(&operators, OPERATOR_DESCRIPTION);
}

struct Target {
    value: Value,
    /// Whether it is the block of `expect { … }`.
    block: bool,
}

struct Operator {
    actual: Value,
    negated: bool,
    compared: RefCell<Option<(&'static str, Value)>>,
}

/// `expect(value)`
pub(super) fn value_target(vm: &Interp, value: Value) -> Res {
    let class = vm.class_named("RSpec::Expectations::ExpectationTarget");
    Ok(RObject::with_native(class, Target { value, block: false }).into())
}

/// `expect { … }`
pub(super) fn block_target(vm: &Interp, block: &Rc<RProc>) -> Res {
    let class = vm.class_named("RSpec::Expectations::ExpectationTarget");
    Ok(RObject::with_native(class, Target { value: Value::Proc(Rc::clone(block)), block: true }).into())
}

fn on(vm: &Interp, this: &Value, args: Args<'_>, negated: bool) -> Res {
    let target = this.native::<Target>().ok_or_else(|| vm.type_error("not an expectation"))?;
    let Some(matcher) = args.get(0).filter(|matcher| matcher.truthy()) else {
        return Err(vm.argument_error(
            "The expect syntax does not support operator matchers, so you must pass a matcher to `#to`.",
        ));
    };
    if target.block && !matchers::takes_blocks(vm, matcher)? {
        let text = String::from_utf8_lossy(&matchers::format_value(vm, matcher)?).into_owned();
        return Err(vm.raise(&not_met(vm), format!("You must pass an argument rather than a block to `expect` to use the provided matcher ({text}), or the matcher must implement `supports_block_expectations?`.")));
    }
    handle(vm, &target.value, Some(matcher), args.get(1), negated)
}

/// Holds a value against a matcher; without one, waits for an operator.
pub(super) fn handle(
    vm: &Interp,
    actual: &Value,
    matcher: Option<&Value>,
    message: Option<&Value>,
    negated: bool,
) -> Res {
    let result = plimsoll_resources::raise_caught(actual).and_then(|()| check(vm, actual, matcher, message, negated));
    // A nested expectation may have run in between: the outer one describes the example.
    remember(vm, negated, matcher.unwrap_or(&Value::Nil));
    result
}

fn check(vm: &Interp, actual: &Value, matcher: Option<&Value>, message: Option<&Value>, negated: bool) -> Res {
    let Some(matcher) = matcher.filter(|matcher| matcher.truthy()) else {
        let class = vm.class_named("RSpec::Expectations::OperatorMatcher");
        let operator = Operator { actual: actual.clone(), negated, compared: RefCell::default() };
        return Ok(RObject::with_native(class, operator).into());
    };
    let holds =
        if negated { matchers::does_not_match(vm, matcher, actual)? } else { matchers::matches(vm, matcher, actual)? };
    if holds {
        return Ok(Value::Bool(true));
    }
    let text = match message {
        Some(message) if !message.is_nil() => custom(vm, message)?,
        _ => matchers::failure(vm, matcher, negated)?,
    };
    let text = matchers::with_diffs(vm, text, matcher, actual)?;
    aggregate::notify(vm, vm.raise_value(&not_met(vm), Value::bytes(text)))
}

fn custom(vm: &Interp, message: &Value) -> Res<Vec<u8>> {
    let text = match message {
        Value::Proc(block) => vm.call_block(block, &[])?,
        other => other.clone(),
    };
    Ok(vm.to_s(&text)?.to_vec())
}

pub(super) fn not_met(vm: &Interp) -> Rc<RClass> {
    vm.class_named("RSpec::Expectations::ExpectationNotMetError")
}

fn operate(vm: &Interp, this: &Value, op: &'static str, args: Args<'_>) -> Res {
    let operator = this.native::<Operator>().ok_or_else(|| vm.type_error("not an expectation"))?;
    let expected = args[0].clone();
    *operator.compared.borrow_mut() = Some((op, expected.clone()));
    remember(vm, operator.negated, this);
    let holds = vm.send(&operator.actual, op, std::slice::from_ref(&expected))?.truthy();
    if holds != operator.negated {
        return Ok(Value::Bool(true));
    }
    let value = expected;
    let expected = text(vm, &value)?;
    let got = text(vm, &operator.actual)?;
    let text = match (operator.negated, op) {
        (true, _) => format!("expected not: {op} {expected}\n         got: {}{got}", " ".repeat(op.len() + 1)),
        (false, "==" | "===" | "=~") => format!("expected: {expected}\n     got: {got} (using {op})"),
        (false, _) => format!("expected: {op} {expected}\n     got: {}{got}", " ".repeat(op.len() + 1)),
    };
    let text = matchers::add_diffs(vm, text.into_bytes(), &[(b"Diff:".to_vec(), value)], &operator.actual)?;
    aggregate::notify(vm, vm.raise_value(&not_met(vm), Value::bytes(text)))
}

fn text(vm: &Interp, value: &Value) -> Res<String> {
    Ok(String::from_utf8_lossy(&matchers::format_value(vm, value)?).into_owned())
}

fn described(vm: &Interp, this: &Value) -> Res {
    let operator = this.native::<Operator>().ok_or_else(|| vm.type_error("not an expectation"))?;
    let compared = operator.compared.borrow().clone();
    let Some((op, expected)) = compared else { return Ok(Value::str("be")) };
    Ok(Value::bytes([op.as_bytes(), b" ", &matchers::format_value(vm, &expected)?].concat()))
}
