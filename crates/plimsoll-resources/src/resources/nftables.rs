//! `nftables`: a chain of rules or a set of the kernel's packet filter.
//!
//! ```ruby
//! describe nftables(family: 'inet', table: 'filter', chain: 'INPUT') do
//!   its('type') { should eq 'filter' }
//!   its('hook') { should eq 'input' }
//!   its('prio') { should eq 0 }
//!   its('policy') { should eq 'drop' }
//!   it { should have_rule('tcp dport { 22, 80, 443 } accept') }
//! end
//! describe nftables(family: 'inet', table: 'filter', set: 'OPEN_PORTS') do
//!   its('type') { should eq 'ipv4_addr . inet_proto . inet_service' }
//!   its('flags') { should include 'interval' }
//!   it { should have_element('1.1.1.1 . tcp . 25-27') }
//! end
//! ```
//!
//! `nft` is asked; without it the resource fails. `family`, `table` and one of `chain` and `set` are needed;
//! `ignore_comments: true` compares rules without their comments. A rule or element is compared as a whole, in any case.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use regex::bytes::Regex;

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::json_text;
use crate::text;
use crate::tool;

/// What is asked, and how.
struct Filter {
    tool: &'static str,
    flags: Flags,
    family: Option<Vec<u8>>,
    table: Option<Vec<u8>>,
    chain: Option<Vec<u8>>,
    set: Option<Vec<u8>>,
    ignore_comments: bool,
}

/// The flags that this version of `nft` knows; empty where it knows none.
struct Flags {
    json: &'static str,
    stateless: &'static str,
    numeric: &'static str,
}

pub(crate) const NFTABLES: ResourceDef = ResourceDef {
    name: "nftables",
    class: "NfTables",
    doc: "A chain or a set of the kernel's packet filter.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("type", 0, 0, |vm, this, _| attribute(vm, this, "type"), "The type of a chain or of a set's elements."),
    def("hook", 0, 0, |vm, this, _| attribute(vm, this, "hook"), "The hook of a chain."),
    def("prio", 0, 0, |vm, this, _| attribute(vm, this, "prio"), "The priority of a chain."),
    def("policy", 0, 0, |vm, this, _| attribute(vm, this, "policy"), "The policy of a chain."),
    def("flags", 0, 0, |vm, this, _| attribute(vm, this, "flags"), "The flags of a set."),
    def("size", 0, 0, |vm, this, _| attribute(vm, this, "size"), "The size of a set."),
    def("has_rule?", 0, 4, |vm, this, args| has(vm, &rules(vm, this)?, args), "Whether the chain has this rule."),
    def(
        "has_element?",
        0,
        4,
        |vm, this, args| has(vm, &elements(vm, this)?, args),
        "Whether the set has this element.",
    ),
    def("retrieve_chain_rules", 0, 0, |vm, this, _| Ok(give::texts(rules(vm, this)?)), "The rules of the chain."),
    def("retrieve_set_elements", 0, 0, |vm, this, _| Ok(give::texts(elements(vm, this)?)), "The elements of the set."),
    def(
        "retrieve_chain_attrs",
        0,
        0,
        |vm, this, _| chain_attributes(vm, this),
        "What is told of the chain, as a Hash.",
    ),
    def("retrieve_set_attrs", 0, 0, |vm, this, _| set_attributes(vm, this), "What is told of the set, as a Hash."),
    def("resource_id", 0, 0, to_s, "Its title."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| give::text_option(vm, args, 0, name);
    let (family, table, chain, set) = (option("family")?, option("table")?, option("chain")?, option("set")?);
    let ignore_comments = give::option(vm, args, 0, "ignore_comments")?.is_some_and(|value| value.truthy());
    let tool = find_tool(vm)?;
    let flags = flags_of(vm, tool)?;
    let given = |text: &Option<Vec<u8>>| text.as_ref().is_some_and(|text| !text.is_empty());
    let complaint = match (given(&chain), given(&set)) {
        (false, false) => Some("You must specify either a chain or a set name."),
        (true, true) => Some("You must specify either a chain or a set name, not both."),
        _ if !given(&family) || !given(&table) => Some("nftables family and table are mandatory."),
        _ => None,
    };
    base::set_state(vm, this, Filter { tool, flags, family, table, chain, set, ignore_comments })?;
    match complaint {
        Some(complaint) => vm.send(this, "fail_resource", &[Value::str(complaint)]),
        None => Ok(Value::Nil),
    }
}

fn find_tool(vm: &Interp) -> Res<&'static str> {
    for tool in ["/usr/sbin/nft", "/sbin/nft", "nft"] {
        if command::exists(vm, tool.as_bytes())? {
            return Ok(tool);
        }
    }
    Err(base::failed(vm, "Could not find `nft`"))
}

static VERSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)(?m)^nftables v(\d+)\.(\d+)(?:\.(\d+))?\S* ").expect("a fixed pattern"));

fn flags_of(vm: &Interp, tool: &str) -> Res<Flags> {
    let printed = command::run(vm, format!("{tool} --version").as_bytes())?.stdout;
    let Some(found) = VERSION.captures(&printed) else {
        let shown = text::lossy(text::strip(&printed));
        return Err(base::failed(vm, &format!("Can't read the version that `{tool} --version` prints: {shown:?}")));
    };
    let part = |at: usize| found.get(at).map_or(0, |part| text::to_i(part.as_bytes()));
    Ok(match (part(1), part(2), part(3)) {
        (0, ..8, _) => Flags { json: "", stateless: "", numeric: "-nn" },
        (0, 8, _) => Flags { json: "", stateless: "-s", numeric: "-nn" },
        (0, 9, ..3) => Flags { json: "-j", stateless: "-s", numeric: "-nn" },
        _ => Flags { json: "-j", stateless: "-s", numeric: "-y" },
    })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Filter>> {
    base::state::<Filter>(vm, this)
}

impl Filter {
    /// What `nft` prints of the chain or set; nothing when it fails.
    fn list(&self, vm: &Interp, flags: &[&str], kind: &str, name: Option<&Vec<u8>>) -> Res<Option<Vec<u8>>> {
        let part = |part: Option<&Vec<u8>>| part.map(|part| text::lossy(part)).unwrap_or_default();
        let (family, table) = (part(self.family.as_ref()), part(self.table.as_ref()));
        let line = format!("{} {} list {kind} {family} {table} {}", self.tool, flags.join(" "), part(name));
        let output = tool::ask(vm, line.trim().as_bytes())?;
        Ok((output.exit_status == 0).then_some(output.stdout))
    }

    fn list_chain(&self, vm: &Interp, flag: &str) -> Res<Option<Vec<u8>>> {
        self.list(vm, &[self.flags.stateless, flag], "chain", self.chain.as_ref())
    }
}

fn without_tabs(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b'\t').collect()
}

/// The lines that do not begin with one of these words and are no closing brace alone.
fn body<'t>(text: &'t [u8], heads: &[&str]) -> Vec<&'t [u8]> {
    let is_head = |line: &&[u8]| *line == b"}" || heads.iter().any(|head| line.starts_with(head.as_bytes()));
    text::lines(text).into_iter().filter(|line| !is_head(line)).collect()
}

static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?-u) comment "[^"]*""#).expect("a fixed pattern"));

fn rules(vm: &Interp, this: &Value) -> Res<Vec<Vec<u8>>> {
    let filter = of(vm, this)?;
    let Some(printed) = filter.list_chain(vm, filter.flags.numeric)? else { return Ok(Vec::new()) };
    let printed = without_tabs(&printed);
    let rules = body(&printed, &["table", "chain"]).into_iter();
    Ok(if filter.ignore_comments {
        rules.map(|rule| COMMENT.replace_all(rule, b"".as_slice()).into_owned()).collect()
    } else {
        rules.map(|rule| text::strip(rule).to_vec()).collect()
    })
}

