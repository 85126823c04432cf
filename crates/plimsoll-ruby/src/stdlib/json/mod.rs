//! JSON: parsing and generating, as json 2.6.1 does it.

mod generate;
mod parse;

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, MethodBody, RClass, Visibility, def, private_def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RHash, Value};

/// Defines the module, and `to_json` on all objects.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "JSON");
    vm.define_singleton(&module, FUNCTIONS);
    let standard = Rc::clone(&vm.c.standard_error);
    let json_error = vm.define_class(&module, "JSONError", &standard);
    let parser_error = vm.define_class(&module, "ParserError", &json_error);
    vm.define_class(&module, "NestingError", &parser_error);
    let generator_error = vm.define_class(&module, "GeneratorError", &json_error);
    constant(&module, "UnparserError", Value::Class(generator_error));
    constant(&module, "VERSION", Value::str("2.6.1"));
    constant(&module, "NaN", Value::Float(f64::NAN));
    constant(&module, "Infinity", Value::Float(f64::INFINITY));
    constant(&module, "MinusInfinity", Value::Float(f64::NEG_INFINITY));
    generate::init(vm, &module);
    vm.define(&vm.c.kernel, KERNEL);
}

fn constant(module: &Rc<RClass>, name: &str, value: Value) {
    module.constants.borrow_mut().insert(Sym::new(name), value);
}

const FUNCTIONS: &[Def] = &[
    def("parse", 1, 2, |vm, _, a| parse_with(vm, a, &parse::Options::default()), "The value of a JSON text"),
    def("parse!", 1, 2, |vm, _, a| parse_with(vm, a, &parse::Options::lenient()), "The same without limits"),
    def("load", 1, 3, load, "The same; nothing gives nil, and a proc sees every value"),
    def("restore", 1, 3, load, "The same; nothing gives nil, and a proc sees every value"),
    def("load_file", 1, 2, load_file, "The value of a JSON file of the profile"),
    def("generate", 1, 2, |vm, _, a| generate::generate(vm, &a[0], a.get(1), generate::Style::Compact), "JSON text"),
    def("unparse", 1, 2, |vm, _, a| generate::generate(vm, &a[0], a.get(1), generate::Style::Compact), "JSON text"),
    def(
        "fast_generate",
        1,
        2,
        |vm, _, a| generate::generate(vm, &a[0], a.get(1), generate::Style::Compact),
        "JSON text",
    ),
    def(
        "pretty_generate",
        1,
        2,
        |vm, _, a| generate::generate(vm, &a[0], a.get(1), generate::Style::Pretty),
        "JSON text in lines",
    ),
    def(
        "pretty_unparse",
        1,
        2,
        |vm, _, a| generate::generate(vm, &a[0], a.get(1), generate::Style::Pretty),
        "JSON text in lines",
    ),
    def("dump", 1, 3, dump, "JSON text, in which all Floats are allowed"),
    def("[]", 1, 2, bracket, "Parses a String, generates of anything else"),
    def(
        "state",
        0,
        0,
        |vm, _, _| Ok(vm.class_named("JSON::Ext::Generator::State").into()),
        "The class of generator settings",
    ),
    def("create_id", 0, 0, |_, _, _| Ok(Value::str("json_class")), "The key that names a class"),
];

const KERNEL: &[Def] = &[
    private_def("JSON", 1, 2, bracket, "Parses a String, generates of anything else"),
    private_def("j", 0, -1, |vm, _, a| shown(vm, a, generate::Style::Compact), "Prints arguments as JSON"),
    private_def("jj", 0, -1, |vm, _, a| shown(vm, a, generate::Style::Pretty), "Prints arguments as JSON in lines"),
];

/// An error below JSON::JSONError.
fn error(vm: &Interp, class: &str, message: Vec<u8>) -> Unwind {
    vm.raise_value(&vm.class_named(class), Value::bytes(message))
}

