//! The server as its user holds it: start, look inside, stop.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bootstrap;
use crate::certificates::Certificates;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::identity::{MASTERS, Tokens};
use crate::kinds::Kind;
use crate::kubeconfig;
use crate::kubelet::Kubelet;
use crate::pods::{Pod, PodState};
use crate::random;
use crate::request_log::{LoggedRequest, RequestLog};
use crate::runtime::ContainerRuntime;
use crate::selector::Selector;
use crate::service;
use crate::store::{Key, Store};
use crate::validation;

/// A subprotocol of exec over WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecProtocol {
    /// `v4.channel.k8s.io`: the client can't close stdin without closing everything.
    V4,
    /// `v5.channel.k8s.io`: with a frame that closes a channel.
    V5,
}

impl ExecProtocol {
    pub(crate) fn name(self) -> &'static str {
        match self {
            ExecProtocol::V4 => "v4.channel.k8s.io",
            ExecProtocol::V5 => "v5.channel.k8s.io",
        }
    }
}

/// How a client learns that a command could not be started (no shell in the image, container not running).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartFailure {
    /// The upgrade is refused with HTTP 500 and a `Status` body.
    #[default]
    HttpStatus,
    /// The upgrade succeeds and the `Status` comes on the session's error channel.
    ErrorChannel,
}

/// How a server is to behave. `ServerConfig::default()` is a 1.34 cluster without delays.
#[derive(Clone)]
pub struct ServerConfig {
    /// Kubernetes minor version: 34 stands for 1.34. From 35 on, exec over WebSocket needs `create` besides `get`.
    pub minor_version: u32,
    /// Users with their groups. `admin` (in `system:masters`) always exists; others have no group unless listed.
    pub users: Vec<(String, Vec<String>)>,
    /// The exec subprotocols this server speaks.
    pub exec_protocols: Vec<ExecProtocol>,
    /// The most payload one exec frame carries, in bytes.
    pub exec_frame_bytes: usize,
    /// How commands that can't be started are reported.
    pub start_failure: StartFailure,
    /// How long a new role or binding takes until the authorizer sees it.
    pub rbac_delay: Duration,
    /// The time between two bookmarks of a watch that asked for them.
    pub bookmark_interval: Duration,
    /// What becomes of containers that clients ask for; without it pods that they make stay `Pending`.
    pub kubelet: Option<Kubelet>,
    /// Whether this server knows `pods/ephemeralcontainers`: before 1.23 few do.
    pub ephemeral_containers: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            minor_version: 34,
            users: Vec::new(),
            exec_protocols: vec![ExecProtocol::V5, ExecProtocol::V4],
            exec_frame_bytes: 32 * 1024,
            start_failure: StartFailure::default(),
            rbac_delay: Duration::ZERO,
            bookmark_interval: Duration::from_secs(60),
            kubelet: None,
            ephemeral_containers: true,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No free port on 127.0.0.1, or no network stack.
    #[error("the test API server can't listen on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
    /// The certificate could not be made.
    #[error("the test API server can't make its certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS could not be set up.
    #[error("the test API server can't set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// `(namespace, pod, container)`.
pub(crate) type ContainerKey = (String, String, String);

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) config: ServerConfig,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    /// Tells watches that the store has a new version.
    pub(crate) changed: tokio::sync::watch::Sender<u64>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    store: Mutex<Store>,
    tokens: Mutex<Tokens>,
    runtimes: Mutex<HashMap<ContainerKey, Arc<dyn ContainerRuntime>>>,
}

impl Shared {
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("a handler that panics holds no half-made change")
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().expect("tokens are added in one step")
    }

    pub(crate) fn runtime(&self, key: &ContainerKey) -> Option<Arc<dyn ContainerRuntime>> {
        self.runtimes.lock().expect("runtimes are added in one step").get(key).cloned()
    }

    pub(crate) fn set_runtime(&self, key: ContainerKey, runtime: Arc<dyn ContainerRuntime>) {
        self.runtimes.lock().expect("runtimes are added in one step").insert(key, runtime);
    }

    /// Wake the watches.
    pub(crate) fn announce(&self, version: u64) {
        self.changed.send_replace(version);
    }

    /// Store an object as if it had always been there, with the metadata that the server gives.
    fn seed(&self, kind: &'static Kind, mut object: Value) -> Value {
        let metadata = &mut object["metadata"];
        if kind.namespaced && metadata.get("namespace").is_none() {
            metadata["namespace"] = "default".into();
        }
        if metadata.get("uid").is_none() {
            metadata["uid"] = random::uid().into();
        }
        if metadata.get("creationTimestamp").is_none_or(Value::is_null) {
            metadata["creationTimestamp"] = self.clock.timestamp().into();
        }
        let name = metadata["name"].as_str().unwrap_or_default().to_owned();
        let namespace = metadata.get("namespace").and_then(Value::as_str).unwrap_or_default().to_owned();
        validation::default(kind, &mut object);
        if kind.namespaced {
            self.ensure_namespace(&namespace);
        }
        let mut store = self.store();
        let stored = store.seed(Key::new(kind, &namespace, &name), object);
        self.announce(store.version());
        drop(store);
        if kind.name == "Namespace" {
            self.seed_default_account(&name);
        }
        stored
    }

    fn ensure_namespace(&self, name: &str) {
        if self.store().find("", "namespaces", "", name).is_none() {
            let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
            self.seed_known(namespace);
        }
    }

    /// Every namespace has a ServiceAccount `default`.
    pub(crate) fn seed_default_account(&self, namespace: &str) {
        self.seed_known(json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "default", "namespace": namespace },
        }));
    }

    fn seed_known(&self, object: Value) -> Value {
        let kind = Kind::of(&object)
            .unwrap_or_else(|| panic!("the test API server stores no {} of {}", object["kind"], object["apiVersion"]));
        self.seed(kind, object)
    }
}