fn elements(vm: &Interp, this: &Value) -> Res<Vec<Vec<u8>>> {
    let filter = of(vm, this)?;
    let Some(printed) = filter.list(vm, &[filter.flags.stateless], "set", filter.set.as_ref())? else {
        return Ok(Vec::new());
    };
    let printed = without_tabs(&printed);
    let heads = ["table", "set", "type", "size", "flags", "typeof", "auto-merge"];
    let mut elements = Vec::new();
    for line in body(&printed, &heads) {
        let line = text::lossy(line).replace("elements = {", "").replace('}', "");
        let line = line.as_bytes();
        elements.extend(text::split(line, b',').into_iter().map(|element| escaped(text::strip(element))));
    }
    Ok(elements)
}

/// Quotes, backslashes and semicolons are shown after a backslash.
fn escaped(element: &[u8]) -> Vec<u8> {
    let escape = |byte: &u8| if b"\\'\";".contains(byte) { vec![b'\\', *byte] } else { vec![*byte] };
    element.iter().flat_map(escape).collect()
}

fn has(vm: &Interp, lines: &[Vec<u8>], args: Args<'_>) -> Res {
    let wanted = vm.to_str(&args.or_nil(0))?.to_vec();
    Ok(lines.iter().any(|line| line.eq_ignore_ascii_case(&wanted)).into())
}

fn attribute(vm: &Interp, this: &Value, name: &str) -> Res {
    let is_set = of(vm, this)?.set.is_some();
    let (kind, known) =
        if is_set { ("sets", ["flags", "size", "type", ""]) } else { ("chains", ["hook", "policy", "prio", "type"]) };
    if !known.contains(&name) {
        return Err(base::skipped(vm, &format!("`{name}` attribute is not valid for {kind}")));
    }
    let attributes = if is_set { set_attributes(vm, this)? } else { chain_attributes(vm, this)? };
    let attributes = vm.to_hash(&attributes)?;
    match vm.hash_get(&attributes, &Value::str(name))? {
        // A type of several parts comes as a list.
        Some(list @ Value::Array(_)) if name == "type" => vm.send(&list, "join", &[Value::str(" . ")]),
        Some(value) => Ok(value),
        None if name == "flags" => Ok(Value::array(Vec::new())),
        None => Ok(Value::str("")),
    }
}

/// The first object of this kind in what `nft -j` prints.
fn from_json(vm: &Interp, printed: &[u8], kind: &str) -> Res {
    let told = json_text::parse(vm, printed)?;
    let told = told.map_err(|error| doubt::unanswered(vm, &format!("Can't read what nft prints: {error}")))?;
    let objects = vm.send(&told, "[]", &[Value::str("nftables")])?;
    for object in vm.to_array(&objects)?.to_vec() {
        if let Value::Hash(object) = &object
            && let Some(found) = vm.hash_get(object, &Value::str(kind))?
        {
            return Ok(found);
        }
    }
    Err(base::failed(vm, &format!("Can't find the {kind} in what nft prints")))
}

static CHAIN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)type (\S+) hook (\S+) priority (\S+); policy (\S+);").expect("a fixed pattern"));

fn chain_attributes(vm: &Interp, this: &Value) -> Res {
    let filter = of(vm, this)?;
    let Some(printed) = filter.list_chain(vm, filter.flags.json)? else { return Ok(vm.hash_from([])?.into()) };
    if !filter.flags.json.is_empty() {
        return from_json(vm, &printed, "chain");
    }
    let printed = without_tabs(&printed);
    let line = text::lines(&printed).into_iter().find(|line| line.starts_with(b"type"));
    let Some(found) = line.and_then(|line| CHAIN.captures(line)) else {
        return Err(base::failed(vm, "Can't find the chain's type in what nft prints"));
    };
    let field = |at: usize| Value::bytes(&found[at]);
    let prio = Value::Int(text::to_i(&found[3]));
    let fields = [("type", field(1)), ("hook", field(2)), ("prio", prio), ("policy", field(4))];
    Ok(give::string_hash(vm, fields)?.into())
}

