//! `include`, `prepend` and their hooks.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
}

const METHODS: &[Def] = &[
    def("include", 1, -1, include, "Adds modules behind the class in the order of look-up."),
    def("prepend", 1, -1, prepend, "Adds modules before the class in the order of look-up."),
    def("include?", 1, 1, includes, "Whether the module is among its ancestors."),
    def("included_modules", 0, 0, included_modules, "The modules among its ancestors."),
    private_def("append_features", 1, 1, append_features, "What include calls."),
    private_def("prepend_features", 1, 1, prepend_features, "What prepend calls."),
    private_def("extend_object", 1, 1, extend_object, "What extend calls."),
    private_def("included", 1, 1, nothing, "A hook."),
    private_def("extended", 1, 1, nothing, "A hook."),
    private_def("prepended", 1, 1, nothing, "A hook."),
    private_def("method_added", 1, 1, nothing, "A hook."),
    private_def("method_removed", 1, 1, nothing, "A hook."),
    private_def("method_undefined", 1, 1, nothing, "A hook."),
    private_def("refine", 1, 1, |vm, _, _| Err(vm.unsupported("a refinement")), "Refused."),
    private_def("using", 1, 1, |vm, _, _| Err(vm.unsupported("a refinement")), "Refused."),
];

fn nothing(_: &Interp, _: &Value, _: Args<'_>) -> Res {
    Ok(Value::Nil)
}

/// The modules given, checked, last one first: so they end up in the order they are written in.
fn modules<'a>(vm: &Interp, args: Args<'a>) -> Res<Vec<&'a Rc<RClass>>> {
    let mut modules = Vec::new();
    for value in args.values.iter().rev() {
        match value {
            Value::Class(module) if module.is_module => modules.push(module),
            other => {
                let class = vm.type_word(other);
                return Err(vm.type_error(format!("wrong argument type {class} (expected Module)")));
            }
        }
    }
    Ok(modules)
}

fn add(vm: &Interp, own: &Value, args: Args<'_>, feature: &str, hook: Sym) -> Res {
    for module in modules(vm, args)? {
        let module = Value::Class(Rc::clone(module));
        vm.send(&module, feature, std::slice::from_ref(own))?;
        vm.hook(&module, hook, own.clone())?;
    }
    Ok(own.clone())
}

fn include(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    add(vm, own, args, "append_features", known::INCLUDED)
}

fn prepend(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    add(vm, own, args, "prepend_features", known::PREPENDED)
}

/// Class and module of a feature call, changeable and not part of each other.
fn target(vm: &Interp, own: &Value, args: Args<'_>, what: &str) -> Res<(Rc<RClass>, Rc<RClass>)> {
    let module = this(vm, own)?;
    let class = vm.to_class(&args[0])?;
    vm.check_frozen_class(&class)?;
    if Rc::ptr_eq(&module, &class) || (class.is_module && vm.inherits(&module, &class)) {
        return Err(vm.argument_error(format!("cyclic {what} detected")));
    }
    Ok((class, module))
}

fn append_features(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (class, module) = target(vm, own, args, "include")?;
    vm.include(&class, &module);
    Ok(own.clone())
}

fn prepend_features(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (class, module) = target(vm, own, args, "prepend")?;
    let known = class.prepended.borrow().iter().any(|other| Rc::ptr_eq(other, &module));
    if !known {
        class.prepended.borrow_mut().push(module);
        vm.methods_changed();
    }
    Ok(own.clone())
}

fn extend_object(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let module = this(vm, own)?;
    let singleton = vm.own_class(&args[0])?;
    vm.include(&singleton, &module);
    Ok(args[0].clone())
}

fn includes(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let own = this(vm, own)?;
    match &args[0] {
        Value::Class(module) if module.is_module => {
            Ok(Value::Bool(!Rc::ptr_eq(&own, module) && vm.inherits(&own, module)))
        }
        other => {
            let class = vm.type_word(other);
            Err(vm.type_error(format!("wrong argument type {class} (expected Module)")))
        }
    }
}

fn included_modules(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let own = this(vm, own)?;
    let list = own.ancestors(vm.epoch());
    let modules = list.iter().filter(|module| module.is_module && !Rc::ptr_eq(module, &own));
    Ok(Value::array(modules.cloned().map(Value::Class).collect()))
}
