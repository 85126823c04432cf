//! MatchData: what a search found.

use std::rc::Rc;

use super::regexp::{self, Compiled, Hit};
use super::string::text;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RObject, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "MatchData", &vm.c.object);
    vm.define(&class, METHODS);
    super::without_new(vm, &class);
    super::without_allocate(vm, &class);
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("[]", 1, 2, aref, "A group by index, range or name"),
    def("begin", 1, 1, |vm, r, a| edge(vm, r, a, true), "The index of the first character of a group"),
    def("end", 1, 1, |vm, r, a| edge(vm, r, a, false), "The index after the last character of a group"),
    def("offset", 1, 1, offset, "Both indices of a group"),
    def("match", 1, 1, group_text, "The text of a group"),
    def("match_length", 1, 1, match_length, "The length of the text of a group"),
    def("pre_match", 0, 0, |_, r, _| Ok(this(r).part(0, this(r).hit.start())), "What is before the match"),
    def(
        "post_match",
        0,
        0,
        |_, r, _| Ok(this(r).part(this(r).hit.end(), this(r).string.len())),
        "What is after the match",
    ),
    def("captures", 0, 0, |_, r, _| Ok(Value::array(this(r).groups().split_off(1))), "All groups"),
    def("named_captures", 0, 0, named_captures, "Named groups by name"),
    def("names", 0, 0, names, "The names of the groups"),
    def("to_a", 0, 0, |_, r, _| Ok(Value::array(this(r).groups())), "The match and all groups"),
    def("to_s", 0, 0, |_, r, _| Ok(this(r).group(0)), "The match"),
    def("values_at", 0, -1, values_at, "Groups by index, range or name"),
    def("dup", 0, 0, copy, "The same match again"),
    def("clone", 0, 1, copy, "The same match again"),
    def("size", 0, 0, |_, r, _| Ok(this(r).hit.groups.len().into()), "Number of groups and one"),
    def("length", 0, 0, |_, r, _| Ok(this(r).hit.groups.len().into()), "Number of groups and one"),
    def("string", 0, 0, |_, r, _| Ok(Value::Str(Rc::clone(&this(r).string))), "What was searched, frozen"),
    def("regexp", 0, 0, |vm, r, _| this(r).regexp(vm), "The pattern"),
    def("inspect", 0, 0, inspect, "The match and all groups, with their names"),
    def("==", 1, 1, equal, "Same pattern, text and places"),
    def("eql?", 1, 1, equal, "Same pattern, text and places"),
    def("hash", 0, 0, hash, "A hash code of pattern, text and places"),
];

/// What a search found.
pub(crate) struct MatchData {
    /// The Regexp, or the String that was searched for.
    pattern: Value,
    string: Rc<RString>,
    hit: Hit,
}

fn this(receiver: &Value) -> &MatchData {
    receiver.native().expect("a method of MatchData runs on matches alone")
}

impl MatchData {
    /// A match as a value.
    pub(crate) fn value(vm: &Interp, pattern: Value, string: Rc<RString>, hit: Hit) -> Value {
        Value::Obj(RObject::with_native(vm.class_named("MatchData"), Self { pattern, string, hit }))
    }

    fn part(&self, from: usize, to: usize) -> Value {
        Value::Str(RString::new(self.string.bytes()[from..to].to_vec(), self.string.encoding()))
    }

    /// A group's text, nil for one that took no part.
    fn group(&self, number: usize) -> Value {
        self.hit.groups.get(number).copied().flatten().map(|(from, to)| self.part(from, to)).into()
    }

    fn groups(&self) -> Vec<Value> {
        (0..self.hit.groups.len()).map(|number| self.group(number)).collect()
    }

    fn compiled(&self) -> Option<&Compiled> {
        regexp::of(&self.pattern)
    }

    fn regexp(&self, vm: &Interp) -> Res {
        match &self.pattern {
            Value::Str(text) => regexp::compile(vm, &regexp::escape(&text.bytes()), 0),
            regexp => Ok(regexp.clone()),
        }
    }

    fn names(&self) -> &[(String, Vec<usize>)] {
        self.compiled().map_or(&[], Compiled::names)
    }

    /// The group of a name.
    fn named(&self, name: &str) -> Value {
        let number = self.compiled().and_then(|regexp| regexp.named_group(name.as_bytes(), &self.hit));
        number.map(|number| self.group(number)).into()
    }

