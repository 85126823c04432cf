//! `mongodb_session` and `mongodb`: commands of a MongoDB server, and where it is configured.
//!
//! ```ruby
//! session = mongodb_session(user: 'foo', password: input('password'), database: 'test')
//! describe session.query(usersInfo: 'ian').params['users'].first['roles'].first do
//!   its(['role']) { should eq 'readWrite' }
//! end
//! ```
//!
//! Commands are run by `mongosh` (or the older `mongo`) on the target. CINC opens a connection from the machine that it
//! runs on, where `127.0.0.1` is not the target's. Options: `user`, `password` and `database` are needed; `host`
//! (`127.0.0.1`), `port` (`27017`), `auth_source` (the database) and `ssl: true`. `mongodb` tells the configuration's path
//! alone: see `mongodb_conf`.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RObject, Res, Value, def};

use super::command;
use crate::backend::Backend;
use crate::base;
use crate::declare::{Given, ResourceDef};
use crate::facts::platform::Platform;
use crate::give;
use crate::json_text;
use crate::text;

pub(crate) const MONGODB: ResourceDef = ResourceDef {
    name: "mongodb",
    class: "Mongodb",
    doc: "Where MongoDB is configured.",
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const MONGODB_SESSION: ResourceDef = ResourceDef {
    name: "mongodb_session",
    class: "MongodbSession",
    doc: "Commands of a MongoDB server.",
    new: Some((0, 1, new)),
    methods: SESSION_METHODS,
    setup: Some(answers),
    parts: &[Given { by: "query(usersInfo: 'NAME')", methods: ANSWER_METHODS }],
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("conf_path", 0, 0, |vm, _, _| conf_path(vm), "The file; nil where no such file is known."),
    def("resource_id", 0, 0, |vm, _, _| conf_path(vm), "The file."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("MongoDB")), "Its title."),
];

fn conf_path(vm: &Interp) -> Res {
    let known = ["debian", "fedora", "redhat", "linux", "suse"];
    let is_known = known.contains(&Platform::of(&Backend::of(vm))?.family());
    Ok(if is_known { Value::str("/etc/mongod.conf") } else { Value::Nil })
}

struct Session {
    user: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    host: Vec<u8>,
    port: Vec<u8>,
    database: Option<Vec<u8>>,
    auth_source: Option<Vec<u8>>,
    tls: bool,
}

const SESSION_METHODS: &[Def] = &[
    def("query", 1, 1, query, "The answer to a command."),
    def("user", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.user.as_ref())), "The user."),
    def("host", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.host.clone())), "The host."),
    def("port", 0, 0, |vm, this, _| Ok(Value::bytes(session(vm, this)?.port.clone())), "The port."),
    def("database", 0, 0, |vm, this, _| Ok(give::text(session(vm, this)?.database.as_ref())), "The database."),
    def("params", 0, 0, |_, _, _| Ok(Value::Nil), "Nothing: an answer has `params`."),
    def("resource_id", 0, 0, session_id, "The session without its password."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let option = |name: &str| give::text_option(vm, args, 0, name);
    let database = option("database")?;
    let session = Session {
        user: option("user")?,
        password: option("password")?,
        host: option("host")?.unwrap_or_else(|| b"127.0.0.1".to_vec()),
        port: option("port")?.unwrap_or_else(|| b"27017".to_vec()),
        auth_source: option("auth_source")?.or_else(|| database.clone()),
        database,
        tls: give::option(vm, args, 0, "ssl")?.is_some_and(|value| value.truthy()),
    };
    let complaint = if session.database.is_none() {
        Some("You must provide a database name for the session.")
    } else if session.user.is_none() || session.password.is_none() {
        Some("Can't run MongoDB checks without authentication.")
    } else {
        None
    };
    base::set_state(vm, this, session)?;
    complaint.map_or(Ok(Value::Nil), |complaint| Err(base::failed(vm, complaint)))
}

fn session(vm: &Interp, this: &Value) -> Res<Rc<Session>> {
    base::state::<Session>(vm, this)
}

/// What the server answers.
struct Answer {
    params: Value,
    title: Vec<u8>,
}

const ANSWER_METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| Ok(answer(vm, this)?.params.clone()), "The document."),
    def("to_s", 0, 0, |vm, this, _| Ok(Value::bytes(answer(vm, this)?.title.clone())), "The command."),
];

fn answers(vm: &Interp, _: &Rc<RClass>) {
    let class = vm.define_class(&vm.class_named("Inspec::Resources"), "MongodbAnswer", &vm.c.object);
    vm.define(&class, ANSWER_METHODS);
}

fn answer<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Answer> {
    this.native::<Answer>().ok_or_else(|| vm.type_error("not an answer of MongoDB"))
}

fn query(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let data = base::resource_data(vm, this)?;
    let failed = |why: &str| base::failed(vm, &format!("Can't run MongoDB command Error: {why}"));
    if data.failed.get() {
        let why = vm.to_s(&data.message.borrow().clone())?.lossy();
        return Err(failed(&why));
    }
    let document = json(vm, &args[0])?;
    let client: &[u8] = if command::exists(vm, b"mongosh")? { b"mongosh" } else { b"mongo" };
    let output = command::run(vm, &line(&*session(vm, this)?, client, &document))?;
    if output.exit_status != 0 {
        let out = [&output.stdout[..], b"\n", &output.stderr].concat();
        return Err(failed(&text::lossy(text::strip(&out))));
    }
    let params = json_text::parse(vm, text::strip(&output.stdout))?.map_err(|error| failed(&error))?;
    let title = [b"MongoDB query: ".as_slice(), &vm.to_s(&args[0])?.bytes()].concat();
    Ok(RObject::with_native(vm.class_named("Inspec::Resources::MongodbAnswer"), Answer { params, title }).into())
}

