//! Inputs: what a profile asks of whoever runs it.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use plimsoll_report::model::{Attribute, Object};
use plimsoll_ruby::{Args, Def, Interp, RObject, Res, Value, def, known};
use serde_json::Value as Json;

use crate::convert::{Keys, to_json, to_ruby};
use crate::error::AuditError;

/// Where a value came from; the greatest wins, the latest among equals. As in InSpec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// `input('x', value: …)` in a control file.
    Inline = 20,
    /// inspec.yml.
    Metadata = 30,
    /// `--input-file`.
    File = 40,
    /// `--input`.
    CommandLine = 50,
}

/// The types an input may have, by InSpec's names.
const TYPES: &[&str] = &["String", "Numeric", "Regexp", "Array", "Hash", "Boolean", "Any"];

/// One input of one profile.
#[derive(Default)]
pub(crate) struct Input {
    name: String,
    kind: Option<&'static str>,
    required: Option<bool>,
    sensitive: Option<bool>,
    description: Option<String>,
    title: Option<String>,
    pattern: Option<String>,
    values: Vec<(i64, Value)>,
}

impl Input {
    /// The value in force, if any was given.
    fn value(&self) -> Option<&Value> {
        // `max_by_key` gives the last of equals, which is InSpec's tie-break.
        self.values.iter().max_by_key(|(priority, _)| *priority).map(|(_, value)| value)
    }

    fn missing(&self) -> bool {
        self.required == Some(true) && self.value().is_none_or(Value::is_nil)
    }
}

/// The inputs of one profile, in the order in which they were first named.
#[derive(Default)]
pub(crate) struct Inputs {
    profile: String,
    inputs: RefCell<IndexMap<String, Input>>,
}

/// Values given from outside, for every profile of the run.
#[derive(Debug, Default, Clone)]
pub struct GivenInputs {
    /// From `--input-file`, in order.
    pub files: Vec<(String, Json)>,
    /// From `--input NAME=VALUE`, in order.
    pub command_line: Vec<(String, Json)>,
}

impl GivenInputs {
    /// Adds a `--input NAME=VALUE`.
    pub fn add_pair(&mut self, pair: &str) -> Result<(), AuditError> {
        let Some((name, value)) = pair.split_once('=') else {
            let advice = if pair.ends_with(".yaml") || pair.ends_with(".yml") {
                "--input takes one value; use --input-file to load a YAML file"
            } else {
                "write --input NAME=VALUE"
            };
            return Err(AuditError::Usage(format!("input `{pair}` has no `=`: {advice}")));
        };
        self.command_line.push((name.to_owned(), parse_value(value)));
        Ok(())
    }

    /// Adds the values of an `--input-file`: a YAML or JSON mapping of names to values.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), AuditError> {
        match crate::yaml::parse(text).map_err(|why| AuditError::InputFile { file: name.to_owned(), why })? {
            Json::Null => Ok(()),
            Json::Object(map) => {
                self.files.extend(map);
                Ok(())
            }
            _ => Err(AuditError::InputFile {
                file: name.to_owned(),
                why: "it is not a mapping of input names to values".into(),
            }),
        }
    }
}

/// A value as the command line gives it: booleans, numbers and `[…]`/`{…}` are what they look like, the rest is text.
fn parse_value(text: &str) -> Json {
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Json::Bool(text.eq_ignore_ascii_case("true"));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if is_number(digits)
        && let Ok(int) = text.parse::<i64>()
    {
        return int.into();
    }
    if let Some((whole, fraction)) = digits.split_once('.')
        && is_number(whole)
        && is_number(fraction)
        && let Some(number) = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64)
    {
        return Json::Number(number);
    }
    let bracketed = (text.starts_with('[') || text.starts_with('{')) && (text.ends_with(']') || text.ends_with('}'));
    if bracketed && let Ok(value) = crate::yaml::parse(text) {
        return value;
    }
    Json::String(text.to_owned())
}

