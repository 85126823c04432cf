//! Waiting until containers run, or until it is known why they don't.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Event, Pod};
use kube::Api;
use kube::api::ListParams;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::channel::ChannelError;
use crate::connection::Connection;
use crate::failure::ApiError;

/// How often a pod is looked at.
const PAUSE: Duration = Duration::from_millis(100);

/// How often it is asked what nodes tell of a pod.
const NEWS: Duration = Duration::from_millis(400);

/// A container that waits for this won't run by itself.
const HOPELESS: [&str; 8] = [
    "ErrImageNeverPull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageInspect",
    "RegistryUnavailable",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

/// What nodes tell of an image that can't be pulled, however often they try. The rest of `ErrImagePull` may be a bad moment,
/// and the kubelet tries again: `ImagePullBackOff` follows.
const NO_SUCH_IMAGE: [&str; 8] = [
    "not found",
    "no such host",
    "manifest unknown",
    "does not exist",
    "unauthorized",
    "denied",
    "invalid reference format",
    "no match for platform",
];

/// Whether a container that waits for this does not run unless somebody mends it.
pub(crate) fn is_hopeless(reason: &str, message: &str) -> bool {
    let message = message.to_lowercase();
    HOPELESS.contains(&reason)
        || (reason == "ErrImagePull" && NO_SUCH_IMAGE.iter().any(|words| message.contains(words)))
}

/// Containers of one pod that are to run.
pub(crate) struct Startup<'a> {
    pub(crate) connection: &'a Connection,
    /// Of whoever scans, who may be allowed to see what nodes tell of the pod.
    pub(crate) owner: &'a Connection,
    pub(crate) namespace: &'a str,
    pub(crate) pod: &'a str,
    pub(crate) containers: &'a [&'a str],
    /// How long that may take: images may have to be pulled.
    pub(crate) patience: Duration,
    pub(crate) stop: &'a CancellationToken,
}

impl Startup<'_> {
    /// Waits until all of them run; gives the pod.
    pub(crate) async fn wait(&self) -> Result<Pod, ChannelError> {
        let pods: Api<Pod> = Api::namespaced(self.connection.client().clone(), self.namespace);
        let doing = format!("look at pod {} in namespace {}", self.pod, self.namespace);
        let deadline = Instant::now() + self.patience;
        let mut news = Some(Instant::now() + NEWS);
        loop {
            let pod = self.connection.call(&doing, || pods.get(self.pod)).await?;
            let mut look = self.look(&pod);
            if let (Look::NotYet(_), Some(due)) = (&look, news)
                && Instant::now() >= due
            {
                match self.told().await {
                    Ok(Some(hopeless)) => look = hopeless,
                    Ok(None) => news = Some(Instant::now() + NEWS),
                    // It is only sooner with them.
                    Err(_) => news = None,
                }
            }
            let last = match look {
                Look::Running => return Ok(pod),
                Look::Hopeless { container, reason, message } => {
                    return Err(self.failed(&container, reason, message));
                }
                Look::NotYet(last) => last,
            };
            if Instant::now() >= deadline {
                let container = self.containers.first().copied().unwrap_or_default();
                let reason = format!("not within {} s", self.patience.as_secs());
                return Err(self.failed(container, reason, last));
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(ChannelError::Interrupted),
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// What nodes tell of the containers, if that is hopeless. A container's status shows it too, but only with the kubelet's
    /// next try, which is ten seconds and more after the first.
    async fn told(&self) -> Result<Option<Look>, ApiError> {
        let events: Api<Event> = Api::namespaced(self.owner.client().clone(), self.namespace);
        let of_pod = format!("involvedObject.kind=Pod,involvedObject.name={},type=Warning", self.pod);
        let params = ListParams::default().fields(&of_pod);
        let told = self.owner.once("see what nodes tell of the pod", events.list(&params)).await?;
        let hopeless = told.items.into_iter().find_map(|event| {
            let path = event.involved_object.field_path.unwrap_or_default();
            let container = self.containers.iter().find(|name| path.ends_with(&format!("{{{name}}}")))?;
            let message = event.message.unwrap_or_default();
            let reason = reason_of_event(event.reason.as_deref().unwrap_or_default(), &message);
            is_hopeless(reason, &message).then(|| Look::Hopeless {
                container: (*container).to_owned(),
                reason: reason.to_owned(),
                message,
            })
        });
        Ok(hopeless)
    }

    fn failed(&self, container: &str, reason: String, message: String) -> ChannelError {
        ChannelError::NotStarted {
            container: container.to_owned(),
            pod: format!("{}/{}", self.namespace, self.pod),
            reason,
            message,
        }
    }

    fn look(&self, pod: &Pod) -> Look {
        if pod.metadata.deletion_timestamp.is_some() {
            let (container, reason) = (self.containers[0].to_owned(), "the pod is being deleted".to_owned());
            return Look::Hopeless { container, reason, message: String::new() };
        }
        let mut last = String::new();
        let mut running = 0;
        for name in self.containers {
            match standing(pod, name) {
                Look::Running => running += 1,
                Look::NotYet(why) => last = why,
                hopeless @ Look::Hopeless { .. } => return hopeless,
            }
        }
        if running == self.containers.len() {
            return Look::Running;
        }
        let unmet = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
        let mut unmet = unmet.filter(|condition| condition.status == "False" && condition.type_ == "PodScheduled");
        match unmet.next() {
            Some(condition) => {
                let said = [condition.reason.clone(), condition.message.clone()].into_iter().flatten();
                Look::NotYet(said.collect::<Vec<_>>().join(": "))
            }
            None => Look::NotYet(last),
        }
    }
}

/// The reason that a container's status has, by that of an event: images have several there.
fn reason_of_event<'e>(reason: &'e str, message: &str) -> &'e str {
    match reason {
        "Failed" if message.starts_with("Failed to pull image") => "ErrImagePull",
        "InspectFailed" if message.contains("default image tag") => "InvalidImageName",
        other => other,
    }
}

