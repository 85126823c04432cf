//! `etc_group`: the lines of `/etc/group`.
//!
//! ```ruby
//! describe etc_group do
//!   its('gids') { should_not contain_duplicates }
//!   its('groups') { should include 'ssl-cert' }
//! end
//! describe etc_group.where(name: 'sudo') do
//!   its('users') { should be_empty }
//! end
//! ```

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, Res, Value, def};

use crate::base;
use crate::config_text;
use crate::content;
use crate::declare::{Given, ResourceDef};
use crate::give;
use crate::text;

struct EtcGroup {
    path: Vec<u8>,
    entries: Vec<Value>,
}

/// The entries that `where` chose.
struct View(Vec<Value>);

pub(crate) const ETC_GROUP: ResourceDef = ResourceDef {
    name: "etc_group",
    class: "EtcGroup",
    doc: "The lines of /etc/group.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(view),
    parts: &[Given { by: "where(name: 'NAME')", methods: VIEW_METHODS }],
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("entries", 0, 0, |vm, this, _| Ok(entries(vm, this)?.into()), "The groups as Hashes."),
    def("groups", 0, 0, |vm, this, _| field(vm, this, "name"), "Their names."),
    def("gids", 0, 0, |vm, this, _| field(vm, this, "gid"), "Their numbers."),
    def("users", 0, 0, users, "The members of all of them."),
    def("where", 0, 1, filter, "The groups of this name, password, gid or members (as text)."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("/etc/group")), "Its title."),
];

const VIEW_METHODS: &[Def] = &[
    def("entries", 0, 0, |vm, this, _| Ok(entries(vm, this)?.into()), "The groups as Hashes."),
    def("groups", 0, 0, |vm, this, _| field(vm, this, "name"), "Their names."),
    def("gids", 0, 0, |vm, this, _| field(vm, this, "gid"), "Their numbers."),
    def("users", 0, 0, users, "The members of all of them."),
];

fn view(vm: &Interp, _: &Rc<RClass>) {
    let class = vm.define_class(&vm.class_named("Inspec::Resources"), "EtcGroupView", &vm.c.object);
    vm.define(&class, VIEW_METHODS);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/group".to_vec());
    let content = content::read(vm, &path, true)?;
    let mut entries = Vec::new();
    for line in text::lines(&content) {
        let (line, _) = config_text::first_line(line, b"#", false);
        let fields = text::split(line, b':');
        if fields.is_empty() {
            continue;
        }
        let hash = give::string_hash(
            vm,
            [
                ("name", give::text(fields.first())),
                ("password", give::text(fields.get(1))),
                ("gid", give::integer_or_text(fields.get(2).copied())),
                ("members", give::text(fields.get(3))),
            ],
        )?;
        entries.push(Value::Hash(hash));
    }
    base::set_state(vm, this, EtcGroup { path, entries })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<EtcGroup>> {
    base::state::<EtcGroup>(vm, this)
}

fn entries(vm: &Interp, this: &Value) -> Res<Vec<Value>> {
    match this.native::<View>() {
        Some(view) => Ok(view.0.clone()),
        None => Ok(of(vm, this)?.entries.clone()),
    }
}

fn value(vm: &Interp, entry: &Value, key: &str) -> Res {
    Ok(vm.hash_get(&*vm.to_hash(entry)?, &Value::str(key))?.unwrap_or_default())
}

fn field(vm: &Interp, this: &Value, key: &str) -> Res {
    let values: Res<Vec<Value>> = entries(vm, this)?.iter().map(|entry| value(vm, entry, key)).collect();
    Ok(values?.into())
}

fn users(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let mut users = Vec::new();
    for entry in entries(vm, this)? {
        if let Value::Str(members) = value(vm, &entry, "members")? {
            let members = members.to_vec();
            users.extend(text::split(&members, b',').into_iter().filter(|name| !name.is_empty()).map(Value::bytes));
        }
    }
    Ok(users.into())
}

fn filter(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let conditions = match args.get(0) {
        Some(Value::Hash(conditions)) if !conditions.is_empty() => conditions.entries(),
        _ => return Ok(Value::Nil),
    };
    let mut chosen = entries(vm, this)?;
    for (name, wanted) in conditions {
        let key = match &*vm.to_s(&name)?.bytes() {
            b"name" | b"group_name" => "name",
            b"password" => "password",
            b"gid" | b"group_id" => "gid",
            b"users" | b"members" => "members",
            _ => continue,
        };
        let wanted = vm.to_s(&wanted)?.to_vec();
        let mut kept = Vec::new();
        for entry in chosen {
            if *vm.to_s(&value(vm, &entry, key)?)?.bytes() == *wanted {
                kept.push(entry);
            }
        }
        chosen = kept;
    }
    Ok(RObject::with_native(vm.class_named("Inspec::Resources::EtcGroupView"), View(chosen)).into())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_groups() {
        let text = "root:x:0:\n# no\nadm:x:4:a,b # c\nodd:x\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/group", text));
        let groups = audit.the("etc_group");
        assert_eq!(audit.get(&groups, "groups"), r#"["root", "adm", "odd"]"#);
        assert_eq!(audit.get(&groups, "gids"), "[0, 4, nil]");
        assert_eq!(audit.get(&groups, "users"), r#"["a", "b "]"#);
        let conditions = audit.vm.hash_from([(Value::sym("gid"), Value::Int(4))]).unwrap();
        let chosen = audit.vm.send(&groups, "where", &[conditions.into()]).unwrap();
        assert_eq!(audit.get(&chosen, "groups"), r#"["adm"]"#);
        assert_eq!(audit.get(&groups, "where"), "nil");
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("etc_group")), "skipped: Can't find file: /etc/group");
        let denied = Audit::debian(MemoryTarget::new().file("/etc/group", "").denied("/etc/group"));
        assert_eq!(denied.why(&denied.the("etc_group")), "skipped: Can't read file: /etc/group");
    }

    #[test]
    fn malformed_lines_are_groups_without_what_is_missing() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/group", "odd\n:x:1:a\nx:y:z\n::\n"));
        let groups = audit.the("etc_group");
        assert_eq!(audit.get(&groups, "groups"), r#"["odd", "", "x"]"#);
        assert_eq!(audit.get(&groups, "gids"), r#"[nil, 1, "z"]"#);
        assert_eq!(audit.get(&groups, "users"), r#"["a"]"#);
    }
}
