//! The matchers of RSpec 3.12 and InSpec.
//!
//! A matcher is a Ruby object of the class `RSpec::Matchers::Matcher` around a Rust [`Matcher`]; objects of a profile's
//! own that answer `matches?` work in the same places.

mod alias;
mod be;
mod change;
mod cmp;
mod collection;
mod compound;
mod count;
mod custom;
mod diff;
mod equality;
mod exactly;
mod format;
mod inspec;
mod object;
mod output;
mod predicate;
mod pretty;
mod raise;
mod text;
mod throw;
mod version;
mod yielding;

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RClass, RObject, Res, Sym, UnwindKind, Value, def, known};

pub(crate) use format::{format_value, list, phrase};
pub(crate) use predicate::for_name;

/// What a matcher does. `actual` is the value under test; texts are bytes, as the values in them may be. The texts of a
/// failure are asked for after `matches` (or `does_not_match`) has been, once.
pub(crate) trait Matcher {
    /// Whether `should` holds.
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool>;

    /// Whether `should_not` holds.
    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(!self.matches(vm, actual)?)
    }

    /// What follows "is expected to".
    fn description(&self, vm: &Interp) -> Res<Vec<u8>>;

    /// The description inside another matcher, which asks copies alone: this one was never matched.
    fn description_inside(&self, vm: &Interp) -> Res<Vec<u8>> {
        self.description(vm)
    }

    /// Why `should` does not hold.
    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " to ", &self.description(vm)?)
    }

    /// Why `should_not` does not hold.
    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " not to ", &self.description(vm)?)
    }

    /// Whether both failures are the default ones.
    fn has_default_failures(&self) -> bool {
        false
    }

    /// What a failure is shown with as a diff, when it is: labels with expected values.
    fn diffed(&self, _vm: &Interp, _actual: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        Ok(Vec::new())
    }

    /// What the expected values are compared with in the diff.
    fn diffed_actual(&self, actual: &Value) -> Value {
        actual.clone()
    }

    /// Whether `expect { … }` can be given to it.
    fn takes_blocks(&self, _vm: &Interp) -> Res<bool> {
        Ok(false)
    }

    /// Whether it is two matchers in one.
    fn is_compound(&self) -> bool {
        false
    }

    /// A chained call (`be_within(1).of(2)`, `cmp >= 3`).
    fn chain(&self, _vm: &Interp, _name: &str, _args: Args<'_>) -> Res<Chained> {
        Ok(Chained::Unknown)
    }
}

/// What a chained call gives.
pub(crate) enum Chained {
    /// The matcher itself.
    Itself,
    /// Another one.
    Other(Value),
    /// There is no such call.
    Unknown,
}

impl From<bool> for Chained {
    fn from(known: bool) -> Self {
        if known { Self::Itself } else { Self::Unknown }
    }
}

/// The label of a diff where there is one alone.
const DIFF: &[u8] = b"Diff:";

/// The payload of a matcher object.
struct Boxed {
    matcher: Box<dyn Matcher>,
    actual: RefCell<Value>,
}

/// Makes the Ruby object of a matcher.
pub(crate) fn object(vm: &Interp, matcher: impl Matcher + 'static) -> Res {
    let class = vm.class_named("RSpec::Matchers::Matcher");
    let payload = Boxed { matcher: Box::new(matcher), actual: RefCell::default() };
    Ok(RObject::with_native(class, payload).into())
}

/// Whether a value is a matcher.
pub(crate) fn is_matcher(vm: &Interp, value: &Value) -> Res<bool> {
    if value.native::<Boxed>().is_some() {
        return Ok(true);
    }
    // RSpec's own rule: it answers `matches?` and a failure message, and is not something that answers anything.
    match value {
        Value::Obj(_) => {
            let class = vm.class_of(value);
            let has = |name: &str| vm.find_method(&class, Sym::new(name)).is_some();
            Ok(has("matches?") && (has("failure_message") || has("failure_message_for_should")))
        }
        _ => Ok(false),
    }
}

/// `matcher.matches?(actual)`
pub(crate) fn matches(vm: &Interp, matcher: &Value, actual: &Value) -> Res<bool> {
    match matcher.native::<Boxed>() {
        Some(native) => {
            *native.actual.borrow_mut() = actual.clone();
            native.matcher.matches(vm, actual)
        }
        None => Ok(vm.send(matcher, "matches?", std::slice::from_ref(actual))?.truthy()),
    }
}

/// `matcher.does_not_match?(actual)`
pub(crate) fn does_not_match(vm: &Interp, matcher: &Value, actual: &Value) -> Res<bool> {
    match matcher.native::<Boxed>() {
        Some(native) => {
            *native.actual.borrow_mut() = actual.clone();
            native.matcher.does_not_match(vm, actual)
        }
        None if vm.responds(matcher, Sym::new("does_not_match?"))? => {
            Ok(vm.send(matcher, "does_not_match?", std::slice::from_ref(actual))?.truthy())
        }
        None => Ok(!matches(vm, matcher, actual)?),
    }
}

