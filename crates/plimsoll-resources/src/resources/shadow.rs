//! `shadow`: the lines of `/etc/shadow`.
//!
//! ```ruby
//! describe shadow.where(password: '') do
//!   its('users') { should be_empty }
//! end
//! describe shadow.users('root') do
//!   its('passwords') { should cmp '*' }
//! end
//! ```
//!
//! All values are text; a field that a line does not have is nil. The file is read when the first of them is asked for.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};

use crate::base;
use crate::content;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Shadow {
    path: Vec<u8>,
    content: Option<Vec<u8>>,
    filters: Vec<u8>,
}

pub(crate) const SHADOW: ResourceDef = ResourceDef {
    name: "shadow",
    class: "Shadow",
    doc: "The lines of /etc/shadow.",
    new: Some((0, 2, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const FIELDS: [&str; 9] = [
    "user",
    "password",
    "last_change",
    "min_days",
    "max_days",
    "warn_days",
    "inactive_days",
    "expiry_date",
    "reserved",
];

const METHODS: &[Def] = &[
    def("params", 0, 0, |_, _, _| Ok(Value::Nil), "The lines as Hashes, once they were read."),
    def("user", 0, 1, |vm, this, args| old(vm, this, args, "user", "users"), "Old: use `users`."),
    def("password", 0, 1, |vm, this, args| old(vm, this, args, "password", "passwords"), "Old: use `passwords`."),
    def(
        "last_change",
        0,
        1,
        |vm, this, args| old(vm, this, args, "last_change", "last_changes"),
        "Old: use `last_changes`.",
    ),
    def(
        "expiry_date",
        0,
        1,
        |vm, this, args| old(vm, this, args, "expiry_date", "expiry_dates"),
        "Old: use `expiry_dates`.",
    ),
    def("lines", 0, 0, lines, "Old: the lines."),
    def("filter", 0, 1, filter, "Old: use `where`."),
    def("to_s", 0, 0, to_s, "Its path."),
];

const REMOVED: &str = "This property was removed in InSpec 4.0.";

/// A property under its old name: a column, or the lines that have a value in it.
fn old(vm: &Interp, this: &Value, args: Args<'_>, field: &str, column: &str) -> Res {
    let text = format!("The shadow `{field}` property is deprecated. Please use `{column}` instead.");
    base::deprecated(vm, &text, REMOVED)?;
    match args.get(0).filter(|query| !query.is_nil()) {
        None => vm.send(this, column, &[]),
        Some(query) => {
            let conditions = vm.hash_from([(Value::str(field), query.clone())])?;
            vm.send(this, "where", &[conditions.into()])
        }
    }
}

fn lines(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    base::deprecated(vm, "The shadow `lines` property is deprecated.", REMOVED)?;
    Ok(give::texts(text::lines(&content(vm, this)?)))
}

/// The lines whose fields are (or match) what is asked for, as a resource of their own.
fn filter(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let query = match args.get(0) {
        Some(Value::Hash(query)) if !query.is_empty() => query.entries(),
        _ => return Ok(this.clone()),
    };
    let shadow = base::state::<Shadow>(vm, this)?;
    let mut chosen = vm.to_array(&rows(vm, this)?)?.to_vec();
    let mut filters = shadow.filters.clone();
    for (field, condition) in query {
        let condition = match condition {
            Value::Int(number) => Value::str(number.to_string()),
            other => other,
        };
        let name = vm.to_s(&field)?.to_vec();
        filters.extend([b" ", &name[..], b" = ", &vm.inspect(&condition)?.bytes()].concat());
        let mut kept = Vec::new();
        for row in chosen {
            let value = vm.hash_get(&*vm.to_hash(&row)?, &Value::bytes(name.clone()))?.unwrap_or_default();
            if vm.case_equal(&condition, &value)? {
                kept.push(row);
            }
        }
        chosen = kept;
    }
    let mut lines = Vec::new();
    for row in &chosen {
        let fields = vm.to_hash(row)?.values();
        let fields: Res<Vec<Vec<u8>>> =
            fields.iter().map(|f| Ok(if f.is_nil() { Vec::new() } else { vm.to_s(f)?.to_vec() })).collect();
        lines.push(fields?.join(&b':'));
    }
    let options = [("content", Value::bytes(lines.join(&b'\n'))), ("filters", Value::bytes(filters))];
    let options = give::symbol_hash(vm, options)?;
    crate::inspec::resource_with(vm, "shadow", &[Value::bytes(shadow.path.clone()), options.into()])
}

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("users", "user")
        .column("passwords", "password")
        .column("last_changes", "last_change")
        .column("min_days", "min_days")
        .column("max_days", "max_days")
        .column("warn_days", "warn_days")
        .column("inactive_days", "inactive_days")
        .column("expiry_dates", "expiry_date")
        .column("reserved", "reserved")
        .property("content", "The lines again, as one text.", |vm, table, _| {
            let rows = vm.send(table, "raw_data", &[])?;
            let mut lines = Vec::new();
            for row in vm.to_array(&rows)?.to_vec() {
                let mut fields = Vec::new();
                for field in &FIELDS[..8] {
                    let value = vm.hash_get(&*vm.to_hash(&row)?, &Value::str(field))?.unwrap_or_default();
                    if !value.is_nil() {
                        fields.push(vm.to_s(&value)?.to_vec());
                    }
                }
                lines.push(fields.join(&b':'));
            }
            Ok(Value::bytes(lines.join(&b'\n')))
        })
        .install(vm, class, rows);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/shadow".to_vec());
    let option = |name: &str| match give::option(vm, args, 1, name)? {
        Some(value) => Ok::<_, plimsoll_ruby::Unwind>(Some(vm.to_s(&value)?.to_vec())),
        None => Ok(None),
    };
    let (content, filters) = (option("content")?, option("filters")?.unwrap_or_default());
    base::set_state(vm, this, Shadow { path, content, filters })
}

fn content(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    let shadow = base::state::<Shadow>(vm, this)?;
    match &shadow.content {
        Some(content) => Ok(content.clone()),
        None => content::read(vm, &shadow.path, true),
    }
}

fn rows(vm: &Interp, this: &Value) -> Res {
    let mut rows = Vec::new();
    for line in text::lines(&content(vm, this)?) {
        let values = text::split(line, b':');
        let field = |at: usize| (FIELDS[at], give::text(values.get(at)));
        rows.push(Value::Hash(give::string_hash(vm, (0..FIELDS.len()).map(field))?));
    }
    Ok(Value::array(rows))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let shadow = base::state::<Shadow>(vm, this)?;
    if shadow.filters.is_empty() {
        return Ok(Value::bytes(shadow.path.clone()));
    }
    Ok(Value::bytes([&shadow.path, b" with".as_slice(), &shadow.filters].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const TEXT: &str = "root:*:19000:0:99999:7:::\nops::19000:0:99999:7:30::\nbad\n";

    #[test]
    fn a_present_file_gives_columns_and_malformed_lines_have_what_they_have() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/shadow", TEXT));
        let shadow = audit.the("shadow");
        assert_eq!(audit.get(&shadow, "users"), r#"["root", "ops", "bad"]"#);
        assert_eq!(audit.get(&shadow, "passwords"), r#"["*", "", nil]"#);
        assert_eq!(audit.get(&shadow, "inactive_days"), r#"[nil, "30", nil]"#);
        assert_eq!(audit.get(&shadow, "count"), "3");
        assert_eq!(audit.get(&shadow, "to_s"), r#""/etc/shadow""#);
        assert_eq!(audit.get(&shadow, "lines"), r#"["root:*:19000:0:99999:7:::", "ops::19000:0:99999:7:30::", "bad"]"#);
        let root = audit.vm.send(&shadow, "user", &[Value::str("root")]).unwrap();
        assert_eq!(audit.get(&root, "to_s"), "\"/etc/shadow with user == \\\"root\\\"\"");
        let query = audit.vm.hash_from([(Value::sym("user"), Value::str("ops"))]).unwrap();
        let ops = audit.vm.send(&shadow, "filter", &[query.into()]).unwrap();
        assert_eq!(audit.get(&ops, "users"), r#"["ops"]"#);
        assert_eq!(audit.get(&ops, "to_s"), "\"/etc/shadow with user = \\\"ops\\\"\"");
    }

    #[test]
    fn an_absent_or_unreadable_file_skips_what_is_asked_of_it() {
        let audit = Audit::debian(MemoryTarget::new());
        let shadow = audit.the("shadow");
        assert_eq!(audit.why(&shadow), "fine");
        let table = audit.vm.send(&shadow, "where", &[]).unwrap();
        assert_eq!(audit.why(&table), "skipped: Can't find file: /etc/shadow");
        assert_eq!(audit.get(&table, "to_s"), r#""Inspec::Resources::Shadow (Can't find file: /etc/shadow)""#);
        let denied = Audit::debian(MemoryTarget::new().file("/etc/shadow", TEXT).denied("/etc/shadow"));
        let table = denied.vm.send(&denied.the("shadow"), "users", &[]).unwrap();
        assert_eq!(denied.why(&table), "skipped: Can't read file: /etc/shadow");
    }
}
