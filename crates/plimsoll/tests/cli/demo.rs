//! The demo: two verdicts, and nothing left of it on this machine.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::program::{Ended, Files, Running, command, wait};

/// Ids of processes that mention a path on their command lines.
fn processes_of(path: &Path) -> Vec<String> {
    let path = path.as_os_str().as_encoded_bytes();
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    let mentions = |process: &std::fs::DirEntry| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.windows(path.len()).any(|window| window == path)
    };
    entries.filter(mentions).map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

/// Whether this machine can run the demo; where it can't, the demo must say why.
fn possible(ended: &Ended) -> bool {
    if ended.code == Some(1) && ended.stderr.contains("this machine allows no user namespaces") {
        assert!(ended.stderr.contains("or run as root"), "{ended:#?}");
        return false;
    }
    true
}

fn start(temporary: &Files) -> Running {
    let mut command = command(["demo"]);
    command.env("TMPDIR", temporary.path(""));
    Running::start(command)
}

#[track_caller]
fn expect_nothing_left(temporary: &Files) {
    assert_eq!(temporary.names(), [""; 0]);
    assert_eq!(processes_of(&temporary.path("")), [""; 0]);
}

#[test]
fn the_decent_container_passes_the_poor_one_does_not_and_nothing_is_left() {
    let temporary = Files::new(&[]);
    let begun = Instant::now();
    let ended = start(&temporary).end();
    if possible(&ended) {
        let ended = ended.code(0).prints(&[
            "pod/web",
            "Gate passed",
            "pod/legacy",
            "Gate failed",
            "nothing is left in the cluster",
        ]);
        let order = ["pod/web", "Gate passed", "pod/legacy", "Gate failed"].map(|part| ended.stdout.find(part));
        assert!(order.is_sorted(), "{ended:#?}");
        // 5 s once built as a user builds it; this one has no optimizations and shares the machine with other tests.
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    }
    expect_nothing_left(&temporary);
}

#[test]
fn ctrl_c_ends_the_demo_and_leaves_nothing() {
    let temporary = Files::new(&[]);
    let mut demo = start(&temporary);
    wait("the samples are being made", || temporary.names().iter().any(|name| name.starts_with("plimsoll-sample-")));
    demo.signal(Signal::INT);
    let ended = demo.end();
    if possible(&ended) {
        ended.code(130).says(&["interrupted: "]);
    }
    expect_nothing_left(&temporary);
}
