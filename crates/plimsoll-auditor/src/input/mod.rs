//! Inputs: what a profile asks of whoever runs it.

mod given;
mod indifferent;
mod missing;
mod object;

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use plimsoll_report::model::{Attribute, Object};
use plimsoll_ruby::{Args, Interp, RHash, Res, Value, known};
use serde_json::Value as Json;

pub use given::GivenInputs;
pub(crate) use missing::is_no_value;

use crate::convert::{Keys, to_json, to_ruby};
use crate::error::AuditError;

/// Where a value came from; the greatest wins, the latest among equals. As in InSpec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Priority {
    /// `input('x', value: …)` in a control file.
    Inline = 20,
    /// The profile's own inspec.yml.
    Metadata = 30,
    /// The inspec.yml of a profile that depends on it.
    Overlay = 35,
    /// `--input-file`.
    File = 40,
    /// `--input`.
    CommandLine = 50,
}

/// The types an input may have, by InSpec's names.
const TYPES: &[&str] = &["String", "Numeric", "Regexp", "Array", "Hash", "Boolean", "Any"];

/// The types that have a shorter name too.
const SHORT_TYPES: &[(&str, &str)] = &[("Num", "Numeric"), ("Regex", "Regexp")];

/// Where `input` is called, which decides what of its options counts beside the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At the top of a file, or in a describe: nothing.
    Elsewhere,
    /// In a control: description, type, required and pattern; those not given are forgotten.
    Control,
}

/// One input of one profile.
#[derive(Default)]
struct Input {
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

    fn is_missing(&self) -> bool {
        self.required == Some(true) && self.value().is_none_or(Value::is_nil)
    }
}

/// The inputs of all profiles of a run, by the profile's name.
#[derive(Default)]
pub(crate) struct Registry {
    profiles: RefCell<IndexMap<String, Rc<Inputs>>>,
}

impl Registry {
    /// The inputs of the profile of this name.
    pub(crate) fn of(&self, profile: &str) -> Rc<Inputs> {
        let mut profiles = self.profiles.borrow_mut();
        let inputs = profiles
            .entry(profile.to_owned())
            .or_insert_with(|| Rc::new(Inputs { profile: profile.to_owned(), inputs: RefCell::default() }));
        Rc::clone(inputs)
    }

    /// Takes what a profile's inspec.yml declares (for other profiles too), and what is given from outside.
    pub(crate) fn bind(
        &self,
        vm: &Interp,
        profile: &str,
        declared: &[Object],
        given: &GivenInputs,
    ) -> Result<Rc<Inputs>, AuditError> {
        for declaration in declared {
            let other = declaration.get("profile").and_then(Json::as_str);
            let default = if other.is_some() { Priority::Overlay } else { Priority::Metadata };
            self.of(other.unwrap_or(profile)).declare(vm, declaration, default)?;
        }
        let inputs = self.of(profile);
        let outside = given.files.iter().map(|pair| (Priority::File, pair));
        let outside = outside.chain(given.command_line.iter().map(|pair| (Priority::CommandLine, pair)));
        for (priority, (name, value)) in outside {
            let value = to_ruby(vm, value, Keys::Strings).map_err(|unwind| AuditError::internal(vm, &unwind))?;
            inputs.set(vm, name, priority as i64, value)?;
        }
        Ok(inputs)
    }
}

/// The inputs that belong to no profile.
struct Nobodys(Rc<Inputs>);

/// The inputs that belong to no profile: what examples see that do not know theirs.
pub(crate) fn nobodys(vm: &Interp) -> Rc<Inputs> {
    let nobodys = vm.extension::<Nobodys>().unwrap_or_else(|| {
        let nobodys = Rc::new(Nobodys(Rc::new(Inputs { profile: String::new(), inputs: RefCell::default() })));
        vm.set_extension(Rc::clone(&nobodys));
        nobodys
    });
    Rc::clone(&nobodys.0)
}

/// The inputs of one profile, in the order in which they were first named.
pub(crate) struct Inputs {
    profile: String,
    inputs: RefCell<IndexMap<String, Input>>,
}

