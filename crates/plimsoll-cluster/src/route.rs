//! The way into a container: which one is taken, and why.

use std::sync::Arc;
use std::time::Duration;

use plimsoll_target::{Cached, DirectError, NeighbourError, Rerooted, ShellOptions, Target, TransportError};
use tokio_util::sync::CancellationToken;

use crate::access::{Access, AccessError, AccessLease};
use crate::agent::{Errand, SIDECAR};
use crate::channel::{AgentLink, AgentSession, ChannelError, DIRECT_CHANNEL, DirectExec, ExecTarget, INFO_CHANNEL};
use crate::debug::{DEBUG_CHANNEL, Debugging, Mirror, Opened};
use crate::failure::Cause;
use crate::scan::{Ground, Mode, ScanError, ScanOptions};
use crate::sidecar::{OwnPod, STORE};
use crate::startup::Startup;
use crate::workload::{Workload, WorkloadRef, resolve};

/// [`plimsoll_target::TargetInfo::channel`] of an audit by an agent that the pod has.
pub const SIDECAR_CHANNEL: &str = "k8s-sidecar";
/// [`plimsoll_target::TargetInfo::channel`] of an audit of a copy.
pub const COPY_CHANNEL: &str = "k8s-copy";

/// How long a pod may take until it runs.
const START: Duration = Duration::from_secs(180);

/// Shells that are looked for where there is no `/bin/sh`, by the container's own PATH.
const SHELLS: [&[&str]; 3] = [&["sh"], &["bash"], &["busybox", "sh"]];

/// A way into a container that is open.
pub(crate) enum Channel {
    /// A shell of the container's own.
    Exec(Arc<ExecTarget>),
    /// Tools of the container's own.
    Direct(Arc<DirectExec>),
    /// An agent beside it; the session is the audit's once that has begun.
    Agent(Option<Box<AgentSession>>, AgentLink),
    /// A shell beside it.
    Shell(Arc<ExecTarget>, Option<Arc<Rerooted<Cached<Arc<ExecTarget>>>>>),
}

impl Channel {
    /// What an audit takes place on; once.
    pub(crate) fn ground(&mut self) -> Option<Ground> {
        match self {
            Self::Exec(target) => Some(Ground::Target(Arc::clone(target) as Arc<dyn Target>)),
            Self::Direct(target) => Some(Ground::Target(Arc::clone(target) as Arc<dyn Target>)),
            Self::Agent(session, _) => session.take().map(Ground::Agent),
            Self::Shell(_, target) => target.take().map(|target| Ground::Target(target as Arc<dyn Target>)),
        }
    }

    /// Makes sure that all that was asked was asked of one container; else the way counts as lost.
    pub(crate) fn confirm(&self) -> impl Future<Output = ()> + use<> {
        let direct = if let Self::Direct(target) = self { Some(Arc::clone(target)) } else { None };
        async move {
            if let Some(target) = direct {
                target.confirm().await;
            }
        }
    }

    /// How it was lost, if it was.
    pub(crate) fn lost(&self) -> Option<TransportError> {
        match self {
            Self::Exec(target) | Self::Shell(target, _) => target.lost().cloned(),
            Self::Direct(target) => target.lost().cloned(),
            Self::Agent(_, link) => link.lost().cloned(),
        }
    }

    /// Closes it in good order, or cuts it where the audit still holds it.
    pub(crate) async fn close(self) {
        match self {
            Self::Exec(target) | Self::Shell(target, _) => match Arc::try_unwrap(target) {
                Ok(target) => target.close().await,
                Err(held) => held.cut().await,
            },
            Self::Direct(target) => target.close().await,
            Self::Agent(session, link) => {
                drop(session);
                link.close().await;
            }
        }
    }
}

/// A pod of the run's own, and the identity of its agent.
pub(crate) struct Deployed {
    own: OwnPod,
    mirror: Mirror,
}

