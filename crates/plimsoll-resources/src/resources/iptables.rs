//! `iptables` and `ip6tables`: the rules that packets are filtered by.
//!
//! ```ruby
//! describe iptables(table: 'nat', chain: 'POSTROUTING') do
//!   it { should have_rule('-A POSTROUTING -o eth0 -j MASQUERADE') }
//! end
//! ```
//!
//! A rule is compared as `iptables -S` prints it, in any letter case. Options: `table:`, `chain:`, `ignore_comments:`.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use regex::bytes::Regex;

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::text;

struct Rules {
    program: &'static str,
    table: Option<Vec<u8>>,
    chain: Option<Vec<u8>>,
    ignores_comments: bool,
}

pub(crate) const IPTABLES: ResourceDef = ResourceDef {
    name: "iptables",
    class: "IpTables",
    doc: "The rules that IPv4 packets are filtered by.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, "iptables"))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const IP6TABLES: ResourceDef = ResourceDef {
    name: "ip6tables",
    class: "Ip6Tables",
    doc: "The rules that IPv6 packets are filtered by.",
    new: Some((0, 1, |vm, this, args| new(vm, this, args, "ip6tables"))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("has_rule?", 0, 3, has_rule, "Whether there is this rule."),
    def("retrieve_rules", 0, 0, |vm, this, _| Ok(give::texts(rules(vm, this)?)), "All rules."),
    def("resource_id", 0, 0, title, "The table and the chain."),
    def("to_s", 0, 0, title, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>, program: &'static str) -> Res {
    let option = |name: &str| match give::option(vm, args, 0, name)? {
        Some(value) if value.truthy() => Ok::<_, plimsoll_ruby::Unwind>(Some(vm.to_s(&value)?.to_vec())),
        _ => Ok(None),
    };
    let rules = Rules {
        program,
        table: option("table")?,
        chain: option("chain")?,
        ignores_comments: program == "iptables" && option("ignore_comments")?.is_some(),
    };
    base::set_state(vm, this, rules)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Rules>> {
    base::state::<Rules>(vm, this)
}

/// What is said of a chain or a table that is not there.
const ABSENT: [&str; 2] = ["No chain/target/match by that name", "does not exist"];

/// The program where distributions keep it; one that has none fails the resource.
fn program(vm: &Interp, name: &str) -> Res<String> {
    for directory in ["/usr/sbin/", "/sbin/", ""] {
        let path = format!("{directory}{name}");
        if command::exists(vm, path.as_bytes())? {
            return Ok(path);
        }
    }
    Err(base::failed(vm, &format!("Could not find `{name}`")))
}

fn rules(vm: &Interp, this: &Value) -> Res<Vec<Vec<u8>>> {
    let rules = of(vm, this)?;
    let program = program(vm, rules.program)?;
    let table = rules.table.as_ref().map_or_else(Vec::new, |table| [b"-t ", table.as_slice()].concat());
    let chain = rules.chain.clone().unwrap_or_default();
    let line = [program.as_bytes(), b" ", &table, b" -S ", &chain].concat();
    let line = text::strip(&line);
    let output = command::run(vm, line)?;
    if output.exit_status != 0 {
        // CINC takes every failure for a chain without rules.
        let is_none = ABSENT.iter().any(|words| text::find(&output.stderr, words.as_bytes()).is_some());
        let (line, error) = (text::lossy(line), text::lossy(text::strip(&output.stderr)));
        if !is_none {
            doubt::taken_for(vm, &format!("Can't tell the rules: `{line}` says: {error}"), ())?;
        }
        return Ok(Vec::new());
    }
    let comment = Regex::new(r#"(?-u) -m comment --comment "([^"]*)""#).expect("the pattern is written here");
    let cleaned = |line: &[u8]| {
        if rules.ignores_comments {
            comment.replace_all(line, b"".as_slice()).into_owned()
        } else {
            text::strip(line).to_vec()
        }
    };
    Ok(text::lines(&output.stdout).into_iter().map(cleaned).collect())
}

fn has_rule(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let rules = rules(vm, this)?;
    let wanted = vm.to_str(&args.or_nil(0))?.to_vec();
    Ok(rules.iter().any(|rule| rule.eq_ignore_ascii_case(&wanted)).into())
}

fn title(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let rules = of(vm, this)?;
    let part = |name: &str, value: &Option<Vec<u8>>| {
        value.as_ref().map_or_else(String::new, |value| format!("{name}: {}", text::lossy(value)))
    };
    let program = if rules.program == "iptables" { "Iptables" } else { "Ip6tables" };
    let title = format!("{program} {} {}", part("table", &rules.table), part("chain", &rules.chain));
    Ok(Value::str(title.trim()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn present_rules_are_known() {
        let rule = "-A INPUT -p tcp -m comment --comment \"ssh\" -j ACCEPT";
        let target = MemoryTarget::new()
            .command("sh -c 'type \"/usr/sbin/iptables\"'", "", "", 0)
            .command("/usr/sbin/iptables  -S", format!("-P INPUT DROP\n{rule}\n"), "", 0)
            .command("/usr/sbin/iptables -t nat -S OUTPUT", "-P OUTPUT ACCEPT\n", "", 0);
        let audit = Audit::debian(target);
        let all = audit.the("iptables");
        let has = |rules: &Value, rule: &str| audit.ask(rules, "has_rule?", &[Value::str(rule)]);
        assert_eq!(has(&all, "-p input drop"), "true");
        assert_eq!(has(&all, "-P INPUT"), "false");
        let ignoring = audit.with("iptables", &[("ignore_comments", "true")]);
        assert_eq!(has(&ignoring, "-A INPUT -p tcp -j ACCEPT"), "true");
        let nat = audit.with("iptables", &[("table", "nat"), ("chain", "OUTPUT")]);
        assert_eq!(has(&nat, "-P OUTPUT ACCEPT"), "true");
        assert_eq!(audit.get(&nat, "to_s"), r#""Iptables table: nat chain: OUTPUT""#);
        let chain = audit.with("iptables", &[("chain", "INPUT")]);
        assert_eq!(audit.get(&chain, "to_s"), r#""Iptables  chain: INPUT""#);
    }

    /// A program of this name, and what it says of a chain.
    fn says(name: &str, chain: &str, printed: &str, error: &str, status: i32) -> Audit {
        let found = format!("sh -c 'type \"/sbin/{name}\"'");
        let line = format!("/sbin/{name}  -S {chain}");
        Audit::debian(MemoryTarget::new().command(found, "", "", 0).command(line, printed, error, status))
    }

    #[test]
    fn of_both_present_absent_malformed_and_unreadable_chains_are_told_apart() {
        for name in ["iptables", "ip6tables"] {
            let has = |audit: &Audit, rule: &str| {
                audit.ask(&audit.with(name, &[("chain", "X")]), "has_rule?", &[Value::str(rule)])
            };
            let present = says(name, "X", "-N X\n", "", 0);
            assert_eq!((has(&present, "-n x"), has(&present, "-A X")), ("true".into(), "false".into()));
            let absent = says(name, "X", "", "iptables: No chain/target/match by that name.\n", 1);
            assert_eq!(has(&absent, "-N X"), "false");
            let malformed = says(name, "X", "\n \0\n", "", 0);
            assert_eq!(has(&malformed, "-N X"), "false");
            let error = "Could not fetch rule set generation id: Permission denied (you must be root)";
            let unreadable = has(&says(name, "X", "", error, 4), "-N X");
            let failed = "!Inspec::Exceptions::Unanswered: Can't tell the rules";
            assert_eq!(unreadable, format!("{failed}: `/sbin/{name}  -S X` says: {error}"));
        }
    }

    #[test]
    fn an_absent_program_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        let four = audit.ask(&audit.the("iptables"), "has_rule?", &[Value::str("x")]);
        assert_eq!(four, "!Inspec::Exceptions::ResourceFailed: Could not find `iptables`");
        let rules = audit.the("ip6tables");
        let told = audit.ask(&rules, "has_rule?", &[Value::str("x")]);
        assert_eq!(told, "!Inspec::Exceptions::ResourceFailed: Could not find `ip6tables`");
        assert_eq!(audit.get(&rules, "to_s"), r#""Ip6tables""#);
    }
}
