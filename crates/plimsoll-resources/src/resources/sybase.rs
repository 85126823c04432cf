//! `sybase_session` and `sybase_conf`: queries of a Sybase (SAP ASE) server, and its settings.
//!
//! ```ruby
//! login = { username: 'my_user', password: input('password'), server: 'SYBASE', database: 'pubs2' }
//! describe sybase_session(login).query('SELECT * FROM authors').row(0).column('au_lname') do
//!   its('value') { should eq 'Smith' }
//! end
//! describe sybase_conf('max memory', password: input('password'), server: 'SYBASE') do
//!   its('run_value') { should cmp 180224 }
//! end
//! ```
//!
//! Queries are run by `isql` (or `bin:`) on the target, with Sybase below `/opt/sap` (or `sybase_home:`). The query is its
//! input; CINC copies it to a file there first.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::Output;
use regex::bytes::Regex;

use super::{command, csv, sql_result};
use crate::base;
use crate::declare::{Given, ResourceDef};
use crate::give;
use crate::inspec;
use crate::text;

struct Session {
    user: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    database: Option<Vec<u8>>,
    server: Option<Vec<u8>>,
    home: Vec<u8>,
    program: Vec<u8>,
}

pub(crate) const SYBASE_SESSION: ResourceDef = ResourceDef {
    name: "sybase_session",
    class: "SybaseSession",
    doc: "Queries of a Sybase server.",
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

pub(crate) const SYBASE_CONF: ResourceDef = ResourceDef {
    name: "sybase_conf",
    class: "SybaseConf",
    doc: "A setting of a Sybase server.",
    new: Some((1, 2, new_conf)),
    methods: CONF_METHODS,
    ..ResourceDef::EMPTY
};

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 1, query, "The rows that a query gives."),
    def("username", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.user.as_ref())), "The user."),
    def("password", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.password.as_ref())), "The password."),
    def("database", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.database.as_ref())), "The database."),
    def("server", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.server.as_ref())), "The server."),
    def("sybase_home", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.home.clone())), "Where Sybase is."),
    def("bin", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.program.clone())), "The client."),
    def("col_sep", 0, 0, |_, _, _| Ok(Value::str("|")), "What separates columns in the client's output."),
    def("resource_id", 0, 0, session_id, "The database."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Sybase Session")), "Its title."),
];

fn new_session(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| give::text_option(vm, args, 0, name);
    let session = Session {
        user: option("username")?,
        password: option("password")?,
        database: option("database")?,
        server: option("server")?,
        home: option("sybase_home")?.unwrap_or_else(|| b"/opt/sap".to_vec()),
        program: option("bin")?.unwrap_or_else(|| b"isql".to_vec()),
    };
    // Of several complaints the last one counts, as in CINC.
    let program = text::lossy(&session.program);
    let complaint = if !command::exists(vm, &session.program)? {
        Some(format!("Cannot find {program} CLI tool"))
    } else if session.database.is_none() {
        Some("You must provide a database name for the session".to_owned())
    } else if session.server.is_none() {
        Some("You must provide a server name for the session".to_owned())
    } else if session.user.is_none() || session.password.is_none() {
        Some("Can't run Sybase checks without authentication".to_owned())
    } else {
        None
    };
    base::set_state(vm, this, session)?;
    match complaint {
        Some(complaint) => vm.send(this, "fail_resource", &[Value::str(complaint)]),
        None => Ok(Value::Nil),
    }
}

fn session(vm: &Interp, this: &Value) -> Res<Rc<Session>> {
    base::state::<Session>(vm, this)
}

static MESSAGE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)Msg\s\d+,\sLevel\s\d+,\sState\s\d+").expect("a fixed pattern"));

fn query(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let session = session(vm, this)?;
    let part = |part: &Option<Vec<u8>>| part.as_deref().map(text::lossy).unwrap_or_default();
    let (home, program) = (text::lossy(&session.home), text::lossy(&session.program));
    let (server, user, database) = (part(&session.server), part(&session.user), part(&session.database));
    let (password, sql) = (part(&session.password), vm.to_s(&args[0])?.lossy());
    let line = format!(
        "LANG=en_US.UTF-8 SYBASE={home} {program} -s\"|\" -w80000 -S {server} -U {user} -D {database} -P \"{password}\" \
         <<'END_OF_SQL'\n{sql}\ngo\nEND_OF_SQL"
    );
    let output = command::run(vm, line.as_bytes())?;
    let (out, error, status) = (text::lossy(&output.stdout), text::lossy(&output.stderr), output.exit_status);
    if status != 0 {
        let text = format!("isql exited with code {status} and stderr '{error}', stdout '{out}'");
        return Err(base::failed(vm, &text));
    }
    // isql ends with 0 after errors too.
    if !error.is_empty() {
        return Err(base::failed(vm, &format!("isql exited with error '{error}', stdout '{out}'")));
    }
    if MESSAGE.is_match(&output.stdout) {
        return Err(base::failed(vm, &format!("isql exited with error {out}")));
    }
    rows(vm, &output)
}

