//! `user` and `users`: the accounts of `/etc/passwd`, with their groups and the ageing of their passwords.
//!
//! ```ruby
//! describe user('root') do
//!   it { should exist }
//!   its('uid') { should eq 0 }
//!   its('groups') { should eq ['root'] }
//!   its('maxdays') { should cmp <= 90 }
//! end
//! describe users.where { uid == 0 } do
//!   its('usernames') { should eq ['root'] }
//! end
//! ```
//!
//! Accounts and groups are read from the files. The ageing of passwords is what `chage -l` tells, so it is nil where there
//! is no `chage`; without a shell it is read from `/etc/shadow`.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RHash, Res, Value, def};
use plimsoll_target::RunError;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::facts::account::{Accounts, User};
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;
use crate::tool;

pub(crate) const USERS: ResourceDef = ResourceDef {
    name: "users",
    class: "Users",
    doc: "All accounts.",
    methods: &[def("to_s", 0, 0, |_, _, _| Ok(Value::str("Users")), "Its title.")],
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

pub(crate) const USER: ResourceDef = ResourceDef {
    name: "user",
    class: "User",
    doc: "One account.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exists?", 0, 0, |vm, this, _| Ok(identity(vm, this)?.is_some().into()), "Whether there is such an account."),
    def("disabled?", 0, 0, |vm, this, _| Ok(identity(vm, this)?.map(|_| false).into()), "Always false on Linux."),
    def("enabled?", 0, 0, |vm, this, _| Ok(identity(vm, this)?.map(|_| false).into()), "Always false on Linux."),
    def("username", 0, 0, |vm, this, _| Ok(identity(vm, this)?.map(|id| Value::bytes(id.name)).into()), "Its name."),
    def("uid", 0, 0, |vm, this, _| Ok(identity(vm, this)?.map(|id| i64::from(id.uid)).into()), "Its number."),
    def(
        "gid",
        0,
        0,
        |vm, this, _| Ok(identity(vm, this)?.map(|id| i64::from(id.gid)).into()),
        "Its primary group's number.",
    ),
    def(
        "groupname",
        0,
        0,
        |vm, this, _| Ok(identity(vm, this)?.map(|id| Value::bytes(id.group)).into()),
        "Its primary group.",
    ),
    def(
        "group",
        0,
        0,
        |vm, this, _| Ok(identity(vm, this)?.map(|id| Value::bytes(id.group)).into()),
        "Its primary group.",
    ),
    def(
        "groups",
        0,
        0,
        |vm, this, _| Ok(identity(vm, this)?.map(|id| give::texts(id.groups)).into()),
        "All its groups.",
    ),
    def("home", 0, 0, |vm, this, _| field(vm, this, HOME), "Its home directory."),
    def("shell", 0, 0, |vm, this, _| field(vm, this, SHELL), "Its login shell."),
    def("domain", 0, 0, |_, _, _| Ok(Value::Nil), "Only Windows has it."),
    def("userflags", 0, 0, |_, _, _| Ok(Value::Nil), "Only Windows has it."),
    def("lastlogin", 0, 0, |_, _, _| Ok(Value::Nil), "Only Windows has it."),
    def("maxbadpasswords", 0, 0, |_, _, _| Ok(Value::Nil), "Only Windows has it."),
    def("mindays", 0, 0, |vm, this, _| aged(vm, this, |age| &age.min), "Fewest days between changes of its password."),
    def("maxdays", 0, 0, |vm, this, _| aged(vm, this, |age| &age.max), "Most days between changes of its password."),
    def(
        "warndays",
        0,
        0,
        |vm, this, _| aged(vm, this, |age| &age.warn),
        "Days of warning before its password expires.",
    ),
    def("minimum_days_between_password_change", 0, 0, |vm, this, _| aged(vm, this, |age| &age.min), "As `mindays`."),
    def("maximum_days_between_password_change", 0, 0, |vm, this, _| aged(vm, this, |age| &age.max), "As `maxdays`."),
    def("passwordage", 0, 0, |vm, this, _| aged(vm, this, |age| &age.days), "Days since its password was changed."),
    def("badpasswordattempts", 0, 0, bad_attempts, "Failed logins that `lastb` knows."),
    def("has_uid?", 1, 1, |vm, this, args| is(vm, this, "uid", args), "Whether this is its number."),
    def("has_home_directory?", 1, 1, |vm, this, args| is(vm, this, "home", args), "Whether this is its home."),
    def("has_login_shell?", 1, 1, |vm, this, args| is(vm, this, "shell", args), "Whether this is its shell."),
    def("has_authorized_key?", 1, 1, has_authorized_key, "Whether the auditing account has this SSH key."),
    def(
        "belongs_to_primary_group?",
        1,
        1,
        |vm, this, args| is(vm, this, "groupname", args),
        "Whether this is its group.",
    ),
    def("belongs_to_group?", 1, 1, belongs_to_group, "Whether it is in this group."),
    def("encrypted_password", 0, 0, encrypted_password, "The second field of its line in /etc/shadow."),
    def("resource_id", 0, 0, resource_id, "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

const HOME: usize = 5;
const SHELL: usize = 6;

fn columns(vm: &Interp, class: &Rc<RClass>) {
    // On Linux nothing is known to be enabled or disabled, and CINC takes that for both.
    Columns::new(Key::Sym)
        .property("exists?", "Whether there is one.", |vm, table, _| vm.send(table, "exist?", &[]))
        .column("usernames", "username")
        .column("uids", "uid")
        .column("gids", "gid")
        .column("groupnames", "groupname")
        .column("groups", "groups")
        .column("homes", "home")
        .column("shells", "shell")
        .lazy("mindays", "mindays", fill_age)
        .lazy("maxdays", "maxdays", fill_age)
        .lazy("warndays", "warndays", fill_age)
        .column("disabled", "disabled")
        .property("disabled?", "Always true on Linux, as in CINC.", |_, _, _| Ok(true.into()))
        .property("enabled?", "Always true on Linux, as in CINC.", |_, _, _| Ok(true.into()))
        .install(vm, class, |vm, _| rows(vm));
}

/// Who an account is, as `id` tells it.
struct Identity {
    name: Vec<u8>,
    uid: u32,
    gid: u32,
    group: Vec<u8>,
    groups: Vec<Vec<u8>>,
}

/// `id` calls every number by its first name, and a number without one by nothing.
fn identify(accounts: &Accounts, user: &User) -> Option<Identity> {
    let (uid, gid) = (user.uid()?, user.gid()?);
    let group_name = |gid: u32| accounts.group_name(gid).unwrap_or_default().to_vec();
    Some(Identity {
        name: accounts.user_name(uid).unwrap_or_default().to_vec(),
        uid,
        gid,
        group: group_name(gid),
        groups: accounts.groups_of(user).into_iter().map(group_name).collect(),
    })
}

fn rows(vm: &Interp) -> Res {
    let accounts = Accounts::told(vm)?;
    let mut rows = Vec::new();
    for listed in accounts.users().iter().filter(|user| !user.name().is_empty()) {
        let Some(user) = accounts.user(listed.name()) else { continue };
        let Some(id) = identify(&accounts, user) else { continue };
        let fields = [
            ("uid", Value::Int(i64::from(id.uid))),
            ("username", Value::bytes(id.name)),
            ("gid", Value::Int(i64::from(id.gid))),
            ("groupname", Value::bytes(id.group)),
            ("groups", give::texts(id.groups)),
            ("home", give::text(user.field(HOME))),
            ("shell", give::text(user.field(SHELL))),
        ];
        let row = give::symbol_hash(vm, fields)?;
        // The name in the file, for what is asked later: `username` may be another name of the same number.
        row.head.set_ivar(plimsoll_ruby::Sym::new("@account"), Value::bytes(listed.name()));
        rows.push(Value::Hash(row));
    }
    Ok(Value::array(rows))
}

fn fill_age(vm: &Interp, row: &Rc<RHash>, _: &Value) -> Res<()> {
    let account = row.head.ivar(plimsoll_ruby::Sym::new("@account")).unwrap_or_default();
    let name = vm.to_s(&account)?.to_vec();
    let age = Age::of(vm, &name)?.unwrap_or_default();
    for (key, value) in [("mindays", age.min), ("maxdays", age.max), ("warndays", age.warn)] {
        vm.hash_set(row, Value::sym(key), value)?;
    }
    Ok(())
}

struct Name(Option<Vec<u8>>);

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    base::set_state(vm, this, Name(give::text_arg(vm, args, 0)?))
}

fn name(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(base::state::<Name>(vm, this)?.0.clone().unwrap_or_default())
}

fn identity(vm: &Interp, this: &Value) -> Res<Option<Identity>> {
    let accounts = Accounts::told(vm)?;
    let user = accounts.user(&name(vm, this)?).cloned();
    Ok(user.and_then(|user| identify(&accounts, &user)))
}

fn field(vm: &Interp, this: &Value, at: usize) -> Res {
    let accounts = Accounts::told(vm)?;
    let user = accounts.user(&name(vm, this)?);
    Ok(give::text(user.and_then(|user| user.field(at))))
}

fn is(vm: &Interp, this: &Value, property: &str, args: Args<'_>) -> Res {
    let value = vm.send(this, property, &[])?;
    Ok(vm.equal(&value, &args[0])?.into())
}

fn belongs_to_group(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let groups = vm.send(this, "groups", &[])?;
    vm.send(&groups, "include?", &args.values[..1])
}

/// The ageing of a password.
#[derive(Default)]
struct Age {
    min: Value,
    max: Value,
    warn: Value,
    days: Value,
}

impl Age {
    fn of(vm: &Interp, user: &[u8]) -> Res<Option<Self>> {
        let line = [b"chage -l ".as_slice(), user].concat();
        match Backend::of(vm).run(&line)? {
            Ok(output) if output.exit_status == 0 => Ok(Some(Self::parse(vm, &output.stdout))),
            Ok(output) => tool::permitted(vm, &line, &output).map(|()| None),
            Err(RunError::Unavailable(_)) => Self::read(vm, user),
            Err(error) => Err(base::failed(vm, &format!("Command `{}`: {error}", text::lossy(&line)))),
        }
    }

    /// What `chage -l` prints.
    fn parse(vm: &Interp, printed: &[u8]) -> Self {
        let field = |key: &str| {
            let lines = printed.split(|b| *b == b'\n');
            lines
                .filter_map(|line| {
                    let at = line.iter().position(|b| *b == b':')?;
                    (text::strip(&line[..at]) == key.as_bytes()).then(|| text::strip(&line[at + 1..]))
                })
                .next_back()
        };
        let changed = field("Last password change").and_then(day_of);
        Self {
            min: give::integer_or_text(field("Minimum number of days between password change")),
            max: give::integer_or_text(field("Maximum number of days between password change")),
            warn: give::integer_or_text(field("Number of days of warning before password expires")),
            days: changed.map(|day| today(vm) - day).into(),
        }
    }

    /// The line in `/etc/shadow`.
    fn read(vm: &Interp, user: &[u8]) -> Res<Option<Self>> {
        let Some(fields) = shadow_line(vm, user)? else { return Ok(None) };
        let field = |at: usize| fields.get(at).map(Vec::as_slice).filter(|field| !field.is_empty());
        let or_unset = |at: usize| give::integer_or_text(Some(field(at).unwrap_or(b"-1")));
        let changed = field(2).and_then(text::digits).filter(|day| *day > 0);
        Ok(Some(Self {
            min: or_unset(3),
            max: or_unset(4),
            warn: or_unset(5),
            days: changed.map(|day| today(vm) - day).into(),
        }))
    }
}

fn shadow_line(vm: &Interp, user: &[u8]) -> Res<Option<Vec<Vec<u8>>>> {
    let content = Backend::of(vm).read(b"/etc/shadow")?;
    let Some(content) = crate::facts::present(vm, "/etc/shadow", content)? else { return Ok(None) };
    let mut lines = text::lines(&content).into_iter().map(|line| text::split(line, b':'));
    let line = lines.find(|fields| fields.first().is_some_and(|name| *name == user));
    Ok(line.map(|fields| fields.into_iter().map(<[u8]>::to_vec).collect()))
}

/// Days since 1970.
fn today(vm: &Interp) -> i64 {
    const DAY: i64 = 86_400;
    (vm.host.now().as_secs() as i64 + i64::from(vm.host.utc_offset())).div_euclid(DAY)
}

/// The day of a date as `chage` prints it: `Jan 02, 2024`, or `2024-01-02`.
fn day_of(date: &[u8]) -> Option<i64> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let date = text::lossy(date).to_lowercase();
    let parts: Vec<&str> = date.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = match MONTHS.iter().position(|month| a.starts_with(month)) {
        Some(month) => (c.parse().ok()?, month as i64 + 1, b.parse().ok()?),
        None => (a.parse().ok()?, b.parse().ok()?, c.parse().ok()?),
    };
    Some(days_since_epoch(year, month, day))
}

