//! `postgres`, `postgres_conf`, `postgres_hba_conf`, `postgres_ident_conf` and `postgres_session`: PostgreSQL's configuration,
//! and queries.
//!
//! ```ruby
//! describe postgres_conf do
//!   its('ssl') { should eq 'on' }
//! end
//! describe postgres_hba_conf.where { type == 'host' } do
//!   its('auth_method') { should all eq 'scram-sha-256' }
//! end
//! sql = postgres_session(input('user'), input('password'), 'localhost')
//! describe sql.query('SHOW log_connections;', ['postgres']) do
//!   its('output') { should eq 'on' }
//! end
//! ```
//!
//! Without a path the files of the installed version are read. Queries are run by `psql` on the target.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, CallStyle, Def, Interp, RClass, RHash, Res, Sym, Value, def};
use plimsoll_target::FileKind;
use regex::bytes::Regex;

use super::{command, sql_lines};
use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options};
use crate::content;
use crate::declare::{Given, ResourceDef};
use crate::facts::find::{self, Wanted};
use crate::facts::platform::Platform;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::included;
use crate::text;

pub(crate) const POSTGRES: ResourceDef = ResourceDef {
    name: "postgres",
    class: "Postgres",
    doc: "Where PostgreSQL's files are.",
    new: Some((0, 0, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const POSTGRES_CONF: ResourceDef = ResourceDef {
    name: "postgres_conf",
    class: "PostgresConf",
    doc: "The settings of PostgreSQL.",
    new: Some((0, 1, new_conf)),
    methods: CONF_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const POSTGRES_HBA_CONF: ResourceDef = ResourceDef {
    name: "postgres_hba_conf",
    class: "PostgresHbaConf",
    doc: "Who may connect to PostgreSQL, and how.",
    new: Some((0, 1, |vm, this, args| new_table(vm, this, args, "pg_hba.conf", hba_row))),
    methods: HBA_METHODS,
    setup: Some(hba_columns),
    ..ResourceDef::EMPTY
};

pub(crate) const POSTGRES_IDENT_CONF: ResourceDef = ResourceDef {
    name: "postgres_ident_conf",
    class: "PostgresIdentConf",
    doc: "Which system users are which PostgreSQL users.",
    new: Some((0, 1, |vm, this, args| new_table(vm, this, args, "pg_ident.conf", ident_row))),
    methods: IDENT_METHODS,
    setup: Some(ident_columns),
    ..ResourceDef::EMPTY
};

pub(crate) const POSTGRES_SESSION: ResourceDef = ResourceDef {
    name: "postgres_session",
    class: "PostgresSession",
    doc: "Queries of a PostgreSQL server.",
    new: Some((2, 5, new_session)),
    methods: SESSION_METHODS,
    parts: &[Given { by: "query('SQL')", methods: sql_lines::METHODS }],
    ..ResourceDef::EMPTY
};

// ---- postgres: where the files are

#[derive(Debug, Clone, Default)]
struct Postgres {
    version: Option<Vec<u8>>,
    cluster: Option<Vec<u8>>,
    conf_dir: Option<Vec<u8>>,
    data_dir: Option<Vec<u8>>,
    service: Vec<u8>,
}

const METHODS: &[Def] = &[
    def(
        "version",
        0,
        0,
        |vm, this, _| Ok(give::text(base::state::<Postgres>(vm, this)?.version.as_deref())),
        "Its version.",
    ),
    def(
        "cluster",
        0,
        0,
        |vm, this, _| Ok(give::text(base::state::<Postgres>(vm, this)?.cluster.as_deref())),
        "Debian's cluster.",
    ),
    def(
        "conf_dir",
        0,
        0,
        |vm, this, _| Ok(give::text(base::state::<Postgres>(vm, this)?.conf_dir.as_deref())),
        "Its configuration.",
    ),
    def(
        "data_dir",
        0,
        0,
        |vm, this, _| Ok(give::text(base::state::<Postgres>(vm, this)?.data_dir.as_deref())),
        "Its data.",
    ),
    def(
        "conf_path",
        0,
        0,
        |vm, this, _| Ok(give::text(conf_path(&*base::state::<Postgres>(vm, this)?))),
        "The file of settings.",
    ),
    def(
        "service",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(base::state::<Postgres>(vm, this)?.service.clone())),
        "The service.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("PostgreSQL")), "Its title."),
];

fn new(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let found = look(vm)?;
    let missing = conf_path(&found).is_none();
    base::set_state(vm, this, found)?;
    if missing {
        let text = "Seems like PostgreSQL is not installed on your system";
        vm.send(this, "skip_resource", &[Value::str(text)])?;
    }
    Ok(Value::Nil)
}

fn conf_path(found: &Postgres) -> Option<Vec<u8>> {
    found.version.as_ref().filter(|version| !version.is_empty())?;
    Some(find::join(found.conf_dir.as_deref()?, b"postgresql.conf"))
}

fn look(vm: &Interp) -> Res<Postgres> {
    let backend = Backend::of(vm);
    let mut found = Postgres { version: version_of_psql(vm)?, ..Postgres::default() };
    if Platform::of(&backend)?.in_family("debian") {
        if found.version.is_none() {
            found.version = directories(vm, b"/etc/postgresql")?.into_iter().next();
        }
        if let Some(version) = found.version.clone() {
            let clusters = directories(vm, &[b"/etc/postgresql/".as_slice(), &version].concat())?;
            let main = clusters.iter().any(|name| name == b"main");
            found.cluster = if main { Some(b"main".to_vec()) } else { clusters.into_iter().next() };
            let cluster = found.cluster.clone().unwrap_or_default();
            let below = |top: &str| [top.as_bytes(), &version, b"/", &cluster].concat();
            found.conf_dir = Some(below("/etc/postgresql/"));
            found.data_dir = Some(below("/var/lib/postgresql/"));
        }
    } else {
        if found.version.is_none() && !is_directory(&backend, b"/var/lib/pgsql/data")? {
            found.version = directories(vm, b"/var/lib/pgsql")?.into_iter().next();
        }
        found.data_dir = data_directory(&backend, found.version.as_deref().unwrap_or_default())?;
        found.conf_dir.clone_from(&found.data_dir);
    }
    let version = found.version.clone().unwrap_or_default();
    let major = text::to_i(&version);
    let number: f64 = text::lossy(&version).parse().unwrap_or(major as f64);
    found.service = match () {
        () if major >= 10 => format!("postgresql-{major}").into_bytes(),
        () if number >= 9.4 => [b"postgresql-".as_slice(), &version].concat(),
        () => b"postgresql".to_vec(),
    };
    Ok(found)
}

fn version_of_psql(vm: &Interp) -> Res<Option<Vec<u8>>> {
    if !command::exists(vm, b"psql")? {
        return Ok(None);
    }
    let output = command::run(vm, b"psql --version")?;
    let words = text::words(&output.stdout);
    let parts: Vec<&[u8]> = words.get(2).map_or_else(Vec::new, |version| version.split(|b| *b == b'.').collect());
    Ok(match parts.as_slice() {
        [major, ..] if text::to_i(major) >= 10 => Some(major.to_vec()),
        [major, minor, ..] => Some([major, b".".as_slice(), minor].concat()),
        _ => None,
    })
}

fn is_directory(backend: &Backend, path: &[u8]) -> Res<bool> {
    Ok(backend.stat(path, true)?.is_ok_and(|stat| stat.kind == FileKind::Directory))
}

/// The directories in a directory, by name.
fn directories(vm: &Interp, path: &[u8]) -> Res<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for entry in find::entries(vm, path)? {
        if !entry.name.starts_with(b".") && is_directory(&Backend::of(vm), &find::join(path, &entry.name))? {
            found.push(entry.name);
        }
    }
    Ok(found)
}

fn data_directory(backend: &Backend, version: &[u8]) -> Res<Option<Vec<u8>>> {
    let major = text::to_i(version).to_string().into_bytes();
    let candidates = [
        [b"/var/lib/pgsql/".as_slice(), version, b"/data"].concat(),
        [b"/var/lib/pgsql/".as_slice(), &major, b"/data"].concat(),
        b"/var/lib/pgsql/data".to_vec(),
        b"/var/lib/postgres/data".to_vec(),
        b"/var/lib/postgresql/data".to_vec(),
    ];
    for candidate in candidates {
        if is_directory(backend, &candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

// ---- postgres_conf

struct Conf {
    path: Option<Vec<u8>>,
    content: Vec<u8>,
    params: Rc<RHash>,
}

const CONF_METHODS: &[Def] = &[
    def("params", 0, -1, params, "All settings, or what is below these keys."),
    def("content", 0, 0, |vm, this, _| Ok(Value::bytes(conf(vm, this)?.content.clone())), "The text of all files."),
    def(
        "value",
        1,
        1,
        |vm, this, args| setting(vm, this, &vm.to_array(&args[0])?.to_vec()),
        "The setting of the first key.",
    ),
    def("method_missing", 1, -1, missing, "A setting."),
    def("conf_path", 0, 0, |vm, this, _| Ok(give::text(conf(vm, this)?.path.as_deref())), "Its path."),
    def(
        "resource_id",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(conf(vm, this)?.path.clone().unwrap_or_else(|| b"postgres_conf".to_vec()))),
        "Its path.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("PostgreSQL Configuration")), "Its title."),
];

static ASSIGNMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)^\s*([^=]*?)\s*=\s*[']?\s*(.*?)\s*[']?\s*$").expect("a fixed pattern"));

fn conf(vm: &Interp, this: &Value) -> Res<Rc<Conf>> {
    base::state::<Conf>(vm, this)
}

fn new_conf(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = match give::text_arg(vm, args, 0)? {
        Some(path) => Some(path),
        None => conf_path(&look(vm)?),
    };
    let mut conf = Conf { path: path.clone(), content: Vec::new(), params: RHash::new() };
    let Some(path) = path else {
        base::set_state(vm, this, conf)?;
        return vm.send(this, "skip_resource", &[Value::str("PostgreSQL conf path is not set")]);
    };
    let result = load(vm, &path, &mut conf);
    base::set_state(vm, this, conf)?;
    result.map(|()| Value::Nil)
}

fn load(vm: &Interp, path: &[u8], conf: &mut Conf) -> Res<()> {
    let params = Rc::clone(&conf.params);
    included::read(vm, path, &mut conf.content, |directory, text| {
        let assignment = settings_pattern();
        let own = config_text::parse(vm, text, &Options::new(&assignment))?;
        for (key, value) in own.entries() {
            vm.hash_set(&params, key, value)?;
        }
        includes(vm, directory, &own)
    })
}

fn settings_pattern() -> impl Fn(&[u8]) -> Res<Option<config_text::Pair>> {
    |line| {
        let Some(found) = ASSIGNMENT.captures(line) else { return Ok(None) };
        Ok(Some(config_text::Pair { key: Value::bytes(&found[1]), values: vec![Value::bytes(&found[2])] }))
    }
}

fn includes(vm: &Interp, directory: &[u8], params: &RHash) -> Res<Vec<Vec<u8>>> {
    let named = |name: &str| -> Res<Option<Vec<u8>>> {
        match vm.hash_get(params, &Value::str(name))? {
            Some(Value::Str(path)) if path.bytes().starts_with(b"/") => Ok(Some(path.to_vec())),
            Some(Value::Str(path)) => Ok(Some(find::join(directory, &path.bytes()))),
            _ => Ok(None),
        }
    };
    let mut files: Vec<Vec<u8>> = Vec::new();
    files.extend(named("include")?);
    files.extend(named("include_if_exists")?);
    if let Some(directory) = named("include_dir")? {
        let wanted = Wanted { kind: Some(FileKind::File), depth: Some(1) };
        files.extend(find::find(vm, &directory, wanted)?);
    }
    Ok(files)
}

fn params(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let mut found = Value::Hash(Rc::clone(&conf(vm, this)?.params));
    for key in args.values {
        if !found.is_nil() {
            found = vm.send(&found, "[]", std::slice::from_ref(key))?;
        }
    }
    Ok(found)
}

fn setting(vm: &Interp, this: &Value, keys: &[Value]) -> Res {
    let params = Rc::clone(&conf(vm, this)?.params);
    match keys {
        [key] => vm.hash_fetch(&params, &Value::Str(vm.to_s(key)?)),
        // Without a key there is nothing to look up, and no setting holds others.
        _ => Ok(Value::Nil),
    }
}

fn missing(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let is_index = matches!(&args[0], Value::Sym(name) if name.bytes() == b"[]");
    setting(vm, this, if is_index { &args.values[1..] } else { args.values })
}

// ---- postgres_hba_conf and postgres_ident_conf

struct Table {
    path: Vec<u8>,
    rows: Value,
}

const HBA_METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The lines as Hashes."),
    def("conf_file", 0, 0, |vm, this, _| Ok(Value::bytes(base::state::<Table>(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "Postgres Hba Config "), "Its title."),
];

const IDENT_METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The lines as Hashes."),
    def("conf_file", 0, 0, |vm, this, _| Ok(Value::bytes(base::state::<Table>(vm, this)?.path.clone())), "Its path."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "PostgreSQL Ident Config "), "Its title."),
];

fn hba_columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("type", "type")
        .column("database", "database")
        .column("user", "user")
        .column("address", "address")
        .column("auth_method", "auth_method")
        .column("auth_params", "auth_params")
        .install(vm, class, rows);
}

fn ident_columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("map_name", "map_name")
        .column("system_username", "system_username")
        .column("pg_username", "pg_username")
        .install(vm, class, rows);
}

fn rows(vm: &Interp, this: &Value) -> Res {
    Ok(base::state::<Table>(vm, this)?.rows.clone())
}

fn titled(vm: &Interp, this: &Value, title: &str) -> Res {
    Ok(Value::bytes([title.as_bytes(), &base::state::<Table>(vm, this)?.path].concat()))
}

type Row = fn(&Interp, &[&[u8]]) -> Res;

fn new_table(vm: &Interp, this: &Value, args: Args<'_>, name: &str, row: Row) -> Res {
    let path = match give::text_arg(vm, args, 0)? {
        Some(path) => path,
        None => match look(vm)?.conf_dir {
            Some(directory) => find::join(&directory, name.as_bytes()),
            None => return Err(vm.type_error("no implicit conversion of nil into String")),
        },
    };
    let mut found = Vec::new();
    let result = content::read(vm, &path, name == "pg_ident.conf").and_then(|text| {
        for line in text.split(|b| *b == b'\n').map(text::chomp) {
            if line.is_empty() || text::strip(line).starts_with(b"#") {
                continue;
            }
            found.push(row(vm, &fields(line))?);
        }
        Ok(Value::Nil)
    });
    base::set_state(vm, this, Table { path, rows: Value::array(found) })?;
    result
}

/// A line cut at blanks; blanks at its start leave an empty field, as Ruby's `split(/\s+/)` does.
fn fields(line: &[u8]) -> Vec<&[u8]> {
    let mut fields = text::words(line);
    if line.first().is_some_and(text::is_space) && !fields.is_empty() {
        fields.insert(0, b"");
    }
    fields
}

fn hba_row(vm: &Interp, fields: &[&[u8]]) -> Res {
    let field = |at: usize| give::text(fields.get(at));
    let local = fields.first() == Some(&b"local".as_slice());
    let params = match fields.len() {
        4 => Vec::new(),
        5.. => fields[5..].join(&b' '),
        _ => return Err(vm.no_method(&Value::Nil, Sym::new("join"), Args::default(), CallStyle::Explicit, None)),
    };
    let row = [
        ("type", field(0)),
        ("database", field(1)),
        ("user", field(2)),
        ("address", if local { Value::str("") } else { field(3) }),
        ("auth_method", if local { field(3) } else { field(4) }),
        ("auth_params", Value::bytes(params)),
    ];
    Ok(Value::Hash(give::string_hash(vm, row)?))
}

fn ident_row(vm: &Interp, fields: &[&[u8]]) -> Res {
    let field = |at: usize| give::text(fields.get(at));
    let row = [("map_name", field(0)), ("system_username", field(1)), ("pg_username", field(2))];
    Ok(Value::Hash(give::string_hash(vm, row)?))
}

// ---- postgres_session

struct Session {
    user: Vec<u8>,
    password: Vec<u8>,
    host: Vec<u8>,
    port: Vec<u8>,
    socket: Option<Vec<u8>>,
}

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 2, query, "Runs SQL in a database, named in an Array."),
    def("resource_id", 0, 0, session_id, "The session without its password."),
];