/// Rows without the line below the header and the two at the end.
fn rows(vm: &Interp, output: &Output) -> Res {
    let printed: Vec<u8> = output.stdout.iter().copied().filter(|byte| *byte != b'\r').collect();
    let lines: Vec<&[u8]> = text::strip(&printed).split(|byte| *byte == b'\n').collect();
    let body = lines.get(2..lines.len().saturating_sub(2)).unwrap_or_default();
    let mut kept = vec![lines.first().copied().unwrap_or_default()];
    kept.extend(body);
    let mut parsed = csv::lines(vm, &kept.join(&b'\n'), b'|', false)?.into_iter();
    let name = |field: &Option<Vec<u8>>| {
        let field = field.as_deref().unwrap_or_default();
        let is_default = field.starts_with(b"Default ") && field[7..].iter().all(text::is_space);
        // `default` is a method of a Hash.
        if is_default { b"default_value".to_vec() } else { text::strip(&field.to_ascii_lowercase()).to_vec() }
    };
    let header: Vec<Vec<u8>> = parsed.next().unwrap_or_default().iter().map(name).collect();
    let value = |field: Option<&Option<Vec<u8>>>| give::text(field.and_then(Option::as_deref).map(text::strip));
    let row = |line: Vec<Option<Vec<u8>>>| {
        let named = header.iter().enumerate();
        named.map(|(at, name)| (Value::bytes(name.clone()), value(line.get(at)))).collect()
    };
    sql_result::make(vm, output, parsed.map(row).collect())
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let database = session(vm, this)?.database.clone();
    Ok(Value::bytes(database.unwrap_or_else(|| b"Sybase Session".to_vec())))
}

struct Conf {
    name: Value,
    rows: Value,
}

const CONF_METHODS: &[Def] = &[
    def("run_value", 0, 0, |vm, this, _| value(vm, this, "Run Value"), "The value that counts now."),
    def("config_value", 0, 0, |vm, this, _| value(vm, this, "Config Value"), "The value after a restart."),
    def("conf_param", 0, 0, |vm, this, _| Ok(base::state::<Conf>(vm, this)?.name.clone()), "The setting's name."),
    def("sql_query", 0, 0, |vm, this, _| Ok(base::state::<Conf>(vm, this)?.rows.clone()), "What the server told."),
    def("resource_id", 0, 0, |vm, this, _| Ok(base::state::<Conf>(vm, this)?.name.clone()), "The setting's name."),
    def("to_s", 0, 0, conf_title, "Its title."),
];

fn new_conf(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let given = match args.get(1) {
        Some(Value::Hash(options)) => options.entries(),
        _ => Vec::new(),
    };
    let usual = [("username", "sa"), ("database", "master")].map(|(key, value)| (Value::sym(key), Value::str(value)));
    let options = vm.hash_from(usual.into_iter().chain(given))?;
    let session = inspec::resource_with(vm, "sybase_session", &[options.into()])?;
    let sql = [b"sp_configure \"".as_slice(), &vm.to_s(&args[0])?.bytes(), b"\""].concat();
    let rows = vm.send(&session, "query", &[Value::bytes(sql)]);
    let known = rows.as_ref().map_or(Value::Nil, Clone::clone);
    base::set_state(vm, this, Conf { name: args[0].clone(), rows: known })?;
    rows.map(|_| Value::Nil)
}

fn value(vm: &Interp, this: &Value, column: &str) -> Res {
    let row = vm.send(&base::state::<Conf>(vm, this)?.rows, "row", &[Value::Int(0)])?;
    vm.send(&vm.send(&row, "column", &[Value::str(column)])?, "value", &[])
}

