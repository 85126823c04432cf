//! `oracledb_session`, `oracledb_conf`, `oracledb_listener_conf` and `oracle`: Oracle's databases.
//!
//! ```ruby
//! sql = oracledb_session(user: 'my_user', password: input('password'), service: 'ORCL')
//! describe sql.query("SELECT UPPER(VALUE) AS VALUE FROM V$PARAMETER WHERE UPPER(NAME)='AUDIT_SYS_OPERATIONS'")
//!   .row(0).column('value') do
//!   its('value') { should eq 'TRUE' }
//! end
//! describe oracledb_conf(user: 'my_user', password: input('password')) do
//!   its('audit_sys_operations') { should cmp 'true' }
//! end
//! describe oracledb_listener_conf do
//!   its('DEFAULT_SERVICE_LISTENER') { should eq 'XE' }
//! end
//! ```
//!
//! Options are `user:`, `password:`, `host:` (`localhost`), `port:` (`1521`) and `service:`. Queries are run by `sqlplus` on
//! the target, or by `sqlcl_bin:` where that is there; `sqlplus_bin:` names another `sqlplus`. `as_os_user:` with `as_db_role:`
//! runs it as that user. `oracledb_listener_conf` reads `$ORACLE_HOME/network/admin/listener.ora`, or the file that is given;
//! `oracle` tells that path alone.

use std::cell::RefCell;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Unwind, Value, def};
use plimsoll_target::{FileKind, Output};

use super::{command, csv, sql_result};
use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options, Pair};
use crate::content;
use crate::declare::{Given, ResourceDef};
use crate::facts::find;
use crate::facts::platform::Platform;
use crate::give;
use crate::inspec;
use crate::text;

pub(crate) const ORACLEDB_SESSION: ResourceDef = ResourceDef {
    name: "oracledb_session",
    class: "OracledbSession",
    doc: "Queries of an Oracle database.",
    new: Some((0, 1, new_session)),
    methods: SESSION_METHODS,
    setup: Some(sql_result::install),
    parts: &[
        Given { by: "query('SQL')", methods: sql_result::ROWS_METHODS },
        Given { by: "query('SQL').row(0)", methods: sql_result::ROW_METHODS },
        Given { by: "query('SQL').row(0).column('NAME')", methods: sql_result::COLUMN_METHODS },
    ],
    ..ResourceDef::EMPTY
};

pub(crate) const ORACLEDB_CONF: ResourceDef = ResourceDef {
    name: "oracledb_conf",
    class: "OracledbConf",
    doc: "The settings of an Oracle database.",
    new: Some((0, 1, new_conf)),
    methods: CONF_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const ORACLE: ResourceDef = ResourceDef {
    name: "oracle",
    class: "Oracle",
    doc: "Where Oracle's listener is configured.",
    new: Some((0, 0, |vm, this, _| {
        let path = listener_path(vm, this)?;
        base::set_state(vm, this, Oracle(path))
    })),
    methods: ORACLE_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const ORACLEDB_LISTENER_CONF: ResourceDef = ResourceDef {
    name: "oracledb_listener_conf",
    class: "OracledbListenerConf",
    doc: "The configuration of Oracle's listener.",
    new: Some((0, 1, new_listener)),
    methods: LISTENER_METHODS,
    ..ResourceDef::EMPTY
};

// ---- oracledb_session

struct Session {
    user: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    host: Vec<u8>,
    port: Vec<u8>,
    service: Option<Vec<u8>>,
    os_user: Option<Vec<u8>>,
    role: Option<Vec<u8>>,
    sqlcl: Option<Vec<u8>>,
    sqlplus: Vec<u8>,
    /// What ran the last query.
    ran: RefCell<Option<Vec<u8>>>,
}

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 1, query, "What a query gives: rows, or \"\" when nothing was printed."),
    def("user", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.user.as_ref())), "The user of the database."),
    def("password", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.password.as_ref())), "The password."),
    def("bin", 0, 0, bin, "The client, with the flag that it was run with last."),
    def("host", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.host.clone())), "The host."),
    def("port", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.port.clone())), "The port."),
    def("service", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.service.as_ref())), "The service."),
    def("su_user", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.os_user.as_ref())), "The user of the system."),
    def("db_role", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.role.as_ref())), "The role in the database."),
    def("resource_id", 0, 0, session_id, "Host, port and user."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Oracle Session")), "Its title."),
];

