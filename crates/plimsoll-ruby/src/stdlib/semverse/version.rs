//! Semverse::Version.

use std::cmp::Ordering;
use std::rc::Rc;

use super::invalid;
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::stdlib::{ivar, set_ivar};
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the class.
pub(super) fn init(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Version", &vm.c.object);
    vm.include(&class, &vm.c.comparable);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
}

const SINGLETON: &[Def] = &[
    def("coerce", 1, 1, |vm, _, a| coerce(vm, &a[0]), "The version that a value is or means"),
    def("split", 1, 1, split, "The parts of a text"),
];

/// Instance methods.
const METHODS: &[Def] = &[
    private_def("initialize", 0, -1, initialize, "Takes a text, or a list of parts"),
    def("major", 0, 0, |_, r, _| Ok(ivar(r, "@major")), "The first number"),
    def("minor", 0, 0, |_, r, _| Ok(ivar(r, "@minor")), "The second number"),
    def("patch", 0, 0, |_, r, _| Ok(ivar(r, "@patch")), "The third number"),
    def("pre_release", 0, 0, |_, r, _| Ok(ivar(r, "@pre_release")), "What follows a dash"),
    def("build", 0, 0, |_, r, _| Ok(ivar(r, "@build")), "What follows a plus"),
    def("pre_release?", 0, 0, |_, r, _| Ok((!ivar(r, "@pre_release").is_nil()).into()), "Whether a dash follows"),
    def("zero?", 0, 0, |_, r, _| Ok((this(r).numbers == [0, 0, 0]).into()), "Whether all numbers are zero"),
    def("identifiers", 1, 1, identifiers, "The parts of a part, numbers as numbers"),
    def("<=>", 1, 1, compare, "Compares as semantic versions are compared"),
    def("eql?", 1, 1, eql, "Whether it is an equal version"),
    def("hash", 0, 0, |vm, r, _| vm.call(&Value::from(this(r).text()), known::HASH, &[]), "A hash code"),
    def("inspect", 0, 0, inspect, "Its class and text"),
    def("to_s", 0, 0, |_, r, _| Ok(Value::from(this(r).text())), "Its text"),
];

/// A version taken apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Parts {
    pub(super) numbers: [i64; 3],
    pub(super) pre_release: Option<String>,
    pub(super) build: Option<String>,
}

impl Parts {
    /// The text of a version.
    pub(super) fn text(&self) -> String {
        let [major, minor, patch] = self.numbers;
        let mut text = format!("{major}.{minor}.{patch}");
        if let Some(pre_release) = &self.pre_release {
            text.push_str(&format!("-{pre_release}"));
        }
        if let Some(build) = &self.build {
            text.push_str(&format!("+{build}"));
        }
        text
    }

    fn presence(&self) -> u8 {
        match (&self.pre_release, &self.build) {
            (Some(_), _) => 0,
            (None, None) => 1,
            (None, Some(_)) => 2,
        }
    }

    /// The order of two versions.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| self.presence().cmp(&other.presence()))
            .then_with(|| by_identifiers(&text(&self.pre_release), &text(&other.pre_release)))
            .then_with(|| match (&self.build, &other.build) {
                (Some(a), Some(b)) => by_identifiers(a, b),
                (a, b) => text(a).cmp(&text(b)),
            })
    }
}

/// A part between dots.
enum Identifier<'t> {
    Number(i64),
    Word(&'t str),
}

fn identifier(text: &str) -> Identifier<'_> {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Identifier::Number(number),
        _ => Identifier::Word(text),
    }
}

fn list(text: &str) -> Vec<Identifier<'_>> {
    if text.is_empty() { Vec::new() } else { text.trim_end_matches('.').split('.').map(identifier).collect() }
}

