//! Pods for a test or the demo: a name, a state, and containers that really run something.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::runtime::ContainerRuntime;

/// The state a pod appears in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PodState {
    /// Running and ready.
    #[default]
    Running,
    /// Not started: phase `Pending`, its containers waiting for this reason (`ImagePullBackOff`, `ContainerCreating` …).
    Pending {
        /// The containers' waiting reason.
        reason: String,
        /// The containers' waiting message.
        message: String,
    },
    /// Accepted, but no node has been found: no host, no container statuses.
    Unscheduled,
    /// Ended with exit code 0.
    Succeeded,
    /// Ended with this exit code.
    Failed(i32),
    /// Phase `Running`, containers waiting in `CrashLoopBackOff` after this exit code.
    CrashLoopBackOff(i32),
    /// Running, but deletion has begun (`deletionTimestamp` is set).
    Terminating,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Main,
    Init,
    Ephemeral,
}

/// One container of a pod.
#[derive(Clone)]
pub struct Container {
    pub(crate) name: String,
    image: String,
    role: Role,
    extra: Value,
    id: Option<String>,
    pub(crate) runtime: Arc<dyn ContainerRuntime>,
}

impl Container {
    /// A container whose exec requests are served by `runtime`.
    pub fn new(name: &str, runtime: impl ContainerRuntime + 'static) -> Self {
        Self::shared(name, Arc::new(runtime))
    }

    /// As [`Container::new`] with a runtime that others use, too.
    pub fn shared(name: &str, runtime: Arc<dyn ContainerRuntime>) -> Self {
        let image = format!("example.test/{name}:1");
        Self { name: name.to_owned(), image, role: Role::Main, extra: json!({}), id: None, runtime }
    }

    /// The image's name, as the pod shows it.
    #[must_use]
    pub fn image(mut self, image: &str) -> Self {
        image.clone_into(&mut self.image);
        self
    }

    /// Its id, where the control group of its processes has one: `containerd://` and the id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Further fields of the container's spec, merged in (`{"securityContext": {…}}`).
    #[must_use]
    pub fn spec(mut self, fields: Value) -> Self {
        self.extra = fields;
        self
    }

    /// Make it an init container: it has ended before the others start.
    #[must_use]
    pub fn init(mut self) -> Self {
        self.role = Role::Init;
        self
    }

    /// Make it an ephemeral container.
    #[must_use]
    pub fn ephemeral(mut self) -> Self {
        self.role = Role::Ephemeral;
        self
    }

    fn spec_value(&self) -> Value {
        let mut spec = json!({ "name": self.name, "image": self.image, "imagePullPolicy": "IfNotPresent" });
        crate::patch::merge(&mut spec, &self.extra);
        spec
    }
}

/// A pod to be added to a server.
#[derive(Clone)]
pub struct Pod {
    pub(crate) name: String,
    pub(crate) namespace: String,
    node: String,
    labels: serde_json::Map<String, Value>,
    owner: Option<Value>,
    extra: Value,
    state: PodState,
    pub(crate) containers: Vec<Container>,
}

