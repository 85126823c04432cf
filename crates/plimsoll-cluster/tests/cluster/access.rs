//! Leases: granted completely or not at all, and always taken back.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::Api;
use kube::api::{AttachParams, DeleteParams, ListParams, LogParams};
use plimsoll_cluster::access::{AccessError, AccessLease, GcOptions, LeaseOptions, ObjectKind, SweptFate, gc};
use plimsoll_cluster::{Cause, ScanError, ScanErrorKind};
use plimsoll_testkit::{Fault, FaultRule, ServerConfig};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::stage::{OURS, Stage};

const KINDS: [&str; 3] = [
    "/api/v1/namespaces/shop/serviceaccounts",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
];
const TOKENS: &str = "/api/v1/namespaces/shop/serviceaccounts/*/token";

fn plan(stage: &Stage) -> AccessLease {
    AccessLease::plan(&stage.connection, "shop", "web", &LeaseOptions::default())
}

async fn granted(stage: &Stage) -> AccessLease {
    let lease = plan(stage);
    lease.establish(&CancellationToken::new()).await.expect("access is granted");
    lease
}

fn status(code: u16) -> Fault {
    Fault::Status { code, message: "on purpose".into() }
}

#[tokio::test]
async fn a_lease_is_three_labelled_objects_and_leaves_nothing() {
    let stage = Stage::new().await;
    let lease = granted(&stage).await;
    let name = format!("plimsoll-{}", lease.run_id());
    let all = ["RoleBinding", "Role", "ServiceAccount"].map(|kind| format!("{kind} {name} in namespace shop"));
    assert_eq!(lease.may_be_left(), all);
    assert_eq!(stage.server.leftovers(&format!("{OURS},plimsoll.dev/run-id={}", lease.run_id())).len(), 3);
    let receipt = lease.revoke().await;
    assert!(receipt.is_clean(), "{:?}", receipt.lines());
    assert!(receipt.objects.iter().all(|object| object.uid.is_some() && object.removed.is_some()));
    assert_eq!(
        receipt.objects.iter().map(|object| object.kind).collect::<Vec<_>>(),
        [ObjectKind::RoleBinding, ObjectKind::Role, ObjectKind::ServiceAccount]
    );
    assert_eq!(receipt.tokens, 1);
    assert!(lease.may_be_left().is_empty());
    assert!(stage.left().is_empty());
    assert!(lease.revoke().await.is_clean(), "revoking again changes nothing");
}

#[tokio::test]
async fn the_granted_identity_may_look_at_one_pod_and_nothing_else() {
    let stage = Stage::new().await;
    let lease = granted(&stage).await;
    let client = lease.connection().await.unwrap().client().clone();
    let pods: Api<Pod> = Api::namespaced(client.clone(), "shop");
    pods.get("web").await.expect("the pod itself");
    let params = AttachParams::default().container("app");
    let cause = |error: kube::Error| Cause::of(&error);
    let refused = [
        pods.get("other").await.map(drop).map_err(cause),
        pods.list(&ListParams::default()).await.map(drop).map_err(cause),
        pods.delete("web", &DeleteParams::default()).await.map(drop).map_err(cause),
        pods.exec("other", ["true"], &params).await.map(drop).map_err(cause),
        pods.logs("web", &LogParams::default()).await.map(drop).map_err(cause),
        Api::<Secret>::namespaced(client.clone(), "shop").list(&ListParams::default()).await.map(drop).map_err(cause),
        Api::<Secret>::namespaced(client.clone(), "shop").get("x").await.map(drop).map_err(cause),
        Api::<Pod>::namespaced(client, "default").get("web").await.map(drop).map_err(cause),
    ];
    assert_eq!(refused, [const { Err(Cause::Forbidden) }; 8]);
    lease.revoke().await;
    let after = pods.get("web").await.expect_err("the token died with its account");
    assert_eq!(Cause::of(&after), Cause::Unauthorized);
}

#[tokio::test]
async fn a_grant_that_takes_effect_late_is_waited_for() {
    let config = ServerConfig { rbac_delay: Duration::from_millis(400), ..Default::default() };
    let stage = Stage::with(config).await;
    let lease = granted(&stage).await;
    let pods: Api<Pod> = Api::namespaced(lease.connection().await.unwrap().client().clone(), "shop");
    pods.get("web").await.expect("it works from the first request on");
    assert!(lease.revoke().await.is_clean());
}

