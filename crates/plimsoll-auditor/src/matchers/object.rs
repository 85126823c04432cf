//! `be_a`, `respond_to`, `have_attributes`, `satisfy`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RProc, Res, Sym, Value, def};

use super::format::{self, Inner, format_surfaced, spaced_arrows};
use super::{Chained, Matcher, format_value, object, one_diff, phrase, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("be_a", 1, 1, kind, "An instance of a class or its subclasses."),
    def("be_an", 1, 1, kind, "An instance of a class or its subclasses."),
    def("be_a_kind_of", 1, 1, kind, "An instance of a class or its subclasses."),
    def("be_kind_of", 1, 1, kind, "An instance of a class or its subclasses."),
    def("be_an_instance_of", 1, 1, instance, "An instance of exactly this class."),
    def("be_instance_of", 1, 1, instance, "An instance of exactly this class."),
    def("respond_to", 1, -1, respond_to, "Answers these methods."),
    def("have_attributes", 1, 1, have_attributes, "Has these values."),
    def("satisfy", 0, 1, satisfy, "Satisfies a block."),
];

fn kind(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Kind(args[0].clone()))
}

struct Kind(Value);

impl Matcher for Kind {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        match &self.0 {
            Value::Class(class) => Ok(vm.is_a(actual, class)),
            _ => Err(vm.type_error("class or module required")),
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"be a kind of", &format::list_of(vm, &self.0)?[..]].concat())
    }

    fn has_default_failures(&self) -> bool {
        true
    }
}

fn instance(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Instance(args[0].clone()))
}

struct Instance(Value);

impl Matcher for Instance {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        match &self.0 {
            Value::Class(class) => Ok(Rc::ptr_eq(&vm.real_class_of(actual), class)),
            _ => Err(vm.type_error("class or module required")),
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"be an instance of ", &format_value(vm, &self.0)?[..]].concat())
    }

    fn has_default_failures(&self) -> bool {
        true
    }
}

fn respond_to(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Responds { names: args.values.to_vec(), failing: RefCell::default(), arity: Cell::new(None) })
}

struct Responds {
    names: Vec<Value>,
    failing: RefCell<Vec<Value>>,
    /// How many arguments the methods must take.
    arity: Cell<Option<i64>>,
}

impl Responds {
    fn check(&self, vm: &Interp, actual: &Value, wanted: bool) -> Res<bool> {
        let mut failing = Vec::new();
        for name in &self.names {
            let method = vm.to_name(name)?;
            let answers = vm.responds(actual, method)? && self.takes_arity(vm, actual, method)?;
            if answers != wanted {
                failing.push(name.clone());
            }
        }
        let holds = failing.is_empty();
        *self.failing.borrow_mut() = failing;
        Ok(holds)
    }

    fn takes_arity(&self, vm: &Interp, actual: &Value, name: Sym) -> Res<bool> {
        let Some(count) = self.arity.get() else { return Ok(true) };
        let method = vm.send(actual, "method", &[Value::Sym(name)])?;
        let arity = vm.to_int(&vm.send(&method, "arity", &[])?)?;
        if arity >= 0 {
            return Ok(count == arity);
        }
        let mut most = Some(0);
        for parameter in vm.collect(&vm.send(&method, "parameters", &[])?)? {
            let kind = vm.collect(&parameter)?.into_iter().next().unwrap_or_default();
            most = match (&*vm.to_name(&kind)?.text(), most) {
                ("rest", _) => None,
                ("req" | "opt", Some(most)) => Some(most + 1),
                (_, most) => most,
            };
        }
        Ok(count >= -arity - 1 && most.is_none_or(|most| count <= most))
    }

    fn with_arity(&self) -> String {
        match self.arity.get() {
            None => String::new(),
            Some(1) => " with 1 argument".to_owned(),
            Some(count) => format!(" with {count} arguments"),
        }
    }

    fn explain(&self, vm: &Interp, actual: &Value, words: &str) -> Res<Vec<u8>> {
        let names: Res<Vec<_>> = self.failing.borrow().iter().map(|name| format_value(vm, name)).collect();
        let names = [&names?.join(&b", "[..])[..], self.with_arity().as_bytes()].concat();
        phrase(vm, "expected ", actual, words, &names)
    }
}