impl Pod {
    /// A pod in namespace `default` on `node-1`, running, without containers yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            namespace: "default".to_owned(),
            node: "node-1".to_owned(),
            labels: serde_json::Map::new(),
            owner: None,
            extra: json!({}),
            state: PodState::Running,
            containers: Vec::new(),
        }
    }

    /// Its namespace; made when it does not exist yet.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        namespace.clone_into(&mut self.namespace);
        self
    }

    /// The node it runs on.
    #[must_use]
    pub fn node(mut self, node: &str) -> Self {
        node.clone_into(&mut self.node);
        self
    }

    /// Add a label.
    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.labels.insert(key.to_owned(), value.into());
        self
    }

    /// The controller that owns it, as an `ownerReferences` entry: `(apiVersion, kind, name, uid)`.
    #[must_use]
    pub fn owner(mut self, api_version: &str, kind: &str, name: &str, uid: &str) -> Self {
        self.owner = Some(json!({
            "apiVersion": api_version, "kind": kind, "name": name, "uid": uid, "controller": true,
            "blockOwnerDeletion": true,
        }));
        self
    }

    /// Further fields of its spec, merged in (`{"shareProcessNamespace": true}`).
    #[must_use]
    pub fn spec(mut self, fields: Value) -> Self {
        self.extra = fields;
        self
    }

    /// Its state; [`PodState::Running`] unless said.
    #[must_use]
    pub fn state(mut self, state: PodState) -> Self {
        self.state = state;
        self
    }

    /// Add a container.
    #[must_use]
    pub fn container(mut self, container: Container) -> Self {
        self.containers.push(container);
        self
    }

    fn of_role(&self, role: Role) -> impl Iterator<Item = &Container> {
        self.containers.iter().filter(move |container| container.role == role)
    }

    /// The API object, as of `now`.
    pub(crate) fn object(&self, now: &str) -> Value {
        let mut metadata = json!({ "name": self.name, "namespace": self.namespace });
        if !self.labels.is_empty() {
            metadata["labels"] = Value::Object(self.labels.clone());
        }
        if let Some(owner) = &self.owner {
            metadata["ownerReferences"] = json!([owner]);
        }
        if self.state == PodState::Terminating {
            metadata["deletionTimestamp"] = now.into();
            metadata["deletionGracePeriodSeconds"] = 30.into();
        }
        let specs = |role| self.of_role(role).map(Container::spec_value).collect::<Vec<_>>();
        let mut spec = json!({ "containers": specs(Role::Main), "securityContext": {} });
        for (field, role) in [("initContainers", Role::Init), ("ephemeralContainers", Role::Ephemeral)] {
            let list = specs(role);
            if !list.is_empty() {
                spec[field] = list.into();
            }
        }
        crate::patch::merge(&mut spec, &self.extra);
        if self.state != PodState::Unscheduled {
            spec["nodeName"] = self.node.clone().into();
        }
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": self.status(now) })
    }

    fn status(&self, now: &str) -> Value {
        let (phase, container_state) = match &self.state {
            PodState::Running | PodState::Terminating => ("Running", json!({ "running": { "startedAt": now } })),
            PodState::Pending { reason, message } => {
                ("Pending", json!({ "waiting": { "reason": reason, "message": message } }))
            }
            PodState::Unscheduled => {
                let condition = json!({
                    "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": now,
                    "message": "0/1 nodes are available: 1 Insufficient memory.",
                });
                return json!({ "phase": "Pending", "conditions": [condition], "qosClass": "BestEffort" });
            }
            PodState::Succeeded => ("Succeeded", terminated(0, now)),
            PodState::Failed(code) => ("Failed", terminated(*code, now)),
            PodState::CrashLoopBackOff(_) => {
                let message = format!("back-off 5m0s restarting failed container in pod {}", self.name);
                ("Running", json!({ "waiting": { "reason": "CrashLoopBackOff", "message": message } }))
            }
        };
        let ready = matches!(self.state, PodState::Running | PodState::Terminating);
        let last = match self.state {
            PodState::CrashLoopBackOff(code) => terminated(code, now),
            _ => json!({}),
        };
        let restarts = if matches!(self.state, PodState::CrashLoopBackOff(_)) { 7 } else { 0 };
        let statuses = |role| {
            let one = |container: &Container| {
                let state = if role == Role::Init { terminated(0, now) } else { container_state.clone() };
                let started = state.get("waiting").is_none();
                let own = || container_id(&self.namespace, &self.name, &container.name);
                let id = if started { container.id.clone().unwrap_or_else(own) } else { String::new() };
                json!({
                    "name": container.name, "image": container.image,
                    "imageID": if started { container.image.clone() } else { String::new() },
                    "containerID": id, "ready": ready, "started": ready, "restartCount": restarts, "state": state,
                    "lastState": last,
                })
            };
            self.of_role(role).map(one).collect::<Vec<_>>()
        };
        let condition = |kind: &str, holds: bool| json!({ "type": kind, "status": if holds { "True" } else { "False" }, "lastTransitionTime": now });
        let mut status = json!({
            "phase": phase,
            "conditions": [
                condition("Initialized", true), condition("Ready", ready), condition("ContainersReady", ready),
                condition("PodScheduled", true),
            ],
            "hostIP": "192.0.2.1", "podIP": "198.51.100.7", "podIPs": [{ "ip": "198.51.100.7" }], "startTime": now,
            "containerStatuses": statuses(Role::Main),
            "qosClass": "BestEffort",
        });
        for (field, role) in [("initContainerStatuses", Role::Init), ("ephemeralContainerStatuses", Role::Ephemeral)] {
            let list = statuses(role);
            if !list.is_empty() {
                status[field] = list.into();
            }
        }
        status
    }
}

fn terminated(code: i32, now: &str) -> Value {
    let reason = if code == 0 { "Completed" } else { "Error" };
    json!({ "terminated": { "exitCode": code, "reason": reason, "startedAt": now, "finishedAt": now } })
}

/// A container id in the runtime's form, the same for the same container.
pub(crate) fn container_id(namespace: &str, pod: &str, container: &str) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(format!("{namespace}/{pod}/{container}"));
    format!("containerd://{}", crate::random::hex(&digest))
}
