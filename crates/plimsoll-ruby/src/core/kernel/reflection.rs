//! Asking objects about their methods and variables, and calling by name.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, MethodBody, RClass, Visibility, def, private_def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.kernel, METHODS);
}

const METHODS: &[Def] = &[
    def("send", 0, -1, send, "Calls a method by name, private ones too."),
    def("public_send", 0, -1, public_send, "Calls a public method by name."),
    def("respond_to?", 1, 2, respond_to, "Whether it has the method."),
    private_def("respond_to_missing?", 2, 2, |_, _, _| Ok(Value::Bool(false)), "What respond_to? asks last."),
    def("method", 1, 1, method, "The method as an object."),
    def("public_method", 1, 1, public_method, "The public method as an object."),
    def("singleton_method", 1, 1, singleton_method, "The singleton method as an object."),
    def("define_singleton_method", 1, 2, define_singleton_method, "Defines a method of this object alone."),
    def("methods", 0, 1, methods, "Names of its public and protected methods."),
    def("public_methods", 0, 1, public_methods, "Names of its public methods."),
    def("protected_methods", 0, 1, protected_methods, "Names of its protected methods."),
    def("private_methods", 0, 1, private_methods, "Names of its private methods."),
    def("singleton_methods", 0, 1, singleton_methods, "Names of the methods of this object alone."),
    def("instance_variables", 0, 0, instance_variables, "Names of its instance variables."),
    def("instance_variable_get", 1, 1, instance_variable_get, "An instance variable's value."),
    def("instance_variable_set", 2, 2, instance_variable_set, "Assigns an instance variable."),
    def("instance_variable_defined?", 1, 1, instance_variable_defined, "Whether it is assigned."),
    def("remove_instance_variable", 1, 1, remove_instance_variable, "Removes it and gives its value."),
];

fn name_and_rest<'a>(vm: &Interp, args: Args<'a>) -> Res<(Sym, Args<'a>)> {
    let Some((name, rest)) = args.values.split_first() else {
        return Err(vm.argument_error("no method name given"));
    };
    Ok((vm.to_name(name)?, Args { values: rest, ..args }))
}

pub(super) fn send(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (name, rest) = name_and_rest(vm, args)?;
    // A String names a method without making it known: what is missing is then reported as for an ordinary call.
    let style = if matches!(args[0], Value::Sym(_)) { CallStyle::Sent } else { CallStyle::Implicit };
    vm.call_with(own, name, rest, style)
}

fn public_send(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let (name, rest) = name_and_rest(vm, args)?;
    let class = vm.class_of(own);
    // A protected method is out of reach too, whoever asks.
    if let Some(found) = vm.find_method(&class, name)
        && found.visibility == Visibility::Protected
    {
        return Err(vm.no_method(own, name, rest, CallStyle::Explicit, Some(Visibility::Protected)));
    }
    vm.call_with(own, name, rest, CallStyle::Explicit)
}

pub(super) fn instance_eval(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    match args.block {
        Some(block) => {
            let definee = vm.singleton_class(own);
            vm.call_block_with_self(block, own, definee.as_ref(), Args::new(std::slice::from_ref(own)))
        }
        None if args.is_empty() => Err(vm.argument_error("wrong number of arguments (given 0, expected 1..3)")),
        None => Err(vm.unsupported("instance_eval of a string")),
    }
}

pub(super) fn instance_exec(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    let definee = vm.singleton_class(own);
    vm.call_block_with_self(block, own, definee.as_ref(), Args { block: None, ..args })
}

pub(super) fn method_missing(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let style = vm.missing_style.get();
    // A method that is there was out of reach.
    let hidden = vm.find_method(&vm.class_of(own), name).filter(|_| style == CallStyle::Explicit);
    Err(vm.no_method(own, name, rest, style, hidden.map(|method| method.visibility)))
}

fn respond_to(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let hidden = args.or_nil(1).truthy();
    let class = vm.class_of(own);
    if let Some(found) = vm.find_method(&class, name)
        && (hidden || found.visibility == Visibility::Public)
    {
        return Ok(Value::Bool(true));
    }
    let answer = vm.call(own, known::RESPOND_TO_MISSING, &[Value::Sym(name), Value::Bool(hidden)])?;
    Ok(Value::Bool(answer.truthy()))
}

fn method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    crate::core::proc::method_object(vm, own, name)
}

fn public_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let class = vm.class_of(own);
    match vm.find_method(&class, name) {
        Some(found) if found.visibility != Visibility::Public => Err(vm.undefined_method(&class.real(), name)),
        _ => crate::core::proc::method_object(vm, own, name),
    }
}

fn singleton_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let class = vm.class_of(own);
    if class.is_singleton && class.methods.borrow().contains_key(&name) {
        return crate::core::proc::method_object(vm, own, name);
    }
    let text = vm.inspect(own)?.lossy();
    Err(vm.error("NameError", format!("undefined singleton method `{name}' for {text}")))
}

