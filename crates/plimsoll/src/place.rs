//! What is audited: this machine, a root file system, an image, a recording, a container of a cluster.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use plimsoll_cluster::{AccessMode, Ground, Mode, ScanError, ScanOptions, WorkloadRef};
use plimsoll_target::{ImageTarget, LocalTarget, MockTarget, RootfsTarget, ShellOptions, Target};

use crate::args::ConnectArgs;
use crate::container;
use crate::exit::Ending;
use crate::progress::Progress;
use crate::signals::Signals;

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Local,
    Rootfs(PathBuf),
    /// An archive, and which of its images: names, platforms, digests.
    Image(PathBuf, Vec<String>),
    Mock(PathBuf),
    Kubernetes {
        namespace: Option<String>,
        pod: String,
        container: Option<String>,
    },
}

impl Place {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        match (kind, rest) {
            ("local", "") => Ok(Self::Local),
            ("rootfs", directory) if !directory.is_empty() => Ok(Self::Rootfs(directory.into())),
            ("image", file) if !file.is_empty() => Ok(Self::image(file)),
            ("mock", file) if !file.is_empty() => Ok(Self::Mock(file.into())),
            ("k8s", name) => Self::kubernetes(name),
            _ => Err("targets are local, rootfs:DIR, image:FILE[#NAME], mock:FILE and k8s:NAMESPACE/POD[/CONTAINER]"
                .to_owned()),
        }
    }

    /// What follows the archive's name says which image is meant; unless there is an archive of that whole name.
    fn image(name: &str) -> Self {
        let mut parts = name.split('#');
        match parts.next() {
            Some(file) if !file.is_empty() && !Path::new(name).exists() => {
                Self::Image(file.into(), parts.map(str::to_owned).collect())
            }
            _ => Self::Image(name.into(), Vec::new()),
        }
    }

    fn kubernetes(name: &str) -> Result<Self, String> {
        let parts: Vec<&str> = name.split('/').collect();
        let (namespace, pod, container) = match parts[..] {
            [pod] => (None, pod, None),
            [namespace, pod] => (Some(namespace), pod, None),
            [namespace, pod, container] => (Some(namespace), pod, Some(container)),
            _ => return Err("write k8s:NAMESPACE/POD or k8s:NAMESPACE/POD/CONTAINER".to_owned()),
        };
        if pod.is_empty() {
            return Err("it names no pod; write k8s:NAMESPACE/POD[/CONTAINER]".to_owned());
        }
        Ok(Self::Kubernetes {
            namespace: namespace.map(str::to_owned),
            pod: pod.to_owned(),
            container: container.map(str::to_owned),
        })
    }
}

impl Place {
    /// Reaches the target and does a job with it on a thread that has enough stack for an audit.
    pub(crate) fn reach<T: Send + 'static>(
        &self,
        connect: &ConnectArgs,
        timeout: Option<Duration>,
        progress: &Arc<Progress>,
        job: impl FnOnce(Arc<dyn Target>) -> T + Send + 'static,
    ) -> anyhow::Result<ControlFlow<Ending, T>> {
        let target: Arc<dyn Target> = match self {
            Self::Local => Arc::new(local(timeout)),
            Self::Rootfs(directory) => Arc::new(rootfs(directory, timeout)?),
            Self::Image(file, wanted) => Arc::new(
                ImageTarget::open(file, wanted)
                    .with_context(|| format!("cannot audit the image archive {}", file.display()))?,
            ),
            Self::Mock(file) => Arc::new(MockTarget::load(file)?),
            Self::Kubernetes { namespace, pod, container } => {
                let name = (namespace.as_deref(), pod.as_str(), container.as_deref());
                let runtime = crate::command::runtime()?;
                let done = runtime.block_on(pod_target(connect, timeout, name, progress, job));
                runtime.shutdown_background();
                return done;
            }
        };
        let runtime = crate::command::runtime()?;
        let done = runtime.block_on(interruptible(progress, move || job(target)));
        runtime.shutdown_background();
        done
    }
}

