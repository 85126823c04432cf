//! RBAC: who may do what, who may grant it, and how "no" is worded.

use k8s_openapi::api::authorization::v1::{SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, Role, RoleBinding};
use kube::api::{ListParams, PostParams};
use kube::{Api, Client};
use plimsoll_testkit::{Server, ServerConfig};
use serde_json::{Value, json};

use crate::{client, config_of, refusal, server_with_pod};

const GROUP: &str = "rbac.authorization.k8s.io";

fn role(name: &str, rules: &Value) -> Value {
    json!({ "apiVersion": format!("{GROUP}/v1"), "kind": "Role", "metadata": { "name": name }, "rules": rules })
}

fn binding(name: &str, role_kind: &str, role: &str, subject: &Value) -> Value {
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "RoleBinding", "metadata": { "name": name },
        "roleRef": { "apiGroup": GROUP, "kind": role_kind, "name": role }, "subjects": [subject],
    })
}

/// Give a user these rules in namespace `default`.
fn grant(server: &Server, user: &str, rules: &Value) {
    server.add(&role(user, rules));
    server.add(&binding(user, "Role", user, &json!({ "kind": "User", "name": user })));
}

async fn allowed(client: &Client, attributes: Value) -> bool {
    let review = json!({ "spec": { "resourceAttributes": attributes } });
    let api: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let review = api.create(&PostParams::default(), &serde_json::from_value(review).unwrap()).await.unwrap();
    review.status.unwrap().allowed
}

