//! Ctrl-C and SIGTERM in the middle of a scan.

use std::time::{Duration, Instant};

use plimsoll_testkit::Fault;
use rustix::process::Signal;

use crate::program::wait;
use crate::stage::{OURS, Stage};

fn interrupted(signal: Signal, code: i32) {
    let stage = Stage::new();
    let mut scan = stage.start_slow_scan();
    assert_eq!(stage.server.leftovers(OURS).len(), 3, "the lease stands");
    let start = Instant::now();
    scan.signal(signal);
    let ended = scan.end().code(code).says(&["interrupted: ", "nothing is left in the cluster"]);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(ended.stdout, "");
    stage.expect_nothing_left();
    stage.end();
}

#[test]
fn ctrl_c_takes_the_access_back() {
    interrupted(Signal::INT, 130);
}

#[test]
fn sigterm_takes_the_access_back() {
    interrupted(Signal::TERM, 143);
}

#[test]
fn a_second_ctrl_c_leaves_at_once_and_says_what_may_be_left() {
    let stage = Stage::new();
    let mut scan = stage.start_slow_scan();
    stage.fault("DELETE", "*", Fault::Delay(Duration::from_secs(600)));
    scan.signal(Signal::INT);
    wait("the access is being taken back", || stage.server.requests().iter().any(|one| one.method == "DELETE"));
    scan.signal(Signal::INT);
    let ended = scan.end().code(130).says(&["this may still be in the cluster:", "plimsoll access gc --all-runs"]);
    for kind in ["ServiceAccount plimsoll-", "Role plimsoll-", "RoleBinding plimsoll-"] {
        assert!(ended.stderr.contains(kind), "{kind} is not named: {ended:#?}");
    }
    assert_eq!(stage.server.leftovers(OURS).len(), 3);
    stage.server.faults().clear();
    stage.run(&["access", "gc", "-n", "shop"]).code(0).prints(&["kept: its lease lasts until"]);
    stage.run(&["access", "gc", "-n", "shop", "--all-runs"]).code(0).prints(&["removed, verified gone"]);
    stage.expect_nothing_left();
}
