//! `mssql_session` and `mssql_sys_conf`: queries of a Microsoft SQL Server, and its settings.
//!
//! ```ruby
//! sql = mssql_session(user: 'my_user', password: input('password'))
//! describe sql.query('SELECT name FROM sys.databases').row(0).column('name') do
//!   its('value') { should cmp 'master' }
//! end
//! describe mssql_sys_conf('clr_enabled', user: 'my_user', password: input('password')) do
//!   its('value_in_use') { should cmp 0 }
//! end
//! ```
//!
//! Queries are run by `sqlcmd` on the target; without it, or without an answer of the server, the resource is skipped.
//! Options: `user`, `password`, `host` (`localhost`), `port`, `instance`, `db_name`, and `local_mode: true` for no server
//! name at all. For Debian, Red Hat, SUSE and what is like them.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::oracledb::wrapped;
use super::unsupported::only_on;
use super::{command, csv, sql_result};
use crate::base;
use crate::declare::{Given, ResourceDef};
use crate::give;
use crate::inspec;
use crate::text;

struct Session {
    user: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    host: Option<Vec<u8>>,
    port: Option<Vec<u8>>,
    instance: Option<Vec<u8>>,
    database: Option<Vec<u8>>,
    local: Value,
}

const PLATFORMS: &[&str] = &["windows", "darwin", "debian", "redhat", "suse"];

pub(crate) const MSSQL_SESSION: ResourceDef = ResourceDef {
    name: "mssql_session",
    class: "MssqlSession",
    doc: "Queries of a Microsoft SQL Server.",
    new: Some((0, 1, new_session)),
    methods: SESSION_METHODS,
    setup: Some(|vm, class| {
        sql_result::install(vm, class);
        only_on(vm, class, PLATFORMS);
    }),
    parts: &[
        Given { by: "query('SQL')", methods: sql_result::ROWS_METHODS },
        Given { by: "query('SQL').row(0)", methods: sql_result::ROW_METHODS },
        Given { by: "query('SQL').row(0).column('NAME')", methods: sql_result::COLUMN_METHODS },
    ],
    ..ResourceDef::EMPTY
};

pub(crate) const MSSQL_SYS_CONF: ResourceDef = ResourceDef {
    name: "mssql_sys_conf",
    class: "MssqlSysConf",
    doc: "A setting of a Microsoft SQL Server.",
    new: Some((1, 2, new_conf)),
    methods: CONF_METHODS,
    setup: Some(|vm, class| only_on(vm, class, &["windows", "debian", "redhat", "suse"])),
    ..ResourceDef::EMPTY
};

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 1, |vm, this, args| query(vm, &*session(vm, this)?, &vm.to_str(&args[0])?.to_vec()), "Its rows."),
    def("user", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.user.as_ref())), "The user."),
    def("password", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.password.as_ref())), "The password."),
    def("host", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.host.as_ref())), "The host."),
    def("port", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.port.as_ref())), "The port."),
    def("instance", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.instance.as_ref())), "The instance."),
    def("local_mode", 0, 0, |vm, this, _| Ok(session(vm, this)?.local.clone()), "Whether there is no server name."),
    def("db_name", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.database.as_ref())), "The database."),
    def("resource_id", 0, 0, session_id, "The session without its password."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("MSSQL session")), "Its title."),
];

fn new_session(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| give::text_option(vm, args, 0, name);
    if option("pass")?.is_some() {
        return Err(base::removed(vm, "The mssql_session `pass` option is deprecated. Please use `password`"));
    }
    let local = give::option(vm, args, 0, "local_mode")?.unwrap_or_default();
    let remote = !local.truthy();
    let session = Session {
        user: option("user")?,
        password: option("password")?,
        host: if remote { Some(option("host")?.unwrap_or_else(|| b"localhost".to_vec())) } else { None },
        port: if remote { option("port")? } else { None },
        instance: option("instance")?,
        database: option("db_name")?,
        local,
    };
    base::set_state(vm, this, session)?;
    if !command::exists(vm, b"sqlcmd")? {
        return Err(base::skipped(vm, "sqlcmd is missing"));
    }
    let answer = query(vm, &*self::session(vm, this)?, b"select getdate()")?;
    if vm.send(&answer, "empty?", &[])?.truthy() {
        return Err(base::skipped(vm, "Can't connect to the MS SQL Server."));
    }
    Ok(Value::Nil)
}

fn session(vm: &Interp, this: &Value) -> Res<Rc<Session>> {
    base::state::<Session>(vm, this)
}

