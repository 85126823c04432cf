//! `mysql_conf`, `mysql_session` and `mysql`: MySQL's and MariaDB's configuration, and queries.
//!
//! ```ruby
//! describe mysql_conf do
//!   its('mysqld.port') { should cmp 3306 }
//! end
//! describe mysql_conf.params('mysqld') do
//!   its('local-infile') { should cmp 0 }
//! end
//! sql = mysql_session(input('user'), input('password'))
//! describe sql.query("SHOW VARIABLES LIKE 'have_ssl';") do
//!   its('output') { should match(/YES/) }
//! end
//! ```
//!
//! `!include` and `!includedir` are followed. Queries are run by the `mysql` client on the target.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RHash, RObject, Res, Value, def};
use plimsoll_target::FileKind;

use super::{command, sql_lines};
use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options};
use crate::declare::{Given, ResourceDef};
use crate::facts::find::{self, Wanted};
use crate::facts::platform::Platform;
use crate::give;
use crate::included;

use crate::text;

pub(crate) const MYSQL: ResourceDef = ResourceDef {
    name: "mysql",
    class: "Mysql",
    doc: "Where MySQL's files usually are.",
    methods: MYSQL_METHODS,
    setup: Some(sql_lines::install),
    ..ResourceDef::EMPTY
};

pub(crate) const MYSQL_CONF: ResourceDef = ResourceDef {
    name: "mysql_conf",
    class: "MysqlConf",
    doc: "MySQL's configuration.",
    new: Some((0, 1, new_conf)),
    methods: CONF_METHODS,
    setup: Some(entry_class),
    parts: &[Given { by: "params('SECTION')", methods: ENTRY_METHODS }],
    ..ResourceDef::EMPTY
};

pub(crate) const MYSQL_SESSION: ResourceDef = ResourceDef {
    name: "mysql_session",
    class: "MysqlSession",
    doc: "Queries of a MySQL server.",
    new: Some((0, 5, new_session)),
    methods: SESSION_METHODS,
    parts: &[Given { by: "query('SQL')", methods: sql_lines::METHODS }],
    ..ResourceDef::EMPTY
};

// ---- mysql

const MYSQL_METHODS: &[Def] = &[
    def("package", 0, 0, |vm, _, _| usual(vm, |u| u.package), "The package."),
    def("service", 0, 0, |vm, _, _| usual(vm, |u| Some(u.service)), "The service."),
    def("conf_path", 0, 0, |vm, _, _| usual(vm, |u| Some(u.conf_path)), "The configuration."),
    def("conf_dir", 0, 0, |vm, _, _| usual(vm, |u| Some(u.conf_dir)), "Its directory."),
    def("data_dir", 0, 0, |_, _, _| Ok(Value::str("/var/lib/mysql/")), "The data."),
    def("log_dir", 0, 0, |_, _, _| Ok(Value::str("/var/log/")), "The logs."),
    def("log_path", 0, 0, |vm, _, _| usual(vm, |u| Some(u.log_path)), "The log."),
    def("log_group", 0, 0, |vm, _, _| usual(vm, |u| Some(u.log_group)), "The log's group."),
    def("log_dir_group", 0, 0, log_dir_group, "The group of the directory of logs."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("MySQL")), "Its title."),
];

struct Usual {
    package: Option<&'static str>,
    service: &'static str,
    conf_path: &'static str,
    conf_dir: &'static str,
    log_path: &'static str,
    log_group: &'static str,
}

fn usual_of(vm: &Interp) -> Res<Usual> {
    let redhat = Usual {
        package: Some("mysql-server"),
        service: "mysqld",
        conf_path: "/etc/my.cnf",
        conf_dir: "/etc/",
        log_path: "/var/log/mysqld.log",
        log_group: "mysql",
    };
    Ok(match Platform::of(&Backend::of(vm))?.family() {
        "debian" => Usual {
            service: "mysql",
            conf_path: "/etc/mysql/my.cnf",
            conf_dir: "/etc/mysql/",
            log_path: "/var/log/mysql.log",
            log_group: "adm",
            ..redhat
        },
        "redhat" | "fedora" => redhat,
        _ => Usual { package: None, ..redhat },
    })
}