fn conf_title(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = vm.to_s(&base::state::<Conf>(vm, this)?.name)?;
    Ok(Value::bytes([b"Sybase Conf ".as_slice(), &name.bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn line(user: &str, database: &str, sql: &str) -> String {
        format!(
            "LANG=en_US.UTF-8 SYBASE=/opt/sap isql -s\"|\" -w80000 -S SYB -U {user} -D {database} -P \"p\" \
             <<'END_OF_SQL'\n{sql}\ngo\nEND_OF_SQL"
        )
    }

    fn client() -> MemoryTarget {
        MemoryTarget::new().command("sh -c 'type \"isql\"'", "", "", 0)
    }

    fn options(audit: &Audit, pairs: &[(&str, &str)]) -> Value {
        audit.vm.hash_from(pairs.iter().map(|(key, value)| (Value::sym(key), Value::str(value)))).unwrap().into()
    }

    const LOGIN: [(&str, &str); 4] = [("password", "p"), ("server", "SYB"), ("username", "u"), ("database", "db")];

    #[test]
    fn a_present_server_is_queried_and_unreadable_answers_fail() {
        let printed = " Name    |Default   \n --------|----------\n Smith   |  7       \n Jones   |          \n\n(2 rows affected)\n";
        let target = client()
            .command(line("u", "db", "select 1"), printed, "", 0)
            .command(line("u", "db", "bad"), "Msg 102, Level 15, State 181:\nno\n", "", 0)
            .command(line("u", "db", "worse"), "", "gone", 0);
        let audit = Audit::debian(target);
        let session = audit.make("sybase_session", &[options(&audit, &LOGIN)]).unwrap();
        let rows = audit.vm.send(&session, "query", &[Value::str("select 1")]).unwrap();
        assert_eq!(audit.ask(&rows, "column", &[Value::str("name")]), r#"["Smith", "Jones"]"#);
        assert_eq!(audit.ask(&rows, "column", &[Value::str("default_value")]), r#"["7", ""]"#);
        let ask = |sql: &str| audit.ask(&session, "query", &[Value::str(sql)]);
        assert!(ask("bad").contains("isql exited with error Msg 102"));
        assert!(ask("worse").contains("isql exited with error 'gone'"));
        assert!(ask("none").contains("isql exited with code 127"));
        assert_eq!(audit.get(&session, "resource_id"), r#""db""#);
    }

    #[test]
    fn present_settings_are_told_and_unreadable_ones_fail() {
        let printed = "Parameter Name|Config Value|Run Value\n-|-|-\nmax memory|1|2\n\n(1 row affected)\n";
        let audit =
            Audit::debian(client().command(line("sa", "master", "sp_configure \"max memory\""), printed, "", 0));
        let conf = audit.make("sybase_conf", &[Value::str("max memory"), options(&audit, &LOGIN[..2])]).unwrap();
        assert_eq!(
            (audit.get(&conf, "run_value"), audit.get(&conf, "config_value")),
            (r#""2""#.into(), r#""1""#.into())
        );
        assert_eq!(audit.get(&conf, "to_s"), r#""Sybase Conf max memory""#);
        let none = audit.make("sybase_conf", &[Value::str("none"), options(&audit, &LOGIN[..2])]).unwrap();
        assert!(audit.why(&none).starts_with("failed: isql exited with code 127"));
    }

    #[test]
    fn with_an_absent_client_or_option_it_fails() {
        let audit = Audit::debian(client());
        let why = |count: usize| audit.why(&audit.make("sybase_session", &[options(&audit, &LOGIN[..count])]).unwrap());
        assert_eq!(why(2), "failed: You must provide a database name for the session");
        let no_user = options(&audit, &[("server", "SYB"), ("database", "db")]);
        let no_user = audit.make("sybase_session", &[no_user]).unwrap();
        assert_eq!(audit.why(&no_user), "failed: Can't run Sybase checks without authentication");
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("sybase_session")), "failed: Cannot find isql CLI tool");
        let conf = none.make("sybase_conf", &[Value::str("x"), options(&none, &LOGIN[..2])]).unwrap();
        assert!(none.why(&conf).starts_with("failed: "), "{}", none.why(&conf));
    }

    #[test]
    fn malformed_answers_have_no_rows_or_fail() {
        let setting = "sp_configure \"x\"";
        let target = client()
            .command(line("u", "db", "odd"), "oops\n", "", 0)
            .command(line("u", "db", "open"), "a\n-\n\"x\n\n(1 row)\n", "", 0)
            .command(line("sa", "master", setting), "oops\n", "", 0);
        let audit = Audit::debian(target);
        let session = audit.make("sybase_session", &[options(&audit, &LOGIN)]).unwrap();
        let odd = audit.vm.send(&session, "query", &[Value::str("odd")]).unwrap();
        assert_eq!(audit.get(&odd, "rows"), "[]");
        let open = audit.ask(&session, "query", &[Value::str("open")]);
        assert!(open.contains("Unable to parse CSV: Unclosed quoted field"), "{open}");
        let conf = audit.make("sybase_conf", &[Value::str("x"), options(&audit, &LOGIN[..2])]).unwrap();
        assert_eq!((audit.why(&conf), audit.get(&conf, "run_value")), ("fine".into(), r#""""#.into()));
    }
}
