//! Looking for elements: by condition, by position, by pattern.

use std::rc::Rc;

use super::{Walk, block_or_enumerator, collect, count_argument, own_size, packed, push, walk, walk_with};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerator::aliased;
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("all?", 0, 1, all, "Whether every element matches"),
    def("any?", 0, 1, any, "Whether an element matches"),
    def("none?", 0, 1, none, "Whether no element matches"),
    def("one?", 0, 1, one, "Whether exactly one element matches"),
    def("count", 0, 1, count, "Number of elements, of those equal to the argument, or of those the block accepts"),
    def("find", 0, 1, find, "The first element that the block accepts"),
    def("detect", 0, 1, |vm, r, a| aliased(vm, r, a, "detect", None, find), "The first element that the block accepts"),
    def("find_index", 0, 1, find_index, "The index of the first element that matches"),
    def(
        "find_all",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "find_all", Some(own_size), select),
        "The elements that the block accepts",
    ),
    def("select", 0, 0, select, "The elements that the block accepts"),
    def(
        "filter",
        0,
        0,
        |vm, r, a| aliased(vm, r, a, "filter", Some(own_size), select),
        "The elements that the block accepts",
    ),
    def("reject", 0, 0, reject, "The elements that the block refuses"),
    def("partition", 0, 0, partition, "The elements that the block accepts, and the others"),
    def("first", 0, 1, first, "The first element, or the first ones"),
    def("take", 1, 1, take, "The first elements"),
    def("take_while", 0, 0, take_while, "The elements before the first that the block refuses"),
    def("drop", 1, 1, drop_first, "The elements after the first ones"),
    def("drop_while", 0, 0, drop_while, "The elements from the first that the block refuses"),
    def("include?", 1, 1, includes, "Whether an element equals the argument"),
    def("member?", 1, 1, includes, "Whether an element equals the argument"),
    def("grep", 1, 1, grep, "The elements that a pattern matches, through the block if given"),
    def("grep_v", 1, 1, grep_v, "The elements that a pattern does not match, through the block if given"),
];

/// What decides about an element: a pattern, a block, or its own truth.
#[derive(Clone)]
pub(crate) enum Test {
    Pattern(Value),
    Block(Rc<RProc>),
    Truth,
}

impl Test {
    pub(crate) fn of(args: Args<'_>) -> Self {
        match (args.get(0), args.block) {
            (Some(pattern), _) => Self::Pattern(pattern.clone()),
            (None, Some(block)) => Self::Block(Rc::clone(block)),
            (None, None) => Self::Truth,
        }
    }

    pub(crate) fn holds(&self, vm: &Interp, values: &[Value]) -> Res<bool> {
        match self {
            Self::Pattern(pattern) => vm.case_equal(pattern, &packed(values)),
            Self::Block(block) => Ok(vm.call_block(block, values)?.truthy()),
            Self::Truth => Ok(packed(values).truthy()),
        }
    }
}

/// Counts matches until there are `enough`.
fn matches(vm: &Interp, receiver: &Value, test: Test, wanted: bool, enough: usize) -> Res<usize> {
    walk_with(vm, receiver, &[], 0, move |vm, found, values| {
        if test.holds(vm, values)? == wanted {
            *found += 1;
        }
        Ok(if *found == enough { Walk::Stop } else { Walk::On })
    })
}

fn all(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((matches(vm, receiver, Test::of(args), false, 1)? == 0).into())
}

fn any(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((matches(vm, receiver, Test::of(args), true, 1)? == 1).into())
}

fn none(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((matches(vm, receiver, Test::of(args), true, 1)? == 0).into())
}

fn one(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((matches(vm, receiver, Test::of(args), true, 2)? == 1).into())
}

fn count(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let wanted = args.get(0).cloned();
    let block = args.block.map(Rc::clone);
    let counted = walk_with(vm, receiver, &[], 0_usize, move |vm, count, values| {
        let counts = match (&wanted, &block) {
            (Some(wanted), _) => vm.equal(&packed(values), wanted)?,
            (None, Some(block)) => vm.call_block(block, values)?.truthy(),
            (None, None) => true,
        };
        *count += usize::from(counts);
        Ok(Walk::On)
    })?;
    Ok(counted.into())
}

fn find(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "find"));
    let found = walk(vm, receiver, None, move |vm, found, value| {
        if vm.call_block(&block, std::slice::from_ref(&value))?.truthy() {
            *found = Some(value);
            return Ok(Walk::Stop);
        }
        Ok(Walk::On)
    })?;
    match (found, args.get(0)) {
        (Some(found), _) => Ok(found),
        (None, None | Some(Value::Nil)) => Ok(Value::Nil),
        (None, Some(otherwise)) => vm.call(otherwise, known::CALL, &[]),
    }
}

