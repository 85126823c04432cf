//! `selinux`: the state of SELinux, its modules and its booleans.
//!
//! ```ruby
//! describe selinux do
//!   it { should be_enforcing }
//!   its('policy') { should eq 'targeted' }
//! end
//! describe selinux.booleans.where(name: 'httpd_can_network_connect') do
//!   it { should_not be_on }
//! end
//! ```
//!
//! `sestatus`, `semodule` and `semanage` are asked. Without `sestatus` the resource is skipped.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RHash, RObject, Res, Value, def};
use plimsoll_target::{FileError, Output};
use regex::bytes::Regex;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::platform::Platform;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;
use crate::tool;

struct Selinux {
    config: Vec<u8>,
    /// What `sestatus` prints, in lower case and without blanks; nothing when it could not be asked.
    status: Option<Rc<RHash>>,
}

/// The modules or booleans.
struct Rows(Value);

pub(crate) const SELINUX: ResourceDef = ResourceDef {
    name: "selinux",
    class: "Selinux",
    doc: "The state of SELinux.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(tables),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("installed?", 0, 0, is_installed, "Whether it is configured."),
    def("disabled?", 0, 0, |vm, this, _| has(vm, this, "selinuxstatus", "disabled"), "Whether it is off."),
    def("enforcing?", 0, 0, |vm, this, _| has(vm, this, "currentmode", "enforcing"), "Whether it denies."),
    def("permissive?", 0, 0, |vm, this, _| has(vm, this, "currentmode", "permissive"), "Whether it only warns."),
    def("policy", 0, 0, |vm, this, _| status(vm, this, "loadedpolicyname"), "The policy that is loaded."),
    def("modules", 0, 0, modules, "The modules of the policy."),
    def("booleans", 0, 0, booleans, "The switches of the policy."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("SELinux")), "Its title."),
];

const MODULES_METHODS: &[Def] = &[def("to_s", 0, 0, |_, _, _| Ok(Value::str("SELinux modules")), "Its title.")];

const BOOLEANS_METHODS: &[Def] = &[def("to_s", 0, 0, |_, _, _| Ok(Value::str("SELinux booleans")), "Its title.")];

/// The tables of modules and of booleans.
fn tables(vm: &Interp, _: &Rc<RClass>) {
    let namespace = vm.class_named("Inspec::Resources");
    let modules = vm.define_class(&namespace, "SelinuxModuleFilter", &vm.c.object);
    vm.define(&modules, MODULES_METHODS);
    Columns::new(Key::Sym)
        .given_by("modules")
        .property("exists?", "Whether there is one.", |vm, table, _| vm.send(table, "exist?", &[]))
        .column("names", "name")
        .column("status", "status")
        .column("states", "state")
        .column("priorities", "priority")
        .property("enabled?", "Whether the first one is enabled.", |vm, table, _| {
            first_is(vm, table, "states", "enabled")
        })
        .property("installed?", "Whether the first one is installed.", |vm, table, _| {
            first_is(vm, table, "status", "installed")
        })
        .install(vm, &modules, rows);
    let booleans = vm.define_class(&namespace, "SelinuxBooleanFilter", &vm.c.object);
    vm.define(&booleans, BOOLEANS_METHODS);
    Columns::new(Key::Sym)
        .given_by("booleans")
        .property("exists?", "Whether there is one.", |vm, table, _| vm.send(table, "exist?", &[]))
        .column("names", "name")
        .column("states", "state")
        .column("defaults", "default")
        .property("on?", "Whether the first one is on.", |vm, table, _| first_is(vm, table, "states", "on"))
        .install(vm, &booleans, rows);
}

fn rows(vm: &Interp, this: &Value) -> Res {
    let rows = this.native::<Rows>().ok_or_else(|| vm.type_error("not a table of SELinux"))?;
    Ok(rows.0.clone())
}

fn first_is(vm: &Interp, table: &Value, column: &str, wanted: &str) -> Res {
    let values = vm.send(table, column, &[])?;
    let first = vm.to_array(&values)?.get(0).unwrap_or_default();
    Ok(vm.equal(&first, &Value::str(wanted))?.into())
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let config = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/selinux/config".to_vec());
    let platform = Platform::of(&Backend::of(vm))?;
    let is_amazon = platform.name == "amazon" && platform.in_family("redhat");
    let output = tool::run(vm, if is_amazon { b"/usr/sbin/sestatus" } else { b"sestatus" })?;
    if output.exit_status != 0 {
        base::set_state(vm, this, Selinux { config, status: None })?;
        let text = [b"Skipping resource: ".as_slice(), &output.stdout, b"\n", &output.stderr].concat();
        return vm.send(this, "skip_resource", &[Value::bytes(text)]);
    }
    let status = parse(vm, &output.stdout)?;
    base::set_state(vm, this, Selinux { config, status: Some(status) })
}

