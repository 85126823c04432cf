//! `etc_hosts`: the lines of `/etc/hosts`.
//!
//! ```ruby
//! describe etc_hosts.where { ip_address == '127.0.0.1' } do
//!   its('primary_name') { should cmp 'localhost' }
//!   its('all_host_names') { should include ['localhost', 'localhost.localdomain'] }
//! end
//! ```

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};

use crate::base;
use crate::config_text;
use crate::content;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Hosts(Value);

pub(crate) const ETC_HOSTS: ResourceDef = ResourceDef {
    name: "etc_hosts",
    class: "EtcHosts",
    doc: "The lines of /etc/hosts.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The lines as Hashes."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Hosts File")), "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("ip_address", "ip_address")
        .column("primary_name", "primary_name")
        .column("all_host_names", "all_host_names")
        .install(vm, class, rows);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/hosts".to_vec());
    let content = content::read(vm, &path, false)?;
    let mut rows = Vec::new();
    for line in content.split(|b| *b == b'\n') {
        if config_text::first_line(line, b"#", false).0.is_empty() {
            continue;
        }
        // A comment behind the names counts among them.
        let words = text::words(line);
        let names = words.get(1..).map_or(Value::Nil, give::texts);
        let row = give::string_hash(
            vm,
            [
                ("ip_address", give::text(words.first())),
                ("primary_name", give::text(words.get(1))),
                ("all_host_names", names),
            ],
        )?;
        rows.push(row.into());
    }
    base::set_state(vm, this, Hosts(Value::array(rows)))
}

/// The lines; none when the file could not be read.
fn rows(vm: &Interp, this: &Value) -> Res {
    match base::resource_data(vm, this)?.state::<Hosts>() {
        Some(hosts) => Ok(hosts.0.clone()),
        None => Ok(Value::array(Vec::new())),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_file_gives_columns() {
        let text = "127.0.0.1\tlocalhost local\n# no\n\n::1 ip6 # six\n10.0.0.1\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/hosts", text));
        let hosts = audit.the("etc_hosts");
        assert_eq!(audit.get(&hosts, "ip_address"), r#"["127.0.0.1", "::1", "10.0.0.1"]"#);
        assert_eq!(audit.get(&hosts, "primary_name"), r#"["localhost", "ip6", nil]"#);
        let names = r##"[["localhost", "local"], ["ip6", "#", "six"], []]"##;
        assert_eq!(audit.get(&hosts, "all_host_names"), names);
        let chosen = audit.vm.send(&hosts, "ip_address", &[Value::str("::1")]).unwrap();
        assert_eq!(audit.get(&chosen, "to_s"), r#""Hosts File with ip_address == \"::1\"""#);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("etc_hosts")), "skipped: Can't find file: /etc/hosts");
        let denied = Audit::debian(MemoryTarget::new().file("/etc/hosts", "x").denied("/etc/hosts"));
        assert_eq!(denied.why(&denied.the("etc_hosts")), "skipped: Can't read file: /etc/hosts");
    }

    #[test]
    fn malformed_lines_have_what_they_have() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/hosts", "   \nlocalhost\n"));
        let hosts = audit.the("etc_hosts");
        assert_eq!(audit.get(&hosts, "ip_address"), r#"[nil, "localhost"]"#);
        assert_eq!(audit.get(&hosts, "primary_name"), "[nil, nil]");
    }
}
