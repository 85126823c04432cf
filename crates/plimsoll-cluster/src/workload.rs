//! The container to audit: from the name a user typed to a container that is known to be running.

use std::fmt;

use k8s_openapi::api::core::v1::{Container, ContainerState, ContainerStatus, Namespace, Pod};
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use plimsoll_target::TargetInfo;

use crate::agent::SIDECAR;
use crate::connection::Connection;
use crate::failure::{ApiError, Cause};
use crate::startup::ended;

/// The annotation by which a pod names the container that is meant when none is.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// What a user asked for: a pod, and a container where it has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadRef {
    /// Namespace.
    pub namespace: String,
    /// Pod name.
    pub pod: String,
    /// Container name; needed only where the pod leaves a choice.
    pub container: Option<String>,
}

impl WorkloadRef {
    /// Reads `pod/NAME` or `NAME` (`pods/`, `po/` too) as kubectl does.
    pub fn parse(text: &str, namespace: &str, container: Option<&str>) -> Result<Self, WorkloadError> {
        let pod = match text.split_once('/') {
            None => text,
            Some(("pod" | "pods" | "po", name)) => name,
            Some((kind, name)) => {
                return Err(WorkloadError::UnsupportedKind { kind: kind.into(), name: name.into() });
            }
        };
        for (what, name) in [("pod", pod), ("namespace", namespace), ("container", container.unwrap_or("c"))] {
            if !is_dns_name(name) {
                return Err(WorkloadError::InvalidName { what, name: name.into() });
            }
        }
        Ok(Self { namespace: namespace.into(), pod: pod.into(), container: container.map(Into::into) })
    }
}

/// Names end up in request paths; only what Kubernetes itself accepts gets there.
fn is_dns_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=253).contains(&name.len())
        && name.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().copied().is_some_and(inner)
                && bytes.last().copied().is_some_and(inner)
                && bytes.iter().all(|&byte| inner(byte) || byte == b'-')
        })
}

/// A container that was running when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Workload {
    /// Namespace.
    pub namespace: String,
    /// Pod name.
    pub pod: String,
    /// Pod UID.
    pub pod_uid: String,
    /// Container name.
    pub container: String,
    /// The runtime's id, `containerd://…`.
    pub container_id: String,
    /// Image as the pod's spec names it.
    pub image: String,
    /// Image as the runtime resolved it, with digest where it has one.
    pub image_id: String,
    /// Node name.
    pub node: String,
    /// How the container was chosen.
    pub chosen: Choice,
    /// Whether the pod has an agent of its own beside the container.
    pub has_agent: bool,
}

impl Workload {
    /// A container of which nothing but its place is known.
    pub(crate) fn at(namespace: &str, pod: &str, container: &str) -> Self {
        Self {
            namespace: namespace.into(),
            pod: pod.into(),
            pod_uid: String::new(),
            container: container.into(),
            container_id: String::new(),
            image: String::new(),
            image_id: String::new(),
            node: String::new(),
            chosen: Choice::Named,
            has_agent: false,
        }
    }

    /// What reports say of it when it is audited this way.
    pub(crate) fn info(&self, channel: &str) -> TargetInfo {
        let id = Some(self.container_id.clone()).filter(|id| !id.is_empty());
        TargetInfo { channel: channel.into(), uri: format!("k8s:{self}"), id }
    }
}

impl Workload {
    /// What has become of the container, if it is not there any more: its place may be taken by another one of that name.
    pub(crate) async fn fate(&self, connection: &Connection) -> Result<Option<String>, ApiError> {
        let pods: Api<Pod> = Api::namespaced(connection.client().clone(), &self.namespace);
        let Some(pod) = connection.call("look at the pod", || pods.get_opt(&self.pod)).await? else {
            return Ok(Some("the pod is gone".into()));
        };
        if !self.pod_uid.is_empty() && pod.metadata.uid.as_ref() != Some(&self.pod_uid) {
            return Ok(Some("the pod is gone, and another one has its name".into()));
        }
        if let Some((reason, code)) = ended(&pod, &self.container) {
            return Ok(Some(format!("it has ended ({reason}, exit code {code})")));
        }
        let id = status_of(&pod, &self.container).and_then(|status| status.container_id.clone()).unwrap_or_default();
        if !self.container_id.is_empty() && id != self.container_id {
            return Ok(Some("it has been restarted".into()));
        }
        Ok(pod.metadata.deletion_timestamp.map(|_| "the pod is being deleted".into()))
    }
}

