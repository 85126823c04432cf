//! Rows: objects with one accessor for each field, as Ruby's Struct makes them.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, MethodBody, RClass, RObject, Res, Sym, Value, Visibility, def, known};

use super::columns::Property;
use super::table;

/// A class of rows and its fields.
pub(crate) struct RecordClass {
    class: Rc<RClass>,
    fields: Rc<[Sym]>,
}

/// One row.
pub(crate) struct Record {
    fields: Rc<[Sym]>,
    values: RefCell<Vec<Value>>,
    /// What `to_s` says; without it, what `inspect` says.
    criteria: Option<Value>,
    /// The table it was taken from.
    table: RefCell<Value>,
}

impl Record {
    fn index(&self, vm: &Interp, key: &Value) -> Res<usize> {
        if let Value::Int(at) = key {
            let size = self.fields.len() as i64;
            let from_start = if *at < 0 { at + size } else { *at };
            if (0..size).contains(&from_start) {
                return Ok(from_start as usize);
            }
            let kind = if *at < 0 { "small" } else { "large" };
            let text = format!("offset {at} too {kind} for struct(size:{size})");
            return Err(vm.error("IndexError", text));
        }
        let name = vm.to_name(key)?;
        let found = self.fields.iter().position(|field| *field == name);
        found.ok_or_else(|| vm.error("NameError", format!("no member '{name}' in struct")))
    }

    pub(crate) fn get(&self, name: Sym) -> Value {
        let at = self.fields.iter().position(|field| *field == name);
        at.map_or(Value::Nil, |at| self.values.borrow()[at].clone())
    }

    fn set(&self, name: Sym, value: Value) {
        if let Some(at) = self.fields.iter().position(|field| *field == name) {
            self.values.borrow_mut()[at] = value;
        }
    }

    fn pairs(&self) -> Vec<(Sym, Value)> {
        self.fields.iter().copied().zip(self.values.borrow().iter().cloned()).collect()
    }
}

const METHODS: &[Def] = &[
    def("[]", 1, 1, aref, "A field by name or position."),
    def("[]=", 2, 2, aset, "Sets a field."),
    def("dig", 1, -1, dig, "Goes down by fields."),
    def("to_a", 0, 0, |vm, this, _| Ok(values(vm, this)?.into()), "The values."),
    def("deconstruct", 0, 0, |vm, this, _| Ok(values(vm, this)?.into()), "The values."),
    def("values", 0, 0, |vm, this, _| Ok(values(vm, this)?.into()), "The values."),
    def("members", 0, 0, members, "The names of the fields."),
    def("to_h", 0, 0, to_h, "A Hash of the fields."),
    def("each", 0, 0, each, "Yields the values."),
    def("each_pair", 0, 0, each_pair, "Yields the fields and values."),
    def("size", 0, 0, |vm, this, _| Ok(of(vm, this)?.fields.len().into()), "How many fields."),
    def("length", 0, 0, |vm, this, _| Ok(of(vm, this)?.fields.len().into()), "How many fields."),
    def("==", 1, 1, equal, "Whether the fields are equal."),
    def("eql?", 1, 1, equal, "Whether the fields are equal."),
    def("hash", 0, 0, hash, "A hash code of the values."),
    def("inspect", 0, 0, inspect, "The fields and values."),
    def("to_s", 0, 0, to_s, "Where it comes from."),
    def(
        "criteria_string",
        0,
        0,
        |vm, this, _| Ok(of(vm, this)?.criteria.clone().unwrap_or_default()),
        "Where it comes from.",
    ),
    def("filter_table", 0, 0, |vm, this, _| Ok(of(vm, this)?.table.borrow().clone()), "The table it is a row of."),
];

pub(super) fn install(vm: &Interp, module: &Rc<RClass>) {
    let class = vm.define_class(module, "Row", &vm.c.object);
    vm.include(&class, &vm.c.enumerable);
    vm.define(&class, METHODS);
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Record> {
    this.native::<Record>().ok_or_else(|| vm.type_error("not a row"))
}

/// A class of rows with these fields; `name` is what `inspect` shows.
pub(super) fn class_of(vm: &Interp, parent: &str, name: Option<&str>, fields: Vec<Sym>) -> Rc<RecordClass> {
    let class = vm.new_class(&vm.class_named(parent), name);
    for field in &fields {
        let name = *field;
        let get = move |vm: &Interp, this: &Value, _: Args<'_>| Ok(of(vm, this)?.get(name));
        vm.add_method(&class, name, Visibility::Public, MethodBody::Closure(Rc::new(get), 0, 0));
        let set = move |vm: &Interp, this: &Value, args: Args<'_>| {
            of(vm, this)?.set(name, args[0].clone());
            Ok(args[0].clone())
        };
        vm.add_method(&class, name.setter(), Visibility::Public, MethodBody::Closure(Rc::new(set), 1, 1));
    }
    Rc::new(RecordClass { class, fields: fields.into() })
}

