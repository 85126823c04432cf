//! `RSpec::Matchers.define`: matchers written in a profile's library.
//!
//! Each use of such a matcher makes a class of its own: the block's macros (`match`, `chain`, `failure_message` …) define
//! methods on it that close over the expected values.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{
    Args, CallStyle, Def, Interp, MethodBody, RClass, RObject, RProc, Res, Sym, Unwind, UnwindKind, Value, Visibility,
    def,
};

use super::format::{list_of, words};
use super::{format_value, raised};

struct Custom {
    name: Sym,
    expected: Vec<Value>,
    actual: RefCell<Value>,
    /// Where the matcher is used: answers what the matcher does not know.
    context: Value,
}

const DEFINE: &[Def] =
    &[def("define", 1, 1, define, "Defines a matcher."), def("matcher", 1, 1, define, "Defines a matcher.")];

/// The methods that hold the blocks of a definition.
const MATCH: &str = "__match";
const MATCH_NEGATED: &str = "__match_when_negated";
const FAILURE: &str = "__failure_message";
const FAILURE_NEGATED: &str = "__failure_message_when_negated";
const DESCRIPTION: &str = "__description";

const MACROS: &[Def] = &[
    def("match", 0, -1, |vm, this, args| define_as(vm, this, MATCH, args), "When it matches."),
    def(
        "match_when_negated",
        0,
        -1,
        |vm, this, args| define_as(vm, this, MATCH_NEGATED, args),
        "When `should_not` holds.",
    ),
    def("match_unless_raises", 0, -1, match_unless_raises, "Matches unless the block raises."),
    def("failure_message", 0, 0, |vm, this, args| define_as(vm, this, FAILURE, args), "Why it does not match."),
    def(
        "failure_message_when_negated",
        0,
        0,
        |vm, this, args| define_as(vm, this, FAILURE_NEGATED, args),
        "Why it should not match.",
    ),
    def("description", 0, 0, |vm, this, args| define_as(vm, this, DESCRIPTION, args), "What it expects."),
    def("chain", 1, -1, chain, "A chained call."),
    def("diffable", 0, 0, |vm, this, _| answer_yes(vm, this, "diffable?"), "Failures are shown with a diff."),
    def(
        "supports_block_expectations",
        0,
        0,
        |vm, this, _| answer_yes(vm, this, "supports_block_expectations?"),
        "Blocks can be expected.",
    ),
];

const METHODS: &[Def] = &[
    def(
        "matches?",
        1,
        1,
        |vm, this, args| Ok(matches(vm, this, &args[0], MATCH)?.into()),
        "Whether the value matches.",
    ),
    def("does_not_match?", 1, 1, does_not_match, "Whether it does not."),
    def("expected", 0, 0, |vm, this, _| Ok(expected(custom(vm, this)?)), "The expected value, or all of them."),
    def(
        "expected_as_array",
        0,
        0,
        |vm, this, _| Ok(Value::array(custom(vm, this)?.expected.clone())),
        "All expected values.",
    ),
    def("actual", 0, 0, |vm, this, _| Ok(custom(vm, this)?.actual.borrow().clone()), "The value under test."),
    def("name", 0, 0, |vm, this, _| Ok(Value::Sym(custom(vm, this)?.name)), "The matcher's name."),
    def("description", 0, 0, described, "What it expects."),
    def("failure_message", 0, 0, |vm, this, _| failure(vm, this, false), "Why it does not match."),
    def("failure_message_when_negated", 0, 0, |vm, this, _| failure(vm, this, true), "Why it should not match."),
    def("diffable?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "Whether failures are shown with a diff."),
    def("supports_block_expectations?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "Whether it takes blocks."),
    def("and", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], true), "Both must match."),
    def("&", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], true), "Both must match."),
    def("or", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], false), "One must match."),
    def("|", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], false), "One must match."),
    def("===", 1, 1, |vm, this, args| vm.send(this, "matches?", args.values), "Whether the value matches."),
    def("method_missing", 1, -1, missing, "Asks where the matcher is used."),
];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    vm.define_singleton(module, DEFINE);
    let dsl = vm.define_module(module, "DSL");
    let class = vm.define_class(&dsl, "Matcher", &vm.c.object);
    vm.include(&class, module);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, MACROS);
}

fn custom<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Custom> {
    this.native::<Custom>().ok_or_else(|| vm.type_error("not a matcher"))
}

fn define(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let module = vm.to_class(this)?;
    let name = vm.to_name(&args[0])?;
    let body = Rc::clone(args.need_block(vm)?);
    let make = move |vm: &Interp, this: &Value, args: Args<'_>| make(vm, name, this, &body, args);
    vm.add_method(&module, name, Visibility::Public, MethodBody::Closure(Rc::new(make), 0, -1));
    Ok(Value::Sym(name))
}

fn make(vm: &Interp, name: Sym, context: &Value, body: &Rc<RProc>, args: Args<'_>) -> Res {
    let base = vm.class_named("RSpec::Matchers::DSL::Matcher");
    let class = vm.new_class(&base, None);
    let expected = args.values.to_vec();
    vm.call_block_with_self(body, &Value::Class(Rc::clone(&class)), Some(&class), Args { block: None, ..args })?;
    let custom = Custom { name, expected, actual: Value::Nil.into(), context: context.clone() };
    Ok(RObject::with_native(class, custom).into())
}

