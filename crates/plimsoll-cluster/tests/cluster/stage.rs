//! A cluster with one pod to scan and one that is none of our business.

use std::sync::{Arc, Mutex};

use plimsoll_cluster::{
    ConnectOptions, Connection, Event, Ground, Mode, Outcome, ScanOptions, Step, Workload, WorkloadRef, resolve, scan,
};
use plimsoll_target::Target;
use plimsoll_testkit::{Container, Fault, FaultRule, LocalProcess, Pod, Server, ServerConfig};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// What every object of ours carries.
pub(crate) const OURS: &str = "app.kubernetes.io/managed-by=plimsoll";

pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) connection: Connection,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(ServerConfig::default()).await
    }

    /// Pods `web` and `other` of namespace `shop`, each with one container `app`.
    pub(crate) async fn with(config: ServerConfig) -> Self {
        let server = Server::start(config).await.expect("the server starts");
        for name in ["web", "other"] {
            server.add_pod(&pod(name));
        }
        let connection = connect(&server, "admin").await;
        Self { server, connection }
    }

    /// A user who may do `rules` in namespace `shop`.
    pub(crate) async fn user(&self, name: &str, rules: serde_json::Value) -> Connection {
        let meta = json!({"name": name, "namespace": "shop"});
        let api = "rbac.authorization.k8s.io/v1";
        self.server.add(&json!({"apiVersion": api, "kind": "Role", "metadata": meta, "rules": rules}));
        self.server.add(&json!({"apiVersion": api, "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}]}));
        connect(&self.server, name).await
    }

    pub(crate) fn fault(&self, rule: FaultRule) {
        self.server.faults().add(rule);
    }

    pub(crate) fn exec_fault(&self, fault: Fault) -> FaultRule {
        let rule = FaultRule::new("GET", "/api/v1/namespaces/*/pods/*/exec", fault);
        self.fault(rule.clone());
        rule
    }

    /// All that a run left behind.
    pub(crate) fn left(&self) -> Vec<String> {
        self.server.leftovers(OURS)
    }

    pub(crate) async fn workload(&self) -> Workload {
        resolve(&self.connection, &wanted("web")).await.expect("the pod runs")
    }

    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        audit: impl FnOnce(Arc<dyn Target>) -> T + Send + 'static,
    ) -> Outcome<T> {
        self.scan_as(&self.connection, &CancellationToken::new(), audit).await
    }

    pub(crate) async fn scan_as<T: Send + 'static>(
        &self,
        connection: &Connection,
        stop: &CancellationToken,
        audit: impl FnOnce(Arc<dyn Target>) -> T + Send + 'static,
    ) -> Outcome<T> {
        let audit = move |ground: Ground| audit(ground.into_target().expect("the container has a shell"));
        let options = ScanOptions { mode: Mode::Exec, ..Default::default() };
        scan(connection, &wanted("web"), &options, stop, &|_| {}, audit).await
    }
}

pub(crate) fn pod(name: &str) -> Pod {
    Pod::new(name).namespace("shop").container(Container::new("app", LocalProcess::new("/")))
}

pub(crate) fn wanted(pod: &str) -> WorkloadRef {
    WorkloadRef::parse(pod, "shop", None).expect("a good name")
}

pub(crate) async fn connect(server: &Server, user: &str) -> Connection {
    Connection::from_kubeconfig(&server.kubeconfig(user), &ConnectOptions::default()).await.expect("a kubeconfig")
}

/// Notes the steps that events tell of.
#[derive(Default)]
pub(crate) struct Steps(Mutex<Vec<(Step, &'static str)>>);

impl Steps {
    pub(crate) fn note(&self, event: &Event<'_>) {
        let noted = match event {
            Event::Started { step } => (*step, "started"),
            Event::Finished { step, .. } => (*step, "finished"),
            Event::Failed { step, .. } => (*step, "failed"),
            _ => return,
        };
        self.0.lock().unwrap().push(noted);
    }

    pub(crate) fn all(&self) -> Vec<(Step, &'static str)> {
        self.0.lock().unwrap().clone()
    }
}

/// What `target` says to `line`, as text.
pub(crate) fn say(target: &dyn Target, line: &str) -> String {
    let output = target.run(line.as_bytes()).expect("the way is open").expect("it runs");
    String::from_utf8(output.stdout).expect("text")
}
