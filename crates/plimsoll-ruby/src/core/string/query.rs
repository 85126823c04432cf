//! Comparing, measuring and finding.

use std::cmp::Ordering;

use super::{text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::regexp::{self, Pattern};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

pub(super) const METHODS: &[Def] = &[
    def("==", 1, 1, equal, "Same bytes in comparable encodings"),
    def("===", 1, 1, equal, "Same bytes in comparable encodings"),
    def("eql?", 1, 1, eql, "Equal to another String"),
    def("hash", 0, 0, |vm, r, _| Ok(Value::Int(vm.hash_code(r)? as i64 >> 1)), "A hash code of the content"),
    def("<=>", 1, 1, compare, "-1, 0 or 1; nil for what is no String"),
    def("length", 0, 0, |_, r, _| Ok(length(r).into()), "Number of characters"),
    def("size", 0, 0, |_, r, _| Ok(length(r).into()), "Number of characters"),
    def("bytesize", 0, 0, |_, r, _| Ok(this(r).len().into()), "Number of bytes"),
    def("empty?", 0, 0, |_, r, _| Ok(this(r).is_empty().into()), "Whether it has no characters"),
    def("include?", 1, 1, include_p, "Whether a String occurs in it"),
    def("start_with?", 0, -1, start_with, "Whether it starts with one of the arguments"),
    def("end_with?", 0, -1, end_with, "Whether it ends with one of the arguments"),
    def("index", 1, 2, index, "Where a String or Regexp first occurs"),
    def("rindex", 1, 2, rindex, "Where a String or Regexp last occurs"),
    def("=~", 1, 1, match_operator, "Where a Regexp first matches"),
    def("match", 1, 2, match_method, "The first match of a pattern"),
    def("match?", 1, 2, match_p, "Whether a pattern matches, without setting `$~`"),
    def("ord", 0, 0, ord, "The code point of the first character"),
    def("sum", 0, 1, sum, "A simple checksum of the bytes"),
    def("getbyte", 1, 1, getbyte, "One byte"),
    def("ascii_only?", 0, 0, |_, r, _| Ok(this(r).is_ascii().into()), "Whether all bytes are ASCII"),
    def(
        "valid_encoding?",
        0,
        0,
        |_, r, _| Ok(this(r).is_valid().into()),
        "Whether the bytes are valid in its encoding",
    ),
];

fn equal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Str(other) => Ok(crate::core::strings_equal(this(receiver), other).into()),
        other if vm.responds(other, known::TO_STR)? => {
            Ok(vm.call(other, known::EQ, std::slice::from_ref(receiver))?.truthy().into())
        }
        _ => Ok(false.into()),
    }
}

fn eql(_: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(matches!(&args[0], Value::Str(other) if crate::core::strings_equal(this(receiver), other)).into())
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    if let Some(other) = vm.try_str(&args[0])? {
        let other = &other;
        let mut order = string.bytes().cmp(&other.bytes());
        if order == Ordering::Equal && !crate::core::strings_equal(string, other) {
            order = string.encoding().cmp(&other.encoding());
        }
        return Ok(Value::Int(order as i64));
    }
    // Something else may know how to compare itself with a String.
    if !vm.responds(&args[0], known::TO_STR)? && !vm.responds(&args[0], known::CMP)? {
        return Ok(Value::Nil);
    }
    if matches!(args[0], Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Sym(_)) {
        return Ok(Value::Nil);
    }
    let reversed = vm.guard("<=>", std::rc::Rc::as_ptr(string) as usize, 0, || {
        vm.call(&args[0], known::CMP, std::slice::from_ref(receiver))
    });
    match reversed.unwrap_or(Ok(Value::Nil))? {
        Value::Nil => Ok(Value::Nil),
        Value::Int(order) => Ok(Value::Int(-order)),
        other => vm.call(&other, known::NEG, &[]),
    }
}

fn length(receiver: &Value) -> usize {
    let string = this(receiver);
    text::count(&string.bytes(), string.encoding())
}

fn include_p(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let other = vm.to_str(&args[0])?;
    vm.joint_encoding(string, &other)?;
    Ok(text::find(&string.bytes(), &other.bytes(), 0, string.encoding()).is_some().into())
}

