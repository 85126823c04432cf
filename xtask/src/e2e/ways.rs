//! The ways into a container: each scans the same containers with the same profile, and all must say the same.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::Scenario;
use super::plimsoll::{Ended, NOT_EVALUATED, PASSED};
use super::world::{Profile, World, file};
use crate::image::Image;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "ways-debian", run: |world| agree(world, "debian", &["exec", "debug", "copy"]) },
    Scenario { name: "ways-busybox", run: |world| agree(world, "busybox", &["exec", "debug", "copy"]) },
    Scenario { name: "ways-static", run: |world| agree(world, "static", &["auto", "debug", "copy"]) },
    Scenario { name: "ways-nonroot-readonly", run: |world| agree(world, "hardened", &["exec", "debug", "copy"]) },
    Scenario { name: "ways-restricted-namespace", run: restricted },
    Scenario { name: "ways-shared-processes", run: shared_processes },
    Scenario { name: "ways-image-sidecar", run: image_sidecar },
    Scenario { name: "ways-injected-sidecar", run: injected_sidecar },
    Scenario { name: "ways-debug-image-with-a-shell", run: debug_image_with_a_shell },
    Scenario { name: "ways-debug-image-missing", run: debug_image_missing },
    Scenario { name: "ways-debug-refused", run: debug_refused },
];

/// What a report says of each control, result by result.
type Verdicts = BTreeMap<String, Vec<String>>;

/// What no threshold keeps from passing.
const ANY: &str = "compliance:\n  min: 0\n";

/// One scan: its verdicts, and the channel that its report names.
fn scan(world: &World, arguments: &[&str]) -> Result<(Verdicts, String, Ended)> {
    let (directory, threshold) = file("threshold.yml", ANY)?;
    let path = directory.path().join("report.json");
    let reporter = format!("json:{}", path.display());
    let profile = Profile::Facts.path();
    let mut all = vec!["scan"];
    all.extend(arguments);
    all.extend(["--profile", &profile, "--threshold", &threshold, "--reporter", &reporter]);
    let ended = world.plimsoll(&all)?.expect_code(PASSED)?;
    let report = std::fs::read_to_string(&path).with_context(|| format!("no report: {}", ended.said()))?;
    let report: Value = serde_json::from_str(&report)?;
    let channel = report.pointer("/plimsoll/channel").or_else(|| report.pointer("/passthrough/plimsoll/channel"));
    let channel = channel.and_then(Value::as_str).unwrap_or_default().to_owned();
    let verdicts = verdicts(&report)?;
    ensure!(verdicts.len() >= 16, "the profile has at least 16 controls: {}", ended.said());
    // What every container has and what none has: neither all passed nor all failed.
    for (control, expected) in
        [("root-directory", "passed"), ("wrong-on-purpose", "failed"), ("no-such-program", "passed")]
    {
        let found = verdicts.get(control).context("a control is missing")?;
        ensure!(found.iter().any(|result| result.starts_with(expected)), "{control} has not {expected}: {found:?}");
    }
    Ok((verdicts, channel, ended))
}

fn verdicts(report: &Value) -> Result<Verdicts> {
    let controls = report["profiles"][0]["controls"].as_array().context("the report has no controls")?;
    let one = |control: &Value| {
        let id = control["id"].as_str().context("a control without id")?.to_owned();
        let results = control["results"].as_array().context("a control without results")?;
        let text = |result: &Value, key: &str| result[key].as_str().unwrap_or_default().to_owned();
        let results = results.iter().map(|result| format!("{}: {}", text(result, "status"), text(result, "code_desc")));
        Ok((id, results.collect()))
    };
    controls.iter().map(one).collect()
}

fn differences(one: &Verdicts, other: &Verdicts) -> Vec<String> {
    let differs = |(id, results): (&String, &Vec<String>)| {
        let theirs = other.get(id);
        (theirs != Some(results)).then(|| format!("{id}: {results:?} and {theirs:?}"))
    };
    one.iter().filter_map(differs).collect()
}

/// Scans by each way; all must say the same.
fn agree_in(world: &World, namespace: &str, pod: &str, more: &[&str], modes: &[&str]) -> Result<()> {
    let mut first: Option<(String, Verdicts)> = None;
    for mode in modes {
        let mut arguments = vec![pod, "-n", namespace, "--mode", mode];
        arguments.extend(more);
        let (found, channel, ended) = scan(world, &arguments).with_context(|| format!("--mode {mode}"))?;
        let expected = if *mode == "auto" { "k8s-debug".to_owned() } else { format!("k8s-{mode}") };
        ensure!(channel == expected, "the report names the channel {channel}, not {expected}: {}", ended.said());
        match &first {
            None => first = Some(((*mode).to_owned(), found)),
            Some((other, theirs)) => {
                let differences = differences(theirs, &found);
                ensure!(differences.is_empty(), "{other} and {mode} differ:\n{}", differences.join("\n"));
            }
        }
    }
    Ok(())
}

fn agree(world: &World, pod: &str, modes: &[&str]) -> Result<()> {
    agree_in(world, &world.namespace, pod, &[], modes)
}

