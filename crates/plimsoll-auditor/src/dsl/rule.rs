//! A control while it is declared.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use indexmap::IndexMap;
use plimsoll_report::model::Object;
use plimsoll_ruby::{
    Args, CallStyle, Def, Interp, RHash, RObject, RProc, Res, Sym, Unwind, UnwindKind, Value, def, known,
};

use super::context::FileState;
use super::one;
use super::scope::Scope;
use crate::convert::{self, Keys};
use crate::input::Place;
use crate::source;
use crate::spec;
use crate::waiver::Waiver;

/// One `describe` of a `describe.one`: its arguments and its body.
pub(crate) type Alternative = (Vec<Value>, Option<Rc<RProc>>);

/// One thing a control checks.
#[derive(Clone)]
pub(crate) enum Check {
    /// `describe …`
    Describe(Vec<Value>, Option<Rc<RProc>>),
    /// `describe.one`: the alternatives.
    One(Vec<Alternative>),
    /// `expect(…).to …` directly in the control: the value and the object that collects the calls.
    Expect(Value, Value),
    /// The control's body failed.
    SourceError {
        /// FILE:LINE of the body.
        location: String,
        message: Vec<u8>,
        backtrace: Vec<String>,
    },
}

/// Why a control's checks are replaced by a single skip.
#[derive(Clone)]
struct Skip {
    /// `only_if` or `waiver`.
    kind: &'static str,
    message: Value,
}

/// A control.
pub(crate) struct Rule {
    pub id: String,
    /// The id as it was written: a number stays one.
    pub raw_id: Value,
    pub scope: Rc<Scope>,
    block: Option<Rc<RProc>>,
    file: RefCell<Option<Rc<FileState>>>,
    /// The title of its file when it was registered.
    pub group_title: RefCell<Option<String>>,
    pub line: Cell<u32>,
    pub code: RefCell<String>,
    impact: RefCell<Value>,
    impact_frozen: Cell<bool>,
    title: RefCell<Value>,
    descriptions: RefCell<IndexMap<String, Value>>,
    refs: RefCell<Vec<Value>>,
    tags: Rc<RHash>,
    checks: RefCell<Vec<Check>>,
    only_if: RefCell<Option<bool>>,
    skip: RefCell<Option<Skip>>,
    not_applicable: RefCell<Option<Value>>,
    pub waiver: RefCell<Option<Waiver>>,
}

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

impl Rule {
    pub(crate) fn new(
        vm: &Interp,
        scope: &Rc<Scope>,
        raw_id: &Value,
        id: String,
        block: Option<&Rc<RProc>>,
    ) -> Res<Rc<Self>> {
        let line = block.and_then(|block| source::location(block)).map_or_else(|| vm.position().1, |(_, line)| line);
        let code = block.and_then(|block| source::lines(vm, block)).unwrap_or_default();
        Ok(Rc::new(Self {
            id,
            raw_id: raw_id.clone(),
            scope: Rc::clone(scope),
            block: block.cloned(),
            file: RefCell::default(),
            group_title: RefCell::default(),
            line: Cell::new(line),
            code: RefCell::new(code),
            impact: RefCell::default(),
            impact_frozen: Cell::new(false),
            title: RefCell::default(),
            descriptions: RefCell::default(),
            refs: RefCell::default(),
            tags: RHash::new(),
            checks: RefCell::default(),
            only_if: RefCell::default(),
            skip: RefCell::default(),
            not_applicable: RefCell::default(),
            waiver: RefCell::default(),
        }))
    }

    /// The control as its own code sees it.
    pub(super) fn object(self: &Rc<Self>) -> Value {
        Value::Obj(RObject::with_native(Rc::clone(&self.scope.rule_class), Body(Rc::clone(self))))
    }