impl fmt::Display for Workload {
    /// `NAMESPACE/POD/CONTAINER`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.namespace, self.pod, self.container)
    }
}

/// Why this container and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The user named it.
    Named,
    /// The pod has only this one.
    Only,
    /// The pod's default-container annotation names it.
    Annotated,
}

/// Why there is nothing to audit.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WorkloadError {
    /// Not a pod.
    #[error(
        "{kind}/{name}: only pods can be scanned by name; choose one of its pods (`kubectl get pods`) and pass pod/NAME"
    )]
    UnsupportedKind {
        /// What stands before the slash.
        kind: String,
        /// What stands after it.
        name: String,
    },
    /// Not a name that Kubernetes would accept.
    #[error("\"{name}\" is no {what} name: lower-case letters, digits, `-` and `.` make one")]
    InvalidName {
        /// `pod`, `namespace` or `container`.
        what: &'static str,
        /// The text.
        name: String,
    },
    /// No such namespace.
    #[error("there is no namespace {namespace}; pass the right one with -n (`kubectl get namespaces` lists them)")]
    NoNamespace {
        /// Its name.
        namespace: String,
    },
    /// No such pod.
    #[error("there is no pod {pod} in namespace {namespace}{}", neighbours(.similar))]
    NoPod {
        /// Namespace.
        namespace: String,
        /// Pod.
        pod: String,
        /// Pods there, the most similar names first; empty when they may not be listed.
        similar: Vec<String>,
    },
    /// The pod is on its way out.
    #[error("pod {pod} is being deleted (since {since}); scan its replacement")]
    BeingDeleted {
        /// Pod.
        pod: String,
        /// When the deletion was asked for, RFC 3339.
        since: String,
    },
    /// All its containers have ended.
    #[error("pod {pod} has ended ({phase}{}); only a running container can be scanned", in_words(.reason))]
    Ended {
        /// Pod.
        pod: String,
        /// `Succeeded` or `Failed`.
        phase: String,
        /// The pod's reason, such as `Evicted`; may be empty.
        reason: String,
    },
    /// It has not started.
    #[error("pod {pod} is not running yet (Pending{}); `kubectl describe pod {pod} -n {namespace}` shows why", in_words(.reason))]
    Pending {
        /// Namespace.
        namespace: String,
        /// Pod.
        pod: String,
        /// What it waits for: a container's or the scheduler's reason.
        reason: String,
    },
    /// The node no longer reports.
    #[error("nothing is known of pod {pod}: its node {node} does not report (phase Unknown)")]
    NodeLost {
        /// Pod.
        pod: String,
        /// Node.
        node: String,
    },
    /// A Windows pod.
    #[error("pod {pod} runs Windows; only Linux containers can be audited")]
    Windows {
        /// Pod.
        pod: String,
    },
    /// Several containers, none named.
    #[error("pod {pod} has {} containers; choose one with -c: {}", .containers.len(), .containers.join(", "))]
    Ambiguous {
        /// Pod.
        pod: String,
        /// Its containers.
        containers: Vec<String>,
    },
    /// No such container.
    #[error("pod {pod} has no container {container}; it has: {}", .containers.join(", "))]
    NoContainer {
        /// Pod.
        pod: String,
        /// The name that was asked for.
        container: String,
        /// Its containers.
        containers: Vec<String>,
    },
    /// An init container that has done its work.
    #[error("{container} is an init container of pod {pod}: it ends before the pod runs and can't be scanned; choose one of: {}", .containers.join(", "))]
    InitContainer {
        /// Pod.
        pod: String,
        /// The name that was asked for.
        container: String,
        /// The containers that can be scanned.
        containers: Vec<String>,
    },
    /// A debug container.
    #[error("{container} is an ephemeral (debug) container of pod {pod}, not part of the workload; choose one of: {}", .containers.join(", "))]
    EphemeralContainer {
        /// Pod.
        pod: String,
        /// The name that was asked for.
        container: String,
        /// The containers that can be scanned.
        containers: Vec<String>,
    },
    /// The container waits.
    #[error("container {container} of pod {pod} is not running ({reason}{}); fix that first{}", in_words(.message), logs(.reason, .namespace, .pod, .container))]
    Waiting {
        /// Namespace.
        namespace: String,
        /// Pod.
        pod: String,
        /// Container.
        container: String,
        /// `CrashLoopBackOff`, `ImagePullBackOff` …
        reason: String,
        /// The kubelet's words; may be empty.
        message: String,
    },
    /// The container has ended.
    #[error(
        "container {container} of pod {pod} has ended ({reason}, exit code {exit_code}); only a running container can be scanned"
    )]
    Terminated {
        /// Pod.
        pod: String,
        /// Container.
        container: String,
        /// `Completed`, `Error`, `OOMKilled` …
        reason: String,
        /// Its exit code.
        exit_code: i32,
    },
    /// Its startup probe has not passed.
    #[error(
        "container {container} of pod {pod} is still starting: its startup probe has not passed; try again when it has"
    )]
    Starting {
        /// Pod.
        pod: String,
        /// Container.
        container: String,
    },
    /// The API server did not say.
    #[error(transparent)]
    Api(#[from] ApiError),
}

