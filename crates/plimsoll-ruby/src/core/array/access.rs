//! Elements by place.

use super::this;
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerator::Places;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::{RArray, Value};

pub(super) const METHODS: &[Def] = &[
    def("[]", 1, 2, element, "The element at an index, or the elements of a range"),
    def("slice", 1, 2, element, "The element at an index, or the elements of a range"),
    def("at", 1, 1, at, "The element at an index"),
    def("dig", 1, -1, dig, "The element at an index, and so on into what it is"),
    def("fetch", 1, 2, fetch, "The element at an index, the default, or an IndexError"),
    def("values_at", 0, -1, values_at, "The elements at several indices and ranges"),
    def("first", 0, 1, first, "The first element, or the first ones"),
    def("last", 0, 1, last, "The last element, or the last ones"),
    def("take", 1, 1, take, "The first elements"),
    def("drop", 1, 1, drop_first, "The elements after the first ones"),
    def("sample", 0, -1, sample, "An element, or several, picked at random"),
    def("assoc", 1, 1, assoc, "The first element that is an Array beginning with the argument"),
    def("rassoc", 1, 1, rassoc, "The first element that is an Array whose second element equals the argument"),
];

/// A run of elements: where it starts and how many there are; it may reach beyond the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// First index; at most the length where the span is used for reading.
    pub(crate) start: usize,
    /// Number of elements asked for.
    pub(crate) count: usize,
}

/// Why a range names no run of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSpan {
    /// It is no range.
    NotRange,
    /// It begins before the first element.
    Before,
}

/// The run of elements that a range means in a collection of `len`; it may start beyond the end.
pub(crate) fn span_of(vm: &Interp, value: &Value, len: usize) -> Res<Result<Span, NoSpan>> {
    let Value::Range(range) = value else { return Ok(Err(NoSpan::NotRange)) };
    let bound = |bound: &Value, otherwise: i64| if bound.is_nil() { Ok(otherwise) } else { vm.to_int(bound) };
    let len = len as i64;
    let mut start = bound(&range.begin, 0)?;
    let mut end = bound(&range.end, -1)?;
    let exclusive = range.exclusive && !range.end.is_nil();
    if start < 0 {
        start += len;
        if start < 0 {
            return Ok(Err(NoSpan::Before));
        }
    }
    if end < 0 {
        end += len;
    }
    if !exclusive {
        end = end.saturating_add(1);
    }
    let count = (end - start).max(0) as usize;
    Ok(Ok(Span { start: start as usize, count }))
}

/// An index counted from the front, for one counted from either end; `None` before the first element.
pub(super) fn from_front(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + len as i64 } else { index };
    usize::try_from(index).ok()
}

/// The RangeError of a range that begins before the first element.
pub(super) fn out_of_range(vm: &Interp, range: &Value) -> Res<Unwind> {
    let text = vm.inspect(range)?.lossy();
    Ok(vm.error("RangeError", format!("{text} out of range")))
}

fn part(array: &RArray, span: Span) -> Value {
    let elements = array.borrow();
    if span.start > elements.len() {
        return Value::Nil;
    }
    let end = span.start.saturating_add(span.count).min(elements.len());
    Value::array(elements[span.start..end].to_vec())
}

fn element(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    if let Some(count) = args.get(1) {
        let (start, count) = (vm.to_int(&args[0])?, vm.to_int(count)?);
        let (Some(start), Ok(count)) = (from_front(start, array.len()), usize::try_from(count)) else {
            return Ok(Value::Nil);
        };
        return Ok(part(array, Span { start, count }));
    }
    match span_of(vm, &args[0], array.len())? {
        Ok(span) => Ok(part(array, span)),
        Err(NoSpan::NotRange) => match crate::core::enumerator::stepped_places(vm, &args[0], array.len())? {
            Places::At(places) => Ok(Value::array(places.into_iter().filter_map(|at| array.get(at)).collect())),
            Places::Outside => Ok(Value::Nil),
            Places::NoSequence => at(vm, receiver, args),
        },
        Err(NoSpan::Before) => Ok(Value::Nil),
    }
}

fn at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let index = vm.to_int(&args[0])?;
    Ok(from_front(index, array.len()).and_then(|at| array.get(at)).unwrap_or_default())
}

fn dig(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = at(vm, receiver, Args::new(&args.values[..1]))?;
    dig_on(vm, found, &args.values[1..])
}

/// Goes on digging in what was found.
pub(crate) fn dig_on(vm: &Interp, found: Value, rest: &[Value]) -> Res {
    if rest.is_empty() || found.is_nil() {
        return Ok(found);
    }
    let dig = Sym::new("dig");
    if !vm.responds(&found, dig)? {
        let class = vm.real_class_of(&found).name();
        return Err(vm.type_error(format!("{class} does not have #dig method")));
    }
    vm.call(&found, dig, rest)
}

