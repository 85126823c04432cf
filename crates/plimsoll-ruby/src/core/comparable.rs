//! Comparable: comparisons from `<=>`.

use std::cmp::Ordering;

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the module.
pub(crate) fn init(vm: &Interp) {
    vm.define(&vm.c.comparable, METHODS);
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("==", 1, 1, equal, "Whether `<=>` gives 0"),
    def("<", 1, 1, |vm, r, a| Ok((order(vm, r, &a[0])? == Ordering::Less).into()), "Less"),
    def("<=", 1, 1, |vm, r, a| Ok((order(vm, r, &a[0])? != Ordering::Greater).into()), "Less or equal"),
    def(">", 1, 1, |vm, r, a| Ok((order(vm, r, &a[0])? == Ordering::Greater).into()), "Greater"),
    def(">=", 1, 1, |vm, r, a| Ok((order(vm, r, &a[0])? != Ordering::Less).into()), "Greater or equal"),
    def("between?", 2, 2, between, "Whether between two others, or equal to one"),
    def("clamp", 1, 2, clamp, "The nearest value between two others"),
];

fn order(vm: &Interp, a: &Value, b: &Value) -> Res<Ordering> {
    vm.compare_strictly(a, b)
}

fn equal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if receiver.same(&args[0]) {
        return Ok(true.into());
    }
    let address = |value: &Value| value.head().map_or(0, |head| std::ptr::from_ref(head) as usize);
    let compared = vm.guard("Comparable#==", address(receiver), address(&args[0]), || {
        vm.call(receiver, known::CMP, std::slice::from_ref(&args[0]))
    });
    match compared.unwrap_or(Ok(Value::Nil))? {
        Value::Nil => Ok(false.into()),
        order => vm.equal(&order, &Value::Int(0)).map(Value::Bool),
    }
}

fn between(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let low = order(vm, receiver, &args[0])? == Ordering::Less;
    Ok((!low && order(vm, receiver, &args[1])? != Ordering::Greater).into())
}

fn clamp(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (low, high) = match (args.values, &args[0]) {
        ([low, high], _) => (low.clone(), high.clone()),
        (_, Value::Range(range)) => {
            if range.exclusive && !range.end.is_nil() {
                return Err(vm.argument_error("cannot clamp with an exclusive range"));
            }
            (range.begin.clone(), range.end.clone())
        }
        (_, other) => {
            let class = vm.type_word(other);
            return Err(vm.type_error(format!("wrong argument type {class} (expected Range)")));
        }
    };
    if !low.is_nil() && !high.is_nil() && order(vm, &low, &high)? == Ordering::Greater {
        return Err(vm.argument_error("min argument must be smaller than max argument"));
    }
    if !low.is_nil() && order(vm, receiver, &low)? == Ordering::Less {
        return Ok(low);
    }
    if !high.is_nil() && order(vm, receiver, &high)? == Ordering::Greater {
        return Ok(high);
    }
    Ok(receiver.clone())
}
