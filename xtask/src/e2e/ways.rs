//! The ways into a container: each scans the same containers with the same profile, and all must say the same.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::Scenario;
use super::plimsoll::{Ended, NOT_EVALUATED, PASSED};
use super::world::{Profile, World, file, wait};
use crate::home::Home;
use crate::image::Image;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "ways-debian", run: |world| everywhere(world, "debian", Image::Debian, EXEC) },
    Scenario { name: "ways-busybox", run: |world| everywhere(world, "busybox", Image::Busybox, EXEC) },
    Scenario { name: "ways-static", run: |world| everywhere(world, "static", Image::Static, NO_SHELL) },
    Scenario { name: "ways-nonroot-readonly", run: |world| everywhere(world, "hardened", Image::Busybox, EXEC) },
    Scenario { name: "ways-restricted-namespace", run: restricted },
    Scenario { name: "ways-shared-processes", run: shared_processes },
    Scenario { name: "ways-image-sidecar", run: image_sidecar },
    Scenario { name: "ways-injected-sidecar", run: injected_sidecar },
    Scenario { name: "ways-debug-image-with-a-shell", run: debug_image_with_a_shell },
    Scenario { name: "ways-debug-runs-commands", run: debug_runs_commands },
    Scenario { name: "ways-debug-image-missing", run: debug_image_missing },
    Scenario { name: "ways-debug-image-unknown", run: debug_image_unknown },
    Scenario { name: "ways-image-unknown", run: image_unknown },
    Scenario { name: "ways-debug-refused", run: debug_refused },
    Scenario { name: "ways-tools-without-a-shell", run: tools_without_a_shell },
    Scenario { name: "ways-shell-of-another-name", run: shell_of_another_name },
    Scenario { name: "ways-quota-exceeded", run: quota_exceeded },
];

/// The ways into a container that has a shell.
const EXEC: &[&str] = &["exec", "debug", "copy"];
/// The ways into one that has none.
const NO_SHELL: &[&str] = &["auto", "debug", "copy"];

/// What only a container that runs can tell, and an image in an archive can't: its sockets, and the file
/// that the kubelet puts into it.
const OF_THE_RUNNING: [&str; 2] = ["listening", "exists-etc-hostname"];

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

/// A container that runs, and the image it runs.
struct Container<'a> {
    namespace: &'a str,
    pod: &'a str,
    /// Where the pod has several.
    name: Option<&'a str>,
    image: Image,
}

impl Container<'_> {
    fn scan(&self, world: &World, mode: &str) -> Result<(Verdicts, String, Ended)> {
        let mut arguments = vec![self.pod, "-n", self.namespace, "--mode", mode];
        arguments.extend(self.name.iter().flat_map(|name| ["-c", name]));
        scan(world, &arguments)
    }

    /// Scans it by each of these ways, then a pod of the same manifest that has an agent of its own, if there is one, then the
    /// image in its archive: all must say the same.
    fn agree(&self, world: &World, modes: &[&str], with_agent: Option<&str>) -> Result<()> {
        let mut all: Vec<(String, Verdicts)> = Vec::new();
        for mode in modes {
            let (found, channel, ended) = self.scan(world, mode).with_context(|| format!("--mode {mode}"))?;
            let expected = if *mode == "auto" { "k8s-debug".to_owned() } else { format!("k8s-{mode}") };
            ensure!(channel == expected, "the report names the channel {channel}, not {expected}: {}", ended.said());
            all.push(((*mode).to_owned(), found));
        }
        if let Some(pod) = with_agent {
            let twin = Container { pod, ..*self };
            let (found, channel, ended) = twin.scan(world, "sidecar").context("--mode sidecar")?;
            ensure!(channel == "k8s-sidecar", "the report names the channel {channel}: {}", ended.said());
            all.push(("sidecar".to_owned(), found));
        }
        let (first, theirs) = &all[0];
        for (mode, found) in &all[1..] {
            let differences = differences(theirs, found);
            ensure!(differences.is_empty(), "{first} and {mode} differ:\n{}", differences.join("\n"));
        }
        let differences = differences(&shared(theirs.clone()), &shared(of_archive(world, self.image)?));
        ensure!(differences.is_empty(), "{first} and the image archive differ:\n{}", differences.join("\n"));
        Ok(())
    }
}

