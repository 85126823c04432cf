//! ERB: templates. A template becomes a program, which is lowered like any file of the profile.

mod compile;

use compile::Trim;

use super::{ivar, set_ivar};
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::eval::binding_of;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the class, and the functions for escaping.
pub(super) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "ERB", &vm.c.object);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, FUNCTIONS);
    let util = vm.define_module(&class, "Util");
    vm.define(&util, UTIL);
    vm.define_singleton(&util, UTIL);
}

const FUNCTIONS: &[Def] = &[def("version", 0, 0, |_, _, _| Ok(Value::str("2.2.3")), "The version")];

const UTIL: &[Def] = &[
    def("h", 1, 1, html_escape, "Text as HTML has to write it"),
    def("html_escape", 1, 1, html_escape, "Text as HTML has to write it"),
    def("u", 1, 1, url_encode, "Text as an address has to write it"),
    def("url_encode", 1, 1, url_encode, "Text as an address has to write it"),
];

const METHODS: &[Def] = &[
    private_def("initialize", 1, -1, initialize, "Takes a template, `trim_mode:` and `eoutvar:`"),
    def("src", 0, 0, |_, r, _| Ok(ivar(r, "@src")), "The program"),
    def("encoding", 0, 0, |_, r, _| Ok(ivar(r, "@encoding")), "The template's encoding"),
    def("filename", 0, 0, |_, r, _| Ok(ivar(r, "@filename")), "The file that errors name"),
    def("filename=", 1, 1, |_, r, a| set(r, "@filename", &a[0]), "Sets the file that errors name"),
    def("lineno", 0, 0, |_, r, _| Ok(ivar(r, "@lineno")), "The line before the template's first"),
    def("lineno=", 1, 1, |_, r, a| set(r, "@lineno", &a[0]), "Sets the line before the template's first"),
    def("location=", 1, 1, set_location, "Sets file and line"),
    def("result", 0, 1, result, "The text, with the variables of a binding"),
    def("result_with_hash", 1, 1, result_with_hash, "The text, with these variables"),
    def("run", 0, 1, run, "Prints the text"),
    def("def_method", 2, 3, |vm, _, _| Err(vm.unsupported("ERB#def_method")), "Refused"),
    def("def_module", 0, 1, |vm, _, _| Err(vm.unsupported("ERB#def_module")), "Refused"),
    def("def_class", 0, 2, |vm, _, _| Err(vm.unsupported("ERB#def_class")), "Refused"),
];

fn set(receiver: &Value, name: &str, value: &Value) -> Res {
    set_ivar(receiver, name, value.clone());
    Ok(value.clone())
}

fn set_location(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let pair = vm.to_array(&args[0])?;
    set_ivar(receiver, "@filename", pair.get(0).unwrap_or_default());
    if let Some(line) = pair.get(1).filter(Value::truthy) {
        set_ivar(receiver, "@lineno", line);
    }
    Ok(args[0].clone())
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (values, _) = args.split_keywords();
    let Value::Str(template) = &values[0] else {
        return Err(vm.no_method(&values[0], Sym::new("encoding"), Args::default(), crate::CallStyle::Explicit, None));
    };
    // Before there were keywords: safe level, trim mode, variable.
    let option =
        |name: &str, place: usize| args.keyword(name).or_else(|| values.get(place).cloned()).unwrap_or_default();
    let trim = Trim::of(vm, &option("trim_mode", 2))?;
    let variable = match option("eoutvar", 3) {
        Value::Nil => "_erbout".to_owned(),
        name => vm.to_s(&name)?.lossy(),
    };
    let bytes = template.to_vec();
    let encoding = crate::core::encoding::value(vm, template.encoding());
    let comment = format!("#coding:{}\n", template.encoding().name());
    let source = [comment.into_bytes(), compile::program(vm, &bytes, trim, &variable)?].concat();
    set_ivar(receiver, "@src", Value::bytes(source));
    set_ivar(receiver, "@encoding", encoding);
    set_ivar(receiver, "@lineno", Value::Int(0));
    Ok(Value::Nil)
}

/// The program without its first line, moved down to where errors have to show it.
fn program(vm: &Interp, receiver: &Value) -> Res<(Vec<u8>, String)> {
    let source = vm.to_str(&ivar(receiver, "@src"))?.to_vec();
    let start = source.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = vm.to_int(&ivar(receiver, "@lineno"))?.clamp(0, 1_000_000) as usize;
    let file = match ivar(receiver, "@filename") {
        Value::Nil => "(erb)".to_owned(),
        name => vm.to_s(&name)?.lossy(),
    };
    Ok(([vec![b'\n'; line], source[start..].to_vec()].concat(), file))
}

fn result(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (source, file) = program(vm, receiver)?;
    let binding = args.get(0).cloned().unwrap_or_else(|| vm.main_binding());
    vm.run_in_binding(&binding, &source, &file)
}

fn result_with_hash(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (source, file) = program(vm, receiver)?;
    let binding = vm.main_binding();
    for (name, value) in vm.to_hash(&args[0])?.entries() {
        let name = vm.to_name(&name)?;
        if let Some(variables) = binding_of(&binding) {
            variables.set(name, value);
        }
    }
    vm.run_in_binding(&binding, &source, &file)
}

fn run(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = result(vm, receiver, args)?;
    vm.send(&vm.main_object(), "print", &[text])
}

fn html_escape(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = vm.to_s(&args[0])?.to_vec();
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            byte => out.push(byte),
        }
    }
    Ok(Value::bytes(out))
}

fn url_encode(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = vm.to_s(&args[0])?.to_vec();
    let mut out = String::new();
    for byte in text {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(Value::from(out))
}
