//! `RSpec::Matchers.define`: matchers written in a profile's library.
//!
//! Each use of such a matcher makes a class of its own: the block's macros (`match`, `chain`, `failure_message` …) define
//! methods on it that close over the expected values.

use std::rc::Rc;

use plimsoll_ruby::{
    Args, CallStyle, Def, Interp, MethodBody, RClass, RObject, RProc, Res, Sym, Unwind, UnwindKind, Value, Visibility,
    def,
};

use super::{format_value, list};

struct Custom {
    name: Sym,
    expected: Vec<Value>,
    actual: std::cell::RefCell<Value>,
}

const DEFINE: &[Def] = &[
    def("define", 1, 1, define, "Defines a matcher."),
    def("define_negated_matcher", 2, 2, define_negated, "Defines a matcher as another's opposite."),
];

const MACROS: &[Def] = &[
    def("match", 0, -1, |vm, this, args| define_as(vm, this, "__match", args), "When it matches."),
    def(
        "match_when_negated",
        0,
        -1,
        |vm, this, args| define_as(vm, this, "does_not_match?", args),
        "When `should_not` holds.",
    ),
    def("match_unless_raises", 0, -1, match_unless_raises, "Matches unless the block raises."),
    def("failure_message", 0, 0, |vm, this, args| define_as(vm, this, "__failure", args), "Why it does not match."),
    def(
        "failure_message_when_negated",
        0,
        0,
        |vm, this, args| define_as(vm, this, "__failure_negated", args),
        "Why it should not match.",
    ),
    def("description", 0, 0, |vm, this, args| define_as(vm, this, "description", args), "What it expects."),
    def("chain", 1, -1, chain, "A chained call."),
    def("diffable", 0, 0, |_, _, _| Ok(Value::Nil), "Failures are shown with a diff."),
    def("supports_block_expectations", 0, 0, |_, _, _| Ok(Value::Nil), "Blocks can be expected."),
];

const METHODS: &[Def] = &[
    def("matches?", 1, 1, matches, "Whether the value matches."),
    def("expected", 0, 0, expected, "The expected value, or all of them."),
    def(
        "expected_as_array",
        0,
        0,
        |vm, this, _| Ok(Value::array(custom(vm, this)?.expected.clone())),
        "All expected values.",
    ),
    def("actual", 0, 0, |vm, this, _| Ok(custom(vm, this)?.actual.borrow().clone()), "The value under test."),
    def("name", 0, 0, |vm, this, _| Ok(Value::Sym(custom(vm, this)?.name)), "The matcher's name."),
    def("description", 0, 0, |vm, this, _| Ok(Value::bytes(described(vm, custom(vm, this)?)?)), "What it expects."),
    def("failure_message", 0, 0, |vm, this, _| failure(vm, this, false), "Why it does not match."),
    def("failure_message_when_negated", 0, 0, |vm, this, _| failure(vm, this, true), "Why it should not match."),
    def("diffable?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "Whether failures are shown with a diff."),
];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    vm.define_singleton(module, DEFINE);
    let dsl = vm.define_module(module, "DSL");
    let class = vm.define_class(&dsl, "Matcher", &vm.c.object);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, MACROS);
    vm.include(&class, module);
}

fn custom<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Custom> {
    this.native::<Custom>().ok_or_else(|| vm.type_error("not a matcher"))
}

fn define(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let module = vm.to_class(this)?;
    let name = vm.to_name(&args[0])?;
    let body = Rc::clone(args.need_block(vm)?);
    let make = move |vm: &Interp, _: &Value, args: Args<'_>| make(vm, name, &body, args);
    vm.add_method(&module, name, Visibility::Public, MethodBody::Closure(Rc::new(make), 0, -1));
    Ok(Value::Sym(name))
}

fn make(vm: &Interp, name: Sym, body: &Rc<RProc>, args: Args<'_>) -> Res {
    let base = vm.class_named("RSpec::Matchers::DSL::Matcher");
    let class = vm.new_class(&base, None);
    let expected = args.values.to_vec();
    vm.call_block_with_self(body, &Value::Class(Rc::clone(&class)), Some(&class), Args { block: None, ..args })?;
    Ok(RObject::with_native(class, Custom { name, expected, actual: Value::Nil.into() }).into())
}