fn new_session(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let text = |at: usize, usual: &str| -> Res<Vec<u8>> {
        Ok(give::text_arg(vm, args, at)?.unwrap_or_else(|| usual.as_bytes().to_vec()))
    };
    let password = give::text_arg(vm, args, 1)?;
    let session = Session {
        user: text(0, "postgres")?,
        password: password.clone().unwrap_or_default(),
        host: text(2, "localhost")?,
        port: text(3, "5432")?,
        socket: give::text_arg(vm, args, 4)?,
    };
    base::set_state(vm, this, session)?;
    match password {
        Some(_) => Ok(Value::Nil),
        None => Err(base::failed(vm, "Can't run PostgreSQL SQL checks without authentication.")),
    }
}

fn query(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = base::resource_data(vm, this)?;
    if data.failed.get() {
        let message = data.message.borrow().clone();
        return Err(base::failed(vm, &vm.to_s(&message)?.lossy()));
    }
    let session = base::state::<Session>(vm, this)?;
    let sql = vm.to_s(&args[0])?.to_vec();
    let mut databases = Vec::new();
    if let Some(given) = args.get(1) {
        for database in vm.to_array(given)?.to_vec() {
            databases.push(vm.to_s(&database)?.to_vec());
        }
    }
    let output = command::run(vm, &line(&session, &sql, &databases.join(&b' ')))?;
    let all = [&output.stdout[..], b"\n", &output.stderr].concat();
    let lower = all.to_ascii_lowercase();
    let says = |text: &[u8], word: &str| text::find(text, word.as_bytes()).is_some();
    let refused = says(&all, "could not connect to") || says(&all, "password authentication failed");
    let failed = output.exit_status != 0;
    if failed && refused && (says(&lower, "error:") || says(&lower, "fatal:")) {
        return Err(base::failed(vm, &format!("PostgreSQL connection error: {}", text::lossy(&all))));
    }
    if failed && says(&lower, "error:") {
        let title = [b"PostgreSQL query with error: ".as_slice(), &sql].concat();
        return Ok(sql_lines::make(vm, &all, title, output.exit_status));
    }
    let title = [b"PostgreSQL query: ".as_slice(), &sql].concat();
    let doubt = failed.then(|| format!("Can't ask PostgreSQL: {}", text::lossy(text::strip(&output.stderr))));
    Ok(sql_lines::doubtful(vm, text::strip(&output.stdout), title, output.exit_status, doubt))
}