/// Defines a macro's block as a method of the matcher.
fn define_as(vm: &Interp, this: &Value, name: &str, args: Args<'_>) -> Res {
    let class = vm.to_class(this)?;
    let block = Rc::clone(args.need_block(vm)?);
    vm.add_method(&class, Sym::new(name), Visibility::Public, MethodBody::Proc(block));
    Ok(Value::Nil)
}

fn answer_yes(vm: &Interp, this: &Value, name: &str) -> Res {
    let class = vm.to_class(this)?;
    let yes = |_: &Interp, _: &Value, _: Args<'_>| Ok(Value::Bool(true));
    vm.add_method(&class, Sym::new(name), Visibility::Public, MethodBody::Closure(Rc::new(yes), 0, 0));
    Ok(Value::Nil)
}

fn match_unless_raises(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(this)?;
    let block = Rc::clone(args.need_block(vm)?);
    let run = move |vm: &Interp, this: &Value, args: Args<'_>| match vm
        .call_block_with_self(&block, this, None, args)
        .map_err(Unwind::into_kind)
    {
        Ok(_) => Ok(Value::Bool(true)),
        Err(UnwindKind::Raise(_)) => Ok(Value::Bool(false)),
        Err(kind) => Err(kind.into()),
    };
    vm.add_method(&class, Sym::new(MATCH), Visibility::Public, MethodBody::Closure(Rc::new(run), 0, -1));
    Ok(Value::Nil)
}

/// `chain :name do |value| … end`, or `chain :name, :attribute`.
fn chain(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(this)?;
    let name = vm.to_name(&args[0])?;
    let mut attributes = Vec::new();
    for attribute in &args.values[1..] {
        let reader = vm.to_name(attribute)?;
        let ivar = Sym::new(&format!("@{reader}"));
        attributes.push(ivar);
        vm.add_method(&class, reader, Visibility::Private, MethodBody::Reader(ivar));
    }
    let body = Sym::new(&format!("__chain_{name}"));
    let has_body = args.block.is_some();
    if let Some(block) = args.block {
        vm.add_method(&class, body, Visibility::Public, MethodBody::Proc(Rc::clone(block)));
    }
    let run = move |vm: &Interp, this: &Value, args: Args<'_>| {
        for (ivar, value) in attributes.iter().zip(args.values) {
            if let Some(head) = this.head() {
                head.set_ivar(*ivar, value.clone());
            }
        }
        if has_body {
            vm.call_with(this, body, args, CallStyle::Implicit)?;
        }
        Ok(this.clone())
    };
    vm.add_method(&class, name, Visibility::Public, MethodBody::Closure(Rc::new(run), 0, -1));
    Ok(Value::Nil)
}

/// Calls a block of the definition with the value under test, unless the block takes nothing.
fn call(vm: &Interp, this: &Value, name: &str) -> Res<Option<Value>> {
    let name = Sym::new(name);
    let Some(method) = vm.find_method(&vm.class_of(this), name) else { return Ok(None) };
    let takes_none = match &method.body {
        MethodBody::Proc(block) => {
            matches!(vm.send(&Value::Proc(Rc::clone(block)), "arity", &[])?, Value::Int(0))
        }
        _ => false,
    };
    let actual = custom(vm, this)?.actual.borrow().clone();
    vm.call(this, name, if takes_none { &[] } else { std::slice::from_ref(&actual) }).map(Some)
}

fn matches(vm: &Interp, this: &Value, actual: &Value, name: &str) -> Res<bool> {
    *custom(vm, this)?.actual.borrow_mut() = actual.clone();
    match call(vm, this, name) {
        Ok(value) => Ok(value.is_some_and(|value| value.truthy())),
        // An expectation inside the block that does not hold means "no match".
        Err(unwind) if raised(vm, &unwind, &["RSpec::Expectations::ExpectationNotMetError"]) => Ok(false),
        Err(unwind) => Err(unwind),
    }
}

fn does_not_match(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    if vm.find_method(&vm.class_of(this), Sym::new(MATCH_NEGATED)).is_some() {
        return Ok(matches(vm, this, &args[0], MATCH_NEGATED)?.into());
    }
    Ok((!vm.send(this, "matches?", args.values)?.truthy()).into())
}

fn expected(data: &Custom) -> Value {
    match data.expected.as_slice() {
        [one] => one.clone(),
        several => Value::array(several.to_vec()),
    }
}

fn described(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    if let Some(text) = call(vm, this, DESCRIPTION)? {
        return Ok(text);
    }
    let data = custom(vm, this)?;
    let words = words(&data.name.text());
    Ok(Value::bytes([words.as_bytes(), &list_of(vm, &expected(data))?].concat()))
}

fn failure(vm: &Interp, this: &Value, negated: bool) -> Res {
    if let Some(text) = call(vm, this, if negated { FAILURE_NEGATED } else { FAILURE })? {
        return Ok(text);
    }
    let actual = custom(vm, this)?.actual.borrow().clone();
    let description = vm.send(this, "description", &[])?;
    let word: &[u8] = if negated { b" not to " } else { b" to " };
    let text = [b"expected ", &format_value(vm, &actual)?[..], word, &vm.to_s(&description)?.to_vec()].concat();
    Ok(Value::bytes(text))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let context = &custom(vm, this)?.context;
    if vm.responds(context, name)? {
        return vm.call_with(context, name, rest, CallStyle::Implicit);
    }
    if let Some(matcher) = super::for_name(vm, name, rest) {
        return matcher;
    }
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}