fn usual(vm: &Interp, field: fn(&Usual) -> Option<&'static str>) -> Res {
    Ok(field(&usual_of(vm)?).into())
}

fn log_dir_group(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let platform = Platform::of(&Backend::of(vm))?;
    let old = platform.family() == "debian" && platform.release.as_deref() == Some("14.04");
    Ok(Value::str(if old { "syslog" } else { "root" }))
}

// ---- mysql_conf

struct Conf {
    path: Vec<u8>,
    content: Vec<u8>,
    params: Rc<RHash>,
}

const CONF_METHODS: &[Def] = &[
    def("params", 0, -1, params, "A section, or all of them, as an object with a property for each setting."),
    def("content", 0, 0, |vm, this, _| Ok(Value::bytes(conf(vm, this)?.content.clone())), "The text of all files."),
    def("method_missing", 1, 1, section, "A section as a Hash."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(conf(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("MySQL Configuration")), "Its title."),
];

fn conf(vm: &Interp, this: &Value) -> Res<Rc<Conf>> {
    base::state::<Conf>(vm, this)
}

fn new_conf(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = match give::text_arg(vm, args, 0)? {
        Some(path) => path,
        None => usual_of(vm)?.conf_path.as_bytes().to_vec(),
    };
    let mut conf = Conf { path: path.clone(), content: Vec::new(), params: RHash::new() };
    let result = load(vm, &path, &mut conf);
    base::set_state(vm, this, conf)?;
    result.map(|()| Value::Nil)
}

fn load(vm: &Interp, path: &[u8], conf: &mut Conf) -> Res<()> {
    let params = Rc::clone(&conf.params);
    included::read(vm, path, &mut conf.content, |directory, text| {
        let usual = config_text::key_and_value(b'=');
        merge(vm, &params, &*config_text::parse(vm, text, &Options::new(&usual))?)?;
        includes(vm, directory, text)
    })
}

/// Takes over all settings, section by section.
fn merge(vm: &Interp, into: &RHash, from: &RHash) -> Res<()> {
    for (key, value) in from.entries() {
        match (vm.hash_get(into, &key)?, &value) {
            (Some(Value::Hash(old)), Value::Hash(new)) => merge(vm, &old, new)?,
            _ => vm.hash_set(into, key, value)?,
        }
    }
    Ok(())
}

fn includes(vm: &Interp, directory: &[u8], text: &[u8]) -> Res<Vec<Vec<u8>>> {
    let absolute = |path: &[u8]| if path.starts_with(b"/") { path.to_vec() } else { find::join(directory, path) };
    let named = |word: &str| -> Vec<Vec<u8>> {
        let lines = text.split(|b| *b == b'\n').filter_map(|line| line.strip_prefix(word.as_bytes()));
        lines.filter(|rest| rest.first().is_some_and(text::is_space)).map(|rest| absolute(text::strip(rest))).collect()
    };
    let mut files = named("!include");
    for directory in named("!includedir") {
        let wanted = Wanted { kind: Some(FileKind::File), depth: Some(1) };
        files.extend(find::find(vm, &directory, wanted)?);
    }
    Ok(files)
}

fn section(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    vm.hash_fetch(&conf(vm, this)?.params, &Value::Str(vm.to_s(&args[0])?))
}

/// The settings below some keys, each a property.
struct Entry {
    path: Vec<Value>,
    params: Value,
}

const ENTRY_METHODS: &[Def] = &[
    def("method_missing", 1, -1, entry_value, "A setting; true for one that stands without a value."),
    def("to_s", 0, 0, entry_to_s, "Its title."),
];

fn entry_class(vm: &Interp, _: &Rc<RClass>) {
    let class = vm.define_class(&vm.class_named("Inspec::Resources"), "MysqlConfEntry", &vm.c.object);
    vm.define(&class, ENTRY_METHODS);
}

fn params(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut found = Value::Hash(Rc::clone(&conf(vm, this)?.params));
    for key in args.values {
        if !found.is_nil() {
            found = vm.send(&found, "[]", std::slice::from_ref(key))?;
        }
    }
    let entry = Entry { path: args.values.to_vec(), params: found };
    Ok(RObject::with_native(vm.class_named("Inspec::Resources::MysqlConfEntry"), entry).into())
}

fn entry_value(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let entry = this.native::<Entry>().ok_or_else(|| vm.type_error("not a part of a MySQL configuration"))?;
    let key = Value::Str(vm.to_s(&args[0])?);
    match &entry.params {
        Value::Hash(params) => match vm.hash_get(params, &key)? {
            Some(Value::Nil) => Ok(true.into()),
            found => Ok(found.unwrap_or_default()),
        },
        other => vm.send(other, "[]", &[key]),
    }
}

fn entry_to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let entry = this.native::<Entry>().ok_or_else(|| vm.type_error("not a part of a MySQL configuration"))?;
    let path: Res<Vec<Vec<u8>>> = entry.path.iter().map(|key| Ok(vm.to_s(key)?.to_vec())).collect();
    Ok(Value::bytes([b"MySQL Config entry [".as_slice(), &path?.join(&b' '), b"]"].concat()))
}