fn line(session: &Session, sql: &[u8]) -> String {
    let shown = |part: &Vec<u8>| text::lossy(part);
    let sql = text::lossy(sql).replace('"', "\"\"").replace('$', "\\$");
    let mut line = format!("sqlcmd -Q \"set nocount on; {sql}\" -W -w 1024 -s ','");
    if let (Some(user), Some(password)) = (&session.user, &session.password) {
        line += &format!(" -U '{}' -P '{}'", shown(user), shown(password));
    }
    if let Some(database) = &session.database {
        line += &format!(" -d '{}'", shown(database));
    }
    if let Some(host) = &session.host {
        let port = session.port.as_ref().map(|port| format!(",{}", shown(port))).unwrap_or_default();
        let instance = session.instance.as_ref().map(|name| format!("\\{}", shown(name))).unwrap_or_default();
        line += &format!(" -S '{}{port}{instance}'", shown(host));
    }
    line
}

fn query(vm: &Interp, session: &Session, sql: &[u8]) -> Res {
    let output = command::run(vm, line(session, sql).as_bytes())?;
    let out = [&output.stdout[..], b"\n", &output.stderr].concat();
    if output.exit_status != 0 || text::find(&out, b"Sqlcmd: Error").is_some() {
        return Err(base::failed(vm, &format!("Could not execute the sql query {}", text::lossy(&out))));
    }
    let printed = text::lossy(&output.stdout).replace('\n', "\r").replace("\r\r", "\r");
    let mut lines = csv::lines(vm, printed.as_bytes(), b',', true)?.into_iter();
    let header = lines.next().unwrap_or_default();
    // The line below the header rules it off.
    let rows = lines.skip(1).map(|line| {
        let mut named = Vec::new();
        for (at, name) in header.iter().enumerate() {
            if let Some(name) = name {
                let value = give::text(line.get(at).and_then(Option::as_ref));
                named.push((Value::bytes(name.to_ascii_lowercase()), value));
            }
        }
        named
    });
    sql_result::make(vm, &output, rows.collect())
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let session = session(vm, this)?;
    let part = |part: &Option<Vec<u8>>| part.as_deref().map(text::lossy).unwrap_or_default();
    let (user, host) = (part(&session.user), part(&session.host));
    let (database, instance) = (part(&session.database), part(&session.instance));
    Ok(Value::str(format!("mssql_session:User:{user}:Host:{host}:Database:{database}:Instance:{instance}")))
}

struct Conf {
    name: Vec<u8>,
    user: Vec<u8>,
    session: Value,
    rows: Value,
}

const CONF_METHODS: &[Def] = &[
    def("value_in_use", 0, 0, |vm, this, _| value(vm, this, "value_in_use"), "The value that counts now."),
    def("value_configured", 0, 0, |vm, this, _| value(vm, this, "value_configured"), "The value after a restart."),
    def("mssql_session", 0, 0, |vm, this, _| Ok(base::state::<Conf>(vm, this)?.session.clone()), "The session."),
    def("sql_query", 0, 0, |vm, this, _| Ok(base::state::<Conf>(vm, this)?.rows.clone()), "What the server told."),
    def("resource_id", 0, 0, conf_id, "The setting and the user."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("MsSql DB Configuration")), "Its title."),
];

fn new_conf(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_s(&args[0])?.to_vec();
    let user = give::text_option(vm, args, 1, "username")?.unwrap_or_else(|| b"SA".to_vec());
    let session = inspec::resource_with(vm, "mssql_session", &args.values[1..])?;
    let capitalized = |word: &[u8]| {
        let mut word = word.to_ascii_lowercase();
        word[..1].make_ascii_uppercase();
        word
    };
    let blanks: Vec<u8> = name.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
    let setting: Vec<Vec<u8>> = text::words(&blanks).into_iter().map(capitalized).collect();
    let setting = text::lossy(&setting.join(&b' '));
    let sql = format!(
        "SELECT name, CAST(value as int) as value_configured, CAST(value_in_use as int) as value_in_use FROM \
         sys.configurations WHERE name = '{setting}'"
    );
    let rows = vm.send(&session, "query", &[Value::str(sql)]);
    let known = rows.as_ref().map_or(Value::Nil, Clone::clone);
    base::set_state(vm, this, Conf { name, user, session, rows: known })?;
    let what = "Errors fetching database system configurations for Mssql database";
    rows.map(|_| Value::Nil).map_err(|unwind| wrapped(vm, unwind, what))
}

fn value(vm: &Interp, this: &Value, column: &str) -> Res {
    let row = vm.send(&base::state::<Conf>(vm, this)?.rows, "row", &[Value::Int(0)])?;
    vm.send(&vm.send(&row, "column", &[Value::str(column)])?, "value", &[])
}

