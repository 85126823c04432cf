//! The language inside a control.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RHash, RObject, Res, Sym, Unwind, UnwindKind, Value, def, known};

use super::one;
use super::rule::{Check, Rule, Skip};
use crate::input::Place;
use crate::source;
use crate::spec;

/// `self` in a control's body.
struct Body(Rc<Rule>);

const METHODS: &[Def] = &[
    def("id", 0, -1, |vm, this, _| Ok(of(vm, this)?.raw_id.clone()), "The control's id."),
    def("impact", 0, 1, impact, "How bad a failure is, 0.0 to 1.0 or a word."),
    def("title", 0, 1, title, "The control's title."),
    def("desc", 0, 2, desc, "A description, perhaps with a label."),
    def("description", 0, 2, desc, "A description, perhaps with a label."),
    def("descriptions", 0, 1, descriptions, "All descriptions."),
    def("ref", 0, 2, reference, "A reference."),
    def("tag", 0, -1, tag, "Tags."),
    def("only_if", 0, 2, only_if, "Skips the control unless the block is true."),
    def("only_applicable_if", 0, 1, only_applicable_if, "Makes the control not applicable unless the block is true."),
    def("describe", 0, -1, describe, "Checks something."),
    def("expect", 0, 1, expect, "Checks a value."),
    def("input", 1, 2, |vm, this, args| of(vm, this)?.scope.input(vm, args, Place::Control), "An input's value."),
    def("attribute", 1, 2, |vm, this, args| of(vm, this)?.scope.input(vm, args, Place::Control), "An input's value."),
    def("input_object", 1, 1, |vm, this, args| of(vm, this)?.scope.input_object(vm, args), "An input."),
    def("inspec", 0, 0, |vm, this, _| Ok(of(vm, this)?.scope.backend.clone()), "The backend."),
    def("to_s", 0, 0, |vm, this, _| Ok(Value::str(&of(vm, this)?.id)), "The control's id."),
    def("initialize", 4, 4, |vm, _, _| Err(vm.unsupported("making a control by hand")), "Controls are declared."),
    def("method_missing", 1, -1, missing, "Anything else is unknown."),
];

const EXPECTED: &[Def] = &[
    def("to", 0, -1, |vm, this, args| expected(vm, this, args, "to"), "It must match."),
    def("not_to", 0, -1, |vm, this, args| expected(vm, this, args, "not_to"), "It must not match."),
    def("to_not", 0, -1, |vm, this, args| expected(vm, this, args, "not_to"), "It must not match."),
];

pub(super) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "Rule", &vm.c.object);
    vm.define(&class, METHODS);
    let expect = vm.define_class(&inspec, "Expect", &vm.c.object);
    vm.define(&expect, EXPECTED);
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Rule>> {
    match this.native::<Body>() {
        Some(body) => Ok(Rc::clone(&body.0)),
        None => Err(vm.error("RuntimeError", "this can only be used in a control")),
    }
}

/// The control as its own code sees it.
pub(super) fn object(rule: &Rc<Rule>) -> Value {
    Value::Obj(RObject::with_native(Rc::clone(&rule.scope.rule_class), Body(Rc::clone(rule))))
}

/// Runs the control's body. What it raises becomes a result of the control, after those it had so far.
pub(super) fn evaluate(vm: &Interp, rule: &Rc<Rule>) -> Res<()> {
    let Some(block) = &rule.block else { return Ok(()) };
    let this = object(rule);
    vm.renew_budget();
    // What the body defines is known to this control alone.
    let own = vm.singleton_class(&this);
    let result = vm.call_block_with_self(block, &this, own.as_ref(), Args::new(std::slice::from_ref(&this)));
    let (message, backtrace) = match result.map_err(Unwind::into_kind) {
        Ok(_) | Err(UnwindKind::Next(_)) => return rule.apply_waiver(vm),
        Err(UnwindKind::Raise(exception)) => {
            let error = Value::Obj(exception);
            let message = vm.call(&error, known::MESSAGE, &[])?;
            (vm.to_s(&message)?.to_vec(), spec::backtrace(&error))
        }
        Err(UnwindKind::Limit(limit)) => (limit.to_string().into_bytes(), Vec::new()),
        Err(UnwindKind::Throw(tag, _)) => ([b"uncaught throw ", &vm.inspect(&tag)?.to_vec()[..]].concat(), Vec::new()),
        // `break` and `return` end the control before it is registered.
        Err(kind) => return Err(kind.into()),
    };
    let location = source::location(block).map_or_else(|| rule.id.clone(), |(file, line)| format!("{file}:{line}"));
    let backtrace = if backtrace.is_empty() { rule.backtrace() } else { backtrace };
    rule.add_check(Check::SourceError { location, message, backtrace });
    rule.apply_waiver(vm)
}

