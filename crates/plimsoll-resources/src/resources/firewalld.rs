//! `firewalld`: the zones of the firewall daemon.
//!
//! ```ruby
//! describe firewalld do
//!   it { should be_running }
//!   its('default_zone') { should eq 'drop' }
//!   it { should have_service_enabled_in_zone('ssh', 'drop') }
//! end
//! describe firewalld.where { zone == 'public' } do
//!   its('interfaces') { should cmp [['eth0']] }
//! end
//! ```
//!
//! `firewall-cmd` is asked, of the active zones. Matchers and properties without a zone mean the default one.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;
use crate::tool;

struct Zones(Value);

pub(crate) const FIREWALLD: ResourceDef = ResourceDef {
    name: "firewalld",
    class: "FirewallD",
    doc: "The zones of the firewall daemon.",
    new: Some((0, 0, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The active zones as Hashes."),
    def("installed?", 0, 0, |vm, _, _| Ok(is_installed(vm)?.into()), "Whether `firewall-cmd` is there."),
    def("running?", 0, 0, is_running, "Whether the daemon runs."),
    def("has_zone?", 1, 1, has_zone, "Whether there is this zone."),
    def("default_zone", 0, 0, |vm, _, _| Ok(Value::bytes(ask(vm, b"--get-default-zone")?)), "The default zone."),
    def(
        "has_service_enabled_in_zone?",
        1,
        2,
        |vm, _, args| query(vm, "--query-service=", args),
        "Whether a service is let in.",
    ),
    def("has_port_enabled_in_zone?", 1, 2, |vm, _, args| query(vm, "--query-port=", args), "Whether a port is open."),
    def("has_rule_enabled?", 1, 2, has_rule, "Whether a zone has this rich rule."),
    def(
        "service_ports_enabled_in_zone",
        1,
        2,
        |vm, _, args| of_service(vm, "--get-ports", args),
        "The ports of a service.",
    ),
    def(
        "service_protocols_enabled_in_zone",
        1,
        2,
        |vm, _, args| of_service(vm, "--get-protocols", args),
        "Its protocols.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Firewall Rules")), "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    let names = [
        "zone",
        "interfaces",
        "sources",
        "services",
        "target",
        "ports",
        "protocols",
        "forward_ports",
        "source_ports",
        "icmp_blocks",
        "rich_rules",
    ];
    let columns = names.into_iter().fold(Columns::new(Key::Str), |columns, name| columns.column(name, name));
    columns
        .property("icmp_block_inversion?", "Whether the first zone blocks what it does not list.", |vm, table, _| {
            first(vm, table, "icmp_block_inversion")
        })
        .property("has_icmp_block_inversion_enabled?", "The same.", |vm, table, _| {
            first(vm, table, "icmp_block_inversion")
        })
        .property("masquerade?", "Whether the first zone masquerades.", |vm, table, _| first(vm, table, "masquerade"))
        .property("has_masquerade_enabled?", "The same.", |vm, table, _| first(vm, table, "masquerade"))
        .install(vm, class, rows);
}

/// A field of the first zone that was chosen.
fn first(vm: &Interp, table: &Value, field: &str) -> Res {
    let rows = vm.send(table, "raw_data", &[])?;
    let row = vm.to_array(&rows)?.get(0).unwrap_or_default();
    vm.send(&row, "[]", &[Value::str(field)])
}

fn rows(vm: &Interp, this: &Value) -> Res {
    match base::resource_data(vm, this)?.state::<Zones>() {
        Some(zones) => Ok(zones.0.clone()),
        None => Ok(Value::array(Vec::new())),
    }
}

/// What `firewall-cmd` prints; its complaint as text where it has one, as CINC takes it.
fn ask(vm: &Interp, options: &[u8]) -> Res<Vec<u8>> {
    let line = [b"firewall-cmd ".as_slice(), options].concat();
    let output = tool::run(vm, &line)?;
    if output.stderr.is_empty() {
        return Ok(text::strip(&output.stdout).to_vec());
    }
    tool::permitted(vm, &line, &output)?;
    Ok([b"Error on command ".as_slice(), &line, b": ", &output.stderr].concat())
}

