//! `elasticsearch`: the nodes of an Elasticsearch cluster.
//!
//! ```ruby
//! describe elasticsearch(url: 'http://localhost:9200', username: 'elastic', password: input('password')) do
//!   its('node_count') { should be >= 3 }
//!   its('version') { should all cmp >= '7.17' }
//! end
//! describe elasticsearch.where { name == 'node1' } do
//!   its('roles') { should include ['master'] }
//! end
//! ```
//!
//! The target's `curl` asks (`ssl_verify: false` for any certificate); where it gets no answer the resource is skipped.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RHash, Res, Sym, Value, def};
use plimsoll_target::Output;

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::json_text;
use crate::mash;
use crate::text;

struct Cluster {
    url: Vec<u8>,
    nodes: Value,
}

pub(crate) const ELASTICSEARCH: ResourceDef = ResourceDef {
    name: "elasticsearch",
    class: "Elasticsearch",
    doc: "The nodes of an Elasticsearch cluster.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("nodes", 0, 0, |vm, this, _| nodes(vm, this), "The nodes as Hashes."),
    def("url", 0, 0, |vm, this, _| Ok(Value::bytes(base::state::<Cluster>(vm, this)?.url.clone())), "The address."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    let same = [
        "cluster_name",
        "transport_address",
        "host",
        "ip",
        "version",
        "build_hash",
        "total_indexing_buffer",
        "roles",
        "settings",
        "os",
        "process",
        "jvm",
        "transport",
        "http",
        "plugins",
        "plugin_list",
        "modules",
        "module_list",
        "node_id",
        "ingest",
    ];
    let columns = same.into_iter().fold(Columns::new(Key::Str), |columns, name| columns.column(name, name));
    columns
        .column("node_name", "name")
        .property("exists?", "Whether there is one.", |vm, table, _| vm.send(table, "exist?", &[]))
        .property("node_count", "How many there are.", |vm, table, _| vm.send(table, "count", &[]))
        .install(vm, class, nodes);
}

fn nodes(vm: &Interp, this: &Value) -> Res {
    Ok(base::state::<Cluster>(vm, this)?.nodes.clone())
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let url = give::text_option(vm, args, 0, "url")?.unwrap_or_else(|| b"http://localhost:9200".to_vec());
    let nodes = if command::exists(vm, b"curl")? {
        ask(vm, args, &url)?
    } else {
        Err("Package `curl` not avaiable on the host".to_owned())
    };
    let known = nodes.clone().unwrap_or_default();
    base::set_state(vm, this, Cluster { url, nodes: Value::array(known) })?;
    match nodes {
        Ok(_) => Ok(Value::Nil),
        Err(why) => vm.send(this, "skip_resource", &[Value::str(why)]),
    }
}

/// The nodes, or why they are not known.
fn ask(vm: &Interp, args: Args<'_>, url: &[u8]) -> Res<Result<Vec<Value>, String>> {
    let (user, password) = (give::text_option(vm, args, 0, "username")?, give::text_option(vm, args, 0, "password")?);
    let verify = match args.get(0) {
        Some(Value::Hash(options)) => vm.hash_sym(options, "ssl_verify")?.is_none_or(|verify| verify.truthy()),
        _ => true,
    };
    let mut line = b"curl".to_vec();
    if !verify {
        line.extend_from_slice(b" -k");
    }
    line.extend_from_slice(b" -H 'Content-Type: application/json'");
    if let (Some(user), Some(password)) = (user, password) {
        line.extend([b"  -u ".as_slice(), &user, b":", &password].concat());
    }
    line.extend([b" ".as_slice(), &nodes_address(url)].concat());
    let output = command::run(vm, &line)?;
    if let Some(why) = refusal(url, &output) {
        return Ok(Err(why));
    }
    let told = match json_text::parse(vm, &output.stdout)? {
        Ok(told) => told,
        Err(error) => return Ok(Err(format!("Couldn't parse the Elasticsearch response: {error}"))),
    };
    let field = |of: &Value, name: &str| vm.send(of, "[]", &[Value::str(name)]);
    let error = field(&told, "error")?;
    if !error.is_nil() {
        let (kind, reason) = (vm.to_s(&field(&error, "type")?)?.lossy(), vm.to_s(&field(&error, "reason")?)?.lossy());
        return Ok(Err(format!("{kind}: {reason}")));
    }
    if matches!(field(&field(&told, "_nodes")?, "successful")?, Value::Int(0)) {
        return Ok(Err("No successful nodes available in cluster".to_owned()));
    }
    let Value::Hash(nodes) = field(&told, "nodes")? else { return Ok(Ok(Vec::new())) };
    let nodes = nodes.entries();
    Ok(Ok(nodes.iter().map(|(id, node)| row(vm, id, node)).collect::<Res<Vec<_>>>()?))
}

/// `_nodes` in place of the last part of the address's path.
fn nodes_address(url: &[u8]) -> Vec<u8> {
    let start = text::find(url, b"://").map_or(0, |at| at + 3);
    match url[start..].iter().rposition(|byte| *byte == b'/') {
        Some(at) => [&url[..=start + at], b"_nodes"].concat(),
        None => [url, b"/_nodes"].concat(),
    }
}

fn refusal(url: &[u8], output: &Output) -> Option<String> {
    let says = |text: &str| text::find(&output.stderr, text.as_bytes()).is_some();
    let url = text::lossy(url);
    if says("Failed to connect") {
        return Some(format!("Connection refused - please check the URL {url} for accuracy"));
    }
    if says("Peer's Certificate issuer is not recognized") {
        return Some("Connection refused - peer certificate issuer is not recognized".to_owned());
    }
    let error = text::lossy(&output.stderr);
    (output.exit_status != 0).then(|| format!("Error fetching Elastcsearch data from curl {url}: {error}"))
}

/// A node with its id, the names of its plugins and modules, and the name of its cluster.
fn row(vm: &Interp, id: &Value, node: &Value) -> Res {
    let Value::Hash(node) = node else { return Err(vm.type_error("a node of Elasticsearch is an object")) };
    let row = without_collisions(vm, node)?;
    let names = |list: &str| -> Res {
        let list = vm.hash_get(&row, &Value::str(list))?.unwrap_or_default();
        // As in CINC, a node without them skips the resource.
        let Value::Array(list) = &list else { return vm.send(&list, "map", &[]) };
        let name = |entry: &Value| vm.send(entry, "name", &[]);
        Ok(Value::array(list.to_vec().iter().map(name).collect::<Res<Vec<_>>>()?))
    };
    let (plugins, modules) = (names("plugins")?, names("modules")?);
    let settings = vm.hash_get(&row, &Value::str("settings"))?.unwrap_or_default();
    let cluster = vm.send(&vm.send(&settings, "cluster", &[])?, "name", &[])?;
    let more = [("node_id", id.clone()), ("plugin_list", plugins), ("module_list", modules), ("cluster_name", cluster)];
    for (name, value) in more {
        vm.hash_set(&row, Value::str(name), value)?;
    }
    Ok(Value::Hash(row))
}

/// A `Hashie::Mash` whose keys are no methods of its own: those begin with `es_`.
fn without_collisions(vm: &Interp, data: &RHash) -> Res<Rc<RHash>> {
    let row = mash::new(vm);
    let empty = Value::Hash(mash::new(vm));
    for (name, value) in data.entries() {
        let text = vm.to_s(&name)?.to_vec();
        let taken = vm.responds(&empty, Sym::from_bytes(&text))?;
        let name = if taken { [b"es_".as_slice(), &text].concat() } else { text };
        match &value {
            Value::Hash(inner) => {
                let inner = without_collisions(vm, inner)?;
                vm.hash_set(&row, Value::bytes(name), Value::Hash(inner))?;
            }
            other => drop(vm.send(&Value::Hash(Rc::clone(&row)), "[]=", &[Value::bytes(name), other.clone()])?),
        }
    }
    Ok(row)
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let url = base::state::<Cluster>(vm, this)?.url.clone();
    Ok(Value::bytes([b"Elasticsearch Cluster ".as_slice(), &url].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const LINE: &str = "curl -H 'Content-Type: application/json' http://localhost:9200/_nodes";

    fn with(printed: &str, error: &str, status: i32) -> Audit {
        let target =
            MemoryTarget::new().command("sh -c 'type \"curl\"'", "", "", 0).command(LINE, printed, error, status);
        Audit::debian(target)
    }

    #[test]
    fn present_nodes_are_told_of() {
        let printed = r#"{"_nodes": {"successful": 1}, "nodes": {"x1": {"name": "node1", "version": "7.17.0",
            "roles": ["master"], "settings": {"cluster": {"name": "prod"}, "count": 3}, "plugins": [{"name": "icu"}],
            "modules": []}}}"#;
        let audit = with(printed, "", 0);
        let cluster = audit.the("elasticsearch");
        assert_eq!(audit.why(&cluster), "fine");
        assert_eq!(
            (audit.get(&cluster, "node_name"), audit.get(&cluster, "node_count")),
            (r#"["node1"]"#.into(), "1".into())
        );
        assert_eq!(
            (audit.get(&cluster, "cluster_name"), audit.get(&cluster, "node_id")),
            (r#"["prod"]"#.into(), r#"["x1"]"#.into())
        );
        assert_eq!(
            (audit.get(&cluster, "plugin_list"), audit.get(&cluster, "roles")),
            (r#"[["icu"]]"#.into(), r#"[["master"]]"#.into())
        );
        assert!(audit.get(&cluster, "settings").contains("\"es_count\" => 3"));
        assert_eq!(audit.get(&cluster, "to_s"), r#""Elasticsearch Cluster http://localhost:9200""#);
    }

    #[test]
    fn an_absent_malformed_or_unreadable_answer_skips() {
        let why = |printed: &str, error: &str, status: i32| {
            let audit = with(printed, error, status);
            audit.why(&audit.the("elasticsearch"))
        };
        let refused = "skipped: Connection refused - please check the URL http://localhost:9200 for accuracy";
        assert_eq!(why("", "curl: (7) Failed to connect to localhost", 7), refused);
        assert!(why("", "denied", 22).starts_with("skipped: Error fetching Elastcsearch data from curl"));
        assert!(why("oops", "", 0).starts_with("skipped: Couldn't parse the Elasticsearch response: "));
        assert_eq!(why(r#"{"error": {"type": "security", "reason": "no"}}"#, "", 0), "skipped: security: no");
        let nobody = r#"{"_nodes": {"successful": 0}}"#;
        assert_eq!(why(nobody, "", 0), "skipped: No successful nodes available in cluster");
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("elasticsearch")), "skipped: Package `curl` not avaiable on the host");
    }

    #[test]
    fn addresses_are_joined() {
        let joined = |url: &str| text::lossy(&nodes_address(url.as_bytes()));
        assert_eq!(joined("https://es:9200"), "https://es:9200/_nodes");
        assert_eq!(joined("https://es:9200/"), "https://es:9200/_nodes");
        assert_eq!(joined("https://es/a/b"), "https://es/a/_nodes");
    }
}
