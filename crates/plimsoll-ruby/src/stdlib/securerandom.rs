//! SecureRandom. Runs are reproducible here: it draws from the same seeded generator as everything else.

use super::digest::hex_text;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

/// Defines the module.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "SecureRandom");
    vm.define_singleton(&module, FUNCTIONS);
}

const FUNCTIONS: &[Def] = &[
    def("hex", 0, 1, |vm, _, a| Ok(ascii(hex_text(&drawn(vm, a)?))), "Random bytes in hexadecimal"),
    def("uuid", 0, 0, uuid, "A random UUID"),
    def("bytes", 1, 1, |vm, _, a| bytes(vm, a), "Random bytes"),
    def("random_bytes", 0, 1, |vm, _, a| bytes(vm, a), "Random bytes"),
    def("gen_random", 1, 1, |vm, _, a| bytes(vm, a), "Random bytes"),
    def("base64", 0, 1, |vm, _, a| encoded(vm, a, "strict_encode64"), "Random bytes in Base64"),
    def("urlsafe_base64", 0, 2, urlsafe, "Random bytes in Base64 that URLs allow"),
    def("alphanumeric", 0, 1, alphanumeric, "Random letters and digits"),
    def("random_number", 0, 1, number, "A random number"),
    def("rand", 0, 1, number, "A random number"),
    def("choose", 2, 2, choose, "Random elements"),
];

fn drawn(vm: &Interp, args: Args<'_>) -> Res<Vec<u8>> {
    let count = match args.get(0) {
        None | Some(Value::Nil) => Value::Int(16),
        Some(count) => count.clone(),
    };
    let bytes = vm.send(&Value::Class(vm.class_named("Random")), "bytes", &[count])?;
    Ok(vm.to_str(&bytes)?.to_vec())
}

fn bytes(vm: &Interp, args: Args<'_>) -> Res {
    Ok(Value::Str(RString::new(drawn(vm, args)?, Encoding::Binary)))
}

fn ascii(text: String) -> Value {
    Value::Str(RString::new(text.into_bytes(), Encoding::UsAscii))
}

fn uuid(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let mut bytes = drawn(vm, args)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex_text(&bytes);
    Ok(ascii([&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")))
}

fn encoded(vm: &Interp, args: Args<'_>, method: &str) -> Res {
    vm.send(&Value::Class(vm.class_named("Base64")), method, &[bytes(vm, args)?])
}

fn urlsafe(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = encoded(vm, args, "urlsafe_encode64")?;
    if args.or_nil(1).truthy() {
        return Ok(text);
    }
    let text = vm.to_str(&text)?.lossy();
    Ok(ascii(text.trim_end_matches('=').to_owned()))
}

fn pick(vm: &Interp, elements: &[Value], count: usize) -> Res<Vec<u8>> {
    let mut text = Vec::new();
    for _ in 0..count {
        let at = number(vm, &Value::Nil, Args::new(&[elements.len().into()]))?;
        let at = vm.to_int(&at)? as usize;
        text.extend_from_slice(&vm.to_s(&elements[at])?.bytes());
        vm.reserve_string(text.len())?;
    }
    Ok(text)
}

fn alphanumeric(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let count = match args.get(0) {
        None | Some(Value::Nil) => 16,
        Some(count) => vm.to_int(count)?.max(0) as usize,
    };
    vm.reserve_string(count)?;
    let letters: Vec<Value> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').map(|c| Value::from(c.to_string())).collect();
    Ok(Value::bytes(pick(vm, &letters, count)?))
}

fn choose(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let elements = vm.to_array(&args[0])?.to_vec();
    let count = vm.to_int(&args[1])?.max(0) as usize;
    if elements.is_empty() {
        return Ok(Value::str(""));
    }
    Ok(Value::bytes(pick(vm, &elements, count)?))
}

fn number(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let random = Value::Class(vm.class_named("Random"));
    match args.get(0) {
        None | Some(Value::Nil | Value::Int(0)) => vm.send(&random, "rand", &[]),
        Some(limit) => vm.send(&random, "rand", std::slice::from_ref(limit)),
    }
}