fn define_singleton_method(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let class = vm.own_class(own)?;
    vm.check_frozen(own)?;
    super::super::module::define_method_in(vm, &class, args, Visibility::Public)
}

/// Names of the methods of a class with the visibilities asked for; `inherited` goes up its ancestors.
pub(crate) fn method_names(vm: &Interp, class: &Rc<RClass>, inherited: bool, visible: fn(Visibility) -> bool) -> Value {
    let mut names: Vec<Value> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    for ancestor in class.ancestors(vm.epoch()).iter() {
        for (name, method) in ancestor.methods.borrow().iter() {
            let fresh = seen.insert(*name);
            if fresh && !matches!(method.body, MethodBody::Undefined) && visible(method.visibility) {
                names.push(Value::Sym(*name));
            }
        }
        // A class's own methods end where its singleton and prepended modules do.
        if !inherited && !ancestor.is_singleton && Rc::ptr_eq(ancestor, class) {
            break;
        }
        if !inherited && !class.is_singleton {
            continue;
        }
        if !inherited && !ancestor.is_singleton && !ancestor.is_module {
            break;
        }
    }
    Value::array(names)
}

fn listed(vm: &Interp, own: &Value, args: Args<'_>, visible: fn(Visibility) -> bool) -> Res {
    let all = args.get(0).is_none_or(Value::truthy);
    let class = vm.class_of(own);
    Ok(method_names(vm, &class, all, visible))
}

fn methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    if args.get(0).is_some_and(|all| !all.truthy()) {
        return singleton_methods(vm, own, args);
    }
    listed(vm, own, args, |visibility| visibility != Visibility::Private)
}

fn public_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    listed(vm, own, args, |visibility| visibility == Visibility::Public)
}

fn protected_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    listed(vm, own, args, |visibility| visibility == Visibility::Protected)
}

fn private_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    listed(vm, own, args, |visibility| visibility == Visibility::Private)
}

fn singleton_methods(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let with_modules = args.get(0).is_none_or(Value::truthy);
    let mut names = Vec::new();
    let class = vm.class_of(own);
    for ancestor in class.ancestors(vm.epoch()).iter() {
        let ours = if matches!(own, Value::Class(_)) {
            ancestor.is_singleton || (with_modules && ancestor.is_module && names.is_empty())
        } else {
            ancestor.is_singleton || (with_modules && ancestor.is_module)
        };
        if !ours {
            break;
        }
        if !with_modules && !Rc::ptr_eq(ancestor, &class) {
            break;
        }
        for (name, method) in ancestor.methods.borrow().iter() {
            let public = method.visibility != Visibility::Private && !matches!(method.body, MethodBody::Undefined);
            if public && !names.iter().any(|known: &Value| known.same(&Value::Sym(*name))) {
                names.push(Value::Sym(*name));
            }
        }
    }
    Ok(Value::array(names))
}

fn instance_variables(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    let ivars = own.head().map(crate::value::Head::ivars).unwrap_or_default();
    let names = ivars.into_iter().map(|(name, _)| name).filter(|name| name.bytes().starts_with(b"@"));
    Ok(Value::array(names.map(Value::Sym).collect()))
}

/// An instance variable's name, or the NameError of one that can't be.
fn ivar_name(vm: &Interp, value: &Value) -> Res<Sym> {
    let name = vm.to_name(value)?;
    let rest = name.bytes().strip_prefix(b"@").unwrap_or_default();
    let starts = rest.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii());
    let goes_on = rest.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii());
    if starts && goes_on {
        return Ok(name);
    }
    let message = format!("`{name}' is not allowed as an instance variable name");
    let exception = vm.exception(&vm.class_named("NameError"), Value::str(message));
    exception.head.set_ivar(known::NAME, Value::Sym(name));
    Err(vm.raise_object(exception))
}

fn instance_variable_get(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = ivar_name(vm, &args[0])?;
    Ok(own.head().and_then(|head| head.ivar(name)).unwrap_or_default())
}

fn instance_variable_set(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = ivar_name(vm, &args[0])?;
    vm.check_frozen(own)?;
    if let Some(head) = own.head() {
        head.set_ivar(name, args[1].clone());
    }
    Ok(args[1].clone())
}

fn instance_variable_defined(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = ivar_name(vm, &args[0])?;
    Ok(Value::Bool(own.head().and_then(|head| head.ivar(name)).is_some()))
}

fn remove_instance_variable(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let name = ivar_name(vm, &args[0])?;
    vm.check_frozen(own)?;
    match own.head().and_then(|head| head.remove_ivar(name)) {
        Some(value) => Ok(value),
        None => {
            let text = vm.inspect(own)?.lossy();
            Err(vm.error("NameError", format!("instance variable {name} not defined for {text}")))
        }
    }
}
