//! The debug container: an ephemeral container beside the one to audit, for images without a shell.

mod spec;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{Patch, PatchParams};
use plimsoll_target::{Cached, NeighbourError, Rerooted, ShellOptions, TargetInfo, find_neighbour};
use tokio_util::sync::CancellationToken;

use crate::access::{Access, AccessLease, ContainerReceipt};
use crate::agent::{self, Errand};
use crate::channel::{AgentLink, AgentSession, ChannelError, ExecTarget, exec_once};
use crate::failure::{ApiError, Cause};
use crate::startup::{Startup, ended, is_hopeless, status_of};
use crate::workload::Workload;
use spec::Entry;
pub(crate) use spec::Mirror;

/// [`TargetInfo::channel`] of this channel.
pub const DEBUG_CHANNEL: &str = "k8s-debug";

/// How long a debug container may take to run: its image may have to be pulled.
const START: Duration = Duration::from_secs(120);
/// How long a debug container may take until its status says that it has ended. Nodes tell about once a second.
const END: Duration = Duration::from_secs(15);
/// How long the status may take to show an end that is under way already.
const UNDER_WAY: Duration = Duration::from_secs(3);
/// How long one command in the debug container may take.
const COMMAND: Duration = Duration::from_secs(10);
/// How many debug containers one scan adds at most: each leaves an entry in the pod's spec.
const TRIES: u32 = 4;

/// The image that looks into a container, and how it gets to the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelperImage {
    /// Its name: an agent's image ([`agent::IMAGE`]), or any image with a `/bin/sh`.
    pub name: String,
    /// `IfNotPresent`, `Always` or `Never`.
    pub pull_policy: String,
}

impl Default for HelperImage {
    fn default() -> Self {
        Self { name: agent::IMAGE.into(), pull_policy: "IfNotPresent".into() }
    }
}

impl HelperImage {
    /// Whether its name says that it is an agent's, from whichever registry: what is tried first.
    fn is_agents(&self) -> bool {
        let last = self.name.rsplit('/').next().unwrap_or_default();
        last.contains("agent") || last.contains("plimsoll")
    }
}

/// A way into the container, over a debug container.
pub(crate) enum Opened {
    /// An agent that audits there.
    Agent(Box<AgentSession>, AgentLink),
    /// A shell there, which is asked from here.
    Shell(Arc<ExecTarget>, Arc<Rerooted<Cached<Arc<ExecTarget>>>>),
}

/// A debug container that is to be added.
pub(crate) struct Debugging<'a> {
    pub(crate) lease: &'a Arc<AccessLease>,
    pub(crate) workload: &'a Workload,
    pub(crate) image: &'a HelperImage,
    pub(crate) shell: &'a ShellOptions,
    pub(crate) stop: &'a CancellationToken,
    /// Told what is done, a line each.
    pub(crate) tell: &'a (dyn Fn(&str) + Send + Sync),
}

