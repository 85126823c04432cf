//! Tables: rows, what they were filtered by, and the methods on them.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RArray, RClass, RHash, RObject, Res, Sym, Value, def, known};

use super::columns::{Body, Lazy, Property, Schema};
use super::{row, trace};
use crate::doubt;

struct Table {
    schema: Rc<Schema>,
    resource: Value,
    rows: Rc<RArray>,
    criteria: Value,
    /// Why the rows may be no answer: told to whoever reads them.
    doubts: Rc<[String]>,
    /// Lazy fields that are filled.
    populated: RefCell<Vec<Sym>>,
}

const METHODS: &[Def] = &[
    def("where", 0, 1, filter, "The rows that a Hash of criteria or a block chooses."),
    def("entries", 0, 0, entries, "The rows as objects with an accessor for each field."),
    def("raw_data", 0, 0, |vm, this, _| Ok(Value::Array(Rc::clone(&read(vm, this)?.rows))), "The rows as they are."),
    def("params", 0, 0, |vm, this, _| Ok(Value::Array(Rc::clone(&read(vm, this)?.rows))), "The rows as they are."),
    def("resource", 0, 0, |vm, this, _| Ok(of(vm, this)?.resource.clone()), "The resource."),
    def("resource_instance", 0, 0, |vm, this, _| Ok(of(vm, this)?.resource.clone()), "The resource."),
    def("criteria_string", 0, 0, |vm, this, _| Ok(of(vm, this)?.criteria.clone()), "What it was filtered by."),
    def("list_fields", 0, 0, |vm, this, _| Ok(fields_of(vm, read(vm, this)?)?.into()), "The fields of the rows."),
    def(
        "field?",
        1,
        1,
        |vm, this, args| Ok(is_field(vm, of(vm, this)?, &args[0])?.into()),
        "Whether there is a field.",
    ),
    def(
        "get_column_values",
        1,
        1,
        |vm, this, args| Ok(column(vm, read(vm, this)?, &args[0])?.into()),
        "A field of all rows.",
    ),
    def("populate_lazy_field", 2, 2, populate_method, "Fills a lazy field."),
    def("populate_lazy_instance_field", 2, 2, populate_method, "Fills a lazy field."),
    def(
        "field_populated?",
        1,
        1,
        |vm, this, args| Ok(is_populated(vm, this, vm.to_name(&args[0])?)?.into()),
        "Whether a lazy field is filled.",
    ),
    def("mark_lazy_field_populated", 1, 1, mark, "Tells that a lazy field is filled."),
    def("create_eval_context_for_row", 1, 2, row_method, "A row as an object."),
    def("to_s", 0, 0, to_s, "The resource and what it was filtered by."),
    def("inspect", 0, 0, to_s, "The resource and what it was filtered by."),
];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Table", &vm.c.object);
    vm.define(&class, METHODS);
}

