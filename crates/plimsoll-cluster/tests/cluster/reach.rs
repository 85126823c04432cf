//! Reaching the cluster and finding the container.

use plimsoll_cluster::{
    ApiError, Cause, ConnectOptions, Connection, ScanError, ScanErrorKind, WorkloadError, WorkloadRef, resolve,
};
use plimsoll_testkit::{Container, Fault, FaultRule, LocalProcess, Pod, PodState, Server, ServerConfig};
use serde_json::json;

use crate::stage::{Stage, pod, wanted};

async fn refused(connection: &Connection, pod: &str) -> WorkloadError {
    resolve(connection, &wanted(pod)).await.expect_err("it can't be scanned")
}

fn api(error: WorkloadError) -> ApiError {
    match error {
        WorkloadError::Api(error) => error,
        other => panic!("not an API error: {other}"),
    }
}

#[tokio::test]
async fn a_running_container_is_found() {
    let found = Stage::new().await.workload().await;
    assert_eq!(found.to_string(), "shop/web/app");
    assert!(found.container_id.starts_with("containerd://") && !found.pod_uid.is_empty());
}

#[tokio::test]
async fn a_wrong_pod_and_a_wrong_namespace_are_told_apart() {
    let stage = Stage::new().await;
    assert_eq!(
        refused(&stage.connection, "webb").await.to_string(),
        "there is no pod webb in namespace shop; there are: web, other"
    );
    let elsewhere = WorkloadRef::parse("web", "nowhere", None).unwrap();
    let error = resolve(&stage.connection, &elsewhere).await.expect_err("no namespace");
    assert!(matches!(error, WorkloadError::NoNamespace { .. }), "{error}");
    // Who may look at pods by name alone learns no more than that.
    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]);
    let narrow = stage.user("narrow", rules).await;
    assert_eq!(
        refused(&narrow, "webb").await.to_string(),
        "there is no pod webb in namespace shop; check the name and the namespace (-n)"
    );
}

#[tokio::test]
async fn a_wrong_container_is_told_with_the_right_ones() {
    let stage = Stage::new().await;
    let local = || LocalProcess::new("/");
    stage.server.add_pod(
        &Pod::new("two")
            .namespace("shop")
            .container(Container::new("app", local()))
            .container(Container::new("proxy", local()))
            .container(Container::new("setup", local()).init()),
    );
    let with = |container| WorkloadRef::parse("two", "shop", container).unwrap();
    let said = |error: WorkloadError| error.to_string();
    let none = resolve(&stage.connection, &with(None)).await.map_err(said).expect_err("two");
    assert_eq!(none, "pod two has 2 containers; choose one with -c: app, proxy");
    let wrong = resolve(&stage.connection, &with(Some("nginx"))).await.map_err(said).expect_err("no such");
    assert_eq!(wrong, "pod two has no container nginx; it has: app, proxy");
    let init = resolve(&stage.connection, &with(Some("setup"))).await.map_err(said).expect_err("init");
    assert!(init.contains("is an init container"), "{init}");
    assert_eq!(resolve(&stage.connection, &with(Some("proxy"))).await.unwrap().container, "proxy");
}

