//! What `Enumerator.new` and `Enumerator.produce` iterate over, and the Yielder that their blocks are given.

use std::rc::Rc;

use super::{Enumerator, Pending, Size};
use crate::args::Args;
use crate::class::{Def, RClass, def};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{RObject, RProc, Value};

type Run = dyn Fn(&Interp, &Rc<RProc>, &[Value]) -> Res;

/// Runs an iteration: hands every value to the block.
struct Generator {
    run: Box<Run>,
}

/// Hands values to the block of the running iteration.
struct Yielder {
    block: Rc<RProc>,
}

pub(super) fn init(vm: &Interp, enumerator: &Rc<RClass>) {
    for name in ["Generator", "Producer"] {
        let class = vm.define_class(enumerator, name, &vm.c.object);
        vm.include(&class, &vm.c.enumerable);
        vm.define(&class, GENERATOR);
    }
    let yielder = vm.define_class(enumerator, "Yielder", &vm.c.object);
    vm.define(&yielder, YIELDER);
}

const GENERATOR: &[Def] = &[def("each", 0, -1, each, "Runs the iteration with a block")];

const YIELDER: &[Def] = &[
    def("<<", 1, 1, push, "Yields a value, and gives the Yielder"),
    def("yield", 0, -1, yield_values, "Yields values, and gives what the block gave"),
    def("call", 0, -1, yield_values, "Yields values, and gives what the block gave"),
    def("to_proc", 0, 0, to_proc, "A lambda that yields its arguments"),
];

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    match receiver.native::<Generator>() {
        Some(generator) => (generator.run)(vm, block, args.values),
        None => Err(vm.argument_error("uninitialized generator")),
    }
}

fn make(vm: &Interp, class: &str, run: impl Fn(&Interp, &Rc<RProc>, &[Value]) -> Res + 'static) -> Value {
    RObject::with_native(vm.class_named(class), Generator { run: Box::new(run) }).into()
}

/// A Yielder that hands values to this block.
pub(super) fn yielder(vm: &Interp, block: &Rc<RProc>) -> Value {
    RObject::with_native(vm.class_named("Enumerator::Yielder"), Yielder { block: Rc::clone(block) }).into()
}

/// The Generator of a block that is given a Yielder.
pub(super) fn of_block(vm: &Interp, body: &Rc<RProc>) -> Value {
    let body = Rc::clone(body);
    make(vm, "Enumerator::Generator", move |vm, block, arguments| {
        let mut values = vec![yielder(vm, block)];
        values.extend_from_slice(arguments);
        vm.call_block(&body, &values)
    })
}

/// The Generator of native code that calls a block.
pub(super) fn of_native(vm: &Interp, run: impl Fn(&Interp, &Rc<RProc>) -> Res + 'static) -> Value {
    make(vm, "Enumerator::Generator", move |vm, block, _| run(vm, block))
}

/// An Enumerator of native code that calls a block, made anew for each iteration.
pub(crate) fn generated(vm: &Interp, run: impl Fn(&Interp, &Rc<RProc>) -> Res + 'static) -> Res {
    Ok(over(vm, of_native(vm, run), Size::Unknown))
}

fn over(vm: &Interp, receiver: Value, size: Size) -> Value {
    let pending = Pending { receiver, method: known::EACH, arguments: Vec::new(), keywords: false, size, runs: None };
    let enumerator = Enumerator::default();
    *enumerator.pending.borrow_mut() = Some(pending);
    RObject::with_native(vm.class_named("Enumerator"), enumerator).into()
}

pub(super) fn produce(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let Some(body) = args.block.map(Rc::clone) else { return Err(vm.argument_error("no block given")) };
    let first = args.get(0).cloned();
    let producer = make(vm, "Enumerator::Producer", move |vm, block, _| {
        let stop = vm.class_named("StopIteration");
        let step = |values: &[Value]| match vm.call_block(&body, values) {
            Err(unwind) => match unwind.exception() {
                Some(exception) if vm.is_a(&Value::Obj(Rc::clone(exception)), &stop) => Ok(None),
                _ => Err(unwind),
            },
            Ok(value) => Ok(Some(value)),
        };
        let mut next = match &first {
            Some(first) => Some(first.clone()),
            None => step(&[])?,
        };
        while let Some(value) = next {
            vm.tick()?;
            vm.call_block(block, std::slice::from_ref(&value))?;
            next = step(&[value])?;
        }
        Ok(Value::Nil)
    });
    Ok(over(vm, producer, Size::Value(Value::Float(f64::INFINITY))))
}

fn this(receiver: &Value) -> &Yielder {
    receiver.native().expect("a method of Yielder runs on Yielders alone")
}

fn push(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.call_block(&this(receiver).block, args.values)?;
    Ok(receiver.clone())
}

fn yield_values(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.call_block(&this(receiver).block, args.values)
}

fn to_proc(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let block = Rc::clone(&this(receiver).block);
    let proc = RProc::native(move |vm, _, args| vm.call_block(&block, args.values));
    proc.lambda.set(true);
    Ok(Value::Proc(proc))
}
