//! `routing_table` and `default_gateway`: where packets are sent.
//!
//! ```ruby
//! describe routing_table do
//!   it { should have_entry(destination: '0.0.0.0', interface: 'eth0', gateway: '10.0.0.1') }
//! end
//! describe default_gateway do
//!   its('ipaddress') { should eq '10.0.0.1' }
//! end
//! ```
//!
//! What `netstat -rn` says; where there is none, the IPv4 routes of `/proc/net/route`.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::FileError;

use super::command;
use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::text;

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    destination: Vec<u8>,
    gateway: Vec<u8>,
    interface: Vec<u8>,
}

struct Routes(Vec<Route>);

pub(crate) const ROUTING_TABLE: ResourceDef = ResourceDef {
    name: "routing_table",
    class: "Routingtable",
    doc: "Where packets are sent.",
    new: Some((0, 0, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const DEFAULT_GATEWAY: ResourceDef = ResourceDef {
    name: "default_gateway",
    class: "Defaultgateway",
    parent: Some("Routingtable"),
    doc: "Where packets are sent that nothing else is known for.",
    new: None,
    methods: GATEWAY_METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("has_entry?", 1, 1, has_entry, "Whether there is a route: `destination:`, `gateway:` and `interface:`."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("routing_table")), "Its title."),
];

const GATEWAY_METHODS: &[Def] = &[
    def("ipaddress", 0, 0, |vm, this, _| Ok(Value::bytes(default(vm, this)?.gateway)), "Its address."),
    def(
        "interface",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(default(vm, this)?.interface)),
        "The interface that leads there.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("default_gateway")), "Its title."),
];

const PROGRAMS: [&str; 5] = ["/usr/sbin/netstat", "/sbin/netstat", "/usr/bin/netstat", "/bin/netstat", "netstat"];

fn new(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let routes = routes(vm);
    let known = routes.as_ref().map_or_else(|_| Vec::new(), Clone::clone);
    base::set_state(vm, this, Routes(known))?;
    routes.map(|_| Value::Nil)
}

fn routes(vm: &Interp) -> Res<Vec<Route>> {
    for program in PROGRAMS {
        if !command::exists(vm, program.as_bytes())? {
            continue;
        }
        let output = command::run(vm, format!("{program} -rn").as_bytes())?;
        if output.exit_status != 0 {
            let error = text::lossy(&output.stderr);
            return Err(base::failed(vm, &format!("Executing netstat failed: {error}")));
        }
        return printed(&output.stdout).ok_or_else(|| {
            let shown = text::lossy(text::strip(&output.stdout));
            doubt::unanswered(vm, &format!("Can't read what `{program} -rn` prints: {shown:?}"))
        });
    }
    match Backend::of(vm).read(b"/proc/net/route")? {
        Ok(content) => Ok(of_kernel(&content)),
        Err(FileError::NotFound | FileError::NotADirectory) => {
            Err(base::failed(vm, "Could not find `netstat` utility to view routing table information"))
        }
        Err(error) => Err(doubt::unanswered(vm, &format!("Can't tell the routes: /proc/net/route: {error}"))),
    }
}

/// The table that netstat prints; its first line that says `Destination` names the columns. `None` without such a line.
fn printed(text: &[u8]) -> Option<Vec<Route>> {
    let mut lines = text::lines(text).into_iter().map(text::words);
    let header = lines.find(|words| words.iter().any(|word| text::contains_ignore_case(word, b"destination")))?;
    let column = |names: &[&[u8]]| {
        header.iter().rposition(|title| names.iter().any(|name| text::contains_ignore_case(title, name)))
    };
    let (destination, gateway) = (column(&[b"destination"])?, column(&[b"gateway"])?);
    let interface = column(&[b"iface", b"netif", b"interface"])?;
    let route = |words: Vec<&[u8]>| {
        let word = |at: usize| words.get(at).map(|word| word.to_vec());
        Some(Route { destination: word(destination)?, gateway: word(gateway)?, interface: word(interface)? })
    };
    Some(lines.filter_map(route).collect())
}

/// `/proc/net/route`: interface, destination and gateway, the addresses as little-endian hexadecimal numbers.
fn of_kernel(content: &[u8]) -> Vec<Route> {
    let address = |hex: &[u8]| {
        let number = u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
        Some(std::net::Ipv4Addr::from(number.swap_bytes()).to_string().into_bytes())
    };
    let route = |line: &[u8]| match text::words(line).as_slice() {
        [interface, destination, gateway, ..] => Some(Route {
            destination: address(destination)?,
            gateway: address(gateway)?,
            interface: interface.to_vec(),
        }),
        _ => None,
    };
    text::lines(content).into_iter().skip(1).filter_map(route).collect()
}

fn has_entry(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let field = |name: &str| give::text_option(vm, args, 0, name);
    let (Some(destination), Some(gateway), Some(interface)) =
        (field("destination")?, field("gateway")?, field("interface")?)
    else {
        let text = "One or more missing key, have_entry? matcher expects a hash with 3 keys: destination, gateway and interface";
        return Err(base::skipped(vm, text));
    };
    let wanted = Route { destination, gateway, interface };
    Ok(base::state::<Routes>(vm, this)?.0.contains(&wanted).into())
}

fn default(vm: &Interp, this: &Value) -> Res<Route> {
    let routes: Rc<Routes> = base::state(vm, this)?;
    let found = [b"default".as_slice(), b"0.0.0.0"]
        .iter()
        .find_map(|name| routes.0.iter().find(|route| route.destination == **name));
    found.cloned().ok_or_else(|| base::failed(vm, "No routing found as part of default gateway"))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::{Audit, why};

    const PRINTED: &str = "Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n\
        0.0.0.0         10.0.0.1        0.0.0.0         UG        0 0          0 eth0\n\
        10.0.0.0        0.0.0.0         255.255.255.0   U         0 0          0 eth0\n";

    fn entry(audit: &Audit, destination: &str, gateway: &str) -> Value {
        let pairs = [("destination", destination), ("gateway", gateway), ("interface", "eth0")];
        audit.vm.hash_from(pairs.map(|(name, text)| (Value::sym(name), Value::str(text)))).unwrap().into()
    }

    #[test]
    fn present_routes_are_read_from_what_netstat_prints() {
        let target = MemoryTarget::new().command("sh -c 'type \"/bin/netstat\"'", "", "", 0).command(
            "/bin/netstat -rn",
            PRINTED,
            "",
            0,
        );
        let audit = Audit::debian(target);
        let table = audit.the("routing_table");
        let has = |to: &str, by: &str| audit.ask(&table, "has_entry?", &[entry(&audit, to, by)]);
        assert_eq!((has("0.0.0.0", "10.0.0.1"), has("10.0.0.0", "10.0.0.1")), ("true".into(), "false".into()));
        let gateway = audit.the("default_gateway");
        assert_eq!(audit.get(&gateway, "ipaddress"), r#""10.0.0.1""#);
        assert_eq!(audit.get(&gateway, "interface"), r#""eth0""#);
        assert_eq!(audit.get(&gateway, "to_s"), r#""default_gateway""#);
    }

    #[test]
    fn where_netstat_is_absent_the_kernel_is_asked() {
        let text = "Iface\tDestination\tGateway\nens3\t00000000\t0100000A\nens3\t0000000A\t00000000\n";
        let audit = Audit::debian(MemoryTarget::new().file("/proc/net/route", text));
        let gateway = audit.the("default_gateway");
        assert_eq!(audit.get(&gateway, "ipaddress"), r#""10.0.0.1""#);
        let none = Audit::debian(MemoryTarget::new());
        for name in ["routing_table", "default_gateway"] {
            assert!(none.why(&none.the(name)).starts_with("failed: Could not find `netstat` utility"));
        }
    }

    #[test]
    fn malformed_or_unreadable_routes_fail() {
        let netstat = |printed: &str, error: &str, status: i32| {
            let found = MemoryTarget::new().command("sh -c 'type \"netstat\"'", "", "", 0);
            found.command("netstat -rn", printed, error, status)
        };
        for name in ["routing_table", "default_gateway"] {
            assert_eq!(why(netstat("", "no", 1), name, &[]), "failed: Executing netstat failed: no");
            let odd = why(netstat("oops\n", "", 0), name, &[]);
            assert_eq!(odd, "failed: Can't read what `netstat -rn` prints: \"oops\"");
            let denied = MemoryTarget::new().file("/proc/net/route", "").denied("/proc/net/route");
            let told = why(denied, name, &[]);
            assert_eq!(told, "failed: Can't tell the routes: /proc/net/route: permission denied");
        }
        let lines = "Iface\tDestination\tGateway\nens3\tx\ty\nens3\n";
        let audit = Audit::debian(MemoryTarget::new().file("/proc/net/route", lines));
        let has = audit.ask(&audit.the("routing_table"), "has_entry?", &[entry(&audit, "0.0.0.0", "10.0.0.1")]);
        assert_eq!(has, "false");
    }

    #[test]
    fn an_absent_default_is_told() {
        let empty = Audit::debian(MemoryTarget::new().file("/proc/net/route", "Iface\n"));
        let told = empty.get(&empty.the("default_gateway"), "ipaddress");
        assert_eq!(told, "!Inspec::Exceptions::ResourceFailed: No routing found as part of default gateway");
    }
}
