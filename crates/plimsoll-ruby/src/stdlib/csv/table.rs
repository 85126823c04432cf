//! CSV::Table: rows with headers, seen by column and by row.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::options::Options;
use super::{row, write};
use crate::args::Args;
use crate::class::{Def, RClass, def, private_def};
use crate::core::array;
use crate::core::enumerable::block_or_enumerator;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{RObject, Value};

/// What a key without a type of its own means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    ColumnOrRow,
    Column,
    Row,
}

#[derive(Default)]
struct Table {
    rows: Rc<RefCell<Vec<Value>>>,
    headers: RefCell<Vec<Value>>,
    mode: Cell<Mode>,
}

/// Defines the class.
pub(super) fn init(vm: &Interp, csv: &Rc<RClass>) {
    let class = vm.define_class(csv, "Table", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.set_alloc(&class, |_, class| Ok(RObject::with_native(Rc::clone(class), Table::default()).into()));
    vm.define(&class, METHODS);
}

const METHODS: &[Def] = &[
    private_def("initialize", 1, 2, initialize, "Takes rows and `headers:`"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over another table"),
    def("headers", 0, 0, |_, r, _| Ok(Value::array(headers(r))), "The headers"),
    def("mode", 0, 0, |_, r, _| Ok(Value::sym(mode_name(this(r).mode.get()))), "What keys mean"),
    def("by_col", 0, 0, |vm, r, _| Ok(seen(vm, r, Mode::Column)), "The same, keys meaning columns"),
    def("by_row", 0, 0, |vm, r, _| Ok(seen(vm, r, Mode::Row)), "The same, keys meaning rows"),
    def("by_col_or_row", 0, 0, |vm, r, _| Ok(seen(vm, r, Mode::ColumnOrRow)), "The same, numbers meaning rows"),
    def("by_col!", 0, 0, |_, r, _| Ok(see(r, Mode::Column)), "Keys mean columns from here on"),
    def("by_row!", 0, 0, |_, r, _| Ok(see(r, Mode::Row)), "Keys mean rows from here on"),
    def("by_col_or_row!", 0, 0, |_, r, _| Ok(see(r, Mode::ColumnOrRow)), "Numbers mean rows from here on"),
    def("[]", 1, 1, |vm, r, a| element(vm, r, &a[0]), "A row or column"),
    def("dig", 1, -1, dig, "A row or column, and so on into what it is"),
    def("values_at", 0, -1, values_at, "Several rows, or the fields of several columns"),
    def("<<", 1, 1, push, "Adds a row"),
    def("push", 0, -1, push, "Adds rows"),
    def("delete", 0, -1, delete, "Removes a row or column"),
    def("delete_if", 0, 0, delete_if, "Removes the rows that the block accepts"),
    def("each", 0, 0, each, "Yields each row, or each header with its column"),
    def("size", 0, 0, |_, r, _| Ok(this(r).rows.borrow().len().into()), "Number of rows"),
    def("length", 0, 0, |_, r, _| Ok(this(r).rows.borrow().len().into()), "Number of rows"),
    def("empty?", 0, 0, |_, r, _| Ok(this(r).rows.borrow().is_empty().into()), "Whether there are no rows"),
    def("to_a", 0, 0, to_a, "The headers, then the fields of each row"),
    def("to_csv", 0, -1, to_csv, "The table as text"),
    def("to_s", 0, -1, to_csv, "The table as text"),
    def("==", 1, 1, equals, "Whether all rows are equal"),
    def("inspect", 0, 0, inspect, "Its mode and size"),
];

fn this(receiver: &Value) -> &Table {
    receiver.native().expect("a method of CSV::Table runs on tables alone")
}

fn rows(receiver: &Value) -> Vec<Value> {
    this(receiver).rows.borrow().clone()
}

fn headers(receiver: &Value) -> Vec<Value> {
    match this(receiver).rows.borrow().first() {
        Some(first) => row::headers_of(first),
        None => this(receiver).headers.borrow().clone(),
    }
}

/// A table of these rows.
pub(super) fn made(vm: &Interp, rows: Vec<Value>, headers: Vec<Value>) -> Value {
    let rows = Rc::new(RefCell::new(rows));
    let table = Table { rows, headers: RefCell::new(headers), mode: Cell::new(Mode::ColumnOrRow) };
    RObject::with_native(vm.class_named("CSV::Table"), table).into()
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    *this(receiver).rows.borrow_mut() = vm.to_array(&args[0])?.to_vec();
    if let Some(headers) = args.keyword("headers").filter(|headers| !headers.is_nil()) {
        *this(receiver).headers.borrow_mut() = vm.to_array(&headers)?.to_vec();
    }
    Ok(Value::Nil)
}

fn initialize_copy(_: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if let Some(other) = args[0].native::<Table>() {
        *this(receiver).rows.borrow_mut() = rows(&args[0]);
        let headers = other.headers.borrow().clone();
        *this(receiver).headers.borrow_mut() = headers;
        this(receiver).mode.set(other.mode.get());
    }
    Ok(receiver.clone())
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::ColumnOrRow => "col_or_row",
        Mode::Column => "col",
        Mode::Row => "row",
    }
}

/// The same rows, seen in another way.
fn seen(vm: &Interp, receiver: &Value, mode: Mode) -> Value {
    let own = this(receiver);
    let headers = own.headers.borrow().clone();
    let table = Table { rows: Rc::clone(&own.rows), headers: RefCell::new(headers), mode: Cell::new(mode) };
    RObject::with_native(vm.class_named("CSV::Table"), table).into()
}

fn see(receiver: &Value, mode: Mode) -> Value {
    this(receiver).mode.set(mode);
    receiver.clone()
}

/// Whether a key means rows.
fn means_rows(receiver: &Value, key: &Value) -> bool {
    match this(receiver).mode.get() {
        Mode::Row => true,
        Mode::Column => false,
        Mode::ColumnOrRow => matches!(key, Value::Int(_) | Value::Range(_)),
    }
}

fn column(vm: &Interp, receiver: &Value, key: &Value) -> Res<Vec<Value>> {
    rows(receiver).iter().map(|row| vm.call(row, known::AREF, std::slice::from_ref(key))).collect()
}

fn element(vm: &Interp, receiver: &Value, key: &Value) -> Res {
    if means_rows(receiver, key) {
        return vm.call(&Value::array(rows(receiver)), known::AREF, std::slice::from_ref(key));
    }
    Ok(Value::array(column(vm, receiver, key)?))
}

fn dig(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let found = element(vm, receiver, &args[0])?;
    array::dig_on(vm, found, &args.values[1..])
}

fn values_at(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.values.iter().all(|key| means_rows(receiver, key)) {
        return vm.send(&Value::array(rows(receiver)), "values_at", args.values);
    }
    let mut found = Vec::new();
    for row in rows(receiver) {
        found.push(vm.send(&row, "values_at", args.values)?);
    }
    Ok(Value::array(found))
}

fn push(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    for value in args.values {
        let row = match value {
            Value::Array(fields) => row::made(vm, &headers(receiver), fields.to_vec(), false),
            other => other.clone(),
        };
        this(receiver).rows.borrow_mut().push(row);
    }
    Ok(receiver.clone())
}

fn delete(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let mut removed = Vec::new();
    for key in args.values {
        removed.push(match key {
            Value::Int(at) if means_rows(receiver, key) => {
                let mut rows = this(receiver).rows.borrow_mut();
                match usize::try_from(*at).ok().filter(|at| *at < rows.len()) {
                    Some(at) => rows.remove(at),
                    None => Value::Nil,
                }
            }
            header => {
                let mut fields = Vec::new();
                for row in rows(receiver) {
                    let pair = vm.send(&row, "delete", std::slice::from_ref(header))?;
                    fields.push(vm.to_array(&pair)?.get(1).unwrap_or_default());
                }
                let mut kept = Vec::new();
                for own in this(receiver).headers.borrow().clone() {
                    if !vm.equal(&own, header)? {
                        kept.push(own);
                    }
                }
                *this(receiver).headers.borrow_mut() = kept;
                Value::array(fields)
            }
        });
    }
    Ok(match removed.len() {
        1 => removed.remove(0),
        _ => Value::array(removed),
    })
}

fn delete_if(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "delete_if");
    let mut kept = Vec::new();
    for row in rows(receiver) {
        if !vm.call_block(block, std::slice::from_ref(&row))?.truthy() {
            kept.push(row);
        }
    }
    *this(receiver).rows.borrow_mut() = kept;
    Ok(receiver.clone())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each");
    if this(receiver).mode.get() == Mode::Column {
        for header in headers(receiver) {
            let fields = Value::array(column(vm, receiver, &header)?);
            vm.call_block(block, &[Value::array(vec![header, fields])])?;
        }
        return Ok(receiver.clone());
    }
    for row in rows(receiver) {
        vm.call_block(block, &[row])?;
    }
    Ok(receiver.clone())
}

