//! `crontab`: what cron runs for a user, or by a file of the system.
//!
//! ```ruby
//! describe crontab('root').commands('/usr/local/bin/backup') do
//!   its('hours') { should cmp '3' }
//! end
//! describe crontab(path: '/etc/crontab').where { user == 'root' } do
//!   its('commands') { should include 'run-parts /etc/cron.daily' }
//! end
//! ```
//!
//! A user's table is asked from `crontab -l`; without an argument that of the user who audits. Lines that
//! set a variable count among them.
//!
//! `cron` takes the lines of a user's table as they are:
//!
//! ```ruby
//! describe cron(user: 'app') do
//!   it { should have_entry '0 5 * * 1-5 /bin/check --all' }
//!   its('table') { should match /check/ }
//! end
//! ```

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Value, def};
use plimsoll_target::{FileError, Output};
use regex::bytes::Regex;

use crate::backend::Backend;
use crate::base;
use crate::config_text;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;
use crate::tool;

struct Crontab {
    user: Option<Vec<u8>>,
    path: Option<Vec<u8>>,
    rows: RefCell<Value>,
}

pub(crate) const CRONTAB: ResourceDef = ResourceDef {
    name: "crontab",
    class: "Crontab",
    doc: "What cron runs.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

pub(crate) const CRON: ResourceDef = ResourceDef {
    name: "cron",
    class: "Cron",
    parent: Some("Crontab"),
    doc: "The lines of a user's crontab.",
    new: Some((0, 1, new_cron)),
    methods: CRON_METHODS,
    ..ResourceDef::EMPTY
};

const CRON_METHODS: &[Def] = &[
    def("table", 0, 0, cron_table, "The lines without comments, as one text."),
    def("has_entry?", 1, 1, has_entry, "Whether this is one of the lines."),
    def("resource_id", 0, 0, |vm, this, _| cron_title(vm, this, "cron "), "Whose table it is."),
    def("to_s", 0, 0, |vm, this, _| cron_title(vm, this, "cron for "), "Its title."),
];

const METHODS: &[Def] =
    &[def("params", 0, 0, |vm, this, _| rows(vm, this), "The lines as Hashes."), def("to_s", 0, 0, to_s, "Its title.")];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("minutes", "minute")
        .column("hours", "hour")
        .column("days", "day")
        .column("months", "month")
        .column("weekdays", "weekday")
        .column("user", "user")
        .column("commands", "command")
        .property("content", "The lines again, as one text.", |vm, table, _| content(vm, table))
        .install(vm, class, rows);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| match give::option(vm, args, 0, name)? {
        Some(value) => Ok::<_, plimsoll_ruby::Unwind>(Some(vm.to_s(&value)?.to_vec())),
        None => Ok(None),
    };
    let (user, path) = match args.get(0) {
        Some(Value::Hash(_)) => (option("user")?, option("path")?),
        _ => (give::text_arg(vm, args, 0)?, None),
    };
    let rows = match (args.get(0), &user, &path) {
        (Some(Value::Hash(_)), None, None) => Err(base::failed(vm, "A user or path must be supplied.")),
        (_, Some(_), Some(_)) => Err(base::failed(vm, "Either user or path must be supplied, not both!")),
        // A table that can't be read leaves a resource that can still tell its title.
        (_, user, Some(path)) => system_table(vm, path).and_then(|table| read(vm, user.as_deref(), &table, true)),
        (_, user, None) => {
            user_table(vm, user.as_deref()).and_then(|table| read(vm, user.as_deref(), &table.stdout, false))
        }
    };
    let known = rows.as_ref().map_or_else(|_| Vec::new(), Clone::clone);
    base::set_state(vm, this, Crontab { user, path, rows: RefCell::new(Value::array(known)) })?;
    rows.map(|_| Value::Nil)
}

fn command_line(user: Option<&[u8]>) -> Vec<u8> {
    user.map_or_else(|| b"crontab -l".to_vec(), |user| [b"crontab -l -u ", user].concat())
}

