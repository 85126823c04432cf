//! Looking for elements.

use std::rc::Rc;

use super::iterate::visit;
use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::{Test, block_or_enumerator};
use crate::core::enumerator;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{RProc, Value};

pub(super) const METHODS: &[Def] = &[
    def("include?", 1, 1, includes, "Whether an element equals the argument"),
    def("index", 0, 1, |vm, r, a| index(vm, r, a, "index"), "The index of the first element that matches"),
    def("find_index", 0, 1, |vm, r, a| index(vm, r, a, "find_index"), "The index of the first element that matches"),
    def("rindex", 0, 1, rindex, "The index of the last element that matches"),
    def("count", 0, 1, count, "Number of elements, of those equal to the argument, or of those the block accepts"),
    def("all?", 0, 1, all, "Whether every element matches"),
    def("any?", 0, 1, any, "Whether an element matches"),
    def("none?", 0, 1, none, "Whether no element matches"),
    def("one?", 0, 1, one, "Whether exactly one element matches"),
    def("bsearch", 0, 0, bsearch, "Finds an element of a sorted Array by halving"),
    def("bsearch_index", 0, 0, bsearch_index, "Finds the index of an element of a sorted Array by halving"),
];

fn includes(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut found = false;
    visit(vm, receiver, |element| {
        found = vm.equal(&element, &args[0])?;
        Ok(!found)
    })?;
    Ok(found.into())
}

fn matches(vm: &Interp, args: Args<'_>, element: &Value) -> Res<bool> {
    match (args.get(0), args.block) {
        (Some(wanted), _) => vm.equal(element, wanted),
        (None, Some(block)) => Ok(vm.call_block(block, std::slice::from_ref(element))?.truthy()),
        (None, None) => Ok(true),
    }
}

fn index(vm: &Interp, receiver: &Value, args: Args<'_>, name: &'static str) -> Res {
    if args.is_empty() && args.block.is_none() {
        return Ok(enumerator::of(vm, receiver, name, args, None));
    }
    let mut at = 0_usize;
    let mut found = false;
    visit(vm, receiver, |element| {
        found = matches(vm, args, &element)?;
        at += usize::from(!found);
        Ok(!found)
    })?;
    Ok(found.then_some(at).into())
}

fn rindex(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        block_or_enumerator!(vm, receiver, args, "rindex");
    }
    let array = this(receiver);
    let mut at = array.len();
    while at > 0 {
        at -= 1;
        if let Some(element) = array.get(at)
            && matches(vm, args, &element)?
        {
            return Ok(at.into());
        }
        at = at.min(array.len());
    }
    Ok(Value::Nil)
}

fn count(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut count = 0_usize;
    visit(vm, receiver, |element| {
        count += usize::from(matches(vm, args, &element)?);
        Ok(true)
    })?;
    Ok(count.into())
}

/// Counts the elements for which the test gives `wanted`, until there are `enough`.
fn tested(vm: &Interp, receiver: &Value, args: Args<'_>, wanted: bool, enough: usize) -> Res<usize> {
    let test = Test::of(args);
    let mut found = 0;
    visit(vm, receiver, |element| {
        found += usize::from(test.holds(vm, &[element])? == wanted);
        Ok(found < enough)
    })?;
    Ok(found)
}

fn all(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((tested(vm, receiver, args, false, 1)? == 0).into())
}

fn any(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((tested(vm, receiver, args, true, 1)? == 1).into())
}

fn none(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((tested(vm, receiver, args, true, 1)? == 0).into())
}

fn one(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok((tested(vm, receiver, args, true, 2)? == 1).into())
}

fn bsearch(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "bsearch");
    Ok(halved(vm, receiver, block)?.and_then(|at| this(receiver).get(at)).into())
}

fn bsearch_index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "bsearch_index");
    Ok(halved(vm, receiver, block)?.into())
}

fn halved(vm: &Interp, receiver: &Value, block: &Rc<RProc>) -> Res<Option<usize>> {
    let array = this(receiver);
    let (mut low, mut high) = (0, array.len());
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        let Some(element) = array.get(middle) else { break };
        match Verdict::of(vm, vm.call_block(block, &[element])?)? {
            Verdict::Here => return Ok(Some(middle)),
            Verdict::HereOrBefore => {
                found = Some(middle);
                high = middle;
            }
            Verdict::Before => high = middle,
            Verdict::After => low = middle + 1,
        }
    }
    Ok(found)
}

/// What the block of a binary search says of an element.
pub(crate) enum Verdict {
    /// It is the one.
    Here,
    /// The condition holds: it is the one, or one before it is.
    HereOrBefore,
    /// The one is before it.
    Before,
    /// The one is after it.
    After,
}

impl Verdict {
    /// Reads what the block gave: a truth, or a number telling the direction.
    pub(crate) fn of(vm: &Interp, given: Value) -> Res<Self> {
        let direction = match &given {
            Value::Bool(true) => return Ok(Self::HereOrBefore),
            Value::Bool(false) | Value::Nil => return Ok(Self::After),
            Value::Int(direction) => direction.cmp(&0),
            other if vm.is_a(other, &vm.c.numeric) => vm.compare_strictly(other, &Value::Int(0))?,
            other => {
                let class = vm.type_word(other);
                let text = format!("wrong argument type {class} (must be numeric, true, false or nil)");
                return Err(vm.type_error(text));
            }
        };
        Ok(match direction {
            std::cmp::Ordering::Equal => Self::Here,
            std::cmp::Ordering::Less => Self::Before,
            std::cmp::Ordering::Greater => Self::After,
        })
    }
}
