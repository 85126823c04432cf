//! Targets that can't be scanned: each gets an error that names it and says why.

use anyhow::Result;
use serde_json::json;

use super::Scenario;
use super::plimsoll::{NOT_EVALUATED, USAGE};
use super::world::{Profile, World, file};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "no-such-pod", run: |world| refused(world, "buzybox", &[], &["no pod buzybox", "busybox"]) },
    Scenario { name: "no-such-container", run: |world| refused(world, "pair", &["-c", "app"], &["app", "web", "log"]) },
    Scenario { name: "container-not-named", run: |world| refused(world, "pair", &[], &["-c", "web", "log"]) },
    Scenario { name: "no-such-namespace", run: no_such_namespace },
    Scenario { name: "pod-waits-for-its-image", run: |world| refused(world, "waiting", &[], &["ErrImageNeverPull"]) },
    Scenario { name: "pod-has-ended", run: |world| refused(world, "finished", &[], &["finished", "Succeeded"]) },
    Scenario {
        name: "container-without-shell",
        run: |world| refused(world, "static", &["--mode", "exec"], &["static", "shell"]),
    },
    Scenario { name: "no-such-profile", run: no_such_profile },
    Scenario { name: "cluster-does-not-answer", run: cluster_does_not_answer },
];

fn refused(world: &World, pod: &str, more: &[&str], said: &[&str]) -> Result<()> {
    world.scan(pod, Profile::Baseline, more)?.expect_code(NOT_EVALUATED)?.expect_error(said).map(drop)
}

fn no_such_namespace(world: &World) -> Result<()> {
    let profile = Profile::Baseline.path();
    let ended = world.plimsoll(&["scan", "pod/busybox", "-n", "plimsoll-nowhere", "--profile", &profile])?;
    ended.expect_code(NOT_EVALUATED)?.expect_error(&["plimsoll-nowhere"]).map(drop)
}

fn no_such_profile(world: &World) -> Result<()> {
    let ended =
        world.plimsoll(&["scan", "pod/busybox", "-n", &world.namespace, "--profile", "/there/is/no/such/profile"])?;
    ended.expect_code(USAGE)?.expect_error(&["/there/is/no/such/profile"]).map(drop)
}

fn cluster_does_not_answer(world: &World) -> Result<()> {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "nobody", "user": {"token": "none"}}],
        "contexts": [{"name": "gone", "context": {"cluster": "gone", "user": "nobody"}}],
        "current-context": "gone",
    });
    let (_directory, config) = file("kubeconfig", &config.to_string())?;
    world
        .scan("busybox", Profile::Baseline, &["--kubeconfig", &config])?
        .expect_code(NOT_EVALUATED)?
        .expect_error(&["127.0.0.1:1"])
        .map(drop)
}
