//! The agent, on this machine instead of in a pod; and manifests that have one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Files, command, plimsoll};

#[test]
fn one_that_waits_ends_at_its_deadline() {
    let started = Instant::now();
    plimsoll(&["agent", "wait", "--run", "run-with-a-deadline", "--deadline", "300ms"]).code(0);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[test]
fn one_that_waits_ends_when_told_and_no_other_does() {
    let wait = |run: &str| command(["agent", "wait", "--run", run, "--deadline", "60s"]).spawn().unwrap();
    let (mut ours, mut other) = (wait("run-to-be-told"), wait("run-to-be-told-not"));
    std::thread::sleep(Duration::from_millis(300));
    plimsoll(&["agent", "end", "--run", "run-to-be-told"]).code(0);
    assert!(ours.wait().unwrap().success());
    assert!(other.try_wait().unwrap().is_none(), "another run's agent has ended");
    other.kill().unwrap();
    other.wait().unwrap();
    plimsoll(&["agent", "end", "--run", "run-to-be-told"]).code(1).says(&["nothing here waits for run run-to-be-told"]);
}

#[test]
fn an_agent_that_does_not_find_the_container_says_so_in_its_greeting() {
    let ended = plimsoll(&["agent", "audit", "--run", "r", "--container", "containerd://0123456789abcdef", "--shared"]);
    let greeting = ended.code(0).stdout;
    // Behind the four bytes of its length.
    let hello: Value = serde_json::from_str(&greeting[4..]).unwrap();
    assert_eq!(hello["protocol"], 1);
    assert_eq!(hello["found"]["Err"]["why"], "not-here");
}

#[test]
fn a_manifest_gets_an_agent_and_what_stands_beside_it_passes_through() {
    let manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n---\napiVersion: apps/v1\nkind: Deployment\n\
                    metadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: app, image: 'web:1'}\n";
    let files = Files::new(&[
        ("web.yaml", manifest),
        ("job.yaml", "apiVersion: batch/v1\nkind: Job\n"),
        ("torn.yaml", "kind: [Pod\n"),
        ("empty.yaml", "# nothing\n"),
    ]);
    let inject =
        |file: &str| plimsoll(&["sidecar", "inject", "-f", &files.arg(file), "--debug-image", "mirror/agent:1"]);
    let printed = inject("web.yaml").code(0).stdout;
    // Two documents before, two documents after, in YAML.
    let (service, deployment) = printed.split_once("\n---\n").expect("two documents");
    assert!(service.contains("kind: Service") && service.contains("name: web"), "{printed}");
    let lines: Vec<&str> = deployment.lines().map(str::trim).collect();
    for line in ["kind: Deployment", "shareProcessNamespace: true", "image: mirror/agent:1", "image: web:1"] {
        assert!(lines.contains(&line), "no line {line:?}: {printed}");
    }
    // What has an agent is printed as it is.
    std::fs::write(files.path("again.yaml"), &printed).unwrap();
    assert_eq!(inject("again.yaml").code(0).stdout, printed);
    let as_json = json!({"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "app"}]}});
    std::fs::write(files.path("web.json"), as_json.to_string()).unwrap();
    let printed: Value = serde_json::from_str(&inject("web.json").code(0).stdout).expect("JSON in, JSON out");
    assert_eq!(printed["spec"]["containers"][1]["image"], "mirror/agent:1");
    inject("torn.yaml").code(1).says(&["torn.yaml is neither YAML nor JSON"]);
    inject("empty.yaml").code(1).says(&["has no pods that go on running"]);
    inject("job.yaml").code(1).says(&["a Job has no pods that go on running"]);
    inject("none.yaml").code(1).says(&["cannot read the manifest"]);
}

#[test]
fn what_does_not_fit_together_is_told_before_a_cluster_is_asked() {
    let files = Files::new(&[("good.rb", "control('a') { describe(1) { it { should eq 1 } } }")]);
    let profile = files.arg("good.rb");
    let scan = |arguments: &[&str]| plimsoll(&[&["scan"][..], arguments, &["--profile", &profile]].concat()).code(1);
    scan(&["--mode", "debug", "image", "web:1"]).says(&["an image is scanned with --mode sidecar"]);
    scan(&["--image-command", "sleep", "--quiet", "web"]).says(&["--image-command is for"]);
    scan(&["image"]).says(&["plimsoll scan image IMAGE", "pod/image"]);
    scan(&["image", ""]).says(&["name the image"]);
    scan(&["image", "web:1", "-c", "app"]).says(&["--container is for pods"]);
    scan(&["web", "image"]).says(&["name one pod (pod/NAME), or an image (image IMAGE)"]);
    scan(&["pod/"]).says(&["is no pod name"]);
    scan(&["deploy/web"]).says(&["deploy/web", "pod/NAME"]);
    scan(&["web", "--mode", "exec", "--allow-copy"]).says(&["--allow-copy is for --mode auto"]);
    scan(&["web", "--mode", "ssh"]).says(&["auto, exec, debug, sidecar, copy"]);
    scan(&["web", "--debug-image", ""]).says(&["--debug-image"]);
    scan(&["web", "--image-pull-policy", "sometimes"]).says(&["if-not-present, always, never"]);
    for deadline in ["0", "soon", "1y"] {
        scan(&["web", "--deadline", deadline]).says(&["--deadline"]);
    }
}

#[test]
fn an_agent_that_is_called_wrongly_says_how_it_is_called() {
    for (arguments, said) in [
        (&["agent"][..], "Usage: plimsoll agent <COMMAND>"),
        (&["agent", "wait"], "--run <ID>"),
        (&["agent", "wait", "--run", "x", "--deadline", "soon"], "`soon` is no length of time"),
        (&["agent", "audit", "--run", "x"], "--container <ID>"),
        (&["agent", "end"], "--run <ID>"),
        (&["sidecar"], "Usage: plimsoll sidecar <COMMAND>"),
        (&["sidecar", "inject"], "--filename <FILE>"),
        (&["access"], "Usage: plimsoll access <COMMAND>"),
    ] {
        plimsoll(arguments).code(1).says(&[said]);
    }
}
