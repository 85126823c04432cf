//! One scan, from a name to a receipt.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use plimsoll_target::{ShellOptions, Target, TransportError};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::access::{AccessError, AccessLease, LeaseOptions, LeaseWatch, Receipt, with_lease};
use crate::channel::{AgentSession, ChannelError};
use crate::connection::Connection;
use crate::debug::HelperImage;
use crate::failure::{ApiError, Cause};
use crate::route::{Channel, Route};
use crate::sidecar::OwnPod;
use crate::workload::{Workload, WorkloadError, WorkloadRef, resolve};

/// The audit's own stack: an interpreter of deeply nested profiles needs more than a thread usually has.
const AUDIT_STACK: usize = 256 << 20;
/// How long an interrupted audit may take to notice before its thread is left to itself.
const GRACE: Duration = Duration::from_secs(3);

/// Whose rights a scan uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccessMode {
    /// Those of an identity made for the scan and removed after it.
    #[default]
    Lease,
    /// The caller's own (`--access existing`).
    Existing,
}

/// How a scan is done.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// Whose rights are used.
    pub access: AccessMode,
    /// How long everything that the scan puts into the cluster lasts at most, and how access is granted.
    pub lease: LeaseOptions,
    /// How the shell session behaves.
    pub shell: ShellOptions,
    /// The way into the container.
    pub mode: Mode,
    /// The image of debug containers and sidecars.
    pub helper: HelperImage,
    /// Whether [`Mode::Auto`] may scan a copy of the pod where nothing else works.
    pub allow_copy: bool,
    /// What a pod made from an image runs in place of the image's own program.
    pub command: Vec<String>,
}

/// The way into a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Exec if there is a usable shell, else a debug container, else tools of the container's own, else what is allowed. Over the
    /// pod's own agent if it has one.
    #[default]
    Auto,
    /// A shell of the container's own; where it has none, tools of its own.
    Exec,
    /// A debug container beside it.
    Debug,
    /// An agent of the pod's own: one that is there, or for an image one in a pod that is made.
    Sidecar,
    /// A copy of the pod, with an agent in it.
    Copy,
}

/// What is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A running container.
    Container(WorkloadRef),
    /// An image: a pod is made of it.
    Image {
        /// The namespace of the pod.
        namespace: String,
        /// The image's name.
        image: String,
    },
}

impl From<&WorkloadRef> for Subject {
    fn from(wanted: &WorkloadRef) -> Self {
        Self::Container(wanted.clone())
    }
}

/// Where an audit takes place.
pub enum Ground {
    /// The engine is here, and asks the container.
    Target(Arc<dyn Target>),
    /// The engine is an agent's, beside the container, and is told what to do.
    Agent(Box<AgentSession>),
}

impl Ground {
    /// What is to be asked from here; `None` where an agent does the asking.
    pub fn into_target(self) -> Option<Arc<dyn Target>> {
        match self {
            Self::Target(target) => Some(target),
            Self::Agent(_) => None,
        }
    }
}