fn ask_zone(vm: &Interp, zone: &[u8], option: &[u8]) -> Res<Vec<u8>> {
    ask(vm, &[b"--permanent --zone=".as_slice(), zone, b" ", option].concat())
}

fn new(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let active = ask(vm, b"--get-active-zones")?;
    let mut rows = Vec::new();
    // Every other line begins a zone, the one after it has its interfaces.
    for pair in text::lines(&active).chunks(2) {
        rows.push(row(vm, pair)?);
    }
    base::set_state(vm, this, Zones(Value::array(rows)))
}

fn row(vm: &Interp, pair: &[&[u8]]) -> Res {
    let zone = pair.first().map_or(b"".as_slice(), |line| *line);
    let joined = pair.join(&b'\n');
    let Some(interfaces) = text::split(&joined, b':').get(1).map(|part| give::texts(text::words(part))) else {
        // As CINC has it: a zone without interfaces skips the resource.
        return vm.send(&Value::Nil, "split", &[Value::str(" ")]);
    };
    let words = |option: &str| {
        Ok::<_, plimsoll_ruby::Unwind>(give::texts(text::words(&ask_zone(vm, zone, option.as_bytes())?)))
    };
    let lines = |option: &str| {
        Ok::<_, plimsoll_ruby::Unwind>(give::texts(text::lines(&ask_zone(vm, zone, option.as_bytes())?)))
    };
    let is_on =
        |option: &str| Ok::<_, plimsoll_ruby::Unwind>(Value::from(ask_zone(vm, zone, option.as_bytes())? == b"yes"));
    let row = give::string_hash(
        vm,
        [
            ("zone", Value::bytes(zone)),
            ("interfaces", interfaces),
            ("services", words("--list-services")?),
            ("sources", words("--list-sources")?),
            ("target", Value::bytes(text::strip(&ask_zone(vm, zone, b"--get-target")?))),
            ("icmp_block_inversion", is_on("--query-icmp-block-inversion")?),
            ("ports", words("--list-ports")?),
            ("protocols", words("--list-protocols")?),
            ("masquerade", is_on("--query-masquerade")?),
            ("forward_ports", lines("--list-forward-ports")?),
            ("source_ports", words("--list-source-ports")?),
            ("icmp_blocks", words("--list-icmp-blocks")?),
            ("rich_rules", lines("--list-rich-rules")?),
        ],
    )?;
    Ok(row.into())
}

fn is_installed(vm: &Interp) -> Res<bool> {
    command::exists(vm, b"firewall-cmd")
}

fn is_running(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Ok((is_installed(vm)? && text::lines(&ask(vm, b"--state")?).iter().any(|line| line.starts_with(b"running"))).into())
}

fn has_zone(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let wanted = vm.to_s(&args[0])?.to_vec();
    Ok((is_installed(vm)? && text::words(&ask(vm, b"--get-zones")?).contains(&wanted.as_slice())).into())
}

/// The zone an argument names, or the default one.
fn zone(vm: &Interp, args: Args<'_>) -> Res<Vec<u8>> {
    match args.get(1) {
        Some(zone) => Ok(vm.to_s(zone)?.to_vec()),
        None => ask(vm, b"--get-default-zone"),
    }
}

fn query(vm: &Interp, option: &str, args: Args<'_>) -> Res {
    let wanted = vm.to_s(&args[0])?.to_vec();
    Ok((ask_zone(vm, &zone(vm, args)?, &[option.as_bytes(), &wanted].concat())? == b"yes").into())
}

fn has_rule(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let given = vm.to_s(&args[0])?.to_vec();
    let prefix = if given.starts_with(b"rule") { b"".as_slice() } else { b"rule " };
    let option = [b"--query-rich-rule='".as_slice(), prefix, &given, b"'"].concat();
    Ok((ask_zone(vm, &zone(vm, args)?, &option)? == b"yes").into())
}