// ---- mysql_session

struct Session {
    user: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    host: Vec<u8>,
    port: Option<Vec<u8>>,
    socket: Option<Vec<u8>>,
}

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 2, query, "Runs SQL, in a database where one is named."),
    def("resource_id", 0, 0, session_id, "The session without its password."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("MySQL Session")), "Its title."),
];

fn new_session(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut session = Session {
        user: give::text_arg(vm, args, 0)?,
        password: give::text_arg(vm, args, 1)?,
        host: if args.len() > 2 { give::text_arg(vm, args, 2)?.unwrap_or_default() } else { b"localhost".to_vec() },
        port: give::text_arg(vm, args, 3)?,
        socket: give::text_arg(vm, args, 4)?,
    };
    if session.user.is_none() || session.password.is_none() {
        debian_account(vm, &mut session)?;
    }
    let complete = session.user.is_some() && session.password.is_some();
    base::set_state(vm, this, session)?;
    if !complete {
        return Err(base::failed(vm, "Can't run MySQL SQL checks without authentication."));
    }
    query(vm, this, Args::new(&[Value::str("select now()")]))
}

/// The maintenance account that Debian's packages leave.
fn debian_account(vm: &Interp, session: &mut Session) -> Res<()> {
    let Ok(text) = Backend::of(vm).read(b"/etc/mysql/debian.cnf")? else { return Ok(()) };
    let field = |name: &str| {
        let mut lines = text.split(|b| *b == b'\n').map(text::strip);
        lines.find_map(|line| {
            let at = line.iter().position(|b| *b == b'=')?;
            let value = text::strip(&line[at + 1..]);
            (text::strip(&line[..at]) == name.as_bytes() && !value.contains(&b' ')).then(|| value.to_vec())
        })
    };
    if let (Some(user), Some(password)) = (field("user"), field("password")) {
        (session.user, session.password) = (Some(user), Some(password));
    }
    Ok(())
}

fn query(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = base::resource_data(vm, this)?;
    if data.failed.get() {
        let message = data.message.borrow().clone();
        return Err(base::failed(vm, &vm.to_s(&message)?.lossy()));
    }
    let session = base::state::<Session>(vm, this)?;
    let sql = vm.to_s(&args[0])?.to_vec();
    let database = give::text_arg(vm, args, 1)?.unwrap_or_default();
    let output = command::run(vm, &line(&session, &sql, &database))?;
    let all = [&output.stdout[..], b"\n", &output.stderr].concat();
    let says =
        |word: &str| all.split(|b| *b == b'\n').any(|line| line.to_ascii_lowercase().starts_with(word.as_bytes()));
    let unreachable = text::find(&all, b"Can't connect to ").is_some() && text::find(&all, b" MySQL server").is_some();
    if output.exit_status != 0 || unreachable || says("error:") {
        return Err(base::failed(vm, &format!("MySQL query with errors: {}", text::lossy(&all))));
    }
    let title = [b"MySQL query: ".as_slice(), &sql].concat();
    Ok(sql_lines::make(vm, text::strip(&output.stdout), title, output.exit_status))
}

