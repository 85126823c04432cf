//! Containers that clients ask for: pods that they make, debug containers that they add.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ContainerState, Pod as PodObject};
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use plimsoll_testkit::{Container, Kubelet, LocalProcess, NoPrograms, Pod, Server, ServerConfig, Start};
use serde_json::{Value, json};

use crate::exec::{pods, run};

#[tokio::test]
async fn pods_that_clients_make_run_where_a_kubelet_lets_them() {
    let pod = json!({ "metadata": { "name": "web" }, "spec": { "containers": [{ "name": "app", "image": "i" }] } });
    let kubelets = [None, Some(Kubelet::running(LocalProcess::new("/")))];
    for (kubelet, phase) in kubelets.into_iter().zip(["Pending", "Running"]) {
        let server = Server::start(ServerConfig { kubelet, ..ServerConfig::default() }).await.unwrap();
        let object = serde_json::from_value(pod.clone()).unwrap();
        let created = pods(&server, "admin").await.create(&PostParams::default(), &object).await.unwrap();
        assert_eq!(created.status.unwrap().phase.as_deref(), Some(phase));
        assert_eq!(run(&server, &["true"], None).await.is_ok(), phase == "Running");
        server.shutdown().await;
    }
}

async fn server(kubelet: Kubelet) -> Server {
    let config = ServerConfig { kubelet: Some(kubelet), ..ServerConfig::default() };
    let server = Server::start(config).await.unwrap();
    server.add_pod(&Pod::new("web").container(Container::new("app", NoPrograms)));
    server
}

async fn add(api: &Api<PodObject>, entry: Value) -> Result<PodObject, kube::Error> {
    let patch = Patch::Strategic(json!({ "spec": { "ephemeralContainers": [entry] } }));
    api.patch_ephemeral_containers("web", &PatchParams::default(), &patch).await
}

/// The state of the debug container `look`, once `wanted` holds of it.
async fn state(api: &Api<PodObject>, wanted: impl Fn(&ContainerState) -> bool) -> ContainerState {
    for _ in 0..500 {
        let status = api.get("web").await.unwrap().status.unwrap();
        let states = status.ephemeral_container_statuses.into_iter().flatten().filter(|status| status.name == "look");
        if let Some(state) = states.filter_map(|status| status.state).find(|state| wanted(state)) {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the debug container never got there");
}

#[tokio::test]
async fn a_debug_container_runs_until_its_command_ends() {
    let server = server(Kubelet::running(LocalProcess::new("/"))).await;
    let api = pods(&server, "admin").await;
    let entry = json!({ "name": "look", "image": "i", "command": ["sh", "-c", "sleep 0.3; exit 7"],
        "targetContainerName": "app" });
    let added = add(&api, entry.clone()).await.unwrap();
    assert_eq!(added.spec.unwrap().ephemeral_containers.unwrap()[0].name, "look");
    state(&api, |state| state.running.is_some()).await;
    let ended = state(&api, |state| state.terminated.is_some()).await.terminated.unwrap();
    assert_eq!((ended.exit_code, ended.reason.as_deref()), (7, Some("Error")));
    // The same once more changes nothing; anything else is refused, and so is what has nothing to look at.
    add(&api, entry.clone()).await.unwrap();
    let refusals = [
        (json!({ "name": "look", "image": "other" }), "may not be changed"),
        (json!({ "name": "app", "image": "i" }), "the name of another container"),
        (json!({ "name": "more", "image": "i", "targetContainerName": "none" }), "there is no such container"),
    ];
    for (entry, said) in refusals {
        let (code, message) = crate::refusal(add(&api, entry).await);
        assert!(code == 422 && message.contains(said), "{code} {message}");
    }
    let replaced = api.get("web").await.unwrap().spec.unwrap().ephemeral_containers.unwrap();
    assert_eq!(replaced.len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn a_debug_container_goes_with_its_pod() {
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("mark");
    let server = server(Kubelet::running(LocalProcess::new("/"))).await;
    let api = pods(&server, "admin").await;
    let line = format!("sleep 1; touch {}", mark.display());
    add(&api, json!({ "name": "look", "image": "i", "command": ["sh", "-c", line] })).await.unwrap();
    state(&api, |state| state.running.is_some()).await;
    api.delete("web", &DeleteParams::default()).await.unwrap();
    tokio::time::timeout(Duration::from_secs(1), server.shutdown()).await.expect("nothing runs any more");
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(!mark.exists());
}

#[tokio::test]
async fn a_debug_container_can_wait_or_fail() {
    let kubelet = Kubelet::new(|entry| match entry["image"].as_str() {
        Some("none") => Start::Waits { reason: "ErrImagePull".into(), message: "none: not found".into() },
        _ => Start::Runs(std::sync::Arc::new(NoPrograms)),
    });
    for (image, said) in [("none", "not found"), ("bare", "no such file or directory")] {
        let server = server(kubelet.clone()).await;
        let api = pods(&server, "admin").await;
        add(&api, json!({ "name": "look", "image": image, "command": ["/plimsoll"] })).await.unwrap();
        let state = state(&api, |state| state.running.is_none()).await;
        let message = state.waiting.and_then(|it| it.message).or(state.terminated.and_then(|it| it.message)).unwrap();
        assert!(message.contains(said), "{message}");
        server.shutdown().await;
    }
}

#[tokio::test]
async fn an_old_server_knows_no_debug_containers() {
    let config = ServerConfig { ephemeral_containers: false, ..ServerConfig::default() };
    let server = Server::start(config).await.unwrap();
    server.add_pod(&Pod::new("web").container(Container::new("app", NoPrograms)));
    let api = pods(&server, "admin").await;
    assert_eq!(crate::refusal(add(&api, json!({ "name": "look", "image": "i" })).await).0, 404);
    let client = api.into_client();
    let known = client.list_core_api_resources("v1").await.unwrap().resources;
    assert!(!known.iter().any(|resource| resource.name == "pods/ephemeralcontainers"));
    server.shutdown().await;
}
