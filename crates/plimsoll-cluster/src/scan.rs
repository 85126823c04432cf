//! One scan, from a name to a receipt.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use plimsoll_target::{ShellOptions, Target, TransportError};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::access::{Access, AccessError, AccessLease, LeaseOptions, LeaseWatch, Receipt, with_lease};
use crate::channel::{ChannelError, ExecTarget};
use crate::connection::Connection;
use crate::failure::{ApiError, Cause};
use crate::workload::{Workload, WorkloadError, WorkloadRef, resolve};

/// The audit's own stack: an interpreter of deeply nested profiles needs more than a thread usually has.
const AUDIT_STACK: usize = 256 << 20;
/// How long an interrupted audit may take to notice before its thread is left to itself.
const GRACE: Duration = Duration::from_secs(3);

/// Whose rights a scan uses.
#[derive(Debug, Clone)]
pub enum AccessMode {
    /// An identity made for the scan and removed after it.
    Lease(LeaseOptions),
    /// The caller's own (`--access existing`).
    Existing,
}

impl Default for AccessMode {
    fn default() -> Self {
        Self::Lease(LeaseOptions::default())
    }
}

/// How a scan is done.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// Whose rights are used.
    pub access: AccessMode,
    /// How the shell session behaves.
    pub shell: ShellOptions,
}

/// The steps of a scan, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Finding the container and checking that it runs.
    Resolve,
    /// Checking permissions, creating the lease's objects, waiting until they take effect.
    Grant,
    /// Opening the channel: a shell in the container that answers.
    Open,
    /// The caller's audit.
    Audit,
    /// Ending the shell and its connection.
    Close,
    /// Removing the lease's objects and verifying that they are gone.
    Revoke,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "resolve",
            Self::Grant => "grant access",
            Self::Open => "open channel",
            Self::Audit => "audit",
            Self::Close => "close channel",
            Self::Revoke => "revoke access",
        })
    }
}

/// What a scan tells while it runs: the contract between it and whoever shows progress.
///
/// Events come in order. Every [`Event::Started`] is followed by one [`Event::Finished`] or [`Event::Failed`] of the same step.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A step begins.
    Started {
        /// Which.
        step: Step,
    },
    /// A step has done what it should.
    Finished {
        /// Which.
        step: Step,
        /// How long it took.
        took: Duration,
    },
    /// A step has failed. What must be closed and revoked still is.
    Failed {
        /// Which.
        step: Step,
        /// How long it took.
        took: Duration,
    },
    /// The container is known. Comes during [`Step::Resolve`].
    Resolved {
        /// The container.
        workload: &'a Workload,
    },
    /// A lease is about to be made. Comes during [`Step::Grant`], before anything is created. Keep the watch: it tells what may
    /// be left in the cluster if this process has to end at once.
    Leasing {
        /// The id that labels all that is created.
        run_id: &'a str,
        /// Tells what may be left.
        watch: &'a LeaseWatch,
    },
    /// The lease is over. Comes during [`Step::Revoke`].
    Revoked {
        /// What became of every object.
        receipt: &'a Receipt,
    },
}

/// What a scan ends with. `receipt` must be shown whatever `result` is.
#[derive(Debug)]
#[must_use]
pub struct Outcome<T> {
    /// What the audit returned.
    pub result: Result<T, ScanError>,
    /// What the audit returned although the way to the container was lost meanwhile: to be shown, never to be judged by.
    pub partial: Option<T>,
    /// The container, once known.
    pub workload: Option<Workload>,
    /// What became of the lease; `None` if none was planned.
    pub receipt: Option<Receipt>,
    /// How long each step took, in order.
    pub timings: Vec<Timing>,
}

/// How long a step took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Timing {
    /// The step.
    pub step: Step,
    /// Its wall time.
    pub took: Duration,
}

/// Why a scan has no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ScanError {
    /// There is no such container, or it can't be scanned now.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// Access was not granted.
    #[error(transparent)]
    Access(AccessError),
    /// No channel could be opened.
    #[error(transparent)]
    Channel(ChannelError),
    /// The way to the container was lost during the audit.
    #[error("the audit is incomplete: {0}")]
    Lost(TransportError),
    /// The scan was cancelled.
    #[error("interrupted")]
    Interrupted,
    /// The audit panicked: a bug.
    #[error("the audit panicked: {0}; this is a bug in Plimsoll, please report it")]
    Panicked(String),
    /// The audit's thread could not be started.
    #[error("could not start the audit's thread: {0}")]
    NoThread(String),
}

/// The kinds of scan error that call for different exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanErrorKind {
    /// The cluster or the container can't be reached, or the way was lost.
    Connection,
    /// The caller may not do what it takes.
    Permission,
    /// The container does not exist, does not run, or can't be audited this way.
    Target,
    /// Cancelled by the user.
    Interrupted,
    /// A bug or a failure of this machine.
    Internal,
}

