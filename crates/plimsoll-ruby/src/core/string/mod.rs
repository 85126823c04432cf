//! String: bytes with an encoding.

mod case;
mod charset;
mod edit;
mod encode;
mod index;
mod inspect;
mod iterate;
mod number;
pub(crate) mod pack;
mod query;
mod replace;
mod split;
pub(crate) mod succ;
pub(crate) mod text;

use std::rc::Rc;

pub(crate) use inspect::{inspected, printable};
pub(crate) use number::{parse_float, parse_integer};

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = &vm.c.string;
    vm.include(class, &vm.c.comparable);
    vm.set_alloc(class, allocate);
    vm.define_singleton(class, SINGLETON);
    for table in TABLES {
        vm.define(class, table);
    }
}

/// Every table of instance methods.
pub(crate) const TABLES: &[&[Def]] = &[
    METHODS,
    case::METHODS,
    charset::METHODS,
    edit::METHODS,
    encode::METHODS,
    index::METHODS,
    inspect::METHODS,
    iterate::METHODS,
    number::METHODS,
    pack::METHODS,
    query::METHODS,
    replace::METHODS,
    split::METHODS,
    succ::METHODS,
];

const SINGLETON: &[Def] = &[def("try_convert", 1, 1, try_convert, "The argument as a String by `to_str`, or nil")];

const METHODS: &[Def] = &[
    private_def("initialize", 0, -1, initialize, "Takes a first content, `encoding:` and `capacity:`"),
    private_def("initialize_copy", 1, 1, replace, "Takes over the content of another String"),
    def("replace", 1, 1, replace, "Replaces the content"),
    def("to_s", 0, 0, to_s, "Itself, as a plain String"),
    def("to_str", 0, 0, to_s, "Itself, as a plain String"),
    def("to_sym", 0, 0, to_sym, "The symbol of this name"),
    def("intern", 0, 0, to_sym, "The symbol of this name"),
    def("+@", 0, 0, unfrozen, "Itself, or a copy that can be changed"),
    def("-@", 0, 0, frozen, "Itself frozen, or a frozen copy"),
];

/// The String that a method of this class was called on.
pub(super) fn this(receiver: &Value) -> &Rc<RString> {
    match receiver {
        Value::Str(string) => string,
        _ => unreachable!("a method of String runs on Strings alone"),
    }
}

/// The same, about to be changed.
pub(super) fn changing<'a>(vm: &Interp, receiver: &'a Value) -> Res<&'a Rc<RString>> {
    vm.check_frozen(receiver)?;
    Ok(this(receiver))
}

/// A new String in the encoding of another.
pub(super) fn like(string: &RString, bytes: impl Into<Vec<u8>>) -> Value {
    Value::Str(RString::new(bytes.into(), string.encoding()))
}

/// What a `…!` method gives: itself with new content, or nil when nothing changed.
pub(super) fn bang(vm: &Interp, receiver: &Value, new: Option<Vec<u8>>) -> Res {
    let string = changing(vm, receiver)?;
    Ok(match new {
        Some(bytes) => {
            string.replace(bytes);
            receiver.clone()
        }
        None => Value::Nil,
    })
}

/// A method that knows letters in UTF-8, run on a String of any other encoding: on its text, with the arguments' texts, what it
/// gives brought back. The encodings of arguments must fit.
pub(super) fn in_utf8(
    vm: &Interp,
    receiver: &Value,
    args: Args<'_>,
    method: impl FnOnce(&Interp, &Value, Args<'_>) -> Res,
) -> Res {
    let string = this(receiver);
    let encoding = string.encoding();
    if !encoding.is_foreign() {
        return method(vm, receiver, args);
    }
    let text = |string: &RString| {
        vm.check_valid(string)?;
        Ok::<_, crate::unwind::Unwind>(Value::str(string.lossy()))
    };
    let mut values = args.values.to_vec();
    for value in &mut values {
        if let Value::Str(other) = value {
            vm.joint_encoding(string, other)?;
            *value = text(other)?;
        }
    }
    let copy = text(string)?;
    let back = |text: &RString| match text::encoded(&text.lossy(), encoding) {
        Some(bytes) => Ok(bytes),
        None => Err(vm.unsupported(&format!("text that {} does not have", encoding.name()))),
    };
    match method(vm, &copy, Args { values: &values, ..args })? {
        // A method that changes its receiver gives that.
        Value::Str(same) if Rc::ptr_eq(&same, this(&copy)) => {
            changing(vm, receiver)?.replace(back(&same)?);
            Ok(receiver.clone())
        }
        Value::Str(new) => Ok(like(string, back(&new)?)),
        other => Ok(other),
    }
}

fn allocate(vm: &Interp, class: &Rc<RClass>) -> Res {
    Ok(Value::Str(if Rc::ptr_eq(class, &vm.c.string) {
        RString::new(Vec::new(), Encoding::Binary)
    } else {
        RString::with_class(Rc::clone(class), Vec::new(), Encoding::Binary)
    }))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let (positional, _) = args.split_keywords();
    match positional {
        [] => {}
        [content] => {
            vm.check_frozen(receiver)?;
            let content = vm.to_str(content)?;
            string.replace(content.to_vec());
            string.set_encoding(content.encoding());
        }
        more => return Err(vm.arity_error(more.len(), 0, 1)),
    }
    if let Some(encoding) = args.keyword("encoding").filter(|v| !v.is_nil()) {
        string.set_encoding(super::encoding::of(vm, &encoding)?);
    }
    Ok(receiver.clone())
}

fn try_convert(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Str(_) => Ok(args[0].clone()),
        other if vm.responds(other, crate::symbol::known::TO_STR)? => {
            let converted = vm.call(other, crate::symbol::known::TO_STR, &[])?;
            match converted {
                Value::Nil | Value::Str(_) => Ok(converted),
                got => {
                    let (class, got) = (vm.real_class_of(other).name(), vm.real_class_of(&got).name());
                    Err(vm.type_error(format!("can't convert {class} to String ({class}#to_str gives {got})")))
                }
            }
        }
        _ => Ok(Value::Nil),
    }
}

fn replace(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let other = vm.to_str(&args[0])?;
    if !Rc::ptr_eq(string, &other) {
        string.replace(other.to_vec());
        string.set_encoding(other.encoding());
    }
    Ok(receiver.clone())
}

fn to_s(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    let plain = string.head.class().is_none_or(|class| Rc::ptr_eq(&class.real(), &vm.c.string));
    Ok(if plain { receiver.clone() } else { like(string, string.to_vec()) })
}

fn to_sym(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    if string.encoding().is_foreign() && !string.is_ascii() {
        return Err(vm.unsupported(&format!("a Symbol in {}", string.encoding().name())));
    }
    if !string.is_valid() {
        let shown = String::from_utf8_lossy(&inspected(&string.bytes(), string.encoding())).into_owned();
        return Err(
            vm.error("EncodingError", format!("invalid symbol in encoding {} :{shown}", string.encoding().name()))
        );
    }
    vm.intern(&string.bytes()).map(Value::Sym)
}

fn unfrozen(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    Ok(if string.head.is_frozen() { like(string, string.to_vec()) } else { receiver.clone() })
}

fn frozen(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = this(receiver);
    if string.head.is_frozen() {
        return Ok(receiver.clone());
    }
    let copy = RString::new(string.to_vec(), string.encoding());
    copy.head.freeze();
    Ok(Value::Str(copy))
}