fn user_table(vm: &Interp, user: Option<&[u8]>) -> Res<Output> {
    tool::ask(vm, &command_line(user))
}

fn system_table(vm: &Interp, path: &[u8]) -> Res<Vec<u8>> {
    let shown = text::lossy(path);
    match Backend::of(vm).read(path)? {
        Ok(content) => Ok(content),
        Err(FileError::NotFound | FileError::NotADirectory) => {
            Err(base::failed(vm, &format!("Supplied crontab path '{shown}' must exist!")))
        }
        Err(error) => Err(base::failed(vm, &format!("Can't read file: {shown}: {error}"))),
    }
}

fn read(vm: &Interp, user: Option<&[u8]>, table: &[u8], has_users: bool) -> Res<Vec<Value>> {
    let blanks = Regex::new(r"(?-u)\s+").expect("the pattern is written here");
    let mut rows = Vec::new();
    for line in table.split(|b| *b == b'\n') {
        let (line, _) = config_text::first_line(line, b"#", false);
        if !line.is_empty() {
            rows.push(row(vm, user, line, &blanks, has_users)?);
        }
    }
    Ok(rows)
}

/// Five fields of time, the user where the table names it, and the command.
fn row(vm: &Interp, user: Option<&[u8]>, line: &[u8], blanks: &Regex, has_users: bool) -> Res {
    let given = |user: Option<&[u8]>| give::text(user);
    if let Some(times) = nickname(line) {
        let mut fields = blanks.splitn(line, if has_users { 3 } else { 2 }).skip(1);
        let user = if has_users { given(fields.next()) } else { given(user) };
        let command = given(fields.next());
        let times = ["minute", "hour", "day", "month", "weekday"].into_iter().zip(times.map(Value::str));
        return Ok(give::string_hash(vm, times.chain([("user", user), ("command", command)]))?.into());
    }
    let names: &[&'static str] = if has_users {
        &["minute", "hour", "day", "month", "weekday", "user", "command"]
    } else {
        &["minute", "hour", "day", "month", "weekday", "command"]
    };
    let fields: Vec<&[u8]> = blanks.splitn(line, names.len()).collect();
    let named = names.iter().enumerate().map(|(at, name)| (*name, give::text(fields.get(at))));
    let own = (!has_users).then(|| ("user", given(user)));
    Ok(give::string_hash(vm, named.chain(own))?.into())
}

/// The fields of time that a nickname stands for.
fn nickname(line: &[u8]) -> Option<[&'static str; 5]> {
    let has = |names: &[&str]| names.iter().any(|name| text::find(line, format!("@{name} ").as_bytes()).is_some());
    Some(match () {
        () if has(&["hourly"]) => ["0", "*", "*", "*", "*"],
        () if has(&["midnight", "daily"]) => ["0", "0", "*", "*", "*"],
        () if has(&["weekly"]) => ["0", "*", "*", "*", "0"],
        () if has(&["monthly"]) => ["0", "0", "1", "*", "*"],
        () if has(&["annually", "yearly"]) => ["0", "0", "1", "1", "*"],
        () if has(&["reboot"]) => ["-1"; 5],
        () => return None,
    })
}

fn rows(vm: &Interp, this: &Value) -> Res {
    Ok(base::state::<Crontab>(vm, this)?.rows.borrow().clone())
}

/// `cron` reads what `crontab` reads, and then the lines of the user's table, whatever was asked for.
fn new_cron(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    new(vm, this, args)?;
    let crontab = base::state::<Crontab>(vm, this)?;
    let output = user_table(vm, crontab.user.as_deref())?;
    if output.exit_status != 0 {
        let line = text::lossy(&command_line(crontab.user.as_deref()));
        let error = [&output.stdout[..], b"\n", &output.stderr].concat();
        return Err(base::failed(vm, &format!("Error while executing {line} command: {}", text::lossy(&error))));
    }
    let printed = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
    let lines = printed.split(|b| *b == b'\n').filter(|_| !output.stdout.is_empty());
    let lines = lines.map(|line| text::strip(config_text::first_line(line, b"#", false).0));
    *crontab.rows.borrow_mut() = give::texts(lines);
    Ok(Value::Nil)
}

