//! `opa_cli`, `opa_api` and `opa`: decisions of Open Policy Agent.
//!
//! ```ruby
//! describe opa_cli(policy: 'example.rego', data: 'input.json', query: 'data.example.allow') do
//!   its(['result']) { should_not be_nil }
//!   its('allow') { should eq true }
//! end
//! describe opa_api(url: 'localhost:8181/v1/data/example/violation', data: 'input.json') do
//!   its(['result']) { should be_empty }
//! end
//! ```
//!
//! `opa_cli` runs `opa eval` on the target (`opa_executable_path:` names another program), `opa_api` asks a server with the
//! target's `curl`; files are the target's. `opa` takes the text of an answer.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::{command, json};
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;
use crate::yaml_text;

pub(crate) const OPA: ResourceDef = ResourceDef {
    name: "opa",
    class: "Opa",
    parent: Some("JsonConfig"),
    doc: "An answer of Open Policy Agent.",
    new: Some((1, 1, |vm, this, args| open(vm, this, &args[0]))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const OPA_CLI: ResourceDef = ResourceDef {
    name: "opa_cli",
    class: "OpaCli",
    parent: Some("Opa"),
    doc: "A decision of the program `opa`.",
    new: Some((0, 1, new_cli)),
    methods: CLI_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const OPA_API: ResourceDef = ResourceDef {
    name: "opa_api",
    class: "OpaApi",
    parent: Some("Opa"),
    doc: "A decision of a server of Open Policy Agent.",
    new: Some((0, 1, new_api)),
    methods: API_METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("parse", 1, 1, parse, "Reads an answer."),
    def("result", 0, 0, result, "The answer; nil when its result is empty."),
];

const CLI_METHODS: &[Def] = &[
    def("allow", 0, 0, cli_allow, "Whether a query for `allow` gives true."),
    def("resource_id", 0, 0, cli_id, "The policy and the query."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("OPA cli")), "Its title."),
];

const API_METHODS: &[Def] = &[
    def("allow", 0, 0, |vm, this, _| below(vm, json::params(this), &[Value::str("result")]), "The result."),
    def("resource_id", 0, 0, api_id, "The address."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("OPA api")), "Its title."),
];

fn open(vm: &Interp, this: &Value, content: &Value) -> Res {
    let options = vm.hash_from([(Value::sym("content"), content.clone())])?;
    json::open(vm, this, Args::new(&[options.into()]), "JSON")
}

fn parse(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let unparsable = |error| base::failed(vm, &format!("Unable to parse OPA query output: {error}"));
    yaml_text::parse(vm, &json::text_of(vm, args)?)?.map_err(unparsable)
}

/// Opens what a command prints, without its newlines.
fn open_output(vm: &Interp, this: &Value, line: &[u8]) -> Res {
    let output = command::run(vm, line)?;
    if output.exit_status == 0 {
        let printed: Vec<u8> = output.stdout.into_iter().filter(|byte| *byte != b'\n').collect();
        return open(vm, this, &Value::bytes(printed));
    }
    json::without(vm, this, "JSON")?;
    let error = [&output.stdout[..], b"\n", &output.stderr].concat();
    Err(base::failed(vm, &format!("Error while executing OPA query: {}", text::lossy(&error))))
}

/// An option that is not empty.
fn needed(vm: &Interp, args: Args<'_>, name: &str) -> Res<Option<Vec<u8>>> {
    Ok(give::text_option(vm, args, 0, name)?.filter(|text| !text.is_empty()))
}

fn new_cli(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let program = needed(vm, args, "opa_executable_path")?.unwrap_or_else(|| b"opa".to_vec());
    let (policy, data, query) = (needed(vm, args, "policy")?, needed(vm, args, "data")?, needed(vm, args, "query")?);
    let (Some(policy), Some(data), Some(query)) = (policy, data, query) else {
        json::without(vm, this, "JSON")?;
        return Err(base::failed(vm, "OPA policy, data and query are mandatory."));
    };
    open_output(vm, this, &[&program[..], b" eval -i '", &data, b"' -d '", &policy, b"' '", &query, b"'"].concat())
}

fn new_api(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let (Some(url), Some(data)) = (needed(vm, args, "url")?, needed(vm, args, "data")?) else {
        json::without(vm, this, "JSON")?;
        return Err(base::failed(vm, "OPA url and data are mandatory."));
    };
    let header = b" -H 'Content-Type: application/json'";
    open_output(vm, this, &[b"curl -X POST ".as_slice(), &url, b" -d @", &data, header].concat())
}

fn below(vm: &Interp, mut found: Value, keys: &[Value]) -> Res {
    for key in keys {
        found = vm.send(&found, "[]", std::slice::from_ref(key))?;
    }
    Ok(found)
}

fn result(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let answer = json::params(this);
    if matches!(&answer, Value::Hash(hash) if hash.is_empty()) {
        return Ok(Value::Nil);
    }
    let result = below(vm, answer.clone(), &[Value::str("result")])?;
    Ok(if vm.send(&result, "empty?", &[])?.truthy() { Value::Nil } else { answer })
}

fn cli_allow(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let answer = json::params(this);
    let path = [Value::str("result"), Value::Int(0), Value::str("expressions"), Value::Int(0)];
    let expression = below(vm, answer, &path)?;
    let text = below(vm, expression.clone(), &[Value::str("text")])?;
    if vm.send(&text, "include?", &[Value::str("allow")])?.truthy() {
        return below(vm, expression, &[Value::str("value")]);
    }
    Ok(Value::Nil)
}

/// An option that the resource was made with.
fn given(vm: &Interp, this: &Value, name: &str) -> Res<Option<Vec<u8>>> {
    let params = base::resource_data(vm, this)?.params.borrow().clone();
    give::text_option(vm, Args::new(&params), 0, name)
}

fn cli_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let (policy, query) = (given(vm, this, "policy")?, given(vm, this, "query")?);
    if policy.is_none() && query.is_none() {
        return Ok(Value::str("opa_cli"));
    }
    Ok(Value::bytes([&policy.unwrap_or_default()[..], b":", &query.unwrap_or_default()].concat()))
}