fn new_session(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| give::text_option(vm, args, 0, name);
    if option("pass")?.is_some() {
        return Err(base::removed(vm, "The oracledb_session `pass` option is deprecated. Please use `password`"));
    }
    let session = Session {
        user: option("user")?,
        password: option("password")?,
        host: option("host")?.unwrap_or_else(|| b"localhost".to_vec()),
        port: option("port")?.unwrap_or_else(|| b"1521".to_vec()),
        service: option("service")?,
        os_user: option("as_os_user")?,
        role: option("as_db_role")?,
        sqlcl: option("sqlcl_bin")?,
        sqlplus: option("sqlplus_bin")?.unwrap_or_else(|| b"sqlplus".to_vec()),
        ran: RefCell::default(),
    };
    let known = session.os_user.is_some() || session.user.is_some() || session.password.is_some();
    base::set_state(vm, this, session)?;
    if known {
        return Ok(Value::Nil);
    }
    vm.send(this, "fail_resource", &[Value::str("Can't run Oracle checks without authentication")])
}

fn session(vm: &Interp, this: &Value) -> Res<Rc<Session>> {
    base::state::<Session>(vm, this)
}

fn query(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = base::resource_data(vm, this)?;
    if data.failed.get() {
        let why = vm.to_s(&data.message.borrow().clone())?.lossy();
        return Err(base::failed(vm, &why));
    }
    let session = session(vm, this)?;
    let sql = vm.to_str(&args[0])?.to_vec();
    let (client, format) = match &session.sqlcl {
        Some(sqlcl) if command::exists(vm, sqlcl)? => (sqlcl.clone(), "set sqlformat csv\nSET FEEDBACK OFF"),
        _ => {
            let client = [&session.sqlplus[..], b" -S"].concat();
            (client, "SET PAGESIZE 32000\nSET FEEDBACK OFF\nSET UNDERLINE OFF")
        }
    };
    *session.ran.borrow_mut() = Some(client.clone());
    let output = command::run(vm, &line(&session, &client, format, &sql))?;
    let out = [&output.stdout[..], b"\n", &output.stderr].concat();
    if output.exit_status != 0 || text::lines(&out).iter().any(|line| starts_with_error(line)) {
        return Err(base::failed(vm, &format!("Oracle query with errors: {}", text::lossy(&out))));
    }
    if output.stdout.is_empty() { Ok(Value::str("")) } else { rows(vm, &output) }
}

fn bin(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let ran = session(vm, this)?.ran.borrow().clone();
    Ok(Value::bytes(ran.unwrap_or_else(|| b"sqlplus".to_vec())))
}

fn starts_with_error(line: &[u8]) -> bool {
    line.len() >= 5 && line[..5].eq_ignore_ascii_case(b"error")
}

/// What is echoed before the output of a query: some clients greet first.
const MARK: &str = "oracle_query_string";

/// The command line: for a user of the database, with a role in it, or as a user of the system with a role.
fn line(session: &Session, client: &[u8], format: &str, sql: &[u8]) -> Vec<u8> {
    let part = |part: &Option<Vec<u8>>| part.as_deref().map(text::lossy).unwrap_or_default();
    let (client, mut sql) = (text::lossy(client), text::lossy(sql));
    if let (Some(_), Some(_)) = (&session.role, &session.os_user) {
        sql = sql.replace("\\\\", "\\").replace('"', "\\\"");
        if !sql.contains("\\$") {
            sql = sql.replace('$', "\\$");
        }
    }
    if !sql.trim().ends_with(';') {
        sql.push(';');
    }
    let input = format!(" <<'EOC'\n{format}\n{sql}\nEXIT\nEOC");
    let (user, password, service) = (part(&session.user), part(&session.password), part(&session.service));
    let (host, port) = (text::lossy(&session.host), text::lossy(&session.port));
    let login = format!("echo '{MARK}';{client} {user}/{password}@{host}:{port}/{service}");
    let role = part(&session.role);
    match (&session.role, &session.os_user) {
        (None, _) => format!("{login}{input}"),
        (Some(_), None) => format!("{login} as {role}{input}"),
        (Some(_), Some(os_user)) => {
            let os_user = text::lossy(os_user);
            format!("su - {os_user} -c \"echo '{MARK}'; env ORACLE_SID={service} {client} / as {role}{input}\"")
        }
    }
    .into_bytes()
}

