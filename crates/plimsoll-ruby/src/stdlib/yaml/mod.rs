//! YAML, with Psych 4's view of types.

mod dump;
mod emit;
mod load;
mod scalar;

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, MethodBody, Visibility, def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::{RHash, Value};
use load::Options;

/// Defines the module under both its names, and `to_yaml` on all objects.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Psych");
    vm.define_singleton(&module, FUNCTIONS);
    let runtime_error = vm.class_named("RuntimeError");
    let exception = vm.define_class(&module, "Exception", &runtime_error);
    let syntax_error = vm.define_class(&module, "SyntaxError", &exception);
    vm.define(&syntax_error, SYNTAX_ERROR);
    vm.define_class(&module, "BadAlias", &exception);
    vm.define_class(&module, "DisallowedClass", &exception);
    module.constants.borrow_mut().insert(Sym::new("VERSION"), Value::str("4.0.3"));
    vm.define_constant(&vm.c.object, "YAML", &module);
    vm.add_method(&vm.c.object, Sym::new(TO_YAML.name), Visibility::Public, MethodBody::Native(&TO_YAML));
}

const FUNCTIONS: &[Def] = &[
    def(
        "load",
        1,
        -1,
        |vm, _, a| load_text(vm, a, Options::load()),
        "The value of a YAML text, of plain types and Symbols",
    ),
    def("safe_load", 1, -1, |vm, _, a| load_text(vm, a, Options::safe()), "The value of a YAML text, of plain types"),
    def(
        "unsafe_load",
        1,
        -1,
        |vm, _, a| load_text(vm, a, Options::unsafe_load()),
        "The value of a YAML text, of any types",
    ),
    def("load_file", 1, -1, |vm, _, a| load_file(vm, a, Options::load()), "The same of a file of the profile"),
    def("safe_load_file", 1, -1, |vm, _, a| load_file(vm, a, Options::safe()), "The same of a file of the profile"),
    def(
        "unsafe_load_file",
        1,
        -1,
        |vm, _, a| load_file(vm, a, Options::unsafe_load()),
        "The same of a file of the profile",
    ),
    def("load_stream", 1, -1, load_stream, "The values of all documents of a text"),
    def("dump", 1, -1, dump_value, "YAML text"),
    def("parse", 1, -1, |vm, _, _| Err(vm.unsupported("YAML.parse")), "Refused"),
    def("parse_stream", 1, -1, |vm, _, _| Err(vm.unsupported("YAML.parse_stream")), "Refused"),
];

const TO_YAML: Def = def("to_yaml", 0, -1, to_yaml, "It as YAML text");

const SYNTAX_ERROR: &[Def] = &[
    def("file", 0, 0, |_, r, _| Ok(super::ivar(r, "@file")), "The file"),
    def("line", 0, 0, |_, r, _| Ok(super::ivar(r, "@line")), "The line"),
    def("column", 0, 0, |_, r, _| Ok(super::ivar(r, "@column")), "The column"),
    def("offset", 0, 0, |_, r, _| Ok(super::ivar(r, "@offset")), "The offset"),
    def("problem", 0, 0, |_, r, _| Ok(super::ivar(r, "@problem")), "What is wrong"),
    def("context", 0, 0, |_, r, _| Ok(super::ivar(r, "@context")), "What was being read"),
];

/// An error below Psych::Exception.
fn error(vm: &Interp, class: &str, message: &str) -> Unwind {
    vm.error(&format!("Psych::{class}"), message)
}

fn source(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let read = Sym::new("read");
    if matches!(value, Value::Obj(_)) && vm.responds(value, read)? {
        let text = vm.call(value, read, &[])?;
        return Ok(vm.to_str(&text)?.to_utf8());
    }
    Ok(vm.to_str(value)?.to_utf8())
}

fn load_text(vm: &Interp, args: Args<'_>, defaults: Options) -> Res {
    let (positional, keywords) = args.split_keywords();
    if positional.len() != 1 {
        return Err(vm.arity_error(positional.len(), 1, 1));
    }
    let options = defaults.with(vm, keywords)?;
    let text = source(vm, &positional[0])?;
    match load::documents(vm, &text, &options, true)?.pop() {
        Some(value) => Ok(value),
        None => Ok(options.fallback),
    }
}

fn load_file(vm: &Interp, args: Args<'_>, defaults: Options) -> Res {
    let (positional, keywords) = args.split_keywords();
    let path = vm.to_str(&args[0])?.to_vec();
    let shown = String::from_utf8_lossy(&path).into_owned();
    let Some(content) = vm.host.read_file(&path) else {
        return Err(vm.error("Errno::ENOENT", format!("No such file or directory @ rb_sysopen - {shown}")));
    };
    if positional.len() != 1 {
        return Err(vm.arity_error(positional.len(), 1, 1));
    }
    let mut options = defaults.with(vm, keywords)?;
    options.file = Some(shown);
    match load::documents(vm, &content, &options, true)?.pop() {
        Some(value) => Ok(value),
        None => Ok(options.fallback),
    }
}

fn load_stream(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let options = Options::unsafe_load().with(vm, args.split_keywords().1)?;
    let text = source(vm, &args[0])?;
    let documents = load::documents(vm, &text, &options, false)?;
    match args.block {
        None => Ok(Value::array(documents)),
        Some(block) => {
            for document in documents {
                vm.call_block(block, &[document])?;
            }
            Ok(Value::Nil)
        }
    }
}

fn layout(vm: &Interp, options: Option<&Rc<RHash>>) -> Res<emit::Layout> {
    let mut layout = emit::Layout::default();
    if let Some(options) = options {
        if let Some(indentation) = vm.hash_sym(options, "indentation")? {
            let indentation = vm.to_int(&indentation)?;
            layout.indent = if (2..10).contains(&indentation) { indentation as usize } else { 2 };
        }
        if let Some(width) = vm.hash_sym(options, "line_width")? {
            let width = vm.to_int(&width)?;
            layout.fold = (width > 0).then_some(width as usize);
            layout.width = if width < 0 { usize::MAX } else { (width as usize).max(layout.indent * 2) };
        }
    }
    Ok(layout)
}

fn dumped(vm: &Interp, value: &Value, options: Option<&Rc<RHash>>) -> Res {
    let layout = layout(vm, options)?;
    Ok(Value::bytes(dump::dump(vm, value, layout)?))
}

fn dump_value(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (positional, keywords) = args.split_keywords();
    match positional {
        // Without a value of its own, what looks like keywords is the value.
        [] => dumped(vm, &args[0], None),
        [value] => dumped(vm, value, keywords),
        [value, Value::Hash(options)] => dumped(vm, value, Some(options)),
        [value, io, ..] => {
            let text = dumped(vm, value, keywords)?;
            vm.send(io, "write", &[text])?;
            Ok(io.clone())
        }
    }
}

fn to_yaml(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let options = match args.get(0) {
        Some(Value::Hash(options)) => Some(options),
        _ => None,
    };
    dumped(vm, receiver, options)
}
