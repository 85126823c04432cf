//! Containers without a shell, audited by this very program beside them: in a debug container, or as a sidecar.
#![allow(clippy::print_stderr)] // a machine without namespaces is told of

use std::collections::BTreeMap;
use std::time::Duration;

use plimsoll_cluster::agent::SIDECAR;
use plimsoll_testkit::{
    Container, Fault, Kubelet, NoPrograms, Pod, SampleContainer, SampleKind, SampleRoot, ServerConfig, sample_root,
};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::program::wait;
use crate::stage::Stage;

const CONTROLS: &str = r"
control 'files' do
  describe file('/etc/hostname') do
    its('content') { should eq NAME }
  end
  describe file('/plimsoll') do
    it { should_not exist }
  end
end
control 'commands' do
  describe command('cat /etc/hostname; exit 3') do
    its('stdout') { should eq NAME }
    its('exit_status') { should eq 3 }
  end
end
";

/// A container with processes and files of its own, which can only be looked into from beside it.
struct Bare {
    stage: Stage,
    sample: SampleContainer,
}

/// A cluster with the pod `bare`, and a pod `agent` of the same with an agent in it; `None` where this machine allows no
/// namespaces.
fn bare() -> Option<Bare> {
    let sample = sample_root(SampleKind::Web).and_then(SampleRoot::start);
    let sample = sample.map_err(|why| eprintln!("skipped: {why}")).ok()?;
    let program = env!("CARGO_BIN_EXE_plimsoll").into();
    let beside = sample.beside(BTreeMap::from([("/plimsoll".to_owned(), program)]));
    let Some(beside) = beside else {
        eprintln!("skipped: a sample has no processes of its own here");
        return None;
    };
    let stage =
        Stage::with(ServerConfig { kubelet: Some(Kubelet::running(beside.clone())), ..ServerConfig::default() });
    let name = std::fs::read_to_string(sample.path().join("etc/hostname")).expect("the sample has a name");
    std::fs::write(stage.files.path("facts.rb"), CONTROLS.replace("NAME", &format!("{name:?}"))).expect("a profile");
    let pod = |name: &str| Pod::new(name).namespace("shop").container(Container::new("app", NoPrograms).id(&group()));
    stage.server.add_pod(&pod("bare"));
    let shared = json!({"shareProcessNamespace": true});
    stage.server.add_pod(&pod("agent").spec(shared).container(Container::new(SIDECAR, beside)));
    Some(Bare { stage, sample })
}

/// In the place of a container's id, by which its processes' control group is named: the one that all are in here, of whose
/// processes the sample's first is the oldest.
fn group() -> String {
    let groups = std::fs::read_to_string("/proc/self/cgroup").expect("this system has control groups");
    let line = groups.lines().next().expect("at least one").trim_end_matches('/');
    format!("containerd://{}", line.rsplit('/').next().unwrap_or_default())
}

fn channel(report: &str) -> String {
    let report: Value = serde_json::from_str(report).expect("a report");
    report["plimsoll"]["channel"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_debug_container_audits_what_has_no_shell() {
    let Some(Bare { stage, sample: _sample }) = bare() else { return };
    for access in ["lease", "existing"] {
        let ended = stage.scan("bare", "facts.rb", &["--reporter", "json", "--access", access]).code(0);
        assert_eq!(channel(&ended.stdout), "k8s-debug");
        ended.says(&["has no /bin/sh", "debug container plimsoll-", "ended, verified (Completed, exit code 0)"]);
        stage.expect_nothing_left();
    }
}

#[test]
fn an_agent_in_the_pod_is_asked_before_anything_else() {
    let Some(Bare { stage, sample: _sample }) = bare() else { return };
    for more in [&["-c", "app"][..], &["-c", "app", "--mode", "sidecar"], &[]] {
        let ended = stage.scan("agent", "facts.rb", &[&["--reporter", "json"], more].concat()).code(0);
        assert_eq!(channel(&ended.stdout), "k8s-sidecar");
        ended.says(&["nothing is left in the cluster"]);
        stage.expect_nothing_left();
    }
}

#[test]
fn a_debug_container_ends_at_its_deadline_when_nobody_tells_it() {
    let Some(Bare { stage, sample: _sample }) = bare() else { return };
    // The debug container runs, and nobody ever gets to talk to its agent.
    stage.fault("GET", "/api/v1/namespaces/*/pods/*/exec", Fault::Delay(Duration::from_secs(60)));
    let mut scan = stage.start_scan("bare", "facts.rb", &["--mode", "debug", "--deadline", "3s"]);
    let state = || {
        let pods = stage.server.objects("pods");
        let pod = pods.iter().find(|pod| pod["metadata"]["name"] == "bare").expect("the pod");
        pod.pointer("/status/ephemeralContainerStatuses/0/state").cloned().unwrap_or_default()
    };
    wait("the debug container runs", || {
        scan.expect_running();
        state().get("running").is_some()
    });
    scan.signal(Signal::KILL);
    wait("the debug container has ended", || state().get("terminated").is_some());
    assert_eq!(state()["terminated"]["exitCode"], 0);
    wait("the lease is over", || {
        stage.run(&["access", "gc", "-n", "shop"]).code(0);
        stage.server.leftovers(crate::stage::OURS).is_empty()
    });
    // And the next scan finds nothing in its way.
    stage.server.faults().clear();
    stage.scan("bare", "facts.rb", &["--mode", "debug"]).code(0);
}