/// `NAME: VALUE`, one a line.
fn parse(vm: &Interp, printed: &[u8]) -> Res<Rc<RHash>> {
    let kept = printed.iter().filter(|b| !matches!(b, b' ' | b'\r'));
    let flat: Vec<u8> = kept.map(|b| if *b == b'\n' { b',' } else { b.to_ascii_lowercase() }).collect();
    let pairs = Regex::new("(?-u)([^:]+):([^,]+)[,$]").expect("the pattern is written here");
    vm.hash_from(pairs.captures_iter(&flat).map(|pair| (Value::bytes(&pair[1]), Value::bytes(&pair[2]))))
}

fn status(vm: &Interp, this: &Value, name: &str) -> Res {
    match &base::state::<Selinux>(vm, this)?.status {
        Some(status) => vm.hash_fetch(status, &Value::str(name)),
        // As CINC has it: what was skipped can't be asked.
        None => vm.send(&Value::Nil, "[]", &[Value::str(name)]),
    }
}

fn has(vm: &Interp, this: &Value, name: &str, wanted: &str) -> Res {
    Ok(vm.equal(&status(vm, this, name)?, &Value::str(wanted))?.into())
}

fn is_installed(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let selinux = base::state::<Selinux>(vm, this)?;
    match Backend::of(vm).stat(&selinux.config, true)? {
        Ok(_) => Ok(true.into()),
        Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => Ok(false.into()),
        Err(error) => Err(base::failed(vm, &format!("Can't read file: {}: {error}", text::lossy(&selinux.config)))),
    }
}

fn table(vm: &Interp, class: &str, rows: Vec<Value>) -> Value {
    let class = vm.class_named(&format!("Inspec::Resources::{class}"));
    RObject::with_native(class, Rows(Value::array(rows))).into()
}

/// What a listing prints. CINC takes one that fails for an empty one.
fn listed(vm: &Interp, line: &[u8]) -> Res<Output> {
    let output = tool::run(vm, line)?;
    if output.exit_status == 0 {
        return Ok(output);
    }
    let (line, error) = (text::lossy(line), text::lossy(text::strip(&output.stderr)));
    doubt::taken_for(vm, &format!("Can't tell what `{line}` lists: {error}"), output)
}

/// `PRIORITY NAME LANGUAGE [STATE]`
fn modules(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let output = listed(vm, b"semodule -lfull")?;
    let mut rows = Vec::new();
    for line in text::lines(&output.stdout) {
        let fields = text::words(line);
        let state = if fields.len() == 4 { give::text(fields.get(3)) } else { Value::str("enabled") };
        let row = give::symbol_hash(
            vm,
            [
                ("name", give::text(fields.get(1))),
                ("status", Value::str("installed")),
                ("state", state),
                ("priority", give::text(fields.first())),
            ],
        )?;
        rows.push(row.into());
    }
    Ok(table(vm, "SelinuxModuleFilter", rows))
}

