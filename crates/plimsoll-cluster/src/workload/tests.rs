use serde_json::{Value, json};

use super::*;

fn wanted(container: Option<&str>) -> WorkloadRef {
    WorkloadRef::parse("pod/web", "shop", container).expect("a good name")
}

fn pod(patch: &Value) -> Pod {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u-1"},
        "spec": {"nodeName": "n1", "containers": [{"name": "app", "image": "app:1"}]},
        "status": {"phase": "Running", "containerStatuses": [status("app", &json!({"running": {}}))]},
    });
    merge(&mut pod, patch);
    serde_json::from_value(pod).expect("a pod")
}

fn status(name: &str, state: &Value) -> Value {
    json!({"name": name, "state": state, "ready": true, "restartCount": 0, "image": "app:1", "imageID": "app@sha256:0",
           "containerID": format!("containerd://{name}"), "started": state.get("running").is_some()})
}

fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}

fn refused(patch: &Value, container: Option<&str>) -> String {
    check(&pod(patch), &wanted(container)).expect_err("it can't be scanned").to_string()
}

#[test]
fn a_running_container_is_found_with_all_that_identifies_it() {
    let found = check(&pod(&json!({})), &wanted(None)).expect("it runs");
    assert_eq!(found.to_string(), "shop/web/app");
    assert_eq!((found.container_id.as_str(), found.node.as_str()), ("containerd://app", "n1"));
    assert_eq!((found.pod_uid.as_str(), found.image.as_str(), found.chosen), ("u-1", "app:1", Choice::Only));
}

#[test]
fn names_are_read_as_kubectl_reads_them_and_nothing_else() {
    for text in ["web", "pod/web", "pods/web", "po/web"] {
        assert_eq!(WorkloadRef::parse(text, "shop", None).expect(text).pod, "web");
    }
    assert!(matches!(WorkloadRef::parse("deployment/web", "shop", None), Err(WorkloadError::UnsupportedKind { .. })));
    for text in ["", "pod/", "Web", "web/../x", "pod/a/b", "-a", "a..b", "a b", "a?x=y"] {
        assert!(WorkloadRef::parse(text, "shop", None).is_err(), "{text}");
    }
    assert!(WorkloadRef::parse("web", "shop/../x", None).is_err());
    assert!(WorkloadRef::parse("web", "shop", Some("a/b")).is_err());
}

#[test]
fn a_pod_that_does_not_run_says_why() {
    let deleted = json!({"metadata": {"deletionTimestamp": "2026-01-02T03:04:05Z"}});
    assert!(refused(&deleted, None).contains("being deleted (since 2026-01-02T03:04:05Z)"));
    assert!(refused(&json!({"status": {"phase": "Succeeded"}}), None).contains("has ended (Succeeded)"));
    let evicted = json!({"status": {"phase": "Failed", "reason": "Evicted"}});
    assert!(refused(&evicted, None).contains("has ended (Failed: Evicted)"));
    let pull = json!({"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}});
    let pending = json!({"status": {"phase": "Pending", "containerStatuses": [status("app", &pull)]}});
    assert!(refused(&pending, None).contains("(Pending: container app: ImagePullBackOff: no such image)"));
    let unscheduled = json!({"status": {"phase": "Pending", "containerStatuses": null, "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]}});
    assert!(refused(&unscheduled, None).contains("(Pending: Unschedulable: 0/1 nodes)"));
    assert!(refused(&json!({"status": {"phase": "Unknown"}}), None).contains("its node n1 does not report"));
    assert!(refused(&json!({"spec": {"os": {"name": "windows"}}}), None).contains("runs Windows"));
}

#[test]
fn a_container_that_does_not_run_says_why() {
    let state = |state: Value| json!({"status": {"containerStatuses": [status("app", &state)]}});
    let crashing = refused(&state(json!({"waiting": {"reason": "CrashLoopBackOff"}})), None);
    assert!(crashing.contains("CrashLoopBackOff") && crashing.contains("kubectl logs web -c app -n shop --previous"));
    let ended = refused(&state(json!({"terminated": {"reason": "OOMKilled", "exitCode": 137}})), None);
    assert!(ended.contains("has ended (OOMKilled, exit code 137)"), "{ended}");
    assert!(refused(&state(json!({})), None).contains("no state reported"));
    let mut starting = status("app", &json!({"running": {}}));
    starting["started"] = json!(false);
    assert!(refused(&json!({"status": {"containerStatuses": [starting]}}), None).contains("still starting"));
}

#[test]
fn of_several_containers_one_must_be_meant() {
    let two = |annotations: Value| {
        let running = |name| status(name, &json!({"running": {}}));
        json!({
            "metadata": {"annotations": annotations},
            "spec": {
                "containers": [{"name": "app"}, {"name": "proxy"}],
                "initContainers": [{"name": "setup"}, {"name": "mesh", "restartPolicy": "Always"}],
                "ephemeralContainers": [{"name": "debugger"}]
            },
            "status": {"containerStatuses": [running("app"), running("proxy")],
                       "initContainerStatuses": [running("mesh")]}
        })
    };
    let none = two(json!({}));
    assert!(refused(&none, None).ends_with("choose one with -c: app, proxy, mesh"));
    assert!(refused(&none, Some("nginx")).ends_with("has no container nginx; it has: app, proxy, mesh"));
    assert!(refused(&none, Some("setup")).contains("setup is an init container"));
    assert!(refused(&none, Some("debugger")).contains("debugger is an ephemeral (debug) container"));
    let found = |patch: &Value, name| check(&pod(patch), &wanted(name)).map(|found| (found.container, found.chosen));
    assert_eq!(found(&none, Some("proxy")).unwrap(), ("proxy".into(), Choice::Named));
    assert_eq!(found(&none, Some("mesh")).unwrap(), ("mesh".into(), Choice::Named));
    let annotated = two(json!({DEFAULT_CONTAINER: "proxy"}));
    assert_eq!(found(&annotated, None).unwrap(), ("proxy".into(), Choice::Annotated));
    assert!(refused(&two(json!({DEFAULT_CONTAINER: "gone"})), None).contains("choose one with -c"));
}

#[test]
fn the_most_similar_names_come_first() {
    let names = ["db-0", "web-7f", "api", "we", "cache", "web-9c"].map(String::from).to_vec();
    assert_eq!(most_similar(names, "web-7x"), ["web-7f", "web-9c", "we", "api", "cache"]);
}
