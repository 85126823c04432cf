//! `RSpec::Matchers.define`: matchers written in a profile's library.
//!
//! Each use of such a matcher makes a class of its own. The block's macros (`match`, `chain`, `failure_message` …) keep what
//! the profile defines in a module of that class, where `super` leads on to the defaults here, and put a method in front that
//! calls it with the value under test. What the matcher knows are instance variables, which its blocks read and set.

use std::rc::Rc;

use plimsoll_ruby::{
    Args, CallStyle, Data, Def, Interp, MethodBody, RClass, RObject, RProc, Res, Sym, UnwindKind, Value, Visibility,
    def,
};

use super::format::{list_of, words};
use super::{format_value, raised};
use crate::spec;

const NAME: &str = "@name";
const ACTUAL: &str = "@actual";
const EXPECTED: &str = "@expected_as_array";
/// Where the matcher is used: answers what the matcher does not know.
const CONTEXT: &str = "@matcher_execution_context";
const CHAINED: &str = "@chained_method_clauses";
const BLOCK: &str = "@block_arg";
const RESCUED: &str = "@rescued_exception";

const DEFINE: &[Def] =
    &[def("define", 1, 1, define, "Defines a matcher."), def("matcher", 1, 1, define, "Defines a matcher.")];

const MATCHES: &str = "matches?";
const DOES_NOT_MATCH: &str = "does_not_match?";
const FAILURE: &str = "failure_message";
const FAILURE_NEGATED: &str = "failure_message_when_negated";
const DESCRIPTION: &str = "description";

const MACROS: &[Def] = &[
    def("match", 0, 1, |vm, this, args| matching(vm, this, MATCHES, args), "When it matches."),
    def(
        "match_when_negated",
        0,
        1,
        |vm, this, args| matching(vm, this, DOES_NOT_MATCH, args),
        "When `should_not` holds.",
    ),
    def("match_unless_raises", 0, 1, match_unless_raises, "Matches unless the block raises."),
    def("failure_message", 0, 0, |vm, this, args| telling(vm, this, FAILURE, args), "Why it does not match."),
    def(
        "failure_message_when_negated",
        0,
        0,
        |vm, this, args| telling(vm, this, FAILURE_NEGATED, args),
        "Why it should not match.",
    ),
    def("description", 0, 0, |vm, this, args| telling(vm, this, DESCRIPTION, args), "What it expects."),
    def("match_for_should", 0, 0, |vm, this, args| matching(vm, this, MATCHES, args), "Old: `match`."),
    def(
        "match_for_should_not",
        0,
        0,
        |vm, this, args| matching(vm, this, DOES_NOT_MATCH, args),
        "Old: `match_when_negated`.",
    ),
    def(
        "failure_message_for_should",
        0,
        0,
        |vm, this, args| telling(vm, this, FAILURE, args),
        "Old: `failure_message`.",
    ),
    def(
        "failure_message_for_should_not",
        0,
        0,
        |vm, this, args| telling(vm, this, FAILURE_NEGATED, args),
        "Old: `failure_message_when_negated`.",
    ),
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
    def("expected", 0, 0, |vm, this, _| expected(vm, this), "The expected value, or all of them."),
    def("expected_as_array", 0, 0, |_, this, _| Ok(kept(this, EXPECTED)), "All expected values."),
    def("actual", 0, 0, |_, this, _| Ok(kept(this, ACTUAL)), "The value under test."),
    def("block_arg", 0, 0, |_, this, _| Ok(kept(this, BLOCK)), "The block it was given."),
    def("rescued_exception", 0, 0, |_, this, _| Ok(kept(this, RESCUED)), "What `match_unless_raises` rescued."),
    def("name", 0, 0, |_, this, _| Ok(kept(this, NAME)), "The matcher's name."),
    def(DESCRIPTION, 0, 0, described, "What it expects."),
    def(FAILURE, 0, 0, |vm, this, _| failure(vm, this, false), "Why it does not match."),
    def(FAILURE_NEGATED, 0, 0, |vm, this, _| failure(vm, this, true), "Why it should not match."),
    def("diffable?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "Whether failures are shown with a diff."),
    def("supports_block_expectations?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "Whether it takes blocks."),
    def("supports_value_expectations?", 0, 0, |_, _, _| Ok(Value::Bool(true)), "Whether it takes values."),
    def("and", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], true), "Both must match."),
    def("&", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], true), "Both must match."),
    def("or", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], false), "One must match."),
    def("|", 1, 1, |vm, this, args| super::compound::make(vm, this, &args[0], false), "One must match."),
    def("===", 1, 1, |vm, this, args| vm.send(this, MATCHES, args.values), "Whether the value matches."),
    def("inspect", 0, 0, inspect, "Its class and name."),
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

