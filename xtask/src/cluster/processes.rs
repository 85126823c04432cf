//! Finding the cluster's processes and ending them.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// Set in the environment of the cluster's first process to the directory the cluster runs in, and so in what that starts.
/// Unlike a file with process ids it can't be out of date.
pub(crate) const MARK: &str = "PLIMSOLL_CLUSTER_PROCESS";

/// A running process of the cluster.
pub(crate) struct Process {
    pub(crate) pid: Pid,
    /// The file name it was started by.
    pub(crate) name: String,
}

/// Every process that carries the mark of `directory`'s cluster: all but those in containers.
pub(crate) fn find(directory: &Path) -> Result<Vec<Process>> {
    let mark = [MARK.as_bytes(), b"=", directory.as_os_str().as_encoded_bytes()].concat();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").context("cannot list processes")? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        let Some(pid) = number.and_then(Pid::from_raw) else { continue };
        // A process may end before it is read; one that has ended but was not collected yet has no environment either.
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|variable| variable == mark) {
            let command = fs::read(path.join("cmdline")).unwrap_or_default();
            let program = command.split(|byte| *byte == 0).next().unwrap_or_default();
            let name = String::from_utf8_lossy(program.rsplit(|byte| *byte == b'/').next().unwrap_or_default());
            found.push(Process { pid, name: name.into_owned() });
        }
    }
    Ok(found)
}

/// Ends all of them, and with the first process everything in its namespace: that one is gone only when all others are.
///
/// They are killed, not asked: nothing they hold is worth keeping.
pub(crate) fn end(directory: &Path) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let running = find(directory)?;
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
        sleep(Duration::from_millis(20));
    }
}
