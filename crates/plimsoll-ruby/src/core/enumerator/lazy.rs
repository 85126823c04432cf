//! Enumerator::Lazy: steps that are run value by value, as far as values are asked for.

use std::rc::Rc;

use super::generator::{of_native, yielder};
use super::{Enumerator, Pending, Size};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::enumerable::{Test, Walk, block_or_enumerator, count_argument, packed, walk_with};
use crate::dispatch::CallStyle;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RHash, RObject, RProc, Value};

pub(super) fn init(vm: &Interp, enumerator: &Rc<RClass>) {
    let class = vm.define_class(enumerator, "Lazy", enumerator);
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Enumerator::default()).into()));
    vm.define(&class, METHODS);
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 1, 2, initialize, "Takes what is iterated over, a size and a block"),
    def("map", 0, 0, map, "Lazily, what the block gives for each value"),
    def("collect", 0, 0, |vm, r, a| map_as(vm, r, a, "collect"), "Lazily, what the block gives for each value"),
    def("flat_map", 0, 0, flat_map, "Lazily, what the block gives for each value, Arrays spread out"),
    def(
        "collect_concat",
        0,
        0,
        |vm, r, a| flat_map_as(vm, r, a, "collect_concat"),
        "Lazily, what the block gives for each value, Arrays spread out",
    ),
    def("select", 0, 0, select, "Lazily, the values that the block accepts"),
    def("filter", 0, 0, |vm, r, a| select_as(vm, r, a, "filter"), "Lazily, the values that the block accepts"),
    def("find_all", 0, 0, |vm, r, a| select_as(vm, r, a, "find_all"), "Lazily, the values that the block accepts"),
    def("filter_map", 0, 0, filter_map, "Lazily, what the block gives for each value, where it is true"),
    def("reject", 0, 0, reject, "Lazily, the values that the block refuses"),
    def("grep", 1, 1, |vm, r, a| grep(vm, r, a, "grep", true), "Lazily, the values that a pattern matches"),
    def("grep_v", 1, 1, |vm, r, a| grep(vm, r, a, "grep_v", false), "Lazily, the values that it does not match"),
    def("compact", 0, 0, compact, "Lazily, the values that are not nil"),
    def("take", 1, 1, take, "Lazily, the first values"),
    def("take_while", 0, 0, take_while, "Lazily, the values before the first that the block refuses"),
    def("drop", 1, 1, drop_first, "Lazily, the values after the first ones"),
    def("drop_while", 0, 0, drop_while, "Lazily, the values from the first that the block refuses"),
    def("uniq", 0, 0, uniq, "Lazily, the values without those equal to an earlier one"),
    def("zip", 0, -1, zip, "Lazily, the values each with those of the arguments at its place"),
    def("with_index", 0, 1, with_index, "Lazily, the values each with its index"),
    def("each_with_index", 0, 0, with_index, "Lazily, the values each with its index"),
    def("chunk", 0, 0, |vm, r, a| relazied(vm, r, a, "chunk"), "Lazily, runs with the same key"),
    def("chunk_while", 0, 0, |vm, r, a| relazied(vm, r, a, "chunk_while"), "Lazily, runs that hold together"),
    def("slice_when", 0, 0, |vm, r, a| relazied(vm, r, a, "slice_when"), "Lazily, runs cut where the block says so"),
    def("slice_before", 0, 1, |vm, r, a| relazied(vm, r, a, "slice_before"), "Lazily, runs begun by a match"),
    def("slice_after", 0, 1, |vm, r, a| relazied(vm, r, a, "slice_after"), "Lazily, runs ended by a match"),
    def("lazy", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("force", 0, -1, force, "All values as an Array"),
    def("eager", 0, 0, eager, "An Enumerator that is not lazy"),
    def("to_enum", 0, -1, to_enum, "A lazy Enumerator of another method"),
    def("enum_for", 0, -1, to_enum, "A lazy Enumerator of another method"),
];

/// Whether a value is a lazy enumerator.
pub(super) fn is_lazy(vm: &Interp, value: &Value) -> bool {
    matches!(value, Value::Obj(_)) && vm.is_a(value, &vm.class_named("Enumerator::Lazy"))
}

/// Whether `inspect` shows the method: `each` goes without saying for a lazy chain's source.
pub(super) fn shows_method(vm: &Interp, receiver: &Value, method: Sym) -> bool {
    !(method == known::EACH && is_lazy(vm, receiver))
}

