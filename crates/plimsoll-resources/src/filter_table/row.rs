//! Rows: Structs with a member for each field, which know the table they are of.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, MethodBody, RClass, Res, Sym, Value, Visibility, def, struct_class};

use super::columns::{Lazy, Property};
use super::table;

const METHODS: &[Def] = &[
    def("to_s", 0, 0, to_s, "Where it comes from."),
    def("criteria_string", 0, 0, |_, this, _| Ok(read(this, CRITERIA)), "Where it comes from."),
    def("filter_table", 0, 0, |_, this, _| Ok(read(this, TABLE)), "The table it is a row of."),
];

const CRITERIA: &str = "@criteria_string";
const TABLE: &str = "@filter_table";
/// What the row was made of.
const SOURCE: &str = "@source";

fn read(row: &Value, name: &str) -> Value {
    row.head().and_then(|head| head.ivar(Sym::new(name))).unwrap_or_default()
}

/// The class of a table's rows.
pub(super) fn class_of(vm: &Interp, fields: &[Sym]) -> Rc<RClass> {
    let class = struct_class(vm, None, fields);
    vm.define(&class, METHODS);
    class
}

/// A row of a table; `criteria` is what it calls itself.
pub(super) fn make(
    vm: &Interp,
    class: &Rc<RClass>,
    values: &[Value],
    criteria: Value,
    table: Value,
    source: &Value,
) -> Res {
    let row = vm.new_instance(class, Args::new(values))?;
    if let Some(head) = row.head() {
        head.set_ivar(Sym::new(SOURCE), source.clone());
        head.set_ivar(Sym::new(CRITERIA), criteria);
        head.set_ivar(Sym::new(TABLE), table);
    }
    Ok(row)
}

/// The accessor of a lazy field: fills the column first.
pub(super) fn define_lazy(vm: &Interp, class: &Rc<RClass>, property: &Property) {
    let (name, field, lazy) = (property.field_name(), property.field.clone(), property.lazy.clone());
    let get = move |vm: &Interp, this: &Value, _: Args<'_>| {
        let source = read(this, TABLE);
        if let (Some(Lazy::Native(fill)), Value::Hash(fields)) = (&lazy, read(this, SOURCE)) {
            // CINC knows these fields from the start: each row has its own.
            if vm.hash_get(&fields, &field)?.is_none() {
                fill(vm, &fields, table::resource_of(&source).unwrap_or(&Value::Nil))?;
            }
            let value = vm.hash_get(&fields, &field)?.unwrap_or_default();
            vm.send(this, "[]=", &[Value::Sym(name), value])?;
            return vm.send(this, "[]", &[Value::Sym(name)]);
        }
        if !source.is_nil() && !table::is_populated(vm, &source, name)? {
            table::populate(vm, &source, &field, None)?;
            // CINC takes the value of the first row: a column is filled while its first row is looked at.
            vm.send(this, "[]=", &[Value::Sym(name), table::first_value(vm, &source, &field)?])?;
        }
        vm.send(this, "[]", &[Value::Sym(name)])
    };
    vm.add_method(class, name, Visibility::Public, MethodBody::Closure(Rc::new(get), 0, 0));
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    match read(this, CRITERIA) {
        Value::Nil => vm.send(this, "inspect", &[]),
        criteria => Ok(criteria),
    }
}