fn line(session: &Session, client: &[u8], document: &str) -> Vec<u8> {
    let part = |part: &Option<Vec<u8>>| text::shell_escape(part.as_deref().unwrap_or_default());
    let script = format!("JSON.stringify(db.runCommand({document}))");
    let words: [&[u8]; 13] = [
        client,
        b"--quiet",
        b"--host",
        &text::shell_escape(&session.host),
        b"--port",
        &text::shell_escape(&session.port),
        b"--username",
        &part(&session.user),
        b"--password",
        &part(&session.password),
        b"--authenticationDatabase",
        &part(&session.auth_source),
        if session.tls { b"--tls --eval" } else { b"--eval" },
    ];
    [&words.join(&b' ')[..], b" ", &text::shell_escape(script.as_bytes()), b" ", &part(&session.database)].concat()
}

/// A command as a document.
fn json(vm: &Interp, value: &Value) -> Res<String> {
    Ok(match value {
        Value::Nil => "null".to_owned(),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => vm.to_s(value)?.lossy(),
        Value::Array(list) => {
            let parts: Res<Vec<String>> = list.to_vec().iter().map(|part| json(vm, part)).collect();
            format!("[{}]", parts?.join(","))
        }
        Value::Hash(hash) => {
            let pair = |(name, value): &(Value, Value)| {
                Ok(format!("{}:{}", quoted(&vm.to_s(name)?.lossy()), json(vm, value)?))
            };
            let pairs: Res<Vec<String>> = hash.entries().iter().map(pair).collect();
            format!("{{{}}}", pairs?.join(","))
        }
        other => quoted(&vm.to_s(other)?.lossy()),
    })
}

fn quoted(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

fn session_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let session = session(vm, this)?;
    let part = |part: &Option<Vec<u8>>| part.as_deref().map(text::lossy).unwrap_or_default();
    let (user, host, database) = (part(&session.user), text::lossy(&session.host), part(&session.database));
    Ok(Value::str(format!("mongodb_session:User:{user}:Host:{host}:Database:{database}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn options(audit: &Audit, count: usize) -> Value {
        let all = [("database", "test"), ("user", "foo"), ("password", "b r")];
        let pairs = all[..count].iter().map(|(key, value)| (Value::sym(key), Value::str(value)));
        audit.vm.hash_from(pairs).unwrap().into()
    }

    fn command(audit: &Audit, user: &str) -> Value {
        audit.vm.hash_from([(Value::sym("usersInfo"), Value::str(user))]).unwrap().into()
    }

    fn line(user: &str) -> Vec<u8> {
        let session = Session {
            user: Some(b"foo".to_vec()),
            password: Some(b"b r".to_vec()),
            host: b"127.0.0.1".to_vec(),
            port: b"27017".to_vec(),
            database: Some(b"test".to_vec()),
            auth_source: Some(b"test".to_vec()),
            tls: false,
        };
        super::line(&session, b"mongosh", &format!("{{\"usersInfo\":\"{user}\"}}"))
    }

    #[test]
    fn a_present_server_is_asked_and_an_absent_client_or_malformed_answer_fails() {
        let target = MemoryTarget::new()
            .command("sh -c 'type \"mongosh\"'", "", "", 0)
            .command(line("ian"), r#"{"users": [{"roles": [{"role": "read"}]}], "ok": 1}"#, "", 0)
            .command(line("odd"), "oops", "", 0);
        let audit = Audit::debian(target);
        let session = audit.make("mongodb_session", &[options(&audit, 3)]).unwrap();
        let answer = audit.vm.send(&session, "query", &[command(&audit, "ian")]).unwrap();
        assert_eq!(audit.get(&answer, "params"), r#"{"users" => [{"roles" => [{"role" => "read"}]}], "ok" => 1}"#);
        let odd = audit.ask(&session, "query", &[command(&audit, "odd")]);
        assert!(odd.contains("ResourceFailed: Can't run MongoDB command Error: "), "{odd}");
        let none = audit.ask(&session, "query", &[command(&audit, "none")]);
        assert!(none.contains("Can't run MongoDB command Error: sh: 1: mongosh: not found"), "{none}");
        assert_eq!(audit.get(&session, "resource_id"), r#""mongodb_session:User:foo:Host:127.0.0.1:Database:test""#);
    }

    #[test]
    fn what_is_missing_is_told_and_the_present_system_tells_the_path() {
        let audit = Audit::debian(MemoryTarget::new());
        let why = |count: usize| audit.why(&audit.make("mongodb_session", &[options(&audit, count)]).unwrap());
        assert_eq!(why(0), "failed: You must provide a database name for the session.");
        assert_eq!(why(1), "failed: Can't run MongoDB checks without authentication.");
        assert_eq!(audit.get(&audit.the("mongodb"), "conf_path"), r#""/etc/mongod.conf""#);
    }

    #[test]
    fn an_unreadable_answer_fails() {
        let refused = "MongoServerError: not authorized on test to execute command";
        let audit = Audit::debian(MemoryTarget::new().otherwise("", refused, 1));
        let session = audit.make("mongodb_session", &[options(&audit, 3)]).unwrap();
        let told = audit.ask(&session, "query", &[command(&audit, "ian")]);
        assert_eq!(told, format!("!Inspec::Exceptions::ResourceFailed: Can't run MongoDB command Error: {refused}"));
    }

    #[test]
    fn the_present_distribution_tells_the_usual_path() {
        let audit = Audit::of(MemoryTarget::new().file("/etc/alpine-release", "3\n"));
        assert_eq!(audit.get(&audit.the("mongodb"), "conf_path"), r#""/etc/mongod.conf""#);
    }
}
