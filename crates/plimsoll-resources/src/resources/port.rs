//! `port`: what listens.
//!
//! ```ruby
//! describe port(22) do
//!   it { should_not be_listening }
//! end
//! describe port('127.0.0.1', 5432) do
//!   it { should be_listening }
//!   its('processes') { should include 'postgres' }
//! end
//! describe port.where { protocol =~ /tcp/ && port < 1024 } do
//!   its('ports') { should be_empty }
//! end
//! ```
//!
//! `ss` or `netstat` is asked; where the container has neither, `/proc/net` is read.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, Interp, RClass, Res, Value, def, known};
use plimsoll_target::FileError;
use regex::bytes::Regex;

use super::command;
use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::socket::Sockets;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Port {
    address: Value,
    port: Option<i64>,
}

/// A socket that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Socket {
    port: i64,
    address: Vec<u8>,
    protocol: Vec<u8>,
    process: Option<Vec<u8>>,
    pid: Option<Vec<u8>>,
}

pub(crate) const PORT: ResourceDef = ResourceDef {
    name: "port",
    class: "Port",
    doc: "What listens on a port, or on any.",
    new: Some((0, -1, new)),
    methods: &[def("to_s", 0, 0, to_s, "Its title.")],
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const PROTOCOLS: [&[u8]; 4] = [b"tcp", b"tcp6", b"udp", b"udp6"];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .simple("ports", "port")
        .simple("addresses", "address")
        .simple("protocols", "protocol")
        .simple("processes", "process")
        .simple("pids", "pid")
        .property("listening?", "Whether something listens.", |vm, table, _| vm.send(table, "exist?", &[]))
        .install(vm, class, rows);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let (address, port) = match args.values {
        [] => (Value::Nil, Value::Nil),
        [port] => (Value::Nil, port.clone()),
        [address, port, ..] => (address.clone(), port.clone()),
    };
    let port = match port {
        Value::Nil => None,
        port => Some(vm.to_int(&vm.call(&port, known::TO_I, &[])?)?),
    };
    base::set_state(vm, this, Port { address, port })
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let port = base::state::<Port>(vm, this)?.port;
    Ok(Value::str(format!("Port {}", port.map_or_else(String::new, |port| port.to_string()))))
}

fn rows(vm: &Interp, this: &Value) -> Res {
    let wanted = base::state::<Port>(vm, this)?;
    let mut rows = Vec::new();
    for socket in sockets(vm, wanted.port)? {
        let address = Value::bytes(socket.address);
        if wanted.port.is_some_and(|port| port != socket.port) {
            continue;
        }
        if !wanted.address.is_nil() && !vm.equal(&address, &wanted.address)? {
            continue;
        }
        let fields = [
            ("port", Value::Int(socket.port)),
            ("address", address),
            ("protocol", Value::bytes(socket.protocol)),
            ("process", give::text(socket.process)),
            ("pid", give::integer_or_text(socket.pid.as_deref())),
        ];
        rows.push(Value::Hash(give::string_hash(vm, fields)?));
    }
    Ok(Value::array(rows))
}

fn sockets(vm: &Interp, port: Option<i64>) -> Res<Vec<Socket>> {
    let backend = Backend::of(vm);
    if command::exists(vm, b"ss")? {
        let line = match port {
            None => "ss -tulpen".to_owned(),
            Some(port) => format!("ss -tulpen '( dport = {port} or sport = {port} )'"),
        };
        if let Some(output) = backend.output_of(&line)? {
            return Ok(output.stdout.split(|b| *b == b'\n').filter_map(parse_ss).collect());
        }
    }
    if command::exists(vm, b"netstat")?
        && let Some(output) = backend.output_of("netstat -tulpen")?
    {
        return Ok(output.stdout.split(|b| *b == b'\n').filter_map(parse_netstat).collect());
    }
    match &Sockets::of(&backend)?.0 {
        Ok(sockets) => Ok(sockets.iter().map(from_proc).collect()),
        Err(FileError::NotFound) => {
            doubt::taken_for(vm, "Can't list ports: there is neither ss nor netstat nor /proc/net", Vec::new())
        }
        Err(error) => doubt::taken_for(vm, &format!("Can't list ports: /proc/net: {error}"), Vec::new()),
    }
}