#[tokio::test]
async fn a_grant_that_never_takes_effect_is_told_and_taken_back() {
    let config = ServerConfig { rbac_delay: Duration::from_secs(3600), ..Default::default() };
    let stage = Stage::with(config).await;
    let options = LeaseOptions { patience: Duration::from_millis(300), ..Default::default() };
    let lease = AccessLease::plan(&stage.connection, "shop", "web", &options);
    let error = lease.establish(&CancellationToken::new()).await.expect_err("never");
    assert!(matches!(error, AccessError::NotEffective { .. }) && error.to_string().contains("may not yet get pods"));
    assert!(lease.revoke().await.is_clean());
    assert!(stage.left().is_empty());
}

#[tokio::test]
async fn an_old_token_is_renewed_and_a_young_one_is_not() {
    let stage = Stage::new().await;
    let young = granted(&stage).await;
    young.connection().await.unwrap();
    assert_eq!(young.revoke().await.tokens, 1);
    let options = LeaseOptions { renew_after: Duration::ZERO, ..Default::default() };
    let old = AccessLease::plan(&stage.connection, "shop", "web", &options);
    old.establish(&CancellationToken::new()).await.unwrap();
    stage.server.advance_clock(Duration::from_secs(700));
    let pods: Api<Pod> = Api::namespaced(old.connection().await.unwrap().client().clone(), "shop");
    pods.get("web").await.expect("the renewed token is good though the first has expired");
    assert_eq!(old.revoke().await.tokens, 2);
}

#[tokio::test]
async fn no_token_is_issued_beyond_the_lease() {
    let stage = Stage::new().await;
    let options = LeaseOptions { duration: Duration::ZERO, ..Default::default() };
    let lease = AccessLease::plan(&stage.connection, "shop", "web", &options);
    let error = lease.establish(&CancellationToken::new()).await.expect_err("over before it began");
    assert!(matches!(error, AccessError::Over { .. }), "{error}");
    assert!(lease.revoke().await.is_clean());
    assert!(stage.left().is_empty());
}

/// Rules of someone who may exec and do everything to service accounts.
fn without_roles() -> Value {
    json!([
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get", "create"]},
        {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create", "get", "delete"]},
        {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
    ])
}

#[tokio::test]
async fn who_may_not_create_roles_is_told_all_that_is_missing_before_anything_is_created() {
    let stage = Stage::new().await;
    let user = stage.user("dev", without_roles()).await;
    let outcome = stage.scan_as(&user, &CancellationToken::new(), |_| ()).await;
    let error = outcome.result.expect_err("not allowed");
    assert_eq!(error.kind(), ScanErrorKind::Permission);
    let said = error.to_string();
    for verb in ["create", "get", "delete"] {
        for resource in ["roles", "rolebindings"] {
            let line = format!("  {verb} {resource}.rbac.authorization.k8s.io in namespace shop\n");
            assert!(said.contains(&line), "{said}");
        }
    }
    assert!(said.contains("--access existing") && !said.contains("serviceaccounts"), "{said}");
    let created =
        stage.server.requests().into_iter().filter(|one| one.method == "POST" && one.path.contains("/namespaces/"));
    assert_eq!(created.count(), 0);
    assert!(outcome.receipt.is_some_and(|receipt| receipt.is_clean()));
}

#[tokio::test]
async fn who_may_not_exec_himself_can_grant_it_only_by_escalation() {
    let rbac = |verbs: Value| json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": verbs});
    let rest = json!({"apiGroups": [""], "resources": ["serviceaccounts", "serviceaccounts/token"], "verbs": ["create", "get", "delete"]});
    let pods = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]});
    let stage = Stage::new().await;
    let plain = stage.user("plain", json!([rbac(json!(["create", "get", "delete"])), rest, pods])).await;
    let error = AccessLease::plan(&plain, "shop", "web", &LeaseOptions::default())
        .establish(&CancellationToken::new())
        .await
        .expect_err("not allowed");
    let AccessError::Missing { missing, .. } = &error else { panic!("{error}") };
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["get pods/exec \"web\" in namespace shop", "create pods/exec \"web\" in namespace shop"]);
    let all = json!(["create", "get", "delete", "escalate", "bind"]);
    let broker = stage.user("broker", json!([rbac(all), rest, pods])).await;
    let lease = AccessLease::plan(&broker, "shop", "web", &LeaseOptions::default());
    lease.establish(&CancellationToken::new()).await.expect("by escalation");
    assert!(lease.revoke().await.is_clean());
}