/// A class of records for data that is no Hash in InSpec either; `inspect` shows its name.
pub(crate) fn record_class(vm: &Interp, name: Option<&str>, fields: &[&str]) -> Rc<RecordClass> {
    class_of(vm, "FilterTable::Row", name, fields.iter().map(|field| Sym::new(field)).collect())
}

impl RecordClass {
    /// The class itself.
    pub(crate) fn class(&self) -> &Rc<RClass> {
        &self.class
    }

    /// A record of these values, one for each field.
    pub(crate) fn make(&self, values: Vec<Value>) -> Value {
        self.make_row(values, None, Value::Nil)
    }

    pub(super) fn make_row(&self, values: Vec<Value>, criteria: Option<Value>, table: Value) -> Value {
        let record = Record {
            fields: Rc::clone(&self.fields),
            values: RefCell::new(values),
            criteria,
            table: RefCell::new(table),
        };
        RObject::with_native(Rc::clone(&self.class), record).into()
    }
}

/// The accessor of a lazy field: fills the column first.
pub(super) fn define_lazy(vm: &Interp, row: &RecordClass, property: &Property) {
    let (name, field) = (property.field_name(), property.field.clone());
    let get = move |vm: &Interp, this: &Value, _: Args<'_>| {
        let record = of(vm, this)?;
        let source = record.table.borrow().clone();
        if !source.is_nil() && !table::is_populated(vm, &source, name)? {
            table::populate(vm, &source, &field, None)?;
            // CINC takes the value of the first row: a column is filled while its first row is looked at.
            record.set(name, table::first_value(vm, &source, &field)?);
        }
        Ok(record.get(name))
    };
    vm.add_method(&row.class, name, Visibility::Public, MethodBody::Closure(Rc::new(get), 0, 0));
}

fn values(vm: &Interp, this: &Value) -> Res<Vec<Value>> {
    Ok(of(vm, this)?.values.borrow().clone())
}

fn aref(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let record = of(vm, this)?;
    let at = record.index(vm, &args[0])?;
    Ok(record.values.borrow()[at].clone())
}

fn aset(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let record = of(vm, this)?;
    let at = record.index(vm, &args[0])?;
    record.values.borrow_mut()[at] = args[1].clone();
    Ok(args[1].clone())
}

fn dig(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let found = aref(vm, this, Args::new(&args.values[..1]))?;
    if args.len() == 1 || found.is_nil() { Ok(found) } else { vm.send(&found, "dig", &args.values[1..]) }
}

fn members(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(of(vm, this)?.fields.iter().map(|field| Value::Sym(*field)).collect()))
}

fn to_h(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let pairs = of(vm, this)?.pairs();
    Ok(vm.hash_from(pairs.into_iter().map(|(name, value)| (Value::Sym(name), value)))?.into())
}

fn each(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    for value in values(vm, this)? {
        vm.call_block(block, &[value])?;
    }
    Ok(this.clone())
}

fn each_pair(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let block = args.need_block(vm)?;
    for (name, value) in of(vm, this)?.pairs() {
        vm.call_block(block, &[Value::array(vec![Value::Sym(name), value])])?;
    }
    Ok(this.clone())
}

fn equal(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let Some(other) = args[0].native::<Record>() else { return Ok(false.into()) };
    let record = of(vm, this)?;
    if record.fields != other.fields {
        return Ok(false.into());
    }
    let (mine, theirs) = (record.values.borrow().clone(), other.values.borrow().clone());
    for (a, b) in mine.iter().zip(&theirs) {
        if !vm.equal(a, b)? {
            return Ok(false.into());
        }
    }
    Ok(true.into())
}

fn hash(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(vm.hash_code(&Value::array(values(vm, this)?))? as i64 >> 2))
}

fn inspect(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let mut text = b"#<struct ".to_vec();
    if let Some(name) = vm.real_class_of(this).own_name() {
        text.extend_from_slice(name.as_bytes());
        text.push(b' ');
    }
    for (at, (name, value)) in of(vm, this)?.pairs().into_iter().enumerate() {
        if at > 0 {
            text.extend_from_slice(b", ");
        }
        text.extend_from_slice(name.bytes());
        text.push(b'=');
        text.extend_from_slice(&vm.inspect(&value)?.bytes());
    }
    text.push(b'>');
    Ok(Value::bytes(text))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    match &of(vm, this)?.criteria {
        Some(criteria) => Ok(criteria.clone()),
        None => vm.call(this, known::INSPECT, &[]),
    }
}
