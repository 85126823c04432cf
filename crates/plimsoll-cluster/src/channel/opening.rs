//! Opening an exec, again where that may help.

use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::ChannelError;
use super::stream::{self, Exec};
use crate::access::Access;
use crate::connection::Backoff;
use crate::failure::Cause;
use crate::workload::Workload;

/// How often opening is tried while the cluster asks for patience, or has not learnt of a new lease everywhere.
const TRIES: u32 = 6;

/// An exec that is to be opened.
pub(super) struct Opening<'a> {
    pub(super) access: &'a Access,
    pub(super) workload: &'a Workload,
    pub(super) command: &'a [String],
    /// Whether it is given anything.
    pub(super) stdin: bool,
    pub(super) stop: &'a CancellationToken,
    pub(super) keepers: &'a TaskTracker,
}

impl Opening<'_> {
    /// Opens it. Dropping the guard cuts it.
    pub(super) async fn patiently(&self) -> Result<(Exec, DropGuard), ChannelError> {
        let tried = async {
            let mut pause = Backoff::new();
            let mut tries = 1;
            loop {
                match self.once().await {
                    Err(refused) if tries < TRIES && self.may_pass(&refused) => {
                        tracing::debug!(%refused, tries, "opening the exec session again");
                        tries += 1;
                        tokio::time::sleep(pause.next()).await;
                    }
                    opened => return opened,
                }
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(ChannelError::Interrupted),
            opened = tried => opened,
        }
    }

    async fn once(&self) -> Result<(Exec, DropGuard), ChannelError> {
        let connection = self.access.connection().await?;
        let closed = self.stop.child_token();
        let exec = stream::open(&connection, self.workload, self.command, self.stdin, &closed, self.keepers).await?;
        Ok((exec, closed.drop_guard()))
    }

    /// Whether trying again a moment later may help: the server is busy, or one of several API servers has not yet
    /// learnt of the new role or account.
    fn may_pass(&self, refused: &ChannelError) -> bool {
        let ChannelError::Api(error) = refused else { return false };
        match error.cause {
            Cause::Forbidden | Cause::Unauthorized => self.access.is_leased(),
            Cause::TimedOut => false,
            cause => cause.is_transient(),
        }
    }
}
