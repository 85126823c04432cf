//! `etc_hosts_allow` and `etc_hosts_deny`: who may use which daemon, by `/etc/hosts.allow` and `/etc/hosts.deny`.
//!
//! ```ruby
//! describe etc_hosts_allow.where { daemon == 'sshd' } do
//!   its('client_list') { should include ['127.0.0.1', '[::1]'] }
//!   its('options') { should eq [[]] }
//! end
//! ```
//!
//! A line with several daemons makes a row for each; commas alone separate clients.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};
use regex::bytes::Regex;

use crate::base;
use crate::config_text;
use crate::content;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Rules {
    path: Vec<u8>,
    rows: Value,
}

pub(crate) const ETC_HOSTS_ALLOW: ResourceDef = ResourceDef {
    name: "etc_hosts_allow",
    class: "EtcHostsAllow",
    doc: "The rules of /etc/hosts.allow.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, "/etc/hosts.allow"))),
    methods: ALLOW_METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

pub(crate) const ETC_HOSTS_DENY: ResourceDef = ResourceDef {
    name: "etc_hosts_deny",
    class: "EtcHostsDeny",
    parent: Some("EtcHostsAllow"),
    doc: "The rules of /etc/hosts.deny.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, "/etc/hosts.deny"))),
    methods: &[def("to_s", 0, 0, |_, _, _| Ok(Value::str("hosts.deny Configuration")), "Its title.")],
    ..ResourceDef::EMPTY
};

const ALLOW_METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The rules as Hashes."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(base::state::<Rules>(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("hosts.allow Configuration")), "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("daemon", "daemon")
        .column("client_list", "client_list")
        .column("options", "options")
        .install(vm, class, rows);
}

fn rows(vm: &Interp, this: &Value) -> Res {
    Ok(base::state::<Rules>(vm, this)?.rows.clone())
}

fn new(vm: &Interp, this: &Value, args: Args<'_>, usual: &str) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| usual.as_bytes().to_vec());
    let rows = content::read(vm, &path, false).and_then(|content| parse(vm, &content));
    let known = rows.as_ref().map_or_else(|_| Vec::new(), Clone::clone);
    base::set_state(vm, this, Rules { path, rows: Value::array(known) })?;
    rows.map(|_| Value::Nil)
}

fn parse(vm: &Interp, content: &[u8]) -> Res<Vec<Value>> {
    let mut rows = Vec::new();
    for line in content.split(|b| *b == b'\n') {
        let (data, _) = config_text::first_line(line, b"#", false);
        if data.is_empty() {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            return Err(vm.no_conversion(&Value::Nil, "String"));
        };
        let daemons = text::split(data, b':').first().map_or(b"".as_slice(), |daemons| daemons);
        for daemon in text::split(daemons, b',') {
            let rule = [daemon, b" : ", &line[colon + 1..]].concat();
            rows.push(row(vm, config_text::first_line(&rule, b"#", false).0)?);
        }
    }
    Ok(rows)
}

/// `DAEMON : CLIENTS : OPTION : OPTION`
fn row(vm: &Interp, rule: &[u8]) -> Res {
    let pattern = |pattern: &str| Regex::new(pattern).expect("the pattern is written here");
    let (separator, spaced) = (pattern(r"(?-u):\s+"), pattern(r"(?-u)\s+:\s+"));
    let mut parts = separator.splitn(rule, 2);
    let daemon = text::strip(parts.next().unwrap_or_default());
    let rest = parts.next().unwrap_or_default();
    if rest.is_empty() {
        // As CINC has it: a rule without clients skips the resource.
        return vm.send(&Value::Nil, "split", &[Value::str(",")]);
    }
    let mut parts = spaced.splitn(rest, 2);
    let clients = text::split(parts.next().unwrap_or_default(), b',');
    let options = parts.next().unwrap_or_default();
    let options: Vec<&[u8]> = separator.split(options).filter(|option| !option.is_empty()).collect();
    let row = give::string_hash(
        vm,
        [
            ("daemon", Value::bytes(daemon)),
            ("client_list", give::texts(clients.into_iter().map(text::strip))),
            ("options", give::texts(options.into_iter().map(text::strip))),
        ],
    )?;
    Ok(row.into())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::{Audit, why};

    #[test]
    fn present_files_give_rules() {
        let text = "# who\nsshd, ftpd: 10.0.0.0/8, LOCAL : spawn x : allow\nALL : ALL # end\n";
        let audit =
            Audit::debian(MemoryTarget::new().file("/etc/hosts.allow", text).file("/etc/hosts.deny", "ALL: ALL\n"));
        let allow = audit.the("etc_hosts_allow");
        assert_eq!(audit.get(&allow, "daemon"), r#"["sshd", "ftpd", "ALL"]"#);
        assert_eq!(audit.get(&allow, "client_list"), r#"[["10.0.0.0/8", "LOCAL"], ["10.0.0.0/8", "LOCAL"], ["ALL"]]"#);
        assert_eq!(audit.get(&allow, "options"), r#"[["spawn x", "allow"], ["spawn x", "allow"], []]"#);
        assert_eq!(audit.get(&allow, "to_s"), r#""hosts.allow Configuration""#);
        let deny = audit.the("etc_hosts_deny");
        assert_eq!(audit.get(&deny, "daemon"), r#"["ALL"]"#);
        assert_eq!(audit.get(&deny, "resource_id"), r#""/etc/hosts.deny""#);
        assert_eq!(audit.get(&deny, "to_s"), r#""hosts.deny Configuration""#);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips_and_a_malformed_one_is_an_error() {
        for (name, path) in [("etc_hosts_allow", "/etc/hosts.allow"), ("etc_hosts_deny", "/etc/hosts.deny")] {
            assert_eq!(why(MemoryTarget::new(), name, &[]), format!("skipped: Can't find file: {path}"));
            let denied = MemoryTarget::new().file(path, "x").denied(path);
            assert_eq!(why(denied, name, &[]), format!("skipped: Can't read file: {path}"));
            let bare = why(MemoryTarget::new().file(path, "sshd\n"), name, &[]);
            assert_eq!(bare, "TypeError: no implicit conversion of nil into String");
            let empty = why(MemoryTarget::new().file(path, "sshd:\n"), name, &[]);
            assert_eq!(empty, "skipped: undefined method `split' for nil:NilClass");
        }
    }
}
