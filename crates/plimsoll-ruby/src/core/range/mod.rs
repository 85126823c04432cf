//! Range.

mod iterate;
mod search;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def};
use crate::core::arithmetic;
use crate::core::enumerable::{count_argument, minmax_of, pick_extremes};
use crate::interp::Interp;
use crate::symbol::known;
use crate::unwind::{Res, Unwind};
use crate::value::{RRange, Value};

/// Every table of instance methods.
pub(crate) const TABLES: &[&[Def]] = &[METHODS, iterate::METHODS, search::METHODS];

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = &vm.c.range;
    vm.include(class, &vm.c.enumerable);
    vm.define_singleton(class, SINGLETON);
    for table in TABLES {
        vm.define(class, table);
    }
}

const SINGLETON: &[Def] = &[def("new", 2, 3, new, "A Range of two ends")];

const METHODS: &[Def] = &[
    def("begin", 0, 0, |_, r, _| Ok(this(r).begin.clone()), "The first value, nil without one"),
    def("end", 0, 0, |_, r, _| Ok(this(r).end.clone()), "The last value, nil without one"),
    def("exclude_end?", 0, 0, |_, r, _| Ok(this(r).exclusive.into()), "Whether the end itself is left out"),
    def("first", 0, 1, first, "The first value, or the first ones"),
    def("last", 0, 1, last, "The last value, or the last ones"),
    def("min", 0, 1, min, "The least value, or the least ones"),
    def("max", 0, 1, max, "The greatest value, or the greatest ones"),
    def("minmax", 0, 0, minmax, "The least and the greatest value"),
    def("to_s", 0, 0, |vm, r, _| shown(vm, r, Interp::to_s), "Both ends with dots between"),
    def("inspect", 0, 0, |vm, r, _| inspect(vm, r), "A literal of it"),
    def("==", 1, 1, |vm, r, a| alike(vm, r, &a[0], Interp::equal), "Whether both ends are equal"),
    def("eql?", 1, 1, |vm, r, a| alike(vm, r, &a[0], Interp::eql), "Whether both ends are equal and of the same class"),
    def("hash", 0, 0, hash, "A hash code of both ends"),
    def("dup", 0, 0, |vm, r, _| Ok(copy(vm, r)), "A copy"),
    def("clone", 0, -1, |vm, r, _| Ok(copy(vm, r)), "A copy"),
];

/// The Range that a method of this class was called on.
pub(super) fn this(receiver: &Value) -> &Rc<RRange> {
    match receiver {
        Value::Range(range) => range,
        _ => unreachable!("a method of Range runs on Ranges alone"),
    }
}

fn new(vm: &Interp, class: &Value, args: Args<'_>) -> Res {
    let class = vm.to_class(class)?;
    let range = vm.range(args[0].clone(), args[1].clone(), args.or_nil(2).truthy())?;
    if Rc::ptr_eq(&class, &vm.c.range) {
        return Ok(range);
    }
    let range = this(&range);
    let made = RRange::with_class(class, range.begin.clone(), range.end.clone(), range.exclusive);
    Ok(Value::Range(made))
}

fn copy(vm: &Interp, receiver: &Value) -> Value {
    let range = this(receiver);
    let class = vm.real_class_of(receiver);
    let (begin, end) = (range.begin.clone(), range.end.clone());
    Value::Range(if Rc::ptr_eq(&class, &vm.c.range) {
        RRange::new(begin, end, range.exclusive)
    } else {
        RRange::with_class(class, begin, end, range.exclusive)
    })
}

fn range_error(vm: &Interp, text: &str) -> Unwind {
    vm.error("RangeError", text)
}

fn first(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    if range.begin.is_nil() {
        return Err(range_error(vm, "cannot get the first element of beginless range"));
    }
    let Some(count) = args.get(0) else { return Ok(range.begin.clone()) };
    let count = count_argument(vm, count, "negative array size (or size too big)")?;
    let mut all = Vec::new();
    if count > 0 {
        iterate::visit(vm, range, |value| {
            crate::core::enumerable::push(vm, &mut all, value)?;
            Ok(all.len() < count)
        })?;
    }
    Ok(Value::array(all))
}

fn last(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    if range.end.is_nil() {
        return Err(range_error(vm, "cannot get the last element of endless range"));
    }
    let Some(count) = args.get(0) else { return Ok(range.end.clone()) };
    let count = count_argument(vm, count, "negative array size")?;
    if let (Value::Int(begin), Value::Int(end)) = (&range.begin, &range.end) {
        let end = i128::from(*end) - i128::from(range.exclusive);
        let size = (end - i128::from(*begin) + 1).max(0);
        let count = (count as i128).min(size);
        vm.reserve_elements(count as usize)?;
        return Ok(Value::array(((end - count + 1)..=end).map(|value| Value::Int(value as i64)).collect()));
    }
    let mut all = iterate::all(vm, range)?;
    Ok(Value::array(all.split_off(all.len().saturating_sub(count))))
}

/// How the ends are ordered: whether there is anything between them.
fn order(vm: &Interp, range: &RRange) -> Res<Option<Ordering>> {
    vm.compare(&range.begin, &range.end)
}

