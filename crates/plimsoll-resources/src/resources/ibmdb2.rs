//! `ibmdb2_conf` and `ibmdb2_session`: IBM Db2's configuration, and queries.
//!
//! ```ruby
//! db2 = { db2_executable_file_path: '/opt/ibm/db2/V11.5/bin/db2', db_instance: 'db2inst1' }
//! describe ibmdb2_conf(db2) do
//!   its('output') { should include 'Audit buffer size (4KB) (AUDIT_BUF_SZ) = 0' }
//! end
//! describe ibmdb2_session(db2.merge(db_name: 'sample')).query('list database directory') do
//!   its('output') { should_not match(/sample/) }
//! end
//! ```
//!
//! The given `db2` is run on the target; all of these options are needed.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::Output;

use super::{command, sql_lines};
use crate::base;
use crate::declare::{Given, ResourceDef};
use crate::give;
use crate::text;

/// Which program, instance and database.
struct Db2 {
    program: String,
    instance: String,
    database: String,
    /// What the configuration says.
    output: Value,
}

pub(crate) const IBMDB2_CONF: ResourceDef = ResourceDef {
    name: "ibmdb2_conf",
    class: "Ibmdb2Conf",
    doc: "The configuration of IBM Db2.",
    new: Some((0, 1, new_conf)),
    methods: CONF_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const IBMDB2_SESSION: ResourceDef = ResourceDef {
    name: "ibmdb2_session",
    class: "Ibmdb2Session",
    doc: "Queries of an IBM Db2 database.",
    new: Some((0, 1, new_session)),
    methods: SESSION_METHODS,
    setup: Some(sql_lines::install),
    parts: &[Given { by: "query('SQL')", methods: sql_lines::METHODS }],
    ..ResourceDef::EMPTY
};

const CONF_METHODS: &[Def] = &[
    def("output", 0, 0, |vm, this, _| Ok(of(vm, this)?.output.clone()), "Its lines, blanks reduced to one."),
    def(
        "resource_id",
        0,
        0,
        |vm, this, _| Ok(Value::str(format!("ibmdb2_conf:DatabaseInstance:{}", of(vm, this)?.instance))),
        "The instance.",
    ),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("IBM Db2 Conf")), "Its title."),
];

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 1, query, "What a query prints."),
    def("resource_id", 0, 0, session_id, "The instance and the database."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("IBM Db2 Session")), "Its title."),
];

fn of(vm: &Interp, this: &Value) -> Res<Rc<Db2>> {
    base::state::<Db2>(vm, this)
}

/// The options; `None` when one of those needed is missing.
fn options(vm: &Interp, args: Args<'_>, needed: &[&str]) -> Res<(Db2, bool)> {
    let option = |name: &str| give::text_option(vm, args, 0, name);
    let mut complete = true;
    for name in needed {
        complete &= option(name)?.is_some();
    }
    let text = |name: &str| -> Res<String> { Ok(text::lossy(&option(name)?.unwrap_or_default())) };
    let (program, instance) = (text("db2_executable_file_path")?, text("db_instance")?);
    Ok((Db2 { program, instance, database: text("db_name")?, output: Value::Nil }, complete))
}

fn new_conf(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let (mut db2, complete) = options(vm, args, &["db2_executable_file_path", "db_instance"])?;
    let output = if complete {
        configuration(vm, &db2)
    } else {
        let text = "Can't connect to IBM DB2 without db2_executable_file_path, db_instance options provided.";
        Err(base::failed(vm, text))
    };
    db2.output = output.as_ref().map_or(Value::Nil, Clone::clone);
    base::set_state(vm, this, db2)?;
    output.map(|_| Value::Nil)
}

fn configuration(vm: &Interp, db2: &Db2) -> Res {
    let Db2 { program, instance, .. } = db2;
    let line = format!("{program} attach to {instance}; {program} get database manager configuration");
    let output = ask(vm, &line, &line)?;
    if let Some(error) = complaint(&output, b"Can't connect to IBM Db2 server") {
        return Err(base::failed(vm, &format!("IBM Db2 query with error: {error}")));
    }
    let parts = output.stdout.split(|byte| matches!(byte, b'\n' | b'\r' | b',')).filter(|part| !part.is_empty());
    // As in CINC, what has no blanks inside is nil.
    let part = |part: &[u8]| {
        let words = text::words(part);
        if words.len() > 1 { Value::bytes(words.join(&b' ')) } else { Value::Nil }
    };
    Ok(Value::array(parts.map(part).collect()))
}

/// Runs a line; again with Db2's profile where its messages can't be found without.
fn ask(vm: &Interp, line: &str, again: &str) -> Res<Output> {
    let output = command::run(vm, line.as_bytes())?;
    let message = b"SQL10007N Message \"-1390\" could not be retrieved.  Reason code: \"3\"";
    let out = [&output.stdout[..], b"\n", &output.stderr].concat();
    if output.exit_status != 0 && text::find(&out, message).is_some() {
        return command::run(vm, format!(". ~/sqllib/db2profile; {again}").as_bytes());
    }
    Ok(output)
}

/// All that was printed, when it is an error.
fn complaint(output: &Output, refusal: &[u8]) -> Option<String> {
    let out = [&output.stdout[..], b"\n", &output.stderr].concat();
    let complains = text::lines(&out).iter().any(|line| line.to_ascii_lowercase().starts_with(b"error:"));
    let is_error = output.exit_status != 0 || complains || text::find(&out, refusal).is_some();
    is_error.then(|| text::lossy(&out))
}