fn fetch(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let index = vm.to_int(&args[0])?;
    if let Some(found) = from_front(index, array.len()).and_then(|at| array.get(at)) {
        return Ok(found);
    }
    match (args.block, args.get(1)) {
        (Some(block), _) => vm.call_block(block, &args.values[..1]),
        (None, Some(otherwise)) => Ok(otherwise.clone()),
        (None, None) => {
            let len = array.len();
            Err(vm.error("IndexError", format!("index {index} outside of array bounds: {}...{len}", -(len as i64))))
        }
    }
}

fn values_at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let mut found = Vec::new();
    for place in args.values {
        match span_of(vm, place, array.len())? {
            Ok(span) => {
                vm.reserve_elements(found.len().saturating_add(span.count))?;
                found.extend((span.start..span.start + span.count).map(|at| array.get(at).unwrap_or_default()));
            }
            Err(NoSpan::Before) => return Err(out_of_range(vm, place)?),
            Err(_) => found.push(at(vm, receiver, Args::new(std::slice::from_ref(place)))?),
        }
    }
    Ok(Value::array(found))
}

fn some(vm: &Interp, count: &Value, what: &str) -> Res<usize> {
    super::super::enumerable::count_argument(vm, count, what)
}

fn first(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let Some(count) = args.get(0) else { return Ok(array.get(0).unwrap_or_default()) };
    let count = some(vm, count, "negative array size")?;
    Ok(part(array, Span { start: 0, count }))
}

fn last(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let array = this(receiver);
    let len = array.len();
    let Some(count) = args.get(0) else {
        return Ok(len.checked_sub(1).and_then(|at| array.get(at)).unwrap_or_default());
    };
    let count = some(vm, count, "negative array size")?;
    Ok(part(array, Span { start: len.saturating_sub(count), count }))
}

fn take(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let count = some(vm, &args[0], "attempt to take negative size")?;
    Ok(part(this(receiver), Span { start: 0, count }))
}

fn drop_first(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let start = some(vm, &args[0], "attempt to drop negative size")?;
    let array = this(receiver);
    Ok(part(array, Span { start: start.min(array.len()), count: usize::MAX }))
}

fn sample(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let random = crate::core::random::Source::of(vm, args)?;
    let array = this(receiver);
    let (positional, _) = args.split_keywords();
    let Some(count) = positional.first() else {
        let len = array.len();
        return if len == 0 { Ok(Value::Nil) } else { Ok(array.get(random.below(vm, len)?).unwrap_or_default()) };
    };
    let count = some(vm, count, "negative sample number")?;
    let mut elements = array.to_vec();
    let count = count.min(elements.len());
    if count <= FEW {
        let mut drawn = Vec::with_capacity(count);
        for at in 0..count {
            drawn.push(random.below(vm, elements.len() - at)?);
        }
        return Ok(distinct_places(&drawn).into_iter().map(|at| elements[at].clone()).collect::<Vec<_>>().into());
    }
    for at in 0..count {
        let other = at + random.below(vm, elements.len() - at)?;
        elements.swap(at, other);
    }
    elements.truncate(count);
    Ok(Value::array(elements))
}

/// Up to so many elements CRuby picks without moving others; seeded programs see the difference.
const FEW: usize = 16;

/// Distinct places, from numbers each drawn below one less than the one before.
fn distinct_places(drawn: &[usize]) -> Vec<usize> {
    let mut sorted: Vec<usize> = Vec::with_capacity(drawn.len());
    let mut places = Vec::with_capacity(drawn.len());
    for &number in drawn {
        let mut place = number;
        let mut at = 0;
        while at < sorted.len() && place >= sorted[at] {
            place += 1;
            at += 1;
        }
        sorted.insert(at, place);
        places.push(place);
    }
    places
}

fn assoc(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    associated(vm, receiver, &args[0], 0)
}

fn rassoc(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    associated(vm, receiver, &args[0], 1)
}

fn associated(vm: &Interp, receiver: &Value, wanted: &Value, place: usize) -> Res {
    let array = this(receiver);
    let mut at = 0;
    while let Some(element) = array.get(at) {
        let pair = if place == 0 {
            vm.try_array(&element)?
        } else if let Value::Array(pair) = &element {
            Some(std::rc::Rc::clone(pair))
        } else {
            None
        };
        if let Some(pair) = pair
            && let Some(key) = pair.get(place)
            && vm.equal(&key, wanted)?
        {
            return Ok(Value::Array(pair));
        }
        at += 1;
    }
    Ok(Value::Nil)
}

/// The index that a value names in an Array being changed; IndexError where it lies before the first element.
pub(super) fn writable_index(vm: &Interp, index: i64, len: usize) -> Res<usize> {
    from_front(index, len)
        .ok_or_else(|| vm.error("IndexError", format!("index {index} too small for array; minimum: {}", -(len as i64))))
}
