//! The matchers InSpec adds for its resources.

use std::cell::RefCell;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def, known};

use super::format::list_of;
use super::{Chained, Matcher, list, object};

pub(super) const MAKERS: &[Def] = &[
    def("contain_duplicates", 0, 0, |vm, _, _| object(vm, Duplicates), "Some element stands twice."),
    def("be_in", 1, 1, |vm, _, args| object(vm, In(args[0].clone())), "An element (or elements) of a list."),
    def("be_installed", 0, 0, |vm, _, _| object(vm, &INSTALLED), "`installed?`"),
    def("be_enabled", 0, 0, |vm, _, _| object(vm, &ENABLED), "`enabled?`"),
    def("be_running", 0, 0, |vm, _, _| object(vm, &RUNNING), "`running?`"),
    def("be_reachable", 0, 0, |vm, _, _| object(vm, &REACHABLE), "`reachable?`"),
    def("be_resolvable", 0, 0, |vm, _, _| object(vm, &RESOLVABLE), "`resolvable?`"),
    def("be_readable", 0, 0, |vm, _, _| access(vm, "readable"), "`readable?`, perhaps `by` someone."),
    def("be_writable", 0, 0, |vm, _, _| access(vm, "writable"), "`writable?`, perhaps `by` someone."),
    def("be_executable", 0, 0, |vm, _, _| access(vm, "executable"), "`executable?`, perhaps `by` someone."),
    def(
        "be_mounted",
        0,
        0,
        |vm, _, _| object(vm, Mounted { options: RefCell::new(None) }),
        "`mounted?`, perhaps `with` options.",
    ),
    def(
        "have_rule",
        0,
        1,
        |vm, _, args| object(vm, Has { method: "has_rule?", name: "have rule", argument: args.get(0).cloned() }),
        "`has_rule?`",
    ),
    def(
        "have_element",
        0,
        1,
        |vm, _, args| object(vm, Has { method: "has_element?", name: "have element", argument: args.get(0).cloned() }),
        "`has_element?`",
    ),
];

/// `be_installed` and its kin: a predicate that must be `true` itself.
struct Strict {
    method: &'static str,
    name: &'static str,
    /// Words around the resource in the failure message.
    failure: (&'static str, &'static str),
    /// The chain that is refused, and how.
    refused: (&'static str, &'static str),
}

static INSTALLED: Strict = Strict {
    method: "installed?",
    name: "be installed",
    failure: ("expected that `", "` is installed"),
    refused: ("by", "[UNSUPPORTED] Please use the new resources 'gem', 'npm' or 'pip'."),
};
static ENABLED: Strict = Strict {
    method: "enabled?",
    name: "be enabled",
    failure: ("expected that `", "` is enabled"),
    refused: ("with_level", "[UNSUPPORTED] with level is not supported"),
};
static RUNNING: Strict = Strict {
    method: "running?",
    name: "be running",
    failure: ("expected that `", "` is running"),
    refused: ("under", "[UNSUPPORTED] under is not supported"),
};
static REACHABLE: Strict = Strict {
    method: "reachable?",
    name: "be reachable",
    failure: ("expected that host ", " is reachable"),
    refused: ("with", "[UNSUPPORTED] `with` is not supported in combination with `be_reachable`"),
};
static RESOLVABLE: Strict = Strict {
    method: "resolvable?",
    name: "be resolvable",
    failure: ("expected that host ", " is resolvable"),
    refused: (
        "by",
        "[UNSUPPORTED] `by` is not supported in combination with `be_resolvable`. Please use the following syntax `host('example.com', port: 53, proto: 'udp')`.",
    ),
};

impl Matcher for &'static Strict {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(matches!(vm.send(actual, self.method, &[])?, Value::Bool(true)))
    }

    fn description(&self, _: &Interp) -> Res<Vec<u8>> {
        Ok(self.name.as_bytes().to_vec())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        Ok([self.failure.0.as_bytes(), &vm.to_s(actual)?.to_vec(), self.failure.1.as_bytes()].concat())
    }

    fn chain(&self, vm: &Interp, name: &str, _: Args<'_>) -> Res<Chained> {
        if name == self.refused.0 { Err(vm.error("RuntimeError", self.refused.1)) } else { Ok(Chained::Unknown) }
    }
}

fn access(vm: &Interp, kind: &'static str) -> Res {
    object(vm, Access { kind, by: RefCell::default(), by_user: RefCell::default() })
}

struct Access {
    kind: &'static str,
    by: RefCell<Value>,
    by_user: RefCell<Value>,
}

