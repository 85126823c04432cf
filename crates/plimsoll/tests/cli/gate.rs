//! Reports that are there already, held against a threshold.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::program::{Files, command, plimsoll};

/// A report of controls with these impacts and statuses.
fn report(controls: &[(f64, &str)]) -> String {
    let control = |(index, (impact, status)): (usize, &(f64, &str))| {
        json!({"id": format!("c-{index}"), "impact": impact, "refs": [], "tags": {}, "source_location": {},
            "results": [{"status": status, "code_desc": "it", "start_time": "2026-01-01T00:00:00Z"}]})
    };
    let controls: Vec<_> = controls.iter().enumerate().map(control).collect();
    json!({"platform": {"name": "debian", "release": "12"}, "version": "5.22.95", "statistics": {},
        "profiles": [{"name": "p", "sha256": "", "attributes": [], "supports": [], "groups": [], "controls": controls}]})
    .to_string()
}

#[test]
fn each_report_gets_its_verdict() {
    let good = report(&[(0.5, "passed"), (0.5, "passed"), (0.5, "passed"), (0.5, "failed")]);
    let bad = report(&[(1.0, "failed"), (0.5, "passed")]);
    let files = Files::new(&[("good.json", &good), ("bad.json", &bad)]);
    let (good, bad) = (files.arg("good.json"), files.arg("bad.json"));
    plimsoll(&["gate", &good]).code(0).prints(&[&format!("{good}: Gate passed: compliance 75 %")]);
    plimsoll(&["gate", &good, &bad]).code(2).prints(&["Gate passed", "Gate failed: compliance 50 %"]);
    plimsoll(&["gate", &bad, "--threshold-inline", "{compliance.min: 50}"]).code(0);
    let ended = plimsoll(&["gate", &bad, "--threshold", "preset:development"]).code(2);
    ended.prints(&["failed.critical.max: 1 critical control is", "c-0"]);
}

#[test]
fn a_report_that_says_nothing_does_not_pass() {
    let files = Files::new(&[
        ("good.json", &report(&[(0.5, "passed")])),
        ("empty.json", ""),
        ("other.json", "{\"a\": 1}"),
        ("nothing.json", &report(&[]).replace("\"profiles\":[{", "\"profiles\":[],\"x\":[{")),
    ]);
    for name in ["empty.json", "other.json", "nothing.json", "none.json"] {
        let ended = plimsoll(&["gate", &files.arg("good.json"), &files.arg(name)]).code(1).says(&["error: ", name]);
        assert_eq!(ended.stdout, "", "no verdict before all can be read");
    }
}

#[test]
fn a_report_of_no_control_is_no_verdict() {
    let files = Files::new(&[("none.json", &report(&[])), ("bad.json", &report(&[(1.0, "failed")]))]);
    let limits = "{failed.total.max: 9}";
    let both = ["gate", &files.arg("none.json"), &files.arg("bad.json"), "--threshold-inline", limits];
    plimsoll(&both).code(3).prints(&["Not evaluated: no control was run", "Gate passed"]);
}

#[test]
fn standard_input_is_a_report_too() {
    let mut child = command(["gate", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(report(&[(0.5, "passed")]).as_bytes()).unwrap();
    let ended = crate::program::Ended::from(child.wait_with_output().unwrap());
    ended.code(0).prints(&["-: Gate passed: compliance 100 %"]);
}
