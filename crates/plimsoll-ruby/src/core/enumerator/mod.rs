//! Enumerator: an iteration that has not been started.

mod chain;
mod cursor;
mod generator;
mod lazy;
mod sequence;

use std::cell::RefCell;
use std::rc::Rc;

pub(crate) use generator::generated;
pub(crate) use lazy::lazy_over;
pub(crate) use sequence::{Places, Sequence, sequence, stepped_places};

use crate::args::Args;
use crate::class::{Def, NativeFn, RClass, def, private_def};
use crate::core::enumerable::packed;
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RObject, RProc, Value};

/// Computes the size of an iteration of the receiver with these arguments.
pub(crate) type SizeFn = fn(&Interp, &Value, &[Value]) -> Res;

/// What tells the size of an Enumerator.
#[derive(Clone)]
enum Size {
    /// Nothing does, unless it is a core method.
    Unknown,
    /// A value, or something to call.
    Value(Value),
    /// A function beside the method.
    Native(SizeFn),
}

/// A call of an each-like method, waiting for its block.
#[derive(Clone)]
struct Pending {
    receiver: Value,
    method: Sym,
    arguments: Vec<Value>,
    keywords: bool,
    size: Size,
    /// What a step of a lazy chain really runs; the rest is what it shows.
    runs: Option<Value>,
}

/// What an Enumerator carries; `None` before `initialize`.
#[derive(Default)]
struct Enumerator {
    pending: RefCell<Option<Pending>>,
}

/// Defines the class and the classes below it.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Enumerator", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Enumerator::default()).into()));
    vm.define(&class, METHODS);
    vm.define(&class, cursor::METHODS);
    vm.define_singleton(&class, SINGLETON);
    generator::init(vm, &class);
    chain::init(vm, &class);
    sequence::init(vm, &class);
    lazy::init(vm, &class);
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 0, 1, initialize, "Takes a size and a block that is given a Yielder"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over the iteration of another"),
    def("each", 0, -1, each, "Runs the iteration with a block"),
    def("size", 0, 0, size, "Number of values that it will yield, if that is known"),
    def("with_index", 0, 1, with_index, "Runs the iteration with a block that is also given an index"),
    def("each_with_index", 0, 0, each_with_index, "Runs the iteration with a block that is also given an index"),
    def("with_object", 1, 1, with_object, "Runs the iteration with a block that is also given an object"),
    def("each_with_object", 1, 1, with_object, "Runs the iteration with a block that is also given an object"),
    def("+", 1, 1, plus, "An enumerator of both, one after the other"),
    def("inspect", 0, 0, inspect, "Its receiver, method and arguments"),
    def("to_s", 0, 0, |vm, r, _| Ok(Value::str(vm.any_to_s(r))), "Its class and address"),
];

const SINGLETON: &[Def] =
    &[def("produce", 0, 1, generator::produce, "An endless Enumerator, each value made of the last")];

/// The Enumerator of a method called without a block.
pub(crate) fn of(vm: &Interp, receiver: &Value, method: &str, args: Args<'_>, size: Option<SizeFn>) -> Value {
    let pending = Pending {
        receiver: receiver.clone(),
        method: Sym::new(method),
        arguments: args.values.to_vec(),
        keywords: args.keywords,
        size: size.map_or(Size::Unknown, Size::Native),
        runs: None,
    };
    let class = if lazy::is_lazy(vm, receiver) { "Enumerator::Lazy" } else { "Enumerator" };
    made(&vm.class_named(class), pending)
}

/// The same for an alias, which shows itself in `inspect`: an Enumerator of this name without a block, else the method.
pub(crate) fn aliased(
    vm: &Interp,
    receiver: &Value,
    args: Args<'_>,
    name: &str,
    size: Option<SizeFn>,
    method: NativeFn,
) -> Res {
    if args.block.is_none() { Ok(of(vm, receiver, name, args, size)) } else { method(vm, receiver, args) }
}

fn made(class: &Rc<RClass>, pending: Pending) -> Value {
    let enumerator = Enumerator::default();
    *enumerator.pending.borrow_mut() = Some(pending);
    RObject::with_native(Rc::clone(class), enumerator).into()
}