fn impact(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    if let Some(value) = args.get(0).filter(|v| !v.is_nil())
        && !rule.impact_frozen.get()
    {
        let value = match value {
            Value::Str(text) => impact_of(vm, &text.lossy())?,
            other => other.clone(),
        };
        *rule.impact.borrow_mut() = value;
    }
    Ok(rule.impact())
}

/// Impact words; a number written as text is taken as the number.
fn impact_of(vm: &Interp, text: &str) -> Res {
    let value = match text.to_lowercase().as_str() {
        "none" => 0.0,
        "low" => 0.1,
        "medium" => 0.4,
        "high" if text == "high" => 0.7,
        "critical" => 0.9,
        // InSpec compares the word in lower case but looks it up as written.
        "high" => 0.5,
        other => {
            match other.trim().parse::<f64>() {
                Ok(number) => number,
                Err(_) => {
                    let class = vm.class_named("Inspec::ImpactError");
                    return Err(vm.raise(&class, format!("'{text}' is not a valid impact name. Valid impact names: none, low, medium, high, critical.")));
                }
            }
        }
    };
    Ok(Value::Float(value))
}

fn title(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    if let Some(value) = args.get(0).filter(|v| !v.is_nil()) {
        *rule.title.borrow_mut() = value.clone();
    }
    Ok(rule.title())
}

fn desc(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    let label = |value: &Value| -> Res<String> { Ok(vm.to_s(value)?.lossy()) };
    match (args.get(0), args.get(1)) {
        (None | Some(Value::Nil), _) => Ok(rule.descriptions.borrow().get("default").cloned().unwrap_or_default()),
        (Some(text), None | Some(Value::Nil)) => {
            let text = unindent(vm, text)?;
            rule.descriptions.borrow_mut().insert("default".to_owned(), text.clone());
            Ok(text)
        }
        (Some(name), Some(text)) => {
            let text = unindent(vm, text)?;
            rule.descriptions.borrow_mut().insert(label(name)?, text.clone());
            Ok(text)
        }
    }
}

/// The line of InSpec's own code that Ruby shows below the error of a description that is no text.
const SPLIT_LINE: &str = "\n\n      len = text.split(\"\\n\").reject { |l| l.strip.empty? }.map { |x| x.index(/[^\\s]/) }.compact.min\n                ^^^^^^";

/// Takes the smallest indent off the lines that have it whole, and the blanks around it all.
fn unindent(vm: &Interp, text: &Value) -> Res {
    let Value::Str(text) = text else {
        let unwind = vm.no_method(text, Sym::new("split"), Args::new(&[Value::str("\n")]), CallStyle::Explicit, None);
        return Err(vm.highlight(unwind, text, Sym::new("split"), SPLIT_LINE));
    };
    let text = text.lossy();
    let indents = text.split('\n').filter_map(|line| line.chars().position(|c| !is_space(c)));
    let least = indents.min().unwrap_or(0);
    let lines: Vec<&str> = text.split('\n').map(|line| cut(line, least)).collect();
    Ok(Value::str(lines.join("\n").trim_start_matches(is_space).trim_end_matches(|c| is_space(c) || c == '\0')))
}

/// What `\s` matches in Ruby.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// A line without its first `indent` characters where all these are blanks (`[[:blank:]]`); the line as it is otherwise.
fn cut(line: &str, indent: usize) -> &str {
    let is_blank = |c: char| matches!(c, ' ' | '\t') || (c.is_whitespace() && !is_space(c));
    let mut rest = line.chars();
    let whole = (0..indent).all(|_| rest.next().is_some_and(is_blank));
    if whole { rest.as_str() } else { line }
}

