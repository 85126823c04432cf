//! The exec channel: exact answers, and honest words when there are none.

use std::sync::Arc;
use std::time::Duration;

use plimsoll_cluster::access::Access;
use plimsoll_cluster::channel::{ChannelError, ExecTarget, exec_once};
use plimsoll_target::{ShellOptions, Target};
use plimsoll_testkit::{Container, ExecProtocol, Fault, NoPrograms, Pod, ServerConfig, StartFailure};
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, pod, say};

pub(crate) async fn open(stage: &Stage) -> Result<ExecTarget, ChannelError> {
    let access = Access::Existing(stage.connection.clone());
    ExecTarget::open(access, &stage.workload().await, ShellOptions::default(), &CancellationToken::new()).await
}

/// Asks on a thread of its own, as an audit does.
pub(crate) async fn on_a_thread<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(ask).await.expect("it does not panic")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_protocols_carry_everything_exactly() {
    for protocol in [ExecProtocol::V4, ExecProtocol::V5] {
        let stage = Stage::with(ServerConfig { exec_protocols: vec![protocol], ..Default::default() }).await;
        let target = open(&stage).await.expect("a shell");
        let target = on_a_thread(move || {
            let result = target.run(b"printf 'a\\0b\\n'; printf ' err ' >&2; exit 3").unwrap().unwrap();
            assert_eq!((result.stdout.as_slice(), result.stderr.as_slice()), (&b"a\0b\n"[..], &b" err "[..]));
            assert_eq!(result.exit_status, 3);
            assert_eq!(say(&target, "cd /tmp; pwd"), "/tmp\n");
            assert_eq!(say(&target, "pwd"), "/\n", "nothing leaks into the next command");
            let large = target.run(b"head -c 5000000 /dev/zero; head -c 300000 /dev/zero >&2").unwrap().unwrap();
            assert_eq!((large.stdout.len(), large.stderr.len()), (5_000_000, 300_000));
            target
        })
        .await;
        let info = target.info();
        assert_eq!((info.channel.as_str(), info.uri.as_str()), ("k8s-exec", "k8s:shop/web/app"));
        assert!(info.id.is_some_and(|id| id.starts_with("containerd://")));
        target.close().await;
        let execs = stage.server.requests().into_iter().filter(|request| request.path.ends_with("/exec"));
        assert_eq!(execs.count(), 1, "one session serves all");
        tokio::time::timeout(Duration::from_secs(5), stage.server.shutdown()).await.expect("no session is left open");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newer_clusters_ask_for_create_as_well() {
    let stage = Stage::with(ServerConfig { minor_version: 35, ..Default::default() }).await;
    let outcome = stage.scan(|target| say(&*target, "echo fine")).await;
    assert_eq!(outcome.result.unwrap(), "fine\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_without_a_shell_is_told_whichever_way_the_runtime_says_it() {
    for start_failure in [StartFailure::HttpStatus, StartFailure::ErrorChannel] {
        let stage = Stage::with(ServerConfig { start_failure, ..Default::default() }).await;
        stage.server.add_pod(&Pod::new("web").namespace("shop").container(Container::new("app", NoPrograms)));
        let outcome = stage.scan(|_| ()).await;
        let said = outcome.result.expect_err("no shell").to_string();
        assert!(said.starts_with("the container shop/web/app has no /bin/sh; "), "{said}");
        assert!(outcome.receipt.expect("a lease").is_clean());
        assert_eq!(stage.left(), [""; 0]);
        let once = exec_once(&stage.connection, &stage.workload().await, &words(&["/bin/ls"])).await;
        assert!(matches!(once, Err(ChannelError::NoProgram { program, .. }) if program == "/bin/ls"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_server_is_given_time_to_open_the_session() {
    let stage = Stage::new().await;
    stage.exec_fault(Fault::TooManyRequests { retry_after: 1 });
    stage.exec_fault(Fault::DropBefore);
    let target = open(&stage).await.expect("the third time");
    assert_eq!(stage.server.faults().pending(), 0);
    target.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_lost_once_is_replaced() {
    for fault in [Fault::DropExec { after: 20_000 }, Fault::CloseExec { after: 20_000 }] {
        let stage = Stage::new().await;
        stage.exec_fault(fault);
        let target = Arc::new(open(&stage).await.expect("a shell"));
        let asked = Arc::clone(&target);
        let length = on_a_thread(move || say(&*asked, "head -c 50000 /dev/zero").len()).await;
        assert_eq!(length, 50_000);
        assert!(target.lost().is_none());
        assert_eq!(stage.server.faults().pending(), 0);
        Arc::into_inner(target).expect("nobody else holds it").close().await;
    }
}

/// The rest must not be asked of a container that only has the same name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_lost_is_not_replaced_by_one_in_another_container() {
    let stage = Arc::new(Stage::new().await);
    stage.exec_fault(Fault::DropExec { after: 20_000 });
    let replaced = Arc::clone(&stage);
    let outcome = stage
        .scan(move |target| {
            replaced.server.add_pod(&pod("web"));
            target.run(b"head -c 50000 /dev/zero").expect_err("it is another one").message
        })
        .await;
    let error = outcome.result.expect_err("no verdict").to_string();
    assert!(
        error.contains("shop/web/app does not run any more: the pod is gone, and another one has its name"),
        "{error}"
    );
    assert_eq!(outcome.partial, Some(error.trim_start_matches("the audit is incomplete: ").to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_exec_is_exact_and_never_takes_a_lost_connection_for_success() {
    let stage = Stage::new().await;
    let workload = stage.workload().await;
    let run = |line: &str| {
        let (connection, workload, command) = (stage.connection.clone(), workload.clone(), words(&["sh", "-c", line]));
        async move { exec_once(&connection, &workload, &command).await }
    };
    let output = run("printf out; printf err >&2; cat; exit 7").await.unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice(), output.exit_status), (&b"out"[..], &b"err"[..], 7));
    assert_eq!(run("head -c 3000000 /dev/zero").await.unwrap().stdout.len(), 3_000_000);
    for fault in [Fault::CloseExec { after: 3 }, Fault::DropExec { after: 3 }] {
        stage.exec_fault(fault);
        let lost = run("printf 'all of it'").await;
        assert!(matches!(lost, Err(ChannelError::Lost { .. })), "{lost:?}");
    }
    stage.exec_fault(Fault::RefuseUpgrade);
    assert!(matches!(run("true").await, Err(ChannelError::Api(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_access_is_told_when_a_new_session_is_needed() {
    let stage = Stage::new().await;
    let dropped = Fault::DropExec { after: 20_000 };
    stage.exec_fault(dropped);
    let status = Fault::Status { code: 403, message: "no more".into() };
    stage.exec_fault(status);
    let target = open(&stage).await.expect("a shell");
    let (target, error) = on_a_thread(move || {
        let error = target.run(b"head -c 50000 /dev/zero").expect_err("lost");
        (target, error)
    })
    .await;
    assert!(error.message.contains("no more"), "{error}");
    assert_eq!(target.lost(), Some(&error));
    target.close().await;
}
