//! The cluster's first process: the init of a process namespace and a mount namespace of the cluster's own.
//!
//! When it ends, however it ends, the kernel ends every process of the namespace (components, shims, containers), and
//! with the last of them go their mounts, network namespaces and network devices. Nothing has to be found and undone.

use std::collections::HashMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::process::{WaitOptions, wait};

use super::components::Component;
use super::node::Node;
use super::packages;

/// Where Kubernetes, containerd and the network plugins write in places that can't be configured (/run/containerd,
/// /var/lib/cni, /var/lib/kubelet, /var/log/containers): the cluster sees empty directories there, and the machine's own
/// stay as they are.
pub(crate) const PRIVATE: [&str; 3] = ["/run", "/var/lib", "/var/log"];

/// How often a component is started before it is left alone. Each of them gives up when one it needs is not there yet.
const STARTS: u32 = 5;

const UNSHARE: [&str; 6] = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"];

/// Why this process can't make such namespaces and mount in them, if it can't: in most containers root may not.
pub(crate) fn impossible() -> Option<String> {
    let try_it = || -> Result<()> {
        let output = unshare()?.args(["mount", "-t", "tmpfs", "plimsoll", "/run"]).output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    };
    let error = try_it().err()?;
    Some(format!(
        "a namespace with mounts of its own can't be made ({error:#}): use a machine or a privileged container"
    ))
}

/// Starts this program again as the cluster's init. It outlives this process; what it says goes to `log`.
pub(crate) fn start(cache: &Path, mark: (&str, &Path), log: fs::File) -> Result<()> {
    let this = std::env::current_exe().context("cannot tell which program this is")?;
    unshare()?
        .arg(this)
        .args(["cluster", "init"])
        // Nothing of the caller's environment (proxies, KUBECONFIG, NOTIFY_SOCKET) may change what the cluster does.
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("PLIMSOLL_CACHE", cache)
        .env(mark.0, mark.1)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("cannot start the cluster's first process")?;
    Ok(())
}

/// Runs as the first process of the namespaces: starts the components, collects what ends, starts what ended again.
pub(crate) fn run(node: &Node) -> Result<()> {
    if std::process::id() != 1 {
        bail!("only `cluster up` starts this");
    }
    for directory in PRIVATE {
        mount("plimsoll", directory, "tmpfs", MountFlags::empty(), None)
            .with_context(|| format!("cannot mount over {directory}"))?;
    }
    // The kubelet shares mounts with containers that ask for it; this ends at our own namespace's border.
    mount_change("/", MountPropagationFlags::SHARED | MountPropagationFlags::REC).context("cannot share mounts")?;

    let mut running = HashMap::new();
    for component in node.configure()? {
        start_component(node, component, 1, &mut running)?;
    }
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) => {
                let Some((component, starts)) = running.remove(&pid.as_raw_nonzero().get().unsigned_abs()) else {
                    continue;
                };
                let how = status.exit_status().map(|code| format!("exit status {code}"));
                let killed = || status.terminating_signal().map(|signal| format!("signal {signal}"));
                println!("{} ended: {}", component.name(), how.or_else(killed).unwrap_or_default());
                if starts < STARTS {
                    sleep(Duration::from_secs(1));
                    start_component(node, component, starts + 1, &mut running)?;
                }
            }
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => bail!("nothing runs any more: {error}"),
        }
    }
}

/// What runs, by process id, and how often it was started.
type Running = HashMap<u32, (Component, u32)>;

fn start_component(node: &Node, component: Component, starts: u32, running: &mut Running) -> Result<()> {
    let log = fs::OpenOptions::new().append(true).create(true).open(node.log(&component.name()))?;
    let process = Command::new(&component.program)
        .args(&component.arguments)
        .current_dir(node.directory())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", component.program.display()))?;
    running.insert(process.id(), (component, starts));
    Ok(())
}

fn unshare() -> Result<Command> {
    let mut command = Command::new(packages::find("unshare").context("unshare (of util-linux) is not installed")?);
    command.args(UNSHARE);
    Ok(command)
}