impl From<AccessError> for ScanError {
    fn from(error: AccessError) -> Self {
        if matches!(error, AccessError::Interrupted) { Self::Interrupted } else { Self::Access(error) }
    }
}

impl From<ChannelError> for ScanError {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::Interrupted => Self::Interrupted,
            ChannelError::Access(error) => error.into(),
            error => Self::Channel(error),
        }
    }
}

impl ScanError {
    /// What kind of error this is.
    pub fn kind(&self) -> ScanErrorKind {
        match self {
            Self::Workload(WorkloadError::Api(error)) | Self::Channel(ChannelError::Api(error)) => of_api(error),
            Self::Access(error) => of_access(error),
            Self::Channel(ChannelError::Lost { .. }) | Self::Lost(_) => ScanErrorKind::Connection,
            Self::Workload(_) | Self::Channel(_) => ScanErrorKind::Target,
            Self::Interrupted => ScanErrorKind::Interrupted,
            Self::Panicked(_) | Self::NoThread(_) => ScanErrorKind::Internal,
        }
    }
}

fn of_access(error: &AccessError) -> ScanErrorKind {
    match error {
        AccessError::Missing { .. } | AccessError::NotEffective { .. } => ScanErrorKind::Permission,
        AccessError::Api(error) => of_api(error),
        AccessError::NameTaken { .. } | AccessError::NoToken { .. } | AccessError::Over { .. } => {
            ScanErrorKind::Connection
        }
        AccessError::Interrupted => ScanErrorKind::Interrupted,
        AccessError::Connect(_) => ScanErrorKind::Internal,
    }
}

fn of_api(error: &ApiError) -> ScanErrorKind {
    match error.cause {
        Cause::Unauthorized | Cause::Forbidden => ScanErrorKind::Permission,
        Cause::NotFound => ScanErrorKind::Target,
        _ => ScanErrorKind::Connection,
    }
}

/// Scans one container: resolve, lease access, open a channel, run `audit` against it, take everything back.
///
/// `audit` runs on a thread of its own and may block; the target it gets fails every question once the connection is lost
/// or `stop` is cancelled. Cancelling `stop` ends the scan as soon as everything is taken back. Don't drop the future
/// before it ends: what is leased would stay leased.
pub async fn scan<T, A>(
    connection: &Connection,
    wanted: &WorkloadRef,
    options: &ScanOptions,
    stop: &CancellationToken,
    on_event: &(dyn Fn(&Event<'_>) + Send + Sync),
    audit: A,
) -> Outcome<T>
where
    T: Send + 'static,
    A: FnOnce(Arc<dyn Target>) -> T + Send + 'static,
{
    let clock = Clock { on_event, timings: Mutex::default() };
    let mut outcome = Outcome {
        result: Err(ScanError::Interrupted),
        partial: None,
        workload: None,
        receipt: None,
        timings: Vec::new(),
    };
    match find(connection, wanted, stop, &clock).await {
        Err(error) => outcome.result = Err(error),
        Ok(workload) => {
            let work = Work { workload: &workload, shell: &options.shell, stop, clock: &clock };
            let (result, receipt) = match &options.access {
                AccessMode::Existing => (work.audit(Access::Existing(connection.clone()), audit).boxed().await, None),
                AccessMode::Lease(lease) => {
                    let (result, receipt) = work.audit_leased(connection, lease, audit).boxed().await;
                    (result, Some(receipt))
                }
            };
            match result {
                Ok(Audited::Whole(value)) => outcome.result = Ok(value),
                Ok(Audited::Partial(value, error)) => {
                    outcome.partial = Some(value);
                    outcome.result = Err(error);
                }
                Err(error) => outcome.result = Err(error),
            }
            outcome.receipt = receipt;
            outcome.workload = Some(workload);
        }
    }
    outcome.timings = clock.timings.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome
}

async fn find(
    connection: &Connection,
    wanted: &WorkloadRef,
    stop: &CancellationToken,
    clock: &Clock<'_>,
) -> Result<Workload, ScanError> {
    let found = async {
        let workload = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(ScanError::Interrupted),
            found = resolve(connection, wanted) => found?,
        };
        clock.tell(&Event::Resolved { workload: &workload });
        Ok(workload)
    };
    clock.step(Step::Resolve, found.boxed()).await
}

/// What an audit returned.
enum Audited<T> {
    Whole(T),
    /// With the way to the container lost before it ended.
    Partial(T, ScanError),
}

/// Tells events and keeps the time.
struct Clock<'a> {
    on_event: &'a (dyn Fn(&Event<'_>) + Send + Sync),
    timings: Mutex<Vec<Timing>>,
}

