//! `group` and `groups`: the groups of `/etc/group`.
//!
//! ```ruby
//! describe group('sudo') do
//!   it { should exist }
//!   its('gid') { should eq 27 }
//!   its('members') { should include 'alice' }
//! end
//! describe groups.where { gid < 1000 } do
//!   its('names') { should_not include 'docker' }
//! end
//! ```

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::facts::account::{Accounts, Group};
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

pub(crate) const GROUPS: ResourceDef = ResourceDef {
    name: "groups",
    class: "Groups",
    doc: "All groups.",
    methods: &[def("to_s", 0, 0, |_, _, _| Ok(Value::str("Groups")), "Its title.")],
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

pub(crate) const GROUP: ResourceDef = ResourceDef {
    name: "group",
    class: "Group",
    doc: "One group.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exists?", 0, 0, |vm, this, _| Ok((!found(vm, this)?.is_empty()).into()), "Whether there is such a group."),
    def("gid", 0, 0, |vm, this, _| Ok(one(vm, this)?.map(|group| i64::from(group.gid)).into()), "Its number."),
    def("members", 0, 0, members, "Its members, separated by commas."),
    def("members_array", 0, 0, members_array, "Its members as an Array."),
    def("local", 0, 0, |_, _, _| Ok(true.into()), "Always true."),
    def("has_gid?", 1, 1, has_gid, "Whether this is its number."),
    def("resource_id", 0, 0, resource_id, "Its name and number."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .property("exists?", "Whether there is one.", |vm, table, _| vm.send(table, "exist?", &[]))
        .column("names", "name")
        .column("gids", "gid")
        .column("domains", "domain")
        .simple("members", "members")
        .simple("members_array", "members_array")
        .install(vm, class, |vm, _| rows(vm));
}

/// All groups; a file that can't be read fails the resource.
fn all(vm: &Interp) -> Res<Vec<Group>> {
    let accounts = Accounts::of(&Backend::of(vm))?;
    Ok(crate::facts::present(vm, "/etc/group", accounts.groups.clone())?.unwrap_or_default())
}

fn rows(vm: &Interp) -> Res {
    let mut rows = Vec::new();
    for group in all(vm)? {
        let array = group.members.as_deref().map_or(Value::Nil, |members| give::texts(text::split(members, b',')));
        let fields = [
            ("name", Value::bytes(group.name)),
            ("gid", Value::Int(i64::from(group.gid))),
            ("members", give::text(group.members)),
            ("members_array", array),
        ];
        rows.push(Value::Hash(give::string_hash(vm, fields)?));
    }
    Ok(Value::array(rows))
}

struct Name(Value);

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    base::set_state(vm, this, Name(args[0].clone()))
}

fn found(vm: &Interp, this: &Value) -> Res<Vec<Group>> {
    let Value::Str(name) = &base::state::<Name>(vm, this)?.0 else { return Ok(Vec::new()) };
    let name = name.to_vec();
    Ok(all(vm)?.into_iter().filter(|group| group.name == name).collect())
}

fn one(vm: &Interp, this: &Value) -> Res<Option<Group>> {
    let mut groups = found(vm, this)?;
    if groups.len() > 1 {
        let text = "found more than one group with the same name, please use `groups` resource";
        return Err(vm.error("RuntimeError", text));
    }
    Ok(groups.pop())
}

fn members(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes(one(vm, this)?.and_then(|group| group.members).unwrap_or_default()))
}

fn members_array(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let members = one(vm, this)?.and_then(|group| group.members).unwrap_or_default();
    Ok(give::texts(text::split(&members, b',')))
}

fn has_gid(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let gid = vm.send(this, "gid", &[])?;
    Ok(vm.equal(&args[0], &gid)?.into())
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(match one(vm, this)? {
        Some(group) => Value::bytes([&group.name[..], b"-", group.gid.to_string().as_bytes()].concat()),
        None => Value::str(""),
    })
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = vm.to_s(&base::state::<Name>(vm, this)?.0)?;
    Ok(Value::bytes([b"Group ".as_slice(), &name.bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const TEXT: &str = "root:x:0:\nsudo:x:27:alice,bob\ndupe:x:5:\ndupe:x:6:\n";

    #[test]
    fn present_and_absent_groups_are_told_apart() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/group", TEXT));
        let sudo = audit.on("group", "sudo");
        assert_eq!(audit.get(&sudo, "exists?"), "true");
        assert_eq!(audit.get(&sudo, "gid"), "27");
        assert_eq!(audit.get(&sudo, "members"), r#""alice,bob""#);
        assert_eq!(audit.get(&sudo, "members_array"), r#"["alice", "bob"]"#);
        assert_eq!(audit.get(&sudo, "resource_id"), r#""sudo-27""#);
        assert_eq!(audit.get(&audit.on("group", "root"), "members"), r#""""#);
        let none = audit.on("group", "none");
        assert_eq!((audit.get(&none, "exists?"), audit.get(&none, "gid")), ("false".into(), "nil".into()));
        assert!(audit.get(&audit.on("group", "dupe"), "gid").starts_with("!RuntimeError: found more than one group"));
    }

    #[test]
    fn present_groups_are_listed_and_an_absent_file_has_none() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/group", TEXT));
        let groups = audit.the("groups");
        assert_eq!(audit.get(&groups, "names"), r#"["root", "sudo", "dupe", "dupe"]"#);
        assert_eq!(audit.get(&groups, "members"), r#"["alice,bob"]"#);
        assert_eq!(audit.get(&groups, "members_array"), r#"["alice", "bob"]"#);
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.get(&none.the("groups"), "exist?"), "false");
    }

    #[test]
    fn malformed_lines_are_no_groups() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/group", "oops\nx:x:many:a\nok:x:7\n"));
        assert_eq!(audit.get(&audit.the("groups"), "names"), r#"["ok"]"#);
        assert_eq!(audit.get(&audit.on("group", "x"), "exists?"), "false");
        assert_eq!(audit.get(&audit.on("group", "ok"), "members_array"), "[]");
    }

    #[test]
    fn an_unreadable_file_is_no_answer() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/group", TEXT).denied("/etc/group"));
        let told = audit.get(&audit.on("group", "sudo"), "exists?");
        assert_eq!(told, "!Inspec::Exceptions::ResourceFailed: Can't read /etc/group: permission denied");
        assert_eq!(audit.get(&audit.the("groups"), "exist?"), told);
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.get(&none.on("group", "sudo"), "exists?"), "false");
    }
}
