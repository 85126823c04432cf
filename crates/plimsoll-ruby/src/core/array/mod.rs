//! Array.

mod access;
mod combine;
mod convert;
mod edit;
mod iterate;
mod order;
mod search;

use std::rc::Rc;

pub(crate) use access::{dig_on, span_of};
pub(crate) use combine::flattened;
pub(crate) use convert::joined;
pub(crate) use search::Verdict;

use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::Res;
use crate::value::{RArray, Value};

/// Every table of instance methods.
pub(crate) const TABLES: &[&[Def]] = &[
    METHODS,
    access::METHODS,
    combine::METHODS,
    convert::METHODS,
    edit::METHODS,
    iterate::METHODS,
    order::METHODS,
    search::METHODS,
];

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = &vm.c.array;
    vm.include(class, &vm.c.enumerable);
    vm.set_alloc(class, allocate);
    vm.define_singleton(class, SINGLETON);
    for table in TABLES {
        vm.define(class, table);
    }
}

const SINGLETON: &[Def] = &[
    def("[]", 0, -1, literal, "An Array of the arguments"),
    def("try_convert", 1, 1, try_convert, "The argument as an Array by `to_ary`, or nil"),
];

const METHODS: &[Def] = &[
    private_def("initialize", 0, 2, initialize, "Takes a size and a value or block, or another Array"),
    private_def("initialize_copy", 1, 1, replace, "Takes over the elements of another Array"),
    def("replace", 1, 1, replace, "Replaces all elements by those of another Array"),
    def("length", 0, 0, length, "Number of elements"),
    def("size", 0, 0, length, "Number of elements"),
    def("empty?", 0, 0, |_, r, _| Ok(this(r).is_empty().into()), "Whether there are no elements"),
    def("hash", 0, 0, hash, "A hash code of the elements"),
    def("==", 1, 1, equals, "Whether all elements are equal"),
    def("eql?", 1, 1, eql, "Whether all elements are equal and of the same class"),
    def("<=>", 1, 1, compare, "Compares the first elements that differ, then the lengths"),
];

/// The Array that a method of this class was called on.
pub(super) fn this(receiver: &Value) -> &Rc<RArray> {
    match receiver {
        Value::Array(array) => array,
        _ => unreachable!("a method of Array runs on Arrays alone"),
    }
}

/// The same, about to be changed.
pub(super) fn changing<'a>(vm: &Interp, receiver: &'a Value) -> Res<&'a Rc<RArray>> {
    vm.check_frozen(receiver)?;
    Ok(this(receiver))
}

fn allocate(vm: &Interp, class: &Rc<RClass>) -> Res {
    Ok(Value::Array(make(vm, class, Vec::new())))
}

fn make(vm: &Interp, class: &Rc<RClass>, values: Vec<Value>) -> Rc<RArray> {
    if Rc::ptr_eq(class, &vm.c.array) { RArray::new(values) } else { RArray::with_class(Rc::clone(class), values) }
}

fn literal(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(class)?;
    Ok(Value::Array(make(vm, &class, args.values.to_vec())))
}

fn try_convert(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(vm.try_array(&args[0])?.into())
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let (size, value) = match args.values {
        [] => {
            array.replace(Vec::new());
            return Ok(receiver.clone());
        }
        [only] if !matches!(only, Value::Int(_)) => {
            if let Some(other) = vm.try_array(only)? {
                array.replace(other.to_vec());
                return Ok(receiver.clone());
            }
            (vm.to_int(only)?, Value::Nil)
        }
        [size, rest @ ..] => (vm.to_int(size)?, rest.first().cloned().unwrap_or_default()),
    };
    let Ok(size) = usize::try_from(size) else { return Err(vm.argument_error("negative array size")) };
    if size > isize::MAX as usize / 8 {
        return Err(vm.argument_error("array size too big"));
    }
    vm.reserve_elements(size)?;
    match args.block {
        None => array.replace(vec![value; size]),
        Some(block) => {
            array.replace(Vec::new());
            for at in 0..size {
                let value = vm.call_block(block, &[at.into()])?;
                vm.check_frozen(receiver)?;
                array.push(value);
            }
        }
    }
    Ok(receiver.clone())
}

fn replace(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = changing(vm, receiver)?;
    let other = vm.to_array(&args[0])?;
    if !Rc::ptr_eq(array, &other) {
        array.replace(other.to_vec());
    }
    Ok(receiver.clone())
}

fn length(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(this(receiver).len().into())
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let plain = match receiver {
        Value::Array(array) if array.head.class().is_some() => Value::array(array.to_vec()),
        other => other.clone(),
    };
    Ok(Value::Int((vm.hash_code(&plain)? >> 2) as i64))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let Value::Array(other) = &args[0] else {
        if vm.responds(&args[0], known::TO_ARY)? {
            return Ok(vm.call(&args[0], known::EQ, std::slice::from_ref(receiver))?.truthy().into());
        }
        return Ok(false.into());
    };
    pairwise(vm, array, other, "==", |a, b| vm.equal(a, b))
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Array(other) => pairwise(vm, this(receiver), other, "eql?", |a, b| vm.eql(a, b)),
        _ => Ok(false.into()),
    }
}

/// Whether two Arrays are alike element by element; an Array met again inside itself counts as alike.
fn pairwise(
    vm: &Interp,
    a: &Rc<RArray>,
    b: &Rc<RArray>,
    key: &'static str,
    alike: impl Fn(&Value, &Value) -> Res<bool>,
) -> Res {
    if Rc::ptr_eq(a, b) {
        return Ok(true.into());
    }
    if a.len() != b.len() {
        return Ok(false.into());
    }
    vm.check_stack()?;
    let result = vm.guard(key, Rc::as_ptr(a) as usize, Rc::as_ptr(b) as usize, || -> Res<bool> {
        let mut at = 0;
        while let (Some(x), Some(y)) = (a.get(at), b.get(at)) {
            if !alike(&x, &y)? {
                return Ok(false);
            }
            at += 1;
        }
        Ok(a.len() == b.len())
    });
    Ok(result.unwrap_or(Ok(true))?.into())
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let Some(other) = vm.try_array(&args[0])? else { return Ok(Value::Nil) };
    if Rc::ptr_eq(array, &other) {
        return Ok(Value::Int(0));
    }
    let result = vm.guard("<=>", Rc::as_ptr(array) as usize, Rc::as_ptr(&other) as usize, || {
        let mut at = 0;
        while let (Some(x), Some(y)) = (array.get(at), other.get(at)) {
            let order = vm.call(&x, known::CMP, &[y])?;
            if !matches!(order, Value::Int(0)) {
                return Ok(order);
            }
            at += 1;
        }
        Ok(Value::Int(array.len().cmp(&other.len()) as i64))
    });
    result.unwrap_or(Ok(Value::Nil))
}
