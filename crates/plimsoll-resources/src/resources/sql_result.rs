//! What a query of a database session gives where it is read into rows: the rows, one row, a column of it.
//!
//! ```ruby
//! describe oracledb_session(user: 'u', password: 'p').query('SELECT …').row(0).column('value') do
//!   its('value') { should eq 'TRUE' }
//! end
//! ```

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, Res, Value, def, known};
use plimsoll_target::Output;

use crate::mash;

/// All rows, and how the client ended.
struct Rows {
    rows: Value,
    exit_status: i32,
}

/// One row; `nil` where there is none.
struct Row(Value);

/// A field of a row.
struct Column {
    row: Value,
    name: Value,
}

pub(super) const ROWS_METHODS: &[Def] = &[
    def("empty?", 0, 0, |vm, this, _| vm.send(&rows(vm, this)?.rows, "empty?", &[]), "Whether there are no rows."),
    def("successful?", 0, 0, |vm, this, _| Ok((rows(vm, this)?.exit_status == 0).into()), "Whether the query worked."),
    def("error", 0, 0, |_, _, _| Ok(Value::Nil), "Nothing: a query that fails is an error of its own."),
    def("rows", 0, 0, |vm, this, _| Ok(rows(vm, this)?.rows.clone()), "The rows as Hashes."),
    def("row", 1, 1, row, "The row at this position."),
    def("column", 1, 1, column, "A column of all rows."),
    def("size", 0, 0, |vm, this, _| vm.send(&rows(vm, this)?.rows, "size", &[]), "How many rows there are."),
    def("inspect", 0, 0, |_, _, _| Ok(Value::str("SQL ResultSet")), "Its title."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("SQL ResultSet")), "Its title."),
];

pub(super) const ROW_METHODS: &[Def] = &[
    def("column", 1, 1, column_of_row, "A field of the row."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("SQL Row")), "Its title."),
];

pub(super) const COLUMN_METHODS: &[Def] = &[
    def("value", 0, 0, value, "The value; \"\" where there is no such row."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("SQL Column")), "Its title."),
];

/// Defines the classes.
pub(super) fn install(vm: &Interp, _: &Rc<RClass>) {
    let module = vm.define_module(&vm.c.object, "DatabaseHelper");
    for (name, methods) in [("SQLQueryResult", ROWS_METHODS), ("SQLRow", ROW_METHODS), ("SQLColumn", COLUMN_METHODS)] {
        let class = vm.define_class(&module, name, &vm.c.object);
        vm.define(&class, methods);
    }
}

/// The result of a query whose rows are these lists of names and values.
pub(super) fn make(vm: &Interp, output: &Output, named: Vec<Vec<(Value, Value)>>) -> Res {
    let row = |fields: Vec<(Value, Value)>| {
        let row = mash::new(vm);
        for (name, value) in fields {
            vm.hash_set(&row, name, value)?;
        }
        Ok(Value::Hash(row))
    };
    let rows = Value::array(named.into_iter().map(row).collect::<Res<Vec<_>>>()?);
    Ok(object(vm, "SQLQueryResult", Rows { rows, exit_status: output.exit_status }))
}

fn object<T: 'static>(vm: &Interp, class: &str, data: T) -> Value {
    RObject::with_native(vm.class_named(&format!("DatabaseHelper::{class}")), data).into()
}

fn rows<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Rows> {
    this.native::<Rows>().ok_or_else(|| vm.type_error("not the result of a query"))
}

fn row(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let row = vm.call(&rows(vm, this)?.rows, known::AREF, &args.values[..1])?;
    Ok(object(vm, "SQLRow", Row(row)))
}

fn column(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rows = vm.to_array(&rows(vm, this)?.rows)?.to_vec();
    let values: Res<Vec<Value>> = rows.iter().map(|row| vm.call(row, known::AREF, &args.values[..1])).collect();
    Ok(Value::array(values?))
}

fn column_of_row(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let row = this.native::<Row>().ok_or_else(|| vm.type_error("not a row"))?.0.clone();
    Ok(object(vm, "SQLColumn", Column { row, name: args[0].clone() }))
}

fn value(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let column: &Column = this.native().ok_or_else(|| vm.type_error("not a column"))?;
    if column.row.is_nil() {
        return Ok(Value::str(""));
    }
    let name = vm.send(&column.name, "downcase", &[])?;
    vm.call(&column.row, known::AREF, &[name])
}
