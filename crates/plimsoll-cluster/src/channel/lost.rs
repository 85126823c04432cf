//! Why a way was lost: what has become of the container says more than how its connection ended.

use std::time::Duration;

use plimsoll_target::TransportError;

use super::ChannelError;
use crate::access::Access;
use crate::workload::Workload;

/// How long a node may take to tell that a container has ended.
const NEWS: Duration = Duration::from_secs(3);
/// How often it is looked for.
const PAUSE: Duration = Duration::from_millis(200);

/// What has become of the container, if it is not there any more.
pub(super) async fn gone(access: &Access, workload: &Workload) -> Option<ChannelError> {
    let connection = access.connection().await.ok()?;
    let detail = workload.fate(&connection).await.ok()??;
    Some(ChannelError::Gone { workload: workload.to_string(), detail })
}

/// The error of a way that was lost, in the container's words where it is gone.
pub(super) async fn explained(error: TransportError, access: &Access, workload: &Workload) -> TransportError {
    let told = async {
        loop {
            if let Some(gone) = gone(access, workload).await {
                return TransportError::new(gone.to_string());
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(NEWS, told).await.unwrap_or(error)
}
