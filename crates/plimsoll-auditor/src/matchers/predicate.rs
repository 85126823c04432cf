//! Matchers made of a method's name: `be_file` asks `file?`, `have_key(x)` asks `has_key?(x)`.

use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RProc, Res, Sym, Value, Visibility, def};

use super::{Matcher, format_value, list, object};

pub(super) const MAKERS: &[Def] =
    &[def("exist", 0, -1, |vm, _, args| object(vm, Exist(args.values.to_vec())), "`exist?` or `exists?`.")];

/// The matcher that an unknown name means, if it looks like one.
pub(crate) fn for_name(vm: &Interp, name: Sym, args: Args<'_>) -> Option<Res> {
    let text = name.text();
    let block = args.block.cloned();
    // Keywords lose their keyword-ness on the way to the predicate.
    let values = args.values.to_vec();
    if let Some(rest) = text.strip_prefix("be_").filter(|rest| !rest.is_empty()) {
        let word = rest.strip_prefix("an_").or_else(|| rest.strip_prefix("a_")).unwrap_or(rest);
        return Some(object(
            vm,
            Predicate {
                asked: vec![format!("{word}?"), format!("{word}s?")],
                said: format!("be {}", spaced(rest)),
                values,
                block,
            },
        ));
    }
    let rest = text.strip_prefix("have_").filter(|rest| !rest.is_empty())?;
    Some(object(
        vm,
        Predicate { asked: vec![format!("has_{rest}?")], said: format!("have {}", spaced(rest)), values, block },
    ))
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

struct Predicate {
    /// The methods that may answer, the first one preferred.
    asked: Vec<String>,
    said: String,
    values: Vec<Value>,
    block: Option<Rc<RProc>>,
}

/// How the value under test takes the question.
enum Answer {
    Value(Value),
    Private,
    Missing,
}

impl Predicate {
    fn ask(&self, vm: &Interp, actual: &Value) -> Res<Answer> {
        let class = vm.class_of(actual);
        for name in &self.asked {
            let name = Sym::new(name);
            let found = vm.find_method(&class, name);
            if found.as_ref().is_some_and(|m| m.visibility == Visibility::Private) {
                return Ok(Answer::Private);
            }
            if found.is_some() || vm.responds(actual, name)? {
                let args = Args::new(&self.values).with_block(self.block.as_ref());
                return vm.call_with(actual, name, args, CallStyle::Explicit).map(Answer::Value);
            }
        }
        Ok(Answer::Missing)
    }

    fn explain(&self, vm: &Interp, actual: &Value, negated: bool) -> Res<Vec<u8>> {
        let shown = format_value(vm, actual)?;
        let name = &self.asked[0];
        let rest = match self.ask(vm, actual)? {
            Answer::Private => format!(" to respond to `{name}` but `{name}` is a private method"),
            Answer::Missing => format!(" to respond to `{name}`"),
            Answer::Value(value) => {
                let wanted = if negated { "falsey" } else { "truthy" };
                let got = format_value(vm, &value)?;
                let call = [b"`", &shown[..], b".", name.as_bytes(), &self.arguments(vm)?[..], b"`"].concat();
                return Ok([b"expected ", &call[..], b" to be ", wanted.as_bytes(), b", got ", &got].concat());
            }
        };
        Ok([b"expected ", &shown[..], rest.as_bytes()].concat())
    }

    /// The arguments as a call shows them: `("z")`.
    fn arguments(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut shown = Vec::new();
        for value in &self.values {
            shown.push(format_value(vm, value)?);
        }
        Ok(if shown.is_empty() { Vec::new() } else { [b"(", &shown.join(&b", "[..])[..], b")"].concat() })
    }
}

impl Matcher for Predicate {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(matches!(self.ask(vm, actual)?, Answer::Value(value) if value.truthy()))
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(matches!(self.ask(vm, actual)?, Answer::Value(value) if !value.truthy()))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut text = self.said.clone().into_bytes();
        if !self.values.is_empty() {
            text.extend(list(vm, &self.values)?);
        }
        Ok(text)
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, false)
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, true)
    }
}

struct Exist(Vec<Value>);

impl Exist {
    /// What `exist?` and `exists?` say, those that there are.
    fn answers(&self, vm: &Interp, actual: &Value) -> Res<Vec<bool>> {
        let mut answers = Vec::new();
        for name in ["exist?", "exists?"] {
            if vm.responds(actual, Sym::new(name))? {
                answers.push(vm.send(actual, name, &self.0)?.truthy());
            }
        }
        answers.dedup();
        Ok(answers)
    }

    fn explain(&self, vm: &Interp, actual: &Value, word: &str) -> Res<Vec<u8>> {
        let shown = format_value(vm, actual)?;
        let why = match self.answers(vm, actual)?.as_slice() {
            [] => " but it does not respond to either `exist?` or `exists?`",
            [_, _, ..] => " but `exist?` and `exists?` returned different values:\n\n exist?: true\nexists?: false",
            [_] => "",
        };
        Ok([b"expected ", &shown[..], word.as_bytes(), why.as_bytes()].concat())
    }
}

impl Matcher for Exist {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.answers(vm, actual)? == [true])
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.answers(vm, actual)? == [false])
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let mut text = b"exist".to_vec();
        if !self.0.is_empty() {
            text.extend(list(vm, &self.0)?);
        }
        Ok(text)
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, " to exist")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, " not to exist")
    }
}
