//! `be_a`, `respond_to`, `have_attributes`, `satisfy`, `raise_error`.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RProc, Res, UnwindKind, Value, def, known};

use super::{Matcher, format_value, list, object, phrase, values_match};

pub(super) const MAKERS: &[Def] = &[
    def("be_a", 1, 1, |vm, _, args| object(vm, Kind(args[0].clone())), "An instance of a class or its subclasses."),
    def("be_an", 1, 1, |vm, _, args| object(vm, Kind(args[0].clone())), "An instance of a class or its subclasses."),
    def(
        "be_a_kind_of",
        1,
        1,
        |vm, _, args| object(vm, Kind(args[0].clone())),
        "An instance of a class or its subclasses.",
    ),
    def(
        "be_kind_of",
        1,
        1,
        |vm, _, args| object(vm, Kind(args[0].clone())),
        "An instance of a class or its subclasses.",
    ),
    def(
        "be_an_instance_of",
        1,
        1,
        |vm, _, args| object(vm, Instance(args[0].clone())),
        "An instance of exactly this class.",
    ),
    def(
        "be_instance_of",
        1,
        1,
        |vm, _, args| object(vm, Instance(args[0].clone())),
        "An instance of exactly this class.",
    ),
    def("respond_to", 1, -1, |vm, _, args| object(vm, Responds(args.values.to_vec())), "Answers these methods."),
    def("have_attributes", 1, 1, |vm, _, args| object(vm, Attributes(args[0].clone())), "Has these values."),
    def("satisfy", 0, 1, satisfy, "Satisfies a block."),
    def("raise_error", 0, 2, raise_error, "Running the block raises."),
    def("raise_exception", 0, 2, raise_error, "Running the block raises."),
];

struct Kind(Value);

impl Matcher for Kind {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(vm.is_a(actual, &vm.to_class(&self.0)?))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"be a kind of ", &format_value(vm, &self.0)?[..]].concat())
    }
}

struct Instance(Value);

impl Matcher for Instance {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(Rc::ptr_eq(&vm.real_class_of(actual), &vm.to_class(&self.0)?))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"be an instance of ", &format_value(vm, &self.0)?[..]].concat())
    }
}

struct Responds(Vec<Value>);

impl Responds {
    fn missing(&self, vm: &Interp, actual: &Value, wanted: bool) -> Res<Vec<Value>> {
        let mut missing = Vec::new();
        for name in &self.0 {
            if vm.responds(actual, vm.to_name(name)?)? != wanted {
                missing.push(name.clone());
            }
        }
        Ok(missing)
    }

    fn names(vm: &Interp, names: &[Value]) -> Res<Vec<u8>> {
        let mut shown = Vec::new();
        for name in names {
            shown.push(vm.inspect(&Value::Sym(vm.to_name(name)?))?.to_vec());
        }
        Ok(shown.join(&b", "[..]))
    }
}

impl Matcher for Responds {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.missing(vm, actual, true)?.is_empty())
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.missing(vm, actual, false)?.is_empty())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut names = Vec::new();
        for name in &self.0 {
            names.push(Value::str(format!("#{}", vm.to_name(name)?)));
        }
        let shown = list(vm, &names)?;
        // Names stand bare here, not as inspected Strings.
        Ok([b"respond to", &shown.into_iter().filter(|b| *b != b'"').collect::<Vec<_>>()[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let missing = self.missing(vm, actual, true)?;
        phrase(vm, "expected ", actual, " to respond to ", &Self::names(vm, &missing)?)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let present = self.missing(vm, actual, false)?;
        phrase(vm, "expected ", actual, " not to respond to ", &Self::names(vm, &present)?)
    }
}

struct Attributes(Value);

impl Matcher for Attributes {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        for (name, expected) in vm.to_hash(&self.0)?.entries() {
            let got = vm.call(actual, vm.to_name(&name)?, &[])?;
            if !values_match(vm, &expected, &got)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"have attributes ", &format_value(vm, &self.0)?[..]].concat())
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

fn raise_error(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (class, message) = match (args.get(0), args.get(1)) {
        (Some(Value::Class(class)), message) => (Rc::clone(class), message.cloned()),
        (message, _) => (Rc::clone(&vm.c.exception), message.cloned()),
    };
    object(vm, Raises { class, message })
}

struct Raises {
    class: Rc<plimsoll_ruby::RClass>,
    message: Option<Value>,
}

impl Raises {
    /// What the block raises, if anything.
    fn raised(vm: &Interp, actual: &Value) -> Res<Option<Value>> {
        let Value::Proc(block) = actual else { return Ok(None) };
        match vm.call_block(block, &[]) {
            Ok(_) => Ok(None),
            Err(unwind) => match unwind.into_kind() {
                UnwindKind::Raise(exception) => Ok(Some(Value::Obj(exception))),
                kind => Err(kind.into()),
            },
        }
    }
}

impl Matcher for Raises {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let Some(error) = Self::raised(vm, actual)? else { return Ok(false) };
        if !vm.is_a(&error, &self.class) {
            return Ok(false);
        }
        match &self.message {
            Some(expected) => values_match(vm, expected, &vm.call(&error, known::MESSAGE, &[])?),
            None => Ok(true),
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut text = format!("raise {}", self.class.name()).into_bytes();
        if let Some(message) = &self.message {
            text.extend([b" with ", &format_value(vm, message)?[..]].concat());
        }
        Ok(text)
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let expected = self.expected(vm)?;
        match Self::raised(vm, actual)? {
            None => Ok([b"expected ", &expected[..], b" but nothing was raised"].concat()),
            Some(error) => {
                let got = vm.inspect(&error)?.to_vec();
                Ok([b"expected ", &expected[..], b", got ", &got].concat())
            }
        }
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let got = match Self::raised(vm, actual)? {
            Some(error) => vm.inspect(&error)?.to_vec(),
            None => Vec::new(),
        };
        Ok([b"expected no ", &self.class.name().into_bytes()[..], b", got ", &got].concat())
    }
}

impl Raises {
    fn expected(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut text = self.class.name().into_bytes();
        if let Some(message) = &self.message {
            let word: &[u8] =
                if vm.is_a(message, &vm.class_named("Regexp")) { b" with message matching " } else { b" with " };
            text.extend([word, &format_value(vm, message)?].concat());
        }
        Ok(text)
    }
}
