//! What a fresh cluster has in it: namespaces, a node, the built-in ClusterRoles and their bindings.

use serde_json::{Value, json};

use crate::rbac::GROUP;

/// The namespaces of a fresh cluster.
pub(crate) const NAMESPACES: [&str; 3] = ["default", "kube-system", "kube-public"];

fn cluster_role(name: &str, rules: &Value) -> Value {
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRole",
        "metadata": { "name": name, "labels": { "kubernetes.io/bootstrapping": "rbac-defaults" } },
        "rules": rules,
    })
}

fn binding(name: &str, role: &str, groups: &[&str]) -> Value {
    let subjects: Vec<Value> =
        groups.iter().map(|group| json!({ "kind": "Group", "name": group, "apiGroup": GROUP })).collect();
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRoleBinding",
        "metadata": { "name": name, "labels": { "kubernetes.io/bootstrapping": "rbac-defaults" } },
        "roleRef": { "apiGroup": GROUP, "kind": "ClusterRole", "name": role },
        "subjects": subjects,
    })
}

const READ: [&str; 3] = ["get", "list", "watch"];
const WRITE: [&str; 5] = ["create", "delete", "deletecollection", "patch", "update"];

fn workload_rules(verbs: &[&str]) -> Vec<Value> {
    vec![
        json!({ "apiGroups": ["apps"], "resources": ["daemonsets", "deployments", "replicasets", "statefulsets"], "verbs": verbs }),
        json!({ "apiGroups": ["batch"], "resources": ["cronjobs", "jobs"], "verbs": verbs }),
        json!({ "apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": verbs }),
    ]
}

fn view_rules() -> Vec<Value> {
    let resources = ["configmaps", "events", "namespaces", "pods", "pods/log", "pods/status", "serviceaccounts"];
    let mut rules = vec![json!({ "apiGroups": [""], "resources": resources, "verbs": READ })];
    rules.extend(workload_rules(&READ));
    rules
}

fn edit_rules() -> Vec<Value> {
    let streams = ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"];
    let written = [
        "pods",
        "pods/attach",
        "pods/exec",
        "pods/portforward",
        "pods/proxy",
        "configmaps",
        "events",
        "secrets",
        "serviceaccounts",
    ];
    let mut rules = view_rules();
    rules.push(json!({ "apiGroups": [""], "resources": streams, "verbs": READ }));
    rules.push(json!({ "apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"] }));
    rules.push(json!({ "apiGroups": [""], "resources": written, "verbs": WRITE }));
    rules.push(json!({ "apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"] }));
    rules.extend(workload_rules(&WRITE));
    rules
}

fn admin_rules() -> Vec<Value> {
    let mut rules = edit_rules();
    let verbs: Vec<&str> = READ.iter().chain(&WRITE).copied().collect();
    rules.push(json!({ "apiGroups": [GROUP], "resources": ["rolebindings", "roles"], "verbs": verbs }));
    rules.push(json!({ "apiGroups": ["authorization.k8s.io"], "resources": ["localsubjectaccessreviews"], "verbs": ["create"] }));
    rules
}

/// Every object that exists before anyone creates one, ServiceAccounts aside: those come with their namespaces.
pub(crate) fn objects() -> Vec<Value> {
    let mut objects: Vec<Value> = NAMESPACES
        .iter()
        .map(|name| json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } }))
        .collect();
    let reviews = json!([
        { "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], "verbs": ["create"] },
        { "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"] },
    ]);
    let discovery = [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
    ];
    let public = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
    let all = json!([
        { "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] },
        { "nonResourceURLs": ["*"], "verbs": ["*"] },
    ]);
    objects.extend([
        cluster_role("cluster-admin", &all),
        cluster_role("admin", &admin_rules().into()),
        cluster_role("edit", &edit_rules().into()),
        cluster_role("view", &view_rules().into()),
        cluster_role("system:basic-user", &reviews),
        cluster_role("system:discovery", &json!([{ "nonResourceURLs": discovery, "verbs": ["get"] }])),
        cluster_role("system:public-info-viewer", &json!([{ "nonResourceURLs": public, "verbs": ["get"] }])),
        binding("cluster-admin", "cluster-admin", &["system:masters"]),
        binding("system:basic-user", "system:basic-user", &["system:authenticated"]),
        binding("system:discovery", "system:discovery", &["system:authenticated"]),
        binding(
            "system:public-info-viewer",
            "system:public-info-viewer",
            &["system:authenticated", "system:unauthenticated"],
        ),
    ]);
    objects
}
