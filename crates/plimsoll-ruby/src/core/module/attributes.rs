//! `attr_reader` and its kin.

use super::this;
use crate::args::Args;
use crate::class::{Def, MethodBody, Visibility, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
}

const METHODS: &[Def] = &[
    def("attr_reader", 0, -1, |vm, own, args| attributes(vm, own, args, true, false), "Defines readers."),
    def("attr", 0, -1, |vm, own, args| attributes(vm, own, args, true, false), "Defines readers."),
    def("attr_writer", 0, -1, |vm, own, args| attributes(vm, own, args, false, true), "Defines writers."),
    def("attr_accessor", 0, -1, |vm, own, args| attributes(vm, own, args, true, true), "Defines readers and writers."),
];

fn attributes(vm: &Interp, own: &Value, args: Args<'_>, reader: bool, writer: bool) -> Res {
    let class = this(vm, own)?;
    let visibility = {
        let frames = vm.frames.borrow();
        let frame = frames.last().filter(|frame| frame.self_value.same(own) && frame.context.method.is_none());
        frame.map_or(Visibility::Public, |frame| frame.context.visibility.get())
    };
    let mut names = Vec::new();
    for value in args.values {
        let name = vm.to_name(value)?;
        if !is_variable_name(name) {
            let exception =
                vm.exception(&vm.class_named("NameError"), Value::str(format!("invalid attribute name `{name}'")));
            exception.head.set_ivar(known::NAME, Value::Sym(name));
            return Err(vm.raise_object(exception));
        }
        let ivar = Sym::from_bytes(&[b"@", name.bytes()].concat());
        if reader {
            vm.install(&class, name, visibility, MethodBody::Reader(ivar))?;
            names.push(Value::Sym(name));
        }
        if writer {
            vm.install(&class, name.setter(), visibility, MethodBody::Writer(ivar))?;
            names.push(Value::Sym(name.setter()));
        }
    }
    Ok(Value::array(names))
}

fn is_variable_name(name: Sym) -> bool {
    let bytes = name.bytes();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    bytes.first().is_some_and(|first| !first.is_ascii_digit()) && bytes.iter().all(word)
}
