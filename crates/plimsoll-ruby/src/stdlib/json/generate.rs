//! Generating JSON.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::{constant, error, method};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RHash, RObject, RString, Value};

/// How the text is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    /// In one line.
    Compact,
    /// In many lines.
    Pretty,
    /// In one line, all Floats allowed, any nesting.
    Dump,
}

/// A generator's settings, and how deep it is.
#[derive(Clone)]
struct Settings {
    indent: Vec<u8>,
    space: Vec<u8>,
    space_before: Vec<u8>,
    object_nl: Vec<u8>,
    array_nl: Vec<u8>,
    max_nesting: i64,
    allow_nan: bool,
    ascii_only: bool,
    escape_slash: bool,
}

struct State {
    settings: RefCell<Rc<Settings>>,
    depth: Cell<i64>,
}

impl Settings {
    fn of(style: Style) -> Self {
        let plain = Self {
            indent: Vec::new(),
            space: Vec::new(),
            space_before: Vec::new(),
            object_nl: Vec::new(),
            array_nl: Vec::new(),
            max_nesting: 100,
            allow_nan: false,
            ascii_only: false,
            escape_slash: false,
        };
        match style {
            Style::Compact => plain,
            Style::Pretty => Self {
                indent: b"  ".to_vec(),
                space: b" ".to_vec(),
                object_nl: b"\n".to_vec(),
                array_nl: b"\n".to_vec(),
                ..plain
            },
            Style::Dump => Self { max_nesting: 0, allow_nan: true, ..plain },
        }
    }

    fn with(mut self, vm: &Interp, options: &RHash) -> Res<Self> {
        let texts = [
            ("indent", &mut self.indent),
            ("space", &mut self.space),
            ("space_before", &mut self.space_before),
            ("object_nl", &mut self.object_nl),
            ("array_nl", &mut self.array_nl),
        ];
        for (name, text) in texts {
            if let Some(given) = vm.hash_sym(options, name)?.filter(|given| !given.is_nil()) {
                *text = vm.to_str(&given)?.to_vec();
            }
        }
        let flags = [
            ("allow_nan", &mut self.allow_nan),
            ("ascii_only", &mut self.ascii_only),
            ("escape_slash", &mut self.escape_slash),
        ];
        for (name, flag) in flags {
            if let Some(given) = vm.hash_sym(options, name)? {
                *flag = given.truthy();
            }
        }
        match vm.hash_sym(options, "max_nesting")? {
            None => {}
            Some(given) if given.truthy() => self.max_nesting = vm.to_int(&given)?,
            Some(_) => self.max_nesting = 0,
        }
        Ok(self)
    }
}

/// Defines the class of settings, and `to_json` everywhere.
pub(super) fn init(vm: &Interp, module: &Rc<RClass>) {
    let extension = vm.define_module(module, "Ext");
    let generator = vm.define_module(&extension, "Generator");
    let state = vm.define_class(&generator, "State", &vm.c.object);
    vm.set_alloc(&state, |_, class| {
        let settings = RefCell::new(Rc::new(Settings::of(Style::Compact)));
        Ok(RObject::with_native(Rc::clone(class), State { settings, depth: Cell::new(0) }).into())
    });
    vm.define(&state, STATE);
    vm.define_singleton(&state, STATE_FUNCTIONS);
    constant(module, "State", Value::Class(state));
    let methods = vm.define_module(&generator, "GeneratorMethods");
    vm.define_module(&methods, "Object");
    let classes = [&vm.c.hash, &vm.c.array, &vm.c.string, &vm.c.integer, &vm.c.float, &vm.c.nil, &vm.c.true_class];
    for class in classes {
        method(vm, class, &TO_JSON);
    }
    method(vm, &vm.c.false_class, &TO_JSON);
    method(vm, &vm.c.object, &OBJECT_TO_JSON);
}