/// The matcher's description; `None` when it has none.
pub(crate) fn description(vm: &Interp, matcher: &Value) -> Res<Option<Vec<u8>>> {
    match matcher.native::<Boxed>() {
        Some(native) => native.matcher.description(vm).map(Some),
        None if vm.responds(matcher, Sym::new("description"))? => {
            let text = vm.send(matcher, "description", &[])?;
            Ok(Some(vm.to_s(&text)?.to_vec()))
        }
        None => Ok(None),
    }
}

/// The description inside `include`, `all` and the like; `None` when it has none.
pub(crate) fn description_inside(vm: &Interp, matcher: &Value) -> Res<Option<Vec<u8>>> {
    match matcher.native::<Boxed>() {
        Some(native) => native.matcher.description_inside(vm).map(Some),
        None => description(vm, matcher),
    }
}

/// The description inside another one.
fn described(vm: &Interp, matcher: &Value) -> Res<Vec<u8>> {
    match description(vm, matcher)? {
        Some(text) => Ok(text),
        None => Ok(vm.inspect(matcher)?.to_vec()),
    }
}

/// Why the last expectation of this matcher does not hold.
pub(crate) fn failure(vm: &Interp, matcher: &Value, negated: bool) -> Res<Vec<u8>> {
    if let Some(native) = matcher.native::<Boxed>() {
        let actual = native.actual.borrow().clone();
        let matcher = &native.matcher;
        return if negated { matcher.failure_negated(vm, &actual) } else { matcher.failure(vm, &actual) };
    }
    let modern = if negated { "failure_message_when_negated" } else { "failure_message" };
    let old = if negated { "failure_message_for_should_not" } else { "failure_message_for_should" };
    let older = if negated { "negative_failure_message" } else { "failure_message" };
    let mut name = modern;
    for candidate in [modern, old, older] {
        if vm.responds(matcher, Sym::new(candidate))? {
            name = candidate;
            break;
        }
    }
    let text = vm.send(matcher, name, &[])?;
    Ok(vm.to_s(&text)?.to_vec())
}

/// What the failure of this matcher is shown with as a diff: labels with expected values.
fn diffed(vm: &Interp, matcher: &Value, actual: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
    if let Some(native) = matcher.native::<Boxed>() {
        return native.matcher.diffed(vm, actual);
    }
    let is = Sym::new("diffable?");
    if vm.responds(matcher, is)? && vm.call(matcher, is, &[])?.truthy() {
        return Ok(vec![(DIFF.to_vec(), vm.send(matcher, "expected", &[])?)]);
    }
    Ok(Vec::new())
}

/// A failure's message with its diffs.
pub(crate) fn with_diffs(vm: &Interp, message: Vec<u8>, matcher: &Value, actual: &Value) -> Res<Vec<u8>> {
    let actual = match matcher.native::<Boxed>() {
        Some(native) => native.matcher.diffed_actual(actual),
        None if vm.responds(matcher, Sym::new("actual"))? => vm.send(matcher, "actual", &[])?,
        None => actual.clone(),
    };
    let expected = diffed(vm, matcher, &actual)?;
    add_diffs(vm, message, &expected, &actual)
}

/// A message with the diffs between one value and several.
pub(crate) fn add_diffs(vm: &Interp, message: Vec<u8>, expected: &[(Vec<u8>, Value)], actual: &Value) -> Res<Vec<u8>> {
    let mut diffs = Vec::new();
    for (label, expected) in expected {
        let text = diff::between(vm, actual, expected)?;
        if !text.trim_ascii().is_empty() {
            diffs.push([&label[..], &text].concat());
        }
    }
    Ok(if diffs.is_empty() { message } else { [&message[..], b"\n", &diffs.join(&b"\n"[..])].concat() })
}

/// The label and expected value of a matcher with one diff.
fn one_diff(expected: &Value) -> Vec<(Vec<u8>, Value)> {
    vec![(DIFF.to_vec(), expected.clone())]
}

/// Whether a matcher takes `expect { … }`.
pub(crate) fn takes_blocks(vm: &Interp, matcher: &Value) -> Res<bool> {
    if let Some(native) = matcher.native::<Boxed>() {
        return native.matcher.takes_blocks(vm);
    }
    let question = Sym::new("supports_block_expectations?");
    Ok(vm.responds(matcher, question)? && vm.call(matcher, question, &[])?.truthy())
}