fn neighbours(similar: &[String]) -> String {
    if similar.is_empty() {
        return "; check the name and the namespace (-n)".into();
    }
    format!("; there are: {}", similar.join(", "))
}

fn in_words(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

fn logs(reason: &str, namespace: &str, pod: &str, container: &str) -> String {
    if reason == "CrashLoopBackOff" {
        format!(" (`kubectl logs {pod} -c {container} -n {namespace} --previous` shows its last words)")
    } else {
        String::new()
    }
}

/// Looks the container up and checks that it can be scanned now.
pub async fn resolve(connection: &Connection, wanted: &WorkloadRef) -> Result<Workload, WorkloadError> {
    let pods: Api<Pod> = Api::namespaced(connection.client().clone(), &wanted.namespace);
    let doing = format!("look up pod {} in namespace {}", wanted.pod, wanted.namespace);
    match connection.call(&doing, || pods.get(&wanted.pod)).await {
        Ok(pod) => check(&pod, wanted),
        Err(error) if error.cause == Cause::NotFound => Err(missing(connection, &pods, wanted).await),
        Err(error) => Err(error.into()),
    }
}

/// Tells a missing namespace from a missing pod, and what pods there are, as far as the caller may know.
async fn missing(connection: &Connection, pods: &Api<Pod>, wanted: &WorkloadRef) -> WorkloadError {
    let namespaces: Api<Namespace> = Api::all(connection.client().clone());
    let namespace = connection.once("look up the namespace", namespaces.get(&wanted.namespace)).await;
    if namespace.is_err_and(|error| error.cause == Cause::NotFound) {
        return WorkloadError::NoNamespace { namespace: wanted.namespace.clone() };
    }
    let listed = connection.once("list pods", pods.list_metadata(&ListParams::default().limit(500))).await;
    let names = listed.map(|list| list.items.into_iter().filter_map(|pod| pod.metadata.name).collect());
    WorkloadError::NoPod {
        namespace: wanted.namespace.clone(),
        pod: wanted.pod.clone(),
        similar: most_similar(names.unwrap_or_default(), &wanted.pod),
    }
}

/// At most five names, those that share the longest beginning first.
fn most_similar(mut names: Vec<String>, wanted: &str) -> Vec<String> {
    let shared = |name: &str| name.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
    names.sort_by(|a, b| shared(b).cmp(&shared(a)).then_with(|| a.cmp(b)));
    names.truncate(5);
    names
}

fn check(pod: &Pod, wanted: &WorkloadRef) -> Result<Workload, WorkloadError> {
    check_pod(pod, wanted)?;
    let (container, chosen) = choose(pod, wanted)?;
    let status = status_of(pod, &container.name);
    check_container(status, &container.name, wanted)?;
    Ok(Workload {
        namespace: wanted.namespace.clone(),
        pod: wanted.pod.clone(),
        pod_uid: pod.metadata.uid.clone().unwrap_or_default(),
        container: container.name.clone(),
        container_id: status.and_then(|status| status.container_id.clone()).unwrap_or_default(),
        image: container.image.clone().unwrap_or_default(),
        image_id: status.map(|status| status.image_id.clone()).unwrap_or_default(),
        node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).unwrap_or_default(),
        chosen,
        has_agent: has_agent(pod),
    })
}

