//! The exec channel: one shell per container that stays open, over the API server's WebSocket exec.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use plimsoll_target::{
    Answer, Connect, Request, ShellFacts, ShellOptions, ShellStreams, ShellTarget, StartError, Target, TargetInfo,
    TransportError,
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ChannelError;
use super::lost;
use super::opening::Opening;
use super::stream::{self, End, Ending};
use crate::access::Access;
use crate::workload::Workload;

/// [`TargetInfo::channel`] of this channel.
pub const INFO_CHANNEL: &str = "k8s-exec";

/// How long the end of a shell that did not start may take to become known.
const AFTERMATH: Duration = Duration::from_secs(2);
/// How long cut connections may take to be gone.
const CUT: Duration = Duration::from_secs(2);
/// How long ending what an interrupted scan left running may take.
const FAREWELL: Duration = Duration::from_secs(3);

/// A container that is asked over one exec session, which is opened again once if it is lost.
///
/// kube pings the connection every minute, well within the shortest idle timeout of hardened kubelets (5 minutes).
pub struct ExecTarget {
    shell: ShellTarget,
    link: Arc<Link>,
    lost: OnceLock<TransportError>,
}

/// What it takes to open a session, now and again later.
struct Link {
    runtime: Handle,
    access: Access,
    workload: Workload,
    command: Vec<String>,
    stop: CancellationToken,
    /// Whether a session was opened before: the container may be another one since.
    opened: AtomicBool,
    /// Set while it is closed: opening is up to it then, not to whoever stops the scan.
    farewell: OnceLock<CancellationToken>,
    keepers: TaskTracker,
    last: Mutex<Last>,
}

/// What is known of the session that was opened last.
#[derive(Default)]
struct Last {
    refused: Option<ChannelError>,
    ending: Option<Ending>,
}

impl ExecTarget {
    /// Starts a shell in the container and makes sure that it works.
    ///
    /// Cancelling `stop` cuts the session: whatever is being asked fails, and so does whatever is asked later.
    pub async fn open(
        access: Access,
        workload: &Workload,
        options: ShellOptions,
        stop: &CancellationToken,
    ) -> Result<Self, ChannelError> {
        let link = Arc::new(Link {
            runtime: Handle::current(),
            access,
            workload: workload.clone(),
            command: options.shell.clone(),
            // Closing this target must not stop the scan.
            stop: stop.child_token(),
            opened: AtomicBool::new(false),
            farewell: OnceLock::new(),
            keepers: TaskTracker::new(),
            last: Mutex::default(),
        });
        let info = workload.info(INFO_CHANNEL);
        let started = ShellTarget::connect(info, options, connect(&link));
        let started = tokio::select! {
            biased;
            () = link.stop.cancelled() => return Err(ChannelError::Interrupted),
            started = started => started,
        };
        match started {
            Ok(shell) => Ok(Self { shell, link, lost: OnceLock::new() }),
            Err(error) => Err(link.explain(error).await),
        }
    }

    /// Who the shell is and which tools it found.
    pub fn facts(&self) -> &ShellFacts {
        self.shell.facts()
    }

    /// How the way to the container was lost, if it was.
    pub fn lost(&self) -> Option<&TransportError> {
        self.lost.get()
    }

    /// Ends the shell by `exit`, reads to the end, and cuts whatever is still open after that.
    ///
    /// A container knows nothing of a connection that was cut in the middle of a command, which would go on: after an
    /// interruption a new session is opened for as long as it takes to end it.
    pub async fn close(self) {
        let link = Arc::clone(&self.link);
        link.farewell.get_or_init(CancellationToken::new);
        if tokio::time::timeout(FAREWELL, self.shell.close()).await.is_err() {
            tracing::warn!(workload = %link.workload, "what the scan ran last in the container may still run");
        }
        link.cut().await;
    }

    /// Cuts the connection without a farewell, for when somebody else still holds this target.
    pub async fn cut(&self) {
        self.link.cut().await;
    }
}

