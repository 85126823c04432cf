//! One command, one exec: the slow way, for a single question and for comparison.

use plimsoll_target::Output;
use tokio::io::AsyncReadExt as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ChannelError;
use super::stream::{self, End, Incoming};
use crate::connection::Connection;
use crate::workload::Workload;

/// Runs `command` (a program and its arguments) in the container over an exec of its own, with empty stdin.
pub async fn exec_once(
    connection: &Connection,
    workload: &Workload,
    command: &[String],
) -> Result<Output, ChannelError> {
    // Whatever way this function is left, its connection is cut.
    let closed = CancellationToken::new();
    let _guard = closed.clone().drop_guard();
    let exec = stream::open(connection, workload, command, false, &closed, &TaskTracker::new()).await?;
    let (stdout, stderr, end) = tokio::join!(all(exec.stdout), all(exec.stderr), exec.end.wait());
    match end {
        End::Exited(exit_status) => Ok(Output { stdout, stderr, exit_status }),
        End::NotStarted(words) => Err(stream::not_started(workload, command, &words).unwrap_or_else(|| {
            let program = command.first().cloned().unwrap_or_default();
            ChannelError::Unusable { workload: workload.to_string(), program, detail: words }
        })),
        End::Lost(detail) => Err(ChannelError::Lost { workload: workload.to_string(), detail }),
    }
}

/// Everything on a stream. An error on it is the end of the exec, which is told elsewhere.
async fn all(mut stream: Incoming) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}
