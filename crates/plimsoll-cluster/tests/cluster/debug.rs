//! Debug containers: one that looks into a container, and all that keeps one from it.
#![allow(clippy::print_stderr)] // a machine without namespaces is told of

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_cluster::access::Receipt;
use plimsoll_cluster::{AccessMode, Ground, HelperImage, Mode, Outcome, ScanErrorKind, ScanOptions, Subject, scan};
use plimsoll_testkit::{
    Container, Fault, FaultRule, Kubelet, LocalProcess, NoPrograms, Pod, SampleContainer, SampleKind, ServerConfig,
    Start, sample_root,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, wanted};

const ENTRIES: &str = "/api/v1/namespaces/shop/pods/bare/ephemeralcontainers";
const PODS: &str = "/api/v1/namespaces/shop/pods";

/// A cluster with a pod `bare` whose container has no program to be executed.
async fn stage(kubelet: Kubelet, id: Option<&str>) -> Stage {
    let stage = Stage::with(ServerConfig { kubelet: Some(kubelet), ..Default::default() }).await;
    let container = Container::new("app", NoPrograms);
    let container = id.map_or_else(|| container.clone(), |id| container.clone().id(id));
    stage.server.add_pod(&Pod::new("bare").namespace("shop").container(container));
    stage
}

fn by(mode: Mode, image: &str) -> ScanOptions {
    let helper = HelperImage { name: image.into(), ..Default::default() };
    ScanOptions { mode, helper, ..Default::default() }
}

async fn scanned<T: Send + 'static>(
    stage: &Stage,
    subject: impl Into<Subject>,
    options: &ScanOptions,
    audit: impl FnOnce(Ground) -> T + Send + 'static,
) -> Outcome<T> {
    scan(&stage.connection, subject, options, &CancellationToken::new(), &|_| {}, audit).await
}

fn lines(receipt: Option<&Receipt>) -> String {
    receipt.map(Receipt::lines).unwrap_or_default().join("\n")
}