/// Whether `expected` fits `actual` where a matcher may stand for a value: RSpec's `values_match?`.
pub(crate) fn values_match(vm: &Interp, expected: &Value, actual: &Value) -> Res<bool> {
    match (expected, actual) {
        (Value::Hash(expected), Value::Hash(actual)) => {
            if expected.len() != actual.len() {
                return Ok(false);
            }
            for (key, expected) in expected.entries() {
                match vm.hash_get(actual, &key)? {
                    Some(actual) if values_match(vm, &expected, &actual)? => {}
                    _ => return Ok(false),
                }
            }
            return Ok(true);
        }
        (Value::Array(expected), actual) if is_list(vm, actual) => {
            let actual = vm.collect(actual)?;
            if expected.len() != actual.len() {
                return Ok(false);
            }
            for (expected, actual) in expected.to_vec().iter().zip(&actual) {
                if !values_match(vm, expected, actual)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        _ => {}
    }
    if vm.equal(expected, actual)? {
        return Ok(true);
    }
    match vm.case_equal(expected, actual) {
        Err(unwind) if raised(vm, &unwind, &["ArgumentError"]) => Ok(false),
        result => result,
    }
}

/// Whether the elements of a value are compared one by one.
fn is_list(vm: &Interp, value: &Value) -> bool {
    vm.is_a(value, &vm.c.enumerable) && !matches!(value, Value::Hash(_)) && !is_a_named(vm, value, "Struct")
}

/// Whether a value is of a class (or module) that is known by name, be it there or not.
fn is_a_named(vm: &Interp, value: &Value, name: &str) -> bool {
    vm.class_of(value).ancestors(vm.epoch()).iter().any(|class| class.own_name().as_deref() == Some(name))
}

/// Whether an unwinding is an exception of one of these classes.
fn raised(vm: &Interp, unwind: &plimsoll_ruby::Unwind, classes: &[&str]) -> bool {
    match unwind.kind() {
        UnwindKind::Raise(exception) => {
            let error = Value::Obj(Rc::clone(exception));
            classes.iter().any(|class| is_a_named(vm, &error, class))
        }
        _ => false,
    }
}

/// Defines the matcher class, and the module whose methods make matchers.
pub(crate) fn install(vm: &Interp) -> Rc<RClass> {
    let rspec = vm.define_module(&vm.c.object, "RSpec");
    let module = vm.define_module(&rspec, "Matchers");
    let class = vm.define_class(&module, "Matcher", &vm.c.object);
    vm.define(&class, METHODS);
    for table in [
        equality::MAKERS,
        be::MAKERS,
        collection::MAKERS,
        exactly::MAKERS,
        text::MAKERS,
        object::MAKERS,
        raise::MAKERS,
        throw::MAKERS,
        output::MAKERS,
        change::MAKERS,
        yielding::MAKERS,
        cmp::MAKERS,
        inspec::MAKERS,
        predicate::MAKERS,
    ] {
        vm.define(&module, table);
    }
    alias::install(vm, &module);
    custom::install(vm, &module);
    module
}

const METHODS: &[Def] = &[
    def("matches?", 1, 1, |vm, this, args| Ok(matches(vm, this, &args[0])?.into()), "Whether the value matches."),
    def(
        "does_not_match?",
        1,
        1,
        |vm, this, args| Ok(does_not_match(vm, this, &args[0])?.into()),
        "Whether it does not.",
    ),
    def("description", 0, 0, |vm, this, _| Ok(description(vm, this)?.map(Value::bytes).into()), "What it expects."),
    def("failure_message", 0, 0, |vm, this, _| Ok(Value::bytes(failure(vm, this, false)?)), "Why it does not match."),
    def(
        "failure_message_when_negated",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(failure(vm, this, true)?)),
        "Why it should not match.",
    ),
    def(
        "supports_block_expectations?",
        0,
        0,
        |vm, this, _| Ok(takes_blocks(vm, this)?.into()),
        "Whether it takes blocks.",
    ),
    def("and", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], true), "Both must match."),
    def("&", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], true), "Both must match."),
    def("or", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], false), "One must match."),
    def("|", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], false), "One must match."),
    def("==", 1, 1, equal, "Chains, or compares."),
    def("!=", 1, 1, unequal, "Chains, or compares."),
    def("===", 1, 1, case_equal, "Chains, or matches."),
    def("=~", 1, 1, chain_operator, "Chains."),
    def("method_missing", 1, -1, chain, "A chained call."),
    def("respond_to_missing?", 1, 2, |_, _, _| Ok(Value::Bool(false)), "Chains are not listed."),
];

fn boxed<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Boxed> {
    this.native::<Boxed>().ok_or_else(|| vm.type_error("not a matcher"))
}

/// A chained call, where the matcher knows it.
fn try_chain(vm: &Interp, this: &Value, name: &str, args: Args<'_>) -> Res<Option<Value>> {
    Ok(match boxed(vm, this)?.matcher.chain(vm, name, args)? {
        Chained::Itself => Some(this.clone()),
        Chained::Other(matcher) => Some(matcher),
        Chained::Unknown => None,
    })
}

fn equal(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    Ok(try_chain(vm, this, "==", args)?.unwrap_or_else(|| this.same(&args[0]).into()))
}

fn unequal(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    match try_chain(vm, this, "!=", args)? {
        Some(chained) => Ok(chained),
        None => Ok((!vm.call(this, known::EQ, args.values)?.truthy()).into()),
    }
}

fn case_equal(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    match try_chain(vm, this, "===", args)? {
        Some(chained) => Ok(chained),
        None => Ok(matches(vm, this, &args[0])?.into()),
    }
}

fn chain_operator(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    Ok(try_chain(vm, this, "=~", args)?.unwrap_or_default())
}

fn chain(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    match try_chain(vm, this, &name.text(), rest)? {
        Some(chained) => Ok(chained),
        None => Err(vm.no_method(this, name, rest, CallStyle::Explicit, None)),
    }
}
