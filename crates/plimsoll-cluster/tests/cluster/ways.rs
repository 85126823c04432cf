//! Which way into a container is taken, and what is said when there is none.

use std::process::Command;
use std::sync::{Arc, Mutex};

use plimsoll_cluster::channel::ChannelError;
use plimsoll_cluster::{AccessMode, Event, Mode, Outcome, ScanError, ScanErrorKind, ScanOptions, scan};
use plimsoll_target::{RunError, Target};
use plimsoll_testkit::{Container, ContainerRuntime, ExecError, Fault, NoPrograms, Pod, ServerConfig};
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, say, wanted};

/// Scans a pod; tells the channels that were chosen as well.
async fn scanned(stage: &Stage, pod: &str, options: &ScanOptions) -> (Outcome<bool>, Vec<String>) {
    audited(stage, pod, options, |target| target.is_some()).await
}

/// The same with an audit.
async fn audited<T: Send + 'static>(
    stage: &Stage,
    pod: &str,
    options: &ScanOptions,
    audit: impl FnOnce(Option<Arc<dyn Target>>) -> T + Send + 'static,
) -> (Outcome<T>, Vec<String>) {
    let chosen = Mutex::new(Vec::new());
    let on_event = |event: &Event<'_>| {
        if let Event::Chosen { channel, why } = event {
            chosen.lock().unwrap().push(format!("{channel}: {why}"));
        }
    };
    let stop = CancellationToken::new();
    let audit = |ground: plimsoll_cluster::Ground| audit(ground.into_target());
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

/// A container with these programs of this machine's and no others.
struct Programs(&'static [&'static str]);

impl ContainerRuntime for Programs {
    fn prepare(&self, command: &[String]) -> Result<Command, ExecError> {
        if !self.0.contains(&command[0].as_str()) {
            return NoPrograms.prepare(command);
        }
        let mut program = Command::new(&command[0]);
        program.args(&command[1..]).current_dir("/");
        Ok(program)
    }
}

const TOOLS: &[&str] = &["stat", "cat", "find", "readlink", "seq", "dd"];

fn with_tools(stage: &Stage) {
    stage.server.add_pod(&Pod::new("tools").namespace("shop").container(Container::new("app", Programs(TOOLS))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_without_a_shell_is_asked_by_its_own_tools() {
    let stage = with_shell_less_pod().await;
    with_tools(&stage);
    let audit = |target: Option<Arc<dyn Target>>| {
        let target = target.expect("no agent");
        assert_eq!(target.info().channel, "k8s-exec-direct");
        assert_eq!(target.read(b"/etc/passwd").unwrap().unwrap(), std::fs::read("/etc/passwd").unwrap());
        assert_eq!(target.run(b"seq 2").unwrap().unwrap().stdout, b"1\n2\n");
        assert_eq!(target.run(b"dd --nonsense").unwrap().unwrap().exit_status, 1);
        for line in ["rpm -qa", "seq 2 | cat"] {
            assert!(matches!(target.run(line.as_bytes()).unwrap(), Err(RunError::Unavailable(_))), "{line}");
        }
        let large = target.run(b"dd if=/dev/zero bs=1000000 count=5").unwrap().unwrap();
        assert_eq!(large.stdout.len(), 5_000_000);
    };
    let asked = ScanOptions { mode: Mode::Exec, ..Default::default() };
    let (outcome, chosen) = audited(&stage, "tools", &asked, audit).await;
    outcome.result.unwrap();
    let tools = "stat, cat, find, readlink of its own, an exec for each question";
    assert_eq!(chosen, [format!("k8s-exec-direct: asked for, and the container has no shell: {tools}")]);
    assert!(outcome.receipt.expect("a lease").is_clean());
    // Without being asked for, once there can be no debug container.
    let (outcome, chosen) = audited(&stage, "tools", &ScanOptions::default(), audit).await;
    outcome.result.unwrap();
    assert_eq!(chosen.len(), 2, "{chosen:?}");
    assert_eq!(chosen[0], "k8s-debug: the container has no /bin/sh");
    assert!(chosen[1].starts_with("k8s-exec-direct: the API server ") && chosen[1].ends_with(tools), "{chosen:?}");
    assert_eq!(stage.left(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_exec_of_a_tool_is_no_answer() {
    let stage = with_shell_less_pod().await;
    with_tools(&stage);
    let asked = ScanOptions { mode: Mode::Exec, ..Default::default() };
    // Once is made up for, twice is the end.
    for (losses, expected) in [(1, true), (2, false)] {
        let rule =
            plimsoll_testkit::FaultRule::new("GET", "/api/v1/namespaces/*/pods/*/exec", Fault::CloseExec { after: 3 });
        let faults = stage.server.faults().clone();
        let audit = move |target: Option<Arc<dyn Target>>| {
            for _ in 0..losses {
                faults.add(rule.clone());
            }
            target.expect("no agent").run(b"seq 100000").map(|output| output.unwrap().stdout.len()).is_ok()
        };
        let (outcome, _) = audited(&stage, "tools", &asked, audit).await;
        match outcome.result {
            Ok(true) => assert!(expected),
            Err(ScanError::Lost(_)) => assert!(!expected),
            other => panic!("{other:?}"),
        }
        stage.server.faults().clear();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shell_of_another_name_is_found() {
    let stage = with_shell_less_pod().await;
    stage.server.add_pod(&Pod::new("bash").namespace("shop").container(Container::new("app", Programs(&["bash"]))));
    let audit = |target: Option<Arc<dyn Target>>| say(&*target.expect("no agent"), "echo $0");
    let (outcome, chosen) = audited(&stage, "bash", &ScanOptions::default(), audit).await;
    assert_eq!(outcome.result.unwrap(), "bash\n");
    assert_eq!(chosen, ["k8s-exec: the container has no /bin/sh, but `bash`"]);
}