fn parse_with(vm: &Interp, args: Args<'_>, defaults: &parse::Options) -> Res {
    let options = match args.get(1) {
        None | Some(Value::Nil) => defaults.clone(),
        Some(given) => {
            let given = vm.to_hash(given)?;
            defaults.with(vm, &given)?
        }
    };
    let source = vm.to_str(&args[0])?;
    parse::parse(vm, &source, &options)
}

fn option_hash(vm: &Interp, value: Option<&Value>) -> Res<Option<Rc<RHash>>> {
    match value {
        None | Some(Value::Nil) => Ok(None),
        Some(value) => vm.to_hash(value).map(Some),
    }
}

fn load(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (each, options) = match (args.get(1), args.get(2)) {
        (Some(Value::Hash(options)), None) => (None, Some(Rc::clone(options))),
        (each, options) => (each.filter(|each| !each.is_nil()), option_hash(vm, options)?),
    };
    let mut source = args[0].clone();
    if let Some(text) = vm.call_if_responds(&source, known::TO_STR, &[])? {
        source = text;
    } else if vm.responds(&source, Sym::new("read"))? {
        source = vm.send(&source, "read", &[])?;
    }
    let lenient = parse::Options::lenient();
    let settings = match &options {
        Some(options) => lenient.with(vm, options)?,
        None => lenient,
    };
    let blank = match &source {
        Value::Nil => true,
        Value::Str(text) => text.is_empty(),
        _ => false,
    };
    let allows_blank = match &options {
        Some(options) => vm.hash_sym(options, "allow_blank")?.is_none_or(|value| value.truthy()),
        None => true,
    };
    let result = if blank && allows_blank { Value::Nil } else { parse::parse(vm, &*vm.to_str(&source)?, &settings)? };
    if let Some(each) = each {
        visit(vm, &result, each)?;
    }
    Ok(result)
}

/// Shows a proc every value, the innermost first.
fn visit(vm: &Interp, value: &Value, each: &Value) -> Res<()> {
    vm.check_stack()?;
    match value {
        Value::Array(array) => {
            for value in array.to_vec() {
                visit(vm, &value, each)?;
            }
        }
        Value::Hash(hash) => {
            for (key, value) in hash.entries() {
                visit(vm, &key, each)?;
                visit(vm, &value, each)?;
            }
        }
        _ => {}
    }
    vm.call(each, known::CALL, std::slice::from_ref(value)).map(drop)
}

fn load_file(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let path = vm.to_str(&args[0])?.to_vec();
    let Some(content) = vm.host.read_file(&path) else {
        let path = String::from_utf8_lossy(&path).into_owned();
        return Err(vm.error("Errno::ENOENT", format!("No such file or directory @ rb_sysopen - {path}")));
    };
    let mut values = vec![Value::bytes(content)];
    values.extend(args.get(1).cloned());
    parse_with(vm, Args::new(&values), &parse::Options::default())
}

fn dump(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = generate::generate(vm, &args[0], None, generate::Style::Dump)?;
    match args.get(1).filter(|io| !io.is_nil()) {
        Some(io) if vm.responds(io, Sym::new("write"))? => {
            vm.send(io, "write", &[text])?;
            Ok(io.clone())
        }
        _ => Ok(text),
    }
}

fn bracket(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    if matches!(args[0], Value::Str(_)) || vm.responds(&args[0], known::TO_STR)? {
        return parse_with(vm, args, &parse::Options::default());
    }
    generate::generate(vm, &args[0], args.get(1), generate::Style::Compact)
}

fn shown(vm: &Interp, args: Args<'_>, style: generate::Style) -> Res {
    for value in args.values {
        let text = generate::generate(vm, value, None, style)?;
        let kernel = Value::Class(Rc::clone(&vm.c.kernel));
        vm.call_with(&kernel, Sym::new("puts"), Args::new(&[text]), CallStyle::Implicit)?;
    }
    Ok(Value::Nil)
}

/// Adds a method to a class under one of many classes.
fn method(vm: &Interp, class: &Rc<RClass>, def: &'static Def) {
    vm.add_method(class, Sym::new(def.name), Visibility::Public, MethodBody::Native(def));
}

/// A text as the source of messages: up to the first NUL, as C sees it.
fn visible(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}
