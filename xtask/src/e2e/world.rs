//! What every scenario finds: a cluster, a namespace with pods, the program, and profiles.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::plimsoll::{self, Ended, Plimsoll, Running};
use crate::image::Image;
use crate::kubectl::Kubectl;

/// The label of everything that a scan creates.
pub(crate) const OURS: &str = "app.kubernetes.io/managed-by=plimsoll";

/// Where the command of a slow scan leaves its process id.
pub(crate) const SLOW_MARKER: &str = "/tmp/plimsoll-e2e-slow";

/// Every kind of object that a scan could create.
const ACCESS_KINDS: &str = "serviceaccounts,roles,rolebindings,secrets,pods";

/// A cluster, a namespace of this run, and the program under test.
pub(crate) struct World {
    pub(crate) kubectl: Kubectl,
    pub(crate) namespace: String,
    plimsoll: Plimsoll,
}

impl World {
    /// Makes the namespace and its pods, and waits until they are what they are meant to be.
    pub(crate) fn create(kubectl: Kubectl, plimsoll: Plimsoll) -> Result<Self> {
        let namespace = format!("plimsoll-e2e-{}", std::process::id());
        let world = Self { kubectl, namespace, plimsoll };
        world.expect_nothing_left().context("the cluster must hold nothing of an earlier run")?;
        world.kubectl.run(&["create", "namespace", &world.namespace])?;
        let created = world.create_pods();
        if created.is_err() {
            world.remove()?;
        }
        created.map(|()| world)
    }

    fn create_pods(&self) -> Result<()> {
        wait("the namespace has its service account", Duration::from_secs(30), || {
            Ok(self.kubectl.attempt(&["-n", &self.namespace, "get", "serviceaccount", "default"])?.status.success())
        })?;
        self.kubectl.apply(&self.manifests())?;
        let pods = ["pod/debian", "pod/busybox", "pod/static", "pod/pair", "pod/hardened", "pod/trio"];
        self.wait_for("condition=Ready", &pods)?;
        self.wait_for("jsonpath={.status.phase}=Succeeded", &["pod/finished"])?;
        self.wait_for(
            "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImageNeverPull",
            &["pod/waiting"],
        )
    }

    fn manifests(&self) -> Vec<Value> {
        let missing = "plimsoll.test/there-is-no-such-image:1";
        vec![
            self.pod("debian", "Always", json!([container("main", Image::Debian.name())])),
            self.pod("busybox", "Always", json!([container("main", Image::Busybox.name())])),
            self.pod("static", "Always", json!([container("main", Image::Static.name())])),
            self.pod(
                "pair",
                "Always",
                json!([container("web", Image::Busybox.name()), container("log", Image::Debian.name())]),
            ),
            hardened(self.pod("hardened", "Always", json!([container("main", Image::Busybox.name())]))),
            sharing(self.pod(
                "trio",
                "Always",
                json!([
                    container("web", Image::Busybox.name()),
                    container("log", Image::Debian.name()),
                    container("bare", Image::Static.name()),
                ]),
            )),
            self.pod("waiting", "Always", json!([container("main", missing)])),
            self.pod("finished", "Never", json!([with_command(container("main", Image::Busybox.name()), &["true"])])),
        ]
    }

    /// The manifest of a pod that every scenario finds.
    pub(crate) fn manifest(&self, pod: &str) -> Result<Value> {
        let mut manifests = self.manifests().into_iter();
        manifests.find(|manifest| manifest["metadata"]["name"] == pod).with_context(|| format!("no pod {pod}"))
    }

    /// Makes a pod for a scenario that deletes it.
    pub(crate) fn create_victim(&self, image: Image) -> Result<()> {
        self.kubectl.apply(&[self.pod("victim", "Always", json!([container("main", image.name())]))])?;
        self.wait_for("condition=Ready", &["pod/victim"])
    }

