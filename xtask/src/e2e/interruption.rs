//! Scans that are interrupted, and what they leave: nothing, unless they were killed outright.

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use super::Scenario;
use super::plimsoll::{NOT_EVALUATED, PASSED};
use super::world::{OURS, Profile, World};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "terminated-scan-leaves-nothing", run: |world| interrupted(world, Signal::TERM) },
    Scenario { name: "ctrl-c-leaves-nothing", run: |world| interrupted(world, Signal::INT) },
    Scenario { name: "killed-scan-is-swept-after-its-expiry", run: killed_scan_is_swept_after_its_expiry },
    Scenario { name: "killed-scan-is-swept-at-once-if-told", run: killed_scan_is_swept_at_once_if_told },
    Scenario { name: "pod-deleted-during-the-scan", run: pod_deleted_during_the_scan },
    Scenario {
        name: "killed-at-each-step-of-debug",
        run: |world| killed_at_each_step(world, &["static", "--mode", "debug"]),
    },
    Scenario {
        name: "killed-at-each-step-of-sidecar",
        run: |world| killed_at_each_step(world, &["image", "plimsoll.test/static:1", "--mode", "sidecar"]),
    },
];

/// Kills a scan after each line that it tells, until it gets to its end: each time the sweep removes what is left, what can't
/// be removed ends by itself, and the next scan works.
fn killed_at_each_step(world: &World, arguments: &[&str]) -> Result<()> {
    let profile = Profile::Facts.path();
    let mut all = vec!["scan"];
    all.extend(arguments);
    all.extend(["-n", &world.namespace, "--profile", &profile, "--threshold-inline", "{compliance.min: 0}"]);
    for lines in 1.. {
        let mut scan = world.start(&all)?;
        let killed = scan.has_told(lines)? && scan.signal(Signal::KILL).is_ok();
        let ended = scan.end()?;
        if !killed || ended.code.is_some() {
            // It got to its end before it told so much: every step before has been interrupted.
            ended.expect_code(PASSED)?;
            ensure!(lines > 6, "a scan tells more than {lines} lines");
            return world.expect_no_debug_container_without_end("static");
        }
        let gc = world.plimsoll(&["access", "gc", "-n", &world.namespace, "--all-runs"])?;
        gc.expect_code(PASSED).with_context(|| format!("killed after line {lines}"))?;
        world.expect_nothing_left().with_context(|| format!("killed after line {lines}"))?;
    }
    Ok(())
}

fn interrupted(world: &World, signal: Signal) -> Result<()> {
    let mut scan = world.start_slow_scan("busybox")?;
    scan.signal(signal)?;
    // As a shell says it of a process that a signal ended.
    scan.end()?.expect_code(128 + signal.as_raw())?;
    world.expect_nothing_left()
}

/// Kills a scan; returns what it left.
fn kill(world: &World) -> Result<Vec<String>> {
    let mut scan = world.start_slow_scan("busybox")?;
    scan.signal(Signal::KILL)?;
    scan.end()?;
    let left = world.ours()?;
    for kind in ["ServiceAccount", "Role", "RoleBinding"] {
        let one = left.iter().filter(|object| object.contains(&format!(" {kind}/"))).count();
        ensure!(one == 1, "a killed scan can't have removed its {kind}; there are {one}: {}", left.join(", "));
    }
    Ok(left)
}

fn killed_scan_is_swept_after_its_expiry(world: &World) -> Result<()> {
    let left = kill(world)?;
    let gc = ["access", "gc", "-n", &world.namespace];
    world.plimsoll(&gc)?.expect_code(PASSED)?;
    ensure!(world.ours()? == left, "the sweep removed a lease that had not expired");
    let past = "plimsoll.dev/expires-at=2020-01-01T00:00:00Z";
    let kinds = "serviceaccounts,roles,rolebindings";
    world.kubectl.run(&["-n", &world.namespace, "annotate", "--overwrite", kinds, "-l", OURS, past])?;
    world.plimsoll(&["access", "gc", "-n", "default"])?.expect_code(PASSED)?;
    ensure!(world.ours()? == left, "the sweep of one namespace removed objects of another");
    let swept = world.plimsoll(&gc)?.expect_code(PASSED)?;
    for object in &left {
        let name = object.rsplit('/').next().unwrap_or_default();
        ensure!(swept.stdout.contains(name), "the sweep does not name {name}: {}", swept.said());
    }
    world.expect_nothing_left()
}

fn killed_scan_is_swept_at_once_if_told(world: &World) -> Result<()> {
    let left = kill(world)?;
    world.plimsoll(&["access", "gc", "-n", &world.namespace, "--all-runs", "--dry-run"])?.expect_code(PASSED)?;
    ensure!(world.ours()? == left, "a dry run removed something");
    world.plimsoll(&["access", "gc", "-n", &world.namespace, "--all-runs"])?.expect_code(PASSED)?;
    world.expect_nothing_left()
}

/// The target goes away under the scan: that is no verdict, and the access goes too.
fn pod_deleted_during_the_scan(world: &World) -> Result<()> {
    world.create_victim()?;
    let mut scan = world.start_slow_scan("victim")?;
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", "victim", "--now"])?;
    scan.end()?.expect_code(NOT_EVALUATED)?;
    world.expect_nothing_left()
}