fn new_session(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let (db2, complete) = options(vm, args, &["db2_executable_file_path", "db_instance", "db_name"])?;
    base::set_state(vm, this, db2)?;
    if complete {
        return Ok(Value::Nil);
    }
    let text = "Can't run IBM DB2 queries without db2_executable_file_path, db_instance, db_name options provided.";
    Err(base::failed(vm, text))
}

fn query(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = base::resource_data(vm, this)?;
    if data.failed.get() {
        let why = vm.to_s(&data.message.borrow().clone())?.lossy();
        return Err(base::failed(vm, &why));
    }
    let db2 = of(vm, this)?;
    let Db2 { program, instance, database, .. } = &*db2;
    let sql = vm.to_s(&args[0])?.lossy();
    let connect = format!("{program} attach to {instance}; {program} connect to {database}; {program}");
    let output = ask(vm, &format!("{connect} {sql};"), &format!("{connect} \"{sql}\";"))?;
    if let Some(error) = complaint(&output, b"Can't connect to IBM Db2 ") {
        return Err(base::failed(vm, &format!("IBM Db2 connection error: {error}")));
    }
    let title = format!("IBM Db2 Query: {sql}").into_bytes();
    Ok(sql_lines::make(vm, text::strip(&output.stdout), title, output.exit_status))
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let db2 = of(vm, this)?;
    let (instance, database) = (&db2.instance, &db2.database);
    Ok(Value::str(format!("ibmdb2_session:DatabaseInstance:{instance}:DatabaseName{database}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn options(audit: &Audit, count: usize) -> Value {
        let all = [("db2_executable_file_path", "/db2"), ("db_instance", "inst"), ("db_name", "sample")];
        let pairs = all[..count].iter().map(|(key, value)| (Value::sym(key), Value::str(value)));
        audit.vm.hash_from(pairs).unwrap().into()
    }

    #[test]
    fn a_present_configuration_is_read_and_malformed_lines_are_nil() {
        let line = "/db2 attach to inst; /db2 get database manager configuration";
        let printed = "\n  Audit buffer size   (AUDIT_BUF_SZ) = 0\nmalformed\n";
        let audit = Audit::debian(MemoryTarget::new().command(line, printed, "", 0));
        let conf = audit.make("ibmdb2_conf", &[options(&audit, 2)]).unwrap();
        assert_eq!(audit.get(&conf, "output"), r#"["Audit buffer size (AUDIT_BUF_SZ) = 0", nil]"#);
        assert_eq!(audit.get(&conf, "resource_id"), r#""ibmdb2_conf:DatabaseInstance:inst""#);
        assert!(audit.why(&audit.the("ibmdb2_conf")).starts_with("failed: Can't connect to IBM DB2 without"));
    }

    #[test]
    fn an_absent_or_unreadable_db2_fails_and_malformed_answers_are_kept() {
        for (target, error) in [
            (MemoryTarget::new(), "\nsh: 1: /db2: not found\n"),
            (MemoryTarget::new().otherwise("SQL1092N  no authority\n", "", 4), "SQL1092N  no authority\n\n"),
        ] {
            let audit = Audit::debian(target);
            let conf = audit.make("ibmdb2_conf", &[options(&audit, 2)]).unwrap();
            assert_eq!(audit.why(&conf), format!("failed: IBM Db2 query with error: {error}"));
            let session = audit.make("ibmdb2_session", &[options(&audit, 3)]).unwrap();
            let told = audit.ask(&session, "query", &[Value::str("list")]);
            assert!(told.ends_with(&format!("IBM Db2 connection error: {error}")), "{told}");
        }
        let odd = Audit::debian(MemoryTarget::new().otherwise("\0\n\n", "", 0));
        let session = odd.make("ibmdb2_session", &[options(&odd, 3)]).unwrap();
        let result = odd.vm.send(&session, "query", &[Value::str("list")]).unwrap();
        assert_eq!((odd.get(&result, "lines"), odd.get(&result, "output")), ("[]".into(), r#""""#.into()));
    }

    #[test]
    fn a_present_server_is_queried() {
        let connect = "/db2 attach to inst; /db2 connect to sample; /db2";
        let lost = "SQL10007N Message \"-1390\" could not be retrieved.  Reason code: \"3\"";
        let target = MemoryTarget::new()
            .command(format!("{connect} list;"), "", lost, 4)
            .command(format!(". ~/sqllib/db2profile; {connect} \"list\";"), " a\n", "", 0)
            .command(format!("{connect} bad;"), "error: no\n", "", 0);
        let audit = Audit::debian(target);
        let session = audit.make("ibmdb2_session", &[options(&audit, 3)]).unwrap();
        let result = audit.vm.send(&session, "query", &[Value::str("list")]).unwrap();
        assert_eq!(
            (audit.get(&result, "output"), audit.get(&result, "to_s")),
            (r#""a""#.into(), r#""IBM Db2 Query: list""#.into())
        );
        assert!(audit.ask(&session, "query", &[Value::str("bad")]).contains("IBM Db2 connection error: error: no"));
        let nameless = audit.make("ibmdb2_session", &[options(&audit, 2)]).unwrap();
        assert!(audit.ask(&nameless, "query", &[Value::str("list")]).contains("Can't run IBM DB2 queries without"));
    }
}