impl Inputs {
    fn declare(&self, vm: &Interp, declaration: &Object, default: Priority) -> Result<(), AuditError> {
        let Some(name) = declaration.get("name").and_then(Json::as_str) else { return Ok(()) };
        let text = |key: &str| declaration.get(key).and_then(Json::as_str).map(str::to_owned);
        let kind = text("type").map(|kind| self.known_type(name, &kind)).transpose()?;
        self.with(name, |input| {
            input.kind = kind;
            input.required = declaration.get("required").and_then(Json::as_bool);
            input.sensitive = declaration.get("sensitive").and_then(Json::as_bool);
            input.pattern = text("pattern");
        });
        if let Some(value) = declaration.get("value").or_else(|| declaration.get("default")) {
            let priority = declaration.get("priority").and_then(Json::as_i64).unwrap_or(default as i64);
            let value = to_ruby(vm, value, Keys::SymbolsInside).map_err(|u| AuditError::internal(vm, &u))?;
            return self.set(vm, name, priority, value);
        }
        self.check(vm, name)
    }

    /// Changes an input, which comes into being if need be.
    fn with<T>(&self, name: &str, change: impl FnOnce(&mut Input) -> T) -> T {
        let mut inputs = self.inputs.borrow_mut();
        let new = || Input { name: name.to_owned(), ..Input::default() };
        change(inputs.entry(name.to_owned()).or_insert_with(new))
    }

    fn known_type(&self, name: &str, kind: &str) -> Result<&'static str, AuditError> {
        let short = SHORT_TYPES.iter().find(|(short, _)| short.eq_ignore_ascii_case(kind)).map(|(_, long)| *long);
        let known = short.or_else(|| TYPES.iter().find(|known| known.eq_ignore_ascii_case(kind)).copied());
        known.ok_or_else(|| AuditError::InputType {
            profile: self.profile.clone(),
            name: name.to_owned(),
            why: format!("type `{kind}` is not one of {}", TYPES.join(", ")),
        })
    }

    fn set(&self, vm: &Interp, name: &str, priority: i64, value: Value) -> Result<(), AuditError> {
        let value = indifferent::wrap(vm, value).map_err(|unwind| AuditError::internal(vm, &unwind))?;
        self.with(name, |input| input.values.push((priority, value)));
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
        let refuse = |why: String| AuditError::InputValue { profile: self.profile.clone(), why };
        let shown = || vm.to_s(&value).map_or_else(|_| String::new(), |text| text.lossy());
        if let Some(kind) = kind
            && !fits(vm, kind, &value)
        {
            let value = shown();
            return Err(refuse(format!("Input '{name}' with value '{value}' does not validate to type '{kind}'.")));
        }
        if let Some(pattern) = pattern {
            let text = vm.to_s(&value).map_err(|unwind| AuditError::internal(vm, &unwind))?;
            let Some(regexp) = regexp(vm, &Value::str(&pattern)) else {
                return Err(refuse(format!("Pattern '{pattern}' is not a valid regex pattern.")));
            };
            let found = vm.call(&regexp, known::MATCH, &[Value::Str(text)]);
            if found.map_err(|unwind| AuditError::internal(vm, &unwind))?.is_nil() {
                let value = shown();
                let text = format!("Input '{name}' with value '{value}' does not validate to pattern '{pattern}'.");
                return Err(refuse(text));
            }
        }
        Ok(())
    }

    /// Refuses the run when an input that must have a value has none.
    pub(crate) fn require(&self) -> Result<(), AuditError> {
        match self.inputs.borrow().values().find(|input| input.is_missing()) {
            Some(input) => Err(AuditError::InputRequired { profile: self.profile.clone(), name: input.name.clone() }),
            None => Ok(()),
        }
    }

    /// `input('x')`, `input('x', value: …)`
    pub(crate) fn read(&self, vm: &Interp, args: Args<'_>, place: Place) -> Res {
        let name = vm.to_s(&args[0])?.lossy();
        match args.get(1) {
            Some(options) => self.update(vm, &name, &*vm.to_hash(options)?, place)?,
            None => self.with(&name, |_| {}),
        }
        self.value(vm, &name)
    }

    /// The value in force of an input that is known.
    fn value(&self, vm: &Interp, name: &str) -> Res {
        let (missing, value) = {
            let inputs = self.inputs.borrow();
            (inputs[name].is_missing(), inputs[name].value().cloned())
        };
        if missing {
            let text = format!("Input '{name}' is required and does not have a value.");
            return Err(vm.error("Inspec::Input::RequiredError", text));
        }
        Ok(value.unwrap_or_else(|| missing::object(vm, name)))
    }

    /// The value of an input that is a Hash, where there is such an input.
    pub(crate) fn hash(&self, name: &str) -> Option<Rc<RHash>> {
        match self.inputs.borrow().get(name)?.value() {
            Some(Value::Hash(hash)) => Some(Rc::clone(hash)),
            _ => None,
        }
    }

    fn update(&self, vm: &Interp, name: &str, options: &RHash, place: Place) -> Res<()> {
        let known = self.inputs.borrow().contains_key(name);
        let option = |key: &str| vm.hash_sym(options, key);
        let text = |key: &str| -> Res<Option<String>> {
            match option(key)?.filter(|value| !value.is_nil()) {
                Some(value) => Ok(Some(vm.to_s(&value)?.lossy())),
                None => Ok(None),
            }
        };
        if place == Place::Control {
            let kind = text("type")?.map(|kind| self.known_type(name, &kind)).transpose();
            let kind = kind.map_err(|error| vm.error("Inspec::Input::TypeError", error.to_string()))?;
            let (description, pattern) = (text("description")?, text("pattern")?);
            let required = option("required")?.filter(|value| !value.is_nil()).map(|value| value.truthy());
            self.with(name, |input| {
                (input.kind, input.required) = (kind, required);
                (input.description, input.pattern) = (description, pattern);
            });
        }
        let value = match option("value")? {
            Some(value) => Some(value),
            None => option("default")?,
        };
        let priority = match option("priority")? {
            Some(Value::Int(priority)) if place == Place::Control => priority,
            _ => Priority::Inline as i64,
        };
        let set = match value {
            Some(value) => self.set(vm, name, priority, value),
            None => {
                self.with(name, |_| {});
                self.check(vm, name)
            }
        };
        if set.is_err() && !known {
            // InSpec makes an input before it lists it: one that is refused is not listed.
            self.inputs.borrow_mut().shift_remove(name);
        }
        set.map_err(|error| match error {
            AuditError::InputValue { why, .. } => vm.error("Inspec::Input::ValidationError", why),
            other => vm.error("Inspec::Input::ValidationError", other.to_string()),
        })
    }

    /// `input_object('x')`
    pub(crate) fn object(self: &Rc<Self>, vm: &Interp, args: Args<'_>) -> Res {
        let name = vm.to_s(&args[0])?.lossy();
        self.with(&name, |_| {});
        Ok(object::object(vm, self, name))
    }

    /// The inputs as a report lists them, with the values that the run used; sensitive ones masked.
    pub(crate) fn attributes(&self, vm: &Interp) -> Res<Vec<Attribute>> {
        let mut attributes = Vec::new();
        for (name, input) in self.inputs.borrow().iter() {
            let value = match input.value() {
                _ if input.sensitive == Some(true) => Some("***".into()),
                Some(Value::Nil) => None,
                Some(value) => Some(to_json(vm, value)?),
                None => Some(missing::text(name).into()),
            };
            let fields = [
                ("description", input.description.clone().map(Json::from)),
                ("title", input.title.clone().map(Json::from)),
                ("type", input.kind.map(Json::from)),
                ("required", input.required.map(Json::from)),
                ("value", value),
                ("sensitive", input.sensitive.map(Json::from)),
                ("pattern", input.pattern.clone().map(Json::from)),
            ];
            let options = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
            attributes.push(Attribute { name: name.clone(), options, ..Attribute::default() });
        }
        Ok(attributes)
    }
}