    /// Runs the control's body. What it raises becomes a result of the control, after those it had so far.
    pub(crate) fn evaluate(self: &Rc<Self>, vm: &Interp) -> Res<()> {
        let Some(block) = &self.block else { return Ok(()) };
        let this = self.object();
        vm.renew_budget();
        // What the body defines is known to this control alone.
        let own = vm.singleton_class(&this);
        let result = vm.call_block_with_self(block, &this, own.as_ref(), Args::new(std::slice::from_ref(&this)));
        let (message, backtrace) = match result.map_err(Unwind::into_kind) {
            Ok(_) | Err(UnwindKind::Next(_)) => return self.apply_waiver(vm),
            Err(UnwindKind::Raise(exception)) => {
                let error = Value::Obj(exception);
                let message = vm.call(&error, known::MESSAGE, &[])?;
                (vm.to_s(&message)?.to_vec(), spec::backtrace(&error))
            }
            Err(UnwindKind::Limit(limit)) => (limit.to_string().into_bytes(), Vec::new()),
            Err(UnwindKind::Throw(tag, _)) => {
                ([b"uncaught throw ", &vm.inspect(&tag)?.to_vec()[..]].concat(), Vec::new())
            }
            // `break` and `return` end the control before it is registered.
            Err(kind) => return Err(kind.into()),
        };
        let location = source::location(block).map_or_else(|| self.id.clone(), |(file, line)| format!("{file}:{line}"));
        let backtrace = if backtrace.is_empty() { self.backtrace() } else { backtrace };
        self.add_check(Check::SourceError { location, message, backtrace });
        self.apply_waiver(vm)
    }

    /// Lets a waiver say what becomes of the control; it weighs more than what the control's body said.
    pub(super) fn apply_waiver(&self, vm: &Interp) -> Res<()> {
        let entry = if self.scope.waivers.is_empty() {
            // Inputs named like a control were the way to waive it once.
            self.waiving_input(vm)?
        } else {
            self.scope.waivers.entry(vm, &self.id)?
        };
        let Some(entry) = entry.filter(|_| matches!(self.raw_id, Value::Str(_))) else { return Ok(()) };
        let waiver = Waiver::new(vm, entry)?;
        if waiver.skips {
            let justification = waiver.data.get("justification").cloned().unwrap_or_default();
            let message = convert::to_ruby(vm, &justification, Keys::Strings)?;
            *self.only_if.borrow_mut() = Some(true);
            *self.skip.borrow_mut() = Some(Skip { kind: "waiver", message });
        }
        *self.waiver.borrow_mut() = Some(waiver);
        Ok(())
    }

    /// Whether a waiver skips it.
    pub(super) fn is_waived(&self) -> bool {
        self.waiver.borrow().as_ref().is_some_and(|waiver| waiver.skips)
    }

    /// The input that waives the control: one of its name that is a Hash, which InSpec then notes the outcome in.
    fn waiving_input(&self, vm: &Interp) -> Res<Option<Object>> {
        let Some(hash) = self.scope.inputs.hash(&self.id) else { return Ok(None) };
        let serde_json::Value::Object(entry) = convert::to_json(vm, &Value::Hash(Rc::clone(&hash)))? else {
            return Ok(None);
        };
        vm.hash_set(&hash, Value::str("skipped_due_to_waiver"), Value::Bool(false))?;
        vm.hash_set(&hash, Value::str("message"), Value::str(""))?;
        Ok(Some(entry))
    }

    /// Where it is declared, as the backtrace of what fails outside the profile's code.
    pub(crate) fn backtrace(&self) -> Vec<String> {
        let file = self.file().map_or_else(|| "unknown".to_owned(), |file| file.display.clone());
        vec![format!("{file}:{}:in `control'", self.line.get())]
    }

    pub(crate) fn add_check(&self, check: Check) {
        self.checks.borrow_mut().push(check);
    }

    pub(super) fn set_file(&self, file: &Rc<FileState>) {
        *self.file.borrow_mut() = Some(Rc::clone(file));
        self.group_title.borrow_mut().clone_from(&file.title.borrow());
    }

    /// The file it was declared in.
    pub(crate) fn file(&self) -> Option<Rc<FileState>> {
        self.file.borrow().clone()
    }

    pub(super) fn skip_by_file(&self, message: Value) {
        *self.only_if.borrow_mut() = Some(true);
        *self.skip.borrow_mut() = Some(Skip { kind: "only_if", message });
    }

    /// Lets this failure stand for all it checks.
    pub(super) fn fail_by_file(&self, failure: Check) {
        *self.checks.borrow_mut() = vec![failure];
    }

    /// What its body checks, whether or not something stands for it.
    pub(crate) fn all_checks(&self) -> Vec<Check> {
        self.checks.borrow().clone()
    }