impl Inputs {
    /// The inputs of a profile: what inspec.yml declares, then what is given from outside.
    pub(crate) fn bind(
        vm: &Interp,
        profile: &str,
        declared: &[Object],
        given: &GivenInputs,
    ) -> Result<Rc<Self>, AuditError> {
        let inputs = Rc::new(Self { profile: profile.to_owned(), inputs: RefCell::default() });
        for declaration in declared {
            inputs.declare(vm, declaration)?;
        }
        let outside = given.files.iter().map(|pair| (Priority::File, pair));
        let outside = outside.chain(given.command_line.iter().map(|pair| (Priority::CommandLine, pair)));
        for (priority, (name, value)) in outside {
            let value = to_ruby(vm, value, Keys::Strings).map_err(|u| AuditError::internal(vm, &u))?;
            inputs.set(vm, name, priority as i64, value)?;
        }
        for input in inputs.inputs.borrow().values() {
            if input.missing() {
                return Err(AuditError::InputRequired { profile: profile.to_owned(), name: input.name.clone() });
            }
        }
        Ok(inputs)
    }

    fn declare(&self, vm: &Interp, declaration: &Object) -> Result<(), AuditError> {
        let Some(name) = declaration.get("name").and_then(Json::as_str) else { return Ok(()) };
        let text = |key: &str| declaration.get(key).and_then(Json::as_str).map(str::to_owned);
        let flag = |key: &str| declaration.get(key).and_then(Json::as_bool);
        {
            let mut inputs = self.inputs.borrow_mut();
            let input = inputs.entry(name.to_owned()).or_default();
            input.name = name.to_owned();
            if let Some(kind) = text("type") {
                input.kind = Some(self.known_type(name, &kind)?);
            }
            input.required = flag("required").or(input.required);
            input.sensitive = flag("sensitive").or(input.sensitive);
            input.description = text("description").or_else(|| input.description.clone());
            input.title = text("title").or_else(|| input.title.clone());
            input.pattern = text("pattern").or_else(|| input.pattern.clone());
        }
        if let Some(value) = declaration.get("value").or_else(|| declaration.get("default")) {
            let priority = declaration.get("priority").and_then(Json::as_i64).unwrap_or(Priority::Metadata as i64);
            let value = to_ruby(vm, value, Keys::SymbolsInside).map_err(|u| AuditError::internal(vm, &u))?;
            self.set_at(vm, name, priority, value)?;
        }
        Ok(())
    }