    fn number(&self, vm: &Interp, index: &Value) -> Res<Option<usize>> {
        match (self.compiled(), index) {
            (Some(regexp), index) => regexp.group_number(vm, index, &self.hit),
            (None, Value::Str(_) | Value::Sym(_)) => {
                let name = vm.to_s(index)?.lossy();
                Err(vm.error("IndexError", format!("undefined group name reference: {name}")))
            }
            (None, index) => Ok(usize::try_from(vm.to_int(index)?).ok().filter(|n| *n < self.hit.groups.len())),
        }
    }

    /// The number of a group that must exist.
    fn existing(&self, vm: &Interp, index: &Value) -> Res<usize> {
        let negative = matches!(index, Value::Int(n) if *n < 0);
        match self.number(vm, index)?.filter(|_| !negative) {
            Some(number) => Ok(number),
            None => Err(vm.error("IndexError", format!("index {} out of matches", vm.to_s(index)?.lossy()))),
        }
    }

    fn index(&self, at: usize) -> Value {
        text::index_of(&self.string.bytes(), self.string.encoding(), at).into()
    }
}

fn copy(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    Ok(MatchData::value(vm, this.pattern.clone(), Rc::clone(&this.string), this.hit.clone()))
}

fn aref(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let this = this(receiver);
    if args.len() == 2 || matches!(args[0], Value::Range(_)) {
        let groups = Value::array(this.groups());
        return vm.call(&groups, crate::symbol::known::AREF, args.values);
    }
    Ok(this.number(vm, &args[0])?.map(|number| this.group(number)).into())
}

fn edge(vm: &Interp, receiver: &Value, args: Args<'_>, begin: bool) -> Res {
    let this = this(receiver);
    let number = this.existing(vm, &args[0])?;
    let span = this.hit.groups[number];
    Ok(span.map(|(from, to)| this.index(if begin { from } else { to })).into())
}

fn offset(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(Value::array(vec![edge(vm, receiver, args, true)?, edge(vm, receiver, args, false)?]))
}

fn group_text(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let this = this(receiver);
    Ok(this.group(this.existing(vm, &args[0])?))
}

fn match_length(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let this = this(receiver);
    match this.group(this.existing(vm, &args[0])?) {
        Value::Str(text) => Ok(text::count(&text.bytes(), text.encoding()).into()),
        _ => Ok(Value::Nil),
    }
}

fn names(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(this(receiver).names().iter().map(|(name, _)| Value::str(name)).collect()))
}

fn named_captures(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    let entries = this.names().iter().map(|(name, _)| (Value::str(name), this.named(name)));
    vm.hash_from(entries.collect::<Vec<_>>()).map(Value::Hash)
}

fn values_at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let this = this(receiver);
    let mut found = Vec::new();
    for index in args.values {
        match index {
            Value::Range(_) => {
                let groups = Value::array(this.groups());
                let part = vm.send(&groups, "values_at", std::slice::from_ref(index))?;
                found.extend(vm.to_array(&part)?.to_vec());
            }
            index => found.push(this.number(vm, index)?.map(|number| this.group(number)).into()),
        }
    }
    Ok(Value::array(found))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    let mut out = b"#<MatchData ".to_vec();
    out.extend_from_slice(&vm.inspect(&this.group(0))?.bytes());
    for number in 1..this.hit.groups.len() {
        let name = this.names().iter().find(|(_, numbers)| numbers.contains(&number));
        let label = name.map_or_else(|| number.to_string(), |(name, _)| name.clone());
        out.extend(format!(" {label}:").into_bytes());
        out.extend_from_slice(&vm.inspect(&this.group(number))?.bytes());
    }
    out.push(b'>');
    Ok(Value::bytes(out))
}

fn equal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (a, Some(b)) = (this(receiver), args[0].native::<MatchData>()) else { return Ok(false.into()) };
    let same = super::strings_equal(&a.string, &b.string) && a.hit.groups == b.hit.groups;
    Ok((same && vm.equal(&a.pattern, &b.pattern)?).into())
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    let code =
        vm.hash_code(&Value::Str(Rc::clone(&this.string)))? ^ (this.hit.start() as u64) << 32 ^ this.hit.end() as u64;
    Ok(Value::Int(code as i64 >> 1))
}