fn find_index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let wanted = args.get(0).cloned();
    let block = match wanted {
        Some(_) => None,
        None => Some(Rc::clone(block_or_enumerator!(vm, receiver, args, "find_index"))),
    };
    let (at, found) = walk_with(vm, receiver, &[], (0_usize, false), move |vm, (at, found), values| {
        *found = match (&wanted, &block) {
            (Some(wanted), _) => vm.equal(&packed(values), wanted)?,
            (None, Some(block)) => vm.call_block(block, values)?.truthy(),
            (None, None) => false,
        };
        if *found {
            return Ok(Walk::Stop);
        }
        *at += 1;
        Ok(Walk::On)
    })?;
    Ok(found.then_some(at).into())
}

fn select(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "select", own_size));
    chosen(vm, receiver, block, true)
}

fn reject(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "reject", own_size));
    chosen(vm, receiver, block, false)
}

fn chosen(vm: &Interp, receiver: &Value, block: Rc<RProc>, wanted: bool) -> Res {
    let all = walk(vm, receiver, Vec::new(), move |vm, all, value| {
        if vm.call_block(&block, std::slice::from_ref(&value))?.truthy() == wanted {
            push(vm, all, value)?;
        }
        Ok(Walk::On)
    })?;
    Ok(Value::array(all))
}

fn partition(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "partition", own_size));
    let (accepted, others) = walk(vm, receiver, (Vec::new(), Vec::new()), move |vm, (accepted, others), value| {
        let holds = vm.call_block(&block, std::slice::from_ref(&value))?.truthy();
        push(vm, if holds { accepted } else { others }, value)?;
        Ok(Walk::On)
    })?;
    Ok(Value::array(vec![Value::array(accepted), Value::array(others)]))
}

/// The first `count` elements.
pub(super) fn leading(vm: &Interp, receiver: &Value, count: usize) -> Res<Vec<Value>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    walk(vm, receiver, Vec::new(), move |vm, all, value| {
        push(vm, all, value)?;
        Ok(if all.len() == count { Walk::Stop } else { Walk::On })
    })
}

fn first(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match args.get(0) {
        None => Ok(leading(vm, receiver, 1)?.pop().unwrap_or_default()),
        Some(_) => take(vm, receiver, args),
    }
}

fn take(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let count = count_argument(vm, &args[0], "attempt to take negative size")?;
    leading(vm, receiver, count).map(Value::array)
}

fn take_while(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "take_while"));
    let all = walk_with(vm, receiver, &[], Vec::new(), move |vm, all, values| {
        if !vm.call_block(&block, values)?.truthy() {
            return Ok(Walk::Stop);
        }
        push(vm, all, packed(values))?;
        Ok(Walk::On)
    })?;
    Ok(Value::array(all))
}

fn drop_first(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let count = count_argument(vm, &args[0], "attempt to drop negative size")?;
    let mut all = collect(vm, receiver, &[])?;
    all.drain(..count.min(all.len()));
    Ok(Value::array(all))
}

fn drop_while(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = Rc::clone(block_or_enumerator!(vm, receiver, args, "drop_while"));
    let (all, _) = walk(vm, receiver, (Vec::new(), true), move |vm, (all, dropping), value| {
        if *dropping && vm.call_block(&block, std::slice::from_ref(&value))?.truthy() {
            return Ok(Walk::On);
        }
        *dropping = false;
        push(vm, all, value)?;
        Ok(Walk::On)
    })?;
    Ok(Value::array(all))
}

fn includes(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let wanted = args[0].clone();
    let found = walk(vm, receiver, false, move |vm, found, value| {
        *found = vm.equal(&value, &wanted)?;
        Ok(if *found { Walk::Stop } else { Walk::On })
    })?;
    Ok(found.into())
}

fn grep(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    grepped(vm, receiver, args, true)
}

fn grep_v(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    grepped(vm, receiver, args, false)
}

fn grepped(vm: &Interp, receiver: &Value, args: Args<'_>, wanted: bool) -> Res {
    let pattern = args[0].clone();
    let block = args.block.map(Rc::clone);
    let all = walk(vm, receiver, Vec::new(), move |vm, all, value| {
        if vm.case_equal(&pattern, &value)? == wanted {
            let value = match &block {
                Some(block) => vm.call_block(block, &[value])?,
                None => value,
            };
            push(vm, all, value)?;
        }
        Ok(Walk::On)
    })?;
    Ok(Value::array(all))
}
