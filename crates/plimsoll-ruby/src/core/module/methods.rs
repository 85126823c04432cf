//! Defining, removing and listing methods.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, Method, MethodBody, RClass, Visibility, def};
use crate::core::kernel::method_names;
use crate::core::proc;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.module, METHODS);
}

const METHODS: &[Def] = &[
    def("define_method", 1, 2, define_method, "Defines a method of a block, Proc or Method."),
    def("alias_method", 2, 2, alias_method, "Gives a method another name."),
    def("remove_method", 0, -1, remove_method, "Removes methods of its own."),
    def("undef_method", 0, -1, undef_method, "Ends the look-up of methods here."),
    def("instance_method", 1, 1, instance_method, "The method as an object, unbound."),
    def("public_instance_method", 1, 1, public_instance_method, "The public method as an object, unbound."),
    def("instance_methods", 0, 1, instance_methods, "Names of public and protected methods."),
    def("public_instance_methods", 0, 1, public_instance_methods, "Names of public methods."),
    def("protected_instance_methods", 0, 1, protected_instance_methods, "Names of protected methods."),
    def("private_instance_methods", 0, 1, private_instance_methods, "Names of private methods."),
    def("method_defined?", 1, 2, method_defined, "Whether instances have the public or protected method."),
    def("public_method_defined?", 1, 2, public_method_defined, "Whether instances have the public method."),
    def("protected_method_defined?", 1, 2, protected_method_defined, "Whether instances have the protected method."),
    def("private_method_defined?", 1, 2, private_method_defined, "Whether instances have the private method."),
];

fn define_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    // `private` without arguments holds for define_method too, where it stands in the class's own body.
    let visibility = {
        let frames = vm.frames.borrow();
        let frame = frames.last().filter(|frame| frame.self_value.same(own) && frame.context.method.is_none());
        frame.map_or(Visibility::Public, |frame| frame.context.visibility.get())
    };
    define_method_in(vm, &class, args, visibility)
}

/// Defines a method of the block, Proc or Method given after the name.
pub(crate) fn define_method_in(vm: &Interp, class: &Rc<RClass>, args: Args<'_>, visibility: Visibility) -> Res {
    let name = vm.to_name(&args[0])?;
    let body = match (args.get(1), args.block) {
        (Some(Value::Proc(block)), _) => MethodBody::Proc(Rc::clone(block)),
        (Some(value), _) => match proc::method_of(value) {
            Some(method) => {
                let suits = method.owner.is_module || vm.inherits(class, &method.owner);
                if !suits && !method.owner.is_singleton {
                    let owner = method.owner.name();
                    return Err(vm.type_error(format!("bind argument must be a subclass of {owner}")));
                }
                method.body.clone()
            }
            None => {
                let got = vm.type_word(value);
                return Err(vm.type_error(format!("wrong argument type {got} (expected Proc/Method/UnboundMethod)")));
            }
        },
        (None, Some(block)) => {
            vm.keep_proc(block);
            MethodBody::Proc(Rc::clone(block))
        }
        (None, None) => return Err(vm.argument_error("tried to create Proc object without a block")),
    };
    vm.install(class, name, visibility, body)?;
    Ok(Value::Sym(name))
}

fn alias_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let new = vm.to_name(&args[0])?;
    vm.alias_method(&class, new, vm.to_name(&args[1])?)?;
    Ok(Value::Sym(new))
}

fn remove_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    for value in args.values {
        let name = vm.to_name(value)?;
        vm.check_frozen_class(&class)?;
        let removed = class.methods.borrow_mut().shift_remove(&name);
        if removed.is_none() {
            return Err(vm.error("NameError", format!("method `{name}' not defined in {}", class.name())));
        }
        vm.methods_changed();
        vm.hook(own, Sym::new("method_removed"), Value::Sym(name))?;
    }
    Ok(own.clone())
}

fn undef_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    for value in args.values {
        let name = vm.to_name(value)?;
        vm.undef_method(&class, name)?;
        vm.hook(own, Sym::new("method_undefined"), Value::Sym(name))?;
    }
    Ok(own.clone())
}

fn instance_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let name = vm.to_name(&args[0])?;
    match vm.find_method(&class, name) {
        Some(method) => Ok(proc::unbound(vm, method, name)),
        None => Err(vm.undefined_method(&class, name)),
    }
}

fn public_instance_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let name = vm.to_name(&args[0])?;
    match vm.find_method(&class, name) {
        Some(method) if method.visibility == Visibility::Public => Ok(proc::unbound(vm, method, name)),
        _ => Err(vm.undefined_method(&class, name)),
    }
}

fn listed(vm: &Interp, own: &Value, args: Args<'_>, visible: fn(Visibility) -> bool) -> Res {
    let class = this(vm, own)?;
    Ok(method_names(vm, &class, args.get(0).is_none_or(Value::truthy), visible))
}

fn instance_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    listed(vm, own, args, |visibility| visibility != Visibility::Private)
}

fn public_instance_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    listed(vm, own, args, |visibility| visibility == Visibility::Public)
}

fn protected_instance_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    listed(vm, own, args, |visibility| visibility == Visibility::Protected)
}

fn private_instance_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    listed(vm, own, args, |visibility| visibility == Visibility::Private)
}

/// The method that the arguments (name, whether to look in ancestors) ask about.
fn asked(vm: &Interp, own: &Value, args: Args<'_>) -> Res<Option<Rc<Method>>> {
    let class = this(vm, own)?;
    let name = vm.to_name(&args[0])?;
    if args.get(1).is_some_and(|inherit| !inherit.truthy()) {
        let own = class.methods.borrow().get(&name).cloned();
        return Ok(own.filter(|method| !matches!(method.body, MethodBody::Undefined)));
    }
    Ok(vm.find_method(&class, name))
}

fn method_defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(asked(vm, own, args)?.is_some_and(|method| method.visibility != Visibility::Private)))
}

fn public_method_defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(asked(vm, own, args)?.is_some_and(|method| method.visibility == Visibility::Public)))
}

fn protected_method_defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(asked(vm, own, args)?.is_some_and(|method| method.visibility == Visibility::Protected)))
}

fn private_method_defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    Ok(Value::Bool(asked(vm, own, args)?.is_some_and(|method| method.visibility == Visibility::Private)))
}
