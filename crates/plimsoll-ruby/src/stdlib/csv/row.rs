//! CSV::Row: the fields of a record below their headers.

use std::cell::RefCell;
use std::rc::Rc;

use super::options::Options;
use super::write;
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::array;
use crate::core::enumerable::block_or_enumerator;
use crate::core::struct_;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RHash, RObject, Value};

/// Headers with fields; a header may be nil.
#[derive(Default)]
struct Row {
    pairs: RefCell<Vec<(Value, Value)>>,
    is_header: std::cell::Cell<bool>,
}

/// Defines the class.
pub(super) fn init(vm: &Interp, csv: &Rc<RClass>) {
    let class = vm.define_class(csv, "Row", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Row::default()).into()));
    vm.define(&class, METHODS);
    let info = struct_::struct_class(vm, None, &["index", "line", "header"].map(Sym::new));
    info.set_name("CSV::FieldInfo");
    vm.define_constant(csv, "FieldInfo", &info);
}

const METHODS: &[Def] = &[
    private_def("initialize", 2, 3, initialize, "Takes headers and fields"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over another row"),
    def("[]", 1, 2, field, "A field, by header or number"),
    def("field", 1, 2, field, "A field, by header or number"),
    def("[]=", 2, 3, set_field, "Sets a field, by header or number"),
    def("fetch", 1, 2, fetch, "A field by header, or an error"),
    def("dig", 1, -1, dig, "A field, and so on into what it is"),
    def("fields", 0, -1, some_fields, "All fields, or those of these headers"),
    def("values_at", 0, -1, some_fields, "All fields, or those of these headers"),
    def("headers", 0, 0, |_, r, _| Ok(Value::array(headers(r))), "The headers"),
    def("header?", 1, 1, has_header, "Whether there is such a header"),
    def("include?", 1, 1, has_header, "Whether there is such a header"),
    def("has_key?", 1, 1, has_header, "Whether there is such a header"),
    def("key?", 1, 1, has_header, "Whether there is such a header"),
    def("member?", 1, 1, has_header, "Whether there is such a header"),
    def("field?", 1, 1, has_field, "Whether there is such a field"),
    def("index", 1, 2, index, "The number of a header"),
    def("header_row?", 0, 0, |_, r, _| Ok(this(r).is_header.get().into()), "Whether it has the headers"),
    def("field_row?", 0, 0, |_, r, _| Ok((!this(r).is_header.get()).into()), "Whether it has fields"),
    def("<<", 1, 1, push, "Adds a field, or a header with a field"),
    def("push", 0, -1, push, "Adds fields"),
    def("delete", 1, 2, delete, "Removes a field"),
    def("delete_if", 0, 0, delete_if, "Removes what the block accepts"),
    def("each", 0, 0, each, "Yields each header with its field"),
    def("each_pair", 0, 0, each, "Yields each header with its field"),
    def("to_h", 0, 0, |vm, r, _| to_h(vm, r).map(Value::Hash), "A Hash; the first of equal headers counts"),
    def("to_hash", 0, 0, |vm, r, _| to_h(vm, r).map(Value::Hash), "A Hash; the first of equal headers counts"),
    def("to_ary", 0, 0, |_, r, _| Ok(pairs(r)), "Pairs of headers and fields"),
    def("to_a", 0, 0, |_, r, _| Ok(pairs(r)), "Pairs of headers and fields"),
    def("deconstruct_keys", 1, 1, deconstruct_keys, "A Hash below Symbols, for pattern matching"),
    def("deconstruct", 0, 0, |_, r, _| Ok(Value::array(values(r))), "The fields, for pattern matching"),
    def("size", 0, 0, |_, r, _| Ok(this(r).pairs.borrow().len().into()), "Number of fields"),
    def("length", 0, 0, |_, r, _| Ok(this(r).pairs.borrow().len().into()), "Number of fields"),
    def("empty?", 0, 0, |_, r, _| Ok(this(r).pairs.borrow().is_empty().into()), "Whether there are no fields"),
    def("==", 1, 1, equals, "Whether headers and fields are equal"),
    def("to_csv", 0, -1, to_csv, "A line of CSV"),
    def("to_s", 0, -1, to_csv, "A line of CSV"),
    def("inspect", 0, 0, inspect, "Its headers and fields"),
];

fn this(receiver: &Value) -> &Row {
    receiver.native().expect("a method of CSV::Row runs on rows alone")
}

fn headers(receiver: &Value) -> Vec<Value> {
    this(receiver).pairs.borrow().iter().map(|(header, _)| header.clone()).collect()
}

fn values(receiver: &Value) -> Vec<Value> {
    this(receiver).pairs.borrow().iter().map(|(_, value)| value.clone()).collect()
}

fn pairs(receiver: &Value) -> Value {
    let pairs = this(receiver).pairs.borrow();
    Value::array(pairs.iter().map(|(header, value)| Value::array(vec![header.clone(), value.clone()])).collect())
}

/// The fields, where a value is a row.
pub(super) fn fields(value: &Value) -> Option<Vec<Value>> {
    value.native::<Row>().map(|_| values(value))
}

/// The headers, where a value is a row.
pub(super) fn headers_of(value: &Value) -> Vec<Value> {
    value.native::<Row>().map_or_else(Vec::new, |_| headers(value))
}

fn paired(headers: &[Value], fields: Vec<Value>) -> Vec<(Value, Value)> {
    let count = headers.len().max(fields.len());
    let mut fields = fields.into_iter();
    (0..count).map(|at| (headers.get(at).cloned().unwrap_or_default(), fields.next().unwrap_or_default())).collect()
}

/// A row of these fields.
pub(super) fn made(vm: &Interp, headers: &[Value], fields: Vec<Value>, is_header: bool) -> Value {
    let row = Row { pairs: RefCell::new(paired(headers, fields)), is_header: std::cell::Cell::new(is_header) };
    RObject::with_native(vm.class_named("CSV::Row"), row).into()
}

/// What a converter is told of a field.
pub(super) fn field_info(vm: &Interp, at: usize, line: usize, header: &Value) -> Res {
    let class = Value::Class(vm.class_named("CSV::FieldInfo"));
    vm.call(&class, known::NEW, &[at.into(), line.into(), header.clone()])
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let headers = vm.to_array(&args[0])?.to_vec();
    let fields = vm.to_array(&args[1])?.to_vec();
    *this(receiver).pairs.borrow_mut() = paired(&headers, fields);
    this(receiver).is_header.set(args.or_nil(2).truthy());
    Ok(Value::Nil)
}

fn initialize_copy(_: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if let Some(other) = args[0].native::<Row>() {
        let pairs = other.pairs.borrow().clone();
        *this(receiver).pairs.borrow_mut() = pairs;
        this(receiver).is_header.set(other.is_header.get());
    }
    Ok(receiver.clone())
}

/// The number of a header, from a number on.
fn place(vm: &Interp, receiver: &Value, header: &Value, from: usize) -> Res<Option<usize>> {
    for (at, own) in headers(receiver).iter().enumerate().skip(from) {
        if vm.equal(own, header)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn at(vm: &Interp, receiver: &Value, key: &Value, offset: usize) -> Res {
    let found = match key {
        Value::Int(number) => {
            let size = this(receiver).pairs.borrow().len() as i64;
            usize::try_from(if *number < 0 { number + size } else { *number }).ok()
        }
        Value::Range(_) => return vm.call(&Value::array(values(receiver)), known::AREF, std::slice::from_ref(key)),
        header => place(vm, receiver, header, offset)?,
    };
    Ok(found.and_then(|at| this(receiver).pairs.borrow().get(at).map(|(_, value)| value.clone())).into())
}

fn field(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let offset = args.get(1).map_or(Ok(0), |offset| vm.to_int(offset))?;
    at(vm, receiver, &args[0], offset.max(0) as usize)
}

fn set_field(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let value = args[args.len() - 1].clone();
    match &args[0] {
        Value::Int(number) => {
            let at = usize::try_from(*number).unwrap_or(0);
            let mut pairs = this(receiver).pairs.borrow_mut();
            if at >= pairs.len() {
                pairs.resize(at + 1, (Value::Nil, Value::Nil));
            }
            pairs[at].1 = value.clone();
        }
        header => match place(vm, receiver, header, 0)? {
            Some(at) => this(receiver).pairs.borrow_mut()[at].1 = value.clone(),
            None => this(receiver).pairs.borrow_mut().push((header.clone(), value.clone())),
        },
    }
    Ok(value)
}

fn fetch(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if place(vm, receiver, &args[0], 0)?.is_some() {
        return at(vm, receiver, &args[0], 0);
    }
    match (args.block, args.get(1)) {
        (Some(block), _) => vm.call_block(block, &args.values[..1]),
        (None, Some(otherwise)) => Ok(otherwise.clone()),
        (None, None) => {
            let shown = vm.to_s(&args[0])?.lossy();
            Err(vm.error("KeyError", format!("key not found: {shown}")))
        }
    }
}

fn dig(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = at(vm, receiver, &args[0], 0)?;
    array::dig_on(vm, found, &args.values[1..])
}

fn some_fields(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        return Ok(Value::array(values(receiver)));
    }
    let mut found = Vec::new();
    for key in args.values {
        let value = at(vm, receiver, key, 0)?;
        match (key, &value) {
            (Value::Range(_), Value::Array(part)) => found.extend(part.to_vec()),
            _ => found.push(value),
        }
    }
    Ok(Value::array(found))
}

fn has_header(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(place(vm, receiver, &args[0], 0)?.is_some().into())
}

fn has_field(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.call(&Value::array(values(receiver)), known::INCLUDE_P, args.values)
}

fn index(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let from = args.get(1).map_or(Ok(0), |from| vm.to_int(from))?;
    Ok(place(vm, receiver, &args[0], from.max(0) as usize)?.into())
}

fn push(_: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    for value in args.values {
        let pair = match value {
            Value::Array(pair) if pair.len() == 2 => (pair.get(0).unwrap_or_default(), pair.get(1).unwrap_or_default()),
            other => (Value::Nil, other.clone()),
        };
        this(receiver).pairs.borrow_mut().push(pair);
    }
    Ok(receiver.clone())
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = match &args[0] {
        Value::Int(number) => usize::try_from(*number).ok().filter(|at| *at < this(receiver).pairs.borrow().len()),
        header => place(vm, receiver, header, 0)?,
    };
    Ok(match found {
        Some(at) => {
            let (header, value) = this(receiver).pairs.borrow_mut().remove(at);
            Value::array(vec![header, value])
        }
        None => Value::array(Vec::new()),
    })
}

fn delete_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "delete_if");
    let mut kept = Vec::new();
    let pairs = this(receiver).pairs.borrow().clone();
    for (header, value) in pairs {
        if !vm.call_block(block, &[header.clone(), value.clone()])?.truthy() {
            kept.push((header, value));
        }
    }
    *this(receiver).pairs.borrow_mut() = kept;
    Ok(receiver.clone())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each");
    for pair in vm.to_array(&pairs(receiver))?.to_vec() {
        vm.call_block(block, &[pair])?;
    }
    Ok(receiver.clone())
}

