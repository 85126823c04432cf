//! Every fault, as the client feels it.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{ListParams, PostParams};
use plimsoll_testkit::{Fault, FaultRule, Server, ServerConfig};
use serde_json::json;

use crate::exec::{Outcome, run};
use crate::{client, config_of, refusal, server_with_pod};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const EXEC: &str = "/api/v1/namespaces/*/pods/*/exec";

async fn maps(server: &Server) -> Api<ConfigMap> {
    Api::namespaced(client(server, "admin").await, "default")
}

fn map(name: &str) -> ConfigMap {
    serde_json::from_value(json!({ "metadata": { "name": name } })).unwrap()
}

#[tokio::test]
async fn statuses_come_on_demand_for_the_nth_request() {
    let server = server_with_pod(ServerConfig::default()).await;
    let error = |code| Fault::Status { code, message: "on demand".to_owned() };
    server.faults().add(FaultRule::new("GET", MAPS, error(500)).skip(1));
    server.faults().add(FaultRule::new("POST", "*/configmaps", error(403)).times(2));
    let maps = maps(&server).await;
    maps.list(&ListParams::default()).await.unwrap();
    assert_eq!(refusal(maps.list(&ListParams::default()).await), (500, "on demand".to_owned()));
    maps.list(&ListParams::default()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(refusal(maps.create(&PostParams::default(), &map("a")).await).0, 403);
    }
    maps.create(&PostParams::default(), &map("a")).await.unwrap();
    assert_eq!(server.faults().pending(), 0);
    server.shutdown().await;
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back() {
    let server = server_with_pod(ServerConfig::default()).await;
    server.faults().add(FaultRule::new("GET", MAPS, Fault::TooManyRequests { retry_after: 0 }).times(2));
    // By default kube waits and tries again on its own.
    maps(&server).await.list(&ListParams::default()).await.unwrap();
    let statuses: Vec<_> = server.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(429), Some(429), Some(200)]);

    server.faults().add(FaultRule::new("GET", MAPS, Fault::TooManyRequests { retry_after: 1 }));
    let mut config = config_of(&server.kubeconfig("admin")).await;
    config.default_retry = false;
    let client = kube::Client::try_from(config).unwrap();
    let request = http::Request::get(MAPS).body(kube::client::Body::empty()).unwrap();
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "1");
    server.shutdown().await;
}

#[tokio::test]
async fn connections_drop_before_and_after_the_work() {
    let server = server_with_pod(ServerConfig::default()).await;
    let maps = maps(&server).await;
    server.faults().add(FaultRule::new("POST", MAPS, Fault::DropBefore));
    let error = maps.create(&PostParams::default(), &map("before")).await.unwrap_err();
    assert!(!matches!(error, kube::Error::Api(_)), "{error:?}");
    server.faults().add(FaultRule::new("POST", MAPS, Fault::DropAfter));
    let error = maps.create(&PostParams::default(), &map("after")).await.unwrap_err();
    assert!(!matches!(error, kube::Error::Api(_)), "{error:?}");
    let names: Vec<_> = server.objects("configmaps").iter().map(|it| it["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["after"]);
    server.faults().add(FaultRule::new("GET", MAPS, Fault::CutBody(10)));
    let error = maps.list(&ListParams::default()).await.unwrap_err();
    assert!(!matches!(error, kube::Error::Api(_)), "{error:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn answers_take_their_time() {
    let server = server_with_pod(ServerConfig::default()).await;
    server.faults().add(FaultRule::new("*", MAPS, Fault::Delay(Duration::from_millis(200))));
    let maps = maps(&server).await;
    let start = Instant::now();
    maps.list(&ListParams::default()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(200));
    server.shutdown().await;
}

const TEN: [&str; 3] = ["sh", "-c", "printf 0123456789; printf err >&2; exit 3"];

async fn exec_with(fault: Fault) -> Result<Outcome, kube::Error> {
    let server = server_with_pod(ServerConfig::default()).await;
    server.faults().add(FaultRule::new("GET", EXEC, fault));
    let outcome = run(&server, &TEN, None).await;
    assert_eq!(server.faults().pending(), 0);
    server.shutdown().await;
    outcome
}

#[tokio::test]
async fn truncated_output_looks_like_success() {
    let outcome = exec_with(Fault::TruncateExec { channel: 1, after: 4 }).await.unwrap();
    assert_eq!(
        (outcome.stdout.as_slice(), outcome.stderr.as_slice(), outcome.code()),
        (&b"0123"[..], &b"err"[..], Some(3))
    );
    let outcome = exec_with(Fault::TruncateExec { channel: 2, after: 0 }).await.unwrap();
    assert_eq!((outcome.stdout.len(), outcome.stderr.len(), outcome.code()), (10, 0, Some(3)));
}

#[tokio::test]
async fn sessions_end_without_a_status() {
    for after in [4, 100] {
        for fault in [Fault::CloseExec { after }, Fault::DropExec { after }] {
            let outcome = exec_with(fault.clone()).await.unwrap();
            assert_eq!(outcome.stdout.len(), after.min(10), "{fault:?}");
            assert_eq!(outcome.status, None, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_upgrade_is_no_session() {
    let refused = refusal(exec_with(Fault::RefuseUpgrade).await);
    assert_eq!(refused, (400, "unable to upgrade: unable to negotiate protocol".to_owned()));
}

#[tokio::test]
async fn a_stalled_session_stays_open_and_silent() {
    let server = server_with_pod(ServerConfig::default()).await;
    server.faults().add(FaultRule::new("GET", EXEC, Fault::StallExec { after: 4 }));
    let stalled = tokio::time::timeout(Duration::from_millis(300), run(&server, &TEN, None)).await;
    assert!(stalled.is_err(), "{stalled:?}");
    server.shutdown().await;
}