/// Does a job on a thread of its own, until it is done or a signal comes.
async fn interruptible<T: Send + 'static>(
    progress: &Arc<Progress>,
    job: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<ControlFlow<Ending, T>> {
    let signals = Signals::listen(progress)?;
    let (done, awaited) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("audit".into()).stack_size(plimsoll_auditor::STACK);
    // Nobody waits for a job that ends after a signal.
    thread.spawn(move || drop(done.send(job()))).context("could not start the audit's thread")?;
    tokio::select! {
        done = awaited => match done {
            Ok(done) => Ok(ControlFlow::Continue(done)),
            Err(_) => anyhow::bail!("the audit panicked; this is a bug in Plimsoll, please report it"),
        },
        () = signals.stop.cancelled() => {
            plimsoll_target::end_commands();
            Ok(ControlFlow::Break(signals.ending().unwrap_or(Ending::Failed)))
        }
    }
}

fn local(timeout: Option<Duration>) -> LocalTarget {
    timeout.map_or_else(LocalTarget::new, |timeout| LocalTarget::new().with_timeout(timeout))
}

fn rootfs(directory: &Path, timeout: Option<Duration>) -> anyhow::Result<RootfsTarget> {
    let target = RootfsTarget::open(directory)
        .with_context(|| format!("cannot audit the root file system {}", directory.display()))?;
    Ok(match timeout {
        Some(timeout) => target.with_timeout(timeout),
        None => target,
    })
}

async fn pod_target<T: Send + 'static>(
    connect: &ConnectArgs,
    timeout: Option<Duration>,
    (namespace, pod, container): (Option<&str>, &str, Option<&str>),
    progress: &Arc<Progress>,
    job: impl FnOnce(Arc<dyn Target>) -> T + Send + 'static,
) -> anyhow::Result<ControlFlow<Ending, T>> {
    let signals = Signals::listen(progress)?;
    let connection = connect.open().await?;
    let wanted = WorkloadRef::parse(pod, namespace.unwrap_or(connection.namespace()), container)?;
    let mut shell = ShellOptions::default();
    shell.command_timeout = timeout.unwrap_or(shell.command_timeout);
    let options = ScanOptions { access: AccessMode::Existing, shell, mode: Mode::Exec, ..Default::default() };
    // In this mode the questions are asked from here.
    let job = move |ground: Ground| ground.into_target().map(job);
    let reached = container::reach(&connection, &wanted, &options, &signals, progress, job).await;
    match reached.result {
        Ok(done) => Ok(ControlFlow::Continue(done.context("the container was reached through an agent")?)),
        Err(ScanError::Interrupted) => Ok(ControlFlow::Break(signals.ending().unwrap_or(Ending::Failed))),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn targets_are_read_as_they_are_written() {
        let pod = |namespace: Option<&str>, container: Option<&str>| Place::Kubernetes {
            namespace: namespace.map(str::to_owned),
            pod: "web".into(),
            container: container.map(str::to_owned),
        };
        let cases = [
            ("local", Place::Local),
            ("local://", Place::Local),
            ("rootfs:/srv", Place::Rootfs("/srv".into())),
            ("image:web.tar", Place::Image("web.tar".into(), Vec::new())),
            (
                "image:web.tar#web:1#linux/arm64",
                Place::Image("web.tar".into(), vec!["web:1".into(), "linux/arm64".into()]),
            ),
            ("mock:mock.json", Place::Mock("mock.json".into())),
            ("k8s:web", pod(None, None)),
            ("k8s:shop/web", pod(Some("shop"), None)),
            ("k8s://shop/web/app", pod(Some("shop"), Some("app"))),
        ];
        for (text, place) in cases {
            assert_eq!(Place::parse(text), Ok(place), "{text}");
        }
        for text in ["", "ssh://host", "local:x", "rootfs:", "image:", "k8s:", "k8s:a/b/c/d"] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