fn start_with(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    for value in args.values {
        if let Some(pattern) = regexp::of(value) {
            if pattern.match_at(vm, value, string, 0)? {
                return Ok(true.into());
            }
            continue;
        }
        let other = vm.to_str(value)?;
        vm.joint_encoding(string, &other)?;
        let bytes = string.bytes();
        if bytes.starts_with(&other.bytes()) && text::on_boundary(&bytes, other.len(), string.encoding()) {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn end_with(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    for value in args.values {
        let other = vm.to_str(value)?;
        vm.joint_encoding(string, &other)?;
        let bytes = string.bytes();
        if bytes.ends_with(&other.bytes()) && text::on_boundary(&bytes, bytes.len() - other.len(), string.encoding()) {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let start = match args.get(1) {
        Some(value) => vm.to_int(value)?,
        None => 0,
    };
    let regexp = regexp::of(&args[0]);
    let start = text::signed_offset(&string.bytes(), string.encoding(), start);
    let Some(start) = start else {
        if regexp.is_some() {
            vm.set_last_match(Value::Nil);
        }
        return Ok(Value::Nil);
    };
    let at = match regexp {
        Some(pattern) => pattern.search_recorded(vm, &args[0], string, start)?.map(|hit| hit.start()),
        None => {
            let other = vm.to_str(&args[0])?;
            vm.joint_encoding(string, &other)?;
            text::find(&string.bytes(), &other.bytes(), start, string.encoding())
        }
    };
    Ok(at.map(|at| text::index_of(&string.bytes(), string.encoding(), at)).into())
}

fn rindex(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let regexp = regexp::of(&args[0]);
    let total = length(receiver) as i64;
    let start = match args.get(1) {
        Some(value) => {
            let start = vm.to_int(value)?;
            if start < 0 { start + total } else { start.min(total) }
        }
        None => total,
    };
    let Ok(start) = usize::try_from(start) else {
        if regexp.is_some() {
            vm.set_last_match(Value::Nil);
        }
        return Ok(Value::Nil);
    };
    let start = text::offset(&string.bytes(), string.encoding(), start).unwrap_or(string.len());
    let at = match regexp {
        Some(pattern) => pattern.search_back_recorded(vm, &args[0], string, start)?.map(|hit| hit.start()),
        None => {
            let other = vm.to_str(&args[0])?;
            vm.joint_encoding(string, &other)?;
            text::rfind(&string.bytes(), &other.bytes(), start, string.encoding())
        }
    };
    Ok(at.map(|at| text::index_of(&string.bytes(), string.encoding(), at)).into())
}

fn match_operator(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Str(_) => Err(vm.type_error("type mismatch: String given")),
        pattern => vm.call(pattern, known::MATCH, std::slice::from_ref(receiver)),
    }
}

fn match_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let pattern = Pattern::regexp(vm, &args[0])?;
    let mut values = args.values.to_vec();
    values[0] = receiver.clone();
    vm.call_with(
        &pattern,
        crate::symbol::Sym::new("match"),
        Args { values: &values, ..args },
        crate::dispatch::CallStyle::Implicit,
    )
}

fn match_p(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let pattern = Pattern::regexp(vm, &args[0])?;
    let mut values = args.values.to_vec();
    values[0] = receiver.clone();
    vm.send(&pattern, "match?", &values)
}

fn ord(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    let bytes = string.bytes();
    let Some(first) = text::chars(&bytes, string.encoding()).next() else {
        return Err(vm.argument_error("empty string"));
    };
    match text::code_point(first, string.encoding()) {
        Some(code) => Ok(Value::Int(i64::from(code))),
        None => Err(vm.argument_error(format!("invalid byte sequence in {}", string.encoding().name()))),
    }
}

fn sum(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let bits = match args.get(0) {
        Some(value) => vm.to_int(value)?,
        None => 16,
    };
    let sum: u64 = this(receiver).bytes().iter().map(|&b| u64::from(b)).sum();
    Ok(Value::Int(match bits {
        1..=63 => (sum & ((1 << bits) - 1)) as i64,
        _ => sum as i64,
    }))
}

fn getbyte(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let index = vm.to_int(&args[0])?;
    let bytes = this(receiver).bytes();
    let index = if index < 0 { index + bytes.len() as i64 } else { index };
    let byte = usize::try_from(index).ok().and_then(|at| bytes.get(at).copied());
    Ok(byte.map(i64::from).into())
}