impl Clock<'_> {
    fn tell(&self, event: &Event<'_>) {
        (self.on_event)(event);
    }

    /// Steps are on the heap: together they would make a scan's future 50 KB, which every caller would carry on its stack.
    async fn step<T, E>(&self, step: Step, work: BoxFuture<'_, Result<T, E>>) -> Result<T, E> {
        self.tell(&Event::Started { step });
        let started = Instant::now();
        let done = work.await;
        let took = started.elapsed();
        self.timings.lock().unwrap_or_else(PoisonError::into_inner).push(Timing { step, took });
        self.tell(&if done.is_ok() { Event::Finished { step, took } } else { Event::Failed { step, took } });
        done
    }
}

struct Work<'a> {
    workload: &'a Workload,
    shell: &'a ShellOptions,
    stop: &'a CancellationToken,
    clock: &'a Clock<'a>,
}

impl Work<'_> {
    async fn audit_leased<T, A>(
        &self,
        connection: &Connection,
        options: &LeaseOptions,
        audit: A,
    ) -> (Result<Audited<T>, ScanError>, Receipt)
    where
        T: Send + 'static,
        A: FnOnce(Arc<dyn Target>) -> T + Send + 'static,
    {
        let lease = AccessLease::plan(connection, &self.workload.namespace, &self.workload.pod, options);
        let lease = Arc::new(lease);
        let granted = async {
            let watch = lease.watch();
            self.clock.tell(&Event::Leasing { run_id: lease.run_id(), watch: &watch });
            lease.establish(self.stop).await
        };
        let work = async {
            self.clock.step(Step::Grant, granted.boxed()).await?;
            self.audit(Access::Lease(Arc::clone(&lease)), audit).boxed().await
        };
        let revoked = async {
            let receipt = lease.revoke().await;
            self.clock.tell(&Event::Revoked { receipt: &receipt });
            if receipt.is_clean() { Ok(receipt) } else { Err(receipt) }
        };
        let revoke = async { self.clock.step(Step::Revoke, revoked.boxed()).await.unwrap_or_else(|receipt| receipt) };
        let (outcome, receipt) = with_lease(work, revoke).await;
        let result = outcome.unwrap_or_else(|panic| Err(ScanError::Panicked(words(&*panic))));
        (result, receipt)
    }

    /// Opens the channel, runs the audit, closes the channel.
    async fn audit<T, A>(&self, access: Access, audit: A) -> Result<Audited<T>, ScanError>
    where
        T: Send + 'static,
        A: FnOnce(Arc<dyn Target>) -> T + Send + 'static,
    {
        let open = ExecTarget::open(access, self.workload, self.shell.clone(), self.stop);
        let target = Arc::new(self.clock.step(Step::Open, open.boxed()).await?);
        let audited = self.clock.step(Step::Audit, self.run(&target, audit).boxed()).await;
        let lost = target.lost().cloned();
        let close = async {
            close(target).await;
            Ok::<(), ScanError>(())
        };
        self.clock.step(Step::Close, close.boxed()).await?;
        match (audited?, lost) {
            (value, None) => Ok(Audited::Whole(value)),
            (value, Some(_)) if self.stop.is_cancelled() => Ok(Audited::Partial(value, ScanError::Interrupted)),
            (value, Some(lost)) => Ok(Audited::Partial(value, ScanError::Lost(lost))),
        }
    }

    /// Runs the audit on its own thread until it ends, or until it has been given time to notice the interruption.
    async fn run<T, A>(&self, target: &Arc<ExecTarget>, audit: A) -> Result<T, ScanError>
    where
        T: Send + 'static,
        A: FnOnce(Arc<dyn Target>) -> T + Send + 'static,
    {
        let (tell, mut ended) = oneshot::channel();
        let target: Arc<dyn Target> = Arc::clone(target) as Arc<dyn Target>;
        let body = move || {
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| audit(target)));
            let _ = tell.send(result);
        };
        let thread = std::thread::Builder::new().name("audit".into()).stack_size(AUDIT_STACK);
        thread.spawn(body).map_err(|error| ScanError::NoThread(error.to_string()))?;
        let ended = tokio::select! {
            biased;
            ended = &mut ended => ended,
            () = self.stop.cancelled() => match tokio::time::timeout(GRACE, ended).await {
                Ok(ended) => ended,
                Err(_) => return Err(ScanError::Interrupted),
            },
        };
        match ended {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => Err(ScanError::Panicked(words(&*panic))),
            Err(_) => Err(ScanError::Panicked("its thread ended without a word".into())),
        }
    }
}

/// Closes the session in good order, or cuts it where the audit still holds the target.
async fn close(target: Arc<ExecTarget>) {
    match Arc::try_unwrap(target) {
        Ok(target) => target.close().await,
        Err(held) => held.cut().await,
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
