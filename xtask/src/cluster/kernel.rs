//! What the cluster leaves in the machine's kernel when all its processes have ended, and taking it back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};

/// Settings of the whole machine that the kubelet and the network plugin change without asking.
const SETTINGS: [&str; 6] = [
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/ip_forward",
    "vm/overcommit_memory",
];

/// The parent of containerd's control groups, which all containerds of a machine share.
const CONTROL_GROUP: &str = "k8s.io";

/// Writes the settings' values into a directory.
pub(crate) fn save_settings(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    for name in SETTINGS {
        if let Ok(value) = fs::read(format!("/proc/sys/{name}")) {
            fs::write(directory.join(name.replace('/', ".")), value)
                .with_context(|| format!("cannot save the kernel's {name}"))?;
        }
    }
    Ok(())
}

/// Sets what `save_settings` saved; what was not saved stays.
pub(crate) fn restore_settings(directory: &Path) -> Result<()> {
    for name in SETTINGS {
        let path = format!("/proc/sys/{name}");
        let Ok(saved) = fs::read(directory.join(name.replace('/', "."))) else { continue };
        if fs::read(&path).is_ok_and(|now| now != saved) {
            fs::write(&path, saved).with_context(|| format!("cannot set the kernel's {name} back"))?;
        }
    }
    Ok(())
}

/// Removes the control groups of these containers, in every hierarchy, and their parent if that leaves it empty.
pub(crate) fn remove_control_groups(containers: &BTreeSet<String>) -> Result<()> {
    for parent in hierarchies()?.iter().map(|hierarchy| hierarchy.join(CONTROL_GROUP)) {
        for container in containers {
            let group = parent.join(container);
            if group.is_dir() {
                remove(&group).with_context(|| format!("cannot remove control group {}", group.display()))?;
            }
        }
        // It stays if another containerd has containers in it.
        let _ = fs::remove_dir(parent);
    }
    Ok(())
}

/// The kernel takes a moment to notice that the last process of a group is gone.
fn remove(group: &Path) -> Result<()> {
    for _ in 0..50 {
        if remove_tree(group).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(20));
    }
    remove_tree(group)
}

/// The files in a control group go with it: only its directories can and need to be removed.
fn remove_tree(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        }
    }
    Ok(fs::remove_dir(directory)?)
}

/// Where control groups are mounted: one place for version 2, one for each controller in version 1.
fn hierarchies() -> Result<Vec<PathBuf>> {
    let table = fs::read_to_string("/proc/self/mounts").context("cannot list mounts")?;
    let mounts = table.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    Ok(mounts.filter(|fields| fields[2].starts_with("cgroup")).map(|fields| PathBuf::from(fields[1])).collect())
}