fn min(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    if range.begin.is_nil() {
        return Err(range_error(vm, "cannot get the minimum of beginless range"));
    }
    if range.end.is_nil() && args.block.is_some() {
        return Err(range_error(vm, "cannot get the minimum of endless range with custom comparison method"));
    }
    if args.block.is_none() && !args.is_empty() {
        return first(vm, receiver, args);
    }
    if args.block.is_some() {
        return pick_extremes(vm, iterate::all(vm, range)?, args, Ordering::Less);
    }
    if range.end.is_nil() {
        return Ok(range.begin.clone());
    }
    Ok(match order(vm, range)? {
        Some(Ordering::Less) => range.begin.clone(),
        Some(Ordering::Equal) if !range.exclusive => range.begin.clone(),
        _ => Value::Nil,
    })
}

fn max(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let range = this(receiver);
    if range.end.is_nil() {
        return Err(range_error(vm, "cannot get the maximum of endless range"));
    }
    if range.begin.is_nil() && (args.block.is_some() || !args.is_empty()) {
        return Err(range_error(vm, "cannot get the maximum of beginless range with custom comparison method"));
    }
    let numeric = vm.is_a(&range.end, &vm.c.numeric);
    if args.block.is_some() || !args.is_empty() || (range.exclusive && !numeric) {
        if range.begin.is_nil() {
            return Err(vm.type_error("can't iterate from NilClass"));
        }
        return pick_extremes(vm, iterate::all(vm, range)?, args, Ordering::Greater);
    }
    let order = if range.begin.is_nil() { Some(Ordering::Less) } else { order(vm, range)? };
    match order {
        None | Some(Ordering::Greater) => return Ok(Value::Nil),
        Some(Ordering::Equal) if range.exclusive => return Ok(Value::Nil),
        _ => {}
    }
    if !range.exclusive {
        return Ok(range.end.clone());
    }
    if arithmetic::big(&range.end).is_none() {
        return Err(vm.type_error("cannot exclude non Integer end value"));
    }
    if arithmetic::big(&range.begin).is_none() {
        return Err(vm.type_error("cannot exclude end value with non Integer begin value"));
    }
    vm.call(&range.end, known::MINUS, &[Value::Int(1)])
}

fn minmax(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.block.is_some() {
        let range = this(receiver);
        if range.begin.is_nil() || range.end.is_nil() {
            return Err(range_error(vm, "cannot get the minimum of beginless range with custom comparison method"));
        }
        return minmax_of(vm, &iterate::all(vm, range)?, args.block);
    }
    let least = min(vm, receiver, Args::default())?;
    let greatest = max(vm, receiver, Args::default())?;
    Ok(Value::array(vec![least, greatest]))
}

fn joined(range: &RRange, begin: &[u8], end: &[u8]) -> Value {
    let dots: &[u8] = if range.exclusive { b"..." } else { b".." };
    Value::bytes([begin, dots, end].concat())
}

fn shown(vm: &Interp, receiver: &Value, text: fn(&Interp, &Value) -> Res<Rc<crate::value::RString>>) -> Res {
    let range = this(receiver);
    let (begin, end) = (text(vm, &range.begin)?, text(vm, &range.end)?);
    Ok(joined(range, &begin.bytes(), &end.bytes()))
}

fn inspect(vm: &Interp, receiver: &Value) -> Res {
    let range = this(receiver);
    vm.check_stack()?;
    let text = vm.guard("inspect", Rc::as_ptr(range) as usize, 0, || -> Res {
        let empty = |value: &Value, other: &Value| value.is_nil() && !other.is_nil();
        let begin = if empty(&range.begin, &range.end) { Vec::new() } else { vm.inspect(&range.begin)?.to_vec() };
        let end =
            if range.end.is_nil() && !range.begin.is_nil() { Vec::new() } else { vm.inspect(&range.end)?.to_vec() };
        Ok(joined(range, &begin, &end))
    });
    text.unwrap_or_else(|| Ok(Value::str(if range.exclusive { "(... ... ...)" } else { "(... .. ...)" })))
}

fn alike(vm: &Interp, receiver: &Value, other: &Value, same: fn(&Interp, &Value, &Value) -> Res<bool>) -> Res {
    let (a, Value::Range(b)) = (this(receiver), other) else { return Ok(false.into()) };
    if Rc::ptr_eq(a, b) {
        return Ok(true.into());
    }
    Ok((a.exclusive == b.exclusive && same(vm, &a.begin, &b.begin)? && same(vm, &a.end, &b.end)?).into())
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let range = this(receiver);
    let mut hasher = rustc_hash::FxHasher::default();
    (range.exclusive, vm.hash_code(&range.begin)?, vm.hash_code(&range.end)?).hash(&mut hasher);
    Ok(Value::Int((hasher.finish() >> 2) as i64))
}

/// The error of going through what has no successors.
pub(super) fn cannot_iterate(vm: &Interp, value: &Value) -> Unwind {
    let class = vm.real_class_of(value).name();
    vm.type_error(format!("can't iterate from {class}"))
}