fn from_proc(socket: &crate::facts::socket::Socket) -> Socket {
    Socket {
        port: socket.port,
        address: socket.address.clone().into_bytes(),
        protocol: socket.protocol.as_bytes().to_vec(),
        process: socket.process.clone(),
        pid: socket.pid.map(|pid| pid.to_string().into_bytes()),
    }
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\S+):(\*|\d+)$").expect("a fixed pattern"));
static USERS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"users:\(\((.+)\)\)").expect("a fixed pattern"));
static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"^"(\S+)""#).expect("a fixed pattern"));
static PID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"pid=(\d+)").expect("a fixed pattern"));
static NETSTAT: LazyLock<Regex> = LazyLock::new(|| {
    let pattern =
        r"^(?<proto>\S+)\s+(\S+)\s+(\S+)\s+(?<local>\S+)\s+(?<foreign>\S+)\s+(\S+)?\s+((\S+)\s+(\S+)\s+)?(?<prog>\S+)";
    Regex::new(pattern).expect("a fixed pattern")
});

/// A line of `ss -tulpen`. The state may be missing in old versions.
fn parse_ss(line: &[u8]) -> Option<Socket> {
    let mut tokens: Vec<&[u8]> = Vec::new();
    let mut rest = line;
    while tokens.len() < 6 {
        let Some(end) = rest.iter().position(text::is_space) else { break };
        tokens.push(&rest[..end]);
        let next = rest[end..].iter().position(|b| !text::is_space(b)).unwrap_or(rest.len() - end);
        rest = &rest[end + next..];
    }
    tokens.push(rest);
    let old = tokens.get(1).is_some_and(|token| text::digits(token).is_some());
    let (local, info) = if old { (tokens.get(3)?, tokens.get(5)) } else { (tokens.get(4)?, tokens.get(6)) };
    let info = *info?;
    let mut protocol = tokens[0].to_vec();
    if text::find(info, b"v6only:1").is_some() {
        protocol.push(b'6');
    }
    if !PROTOCOLS.contains(&protocol.as_slice()) {
        return None;
    }
    let found = ADDRESS.captures(local)?;
    let mut host = found[1].to_vec();
    if host.starts_with(b"::ffff:") {
        // Ruby's `delete!` takes out characters, not the text: every `:` and `f` goes.
        host.retain(|b| *b != b':' && *b != b'f');
    }
    host.retain(|b| *b != b'[' && *b != b']');
    let host = host.split(|b| *b == b'%').next().unwrap_or_default();
    let host = if host == b"*" { b"0.0.0.0" } else { host };
    let users = USERS.captures(info).map(|users| users[1].to_vec());
    let last = users.as_deref().map(|users| users.rsplit(|b| *b == b'(').next().unwrap_or_default().to_vec());
    let capture = |pattern: &Regex| last.as_deref().and_then(|last| Some(pattern.captures(last)?[1].to_vec()));
    Some(Socket {
        port: text::to_i(&found[2]),
        address: host.to_vec(),
        protocol,
        process: capture(&NAME),
        pid: capture(&PID),
    })
}

/// A line of `netstat -tulpen`, that of busybox too.
fn parse_netstat(line: &[u8]) -> Option<Socket> {
    let found = NETSTAT.captures(line)?;
    let mut protocol = found["proto"].to_ascii_lowercase();
    let local = &found["local"];
    if local.iter().position(|b| *b == b':') != local.iter().rposition(|b| *b == b':')
        && (protocol == b"tcp" || protocol == b"udp")
    {
        protocol.push(b'6');
    }
    if !PROTOCOLS.contains(&protocol.as_slice()) {
        return None;
    }
    let at = local.iter().rposition(|b| *b == b':')?;
    let (host, port) = (&local[..at], text::digits(&local[at + 1..])?);
    let host = if protocol.ends_with(b"6") { full_ipv6(host)? } else { host.to_vec() };
    let program = &found["prog"];
    let slash = program.iter().position(|b| *b == b'/');
    let (pid, process) = match slash {
        Some(at) => (&program[..at], Some(program[at + 1..].to_vec())),
        None => (program, None),
    };
    let process = process.map(|name| text::split(&name, b'/').first().map_or_else(Vec::new, |name| name.to_vec()));
    Some(Socket { port, address: host, protocol, process, pid: Some(pid.to_vec()) })
}

