//! Create, read, change, delete: what comes back and how refusals are worded.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions};
use plimsoll_testkit::{Container, NoPrograms, PodState};
use serde_json::json;

use crate::{client, refusal, server};

fn config_map(name: &str, labels: serde_json::Value) -> ConfigMap {
    serde_json::from_value(json!({ "metadata": { "name": name, "labels": labels }, "data": { "a": "1" } })).unwrap()
}

#[tokio::test]
async fn an_object_lives_from_create_to_delete() {
    let server = server().await;
    let api: Api<ConfigMap> = Api::namespaced(client(&server, "admin").await, "default");
    let created = api.create(&PostParams::default(), &config_map("one", json!({ "app": "x" }))).await.unwrap();
    let metadata = created.metadata.clone();
    assert!(metadata.uid.is_some_and(|uid| uid.len() == 36));
    assert!(metadata.creation_timestamp.is_some());
    assert_eq!(metadata.namespace.as_deref(), Some("default"));

    let merge = Patch::Merge(json!({ "data": { "a": null, "b": "2" } }));
    let patched = api.patch("one", &PatchParams::default(), &merge).await.unwrap();
    assert_eq!(json!(patched.data), json!({ "b": "2" }));
    assert_ne!(patched.metadata.resource_version, created.metadata.resource_version);

    let mut stale = created.clone();
    stale.data = None;
    assert_eq!(
        refusal(api.replace("one", &PostParams::default(), &stale).await),
        (
            409,
            "Operation cannot be fulfilled on configmaps \"one\": the object has been modified; please apply your \
             changes to the latest version and try again"
                .to_owned()
        )
    );
    let status = api.delete("one", &DeleteParams::default()).await.unwrap().right().expect("a Status, not an object");
    assert_eq!(status.details.map(|details| details.name), Some("one".to_owned()));
    assert_eq!(refusal(api.get("one").await), (404, "configmaps \"one\" not found".to_owned()));
    server.shutdown().await;
}

#[tokio::test]
async fn refusals_are_worded_as_the_real_ones() {
    let server = server().await;
    let client = client(&server, "admin").await;
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), "default");
    let post = PostParams::default();
    api.create(&post, &config_map("one", json!({}))).await.unwrap();
    assert_eq!(
        refusal(api.create(&post, &config_map("one", json!({}))).await),
        (409, "configmaps \"one\" already exists".to_owned())
    );
    let (code, message) = refusal(api.create(&post, &config_map("One", json!({}))).await);
    assert_eq!(code, 422);
    assert!(message.starts_with(
        "ConfigMap \"One\" is invalid: metadata.name: Invalid value: \"One\": a lowercase RFC 1123 subdomain must"
    ));
    let (code, message) = refusal(api.create(&post, &config_map("two", json!({ "app": "x".repeat(64) }))).await);
    assert_eq!(code, 422);
    assert!(message.contains("metadata.labels: Invalid value"), "{message}");
    assert!(message.contains("must be no more than 63 bytes"), "{message}");
    let elsewhere: Api<ConfigMap> = Api::namespaced(client, "nowhere");
    assert_eq!(
        refusal(elsewhere.create(&post, &config_map("one", json!({}))).await),
        (404, "namespaces \"nowhere\" not found".to_owned())
    );
    server.shutdown().await;
}