/// The facts that an archive can tell as well.
fn shared(mut verdicts: Verdicts) -> Verdicts {
    verdicts.retain(|control, _| !OF_THE_RUNNING.contains(&control.as_str()));
    verdicts
}

/// What is said of an image in its archive, without any cluster.
fn of_archive(world: &World, image: Image) -> Result<Verdicts> {
    let archive = image.archive(&Home::locate()?)?;
    let (directory, _) = file("unused", "")?;
    let path = directory.path().join("report.json");
    let (target, reporter) = (format!("image:{}", archive.display()), format!("json:{}", path.display()));
    let profile = Profile::Facts.path();
    let ended = world.plimsoll(&["exec", &profile, "-t", &target, "--reporter", &reporter])?;
    // One control is wrong on purpose.
    ended.expect_code(100)?;
    let report: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    verdicts(&report)
}

/// Makes a pod of this manifest with an agent of its own, as `sidecar inject` adds it; gives its name.
fn with_agent(world: &World, mut manifest: Value, container: Option<&str>) -> Result<String> {
    let name = format!("{}-agent", manifest["metadata"]["name"].as_str().unwrap_or_default());
    manifest["metadata"]["name"] = json!(name);
    let namespace = manifest["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
    let (_directory, path) = file("pod.json", &manifest.to_string())?;
    let mut arguments = vec!["sidecar", "inject", "-f", &path];
    arguments.extend(container.iter().flat_map(|name| ["-c", name]));
    let injected = world.plimsoll(&arguments)?.expect_code(PASSED)?;
    let injected: Value = serde_json::from_str(&injected.stdout).context("JSON in, JSON out")?;
    world.kubectl.apply(&[injected])?;
    let pod = format!("pod/{name}");
    world.kubectl.run(&["-n", &namespace, "wait", "--for=condition=Ready", "--timeout=60s", &pod])?;
    Ok(name)
}

fn everywhere(world: &World, pod: &str, image: Image, modes: &[&str]) -> Result<()> {
    let twin = with_agent(world, world.manifest(pod)?, None)?;
    let container = Container { namespace: &world.namespace, pod, name: None, image };
    let done = container.agree(world, modes, Some(&twin));
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", &twin, "--now"])?;
    done
}

/// Pod Security admits nothing there but what is not root, has no capabilities and a seccomp profile.
fn restricted(world: &World) -> Result<()> {
    let namespace = world.restricted_namespace()?;
    let done = (|| {
        let [bare, shell] = world.locked(&namespace);
        let container = |pod, image| Container { namespace: &namespace, pod, name: None, image };
        container("locked", Image::Static).agree(world, NO_SHELL, Some(&with_agent(world, bare, None)?))?;
        container("locked-shell", Image::Busybox).agree(world, EXEC, Some(&with_agent(world, shell, None)?))
    })();
    world.kubectl.run(&["delete", "namespace", &namespace, "--wait=false"])?;
    done
}

/// Three containers and one process namespace: what is said of each is its own.
fn shared_processes(world: &World) -> Result<()> {
    let twin = with_agent(world, world.manifest("trio")?, Some("web"))?;
    let containers = [("web", Image::Busybox, EXEC), ("log", Image::Debian, EXEC), ("bare", Image::Static, NO_SHELL)];
    let done = containers.into_iter().try_for_each(|(name, image, modes)| {
        let container = Container { namespace: &world.namespace, pod: "trio", name: Some(name), image };
        container.agree(world, modes, Some(&twin)).with_context(|| format!("container {name}"))
    });
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", &twin, "--now"])?;
    done
}

/// A pod made of an image says what a pod that runs that image says.
fn image_sidecar(world: &World) -> Result<()> {
    for (pod, image) in [("debian", Image::Debian), ("busybox", Image::Busybox), ("static", Image::Static)] {
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

/// Manifests in YAML, as people have them: what is printed is what kubectl takes.
fn injected_sidecar(world: &World) -> Result<()> {
    let text = format!(
        "# A Service beside the pod\napiVersion: v1\nkind: Service\nmetadata: {{name: injected}}\nspec:\n  \
         ports: [{{port: 80}}]\n  publishNotReadyAddresses: yes\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  \
         name: injected\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: main\n    image: {}\n    \
         imagePullPolicy: Never\n    env: [{{name: ANSWER, value: \"yes\"}}]\n",
        Image::Static.name()
    );
    let (directory, manifest) = file("web.yaml", &text)?;
    let injected = world.plimsoll(&["sidecar", "inject", "-f", &manifest])?.expect_code(PASSED)?;
    let printed = directory.path().join("injected.yaml");
    std::fs::write(&printed, &injected.stdout)?;
    world.kubectl.run(&["-n", &world.namespace, "apply", "-f", &printed.to_string_lossy()])?;
    let done = world.wait_for("condition=Ready", &["pod/injected"]).and_then(|()| {
        let (found, channel, _) = scan(world, &["injected", "-n", &world.namespace])?;
        ensure!(channel == "k8s-sidecar", "the report names the channel {channel}");
        // Once more: the agent is still there.
        let (again, ..) = scan(world, &["injected", "-n", &world.namespace, "--mode", "sidecar"])?;
        let differences = differences(&found, &again);
        ensure!(differences.is_empty(), "{}", differences.join("\n"));
        Ok(())
    });
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod/injected", "service/injected", "--now"])?;
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

/// Whoever looks into a container that has a shell runs its commands there, be it the agent or an image with a shell.
fn debug_runs_commands(world: &World) -> Result<()> {
    let profile = r#"
        control 'command' do
          describe command('cd /etc && pwd; head -n 1 debian_version | wc -l >&2; exit 7') do
            its('stdout') { should eq "/etc\n" }
            its('stderr') { should eq "1\n" }
            its('exit_status') { should eq 7 }
          end
        end"#;
    let (_directory, profile) = file("command.rb", profile)?;
    for image in [Image::Agent, Image::Busybox] {
        let arguments = ["scan", "debian", "-n", &world.namespace, "--profile", &profile, "--mode", "debug"];
        world.plimsoll(&[&arguments[..], &["--debug-image", image.name()]].concat())?.expect_code(PASSED)?;
    }
    Ok(())
}

fn debug_image_missing(world: &World) -> Result<()> {
    let missing = "plimsoll.test/there-is-no-such-image:1";
    let arguments = ["--mode", "debug", "--debug-image", missing, "--image-pull-policy", "never"];
    let ended = world.scan("static", Profile::Facts, &arguments)?.expect_code(NOT_EVALUATED)?;
    ended.expect_error(&["ErrImageNeverPull", missing, "--debug-image", "never ran"]).map(drop)
}

/// An image that no registry has: the node's words come with the first try.
fn debug_image_unknown(world: &World) -> Result<()> {
    let unknown = "plimsoll.test/there-is-no-such-image:1";
    let ended = world.scan("static", Profile::Facts, &["--mode", "debug", "--debug-image", unknown])?;
    ended.expect_code(NOT_EVALUATED)?.expect_error(&["Image", unknown, "--debug-image", "never ran"]).map(drop)
}

fn image_unknown(world: &World) -> Result<()> {
    let (unknown, profile) = ("plimsoll.test/there-is-no-such-image:1", Profile::Facts.path());
    let ended = world.plimsoll(&["scan", "image", unknown, "-n", &world.namespace, "--profile", &profile])?;
    let said =
        ["container target of pod", unknown, "name an image that the node has or can pull", "removed, verified gone"];
    ended.expect_code(NOT_EVALUATED)?.expect_error(&said).map(drop)
}

/// A namespace that is full takes no pod to scan.
fn quota_exceeded(world: &World) -> Result<()> {
    let namespace = format!("{}-full", world.namespace);
    let meta = json!({"name": namespace});
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full", "namespace": namespace},
        "spec": {"hard": {"pods": "0"}}});
    world.kubectl.apply(&[json!({"apiVersion": "v1", "kind": "Namespace", "metadata": meta}), quota])?;
    let done = (|| {
        let limit = std::time::Duration::from_secs(30);
        wait("the quota is in force", limit, || {
            let hard = ["-n", &namespace, "get", "resourcequota", "full", "-o", "jsonpath={.status.hard.pods}"];
            let account = ["-n", &namespace, "get", "serviceaccount", "default"];
            Ok(world.kubectl.run(&hard)? == "0" && world.kubectl.attempt(&account)?.status.success())
        })?;
        let profile = Profile::Facts.path();
        let ended =
            world.plimsoll(&["scan", "image", Image::Static.name(), "-n", &namespace, "--profile", &profile])?;
        let said =
            ["not admitted to namespace", "exceeded quota: full", "ask for more", "nothing is left in the cluster"];
        ended.expect_code(NOT_EVALUATED)?.expect_error(&said).map(drop)
    })();
    world.kubectl.run(&["delete", "namespace", &namespace, "--wait=false"])?;
    done
}

/// A user who may do all that a scan takes but add debug containers; gives the name.
fn no_debugging(world: &World) -> Result<&'static str> {
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
    Ok(name)
}

/// Who may not add debug containers is told what it takes; a copy is scanned where that is allowed.
fn debug_refused(world: &World) -> Result<()> {
    let own = ["--as", no_debugging(world)?, "--access", "existing"];
    let refused = world.scan("static", Profile::Facts, &own)?.expect_code(NOT_EVALUATED)?;
    refused.expect_error(&["no way into", "has no /bin/sh", "pods/ephemeralcontainers", "--allow-copy"])?;
    let mut arguments = vec!["static", "-n", &world.namespace, "--allow-copy"];
    arguments.extend(own);
    let (_, channel, _) = scan(world, &arguments)?;
    ensure!(channel == "k8s-copy", "the report names the channel {channel}");
    Ok(())
}

/// Makes a Debian pod and removes some of its programs.
fn debian_without(world: &World, programs: &[&str]) -> Result<()> {
    world.create_victim(Image::Debian)?;
    let mut removal = vec!["-n", &world.namespace, "exec", "victim", "--", "rm", "-f"];
    removal.extend(programs);
    world.kubectl.run(&removal).map(drop)
}

/// What a container's own tools say of it is what a debug container says, be they asked for or all there is.
fn tools_without_a_shell(world: &World) -> Result<()> {
    debian_without(world, &["/bin/bash", "/bin/rbash", "/bin/dash", "/bin/sh"])?;
    let victim = |more: &[&str]| scan(world, &[&["victim", "-n", &world.namespace], more].concat());
    let (by_debug, ..) = victim(&["--mode", "debug"])?;
    for arguments in [&["--mode", "exec"][..], &["--as", no_debugging(world)?, "--access", "existing"]] {
        let (by_tools, channel, ended) = victim(arguments)?;
        ensure!(channel == "k8s-exec-direct", "the report names the channel {channel}");
        let differences = differences(&by_debug, &by_tools);
        ensure!(differences.is_empty(), "{}", differences.join("\n"));
        ended.expect_error(&["way in: k8s-exec-direct", "stat, head, find, readlink of its own"])?;
    }
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", "victim", "--now"]).map(drop)
}

fn shell_of_another_name(world: &World) -> Result<()> {
    debian_without(world, &["/bin/dash", "/bin/sh"])?;
    let (_, channel, ended) = scan(world, &["victim", "-n", &world.namespace])?;
    ensure!(channel == "k8s-exec", "the report names the channel {channel}");
    ended.expect_error(&["the container has no /bin/sh, but `bash`"])?;
    world.kubectl.run(&["-n", &world.namespace, "delete", "pod", "victim", "--now"]).map(drop)
}