/// A running API server. It stops when it is dropped; [`Server::shutdown`] also waits until nothing of it is left.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    authority: String,
}

impl Server {
    /// Start on a free port of 127.0.0.1, inside the current Tokio runtime.
    pub async fn start(config: ServerConfig) -> Result<Self, StartError> {
        let certificates = Certificates::generate()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let mut tokens = Tokens::default();
        tokens.set_groups("admin", &[MASTERS.to_owned()]);
        for (user, groups) in &config.users {
            tokens.set_groups(user, groups);
        }
        let shared = Arc::new(Shared {
            config,
            clock: Clock::default(),
            faults: Faults::default(),
            log: RequestLog::default(),
            changed: tokio::sync::watch::Sender::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            store: Mutex::default(),
            tokens: Mutex::new(tokens),
            runtimes: Mutex::default(),
        });
        for object in bootstrap::objects() {
            shared.seed_known(object);
        }
        shared.tasks.spawn(service::accept(shared.clone(), listener, certificates.server));
        Ok(Self { shared, address, authority: certificates.authority })
    }

    /// `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// A kubeconfig for a user, with a bearer token; JSON, which is YAML. Nothing is written to disk.
    ///
    /// A user that the configuration does not name has no groups, and no rights until a binding gives some.
    pub fn kubeconfig(&self, user: &str) -> String {
        let token = self.shared.tokens().of_user(user);
        kubeconfig::text(&self.url(), &self.authority, user, &token)
    }

    /// The certificate authority that signed the server's certificate, PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Add a pod; its namespace is made when missing. A pod of the same name is replaced.
    pub fn add_pod(&self, pod: &Pod) {
        self.shared.seed_known(pod.object(&self.shared.clock.timestamp()));
        for container in &pod.containers {
            let key = (pod.namespace.clone(), pod.name.clone(), container.name.clone());
            self.shared.set_runtime(key, container.runtime.clone());
        }
    }

    /// Put a pod that was added before into another state. It keeps its identity.
    pub fn set_pod_state(&self, pod: &Pod, state: PodState) {
        let mut object = pod.clone().state(state).object(&self.shared.clock.timestamp());
        let before = self.shared.store().find("", "pods", &pod.namespace, &pod.name).cloned();
        if let Some(before) = before {
            for field in ["uid", "creationTimestamp"] {
                object["metadata"][field] = before["metadata"][field].clone();
            }
        }
        self.shared.seed_known(object);
    }

    /// Store any object of a kind this server knows, past all checks; returns it as stored.
    ///
    /// Panics when the object has no known `apiVersion` and `kind`: that is a mistake in the test.
    pub fn add(&self, object: &impl Serialize) -> Value {
        let object = serde_json::to_value(object).expect("API objects serialize");
        self.shared.seed_known(object)
    }

    /// Every object of a kind, by its plural name (`roles`), in namespace and name order.
    pub fn objects(&self, plural: &str) -> Vec<Value> {
        let store = self.shared.store();
        store.all().filter(|(kind, _)| kind.plural == plural).map(|(_, object)| object.clone()).collect()
    }

    /// Everything that still matches a label selector, as `Kind namespace/name` (or `Kind name`).
    ///
    /// Panics when the selector can't be parsed: that is a mistake in the test.
    pub fn leftovers(&self, label_selector: &str) -> Vec<String> {
        let selector = Selector::labels(label_selector).unwrap_or_else(|refusal| panic!("{}", refusal.message));
        let store = self.shared.store();
        let matching = store.all().filter(|(_, object)| selector.matches(object));
        matching
            .map(|(kind, object)| {
                let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
                let namespace = if kind.namespaced { format!("{}/", text("namespace")) } else { String::new() };
                format!("{} {namespace}{}", kind.name, text("name"))
            })
            .collect()
    }

    /// The faults of this server; clones of the handle share its rules.
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.log.all()
    }

    /// Move the server's clock ahead: tokens expire as if the time had passed.
    pub fn advance_clock(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// End every watch with 410 Gone, and refuse to resume from any version so far.
    pub fn expire_watches(&self) {
        let mut store = self.shared.store();
        store.compact();
        self.shared.announce(store.version());
    }

    /// Stop, and wait until every connection is closed and every process of an exec has ended.
    pub async fn shutdown(self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}
