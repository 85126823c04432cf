//! One report in every format: against CINC's own output where it is to be the same, as a snapshot where it is our own.

use plimsoll_report::Report;
use plimsoll_report::format::{Format, FormatOptions};
use plimsoll_report::model::Extension;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(tests().join("reporters").join(name)).unwrap()
}

fn report() -> Report {
    Report::from_json(sample("report.json").as_bytes(), "report.json").unwrap()
}

/// The report as the audit itself hands it over, which knows the target's name.
fn report_with_target() -> Report {
    let plimsoll = Some(Extension { target: Some("local://".to_owned()), ..Extension::default() });
    Report { plimsoll, ..report() }
}

fn written(report: &Report, format: &str, options: FormatOptions) -> String {
    let mut out = Vec::new();
    Format::by_name(format).unwrap().write(report, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(report: &Report, format: &str) -> String {
    written(report, format, FormatOptions::default())
}

/// What differs from run to run is taken out: times, and the ids of controls that were made for a lone `describe`.
fn timeless(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let is_kept = |key: &str| !matches!(key.trim_start_matches(':'), "run_time" | "start_time" | "duration");
            map.into_iter().filter(|(key, _)| is_kept(key)).map(|(key, value)| (key, timeless(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(timeless).collect(),
        Value::String(text) => match text.strip_prefix("(generated from ").and_then(|rest| rest.split_once(' ')) {
            Some((place, _)) => Value::from(format!("(generated from {place})")),
            None => Value::from(text),
        },
        other => other,
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn json_gives_back_what_cinc_wrote() {
    let ours = plain(&report(), "json");
    // As text, so that the order of keys counts; through a value, so that `3.1e-05` is `3.1e-5`.
    assert_eq!(json(&ours).to_string(), json(&sample("report.json")).to_string());
    assert!(ours.contains(r#""impact":1.0,"#), "an impact keeps its decimal point");
}

#[test]
fn json_keeps_every_document() {
    let mut read = 0;
    for entry in std::fs::read_dir(tests().join("saf/hdf")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let Ok(report) = Report::from_json(&bytes, "document") else { continue };
        let theirs: Value = serde_json::from_slice(&bytes).unwrap();
        let ours = json(&plain(&report, "json"));
        assert_eq!(without_null(ours), without_null(theirs), "{}", path.display());
        read += 1;
    }
    assert!(read > 45, "only {read} documents");
}

/// `null` and a missing key mean the same in HDF, except that a missing status is written as one.
fn without_null(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let is_said = |key: &str, value: &Value| match value {
                Value::Null => false,
                Value::String(status) => !(key == "status" && status == "no_status"),
                Value::Array(items) => !(key == "descriptions" && items.is_empty()),
                Value::Object(map) => !(key == "waiver_data" && map.is_empty()),
                _ => true,
            };
            map.into_iter().filter(|(k, v)| is_said(k, v)).map(|(k, v)| (k, without_null(v))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_null).collect(),
        other => other,
    }
}

#[test]
fn cli_is_that_of_cinc() {
    let ours = written(&report_with_target(), "cli", FormatOptions { color: true });
    assert_eq!(ours, sample("sample-cli.txt"));
}

#[test]
fn cli_without_colour_holds_no_escape() {
    assert!(!plain(&report_with_target(), "cli").contains('\u{1b}'));
}

#[test]
fn json_min_is_that_of_cinc() {
    let ours = json(&plain(&report(), "json-min"));
    assert_eq!(timeless(ours), timeless(json(&sample("sample-json-min.json"))));
}

#[test]
fn json_automate_is_that_of_cinc() {
    let ours = json(&plain(&report(), "json-automate"));
    assert_eq!(timeless(ours), timeless(json(&sample("sample-json-automate.json"))));
}

#[test]
fn yaml_is_that_of_cinc() {
    let yaml = |text: &str| -> Value { serde_saphyr::from_str(text).unwrap() };
    let ours = plain(&report(), "yaml");
    assert_eq!(timeless(yaml(&ours)), timeless(yaml(&sample("sample-yaml.yaml"))));
}

#[test]
fn yaml_says_the_same_as_json() {
    fn without_colons(value: Value) -> Value {
        match value {
            Value::Object(map) => {
                let name = |key: String| key.strip_prefix(':').map(str::to_owned).unwrap_or(key);
                map.into_iter().map(|(key, value)| (name(key), without_colons(value))).collect()
            }
            Value::Array(items) => items.into_iter().map(without_colons).collect(),
            other => other,
        }
    }
    for document in ["17-unicode", "01-status-rules", "31-nulls-and-extras", "52-stig-odd", "60-inspec-14_errors"] {
        let bytes = std::fs::read(tests().join(format!("saf/hdf/{document}.json"))).unwrap();
        let report = Report::from_json(&bytes, document).unwrap();
        let yaml: Value = serde_saphyr::from_str(&plain(&report, "yaml")).unwrap();
        assert_eq!(without_colons(yaml), serde_json::to_value(&report).unwrap(), "{document}");
    }
}

/// XML without the values of the attributes that hold times.
fn timeless_xml(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some(start) = [" time='", " timestamp='"].iter().filter_map(|a| Some(rest.find(a)? + a.len())).min() {
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        rest = &rest[rest.find('\'').unwrap()..];
    }
    kept + rest
}

#[test]
fn junit_is_that_of_cinc() {
    let ours = plain(&report_with_target(), "junit");
    assert_eq!(timeless_xml(&ours), timeless_xml(&sample("sample-junit.xml")));
}

#[test]
fn junit2_is_that_of_cinc() {
    let ours = plain(&report_with_target(), "junit2");
    assert_eq!(timeless_xml(&ours), timeless_xml(&sample("sample-junit2.xml")));
}

#[test]
fn documentation() {
    insta::assert_snapshot!(plain(&report(), "documentation"));
}

#[test]
fn progress() {
    insta::assert_snapshot!(plain(&report(), "progress"));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(plain(&report_with_target(), "markdown"));
}

#[test]
fn cli_says_why_nothing_was_tested() {
    let profile = |name: &str, status: &str| {
        let message = if status == "failed" { "cannot load controls/a.rb" } else { "" };
        format!(
            r#"{{"name": "{name}", "sha256": "", "supports": [], "attributes": [], "groups": [], "controls": [],
                "status": "{status}", "status_message": "{message}"}}"#
        )
    };
    let profiles = [profile("windows-only", "skipped"), profile("broken", "failed"), profile("empty", "loaded")];
    let document = format!(
        r#"{{"platform": {{"name": "debian", "release": "12"}}, "statistics": {{}}, "version": "1", "profiles": [{}]}}"#,
        profiles.join(",")
    );
    let report = Report::from_json(document.as_bytes(), "document").unwrap();
    let expected = "\
Skipping profile: 'windows-only' on unsupported platform: 'debian/12'.

Profile:         broken
Version:         (not specified)
Failure Message: cannot load controls/a.rb

     No tests executed.

Profile: empty
Version: (not specified)

     No tests executed.

Test Summary: 0 successful, 0 failures, 0 skipped
";
    assert_eq!(plain(&report, "cli"), expected);
}

/// An overlay of an overlay with enhanced outcomes, as a document.
fn overlays() -> Report {
    let control = |id: &str, code: &str, status: &str, results: &str| {
        format!(
            r#"{{"id": "{id}", "title": null, "desc": null, "descriptions": [], "impact": 0.5, "refs": [], "tags": {{}},
                "code": "{code}", "source_location": {{}}, "waiver_data": {{}}, "status": "{status}", "results": [{results}]}}"#
        )
    };
    let failed = r#"{"status": "failed", "code_desc": "x is expected to eq 1", "start_time": "", "message": "no"}"#;
    let profile = |name: &str, more: &str, controls: &[String]| {
        format!(
            r#"{{"name": "{name}", "sha256": "", "supports": [], "attributes": [], "groups": [], {more}
                "status": "loaded", "status_message": "", "controls": [{}]}}"#,
            controls.join(",")
        )
    };
    let anonymous = "(generated from a.rb:1 0)";
    let profiles = [
        profile("top", r#""depends": [{"name": "middle"}],"#, &[control("a", "of top", "passed", "")]),
        profile(
            "middle",
            r#""depends": [{"name": "base"}], "parent_profile": "top","#,
            &[control("a", "of top", "passed", "")],
        ),
        profile(
            "base",
            r#""parent_profile": "middle","#,
            &[control("a", "of base", "failed", failed), control(anonymous, "", "failed", failed)],
        ),
    ];
    let document = format!(
        r#"{{"platform": {{"name": "debian", "release": "12"}}, "statistics": {{}}, "version": "1", "profiles": [{}]}}"#,
        profiles.join(",")
    );
    Report::from_json(document.as_bytes(), "overlays").unwrap()
}

#[test]
fn json_automate_takes_what_base_profiles_say_of_a_control() {
    let merged = json(&plain(&overlays(), "json-automate"));
    let names: Vec<_> = merged["profiles"].as_array().unwrap().iter().map(|profile| &profile["name"]).collect();
    assert_eq!(names, ["top"]);
    let top = &merged["profiles"][0];
    assert_eq!(top["depends"], serde_json::json!([{"name": "middle"}, {"name": "base"}]));
    let control = &top["controls"][0];
    assert_eq!((&control["code"], &control["status"]), (&"of base".into(), &"failed".into()));
    assert_eq!(control["results"][0]["message"], "no");
}

#[test]
fn cli_counts_equal_controls_of_overlays_once_and_marks_generated_ones() {
    let text = plain(&overlays(), "cli");
    assert!(text.contains("Profile Summary: 1 successful control, 2 control failures"), "{text}");
    assert!(text.contains("\n  ×  x\n     ×  is expected to eq 1"), "{text}");
    // A profile without results has no blank line for its controls.
    assert!(!text.contains("\n\n\n     No tests executed."), "{text}");
}

#[test]
fn junit_of_a_profile_without_results() {
    let mut report = overlays();
    report.profiles.truncate(1);
    assert!(plain(&report, "junit").contains("<testsuite name='top' tests='0' failed='0' failures='0'/>"));
    assert!(plain(&report, "junit2").contains(" time='0.000000'"));
}