/// Each line is one value: commas do not separate, and further columns are lost, as in CINC.
fn rows(vm: &Interp, output: &Output) -> Res {
    let printed = text::lossy(&output.stdout);
    let printed = printed.rsplit(MARK).next().unwrap_or_default().replacen('\r', "", 1);
    let printed = printed.trim().replace(',', "\u{1}");
    let failed = |error: &Unwind| {
        let message = error.exception().map(|e| vm.send(&Value::Obj(Rc::clone(e)), "message", &[]));
        let message =
            message.and_then(Result::ok).and_then(|text| vm.to_s(&text).ok()).map_or_else(String::new, |t| t.lossy());
        base::failed(vm, &format!("Oracle query with exception: {message}"))
    };
    let lines = csv::lines(vm, printed.as_bytes(), b',', false).map_err(|error| failed(&error))?;
    let with_commas = |field: &Option<Vec<u8>>| {
        let commas = |byte: &u8| if *byte == 1 { b',' } else { *byte };
        field.as_ref().map(|field| field.iter().map(commas).collect::<Vec<u8>>())
    };
    let mut lines = lines.into_iter();
    let header = lines.next().and_then(|line| line.first().and_then(with_commas)).unwrap_or_default();
    let header = Value::bytes(header.to_ascii_lowercase());
    let rows = lines.filter(|line| !line.is_empty());
    let rows = rows.map(|line| vec![(header.clone(), give::text(line.first().and_then(with_commas)))]);
    sql_result::make(vm, output, rows.collect())
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let session = session(vm, this)?;
    Ok(match session.user.as_ref().or(session.os_user.as_ref()) {
        Some(user) => Value::bytes([&session.host[..], b"-", &session.port, b"-", user].concat()),
        None => Value::str(""),
    })
}

// ---- oracledb_conf

struct Conf {
    session: Value,
    user: Option<Vec<u8>>,
}

const CONF_METHODS: &[Def] = &[
    def("oracledb_session", 0, 0, |vm, this, _| Ok(base::state::<Conf>(vm, this)?.session.clone()), "The session."),
    def("method_missing", 1, 1, setting, "A setting, in upper case."),
    def(
        "resource_id",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(base::state::<Conf>(vm, this)?.user.clone().unwrap_or_default())),
        "The user.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Oracle DB Configuration")), "Its title."),
];

fn new_conf(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let session = inspec::resource_with(vm, "oracledb_session", args.values)?;
    base::set_state(vm, this, Conf { session, user: give::text_option(vm, args, 0, "user")? })
}

fn setting(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_name(&args[0])?.text().to_uppercase();
    let sql = format!("SELECT UPPER(VALUE) AS UPPER_VALUE FROM V$SYSTEM_PARAMETER WHERE UPPER(NAME) = '{name}'");
    let session = base::state::<Conf>(vm, this)?.session.clone();
    let ask = || {
        let rows = vm.send(&session, "query", &[Value::str(sql)])?;
        let row = vm.send(&rows, "row", &[Value::Int(0)])?;
        vm.send(&vm.send(&row, "column", &[Value::str("UPPER_VALUE")])?, "value", &[])
    };
    ask().map_err(|unwind| wrapped(vm, unwind, "Errors fetching database settings for Oracle database"))
}

