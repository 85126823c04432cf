//! Seeing and sweeping what killed scans left.

use serde_json::json;

use crate::stage::{OURS, Stage};

/// A Role of a scan whose lease ended long ago, and one whose lease has not.
fn stage_with_remains() -> Stage {
    let stage = Stage::new();
    for (name, end) in [("plimsoll-dead", "2020-01-01T00:00:00Z"), ("plimsoll-alive", "2999-01-01T00:00:00Z")] {
        stage.server.add(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [],
            "metadata": {"name": name, "namespace": "shop",
                "labels": {"app.kubernetes.io/managed-by": "plimsoll", "plimsoll.dev/run-id": "r1"},
                "annotations": {"plimsoll.dev/expires-at": end}},
        }));
    }
    stage
}

#[test]
fn what_there_is_can_be_listed() {
    let stage = stage_with_remains();
    let ended = stage.run(&["access", "list", "-A"]).code(0);
    ended.prints(&[
        "Role shop/plimsoll-alive (run r1): lease until 2999-01-01T00:00:00Z",
        "Role shop/plimsoll-dead (run r1): lease ended 2020-01-01T00:00:00Z",
    ]);
    let elsewhere = stage.run(&["access", "list"]).code(0).says(&["no scan has anything there"]);
    assert_eq!(elsewhere.stdout, "");
    assert_eq!(stage.server.leftovers(OURS).len(), 2);
}

#[test]
fn only_what_is_past_its_lease_is_swept() {
    let stage = stage_with_remains();
    stage.run(&["access", "gc", "-A", "--dry-run"]).code(0).prints(&["plimsoll-dead (run r1): would be removed"]);
    assert_eq!(stage.server.leftovers(OURS).len(), 2);
    stage.run(&["access", "gc", "-n", "shop"]).code(0).prints(&["plimsoll-dead (run r1): removed, verified gone"]);
    assert_eq!(stage.server.leftovers(OURS), ["Role shop/plimsoll-alive"]);
    stage.run(&["access", "gc", "-n", "shop", "--all-runs"]).code(0);
    stage.expect_nothing_left();
    stage.run(&["access", "gc", "-A"]).code(0).says(&["nothing to sweep"]);
}

#[test]
fn who_may_not_look_is_told() {
    let stage = stage_with_remains();
    let nobody = stage.user("nobody", &json!([]));
    stage.run(&["access", "gc", "-A", "--kubeconfig", &nobody]).code(3).says(&["rolebindings", "nobody"]);
    stage.run(&["access", "gc", "-A", "-n", "shop"]).code(1).says(&["cannot be used with"]);
}

#[test]
fn where_the_cluster_is_not_or_does_not_answer_is_told() {
    let stage = stage_with_remains();
    let none = stage.files.arg("none");
    for command in ["list", "gc"] {
        stage.run(&["access", command, "--kubeconfig", &none]).code(1).says(&["no kubeconfig", &none]);
        stage.run(&["access", command, "--context", "other"]).code(1).says(&["no context \"other\""]);
        let gone = stage.run(&["access", command, "-A", "--server", "https://127.0.0.1:1"]).code(3);
        gone.says(&["could not list", "API server https://127.0.0.1:1", "check that the cluster runs"]);
    }
}