fn api_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes(given(vm, this, "url")?.unwrap_or_else(|| b"opa_api".to_vec())))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn make(audit: &Audit, name: &str, pairs: &[(&str, &str)]) -> Value {
        let options =
            audit.vm.hash_from(pairs.iter().map(|(key, value)| (Value::sym(key), Value::str(value)))).unwrap();
        audit.make(name, &[options.into()]).unwrap()
    }

    const CLI: [(&str, &str); 3] = [("policy", "p.rego"), ("data", "in.json"), ("query", "data.p.allow")];

    #[test]
    fn a_present_program_is_asked() {
        let printed = "{\"result\": [{\"expressions\": [\n{\"value\": true, \"text\": \"data.p.allow\"}]}]}\n";
        let audit = Audit::debian(MemoryTarget::new().command(
            "opa eval -i 'in.json' -d 'p.rego' 'data.p.allow'",
            printed,
            "",
            0,
        ));
        let opa = make(&audit, "opa_cli", &CLI);
        assert_eq!((audit.get(&opa, "allow"), audit.get(&opa, "to_s")), ("true".into(), r#""OPA cli""#.into()));
        assert!(audit.get(&opa, "result").starts_with("{\"result\" => "));
        assert_eq!(audit.get(&opa, "resource_id"), r#""p.rego:data.p.allow""#);
        assert_eq!(audit.why(&make(&audit, "opa_cli", &CLI[..2])), "failed: OPA policy, data and query are mandatory.");
    }

    #[test]
    fn an_absent_malformed_or_unreadable_answer_fails() {
        let server = [("url", "opa:8181/v1"), ("data", "in.json")];
        let none = Audit::debian(MemoryTarget::new());
        let refused = Audit::debian(MemoryTarget::new().otherwise("", "permission denied: in.json", 2));
        let odd = Audit::debian(MemoryTarget::new().otherwise("a: [", "", 0));
        for (name, options, error) in
            [("opa_cli", &CLI[..], "sh: 1: opa: not found"), ("opa_api", &server[..], "sh: 1: curl: not found")]
        {
            let failed = "failed: Error while executing OPA query: ";
            assert_eq!(none.why(&make(&none, name, options)), format!("{failed}\n{error}\n"));
            assert_eq!(refused.why(&make(&refused, name, options)), format!("{failed}\npermission denied: in.json"));
            let why = odd.why(&make(&odd, name, options));
            assert!(why.starts_with("failed: Unable to parse OPA query output: "), "{why}");
        }
    }

    #[test]
    fn a_present_server_is_asked() {
        let line = "curl -X POST opa:8181/v1 -d @in.json -H 'Content-Type: application/json'";
        let audit = Audit::debian(MemoryTarget::new().command(line, "{\"result\": []}", "", 0));
        let opa = make(&audit, "opa_api", &[("url", "opa:8181/v1"), ("data", "in.json")]);
        assert_eq!((audit.get(&opa, "allow"), audit.get(&opa, "result")), ("[]".into(), "nil".into()));
        assert_eq!(audit.get(&opa, "resource_id"), r#""opa:8181/v1""#);
        assert_eq!(audit.why(&make(&audit, "opa_api", &[])), "failed: OPA url and data are mandatory.");
    }

    #[test]
    fn a_present_answer_is_taken_and_a_malformed_one_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        let opa = audit.on("opa", "{\"result\": {\"a\": 1}}");
        assert_eq!(audit.ask(&opa, "[]", &[Value::str("result"), Value::str("a")]), "1");
        assert!(audit.why(&audit.on("opa", "a: [")).starts_with("failed: Unable to parse OPA query output: "));
    }
}