fn to_h(vm: &Interp, receiver: &Value) -> Res<Rc<RHash>> {
    let hash = RHash::new();
    let pairs = this(receiver).pairs.borrow().clone();
    for (header, value) in pairs {
        if vm.hash_get(&hash, &header)?.is_none() {
            vm.hash_set(&hash, header, value)?;
        }
    }
    Ok(hash)
}

fn deconstruct_keys(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let symbols = RHash::new();
    for (header, value) in to_h(vm, receiver)?.entries() {
        let name = vm.to_s(&header)?.to_vec();
        vm.hash_set(&symbols, Value::Sym(vm.intern(&name)?), value)?;
    }
    Ok(Value::Hash(symbols))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = if args[0].native::<Row>().is_some() { pairs(&args[0]) } else { args[0].clone() };
    Ok(vm.equal(&pairs(receiver), &other)?.into())
}

fn to_csv(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let options = Options::of(vm, args.split_keywords().1)?;
    Ok(Value::bytes(write::line(vm, &values(receiver), &options)?))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let mut text = b"#<CSV::Row".to_vec();
    let pairs = this(receiver).pairs.borrow().clone();
    for (header, value) in pairs {
        text.push(b' ');
        match header {
            Value::Sym(name) => text.extend_from_slice(name.bytes()),
            other => text.extend_from_slice(&vm.inspect(&other)?.bytes()),
        }
        text.push(b':');
        text.extend_from_slice(&vm.inspect(&value)?.bytes());
    }
    text.push(b'>');
    Ok(Value::bytes(text))
}
