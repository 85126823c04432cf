//! `host`: whether a host's name is known where the target is, and whether the host can be reached from there.
//!
//! ```ruby
//! describe host('db.internal', port: 5432, protocol: 'tcp') do
//!   it { should be_resolvable }
//!   it { should be_reachable }
//!   its('ipaddress') { should include '10.0.0.5' }
//! end
//! ```
//!
//! `getent` resolves and `ping` tries to reach it. With `port:` and `protocol:` (`tcp` or `udp`; `proto:` is the same) `nc`, `ncat`
//! or bash try. Where the tool is not there the test fails or is skipped.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, Res, Sym, Value, def};
use plimsoll_target::Output;

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::text;
use crate::tool;

struct Host {
    name: Vec<u8>,
    port: Value,
    protocol: Value,
    netcat: Option<&'static str>,
}

pub(crate) const HOST: ResourceDef = ResourceDef {
    name: "host",
    class: "Host",
    doc: "A host: its addresses, and whether it can be reached.",
    new: Some((1, 2, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("hostname", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.name.clone())), "Its name."),
    def("port", 0, 0, |vm, this, _| Ok(of(vm, this)?.port.clone()), "The port that is tried."),
    def("protocol", 0, 0, |vm, this, _| Ok(of(vm, this)?.protocol.clone()), "`icmp`, `tcp` or `udp`."),
    def("proto", 0, 0, |vm, this, _| Ok(of(vm, this)?.protocol.clone()), "The same."),
    def("resolvable?", 0, 1, |vm, this, _| Ok((!addresses(vm, this)?.is_empty()).into()), "Whether its name is known."),
    def("reachable?", 0, 0, |vm, this, _| Ok((reach(vm, this)?.exit_status == 0).into()), "Whether it answers."),
    def(
        "connection",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(reach(vm, this)?.stderr)),
        "What the attempt said of itself.",
    ),
    def("socket", 0, 0, |vm, this, _| Ok(Value::bytes(reach(vm, this)?.stdout)), "What the host answered."),
    def("ipaddress", 0, 0, |vm, this, _| ipaddress(vm, this, |_| true), "All its addresses; nil when it has none."),
    def("ipv4_address", 0, 0, |vm, this, _| of_kind(vm, this, is_v4), "Its IPv4 addresses."),
    def("ipv6_address", 0, 0, |vm, this, _| of_kind(vm, this, is_v6), "Its IPv6 addresses."),
    def("resource_id", 0, 0, resource_id, "Its name, with the port."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let port = give::option(vm, args, 1, "port")?.unwrap_or_default();
    let protocol = match give::option(vm, args, 1, "proto")? {
        Some(protocol) => protocol,
        None => give::option(vm, args, 1, "protocol")?.unwrap_or_else(|| Value::str("icmp")),
    };
    let needs_netcat = is_one_of(vm, &protocol, &["tcp", "udp"])?;
    let netcat = if needs_netcat { netcat(vm)? } else { None };
    let name = give::text_arg(vm, args, 0)?.unwrap_or_default();
    base::set_state(vm, this, Host { name, port, protocol, netcat })?;
    if needs_netcat
        && netcat.is_none()
        && let Some(missing) = missing(vm)?
    {
        let text = format!("The following requirements are not met for this resource: {missing}");
        vm.send(this, "skip_resource", &[Value::str(text)])?;
    }
    Ok(Value::Nil)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Host>> {
    base::state::<Host>(vm, this)
}

fn is_one_of(vm: &Interp, value: &Value, names: &[&str]) -> Res<bool> {
    let text = vm.to_s(value)?.lossy();
    Ok(names.contains(&text.as_str()))
}

fn netcat(vm: &Interp) -> Res<Option<&'static str>> {
    for name in ["nc", "ncat"] {
        if command::exists(vm, name.as_bytes())? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// What is missing to try a port without netcat: a bash that opens connections, and `timeout`.
fn missing(vm: &Interp) -> Res<Option<&'static str>> {
    let bash = tool::run(vm, b"strings `which bash` | grep -qE '/dev/(tcp|udp)/'")?;
    if bash.exit_status != 0 {
        return Ok(Some("netcat must be installed"));
    }
    let has_timeout = command::exists(vm, b"timeout")?;
    Ok((!has_timeout).then_some("timeout (part of coreutils) or netcat must be installed"))
}

/// Tries to reach it.
fn reach(vm: &Interp, this: &Value) -> Res<Output> {
    let host = of(vm, this)?;
    let name = text::lossy(&host.name);
    let protocol = vm.to_s(&host.protocol)?.lossy();
    if protocol != "icmp" && host.port.is_nil() {
        let text = "Protocol required with port. Use `host` resource with";
        let example = format!("host('{name}', port: 1234, proto: 'tcp') parameters.");
        return Err(vm.error("RuntimeError", format!("{text} {example}")));
    }
    let port = vm.to_s(&host.port)?.lossy();
    let line = match (protocol.as_str(), host.netcat) {
        ("tcp" | "udp", Some(netcat)) => {
            let flag = if protocol == "udp" { "-u" } else { "" };
            format!("echo | {netcat} -v -w 1 {flag} {name} {port}")
        }
        ("tcp" | "udp", None) => format!("timeout 1 bash -c \"< /dev/{protocol}/{name}/{port}\""),
        _ => format!("ping -w 1 -c 1 {name}"),
    };
    let output = tool::ask(vm, line.as_bytes())?;
    if output.exit_status == tool::NOT_FOUND {
        let error = text::lossy(text::strip(&output.stderr));
        doubt::taken_for(vm, &format!("Can't tell whether {name} can be reached: {error}"), ())?;
    }
    Ok(output)
}

/// The addresses that the target knows for the name, each once.
fn addresses(vm: &Interp, this: &Value) -> Res<Vec<Vec<u8>>> {
    let name = &of(vm, this)?.name;
    let output = tool::ask_words(vm, &[b"getent ahosts", name])?;
    if output.exit_status == tool::NOT_FOUND {
        let (name, error) = (text::lossy(name), text::lossy(text::strip(&output.stderr)));
        doubt::taken_for(vm, &format!("Can't tell whether {name} can be resolved: {error}"), ())?;
    }
    let mut addresses: Vec<Vec<u8>> = Vec::new();
    for line in text::lines(&output.stdout) {
        let address = text::words(line).first().map_or(b"".as_slice(), |word| *word);
        let is_new = !addresses.iter().any(|known| known == address);
        if output.exit_status == 0 && is_new && (is_v4(address) || is_v6(address)) {
            addresses.push(address.to_vec());
        }
    }
    Ok(addresses)
}

fn is_v4(address: &[u8]) -> bool {
    std::str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv4Addr>().is_ok())
}