/// A table of these rows.
pub(super) fn make(
    vm: &Interp,
    schema: &Rc<Schema>,
    resource: &Value,
    rows: Value,
    criteria: Value,
    doubts: Rc<[String]>,
) -> Res {
    let rows = if rows.is_nil() { RArray::new(Vec::new()) } else { vm.to_array(&rows)? };
    let populated = RefCell::default();
    let table = Table { schema: Rc::clone(schema), resource: resource.clone(), rows, criteria, doubts, populated };
    Ok(RObject::with_native(Rc::clone(&schema.table), table).into())
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Table> {
    this.native::<Table>().ok_or_else(|| vm.type_error("not a table"))
}

/// A table whose rows are taken for an answer.
fn read<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Table> {
    let table = of(vm, this)?;
    doubt::recall(vm, &table.doubts, table)
}

/// The resource whose table a value is.
pub(crate) fn resource_of(value: &Value) -> Option<&Value> {
    value.native::<Table>().map(|table| &table.resource)
}

/// How many rows a table has.
pub(super) fn row_count(vm: &Interp, this: &Value) -> Res<usize> {
    Ok(read(vm, this)?.rows.len())
}

/// The field of a row, whatever the row is.
fn field_value(vm: &Interp, row: &Value, field: &Value) -> Res {
    match row {
        Value::Hash(row) => vm.hash_fetch(row, field),
        other => vm.call(other, known::AREF, std::slice::from_ref(field)),
    }
}

fn column(vm: &Interp, table: &Table, field: &Value) -> Res<Vec<Value>> {
    table.rows.to_vec().iter().map(|row| field_value(vm, row, field)).collect()
}

fn row_keys(vm: &Interp, row: &Value) -> Res {
    match row {
        Value::Hash(row) => Ok(row.keys().into()),
        other => vm.send(other, "keys", &[]),
    }
}

fn fields_of(vm: &Interp, table: &Table) -> Res<Vec<Value>> {
    let fields = RHash::new();
    for row in table.rows.to_vec() {
        let keys = row_keys(vm, &row)?;
        for key in vm.to_array(&keys)?.to_vec() {
            vm.hash_set(&fields, key, Value::Nil)?;
        }
    }
    Ok(fields.keys())
}

fn is_field(vm: &Interp, table: &Table, field: &Value) -> Res<bool> {
    if table.rows.is_empty() {
        return Ok(true);
    }
    let name = vm.to_name(field)?;
    let spellings = [Value::bytes(name.bytes()), Value::Sym(name)];
    for known in fields_of(vm, table)? {
        if vm.eql(&known, &spellings[0])? || vm.eql(&known, &spellings[1])? {
            return Ok(true);
        }
    }
    for spelling in &spellings {
        if table.schema.lazy(vm, spelling)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A key or keys as the message about an unknown criterion shows them.
fn decorated(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    Ok(match value {
        Value::Sym(name) => [b":", name.bytes()].concat(),
        Value::Str(text) => [&text.bytes(), b" (String)".as_slice()].concat(),
        other => vm.to_s(other)?.to_vec(),
    })
}

fn unknown_criterion(vm: &Interp, table: &Table, field: &Value) -> Res {
    let mut text =
        [b"'".as_slice(), &decorated(vm, field)?, b"' is not a recognized criterion - expected one of "].concat();
    for (at, known) in fields_of(vm, table)?.iter().enumerate() {
        if at > 0 {
            text.extend_from_slice(b", ");
        }
        text.extend_from_slice(&decorated(vm, known)?);
    }
    text.push(b'\'');
    Err(vm.raise_value(&vm.class_named("ArgumentError"), Value::bytes(text)))
}

/// `where`
fn filter(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let table = of(vm, this)?;
    let conditions = match args.get(0) {
        None => RHash::new(),
        Some(Value::Hash(conditions)) => Rc::clone(conditions),
        Some(_) => return Ok(this.clone()),
    };
    if conditions.is_empty() && args.block.is_none() {
        return Ok(this.clone());
    }
    let mut criteria = vm.to_s(&table.criteria)?.to_vec();
    let mut rows = table.rows.to_vec();
    for (field, wanted) in conditions.entries() {
        if !is_field(vm, table, &field)? {
            return unknown_criterion(vm, table, &field);
        }
        populate(vm, this, &field, Some(&wanted))?;
        criteria.push(b' ');
        criteria.extend_from_slice(&vm.to_s(&field)?.bytes());
        criteria.extend_from_slice(b" == ");
        criteria.extend_from_slice(&vm.inspect(&wanted)?.bytes());
        rows = matching(vm, rows, &field, &wanted)?;
    }
    if let Some(block) = args.block {
        let mut chosen = Vec::new();
        for row in rows {
            let context = make_row(vm, this, &row, Value::str(""))?;
            let values = [context.clone()];
            if vm.call_block_with_self(block, &context, None, Args::new(&values))?.truthy() {
                chosen.push(row);
            }
        }
        rows = chosen;
        criteria.extend_from_slice(&trace::describe(vm, block)?);
    }
    make(vm, &table.schema, &table.resource, rows.into(), Value::bytes(criteria), Rc::clone(&table.doubts))
}

/// The rows whose field is what was wanted: numbers match numerals, patterns match text, all else by `===`.
fn matching(vm: &Interp, rows: Vec<Value>, field: &Value, wanted: &Value) -> Res<Vec<Value>> {
    let Some(first) = rows.first() else { return Ok(rows) };
    let first_keys = row_keys(vm, first)?;
    let symbols = matches!(vm.to_array(&first_keys)?.get(0), Some(Value::Sym(_)));
    let name = vm.to_name(field)?;
    let key = if symbols { Value::Sym(name) } else { Value::bytes(name.bytes()) };
    let mut chosen = Vec::new();
    for row in rows {
        let Value::Hash(fields) = &row else { continue };
        let Some(value) = vm.hash_get(fields, &key)? else { continue };
        if matches(vm, &value, wanted)? {
            chosen.push(row);
        }
    }
    Ok(chosen)
}

fn matches(vm: &Interp, value: &Value, wanted: &Value) -> Res<bool> {
    match wanted {
        Value::Int(_) => match value {
            Value::Nil => Ok(false),
            Value::Int(_) => vm.equal(value, wanted),
            Value::Str(text) if !is_numeral(&text.bytes(), false) => Ok(false),
            _ => vm.equal(&vm.call(value, known::TO_I, &[])?, wanted),
        },
        Value::Float(_) => match value {
            Value::Nil => Ok(false),
            Value::Str(text) if !is_numeral(&text.bytes(), true) => Ok(false),
            _ => vm.equal(&vm.call(value, known::TO_F, &[])?, wanted),
        },
        pattern if is_regexp(vm, pattern) => {
            if is_regexp(vm, value) {
                return vm.equal(value, pattern);
            }
            let text = Value::Str(vm.to_s(value)?);
            Ok(vm.call(pattern, known::MATCH, &[text])?.truthy())
        }
        other => vm.case_equal(other, value),
    }
}

pub(crate) fn is_regexp(vm: &Interp, value: &Value) -> bool {
    vm.real_class_of(value).own_name().as_deref() == Some("Regexp")
}

/// `/\A[-+]?\d+\z/`, or with a decimal point where one is allowed.
fn is_numeral(text: &[u8], point: bool) -> bool {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    match digits.iter().position(|b| *b == b'.').filter(|_| point) {
        None => !digits.is_empty() && all_digits(digits),
        Some(at) => {
            let (whole, fraction) = (&digits[..at], &digits[at + 1..]);
            all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
    }
}

fn make_row(vm: &Interp, this: &Value, row: &Value, criteria: Value) -> Res {
    let table = of(vm, this)?;
    let mut values = Vec::new();
    for field in table.schema.fields() {
        values.push(if row.is_nil() { Value::Nil } else { field_value(vm, row, &field)? });
    }
    row::make(vm, &table.schema.row, &values, criteria, this.clone(), row)
}

fn row_method(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    make_row(vm, this, &args[0], args.get(1).cloned().unwrap_or_else(|| Value::str("")))
}

fn entries(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let table = read(vm, this)?;
    let text = vm.to_s(&to_s(vm, this, Args::default())?)?;
    let criteria = Value::bytes([&text.bytes(), b" one entry".as_slice()].concat());
    let rows = table.rows.to_vec();
    let rows: Res<Vec<Value>> = rows.iter().map(|row| make_row(vm, this, row, criteria.clone())).collect();
    Ok(rows?.into())
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let table = of(vm, this)?;
    let resource = vm.to_s(&table.resource)?;
    let criteria = vm.to_s(&table.criteria)?;
    Ok(Value::bytes([&*resource.bytes(), &*criteria.bytes()].concat()))
}

/// A property, with or without a criterion.
pub(super) fn property(vm: &Interp, this: &Value, property: &Property, args: Args<'_>) -> Res {
    match &property.body {
        Body::Native(run) => run(vm, this, args.get(0)),
        Body::Ruby(block) => {
            let criterion = args.get(0).cloned().unwrap_or_else(|| no_criterion(vm));
            vm.call_proc(block, Args::new(&[this.clone(), criterion]))
        }
        Body::Field => match args.get(0) {
            Some(criterion) => {
                let conditions = vm.hash_from([(property.field.clone(), criterion.clone())])?;
                filter(vm, this, Args::new(&[conditions.into()]).with_block(args.block))
            }
            None => {
                populate(vm, this, &property.field, None)?;
                let values = column(vm, read(vm, this)?, &property.field)?;
                if property.simple { simplified(vm, values) } else { Ok(values.into()) }
            }
        },
    }
}

fn no_criterion(vm: &Interp) -> Value {
    Value::Class(vm.class_named("FilterTable::NoCriteriaProvided"))
}

/// Flattened, unique and without `nil`.
fn simplified(vm: &Interp, values: Vec<Value>) -> Res {
    let unique = RHash::new();
    add_flat(vm, &unique, values)?;
    Ok(unique.keys().into())
}

fn add_flat(vm: &Interp, unique: &RHash, values: Vec<Value>) -> Res<()> {
    for value in values {
        match value {
            Value::Nil => {}
            Value::Array(inner) => add_flat(vm, unique, inner.to_vec())?,
            value if vm.hash_get(unique, &value)?.is_none() => vm.hash_set(unique, value.clone(), Value::Bool(true))?,
            _ => {}
        }
    }
    Ok(())
}

fn populate_method(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    populate(vm, this, &args[0], Some(&args[1]))?;
    Ok(Value::Nil)
}

/// Fills a lazy field in every row that does not have it; anything else is left alone.
pub(super) fn populate(vm: &Interp, this: &Value, field: &Value, criterion: Option<&Value>) -> Res<()> {
    let table = of(vm, this)?;
    let Some(property) = table.schema.lazy(vm, field)? else { return Ok(()) };
    let name = property.field_name();
    if table.populated.borrow().contains(&name) {
        return Ok(());
    }
    let criterion = criterion.cloned().unwrap_or_else(|| no_criterion(vm));
    for row in table.rows.to_vec() {
        if let Value::Hash(fields) = &row
            && vm.hash_get(fields, field)?.is_some()
        {
            continue;
        }
        fill(vm, this, table, &property, &row, &criterion)?;
    }
    table.populated.borrow_mut().push(name);
    Ok(())
}

fn fill(vm: &Interp, this: &Value, table: &Table, property: &Property, row: &Value, criterion: &Value) -> Res<()> {
    let resource = &table.resource;
    match &property.lazy {
        Some(Lazy::Native(fill)) => {
            if let Value::Hash(fields) = row {
                fill(vm, fields, resource)?;
            }
        }
        Some(Lazy::Instance(Value::Sym(name))) => {
            vm.call(resource, *name, &[row.clone(), criterion.clone(), this.clone()])?;
        }
        Some(Lazy::Instance(block)) => {
            vm.call(block, known::CALL, &[row.clone(), criterion.clone(), resource.clone()])?;
        }
        Some(Lazy::Block(block)) => {
            vm.call(block, known::CALL, &[row.clone(), criterion.clone(), this.clone()])?;
        }
        None => {}
    }
    Ok(())
}

/// Whether a lazy field is filled.
pub(super) fn is_populated(vm: &Interp, this: &Value, name: Sym) -> Res<bool> {
    Ok(of(vm, this)?.populated.borrow().contains(&name))
}

fn mark(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?;
    of(vm, this)?.populated.borrow_mut().push(name);
    Ok(true.into())
}

/// A field of the first row.
pub(super) fn first_value(vm: &Interp, this: &Value, field: &Value) -> Res {
    match read(vm, this)?.rows.get(0) {
        Some(row) => field_value(vm, &row, field),
        None => Ok(Value::Nil),
    }
}
