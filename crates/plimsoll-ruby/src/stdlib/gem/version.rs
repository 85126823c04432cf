//! Gem::Version.

use std::cmp::Ordering;
use std::rc::Rc;

use num_bigint::BigInt;

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::stdlib::{ivar, set_ivar};
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the class.
pub(super) fn init(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Version", &vm.c.object);
    vm.include(&class, &vm.c.comparable);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
    let pattern = "[0-9]+(?>\\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?";
    class.constants.borrow_mut().insert(Sym::new("VERSION_PATTERN"), Value::str(pattern));
}

const SINGLETON: &[Def] = &[
    def("correct?", 1, 1, |vm, _, a| Ok(is_correct(&text(vm, &a[0])?).into()), "Whether a text is a version"),
    def("create", 1, 1, create, "The version of a text; nil for nil, itself for a version"),
];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 1, 1, initialize, "Takes the version's text"),
    def("version", 0, 0, |_, r, _| Ok(ivar(r, "@version")), "Its text"),
    def("to_s", 0, 0, |_, r, _| Ok(ivar(r, "@version")), "Its text"),
    def("segments", 0, 0, |vm, r, _| Ok(listed(vm, &segments(r))), "Its numbers and words"),
    def("canonical_segments", 0, 0, |vm, r, _| Ok(listed(vm, &canonical(r))), "Its segments without needless zeros"),
    def("prerelease?", 0, 0, |_, r, _| Ok(is_prerelease(r).into()), "Whether it has a word in it"),
    def("release", 0, 0, release, "The version without its words"),
    def("bump", 0, 0, bump, "The next version of which the last number may vary"),
    def("approximate_recommendation", 0, 0, approximate, "A requirement that allows compatible versions"),
    def("<=>", 1, 1, compare, "Compares number by number"),
    def("eql?", 1, 1, eql, "Whether it is a version of the same text"),
    def("hash", 0, 0, |vm, r, _| vm.send(&listed(vm, &canonical(r)), "hash", &[]), "A hash code"),
    def("inspect", 0, 0, inspect, "Its class and text"),
];

/// A part of a version between dots, or between digits and letters.
#[derive(Debug, Clone, PartialEq)]
enum Segment {
    Number(BigInt),
    Word(String),
}

fn text(vm: &Interp, value: &Value) -> Res<String> {
    Ok(vm.to_s(value)?.lossy())
}

/// Whether a text is a version: numbers and words joined by dots, after a dash by dashes too; or nothing.
pub(super) fn is_correct(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}' || c == '\0');
    if text.is_empty() {
        return true;
    }
    let (release, pre) = match text.split_once('-') {
        Some((release, pre)) => (release, Some(pre)),
        None => (text, None),
    };
    let word = |part: &str, dash: bool| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || (dash && b == b'-'))
    };
    let mut parts = release.split('.');
    let number = parts.next().is_some_and(|first| !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit()));
    number && parts.all(|part| word(part, false)) && pre.is_none_or(|pre| pre.split('.').all(|part| word(part, true)))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let given = text(vm, &args[0])?;
    if !is_correct(&given) {
        return Err(vm.argument_error(format!("Malformed version number string {given}")));
    }
    let trimmed = given.trim();
    let version = if trimmed.is_empty() && !args[0].is_nil() { "0".to_owned() } else { trimmed.replace('-', ".pre.") };
    set_ivar(receiver, "@version", Value::str(version));
    Ok(Value::Nil)
}

/// Whether a value is a Gem::Version.
pub(super) fn is_version(vm: &Interp, value: &Value) -> bool {
    matches!(value, Value::Obj(_)) && vm.is_a(value, &vm.class_named("Gem::Version"))
}

/// The version of a text.
pub(super) fn of_text(vm: &Interp, text: &str) -> Res {
    vm.new_instance(&vm.class_named("Gem::Version"), Args::new(&[Value::str(text)]))
}

fn create(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Nil => Ok(Value::Nil),
        version if is_version(vm, version) => Ok(version.clone()),
        other => vm.new_instance(&vm.to_class(class)?, Args::new(std::slice::from_ref(other))),
    }
}

/// A version's own text.
pub(super) fn version_text(version: &Value) -> String {
    match ivar(version, "@version") {
        Value::Str(text) => text.lossy(),
        _ => String::new(),
    }
}