impl Target for ExecTarget {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let interrupted = || TransportError::new("the scan was interrupted");
        if self.link.stop.is_cancelled() {
            return Err(interrupted());
        }
        self.shell.ask(requests).map_err(|error| {
            let link = &self.link;
            let error = if link.stop.is_cancelled() {
                interrupted()
            } else {
                link.runtime.block_on(lost::explained(error, &link.access, &link.workload))
            };
            self.lost.get_or_init(|| error).clone()
        })
    }

    fn info(&self) -> TargetInfo {
        self.shell.info()
    }

    fn is_distant(&self) -> bool {
        self.shell.is_distant()
    }
}

fn connect(link: &Arc<Link>) -> Connect {
    let link = Arc::clone(link);
    Box::new(move || {
        let link = Arc::clone(&link);
        Box::pin(async move { link.streams().await.map_err(|error| TransportError::new(error.to_string())) })
    })
}

impl Link {
    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new session's streams. Dropping them cuts the session.
    async fn streams(&self) -> Result<ShellStreams, ChannelError> {
        *self.last() = Last::default();
        let Self { access, workload, command, keepers, .. } = self;
        let stop = self.farewell.get().unwrap_or(&self.stop);
        let mut opened = Opening { access, workload, command, stdin: true, stop, keepers }.patiently().await;
        // After it is open: until then the container could still be restarted.
        if opened.is_ok()
            && self.opened.swap(true, Ordering::Relaxed)
            && let Some(gone) = lost::gone(access, workload).await
        {
            opened = Err(gone);
        }
        let opened = opened.and_then(|(exec, guard)| {
            self.last().ending = Some(exec.end);
            let missing = || ChannelError::Lost { workload: self.workload.to_string(), detail: "no stdin".into() };
            Ok(ShellStreams::new(exec.stdin.ok_or_else(missing)?, exec.stdout, exec.stderr).keeping(guard))
        });
        if let Err(refused) = &opened {
            self.last().refused = Some(refused.clone());
        }
        opened
    }

    /// Why a shell did not start: the refusal itself, or how its exec ended.
    async fn explain(&self, error: StartError) -> ChannelError {
        let Last { refused, ending } = std::mem::take(&mut *self.last());
        if let Some(refused) = refused {
            return refused;
        }
        let workload = self.workload.to_string();
        let program = self.command.first().cloned().unwrap_or_default();
        let end = match ending {
            Some(ending) => tokio::time::timeout(AFTERMATH, ending.wait()).await.ok(),
            None => None,
        };
        let said = match &error {
            StartError::Ended { stderr } => stderr.trim().to_owned(),
            StartError::TimedOut(_) | StartError::Lost(_) => error.to_string(),
        };
        match end {
            Some(End::NotStarted(words)) => stream::not_started(&self.workload, &self.command, &words)
                .unwrap_or(ChannelError::Unusable { workload, program, detail: words }),
            // Some runtimes start nothing and answer with an exit status and their words on stderr.
            Some(End::Exited(code)) => {
                stream::not_started(&self.workload, &self.command, &said).unwrap_or_else(|| ChannelError::Unusable {
                    workload,
                    program,
                    detail: format!("it ended with exit status {code}{}", also(&said)),
                })
            }
            Some(End::Lost(detail)) if matches!(error, StartError::Ended { .. } | StartError::Lost(_)) => {
                ChannelError::Lost { workload, detail }
            }
            _ => ChannelError::Unusable { workload, program, detail: error.to_string() },
        }
    }

    /// Cuts every session and waits until their connections are gone.
    async fn cut(&self) {
        self.stop.cancel();
        self.farewell.get().inspect(|farewell| farewell.cancel());
        self.keepers.close();
        if tokio::time::timeout(CUT, self.keepers.wait()).await.is_err() {
            tracing::warn!(workload = %self.workload, "an exec connection did not close in time");
        }
    }
}

fn also(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}