    pub(crate) fn wait_for(&self, condition: &str, objects: &[&str]) -> Result<()> {
        let condition = format!("--for={condition}");
        let mut arguments = vec!["-n", &self.namespace, "wait", "--timeout=60s", &condition];
        arguments.extend(objects);
        self.kubectl.run(&arguments).map(drop)
    }

    fn pod(&self, name: &str, restart: &str, containers: Value) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {
                "containers": containers,
                "restartPolicy": restart,
                // Their first processes don't react to being asked to end.
                "terminationGracePeriodSeconds": 0,
            },
        })
    }

    /// A namespace that enforces `restricted`, with a pod that has no shell and one that has.
    pub(crate) fn restricted_namespace(&self) -> Result<String> {
        let namespace = format!("{}-restricted", self.namespace);
        let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        let object =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}});
        self.kubectl.apply(&[object])?;
        let account = ["-n", &namespace, "get", "serviceaccount", "default"];
        wait("the namespace has its service account", Duration::from_secs(30), || {
            Ok(self.kubectl.attempt(&account)?.status.success())
        })?;
        self.kubectl.apply(&self.locked(&namespace))?;
        let ready =
            ["-n", &namespace, "wait", "--for=condition=Ready", "--timeout=60s", "pod/locked", "pod/locked-shell"];
        self.kubectl.run(&ready)?;
        Ok(namespace)
    }

    /// The manifests of the pods in there.
    pub(crate) fn locked(&self, namespace: &str) -> [Value; 2] {
        [("locked", Image::Static), ("locked-shell", Image::Busybox)].map(|(name, image)| {
            let mut pod = hardened(self.pod(name, "Always", json!([container("main", image.name())])));
            pod["metadata"]["namespace"] = json!(namespace);
            pod
        })
    }

    /// Runs the program to its end.
    pub(crate) fn plimsoll(&self, arguments: &[&str]) -> Result<Ended> {
        self.start(arguments)?.end()
    }

    /// Starts the program.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Running> {
        self.plimsoll.start(self.kubectl.kubeconfig(), arguments)
    }

    /// Scans a pod of this run's namespace with one of the profiles.
    pub(crate) fn scan(&self, pod: &str, profile: Profile, more: &[&str]) -> Result<Ended> {
        self.start_scan(pod, profile, more)?.end()
    }

    /// Starts a scan of a pod of this run's namespace.
    pub(crate) fn start_scan(&self, pod: &str, profile: Profile, more: &[&str]) -> Result<Running> {
        let profile = profile.path();
        let pod = format!("pod/{pod}");
        let mut arguments = vec!["scan", &pod, "-n", &self.namespace, "--profile", &profile];
        arguments.extend(more);
        self.start(&arguments)
    }

    /// Starts a scan that takes half a minute, and waits until its command runs in the container.
    pub(crate) fn start_slow_scan(&self, pod: &str, more: &[&str]) -> Result<Running> {
        self.kubectl.run(&["-n", &self.namespace, "exec", pod, "--", "rm", "-f", SLOW_MARKER])?;
        let mut scan = self.start_scan(pod, Profile::Slow, more)?;
        let reached = ["-n", &self.namespace, "exec", pod, "--", "test", "-s", SLOW_MARKER];
        wait("the audit has reached the container", Duration::from_secs(30), || {
            scan.expect_running()?;
            Ok(self.kubectl.attempt(&reached)?.status.success())
        })?;
        Ok(scan)
    }

    /// Waits until nothing of ours runs any more: all debug containers of these pods have ended, and so have all pods that
    /// scans made.
    pub(crate) fn expect_all_over(&self, pods: &[&str], limit: Duration) -> Result<()> {
        wait("debug containers and pods of scans have ended", limit, || {
            let listed = self.kubectl.run(&["-n", &self.namespace, "get", "pods", "-o", "json"])?;
            let listed: Value = serde_json::from_str(&listed)?;
            let all = listed["items"].as_array().cloned().unwrap_or_default();
            Ok(all.iter().all(|pod| {
                let theirs = pods.contains(&pod["metadata"]["name"].as_str().unwrap_or_default());
                let ours = pod.pointer("/metadata/labels/app.kubernetes.io~1managed-by") == Some(&json!("plimsoll"));
                let over = matches!(pod["status"]["phase"].as_str(), Some("Failed" | "Succeeded"));
                (!theirs || debug_containers_have_ended(pod)) && (!ours || over)
            }))
        })
    }

    /// The objects of ours in all namespaces, as `KIND/NAME` of kubectl, each with its namespace before it.
    pub(crate) fn ours(&self) -> Result<Vec<String>> {
        let format = r#"-o=jsonpath={range .items[*]}{.metadata.namespace}{" "}{.kind}/{.metadata.name}{"\n"}{end}"#;
        let listed = self.kubectl.run(&["get", ACCESS_KINDS, "--all-namespaces", "-l", OURS, format])?;
        Ok(listed.lines().map(str::to_owned).collect())
    }

    /// Fails if the cluster holds anything that a scan created.
    pub(crate) fn expect_nothing_left(&self) -> Result<()> {
        let left = self.ours()?;
        ensure!(left.is_empty(), "left in the cluster: {}", left.join(", "));
        Ok(())
    }

    /// Removes what scans of this run left.
    pub(crate) fn remove_what_is_left(&self) -> Result<()> {
        self.kubectl.run(&["-n", &self.namespace, "delete", ACCESS_KINDS, "-l", OURS]).map(drop)
    }

    /// Removes the namespace with everything in it.
    pub(crate) fn remove(&self) -> Result<()> {
        self.kubectl.run(&["delete", "namespace", &self.namespace, "--timeout=90s"]).map(drop)
    }
}