/// A lazy enumerator over anything that has `each`.
pub(crate) fn lazy_over(vm: &Interp, source: &Value) -> Res {
    let size = Size::Native(crate::core::enumerable::own_size);
    let pending = Pending {
        receiver: source.clone(),
        method: known::EACH,
        arguments: Vec::new(),
        keywords: false,
        size,
        runs: None,
    };
    Ok(super::made(&vm.class_named("Enumerator::Lazy"), pending))
}

/// What a step does with the values of one yield; it hands what it makes of them to the block.
type StepFn<S> = fn(&Interp, &mut S, &StepInput<'_>) -> Res<Walk>;

struct StepInput<'a> {
    values: &'a [Value],
    /// The step's own block.
    own: Option<&'a Rc<RProc>>,
    /// The step's arguments.
    arguments: &'a [Value],
    /// Where results go.
    out: &'a Rc<RProc>,
}

impl StepInput<'_> {
    fn value(&self) -> Value {
        packed(self.values)
    }

    /// What the step's own block gives.
    fn ask(&self, vm: &Interp) -> Res {
        match self.own {
            Some(block) => vm.call_block(block, self.values),
            None => Ok(self.value()),
        }
    }

    /// The same for several yielded values seen as one.
    fn ask_packed(&self, vm: &Interp) -> Res {
        match self.own {
            Some(block) => vm.call_block(block, &[self.value()]),
            None => Ok(self.value()),
        }
    }

    fn emit(&self, vm: &Interp, value: Value) -> Res<Walk> {
        vm.call_block(self.out, &[value])?;
        Ok(Walk::On)
    }

    fn emit_if(&self, vm: &Interp, condition: bool) -> Res<Walk> {
        if condition { self.emit(vm, self.value()) } else { Ok(Walk::On) }
    }
}

/// A lazy enumerator that runs a step over its parent; every run begins with a fresh state.
fn stepped<S: 'static>(
    vm: &Interp,
    parent: &Value,
    name: &str,
    args: Args<'_>,
    size: Size,
    state: impl Fn(&Interp) -> S + 'static,
    step: StepFn<S>,
) -> Value {
    let source = parent.clone();
    let own = args.block.map(Rc::clone);
    let arguments = args.values.to_vec();
    let runs = of_native(vm, move |vm, out| {
        let (own, arguments, out) = (own.clone(), arguments.clone(), Rc::clone(out));
        walk_with(vm, &source, &[], state(vm), move |vm, state, values| {
            step(vm, state, &StepInput { values, own: own.as_ref(), arguments: &arguments, out: &out })
        })?;
        Ok(Value::Nil)
    });
    running(vm, parent, name, args.values, size, runs)
}

/// A step without a state that yields nobody knows how many values.
fn sifted(
    vm: &Interp,
    parent: &Value,
    name: &str,
    args: Args<'_>,
    step: fn(&Interp, &StepInput<'_>) -> Res<Walk>,
) -> Value {
    stepped(vm, parent, name, args, Size::Unknown, move |_| step, |vm, step, input| step(vm, input))
}

fn running(vm: &Interp, parent: &Value, name: &str, arguments: &[Value], size: Size, runs: Value) -> Value {
    let pending = Pending {
        receiver: parent.clone(),
        method: Sym::new(name),
        arguments: arguments.to_vec(),
        keywords: false,
        size,
        runs: Some(runs),
    };
    super::made(&vm.class_named("Enumerator::Lazy"), pending)
}

fn needed(vm: &Interp, args: Args<'_>, name: &str) -> Res<()> {
    match args.block {
        Some(_) => Ok(()),
        None => Err(vm.argument_error(format!("tried to call lazy {name} without a block"))),
    }
}

/// The size of a step that yields as many values as its parent.
fn same_size(vm: &Interp, parent: &Value, _: &[Value]) -> Res {
    vm.call(parent, known::SIZE, &[])
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.check_frozen(receiver)?;
    let Some(body) = args.block.map(Rc::clone) else {
        return Err(vm.argument_error("tried to call lazy new without a block"));
    };
    let source = args[0].clone();
    let runs = of_native(vm, move |vm, out| {
        let sink = yielder(vm, out);
        let body = Rc::clone(&body);
        walk_with(vm, &source, &[], (), move |vm, (), values| {
            let values = [std::slice::from_ref(&sink), values].concat();
            vm.call_block(&body, &values)?;
            Ok(Walk::On)
        })?;
        Ok(Value::Nil)
    });
    if let Some(enumerator) = receiver.native::<Enumerator>() {
        *enumerator.pending.borrow_mut() = Some(Pending {
            receiver: args[0].clone(),
            method: known::EACH,
            arguments: Vec::new(),
            keywords: false,
            size: args.get(1).filter(|size| !size.is_nil()).map_or(Size::Unknown, |size| Size::Value(size.clone())),
            runs: Some(runs),
        });
    }
    Ok(receiver.clone())
}

fn map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    map_as(vm, receiver, args, "map")
}