fn is_v6(address: &[u8]) -> bool {
    let address = address.split(|b| *b == b'%').next().unwrap_or_default();
    std::str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

fn ipaddress(vm: &Interp, this: &Value, is_wanted: fn(&[u8]) -> bool) -> Res {
    let addresses = addresses(vm, this)?;
    if addresses.is_empty() {
        return Ok(Value::Nil);
    }
    Ok(give::texts(addresses.iter().filter(|address| is_wanted(address))))
}

fn of_kind(vm: &Interp, this: &Value, is_wanted: fn(&[u8]) -> bool) -> Res {
    match ipaddress(vm, this, is_wanted)? {
        // As CINC has it: a host without addresses has no `select`.
        Value::Nil => vm.call_with(&Value::Nil, Sym::new("select"), Args::default(), CallStyle::Explicit),
        addresses => Ok(addresses),
    }
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let host = of(vm, this)?;
    let name = text::lossy(&host.name);
    if !host.port.truthy() {
        return Ok(Value::str(name));
    }
    let (port, protocol) = (vm.to_s(&host.port)?.lossy(), vm.to_s(&host.protocol)?.lossy());
    Ok(Value::str(format!("{name}-{port}-{protocol}")))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let host = of(vm, this)?;
    let name = text::lossy(&host.name);
    if !host.port.truthy() {
        return Ok(Value::str(format!("Host {name}")));
    }
    let (port, protocol) = (vm.to_s(&host.port)?.lossy(), vm.to_s(&host.protocol)?.lossy());
    Ok(Value::str(format!("Host {name} port {port} proto {protocol}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn with(audit: &Audit, pairs: Vec<(&str, Value)>) -> Value {
        let options = audit.vm.hash_from(pairs.into_iter().map(|(key, value)| (Value::sym(key), value))).unwrap();
        audit.make("host", &[Value::str("db"), options.into()]).unwrap()
    }

    #[test]
    fn present_and_absent_names_resolve_or_do_not_and_malformed_lines_are_no_addresses() {
        let printed = "10.0.0.5  STREAM db\n10.0.0.5  DGRAM\n2001:db8::5 STREAM\nodd\n";
        let target = MemoryTarget::new().command("getent ahosts db", printed, "", 0);
        let audit = Audit::debian(target.command("getent ahosts ghost", "", "", 2));
        let db = audit.on("host", "db");
        assert_eq!(audit.get(&db, "resolvable?"), "true");
        assert_eq!(audit.get(&db, "ipaddress"), r#"["10.0.0.5", "2001:db8::5"]"#);
        assert_eq!(audit.get(&db, "ipv4_address"), r#"["10.0.0.5"]"#);
        assert_eq!(audit.get(&db, "ipv6_address"), r#"["2001:db8::5"]"#);
        assert_eq!(audit.get(&db, "to_s"), r#""Host db""#);
        let ghost = audit.on("host", "ghost");
        assert_eq!((audit.get(&ghost, "resolvable?"), audit.get(&ghost, "ipaddress")), ("false".into(), "nil".into()));
        assert!(audit.get(&ghost, "ipv4_address").contains("private method `select' called for nil:NilClass"));
    }

    #[test]
    fn a_present_host_is_reached() {
        let target = MemoryTarget::new()
            .command("ping -w 1 -c 1 db", "1 received", "", 0)
            .command("sh -c 'type \"nc\"'", "", "", 0)
            .command("echo | nc -v -w 1  db 5432", "", "open", 0)
            .command("echo | nc -v -w 1 -u db 1", "", "refused", 1);
        let audit = Audit::debian(target);
        assert_eq!(audit.get(&audit.on("host", "db"), "reachable?"), "true");
        let port = with(&audit, vec![("port", Value::Int(5432)), ("protocol", Value::str("tcp"))]);
        assert_eq!(
            (audit.get(&port, "reachable?"), audit.get(&port, "connection")),
            ("true".into(), r#""open""#.into())
        );
        assert_eq!(audit.get(&port, "to_s"), r#""Host db port 5432 proto tcp""#);
        assert_eq!(audit.get(&port, "resource_id"), r#""db-5432-tcp""#);
        assert_eq!(audit.why(&audit.on("host", "db")), "fine");
        let other = with(&audit, vec![("port", Value::Int(1)), ("protocol", Value::str("udp"))]);
        assert_eq!(audit.get(&other, "reachable?"), "false");
        let half = with(&audit, vec![("protocol", Value::str("tcp"))]);
        assert!(audit.get(&half, "reachable?").starts_with("!RuntimeError: Protocol required with port."));
    }

    #[test]
    fn where_tools_are_absent_or_the_answer_unreadable_nothing_is_said() {
        let audit = Audit::debian(MemoryTarget::new());
        let port = with(&audit, vec![("port", Value::Int(1)), ("protocol", Value::str("tcp"))]);
        let skipped = "skipped: The following requirements are not met for this resource: netcat must be installed";
        assert_eq!(audit.why(&port), skipped);
        let ping = MemoryTarget::new().file_with("/usr/bin/ping", "", 0o755, 0, 0);
        let bare = Audit::debian(ping.without_shell("none"));
        let told = bare.get(&bare.on("host", "db"), "reachable?");
        assert!(told.starts_with("!Inspec::Exceptions::ResourceFailed: Command `ping"), "{told}");
        let none = Audit::debian(MemoryTarget::new());
        let db = none.on("host", "db");
        let failed = "!Inspec::Exceptions::Unanswered: Can't tell whether db can be";
        assert_eq!(none.get(&db, "reachable?"), format!("{failed} reached: sh: 1: ping: not found"));
        assert_eq!(none.get(&db, "resolvable?"), format!("{failed} resolved: sh: 1: getent: not found"));
        let line = "ping -w 1 -c 1 db";
        let raw = Audit::debian(MemoryTarget::new().command(line, "", "ping: socket: Operation not permitted\n", 2));
        let told = raw.get(&raw.on("host", "db"), "reachable?");
        assert!(told.ends_with("Command `ping -w 1 -c 1 db` may not look: ping: socket: Operation not permitted"));
    }
}
