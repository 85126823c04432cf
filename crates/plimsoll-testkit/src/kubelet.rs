//! What a node does with containers that clients ask for: pods they make, and debug containers they add to pods.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::pods;
use crate::process::{Process, Streams};
use crate::runtime::ContainerRuntime;
use crate::server::Shared;
use crate::store::Key;

/// Decides what becomes of a container, by its entry in the pod's spec.
#[derive(Clone)]
pub struct Kubelet(Arc<dyn Fn(&Value) -> Start + Send + Sync>);

impl Kubelet {
    /// `decide` gets a container of the pod's `containers` or `ephemeralContainers`.
    pub fn new(decide: impl Fn(&Value) -> Start + Send + Sync + 'static) -> Self {
        Self(Arc::new(decide))
    }

    /// Every container runs, and `runtime` serves what is executed in it.
    pub fn running(runtime: impl ContainerRuntime + 'static) -> Self {
        let runtime: Arc<dyn ContainerRuntime> = Arc::new(runtime);
        Self::new(move |_| Start::Runs(Arc::clone(&runtime)))
    }

    fn decide(&self, container: &Value) -> Start {
        (self.0)(container)
    }
}

/// What becomes of a container.
#[derive(Clone)]
pub enum Start {
    /// It runs: its `command`, if the entry has one, until that ends; and whatever is executed in it.
    Runs(Arc<dyn ContainerRuntime>),
    /// It waits for this reason (`ErrImagePull`, `ContainerCreating` …).
    Waits {
        /// Its `state.waiting.reason`.
        reason: String,
        /// Its `state.waiting.message`.
        message: String,
    },
    /// It could not be started.
    Fails {
        /// Its `state.terminated.reason` (`StartError`, `ContainerCannotRun` …).
        reason: String,
        /// Its `state.terminated.message`.
        message: String,
    },
}

/// Where a pod keeps containers of a kind.
#[derive(Clone, Copy)]
enum Place {
    Main,
    Ephemeral,
}

impl Place {
    fn statuses(self) -> &'static str {
        match self {
            Self::Main => "containerStatuses",
            Self::Ephemeral => "ephemeralContainerStatuses",
        }
    }
}

/// Begins with the containers of a pod that a client makes; without a kubelet it stays pending.
pub(crate) fn start_pod(shared: &Arc<Shared>, pod: &mut Value) {
    let Some(kubelet) = &shared.config.kubelet else { return };
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array).cloned().unwrap_or_default();
    let (namespace, name) = names(pod);
    let mut running = pods::Pod::new(&name).namespace(&namespace);
    for container in &containers {
        let runtime: Arc<dyn ContainerRuntime> = Arc::new(crate::runtime::NoPrograms);
        let entry = pods::Container::shared(text(container, "name"), runtime).image(text(container, "image"));
        running = running.container(entry);
    }
    let object = running.object(&shared.clock.timestamp());
    pod["spec"]["nodeName"] = object["spec"]["nodeName"].clone();
    pod["status"] = object["status"].clone();
    for container in containers {
        let start = kubelet.decide(&container);
        if !matches!(start, Start::Runs(_)) {
            pod["status"]["phase"] = "Pending".into();
        }
        let one = One { place: Place::Main, namespace: namespace.clone(), pod: name.clone(), container };
        one.show(pod, &first_state(shared, &start));
        one.go_on(shared, start);
    }
}

/// Begins with a debug container that a client has added to a stored pod; a moment later its status shows it.
pub(crate) fn start_ephemeral(shared: &Arc<Shared>, pod: &Value, container: &Value) {
    let Some(kubelet) = &shared.config.kubelet else { return };
    let start = kubelet.decide(container);
    let (namespace, name) = names(pod);
    let one = One { place: Place::Ephemeral, namespace, pod: name, container: container.clone() };
    let shared = Arc::clone(shared);
    shared.tasks.clone().spawn(async move {
        let state = first_state(&shared, &start);
        if let Start::Runs(runtime) = &start {
            shared.set_runtime(one.key(), Arc::clone(runtime));
        }
        one.tell(&shared, &state);
        one.go_on(&shared, start);
    });
}

