//! What the cluster asks of the machine's kernel, and giving it back.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

/// Settings of the whole machine that the kubelet and the network plugin change without asking.
const SETTINGS: [&str; 6] = [
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/ip_forward",
    "vm/overcommit_memory",
];

/// Why this process can't mount a file system, if it can't: in most containers root may not.
pub(crate) fn mounting_fails() -> Option<String> {
    let try_it = || -> Result<()> {
        let directory = tempfile::tempdir()?;
        mount("plimsoll", directory.path(), "tmpfs", MountFlags::empty(), None)?;
        unmount(directory.path(), UnmountFlags::DETACH)?;
        Ok(())
    };
    let error = try_it().err()?;
    Some(format!("mounting a tmpfs fails ({error:#}): run it on a machine or in a privileged container"))
}

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

/// Detaches every mount below a directory, the innermost first.
pub(crate) fn unmount_below(directory: &Path) -> Result<()> {
    for point in mount_points()?.iter().rev().filter(|point| Path::new(point).starts_with(directory)) {
        unmount(point.as_str(), UnmountFlags::DETACH).with_context(|| format!("cannot unmount {point}"))?;
    }
    Ok(())
}

/// Removes a control group and what is below it from every hierarchy.
pub(crate) fn remove_control_group(name: &str) -> Result<()> {
    for point in mount_points()?.iter().filter(|point| point.starts_with("/sys/fs/cgroup")) {
        let group = Path::new(point).join(name);
        if group.is_dir() {
            remove_directories(&group).with_context(|| format!("cannot remove control group {}", group.display()))?;
        }
    }
    Ok(())
}

/// Control groups hold no files of their own: only their directories can and need to be removed.
fn remove_directories(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_directories(&entry.path())?;
        }
    }
    Ok(fs::remove_dir(directory)?)
}

/// Mount points in the order they were made.
fn mount_points() -> Result<Vec<String>> {
    let table = fs::read_to_string("/proc/self/mountinfo").context("cannot list mounts")?;
    Ok(table.lines().filter_map(|line| line.split(' ').nth(4)).map(unescape).collect())
}

/// The table writes blanks, newlines and backslashes as three octal digits.
fn unescape(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let [first, tail @ ..] = rest {
        let octal = (*first == b'\\').then(|| tail.get(..3)).flatten();
        match octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()) {
            Some(byte) => (bytes.push(byte), rest = &tail[3..]).1,
            None => (bytes.push(*first), rest = tail).1,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn mount_points_are_unescaped() {
        assert_eq!(super::unescape(r"/a\040b\134c"), r"/a b\c");
        assert_eq!(super::unescape(r"/plain\9"), r"/plain\9");
    }

    #[test]
    fn the_root_is_mounted() {
        assert!(super::mount_points().unwrap().iter().any(|point| point == "/"));
    }
}