/// Whether the pod has an agent that sees the processes of its other containers.
fn has_agent(pod: &Pod) -> bool {
    let spec = pod.spec.as_ref();
    let shared = spec.and_then(|spec| spec.share_process_namespace).unwrap_or(false);
    let there = spec.is_some_and(|spec| spec.containers.iter().any(|container| container.name == SIDECAR));
    let runs = status_of(pod, SIDECAR).and_then(|status| status.state.clone()?.running).is_some();
    shared && there && runs
}

fn check_pod(pod: &Pod, wanted: &WorkloadRef) -> Result<(), WorkloadError> {
    let name = wanted.pod.clone();
    if let Some(since) = &pod.metadata.deletion_timestamp {
        return Err(WorkloadError::BeingDeleted { pod: name, since: since.0.to_string() });
    }
    let os = pod.spec.as_ref().and_then(|spec| spec.os.as_ref()).map(|os| os.name.as_str());
    if os == Some("windows") {
        return Err(WorkloadError::Windows { pod: name });
    }
    let status = pod.status.as_ref();
    let reason = || status.and_then(|status| status.reason.clone()).unwrap_or_default();
    match status.and_then(|status| status.phase.as_deref()) {
        Some("Running") => Ok(()),
        Some(phase @ ("Succeeded" | "Failed")) => {
            Err(WorkloadError::Ended { pod: name, phase: phase.into(), reason: reason() })
        }
        Some("Unknown") => {
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).unwrap_or_default();
            Err(WorkloadError::NodeLost { pod: name, node })
        }
        _ => Err(WorkloadError::Pending {
            namespace: wanted.namespace.clone(),
            pod: name,
            reason: waiting_reason(pod).unwrap_or_else(reason),
        }),
    }
}

/// Why a pod is pending: a container that waits for more than its turn, else a condition that isn't met.
fn waiting_reason(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let statuses = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    let stuck = statuses.filter_map(|status| {
        let waiting = status.state.as_ref()?.waiting.as_ref()?;
        let reason = waiting.reason.clone().filter(|reason| reason != "PodInitializing")?;
        Some(format!("container {}: {reason}{}", status.name, in_words(waiting.message.as_deref().unwrap_or_default())))
    });
    let unmet = status.conditions.iter().flatten().filter(|condition| condition.status == "False");
    let unmet = unmet.filter_map(|condition| {
        let reason = condition.reason.clone()?;
        Some(format!("{reason}{}", in_words(condition.message.as_deref().unwrap_or_default())))
    });
    stuck.chain(unmet).next()
}

/// The containers that run as long as the pod does: the ordinary ones and restartable init containers ("sidecars").
fn lasting(pod: &Pod) -> impl Iterator<Item = &Container> {
    let spec = pod.spec.as_ref();
    let sidecars = spec.and_then(|spec| spec.init_containers.as_ref()).into_iter().flatten();
    let sidecars = sidecars.filter(|container| container.restart_policy.as_deref() == Some("Always"));
    spec.map(|spec| spec.containers.as_slice()).unwrap_or_default().iter().chain(sidecars)
}