fn set_attributes(vm: &Interp, this: &Value) -> Res {
    let filter = of(vm, this)?;
    let flags = [filter.flags.stateless, filter.flags.json];
    let Some(printed) = filter.list(vm, &flags, "set", filter.set.as_ref())? else {
        return Ok(vm.hash_from([])?.into());
    };
    if !filter.flags.json.is_empty() {
        return from_json(vm, &printed, "set");
    }
    let printed = without_tabs(&printed);
    let lines = text::lines(&printed);
    let last = |word: &str| lines.iter().rev().find_map(|line| line.strip_prefix(word.as_bytes()));
    let flags = last("flags ").map_or_else(Vec::new, |flags| text::split(flags, b','));
    let fields = [
        ("type", Value::bytes(last("type ").unwrap_or_default())),
        ("size", Value::Int(last("size ").map_or(0, text::to_i))),
        ("flags", give::texts(flags)),
    ];
    Ok(give::string_hash(vm, fields)?.into())
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let filter = of(vm, this)?;
    let part = |name: &str, value: &Option<Vec<u8>>| {
        value.as_ref().map(|value| format!("{name}: {}", text::lossy(value))).unwrap_or_default()
    };
    let parts = [
        part("family", &filter.family),
        part("table", &filter.table),
        part("chain", &filter.chain),
        part("set", &filter.set),
    ];
    Ok(Value::str(format!("nftables ({})", parts.join(" "))))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn nft(version: &str) -> MemoryTarget {
        MemoryTarget::new().command("sh -c 'type \"/usr/sbin/nft\"'", "", "", 0).command(
            "/usr/sbin/nft --version",
            format!("nftables v{version} (Topsy)\n"),
            "",
            0,
        )
    }

    const CHAIN: [(&str, &str); 3] = [("family", "inet"), ("table", "filter"), ("chain", "INPUT")];
    const SET: [(&str, &str); 3] = [("family", "inet"), ("table", "filter"), ("set", "OPEN")];
    const RULES: &str = "table inet filter {\n\tchain INPUT {\n\t\ttype filter hook input priority 0; policy drop;\n\
        \t\tiif \"lo\" accept comment \"self\"\n\t\ttcp dport { 22, 80 } accept\n\t}\n}\n";
    const ELEMENTS: &str = "table inet filter {\n\tset OPEN {\n\t\ttype ipv4_addr . inet_service\n\t\tsize 65535\n\
        \t\tflags interval,timeout\n\t\telements = { 1.1.1.1 . 25,\n\t\t\t     2.2.2.2 . 80-81 }\n\t}\n}\n";

    #[test]
    fn a_present_chain_is_read() {
        let json = r#"{"nftables": [{"metainfo": {}}, {"chain": {"type": "filter", "hook": "input", "prio": -5, "policy": "drop"}}]}"#;
        let target = nft("1.0.6").command("/usr/sbin/nft -s -y list chain inet filter INPUT", RULES, "", 0).command(
            "/usr/sbin/nft -s -j list chain inet filter INPUT",
            json,
            "",
            0,
        );
        let audit = Audit::debian(target);
        let chain = audit.with("nftables", &CHAIN);
        let has = |rule: &str| audit.ask(&chain, "has_rule?", &[Value::str(rule)]);
        assert_eq!(has("TCP dport { 22, 80 } accept"), "true");
        assert_eq!(
            (has("iif \"lo\" accept"), has("iif \"lo\" accept comment \"self\"")),
            ("false".into(), "true".into())
        );
        assert_eq!((audit.get(&chain, "hook"), audit.get(&chain, "prio")), (r#""input""#.into(), "-5".into()));
        assert!(audit.get(&chain, "size").ends_with("`size` attribute is not valid for chains"));
        assert_eq!(audit.get(&chain, "to_s"), r#""nftables (family: inet table: filter chain: INPUT )""#);
    }

    #[test]
    fn an_old_nft_has_no_json() {
        let target = nft("0.8.2").command("/usr/sbin/nft -s  list chain inet filter INPUT", RULES, "", 0).command(
            "/usr/sbin/nft -s  list set inet filter OPEN",
            ELEMENTS,
            "",
            0,
        );
        let audit = Audit::debian(target);
        let chain = audit.with("nftables", &CHAIN);
        assert_eq!((audit.get(&chain, "policy"), audit.get(&chain, "prio")), (r#""drop""#.into(), "0".into()));
        let set = audit.with("nftables", &SET);
        assert_eq!(audit.get(&set, "flags"), r#"["interval", "timeout"]"#);
        assert_eq!(
            (audit.get(&set, "size"), audit.get(&set, "type")),
            ("65535".into(), r#""ipv4_addr . inet_service""#.into())
        );
    }

    #[test]
    fn a_present_set_is_read() {
        let json = r#"{"nftables": [{"set": {"type": ["ipv4_addr", "inet_service"], "flags": ["interval"]}}]}"#;
        let target = nft("0.9.8").command("/usr/sbin/nft -s list set inet filter OPEN", ELEMENTS, "", 0).command(
            "/usr/sbin/nft -s -j list set inet filter OPEN",
            json,
            "",
            0,
        );
        let audit = Audit::debian(target);
        let set = audit.with("nftables", &SET);
        assert_eq!(audit.ask(&set, "has_element?", &[Value::str("2.2.2.2 . 80-81")]), "true");
        assert_eq!(audit.get(&set, "retrieve_set_elements"), r#"["1.1.1.1 . 25", "2.2.2.2 . 80-81"]"#);
        assert_eq!(
            (audit.get(&set, "type"), audit.get(&set, "size")),
            (r#""ipv4_addr . inet_service""#.into(), r#""""#.into())
        );
    }

    #[test]
    fn what_is_absent_has_no_rules() {
        let audit = Audit::debian(nft("1.0.6"));
        let chain = audit.with("nftables", &CHAIN);
        assert_eq!(
            (audit.get(&chain, "retrieve_chain_rules"), audit.get(&chain, "type")),
            ("[]".into(), r#""""#.into())
        );
        assert_eq!(audit.get(&audit.with("nftables", &SET), "flags"), "[]");
    }

    #[test]
    fn wrong_use_malformed_output_and_an_absent_nft_fail() {
        let target = nft("1.0.6").command("/usr/sbin/nft -s -j list chain inet filter INPUT", "oops", "", 0);
        let audit = Audit::debian(target);
        assert!(audit.get(&audit.with("nftables", &CHAIN), "type").contains("Can't read what nft prints"));
        assert_eq!(
            audit.why(&audit.with("nftables", &CHAIN[..2])),
            "failed: You must specify either a chain or a set name."
        );
        assert_eq!(audit.why(&audit.with("nftables", &CHAIN[1..])), "failed: nftables family and table are mandatory.");
        let odd = Audit::debian(nft("x"));
        assert!(odd.why(&odd.with("nftables", &CHAIN)).starts_with("failed: Can't read the version"));
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.with("nftables", &CHAIN)), "failed: Could not find `nft`");
    }

    #[test]
    fn what_is_unreadable_is_not_absent() {
        let error = "Error: Could not process rule: Operation not permitted (you must be root)";
        let target = nft("1.0.6").command("/usr/sbin/nft -s -y list chain inet filter INPUT", "", error, 1).command(
            "/usr/sbin/nft -s -j list set inet filter OPEN",
            "",
            error,
            1,
        );
        let audit = Audit::debian(target);
        let rule = audit.ask(&audit.with("nftables", &CHAIN), "has_rule?", &[Value::str("x")]);
        let failed = "!Inspec::Exceptions::Unanswered: Command `/usr/sbin/nft -s";
        assert_eq!(rule, format!("{failed} -y list chain inet filter INPUT` may not look: {error}"));
        let flags = audit.get(&audit.with("nftables", &SET), "flags");
        assert_eq!(flags, format!("{failed} -j list set inet filter OPEN` may not look: {error}"));
    }
}
