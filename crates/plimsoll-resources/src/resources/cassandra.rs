//! `cassandradb_conf`, `cassandradb_session` and `cassandra`: Cassandra's configuration, and queries.
//!
//! ```ruby
//! describe cassandradb_conf do
//!   its('listen_address') { should eq '127.0.0.1' }
//! end
//! cql = cassandradb_session(user: 'my_user', password: input('password'), host: '127.0.0.1', port: 9042)
//! describe cql.query('SELECT cluster_name FROM system.local') do
//!   its('output') { should match /Test Cluster/ }
//! end
//! ```
//!
//! The configuration is `$CASSANDRA_HOME/cassandra.yaml`, or the file that is given; `cassandra` tells its path alone.
//! Queries are run by `cqlsh` on the target.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::oracledb::{below_home, wrapped};
use super::{command, json, sql_lines};
use crate::base;
use crate::declare::{Given, ResourceDef};
use crate::give;
use crate::text;
use crate::yaml_text;

pub(crate) const CASSANDRA: ResourceDef = ResourceDef {
    name: "cassandra",
    class: "Cassandra",
    doc: "Where Cassandra is configured.",
    new: Some((0, 0, |vm, this, _| {
        let path = conf_path(vm)?;
        base::set_state(vm, this, Cassandra(path))
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const CASSANDRADB_CONF: ResourceDef = ResourceDef {
    name: "cassandradb_conf",
    class: "CassandradbConf",
    parent: Some("JsonConfig"),
    doc: "The configuration of Cassandra.",
    new: Some((0, 1, new_conf)),
    methods: CONF_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const CASSANDRADB_SESSION: ResourceDef = ResourceDef {
    name: "cassandradb_session",
    class: "CassandradbSession",
    doc: "Queries of a Cassandra database.",
    new: Some((0, 1, new_session)),
    methods: SESSION_METHODS,
    setup: Some(sql_lines::install),
    parts: &[Given { by: "query('CQL')", methods: sql_lines::METHODS }],
    ..ResourceDef::EMPTY
};

struct Cassandra(Option<Vec<u8>>);

const METHODS: &[Def] = &[
    def(
        "conf_path",
        0,
        0,
        |vm, this, _| Ok(give::text(base::state::<Cassandra>(vm, this)?.0.as_ref())),
        "The file; nil when there is none.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("CassandraDB")), "Its title."),
];

fn conf_path(vm: &Interp) -> Res<Option<Vec<u8>>> {
    below_home(vm, "CASSANDRA_HOME", "cassandra.yaml")
        .map_err(|unwind| wrapped(vm, unwind, "Errors reading cassandra conf file"))
}

const CONF_METHODS: &[Def] = &[def("parse", 1, 1, parse, "Reads it."), def("resource_id", 0, 0, conf_id, "The path.")];

fn new_conf(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = match give::text_arg(vm, args, 0)? {
        Some(path) => Some(path),
        None => conf_path(vm)?,
    };
    let Some(path) = path else {
        json::without(vm, this, "Cassandra Configuration")?;
        return vm.send(this, "skip_resource", &[Value::str("Cassandra db conf path is not set")]);
    };
    json::open(vm, this, Args::new(&[Value::bytes(path)]), "Cassandra Configuration")
}

fn parse(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let unparsable = |error| base::failed(vm, &format!("Unable to parse `cassandra.yaml` file: {error}"));
    yaml_text::parse(vm, &json::text_of(vm, args)?)?.map_err(unparsable)
}

fn conf_id(_: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(match json::source(this) {
        Value::Nil => Value::str("cassandradb_conf"),
        source => source,
    })
}

struct Session {
    user: Vec<u8>,
    password: Vec<u8>,
    host: Option<Vec<u8>>,
    port: Option<Vec<u8>>,
}

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 1, query, "What a query prints."),
    def("user", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.user.clone())), "The user."),
    def("password", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.password.clone())), "The password."),
    def("host", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.host.as_ref())), "The host."),
    def("port", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.port.as_ref())), "The port."),
    def("resource_id", 0, 0, session_id, "The session without its password."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Cassandra DB Session")), "Its title."),
];

fn new_session(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| give::text_option(vm, args, 0, name);
    let usual = || b"cassandra".to_vec();
    let session = Session {
        user: option("user")?.unwrap_or_else(usual),
        password: option("password")?.unwrap_or_else(usual),
        host: option("host")?,
        port: option("port")?,
    };
    base::set_state(vm, this, session)
}

fn session(vm: &Interp, this: &Value) -> Res<Rc<Session>> {
    base::state::<Session>(vm, this)
}