/// What was raised, as the failure of this resource.
pub(super) fn wrapped(vm: &Interp, unwind: Unwind, what: &str) -> Unwind {
    let Some(exception) = unwind.exception().cloned() else { return unwind };
    match vm.send(&Value::Obj(exception), "message", &[]).and_then(|message| vm.to_s(&message)) {
        Ok(message) => base::failed(vm, &format!("{what}: {}", message.lossy())),
        Err(error) => error,
    }
}

// ---- oracle, oracledb_listener_conf

struct Oracle(Option<Vec<u8>>);

const ORACLE_METHODS: &[Def] = &[
    def(
        "conf_path",
        0,
        0,
        |vm, this, _| Ok(give::text(base::state::<Oracle>(vm, this)?.0.as_ref())),
        "The file; nil when there is none.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("OracleDB")), "Its title."),
];

/// A file below the directory that a variable of the environment names, when both are there.
pub(super) fn below_home(vm: &Interp, variable: &str, file: &str) -> Res<Option<Vec<u8>>> {
    if !["debian", "redhat", "linux", "suse"].contains(&Platform::of(&Backend::of(vm))?.family()) {
        return Ok(None);
    }
    let home = vm.send(&inspec::resource_with(vm, "os_env", &[Value::str(variable)])?, "content", &[])?;
    let Value::Str(home) = home else { return Ok(None) };
    let home = home.to_vec();
    let path = [&home[..], b"/", file.as_bytes()].concat();
    let exists = |path: &[u8]| vm.send(&inspec::resource_with(vm, "file", &[Value::bytes(path)])?, "exist?", &[]);
    Ok(if !home.is_empty() && exists(&path)?.truthy() { Some(path) } else { None })
}

fn listener_path(vm: &Interp, _: &Value) -> Res<Option<Vec<u8>>> {
    below_home(vm, "ORACLE_HOME", "network/admin/listener.ora")
        .map_err(|unwind| wrapped(vm, unwind, "Errors reading listener settings"))
}

struct Listener {
    path: Option<Vec<u8>>,
    content: Vec<u8>,
    params: Rc<RHash>,
}

const LISTENER_METHODS: &[Def] = &[
    def("content", 0, 0, |vm, this, _| Ok(Value::bytes(listener(vm, this)?.content.clone())), "The text of all files."),
    def("params", 0, -1, params, "All settings, or what is below some keys."),
    def("value", 1, 1, |vm, this, args| value(vm, this, &vm.to_array(&args[0])?.to_vec()), "A setting, below keys."),
    def("method_missing", 1, -1, missing, "A setting."),
    def("resource_id", 0, 0, |vm, this, _| Ok(give::text(listener(vm, this)?.path.as_ref())), "The path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Oracle Listener Configuration")), "Its title."),
];

fn new_listener(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = match give::text_arg(vm, args, 0)? {
        Some(path) => Some(path),
        None => listener_path(vm, this)?,
    };
    let mut listener = Listener { path: path.clone(), content: Vec::new(), params: RHash::new() };
    let Some(path) = path else {
        base::set_state(vm, this, listener)?;
        return vm.send(this, "skip_resource", &[Value::str("Oracle Listener conf path is not set")]);
    };
    let loaded = load(vm, &path, &mut listener);
    base::set_state(vm, this, listener)?;
    loaded.map(|()| Value::Nil)
}

fn listener(vm: &Interp, this: &Value) -> Res<Rc<Listener>> {
    base::state::<Listener>(vm, this)
}