#[tokio::test]
async fn names_are_generated_and_dry_runs_leave_nothing() {
    let server = server().await;
    let api: Api<Secret> = Api::namespaced(client(&server, "admin").await, "default");
    let secret: Secret =
        serde_json::from_value(json!({ "metadata": { "generateName": "s-" }, "stringData": { "k": "v" } })).unwrap();
    let created = api.create(&PostParams::default(), &secret).await.unwrap();
    let name = created.metadata.name.unwrap();
    assert!(name.starts_with("s-") && name.len() == 7, "{name}");
    assert_eq!(created.data.unwrap()["k"].0, b"v");
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    api.create(&dry, &secret).await.unwrap();
    api.delete(&name, &DeleteParams::default().dry_run()).await.unwrap();
    assert_eq!(api.list(&ListParams::default()).await.unwrap().items.len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn lists_select_by_label_and_field_and_come_in_pages() {
    let server = server().await;
    for (name, node, app) in [("a", "n1", "web"), ("b", "n1", "db"), ("c", "n2", "web")] {
        let pod = plimsoll_testkit::Pod::new(name).node(node).label("app", app);
        server.add_pod(&pod.container(Container::new("app", NoPrograms)));
    }
    let pending = PodState::Pending { reason: "ImagePullBackOff".into(), message: "Back-off pulling image".into() };
    server.add_pod(&plimsoll_testkit::Pod::new("d").state(pending).container(Container::new("app", NoPrograms)));
    let api: Api<Pod> = Api::all(client(&server, "admin").await);
    let names = async |params: ListParams| -> Vec<String> {
        api.list(&params).await.unwrap().items.into_iter().filter_map(|pod| pod.metadata.name).collect()
    };
    assert_eq!(names(ListParams::default().labels("app=web")).await, ["a", "c"]);
    assert_eq!(names(ListParams::default().fields("spec.nodeName=n1")).await, ["a", "b", "d"].map(String::from)[..2]);
    assert_eq!(names(ListParams::default().fields("status.phase=Pending")).await, ["d"]);
    assert_eq!(names(ListParams::default().fields("metadata.name=b")).await, ["b"]);
    let (code, message) = refusal(api.list(&ListParams::default().fields("spec.color=red")).await);
    assert_eq!(code, 400);
    assert!(message.contains("field label not supported: spec.color"), "{message}");

    let first = api.list(&ListParams::default().limit(3)).await.unwrap();
    assert_eq!(first.items.len(), 3);
    assert_eq!(first.metadata.remaining_item_count, Some(1));
    let rest = ListParams::default().limit(3).continue_token(&first.metadata.continue_.unwrap());
    assert_eq!(names(rest).await, ["d"]);
    server.shutdown().await;
}

#[tokio::test]
async fn a_delete_can_insist_on_an_identity_and_collections_go_by_selector() {
    let server = server().await;
    let api: Api<ServiceAccount> = Api::namespaced(client(&server, "admin").await, "default");
    for (name, run) in [("a", "1"), ("b", "1"), ("c", "2")] {
        let account = json!({ "metadata": { "name": name, "labels": { "run": run } } });
        api.create(&PostParams::default(), &serde_json::from_value(account).unwrap()).await.unwrap();
    }
    let wrong = Preconditions { uid: Some("0".into()), resource_version: None };
    let params = DeleteParams { preconditions: Some(wrong), ..DeleteParams::default() };
    let (code, message) = refusal(api.delete("a", &params).await);
    assert_eq!(code, 409);
    assert!(message.contains("the UID in the precondition (0) does not match"), "{message}");
    assert_eq!(server.leftovers("run=1"), ["ServiceAccount default/a", "ServiceAccount default/b"]);
    api.delete_collection(&DeleteParams::default(), &ListParams::default().labels("run=1")).await.unwrap();
    assert_eq!(server.leftovers("run"), ["ServiceAccount default/c"]);
    server.shutdown().await;
}

#[tokio::test]
async fn finalizers_hold_an_object_and_namespaces_take_theirs_along() {
    let server = server().await;
    let client = client(&server, "admin").await;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let shop = serde_json::from_value(json!({ "metadata": { "name": "shop" } })).unwrap();
    namespaces.create(&PostParams::default(), &shop).await.unwrap();
    let policies: Api<NetworkPolicy> = Api::namespaced(client.clone(), "shop");
    let policy = json!({
        "metadata": { "name": "deny", "finalizers": ["test/hold"], "labels": { "run": "1" } }, "spec": { "podSelector": {} }
    });
    policies.create(&PostParams::default(), &serde_json::from_value(policy).unwrap()).await.unwrap();
    policies.delete("deny", &DeleteParams::default()).await.unwrap();
    assert!(policies.get("deny").await.unwrap().metadata.deletion_timestamp.is_some());
    let release =
        Patch::Json::<()>(serde_json::from_value(json!([{ "op": "remove", "path": "/metadata/finalizers" }])).unwrap());
    policies.patch("deny", &PatchParams::default(), &release).await.unwrap();
    assert_eq!(server.leftovers("run=1"), Vec::<String>::new());
    let apply =
        Patch::Apply(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "labels": { "run": "2" } } }));
    let maps: Api<ConfigMap> = Api::namespaced(client, "shop");
    maps.patch("applied", &PatchParams::apply("test"), &apply).await.unwrap();
    assert_eq!(server.leftovers("run"), ["ConfigMap shop/applied"]);
    namespaces.delete("shop", &DeleteParams::default()).await.unwrap();
    assert_eq!(server.leftovers("run"), Vec::<String>::new());
    server.shutdown().await;
}

#[tokio::test]
async fn discovery_and_health_answer() {
    let server = server().await;
    let client = client(&server, "admin").await;
    assert_eq!(client.apiserver_version().await.unwrap().minor, "34");
    let groups = client.list_api_groups().await.unwrap();
    assert!(groups.groups.iter().any(|group| group.name == "rbac.authorization.k8s.io"));
    let core = client.list_core_api_resources("v1").await.unwrap();
    assert!(core.resources.iter().any(|resource| resource.name == "pods/exec"));
    let roles = client.list_api_group_resources("rbac.authorization.k8s.io/v1").await.unwrap();
    assert!(roles.resources.iter().any(|resource| resource.name == "roles" && resource.namespaced));
    let ready = client.request_text(http::Request::get("/readyz").body(Vec::new()).unwrap()).await.unwrap();
    assert_eq!(ready, "ok");
    server.shutdown().await;
}