    fn known_type(&self, name: &str, kind: &str) -> Result<&'static str, AuditError> {
        TYPES.iter().find(|known| known.eq_ignore_ascii_case(kind)).copied().ok_or_else(|| AuditError::InputType {
            profile: self.profile.clone(),
            name: name.to_owned(),
            why: format!("type `{kind}` is not one of {}", TYPES.join(", ")),
        })
    }

    fn set(&self, vm: &Interp, name: &str, priority: i64, value: Value) -> Result<(), AuditError> {
        self.set_at(vm, name, priority, value)
    }

    fn set_at(&self, vm: &Interp, name: &str, priority: i64, value: Value) -> Result<(), AuditError> {
        {
            let mut inputs = self.inputs.borrow_mut();
            let input = inputs.entry(name.to_owned()).or_default();
            name.clone_into(&mut input.name);
            input.values.push((priority, value));
        }
        self.check(vm, name)
    }

    /// Holds the value in force against the input's type and pattern.
    fn check(&self, vm: &Interp, name: &str) -> Result<(), AuditError> {
        let (kind, pattern, value) = {
            let inputs = self.inputs.borrow();
            let Some(input) = inputs.get(name) else { return Ok(()) };
            let Some(value) = input.value().cloned() else { return Ok(()) };
            (input.kind, input.pattern.clone(), value)
        };
        let refuse = |why: String| AuditError::InputType { profile: self.profile.clone(), name: name.to_owned(), why };
        let shown = || vm.inspect(&value).map_or_else(|_| "its value".to_owned(), |text| text.lossy());
        let fits = match kind {
            None | Some("Any") => true,
            Some("String") => matches!(value, Value::Str(_)),
            Some("Array") => matches!(value, Value::Array(_)),
            Some("Hash") => matches!(value, Value::Hash(_)),
            Some("Boolean") => matches!(value, Value::Bool(_)),
            Some("Numeric") => match &value {
                Value::Str(text) => text.lossy().trim().parse::<f64>().is_ok(),
                other => vm.is_a(other, &vm.c.numeric),
            },
            Some(_) => matches!(&value, Value::Str(_)),
        };
        if !fits {
            return Err(refuse(format!("{} does not validate to type `{}`", shown(), kind.unwrap_or("Any"))));
        }
        if let Some(pattern) = pattern {
            let text = vm.to_s(&value).map_err(|u| AuditError::internal(vm, &u))?;
            let regexp = vm
                .new_instance(&vm.class_named("Regexp"), Args::new(&[Value::str(&pattern)]))
                .map_err(|u| AuditError::internal(vm, &u))?;
            let found =
                vm.call(&regexp, known::MATCH, &[Value::Str(text)]).map_err(|u| AuditError::internal(vm, &u))?;
            if found.is_nil() {
                return Err(refuse(format!("{} does not validate to pattern `{pattern}`", shown())));
            }
        }
        Ok(())
    }

    /// `input('x')`, `input('x', value: …)`
    pub(crate) fn read(&self, vm: &Interp, args: Args<'_>) -> Res {
        let name = vm.to_s(&args[0])?.lossy();
        let options = match args.get(1) {
            Some(options) => Some(vm.to_hash(options)?),
            None => None,
        };
        self.inputs
            .borrow_mut()
            .entry(name.clone())
            .or_insert_with(|| Input { name: name.clone(), ..Input::default() });
        if let Some(options) = options {
            self.update(vm, &name, &options)?;
        }
        let inputs = self.inputs.borrow();
        let input = &inputs[&name];
        if input.missing() {
            let text = format!("Input '{name}' is required and does not have a value.");
            drop(inputs);
            return Err(vm.error("Inspec::Input::RequiredError", text));
        }
        match input.value().cloned() {
            Some(value) => Ok(value),
            None => {
                drop(inputs);
                no_value(vm, &name)
            }
        }
    }

    fn update(&self, vm: &Interp, name: &str, options: &Rc<plimsoll_ruby::RHash>) -> Res<()> {
        let text = |key: &str| -> Res<Option<String>> {
            match vm.hash_sym(options, key)? {
                Some(value) if !value.is_nil() => Ok(Some(vm.to_s(&value)?.lossy())),
                _ => Ok(None),
            }
        };
        let kind = match text("type")? {
            Some(kind) => {
                Some(self.known_type(name, &kind).map_err(|e| vm.error("Inspec::Input::TypeError", e.to_string()))?)
            }
            None => None,
        };
        let description = text("description")?;
        let pattern = text("pattern")?;
        let required = vm.hash_sym(options, "required")?.map(|v| v.truthy());
        let sensitive = vm.hash_sym(options, "sensitive")?.map(|v| v.truthy());
        let value = match vm.hash_sym(options, "value")? {
            Some(value) => Some(value),
            None => vm.hash_sym(options, "default")?,
        };
        let priority = match vm.hash_sym(options, "priority")? {
            Some(Value::Int(priority)) => priority,
            _ => Priority::Inline as i64,
        };
        {
            let mut inputs = self.inputs.borrow_mut();
            let input = &mut inputs[name];
            input.kind = kind.or(input.kind);
            input.description = description.or_else(|| input.description.clone());
            input.pattern = pattern.or_else(|| input.pattern.clone());
            input.required = required.or(input.required);
            input.sensitive = sensitive.or(input.sensitive);
            if let Some(value) = value {
                input.values.push((priority, value));
            }
        }
        self.check(vm, name).map_err(|error| vm.error("Inspec::Input::ValidationError", error.to_string()))
    }

    /// `input_object('x')`
    pub(crate) fn object(self: &Rc<Self>, vm: &Interp, args: Args<'_>) -> Res {
        let name = vm.to_s(&args[0])?.lossy();
        self.inputs
            .borrow_mut()
            .entry(name.clone())
            .or_insert_with(|| Input { name: name.clone(), ..Input::default() });
        let class = vm.class_named("Inspec::Input");
        Ok(RObject::with_native(class, InputObject { inputs: Rc::clone(self), name }).into())
    }

    /// The inputs as a report lists them, with the values that the run used; sensitive ones masked.
    pub(crate) fn attributes(&self, vm: &Interp) -> Res<Vec<Attribute>> {
        let mut attributes = Vec::new();
        for (name, input) in self.inputs.borrow().iter() {
            let mut options = Object::new();
            let mut put = |key: &str, value: Option<Json>| {
                if let Some(value) = value {
                    options.insert(key.to_owned(), value);
                }
            };
            put("description", input.description.clone().map(Json::String));
            put("title", input.title.clone().map(Json::String));
            put(
                "type",
                input.kind.filter(|k| *k != "Any" || !input.values.is_empty()).map(|k| Json::String(k.to_owned())),
            );
            put("required", input.required.map(Json::Bool));
            let value = match input.value() {
                Some(Value::Nil) => None,
                Some(_) if input.sensitive == Some(true) => Some(Json::String("***".into())),
                Some(value) => Some(to_json(vm, value)?),
                None => Some(Json::String(no_value_text(name))),
            };
            put("value", value);
            put("sensitive", input.sensitive.map(Json::Bool));
            put("pattern", input.pattern.clone().map(Json::String));
            attributes.push(Attribute { name: name.clone(), options, ..Attribute::default() });
        }
        Ok(attributes)
    }
}

