//! Gem::Requirement.

use std::rc::Rc;

use super::version;
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::array::flattened;
use crate::interp::Interp;
use crate::stdlib::{ivar, set_ivar};
use crate::unwind::{Res, Unwind};
use crate::value::{RArray, Value};

/// Defines the class.
pub(super) fn init(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Requirement", &vm.c.object);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
    let error = vm.class_named("ArgumentError");
    vm.define_class(&class, "BadRequirementError", &error);
}

const SINGLETON: &[Def] = &[
    def("create", 0, -1, create, "The requirement of texts and versions; itself for a requirement"),
    def(
        "default",
        0,
        0,
        |vm, class, _| vm.call(class, crate::symbol::known::NEW, &[Value::str(">= 0")]),
        "Any version",
    ),
    def("parse", 1, 1, |vm, _, a| parse(vm, &a[0]), "The operator and version of a text"),
];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 0, -1, initialize, "Takes texts and versions"),
    def("requirements", 0, 0, |_, r, _| Ok(ivar(r, "@requirements")), "Pairs of operator and version"),
    def("satisfied_by?", 1, 1, satisfied_by, "Whether a version meets all of it"),
    def("===", 1, 1, satisfied_by, "Whether a version meets all of it"),
    def("=~", 1, 1, satisfied_by, "Whether a version meets all of it"),
    def(
        "as_list",
        0,
        0,
        |vm, r, _| Ok(Value::array(texts(vm, r)?.into_iter().map(Value::from).collect())),
        "Its parts",
    ),
    def("to_s", 0, 0, |vm, r, _| Ok(Value::from(texts(vm, r)?.join(", "))), "Its parts"),
    def("==", 1, 1, equals, "Whether both allow the same"),
    def("hash", 0, 0, hash, "A hash code"),
    def("none?", 0, 0, none, "Whether any version will do"),
    def("exact?", 0, 0, exact, "Whether one version alone will do"),
    def("specific?", 0, 0, specific, "Whether there is an upper limit"),
    def("prerelease?", 0, 0, prerelease, "Whether a version in it is a prerelease"),
    def("concat", 1, 1, concat, "Adds to it"),
];

fn bad(vm: &Interp, value: &Value) -> Unwind {
    match vm.inspect(value) {
        Ok(shown) => {
            vm.error("Gem::Requirement::BadRequirementError", format!("Illformed requirement [{}]", shown.lossy()))
        }
        Err(unwind) => unwind,
    }
}

fn pair(operator: &str, version: Value) -> Value {
    Value::array(vec![Value::str(operator), version])
}

fn parse(vm: &Interp, value: &Value) -> Res {
    if version::is_version(vm, value) {
        return Ok(pair("=", value.clone()));
    }
    let text = vm.to_s(value)?.lossy();
    let trimmed = text.trim();
    let operators = ["!=", ">=", "<=", "~>", "=", ">", "<"];
    let operator = operators.into_iter().find(|operator| trimmed.starts_with(operator));
    let rest = operator.map_or(trimmed, |operator| trimmed[operator.len()..].trim());
    if rest.is_empty() || !version::is_correct(rest) {
        return Err(bad(vm, value));
    }
    Ok(pair(operator.unwrap_or("="), version::of_text(vm, rest)?))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    set_ivar(receiver, "@requirements", Value::array(Vec::new()));
    add(vm, receiver, args.values)?;
    if parts(receiver).is_empty() {
        set_ivar(receiver, "@requirements", Value::array(vec![parse(vm, &Value::str(">= 0"))?]));
    }
    Ok(Value::Nil)
}

fn add(vm: &Interp, receiver: &Value, given: &[Value]) -> Res<()> {
    let (given, _) = flattened(vm, &RArray::new(given.to_vec()), -1)?;
    let Value::Array(requirements) = ivar(receiver, "@requirements") else { return Ok(()) };
    let given: Vec<Value> = given.into_iter().filter(|value| !value.is_nil()).collect();
    for value in vm.to_array(&vm.send(&Value::array(given), "uniq", &[])?)?.to_vec() {
        requirements.push(parse(vm, &value)?);
    }
    Ok(())
}

fn concat(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    add(vm, receiver, args.values)?;
    Ok(receiver.clone())
}

fn create(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let own = vm.class_named("Gem::Requirement");
    match args.values {
        [only] if vm.is_a(only, &own) => Ok(only.clone()),
        [only] if only.is_nil() => vm.send(class, "default", &[]),
        values => vm.new_instance(&vm.to_class(class)?, Args::new(values)),
    }
}

/// Operators and versions.
fn parts(requirement: &Value) -> Vec<(String, Value)> {
    let Value::Array(pairs) = ivar(requirement, "@requirements") else { return Vec::new() };
    let part = |pair: &Value| match pair {
        Value::Array(pair) => match (pair.get(0), pair.get(1)) {
            (Some(Value::Str(operator)), Some(version)) => Some((operator.lossy(), version)),
            _ => None,
        },
        _ => None,
    };
    pairs.to_vec().iter().filter_map(part).collect()
}

fn satisfied_by(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let candidate = &args[0];
    if !version::is_version(vm, candidate) {
        return Err(vm.argument_error(format!("Need a Gem::Version: {}", vm.inspect(candidate)?.lossy())));
    }
    let meets = |(operator, required): (String, Value)| {
        let order = version::order(candidate, &required);
        match operator.as_str() {
            "=" => order.is_eq(),
            "!=" => order.is_ne(),
            ">" => order.is_gt(),
            "<" => order.is_lt(),
            ">=" => order.is_ge(),
            "<=" => order.is_le(),
            _ => version::is_compatible(candidate, &required),
        }
    };
    Ok(parts(receiver).into_iter().all(meets).into())
}

fn texts(_: &Interp, receiver: &Value) -> Res<Vec<String>> {
    let text = |(operator, version): (String, Value)| format!("{operator} {}", version::version_text(&version));
    Ok(parts(receiver).into_iter().map(text).collect())
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !vm.is_a(&args[0], &vm.class_named("Gem::Requirement")) {
        return Ok(Value::Nil);
    }
    let sorted = |requirement: &Value| {
        let mut parts = parts(requirement);
        parts.sort_by_key(|(operator, version)| format!("{operator} {}", version::version_text(version)));
        parts
    };
    let (a, b) = (sorted(receiver), sorted(&args[0]));
    let same = |((o1, v1), (o2, v2)): (&(String, Value), &(String, Value))| {
        let exactly = o1 != "~>" || version::version_text(v1) == version::version_text(v2);
        o1 == o2 && version::order(v1, v2).is_eq() && exactly
    };
    Ok((a.len() == b.len() && a.iter().zip(&b).all(same)).into())
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut texts = texts(vm, receiver)?;
    texts.sort();
    vm.send(&Value::str(texts.join(",")), "hash", &[])
}

fn none(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let parts = parts(receiver);
    Ok(matches!(&parts[..], [(operator, version)] if operator == ">=" && version::version_text(version) == "0").into())
}

fn exact(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(matches!(&parts(receiver)[..], [(operator, _)] if operator == "=").into())
}

fn specific(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let parts = parts(receiver);
    Ok((parts.len() > 1 || parts.first().is_some_and(|(operator, _)| operator != ">" && operator != ">=")).into())
}

fn prerelease(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(parts(receiver).iter().any(|(_, version)| version::is_prerelease(version)).into())
}