fn define_negated(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let module = vm.to_class(this)?;
    let (name, base) = (vm.to_name(&args[0])?, vm.to_name(&args[1])?);
    let make = move |vm: &Interp, this: &Value, args: Args<'_>| {
        let inner = vm.call_with(this, base, args, CallStyle::Implicit)?;
        super::object(vm, Negated { inner, name })
    };
    vm.add_method(&module, name, Visibility::Public, MethodBody::Closure(Rc::new(make), 0, -1));
    Ok(Value::Sym(name))
}

struct Negated {
    inner: Value,
    name: Sym,
}

impl super::Matcher for Negated {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        super::does_not_match(vm, &self.inner, actual)
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        super::matches(vm, &self.inner, actual)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let inner = super::description(vm, &self.inner)?.unwrap_or_default();
        let rest = inner.iter().position(|b| *b == b' ').map_or(&b""[..], |at| &inner[at..]);
        Ok([self.name.text().replace('_', " ").as_bytes(), rest].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        super::failure(vm, &self.inner, actual, true)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        super::failure(vm, &self.inner, actual, false)
    }
}

/// Defines the macro's block as a method of the matcher.
fn define_as(vm: &Interp, this: &Value, name: &str, args: Args<'_>) -> Res {
    let class = vm.to_class(this)?;
    let block = Rc::clone(args.need_block(vm)?);
    vm.add_method(&class, Sym::new(name), Visibility::Public, MethodBody::Proc(block));
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
    vm.add_method(&class, Sym::new("__match"), Visibility::Public, MethodBody::Closure(Rc::new(run), 0, -1));
    Ok(Value::Nil)
}

/// `chain :name do |value| … end`, or `chain :name, :attribute`.
fn chain(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(this)?;
    let name = vm.to_name(&args[0])?;
    let block = args.block.cloned();
    let mut attributes = Vec::new();
    for attribute in &args.values[1..] {
        attributes.push(Sym::new(&format!("@{}", vm.to_name(attribute)?)));
        let reader = vm.to_name(attribute)?;
        let ivar = Sym::new(&format!("@{reader}"));
        vm.add_method(&class, reader, Visibility::Public, MethodBody::Reader(ivar));
    }
    let run = move |vm: &Interp, this: &Value, args: Args<'_>| {
        for (ivar, value) in attributes.iter().zip(args.values) {
            if let Some(head) = this.head() {
                head.set_ivar(*ivar, value.clone());
            }
        }
        if let Some(block) = &block {
            vm.call_block_with_self(block, this, None, args)?;
        }
        Ok(this.clone())
    };
    vm.add_method(&class, name, Visibility::Public, MethodBody::Closure(Rc::new(run), 0, -1));
    Ok(Value::Nil)
}

fn matches(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = custom(vm, this)?;
    *data.actual.borrow_mut() = args[0].clone();
    let result = vm.send(this, "__match", std::slice::from_ref(&args[0]));
    match result {
        Ok(value) => Ok(value.truthy().into()),
        // An expectation inside the block that does not hold means "no match".
        Err(unwind) => match unwind.exception() {
            Some(e)
                if vm.is_a(
                    &Value::Obj(Rc::clone(e)),
                    &vm.class_named("RSpec::Expectations::ExpectationNotMetError"),
                ) =>
            {
                Ok(Value::Bool(false))
            }
            _ => Err(unwind),
        },
    }
}

fn expected(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(match custom(vm, this)?.expected.as_slice() {
        [] => Value::Nil,
        [one] => one.clone(),
        several => Value::array(several.to_vec()),
    })
}

fn described(vm: &Interp, data: &Custom) -> Res<Vec<u8>> {
    let mut text = data.name.text().replace('_', " ").into_bytes();
    if !data.expected.is_empty() {
        text.extend(list(vm, &data.expected)?);
    }
    Ok(text)
}

fn failure(vm: &Interp, this: &Value, negated: bool) -> Res {
    let data = custom(vm, this)?;
    let actual = data.actual.borrow().clone();
    let own = Sym::new(if negated { "__failure_negated" } else { "__failure" });
    if vm.find_method(&vm.class_of(this), own).is_some() {
        return vm.call(this, own, &[actual]);
    }
    let description = vm.call(this, Sym::new("description"), &[])?;
    let word: &[u8] = if negated { b" not to " } else { b" to " };
    let text = [b"expected ", &format_value(vm, &actual)?[..], word, &vm.to_s(&description)?.to_vec()].concat();
    Ok(Value::bytes(text))
}
