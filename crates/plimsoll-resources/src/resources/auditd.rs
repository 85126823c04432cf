//! `auditd`: the rules that the kernel's audit works by.
//!
//! ```ruby
//! describe auditd.syscall('chown').where { arch == 'b32' } do
//!   its('action') { should eq ['always'] }
//!   its('list') { should eq ['exit'] }
//! end
//! describe auditd.file('/etc/passwd') do
//!   its('permissions') { should include ['w', 'a'] }
//! end
//! ```
//!
//! `auditctl -l` is asked. A watch (`-w`) has a file, permissions and a key; a rule of system calls makes a row for each call.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RClass, Res, Sym, Value, def};
use regex::bytes::Regex;

use super::command;
use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::platform::Platform;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Auditd {
    tool: &'static str,
    lines: Value,
    rows: Value,
}

pub(crate) const AUDITD: ResourceDef = ResourceDef {
    name: "auditd",
    class: "AuditDaemon",
    doc: "The rules of the kernel's audit.",
    new: Some((0, 0, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def(
        "lines",
        0,
        0,
        |vm, this, _| Ok(state(vm, this)?.map_or(Value::Nil, |a| a.lines.clone())),
        "The rules as auditctl prints them.",
    ),
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The rules as Hashes."),
    def("status", 0, 1, status, "All that `auditctl -s` tells, or one value of it."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Auditd Rules")), "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    let mut columns = Columns::new(Key::Str);
    for name in
        ["file", "list", "action", "fields", "fields_nokey", "syscall", "key", "arch", "path", "permissions", "exit"]
    {
        columns = columns.column(name, name);
    }
    columns.install(vm, class, rows);
}

fn state(vm: &Interp, this: &Value) -> Res<Option<Rc<Auditd>>> {
    Ok(base::resource_data(vm, this)?.state::<Auditd>())
}

fn rows(vm: &Interp, this: &Value) -> Res {
    Ok(state(vm, this)?.map_or(Value::Nil, |auditd| auditd.rows.clone()))
}

fn new(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let alpine = Platform::of(&Backend::of(vm))?.name == "alpine";
    let tool = if alpine { "/usr/sbin/auditctl" } else { "/sbin/auditctl" };
    if !command::exists(vm, tool.as_bytes())? {
        return Err(base::failed(vm, &format!("Command `{tool}` does not exist")));
    }
    let line = format!("{tool} -l");
    let output = command::run(vm, line.as_bytes())?;
    if output.exit_status != 0 {
        let error = text::lossy(&output.stderr);
        return Err(base::failed(vm, &format!("Command `{line}` failed with error: {error}")));
    }
    if output.stdout.split(|b| *b == b'\n').any(|line| line.starts_with(b"LIST_RULES:")) {
        let text = "The version of audit is outdated.The `auditd` resource supports versions of audit >= 2.3.";
        return Err(base::failed(vm, text));
    }
    let mut rows = Vec::new();
    for line in text::lines(&output.stdout) {
        rows.extend(rules(vm, text::chomp(line))?);
    }
    let lines = give::texts(text::lines(&output.stdout));
    base::set_state(vm, this, Auditd { tool, lines, rows: Value::array(rows) })
}

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a fixed pattern"));
    };
}

pattern!(SYSCALLS, r"(?-u)-S ([^ ]+)\s?");
pattern!(ACTION_LIST, r"(?-u)-a ([^,]+),([^ ]+)\s?");
pattern!(KEY, r"(?-u)-k ([^ ]+)\s?");
pattern!(FILE, r"(?-u)-w ([^ ]+)\s?");
pattern!(PATH_FIELD, r"(?-u)-F path=(\S+)\s?");
pattern!(PERMISSIONS, r"(?-u)-p ([^ ]+)");
pattern!(DROPPED, r"(?-u)-[aS] [^ ]+ ");

fn first(pattern: &Regex, line: &[u8]) -> Option<Vec<u8>> {
    pattern.captures(line).map(|found| found[1].to_vec())
}

/// The letters of a permission field, each on its own.
fn letters(text: &[u8]) -> Value {
    give::texts(text.iter().filter(|b| b.is_ascii_alphanumeric() || **b == b'_').map(std::slice::from_ref))
}

/// The fields of a rule without its actions and system calls.
fn fields(line: &[u8]) -> Vec<Vec<u8>> {
    let rest = DROPPED.replace_all(line, b"".as_slice());
    let mut fields = Vec::new();
    let mut rest = &rest[..];
    loop {
        let end = text::find(rest, b"-F ");
        fields.extend(text::words(&rest[..end.unwrap_or(rest.len())]).into_iter().map(<[u8]>::to_vec));
        match end {
            Some(at) => rest = &rest[at + 3..],
            None => return fields,
        }
    }
}

fn field(fields: &[Vec<u8>], name: &str) -> Option<Vec<u8>> {
    fields.iter().find_map(|field| field.strip_prefix(name.as_bytes())).map(<[u8]>::to_vec)
}

/// What a rule says beside its file or system call.
struct Rule {
    action: Value,
    list: Value,
    fields: Vec<Vec<u8>>,
}

impl Rule {
    fn of(line: &[u8]) -> Self {
        let words =
            ACTION_LIST.captures(line).map_or_else(Vec::new, |found| vec![found[1].to_vec(), found[2].to_vec()]);
        let is_action = |word: &&Vec<u8>| word.as_slice() == b"never" || word.as_slice() == b"always";
        Self {
            action: give::text(words.iter().find(is_action)),
            list: give::text(words.iter().find(|word| !is_action(word))),
            fields: fields(line),
        }
    }

    fn key(&self) -> Value {
        let keys: Vec<u8> = self.fields.iter().filter(|f| f.starts_with(b"key")).flatten().copied().collect();
        give::text(text::split(&keys, b'=').get(1))
    }

    fn without_key(&self) -> Value {
        give::texts(self.fields.iter().filter(|field| !field.starts_with(b"key")))
    }

    fn permissions(&self) -> Value {
        field(&self.fields, "perm=").map_or(Value::Nil, |letters_of| letters(&letters_of))
    }
}

fn rules(vm: &Interp, line: &[u8]) -> Res<Vec<Value>> {
    let mut rows = Vec::new();
    let hash = |entries: Vec<(&'static str, Value)>| {
        Ok::<_, plimsoll_ruby::Unwind>(Value::Hash(give::string_hash(vm, entries)?))
    };
    if let Some(file) = first(&PATH_FIELD, line) {
        let rule = Rule::of(line);
        rows.push(hash(vec![
            ("file", Value::bytes(file)),
            ("list", rule.list.clone()),
            ("action", rule.action.clone()),
            ("fields", give::texts(&rule.fields)),
            ("permissions", rule.permissions()),
            ("key", rule.key()),
            ("fields_nokey", rule.without_key()),
        ])?);
    }
    if text::find(line, b"-S ").is_some() {
        let rule = Rule::of(line);
        for syscall in text::split(&first(&SYSCALLS, line).unwrap_or_default(), b',') {
            rows.push(hash(vec![
                ("syscall", Value::bytes(syscall)),
                ("list", rule.list.clone()),
                ("action", rule.action.clone()),
                ("fields", give::texts(&rule.fields)),
                ("key", rule.key()),
                ("arch", give::text(field(&rule.fields, "arch="))),
                ("path", give::text(field(&rule.fields, "path="))),
                ("permissions", rule.permissions()),
                ("exit", give::text(field(&rule.fields, "exit="))),
                ("fields_nokey", rule.without_key()),
            ])?);
        }
    } else if text::find(line, b"-w ").is_some() {
        let Some(permissions) = first(&PERMISSIONS, line) else {
            return Err(vm.no_method(&Value::Nil, Sym::new("[]"), Args::default(), CallStyle::Explicit, None));
        };
        rows.push(hash(vec![
            ("file", give::text(first(&FILE, line))),
            ("key", give::text(first(&KEY, line))),
            ("permissions", letters(&permissions)),
        ])?);
    }
    Ok(rows)
}

fn status(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    // Where there is no auditctl there is nothing it tells.
    let mut printed = Vec::new();
    if let Some(auditd) = state(vm, this)? {
        let line = format!("{} -s", auditd.tool);
        let output = command::run(vm, line.as_bytes())?;
        if output.exit_status != 0 {
            let error = text::lossy(&output.stderr);
            return Err(doubt::unanswered(vm, &format!("Command `{line}` failed with error: {error}")));
        }
        printed = text::chomp(&output.stdout).to_vec();
    }
    if let Some(old) = printed.strip_prefix(b"AUDIT_STATUS: ") {
        let swap = |b: &u8| match b {
            b' ' => b'\n',
            b'=' => b' ',
            other => *other,
        };
        printed = old.iter().map(swap).collect();
    }
    let mut pairs = Vec::new();
    for line in text::lines(&printed) {
        if let Some(at) = line.iter().position(|b| *b == b' ').filter(|at| *at > 0) {
            pairs.push((Value::bytes(&line[..at]), Value::bytes(&line[at + 1..])));
        }
    }
    let status = vm.hash_from(pairs)?;
    match args.get(0).filter(|name| name.truthy()) {
        Some(name) => vm.hash_fetch(&status, name),
        None => Ok(status.into()),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const RULES: &str = "\
-w /etc/passwd -p wa -k identity
-a always,exit -F arch=b64 -S chown,fchown -F auid>=1000 -F auid!=-1 -F key=perm_mod
-a always,exit -F path=/usr/bin/sudo -F perm=x -F auid>=1000 -F key=privileged
";

    fn with(rules: &str) -> Audit {
        let target = MemoryTarget::new()
            .command("sh -c 'type \"/sbin/auditctl\"'", "", "", 0)
            .command("/sbin/auditctl -l", rules, "", 0)
            .command("/sbin/auditctl -s", "enabled 2\nfailure 1\n", "", 0);
        Audit::debian(target)
    }

    #[test]
    fn present_rules_are_told() {
        let audit = with(RULES);
        let auditd = audit.the("auditd");
        assert_eq!(audit.get(&auditd, "key"), r#"["identity", "perm_mod", "perm_mod", "privileged"]"#);
        assert_eq!(audit.get(&auditd, "syscall"), r#"[nil, "chown", "fchown", nil]"#);
        assert_eq!(audit.get(&auditd, "file"), r#"["/etc/passwd", nil, nil, "/usr/bin/sudo"]"#);
        assert_eq!(audit.get(&auditd, "permissions"), r#"[["w", "a"], nil, nil, ["x"]]"#);
        assert_eq!(audit.get(&auditd, "arch"), r#"[nil, "b64", "b64", nil]"#);
        assert_eq!(audit.get(&auditd, "action"), r#"[nil, "always", "always", "always"]"#);
        let chown = audit.vm.send(&auditd, "syscall", &[Value::str("chown")]).unwrap();
        assert_eq!(audit.get(&chown, "fields_nokey"), r#"[["arch=b64", "auid>=1000", "auid!=-1"]]"#);
        assert_eq!(audit.get(&chown, "to_s"), r#""Auditd Rules with syscall == \"chown\"""#);
        assert_eq!(audit.ask(&auditd, "status", &[Value::str("enabled")]), r#""2""#);
    }

    #[test]
    fn an_absent_auditctl_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        assert_eq!(audit.why(&audit.the("auditd")), "failed: Command `/sbin/auditctl` does not exist");
        let old = with("LIST_RULES: exit,always\n");
        assert!(old.why(&old.the("auditd")).starts_with("failed: The version of audit is outdated."));
    }

    #[test]
    fn malformed_rules_have_what_they_have_and_a_watch_without_permissions_skips() {
        let audit = with("No rules\n-D\n-a always,exit -S\n-a odd -S read\n");
        let auditd = audit.the("auditd");
        assert_eq!(
            (audit.get(&auditd, "syscall"), audit.get(&auditd, "action")),
            (r#"["read"]"#.into(), "[nil]".into())
        );
        assert_eq!(audit.ask(&auditd, "status", &[Value::str("nothing")]), "nil");
        let watch = with("-w /etc\n");
        let why = watch.why(&watch.the("auditd"));
        assert_eq!(why, "skipped: undefined method `[]' for nil:NilClass");
    }

    #[test]
    fn unreadable_rules_fail() {
        let found = || MemoryTarget::new().command("sh -c 'type \"/sbin/auditctl\"'", "", "", 0);
        let root = "You must be root to run this program.";
        let audit = Audit::debian(found().command("/sbin/auditctl -l", "", root, 4));
        let why = audit.why(&audit.the("auditd"));
        assert_eq!(why, format!("failed: Command `/sbin/auditctl -l` failed with error: {root}"));
        let half =
            Audit::debian(found().command("/sbin/auditctl -l", "", "", 0).command("/sbin/auditctl -s", "", root, 4));
        let told = half.get(&half.the("auditd"), "status");
        assert!(told.ends_with(&format!("Command `/sbin/auditctl -s` failed with error: {root}")), "{told}");
    }
}
