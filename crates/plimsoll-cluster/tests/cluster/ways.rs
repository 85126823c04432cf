//! Which way into a container is taken, and what is said when there is none.

use std::sync::Mutex;

use plimsoll_cluster::channel::ChannelError;
use plimsoll_cluster::{AccessMode, Event, Mode, Outcome, ScanError, ScanErrorKind, ScanOptions, scan};
use plimsoll_testkit::{Container, NoPrograms, Pod, ServerConfig};
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, wanted};

/// Scans a pod; tells the channels that were chosen as well.
async fn scanned(stage: &Stage, pod: &str, options: &ScanOptions) -> (Outcome<bool>, Vec<String>) {
    let chosen = Mutex::new(Vec::new());
    let on_event = |event: &Event<'_>| {
        if let Event::Chosen { channel, why } = event {
            chosen.lock().unwrap().push(format!("{channel}: {why}"));
        }
    };
    let stop = CancellationToken::new();
    let audit = |ground: plimsoll_cluster::Ground| ground.into_target().is_some();
    let outcome = scan(&stage.connection, &wanted(pod), options, &stop, &on_event, audit).await;
    (outcome, chosen.into_inner().unwrap())
}

/// A server without ephemeral containers, and a pod without a shell.
async fn with_shell_less_pod() -> Stage {
    let stage = Stage::with(ServerConfig { ephemeral_containers: false, ..Default::default() }).await;
    stage.server.add_pod(&Pod::new("bare").namespace("shop").container(Container::new("app", NoPrograms)));
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_with_a_shell_is_asked_over_exec() {
    let stage = Stage::new().await;
    let (outcome, chosen) = scanned(&stage, "web", &ScanOptions::default()).await;
    assert!(outcome.result.unwrap());
    assert_eq!(chosen, ["k8s-exec: the container has a shell"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_way_is_open_each_is_named_with_its_reason_and_nothing_is_left() {
    let stage = with_shell_less_pod().await;
    let (outcome, chosen) = scanned(&stage, "bare", &ScanOptions::default()).await;
    let error = outcome.result.unwrap_err();
    assert_eq!(error.kind(), ScanErrorKind::Target);
    let said = error.to_string();
    for part in [
        "no way into the container shop/bare/app:",
        "exec: the container has no /bin/sh",
        "has no ephemeral containers",
        "copy: not allowed; --allow-copy",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(chosen, ["k8s-debug: the container has no /bin/sh"]);
    assert!(outcome.receipt.expect("a lease").is_clean());
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_that_is_asked_for_is_taken_or_refused() {
    let stage = with_shell_less_pod().await;
    let by = |mode| ScanOptions { mode, access: AccessMode::Existing, ..Default::default() };
    let refused = |outcome: Outcome<bool>| match outcome.result {
        Err(ScanError::Channel(error)) => error,
        other => panic!("{other:?}"),
    };
    let (outcome, _) = scanned(&stage, "bare", &by(Mode::Exec)).await;
    assert!(matches!(refused(outcome), ChannelError::NoProgram { .. }));
    let (outcome, _) = scanned(&stage, "bare", &by(Mode::Debug)).await;
    assert!(matches!(refused(outcome), ChannelError::NoDebugging { .. }));
    let (outcome, chosen) = scanned(&stage, "web", &by(Mode::Sidecar)).await;
    assert!(outcome.receipt.is_none());
    assert!(refused(outcome).to_string().contains("plimsoll sidecar inject"));
    assert_eq!(chosen, [""; 0]);
}
