//! Scans of a container on an API server in this process, as they end for whoever runs them.

use std::process::Stdio;

use plimsoll_testkit::Fault;
use serde_json::{Value, json};

use crate::stage::Stage;

#[test]
fn a_container_above_the_line() {
    let stage = Stage::new();
    let file = stage.files.arg("report.json");
    let reporter = format!("json:{file}");
    let ended = stage.scan("pod/web", "good.rb", &["--reporter", "cli", &reporter]).code(0);
    let ended = ended.prints(&["shell-01: The shell answers", "Test Summary: 2 successful, 0 failures, 0 skipped"]);
    let order =
        ["container shop/web/app", "access granted", "channel open", "audit ended", "Gate passed", "Access for run"];
    let places: Vec<_> = order.iter().map(|part| ended.stderr.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {ended:#?}");
    let ended = ended.says(&["compliance 100 % (needs ≥ 70)", "nothing is left in the cluster"]);
    assert!(
        !ended.stderr.contains('\x1b') && !ended.stdout.contains('\x1b'),
        "no colours without a terminal: {ended:#?}"
    );

    let report: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(report["profiles"][0]["controls"][0]["results"][0]["status"], "passed");
    assert_eq!(report["plimsoll"]["target"], "k8s:shop/web/app");
    let run_id = report["plimsoll"]["run_id"].as_str().expect("the run's id");
    assert!(ended.stderr.contains(run_id));
    stage.expect_nothing_left();
    stage.end();
}

#[test]
fn a_container_below_the_line() {
    let stage = Stage::new();
    stage.scan("web", "bad.rb", &[]).code(2).says(&[
        "Gate failed",
        "compliance is 0 %",
        "nothing is left in the cluster",
    ]);
    stage
        .scan("web", "bad.rb", &["--threshold", "preset:production"])
        .code(2)
        .says(&["preset production", "failed.critical.max"]);
    stage.scan("web", "bad.rb", &["--threshold-inline", "{failed.total.max: 1}"]).code(0).says(&["Gate passed"]);
    stage.expect_nothing_left();
}

#[test]
fn standard_output_is_the_report_and_nothing_else() {
    let stage = Stage::new();
    let ended = stage.scan("web", "good.rb", &["--reporter", "json", "--timings"]).code(0);
    let report: Value = serde_json::from_str(&ended.stdout).expect("JSON alone");
    assert_eq!(report["profiles"][0]["controls"][0]["id"], "shell-01");
    ended.says(&["Timings", "grant access", "round trips"]);
    let quiet = stage.scan("web", "good.rb", &["--quiet"]).code(0).says(&["Gate passed", "nothing is left"]);
    assert!(!quiet.stderr.contains("container shop/web/app"), "{quiet:#?}");
}

#[test]
fn that_nobody_reads_the_report_does_not_change_the_verdict() {
    let stage = Stage::new();
    let profile = stage.files.arg("good.rb");
    let mut command = stage.command(&["scan", "web", "-n", "shop", "--profile", &profile]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    stage.expect_nothing_left();
}

#[test]
fn what_can_not_be_evaluated_is_neither_passed_nor_failed() {
    let stage = Stage::new();
    let cases: [(&str, &str, &[&str], &[&str]); 5] = [
        ("pod/wbe", "good.rb", &[], &["there is no pod wbe in namespace shop", "web"]),
        ("pair", "good.rb", &[], &["choose one with -c: app, log"]),
        ("pair", "good.rb", &["-c", "none"], &["no container none"]),
        ("web", "broken.rb", &[], &["Not evaluated", "by design"]),
        ("web", "good.rb", &["--controls", "none"], &["Not evaluated", "no control was run"]),
    ];
    for (pod, profile, more, said) in cases {
        // A limit that nothing at all would keep to.
        let more = [&["--threshold-inline", "{failed.total.max: 9}"], more].concat();
        stage.scan(pod, profile, &more).code(3).says(said);
    }
    let profile = stage.files.arg("good.rb");
    stage.run(&["scan", "web", "-n", "nowhere", "--profile", &profile]).code(3).says(&["nowhere"]);
    stage.expect_nothing_left();
}

#[test]
fn who_may_not_grant_is_told_what_is_missing_and_can_scan_with_his_own_rights() {
    let stage = Stage::new();
    let rules = json!([
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get", "create"]},
    ]);
    let developer = stage.user("developer", &rules);
    let ended = stage.scan("web", "good.rb", &["--kubeconfig", &developer]).code(3);
    ended.says(&["create roles.rbac.authorization.k8s.io", "--access existing", "nothing is left in the cluster"]);
    let own = ["--kubeconfig", &developer, "--access", "existing"];
    let ended = stage.scan("web", "good.rb", &own).code(0);
    assert!(!ended.stderr.contains("Access for run"), "nothing was created: {ended:#?}");
    let onlooker = stage.user("onlooker", &json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]));
    stage.scan("web", "good.rb", &["--kubeconfig", &onlooker, "--access", "existing"]).code(3).says(&["pods/exec"]);
    stage.expect_nothing_left();
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let stage = Stage::new();
    let ended = stage.scan("web", "good.rb", &["--server", "https://127.0.0.1:1"]).code(3);
    ended.says(&["could not look up pod web", "API server https://127.0.0.1:1", "check that the cluster runs"]);
    stage.expect_no_request();
}

#[test]
fn a_lost_connection_is_no_verdict_and_leaves_no_report() {
    let stage = Stage::new();
    let file = stage.files.arg("report.json");
    let reporter = format!("json:{file}");
    stage.fault("GET", "/api/v1/namespaces/*/pods/*/exec", Fault::DropExec { after: 2000 });
    let loud = stage.files.path("loud.rb");
    std::fs::write(loud, "describe command('head -c 50000 /dev/zero') do\n  its('exit_status') { should eq 0 }\nend\n")
        .unwrap();
    let ended = stage.scan("web", "loud.rb", &["--reporter", &reporter]).code(3).says(&["error: "]);
    assert!(!ended.stderr.contains("Gate"), "{ended:#?}");
    assert!(!stage.files.names().contains(&"report.json".to_owned()));
    stage.expect_nothing_left();
}

#[test]
fn access_that_can_not_be_taken_back_is_no_success() {
    let stage = Stage::new();
    let forbidden = Fault::Status { code: 403, message: "on purpose".into() };
    stage.fault("DELETE", "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/*", forbidden);
    stage.scan("web", "good.rb", &[]).code(1).says(&["Gate passed", "MAY BE LEFT: Role", "plimsoll access gc"]);
}

#[test]
fn what_reaches_the_container_can_be_recorded() {
    let stage = Stage::new();
    let record = stage.files.arg("record.jsonl");
    stage.scan("web", "good.rb", &["--record", &record]).code(0);
    let lines = std::fs::read_to_string(record).unwrap();
    let requests: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked = requests.iter().filter(|request| request["run"] == "echo hi").count();
    assert_eq!(asked, 1, "each question goes to the container once: {lines}");
}
