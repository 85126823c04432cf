//! Class variables by name.

use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
}

const METHODS: &[Def] = &[
    def("class_variable_get", 1, 1, get, "A class variable's value."),
    def("class_variable_set", 2, 2, set, "Assigns a class variable."),
    def("class_variable_defined?", 1, 1, defined, "Whether the class variable is there."),
    def("class_variables", 0, 1, list, "Names of the class variables."),
    def("remove_class_variable", 1, 1, remove, "Removes a class variable and gives its value."),
];

fn checked(vm: &Interp, value: &Value) -> Res<Sym> {
    let name = vm.to_name(value)?;
    let rest = name.bytes().strip_prefix(b"@@").unwrap_or_default();
    if rest.first().is_some_and(|byte| !byte.is_ascii_digit()) {
        return Ok(name);
    }
    let message = format!("`{name}' is not allowed as a class variable name");
    let exception = vm.exception(&vm.class_named("NameError"), Value::str(message));
    exception.head.set_ivar(known::NAME, Value::Sym(name));
    Err(vm.raise_object(exception))
}

fn get(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let name = checked(vm, &args[0])?;
    match vm.class_variable_in(&class, name) {
        Some((_, value)) => Ok(value),
        None => Err(vm.no_class_variable(&class, name)),
    }
}

fn set(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = checked(vm, &args[0])?;
    vm.set_class_variable_in(&this(vm, own)?, name, args[1].clone())?;
    Ok(args[1].clone())
}

fn defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = checked(vm, &args[0])?;
    Ok(Value::Bool(vm.class_variable_in(&this(vm, own)?, name).is_some()))
}

fn list(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let own = this(vm, own)?;
    let inherit = args.get(0).is_none_or(Value::truthy);
    let mut names: Vec<Sym> = Vec::new();
    for ancestor in own.ancestors(vm.epoch()).iter() {
        if !inherit && !std::rc::Rc::ptr_eq(ancestor, &own) {
            continue;
        }
        for name in ancestor.class_vars.borrow().keys() {
            if !names.contains(name) {
                names.push(*name);
            }
        }
    }
    Ok(Value::array(names.into_iter().map(Value::Sym).collect()))
}

fn remove(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let name = checked(vm, &args[0])?;
    let removed = class.class_vars.borrow_mut().shift_remove(&name);
    removed.ok_or_else(|| vm.error("NameError", format!("class variable {name} not defined for {}", class.name())))
}