impl Matcher for Responds {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        self.check(vm, actual, true)
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        self.check(vm, actual, false)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let names = match self.names.as_slice() {
            [one] => [b"#", &vm.to_s(one)?.to_vec()[..]].concat(),
            several => format_value(vm, &Value::array(several.to_vec()))?,
        };
        Ok([b"respond to ", &names[..], self.with_arity().as_bytes()].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, " to respond to ")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, " not to respond to ")
    }

    fn chain(&self, vm: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        match (name, args.get(0)) {
            ("with", Some(count)) => self.arity.set(Some(vm.to_int(count)?)),
            ("argument" | "arguments", None) => {}
            _ => return Ok(Chained::Unknown),
        }
        Ok(Chained::Itself)
    }
}

fn have_attributes(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Attributes { expected: args[0].clone(), values: RefCell::default(), negated: Cell::new(false) })
}

struct Attributes {
    expected: Value,
    /// The values that were found, unless an attribute is missing.
    values: RefCell<Option<Value>>,
    negated: Cell<bool>,
}

impl Attributes {
    fn missing(&self, vm: &Interp, actual: &Value) -> Res<Vec<Value>> {
        let mut missing = Vec::new();
        for (name, _) in vm.to_hash(&self.expected)?.entries() {
            if !vm.responds(actual, vm.to_name(&name)?)? {
                missing.push(name);
            }
        }
        Ok(missing)
    }

    /// How many attributes match, of how many.
    fn check(&self, vm: &Interp, actual: &Value, negated: bool) -> Res<Option<(usize, usize)>> {
        self.negated.set(negated);
        *self.values.borrow_mut() = None;
        if !self.missing(vm, actual)?.is_empty() {
            return Ok(None);
        }
        let values = vm.hash_from([])?;
        let pairs = vm.to_hash(&self.expected)?.entries();
        let mut matching = 0;
        for (name, expected) in &pairs {
            let value = vm.call_with(actual, vm.to_name(name)?, Args::default(), CallStyle::Implicit)?;
            matching += usize::from(values_match(vm, expected, &value)?);
            vm.hash_set(&values, name.clone(), value)?;
        }
        *self.values.borrow_mut() = Some(Value::Hash(values));
        Ok(Some((matching, pairs.len())))
    }

    fn explain(&self, vm: &Interp, actual: &Value, negated: bool) -> Res<Vec<u8>> {
        let values = self.values.borrow().clone();
        let Some(values) = values else {
            let names: Res<Vec<_>> = self.missing(vm, actual)?.iter().map(|name| format_value(vm, name)).collect();
            let names = [&names?.join(&b", "[..])[..], b" with 0 arguments"].concat();
            return phrase(vm, "expected ", actual, " to respond to ", &names);
        };
        let word = if negated { " not to " } else { " to " };
        let mut text = phrase(vm, "expected ", actual, word, &self.description(vm)?)?;
        if !negated {
            text.extend([b" but had attributes ", &format_value(vm, &values)?[..]].concat());
        }
        Ok(spaced_arrows(&text))
    }
}

impl Matcher for Attributes {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.check(vm, actual, false)?.is_some_and(|(matching, all)| matching == all))
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.check(vm, actual, true)?.is_some_and(|(matching, _)| matching == 0))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok(spaced_arrows(&[b"have attributes ", &format_surfaced(vm, &self.expected)?[..]].concat()))
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, false)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, true)
    }

    fn diffed(&self, _: &Interp, _: &Value) -> Res<Vec<(Vec<u8>, Value)>> {
        let shown = self.values.borrow().is_some() && !self.negated.get();
        Ok(if shown { one_diff(&self.expected) } else { Vec::new() })
    }

    fn diffed_actual(&self, actual: &Value) -> Value {
        self.values.borrow().clone().unwrap_or_else(|| actual.clone())
    }
}

fn satisfy(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let block = args.block.ok_or_else(|| vm.argument_error("satisfy needs a block"))?;
    let description = match args.get(0) {
        Some(text) => vm.to_s(text)?.lossy(),
        None => match crate::source::single_line(vm, block) {
            Some(source) => format!("satisfy expression `{source}`"),
            None => "satisfy block".to_owned(),
        },
    };
    object(vm, Satisfies { block: Rc::clone(block), description })
}

struct Satisfies {
    block: Rc<RProc>,
    description: String,
}

impl Matcher for Satisfies {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(vm.call_block(&self.block, std::slice::from_ref(actual))?.truthy())
    }

    fn description(&self, _: &Interp) -> Res<Vec<u8>> {
        Ok(self.description.clone().into_bytes())
    }
}

/// A value in full, with matchers in parentheses.
pub(super) fn surfaced(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    format::inspect(vm, value, Inner::Surfaced)
}