fn names(pod: &Value) -> (String, String) {
    (text(&pod["metadata"], "namespace").to_owned(), text(&pod["metadata"], "name").to_owned())
}

fn text<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn first_state(shared: &Shared, start: &Start) -> Value {
    let now = shared.clock.timestamp();
    match start {
        Start::Runs(_) => json!({"running": {"startedAt": now}}),
        Start::Waits { reason, message } => json!({"waiting": {"reason": reason, "message": message}}),
        Start::Fails { reason, message } => json!({"terminated": {"exitCode": 128, "reason": reason,
            "message": message, "startedAt": now, "finishedAt": now}}),
    }
}

/// One container of one pod.
struct One {
    place: Place,
    namespace: String,
    pod: String,
    container: Value,
}

impl One {
    fn key(&self) -> (String, String, String) {
        (self.namespace.clone(), self.pod.clone(), text(&self.container, "name").to_owned())
    }

    /// Puts the container's state into a pod's status.
    fn show(&self, pod: &mut Value, state: &Value) {
        let name = text(&self.container, "name");
        let statuses = &mut pod["status"][self.place.statuses()];
        if !statuses.is_array() {
            *statuses = json!([]);
        }
        let Some(statuses) = statuses.as_array_mut() else { return };
        let running = state.get("running").is_some();
        match statuses.iter_mut().find(|status| status["name"] == name) {
            Some(status) => {
                status["state"] = state.clone();
                status["ready"] = running.into();
            }
            None => statuses.push(json!({
                "name": name, "image": text(&self.container, "image"), "imageID": "", "ready": false, "restartCount": 0,
                "containerID": pods::container_id(&self.namespace, &self.pod, name), "state": state, "lastState": {},
            })),
        }
    }

    /// The same in the store; says whether the pod is still there.
    fn tell(&self, shared: &Shared, state: &Value) -> bool {
        let mut store = shared.store();
        let Some(mut pod) = store.find("", "pods", &self.namespace, &self.pod).cloned() else { return false };
        self.show(&mut pod, state);
        let kind = Kind::find("", "v1", "pods").expect("pods are known");
        store.put(Key::new(kind, &self.namespace, &self.pod), pod);
        shared.announce(store.version());
        true
    }

    /// Runs its command until that ends, the pod goes, or the server stops.
    fn go_on(self, shared: &Arc<Shared>, start: Start) {
        let Start::Runs(runtime) = start else { return };
        shared.set_runtime(self.key(), Arc::clone(&runtime));
        let command = self.container.get("command").and_then(Value::as_array).cloned().unwrap_or_default();
        let command: Vec<String> = command.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
        if command.is_empty() {
            return;
        }
        let shared = Arc::clone(shared);
        shared.tasks.clone().spawn(async move {
            let streams = Streams { stdin: false, stdout: false, stderr: false, tty: false };
            let started = runtime.prepare(&command).map_err(|error| error.to_string());
            let started =
                started.and_then(|prepared| Process::start(prepared, streams).map_err(|error| error.to_string()));
            let now = shared.clock.timestamp();
            let mut process = match started {
                Ok(process) => process,
                Err(why) => {
                    let message = format!(
                        "failed to create containerd task: failed to create shim task: OCI runtime \
                        create failed: runc create failed: unable to start container process: {why}: unknown"
                    );
                    self.tell(
                        &shared,
                        &json!({"terminated": {"exitCode": 128, "reason": "StartError",
                        "message": message, "startedAt": now, "finishedAt": now}}),
                    );
                    return;
                }
            };
            let code = tokio::select! {
                code = process.wait() => code.unwrap_or(255),
                () = self.gone(&shared) => return process.end().await,
                () = shared.stop.cancelled() => return process.end().await,
            };
            let reason = if code == 0 { "Completed" } else { "Error" };
            self.tell(
                &shared,
                &json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": now,
                "finishedAt": shared.clock.timestamp()}}),
            );
        });
    }

    /// Waits until the pod is not there any more.
    async fn gone(&self, shared: &Shared) {
        let mut changed = shared.changed.subscribe();
        while changed.changed().await.is_ok() {
            if shared.store().find("", "pods", &self.namespace, &self.pod).is_none() {
                return;
            }
        }
    }
}
