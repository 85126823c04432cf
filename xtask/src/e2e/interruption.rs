//! Scans that are interrupted, and what they leave: nothing, unless they were killed outright.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use super::Scenario;
use super::plimsoll::{NOT_EVALUATED, PASSED, Running};
use super::world::{OURS, Profile, SLOW_MARKER, World, wait};
use crate::image::Image;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "terminated-scan-leaves-nothing", run: |world| interrupted(world, Signal::TERM) },
    Scenario { name: "ctrl-c-leaves-nothing", run: |world| interrupted(world, Signal::INT) },
    Scenario { name: "killed-scan-is-swept-after-its-expiry", run: killed_scan_is_swept_after_its_expiry },
    Scenario { name: "killed-scan-is-swept-at-once-if-told", run: killed_scan_is_swept_at_once_if_told },
    Scenario { name: "killed-scan-leaves-no-command", run: killed_scan_leaves_no_command },
    Scenario { name: "pod-deleted-during-the-scan", run: |world| pod_deleted_during_the_scan(world, "exec") },
    Scenario { name: "pod-deleted-during-debug", run: |world| pod_deleted_during_the_scan(world, "debug") },
    Scenario { name: "killed-at-each-step-of-debug", run: |world| killed_anywhere(world, DEBUG, after_lines) },
    Scenario { name: "killed-at-each-moment-of-debug", run: |world| killed_anywhere(world, DEBUG, after_moments) },
    Scenario { name: "killed-at-each-step-of-sidecar", run: |world| killed_anywhere(world, SIDECAR, after_lines) },
    Scenario { name: "killed-at-each-moment-of-sidecar", run: |world| killed_anywhere(world, SIDECAR, after_moments) },
    Scenario { name: "killed-at-each-step-of-copy", run: |world| killed_anywhere(world, COPY, after_lines) },
];

const DEBUG: &[&str] = &["victim", "--mode", "debug"];
const SIDECAR: &[&str] = &["image", "plimsoll.test/static:1", "--mode", "sidecar"];
const COPY: &[&str] = &["victim", "--mode", "copy"];

/// Longer than a scan takes, and short enough to be waited for.
const DEADLINE: Duration = Duration::from_secs(20);

/// Kills scan after scan, each a little later than the one before, until one gets to its end: that is the next scan, and it
/// works whatever the killed ones left. What they left ends at its deadline by itself, and the sweep removes the rest.
fn killed_anywhere(world: &World, arguments: &[&str], until: fn(&mut Running, usize) -> Result<bool>) -> Result<()> {
    let profile = Profile::Facts.path();
    let deadline = format!("{}s", DEADLINE.as_secs());
    let mut all = vec!["scan"];
    all.extend(arguments);
    all.extend(["-n", &world.namespace, "--profile", &profile, "--threshold-inline", "{compliance.min: 0}"]);
    all.extend(["--deadline", &deadline]);
    world.create_victim(Image::Static)?;
    let (mut kills, mut last) = (0, Instant::now());
    for round in 1.. {
        let mut scan = world.start(&all)?;
        let killed = until(&mut scan, round)? && scan.signal(Signal::KILL).is_ok();
        let ended = scan.end()?;
        if !killed || ended.code.is_some() {
            // Every step before has been interrupted.
            ended.expect_code(PASSED)?;
            ensure!(kills > 6, "the scan ended after {kills} rounds already");
            break;
        }
        (kills, last) = (kills + 1, Instant::now());
    }
    // Some end before it: a debug container whose exec breaks off, for one.
    sleep((DEADLINE + Duration::from_secs(1)).saturating_sub(last.elapsed()));
    world.expect_all_over(&["victim"], Duration::from_secs(10))?;
    // What is past its deadline needs no further word.
    world.plimsoll(&["access", "gc", "-n", &world.namespace])?.expect_code(PASSED)?;
    world.expect_nothing_left().with_context(|| format!("after {kills} kills"))?;
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", "victim", "--now"]).map(drop)
}

fn after_lines(scan: &mut Running, round: usize) -> Result<bool> {
    scan.has_told(round)
}

/// A scan takes one to three seconds.
fn after_moments(scan: &mut Running, round: usize) -> Result<bool> {
    scan.lasts(Duration::from_millis(100) * u32::try_from(round)?)
}

fn interrupted(world: &World, signal: Signal) -> Result<()> {
    let mut scan = world.start_slow_scan("busybox", &[])?;
    scan.signal(signal)?;
    // As a shell says it of a process that a signal ended.
    scan.end()?.expect_code(128 + signal.as_raw())?;
    ensure!(!command_runs(world)?, "the command of the scan still runs in the container");
    world.expect_nothing_left()
}

/// Whether the command of the last slow scan runs in its container. Those of scans that were killed at once may, until they
/// end by themselves.
fn command_runs(world: &World) -> Result<bool> {
    // What has ended and nobody waits for still has a number, but no words.
    let runs = format!("grep -q sleep /proc/$(cat {SLOW_MARKER})/cmdline");
    let runs = world.kubectl.attempt(&["-n", &world.namespace, "exec", "busybox", "--", "sh", "-c", &runs])?;
    Ok(runs.status.success())
}

/// Nobody is left to end it, and the container sees no more than that a connection is gone.
fn killed_scan_leaves_no_command(world: &World) -> Result<()> {
    let mut scan = world.start_slow_scan("busybox", &[])?;
    // Until then a command that ends by itself is not worth a second session.
    sleep(Duration::from_secs(4));
    ensure!(command_runs(world)?, "the command has ended too early");
    scan.signal(Signal::KILL)?;
    scan.end()?;
    wait("the command has ended", Duration::from_secs(10), || Ok(!command_runs(world)?))?;
    world.plimsoll(&["access", "gc", "-n", &world.namespace, "--all-runs"])?.expect_code(PASSED)?;
    world.expect_nothing_left()
}

/// Kills a scan; returns what it left.
fn kill(world: &World) -> Result<Vec<String>> {
    let mut scan = world.start_slow_scan("busybox", &[])?;
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

/// The target goes away under the scan: that is no verdict, it is told as what it is, and the access goes too.
fn pod_deleted_during_the_scan(world: &World, mode: &str) -> Result<()> {
    world.create_victim(Image::Busybox)?;
    let mut scan = world.start_slow_scan("victim", &["--mode", mode])?;
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", "victim", "--now"])?;
    scan.end()?.expect_code(NOT_EVALUATED)?.expect_error(&["does not run any more: the pod is "])?;
    world.expect_nothing_left()
}
