//! `interface` and `interfaces`: the network interfaces of the target.
//!
//! ```ruby
//! describe interface('eth0') do
//!   it { should be_up }
//!   its('ipv4_addresses') { should include '10.0.0.5' }
//!   its('ipv6_cidrs') { should be_empty }
//! end
//! describe interfaces do
//!   its('names') { should_not include 'wlan0' }
//! end
//! ```
//!
//! Read from `/sys/class/net`; the addresses are what `ip` tells.

use std::net::Ipv4Addr;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::{FileError, Stat};

use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options};
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::inspec;
use crate::text;
use crate::tool;

struct Interface(Vec<u8>);

pub(crate) const INTERFACE: ResourceDef = ResourceDef {
    name: "interface",
    class: "NetworkInterface",
    doc: "A network interface.",
    new: Some((1, 1, |vm, this, args| {
        base::set_state(vm, this, Interface(give::text_arg(vm, args, 0)?.unwrap_or_default()))
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const INTERFACES: ResourceDef = ResourceDef {
    name: "interfaces",
    class: "Interfaces",
    doc: "All network interfaces.",
    methods: ALL_METHODS,
    setup: Some(|vm, class| Columns::new(Key::Str).column("names", "name").install(vm, class, rows)),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exists?", 0, 0, |vm, this, _| Ok(info(vm, this)?.is_some().into()), "Whether it is there."),
    def("up?", 0, 0, |vm, this, _| Ok(info(vm, this)?.is_some_and(|info| info.is_up).into()), "Whether it is up."),
    def("name", 0, 0, |vm, this, _| Ok(give::text(info(vm, this)?.map(|info| info.name))), "Its name."),
    def("speed", 0, 0, |vm, this, _| Ok(info(vm, this)?.map_or(Value::Nil, |info| info.speed)), "Its speed in MBit/s."),
    def(
        "ipv4_cidrs",
        0,
        0,
        |vm, this, _| Ok(give::texts(cidrs(vm, this, 4)?)),
        "Its IPv4 addresses with their masks' lengths.",
    ),
    def(
        "ipv6_cidrs",
        0,
        0,
        |vm, this, _| Ok(give::texts(cidrs(vm, this, 6)?)),
        "Its IPv6 addresses with their masks' lengths.",
    ),
    def("ipv4_addresses", 0, 0, |vm, this, _| Ok(give::texts(addresses(vm, this, 4)?)), "Its IPv4 addresses."),
    def("ipv6_addresses", 0, 0, |vm, this, _| Ok(give::texts(addresses(vm, this, 6)?)), "Its IPv6 addresses."),
    def("ipv4_address", 0, 0, |vm, this, _| Ok(give::text(addresses(vm, this, 4)?.first())), "The first of them."),
    def("ipv6_address", 0, 0, |vm, this, _| Ok(give::text(addresses(vm, this, 6)?.first())), "The first of them."),
    def("ipv4_address?", 0, 0, |vm, this, _| Ok((!addresses(vm, this, 4)?.is_empty()).into()), "Whether it has one."),
    def("ipv6_address?", 0, 0, |vm, this, _| Ok((!addresses(vm, this, 6)?.is_empty()).into()), "Whether it has one."),
    def("ipv4_addresses_netmask", 0, 0, netmasks, "Its IPv4 addresses with their masks."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(given(vm, this)?)), "Its name."),
    def(
        "to_s",
        0,
        0,
        |vm, this, _| Ok(Value::bytes([b"Interface ", given(vm, this)?.as_slice()].concat())),
        "Its title.",
    ),
];

const ALL_METHODS: &[Def] = &[
    def("ipv4_address", 0, 0, best_address, "The address that is most likely known outside."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Interfaces")), "Its title."),
];

/// Where the kernel tells of interfaces.
const DIRECTORY: &str = "/sys/class/net";

struct Info {
    name: Vec<u8>,
    is_up: bool,
    speed: Value,
}

fn given(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(base::state::<Interface>(vm, this)?.0.clone())
}

fn info(vm: &Interp, this: &Value) -> Res<Option<Info>> {
    let name = given(vm, this)?;
    let backend = Backend::of(vm);
    let speed = |text: &[u8]| give::integer_or_text(Some(text));
    if found_at(vm, DIRECTORY.as_bytes())?.is_none() {
        return Ok(found(vm, &name)?.map(|(state, speed_text)| Info {
            is_up: state.as_deref() == Some(b"up"),
            speed: speed_text.as_deref().map_or(Value::Nil, speed),
            name,
        }));
    }
    let directory = [DIRECTORY.as_bytes(), b"/", &name].concat();
    if name.is_empty() || found_at(vm, &directory)?.is_none() {
        return Ok(None);
    }
    let read = |file: &str| -> Res<Option<Vec<u8>>> {
        match backend.read(&[&directory, b"/".as_slice(), file.as_bytes()].concat())? {
            Ok(content) => Ok(Some(text::strip(&content).to_vec())),
            Err(FileError::PermissionDenied) => {
                let path = text::lossy(&directory);
                Err(base::failed(vm, &format!("Can't read file: {path}/{file}: permission denied")))
            }
            // What an interface does not know can't be read.
            Err(_) => Ok(None),
        }
    };
    let is_up = read("operstate")?.as_deref() == Some(b"up");
    let known_speed = read("speed")?.filter(|text| !text.is_empty());
    Ok(Some(Info { name, is_up, speed: known_speed.as_deref().map_or(Value::Nil, speed) }))
}

/// What is at a path; what may not be looked at is not absent.
fn found_at(vm: &Interp, path: &[u8]) -> Res<Option<Stat>> {
    facts::present(vm, &text::lossy(path), Backend::of(vm).stat(path, true)?)
}

/// State and speed as the files have them.
type Told = (Option<Vec<u8>>, Option<Vec<u8>>);

/// State and speed, where a command prints the files: `[NAME]` and the content of each.
fn found(vm: &Interp, name: &[u8]) -> Res<Option<Told>> {
    let rest = b"/ -maxdepth 1 -type f -exec sh -c 'echo \"[$(basename {})]\"; cat {} || echo -n' \\;";
    let line = [b"find ".as_slice(), DIRECTORY.as_bytes(), b"/", name, rest].concat();
    let output = tool::run(vm, &line)?;
    let usual = config_text::key_and_value(b'=');
    let params = config_text::parse(vm, text::chomp(&output.stdout), &Options::new(&usual))?;
    if output.exit_status != 0 || params.is_empty() {
        return Ok(None);
    }
    let first_line = |file: &str| -> Res<Option<Vec<u8>>> {
        let Some(Value::Hash(lines)) = vm.hash_get(&params, &Value::str(file))? else { return Ok(None) };
        match lines.keys().first() {
            Some(line) => Ok(Some(vm.to_s(line)?.to_vec())),
            None => Ok(None),
        }
    };
    Ok(Some((first_line("operstate")?, first_line("speed")?)))
}

/// What `ip` tells of its addresses: `NAME STATE ADDRESS/LENGTH …`
fn cidrs(vm: &Interp, this: &Value, version: u8) -> Res<Vec<Vec<u8>>> {
    let Some(info) = info(vm, this)? else { return Ok(Vec::new()) };
    let ip = format!("/sbin/ip -br -{version} address show dev");
    let output = tool::ask_words(vm, &[ip.as_bytes(), &info.name])?;
    if output.exit_status != 0 {
        return Ok(Vec::new());
    }
    let last = text::lines(&output.stdout).last().map(|line| text::words(line)).unwrap_or_default();
    Ok(last.into_iter().skip(2).map(<[u8]>::to_vec).collect())
}

fn addresses(vm: &Interp, this: &Value, version: u8) -> Res<Vec<Vec<u8>>> {
    let without_length = |cidr: Vec<u8>| cidr.split(|b| *b == b'/').next().unwrap_or_default().to_vec();
    Ok(cidrs(vm, this, version)?.into_iter().map(without_length).collect())
}

fn netmasks(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let masked = |cidr: Vec<u8>| {
        let mut parts = cidr.split(|b| *b == b'/');
        let address = text::lossy(parts.next().unwrap_or_default());
        let length = text::to_i(parts.next().unwrap_or_default()).clamp(0, 32) as u32;
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        format!("{address}/{}", Ipv4Addr::from(mask))
    };
    Ok(give::texts(cidrs(vm, this, 4)?.into_iter().map(masked)))
}

fn names(vm: &Interp) -> Res<Vec<Vec<u8>>> {
    match Backend::of(vm).list(DIRECTORY.as_bytes())? {
        Ok(entries) => Ok(entries.into_iter().map(|entry| entry.name).collect()),
        Err(FileError::NotFound | FileError::NotADirectory) => {
            let output = tool::run(vm, b"ls /sys/class/net")?;
            if output.exit_status != 0 {
                let error = text::lossy(text::strip(&output.stderr));
                return Err(doubt::unanswered(vm, &format!("Can't list {DIRECTORY}: {error}")));
            }
            Ok(text::lines(&output.stdout).into_iter().map(<[u8]>::to_vec).collect())
        }
        Err(error) => Err(doubt::unanswered(vm, &format!("Can't list {DIRECTORY}: {error}"))),
    }
}

fn rows(vm: &Interp, _: &Value) -> Res {
    let rows = names(vm)?.into_iter().map(|name| Ok(give::string_hash(vm, [("name", Value::bytes(name))])?.into()));
    Ok(Value::array(rows.collect::<Res<Vec<_>>>()?))
}

/// Of the interfaces that are up, the first address that is neither loopback nor private; else the best there is.
fn best_address(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let mut known: Vec<Ipv4Addr> = Vec::new();
    for name in names(vm)? {
        let interface = inspec::resource_with(vm, "interface", &[Value::bytes(name)])?;
        if vm.send(&interface, "up?", &[])?.truthy() {
            let addresses = addresses(vm, &interface, 4)?;
            known.extend(addresses.iter().filter_map(|address| text::lossy(address).parse::<Ipv4Addr>().ok()));
        }
    }
    let ranges: [fn(&Ipv4Addr) -> bool; 4] = [
        |address| address.octets()[0] == 127,
        |address| address.octets()[..2] == [192, 168],
        |address| address.octets()[0] == 172 && (16..32).contains(&address.octets()[1]),
        |address| address.octets()[0] == 10,
    ];
    for is_private in ranges {
        let better: Vec<Ipv4Addr> = known.iter().copied().filter(|address| !is_private(address)).collect();
        if better.is_empty() {
            break;
        }
        known = better;
    }
    Ok(Value::str(known.first().map(ToString::to_string).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    fn target() -> MemoryTarget {
        MemoryTarget::new()
            .command("/sbin/ip -br -4 address show dev eth0", "eth0 UP 192.168.0.4/24 203.0.113.9/28\n", "", 0)
            .command("/sbin/ip -br -6 address show dev eth0", "eth0 UP 2001:db8::10/64\n", "", 0)
    }

    #[test]
    fn present_and_absent_interfaces_are_told_apart() {
        let audit = Audit::debian(
            target()
                .file("/sys/class/net/eth0/operstate", "up\n")
                .file("/sys/class/net/eth0/speed", "1000\n")
                .file("/sys/class/net/lo/operstate", "unknown\n"),
        );
        let eth0 = audit.on("interface", "eth0");
        for (property, expected) in [
            ("exists?", "true"),
            ("up?", "true"),
            ("name", r#""eth0""#),
            ("speed", "1000"),
            ("ipv4_addresses", r#"["192.168.0.4", "203.0.113.9"]"#),
            ("ipv4_address", r#""192.168.0.4""#),
            ("ipv4_addresses_netmask", r#"["192.168.0.4/255.255.255.0", "203.0.113.9/255.255.255.240"]"#),
            ("ipv6_cidrs", r#"["2001:db8::10/64"]"#),
            ("ipv6_address?", "true"),
            ("to_s", r#""Interface eth0""#),
        ] {
            assert_eq!(audit.get(&eth0, property), expected, "{property}");
        }
        let lo = audit.on("interface", "lo");
        assert_eq!((audit.get(&lo, "up?"), audit.get(&lo, "speed")), ("false".into(), "nil".into()));
        let none = audit.on("interface", "wg9");
        assert_eq!((audit.get(&none, "exists?"), audit.get(&none, "name")), ("false".into(), "nil".into()));
        assert_eq!(audit.get(&none, "ipv4_addresses"), "[]");
        let all = audit.the("interfaces");
        assert_eq!(audit.get(&all, "names"), r#"["eth0", "lo"]"#);
        assert_eq!(audit.get(&all, "ipv4_address"), r#""203.0.113.9""#);
    }

    #[test]
    fn asks_where_there_is_no_sys() {
        let line = "find /sys/class/net/eth0/ -maxdepth 1 -type f -exec sh -c 'echo \"[$(basename {})]\"; cat {} || echo -n' \\;";
        let audit = Audit::debian(target().command(line, "[operstate]\nup\n[speed]\n100\n[mtu]\n1500\n", "", 0));
        let eth0 = audit.on("interface", "eth0");
        assert_eq!((audit.get(&eth0, "up?"), audit.get(&eth0, "speed")), ("true".into(), "100".into()));
        assert_eq!(audit.get(&audit.on("interface", "eth1"), "exists?"), "false");
    }

    #[test]
    fn what_is_unreadable_is_no_answer() {
        let path = "/sys/class/net/eth0/operstate";
        let audit = Audit::debian(MemoryTarget::new().file(path, "up").denied(path));
        assert!(audit.get(&audit.on("interface", "eth0"), "up?").contains("permission denied"));
        let shut = Audit::debian(MemoryTarget::new().file(path, "up").denied("/sys/class/net"));
        let exists = shut.get(&shut.on("interface", "eth0"), "exists?");
        assert!(exists.ends_with("Can't read /sys/class/net/eth0: permission denied"), "{exists}");
        let names = shut.get(&shut.the("interfaces"), "exist?");
        assert!(names.ends_with("Can't list /sys/class/net: permission denied"), "{names}");
        let none = Audit::debian(MemoryTarget::new().command("ls /sys/class/net", "", "ls: cannot access\n", 2));
        assert!(none.get(&none.the("interfaces"), "exist?").ends_with("Can't list /sys/class/net: ls: cannot access"));
    }

    #[test]
    fn malformed_files_and_answers_have_what_they_have() {
        let line = "/sbin/ip -br -4 address show dev eth0";
        let target = MemoryTarget::new()
            .file("/sys/class/net/eth0/operstate", "\0odd\n")
            .file("/sys/class/net/eth0/speed", "-1\n")
            .command(line, "eth0\n", "", 0);
        let audit = Audit::debian(target);
        let eth0 = audit.on("interface", "eth0");
        assert_eq!((audit.get(&eth0, "up?"), audit.get(&eth0, "speed")), ("false".into(), r#""-1""#.into()));
        assert_eq!((audit.get(&eth0, "ipv4_cidrs"), audit.get(&eth0, "ipv4_address")), ("[]".into(), "nil".into()));
        let odd = Audit::debian(MemoryTarget::new().command("ls /sys/class/net", "eth0\n\n \n", "", 0));
        assert_eq!(odd.get(&odd.the("interfaces"), "names"), r#"["eth0", "", " "]"#);
    }
}