/// What a matcher keeps under a name.
fn kept(this: &Value, name: &str) -> Value {
    this.head().and_then(|head| head.ivar(Sym::new(name))).unwrap_or_default()
}

fn keep(this: &Value, name: &str, value: Value) {
    if let Some(head) = this.head() {
        head.set_ivar(Sym::new(name), value);
    }
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
    let own = vm.new_module(None);
    vm.include(&class, &own);
    class.head.set_ivar(own_methods(), Value::Class(own));
    let matcher: Value = RObject::new(Rc::clone(&class), Data::Plain).into();
    keep(&matcher, NAME, Value::Sym(name));
    keep(&matcher, ACTUAL, Value::Nil);
    keep(&matcher, EXPECTED, Value::array(args.values.to_vec()));
    keep(&matcher, CONTEXT, context.clone());
    keep(&matcher, CHAINED, Value::array(Vec::new()));
    keep(&matcher, BLOCK, args.block.map_or(Value::Nil, |block| Value::Proc(Rc::clone(block))));
    vm.call_block_with_self(body, &Value::Class(Rc::clone(&class)), Some(&class), Args { block: None, ..args })?;
    Ok(matcher)
}

/// Where a matcher's class keeps the module of what the profile defines.
fn own_methods() -> Sym {
    Sym::new("@user_method_defs")
}

/// Keeps a block of the profile's as a method of the matcher, and puts one of this name in front of it that is given the
/// block's method.
fn define_own(
    vm: &Interp,
    class: &Rc<RClass>,
    name: Sym,
    block: &Rc<RProc>,
    front: impl Fn(&Interp, &Value, &Own, Args<'_>) -> Res + 'static,
) -> Res<()> {
    let Some(Value::Class(module)) = class.head.ivar(own_methods()) else {
        return Err(vm.error("RuntimeError", "this can only be used in the definition of a matcher"));
    };
    vm.add_method(&module, name, Visibility::Public, MethodBody::Proc(Rc::clone(block)));
    let takes_none = matches!(vm.send(&Value::Proc(Rc::clone(block)), "arity", &[])?, Value::Int(0));
    let own = Own { module, name, takes_none };
    let front = move |vm: &Interp, this: &Value, args: Args<'_>| front(vm, this, &own, args);
    vm.add_method(class, name, Visibility::Public, MethodBody::Closure(Rc::new(front), 0, -1));
    Ok(())
}

/// A method that the profile defined.
struct Own {
    module: Rc<RClass>,
    name: Sym,
    takes_none: bool,
}

impl Own {
    fn call(&self, vm: &Interp, this: &Value, args: Args<'_>) -> Res {
        match vm.find_method(&self.module, self.name) {
            Some(method) => vm.invoke(&method, self.name, this, args),
            None => Ok(Value::Nil),
        }
    }

    /// Calls it with the value under test, unless it takes nothing.
    fn tell(&self, vm: &Interp, this: &Value) -> Res {
        let actual = kept(this, ACTUAL);
        self.call(vm, this, Args::new(if self.takes_none { &[] } else { std::slice::from_ref(&actual) }))
    }
}

/// `match`: an expectation inside the block that does not hold means "no match", unless it is to be told itself.
fn matching(vm: &Interp, this: &Value, name: &str, args: Args<'_>) -> Res {
    let tells = match args.get(0) {
        Some(Value::Hash(options)) => vm.hash_fetch(options, &Value::sym("notify_expectation_failures"))?.truthy(),
        _ => false,
    };
    let front = move |vm: &Interp, this: &Value, own: &Own, args: Args<'_>| {
        keep(this, ACTUAL, args.or_nil(0));
        match spec::raising(vm, || own.tell(vm, this)) {
            Err(unwind) if !tells && raised(vm, &unwind, &["RSpec::Expectations::ExpectationNotMetError"]) => {
                Ok(Value::Bool(false))
            }
            result => result,
        }
    };
    define_own(vm, &vm.to_class(this)?, Sym::new(name), args.need_block(vm)?, front)?;
    Ok(Value::Nil)
}

