//! Converters of fields and headers.

use std::rc::Rc;

use super::options::Options;
use super::row;
use crate::args::Args;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::Value;

/// What a conversion gives; the text itself where it raises an ArgumentError.
fn attempt(vm: &Interp, text: &Value, converted: Res) -> Res {
    match converted {
        Err(unwind) => match unwind.exception() {
            Some(error) if vm.is_a(&Value::Obj(Rc::clone(error)), &vm.c.standard_error) => Ok(text.clone()),
            _ => Err(unwind),
        },
        value => value,
    }
}

/// What CRuby's csv raises for a name that stands for no converter.
fn unknown(vm: &Interp) -> Unwind {
    vm.error("NoMethodError", "undefined method `arity' for nil:NilClass")
}

/// The converters that a name stands for.
fn named(vm: &Interp, name: Sym, text: &Value) -> Res {
    let kernel = Value::Class(Rc::clone(&vm.c.kernel));
    let source = vm.to_str(text)?.lossy();
    let digits = source.bytes().filter(u8::is_ascii_digit).count();
    match name.text().as_ref() {
        "integer" => attempt(vm, text, vm.send(&kernel, "Integer", std::slice::from_ref(text))),
        "float" => attempt(vm, text, vm.send(&kernel, "Float", std::slice::from_ref(text))),
        "numeric" => in_turn(vm, &["integer", "float"], text),
        "all" => in_turn(vm, &["date_time", "integer", "float"], text),
        // Only what looks like a date is read as one.
        "date" | "date_time" | "time" if digits < 4 || !source.contains(['-', '/', ':', ' ']) => Ok(text.clone()),
        "date" => {
            attempt(vm, text, vm.send(&Value::Class(vm.class_named("Date")), "parse", std::slice::from_ref(text)))
        }
        "date_time" => {
            attempt(vm, text, vm.send(&Value::Class(vm.class_named("DateTime")), "parse", std::slice::from_ref(text)))
        }
        "time" => {
            attempt(vm, text, vm.send(&Value::Class(vm.class_named("Time")), "parse", std::slice::from_ref(text)))
        }
        _ => Err(unknown(vm)),
    }
}

fn in_turn(vm: &Interp, names: &[&str], text: &Value) -> Res {
    let mut value = text.clone();
    for name in names {
        if !matches!(value, Value::Str(_)) {
            break;
        }
        value = named(vm, Sym::new(name), &value)?;
    }
    Ok(value)
}

/// A field through all converters, until it is no String any more.
pub(super) fn field(vm: &Interp, options: &Options, value: Value, at: usize, line: usize, header: &Value) -> Res {
    let mut value = value;
    for converter in &options.converters {
        if !matches!(value, Value::Str(_)) {
            break;
        }
        value = match converter {
            Value::Sym(name) => named(vm, *name, &value)?,
            block => {
                let wants_info = matches!(vm.send(block, "arity", &[])?, Value::Int(2));
                let mut arguments = vec![value];
                if wants_info {
                    arguments.push(row::field_info(vm, at, line, header)?);
                }
                vm.call_with(block, known::CALL, Args::new(&arguments), crate::dispatch::CallStyle::Implicit)?
            }
        };
    }
    Ok(value)
}

/// A header through all header converters.
pub(super) fn header(vm: &Interp, options: &Options, value: &Value) -> Res {
    let mut value = value.clone();
    for converter in &options.header_converters {
        let Value::Str(text) = &value else { break };
        let text = text.lossy();
        value = match converter {
            Value::Sym(name) => match name.text().as_ref() {
                "downcase" => Value::from(text.to_lowercase()),
                "symbol" => {
                    let kept: String = text
                        .trim()
                        .to_lowercase()
                        .chars()
                        .filter(|c| c.is_whitespace() || c.is_ascii_alphanumeric() || *c == '_')
                        .collect();
                    Value::Sym(vm.intern(kept.split_whitespace().collect::<Vec<_>>().join("_").as_bytes())?)
                }
                "symbol_raw" => Value::Sym(vm.intern(text.trim().as_bytes())?),
                _ => return Err(unknown(vm)),
            },
            block => vm.call(block, known::CALL, &[value])?,
        };
    }
    Ok(value)
}
