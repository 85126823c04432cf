//! `/version`, `/api`, `/apis` and what they lead to: which resources there are.

use serde_json::{Value, json};

use crate::kinds::{KINDS, REVIEWS};
use crate::server::ServerConfig;

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// A part of an object with a path of its own.
struct Subresource {
    /// The group of the resource it belongs to.
    group: &'static str,
    name: &'static str,
    /// The group of what is sent there, where it differs.
    kind_group: &'static str,
    kind: &'static str,
    verbs: &'static [&'static str],
}

/// What old servers lack.
const EPHEMERAL: &str = "pods/ephemeralcontainers";

const SUBRESOURCES: &[Subresource] = &[
    Subresource { group: "", name: EPHEMERAL, kind_group: "", kind: "Pod", verbs: &["get", "patch", "update"] },
    Subresource { group: "", name: "pods/exec", kind_group: "", kind: "PodExecOptions", verbs: &["create", "get"] },
    Subresource {
        group: "",
        name: "serviceaccounts/token",
        kind_group: "authentication.k8s.io",
        kind: "TokenRequest",
        verbs: &["create"],
    },
];

/// The document at a discovery path; `None` when there is none.
pub(crate) fn document(path: &str, config: &ServerConfig) -> Option<Value> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match segments.as_slice() {
        ["version"] => Some(version(config.minor_version)),
        ["api"] => Some(json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] })),
        ["apis"] => Some(json!({
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": groups().into_iter().map(group).collect::<Vec<_>>(),
        })),
        ["api", "v1"] => Some(resources("", config)),
        ["apis", name] if groups().contains(name) => {
            let mut document = json!({ "kind": "APIGroup", "apiVersion": "v1" });
            if let (Value::Object(document), Value::Object(rest)) = (&mut document, group(name)) {
                document.extend(rest);
            }
            Some(document)
        }
        ["apis", name, "v1"] if groups().contains(name) => Some(resources(name, config)),
        _ => None,
    }
}

fn version(minor: u32) -> Value {
    json!({
        "major": "1", "minor": minor.to_string(), "gitVersion": format!("v1.{minor}.0"), "gitCommit": "",
        "gitTreeState": "clean", "buildDate": "", "goVersion": "", "compiler": "", "platform": "linux/amd64",
    })
}

/// The named groups; the core group has no name and its own root.
fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = KINDS.iter().map(|kind| kind.group).chain(REVIEWS.iter().map(|it| it.0)).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.retain(|group| !group.is_empty());
    groups
}

fn group(name: &str) -> Value {
    let version = json!({ "groupVersion": format!("{name}/v1"), "version": "v1" });
    json!({ "name": name, "versions": [version], "preferredVersion": version })
}

fn resources(group: &str, config: &ServerConfig) -> Value {
    let stored = KINDS.iter().filter(|kind| kind.group == group).map(|kind| {
        let mut entry = json!({
            "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.name,
            "verbs": VERBS,
        });
        if !kind.short.is_empty() {
            entry["shortNames"] = kind.short.into();
        }
        entry
    });
    let reviews = REVIEWS.iter().filter(|(own, ..)| *own == group).map(|(_, kind, plural, namespaced)| {
        let singular = kind.to_lowercase();
        json!({ "name": plural, "singularName": singular, "namespaced": namespaced, "kind": kind, "verbs": ["create"] })
    });
    let known = |it: &&Subresource| config.ephemeral_containers || it.name != EPHEMERAL;
    let below = SUBRESOURCES.iter().filter(|it| it.group == group).filter(known).map(|it| {
        let mut entry =
            json!({ "name": it.name, "singularName": "", "namespaced": true, "kind": it.kind, "verbs": it.verbs });
        if !it.kind_group.is_empty() {
            entry["group"] = it.kind_group.into();
            entry["version"] = "v1".into();
        }
        entry
    });
    let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
    json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version,
        "resources": stored.chain(reviews).chain(below).collect::<Vec<_>>(),
    })
}