fn match_unless_raises(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let expected = args.get(0).cloned().unwrap_or_else(|| Value::Class(vm.class_named("Exception")));
    let front = move |vm: &Interp, this: &Value, own: &Own, args: Args<'_>| {
        keep(this, ACTUAL, args.or_nil(0));
        let Err(unwind) = own.tell(vm, this) else { return Ok(Value::Bool(true)) };
        if let UnwindKind::Raise(exception) = unwind.kind() {
            let exception = Value::Obj(Rc::clone(exception));
            if vm.is_a(&exception, &vm.to_class(&expected)?) {
                keep(this, RESCUED, exception);
                return Ok(Value::Bool(false));
            }
        }
        Err(unwind)
    };
    define_own(vm, &vm.to_class(this)?, Sym::new(MATCHES), args.need_block(vm)?, front)?;
    Ok(Value::Nil)
}

/// `failure_message` and its like.
fn telling(vm: &Interp, this: &Value, name: &str, args: Args<'_>) -> Res {
    let front = |vm: &Interp, this: &Value, own: &Own, _: Args<'_>| own.tell(vm, this);
    define_own(vm, &vm.to_class(this)?, Sym::new(name), args.need_block(vm)?, front)?;
    Ok(Value::Nil)
}

fn answer_yes(vm: &Interp, this: &Value, name: &str) -> Res {
    let class = vm.to_class(this)?;
    let yes = |_: &Interp, _: &Value, _: Args<'_>| Ok(Value::Bool(true));
    vm.add_method(&class, Sym::new(name), Visibility::Public, MethodBody::Closure(Rc::new(yes), 0, 0));
    Ok(Value::Nil)
}

/// `chain :name do |value| … end`, or `chain :name, :attribute`.
fn chain(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(this)?;
    let name = vm.to_name(&args[0])?;
    let attributes = &args.values[1..];
    if args.block.is_some() != attributes.is_empty() {
        let text = "You must pass either a block or some attribute names (but not both) to `chain`.";
        return Err(vm.argument_error(text));
    }
    let clause = move |this: &Value, args: Args<'_>| {
        if let Value::Array(clauses) = kept(this, CHAINED) {
            clauses.push(Value::array(vec![Value::Sym(name), Value::array(args.values.to_vec())]));
        }
        Ok(this.clone())
    };
    if let Some(block) = args.block {
        let front = move |vm: &Interp, this: &Value, own: &Own, args: Args<'_>| {
            own.call(vm, this, args)?;
            clause(this, args)
        };
        define_own(vm, &class, name, block, front)?;
        return Ok(Value::Nil);
    }
    let mut ivars = Vec::new();
    for attribute in attributes {
        let reader = vm.to_name(attribute)?;
        ivars.push(Sym::new(&format!("@{reader}")));
        vm.add_method(&class, reader, Visibility::Private, MethodBody::Reader(Sym::new(&format!("@{reader}"))));
    }
    let assign = move |_: &Interp, this: &Value, args: Args<'_>| {
        for (at, ivar) in ivars.iter().enumerate() {
            keep(this, &ivar.text(), args.or_nil(at));
        }
        clause(this, args)
    };
    vm.add_method(&class, name, Visibility::Public, MethodBody::Closure(Rc::new(assign), 0, -1));
    Ok(Value::Nil)
}

fn expected(vm: &Interp, this: &Value) -> Res {
    let all = vm.to_array(&kept(this, EXPECTED))?;
    Ok(if all.len() == 1 { all.get(0).unwrap_or_default() } else { Value::Array(all) })
}

fn described(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let words = words(&vm.to_name(&kept(this, NAME))?.text());
    Ok(Value::bytes([words.as_bytes(), &list_of(vm, &expected(vm, this)?)?].concat()))
}

fn failure(vm: &Interp, this: &Value, negated: bool) -> Res {
    let description = vm.send(this, DESCRIPTION, &[])?;
    let word: &[u8] = if negated { b" not to " } else { b" to " };
    let actual = format_value(vm, &kept(this, ACTUAL))?;
    Ok(Value::bytes([b"expected ", &actual[..], word, &vm.to_s(&description)?.to_vec()].concat()))
}

fn inspect(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = vm.to_s(&kept(this, NAME))?;
    Ok(Value::bytes([b"#<RSpec::Matchers::DSL::Matcher ".as_slice(), &name.bytes(), b">"].concat()))
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let context = kept(this, CONTEXT);
    if vm.responds(&context, name)? {
        return vm.call_with(&context, name, rest, CallStyle::Implicit);
    }
    if let Some(matcher) = super::for_name(vm, name, rest) {
        return matcher;
    }
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}