/// Pod Security admits nothing there but what is not root, has no capabilities and a seccomp profile.
fn restricted(world: &World) -> Result<()> {
    let namespace = world.restricted_namespace()?;
    let done = (|| {
        agree_in(world, &namespace, "locked", &[], &["auto", "copy"])?;
        agree_in(world, &namespace, "locked-shell", &[], &["exec", "debug"])
    })();
    world.kubectl.run(&["delete", "namespace", &namespace, "--wait=false"])?;
    done
}

/// Three containers and one process namespace: what is said of each is its own.
fn shared_processes(world: &World) -> Result<()> {
    for container in ["web", "log"] {
        agree_in(world, &world.namespace, "trio", &["-c", container], &["exec", "debug", "copy"])?;
    }
    agree_in(world, &world.namespace, "trio", &["-c", "bare"], &["debug", "copy"])
}

/// A pod made of an image says what a pod that runs that image says.
fn image_sidecar(world: &World) -> Result<()> {
    for (pod, image) in [("busybox", Image::Busybox), ("static", Image::Static)] {
        let (of_pod, ..) = scan(world, &[pod, "-n", &world.namespace, "--mode", "debug"])?;
        let image = ["image", image.name(), "-n", &world.namespace, "--mode", "sidecar"];
        let (of_image, channel, ended) = scan(world, &image)?;
        ensure!(channel == "k8s-sidecar", "the report names the channel {channel}");
        let differences = differences(&of_pod, &of_image);
        ensure!(differences.is_empty(), "{}", differences.join("\n"));
        ended.expect_error(&["Pod plimsoll-", "removed, verified gone", "nothing is left in the cluster"])?;
    }
    Ok(())
}

fn injected_sidecar(world: &World) -> Result<()> {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "injected", "namespace": world.namespace},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [
            {"name": "main", "image": Image::Static.name(), "imagePullPolicy": "Never"}]}});
    let (_directory, manifest) = file("pod.json", &pod.to_string())?;
    let injected = world.plimsoll(&["sidecar", "inject", "-f", &manifest])?.expect_code(PASSED)?;
    let injected: Value = serde_json::from_str(&injected.stdout).context("the manifest printed is no JSON")?;
    world.kubectl.apply(&[injected])?;
    let done = world.wait_for("condition=Ready", &["pod/injected"]).and_then(|()| {
        let (found, channel, _) = scan(world, &["injected", "-n", &world.namespace])?;
        ensure!(channel == "k8s-sidecar", "the report names the channel {channel}");
        // Once more: the agent is still there.
        let (again, ..) = scan(world, &["injected", "-n", &world.namespace, "--mode", "sidecar"])?;
        let differences = differences(&found, &again);
        ensure!(differences.is_empty(), "{}", differences.join("\n"));
        Ok(())
    });
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", "injected", "--now"])?;
    done
}

/// An image of the user's own with a shell: the engine stays where it is.
fn debug_image_with_a_shell(world: &World) -> Result<()> {
    let (by_agent, ..) = scan(world, &["static", "-n", &world.namespace, "--mode", "debug"])?;
    let image = Image::Busybox.name();
    let by_shell = ["static", "-n", &world.namespace, "--mode", "debug", "--debug-image", image];
    let (by_shell, channel, ended) = scan(world, &by_shell)?;
    ensure!(channel == "k8s-debug", "the report names the channel {channel}");
    let differences = differences(&by_agent, &by_shell);
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    ended.expect_error(&["ended, verified (Completed, exit code 0)"]).map(drop)
}

fn debug_image_missing(world: &World) -> Result<()> {
    let missing = "plimsoll.test/there-is-no-such-image:1";
    let arguments = ["--mode", "debug", "--debug-image", missing, "--image-pull-policy", "never"];
    let ended = world.scan("static", Profile::Facts, &arguments)?.expect_code(NOT_EVALUATED)?;
    ended.expect_error(&["ErrImageNeverPull", missing, "--debug-image", "never ran"]).map(drop)
}

/// Who may not add debug containers is told what it takes; a copy is scanned where that is allowed.
fn debug_refused(world: &World) -> Result<()> {
    let rules = json!([
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "create", "delete"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get", "create"]},
    ]);
    let name = "no-debugging";
    let meta = json!({"name": name, "namespace": world.namespace});
    let api = "rbac.authorization.k8s.io/v1";
    world.kubectl.apply(&[
        json!({"apiVersion": api, "kind": "Role", "metadata": meta, "rules": rules}),
        json!({"apiVersion": api, "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}]}),
    ])?;
    let own = ["--as", name, "--access", "existing"];
    let refused = world.scan("static", Profile::Facts, &own)?.expect_code(NOT_EVALUATED)?;
    refused.expect_error(&["no way into", "has no /bin/sh", "pods/ephemeralcontainers", "--allow-copy"])?;
    let mut arguments = vec!["static", "-n", &world.namespace, "--allow-copy"];
    arguments.extend(own);
    let (_, channel, _) = scan(world, &arguments)?;
    ensure!(channel == "k8s-copy", "the report names the channel {channel}");
    Ok(())
}