    /// What to check, or the one skip (or failure) that stands for it.
    pub(crate) fn checks(&self, vm: &Interp) -> Res<Plan> {
        let sentence = |start: &str, kind: &str, message: &Value| -> Res<Vec<u8>> {
            let start = format!("{start} control due to {kind} condition");
            if message.truthy() {
                Ok([start.as_bytes(), b": ", &vm.to_s(message)?.to_vec()].concat())
            } else {
                Ok(format!("{start}.").into_bytes())
            }
        };
        if *self.only_if.borrow() == Some(true)
            && let Some(skip) = self.skip.borrow().as_ref()
        {
            return Ok(Plan::Skip(sentence("Skipped", skip.kind, &skip.message)?));
        }
        if let Some(message) = self.not_applicable.borrow().as_ref() {
            return Ok(Plan::Fail(sentence("N/A", "only_applicable_if", message)?));
        }
        Ok(Plan::Run(self.checks.borrow().clone()))
    }

    /// A later definition of the same id: its fields win, its checks replace those here when it has any.
    pub(super) fn merge(&self, vm: &Interp, later: &Self) -> Res<()> {
        for (from, to) in [(&later.impact, &self.impact), (&later.title, &self.title)] {
            let value = from.borrow().clone();
            if !value.is_nil() {
                *to.borrow_mut() = value;
            }
        }
        for (label, text) in later.descriptions.borrow().iter() {
            self.descriptions.borrow_mut().insert(label.clone(), text.clone());
        }
        for (key, value) in later.tags.entries() {
            vm.hash_set(&self.tags, key, value)?;
        }
        // InSpec hands over the whole list of references as one.
        let merged = vm.hash_from([(Value::sym("ref"), Value::array(later.refs.borrow().clone()))])?;
        self.refs.borrow_mut().push(Value::Hash(merged));
        let checks = later.checks.borrow().clone();
        if !checks.is_empty() {
            *self.checks.borrow_mut() = checks;
        }
        let only_if = *later.only_if.borrow();
        if only_if.is_some() {
            *self.only_if.borrow_mut() = only_if;
            self.skip.borrow_mut().clone_from(&later.skip.borrow());
        }
        Ok(())
    }

    pub(crate) fn impact(&self) -> Value {
        self.impact.borrow().clone()
    }

    pub(crate) fn title(&self) -> Value {
        self.title.borrow().clone()
    }

    pub(crate) fn descriptions(&self) -> Vec<(String, Value)> {
        self.descriptions.borrow().iter().map(|(label, text)| (label.clone(), text.clone())).collect()
    }

    pub(crate) fn refs(&self) -> Vec<Value> {
        self.refs.borrow().clone()
    }

    pub(crate) fn tags(&self) -> &Rc<RHash> {
        &self.tags
    }

    /// Tag keys and values as text, for `--tags`.
    pub(super) fn tag_texts(&self, vm: &Interp) -> Res<Vec<String>> {
        let mut texts = Vec::new();
        for (key, value) in self.tags.entries() {
            texts.push(vm.to_s(&key)?.lossy());
            match value {
                Value::Nil => {}
                Value::Array(list) => {
                    for element in list.to_vec() {
                        texts.push(vm.to_s(&element)?.lossy());
                    }
                }
                other => texts.push(vm.to_s(&other)?.lossy()),
            }
        }
        Ok(texts)
    }
}

/// What a control comes down to.
pub(crate) enum Plan {
    /// These checks.
    Run(Vec<Check>),
    /// One skip with this message.
    Skip(Vec<u8>),
    /// One failure with this message.
    Fail(Vec<u8>),
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

/// Takes the smallest indent off all lines and the blanks around the whole.
fn unindent(vm: &Interp, text: &Value) -> Res {
    let Value::Str(text) = text else {
        let unwind = vm.no_method(text, Sym::new("split"), Args::new(&[Value::str("\n")]), CallStyle::Explicit, None);
        return Err(vm.highlight(unwind, text, Sym::new("split"), SPLIT_LINE));
    };
    let text = text.lossy();
    let indents = text.lines().filter(|line| !line.trim().is_empty());
    let least = indents.filter_map(|line| line.find(|c: char| !c.is_whitespace())).min().unwrap_or(0);
    let lines: Vec<&str> = text.split('\n').map(|line| cut(line, least)).collect();
    Ok(Value::str(lines.join("\n").trim()))
}

/// A line without its first `indent` blanks.
fn cut(line: &str, indent: usize) -> &str {
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    &line[blanks.min(indent)..]
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