fn conf_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let conf = base::state::<Conf>(vm, this)?;
    Ok(Value::bytes([&conf.name[..], b"-", &conf.user].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn line(sql: &str) -> String {
        format!("sqlcmd -Q \"set nocount on; {sql}\" -W -w 1024 -s ',' -U 'u' -P 'p' -S 'localhost'")
    }

    fn server() -> MemoryTarget {
        MemoryTarget::new().command("sh -c 'type \"sqlcmd\"'", "", "", 0).command(
            line("select getdate()"),
            "\n-\n2024-01-01\n",
            "",
            0,
        )
    }

    fn login(audit: &Audit) -> Value {
        let pairs = [("user", "u"), ("password", "p")];
        audit.vm.hash_from(pairs.map(|(key, value)| (Value::sym(key), Value::str(value)))).unwrap().into()
    }

    #[test]
    fn a_present_server_is_queried() {
        let target = server()
            .command(line("select \"\"a\"\""), "Name,Size\n----,----\nmaster,1\nmodel,\n", "", 0)
            .command(line("bad"), "", "Sqlcmd: Error: no\n", 0);
        let audit = Audit::debian(target);
        let session = audit.make("mssql_session", &[login(&audit)]).unwrap();
        assert_eq!(audit.why(&session), "fine");
        let rows = audit.vm.send(&session, "query", &[Value::str("select \"a\"")]).unwrap();
        assert_eq!(audit.ask(&rows, "column", &[Value::str("name")]), r#"["master", "model"]"#);
        assert_eq!(audit.ask(&rows, "column", &[Value::str("size")]), r#"["1", nil]"#);
        assert!(
            audit
                .ask(&session, "query", &[Value::str("bad")])
                .contains("Could not execute the sql query \nSqlcmd: Error")
        );
        let id = audit.get(&session, "resource_id");
        assert_eq!(id, r#""mssql_session:User:u:Host:localhost:Database::Instance:""#);
    }

    #[test]
    fn present_settings_are_told_and_unreadable_ones_fail() {
        let sql = "SELECT name, CAST(value as int) as value_configured, CAST(value_in_use as int) as value_in_use FROM \
            sys.configurations WHERE name = 'Clr Enabled'";
        let printed = "name,value_configured,value_in_use\n-,-,-\nclr enabled,1,0\n";
        let audit = Audit::debian(server().command(line(sql), printed, "", 0));
        let conf = audit.make("mssql_sys_conf", &[Value::str("clr_enabled"), login(&audit)]).unwrap();
        assert_eq!(
            (audit.get(&conf, "value_in_use"), audit.get(&conf, "value_configured")),
            (r#""0""#.into(), r#""1""#.into())
        );
        assert_eq!(audit.get(&conf, "resource_id"), r#""clr_enabled-SA""#);
        let none = audit.make("mssql_sys_conf", &[Value::str("none"), login(&audit)]).unwrap();
        assert!(
            audit.why(&none).starts_with("failed: Errors fetching database system configurations for Mssql database: ")
        );
    }

    #[test]
    fn with_an_absent_sqlcmd_or_server_it_is_skipped() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("mssql_session")), "skipped: sqlcmd is missing");
        let conf = none.why(&none.on("mssql_sys_conf", "clr_enabled"));
        assert!(
            conf.starts_with("failed: Errors fetching database system configurations for Mssql database: "),
            "{conf}"
        );
        let target = MemoryTarget::new().command("sh -c 'type \"sqlcmd\"'", "", "", 0).command(
            line("select getdate()"),
            "",
            "",
            0,
        );
        let silent = Audit::debian(target);
        let session = silent.make("mssql_session", &[login(&silent)]).unwrap();
        assert_eq!(silent.why(&session), "skipped: Can't connect to the MS SQL Server.");
    }

    #[test]
    fn malformed_answers_have_what_they_have_and_unreadable_ones_fail() {
        let sql = "SELECT name, CAST(value as int) as value_configured, CAST(value_in_use as int) as value_in_use FROM \
            sys.configurations WHERE name = 'Odd'";
        let target = server()
            .command(line("odd"), "oops\n", "", 0)
            .command(line("open"), "a\n-\n\"x\n", "", 0)
            .command(line("no"), "Msg 229: The SELECT permission was denied\n", "", 1)
            .command(line(sql), "oops\n", "", 0);
        let audit = Audit::debian(target);
        let session = audit.make("mssql_session", &[login(&audit)]).unwrap();
        let query = |sql: &str| audit.vm.send(&session, "query", &[Value::str(sql)]);
        assert_eq!(audit.get(&query("odd").unwrap(), "rows"), "[]");
        assert!(audit.message(&query("open").unwrap_err()).contains("Unable to parse CSV: Unclosed quoted field"));
        let no = audit.message(&query("no").unwrap_err());
        assert!(no.contains("Could not execute the sql query Msg 229"), "{no}");
        let conf = audit.make("mssql_sys_conf", &[Value::str("odd"), login(&audit)]).unwrap();
        assert_eq!((audit.why(&conf), audit.get(&conf, "value_in_use")), ("fine".into(), r#""""#.into()));
    }
}
