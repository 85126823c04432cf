//! `bond`: network interfaces that are bonded to one.
//!
//! ```ruby
//! describe bond('bond0') do
//!   it { should exist }
//!   it { should have_interface 'eth0' }
//!   its('mode') { should match /802.3ad/ }
//! end
//! ```
//!
//! Read from `/proc/net/bonding`; a bond that is not there skips. It has all that `file` has, for that file.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use regex::bytes::Regex;

use super::file;
use crate::config_text::{self, Options, Pair};
use crate::content;
use crate::declare::ResourceDef;

pub(crate) const BOND: ResourceDef = ResourceDef {
    name: "bond",
    class: "Bond",
    parent: Some("FileResource"),
    doc: "Bonded network interfaces.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("content", 0, 0, |vm, this, _| Ok(Value::bytes(text(vm, this)?)), "What the kernel says of it."),
    def("params", 0, 0, params, "The same as a Hash: each name has all of its values."),
    def("interfaces", 0, 0, interfaces, "The interfaces that are bonded."),
    def("has_interface?", 1, 1, has_interface, "Whether this interface is bonded."),
    def("mode", 0, 0, mode, "How they are used."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(file::given_path(vm, this)?)), "The path."),
    def("to_s", 0, 0, to_s, "Its title."),
];

const DIRECTORY: &[u8] = b"/proc/net/bonding/";

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_s(&args[0])?.to_vec();
    file::open(vm, this, &Value::bytes([DIRECTORY, &name].concat()))?;
    text(vm, this).map(|_| Value::Nil)
}

fn text(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    content::read(vm, &file::given_path(vm, this)?, true)
}

fn params(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let pattern = Regex::new(r"(?-u)^\s*([^:]*?)\s*:\s*(.*?)\s*$").expect("the pattern is written here");
    let assignment = |line: &[u8]| {
        let pair = |found: regex::bytes::Captures<'_>| Pair {
            key: Value::bytes(&found[1]),
            values: vec![Value::bytes(&found[2])],
        };
        Ok(pattern.captures(line).map(pair))
    };
    let options = Options { multiple_values: true, ..Options::new(&assignment) };
    Ok(config_text::parse(vm, &text(vm, this)?, &options)?.into())
}

fn value(vm: &Interp, this: &Value, name: &str) -> Res {
    vm.send(&params(vm, this, Args::default())?, "[]", &[Value::str(name)])
}

fn interfaces(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    value(vm, this, "Slave Interface")
}

fn has_interface(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    vm.send(&value(vm, this, "Slave Interface")?, "include?", &args.values[..1])
}

fn mode(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    vm.send(&value(vm, this, "Bonding Mode")?, "first", &[])
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let path = file::given_path(vm, this)?;
    Ok(Value::bytes([b"Bond ".as_slice(), path.strip_prefix(DIRECTORY).unwrap_or(&path)].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_bond_is_told_of() {
        let text = "Ethernet Channel Bonding Driver: v3.7.1\n\nBonding Mode: IEEE 802.3ad Dynamic link aggregation\n\
            MII Status: up\n\nSlave Interface: eth0\nMII Status: up\n\nSlave Interface: eth1\nMII Status: down\n";
        let audit = Audit::debian(MemoryTarget::new().file("/proc/net/bonding/bond0", text));
        let bond = audit.on("bond", "bond0");
        assert_eq!((audit.get(&bond, "exist?"), audit.get(&bond, "owner")), ("true".into(), "\"UNKNOWN\"".into()));
        assert_eq!(audit.get(&bond, "interfaces"), r#"["eth0", "eth1"]"#);
        assert_eq!(audit.ask(&bond, "has_interface?", &[Value::str("eth1")]), "true");
        assert_eq!(audit.ask(&bond, "has_interface?", &[Value::str("eth2")]), "false");
        assert_eq!(audit.get(&bond, "mode"), r#""IEEE 802.3ad Dynamic link aggregation""#);
        assert_eq!(
            (audit.get(&bond, "content"), audit.get(&bond, "to_s")),
            (format!("{text:?}"), r#""Bond bond0""#.into())
        );
        assert_eq!(audit.get(&bond, "resource_id"), r#""/proc/net/bonding/bond0""#);
    }

    #[test]
    fn an_absent_or_unreadable_bond_skips() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/net/bonding/no", "").denied("/proc/net/bonding/no"));
        assert_eq!(audit.why(&audit.on("bond", "bond7")), "skipped: Can't find file: /proc/net/bonding/bond7");
        assert_eq!(audit.why(&audit.on("bond", "no")), "skipped: Can't read file: /proc/net/bonding/no");
    }

    #[test]
    fn a_malformed_file_has_no_mode() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/net/bonding/odd", "nothing here\n"));
        let odd = audit.on("bond", "odd");
        assert_eq!(audit.get(&odd, "interfaces"), "nil");
        assert!(audit.get(&odd, "mode").starts_with("!NoMethodError: undefined method `first' for nil"));
    }
}
