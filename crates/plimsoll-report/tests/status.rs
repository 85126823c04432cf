//! Status, severity and counts of every document, as HDF's readers have them.

use plimsoll_report::status::{ControlStatus, Severity};
use plimsoll_report::{Report, Summary, counted};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Documents of which SAF forgets or misreads something. In all of them we count more than it does, never less.
const SAF_LOSES: [(&str, &str); 9] = [
    ("04-severity-tags", "a severity tag in capitals"),
    ("08-overlay-base-listed-first", "what the overlay took from its base"),
    ("12-overlay-two-bases", "the second base's control of the same id"),
    ("13-two-roots", "every profile but the first"),
    ("15-two-roots-same-name", "every profile but the first"),
    ("16-duplicate-ids", "the status of later copies"),
    ("33-profile-skipped", "every profile but the first"),
    ("41-case-severity", "a severity tag in capitals"),
    ("52-stig-odd", "a severity tag in capitals"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saf")
}

fn report(document: &str) -> Report {
    let path = folder().join(format!("hdf/{document}.json"));
    Report::from_json(&std::fs::read(&path).unwrap(), document).unwrap()
}

/// The documents that SAF could read, with one kind of what it said of each.
fn documents(kind: &str) -> Vec<(String, Value)> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(folder().join("expected")).unwrap() {
        let entry = entry.unwrap();
        let Ok(text) = std::fs::read_to_string(entry.path().join(kind)) else { continue };
        let Ok(said) = serde_json::from_str::<Value>(&text) else { continue };
        if said.get("error").is_none() {
            documents.push((entry.file_name().into_string().unwrap(), said));
        }
    }
    documents.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(documents.len() > 30, "only {} documents", documents.len());
    documents
}

fn saf_loses_something(document: &str) -> bool {
    SAF_LOSES.iter().any(|(known, _)| *known == document)
}

#[test]
fn each_control_by_itself() {
    for (document, said) in documents("status.json") {
        let report = report(&document);
        for (profile, said) in report.profiles.iter().zip(said["profiles"].as_array().unwrap()) {
            for (control, said) in profile.controls.iter().zip(said["controls"].as_array().unwrap()) {
                let at = format!("{document}: {}", control.id);
                assert_eq!(ControlStatus::of(control).to_string(), said["hdf_status"], "{at}");
                let severity = said["severity"].as_str().unwrap().to_lowercase();
                assert_eq!(Severity::of(control).key(), severity, "{at}");
            }
        }
    }
}

#[test]
fn counted_controls() {
    for (document, said) in documents("status.json") {
        let report = report(&document);
        let ours: Vec<String> = counted::counted_controls(&report)
            .iter()
            .map(|c| format!("{} {} {}", c.control.id, c.status, c.severity))
            .collect();
        let word = |control: &Value, key: &str| control[key].as_str().unwrap().to_owned();
        let theirs: Vec<String> = said["counted"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| format!("{} {} {}", word(c, "id"), word(c, "hdf_status"), word(c, "severity")))
            .collect();
        if saf_loses_something(&document) {
            assert_ne!(ours, theirs, "{document} no longer differs");
            assert!(ours.len() >= theirs.len(), "{document}: fewer controls than SAF counts");
        } else {
            assert_eq!(ours, theirs, "{document}");
        }
    }
}

#[test]
fn summaries() {
    for (document, said) in documents("summary.json") {
        if saf_loses_something(&document) {
            continue;
        }
        let said = &said[0];
        let summary = Summary::of(&report(&document));
        assert_eq!(summary.compliance(), said["compliance"], "{document}");
        for status in ControlStatus::ALL {
            for severity in Severity::ALL {
                if let Some(count) = said[status.key()].get(severity.key()) {
                    let at = format!("{document}: {}.{severity}", status.key());
                    assert_eq!(summary.count(status, severity) as u64, count.as_u64().unwrap(), "{at}");
                }
            }
        }
    }
}

#[test]
fn what_saf_loses_is_counted_here() {
    let failed = |document: &str| Summary::of(&report(document)).total(ControlStatus::Failed);
    assert_eq!(failed("08-overlay-base-listed-first"), 1);
    assert_eq!(failed("12-overlay-two-bases"), 2);
    assert_eq!(failed("13-two-roots"), 3);
    assert_eq!(failed("15-two-roots-same-name"), 2);
    assert_eq!(failed("16-duplicate-ids"), 1);
    assert_eq!(failed("33-profile-skipped"), 1);
    let capitals = Summary::of(&report("41-case-severity"));
    assert_eq!(capitals.controls(ControlStatus::Failed, Severity::Critical), ["cs-1"]);
}