impl Interp {
    /// The Enumerator of `receiver.method(*args)`.
    pub fn enumerator(&self, receiver: &Value, method: &str, args: &[Value]) -> Res {
        Ok(of(self, receiver, method, Args::new(args), None))
    }

    /// The same with something that tells its size: a value, or what answers `call`.
    pub(crate) fn sized_enumerator(&self, receiver: &Value, method: Sym, args: Args<'_>, size: Value) -> Res {
        let class = if lazy::is_lazy(self, receiver) { "Enumerator::Lazy" } else { "Enumerator" };
        let pending = Pending {
            receiver: receiver.clone(),
            method,
            arguments: args.values.to_vec(),
            keywords: args.keywords,
            size: if size.is_nil() { Size::Unknown } else { Size::Value(size) },
            runs: None,
        };
        Ok(made(&self.class_named(class), pending))
    }
}

fn pending(vm: &Interp, receiver: &Value) -> Res<Pending> {
    let pending = receiver.native::<Enumerator>().and_then(|enumerator| enumerator.pending.borrow().clone());
    pending.ok_or_else(|| uninitialized(vm))
}

fn uninitialized(vm: &Interp) -> Unwind {
    vm.argument_error("uninitialized enumerator")
}

/// Starts the iteration with this block.
fn run(vm: &Interp, pending: &Pending, more: &[Value], block: &Rc<RProc>) -> Res {
    if let Some(runs) = &pending.runs {
        return vm.call_with(runs, known::EACH, Args::default().with_block(Some(block)), CallStyle::Implicit);
    }
    let joined: Vec<Value>;
    let values = if more.is_empty() {
        &pending.arguments
    } else {
        joined = [&pending.arguments, more].concat();
        &joined
    };
    let keywords = pending.keywords && more.is_empty();
    let args = Args { values, keywords, block: Some(block) };
    vm.call_with(&pending.receiver, pending.method, args, CallStyle::Implicit)
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.check_frozen(receiver)?;
    let Some(block) = args.block else {
        return Err(vm.argument_error("tried to create Proc object without a block"));
    };
    let Some(enumerator) = receiver.native::<Enumerator>() else { return Err(uninitialized(vm)) };
    *enumerator.pending.borrow_mut() = Some(Pending {
        receiver: generator::of_block(vm, block),
        method: known::EACH,
        arguments: Vec::new(),
        keywords: false,
        size: args.get(0).filter(|size| !size.is_nil()).map_or(Size::Unknown, |size| Size::Value(size.clone())),
        runs: None,
    });
    Ok(receiver.clone())
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let copied = pending(vm, &args[0])?;
    if cursor::is_started(&args[0]) {
        return Err(vm.type_error("can't copy execution context"));
    }
    let Some(enumerator) = receiver.native::<Enumerator>() else { return Err(uninitialized(vm)) };
    *enumerator.pending.borrow_mut() = Some(copied);
    Ok(receiver.clone())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let pending = pending(vm, receiver)?;
    match args.block {
        Some(block) => run(vm, &pending, args.values, block),
        None if args.is_empty() => Ok(receiver.clone()),
        None => {
            let arguments = [&pending.arguments, args.values].concat();
            let pending = Pending { arguments, keywords: args.keywords, size: Size::Unknown, ..pending };
            Ok(made(&vm.real_class_of(receiver), pending))
        }
    }
}

fn size(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let pending = pending(vm, receiver)?;
    match &pending.size {
        Size::Native(size) => size(vm, &pending.receiver, &pending.arguments),
        Size::Value(size) if vm.responds(size, known::CALL)? => vm.call(size, known::CALL, &pending.arguments),
        Size::Value(size) => Ok(size.clone()),
        Size::Unknown => core_size(vm, &pending),
    }
}