impl Debugging<'_> {
    /// Adds a debug container, waits until it runs and finds the container from it.
    pub(crate) async fn open(&self) -> Result<Opened, ChannelError> {
        self.detect().await?;
        self.lease.allow_debugging(self.stop).await?;
        let mut mirror = Mirror::of(&self.pod().await?, &self.workload.container);
        let mut shell = !self.image.is_agents();
        let mut other_tried = false;
        for attempt in 1.. {
            let last = attempt == TRIES;
            let error = match self.attempt(attempt, &mirror, shell).await {
                Ok(opened) => return Ok(opened),
                Err(error) => error,
            };
            if self.stop.is_cancelled() {
                return Err(ChannelError::Interrupted);
            }
            match &error {
                // Only now is it known whose identity it takes.
                ChannelError::Closed { error: closed, .. } if !last => {
                    let corrected = match &**closed {
                        NeighbourError::Closed { theirs, ours, .. } => mirror.corrected(theirs, ours),
                        _ => None,
                    };
                    let Some(corrected) = corrected else { return Err(error) };
                    (self.tell)(&format!("{mirror} may not look into the container: trying {corrected}"));
                    mirror = corrected;
                }
                ChannelError::NotStarted { message, .. } if lacks_program(message) && !other_tried && !last => {
                    (self.tell)(&format!(
                        "{} has no {}",
                        self.image.name,
                        if shell { "/bin/sh" } else { agent::PROGRAM }
                    ));
                    shell = !shell;
                    other_tried = true;
                }
                ChannelError::NotStarted { message, .. } if lacks_program(message) && other_tried => {
                    return Err(ChannelError::UselessImage { image: self.image.name.clone() });
                }
                ChannelError::DebugRefused { detail, .. } if detail.contains("runAsNonRoot") && !last => {
                    let Some(nonroot) = mirror.nonroot() else { return Err(error) };
                    mirror = nonroot;
                }
                _ => return Err(error),
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// Whether the server knows ephemeral containers at all: by its own list, whatever its version is called.
    async fn detect(&self) -> Result<(), ChannelError> {
        let connection = self.lease.owner();
        let client = connection.client();
        let known = connection.call("ask what the server knows", || client.list_core_api_resources("v1")).await;
        // Who may not ask will see.
        let Ok(known) = known else { return Ok(()) };
        if known.resources.iter().any(|resource| resource.name == "pods/ephemeralcontainers") {
            return Ok(());
        }
        let version = connection.call("ask for the server's version", || client.apiserver_version()).await;
        let version = version.map_or_else(|_| "of unknown version".into(), |version| version.git_version);
        Err(ChannelError::NoDebugging { server: connection.server(), version })
    }

    async fn pod(&self) -> Result<Pod, ChannelError> {
        let connection = self.lease.connection().await?;
        let pods: Api<Pod> = Api::namespaced(connection.client().clone(), &self.workload.namespace);
        Ok(connection.call("look at the pod", || pods.get(&self.workload.pod)).await?)
    }

    async fn attempt(&self, attempt: u32, mirror: &Mirror, shell: bool) -> Result<Opened, ChannelError> {
        let run_id = self.lease.run_id();
        let name = if attempt == 1 { format!("plimsoll-{run_id}") } else { format!("plimsoll-{run_id}-{attempt}") };
        let life = self.lease.remaining();
        let mut held = ContainerReceipt {
            name: name.clone(),
            image: self.image.name.clone(),
            identity: mirror.to_string(),
            shell,
            ends_at: Timestamp::now() + life,
            entry: true,
            ended: None,
            verified: false,
            problem: None,
        };
        self.lease.note_container(&held);
        let command = if shell { shell_wait(run_id, life) } else { agent::wait_command(run_id, Some(life)) };
        if let Err(error) = self.add(&name, &command, mirror).await {
            if let ChannelError::Api(ApiError { cause, .. }) = &error
                && matches!(cause, Cause::Server | Cause::TimedOut | Cause::Unreachable | Cause::Tls | Cause::Other)
            {
                return Err(error);
            }
            held.entry = false;
            held.verified = true;
            self.lease.note_container(&held);
            return Err(error);
        }
        (self.tell)(&format!("debug container {name} ({}) runs as {mirror}", self.image.name));
        let connection = self.lease.connection().await?;
        let (namespace, pod) = (&self.workload.namespace, &self.workload.pod);
        let containers = [name.as_str()];
        let startup = Startup {
            connection: &connection,
            owner: self.lease.owner(),
            namespace,
            pod,
            containers: &containers,
            patience: START,
            stop: self.stop,
        };
        let started = startup.wait().await;
        if let Err(ChannelError::NotStarted { reason, message, .. }) = &started
            && is_hopeless(reason, message)
        {
            // Its status may take ten seconds more to say so.
            held.problem = Some(reason.clone());
            held.verified = true;
            self.lease.note_container(&held);
        }
        let pod = started?;
        let shared = pod.spec.as_ref().and_then(|spec| spec.share_process_namespace).unwrap_or(false);
        let place = Workload { container: name, container_id: String::new(), ..self.workload.clone() };
        let info = self.workload.info(DEBUG_CHANNEL);
        let opened = if shell {
            self.over_shell(&place, info, shared).await
        } else {
            self.over_agent(&place, &info, shared).await
        };
        if opened.is_err() {
            // The next one, if there is one, must not find this one's processes.
            end(self.lease, held).await;
        }
        opened
    }

    async fn add(&self, name: &str, command: &[String], mirror: &Mirror) -> Result<(), ChannelError> {
        let connection = self.lease.connection().await?;
        let pods: Api<Pod> = Api::namespaced(connection.client().clone(), &self.workload.namespace);
        let HelperImage { name: image, pull_policy } = self.image;
        let entry = Entry { name, image, pull_policy, command, target: &self.workload.container, mirror };
        let patch = Patch::Strategic(entry.patch());
        let doing = format!("add a debug container to pod {}/{}", self.workload.namespace, self.workload.pod);
        let params = PatchParams::default();
        // An entry of this name is an entry of this run: doing it twice does no harm.
        let patched =
            connection.call(&doing, || pods.patch_ephemeral_containers(&self.workload.pod, &params, &patch)).await;
        patched.map(drop).map_err(|error| self.refused(error))
    }

    /// Tells refusals of the entry itself from those of the request.
    fn refused(&self, error: ApiError) -> ChannelError {
        let pod = format!("{}/{}", self.workload.namespace, self.workload.pod);
        let says = |text: &str| error.detail.contains(text);
        let by_admission = says("violates PodSecurity")
            || says("exceeded quota")
            || says("denied the request")
            || says("denied request");
        match error.cause {
            cause if cause == Cause::Rejected || (cause == Cause::Forbidden && by_admission) => {
                ChannelError::DebugRefused { pod, detail: error.detail }
            }
            Cause::NotFound => ChannelError::Gone { workload: self.workload.to_string(), detail: error.detail },
            _ => error.into(),
        }
    }

    async fn over_agent(&self, place: &Workload, info: &TargetInfo, shared: bool) -> Result<Opened, ChannelError> {
        let access = Access::Lease(Arc::clone(self.lease));
        let container = &self.workload.container_id;
        let errand = Errand { run_id: self.lease.run_id(), container, shared, then_end: true, store: None, info };
        let (session, link) = AgentSession::open(&access, place, &errand, self.stop).await?;
        Ok(Opened::Agent(Box::new(session), link))
    }

    async fn over_shell(&self, place: &Workload, info: TargetInfo, shared: bool) -> Result<Opened, ChannelError> {
        let access = Access::Lease(Arc::clone(self.lease));
        let exec = Arc::new(ExecTarget::open(access, place, self.shell.clone(), self.stop).await?);
        let (asked, container) = (Arc::clone(&exec), self.workload.container_id.clone());
        let found = tokio::task::spawn_blocking(move || find_neighbour(&*asked, &container, shared)).await;
        let found = found.unwrap_or_else(|error| Err(NeighbourError::Lost { message: error.to_string() }));
        match found {
            Ok(neighbour) => {
                let (root, process) = (neighbour.root(), neighbour.pid);
                let target = Rerooted::new(Cached::new(Arc::clone(&exec)), root, process, info);
                Ok(Opened::Shell(exec, Arc::new(target)))
            }
            Err(error) => {
                exec.cut().await;
                Err(ChannelError::Closed { workload: self.workload.to_string(), error: Box::new(error) })
            }
        }
    }
}

/// Whether a container did not start because its image has no such program.
fn lacks_program(message: &str) -> bool {
    message.contains("exec") && message.contains("no such file or directory")
}

/// What a debug container with a shell runs: it waits, does as it is told, and ends by itself.
fn shell_wait(run_id: &str, life: Duration) -> Vec<String> {
    let seconds = life.as_secs().max(1);
    let script = format!("trap 'exit 0' TERM; sleep {seconds} & wait");
    ["/bin/sh", "-c", &script, "plimsoll-wait", run_id].map(str::to_owned).into()
}

/// Ends the waiting shell of a run: by its arguments, since it is one of several processes of the pod.
fn shell_end(run_id: &str) -> Vec<String> {
    let script = "for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline 2>/dev/null) in \
                  *'sleep '*' plimsoll-wait '\"$1 \") kill -TERM ${p#/proc/};; esac; done";
    ["/bin/sh", "-c", script, "plimsoll-end", run_id].map(str::to_owned).into()
}

/// Sees to it that a debug container ends, and notes in the lease what is proved of it.
pub(crate) async fn end(lease: &AccessLease, mut held: ContainerReceipt) {
    held.problem = None;
    match settle(lease, &held).await {
        Ok(Fate::NoEntry) => {
            held.entry = false;
            held.verified = true;
        }
        Ok(Fate::Ended(how)) => {
            held.ended = Some(how);
            held.verified = true;
        }
        Ok(Fate::NeverRan(why)) => {
            held.problem = Some(why);
            held.verified = true;
        }
        Err(problem) => held.problem = Some(problem),
    }
    lease.note_container(&held);
}

enum Fate {
    /// The pod, or its entry there, is not there.
    NoEntry,
    Ended(String),
    /// It waits for something that does not come; should it come, it ends by itself.
    NeverRan(String),
}

async fn settle(lease: &AccessLease, held: &ContainerReceipt) -> Result<Fate, String> {
    // An agent ends when its session does; a shell that waits is always told.
    let patience = if held.shell { Duration::ZERO } else { UNDER_WAY };
    if let Some(fate) = until_ended(lease, held, patience).await? {
        return Ok(fate);
    }
    let workload = Workload::at(lease.namespace(), lease.pod(), &held.name);
    let command = if held.shell { shell_end(lease.run_id()) } else { agent::end_command(lease.run_id()) };
    let connection = lease.connection().await.map_err(|error| error.to_string())?;
    let told = tokio::time::timeout(COMMAND, exec_once(&connection, &workload, &command)).await;
    let told = match told {
        // An end that comes over it is what was asked for.
        Ok(Ok(_) | Err(ChannelError::Gone { .. } | ChannelError::Lost { .. })) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("it did not answer within {} s", COMMAND.as_secs())),
    };
    match until_ended(lease, held, END).await? {
        Some(fate) => Ok(fate),
        None => Err(told.unwrap_or_else(|| format!("its status did not say so within {} s", END.as_secs()))),
    }
}

/// Looks at the container's status until it says that it has ended.
async fn until_ended(lease: &AccessLease, held: &ContainerReceipt, patience: Duration) -> Result<Option<Fate>, String> {
    let connection = lease.owner();
    let pods: Api<Pod> = Api::namespaced(connection.client().clone(), lease.namespace());
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        let pod = connection.call("look at the pod", || pods.get_opt(lease.pod())).await;
        let Some(pod) = pod.map_err(|error| error.to_string())? else { return Ok(Some(Fate::NoEntry)) };
        let entries = pod.spec.iter().flat_map(|spec| spec.ephemeral_containers.iter().flatten());
        if !entries.into_iter().any(|entry| entry.name == held.name) {
            return Ok(Some(Fate::NoEntry));
        }
        if let Some((reason, code)) = ended(&pod, &held.name) {
            return Ok(Some(Fate::Ended(format!("{reason}, exit code {code}"))));
        }
        let waiting = status_of(&pod, &held.name).and_then(|status| status.state.clone()?.waiting);
        let why = waiting.and_then(|waiting| waiting.reason).filter(|reason| reason != "ContainerCreating");
        if let Some(why) = why {
            return Ok(Some(Fate::NeverRan(why)));
        }
        if tokio::time::Instant::now() >= deadline {
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agents_image_is_known_by_its_name() {
        let image = |name: &str| HelperImage { name: name.into(), ..Default::default() }.is_agents();
        assert!(HelperImage::default().is_agents() && image("registry.example:5000/mirror/plimsoll-agent:1"));
        assert!(!image("busybox:1.36") && !image("plimsoll.example/alpine"));
    }

    #[test]
    fn a_shell_that_waits_is_found_by_the_run_it_waits_for() {
        let run = |run_id: &str| {
            let words = shell_wait(run_id, Duration::from_secs(60));
            std::process::Command::new(&words[0]).args(&words[1..]).spawn().unwrap()
        };
        let (mut ours, mut other) = (run("run-under-test"), run("run-under-testing"));
        let words = shell_end("run-under-test");
        // The shell needs a moment to set its trap.
        std::thread::sleep(Duration::from_millis(300));
        assert!(std::process::Command::new(&words[0]).args(&words[1..]).status().unwrap().success());
        let ended = ours.wait().unwrap();
        assert!(ended.success(), "{ended}");
        assert!(other.try_wait().unwrap().is_none(), "another run's was ended");
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
