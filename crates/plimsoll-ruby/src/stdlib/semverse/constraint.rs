//! Semverse::Constraint.

use std::rc::Rc;

use super::invalid;
use super::version::{self, Parts};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::stdlib::{ivar, set_ivar};
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// Defines the class.
pub(super) fn init(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Constraint", &vm.c.object);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
    let any: Value = vm.object(&class).into();
    store(
        vm,
        &any,
        &Required { operator: ">=".to_owned(), numbers: [Some(0), Some(0), Some(0)], labels: Parts::default() },
    );
    module.constants.borrow_mut().insert(Sym::new("DEFAULT_CONSTRAINT"), any);
}

const SINGLETON: &[Def] = &[
    def("coerce", 1, 1, coerce, "The constraint that a value is or means"),
    def("split", 1, 1, split, "The parts of a text"),
    def("satisfy_all", 2, 2, |vm, _, a| Ok(Value::array(satisfying(vm, a)?)), "The versions that meet all constraints"),
    def("satisfy_best", 2, 2, best, "The greatest version that meets all constraints"),
];

/// Instance methods.
const METHODS: &[Def] = &[
    private_def("initialize", 0, 1, initialize, "Takes a text"),
    def("operator", 0, 0, |_, r, _| Ok(ivar(r, "@operator")), "The operator"),
    def("major", 0, 0, |_, r, _| Ok(ivar(r, "@major")), "The first number"),
    def("minor", 0, 0, |_, r, _| Ok(ivar(r, "@minor")), "The second number"),
    def("patch", 0, 0, |_, r, _| Ok(ivar(r, "@patch")), "The third number"),
    def("pre_release", 0, 0, |_, r, _| Ok(ivar(r, "@pre_release")), "What follows a dash"),
    def("build", 0, 0, |_, r, _| Ok(ivar(r, "@build")), "What follows a plus"),
    def("version", 0, 0, |_, r, _| Ok(ivar(r, "@version")), "The version"),
    def("satisfies?", 1, 1, satisfies, "Whether a version meets it"),
    def("include?", 1, 1, satisfies, "Whether a version meets it"),
    def("==", 1, 1, equals, "Whether operator and version are equal"),
    def("eql?", 1, 1, equals, "Whether operator and version are equal"),
    def("hash", 0, 0, |vm, r, _| vm.call(&Value::from(text(r)), known::HASH, &[]), "A hash code"),
    def("to_s", 0, 0, |_, r, _| Ok(Value::from(text(r))), "Its text"),
    def("inspect", 0, 0, inspect, "Its class and text"),
];

/// A constraint taken apart.
struct Required {
    operator: String,
    numbers: [Option<i64>; 3],
    /// Only what follows the numbers.
    labels: Parts,
}

fn parse(text: &str) -> Option<Required> {
    let operators = ["!=", ">=", "<=", "~>", "=", ">", "<", "~"];
    let operator = operators.into_iter().find(|operator| text.starts_with(operator));
    let rest = operator.map_or(text, |operator| text[operator.len()..].trim_start());
    let (rest, build) = match rest.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (rest, None),
    };
    let (numbers, pre_release) = match rest.split_once('-') {
        Some((numbers, pre_release)) => (numbers, Some(pre_release)),
        None => (rest, None),
    };
    let list: Vec<&str> = numbers.split('.').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if list.len() > 3 || !list.iter().all(digits) {
        return None;
    }
    if [pre_release, build].into_iter().flatten().any(|label| !version::is_label(label)) {
        return None;
    }
    let number = |at: usize| list.get(at).and_then(|part| part.parse().ok());
    let labels =
        Parts { pre_release: pre_release.map(str::to_owned), build: build.map(str::to_owned), ..Parts::default() };
    let numbers = [number(0), number(1), number(2)];
    Some(Required { operator: operator.unwrap_or("=").to_owned(), numbers, labels })
}

fn parsed(vm: &Interp, text: &str) -> Res<Required> {
    parse(text).ok_or_else(|| invalid(vm, "InvalidConstraintFormat", text))
}

fn store(vm: &Interp, receiver: &Value, required: &Required) {
    let approximate = required.operator.starts_with('~');
    let [major, minor, patch] = required.numbers;
    let filled = |number: Option<i64>| if approximate { number } else { Some(number.unwrap_or(0)) };
    set_ivar(receiver, "@operator", Value::str(&required.operator));
    set_ivar(receiver, "@major", Value::Int(major.unwrap_or(0)));
    set_ivar(receiver, "@minor", filled(minor).into());
    set_ivar(receiver, "@patch", filled(patch).into());
    set_ivar(receiver, "@pre_release", required.labels.pre_release.as_ref().map(Value::str).into());
    set_ivar(receiver, "@build", required.labels.build.as_ref().map(Value::str).into());
    let numbers = [major.unwrap_or(0), minor.unwrap_or(0), patch.unwrap_or(0)];
    set_ivar(receiver, "@version", version::made(vm, &Parts { numbers, ..required.labels.clone() }));
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = match args.get(0) {
        Some(given) => vm.to_s(given)?.lossy(),
        None => String::new(),
    };
    let text = if text.is_empty() { ">= 0.0.0" } else { &text };
    store(vm, receiver, &parsed(vm, text)?);
    Ok(Value::Nil)
}