fn line(session: &Session, sql: &[u8], database: &[u8]) -> Vec<u8> {
    let mut line = b"mysql".to_vec();
    let mut add = |option: &str, value: &[u8]| {
        line.push(b' ');
        line.extend_from_slice(option.as_bytes());
        line.extend_from_slice(value);
    };
    if let Some(user) = &session.user {
        add("-u", &text::shell_escape(user));
    }
    if let Some(password) = &session.password {
        add("-p", &text::shell_escape(password));
    }
    match &session.socket {
        Some(socket) => add("-S ", socket),
        None => add("-h ", &session.host),
    }
    if let Some(port) = &session.port {
        add("--port ", port);
    }
    if !database.is_empty() {
        add("", database);
    }
    // CINC escapes backslashes by themselves, which leaves them alone.
    let escaped = sql.iter().flat_map(|b| if matches!(b, b'"' | b'$') { vec![b'\\', *b] } else { vec![*b] });
    let quoted = [b"\"".to_vec(), escaped.collect(), b"\"".to_vec()].concat();
    add("-s -e ", &quoted);
    line
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let session = base::state::<Session>(vm, this)?;
    let user = text::lossy(session.user.as_deref().unwrap_or_default());
    Ok(Value::str(format!("mysql_session:User:{user}:Host:{}:Database:", text::lossy(&session.host))))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::{Audit, why};

    const CONF: &str = "[client]\nport = 3306\n[mysqld]\nport=3306\nskip-networking\n!includedir /etc/mysql/conf.d/\n";

    fn audit() -> Audit {
        let target = MemoryTarget::new()
            .file("/etc/mysql/my.cnf", CONF)
            .file("/etc/mysql/conf.d/a.cnf", "[mysqld]\nlocal-infile = 0\n");
        Audit::debian(target)
    }

    #[test]
    fn a_present_configuration_is_read_and_an_absent_one_skips() {
        let audit = audit();
        let conf = audit.the("mysql_conf");
        let mysqld = audit.vm.send(&conf, "mysqld", &[]).unwrap();
        assert_eq!(audit.get(&mysqld, "port"), r#""3306""#);
        assert_eq!(audit.get(&conf, "port"), "nil");
        let entry = audit.vm.send(&conf, "params", &[Value::str("mysqld")]).unwrap();
        assert_eq!(audit.get(&entry, "local-infile"), r#""0""#);
        assert_eq!(audit.get(&entry, "skip-networking"), r#""""#);
        assert_eq!(audit.get(&entry, "to_s"), r#""MySQL Config entry [mysqld]""#);
        assert_eq!(audit.get(&conf, "resource_id"), r#""/etc/mysql/my.cnf""#);
        assert_eq!(audit.why(&audit.on("mysql_conf", "/none")), "skipped: Can't find file: /none");
    }

    #[test]
    fn the_present_distribution_tells_usual_paths() {
        let audit = Audit::debian(MemoryTarget::new());
        let usual = audit.the("mysql");
        assert_eq!(audit.get(&usual, "conf_path"), r#""/etc/mysql/my.cnf""#);
        assert_eq!(
            (audit.get(&usual, "package"), audit.get(&usual, "service")),
            (r#""mysql-server""#.into(), r#""mysql""#.into())
        );
        let alpine = Audit::of(MemoryTarget::new().file("/etc/alpine-release", "3\n"));
        let usual = alpine.the("mysql");
        assert_eq!(
            (alpine.get(&usual, "package"), alpine.get(&usual, "conf_path")),
            ("nil".into(), r#""/etc/my.cnf""#.into())
        );
    }

    #[test]
    fn present_servers_are_queried() {
        let target = MemoryTarget::new()
            .command("mysql -uroot -pp\\ w -h localhost -s -e \"select now()\"", "2024\n", "", 0)
            .command("mysql -uroot -pp\\ w -h localhost db -s -e \"select \\\"a\\\"\"", " a \nb\n", "", 0);
        let audit = Audit::debian(target);
        let session = audit.make("mysql_session", &[Value::str("root"), Value::str("p w")]).unwrap();
        let result = audit.vm.send(&session, "query", &[Value::str("select \"a\""), Value::str("db")]).unwrap();
        assert_eq!(audit.get(&result, "output"), r#""a \nb""#);
        assert_eq!(audit.get(&result, "lines"), r#"["a", "b"]"#);
        assert_eq!(audit.get(&result, "to_s"), r#""MySQL query: select \"a\"""#);
        assert_eq!(audit.get(&session, "resource_id"), r#""mysql_session:User:root:Host:localhost:Database:""#);
    }

    #[test]
    fn with_an_absent_client_every_query_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        let session = audit.make("mysql_session", &[Value::str("u"), Value::str("p")]).unwrap();
        assert_eq!(audit.why(&session), "failed: MySQL query with errors: \nsh: 1: mysql: not found\n");
        assert!(audit.ask(&session, "query", &[Value::str("x")]).contains("ResourceFailed: MySQL query with errors"));
        let nobody = audit.the("mysql_session");
        assert_eq!(audit.why(&nobody), "failed: Can't run MySQL SQL checks without authentication.");
    }

    #[test]
    fn malformed_lines_are_settings_without_a_value() {
        let audit =
            Audit::debian(MemoryTarget::new().file("/etc/mysql/my.cnf", "[mysqld\nodd line\n= 1\n[client]\na\n"));
        let conf = audit.the("mysql_conf");
        assert_eq!(audit.get(&conf, "params"), "MySQL Config entry []");
        assert_eq!(
            (audit.get(&conf, "odd line"), audit.get(&conf, "client")),
            (r#""""#.into(), r#"{"a" => ""}"#.into())
        );
    }

    #[test]
    fn an_unreadable_configuration_skips_or_fails() {
        let path = "/etc/mysql/my.cnf";
        let target = MemoryTarget::new().file(path, CONF).file("/etc/mysql/conf.d/a.cnf", "[mysqld]\n");
        assert_eq!(why(target.clone().denied(path), "mysql_conf", &[]), format!("skipped: Can't read file: {path}"));
        let unread = target.clone().denied("/etc/mysql/conf.d/a.cnf");
        assert_eq!(why(unread, "mysql_conf", &[]), "skipped: Can't read file: /etc/mysql/conf.d/a.cnf");
        let unlisted = why(target.denied("/etc/mysql/conf.d"), "mysql_conf", &[]);
        assert_eq!(unlisted, "failed: Can't look for files in /etc/mysql/conf.d/: permission denied");
    }

    #[test]
    fn malformed_answers_are_lines_and_unreadable_ones_fail() {
        let line = |sql: &str| format!("mysql -uu -pp -h localhost -s -e \"{sql}\"");
        let target = MemoryTarget::new()
            .command(line("select now()"), "", "", 0)
            .command(line("odd"), "\0\n\n x", "", 0)
            .command(line("no"), "", "ERROR 1142 (42000): SELECT command denied\n", 1)
            .command(line("lost"), "", "Can't connect to local MySQL server through socket\n", 0);
        let audit = Audit::debian(target);
        let session = audit.make("mysql_session", &[Value::str("u"), Value::str("p")]).unwrap();
        let odd = audit.vm.send(&session, "query", &[Value::str("odd")]).unwrap();
        assert_eq!(audit.get(&odd, "output"), r#""\0\n\n x""#);
        for (sql, error) in [("no", "ERROR 1142 (42000)"), ("lost", "Can't connect to local MySQL server")] {
            let told = audit.ask(&session, "query", &[Value::str(sql)]);
            assert!(told.contains(&format!("ResourceFailed: MySQL query with errors: \n{error}")), "{told}");
        }
    }
}