#[tokio::test]
async fn decisions_follow_the_rules() {
    let server = server_with_pod(ServerConfig::default()).await;
    grant(
        &server,
        "dev",
        &json!([
            { "apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": ["web"] },
            { "apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"], "resourceNames": ["web"] },
            { "apiGroups": ["apps"], "resources": ["*"], "verbs": ["list"] },
            { "apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"] },
        ]),
    );
    let dev = client(&server, "dev").await;
    let table = [
        ("get", "", "pods", "", "web", "default", true),
        ("get", "", "pods", "", "db", "default", false),
        ("get", "", "pods", "", "web", "kube-system", false),
        ("get", "", "pods", "", "web", "", false),
        ("list", "", "pods", "", "", "default", false),
        ("get", "", "pods", "exec", "web", "default", true),
        ("create", "", "pods", "exec", "web", "default", true),
        ("create", "", "pods", "exec", "db", "default", false),
        ("get", "", "pods", "log", "web", "default", false),
        ("list", "apps", "deployments", "", "", "default", true),
        ("list", "apps", "deployments", "scale", "", "default", true),
        ("get", "apps", "deployments", "", "x", "default", false),
        ("list", "batch", "jobs", "", "", "default", false),
        ("delete", "", "configmaps", "", "any", "default", true),
        ("delete", "", "secrets", "", "any", "default", false),
    ];
    for (verb, group, resource, subresource, name, namespace, expected) in table {
        let attributes = json!({
            "verb": verb, "group": group, "resource": resource, "subresource": subresource, "name": name,
            "namespace": namespace,
        });
        assert_eq!(allowed(&dev, attributes.clone()).await, expected, "{attributes}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn denials_come_in_the_real_servers_words() {
    let server = server_with_pod(ServerConfig::default()).await;
    let dev = client(&server, "dev").await;
    let pods: Api<Pod> = Api::namespaced(dev.clone(), "default");
    assert_eq!(
        refusal(pods.get("web").await),
        (
            403,
            r#"pods "web" is forbidden: User "dev" cannot get resource "pods" in API group "" in the namespace "default""#
                .to_owned()
        )
    );
    let everywhere: Api<Pod> = Api::all(dev.clone());
    assert_eq!(
        refusal(everywhere.list(&ListParams::default()).await),
        (
            403,
            r#"pods is forbidden: User "dev" cannot list resource "pods" in API group "" at the cluster scope"#
                .to_owned()
        )
    );
    let metrics = dev.request_text(http::Request::get("/metrics").body(Vec::new()).unwrap()).await;
    assert_eq!(refusal(metrics), (403, r#"forbidden: User "dev" cannot get path "/metrics""#.to_owned()));
    let user = server.requests().into_iter().map(|request| (request.path, request.user, request.status)).next_back();
    assert_eq!(user, Some(("/metrics".to_owned(), "dev".to_owned(), Some(403))));
    server.shutdown().await;
}

#[tokio::test]
async fn a_list_of_one_named_object_is_decided_by_its_name() {
    let server = server_with_pod(ServerConfig::default()).await;
    grant(
        &server,
        "dev",
        &json!([
            { "apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"], "resourceNames": ["web"] },
        ]),
    );
    let pods: Api<Pod> = Api::namespaced(client(&server, "dev").await, "default");
    assert_eq!(pods.list(&ListParams::default().fields("metadata.name=web")).await.unwrap().items.len(), 1);
    assert_eq!(refusal(pods.list(&ListParams::default()).await).0, 403);
    server.shutdown().await;
}

#[tokio::test]
async fn nobody_grants_what_they_do_not_hold() {
    let server = server_with_pod(ServerConfig::default()).await;
    grant(
        &server,
        "dev",
        &json!([
            { "apiGroups": [GROUP], "resources": ["roles", "rolebindings"], "verbs": ["create", "update"] },
            { "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] },
        ]),
    );
    let dev = client(&server, "dev").await;
    let roles: Api<Role> = Api::namespaced(dev.clone(), "default");
    let own =
        role("own", &json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": ["a"] }]));
    roles.create(&PostParams::default(), &serde_json::from_value(own).unwrap()).await.unwrap();
    let more = role("more", &json!([{ "apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"] }]));
    assert_eq!(
        refusal(roles.create(&PostParams::default(), &serde_json::from_value(more).unwrap()).await),
        (
            403,
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"dev\" (groups=[\"system:authenticated\"]) is \
             attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods/exec\"], \
             Verbs:[\"create\" \"get\"]}"
                .to_owned()
        )
    );
    let bindings: Api<RoleBinding> = Api::namespaced(dev, "default");
    let to_admin = binding("up", "ClusterRole", "cluster-admin", &json!({ "kind": "User", "name": "dev" }));
    let (code, message) =
        refusal(bindings.create(&PostParams::default(), &serde_json::from_value(to_admin).unwrap()).await);
    assert_eq!(code, 403);
    assert!(message.contains("attempting to grant RBAC permissions not currently held"), "{message}");
    let to_nothing = binding("lost", "Role", "missing", &json!({ "kind": "User", "name": "dev" }));
    assert_eq!(
        refusal(bindings.create(&PostParams::default(), &serde_json::from_value(to_nothing).unwrap()).await),
        (404, "roles.rbac.authorization.k8s.io \"missing\" not found".to_owned())
    );
    server.shutdown().await;
}

#[tokio::test]
async fn bind_and_escalate_are_rights_of_their_own() {
    let server = server_with_pod(ServerConfig::default()).await;
    grant(
        &server,
        "dev",
        &json!([
            { "apiGroups": [GROUP], "resources": ["roles"], "verbs": ["create", "escalate"] },
            { "apiGroups": [GROUP], "resources": ["rolebindings"], "verbs": ["create"] },
            { "apiGroups": [GROUP], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view"] },
        ]),
    );
    let dev = client(&server, "dev").await;
    let roles: Api<Role> = Api::namespaced(dev.clone(), "default");
    let all = role("all", &json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }]));
    roles.create(&PostParams::default(), &serde_json::from_value(all).unwrap()).await.unwrap();
    let bindings: Api<RoleBinding> = Api::namespaced(dev, "default");
    let create = async |name: &str, role: &str| {
        let object = binding(name, "ClusterRole", role, &json!({ "kind": "Group", "name": "devs" }));
        bindings.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await
    };
    create("viewers", "view").await.unwrap();
    assert_eq!(refusal(create("editors", "edit").await).0, 403);
    server.shutdown().await;
}

#[tokio::test]
async fn groups_and_cluster_roles_give_rights_and_a_role_ref_never_changes() {
    let config = ServerConfig { users: vec![("dev".into(), vec!["devs".into()])], ..ServerConfig::default() };
    let server = server_with_pod(config).await;
    let admin = client(&server, "admin").await;
    let bindings: Api<ClusterRoleBinding> = Api::all(admin);
    let object = json!({
        "metadata": { "name": "devs-view" }, "roleRef": { "apiGroup": GROUP, "kind": "ClusterRole", "name": "view" },
        "subjects": [{ "kind": "Group", "name": "devs" }],
    });
    let mut created = bindings.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
    let dev = client(&server, "dev").await;
    Api::<Pod>::all(dev.clone()).list(&ListParams::default()).await.unwrap();
    assert_eq!(
        refusal(Api::<Pod>::namespaced(dev, "default").delete("web", &kube::api::DeleteParams::default()).await).0,
        403
    );

    created.role_ref.name = "edit".into();
    let (code, message) = refusal(bindings.replace("devs-view", &PostParams::default(), &created).await);
    assert_eq!(code, 422);
    assert!(message.contains("cannot change roleRef"), "{message}");
    server.shutdown().await;
}

#[tokio::test]
async fn reviews_tell_whys_and_rules() {
    let server = server_with_pod(ServerConfig::default()).await;
    grant(&server, "dev", &json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]));
    let reviews: Api<SubjectAccessReview> = Api::all(client(&server, "admin").await);
    let spec =
        json!({ "user": "dev", "resourceAttributes": { "verb": "get", "resource": "pods", "namespace": "default" } });
    let review = serde_json::from_value(json!({ "spec": spec })).unwrap();
    let status = reviews.create(&PostParams::default(), &review).await.unwrap().status.unwrap();
    assert!(status.allowed);
    assert_eq!(
        status.reason.as_deref(),
        Some(r#"RBAC: allowed by RoleBinding "dev/default" of Role "dev" to User "dev""#)
    );
    let rules: Api<SelfSubjectRulesReview> = Api::all(client(&server, "dev").await);
    let review = serde_json::from_value(json!({ "spec": { "namespace": "default" } })).unwrap();
    let status = rules.create(&PostParams::default(), &review).await.unwrap().status.unwrap();
    assert!(status.resource_rules.iter().any(|rule| rule.resources.as_deref() == Some(&["pods".to_owned()])));
    server.shutdown().await;
}