/// An IPv6 address without its port; `None` for one that netstat cut off.
fn full_ipv6(host: &[u8]) -> Option<Vec<u8>> {
    let mut text = text::lossy(host);
    if text == ":" || text == "::" {
        text = "::".into();
    } else if text.ends_with(':') && !text.ends_with("::") {
        text.push(':');
    }
    let valid = text.parse::<std::net::Ipv6Addr>().is_ok() || text.parse::<std::net::Ipv4Addr>().is_ok();
    valid.then(|| text.into_bytes())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const SS: &str = "\
Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
udp   UNCONN 0      0            0.0.0.0:68        0.0.0.0:*    users:((\"dhclient\",pid=600,fd=7)) ino:1 sk:1
tcp   LISTEN 0      128                *:22              *:*    users:((\"sshd\",pid=900,fd=3)) ino:2 sk:2
tcp   LISTEN 0      128             [::]:22           [::]:*    users:((\"sshd\",pid=900,fd=4)) ino:3 sk:3 v6only:1
";

    fn with_ss() -> Audit {
        let target = MemoryTarget::new()
            .command("sh -c 'type \"ss\"'", "ss is /bin/ss", "", 0)
            .command("ss -tulpen", SS, "", 0)
            .command("ss -tulpen '( dport = 22 or sport = 22 )'", SS, "", 0);
        Audit::debian(target)
    }

    #[test]
    fn present_and_absent_listeners_are_told_by_ss() {
        let audit = with_ss();
        let ssh = audit.make("port", &[Value::Int(22)]).unwrap();
        assert_eq!(audit.get(&ssh, "listening?"), "true");
        assert_eq!(audit.get(&ssh, "protocols"), r#"["tcp", "tcp6"]"#);
        assert_eq!(audit.get(&ssh, "addresses"), r#"["0.0.0.0", "::"]"#);
        assert_eq!(audit.get(&ssh, "processes"), r#"["sshd"]"#);
        assert_eq!(audit.get(&ssh, "pids"), "[900]");
        assert_eq!(audit.get(&ssh, "to_s"), r#""Port 22""#);
        let local = audit.make("port", &[Value::str("::"), Value::str("22")]).unwrap();
        assert_eq!(audit.get(&local, "protocols"), r#"["tcp6"]"#);
        assert_eq!(audit.get(&audit.the("port"), "ports"), "[68, 22]");
        let address = audit.make("port", &[Value::str("10.0.0.1"), Value::str("22")]).unwrap();
        assert_eq!(audit.get(&address, "listening?"), "false");
    }

    #[test]
    fn malformed_lines_are_no_listeners_and_an_unreadable_source_fails() {
        let found = || MemoryTarget::new().command("sh -c 'type \"ss\"'", "", "", 0);
        let odd = format!("{SS}oops\ntcp LISTEN 0 128 nowhere *:* \ntcp\n");
        let audit = Audit::debian(found().command("ss -tulpen", odd, "", 0));
        assert_eq!(audit.get(&audit.the("port"), "ports"), "[68, 22]");
        let denied =
            found().command("ss -tulpen", "", "Permission denied", 1).file("/proc/net/tcp", "").denied("/proc/net");
        let denied = Audit::debian(denied);
        let told = denied.get(&denied.the("port"), "listening?");
        assert!(told.ends_with("Can't list ports: /proc/net: permission denied"), "{told}");
    }

    #[test]
    fn asks_netstat() {
        let printed = "\
Active Internet connections (only servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 0.0.0.0:8080            0.0.0.0:*               LISTEN      80/nginx: master pr
tcp        0      0 :::8081                 :::*                    LISTEN      80/nginx: master pr
udp        0      0 127.0.0.1:514           0.0.0.0:*                           70/syslogd
";
        let target = MemoryTarget::new().command("sh -c 'type \"netstat\"'", "", "", 0).command(
            "netstat -tulpen",
            printed,
            "",
            0,
        );
        let audit = Audit::debian(target);
        let all = audit.the("port");
        assert_eq!(audit.get(&all, "ports"), "[8080, 8081, 514]");
        assert_eq!(audit.get(&all, "addresses"), r#"["0.0.0.0", "::", "127.0.0.1"]"#);
        assert_eq!(audit.get(&all, "protocols"), r#"["tcp", "tcp6", "udp"]"#);
        // A name with a blank is cut where CINC cuts it: what is left has no process in it.
        assert_eq!(audit.get(&all, "processes"), r#"["syslogd"]"#);
    }

    #[test]
    fn where_tools_are_absent_proc_is_read() {
        let tcp = "sl\n 0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 9 1\n";
        let audit = Audit::of(MemoryTarget::new().file("/proc/net/tcp", tcp).without_shell("none"));
        let app = audit.make("port", &[Value::Int(8080)]).unwrap();
        assert_eq!(audit.get(&app, "addresses"), r#"["127.0.0.1"]"#);
        assert_eq!(audit.get(&app, "processes"), "[]");
        let ssh = audit.make("port", &[Value::Int(22)]).unwrap();
        assert_eq!(audit.get(&ssh, "listening?"), "false");
    }

    #[test]
    fn where_every_source_is_absent_nothing_is_said() {
        let audit = Audit::of(MemoryTarget::new());
        let ssh = audit.make("port", &[Value::Int(22)]).unwrap();
        let why = "Can't list ports: there is neither ss nor netstat nor /proc/net";
        let table = audit.vm.send(&ssh, "processes", &[]).unwrap();
        assert_eq!(audit.why(&table), format!("failed: {why}"));
        assert_eq!(audit.get(&ssh, "listening?"), format!("!Inspec::Exceptions::Unanswered: {why}"));
    }
}
