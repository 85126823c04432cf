//! The whole way, from a name to a receipt.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use plimsoll_cluster::{AccessMode, Event, Ground, ScanError, ScanErrorKind, ScanOptions, Step, scan};
use plimsoll_testkit::Fault;
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, Steps, say, wanted};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_tells_its_steps_and_leaves_nothing() {
    let stage = Stage::new().await;
    let steps = Steps::default();
    let (tell, told) = channel();
    let on_event = move |event: &Event<'_>| {
        steps.note(event);
        if let Event::Leasing { watch, run_id, .. } = event {
            assert!(watch.may_be_left().is_empty(), "nothing is created before this is told");
            tell.send(((*watch).clone(), (*run_id).to_owned())).unwrap();
        }
        if let Event::Revoked { receipt } = event {
            assert!(receipt.is_clean());
            assert_eq!(steps.all().last(), Some(&(Step::Revoke, "started")));
        }
    };
    let audit = move |ground: Ground| {
        let target = ground.into_target().unwrap();
        let (watch, run_id) = told.recv().unwrap();
        assert_eq!(watch.may_be_left().len(), 3);
        assert_eq!(std::thread::current().name(), Some("audit"));
        (say(&*target, "echo $((6 * 7))"), watch, run_id)
    };
    let outcome =
        scan(&stage.connection, &wanted("web"), &ScanOptions::default(), &CancellationToken::new(), &on_event, audit)
            .await;
    let (answer, watch, run_id) = outcome.result.expect("it works");
    assert_eq!(answer, "42\n");
    assert!(watch.may_be_left().is_empty());
    assert_eq!(stage.left(), [""; 0]);
    let receipt = outcome.receipt.expect("a lease");
    assert_eq!((receipt.run_id, receipt.pod.as_str(), receipt.tokens), (run_id, "web", 1));
    assert_eq!(outcome.workload.expect("found").to_string(), "shop/web/app");
    let steps: Vec<Step> = outcome.timings.iter().map(|timing| timing.step).collect();
    assert_eq!(steps, [Step::Resolve, Step::Grant, Step::Open, Step::Audit, Step::Close, Step::Revoke]);
    tokio::time::timeout(Duration::from_secs(5), stage.server.shutdown()).await.expect("no session is left open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_callers_own_rights_nothing_is_created() {
    let stage = Stage::new().await;
    let options = ScanOptions { access: AccessMode::Existing, ..Default::default() };
    let stop = CancellationToken::new();
    let outcome = scan(&stage.connection, &wanted("web"), &options, &stop, &|_| {}, |ground| {
        say(&*ground.into_target().unwrap(), "echo hi")
    })
    .await;
    assert_eq!(outcome.result.unwrap(), "hi\n");
    assert!(outcome.receipt.is_none());
    assert!(stage.server.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn a_container_that_can_not_be_scanned_ends_it_before_anything_is_created() {
    let stage = Stage::new().await;
    let steps = Steps::default();
    let stop = CancellationToken::new();
    let on_event = |event: &Event<'_>| steps.note(event);
    let outcome = scan(&stage.connection, &wanted("nope"), &ScanOptions::default(), &stop, &on_event, |_| ()).await;
    assert_eq!(outcome.result.expect_err("no such pod").kind(), ScanErrorKind::Target);
    assert!(outcome.receipt.is_none());
    assert_eq!(steps.all(), [(Step::Resolve, "started"), (Step::Resolve, "failed")]);
    assert!(stage.server.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_for_good_makes_the_result_partial_and_leaves_nothing() {
    let stage = Stage::new().await;
    for _ in 0..8 {
        stage.exec_fault(Fault::DropExec { after: 20_000 });
    }
    let outcome = stage
        .scan(|target| {
            let before = say(&*target, "echo before");
            (before, target.run(b"head -c 50000 /dev/zero").is_err(), target.run(b"true").is_err())
        })
        .await;
    let error = outcome.result.expect_err("the audit is incomplete");
    assert!(matches!(error, ScanError::Lost(_)), "{error}");
    assert_eq!(error.kind(), ScanErrorKind::Connection);
    let (before, lost, _) = outcome.partial.expect("what there was");
    assert_eq!((before.as_str(), lost), ("before\n", true));
    assert!(outcome.receipt.expect("a lease").is_clean());
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interruption_in_the_middle_of_an_audit_ends_it_soon_and_leaves_nothing() {
    let stage = Stage::new().await;
    let stop = CancellationToken::new();
    let (tell, told) = tokio::sync::oneshot::channel();
    let audit = move |target: Arc<dyn plimsoll_target::Target>| {
        tell.send(()).unwrap();
        (target.run(b"sleep 60").is_err(), target.run(b"true").is_err())
    };
    let started = std::time::Instant::now();
    let cancel = async {
        told.await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.cancel();
    };
    let (outcome, ()) = tokio::join!(stage.scan_as(&stage.connection, &stop, audit), cancel);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(matches!(outcome.result, Err(ScanError::Interrupted)));
    assert_eq!(outcome.partial, Some((true, true)), "every question after that fails");
    assert!(outcome.receipt.expect("a lease").is_clean());
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_that_does_not_heed_the_interruption_is_not_waited_for() {
    let stage = Stage::new().await;
    let stop = CancellationToken::new();
    let (release, held) = channel::<()>();
    let (tell, told) = tokio::sync::oneshot::channel();
    let audit = move |target: Arc<dyn plimsoll_target::Target>| {
        tell.send(()).unwrap();
        let _ = held.recv();
        drop(target);
    };
    let cancel = async {
        told.await.unwrap();
        stop.cancel();
    };
    let (outcome, ()) = tokio::join!(stage.scan_as(&stage.connection, &stop, audit), cancel);
    assert!(matches!(outcome.result, Err(ScanError::Interrupted)));
    assert!(outcome.receipt.expect("a lease").is_clean());
    assert_eq!(stage.left(), [""; 0]);
    drop(release);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panicking_audit_is_told_and_leaves_nothing() {
    let stage = Stage::new().await;
    let outcome = stage.scan(|_| -> () { panic!("by design") }).await;
    let error = outcome.result.expect_err("it panicked");
    assert_eq!(error.kind(), ScanErrorKind::Internal);
    assert!(error.to_string().contains("by design"), "{error}");
    assert!(outcome.receipt.expect("a lease").is_clean());
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_of_whoever_listens_still_revokes() {
    let stage = Stage::new().await;
    let on_event = |event: &Event<'_>| assert!(!matches!(event, Event::Started { step: Step::Audit }), "no audience");
    let stop = CancellationToken::new();
    let outcome = scan(&stage.connection, &wanted("web"), &ScanOptions::default(), &stop, &on_event, |_| ()).await;
    assert!(matches!(outcome.result, Err(ScanError::Panicked(_))));
    assert!(outcome.receipt.expect("a lease").is_clean());
    assert_eq!(stage.left(), [""; 0]);
}
