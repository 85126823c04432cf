//! An image of one static program that waits: every pod's first container, and the container without a shell.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::archive;

const SOURCE: &str = include_str!("../../cluster/pause.c");

/// Compiles the program and writes its image.
pub(crate) fn build(name: &str, archive: &Path) -> Result<()> {
    let work = tempfile::tempdir()?;
    let source = work.path().join("pause.c");
    let root = work.path().join("root");
    std::fs::write(&source, SOURCE)?;
    std::fs::create_dir(&root)?;
    let compiled = Command::new("gcc")
        .args(["-O2", "-static", "-s", "-o"])
        .args([&root.join("pause"), &source])
        .output()
        .context("cannot run gcc")?;
    if !compiled.status.success() {
        bail!("gcc failed: {}", String::from_utf8_lossy(&compiled.stderr).trim());
    }
    archive::write(name, &root, &["/pause"], archive)
}