struct InputObject {
    inputs: Rc<Inputs>,
    name: String,
}

const OBJECT: &[Def] = &[
    def("name", 0, 0, |vm, this, _| Ok(Value::str(&of(vm, this)?.name)), "Its name."),
    def(
        "value",
        0,
        0,
        |vm, this, _| {
            let object = of(vm, this)?;
            object.inputs.read(vm, Args::new(&[Value::str(&object.name)]))
        },
        "Its value.",
    ),
    def(
        "has_value?",
        0,
        0,
        |vm, this, _| {
            let object = of(vm, this)?;
            Ok(object.inputs.inputs.borrow()[&object.name].value().is_some().into())
        },
        "Whether it has a value.",
    ),
    def(
        "type",
        0,
        0,
        |vm, this, _| {
            let object = of(vm, this)?;
            Ok(object.inputs.inputs.borrow()[&object.name].kind.into())
        },
        "Its type.",
    ),
    def(
        "description",
        0,
        0,
        |vm, this, _| {
            let object = of(vm, this)?;
            Ok(object.inputs.inputs.borrow()[&object.name].description.clone().into())
        },
        "Its description.",
    ),
    def(
        "required",
        0,
        0,
        |vm, this, _| {
            let object = of(vm, this)?;
            Ok(object.inputs.inputs.borrow()[&object.name].required.into())
        },
        "Whether a value is required.",
    ),
    def(
        "sensitive",
        0,
        0,
        |vm, this, _| {
            let object = of(vm, this)?;
            Ok(object.inputs.inputs.borrow()[&object.name].sensitive.into())
        },
        "Whether its value is masked in reports.",
    ),
];

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v InputObject> {
    this.native::<InputObject>().ok_or_else(|| vm.type_error("not an input"))
}

/// What an input without a value is: it answers every call with itself, and skips what describes it.
const NO_VALUE: &[Def] = &[
    def(
        "to_s",
        0,
        0,
        |vm, this, _| {
            let name = this.native::<NoValue>().map(|n| n.0.clone()).ok_or_else(|| vm.type_error("not an input"))?;
            Ok(Value::str(no_value_text(&name)))
        },
        "Says that there is no value.",
    ),
    def("method_missing", 0, -1, |_, this, _| Ok(this.clone()), "Anything gives itself."),
    def("respond_to_missing?", 0, -1, |_, _, _| Ok(Value::Bool(true)), "It answers anything."),
    def(
        "respond_to?",
        1,
        2,
        |vm, this, args| {
            // Conversions are not answered: it is no String and no Array.
            let name = vm.to_name(&args[0])?;
            let conversion = name.text().starts_with("to_") && name != known::TO_S;
            Ok((!conversion && !this.is_nil()).into())
        },
        "It answers anything but conversions.",
    ),
];

struct NoValue(String);

fn no_value(vm: &Interp, name: &str) -> Res {
    Ok(RObject::with_native(vm.class_named("Inspec::Input::NO_VALUE_SET"), NoValue(name.to_owned())).into())
}

fn no_value_text(name: &str) -> String {
    format!("Input '{name}' does not have a value. Skipping test.")
}

/// Whether a value stands for an input without one.
pub(crate) fn is_no_value(value: &Value) -> bool {
    value.native::<NoValue>().is_some()
}

/// Defines the classes behind inputs.
pub(crate) fn install(vm: &Interp) {
    let inspec = vm.class_named("Inspec");
    let class = vm.define_class(&inspec, "Input", &vm.c.object);
    vm.define(&class, OBJECT);
    let no_value = vm.define_class(&class, "NO_VALUE_SET", &vm.c.object);
    vm.define(&no_value, NO_VALUE);
    let error = vm.define_class(&class, "Error", &vm.c.standard_error);
    for name in ["RequiredError", "ValidationError", "TypeError", "PatternError"] {
        vm.define_class(&class, name, &error);
    }
}