#[tokio::test]
async fn whichever_creation_fails_nothing_is_left() {
    let paths = [KINDS[0], KINDS[1], KINDS[2], TOKENS];
    let cases = paths.into_iter().flat_map(|path| [403, 422, 429, 500, 503].map(|code| (path, code)));
    let each = cases.map(|(path, code)| async move {
        let stage = Stage::new().await;
        let fault = if code == 429 { Fault::TooManyRequests { retry_after: 1 } } else { status(code) };
        stage.fault(FaultRule::new("POST", path, fault).always());
        let outcome = stage.scan(|_| ()).await;
        let error = outcome.result.expect_err("it can't be granted");
        assert!(matches!(error, ScanError::Access(AccessError::Api(_))), "{path} {code}: {error}");
        let receipt = outcome.receipt.expect("a lease was planned");
        assert!(receipt.is_clean(), "{path} {code}: {:?}", receipt.lines());
        assert_eq!(stage.left(), [""; 0], "{path} {code}");
    });
    futures::future::join_all(each).await;
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_found_again() {
    for path in KINDS {
        let stage = Stage::new().await;
        stage.fault(FaultRule::new("POST", path, Fault::DropAfter));
        let lease = granted(&stage).await;
        assert_eq!(stage.server.faults().pending(), 0);
        assert_eq!(stage.left().len(), 3);
        assert!(lease.revoke().await.is_clean());
        assert_eq!(stage.left(), [""; 0], "{path}");
    }
}

#[tokio::test]
async fn a_creation_that_can_not_even_be_looked_up_is_still_removed() {
    let stage = Stage::new().await;
    stage.fault(FaultRule::new("POST", KINDS[1], Fault::DropAfter));
    stage.fault(FaultRule::new("GET", &format!("{}/*", KINDS[1]), status(403)));
    let lease = plan(&stage);
    lease.establish(&CancellationToken::new()).await.expect_err("the role is in doubt");
    assert_eq!(lease.may_be_left().len(), 2);
    assert!(lease.revoke().await.is_clean());
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test]
async fn a_removal_that_fails_in_passing_is_repeated() {
    for path in KINDS {
        let stage = Stage::new().await;
        let lease = granted(&stage).await;
        for fault in [status(500), Fault::DropAfter, Fault::TooManyRequests { retry_after: 1 }] {
            stage.fault(FaultRule::new("DELETE", &format!("{path}/*"), fault));
        }
        stage.fault(FaultRule::new("GET", &format!("{path}/*"), status(500)));
        let receipt = lease.revoke().await;
        assert!(receipt.is_clean(), "{:?}", receipt.lines());
        assert_eq!(stage.left(), [""; 0]);
    }
}

#[tokio::test]
async fn a_removal_that_can_not_be_done_is_told_by_name_and_the_rest_is_removed() {
    let stage = Stage::new().await;
    let lease = granted(&stage).await;
    stage.fault(FaultRule::new("DELETE", &format!("{}/*", KINDS[1]), status(403)).always());
    let receipt = lease.revoke().await;
    assert!(!receipt.is_clean());
    assert_eq!(receipt.left(), [format!("Role plimsoll-{} in namespace shop", lease.run_id())]);
    assert_eq!(stage.left(), [format!("Role shop/plimsoll-{}", lease.run_id())]);
    assert_eq!(lease.may_be_left(), receipt.left());
    let problem = receipt.objects[1].problem.as_deref().unwrap_or_default();
    assert!(problem.contains("on purpose") && problem.contains("still there"), "{problem}");
    stage.server.faults().clear();
    assert!(lease.revoke().await.is_clean(), "a second try is worth it");
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test]
async fn what_can_not_be_verified_is_not_claimed() {
    let stage = Stage::new().await;
    let lease = granted(&stage).await;
    stage.fault(FaultRule::new("GET", &format!("{}/*", KINDS[2]), status(403)).always());
    let receipt = lease.revoke().await;
    assert_eq!(stage.left(), [""; 0]);
    assert!(!receipt.is_clean());
    assert!(receipt.objects[0].removed.is_some() && !receipt.objects[0].verified);
    assert!(receipt.lines()[1].contains("removal accepted, NOT verified"), "{:?}", receipt.lines());
}

#[tokio::test]
async fn an_object_of_another_that_took_the_name_is_left_alone() {
    let stage = Stage::new().await;
    let lease = granted(&stage).await;
    let name = format!("plimsoll-{}", lease.run_id());
    let roles: Api<k8s_openapi::api::rbac::v1::Role> = Api::namespaced(stage.connection.client().clone(), "shop");
    roles.delete(&name, &DeleteParams::default()).await.unwrap();
    stage.server.add(&json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"name": name, "namespace": "shop"}, "rules": []}));
    let receipt = lease.revoke().await;
    assert!(receipt.is_clean(), "{:?}", receipt.lines());
    roles.get(&name).await.expect("the other's role is still there");
}