fn line(session: &Session, sql: &[u8], databases: &[u8]) -> Vec<u8> {
    let sql = text::shell_escape(sql);
    let password = form_encoded(&session.password);
    let start = [b"psql -d postgresql://".as_slice(), &session.user, b":", &password, b"@"].concat();
    match &session.socket {
        Some(socket) => {
            let rest = [b"/".as_slice(), databases, b"?host=", socket, b" -p ", &session.port, b" -A -t -w -c ", &sql];
            [start, rest.concat()].concat()
        }
        None => {
            let rest = [&session.host[..], b":", &session.port, b"/", databases, b" -A -t -w -c ", &sql];
            [start, rest.concat()].concat()
        }
    }
}

/// A text as `CGI.escape` encodes it.
fn form_encoded(text: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    for byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' | b'~' => encoded.push(*byte),
            b' ' => encoded.push(b'+'),
            other => encoded.extend(format!("%{other:02X}").into_bytes()),
        }
    }
    encoded
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let session = base::state::<Session>(vm, this)?;
    let (user, host) = (text::lossy(&session.user), text::lossy(&session.host));
    Ok(Value::str(format!("postgress_session:User:{user}:Host:{host}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::{Audit, why};

    fn target() -> MemoryTarget {
        MemoryTarget::new()
            .file("/etc/postgresql/15/main/postgresql.conf", "port = 5432 # c\nssl = 'on'\ninclude_dir = 'conf.d'\n")
            .file("/etc/postgresql/15/main/conf.d/a.conf", "work_mem = '8MB'\n")
            .file(
                "/etc/postgresql/15/main/pg_hba.conf",
                "# c\nlocal all postgres peer\nhost all all 10.0.0.0/8 md5 map=x y=z\n",
            )
            .file("/etc/postgresql/15/main/pg_ident.conf", "ops alice postgres\n")
    }

    #[test]
    fn a_present_configuration_is_found_and_read() {
        let audit = Audit::debian(target());
        let postgres = audit.the("postgres");
        assert_eq!(audit.get(&postgres, "version"), r#""15""#);
        assert_eq!(audit.get(&postgres, "data_dir"), r#""/var/lib/postgresql/15/main""#);
        assert_eq!(audit.get(&postgres, "service"), r#""postgresql-15""#);
        let conf = audit.the("postgres_conf");
        assert_eq!(audit.get(&conf, "ssl"), r#""on""#);
        assert_eq!(audit.get(&conf, "port"), r#""5432""#);
        assert_eq!(audit.get(&conf, "work_mem"), r#""8MB""#);
        assert_eq!(audit.ask(&conf, "[]", &[Value::str("nothing")]), "nil");
    }

    #[test]
    fn what_is_absent_skips() {
        let none = |name: &str, args: &[&str]| why(MemoryTarget::new(), name, args);
        assert_eq!(none("postgres", &[]), "skipped: Seems like PostgreSQL is not installed on your system");
        assert_eq!(none("postgres_conf", &[]), "skipped: PostgreSQL conf path is not set");
        for name in ["postgres_conf", "postgres_hba_conf", "postgres_ident_conf"] {
            assert_eq!(none(name, &["/no"]), "skipped: Can't find file: /no");
        }
        for name in ["postgres_hba_conf", "postgres_ident_conf"] {
            assert_eq!(none(name, &[]), "TypeError: no implicit conversion of nil into String");
        }
    }

    #[test]
    fn what_is_unreadable_skips_or_fails() {
        let path = |file: &str| format!("/etc/postgresql/15/main/{file}");
        for (name, file) in [
            ("postgres_conf", "postgresql.conf"),
            ("postgres_hba_conf", "pg_hba.conf"),
            ("postgres_ident_conf", "pg_ident.conf"),
        ] {
            let denied = why(target().denied(path(file)), name, &[]);
            assert_eq!(denied, format!("skipped: Can't read file: {}", path(file)));
        }
        for name in ["postgres", "postgres_conf", "postgres_hba_conf", "postgres_ident_conf"] {
            let shut = why(target().denied("/etc/postgresql"), name, &[]);
            assert_eq!(shut, "failed: Can't look for files in /etc/postgresql: permission denied", "{name}");
        }
        let unlisted = why(target().denied(path("conf.d")), "postgres_conf", &[]);
        assert_eq!(unlisted, format!("failed: Can't look for files in {}: permission denied", path("conf.d")));
    }

    #[test]
    fn what_is_malformed_has_what_it_has() {
        let files = MemoryTarget::new()
            .file("/p.conf", "= on\nodd line\nssl = 'on\n")
            .file("/hba", "local all\n")
            .file("/ident", "map\n")
            .file("/etc/postgresql/README", "")
            .command("sh -c 'type \"psql\"'", "", "", 0)
            .command("psql --version", "psql (Postgre\n", "", 0);
        let audit = Audit::debian(files);
        let conf = audit.on("postgres_conf", "/p.conf");
        assert_eq!((audit.get(&conf, "ssl"), audit.get(&conf, "odd line")), (r#""on""#.into(), r#""""#.into()));
        // As in CINC, a line without a method of authentication skips the table.
        assert_eq!(
            audit.why(&audit.on("postgres_hba_conf", "/hba")),
            "skipped: undefined method `join' for nil:NilClass"
        );
        let ident = audit.on("postgres_ident_conf", "/ident");
        assert_eq!(
            (audit.get(&ident, "map_name"), audit.get(&ident, "pg_username")),
            (r#"["map"]"#.into(), "[nil]".into())
        );
        let postgres = audit.the("postgres");
        assert_eq!((audit.get(&postgres, "version"), audit.get(&postgres, "conf_path")), ("nil".into(), "nil".into()));
    }

    #[test]
    fn of_a_server_malformed_answers_are_lines_and_absent_or_unreadable_ones_fail() {
        let line = |sql: &str| format!("psql -d postgresql://u:p@localhost:5432/ -A -t -w -c {sql}");
        let target = MemoryTarget::new()
            .command(line("odd"), "a|\n\0", "", 0)
            .command(line("refused"), "", "psql: error: could not connect to server: Connection refused\n", 2)
            .command(line("denied"), "", "ERROR:  permission denied for table pg_authid\n", 1);
        let audit = Audit::debian(target);
        let session = audit.make("postgres_session", &[Value::str("u"), Value::str("p")]).unwrap();
        let query = |sql: &str| audit.vm.send(&session, "query", &[Value::str(sql)]);
        assert_eq!(audit.get(&query("odd").unwrap(), "output"), "\"a|\"");
        let refused = audit.message(&query("refused").unwrap_err());
        assert!(refused.contains("ResourceFailed: PostgreSQL connection error: \npsql: error"), "{refused}");
        let denied = query("denied").unwrap();
        assert_eq!(audit.get(&denied, "to_s"), r#""PostgreSQL query with error: denied""#);
        assert!(audit.get(&denied, "output").contains("permission denied for table pg_authid"));
        let none = query("none").unwrap();
        assert_eq!(audit.get(&none, "to_s"), r#""PostgreSQL query: none""#);
        assert_eq!(audit.get(&none, "exit_status"), "127");
        for text in ["output", "stdout", "stderr", "lines"] {
            let why = audit.message(&audit.vm.send(&none, text, &[]).unwrap_err());
            assert!(why.contains("Unanswered: Can't ask PostgreSQL: sh: 1: psql: not found"), "{text}: {why}");
        }
    }

    #[test]
    fn present_tables_tell_who_may_connect() {
        let audit = Audit::debian(target());
        let hba = audit.the("postgres_hba_conf");
        assert_eq!(audit.get(&hba, "auth_method"), r#"["peer", "md5"]"#);
        assert_eq!(audit.get(&hba, "address"), r#"["", "10.0.0.0/8"]"#);
        assert_eq!(audit.get(&hba, "auth_params"), r#"["", "map=x y=z"]"#);
        let ident = audit.the("postgres_ident_conf");
        assert_eq!(audit.get(&ident, "pg_username"), r#"["postgres"]"#);
        assert_eq!(audit.get(&ident, "to_s"), r#""PostgreSQL Ident Config /etc/postgresql/15/main/pg_ident.conf""#);
    }

    #[test]
    fn present_servers_are_queried() {
        let line = "psql -d postgresql://u:p%40ss@localhost:5432/db -A -t -w -c SHOW\\ ssl\\;";
        let audit = Audit::debian(MemoryTarget::new().command(line, "on\n", "", 0));
        let session = audit.make("postgres_session", &[Value::str("u"), Value::str("p@ss")]).unwrap();
        let databases = Value::array(vec![Value::str("db")]);
        let result = audit.vm.send(&session, "query", &[Value::str("SHOW ssl;"), databases]).unwrap();
        assert_eq!(audit.get(&result, "output"), r#""on""#);
        assert_eq!(audit.get(&result, "to_s"), r#""PostgreSQL query: SHOW ssl;""#);
        let nobody = audit.make("postgres_session", &[Value::str("u"), Value::Nil]).unwrap();
        assert_eq!(audit.why(&nobody), "failed: Can't run PostgreSQL SQL checks without authentication.");
        assert_eq!(audit.get(&session, "resource_id"), r#""postgress_session:User:u:Host:localhost""#);
    }
}
