//! The exec channel of containers without a shell: an exec for each program.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use plimsoll_target::{
    Answer, DirectError, DirectTarget, Launched, Launcher, Output, Program, Request, ShellOptions, Target, TargetInfo,
    TransportError,
};
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ChannelError;
use super::lost;
use super::opening::Opening;
use super::stream::{self, End, Incoming};
use crate::access::Access;
use crate::workload::Workload;

/// [`TargetInfo::channel`] of this channel.
pub const DIRECT_CHANNEL: &str = "k8s-exec-direct";

/// How many execs are open at once: each is a connection of the API server and a process of the container.
const AT_ONCE: usize = 4;
/// How long cut connections may take to be gone.
const CUT: Duration = Duration::from_secs(2);

/// A container that is asked by tools of its own, each started by an exec.
pub struct DirectExec {
    target: DirectTarget,
    link: Arc<Link>,
}

struct Link {
    runtime: Handle,
    access: Access,
    workload: Workload,
    stop: CancellationToken,
    keepers: TaskTracker,
    lost: OnceLock<TransportError>,
}

impl DirectExec {
    /// Looks for tools in the container; the reason why there is no way in by them is a [`DirectError`].
    pub async fn open(
        access: Access,
        workload: &Workload,
        options: ShellOptions,
        stop: &CancellationToken,
    ) -> Result<Result<Self, DirectError>, ChannelError> {
        let link = Arc::new(Link {
            runtime: Handle::current(),
            access,
            workload: workload.clone(),
            stop: stop.child_token(),
            keepers: TaskTracker::new(),
            lost: OnceLock::new(),
        });
        let (info, launcher) = (workload.info(DIRECT_CHANNEL), Box::new(Execs(Arc::clone(&link))));
        let opened = tokio::task::spawn_blocking(move || DirectTarget::open(info, options, launcher)).await;
        match opened {
            _ if stop.is_cancelled() => Err(ChannelError::Interrupted),
            Ok(opened) => Ok(opened.map(|target| Self { target, link })),
            Err(error) => Err(ChannelError::Lost { workload: workload.to_string(), detail: error.to_string() }),
        }
    }

    /// The names of the tools that are used.
    pub fn tools(&self) -> Vec<String> {
        self.target.tools()
    }

    /// How the way to the container was lost, if it was.
    pub fn lost(&self) -> Option<&TransportError> {
        self.link.lost.get()
    }

    /// Makes sure that all execs were in the same container: nothing keeps one from being restarted between two of them.
    pub async fn confirm(&self) {
        if let Some(gone) = lost::gone(&self.link.access, &self.link.workload).await {
            self.link.lost.get_or_init(|| TransportError::new(gone.to_string()));
        }
    }

    /// Cuts whatever is still open.
    pub async fn close(&self) {
        self.link.stop.cancel();
        self.link.keepers.close();
        if tokio::time::timeout(CUT, self.link.keepers.wait()).await.is_err() {
            tracing::warn!(workload = %self.link.workload, "an exec connection did not close in time");
        }
    }
}

impl Target for DirectExec {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        self.target.ask(requests)
    }

    fn info(&self) -> TargetInfo {
        self.target.info()
    }

    fn is_distant(&self) -> bool {
        self.target.is_distant()
    }
}

struct Execs(Arc<Link>);

impl Launcher for Execs {
    fn launch(&self, programs: &[Program]) -> Result<Vec<Launched>, TransportError> {
        let link = &self.0;
        let launched = futures::stream::iter(programs).map(|program| link.launch(program)).buffered(AT_ONCE);
        link.runtime.block_on(launched.try_collect()).map_err(|error: TransportError| {
            let error = if link.stop.is_cancelled() {
                TransportError::new("the scan was interrupted")
            } else {
                link.runtime.block_on(lost::explained(error, &link.access, &link.workload))
            };
            link.lost.get_or_init(|| error).clone()
        })
    }
}

impl Link {
    /// Runs one program; once more if its connection is lost.
    async fn launch(&self, program: &Program) -> Result<Launched, TransportError> {
        let lost = match self.once(program).await {
            Err(ChannelError::Lost { .. }) => self.once(program).await,
            done => done,
        };
        match lost {
            Ok(launched) => Ok(launched),
            Err(ChannelError::NoProgram { .. }) => Ok(Launched::Missing),
            Err(ChannelError::Denied { detail, .. } | ChannelError::Unusable { detail, .. }) => {
                Ok(Launched::Refused(detail))
            }
            Err(error) => Err(TransportError::new(error.to_string())),
        }
    }

    async fn once(&self, program: &Program) -> Result<Launched, ChannelError> {
        match tokio::time::timeout(program.timeout, self.run(program)).await {
            Ok(done) => done,
            Err(_) => Ok(Launched::TimedOut),
        }
    }

    async fn run(&self, program: &Program) -> Result<Launched, ChannelError> {
        let Self { access, workload, stop, keepers, .. } = self;
        let (command, stdin) = (program.words.as_slice(), false);
        let (exec, _cut) = Opening { access, workload, command, stdin, stop, keepers }.patiently().await?;
        let both = tokio::try_join!(upto(program.limit, exec.stdout), upto(program.limit, exec.stderr));
        let Ok((stdout, stderr)) = both else { return Ok(Launched::TooLarge) };
        match exec.end.wait().await {
            End::Exited(exit_status @ (126 | 127)) => {
                // Some runtimes start nothing and answer with an exit status and their words on stderr.
                match stream::not_started(workload, command, &String::from_utf8_lossy(&stderr)) {
                    Some(refused) if stdout.is_empty() => Err(refused),
                    _ => Ok(Launched::Ended(Output { stdout, stderr, exit_status })),
                }
            }
            End::Exited(exit_status) => Ok(Launched::Ended(Output { stdout, stderr, exit_status })),
            End::NotStarted(words) => Err(stream::not_started(workload, command, &words).unwrap_or_else(|| {
                let program = command.first().cloned().unwrap_or_default();
                ChannelError::Unusable { workload: workload.to_string(), program, detail: words }
            })),
            End::Lost(detail) => Err(ChannelError::Lost { workload: workload.to_string(), detail }),
        }
    }
}

/// A program wrote more than it may.
struct TooMuch;

/// Everything on a stream. An error on it is the end of the exec, which is told elsewhere.
async fn upto(limit: u64, stream: Incoming) -> Result<Vec<u8>, TooMuch> {
    let mut bytes = Vec::new();
    let _ = stream.take(limit + 1).read_to_end(&mut bytes).await;
    if bytes.len() as u64 <= limit { Ok(bytes) } else { Err(TooMuch) }
}
