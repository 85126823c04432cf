//! `Array()`, `String()`, `Hash()` and the numeric ones.

use crate::args::Args;
use crate::class::{Def, private_def};
use crate::core::{complex, float, rational, string};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{Data, RHash, Value};

pub(super) fn init(vm: &Interp) {
    super::functions(vm, FUNCTIONS);
}

const FUNCTIONS: &[Def] = &[
    private_def("Array", 1, 1, array, "An Array of the value: itself, to_ary, to_a, or alone in one."),
    private_def("String", 1, 1, make_string, "A String of the value: to_str or to_s."),
    private_def("Hash", 1, 1, hash, "A Hash of the value: to_hash, or empty for nil and []."),
    private_def("Integer", 1, 3, integer, "An Integer of a number or text that is nothing but one."),
    private_def("Float", 1, 2, make_float, "A Float of a number or text that is nothing but one."),
    private_def("Rational", 1, 3, make_rational, "A Rational of numbers or text."),
    private_def("Complex", 1, 3, make_complex, "A Complex number of numbers or text."),
];

fn array(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let value = &args[0];
    if let Some(array) = vm.try_array(value)? {
        return Ok(Value::Array(array));
    }
    if value.is_nil() {
        return Ok(Value::array(Vec::new()));
    }
    match vm.call_if_responds(value, known::TO_A, &[])? {
        Some(found @ Value::Array(_)) => Ok(found),
        Some(Value::Nil) | None => Ok(Value::array(vec![value.clone()])),
        Some(other) => {
            let class = vm.real_class_of(value).name();
            let got = vm.real_class_of(&other).name();
            Err(vm.type_error(format!("can't convert {class} to Array ({class}#to_a gives {got})")))
        }
    }
}

fn make_string(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let value = &args[0];
    if let Some(text @ Value::Str(_)) = vm.call_if_responds(value, known::TO_STR, &[])? {
        return Ok(text);
    }
    match vm.call_if_responds(value, known::TO_S, &[])? {
        Some(text @ Value::Str(_)) => Ok(text),
        _ => Err(vm.type_error(format!("can't convert {} into String", vm.type_word(value)))),
    }
}

fn hash(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Nil => Ok(Value::Hash(RHash::new())),
        Value::Array(array) if array.is_empty() => Ok(Value::Hash(RHash::new())),
        value => match vm.try_hash(value)? {
            Some(hash) => Ok(Value::Hash(hash)),
            None => Err(vm.type_error(format!("can't convert {} into Hash", vm.type_word(value)))),
        },
    }
}

/// Whether a conversion raises, as `exception:` tells.
fn is_strict(vm: &Interp, args: Args<'_>) -> Res<bool> {
    match args.keyword("exception") {
        None => Ok(true),
        Some(Value::Bool(strict)) => Ok(strict),
        Some(other) => {
            let shown = vm.inspect(&other)?.lossy();
            Err(vm.argument_error(format!("expected true or false as exception: {shown}")))
        }
    }
}

/// Turns what a conversion raises into nil when the caller asked for `exception: false`.
fn lenient(vm: &Interp, args: Args<'_>, result: Res) -> Res {
    let strict = is_strict(vm, args)?;
    match result {
        Err(unwind) if !strict && unwind.exception().is_some() => Ok(Value::Nil),
        other => other,
    }
}

fn integer(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    let Some(value) = positional.first() else { return Err(vm.arity_error(0, 1, 2)) };
    lenient(vm, args, convert_integer(vm, value, positional.get(1).filter(|base| !base.is_nil())))
}

fn convert_integer(vm: &Interp, value: &Value, base: Option<&Value>) -> Res {
    let text = match value {
        Value::Str(text) => Some(std::rc::Rc::clone(text)),
        _ if base.is_some() => match vm.call_if_responds(value, known::TO_STR, &[])? {
            Some(Value::Str(text)) => Some(text),
            _ => return Err(vm.argument_error("base specified for non string value")),
        },
        _ => None,
    };
    if let Some(text) = text {
        let base = base.map_or(Ok(0), |base| vm.to_int(base))?;
        if base < -36 || base == 1 || base > 36 {
            return Err(vm.argument_error(format!("invalid radix {base}")));
        }
        return match string::parse_integer(&vm.ascii_text(&text)?, base as i32, true) {
            Some(big) => Ok(vm.integer(big)),
            None => {
                let shown = vm.inspect(&Value::Str(text))?.lossy();
                Err(vm.argument_error(format!("invalid value for Integer(): {shown}")))
            }
        };
    }
    match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Obj(object) if matches!(object.data, Data::Big(_)) => Ok(value.clone()),
        Value::Float(float) if !float.is_finite() => Err(vm.error("FloatDomainError", crate::core::float_text(*float))),
        Value::Float(_) => vm.call(value, known::TO_I, &[]),
        Value::Nil => Err(vm.type_error("can't convert nil into Integer")),
        _ => {
            for conversion in [known::TO_INT, known::TO_I] {
                match vm.call_if_responds(value, conversion, &[])? {
                    Some(Value::Int(int)) => return Ok(Value::Int(int)),
                    Some(Value::Obj(object)) if matches!(object.data, Data::Big(_)) => return Ok(Value::Obj(object)),
                    Some(other) if conversion == known::TO_I => {
                        let class = vm.real_class_of(value).name();
                        let got = vm.real_class_of(&other).name();
                        return Err(
                            vm.type_error(format!("can't convert {class} to Integer ({class}#to_i gives {got})"))
                        );
                    }
                    _ => {}
                }
            }
            Err(vm.type_error(format!("can't convert {} into Integer", vm.type_word(value))))
        }
    }
}

fn make_float(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    let Some(value) = positional.first() else { return Err(vm.arity_error(0, 1, 1)) };
    lenient(vm, args, float::convert(vm, value).map(Value::Float))
}

fn make_rational(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    let result = rational::convert(vm, positional).and_then(|value| match value {
        Some(value) => Ok(value),
        None => {
            let text = vm.inspect(&positional[0])?.lossy();
            Err(vm.argument_error(format!("invalid value for convert(): {text}")))
        }
    });
    lenient(vm, args, result)
}

fn make_complex(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (positional, _) = args.split_keywords();
    if positional.is_empty() || positional.len() > 2 {
        return Err(vm.arity_error(positional.len(), 1, 2));
    }
    let strict = is_strict(vm, args)?;
    lenient(vm, args, complex::convert(vm, positional, strict))
}