/// Reads a file and those that it includes; what is read later wins.
fn load(vm: &Interp, path: &[u8], listener: &mut Listener) -> Res<()> {
    let pattern = regex::bytes::Regex::new(r"(?-u)^\s*([^=]*?)\s*=\s*[']?\s*(.*?)\s*[']?\s*$");
    let pattern = pattern.expect("the pattern is written here");
    let assignment = |line: &[u8]| {
        let pair = |f: regex::bytes::Captures<'_>| Pair { key: Value::bytes(&f[1]), values: vec![Value::bytes(&f[2])] };
        Ok(pattern.captures(line).map(pair))
    };
    let mut known: Vec<Vec<u8>> = Vec::new();
    let mut waiting = vec![path.to_vec()];
    while !waiting.is_empty() {
        let path = waiting.remove(0);
        let text = content::read(vm, &path, false)?;
        known.push(path.clone());
        listener.content.extend_from_slice(&text);
        let params = config_text::parse(vm, &text, &Options::new(&assignment))?;
        for (name, value) in params.entries() {
            vm.hash_set(&listener.params, name, value)?;
        }
        let directory = path.iter().rposition(|byte| *byte == b'/').map_or(b"".as_slice(), |at| &path[..at]);
        let included = includes(vm, directory, &params)?;
        waiting.extend(included.into_iter().filter(|path| !known.contains(path)));
    }
    Ok(())
}

fn includes(vm: &Interp, directory: &[u8], params: &RHash) -> Res<Vec<Vec<u8>>> {
    let named = |name: &str| -> Res<Option<Vec<u8>>> {
        let Some(path) = vm.hash_get(params, &Value::str(name))? else { return Ok(None) };
        let path = vm.to_s(&path)?.to_vec();
        Ok(Some(if path.starts_with(b"/") { path } else { find::join(directory, &path) }))
    };
    let mut files: Vec<Vec<u8>> = Vec::new();
    files.extend(named("include")?);
    files.extend(named("include_if_exists")?);
    if let Some(path) = named("include_dir")? {
        for entry in find::entries(vm, &path)? {
            if entry.kind == FileKind::File {
                files.push(find::join(&path, &entry.name));
            }
        }
    }
    Ok(files)
}

fn params(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut found = Value::Hash(Rc::clone(&listener(vm, this)?.params));
    for key in args.values {
        if !found.is_nil() {
            found = vm.send(&found, "[]", std::slice::from_ref(key))?;
        }
    }
    Ok(found)
}

