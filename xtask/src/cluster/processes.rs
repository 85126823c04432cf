//! Starting the cluster's processes and finding them again.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// Set in the environment of every component to the directory the cluster runs in. Unlike a file with process ids it
/// can't be out of date, and what a component starts inherits it.
const MARK: &str = "PLIMSOLL_CLUSTER_PROCESS";

/// A running process of the cluster.
pub(crate) struct Process {
    pub(crate) pid: Pid,
    /// The file name it was started by.
    pub(crate) name: String,
}

/// Starts a component in the background; it outlives this program. Output goes to `NAME.log` in `directory`.
pub(crate) fn start(directory: &Path, program: &Path, arguments: &[String]) -> Result<()> {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let log = File::create(directory.join(format!("{name}.log")))?;
    Command::new(program)
        .args(arguments)
        .current_dir(directory)
        // Nothing of the caller's environment (proxies, KUBECONFIG, NOTIFY_SOCKET) may change what the cluster does.
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env(MARK, directory)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    Ok(())
}

/// Every process that runs in `directory`'s cluster: those that carry its mark, and those in its control group.
pub(crate) fn find(directory: &Path, control_group: &str) -> Result<Vec<Process>> {
    let mark = format!("{MARK}={}", directory.display());
    let group = format!("/{control_group}/");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").context("cannot list processes")? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        let Some(pid) = number.and_then(Pid::from_raw) else { continue };
        // A process may end between any two reads: then the read fails, and it is not one of those we look for.
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        let marked = environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
        if marked || fs::read_to_string(path.join("cgroup")).is_ok_and(|groups| groups.contains(&group)) {
            let command = fs::read(path.join("cmdline")).unwrap_or_default();
            let program = command.split(|byte| *byte == 0).next().unwrap_or_default();
            let name = String::from_utf8_lossy(program.rsplit(|byte| *byte == b'/').next().unwrap_or_default());
            if !is_zombie(&path) {
                found.push(Process { pid, name: name.into_owned() });
            }
        }
    }
    Ok(found)
}

/// Ends all of them. They are killed, not asked: nothing they hold is worth keeping, and some would restart others.
pub(crate) fn end(directory: &Path, control_group: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let running = find(directory, control_group)?;
        if running.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            let names: Vec<_> = running.iter().map(|p| format!("{} ({})", p.pid.as_raw_nonzero(), p.name)).collect();
            bail!("these processes of the cluster do not end: {}", names.join(", "));
        }
        for process in running {
            // It may have ended by itself since.
            let _ = kill_process(process.pid, Signal::KILL);
        }
        sleep(Duration::from_millis(50));
    }
}

/// Dead, but not yet collected by its parent: nothing is left to kill.
fn is_zombie(process: &Path) -> bool {
    fs::read_to_string(process.join("stat")).is_ok_and(|stat| {
        // The name in parentheses may hold anything, also parentheses: the state follows the last one.
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}