fn of_service(vm: &Interp, option: &str, args: Args<'_>) -> Res {
    let service = vm.to_s(&args[0])?.to_vec();
    let options = [b"--service=".as_slice(), &service, b" ", option.as_bytes()].concat();
    Ok(give::texts(text::words(&ask_zone(vm, &zone(vm, args)?, &options)?)))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn present_zones_are_told_of() {
        let in_drop = |option: &str| format!("firewall-cmd --permanent --zone=drop {option}");
        let target = MemoryTarget::new()
            .command("sh -c 'type \"firewall-cmd\"'", "", "", 0)
            .command("firewall-cmd --get-active-zones", "drop\n  interfaces: eth0 eth1\n", "", 0)
            .command("firewall-cmd --state", "running\n", "", 0)
            .command("firewall-cmd --get-zones", "block drop\n", "", 0)
            .command("firewall-cmd --get-default-zone", "drop\n", "", 0)
            .command(in_drop("--list-services"), "ssh dns\n", "", 0)
            .command(in_drop("--query-masquerade"), "yes\n", "", 0)
            .command(in_drop("--query-service=ssh"), "yes\n", "", 0)
            .command(in_drop("--query-port=22/udp"), "no\n", "", 1)
            .command(in_drop("--query-rich-rule='rule family=ipv4 accept'"), "yes\n", "", 0)
            .command(in_drop("--service=ssh --get-ports"), "22/tcp\n", "", 0);
        let audit = Audit::debian(target);
        let firewall = audit.the("firewalld");
        assert_eq!(
            (audit.get(&firewall, "running?"), audit.get(&firewall, "default_zone")),
            ("true".into(), "\"drop\"".into())
        );
        let asked = |question: &str, text: &str| audit.ask(&firewall, question, &[Value::str(text)]);
        assert_eq!((asked("has_zone?", "drop"), asked("has_zone?", "home")), ("true".into(), "false".into()));
        assert_eq!(asked("has_service_enabled_in_zone?", "ssh"), "true");
        assert_eq!(asked("has_port_enabled_in_zone?", "22/udp"), "false");
        assert_eq!(asked("has_rule_enabled?", "family=ipv4 accept"), "true");
        assert_eq!(asked("service_ports_enabled_in_zone", "ssh"), r#"["22/tcp"]"#);
        assert_eq!(audit.get(&firewall, "interfaces"), r#"[["eth0", "eth1"]]"#);
        assert_eq!(audit.get(&firewall, "services"), r#"[["ssh", "dns"]]"#);
        assert_eq!(
            (audit.get(&firewall, "masquerade?"), audit.get(&firewall, "icmp_block_inversion?")),
            ("true".into(), "false".into())
        );
    }

    #[test]
    fn with_an_absent_tool_nothing_runs() {
        let bare = Audit::debian(MemoryTarget::new().without_shell("none"));
        let firewall = bare.the("firewalld");
        assert_eq!(
            (bare.get(&firewall, "installed?"), bare.get(&firewall, "running?")),
            ("false".into(), "false".into())
        );
        assert_eq!(bare.ask(&firewall, "has_zone?", &[Value::str("drop")]), "false");
    }

    #[test]
    fn a_malformed_zone_skips_and_an_unreadable_one_fails() {
        let odd = Audit::debian(MemoryTarget::new().command("firewall-cmd --get-active-zones", "public\n", "", 0));
        assert_eq!(odd.why(&odd.the("firewalld")), "skipped: undefined method `split' for nil:NilClass");
        let error = "Authorization failed.\n    Make sure polkit agent is running, operation not permitted";
        let refused = Audit::debian(MemoryTarget::new().otherwise("", error, 253));
        let told = refused.why(&refused.the("firewalld"));
        assert_eq!(told, format!("failed: Command `firewall-cmd --get-active-zones` may not look: {error}"));
        let half = MemoryTarget::new().otherwise("", error, 253).command("firewall-cmd --get-active-zones", "", "", 0);
        let half = Audit::debian(half);
        let args = [Value::str("22/tcp"), Value::str("drop")];
        let open = half.ask(&half.the("firewalld"), "has_port_enabled_in_zone?", &args);
        let line = "firewall-cmd --permanent --zone=drop --query-port=22/tcp";
        assert!(open.contains(&format!("Unanswered: Command `{line}` may not look: Authorization failed.")), "{open}");
    }
}