fn map_as(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    needed(vm, args, "map")?;
    Ok(stepped(
        vm,
        receiver,
        name,
        args,
        Size::Native(same_size),
        |_| (),
        |vm, (), step| {
            let value = step.ask(vm)?;
            step.emit(vm, value)
        },
    ))
}

fn flat_map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    flat_map_as(vm, receiver, args, "flat_map")
}

fn flat_map_as(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    needed(vm, args, "flat_map")?;
    Ok(sifted(vm, receiver, name, args, |vm, step| {
        let value = step.ask(vm)?;
        let lazy_like = matches!(value, Value::Obj(_))
            && vm.responds(&value, Sym::new("force"))?
            && vm.responds(&value, known::EACH)?;
        let inner = if lazy_like { Some(crate::core::enumerable::collect(vm, &value, &[])?) } else { None };
        let inner = match inner {
            Some(inner) => Some(inner),
            None => vm.try_array(&value)?.map(|array| array.to_vec()),
        };
        match inner {
            Some(inner) => {
                for value in inner {
                    step.emit(vm, value)?;
                }
                Ok(Walk::On)
            }
            None => step.emit(vm, value),
        }
    }))
}

fn select(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    select_as(vm, receiver, args, "select")
}

fn select_as(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    needed(vm, args, "select")?;
    Ok(sifted(vm, receiver, name, args, |vm, step| {
        let holds = step.ask_packed(vm)?.truthy();
        step.emit_if(vm, holds)
    }))
}

fn reject(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    needed(vm, args, "reject")?;
    Ok(sifted(vm, receiver, "reject", args, |vm, step| {
        let holds = step.ask_packed(vm)?.truthy();
        step.emit_if(vm, !holds)
    }))
}

fn filter_map(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    needed(vm, args, "filter_map")?;
    Ok(sifted(vm, receiver, "filter_map", args, |vm, step| {
        let value = step.ask(vm)?;
        if value.truthy() { step.emit(vm, value) } else { Ok(Walk::On) }
    }))
}

fn grep(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str, wanted: bool) -> Res {
    fn step(vm: &Interp, wanted: &mut bool, step: &StepInput<'_>) -> Res<Walk> {
        let value = step.value();
        if Test::Pattern(step.arguments[0].clone()).holds(vm, std::slice::from_ref(&value))? != *wanted {
            return Ok(Walk::On);
        }
        let value = match step.own {
            Some(block) => vm.call_block(block, &[value])?,
            None => value,
        };
        step.emit(vm, value)
    }
    Ok(stepped(vm, receiver, name, args, Size::Unknown, move |_| wanted, step))
}

fn compact(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(sifted(vm, receiver, "compact", args, |vm, step| {
        let keep = !step.value().is_nil();
        step.emit_if(vm, keep)
    }))
}

fn take_size(vm: &Interp, parent: &Value, args: &[Value]) -> Res {
    let count = args[0].clone();
    Ok(match same_size(vm, parent, &[])? {
        Value::Nil => Value::Nil,
        size if vm.compare_strictly(&size, &count)? == std::cmp::Ordering::Less => size,
        _ => count,
    })
}

fn take(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let count = count_argument(vm, &args[0], "attempt to take negative size")?;
    if count == 0 {
        let nothing = of_native(vm, |_, _| Ok(Value::Nil));
        return Ok(running(vm, receiver, "take", args.values, Size::Value(Value::Int(0)), nothing));
    }
    Ok(stepped(
        vm,
        receiver,
        "take",
        args,
        Size::Native(take_size),
        move |_| count,
        |vm, left, step| {
            *left -= 1;
            step.emit(vm, step.value())?;
            Ok(if *left == 0 { Walk::Stop } else { Walk::On })
        },
    ))
}

fn take_while(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    needed(vm, args, "take_while")?;
    Ok(sifted(vm, receiver, "take_while", args, |vm, step| {
        if step.ask(vm)?.truthy() { step.emit(vm, step.value()) } else { Ok(Walk::Stop) }
    }))
}

fn drop_size(vm: &Interp, parent: &Value, args: &[Value]) -> Res {
    let count = vm.to_int(&args[0])?;
    Ok(match same_size(vm, parent, &[])? {
        Value::Int(size) => Value::Int((size - count).max(0)),
        other => other,
    })
}

