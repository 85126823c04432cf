//! A busybox image with the layout of the official one, from the machine's static busybox.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::archive;
use crate::cluster;

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n";
const GROUP: &str = "root:x:0:\nnobody:x:65534:\n";
const SHADOW: &str = "root:*:19700:0:99999:7:::\nnobody:*:19700:0:99999:7:::\n";

/// Writes an image that sleeps.
pub(crate) fn build(name: &str, archive: &Path) -> Result<()> {
    let work = tempfile::tempdir()?;
    let root = work.path();
    for (directory, mode) in
        [("", 0o755), ("bin", 0o755), ("etc", 0o755), ("home", 0o755), ("root", 0o700), ("tmp", 0o1777)]
    {
        let path = root.join(directory);
        fs::create_dir_all(&path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    for (file, content, mode) in
        [("etc/passwd", PASSWD, 0o644), ("etc/group", GROUP, 0o644), ("etc/shadow", SHADOW, 0o640)]
    {
        fs::write(root.join(file), content)?;
        fs::set_permissions(root.join(file), fs::Permissions::from_mode(mode))?;
    }
    let busybox = cluster::program("busybox").context("busybox is not installed")?;
    fs::copy(&busybox, root.join("bin/busybox"))?;
    for applet in applets(&busybox)?.lines().filter(|applet| *applet != "busybox") {
        symlink("busybox", root.join("bin").join(applet))?;
    }
    archive::write(name, root, &["/bin/sleep", "1000000"], archive)
}

fn applets(busybox: &Path) -> Result<String> {
    let output = Command::new(busybox).arg("--list").output().context("cannot run busybox")?;
    if !output.status.success() {
        bail!("busybox --list failed: {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
