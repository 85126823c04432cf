//! Percent escapes and forms.

use std::rc::Rc;

use super::constant;
use crate::args::Args;
use crate::class::{Def, RClass, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Def] = &[
    def(
        "encode_www_form_component",
        1,
        2,
        |vm, _, a| Ok(Value::from(form_text(vm, &a[0])?)),
        "A text as forms send it",
    ),
    def("decode_www_form_component", 1, 2, |vm, _, a| decoded(vm, &a[0]), "What a form has sent"),
    def("encode_www_form", 1, 2, encode_form, "Pairs as forms send them"),
    def("decode_www_form", 1, 2, decode_form, "The pairs that a form has sent"),
];

const PARSER: &[Def] = &[
    def("escape", 1, 2, |vm, _, a| Ok(Value::from(escaped(&vm.to_str(&a[0])?.bytes()))), "With percent escapes"),
    def(
        "unescape",
        1,
        2,
        |vm, _, a| Ok(Value::bytes(unescaped(&vm.to_str(&a[0])?.bytes()))),
        "Without percent escapes",
    ),
    def("parse", 1, 1, |vm, _, a| super::parse::parse(vm, &a[0]), "The URI of a text"),
    def("make_regexp", 0, 1, super::parse::regexp, "A pattern of URIs in text"),
    def("join", 0, -1, super::merge::join, "Texts merged one after the other"),
    def("extract", 1, 2, super::parse::extract, "The URIs in a text"),
];

/// Defines the parser object.
pub(super) fn init(vm: &Interp, module: &Rc<RClass>) {
    let parser = vm.define_class(module, "RFC2396_Parser", &vm.c.object);
    vm.define(&parser, PARSER);
    constant(module, "Parser", Value::Class(Rc::clone(&parser)));
    constant(module, "DEFAULT_PARSER", vm.object(&parser).into());
}

fn hex(out: &mut String, byte: u8) {
    out.push_str(&format!("%{byte:02X}"));
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'();/?:@&=+$,[]".contains(&byte) {
            out.push(char::from(byte));
        } else {
            hex(&mut out, byte);
        }
    }
    out
}

fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let code = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

fn form_text(vm: &Interp, value: &Value) -> Res<String> {
    let mut out = String::new();
    for &byte in vm.to_s(value)?.bytes().iter() {
        match byte {
            b' ' => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => out.push(char::from(byte)),
            byte => hex(&mut out, byte),
        }
    }
    Ok(out)
}

fn decoded(vm: &Interp, value: &Value) -> Res {
    let text = vm.to_str(value)?.to_vec();
    let broken = text.iter().enumerate().any(|(at, byte)| {
        *byte == b'%' && !text.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return Err(vm.argument_error(format!("invalid %-encoding ({})", String::from_utf8_lossy(&text))));
    }
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    Ok(Value::bytes(unescaped(&spaced)))
}

fn encode_form(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let pairs = match vm.try_hash(&args[0])? {
        Some(hash) => hash.entries(),
        None => {
            let mut pairs = Vec::new();
            for pair in vm.collect(&args[0])? {
                let pair = vm.to_array(&pair)?;
                pairs.push((pair.get(0).unwrap_or_default(), pair.get(1).unwrap_or_default()));
            }
            pairs
        }
    };
    let mut fields = Vec::new();
    for (name, value) in pairs {
        let name = form_text(vm, &name)?;
        match vm.try_array(&value)? {
            Some(values) => {
                for value in values.to_vec() {
                    fields.push(format!("{name}={}", form_text(vm, &value)?));
                }
            }
            None if value.is_nil() => fields.push(name),
            None => fields.push(format!("{name}={}", form_text(vm, &value)?)),
        }
    }
    Ok(Value::from(fields.join("&")))
}

fn decode_form(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let text = vm.to_str(&args[0])?.lossy();
    let mut pairs = Vec::new();
    for field in text.split('&').filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        pairs.push(Value::array(vec![decoded(vm, &Value::str(name))?, decoded(vm, &Value::str(value))?]));
    }
    Ok(Value::array(pairs))
}