#[tokio::test]
async fn a_pod_that_does_not_run_says_why() {
    let stage = Stage::new().await;
    let pulling = PodState::Pending { reason: "ImagePullBackOff".into(), message: "not found".into() };
    let states = [
        (pulling, "(Pending: container app: ImagePullBackOff: not found)"),
        (PodState::Unscheduled, "Insufficient memory"),
        (PodState::Succeeded, "has ended (Succeeded)"),
        (PodState::Failed(3), "has ended (Failed)"),
        (PodState::CrashLoopBackOff(1), "CrashLoopBackOff"),
        (PodState::Terminating, "is being deleted"),
    ];
    for (state, words) in states {
        stage.server.set_pod_state(&pod("web"), state);
        let error = refused(&stage.connection, "web").await;
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(ScanError::from(error).kind(), ScanErrorKind::Target);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let server = Server::start(ServerConfig::default()).await.unwrap();
    let connection = crate::stage::connect(&server, "admin").await;
    server.shutdown().await;
    let error = api(refused(&connection, "web").await);
    assert_eq!(error.cause, Cause::Unreachable, "{error}");
    assert!(error.to_string().contains("check that the cluster runs"), "{error}");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_a_tls_failure() {
    let (server, stranger) = (Stage::new().await.server, Stage::new().await.server);
    let dir = tempfile::tempdir().unwrap();
    let authority = dir.path().join("ca.pem");
    std::fs::write(&authority, stranger.authority()).unwrap();
    let options = ConnectOptions { certificate_authority: Some(authority), ..Default::default() };
    let connection = Connection::from_kubeconfig(&server.kubeconfig("admin"), &options).await.unwrap();
    let error = api(refused(&connection, "web").await);
    assert_eq!(error.cause, Cause::Tls, "{error}");
    assert!(error.to_string().contains("--certificate-authority"), "{error}");
}

#[tokio::test]
async fn a_refused_token_and_a_refused_verb_are_told_apart() {
    let stage = Stage::new().await;
    let options = ConnectOptions { token: Some("wrong".into()), ..Default::default() };
    let stranger = Connection::from_kubeconfig(&stage.server.kubeconfig("admin"), &options).await.unwrap();
    let error = refused(&stranger, "web").await;
    assert!(error.to_string().contains("log in again") && !error.to_string().contains("wrong"), "{error}");
    assert_eq!(ScanError::from(error).kind(), ScanErrorKind::Permission);
    let nobody = crate::stage::connect(&stage.server, "nobody").await;
    assert_eq!(api(refused(&nobody, "web").await).cause, Cause::Forbidden);
}

#[tokio::test]
async fn impersonation_is_what_the_server_sees() {
    let stage = Stage::new().await;
    let options = ConnectOptions { impersonate: Some("nobody".into()), ..Default::default() };
    let connection = Connection::from_kubeconfig(&stage.server.kubeconfig("admin"), &options).await.unwrap();
    assert_eq!(api(refused(&connection, "web").await).cause, Cause::Forbidden);
    assert!(stage.server.requests().iter().any(|request| request.user == "nobody"));
}

#[tokio::test]
async fn passing_faults_are_outlived_and_lasting_ones_are_told() {
    let path = "/api/v1/namespaces/shop/pods/web";
    let status = || Fault::Status { code: 503, message: "starting".into() };
    let stage = Stage::new().await;
    for fault in [status(), Fault::DropBefore, Fault::TooManyRequests { retry_after: 1 }] {
        stage.fault(FaultRule::new("GET", path, fault));
    }
    stage.workload().await;
    assert_eq!(stage.server.faults().pending(), 0);
    stage.fault(FaultRule::new("GET", path, status()).always());
    let error = api(refused(&stage.connection, "web").await);
    assert_eq!((error.cause, error.detail.as_str()), (Cause::Server, "starting (HTTP 503)"));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for_beyond_the_request_timeout() {
    let stage = Stage::new().await;
    let options = ConnectOptions { request_timeout: Some(std::time::Duration::from_millis(300)), ..Default::default() };
    let connection = Connection::from_kubeconfig(&stage.server.kubeconfig("admin"), &options).await.unwrap();
    let stalled = Fault::Delay(std::time::Duration::from_secs(60));
    stage.fault(FaultRule::new("GET", "/api/v1/namespaces/shop/pods/web", stalled).always());
    let error = api(refused(&connection, "web").await);
    assert_eq!(error.cause, Cause::TimedOut);
    assert!(error.to_string().contains("no answer within 0.3 s"), "{error}");
}

#[tokio::test]
async fn a_token_file_and_a_credential_plugin_log_in() {
    let stage = Stage::new().await;
    let mut kubeconfig: serde_json::Value = serde_json::from_str(&stage.server.kubeconfig("admin")).unwrap();
    let token = kubeconfig["users"][0]["user"]["token"].as_str().expect("a token").to_owned();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, &token).unwrap();
    let credential = json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": token}});
    let plugin = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never",
        "command": "/bin/echo", "args": [credential.to_string()]}});
    for user in [json!({"tokenFile": file}), plugin] {
        kubeconfig["users"][0]["user"] = user;
        let connection =
            Connection::from_kubeconfig(&kubeconfig.to_string(), &ConnectOptions::default()).await.unwrap();
        resolve(&connection, &wanted("web")).await.expect("logged in");
    }
}

#[tokio::test]
async fn a_credential_plugin_that_fails_says_why() {
    let stage = Stage::new().await;
    let mut kubeconfig: serde_json::Value = serde_json::from_str(&stage.server.kubeconfig("admin")).unwrap();
    kubeconfig["users"][0]["user"] = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1",
        "interactiveMode": "Never", "command": "/bin/sh", "args": ["-c", "echo s3cret; echo 'please log in' >&2; exit 1"]}});
    let error = match Connection::from_kubeconfig(&kubeconfig.to_string(), &ConnectOptions::default()).await {
        Err(error) => error.to_string(),
        Ok(connection) => refused(&connection, "web").await.to_string(),
    };
    assert!(error.contains("please log in") && !error.contains("s3cret"), "{error}");
}