const STATE: &[Def] = &[
    private_def("initialize", 0, 1, configure, "Takes settings"),
    def("configure", 1, 1, configure, "Changes settings"),
    def("merge", 1, 1, configure, "Changes settings"),
    def("generate", 1, 1, |vm, r, a| run(vm, r, &a[0]), "JSON text"),
    def("depth", 0, 0, |_, r, _| Ok(Value::Int(this(r).depth.get())), "How deep it is"),
    def("depth=", 1, 1, set_depth, "Sets how deep it is"),
    def("indent", 0, 0, |_, r, _| Ok(Value::bytes(settings(r).indent.clone())), "The text before each level"),
    def("space", 0, 0, |_, r, _| Ok(Value::bytes(settings(r).space.clone())), "The text after a colon"),
    def("space_before", 0, 0, |_, r, _| Ok(Value::bytes(settings(r).space_before.clone())), "The text before a colon"),
    def("object_nl", 0, 0, |_, r, _| Ok(Value::bytes(settings(r).object_nl.clone())), "The text after each entry"),
    def("array_nl", 0, 0, |_, r, _| Ok(Value::bytes(settings(r).array_nl.clone())), "The text after each element"),
    def("max_nesting", 0, 0, |_, r, _| Ok(Value::Int(settings(r).max_nesting)), "The deepest nesting"),
    def("allow_nan?", 0, 0, |_, r, _| Ok(settings(r).allow_nan.into()), "Whether NaN and Infinity are allowed"),
    def("ascii_only?", 0, 0, |_, r, _| Ok(settings(r).ascii_only.into()), "Whether all else is escaped"),
    def("check_circular?", 0, 0, |_, r, _| Ok((settings(r).max_nesting != 0).into()), "Whether nesting is limited"),
    def("[]", 1, 1, |vm, r, a| vm.call(r, vm.to_name(&a[0])?, &[]), "A setting by its name"),
    def("to_h", 0, 0, to_h, "All settings"),
    def("to_hash", 0, 0, to_h, "All settings"),
];

const STATE_FUNCTIONS: &[Def] = &[
    def("from_state", 1, 1, |vm, _, a| state_of(vm, a.get(0)), "The settings of a State, a Hash or nothing"),
    def("generate", 2, 2, |vm, _, a| generate(vm, &a[0], a.get(1), Style::Compact), "JSON text"),
];

const TO_JSON: Def = def("to_json", 0, -1, |vm, r, a| run(vm, &state_of(vm, a.get(0))?, r), "It as JSON text");

const OBJECT_TO_JSON: Def = def("to_json", 0, -1, object_to_json, "Its text as a JSON string");

fn this(receiver: &Value) -> &State {
    receiver.native().expect("a method of State runs on States alone")
}

fn settings(receiver: &Value) -> Rc<Settings> {
    Rc::clone(&this(receiver).settings.borrow())
}

fn configure(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let options = match args.get(0) {
        None | Some(Value::Nil) => return Ok(receiver.clone()),
        Some(other) if other.native::<State>().is_some() => {
            let other = settings(other);
            *this(receiver).settings.borrow_mut() = other;
            return Ok(receiver.clone());
        }
        Some(given) => match vm.try_hash(given)? {
            Some(hash) => hash,
            None => vm.to_hash(&vm.call(given, known::TO_H, &[])?)?,
        },
    };
    let changed = Settings::clone(&settings(receiver)).with(vm, &options)?;
    *this(receiver).settings.borrow_mut() = Rc::new(changed);
    Ok(receiver.clone())
}

fn set_depth(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    this(receiver).depth.set(vm.to_int(&args[0])?);
    Ok(args[0].clone())
}

fn to_h(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let settings = settings(receiver);
    let text = |bytes: &Vec<u8>| Value::bytes(bytes.clone());
    let entries = [
        ("indent", text(&settings.indent)),
        ("space", text(&settings.space)),
        ("space_before", text(&settings.space_before)),
        ("object_nl", text(&settings.object_nl)),
        ("array_nl", text(&settings.array_nl)),
        ("allow_nan", settings.allow_nan.into()),
        ("ascii_only", settings.ascii_only.into()),
        ("max_nesting", Value::Int(settings.max_nesting)),
        ("depth", Value::Int(this(receiver).depth.get())),
    ];
    Ok(Value::Hash(vm.hash_from(entries.into_iter().map(|(name, value)| (Value::sym(name), value)))?))
}

