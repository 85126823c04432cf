//! What classes have besides: instances, superclass, subclasses.

use std::rc::Rc;

use super::this;
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::Value;

pub(super) fn init(vm: &Interp) {
    vm.define(&vm.c.class, METHODS);
    vm.define_singleton(&vm.c.class, CLASS_METHODS);
    vm.define_singleton(&vm.c.module, MODULE_METHODS);
}

const METHODS: &[Def] = &[
    def("new", 0, -1, new, "A new instance, initialised."),
    def("allocate", 0, 0, allocate, "A new instance, not initialised."),
    def("superclass", 0, 0, superclass, "The class it inherits from."),
    def("subclasses", 0, 0, subclasses, "The classes that inherit from it directly, newest first."),
    private_def("inherited", 1, 1, |_, _, _| Ok(Value::Nil), "A hook."),
];

const CLASS_METHODS: &[Def] = &[def("new", 0, 1, new_class, "A new class below another; the block is its body.")];

const MODULE_METHODS: &[Def] = &[
    def("new", 0, 0, new_module, "A new module; the block is its body."),
    def("used_modules", 0, 0, |_, _, _| Ok(Value::array(Vec::new())), "None: refinements are refused."),
];

fn new(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let object = allocate(vm, own, args)?;
    vm.call_with(&object, known::INITIALIZE, args, CallStyle::Implicit)?;
    Ok(object)
}

fn allocate(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let class = this(vm, own)?;
    if class.is_singleton {
        return Err(vm.type_error("can't create instance of singleton class"));
    }
    match class.allocator() {
        Some(alloc) => {
            vm.reserve(size_of::<Value>())?;
            alloc(vm, &class)
        }
        None => Err(vm.type_error(format!("allocator undefined for {}", class.name()))),
    }
}

fn superclass(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(this(vm, own)?.superclass().map_or(Value::Nil, Value::Class))
}

fn subclasses(vm: &Interp, own: &Value, _: Args<'_>) -> Res {
    let class = this(vm, own)?;
    let alive: Vec<Rc<RClass>> = class.subclasses.borrow().iter().filter_map(std::rc::Weak::upgrade).collect();
    Ok(Value::array(alive.into_iter().rev().map(Value::Class).collect()))
}

fn new_class(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let superclass = match args.get(0) {
        None => Rc::clone(&vm.c.object),
        Some(Value::Class(class)) if !class.is_module => Rc::clone(class),
        Some(other) => return Err(vm.not_a_superclass(other)),
    };
    let _ = own;
    let class = vm.subclass(&superclass)?;
    let value = Value::Class(Rc::clone(&class));
    vm.hook(&Value::Class(superclass), known::INHERITED, value.clone())?;
    run_body(vm, &class, args)?;
    Ok(value)
}

fn new_module(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let module = vm.new_module(None);
    run_body(vm, &module, args)?;
    Ok(Value::Class(module))
}

fn run_body(vm: &Interp, class: &Rc<RClass>, args: Args<'_>) -> Res<()> {
    if let Some(block) = args.block {
        let own = Value::Class(Rc::clone(class));
        vm.call_block_with_self(block, &own, Some(class), Args::new(std::slice::from_ref(&own)))?;
    }
    Ok(())
}