/// `NAME (STATE , DEFAULT) DESCRIPTION`
fn booleans(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let output = listed(vm, b"semanage boolean -l -n")?;
    let mut rows = Vec::new();
    for line in text::lines(&output.stdout) {
        let parts = line.split(|b| matches!(b, b'(' | b',' | b')')).filter(|part| !part.is_empty());
        let parts: Vec<&[u8]> = parts.map(text::strip).collect();
        let part = |at: usize| give::text(parts.get(at));
        rows.push(give::symbol_hash(vm, [("name", part(0)), ("state", part(1)), ("default", part(2))])?.into());
    }
    Ok(table(vm, "SelinuxBooleanFilter", rows))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const STATUS: &str = "SELinux status:                 enabled\nLoaded policy name:             targeted\n\
        Current mode:                   enforcing\nMode from config file:          permissive\n";

    #[test]
    fn the_present_state_is_told() {
        let target =
            MemoryTarget::new().command("sestatus", STATUS, "", 0).file("/etc/selinux/config", "SELINUX=enforcing\n");
        let audit = Audit::debian(target);
        let selinux = audit.the("selinux");
        for (question, expected) in
            [("installed?", "true"), ("disabled?", "false"), ("enforcing?", "true"), ("permissive?", "false")]
        {
            assert_eq!(audit.get(&selinux, question), expected, "{question}");
        }
        assert_eq!(audit.get(&selinux, "policy"), r#""targeted""#);
        assert_eq!(audit.get(&selinux, "to_s"), r#""SELinux""#);
    }

    #[test]
    fn present_modules_and_booleans_are_listed() {
        let target = MemoryTarget::new()
            .command("sestatus", STATUS, "", 0)
            .command("semodule -lfull", "100 abrt pp\n400 ssh cil disabled\n", "", 0)
            .command("semanage boolean -l -n", "ftpd_full  (on , off)  Allow\nx (off , off) Deny, really\n", "", 0);
        let audit = Audit::debian(target);
        let selinux = audit.the("selinux");
        let modules = audit.vm.send(&selinux, "modules", &[]).unwrap();
        assert_eq!(audit.get(&modules, "names"), r#"["abrt", "ssh"]"#);
        let condition = audit.vm.hash_from([(Value::sym("name"), Value::str("ssh"))]).unwrap();
        let ssh = audit.vm.send(&modules, "where", &[condition.into()]).unwrap();
        assert_eq!((audit.get(&ssh, "enabled?"), audit.get(&ssh, "installed?")), ("false".into(), "true".into()));
        assert_eq!(audit.get(&ssh, "to_s"), r#""SELinux modules with name == \"ssh\"""#);
        let booleans = audit.vm.send(&selinux, "booleans", &[]).unwrap();
        assert_eq!(audit.get(&booleans, "states"), r#"["on", "off"]"#);
        assert_eq!(
            (audit.get(&booleans, "defaults"), audit.get(&booleans, "on?")),
            (r#"["off", "off"]"#.into(), "true".into())
        );
    }

    #[test]
    fn an_absent_sestatus_skips() {
        let audit = Audit::debian(MemoryTarget::new());
        let selinux = audit.the("selinux");
        assert!(audit.why(&selinux).starts_with("skipped: Skipping resource: \n"), "{}", audit.why(&selinux));
        assert!(audit.get(&selinux, "disabled?").contains("undefined method `[]' for nil:NilClass"));
    }

    #[test]
    fn malformed_answers_have_what_they_have() {
        let target = MemoryTarget::new()
            .command("sestatus", "oops\nCurrent mode: odd\n", "", 0)
            .command("semodule -lfull", "abrt\n", "", 0)
            .command("semanage boolean -l -n", "oops\n", "", 0);
        let audit = Audit::debian(target);
        let selinux = audit.the("selinux");
        assert_eq!((audit.get(&selinux, "enforcing?"), audit.get(&selinux, "policy")), ("false".into(), "nil".into()));
        let modules = audit.vm.send(&selinux, "modules", &[]).unwrap();
        assert_eq!(
            (audit.get(&modules, "names"), audit.get(&modules, "priorities")),
            ("[nil]".into(), r#"["abrt"]"#.into())
        );
        let booleans = audit.vm.send(&selinux, "booleans", &[]).unwrap();
        assert_eq!(
            (audit.get(&booleans, "names"), audit.get(&booleans, "on?")),
            (r#"["oops"]"#.into(), "false".into())
        );
    }

    #[test]
    fn what_is_unreadable_skips_or_fails() {
        let refused = Audit::debian(MemoryTarget::new().command("sestatus", "", "sestatus: Permission denied\n", 1));
        assert_eq!(refused.why(&refused.the("selinux")), "skipped: Skipping resource: \nsestatus: Permission denied\n");
        let target = MemoryTarget::new()
            .command("sestatus", STATUS, "", 0)
            .command("semodule -lfull", "", "libsemanage: access denied\n", 1)
            .file("/etc/selinux/config", "")
            .denied("/etc/selinux");
        let audit = Audit::debian(target);
        let selinux = audit.the("selinux");
        assert!(
            audit
                .get(&selinux, "modules")
                .ends_with("Can't tell what `semodule -lfull` lists: libsemanage: access denied")
        );
        assert!(audit.get(&selinux, "booleans").ends_with("lists: sh: 1: semanage: not found"));
        assert!(audit.get(&selinux, "installed?").ends_with("Can't read file: /etc/selinux/config: permission denied"));
    }
}
