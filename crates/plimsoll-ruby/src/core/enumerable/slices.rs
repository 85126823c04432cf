//! Runs of neighbouring elements.

use std::rc::Rc;

use super::{Walk, block_or_enumerator, own_size, push, walk};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerator;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("each_slice", 1, 1, each_slice, "Yields the elements in groups of this size"),
    def("each_cons", 1, 1, each_cons, "Yields every run of this many neighbours"),
    def("chunk_while", 0, 0, chunk_while, "Runs of elements, ended where the block refuses two neighbours"),
    def("slice_when", 0, 0, slice_when, "Runs of elements, ended where the block accepts two neighbours"),
    def("slice_before", 0, -1, slice_before, "Runs of elements, each begun by one that matches"),
    def("slice_after", 0, -1, slice_after, "Runs of elements, each ended by one that matches"),
    def("chunk", 0, 0, chunk, "Runs of elements for which the block gives the same"),
];

fn group_size(vm: &Interp, value: &Value, what: &str) -> Res<usize> {
    match vm.to_int(value)? {
        size if size > 0 => Ok(size as usize),
        _ => Err(vm.argument_error(what)),
    }
}

fn slices_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let Value::Int(size) = own_size(vm, receiver, &[])? else { return Ok(Value::Nil) };
    let group = group_size(vm, &args[0], "invalid slice size")? as i64;
    Ok(Value::Int((size + group - 1) / group))
}

fn each_slice(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let size = group_size(vm, &args[0], "invalid slice size")?;
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "each_slice", slices_size));
    let last = Rc::clone(&block);
    let rest = walk(vm, receiver, Vec::new(), move |vm, group: &mut Vec<Value>, value| {
        push(vm, group, value)?;
        if group.len() == size {
            let group = std::mem::take(group);
            vm.call_block(&block, &[Value::array(group)])?;
        }
        Ok(Walk::On)
    })?;
    if !rest.is_empty() {
        vm.call_block(&last, &[Value::array(rest)])?;
    }
    Ok(receiver.clone())
}

fn runs_size(vm: &Interp, receiver: &Value, args: &[Value]) -> Res {
    let Value::Int(size) = own_size(vm, receiver, &[])? else { return Ok(Value::Nil) };
    let group = group_size(vm, &args[0], "invalid size")? as i64;
    Ok(Value::Int((size - group + 1).max(0)))
}

fn each_cons(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let size = group_size(vm, &args[0], "invalid size")?;
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "each_cons", runs_size));
    walk(vm, receiver, std::collections::VecDeque::new(), move |vm, run, value| {
        if run.len() == size {
            run.pop_front();
        }
        vm.reserve_elements(run.len() + 1)?;
        run.push_back(value);
        if run.len() == size {
            vm.call_block(&block, &[Value::array(run.iter().cloned().collect())])?;
        }
        Ok(Walk::On)
    })?;
    Ok(receiver.clone())
}

/// An Enumerator of what `produce` yields, made anew for each iteration.
fn generated(vm: &Interp, produce: impl Fn(&Interp, &Rc<RProc>) -> Res<()> + 'static) -> Res {
    enumerator::generated(vm, move |vm, block| {
        produce(vm, block)?;
        Ok(Value::Nil)
    })
}

fn chunk_while(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = needed(vm, args)?;
    between(vm, receiver, block, false)
}

fn slice_when(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = needed(vm, args)?;
    between(vm, receiver, block, true)
}

fn needed(vm: &Interp, args: Args<'_>) -> Res<Rc<RProc>> {
    match args.block {
        Some(block) => Ok(Rc::clone(block)),
        None => Err(vm.argument_error("tried to create Proc object without a block")),
    }
}

/// Cuts between two neighbours for which the block's truth is `cut`.
fn between(vm: &Interp, receiver: &Value, test: Rc<RProc>, cut: bool) -> Res {
    let receiver = receiver.clone();
    generated(vm, move |vm, block| {
        let (test, each) = (Rc::clone(&test), Rc::clone(block));
        let rest = walk(vm, &receiver, Vec::new(), move |vm, run: &mut Vec<Value>, value| {
            if let Some(before) = run.last()
                && vm.call_block(&test, &[before.clone(), value.clone()])?.truthy() == cut
            {
                let run = std::mem::take(run);
                vm.call_block(&each, &[Value::array(run)])?;
            }
            push(vm, run, value)?;
            Ok(Walk::On)
        })?;
        if !rest.is_empty() {
            vm.call_block(block, &[Value::array(rest)])?;
        }
        Ok(())
    })
}

