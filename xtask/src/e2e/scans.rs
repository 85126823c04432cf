//! Scans that reach a verdict.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Scenario;
use super::plimsoll::{GATE, PASSED, USAGE};
use super::world::{Profile, World, file, wait};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "scan-debian-meets-threshold", run: |world| meets(world, "debian") },
    Scenario { name: "scan-busybox-meets-threshold", run: |world| meets(world, "busybox") },
    Scenario { name: "scan-debian-misses-threshold", run: |world| misses(world, "debian") },
    Scenario { name: "scan-busybox-misses-threshold", run: |world| misses(world, "busybox") },
    Scenario { name: "scan-tells-containers-apart", run: tells_containers_apart },
    Scenario { name: "scan-takes-inputs", run: takes_inputs },
    Scenario { name: "scan-leaves-no-process-in-debian", run: |world| leaves_no_process(world, "debian") },
    Scenario { name: "scan-leaves-no-process-in-busybox", run: |world| leaves_no_process(world, "busybox") },
    Scenario { name: "scan-refuses-unknown-threshold-keys", run: refuses_unknown_threshold_keys },
];

/// What a report says of each control: `passed` if all its results did, else the first other status.
pub(super) type Statuses = BTreeMap<String, String>;

/// Scans with a profile; returns what the JSON report says, which the printed report must say too.
fn scan(world: &World, pod: &str, profile: Profile, threshold: &str, more: &[&str], code: i32) -> Result<Statuses> {
    let (directory, threshold) = file("threshold.yml", threshold)?;
    let report = directory.path().join("report.json");
    let reporter = format!("json:{}", report.display());
    let mut arguments = vec!["--threshold", &threshold, "--reporter", "cli", &reporter];
    arguments.extend(more);
    let ended = world.scan(pod, profile, &arguments)?.expect_code(code)?;
    let statuses = statuses_of(&report).with_context(|| ended.said())?;
    for control in statuses.keys() {
        ensure!(ended.stdout.contains(control.as_str()), "the printed report lacks {control}: {}", ended.said());
    }
    Ok(statuses)
}

/// What the report in this file says.
pub(super) fn statuses_of(report: &Path) -> Result<Statuses> {
    let text = std::fs::read_to_string(report).context("no JSON report was written")?;
    let report: Value = serde_json::from_str(&text).context("the JSON report can't be read")?;
    let controls = report["profiles"][0]["controls"].as_array().context("the JSON report has no controls")?;
    controls
        .iter()
        .map(|control| {
            let id = control["id"].as_str().context("a control without id")?;
            let results = control["results"].as_array().with_context(|| format!("{id} has no results"))?;
            let statuses = results.iter().filter_map(|result| result["status"].as_str());
            let status = statuses.reduce(|first, next| if first == "passed" { next } else { first });
            Ok((id.to_owned(), status.unwrap_or("no result").to_owned()))
        })
        .collect()
}

/// A threshold that these containers reach.
fn meets(world: &World, pod: &str) -> Result<()> {
    let statuses = scan(world, pod, Profile::Baseline, "compliance:\n  min: 40\n", &[], PASSED)?;
    ensure!(statuses.len() >= 20, "the baseline has at least 20 controls, the report {}", statuses.len());
    // These facts hold in any container of these images, and reading each takes another road.
    for (control, expected) in [("processes-01", "failed"), ("accounts-01", "passed"), ("network-02", "passed")] {
        let status = statuses.get(control).map(String::as_str);
        ensure!(status == Some(expected), "{control} is {}, not {expected}", status.unwrap_or("missing"));
    }
    Ok(())
}

/// A threshold that a container whose process runs as root can't reach.
fn misses(world: &World, pod: &str) -> Result<()> {
    scan(world, pod, Profile::Baseline, "compliance:\n  min: 100\n", &[], GATE).map(drop)
}

/// One pod, two systems: what is said of one container is not said of the other.
fn tells_containers_apart(world: &World) -> Result<()> {
    let threshold = "compliance:\n  min: 0\n";
    let web = scan(world, "pair", Profile::Baseline, threshold, &["-c", "web"], PASSED)?;
    let log = scan(world, "pair", Profile::Baseline, threshold, &["-c", "log"], PASSED)?;
    ensure!(web != log, "busybox and Debian got the same results");
    Ok(())
}

/// An input on the command line decides a control that depends on it.
fn takes_inputs(world: &World) -> Result<()> {
    let threshold = "compliance:\n  min: 0\n";
    // Where root is allowed the control has nothing to judge.
    for (value, expected) in [("false", "failed"), ("true", "skipped")] {
        let input = format!("root_process_allowed={value}");
        let statuses = scan(world, "busybox", Profile::Baseline, threshold, &["--input", &input], PASSED)?;
        let status = statuses.get("processes-01").context("no control processes-01")?;
        ensure!(status == expected, "with {input} the control is {status}, not {expected}");
    }
    Ok(())
}

/// What the scan started in the container has ended with it: the first process is left, and the one that looks.
fn leaves_no_process(world: &World, pod: &str) -> Result<()> {
    scan(world, pod, Profile::Baseline, "compliance:\n  min: 0\n", &[], PASSED)?;
    // The runtime takes a moment to see an exec's end.
    wait("the scan's processes have ended", Duration::from_secs(10), || {
        let listed = world.kubectl.run(&["-n", &world.namespace, "exec", pod, "--", "ls", "/proc"])?;
        Ok(listed.lines().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).count() == 2)
    })
}

fn refuses_unknown_threshold_keys(world: &World) -> Result<()> {
    let (_directory, threshold) = file("threshold.yml", "compliance:\n  minimum: 70\n")?;
    let ended = world.scan("busybox", Profile::Baseline, &["--threshold", &threshold])?;
    ended.expect_code(USAGE)?.expect_error(&["minimum"]).map(drop)
}
