//! Every gate case: does a threshold pass, fail or reject a result document as it should?

use plimsoll_report::threshold::Violation;
use plimsoll_report::{Report, Threshold};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    name: String,
    hdf: String,
    threshold_file: Option<String>,
    inline: Option<String>,
    want: String,
    exit: i32,
    #[serde(default)]
    stderr: String,
}

/// Where we say more than the case wants: a fourth part of a flat key, which SAF drops, means nothing.
const REJECTED_INSTEAD_OF_FAILED: [&str; 1] = ["flat-four-level-key"];

enum Verdict {
    Pass,
    Fail { keys: Vec<String> },
    Reject,
}

fn judge(folder: &Path, case: &Case) -> Result<Verdict, Box<dyn std::error::Error>> {
    let report = Report::from_json(&std::fs::read(folder.join(&case.hdf))?, &case.hdf)?;
    let threshold = match (&case.threshold_file, &case.inline) {
        (Some(path), _) => Threshold::from_path(&folder.join(path))?,
        (None, Some(text)) => Threshold::from_inline(text)?,
        (None, None) => Threshold::default(),
    };
    let keys: Vec<String> = threshold.judge(&report).violations.iter().map(Violation::key).collect();
    Ok(if keys.is_empty() { Verdict::Pass } else { Verdict::Fail { keys } })
}

#[test]
fn gate_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saf");
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(folder.join("gate/cases.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let verdict = judge(&folder, case).unwrap_or(Verdict::Reject);
        let is_right = match (&verdict, case.want.as_str()) {
            (Verdict::Pass, "pass") | (Verdict::Reject, "reject") => true,
            // Where SAF sees the violation too, it is the one we name first.
            (Verdict::Fail { keys }, "fail") => case.exit == 0 || names_first(&case.stderr, keys),
            (Verdict::Reject, "fail") => REJECTED_INSTEAD_OF_FAILED.contains(&case.name.as_str()),
            _ => false,
        };
        if !is_right {
            let got = match verdict {
                Verdict::Pass => "pass".to_owned(),
                Verdict::Fail { keys } => format!("fail at {}", keys.join(", ")),
                Verdict::Reject => format!("reject: {}", judge(&folder, case).err().unwrap()),
            };
            wrong.push(format!("{}: wanted {}, got {got}; SAF: {}", case.name, case.want, case.stderr));
        }
    }
    assert!(cases.len() > 300, "only {} cases", cases.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Whether SAF's message is about the first of our violations that SAF looks for.
fn names_first(stderr: &str, keys: &[String]) -> bool {
    let is_seen_by_saf = |key: &&String| !key.starts_with("no_impact.total.m");
    let Some(first) = keys.iter().find(is_seen_by_saf) else { return false };
    let named = match first.as_str() {
        "compliance.min" => "Overall compliance minimum was not satisfied".to_owned(),
        "compliance.max" => "Overall compliance maximum was not satisfied".to_owned(),
        key if key.ends_with(".controls") => format!("Expected {key} to contain"),
        key => format!("{key}: Threshold not met."),
    };
    stderr.starts_with(&format!("Error: {named}"))
}

#[test]
fn presets_are_stricter_and_stricter() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saf/hdf");
    let judged = |document: &str, argument: &str| {
        let report = Report::from_json(&std::fs::read(folder.join(document)).unwrap(), document).unwrap();
        Threshold::from_argument(argument).unwrap().judge(&report)
    };
    for preset in ["development", "staging", "production", "strict"] {
        let argument = format!("preset:{preset}");
        assert!(judged("21-all-passed.json", &argument).passed(), "{preset}");
        let outcome = judged("40-grid.json", &argument);
        assert!(outcome.violations.iter().any(|v| v.key() == "compliance.min"), "{preset}: {outcome}");
    }
    let violated = |preset: &str| judged("40-grid.json", &format!("preset:{preset}")).violations.len();
    assert_eq!(["development", "staging", "production", "strict"].map(violated), [2, 5, 6, 7]);
    let unknown = Threshold::from_argument("preset:prod").unwrap_err().to_string();
    assert_eq!(unknown, "there is no preset `prod`; presets are development, staging, production and strict");
}

#[test]
fn an_outcome_names_every_violation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saf/hdf/40-grid.json");
    let report = Report::from_json(&std::fs::read(path).unwrap(), "40-grid.json").unwrap();
    let text = "compliance: {min: 80}
failed: {total: 9, critical: {max: 1}, low: {controls: [g-failed-low-1, g-failed-low-1]}}
error: {high: {min: 2}}
";
    let outcome = Threshold::from_text(text, "gate.yml").unwrap().judge(&report);
    let expected = "\
Gate failed: compliance 41 % (needs ≥ 80) [gate.yml]
  compliance.min: compliance is 41 %, at least 80 % needed
  failed.total: 10 controls are Failed, exactly 9 allowed: g-failed-critical-1, g-failed-critical-0, \
g-failed-high-2, g-failed-high-0, g-failed-high-1, g-failed-medium-2, g-failed-medium-1, g-failed-medium-3 and 2 more
  failed.critical.max: 2 critical controls are Failed, at most 1 allowed: g-failed-critical-1, g-failed-critical-0
  error.high.min: 1 high control is Profile Error, at least 2 needed
  failed.low.controls: listed but not Failed: g-failed-low-1; Failed but not listed: g-failed-low-0; \
listed more than once: g-failed-low-1";
    assert_eq!(outcome.to_string(), expected);
    let passed = Threshold::from_inline("compliance.max: 90").unwrap().judge(&report);
    assert_eq!(passed.to_string(), "Gate passed: compliance 41 % (needs ≤ 90) [inline threshold]");
}