fn query(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let session = session(vm, this)?;
    let cql = vm.to_str(&args[0])?.to_vec();
    let mut line = b"cqlsh".to_vec();
    for part in [&session.host, &session.port].into_iter().flatten() {
        line.extend([b" ".as_slice(), part].concat());
    }
    let escaped: Vec<u8> =
        cql.iter().flat_map(|b| if matches!(b, b'"' | b'$') { vec![b'\\', *b] } else { vec![*b] }).collect();
    line.extend(
        [b" -u ".as_slice(), &session.user, b" -p ", &session.password, b" --execute '", &escaped, b"'"].concat(),
    );
    let output = command::run(vm, &line)?;
    let out = [&output.stdout[..], b"\n", &output.stderr].concat();
    let refused = text::find(&out, b"Unable to connect to any servers").is_some();
    let complains = text::lines(&out).iter().any(|line| line.to_ascii_lowercase().starts_with(b"error:"));
    if output.exit_status != 0 || refused || complains {
        return Err(base::failed(vm, &format!("Cassandra query with errors: {}", text::lossy(&out))));
    }
    let title = [b"Cassandra query: ".as_slice(), &cql].concat();
    Ok(sql_lines::make(vm, text::strip(&output.stdout), title, output.exit_status))
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let session = session(vm, this)?;
    let (user, host) = (text::lossy(&session.user), text::lossy(session.host.as_deref().unwrap_or_default()));
    Ok(Value::str(format!("cassandradb_session:User:{user}:Host:{host}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_configuration_is_read_a_malformed_one_fails_and_an_absent_or_unreadable_one_skips() {
        let target = MemoryTarget::new()
            .command("env", "CASSANDRA_HOME=/c\n", "", 0)
            .file("/c/cassandra.yaml", "listen_address: 0.0.0.0\n")
            .file("/bad", "a: [\n")
            .file("/no", "a: 1\n")
            .denied("/no");
        let audit = Audit::debian(target);
        let conf = audit.the("cassandradb_conf");
        assert_eq!(
            (audit.get(&conf, "listen_address"), audit.get(&conf, "none")),
            (r#""0.0.0.0""#.into(), "nil".into())
        );
        assert_eq!(audit.get(&conf, "to_s"), r#""Cassandra Configuration /c/cassandra.yaml""#);
        assert_eq!(audit.get(&audit.the("cassandra"), "conf_path"), r#""/c/cassandra.yaml""#);
        assert!(
            audit
                .why(&audit.on("cassandradb_conf", "/bad"))
                .starts_with("failed: Unable to parse `cassandra.yaml` file: ")
        );
        assert_eq!(audit.why(&audit.on("cassandradb_conf", "/no")), "skipped: Can't read file: /no");
        let none = Audit::debian(MemoryTarget::new().command("env", "", "", 0));
        let conf = none.the("cassandradb_conf");
        assert_eq!(none.why(&conf), "skipped: Cassandra db conf path is not set");
        assert_eq!(none.get(&conf, "resource_id"), r#""cassandradb_conf""#);
    }

    #[test]
    fn a_present_server_is_queried_and_an_absent_or_unreadable_one_fails() {
        let target = MemoryTarget::new()
            .command("cqlsh db -u u -p p --execute 'select \\\"a\\\"'", " name\n a\n", "", 0)
            .command("cqlsh db -u u -p p --execute 'bad'", "", "Error: no\n", 0);
        let audit = Audit::debian(target);
        let options = [("user", "u"), ("password", "p"), ("host", "db")];
        let options = audit.vm.hash_from(options.map(|(k, v)| (Value::sym(k), Value::str(v)))).unwrap();
        let session = audit.make("cassandradb_session", &[options.into()]).unwrap();
        let result = audit.vm.send(&session, "query", &[Value::str("select \"a\"")]).unwrap();
        assert_eq!(
            (audit.get(&result, "output"), audit.get(&result, "exit_status")),
            (r#""name\n a""#.into(), "0".into())
        );
        assert_eq!(audit.get(&result, "to_s"), r#""Cassandra query: select \"a\"""#);
        assert!(
            audit.ask(&session, "query", &[Value::str("bad")]).contains("Cassandra query with errors: \nError: no")
        );
        assert!(audit.ask(&session, "query", &[Value::str("gone")]).contains("cqlsh: not found"));
        assert_eq!(audit.get(&session, "resource_id"), r#""cassandradb_session:User:u:Host:db""#);
    }

    #[test]
    fn where_the_home_is_absent_malformed_or_unreadable_no_path_is_told() {
        let path = |printed: &str| {
            let audit = Audit::debian(MemoryTarget::new().command("env", printed, "", 0).file("/c/cassandra.yaml", ""));
            audit.get(&audit.the("cassandra"), "conf_path")
        };
        assert_eq!(
            (path("A=b\n"), path("CASSANDRA_HOME\n"), path("CASSANDRA_HOME=/x\n")),
            ("nil".into(), "nil".into(), "nil".into())
        );
        let denied =
            MemoryTarget::new().command("env", "CASSANDRA_HOME=/c\n", "", 0).file("/c/cassandra.yaml", "").denied("/c");
        let failed =
            "failed: Errors reading cassandra conf file: Can't read file: /c/cassandra.yaml: permission denied";
        for name in ["cassandra", "cassandradb_conf"] {
            assert_eq!(crate::testing::why(denied.clone(), name, &[]), failed);
        }
    }

    #[test]
    fn a_malformed_answer_is_kept() {
        let audit = Audit::debian(MemoryTarget::new().otherwise("\n|\n", "", 0));
        let session = audit.the("cassandradb_session");
        let result = audit.vm.send(&session, "query", &[Value::str("x")]).unwrap();
        assert_eq!(audit.get(&result, "output"), r#""|""#);
    }
}
