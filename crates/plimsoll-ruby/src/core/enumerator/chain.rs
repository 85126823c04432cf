//! Enumerator::Chain: several iterations one after the other.

use std::cell::RefCell;
use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RObject, Value};

#[derive(Default)]
struct Chain {
    parts: RefCell<Vec<Value>>,
}

pub(super) fn init(vm: &Interp, enumerator: &Rc<RClass>) {
    let class = vm.define_class(enumerator, "Chain", enumerator);
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Chain::default()).into()));
    vm.define(&class, METHODS);
}

const METHODS: &[Def] = &[
    private_def("initialize", 0, -1, initialize, "Takes what is to be iterated over"),
    def("each", 0, -1, each, "Runs all iterations with a block"),
    def("size", 0, 0, size, "The sum of all sizes, if they are known"),
    def("rewind", 0, 0, rewind, "Rewinds all parts"),
    def("+", 1, 1, plus, "A chain of itself and another"),
    def("inspect", 0, 0, inspect, "Its parts"),
];

/// A chain of these parts.
pub(super) fn of(vm: &Interp, parts: Vec<Value>) -> Value {
    let chain = Chain { parts: RefCell::new(parts) };
    RObject::with_native(vm.class_named("Enumerator::Chain"), chain).into()
}

fn parts(receiver: &Value) -> Vec<Value> {
    receiver.native::<Chain>().map_or_else(Vec::new, |chain| chain.parts.borrow().clone())
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.check_frozen(receiver)?;
    if let Some(chain) = receiver.native::<Chain>() {
        *chain.parts.borrow_mut() = args.values.to_vec();
    }
    Ok(Value::Nil)
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.block.is_none() {
        return Ok(super::of(vm, receiver, "each", args, Some(|vm, receiver, _| size(vm, receiver, Args::default()))));
    }
    for part in parts(receiver) {
        vm.call_with(&part, known::EACH, args, CallStyle::Implicit)?;
    }
    Ok(receiver.clone())
}

fn size(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut total = Value::Int(0);
    for part in parts(receiver) {
        let size = vm.call_if_responds(&part, known::SIZE, &[])?.unwrap_or_default();
        match size {
            Value::Nil | Value::Float(_) => return Ok(size),
            size => total = crate::core::enumerable::add(vm, &total, &size)?,
        }
    }
    Ok(total)
}

fn rewind(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    for part in parts(receiver).iter().rev() {
        vm.call_if_responds(part, Sym::new("rewind"), &[])?;
    }
    Ok(receiver.clone())
}

fn plus(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(of(vm, vec![receiver.clone(), args[0].clone()]))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let id = receiver.head().map_or(0, |head| vm.object_id(head)) as usize;
    let class = vm.real_class_of(receiver).name();
    let shown = vm.guard("inspect", id, usize::MAX, || -> Res<Vec<u8>> {
        let shown = vm.inspect(&Value::array(parts(receiver)))?;
        Ok([format!("#<{class}: ").as_bytes(), &shown.bytes(), b">"].concat())
    });
    Ok(Value::bytes(shown.unwrap_or_else(|| Ok(format!("#<{class}: ...>").into_bytes()))?))
}