fn boundary(vm: &Interp, args: Args<'_>) -> Res<super::search::Test> {
    use super::search::Test;
    let given = args.len();
    match (Test::of(args), given > 0 && args.block.is_some()) {
        (_, true) => Err(vm.arity_error(given, 0, 0)),
        _ if given > 1 => Err(vm.arity_error(given, 1, 1)),
        (Test::Truth, _) => Err(vm.arity_error(0, 1, 1)),
        (test, _) => Ok(test),
    }
}

fn slice_before(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let test = boundary(vm, args)?;
    let receiver = receiver.clone();
    generated(vm, move |vm, block| {
        let (test, each) = (test.clone(), Rc::clone(block));
        let rest = walk(vm, &receiver, Vec::new(), move |vm, run: &mut Vec<Value>, value| {
            if test.holds(vm, std::slice::from_ref(&value))? && !run.is_empty() {
                let run = std::mem::take(run);
                vm.call_block(&each, &[Value::array(run)])?;
            }
            push(vm, run, value)?;
            Ok(Walk::On)
        })?;
        if !rest.is_empty() {
            vm.call_block(block, &[Value::array(rest)])?;
        }
        Ok(())
    })
}

fn slice_after(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !args.is_empty() && args.block.is_some() {
        return Err(vm.argument_error("both pattern and block are given"));
    }
    let test = boundary(vm, args)?;
    let receiver = receiver.clone();
    generated(vm, move |vm, block| {
        let (test, each) = (test.clone(), Rc::clone(block));
        let rest = walk(vm, &receiver, Vec::new(), move |vm, run: &mut Vec<Value>, value| {
            let ends = test.holds(vm, std::slice::from_ref(&value))?;
            push(vm, run, value)?;
            if ends {
                let run = std::mem::take(run);
                vm.call_block(&each, &[Value::array(run)])?;
            }
            Ok(Walk::On)
        })?;
        if !rest.is_empty() {
            vm.call_block(block, &[Value::array(rest)])?;
        }
        Ok(())
    })
}

fn chunk(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let test = Rc::clone(block_or_enumerator!(vm, receiver, args, "chunk", own_size));
    let receiver = receiver.clone();
    generated(vm, move |vm, block| {
        let (test, each) = (Rc::clone(&test), Rc::clone(block));
        let state: Option<(Value, Vec<Value>)> = None;
        let rest = walk(vm, &receiver, state, move |vm, run, value| {
            let key = vm.call_block(&test, std::slice::from_ref(&value))?;
            let emit = |run: &mut Option<(Value, Vec<Value>)>| match run.take() {
                Some((key, values)) => vm.call_block(&each, &[Value::array(vec![key, Value::array(values)])]).map(drop),
                None => Ok(()),
            };
            match ChunkKey::of(vm, &key)? {
                ChunkKey::Drop => emit(run)?,
                ChunkKey::Alone => {
                    emit(run)?;
                    *run = Some((key, vec![value]));
                    emit(run)?;
                }
                ChunkKey::Same => {
                    let joins = match run {
                        Some((current, _)) => vm.equal(current, &key)?,
                        None => false,
                    };
                    match run {
                        Some((_, values)) if joins => push(vm, values, value)?,
                        _ => {
                            emit(run)?;
                            *run = Some((key, vec![value]));
                        }
                    }
                }
            }
            Ok(Walk::On)
        })?;
        if let Some((key, values)) = rest {
            vm.call_block(block, &[Value::array(vec![key, Value::array(values)])])?;
        }
        Ok(())
    })
}

/// What the block of `chunk` says of an element.
enum ChunkKey {
    /// `nil`, `:_separator`: left out.
    Drop,
    /// `:_alone`: a run of its own.
    Alone,
    /// It belongs to the run of the same key.
    Same,
}

impl ChunkKey {
    fn of(vm: &Interp, key: &Value) -> Res<Self> {
        match key {
            Value::Nil => Ok(Self::Drop),
            Value::Sym(name) if *name == Sym::new("_separator") => Ok(Self::Drop),
            Value::Sym(name) if *name == Sym::new("_alone") => Ok(Self::Alone),
            Value::Sym(name) if name.bytes().starts_with(b"_") => {
                Err(vm.error("RuntimeError", "symbols beginning with an underscore are reserved"))
            }
            _ => Ok(Self::Same),
        }
    }
}
