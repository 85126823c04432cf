//! Names, ancestors, order.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, RClass, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
    vm.define_singleton(&vm.c.module, CLASS_METHODS);
}

const CLASS_METHODS: &[Def] = &[def("nesting", 0, 0, nesting, "The modules around the running code.")];

const METHODS: &[Def] = &[
    def("name", 0, 0, name, "Its name, nil when anonymous."),
    def("to_s", 0, 0, to_s, "Its name, or #<Class:0x…>."),
    def("inspect", 0, 0, to_s, "The same as to_s."),
    def("===", 1, 1, case_equal, "Whether the value is an instance."),
    def("==", 1, 1, |_, own, args| Ok(Value::Bool(own.same(&args[0]))), "Whether both are the same."),
    def("<", 1, 1, below, "Whether it is a descendant."),
    def("<=", 1, 1, below_or_same, "Whether it is the same or a descendant."),
    def(">", 1, 1, above, "Whether it is an ancestor."),
    def(">=", 1, 1, above_or_same, "Whether it is the same or an ancestor."),
    def("<=>", 1, 1, compare, "-1 for a descendant, 1 for an ancestor."),
    def("ancestors", 0, 0, ancestors, "Itself and what it inherits from, in the order of look-up."),
    def("singleton_class?", 0, 0, is_singleton, "Whether it is a singleton class."),
    def("freeze", 0, 0, freeze, "Makes it unchangeable."),
];

fn nesting(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let frames = vm.frames.borrow();
    let mut modules = Vec::new();
    let mut at = frames.last().map(|frame| Rc::clone(&frame.context.cref));
    while let Some(cref) = at {
        if cref.parent.is_some() {
            modules.push(Value::Class(Rc::clone(&cref.module)));
        }
        at = cref.parent.as_ref().map(Rc::clone);
    }
    Ok(Value::array(modules))
}

fn name(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(this(vm, own)?.own_name().map_or(Value::Nil, |name| Value::str(&*name)))
}

fn to_s(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let attached = class.attached.borrow().clone();
    Ok(Value::str(match attached {
        Some(attached @ Value::Class(_)) => format!("#<Class:{}>", vm.inspect(&attached)?.lossy()),
        Some(attached) => format!("#<Class:{}>", vm.any_to_s(&attached)),
        None => class.name(),
    }))
}

fn case_equal(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    Ok(Value::Bool(vm.is_a(&args[0], &class)))
}

/// Both sides of a comparison of modules.
fn pair(vm: &Interp, own: &Value, args: Args<'_>) -> Res<(Rc<RClass>, Rc<RClass>)> {
    match &args[0] {
        Value::Class(other) => Ok((this(vm, own)?, Rc::clone(other))),
        _ => Err(vm.type_error("compared with non class/module")),
    }
}

/// `true` for a descendant, `false` for an ancestor, `nil` for strangers.
fn order(vm: &Interp, lower: &Rc<RClass>, upper: &Rc<RClass>) -> Value {
    if vm.inherits(lower, upper) {
        Value::Bool(true)
    } else if vm.inherits(upper, lower) {
        Value::Bool(false)
    } else {
        Value::Nil
    }
}

fn below(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (own, other) = pair(vm, own, args)?;
    Ok(if Rc::ptr_eq(&own, &other) { Value::Bool(false) } else { order(vm, &own, &other) })
}

fn below_or_same(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (own, other) = pair(vm, own, args)?;
    Ok(order(vm, &own, &other))
}

fn above(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (own, other) = pair(vm, own, args)?;
    Ok(if Rc::ptr_eq(&own, &other) { Value::Bool(false) } else { order(vm, &other, &own) })
}

fn above_or_same(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (own, other) = pair(vm, own, args)?;
    Ok(order(vm, &other, &own))
}

fn compare(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let Value::Class(other) = &args[0] else { return Ok(Value::Nil) };
    let own = this(vm, own)?;
    if Rc::ptr_eq(&own, other) {
        return Ok(Value::Int(0));
    }
    Ok(match order(vm, &own, other) {
        Value::Bool(true) => Value::Int(-1),
        Value::Bool(false) => Value::Int(1),
        other => other,
    })
}

fn ancestors(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let list = this(vm, own)?.ancestors(vm.epoch());
    Ok(Value::array(list.iter().cloned().map(Value::Class).collect()))
}

fn is_singleton(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Bool(this(vm, own)?.is_singleton))
}

fn freeze(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    this(vm, own)?.head.freeze();
    Ok(own.clone())
}
