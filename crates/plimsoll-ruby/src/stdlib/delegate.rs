//! Delegator, SimpleDelegator and DelegateClass: objects that stand for another.

use std::rc::Rc;

use super::{ivar, set_ivar};
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::Value;

/// Defines the classes.
pub(super) fn init(vm: &Interp) {
    let delegator = vm.define_class(&vm.c.object, "Delegator", &vm.c.basic_object);
    vm.include(&delegator, &vm.c.kernel);
    vm.set_alloc(&delegator, |vm, class| Ok(vm.object(class).into()));
    vm.define(&delegator, METHODS);
    vm.define_class(&vm.c.object, "SimpleDelegator", &delegator);
    vm.define(&vm.c.kernel, KERNEL);
}

const KERNEL: &[Def] =
    &[private_def("DelegateClass", 1, 1, delegate_class, "A class of delegators to instances of another class")];

/// Instance methods.
const METHODS: &[Def] = &[
    private_def("initialize", 1, 1, set, "Takes the object that it stands for"),
    private_def("method_missing", 1, -1, forward, "Hands methods on"),
    private_def("respond_to_missing?", 1, 2, responds, "Whether the object answers"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Stands for a copy of the object"),
    def("__getobj__", 0, 0, |_, r, _| Ok(target(r)), "The object that it stands for"),
    def("__setobj__", 1, 1, set, "Sets the object that it stands for"),
    def("==", 1, 1, equals, "Whether the objects are equal"),
    def("!=", 1, 1, |vm, r, a| Ok((!equals(vm, r, a)?.truthy()).into()), "Whether the objects differ"),
    def("eql?", 1, 1, eql, "Whether the objects are the same value"),
    def("!", 0, 0, |vm, r, _| vm.call(&target(r), known::NOT, &[]), "Whether the object is nil or false"),
    def("to_s", 0, 0, |vm, r, a| handed(vm, r, known::TO_S, a), "The object's text"),
    def("inspect", 0, 0, |vm, r, a| handed(vm, r, known::INSPECT, a), "The object's text for people who program"),
    def("=~", 1, 1, |vm, r, a| handed(vm, r, known::MATCH, a), "Asks the object"),
    def("!~", 1, 1, |vm, r, a| handed(vm, r, known::NOT_MATCH, a), "Asks the object"),
    def("===", 1, 1, |vm, r, a| handed(vm, r, known::CASE_EQ, a), "Asks the object"),
    def("<=>", 1, 1, |vm, r, a| handed(vm, r, known::CMP, a), "Asks the object"),
    def("hash", 0, 0, |vm, r, a| handed(vm, r, known::HASH, a), "The object's hash code"),
    def("methods", 0, 1, methods, "The names of its methods and of the object's"),
    def("public_methods", 0, 1, methods, "The names of its methods and of the object's"),
];

/// Where the object is kept: no program can write such a variable.
const TARGET: &str = "delegate";

fn target(receiver: &Value) -> Value {
    ivar(receiver, TARGET)
}

fn set(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if receiver.same(&args[0]) {
        return Err(vm.argument_error("cannot delegate to self"));
    }
    set_ivar(receiver, TARGET, args[0].clone());
    Ok(args[0].clone())
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let copy = vm.call(&target(&args[0]), known::DUP, &[])?;
    set_ivar(receiver, TARGET, copy);
    Ok(receiver.clone())
}

fn handed(vm: &Interp, receiver: &Value, name: Sym, args: Args<'_>) -> Res {
    vm.call_with(&target(receiver), name, args, CallStyle::Explicit)
}

fn forward(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    let rest = Args { values: &args.values[1..], ..args };
    let target = target(receiver);
    if vm.responds(&target, name)? {
        return vm.call_with(&target, name, rest, CallStyle::Explicit);
    }
    let described = vm.inspect(receiver)?.lossy();
    let class = vm.real_class_of(receiver).name();
    let message = format!("undefined method `{name}' for {described}:{class}");
    let error = vm.exception(&vm.class_named("NoMethodError"), Value::from(message));
    error.head.set_ivar(Sym::new("@name"), Value::Sym(name));
    error.head.set_ivar(Sym::new("@receiver"), receiver.clone());
    Err(vm.raise_object(error))
}

fn responds(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(vm.responds(&target(receiver), vm.to_name(&args[0])?)?.into())
}

/// The object behind a delegator; any other value itself.
fn behind(vm: &Interp, value: &Value) -> Value {
    let is_delegator = matches!(value, Value::Obj(_)) && vm.is_a(value, &vm.class_named("Delegator"));
    if is_delegator { target(value) } else { value.clone() }
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if receiver.same(&args[0]) {
        return Ok(true.into());
    }
    Ok(vm.equal(&target(receiver), &behind(vm, &args[0]))?.into())
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if receiver.same(&args[0]) {
        return Ok(true.into());
    }
    Ok(vm.eql(&target(receiver), &args[0])?.into())
}

fn methods(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let own = vm.send(&Value::Class(vm.real_class_of(receiver)), "public_instance_methods", &[])?;
    let others = vm.send(&target(receiver), "methods", args.values)?;
    vm.call(&own, known::OR, &[others])
}

fn delegate_class(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    vm.to_class(&args[0])?;
    let class = vm.new_class(&vm.class_named("Delegator"), None);
    if let Some(block) = args.block {
        let own = Value::Class(Rc::clone(&class));
        vm.call_block_with_self(block, &own, Some(&class), Args::new(std::slice::from_ref(&own)))?;
    }
    Ok(Value::Class(class))
}