#[tokio::test]
async fn an_interruption_while_access_is_granted_leaves_nothing() {
    let stage = Stage::new().await;
    stage.fault(FaultRule::new("POST", KINDS[1], Fault::Delay(Duration::from_millis(300))));
    let stop = CancellationToken::new();
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        stop.cancel();
    };
    let (outcome, ()) = tokio::join!(stage.scan_as(&stage.connection, &stop, |_| ()), cancel);
    assert!(matches!(outcome.result, Err(ScanError::Interrupted)));
    assert!(outcome.receipt.expect("planned").is_clean());
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test]
async fn a_sweep_removes_what_is_past_its_expiry_and_nothing_else() {
    let stage = Stage::new().await;
    let running = granted(&stage).await;
    let object = |kind: &str, api: &str, name: &str, labels: Value, expires: &str| {
        stage.server.add(&json!({"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop",
            "labels": labels, "annotations": {"plimsoll.dev/expires-at": expires}}}));
    };
    let ours = json!({"app.kubernetes.io/managed-by": "plimsoll", "plimsoll.dev/run-id": "dead"});
    let rbac = "rbac.authorization.k8s.io/v1";
    object("ServiceAccount", "v1", "plimsoll-dead", ours.clone(), "2020-01-01T00:00:00Z");
    object("Role", rbac, "plimsoll-dead", ours.clone(), "2020-01-01T00:00:00Z");
    object("Role", rbac, "plimsoll-odd", ours.clone(), "some day");
    object("Role", rbac, "somebodys", json!({"app.kubernetes.io/managed-by": "helm"}), "2020-01-01T00:00:00Z");

    let dry = gc(&stage.connection, &GcOptions { dry_run: true, ..Default::default() }).await.unwrap();
    let fates = |report: &plimsoll_cluster::access::GcReport, fate: &SweptFate| {
        report.objects.iter().filter(|object| object.fate == *fate).count()
    };
    assert_eq!(fates(&dry, &SweptFate::WouldRemove), 2);
    assert_eq!(stage.left().len(), 6, "a dry run removes nothing");

    let elsewhere = GcOptions { namespace: Some("default".into()), ..Default::default() };
    assert!(gc(&stage.connection, &elsewhere).await.unwrap().objects.is_empty());

    let swept = gc(&stage.connection, &GcOptions::default()).await.unwrap();
    assert!(swept.is_clean());
    assert_eq!((fates(&swept, &SweptFate::Removed), fates(&swept, &SweptFate::Kept)), (2, 3));
    assert_eq!(fates(&swept, &SweptFate::Undated), 1);
    assert_eq!(stage.left().len(), 4);

    let all = gc(&stage.connection, &GcOptions { all_runs: true, ..Default::default() }).await.unwrap();
    assert_eq!(fates(&all, &SweptFate::Removed), 4);
    assert_eq!(stage.left(), [""; 0]);
    assert!(stage.server.objects("roles").iter().any(|role| role["metadata"]["name"] == "somebodys"));
    assert!(running.revoke().await.is_clean(), "a lease that was swept is gone, and says so");
}