fn new_state(vm: &Interp, settings: Settings) -> Value {
    let state = State { settings: RefCell::new(Rc::new(settings)), depth: Cell::new(0) };
    RObject::with_native(vm.class_named("JSON::Ext::Generator::State"), state).into()
}

fn state_of(vm: &Interp, given: Option<&Value>) -> Res {
    match given {
        Some(state) if state.native::<State>().is_some() => Ok(state.clone()),
        Some(Value::Hash(options)) => Ok(new_state(vm, Settings::of(Style::Compact).with(vm, options)?)),
        _ => Ok(new_state(vm, Settings::of(Style::Compact))),
    }
}

/// JSON text of a value, with options given by the caller on top of a style.
pub(super) fn generate(vm: &Interp, value: &Value, options: Option<&Value>, style: Style) -> Res {
    let state = match options {
        Some(state) if state.native::<State>().is_some() => state.clone(),
        None | Some(Value::Nil) => new_state(vm, Settings::of(style)),
        Some(given) => {
            let state = new_state(vm, Settings::of(style));
            configure(vm, &state, Args::new(std::slice::from_ref(given)))?;
            state
        }
    };
    run(vm, &state, value)
}

fn run(vm: &Interp, state: &Value, value: &Value) -> Res {
    let mut generator = Generator { vm, state, settings: settings(state), out: Vec::new() };
    match value {
        Value::Hash(hash) => generator.object(hash)?,
        Value::Array(_) => generator.array(value)?,
        Value::Str(text) => generator.string(text)?,
        other => generator.value(other)?,
    }
    Ok(Value::bytes(generator.out))
}

fn object_to_json(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = vm.to_s(receiver)?;
    run(vm, &state_of(vm, args.get(0))?, &Value::Str(text))
}

struct Generator<'a> {
    vm: &'a Interp,
    state: &'a Value,
    settings: Rc<Settings>,
    out: Vec<u8>,
}