fn drop_first(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let count = count_argument(vm, &args[0], "attempt to drop negative size")?;
    Ok(stepped(
        vm,
        receiver,
        "drop",
        args,
        Size::Native(drop_size),
        move |_| count,
        |vm, left, step| {
            if *left > 0 {
                *left -= 1;
                return Ok(Walk::On);
            }
            step.emit(vm, step.value())
        },
    ))
}

fn drop_while(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    needed(vm, args, "drop_while")?;
    Ok(stepped(
        vm,
        receiver,
        "drop_while",
        args,
        Size::Unknown,
        |_| true,
        |vm, dropping, step| {
            *dropping = *dropping && step.ask(vm)?.truthy();
            step.emit_if(vm, !*dropping)
        },
    ))
}

fn uniq(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(stepped(
        vm,
        receiver,
        "uniq",
        args,
        Size::Unknown,
        |_| RHash::new(),
        |vm, seen, step| {
            let key = step.ask(vm)?;
            if vm.hash_get(seen, &key)?.is_some() {
                return Ok(Walk::On);
            }
            vm.hash_set(seen, key, Value::Nil)?;
            step.emit(vm, step.value())
        },
    ))
}

fn zip(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.block.is_some() {
        let all = Value::array(crate::core::enumerable::collect(vm, receiver, &[])?);
        return vm.call_with(&all, Sym::new("zip"), args, CallStyle::Implicit);
    }
    for source in args.values {
        if vm.try_array(source)?.is_none() && !vm.responds(source, known::EACH)? {
            let class = vm.type_word(source);
            return Err(vm.type_error(format!("wrong argument type {class} (must respond to :each)")));
        }
    }
    Ok(stepped(
        vm,
        receiver,
        "zip",
        args,
        Size::Native(same_size),
        |_| 0_usize,
        |vm, at, step| {
            let mut row = vec![step.value()];
            for source in step.arguments {
                row.push(match vm.try_array(source)? {
                    Some(array) => array.get(*at).unwrap_or_default(),
                    None => nth(vm, source, *at)?,
                });
            }
            *at += 1;
            step.emit(vm, Value::array(row))
        },
    ))
}

/// The value at a place of what can only be iterated over.
fn nth(vm: &Interp, source: &Value, place: usize) -> Res {
    let (_, found) = walk_with(vm, source, &[], (0, None), move |_, (at, found), values| {
        if *at == place {
            *found = Some(packed(values));
            return Ok(Walk::Stop);
        }
        *at += 1;
        Ok(Walk::On)
    })?;
    Ok(found.into())
}

fn with_index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let offset = match args.get(0) {
        None | Some(Value::Nil) => 0,
        Some(offset) => vm.to_int(offset)?,
    };
    let values = [Value::Int(offset)];
    let args = Args { values: &values, ..args };
    Ok(stepped(
        vm,
        receiver,
        "with_index",
        args,
        Size::Native(same_size),
        move |_| offset,
        |vm, index, step| {
            let (value, at) = (step.value(), Value::Int(*index));
            *index += 1;
            match step.own {
                Some(block) => {
                    vm.call_block(block, &[value.clone(), at])?;
                    step.emit(vm, value)
                }
                None => step.emit(vm, Value::array(vec![value, at])),
            }
        },
    ))
}

/// What the eager method of this name gives, made lazy.
fn relazied(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str) -> Res {
    if name == "chunk" {
        block_or_enumerator!(vm, receiver, args, "chunk");
    }
    let name = Sym::new(name);
    let Some(method) = vm.c.enumerable.methods.borrow().get(&name).cloned() else {
        unreachable!("Enumerable defines the methods that are made lazy here")
    };
    let eager = vm.invoke(&method, name, receiver, args)?;
    lazy_over(vm, &eager)
}

fn force(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    crate::core::enumerable::collect(vm, receiver, args.values).map(Value::array)
}

fn eager(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let size = Size::Native(same_size);
    let pending = Pending {
        receiver: receiver.clone(),
        method: known::EACH,
        arguments: Vec::new(),
        keywords: false,
        size,
        runs: None,
    };
    Ok(super::made(&vm.class_named("Enumerator"), pending))
}

fn to_enum(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (method, rest) = match args.values.split_first() {
        Some((method, rest)) => (vm.to_name(method)?, rest),
        None => (known::EACH, args.values),
    };
    let pending = Pending {
        receiver: receiver.clone(),
        method,
        arguments: rest.to_vec(),
        keywords: args.keywords,
        size: args.block.map_or(Size::Unknown, |block| Size::Value(Value::Proc(Rc::clone(block)))),
        runs: None,
    };
    Ok(super::made(&vm.class_named("Enumerator::Lazy"), pending))
}