fn descriptions(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    if let Some(given) = args.get(0) {
        for (label, text) in vm.to_hash(given)?.entries() {
            rule.descriptions.borrow_mut().insert(vm.to_s(&label)?.lossy(), text);
        }
    }
    let all = rule.descriptions().into_iter().map(|(label, text)| (Value::sym(&label), text));
    Ok(Value::Hash(vm.hash_from(all)?))
}

fn reference(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    let entry = match (args.get(0), args.get(1)) {
        (None | Some(Value::Nil), None) => return Ok(Value::array(rule.refs())),
        (Some(Value::Hash(options)), None) => Value::Hash(Rc::clone(options)),
        (text, options) => {
            let entry = match options {
                Some(options) => {
                    let copy = RHash::new();
                    copy.copy_entries(&*vm.to_hash(options)?);
                    copy
                }
                None => RHash::new(),
            };
            vm.hash_set(&entry, Value::sym("ref"), text.cloned().unwrap_or_default())?;
            Value::Hash(entry)
        }
    };
    rule.refs.borrow_mut().push(entry);
    Ok(Value::array(rule.refs()))
}

fn tag(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    for arg in args.values {
        match arg {
            Value::Hash(pairs) => {
                for (key, value) in pairs.entries() {
                    vm.hash_set(&rule.tags, key, value)?;
                }
            }
            name => {
                if vm.hash_get(&rule.tags, name)?.is_none_or(|v| !v.truthy()) {
                    vm.hash_set(&rule.tags, name.clone(), Value::Nil)?;
                }
            }
        }
    }
    Ok(Value::Hash(Rc::clone(&rule.tags)))
}

fn only_if(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    let Some(block) = args.block else { return Ok(Value::Nil) };
    let (values, _) = args.split_keywords();
    let message = values.first().cloned().unwrap_or_default();
    let skipped = !vm.call_block(block, &[])?.truthy();
    if let Some(value) = args.keyword("impact").filter(Value::truthy)
        && skipped
    {
        impact(vm, this, Args::new(&[value]))?;
    }
    // Once false stays skipped; the last message is shown.
    let before = *rule.only_if.borrow() == Some(true);
    *rule.only_if.borrow_mut() = Some(before || skipped);
    *rule.skip.borrow_mut() = Some(Skip { kind: "only_if", message });
    Ok(Value::Nil)
}

fn only_applicable_if(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    let Some(block) = args.block else { return Ok(Value::Nil) };
    if vm.call_block(block, &[])?.truthy() {
        return Ok(Value::Nil);
    }
    if !rule.impact_frozen.replace(true) {
        *rule.impact.borrow_mut() = Value::Float(0.0);
    }
    *rule.not_applicable.borrow_mut() = Some(args.or_nil(0));
    Ok(Value::Nil)
}

fn describe(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    if args.is_empty() && args.block.is_none() {
        return Ok(one::starter(&rule));
    }
    rule.add_check(Check::Describe(args.values.to_vec(), args.block.cloned()));
    Ok(Value::Nil)
}

/// Collects the calls of `expect(x).to …` until the control runs.
pub(crate) struct Expected {
    pub calls: RefCell<Vec<(&'static str, Vec<Value>)>>,
}

fn expect(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rule = of(vm, this)?;
    let value = match (args.get(0), args.block) {
        (Some(value), _) => value.clone(),
        (None, Some(block)) => Value::Proc(Rc::clone(block)),
        (None, None) => return Err(vm.arity_error(0, 1, 1)),
    };
    let collected = Expected { calls: RefCell::default() };
    let object = Value::Obj(RObject::with_native(vm.class_named("Inspec::Expect"), collected));
    rule.add_check(Check::Expect(value, object.clone()));
    Ok(object)
}

fn expected(vm: &Interp, this: &Value, args: Args<'_>, method: &'static str) -> Res {
    let expected = this.native::<Expected>().ok_or_else(|| vm.type_error("not an expectation"))?;
    expected.calls.borrow_mut().push((method, args.values.to_vec()));
    Ok(Value::Nil)
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    // Matchers are arguments of `expect(…).to` here.
    if let Some(matcher) = crate::matchers::for_name(vm, name, rest) {
        return matcher;
    }
    let style = if rest.is_empty() && rest.block.is_none() { CallStyle::Variable } else { CallStyle::Implicit };
    Err(vm.no_method(this, name, rest, style, None))
}