/// The headers, then the fields of all rows that have fields.
fn lines(vm: &Interp, receiver: &Value) -> Res<Vec<Vec<Value>>> {
    let mut lines = vec![headers(receiver)];
    for own in rows(receiver) {
        if !vm.call(&own, Sym::new("header_row?"), &[])?.truthy() {
            lines.push(row::fields(&own).unwrap_or_default());
        }
    }
    Ok(lines)
}

fn to_a(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(lines(vm, receiver)?.into_iter().map(Value::array).collect()))
}

fn to_csv(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let shows_headers = args.keyword("write_headers").is_none_or(|shows| shows.truthy());
    let options = Options::of(vm, args.split_keywords().1)?;
    let mut text = Vec::new();
    for line in lines(vm, receiver)?.iter().skip(usize::from(!shows_headers)) {
        text.extend_from_slice(&write::line(vm, line, &options)?);
    }
    Ok(Value::bytes(text))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = if args[0].native::<Table>().is_some() { Value::array(rows(&args[0])) } else { args[0].clone() };
    Ok(vm.equal(&Value::array(rows(receiver)), &other)?.into())
}

fn inspect(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let count = this(receiver).rows.borrow().len() + 1;
    let mode = mode_name(this(receiver).mode.get());
    Ok(Value::from(format!("#<CSV::Table mode:{mode} row_count:{count}>")))
}
