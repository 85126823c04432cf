//! Channels: the ways to ask a container.

mod exec;
mod once;
mod stream;

pub use exec::{ExecTarget, INFO_CHANNEL};
pub use once::exec_once;

use crate::access::AccessError;
use crate::failure::ApiError;

/// Why there is no channel to a container.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChannelError {
    /// The image has no such program.
    #[error(
        "the container {workload} has no {program}; an audit over exec needs one, and images without a shell \
         (distroless, scratch) have none"
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
