//! The matchers of RSpec 3.12 and InSpec.
//!
//! A matcher is a Ruby object of the class `RSpec::Matchers::Matcher` around a Rust [`Matcher`]; objects of a profile's
//! own that answer `matches?` work in the same places.

mod be;
mod cmp;
mod collection;
mod compound;
mod custom;
mod equality;
mod format;
mod inspec;
mod object;
mod predicate;
mod text;

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RClass, RObject, Res, Sym, Value, def};

pub(crate) use format::{diff, format_value, list, phrase};
pub(crate) use predicate::for_name;

/// What a matcher does. `actual` is the value under test; texts are bytes, as the values in them may be.
pub(crate) trait Matcher {
    /// Whether `should` holds.
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool>;

    /// Whether `should_not` holds.
    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(!self.matches(vm, actual)?)
    }

    /// What follows "is expected to".
    fn description(&self, vm: &Interp) -> Res<Vec<u8>>;

    /// Why `should` does not hold.
    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " to ", &self.description(vm)?)
    }

    /// Why `should_not` does not hold.
    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        phrase(vm, "expected ", actual, " not to ", &self.description(vm)?)
    }

    /// What a failure is shown with as a diff, when it is: the expected value.
    fn diffable(&self, _vm: &Interp) -> Option<Value> {
        None
    }

    /// A chained call (`be_within(1).of(2)`, `cmp >= 3`): true when it is one of this matcher's.
    fn chain(&self, _vm: &Interp, _name: &str, _args: Args<'_>) -> Res<bool> {
        Ok(false)
    }
}

/// The payload of a matcher object.
struct Boxed(Box<dyn Matcher>);

/// Makes the Ruby object of a matcher.
pub(crate) fn object(vm: &Interp, matcher: impl Matcher + 'static) -> Res {
    let class = vm.class_named("RSpec::Matchers::Matcher");
    Ok(RObject::with_native(class, Boxed(Box::new(matcher))).into())
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
        Some(native) => native.0.matches(vm, actual),
        None => Ok(vm.send(matcher, "matches?", std::slice::from_ref(actual))?.truthy()),
    }
}

/// `matcher.does_not_match?(actual)`
pub(crate) fn does_not_match(vm: &Interp, matcher: &Value, actual: &Value) -> Res<bool> {
    match matcher.native::<Boxed>() {
        Some(native) => native.0.does_not_match(vm, actual),
        None if vm.responds(matcher, Sym::new("does_not_match?"))? => {
            Ok(vm.send(matcher, "does_not_match?", std::slice::from_ref(actual))?.truthy())
        }
        None => Ok(!matches(vm, matcher, actual)?),
    }
}

/// The matcher's description; `None` when it has none.
pub(crate) fn description(vm: &Interp, matcher: &Value) -> Res<Option<Vec<u8>>> {
    match matcher.native::<Boxed>() {
        Some(native) => native.0.description(vm).map(Some),
        None if vm.responds(matcher, Sym::new("description"))? => {
            let text = vm.send(matcher, "description", &[])?;
            Ok(Some(vm.to_s(&text)?.to_vec()))
        }
        None => Ok(None),
    }
}

/// Why the expectation on `actual` does not hold.
pub(crate) fn failure(vm: &Interp, matcher: &Value, actual: &Value, negated: bool) -> Res<Vec<u8>> {
    if let Some(native) = matcher.native::<Boxed>() {
        return if negated { native.0.failure_negated(vm, actual) } else { native.0.failure(vm, actual) };
    }
    let name = if negated { "failure_message_when_negated" } else { "failure_message" };
    let text = vm.send(matcher, name, &[])?;
    Ok(vm.to_s(&text)?.to_vec())
}

/// The diff that a failure of this matcher is shown with; empty when there is none.
pub(crate) fn failure_diff(vm: &Interp, matcher: &Value, actual: &Value) -> Res<Vec<u8>> {
    match matcher.native::<Boxed>().and_then(|native| native.0.diffable(vm)) {
        Some(expected) => diff(vm, actual, &expected),
        None => Ok(Vec::new()),
    }
}

/// Whether `expected` fits `actual` where a matcher may stand for a value: RSpec's `values_match?`.
pub(crate) fn values_match(vm: &Interp, expected: &Value, actual: &Value) -> Res<bool> {
    if let (Value::Array(e), Value::Array(a)) = (expected, actual) {
        if e.len() != a.len() {
            return Ok(false);
        }
        for (e, a) in e.to_vec().iter().zip(a.to_vec()) {
            if !values_match(vm, e, &a)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if let (Value::Hash(e), Value::Hash(a)) = (expected, actual) {
        if e.len() != a.len() {
            return Ok(false);
        }
        for (key, e) in e.entries() {
            match vm.hash_get(a, &key)? {
                Some(a) if values_match(vm, &e, &a)? => {}
                _ => return Ok(false),
            }
        }
        return Ok(true);
    }
    if is_matcher(vm, expected)? {
        return matches(vm, expected, actual);
    }
    if vm.equal(expected, actual)? {
        return Ok(true);
    }
    // Class === and so on, but not on values that are their own pattern.
    vm.case_equal(expected, actual)
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
        text::MAKERS,
        object::MAKERS,
        cmp::MAKERS,
        inspec::MAKERS,
        predicate::MAKERS,
    ] {
        vm.define(&module, table);
    }
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
    def("===", 1, 1, |vm, this, args| Ok(matches(vm, this, &args[0])?.into()), "Whether the value matches."),
    def("description", 0, 0, |vm, this, _| Ok(description(vm, this)?.map(Value::bytes).into()), "What it expects."),
    def("and", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], true), "Both must match."),
    def("&", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], true), "Both must match."),
    def("or", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], false), "One must match."),
    def("|", 1, 1, |vm, this, args| compound::make(vm, this, &args[0], false), "One must match."),
    def("==", 1, 1, |vm, this, args| chained(vm, this, "==", args), "Chains, or compares."),
    def("!=", 1, 1, |vm, this, args| chained(vm, this, "!=", args), "Chains, or compares."),
    def("=~", 1, 1, |vm, this, args| chained(vm, this, "=~", args), "Chains."),
    def("method_missing", 1, -1, chain, "A chained call."),
    def("respond_to_missing?", 1, 2, |_, _, _| Ok(Value::Bool(false)), "Chains are not listed."),
];

/// Operators that every object has: a chain where the matcher knows it, else the object's own.
fn chained(vm: &Interp, this: &Value, name: &str, args: Args<'_>) -> Res {
    let native = this.native::<Boxed>().ok_or_else(|| vm.type_error("not a matcher"))?;
    if native.0.chain(vm, name, args)? {
        return Ok(this.clone());
    }
    let same = this.same(&args[0]);
    Ok(Value::Bool(if name == "!=" { !same } else { same }))
}

fn chain(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let native = this.native::<Boxed>().ok_or_else(|| vm.type_error("not a matcher"))?;
    let rest = Args { values: &args.values[1..], ..args };
    if native.0.chain(vm, &name.text(), rest)? {
        return Ok(this.clone());
    }
    Err(vm.no_method(this, name, rest, CallStyle::Explicit, None))
}