fn class(vm: &Interp) -> Rc<RClass> {
    vm.class_named("Semverse::Constraint")
}

fn coerce(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Nil => {
            let module = vm.class_named("Semverse");
            let default = module.constants.borrow().get(&Sym::new("DEFAULT_CONSTRAINT")).cloned();
            Ok(default.unwrap_or_default())
        }
        own if vm.is_a(own, &class(vm)) => Ok(own.clone()),
        other => vm.new_instance(&class(vm), Args::new(std::slice::from_ref(other))),
    }
}

fn split(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = vm.to_s(&args[0])?.lossy();
    let required = parsed(vm, &text)?;
    let mut list = vec![Value::from(required.operator)];
    list.extend(required.numbers.into_iter().map(Value::from));
    list.extend([required.labels.pre_release.map(Value::from).into(), required.labels.build.map(Value::from).into()]);
    Ok(Value::array(list))
}

fn operator(receiver: &Value) -> String {
    match ivar(receiver, "@operator") {
        Value::Str(operator) => operator.lossy(),
        _ => String::new(),
    }
}

fn satisfies(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let target = version::this(&version::coerce(vm, &args[0])?);
    let own = version::this(&ivar(receiver, "@version"));
    let operator = operator(receiver);
    let unasked = target.pre_release.is_some() && own.pre_release.is_none();
    if own.numbers != [0, 0, 0] && unasked && !operator.starts_with('<') {
        return Ok(false.into());
    }
    let order = target.order(&own);
    let meets = match operator.as_str() {
        "=" => order.is_eq(),
        "!=" => order.is_ne(),
        ">" => order.is_gt(),
        "<" => order.is_lt(),
        ">=" => order.is_ge(),
        "<=" => order.is_le(),
        _ => order.is_ge() && target.order(&limit(receiver, &own)).is_lt(),
    };
    Ok(meets.into())
}

/// What an approximate constraint stays below.
fn limit(receiver: &Value, own: &Parts) -> Parts {
    let [major, minor, _] = own.numbers;
    let raised = |label: &str| {
        let mut parts: Vec<&str> = label.split('.').collect();
        let numeric = parts.last().is_some_and(|last| last.parse::<i64>().is_ok_and(|n| n.to_string() == *last));
        if let Some(last) = parts.last_mut() {
            *last = if numeric { "-" } else { "" };
        }
        parts.join(".")
    };
    // The lowest prerelease, so that prereleases of the limit itself lie beyond it.
    let lowest = Some("0".to_owned());
    if ivar(receiver, "@patch").is_nil() {
        return Parts { numbers: [major + 1, 0, 0], pre_release: lowest, build: None };
    }
    match (&own.build, &own.pre_release) {
        (Some(build), pre_release) => {
            Parts { numbers: own.numbers, pre_release: pre_release.clone(), build: Some(raised(build)) }
        }
        (None, Some(pre_release)) => {
            Parts { numbers: own.numbers, pre_release: Some(raised(pre_release)), build: None }
        }
        (None, None) => Parts { numbers: [major, minor + 1, 0], pre_release: lowest, build: None },
    }
}

fn satisfying(vm: &Interp, args: Args<'_>) -> Res<Vec<Value>> {
    let list = |value: &Value| -> Res<Vec<Value>> {
        Ok(match vm.try_array(value)? {
            Some(list) => list.to_vec(),
            None => vec![value.clone()],
        })
    };
    let mut constraints = Vec::new();
    for constraint in list(&args[0])? {
        constraints.push(coerce(vm, &Value::Nil, Args::new(&[constraint]))?);
    }
    let mut found: Vec<Value> = Vec::new();
    'versions: for version in list(&args[1])? {
        let version = version::coerce(vm, &version)?;
        let parts = version::this(&version);
        if found.iter().any(|known| version::this(known) == parts) {
            continue;
        }
        for constraint in &constraints {
            if !satisfies(vm, constraint, Args::new(std::slice::from_ref(&version)))?.truthy() {
                continue 'versions;
            }
        }
        found.push(version);
    }
    Ok(found)
}

fn best(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let found = satisfying(vm, args)?;
    let best = found.into_iter().max_by(|a, b| version::this(a).order(&version::this(b)));
    best.ok_or_else(|| vm.error("Semverse::NoSolutionError", "Semverse::NoSolutionError"))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = &args[0];
    Ok((vm.is_a(other, &class(vm))
        && operator(receiver) == operator(other)
        && version::this(&ivar(receiver, "@version")).order(&version::this(&ivar(other, "@version"))).is_eq())
    .into())
}

fn text(receiver: &Value) -> String {
    let mut text = operator(receiver);
    for (name, before) in [("@major", " "), ("@minor", "."), ("@patch", "."), ("@pre_release", "-"), ("@build", "+")] {
        match ivar(receiver, name) {
            Value::Int(number) => text.push_str(&format!("{before}{number}")),
            Value::Str(label) => text.push_str(&format!("{before}{}", label.lossy())),
            _ => {}
        }
    }
    text
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    Ok(Value::from(format!("#<{class} {}>", text(receiver))))
}