/// A sample with processes of its own, and the id that its control group would have.
fn sample() -> Option<(SampleContainer, String)> {
    let sample = sample_root(SampleKind::Web).and_then(plimsoll_testkit::SampleRoot::start);
    let sample = sample.map_err(|why| eprintln!("skipped: {why}")).ok()?;
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    // Here all processes are in one group. Its name stands for an id, and the sample's first process is the oldest.
    let group = groups.lines().next()?.trim_end_matches('/').rsplit('/').next()?.to_owned();
    Some((sample, format!("containerd://{group}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_with_a_shell_looks_into_the_container() {
    let Some((sample, id)) = sample() else { return };
    let Some(beside) = sample.beside(BTreeMap::new()) else {
        eprintln!("skipped: the sample has no processes of its own here");
        return;
    };
    let name = std::fs::read(sample.path().join("etc/hostname")).expect("the sample has a name");
    let stage = stage(Kubelet::running(beside), Some(&id)).await;
    for access in [AccessMode::Lease, AccessMode::Existing] {
        let options = ScanOptions { access, ..by(Mode::Debug, "busybox:1") };
        let read = |ground: Ground| {
            ground.into_target().expect("asked from here").read(b"/etc/hostname").expect("the way is open")
        };
        let outcome = scanned(&stage, &wanted("bare"), &options, read).await;
        let said = lines(outcome.receipt.as_ref());
        assert_eq!(outcome.result.expect("the container was looked into"), Ok(name.clone()), "{said}");
        assert!(said.contains("ended, verified (Completed, exit code 0)"), "{said}");
        assert_eq!(stage.left(), [""; 0]);
    }
}

/// Why a debug container does not come about: what is wrong, what is said, and whether an entry stays in the pod.
struct Refusal {
    faults: Vec<Fault>,
    start: Start,
    said: &'static [&'static str],
    kind: ScanErrorKind,
    entry: bool,
}

fn waits(reason: &str, message: &str) -> Start {
    Start::Waits { reason: reason.into(), message: message.into() }
}

fn refused(code: u16, message: &str) -> Vec<Fault> {
    vec![Fault::Status { code, message: message.into() }]
}

fn refusals() -> Vec<Refusal> {
    let runs = || Start::Runs(Arc::new(LocalProcess::new("/")));
    let start = |start: Start, said: &'static [&'static str]| Refusal {
        faults: Vec::new(),
        start,
        said,
        kind: ScanErrorKind::Target,
        entry: true,
    };
    let refusal = |code, message, said: &'static [&'static str], kind| Refusal {
        faults: refused(code, message),
        start: runs(),
        said,
        kind,
        entry: false,
    };
    vec![
        start(
            waits("ErrImageNeverPull", "Container image \"own/agent:1\" is not present with pull policy of Never"),
            &["of pod shop/bare does not run: ErrImageNeverPull", "own/agent:1", "with --debug-image"],
        ),
        start(
            waits("InvalidImageName", "Failed to apply default image tag \"own/agent::1\""),
            &["InvalidImageName", "--debug-image"],
        ),
        start(
            waits("ErrImagePull", "failed to pull and unpack image \"own/agent:1\": failed to resolve: not found"),
            &["ErrImagePull: failed to pull", "--debug-image"],
        ),
        start(
            Start::Fails { reason: "StartError".into(), message: "exec: no such file or directory".into() },
            &["own/agent:1", "neither the agent (/plimsoll) nor /bin/sh", "--debug-image"],
        ),
        refusal(
            403,
            "pods \"bare\" is forbidden: violates PodSecurity \"restricted:latest\": unrestricted capabilities",
            &["a debug container is not admitted to pod shop/bare", "violates PodSecurity", "--mode copy"],
            ScanErrorKind::Target,
        ),
        refusal(
            403,
            "pods \"bare\" is forbidden: exceeded quota: compute, requested: memory=1Gi, used: memory=9Gi",
            &["is not admitted to pod shop/bare", "exceeded quota: compute"],
            ScanErrorKind::Target,
        ),
        refusal(
            400,
            "admission webhook \"policy.example\" denied the request: no debug containers here",
            &["is not admitted to pod shop/bare", "no debug containers here"],
            ScanErrorKind::Target,
        ),
        refusal(
            404,
            "pods \"bare\" not found",
            &["shop/bare/app does not run any more", "scan its replacement"],
            ScanErrorKind::Target,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_keeps_a_debug_container_from_running_is_told_at_once_with_what_to_do() {
    for Refusal { faults, start, said, kind, entry } in refusals() {
        let stage = stage(Kubelet::new(move |_| start.clone()), None).await;
        for fault in faults {
            stage.fault(FaultRule::new("PATCH", ENTRIES, fault).always());
        }
        let began = Instant::now();
        let outcome = scanned(&stage, &wanted("bare"), &by(Mode::Debug, "own/agent:1"), |_| ()).await;
        let error = outcome.result.expect_err("there is no way in");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?} for {error}", began.elapsed());
        assert_eq!(error.kind(), kind, "{error}");
        for part in said {
            assert!(error.to_string().contains(part), "no {part:?} in: {error}");
        }
        let receipt = outcome.receipt.expect("a lease");
        assert!(receipt.is_clean(), "{:?}", receipt.lines());
        let told = receipt.containers.iter().filter(|container| container.entry).count();
        assert_eq!(told > 0, entry, "{:?}", receipt.lines());
        assert_eq!(stage.left(), [""; 0]);
    }
}

/// A kubelet puts the reason into the status when it tries again; nodes tell it in events at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_that_is_not_there_is_told_by_the_nodes_own_words() {
    let kubelet = Kubelet::new(|_| waits("ContainerCreating", ""));
    let words = [
        ("ErrImageNeverPull", "Container image \"own/agent:1\" is not present with pull policy of Never"),
        ("Failed", "Failed to pull image \"own/agent:1\": not found"),
        ("InspectFailed", "Failed to apply default image tag \"own/agent::1\": invalid"),
    ];
    for ((reason, message), expected) in
        words.into_iter().zip(["ErrImageNeverPull", "ErrImagePull", "InvalidImageName"])
    {
        let stage = stage(kubelet.clone(), None).await;
        let told = std::sync::OnceLock::new();
        let on_event = |event: &plimsoll_cluster::Event<'_>| {
            // Once the debug container has a name.
            if let plimsoll_cluster::Event::Note { text } = event
                && let Some(name) = text.strip_prefix("debug container ").and_then(|rest| rest.split(' ').next())
            {
                let path = format!("spec.ephemeralContainers{{{name}}}");
                told.get_or_init(|| {
                    stage.server.add(&json!({"apiVersion": "v1", "kind": "Event", "type": "Warning",
                    "metadata": {"name": "e", "namespace": "shop"}, "reason": reason, "message": message,
                    "involvedObject": {"kind": "Pod", "name": "bare", "namespace": "shop", "fieldPath": path}}))
                });
            }
        };
        let (began, options) = (Instant::now(), by(Mode::Debug, "own/agent:1"));
        let stop = CancellationToken::new();
        let outcome = scan(&stage.connection, &wanted("bare"), &options, &stop, &on_event, |_| ()).await;
        let said = outcome.result.expect_err("it never runs").to_string();
        assert!(began.elapsed() < Duration::from_secs(3), "{:?} for {said}", began.elapsed());
        assert!(said.contains(expected) && said.contains(message) && said.contains("--debug-image"), "{said}");
        let receipt = outcome.receipt.expect("a lease");
        assert!(receipt.is_clean() && lines(Some(&receipt)).contains("never ran"), "{:?}", receipt.lines());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_add_debug_containers_is_told_what_to_ask_for() {
    let stage = stage(Kubelet::running(LocalProcess::new("/")), None).await;
    let rules = json!([
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get", "create"]},
    ]);
    let caller = stage.user("developer", rules).await;
    let options = ScanOptions { access: AccessMode::Existing, ..by(Mode::Debug, "own/agent:1") };
    let outcome = scan(&caller, &wanted("bare"), &options, &CancellationToken::new(), &|_| {}, |_| ()).await;
    let error = outcome.result.expect_err("it may not");
    assert_eq!(error.kind(), ScanErrorKind::Permission);
    for part in ["add a debug container to the pod", "patch pods/ephemeralcontainers", "shop"] {
        assert!(error.to_string().contains(part), "no {part:?} in: {error}");
    }
    assert!(outcome.receipt.is_none(), "nothing was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_server_is_told_by_what_it_knows() {
    let config = ServerConfig { ephemeral_containers: false, minor_version: 22, ..Default::default() };
    let stage = Stage::with(config).await;
    stage.server.add_pod(&Pod::new("bare").namespace("shop").container(Container::new("app", NoPrograms)));
    let outcome = scanned(&stage, &wanted("bare"), &by(Mode::Debug, "own/agent:1"), |_| ()).await;
    let said = outcome.result.expect_err("there are none").to_string();
    for part in ["(v1.22.0) has no ephemeral containers", "1.25", "--mode copy"] {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
    assert_eq!(stage.left(), [""; 0]);
}

/// What a pod of the scan's own is refused for, or does not run for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_keeps_a_pod_from_being_made_is_told_at_once_with_what_to_do() {
    let runs = || Start::Runs(Arc::new(LocalProcess::new("/")));
    let cases: [(Vec<Fault>, Start, &[&str]); 5] = [
        (
            refused(
                403,
                "pods \"x\" is forbidden: exceeded quota: count, requested: pods=1, used: pods=9, limited: pods=9",
            ),
            runs(),
            &["a pod to scan is not admitted to namespace shop", "exceeded quota: count", "ask for more"],
        ),
        (
            refused(403, "pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": host namespaces"),
            runs(),
            &["a pod to scan is not admitted to namespace shop", "violates PodSecurity", "another namespace"],
        ),
        (
            Vec::new(),
            waits("ErrImagePull", "failed to pull and unpack image \"web:1\": not found"),
            &[
                "container target of pod shop/plimsoll-",
                "ErrImagePull: failed to pull",
                "that the node has or can pull",
            ],
        ),
        (
            Vec::new(),
            waits("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
            &["CreateContainerConfigError", "runAsNonRoot", "another namespace"],
        ),
        (
            Vec::new(),
            Start::Fails { reason: "StartError".into(), message: "exec: \"/web\": no such file or directory".into() },
            &["container target", "StartError", "no such file or directory"],
        ),
    ];
    for (faults, start, said) in cases {
        let stage = stage(Kubelet::new(move |_| start.clone()), None).await;
        for fault in faults {
            stage.fault(FaultRule::new("POST", PODS, fault).always());
        }
        let subject = Subject::Image { namespace: "shop".into(), image: "web:1".into() };
        let outcome = scanned(&stage, subject, &by(Mode::Sidecar, "own/agent:1"), |_| ()).await;
        let error = outcome.result.expect_err("there is no pod to scan");
        assert_eq!(error.kind(), ScanErrorKind::Target, "{error}");
        for part in said {
            assert!(error.to_string().contains(part), "no {part:?} in: {error}");
        }
        let receipt = outcome.receipt.expect("a lease");
        assert!(receipt.is_clean(), "{:?}", receipt.lines());
        assert_eq!(stage.left(), [""; 0]);
    }
}
