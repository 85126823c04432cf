//! Ctrl-C and SIGTERM in the middle of a scan.

use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_testkit::Fault;
use rustix::process::Signal;

use crate::program::{Files, Running, command, wait};
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

/// Neither a report is left nor the command that was being run.
fn interrupted_here(signal: Signal, code: i32) {
    let files = Files::new(&[]);
    let begun = files.arg("begun");
    // The command's own shell and a child of it.
    let line = format!("sleep 61 & echo $! $$ >'{begun}.new'; mv '{begun}.new' '{begun}'; sleep 60");
    let profile = format!("describe(command(\"{line}\")) {{ its('stdout') {{ should eq '' }} }}\n");
    std::fs::write(files.arg("slow.rb"), profile).expect("the folder is there");
    let report = files.arg("report.json");
    let arguments = ["exec", &files.arg("slow.rb"), "--reporter", "cli", &format!("json:{report}")].map(str::to_owned);
    let mut audit = Running::start(command(arguments));
    wait("the audit is under way", || Path::new(&begun).exists());
    audit.signal(signal);
    let ended = audit.end().code(code).says(&["interrupted: ", "no report was written"]);
    assert_eq!((ended.stdout.as_str(), Path::new(&report).exists()), ("", false));
    let pids = std::fs::read_to_string(&begun).expect("the command wrote it");
    for pid in pids.split_whitespace() {
        let over = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => stat.contains(") Z "),
            Err(_) => true,
        };
        wait("the command has ended", over);
    }
}

#[test]
fn ctrl_c_ends_an_audit_of_this_machine_and_its_command() {
    interrupted_here(Signal::INT, 130);
}

#[test]
fn sigterm_ends_an_audit_of_this_machine_and_its_command() {
    interrupted_here(Signal::TERM, 143);
}
