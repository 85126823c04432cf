//! Channels: the ways to ask a container.

mod agent;
mod direct;
mod exec;
mod lost;
mod once;
mod opening;
mod stream;

pub(crate) use agent::AgentLink;
pub use agent::AgentSession;
pub use direct::{DIRECT_CHANNEL, DirectExec};
pub use exec::{ExecTarget, INFO_CHANNEL};
pub use once::exec_once;

use plimsoll_target::NeighbourError;

use crate::access::AccessError;
use crate::failure::ApiError;
use crate::sidecar::TARGET;

/// Why there is no channel to a container.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChannelError {
    /// The image has no such program.
    #[error(
        "the container {workload} has no {program}; an audit over exec needs a shell, or tools that read files, and images \
         like distroless and scratch have neither: scan it with `plimsoll scan --mode debug`"
    )]
    NoProgram {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// The program that was to be started.
        program: String,
        /// The runtime's words.
        detail: String,
    },
    /// The program is there and may not be executed.
    #[error("{program} in the container {workload} may not be executed by the container's user: {detail}")]
    Denied {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// The program that was to be started.
        program: String,
        /// The runtime's words.
        detail: String,
    },
    /// The container or its pod is gone or has ended.
    #[error("the container {workload} does not run any more: {detail}; scan its replacement")]
    Gone {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// The API server's or the runtime's words.
        detail: String,
    },
    /// The program was started, or was to be, and the session ended at once.
    #[error("{program} in the container {workload} could not be used: {detail}")]
    Unusable {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// The program.
        program: String,
        /// What is known of its end.
        detail: String,
    },
    /// A container that was to be started does not run.
    #[error("container {container} of pod {pod} does not run: {reason}{}{}", in_words(.message), start_advice(.container, .reason, .message))]
    NotStarted {
        /// The container.
        container: String,
        /// `NAMESPACE/POD`.
        pod: String,
        /// `ImagePullBackOff`, `StartError` …, or for how long it was waited.
        reason: String,
        /// The kubelet's or scheduler's words; may be empty.
        message: String,
    },
    /// The server has no ephemeral containers.
    #[error(
        "the API server {server} ({version}) has no ephemeral containers (Kubernetes 1.25 has them for good): scan a copy of \
         the pod with --mode copy"
    )]
    NoDebugging {
        /// Its address.
        server: String,
        /// Its version.
        version: String,
    },
    /// An admission rule refuses the debug container.
    #[error(
        "a debug container is not admitted to pod {pod}: {detail}; scan a copy of the pod with --mode copy where that may run"
    )]
    DebugRefused {
        /// `NAMESPACE/POD`.
        pod: String,
        /// The API server's words.
        detail: String,
    },
    /// A pod to scan is refused.
    #[error("a pod to scan is not admitted to namespace {namespace}: {detail}; {}", pod_advice(.detail))]
    PodRefused {
        /// Namespace.
        namespace: String,
        /// The API server's words.
        detail: String,
    },
    /// The container's processes are not to be seen from beside it, or its root is closed.
    #[error("the container {workload} can't be looked into from beside it: {error}")]
    Closed {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// Why.
        error: Box<NeighbourError>,
    },
    /// The agent is of another version.
    #[error(
        "the agent in {workload} is of version {version} and is not understood by this program (version {}); use the \
         agent's image of this version", env!("CARGO_PKG_VERSION")
    )]
    AgentVersion {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// Its version.
        version: String,
    },
    /// An image for debug containers has nothing that could be run.
    #[error(
        "the image {image} has neither the agent ({}) nor /bin/sh: name the agent's image, or one with a shell, with --debug-image",
        crate::agent::PROGRAM
    )]
    UselessImage {
        /// Its name.
        image: String,
    },
    /// None of the ways in is open.
    #[error("no way into the container {workload}:{}", list_ways(.ways))]
    NoWay {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// Each way, and why it is not open.
        ways: Vec<(&'static str, String)>,
    },
    /// The connection broke.
    #[error("the connection to the container {workload} was lost: {detail}")]
    Lost {
        /// `NAMESPACE/POD/CONTAINER`.
        workload: String,
        /// How.
        detail: String,
    },
    /// The API server refused or did not answer.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// There is no access to open it with.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The scan was cancelled.
    #[error("interrupted while a channel was being opened")]
    Interrupted,
}

fn in_words(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

fn start_advice(container: &str, reason: &str, message: &str) -> &'static str {
    match (reason.contains("Image"), container == TARGET) {
        (true, true) => "; name an image that the node has or can pull",
        (true, false) => "; name an image that the node has or can pull, with --debug-image",
        (false, _) if message.contains("runAsNonRoot") => {
            "; the namespace admits no root, and the image runs as nobody else: scan it in another namespace (-n)"
        }
        (false, _) => "",
    }
}

fn pod_advice(detail: &str) -> &'static str {
    if detail.contains("exceeded quota") {
        "ask for more, or scan it in another namespace (-n)"
    } else {
        "scan it in another namespace (-n), or a pod that runs with --mode debug"
    }
}

fn list_ways(ways: &[(&'static str, String)]) -> String {
    ways.iter().flat_map(|(way, why)| ["\n  ", way, ": ", why]).collect()
}