/// Whether a value is of a type.
fn fits(vm: &Interp, kind: &str, value: &Value) -> bool {
    match kind {
        "String" => matches!(value, Value::Str(_)),
        "Array" => matches!(value, Value::Array(_)),
        "Hash" => matches!(value, Value::Hash(_)),
        "Boolean" => matches!(value, Value::Bool(_)),
        "Numeric" => vm.send(&Value::Class(Rc::clone(&vm.c.kernel)), "Float", std::slice::from_ref(value)).is_ok(),
        "Regexp" => regexp(vm, value).is_some(),
        _ => true,
    }
}

fn regexp(vm: &Interp, source: &Value) -> Option<Value> {
    vm.new_instance(&vm.class_named("Regexp"), Args::new(std::slice::from_ref(source))).ok()
}

/// Defines the classes behind inputs.
pub(crate) fn install(vm: &Interp) {
    indifferent::install(vm);
    let class = vm.define_class(&vm.class_named("Inspec"), "Input", &vm.c.object);
    object::install(vm, &class);
    missing::install(vm, &class);
    let error = vm.define_class(&class, "Error", &vm.c.standard_error);
    for name in ["RequiredError", "ValidationError", "TypeError", "PatternError"] {
        vm.define_class(&class, name, &error);
    }
}