impl Matcher for Access {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let (by, by_user) = (self.by.borrow().clone(), self.by_user.borrow().clone());
        Ok(vm.send(actual, &format!("{}?", self.kind), &[by, by_user])?.truthy())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut text = format!("be {}", self.kind).into_bytes();
        let (by, by_user) = (self.by.borrow().clone(), self.by_user.borrow().clone());
        if !by.is_nil() {
            text.extend([b" by ", &vm.to_s(&by)?.to_vec()[..]].concat());
        }
        if !by_user.is_nil() {
            text.extend([b" by user ", &vm.to_s(&by_user)?.to_vec()[..]].concat());
        }
        Ok(text)
    }

    fn chain(&self, _: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        match (name, args.get(0)) {
            ("by", Some(value)) => *self.by.borrow_mut() = value.clone(),
            ("by_user", Some(value)) => *self.by_user.borrow_mut() = value.clone(),
            _ => return Ok(Chained::Unknown),
        }
        Ok(Chained::Itself)
    }
}

struct In(Value);

/// The line of InSpec's own code that Ruby shows below the error of a list that is none.
const LIST_LINE: &str = "\n\n    item.is_a?(Array) ? (item - list).empty? : list.include?(item)\n                                                   ^^^^^^^^^";

impl In {
    fn includes(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let result = vm.send(&self.0, "include?", std::slice::from_ref(actual));
        let result = result.map_err(|unwind| vm.highlight(unwind, &self.0, known::INCLUDE_P, LIST_LINE));
        Ok(result?.truthy())
    }

    fn shown(vm: &Interp, value: &Value) -> Res<String> {
        Ok(vm.to_s(value)?.lossy())
    }

    fn with_list(&self, vm: &Interp, actual: &Value, op: &str) -> Res {
        let list = match &self.0 {
            Value::Array(_) => self.0.clone(),
            other => vm.send(actual, op, std::slice::from_ref(other))?,
        };
        vm.send(actual, op, &[list])
    }
}

impl Matcher for In {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        match actual {
            Value::Array(_) => Ok(vm.send(&self.with_list(vm, actual, "-")?, "empty?", &[])?.truthy()),
            _ => Ok(self.includes(vm, actual)?),
        }
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        match actual {
            Value::Array(_) => Ok(vm.send(&self.with_list(vm, actual, "&")?, "empty?", &[])?.truthy()),
            _ => Ok(!self.includes(vm, actual)?),
        }
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([b"be in", &list_of(vm, &self.0)?[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let mut text =
            format!("expected `{}` to be in the list: `{}`", Self::shown(vm, actual)?, Self::shown(vm, &self.0)?);
        if matches!(actual, Value::Array(_)) {
            let off = self.with_list(vm, actual, "-")?;
            text.push_str(&format!(" \nDiff:\n {}", Self::shown(vm, &off)?));
        }
        Ok(text.into_bytes())
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let mut text =
            format!("expected `{}` not to be in the list: `{}`", Self::shown(vm, actual)?, Self::shown(vm, &self.0)?);
        if matches!(actual, Value::Array(_)) {
            let common = self.with_list(vm, actual, "&")?;
            text.push_str(&format!(" \nComm:\n {}", Self::shown(vm, &common)?));
        }
        Ok(text.into_bytes())
    }
}

struct Mounted {
    options: RefCell<Option<(Value, bool)>>,
}

impl Matcher for Mounted {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let options = self.options.borrow().clone();
        match options {
            Some((options, identical)) => Ok(vm.send(actual, "mounted?", &[options, identical.into()])?.truthy()),
            None => Ok(vm.send(actual, "mounted?", &[])?.truthy()),
        }
    }

    fn description(&self, _: &Interp) -> Res<Vec<u8>> {
        Ok(b"be mounted".to_vec())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        let name = vm.to_s(actual)?.lossy();
        let options = self.options.borrow().clone();
        let Some((options, _)) = options else { return Ok(format!("\n{name} is not mounted\n").into_bytes()) };
        let options = vm.to_s(&options)?.lossy();
        let got = vm.send(actual, "mount_options", &[])?;
        let got = vm.to_s(&got)?.lossy();
        let text = format!("\n{name} is not mounted with the options\n     expected: {options}\n     got: {got}\n");
        Ok(text.into_bytes())
    }

    fn chain(&self, _: &Interp, name: &str, args: Args<'_>) -> Res<Chained> {
        match (name, args.get(0)) {
            ("with" | "only_with", Some(options)) => {
                *self.options.borrow_mut() = Some((options.clone(), name == "only_with"));
                Ok(Chained::Itself)
            }
            _ => Ok(Chained::Unknown),
        }
    }
}

struct Has {
    method: &'static str,
    name: &'static str,
    argument: Option<Value>,
}

impl Matcher for Has {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(vm.send(actual, self.method, &[self.argument.clone().unwrap_or_default()])?.truthy())
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([self.name.as_bytes(), &list(vm, self.argument.as_slice())?].concat())
    }
}

struct Duplicates;

impl Matcher for Duplicates {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        let elements = vm.collect(actual)?;
        for (at, element) in elements.iter().enumerate() {
            for other in &elements[at + 1..] {
                if vm.equal(element, other)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn description(&self, _: &Interp) -> Res<Vec<u8>> {
        Ok(b"contain duplicates".to_vec())
    }
}