impl Generator<'_> {
    fn value(&mut self, value: &Value) -> Res<()> {
        let vm = self.vm;
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Int(int) => self.out.extend_from_slice(int.to_string().as_bytes()),
            Value::Float(float) => self.float(*float)?,
            Value::Str(text) if text.head.class().is_none() => self.string(text)?,
            Value::Array(array) if array.head.class().is_none() => self.array(value)?,
            Value::Hash(hash) if hash.head.class().is_none() => self.object(hash)?,
            other if crate::core::arithmetic::big(other).is_some() => {
                let text = vm.to_s(other)?;
                self.out.extend_from_slice(&text.bytes());
            }
            other => {
                let name = Sym::new("to_json");
                let text = if vm.responds(other, name)? {
                    vm.call(other, name, std::slice::from_ref(self.state))?
                } else {
                    let text = vm.to_s(other)?;
                    return self.string(&text);
                };
                let Value::Str(text) = text else {
                    let class = vm.type_word(&text);
                    return Err(vm.type_error(format!("wrong argument type {class} (expected String)")));
                };
                self.out.extend_from_slice(&text.bytes());
            }
        }
        vm.reserve_string(self.out.len())
    }

    fn float(&mut self, float: f64) -> Res<()> {
        let text = crate::core::float_text(float);
        if !float.is_finite() && !self.settings.allow_nan {
            let line = if float.is_nan() { 1003 } else { 1000 };
            let message = format!("{line}: {text} not allowed in JSON");
            return Err(error(self.vm, "JSON::GeneratorError", message.into_bytes()));
        }
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn deeper(&self) -> Res<i64> {
        self.vm.check_stack()?;
        let depth = &this(self.state).depth;
        let limit = self.settings.max_nesting;
        if limit != 0 && depth.get() + 1 > limit {
            let message = format!("nesting of {} is too deep", depth.get());
            return Err(error(self.vm, "JSON::NestingError", message.into_bytes()));
        }
        depth.set(depth.get() + 1);
        Ok(depth.get())
    }

    fn higher(&self) -> i64 {
        let depth = &this(self.state).depth;
        depth.set(depth.get() - 1);
        depth.get()
    }

    fn indent(&mut self, depth: i64) {
        for _ in 0..depth {
            self.out.extend_from_slice(&self.settings.indent);
        }
    }

    fn array(&mut self, value: &Value) -> Res<()> {
        let Value::Array(array) = value else { return Ok(()) };
        let settings = Rc::clone(&self.settings);
        let depth = self.deeper()?;
        self.out.push(b'[');
        self.out.extend_from_slice(&settings.array_nl);
        let mut at = 0;
        while let Some(element) = array.get(at) {
            self.vm.tick()?;
            if at > 0 {
                self.out.push(b',');
                self.out.extend_from_slice(&settings.array_nl);
            }
            self.indent(depth);
            self.value(&element)?;
            at += 1;
        }
        let depth = self.higher();
        if !settings.array_nl.is_empty() {
            self.out.extend_from_slice(&settings.array_nl);
            self.indent(depth);
        }
        self.out.push(b']');
        Ok(())
    }

    fn object(&mut self, hash: &Rc<RHash>) -> Res<()> {
        let vm = self.vm;
        let settings = Rc::clone(&self.settings);
        let depth = self.deeper()?;
        self.out.push(b'{');
        let mut first = true;
        vm.hash_each(hash, |key, value| {
            if !first {
                self.out.push(b',');
            }
            first = false;
            self.out.extend_from_slice(&settings.object_nl);
            self.indent(depth);
            let name = vm.to_s(&key)?;
            self.string(&name)?;
            self.out.extend_from_slice(&settings.space_before);
            self.out.push(b':');
            self.out.extend_from_slice(&settings.space);
            self.value(&value)?;
            Ok(true)
        })?;
        let depth = self.higher();
        if !settings.object_nl.is_empty() {
            self.out.extend_from_slice(&settings.object_nl);
            self.indent(depth);
        }
        self.out.push(b'}');
        Ok(())
    }

    fn string(&mut self, text: &RString) -> Res<()> {
        let bytes = text.to_utf8();
        self.vm.reserve_string(self.out.len() + bytes.len())?;
        self.out.push(b'"');
        let (valid, broken) = match std::str::from_utf8(&bytes) {
            Ok(valid) => (valid, None),
            Err(bad) => {
                let (valid, broken) = bytes.split_at(bad.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or_default(), Some(broken))
            }
        };
        if let Some(broken) = broken {
            return Err(error(self.vm, "JSON::GeneratorError", malformed(broken).as_bytes().to_vec()));
        }
        for c in valid.chars() {
            self.character(c);
        }
        self.out.push(b'"');
        Ok(())
    }

    fn character(&mut self, c: char) {
        let short = match c {
            '"' => Some(b'"'),
            '\\' => Some(b'\\'),
            '\n' => Some(b'n'),
            '\r' => Some(b'r'),
            '\t' => Some(b't'),
            '\u{8}' => Some(b'b'),
            '\u{c}' => Some(b'f'),
            '/' if self.settings.escape_slash => Some(b'/'),
            _ => None,
        };
        if let Some(short) = short {
            self.out.extend([b'\\', short]);
        } else if u32::from(c) < 0x20 || (self.settings.ascii_only && !c.is_ascii()) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                self.out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
        } else {
            self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// What is wrong with text that begins with a broken character.
fn malformed(broken: &[u8]) -> &'static str {
    let wanted = match broken.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        Some(0xf8..=0xfb) => 5,
        Some(0xfc..=0xff) => 6,
        _ => 1,
    };
    if broken.len() < wanted {
        "partial character in source, but hit end"
    } else {
        "source sequence is illegal/malformed utf-8"
    }
}