/// Looks for the way.
pub(crate) struct Route<'a> {
    pub(crate) lease: &'a Arc<AccessLease>,
    pub(crate) options: &'a ScanOptions,
    pub(crate) stop: &'a CancellationToken,
    /// Told what is done on the way.
    pub(crate) note: &'a (dyn Fn(&str) + Send + Sync),
    /// Told which way is taken, and why.
    pub(crate) chosen: &'a (dyn Fn(&str, &str) + Send + Sync),
}

impl Route<'_> {
    /// Into a running container.
    pub(crate) async fn to_container(&self, workload: &Workload) -> Result<Channel, ScanError> {
        match self.options.mode {
            Mode::Exec => Ok(self.by_exec(workload).await?),
            Mode::Debug => {
                (self.chosen)(DEBUG_CHANNEL, "asked for");
                Ok(self.debug(workload).await?)
            }
            Mode::Sidecar if workload.has_agent => {
                (self.chosen)(SIDECAR_CHANNEL, "asked for");
                Ok(self.sidecar(workload).await?)
            }
            Mode::Sidecar | Mode::Copy => {
                let why = "the pod has no agent of its own; `plimsoll sidecar inject` adds one to its manifest, and \
                           --mode copy scans a copy of the pod that has one";
                let ways = vec![("sidecar", why.to_owned())];
                Err(ChannelError::NoWay { workload: workload.to_string(), ways }.into())
            }
            Mode::Auto => Ok(self.any(workload).await?),
        }
    }

    /// The first way that is open.
    async fn any(&self, workload: &Workload) -> Result<Channel, ChannelError> {
        if workload.has_agent {
            (self.chosen)(SIDECAR_CHANNEL, "the pod has an agent of its own");
            return self.sidecar(workload).await;
        }
        let no_shell = match self.exec(workload).await {
            Ok((channel, why)) => {
                (self.chosen)(INFO_CHANNEL, &why);
                return Ok(channel);
            }
            Err(error) if is_without_shell(&error) => error,
            Err(error) => return Err(error),
        };
        let why = match &no_shell {
            ChannelError::NoProgram { program, .. } => format!("the container has no {program}"),
            other => other.to_string(),
        };
        (self.chosen)(DEBUG_CHANNEL, &why);
        let no_debugging = match self.debug(workload).await {
            Ok(channel) => return Ok(channel),
            Err(error) if is_closed(&error) => error,
            Err(error) => return Err(error),
        };
        let no_tools = match self.direct(workload).await? {
            Ok(target) => return Ok(self.by_tools(target, &no_debugging.to_string())),
            Err(error) => error,
        };
        let copy = if self.options.allow_copy {
            (self.chosen)(COPY_CHANNEL, &no_debugging.to_string());
            "is tried next".to_owned()
        } else {
            "not allowed; --allow-copy lets a copy of the pod be made, which runs the container's program once more"
                .to_owned()
        };
        let ways =
            vec![("exec", format!("{why}, and {no_tools}")), ("debug", no_debugging.to_string()), ("copy", copy)];
        Err(ChannelError::NoWay { workload: workload.to_string(), ways })
    }

    /// By a shell of the container's own, else by its tools.
    async fn by_exec(&self, workload: &Workload) -> Result<Channel, ChannelError> {
        match self.exec(workload).await {
            Ok((channel, _)) => {
                (self.chosen)(INFO_CHANNEL, "asked for");
                Ok(channel)
            }
            Err(no_shell) if is_without_shell(&no_shell) => match self.direct(workload).await? {
                Ok(target) => Ok(self.by_tools(target, "asked for, and the container has no shell")),
                Err(_) => Err(no_shell),
            },
            Err(error) => Err(error),
        }
    }

    /// A shell, and why it is that one.
    async fn exec(&self, workload: &Workload) -> Result<(Channel, String), ChannelError> {
        let open = |shell: Vec<String>| {
            let options = ShellOptions { shell, ..self.options.shell.clone() };
            ExecTarget::open(Access::Lease(Arc::clone(self.lease)), workload, options, self.stop)
        };
        let refused = match open(self.options.shell.shell.clone()).await {
            Ok(target) => return Ok((Channel::Exec(Arc::new(target)), "the container has a shell".to_owned())),
            Err(error) if is_without_shell(&error) => error,
            Err(error) => return Err(error),
        };
        // All at once: most containers have none of them, and each refusal takes a round trip to the node.
        let words = |shell: &&[&str]| shell.iter().map(ToString::to_string).collect::<Vec<_>>();
        let opened = futures::future::join_all(SHELLS.iter().map(|shell| open(words(shell)))).await;
        let mut found = None;
        for (shell, opened) in SHELLS.iter().zip(opened) {
            match opened {
                Ok(target) if found.is_none() => found = Some((target, shell.join(" "))),
                Ok(superfluous) => superfluous.close().await,
                Err(error) if is_without_shell(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let (target, shell) = found.ok_or(refused)?;
        Ok((Channel::Exec(Arc::new(target)), format!("the container has no /bin/sh, but `{shell}`")))
    }

    /// The container's own tools.
    async fn direct(&self, workload: &Workload) -> Result<Result<DirectExec, DirectError>, ChannelError> {
        let access = Access::Lease(Arc::clone(self.lease));
        DirectExec::open(access, workload, self.options.shell.clone(), self.stop).await
    }

    fn by_tools(&self, target: DirectExec, why: &str) -> Channel {
        let tools = target.tools().join(", ");
        (self.chosen)(DIRECT_CHANNEL, &format!("{why}: {tools} of its own, an exec for each question"));
        Channel::Direct(Arc::new(target))
    }

    async fn debug(&self, workload: &Workload) -> Result<Channel, ChannelError> {
        let debugging = Debugging {
            lease: self.lease,
            workload,
            image: &self.options.helper,
            shell: &self.options.shell,
            stop: self.stop,
            tell: self.note,
        };
        Ok(match debugging.open().await? {
            Opened::Agent(session, link) => Channel::Agent(Some(session), link),
            Opened::Shell(exec, target) => Channel::Shell(exec, Some(target)),
        })
    }

    async fn sidecar(&self, workload: &Workload) -> Result<Channel, ChannelError> {
        self.agent(workload, SIDECAR_CHANNEL, &workload.info(SIDECAR_CHANNEL).uri, None).await
    }

    async fn agent(
        &self,
        workload: &Workload,
        channel: &str,
        uri: &str,
        store: Option<&str>,
    ) -> Result<Channel, ChannelError> {
        let access = Access::Lease(Arc::clone(self.lease));
        let place = Workload { container: SIDECAR.into(), ..workload.clone() };
        let info = plimsoll_target::TargetInfo { uri: uri.to_owned(), ..workload.info(channel) };
        let (run_id, container) = (self.lease.run_id(), workload.container_id.as_str());
        let errand = Errand { run_id, container, shared: true, then_end: false, store, info: &info };
        let (session, link) = AgentSession::open(&access, &place, &errand, self.stop).await?;
        Ok(Channel::Agent(Some(Box::new(session)), link))
    }

    /// A pod of the run's own, as it is tried first.
    pub(crate) fn own_pod(own: &OwnPod) -> Deployed {
        let mirror = match own {
            OwnPod::Image { .. } => Mirror::of(&own.bare(1), own.container()),
            OwnPod::Copy { pod, .. } => Mirror::of(pod, own.container()),
        };
        Deployed { own: own.clone(), mirror }
    }

    /// Makes the pod and waits until it runs.
    pub(crate) async fn deploy(&self, deployed: &mut Deployed) -> Result<Workload, ScanError> {
        self.lease.allow_pods().await?;
        match self.create(deployed).await {
            Err(ChannelError::PodRefused { detail, .. })
                if matches!(&deployed.own, OwnPod::Image { restricted: false, .. })
                    && detail.contains("violates PodSecurity") =>
            {
                if let OwnPod::Image { restricted, .. } = &mut deployed.own {
                    *restricted = true;
                }
                (self.note)("the namespace admits restricted pods only: the image runs as one");
                *deployed = Self::own_pod(&deployed.own);
                self.create(deployed).await?;
            }
            done => done?,
        }
        let connection = self.lease.owner();
        let (namespace, pod) = (self.lease.namespace(), self.lease.pod());
        let containers = [deployed.own.container(), SIDECAR];
        let startup = Startup {
            connection,
            owner: connection,
            namespace,
            pod,
            containers: &containers,
            patience: START,
            stop: self.stop,
        };
        startup.wait().await?;
        let container = Some(deployed.own.container().to_owned());
        let wanted = WorkloadRef { namespace: namespace.to_owned(), pod: pod.to_owned(), container };
        Ok(resolve(connection, &wanted).await?)
    }

    async fn create(&self, deployed: &Deployed) -> Result<(), ChannelError> {
        let seconds = i64::try_from(self.lease.remaining().as_secs()).unwrap_or(i64::MAX);
        let pod = deployed.own.pod(self.lease.run_id(), &self.options.helper, &deployed.mirror, seconds);
        (self.note)(&format!("pod {} is made; its agent runs as {}", self.lease.pod(), deployed.mirror));
        match self.lease.create_pod(pod).await {
            // That the user may make pods has been asked before: these are rules about what is in them.
            Err(AccessError::Api(error)) if matches!(error.cause, Cause::Forbidden | Cause::Rejected) => {
                Err(ChannelError::PodRefused { namespace: self.lease.namespace().to_owned(), detail: error.detail })
            }
            done => Ok(done?),
        }
    }

    /// Into such a pod; `None` where it has been removed, to be made again with another identity.
    pub(crate) async fn to_own_pod(
        &self,
        deployed: &mut Deployed,
        workload: &Workload,
        last: bool,
    ) -> Result<Option<Channel>, ScanError> {
        let (channel, uri) = match &deployed.own {
            OwnPod::Image { image, .. } => (SIDECAR_CHANNEL, format!("image:{image}")),
            OwnPod::Copy { of, .. } => (COPY_CHANNEL, of.info(COPY_CHANNEL).uri),
        };
        match self.agent(workload, channel, &uri, Some(STORE)).await {
            Ok(opened) => {
                (self.chosen)(channel, "asked for");
                Ok(Some(opened))
            }
            Err(ChannelError::Closed { error, workload }) if !last => {
                let corrected = match &*error {
                    NeighbourError::Closed { theirs, ours, .. } => deployed.mirror.corrected(theirs, ours),
                    _ => None,
                };
                let Some(corrected) = corrected else {
                    return Err(ChannelError::Closed { workload, error }.into());
                };
                (self.note)(&format!("the agent may not look into the container: trying {corrected}"));
                deployed.mirror = corrected;
                self.lease.remove_pod().await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether there is no shell of that name to be used.
fn is_without_shell(error: &ChannelError) -> bool {
    matches!(error, ChannelError::NoProgram { .. } | ChannelError::Denied { .. } | ChannelError::Unusable { .. })
}

/// Whether a way is closed, as opposed to broken: another one may be open.
fn is_closed(error: &ChannelError) -> bool {
    match error {
        ChannelError::NoDebugging { .. }
        | ChannelError::DebugRefused { .. }
        | ChannelError::NotStarted { .. }
        | ChannelError::UselessImage { .. }
        | ChannelError::Closed { .. }
        | ChannelError::NoProgram { .. }
        | ChannelError::Unusable { .. }
        | ChannelError::AgentVersion { .. }
        | ChannelError::Access(AccessError::Missing { .. } | AccessError::NotAllowed { .. }) => true,
        ChannelError::Api(error) => error.cause == Cause::Forbidden,
        _ => false,
    }
}
