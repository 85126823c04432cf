//! Forwardable: methods that are handed on to another object.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, MethodBody, RClass, Visibility, def};
use crate::core::symbol::is_identifier;
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the modules.
pub(super) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Forwardable");
    vm.define(&module, METHODS);
    let single = vm.define_module(&vm.c.object, "SingleForwardable");
    vm.define(&single, SINGLE);
}

const METHODS: &[Def] = &[
    def("def_delegator", 2, 3, |vm, own, a| one(vm, &class(vm, own)?, a), "Hands a method on"),
    def("def_instance_delegator", 2, 3, |vm, own, a| one(vm, &class(vm, own)?, a), "Hands a method on"),
    def("def_delegators", 1, -1, |vm, own, a| many(vm, &class(vm, own)?, a), "Hands methods on"),
    def("def_instance_delegators", 1, -1, |vm, own, a| many(vm, &class(vm, own)?, a), "Hands methods on"),
    def("delegate", 1, 1, |vm, own, a| table(vm, &class(vm, own)?, a), "Hands methods on, by receiver"),
    def("instance_delegate", 1, 1, |vm, own, a| table(vm, &class(vm, own)?, a), "Hands methods on, by receiver"),
];

const SINGLE: &[Def] = &[
    def("def_delegator", 2, 3, |vm, own, a| one(vm, &singleton(vm, own)?, a), "Hands a method on"),
    def("def_single_delegator", 2, 3, |vm, own, a| one(vm, &singleton(vm, own)?, a), "Hands a method on"),
    def("def_delegators", 1, -1, |vm, own, a| many(vm, &singleton(vm, own)?, a), "Hands methods on"),
    def("def_single_delegators", 1, -1, |vm, own, a| many(vm, &singleton(vm, own)?, a), "Hands methods on"),
    def("delegate", 1, 1, |vm, own, a| table(vm, &singleton(vm, own)?, a), "Hands methods on, by receiver"),
    def("single_delegate", 1, 1, |vm, own, a| table(vm, &singleton(vm, own)?, a), "Hands methods on, by receiver"),
];

/// Where the methods go: the module itself, or the singleton class of what is none.
fn class(vm: &Interp, own: &Value) -> Res<Rc<RClass>> {
    match own {
        Value::Class(class) => Ok(Rc::clone(class)),
        other => singleton(vm, other),
    }
}

fn singleton(vm: &Interp, own: &Value) -> Res<Rc<RClass>> {
    vm.singleton_class(own).ok_or_else(|| vm.type_error("can't define singleton"))
}

/// Adds a method that is handed on to what `accessor` gives, there under the name `method`.
fn forward(vm: &Interp, class: &Rc<RClass>, accessor: &Value, method: Sym, name: Sym) -> Res<()> {
    let accessor = vm.to_s(accessor)?.lossy();
    let run = move |vm: &Interp, own: &Value, args: Args<'_>| {
        let receiver = reached(vm, own, &accessor)?;
        vm.call_with(&receiver, method, args, CallStyle::Explicit)
    };
    vm.add_method(class, name, Visibility::Public, MethodBody::Closure(Rc::new(run), 0, -1));
    Ok(())
}

/// What an accessor gives: an instance or class variable, a constant, a method, or a chain of methods.
fn reached(vm: &Interp, own: &Value, accessor: &str) -> Res {
    if accessor.starts_with("@@") {
        return vm.send(&Value::Class(vm.real_class_of(own)), "class_variable_get", &[Value::str(accessor)]);
    }
    if accessor.starts_with('@') {
        return Ok(super::ivar(own, accessor));
    }
    let mut at = own.clone();
    for (place, part) in accessor.split('.').enumerate() {
        if place == 0 && part == "self" {
            continue;
        }
        if place == 0 && part.starts_with(|c: char| c.is_ascii_uppercase()) {
            at = vm.send(&Value::Class(vm.real_class_of(own)), "const_get", &[Value::str(part)])?;
            continue;
        }
        let name = part.trim_end_matches("()");
        if !is_identifier(name.trim_end_matches(['?', '!']).as_bytes()) {
            return Err(vm.unsupported(&format!("a delegator to the expression `{accessor}'")));
        }
        at = vm.send(&at, name, &[])?;
    }
    Ok(at)
}

fn one(vm: &Interp, class: &Rc<RClass>, args: Args<'_>) -> Res {
    let method = vm.to_name(&args[1])?;
    let name = args.get(2).map_or(Ok(method), |name| vm.to_name(name))?;
    forward(vm, class, &args[0], method, name)?;
    Ok(Value::Sym(name))
}

fn many(vm: &Interp, class: &Rc<RClass>, args: Args<'_>) -> Res {
    let mut names = Vec::new();
    for name in &args.values[1..] {
        let name = vm.to_name(name)?;
        if !matches!(name.bytes(), b"__send__" | b"__id__") {
            forward(vm, class, &args[0], name, name)?;
            names.push(Value::Sym(name));
        }
    }
    Ok(Value::array(names))
}

fn table(vm: &Interp, class: &Rc<RClass>, args: Args<'_>) -> Res {
    for (methods, accessor) in vm.to_hash(&args[0])?.entries() {
        let methods = match vm.try_array(&methods)? {
            Some(methods) => methods.to_vec(),
            None => vec![methods],
        };
        for method in methods {
            let method = vm.to_name(&method)?;
            forward(vm, class, &accessor, method, method)?;
        }
    }
    Ok(Value::Nil)
}