fn debug_containers_have_ended(pod: &Value) -> bool {
    let added = pod["spec"]["ephemeralContainers"].as_array().map_or(0, Vec::len);
    let statuses = pod["status"]["ephemeralContainerStatuses"].as_array().cloned().unwrap_or_default();
    statuses.len() == added && statuses.iter().all(|status| status["state"].get("terminated").is_some())
}

/// A profile to scan with.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// The example that users start from.
    Baseline,
    /// One command that takes half a minute.
    Slow,
    /// What every way into a container can tell.
    Facts,
}

impl Profile {
    pub(crate) fn path(self) -> String {
        let path = match self {
            Self::Baseline => "examples/profiles/container-baseline",
            Self::Slow => "xtask/e2e/profiles/slow",
            Self::Facts => "xtask/e2e/profiles/facts",
        };
        plimsoll::project().join(path).to_string_lossy().into_owned()
    }
}

/// A file of the scenario's own, removed with the returned directory.
pub(crate) fn file(name: &str, content: &str) -> Result<(tempfile::TempDir, String)> {
    let directory = tempfile::tempdir()?;
    let path: PathBuf = directory.path().join(name);
    std::fs::write(&path, content)?;
    let path = path.to_string_lossy().into_owned();
    Ok((directory, path))
}

/// Waits until something has come about.
pub(crate) fn wait(what: &str, limit: Duration, mut condition: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !condition()? {
        if start.elapsed() > limit {
            bail!("waited {} s until {what}, in vain", limit.as_secs());
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Not root, no capability, a root file system that can't be written to: what `restricted` asks for, and more.
fn hardened(mut pod: Value) -> Value {
    pod["spec"]["securityContext"] = json!({"runAsUser": 65532, "runAsGroup": 65532, "runAsNonRoot": true,
        "seccompProfile": {"type": "RuntimeDefault"}});
    for container in pod["spec"]["containers"].as_array_mut().into_iter().flatten() {
        container["securityContext"] = json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]}});
    }
    pod
}

fn sharing(mut pod: Value) -> Value {
    pod["spec"]["shareProcessNamespace"] = json!(true);
    pod
}

fn container(name: &str, image: &str) -> Value {
    json!({"name": name, "image": image, "imagePullPolicy": "Never"})
}

fn with_command(mut container: Value, command: &[&str]) -> Value {
    container["command"] = json!(command);
    container
}