/// The steps of a scan, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Finding the container and checking that it runs.
    Resolve,
    /// Checking permissions, creating the lease's objects, waiting until they take effect.
    Grant,
    /// Making a pod to scan, and waiting until it runs.
    Deploy,
    /// Opening the channel: something in the container, or beside it, that answers.
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
            Self::Deploy => "make the pod",
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
    /// The way into the container has been chosen. Comes during [`Step::Open`].
    Chosen {
        /// Its [`plimsoll_target::TargetInfo::channel`].
        channel: &'a str,
        /// Why this one.
        why: &'a str,
    },
    /// Something that is worth a line has been done on the way.
    Note {
        /// What.
        text: &'a str,
    },
    /// A lease is about to be made. Comes during [`Step::Grant`], before anything is created. Keep the watch: it tells what may
    /// be left in the cluster if this process has to end at once.
    Leasing {
        /// The id that labels all that is created.
        run_id: &'a str,
        /// Tells what may be left.
        watch: &'a LeaseWatch,
        /// Whether an identity is made; else the caller's own rights are used.
        identity: bool,
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
    /// What became of the lease; `None` if nothing was to be created.
    pub receipt: Option<Receipt>,
    /// The same for a lease on the pod itself, where a copy of it was scanned in the end.
    pub earlier: Option<Receipt>,
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
        AccessError::Missing { .. } | AccessError::NotAllowed { .. } | AccessError::NotEffective { .. } => {
            ScanErrorKind::Permission
        }
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

/// Scans one container: resolve, lease access, open a channel, run `audit` on it, take everything back.
///
/// `audit` runs on a thread of its own and may block; the ground it gets fails every question once the connection is lost
/// or `stop` is cancelled. Cancelling `stop` ends the scan as soon as everything is taken back. Don't drop the future
/// before it ends: what is leased would stay leased.
pub async fn scan<T, A>(
    connection: &Connection,
    subject: impl Into<Subject>,
    options: &ScanOptions,
    stop: &CancellationToken,
    on_event: &(dyn Fn(&Event<'_>) + Send + Sync),
    audit: A,
) -> Outcome<T>
where
    T: Send + 'static,
    A: FnOnce(Ground) -> T + Send + 'static,
{
    let clock = Clock { on_event, timings: Mutex::default() };
    let mut outcome = Outcome {
        result: Err(ScanError::Interrupted),
        partial: None,
        workload: None,
        receipt: None,
        earlier: None,
        timings: Vec::new(),
    };
    let work = Work { connection, options, stop, clock: &clock };
    match work.begin(subject.into(), &mut outcome).await {
        Ok(way) => work.go(way, audit, &mut outcome).boxed().await,
        Err(error) => outcome.result = Err(error),
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

/// What is to be scanned, once it is known.
enum Way {
    /// The container itself.
    Container(Workload),
    /// A pod that is to be made.
    OwnPod(OwnPod),
}

/// What is done with a lease.
struct Leased<T> {
    result: Result<Audited<T>, ScanError>,
    receipt: Receipt,
    workload: Option<Workload>,
}

struct Work<'a> {
    connection: &'a Connection,
    options: &'a ScanOptions,
    stop: &'a CancellationToken,
    clock: &'a Clock<'a>,
}

impl Work<'_> {
    async fn begin<T>(&self, subject: Subject, outcome: &mut Outcome<T>) -> Result<Way, ScanError> {
        match subject {
            Subject::Image { namespace, image } => {
                let command = self.options.command.clone();
                Ok(Way::OwnPod(OwnPod::Image { namespace, image, command, restricted: false }))
            }
            Subject::Container(wanted) => {
                let workload = find(self.connection, &wanted, self.stop, self.clock).await?;
                outcome.workload = Some(workload.clone());
                if self.options.mode == Mode::Copy {
                    self.copy_of(workload).await
                } else {
                    Ok(Way::Container(workload))
                }
            }
        }
    }

    async fn copy_of(&self, of: Workload) -> Result<Way, ScanError> {
        let pods: Api<Pod> = Api::namespaced(self.connection.client().clone(), &of.namespace);
        let pod = self.connection.call("look at the pod to copy", || pods.get(&of.pod)).await;
        let pod = pod.map_err(ChannelError::Api)?;
        Ok(Way::OwnPod(OwnPod::Copy { pod: Box::new(pod), of }))
    }

    async fn go<T, A>(&self, way: Way, audit: A, outcome: &mut Outcome<T>)
    where
        T: Send + 'static,
        A: FnOnce(Ground) -> T + Send + 'static,
    {
        let mut audit = Some(audit);
        let mut leased = self.leased(&way, &mut audit).await;
        let nothing_else = matches!(leased.result, Err(ScanError::Channel(ChannelError::NoWay { .. })));
        let may_copy = self.options.mode == Mode::Auto && self.options.allow_copy && !self.stop.is_cancelled();
        if let Way::Container(workload) = way
            && nothing_else
            && may_copy
        {
            match self.copy_of(workload).await {
                Ok(way) => {
                    outcome.earlier = Some(leased.receipt).filter(|receipt| !receipt.is_empty());
                    leased = self.leased(&way, &mut audit).await;
                }
                Err(error) => leased.result = Err(error),
            }
        }
        match leased.result {
            Ok(Audited::Whole(value)) => outcome.result = Ok(value),
            Ok(Audited::Partial(value, error)) => {
                outcome.partial = Some(value);
                outcome.result = Err(error);
            }
            Err(error) => outcome.result = Err(error),
        }
        outcome.receipt = Some(leased.receipt).filter(|receipt| !receipt.is_empty());
        outcome.workload = outcome.workload.take().or(leased.workload);
    }

    fn lease(&self, way: &Way) -> AccessLease {
        let options = &self.options.lease;
        let lease = match way {
            Way::Container(workload) => AccessLease::plan(self.connection, &workload.namespace, &workload.pod, options),
            Way::OwnPod(OwnPod::Copy { of, .. }) => AccessLease::plan_own(self.connection, &of.namespace, options),
            Way::OwnPod(OwnPod::Image { namespace, .. }) => AccessLease::plan_own(self.connection, namespace, options),
        };
        match self.options.access {
            AccessMode::Lease => lease,
            AccessMode::Existing => lease.without_identity(),
        }
    }

    async fn leased<T, A>(&self, way: &Way, audit: &mut Option<A>) -> Leased<T>
    where
        T: Send + 'static,
        A: FnOnce(Ground) -> T + Send + 'static,
    {
        let lease = Arc::new(self.lease(way));
        let granted = async {
            let watch = lease.watch();
            let identity = lease.has_identity();
            self.clock.tell(&Event::Leasing { run_id: lease.run_id(), watch: &watch, identity });
            lease.establish(self.stop).await
        };
        let work = async {
            if lease.has_identity() {
                self.clock.step(Step::Grant, granted.boxed()).await?;
            } else {
                granted.await?;
            }
            let note = |text: &str| self.clock.tell(&Event::Note { text });
            let chosen = |channel: &str, why: &str| self.clock.tell(&Event::Chosen { channel, why });
            let route = Route { lease: &lease, options: self.options, stop: self.stop, note: &note, chosen: &chosen };
            let (channel, workload) = match way {
                Way::Container(workload) => {
                    let channel = self.clock.step(Step::Open, route.to_container(workload).boxed()).await?;
                    (channel, None)
                }
                Way::OwnPod(own) => self.to_own_pod(&route, own).await?,
            };
            let Some(audit) = audit.take() else { return Err(ScanError::Interrupted) };
            self.audit(channel, audit).boxed().await.map(|audited| (audited, workload))
        };
        let revoked = async {
            let receipt = lease.revoke().await;
            self.clock.tell(&Event::Revoked { receipt: &receipt });
            if receipt.is_clean() { Ok(receipt) } else { Err(receipt) }
        };
        let revoke = async {
            if !lease.holds_anything() {
                return lease.revoke().await;
            }
            self.clock.step(Step::Revoke, revoked.boxed()).await.unwrap_or_else(|receipt| receipt)
        };
        let (outcome, receipt) = with_lease(work, revoke).await;
        let done = outcome.unwrap_or_else(|panic| Err(ScanError::Panicked(words(&*panic))));
        match done {
            Ok((audited, workload)) => Leased { result: Ok(audited), receipt, workload },
            Err(error) => Leased { result: Err(error), receipt, workload: None },
        }
    }

    /// Makes the pod and opens its agent; again, as somebody else, where the first one may not look into the container.
    async fn to_own_pod(&self, route: &Route<'_>, own: &OwnPod) -> Result<(Channel, Option<Workload>), ScanError> {
        let mut pod = Route::own_pod(own);
        for last in [false, false, true] {
            let workload = self.clock.step(Step::Deploy, route.deploy(&mut pod).boxed()).await?;
            let opened = self.clock.step(Step::Open, route.to_own_pod(&mut pod, &workload, last).boxed()).await?;
            if let Some(channel) = opened {
                return Ok((channel, Some(workload)));
            }
        }
        unreachable!("the last attempt is a channel or an error")
    }

    /// Runs the audit, closes the channel.
    async fn audit<T, A>(&self, mut channel: Channel, audit: A) -> Result<Audited<T>, ScanError>
    where
        T: Send + 'static,
        A: FnOnce(Ground) -> T + Send + 'static,
    {
        let Some(ground) = channel.ground() else { return Err(ScanError::Interrupted) };
        let audited = self.clock.step(Step::Audit, self.run(ground, audit).boxed()).await;
        channel.confirm().await;
        let lost = channel.lost();
        let close = async {
            channel.close().await;
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
    async fn run<T, A>(&self, ground: Ground, audit: A) -> Result<T, ScanError>
    where
        T: Send + 'static,
        A: FnOnce(Ground) -> T + Send + 'static,
    {
        let (tell, mut ended) = oneshot::channel();
        let body = move || {
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| audit(ground)));
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

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