enum Look {
    Running,
    NotYet(String),
    Hopeless { container: String, reason: String, message: String },
}

/// The status of a container of any kind.
pub(crate) fn status_of<'p>(pod: &'p Pod, container: &str) -> Option<&'p ContainerStatus> {
    let status = pod.status.as_ref()?;
    let all = [&status.container_statuses, &status.ephemeral_container_statuses, &status.init_container_statuses];
    all.into_iter().flatten().flatten().find(|status| status.name == container)
}

/// How a container ended, if it has.
pub(crate) fn ended(pod: &Pod, container: &str) -> Option<(String, i32)> {
    let ended = status_of(pod, container)?.state.as_ref()?.terminated.as_ref()?;
    Some((ended.reason.clone().unwrap_or_else(|| "Terminated".into()), ended.exit_code))
}

fn standing(pod: &Pod, container: &str) -> Look {
    let hopeless = |reason: String, message: Option<String>| Look::Hopeless {
        container: container.to_owned(),
        reason,
        message: message.unwrap_or_default(),
    };
    match status_of(pod, container).and_then(|status| status.state.clone()).unwrap_or_default() {
        ContainerState { running: Some(_), .. } => Look::Running,
        ContainerState { terminated: Some(ended), .. } => {
            let reason = ended.reason.unwrap_or_else(|| "Terminated".into());
            hopeless(format!("{reason}, exit code {}", ended.exit_code), ended.message)
        }
        ContainerState { waiting: Some(waiting), .. } => {
            let reason = waiting.reason.unwrap_or_default();
            match waiting.message {
                message if is_hopeless(&reason, message.as_deref().unwrap_or_default()) => hopeless(reason, message),
                Some(message) => Look::NotYet(format!("{reason}: {message}")),
                None => Look::NotYet(reason),
            }
        }
        ContainerState { .. } => Look::NotYet("the node has not begun to start it".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::is_hopeless;

    #[test]
    fn what_trying_again_can_not_mend_is_told_at_once() {
        let dns = "failed to resolve reference \"x.test/y:1\": dial tcp: lookup x.test on 10.0.0.2:53: no such host";
        let registry = "rpc error: code = NotFound desc = failed to pull and unpack image: x.test/y:1: not found";
        let busy = "failed to do request: Head \"https://x.test/v2/y\": net/http: TLS handshake timeout";
        assert!(is_hopeless("ErrImagePull", dns) && is_hopeless("ErrImagePull", registry));
        assert!(!is_hopeless("ErrImagePull", busy) && !is_hopeless("ContainerCreating", ""));
        assert!(is_hopeless("ErrImageNeverPull", "") && is_hopeless("InvalidImageName", ""));
    }
}