fn cron_table(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let lines = vm.to_array(&rows(vm, this)?)?.to_vec();
    let lines: Res<Vec<Vec<u8>>> = lines.iter().map(|line| Ok(vm.to_s(line)?.to_vec())).collect();
    let lines: Vec<Vec<u8>> = lines?.into_iter().filter(|line| !line.is_empty()).collect();
    Ok(Value::bytes(lines.join(&b'\n')))
}

fn has_entry(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    vm.send(&rows(vm, this)?, "include?", &args.values[..1])
}

fn cron_title(vm: &Interp, this: &Value, title: &str) -> Res {
    let crontab = base::state::<Crontab>(vm, this)?;
    let user = crontab.user.as_deref();
    Ok(Value::bytes(match user {
        Some(user) if title == "cron for " => [b"cron for user ".as_slice(), user].concat(),
        Some(user) => [title.as_bytes(), user].concat(),
        None => [title.as_bytes(), b"current user"].concat(),
    }))
}

/// The lines again, freed of what is missing.
fn content(vm: &Interp, table: &Value) -> Res {
    let rows = vm.send(table, "raw_data", &[])?;
    let mut lines = Vec::new();
    for row in vm.to_array(&rows)?.to_vec() {
        let row = vm.to_hash(&row)?;
        let mut fields = Vec::new();
        for name in ["minute", "hour", "day", "month", "weekday", "user", "command"] {
            if let Some(value) = vm.hash_get(&row, &Value::str(name))?.filter(|value| !value.is_nil()) {
                fields.push(vm.to_s(&value)?.to_vec());
            }
        }
        lines.push(fields.join(&b' '));
    }
    Ok(Value::bytes(lines.join(&b'\n')))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let crontab = base::state::<Crontab>(vm, this)?;
    Ok(Value::bytes(match (&crontab.path, &crontab.user) {
        (Some(path), _) => [b"crontab for path ".as_slice(), path].concat(),
        (None, Some(user)) => [b"crontab for user ".as_slice(), user].concat(),
        (None, None) => b"crontab for current user".to_vec(),
    }))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const TABLE: &str = "# jobs\nMAILTO=ops\n0 5 * * 1-5 /bin/check --all # daily\n@daily  clean up\n@reboot start\n\n";

    fn with(audit: &Audit, pairs: &[(&str, &str)]) -> Value {
        audit.vm.hash_from(pairs.iter().map(|(key, value)| (Value::sym(key), Value::str(value)))).unwrap().into()
    }

    #[test]
    fn a_present_table_of_a_user_is_read_and_an_absent_one_is_empty() {
        let target =
            MemoryTarget::new().command("crontab -l", TABLE, "", 0).command("crontab -l -u al", "1 2 3 4 5 x\n", "", 0);
        let audit = Audit::debian(target);
        let own = audit.the("crontab");
        assert_eq!(audit.get(&own, "commands"), r#"[nil, "/bin/check --all ", "clean up", "start"]"#);
        assert_eq!(audit.get(&own, "minutes"), r#"["MAILTO=ops", "0", "0", "-1"]"#);
        assert_eq!(audit.get(&own, "weekdays"), r#"[nil, "1-5", "*", "-1"]"#);
        assert_eq!(audit.get(&own, "to_s"), r#""crontab for current user""#);
        let al = audit.on("crontab", "al");
        assert_eq!(
            (audit.get(&al, "user"), audit.get(&al, "content")),
            (r#"["al"]"#.into(), r#""1 2 3 4 5 al x""#.into())
        );
        assert_eq!(audit.get(&al, "to_s"), r#""crontab for user al""#);
        assert_eq!(audit.get(&audit.on("crontab", "nobody"), "commands"), "[]");
    }

    #[test]
    fn a_present_table_of_the_system_is_read() {
        let audit =
            Audit::debian(MemoryTarget::new().file("/etc/crontab", "17 * * * *  root  cd / && x\n@hourly al y z\n"));
        let table = audit.make("crontab", &[with(&audit, &[("path", "/etc/crontab")])]).unwrap();
        assert_eq!(audit.get(&table, "user"), r#"["root", "al"]"#);
        assert_eq!(audit.get(&table, "commands"), r#"["cd / && x", "y z"]"#);
        assert_eq!(audit.get(&table, "hours"), r#"["*", "*"]"#);
        assert_eq!(audit.get(&table, "to_s"), r#""crontab for path /etc/crontab""#);
    }

    #[test]
    fn of_a_present_table_cron_has_the_lines_and_an_absent_one_fails() {
        let target =
            MemoryTarget::new().command("crontab -l", TABLE, "", 0).command("crontab -l -u al", "", "no crontab", 1);
        let audit = Audit::debian(target);
        let cron = audit.the("cron");
        assert_eq!(audit.ask(&cron, "has_entry?", &[Value::str("0 5 * * 1-5 /bin/check --all")]), "true");
        assert_eq!(audit.ask(&cron, "has_entry?", &[Value::str("# jobs")]), "false");
        let table = r#""MAILTO=ops\n0 5 * * 1-5 /bin/check --all\n@daily  clean up\n@reboot start""#;
        assert_eq!(audit.get(&cron, "table"), table);
        assert_eq!(audit.get(&cron, "minutes"), "[nil, nil, nil, nil, nil, nil]");
        assert_eq!(audit.get(&cron, "to_s"), r#""cron for current user""#);
        assert_eq!(audit.get(&cron, "resource_id"), r#""cron current user""#);
        let failed = audit.on("cron", "al");
        assert_eq!(audit.why(&failed), "failed: Error while executing crontab -l -u al command: \nno crontab");
        assert_eq!(audit.get(&failed, "to_s"), r#""cron for user al""#);
    }

    #[test]
    fn malformed_lines_have_what_they_have() {
        let lines = "oops\n * * *\n@never x\n@daily \n";
        let audit = Audit::debian(MemoryTarget::new().command("crontab -l", lines, "", 0));
        let table = audit.the("crontab");
        assert_eq!(audit.get(&table, "minutes"), r#"["oops", "", "@never", "0"]"#);
        assert_eq!(audit.get(&table, "commands"), r#"[nil, nil, nil, ""]"#);
        assert_eq!(audit.ask(&audit.the("cron"), "has_entry?", &[Value::str("oops")]), "true");
    }

    #[test]
    fn an_absent_or_unreadable_table_fails() {
        let audit = Audit::debian(MemoryTarget::new().file("/no", "").denied("/no"));
        let why = |pairs: &[(&str, &str)]| match audit.make("crontab", &[with(&audit, pairs)]) {
            Ok(table) => audit.why(&table),
            Err(unwind) => audit.message(&unwind),
        };
        assert_eq!(why(&[("path", "/none")]), "failed: Supplied crontab path '/none' must exist!");
        assert_eq!(why(&[("path", "/no")]), "failed: Can't read file: /no: permission denied");
        let line = "crontab -l -u root";
        let refused = Audit::debian(MemoryTarget::new().command(line, "", "must be privileged to use -u\n", 1));
        for name in ["crontab", "cron"] {
            let told = refused.why(&refused.on(name, "root"));
            assert_eq!(told, "failed: Command `crontab -l -u root` may not look: must be privileged to use -u");
        }
        assert_eq!(why(&[]), "failed: A user or path must be supplied.");
        assert_eq!(why(&[("path", "/no"), ("user", "x")]), "failed: Either user or path must be supplied, not both!");
    }
}