fn by_identifiers(a: &str, b: &str) -> Ordering {
    use Identifier::{Number, Word};
    let (a, b) = (list(a), list(b));
    for at in 0..a.len().max(b.len()) {
        let order = match (a.get(at), b.get(at)) {
            (Some(Number(a)), Some(Number(b))) => a.cmp(b),
            (Some(Word(a)), Some(Word(b))) => a.cmp(b),
            // What is missing is compared by the names of classes, turned around: after Integer, before String.
            (Some(Number(_)), Some(Word(_))) | (Some(Word(_)), None) | (None, Some(Number(_))) => Ordering::Less,
            (Some(Word(_)), Some(Number(_))) | (Some(Number(_)), None) | (None, Some(Word(_))) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The parts of the version that a method was called on.
pub(super) fn this(receiver: &Value) -> Parts {
    let number = |name: &str| if let Value::Int(number) = ivar(receiver, name) { number } else { 0 };
    let text = |name: &str| if let Value::Str(text) = ivar(receiver, name) { Some(text.lossy()) } else { None };
    Parts {
        numbers: [number("@major"), number("@minor"), number("@patch")],
        pre_release: text("@pre_release"),
        build: text("@build"),
    }
}

fn store(receiver: &Value, parts: &Parts) {
    for (name, number) in ["@major", "@minor", "@patch"].into_iter().zip(parts.numbers) {
        set_ivar(receiver, name, Value::Int(number));
    }
    set_ivar(receiver, "@pre_release", parts.pre_release.as_ref().map(Value::str).into());
    set_ivar(receiver, "@build", parts.build.as_ref().map(Value::str).into());
}

/// Whether a text can follow a dash or plus.
pub(super) fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn parse(text: &str) -> Option<Parts> {
    let (rest, build) = match text.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (text, None),
    };
    let (numbers, pre_release) = match rest.split_once('-') {
        Some((numbers, pre_release)) => (numbers, Some(pre_release)),
        None => (rest, None),
    };
    let list: Vec<&str> = numbers.strip_suffix('.').unwrap_or(numbers).split('.').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let labels = [pre_release, build];
    let labelled = labels.iter().any(Option::is_some);
    if list.len() > 3 || !list.iter().all(digits) || (labelled && list.len() < 3) {
        return None;
    }
    if labels.into_iter().flatten().any(|label| !is_label(label)) {
        return None;
    }
    let number = |at: usize| list.get(at).and_then(|part| part.parse().ok()).unwrap_or(0);
    Some(Parts {
        numbers: [number(0), number(1), number(2)],
        pre_release: pre_release.map(str::to_owned),
        build: build.map(str::to_owned),
    })
}

fn parsed(vm: &Interp, text: &str) -> Res<Parts> {
    parse(text).ok_or_else(|| invalid(vm, "InvalidVersionFormat", text))
}

/// A version of these parts.
pub(super) fn made(vm: &Interp, parts: &Parts) -> Value {
    let object: Value = vm.object(&vm.class_named("Semverse::Version")).into();
    store(&object, parts);
    object
}

/// The version that a value is or means.
pub(super) fn coerce(vm: &Interp, value: &Value) -> Res {
    if matches!(value, Value::Obj(_)) && vm.is_a(value, &vm.class_named("Semverse::Version")) {
        return Ok(value.clone());
    }
    vm.new_instance(&vm.class_named("Semverse::Version"), Args::new(std::slice::from_ref(value)))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let parts = match args.get(0) {
        Some(Value::Array(list)) => {
            let number = |at: usize| match list.get(at) {
                Some(Value::Int(number)) => number,
                _ => 0,
            };
            let text = |at: usize| -> Res<Option<String>> {
                match list.get(at) {
                    None | Some(Value::Nil) => Ok(None),
                    Some(value) => Ok(Some(vm.to_s(&value)?.lossy())),
                }
            };
            Parts { numbers: [number(0), number(1), number(2)], pre_release: text(3)?, build: text(4)? }
        }
        other => {
            let text = vm.to_s(&other.cloned().unwrap_or_default())?.lossy();
            parsed(vm, &text)?
        }
    };
    store(receiver, &parts);
    Ok(Value::Nil)
}

fn split(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = vm.to_s(&args[0])?.lossy();
    let parts = parsed(vm, &text)?;
    let mut list: Vec<Value> = parts.numbers.into_iter().map(Value::Int).collect();
    if text.matches('.').count() >= 2 {
        list.extend([parts.pre_release.map(Value::from).into(), parts.build.map(Value::from).into()]);
    }
    Ok(Value::array(list))
}

fn identifiers(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let part = vm.call(receiver, vm.to_name(&args[0])?, &[])?;
    let text = vm.to_s(&part)?.lossy();
    let value = |identifier| match identifier {
        Identifier::Number(number) => Value::Int(number),
        Identifier::Word(word) => Value::str(word),
    };
    Ok(Value::array(list(&text).into_iter().map(value).collect()))
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !vm.is_a(&args[0], &vm.class_named("Semverse::Version")) {
        return vm.send(&args[0], "major", &[]);
    }
    Ok(Value::Int(this(receiver).order(&this(&args[0])) as i64))
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((vm.is_a(&args[0], &vm.class_named("Semverse::Version")) && this(receiver) == this(&args[0])).into())
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    Ok(Value::from(format!("#<{class} {}>", this(receiver).text())))
}