#[tokio::test]
async fn impersonation_needs_the_right_to_it_and_takes_over_the_others_rights() {
    let server = server_with_pod(ServerConfig::default()).await;
    grant(&server, "dev", &json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]));
    let as_user = async |user: &str, other: &str| {
        let mut config = config_of(&server.kubeconfig(user)).await;
        config.auth_info.impersonate = Some(other.to_owned());
        Client::try_from(config).unwrap()
    };
    let pods: Api<Pod> = Api::namespaced(as_user("admin", "dev").await, "default");
    pods.get("web").await.unwrap();
    assert_eq!(refusal(pods.list(&ListParams::default()).await).0, 403);
    let pods: Api<Pod> = Api::namespaced(as_user("dev", "admin").await, "default");
    assert_eq!(
        refusal(pods.get("web").await),
        (
            403,
            r#"users "admin" is forbidden: User "dev" cannot impersonate resource "users" in API group "" at the cluster scope"#
                .to_owned()
        )
    );
    server.shutdown().await;
}

#[tokio::test]
async fn new_bindings_take_their_time_when_told_to() {
    let config = ServerConfig { rbac_delay: std::time::Duration::from_millis(300), ..ServerConfig::default() };
    let server = server_with_pod(config).await;
    let admin = client(&server, "admin").await;
    let roles: Api<Role> = Api::namespaced(admin.clone(), "default");
    let rules = json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"] }]);
    roles.create(&PostParams::default(), &serde_json::from_value(role("r", &rules)).unwrap()).await.unwrap();
    let bindings: Api<RoleBinding> = Api::namespaced(admin, "default");
    let object = binding("r", "Role", "r", &json!({ "kind": "User", "name": "dev" }));
    bindings.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
    let maps: Api<ConfigMap> = Api::namespaced(client(&server, "dev").await, "default");
    assert_eq!(refusal(maps.list(&ListParams::default()).await).0, 403);
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    maps.list(&ListParams::default()).await.unwrap();
    server.shutdown().await;
}