/// The civil calendar's day number, 1970-01-01 being 0.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn aged(vm: &Interp, this: &Value, which: fn(&Age) -> &Value) -> Res {
    Ok(Age::of(vm, &name(vm, this)?)?.map_or(Value::Nil, |age| which(&age).clone()))
}

fn bad_attempts(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = name(vm, this)?;
    if Age::of(vm, &name)?.is_none() {
        return Ok(Value::Nil);
    }
    let line = [b"lastb -w -a | grep ".as_slice(), &name, b" | wc -l"].concat();
    let output = Backend::of(vm).run(&line)?.ok().filter(|output| output.exit_status == 0);
    Ok(output.map_or(Value::Nil, |output| give::integer_or_text(Some(text::chomp(&output.stdout)))))
}

fn has_authorized_key(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    for path in ["~/.ssh/authorized_keys", "~/.ssh/authorized_keys2"] {
        let output = super::command::run(vm, format!("cat {path}").as_bytes())?;
        if output.exit_status == 0 {
            let keys: Vec<_> = text::lines(&output.stdout).into_iter().map(text::strip).collect();
            return vm.send(&give::texts(keys), "include?", &args.values[..1]);
        }
    }
    Err(base::skipped(vm, "Can't find any valid path for authorized_keys"))
}

fn encrypted_password(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = name(vm, this)?;
    match shadow_line(vm, &name)? {
        Some(fields) => Ok(give::text(fields.get(1).map(|field| text::strip(field)))),
        None => Err(base::failed(vm, &format!("Executing getent shadow {} failed: ", text::lossy(&name)))),
    }
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(match &base::state::<Name>(vm, this)?.0 {
        Some(name) => Value::bytes(name.clone()),
        None => Value::str("User"),
    })
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes([b"User ".as_slice(), &name(vm, this)?].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn target() -> MemoryTarget {
        MemoryTarget::new()
            .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nal:x:1000:1000::/home/al:\n")
            .file("/etc/group", "root:x:0:\nal:x:1000:\nsudo:x:27:al\n")
    }

    #[test]
    fn present_and_absent_accounts_are_told_apart() {
        let audit = Audit::debian(target());
        let al = audit.on("user", "al");
        for (property, expected) in [
            ("exists?", "true"),
            ("uid", "1000"),
            ("gid", "1000"),
            ("group", r#""al""#),
            ("groups", r#"["al", "sudo"]"#),
            ("home", r#""/home/al""#),
            ("shell", "nil"),
            ("mindays", "nil"),
            ("to_s", r#""User al""#),
        ] {
            assert_eq!(audit.get(&al, property), expected, "{property}");
        }
        assert_eq!(audit.get(&audit.on("user", "toor"), "username"), r#""root""#);
        let ghost = audit.on("user", "ghost");
        assert_eq!((audit.get(&ghost, "exists?"), audit.get(&ghost, "groups")), ("false".into(), "nil".into()));
    }

    #[test]
    fn ageing_comes_from_chage() {
        let printed = "Last password change\t\t\t\t\t: Jan 01, 1970\nMinimum number of days between password change\t\t: 1\n\
            Maximum number of days between password change\t\t: -1\n\
            Number of days of warning before password expires\t: 14\n";
        let audit = Audit::debian(target().command("chage -l al", printed, "", 0));
        let al = audit.on("user", "al");
        assert_eq!(audit.get(&al, "mindays"), "1");
        assert_eq!(audit.get(&al, "maxdays"), r#""-1""#);
        assert_eq!(audit.get(&al, "warndays"), "14");
        assert_eq!(audit.get(&al, "passwordage"), "0");
        let users = audit.the("users");
        assert_eq!(audit.get(&users, "warndays"), "[nil, nil, 14]");
        // Every row has its own, whichever is asked first.
        let entries = audit.vm.send(&audit.the("users"), "entries", &[]).unwrap();
        let rows = audit.vm.collect(&entries).unwrap();
        assert_eq!(rows.iter().map(|row| audit.get(row, "warndays")).collect::<Vec<_>>(), ["nil", "nil", "14"]);
    }

    #[test]
    fn without_a_shell_ageing_comes_from_the_file() {
        let shadow = "al:$y$x:19000:1:60:7:::\n";
        let audit = Audit::debian(target().file("/etc/shadow", shadow).without_shell("none"));
        let al = audit.on("user", "al");
        assert_eq!(
            (audit.get(&al, "maxdays"), audit.get(&al, "encrypted_password")),
            ("60".into(), r#""$y$x""#.into())
        );
    }

    #[test]
    fn present_accounts_are_listed_and_absent_files_have_none() {
        let audit = Audit::debian(target());
        let users = audit.the("users");
        assert_eq!(audit.get(&users, "usernames"), r#"["root", "root", "al"]"#);
        assert_eq!(audit.get(&users, "uids"), "[0, 0, 1000]");
        assert_eq!(audit.get(&users, "groups"), r#"[["root"], ["root"], ["al", "sudo"]]"#);
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.get(&none.the("users"), "exist?"), "false");
    }

    #[test]
    fn malformed_lines_are_no_accounts() {
        let lines = "oops\nx:x:many:1::/:/bin/sh\n:x:5:5:::\ny:x:7\nok:x:8:8\n";
        let audit =
            Audit::debian(MemoryTarget::new().file("/etc/passwd", lines).command("chage -l ok", "oops\n", "", 0));
        assert_eq!(audit.get(&audit.the("users"), "usernames"), r#"["ok"]"#);
        for name in ["oops", "x", "y"] {
            assert_eq!(audit.get(&audit.on("user", name), "exists?"), "false", "{name}");
        }
        let ok = audit.on("user", "ok");
        assert_eq!((audit.get(&ok, "home"), audit.get(&ok, "group")), ("nil".into(), r#""""#.into()));
        assert_eq!((audit.get(&ok, "maxdays"), audit.get(&ok, "passwordage")), ("nil".into(), "nil".into()));
    }

    #[test]
    fn an_unreadable_file_is_no_answer() {
        let audit = Audit::debian(target().denied("/etc/passwd"));
        let told = audit.get(&audit.on("user", "al"), "exists?");
        assert_eq!(told, "!Inspec::Exceptions::ResourceFailed: Can't read /etc/passwd: permission denied");
        assert!(audit.get(&audit.the("users"), "exist?").ends_with("Can't read /etc/passwd: permission denied"));
        let groups = Audit::debian(target().denied("/etc/group"));
        assert!(groups.get(&groups.on("user", "al"), "groups").ends_with("Can't read /etc/group: permission denied"));
        let age = Audit::debian(target().command("chage -l al", "", "chage: Permission denied.\n", 1));
        let told = age.get(&age.on("user", "al"), "maxdays");
        assert!(told.ends_with("Command `chage -l al` may not look: chage: Permission denied."), "{told}");
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.get(&none.on("user", "al"), "exists?"), "false");
    }

    #[test]
    fn knows_days() {
        assert_eq!(day_of(b"Jan 02, 1970"), Some(1));
        assert_eq!(day_of(b"2024-02-29"), Some(19_782));
        assert_eq!(day_of(b"never"), None);
    }
}