fn choose<'a>(pod: &'a Pod, wanted: &WorkloadRef) -> Result<(&'a Container, Choice), WorkloadError> {
    if let Some(name) = &wanted.container {
        let found = lasting(pod).find(|container| container.name == *name);
        return found.map(|container| (container, Choice::Named)).ok_or_else(|| not_scannable(pod, name, wanted));
    }
    let ordinary = pod.spec.as_ref().map(|spec| spec.containers.as_slice()).unwrap_or_default();
    // An agent that was put beside it leaves no choice that was not there before.
    let ordinary: Vec<&Container> = ordinary.iter().filter(|container| container.name != SIDECAR).collect();
    if let [only] = ordinary[..] {
        return Ok((only, Choice::Only));
    }
    let annotated = pod.metadata.annotations.as_ref().and_then(|annotations| annotations.get(DEFAULT_CONTAINER));
    let annotated = annotated.and_then(|name| ordinary.into_iter().find(|container| container.name == *name));
    annotated
        .map(|container| (container, Choice::Annotated))
        .ok_or_else(|| WorkloadError::Ambiguous { pod: wanted.pod.clone(), containers: names(pod) })
}

fn names(pod: &Pod) -> Vec<String> {
    lasting(pod).map(|container| container.name.clone()).collect()
}

fn not_scannable(pod: &Pod, name: &str, wanted: &WorkloadRef) -> WorkloadError {
    let (pod_name, container, containers) = (wanted.pod.clone(), name.to_owned(), names(pod));
    let spec = pod.spec.as_ref();
    let mut init = spec.and_then(|spec| spec.init_containers.as_ref()).into_iter().flatten();
    let mut debug = spec.and_then(|spec| spec.ephemeral_containers.as_ref()).into_iter().flatten();
    if init.any(|found| found.name == name) {
        WorkloadError::InitContainer { pod: pod_name, container, containers }
    } else if debug.any(|found| found.name == name) {
        WorkloadError::EphemeralContainer { pod: pod_name, container, containers }
    } else {
        WorkloadError::NoContainer { pod: pod_name, container, containers }
    }
}

fn status_of<'a>(pod: &'a Pod, container: &str) -> Option<&'a ContainerStatus> {
    let status = pod.status.as_ref()?;
    let statuses = status.container_statuses.iter().chain(&status.init_container_statuses).flatten();
    statuses.into_iter().find(|status| status.name == container)
}

fn check_container(
    status: Option<&ContainerStatus>,
    container: &str,
    wanted: &WorkloadRef,
) -> Result<(), WorkloadError> {
    let (pod, container) = (wanted.pod.clone(), container.to_owned());
    let waiting = |reason: &str, message: &str| WorkloadError::Waiting {
        namespace: wanted.namespace.clone(),
        pod: pod.clone(),
        container: container.clone(),
        reason: reason.into(),
        message: message.into(),
    };
    let state = status.and_then(|status| status.state.clone()).unwrap_or_default();
    match state {
        ContainerState { running: Some(_), .. } => match status.and_then(|status| status.started) {
            Some(false) => Err(WorkloadError::Starting { pod, container }),
            _ => Ok(()),
        },
        ContainerState { terminated: Some(ended), .. } => Err(WorkloadError::Terminated {
            pod,
            container,
            reason: ended.reason.unwrap_or_else(|| "Terminated".into()),
            exit_code: ended.exit_code,
        }),
        ContainerState { waiting: Some(state), .. } => {
            Err(waiting(state.reason.as_deref().unwrap_or("waiting"), state.message.as_deref().unwrap_or_default()))
        }
        ContainerState { .. } => Err(waiting("no state reported", "")),
    }
}

#[cfg(test)]
mod tests;
