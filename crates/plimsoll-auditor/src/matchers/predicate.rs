//! Matchers made of a method's name: `be_file` asks `file?`, `have_key(x)` asks `has_key?(x)`; and `exist`.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RProc, Res, Sym, Value, Visibility, def};

use super::format::{join_list, words};
use super::{Matcher, format_value, list, object};

pub(super) const MAKERS: &[Def] = &[def("exist", 0, -1, exist, "`exist?` or `exists?`.")];

/// The matcher that an unknown name means, if it looks like one.
pub(crate) fn for_name(vm: &Interp, name: Sym, args: Args<'_>) -> Option<Res> {
    let text = name.text();
    let block = args.block.cloned();
    // Keywords lose their keyword-ness on the way to the predicate.
    let values = args.values.to_vec();
    let asked = if let Some(rest) = text.strip_prefix("be_").filter(|rest| !rest.is_empty()) {
        let word = rest.strip_prefix("an_").or_else(|| rest.strip_prefix("a_")).unwrap_or(rest);
        vec![format!("{word}?"), format!("{word}s?")]
    } else {
        let rest = text.strip_prefix("have_").filter(|rest| !rest.is_empty())?;
        vec![format!("has_{rest}?")]
    };
    Some(object(vm, Predicate { asked, said: words(&text), values, block, answer: RefCell::default() }))
}

struct Predicate {
    /// The methods that may answer, the first one preferred.
    asked: Vec<String>,
    said: String,
    values: Vec<Value>,
    block: Option<Rc<RProc>>,
    answer: RefCell<Answer>,
}

/// How the value under test took the question.
#[derive(Default)]
enum Answer {
    Value(Value),
    Private,
    #[default]
    Missing,
}

impl Predicate {
    /// Whether the answer is truthy, where there is one.
    fn ask(&self, vm: &Interp, actual: &Value) -> Res<Option<bool>> {
        for name in &self.asked {
            let name = Sym::new(name);
            if vm.responds(actual, name)? {
                let args = Args::new(&self.values).with_block(self.block.as_ref());
                let value = vm.call_with(actual, name, args, CallStyle::Implicit)?;
                plimsoll_resources::raise_caught(&value)?;
                // A table is true even without rows; as an answer it is meant to have some.
                let truthy = match &value {
                    Value::Obj(_) if vm.is_a(&value, &vm.class_named("FilterTable::Table")) => {
                        vm.send(&value, "exist?", &[])?.truthy()
                    }
                    value => value.truthy(),
                };
                *self.answer.borrow_mut() = Answer::Value(value);
                return Ok(Some(truthy));
            }
        }
        let found = vm.find_method(&vm.class_of(actual), Sym::new(&self.asked[0]));
        let private = found.is_some_and(|method| method.visibility == Visibility::Private);
        *self.answer.borrow_mut() = if private { Answer::Private } else { Answer::Missing };
        Ok(None)
    }

    fn explain(&self, vm: &Interp, actual: &Value, wanted: &str) -> Res<Vec<u8>> {
        let shown = format_value(vm, actual)?;
        let name = &self.asked[0];
        let rest = match &*self.answer.borrow() {
            Answer::Private => format!(" to respond to `{name}` but `{name}` is a private method"),
            Answer::Missing => {
                let hint = match name.as_str() {
                    "true?" => " or perhaps you meant `be true` or `be_truthy`",
                    "false?" => " or perhaps you meant `be false` or `be_falsey`",
                    _ => "",
                };
                format!(" to respond to `{name}`{hint}")
            }
            Answer::Value(value) => {
                let got = format_value(vm, value)?;
                let call = [b"`", &shown[..], b".", name.as_bytes(), &self.arguments(vm)?[..], b"`"].concat();
                return Ok([b"expected ", &call[..], b" to be ", wanted.as_bytes(), b", got ", &got].concat());
            }
        };
        Ok([b"expected ", &shown[..], rest.as_bytes()].concat())
    }

    /// The arguments as a call shows them: `("z")`.
    fn arguments(&self, vm: &Interp) -> Res<Vec<u8>> {
        let shown: Res<Vec<_>> = self.values.iter().map(|value| format_value(vm, value)).collect();
        let shown = shown?;
        Ok(if shown.is_empty() { Vec::new() } else { [b"(", &shown.join(&b", "[..])[..], b")"].concat() })
    }
}

impl Matcher for Predicate {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.ask(vm, actual)? == Some(true))
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.ask(vm, actual)? == Some(false))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        Ok([self.said.as_bytes(), &list(vm, &self.values)?].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, "truthy")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, "falsey")
    }
}

fn exist(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    object(vm, Exist { values: args.values.to_vec(), answers: RefCell::default() })
}

struct Exist {
    values: Vec<Value>,
    /// What `exist?` and `exists?` said, those that there are.
    answers: RefCell<Vec<Value>>,
}

impl Exist {
    /// The answer, where there is one and only one.
    fn ask(&self, vm: &Interp, actual: &Value) -> Res<Option<bool>> {
        let mut answers = Vec::new();
        for name in ["exist?", "exists?"] {
            if vm.responds(actual, Sym::new(name))? {
                answers.push(vm.send(actual, name, &self.values)?);
            }
        }
        let mut truths: Vec<bool> = answers.iter().map(Value::truthy).collect();
        truths.dedup();
        *self.answers.borrow_mut() = answers;
        Ok(match truths.as_slice() {
            [one] => Some(*one),
            _ => None,
        })
    }

    fn explain(&self, vm: &Interp, actual: &Value, word: &str) -> Res<Vec<u8>> {
        let shown = format_value(vm, actual)?;
        let why = match self.answers.borrow().as_slice() {
            [] => b" but it does not respond to either `exist?` or `exists?`".to_vec(),
            [first, second] if first.truthy() != second.truthy() => {
                let (first, second) = (vm.to_s(first)?.lossy(), vm.to_s(second)?.lossy());
                format!(" but `exist?` and `exists?` returned different values:\n\n exist?: {first}\nexists?: {second}")
                    .into_bytes()
            }
            _ => Vec::new(),
        };
        Ok([b"expected ", &shown[..], word.as_bytes(), &why].concat())
    }
}

impl Matcher for Exist {
    fn matches(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.ask(vm, actual)? == Some(true))
    }

    fn does_not_match(&self, vm: &Interp, actual: &Value) -> Res<bool> {
        Ok(self.ask(vm, actual)? == Some(false))
    }

    fn description(&self, vm: &Interp) -> Res<Vec<u8>> {
        let parts: Res<Vec<_>> = self.values.iter().map(|value| format_value(vm, value)).collect();
        Ok([b"exist", &join_list(&parts?)[..]].concat())
    }

    fn failure(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, " to exist")
    }

    fn failure_negated(&self, vm: &Interp, actual: &Value) -> Res<Vec<u8>> {
        self.explain(vm, actual, " not to exist")
    }
}