fn split(text: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = |c: char| (c.is_ascii_digit(), c.is_ascii_alphabetic());
        let same = kind(first);
        let end = rest.find(|c: char| kind(c) != same).unwrap_or(rest.len());
        match same {
            (true, _) => segments.push(Segment::Number(rest[..end].parse().unwrap_or_default())),
            (_, true) => segments.push(Segment::Word(rest[..end].to_owned())),
            _ => {}
        }
        rest = &rest[end..];
    }
    segments
}

fn segments(version: &Value) -> Vec<Segment> {
    split(&version_text(version))
}

fn canonical(version: &Value) -> Vec<Segment> {
    let mut numbers = segments(version);
    let words = match numbers.iter().position(|segment| matches!(segment, Segment::Word(_))) {
        Some(at) => numbers.split_off(at),
        None => Vec::new(),
    };
    let trim = |mut segments: Vec<Segment>| {
        while matches!(segments.last(), Some(Segment::Number(number)) if *number == BigInt::ZERO) {
            segments.pop();
        }
        segments
    };
    let mut all = trim(numbers);
    all.extend(trim(words));
    all
}

fn listed(vm: &Interp, segments: &[Segment]) -> Value {
    let value = |segment: &Segment| match segment {
        Segment::Number(number) => vm.integer(number.clone()),
        Segment::Word(word) => Value::str(word),
    };
    Value::array(segments.iter().map(value).collect())
}

fn joined(segments: &[Segment]) -> String {
    let texts = segments.iter().map(|segment| match segment {
        Segment::Number(number) => number.to_string(),
        Segment::Word(word) => word.clone(),
    });
    texts.collect::<Vec<_>>().join(".")
}

/// Whether a version has a word in it.
pub(super) fn is_prerelease(version: &Value) -> bool {
    version_text(version).bytes().any(|b| b.is_ascii_alphabetic())
}

fn release_segments(version: &Value) -> Vec<Segment> {
    let mut segments = segments(version);
    while segments.iter().any(|segment| matches!(segment, Segment::Word(_))) {
        segments.pop();
    }
    segments
}

fn release(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    if is_prerelease(receiver) { of_text(vm, &joined(&release_segments(receiver))) } else { Ok(receiver.clone()) }
}

fn bumped(version: &Value) -> Vec<Segment> {
    let mut segments = release_segments(version);
    if segments.len() > 1 {
        segments.pop();
    }
    if let Some(Segment::Number(last)) = segments.last_mut() {
        *last += 1;
    }
    segments
}

fn bump(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    of_text(vm, &joined(&bumped(receiver)))
}

fn approximate(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut segments = release_segments(receiver);
    segments.truncate(2);
    while segments.len() < 2 {
        segments.push(Segment::Number(BigInt::ZERO));
    }
    let pre = if is_prerelease(receiver) { ".a" } else { "" };
    Ok(Value::str(format!("~> {}{pre}", joined(&segments))))
}

fn ordered(a: &[Segment], b: &[Segment]) -> Ordering {
    let zero = Segment::Number(BigInt::ZERO);
    for at in 0..a.len().max(b.len()) {
        let order = match (a.get(at).unwrap_or(&zero), b.get(at).unwrap_or(&zero)) {
            (Segment::Number(a), Segment::Number(b)) => a.cmp(b),
            (Segment::Word(a), Segment::Word(b)) => a.cmp(b),
            (Segment::Word(_), Segment::Number(_)) => Ordering::Less,
            (Segment::Number(_), Segment::Word(_)) => Ordering::Greater,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The order of two versions.
pub(super) fn order(a: &Value, b: &Value) -> Ordering {
    ordered(&canonical(a), &canonical(b))
}

/// Whether a version is at least another, and below what bumping the other gives.
pub(super) fn is_compatible(version: &Value, required: &Value) -> bool {
    let release = release_segments(version);
    order(version, required).is_ge() && ordered(&release, &bumped(required)).is_lt()
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = match &args[0] {
        Value::Str(text) if is_correct(&text.lossy()) => of_text(vm, &text.lossy())?,
        version if is_version(vm, version) => version.clone(),
        _ => return Ok(Value::Nil),
    };
    Ok(Value::Int(order(receiver, &other) as i64))
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((is_version(vm, &args[0]) && version_text(receiver) == version_text(&args[0])).into())
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    Ok(Value::str(format!("#<{class} {:?}>", version_text(receiver))))
}