/// The size of the iterations of core methods that do not tell it themselves.
fn core_size(vm: &Interp, pending: &Pending) -> Res {
    let method = pending.method.text();
    let counted = |name: &str| vm.send(&pending.receiver, name, &[]);
    Ok(match (&pending.receiver, method.as_ref()) {
        (_, "loop") => Value::Float(f64::INFINITY),
        (Value::Int(times), "times") => Value::Int((*times).max(0)),
        (Value::Int(from), "upto" | "downto") => match pending.arguments.first() {
            Some(Value::Int(to)) => {
                let distance = if method == "upto" { to.saturating_sub(*from) } else { from.saturating_sub(*to) };
                Value::Int(distance.saturating_add(1).max(0))
            }
            _ => Value::Nil,
        },
        (Value::Str(_), "each_char") => counted("length")?,
        (Value::Str(_), "each_byte") => counted("bytesize")?,
        _ => Value::Nil,
    })
}

/// A block that hands each yield, packed into one value, to another with something beside it.
fn beside(block: &Rc<RProc>, beside: impl Fn(&Interp) -> Res + 'static) -> Rc<RProc> {
    let block = Rc::clone(block);
    RProc::native(move |vm, _, args| {
        let second = beside(vm)?;
        vm.call_block(&block, &[packed(args.values), second])
    })
}

fn indexed(vm: &Interp, receiver: &Value, block: &Rc<RProc>, offset: Value) -> Res {
    let next = RefCell::new(offset);
    let block = beside(block, move |vm| {
        let index = next.borrow().clone();
        let following = crate::core::enumerable::add(vm, &index, &Value::Int(1))?;
        *next.borrow_mut() = following;
        Ok(index)
    });
    run(vm, &pending(vm, receiver)?, &[], &block)
}

fn enumerator_size(vm: &Interp, receiver: &Value, _: &[Value]) -> Res {
    size(vm, receiver, Args::default())
}

fn with_index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let offset = match args.get(0) {
        None | Some(Value::Nil) => Value::Int(0),
        Some(offset) if crate::core::arithmetic::big(offset).is_some() => offset.clone(),
        Some(offset) => Value::Int(vm.to_int(offset)?),
    };
    match args.block {
        Some(block) => indexed(vm, receiver, block, offset),
        None => Ok(of(vm, receiver, "with_index", Args::new(&[offset]), Some(enumerator_size))),
    }
}

fn each_with_index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match args.block {
        Some(block) => indexed(vm, receiver, block, Value::Int(0)),
        None => Ok(of(vm, receiver, "each_with_index", args, Some(enumerator_size))),
    }
}

fn with_object(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(block) = args.block else {
        return Ok(of(vm, receiver, "with_object", args, Some(enumerator_size)));
    };
    let object = args[0].clone();
    let block = beside(block, move |_| Ok(object.clone()));
    run(vm, &pending(vm, receiver)?, &[], &block)?;
    Ok(args[0].clone())
}

fn plus(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(chain::of(vm, vec![receiver.clone(), args[0].clone()]))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let class = vm.real_class_of(receiver).name();
    let Ok(pending) = pending(vm, receiver) else { return Ok(Value::str(format!("#<{class}: uninitialized>"))) };
    let id = receiver.head().map_or(0, |head| vm.object_id(head)) as usize;
    let shown = vm.guard("inspect", id, usize::MAX, || -> Res<Vec<u8>> {
        let mut text = format!("#<{class}: ").into_bytes();
        text.extend_from_slice(&vm.inspect(&pending.receiver)?.bytes());
        if lazy::shows_method(vm, receiver, pending.method) {
            text.push(b':');
            text.extend_from_slice(pending.method.bytes());
        }
        if !pending.arguments.is_empty() {
            text.push(b'(');
            for (at, argument) in pending.arguments.iter().enumerate() {
                if at > 0 {
                    text.extend_from_slice(b", ");
                }
                let shown = vm.inspect(argument)?;
                let shown = shown.bytes();
                let last = at + 1 == pending.arguments.len();
                let bare = pending.keywords && last && shown.len() > 2;
                text.extend_from_slice(if bare { &shown[1..shown.len() - 1] } else { &shown });
            }
            text.push(b')');
        }
        text.push(b'>');
        Ok(text)
    });
    Ok(Value::bytes(shown.unwrap_or_else(|| Ok(format!("#<{class}: ...>").into_bytes()))?))
}