/// Goes down by keys, as Symbol or String.
fn value(vm: &Interp, this: &Value, keys: &[Value]) -> Res {
    let mut found = Value::Hash(Rc::clone(&listener(vm, this)?.params));
    for key in keys {
        found = match &found {
            Value::Hash(hash) => vm.hash_get(hash, &Value::Str(vm.to_s(key)?))?.unwrap_or_default(),
            _ => Value::Nil,
        };
    }
    Ok(found)
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let is_index = matches!(&args[0], Value::Sym(name) if name.bytes() == b"[]");
    let found = value(vm, this, &args.values[usize::from(is_index)..])?;
    // As CINC has it: what is one character or element long stands for that alone.
    match &found {
        Value::Str(text) if text.bytes().len() == 1 => Ok(found),
        Value::Array(list) if list.len() == 1 => Ok(list.get(0).unwrap_or_default()),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn with(audit: &Audit, pairs: &[(&str, &str)]) -> Value {
        audit.vm.hash_from(pairs.iter().map(|(key, value)| (Value::sym(key), Value::str(value)))).unwrap().into()
    }

    const LOGIN: &str = "echo 'oracle_query_string';sqlplus -S u/p@localhost:1521/XE <<'EOC'\n\
        SET PAGESIZE 32000\nSET FEEDBACK OFF\nSET UNDERLINE OFF\n";

    #[test]
    fn a_present_server_is_queried_and_malformed_or_unreadable_answers_fail() {
        let target = MemoryTarget::new()
            .command(
                format!("{LOGIN}SELECT A FROM B;\nEXIT\nEOC"),
                "oracle_query_string\n\nVALUE\nTRUE\n(a,b)\n",
                "",
                0,
            )
            .command(format!("{LOGIN}bad;\nEXIT\nEOC"), "oracle_query_string\nERROR at line 1: no\n", "", 0)
            .command(format!("{LOGIN}odd;\nEXIT\nEOC"), "oracle_query_string\nVALUE\n\"open\n", "", 0);
        let audit = Audit::debian(target);
        let options = [("user", "u"), ("password", "p"), ("service", "XE")];
        let session = audit.make("oracledb_session", &[with(&audit, &options)]).unwrap();
        let rows = audit.vm.send(&session, "query", &[Value::str("SELECT A FROM B")]).unwrap();
        assert_eq!((audit.get(&rows, "size"), audit.get(&rows, "successful?")), ("2".into(), "true".into()));
        assert_eq!(audit.ask(&rows, "column", &[Value::str("value")]), r#"["TRUE", "(a,b)"]"#);
        let field = |at: i64| {
            let row = audit.vm.send(&rows, "row", &[Value::Int(at)]).unwrap();
            audit.get(&audit.vm.send(&row, "column", &[Value::str("VALUE")]).unwrap(), "value")
        };
        assert_eq!((field(0), field(7)), (r#""TRUE""#.into(), r#""""#.into()));
        let failed = audit.ask(&session, "query", &[Value::str("bad;")]);
        assert!(failed.contains("ResourceFailed: Oracle query with errors: oracle_query_string\nERROR at"), "{failed}");
        let odd = audit.ask(&session, "query", &[Value::str("odd")]);
        assert!(odd.contains("Oracle query with exception: Unable to parse CSV"), "{odd}");
        assert_eq!(audit.get(&session, "resource_id"), r#""localhost-1521-u""#);
    }

    #[test]
    fn asks_as_another_user() {
        let session = Session {
            user: None,
            password: None,
            host: b"h".to_vec(),
            port: b"1".to_vec(),
            service: Some(b"ORCL".to_vec()),
            os_user: Some(b"oracle".to_vec()),
            role: Some(b"sysdba".to_vec()),
            sqlcl: None,
            sqlplus: b"sqlplus".to_vec(),
            ran: RefCell::default(),
        };
        let line = text::lossy(&line(&session, b"sqlplus -S", "SET X", b"SELECT \"a\" FROM V$P"));
        let expected = "su - oracle -c \"echo 'oracle_query_string'; env ORACLE_SID=ORCL sqlplus -S / as sysdba <<'EOC'\n\
            SET X\nSELECT \\\"a\\\" FROM V\\$P;\nEXIT\nEOC\"";
        assert_eq!(line, expected);
    }

    #[test]
    fn present_settings_are_queries_and_an_absent_client_fails() {
        let sql = "SELECT UPPER(VALUE) AS UPPER_VALUE FROM V$SYSTEM_PARAMETER WHERE UPPER(NAME) = 'SQL92_SECURITY';";
        let target = MemoryTarget::new().command(
            format!("{LOGIN}{sql}\nEXIT\nEOC"),
            "oracle_query_string\nUPPER_VALUE\nTRUE\n",
            "",
            0,
        );
        let audit = Audit::debian(target);
        let options = [("user", "u"), ("password", "p"), ("service", "XE")];
        let conf = audit.make("oracledb_conf", &[with(&audit, &options)]).unwrap();
        assert_eq!(audit.get(&conf, "sql92_security"), r#""TRUE""#);
        let none = audit.get(&conf, "audit_trail");
        assert!(
            none.contains("Errors fetching database settings for Oracle database: Oracle query with errors"),
            "{none}"
        );
        assert_eq!(
            (audit.get(&conf, "to_s"), audit.get(&conf, "resource_id")),
            (r#""Oracle DB Configuration""#.into(), r#""u""#.into())
        );
    }

    #[test]
    fn nobody_may_ask() {
        let audit = Audit::debian(MemoryTarget::new());
        let nobody = audit.the("oracledb_session");
        assert_eq!(audit.why(&nobody), "failed: Can't run Oracle checks without authentication");
        assert!(audit.ask(&nobody, "query", &[Value::str("x")]).contains("Can't run Oracle checks without"));
    }

    #[test]
    fn a_present_listener_configuration_is_read_and_an_absent_or_unreadable_one_skips() {
        let target = MemoryTarget::new()
            .command("env", "ORACLE_HOME=/ora\n", "", 0)
            .file("/ora/network/admin/listener.ora", "DEFAULT_SERVICE_LISTENER = XE\ninclude = 'more.ora'\n")
            .file("/ora/network/admin/more.ora", "LOGGING = 'ON'\n")
            .file("/no.ora", "x")
            .denied("/no.ora");
        let audit = Audit::debian(target);
        let conf = audit.the("oracledb_listener_conf");
        assert_eq!(
            (audit.get(&conf, "DEFAULT_SERVICE_LISTENER"), audit.get(&conf, "LOGGING")),
            (r#""XE""#.into(), r#""ON""#.into())
        );
        assert_eq!(audit.get(&conf, "NOTHING"), "nil");
        assert_eq!(audit.get(&conf, "resource_id"), r#""/ora/network/admin/listener.ora""#);
        assert_eq!(audit.get(&audit.the("oracle"), "conf_path"), r#""/ora/network/admin/listener.ora""#);
        assert_eq!(audit.why(&audit.on("oracledb_listener_conf", "/none")), "skipped: Can't find file: /none");
        assert_eq!(audit.why(&audit.on("oracledb_listener_conf", "/no.ora")), "skipped: Can't read file: /no.ora");
        let none = Audit::debian(MemoryTarget::new().command("env", "A=b\n", "", 0));
        assert_eq!(none.why(&none.the("oracledb_listener_conf")), "skipped: Oracle Listener conf path is not set");
        assert_eq!(none.get(&none.the("oracle"), "conf_path"), "nil");
    }

    #[test]
    fn with_an_absent_client_queries_fail() {
        let audit = Audit::debian(MemoryTarget::new());
        let session = audit.make("oracledb_session", &[with(&audit, &[("user", "u"), ("password", "p")])]).unwrap();
        let told = audit.ask(&session, "query", &[Value::str("x")]);
        assert!(told.contains("ResourceFailed: Oracle query with errors: ") && told.contains("not found"), "{told}");
    }

    #[test]
    fn of_settings_malformed_or_unreadable_answers_fail() {
        for (printed, status) in [("oracle_query_string\nX\n\"open\n", 0), ("ORA-01031: insufficient privileges\n", 1)]
        {
            let audit = Audit::debian(MemoryTarget::new().otherwise(printed, "", status));
            let conf = audit.make("oracledb_conf", &[with(&audit, &[("user", "u"), ("password", "p")])]).unwrap();
            let told = audit.get(&conf, "audit_trail");
            assert!(told.contains("ResourceFailed: Errors fetching database settings for Oracle database: "), "{told}");
        }
    }

    #[test]
    fn malformed_lines_of_the_listener_are_settings_without_a_value() {
        let text = "oops\n= x\nA = (B =\n";
        let audit = Audit::debian(MemoryTarget::new().file("/l.ora", text));
        let conf = audit.on("oracledb_listener_conf", "/l.ora");
        assert_eq!((audit.get(&conf, "oops"), audit.get(&conf, "A")), (r#""""#.into(), r#""(B =""#.into()));
    }

    #[test]
    fn where_the_home_is_absent_malformed_or_unreadable_no_path_is_told() {
        let path = |printed: &str| {
            let audit = Audit::debian(MemoryTarget::new().command("env", printed, "", 0));
            audit.get(&audit.the("oracle"), "conf_path")
        };
        assert_eq!(
            (path("A=b\n"), path("ORACLE_HOME\n"), path("ORACLE_HOME=/x\n")),
            ("nil".into(), "nil".into(), "nil".into())
        );
        let denied =
            MemoryTarget::new().command("env", "ORACLE_HOME=/ora\n", "", 0).dir("/ora/network").denied("/ora/network");
        let why = crate::testing::why(denied, "oracle", &[]);
        assert!(
            why.starts_with("failed: Errors reading listener settings: Can't read file: /ora/network/admin"),
            "{why}"
        );
    }

    #[test]
    fn an_unreadable_directory_of_the_listener_fails() {
        let target = MemoryTarget::new().file("/l.ora", "include_dir = 'more'\n").file("/more/a.ora", "A = b\n");
        let why = crate::testing::why(target.denied("/more"), "oracledb_listener_conf", &["/l.ora"]);
        assert_eq!(why, "failed: Can't look for files in /more: permission denied");
    }
}
