//! What the cluster and the images need from the machine's packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::home;

/// Where Debian, Fedora and the upstream archive put the network plugins.
const PLUGIN_DIRECTORIES: [&str; 3] = ["/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"];

/// What is looked for on the machine: programs in the search path, and the Debian package that brings each.
const PROGRAMS: [(&str, &str); 8] = [
    ("etcd", "etcd-server"),
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("go", "golang-go"),
    ("gcc", "gcc libc6-dev"),
    ("debootstrap", "debootstrap"),
    ("busybox", "busybox-static"),
];

/// One line for each thing that is not installed.
pub(crate) fn missing() -> Vec<String> {
    let packages = missing_packages();
    if packages.is_empty() {
        return Vec::new();
    }
    let packages = packages.join(" ");
    vec![format!(
        "not installed: {packages}; run: apt-get install --no-install-recommends {packages}  (or cargo xtask cluster install)"
    )]
}

/// Installs what is missing; nothing else is touched.
pub(crate) fn install() -> Result<()> {
    let packages = missing_packages();
    if packages.is_empty() {
        println!("everything is installed");
        return Ok(());
    }
    if !home::is_root() {
        bail!("installing {} needs root", packages.join(" "));
    }
    apt_get(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(&packages);
    apt_get(&arguments)?;
    match missing().pop() {
        None => Ok(()),
        Some(still) => bail!("after the installation: {still}"),
    }
}

/// The directory of the network plugins, if they are installed.
pub(crate) fn plugins() -> Option<&'static str> {
    PLUGIN_DIRECTORIES.into_iter().find(|directory| {
        ["ptp", "host-local", "loopback"].iter().all(|plugin| Path::new(directory).join(plugin).exists())
    })
}

/// A program's full path. `sbin` counts as part of the search path: a shell's often lacks it.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':')
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"])
        .map(|directory| Path::new(directory).join(program))
        .find(|candidate| candidate.is_file())
}

fn missing_packages() -> Vec<&'static str> {
    let mut packages = Vec::new();
    for (program, names) in PROGRAMS {
        if find(program).is_none() {
            packages.extend(names.split(' ').filter(|name| !packages.contains(name)).collect::<Vec<_>>());
        }
    }
    if plugins().is_none() {
        packages.push("containernetworking-plugins");
    }
    packages
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // A package's service must not start: the cluster runs its own etcd and containerd.
        .env("RUNLEVEL", "1")
        .status()
        .context("cannot run apt-get: install the packages by this system's own means")?;
    if !status.success() {
        bail!("apt-get {} failed: {status}", arguments.join(" "));
    }
    Ok(())
}
