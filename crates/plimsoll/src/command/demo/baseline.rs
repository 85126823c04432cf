//! The example profile `container-baseline`, which is part of this binary.

use std::io;

use anyhow::Context as _;
use tempfile::TempDir;

/// Its files: the path inside the profile, and the content.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/container_baseline.rs"));

/// Writes the profile to a directory that is removed when it is dropped.
pub(super) fn unpack() -> anyhow::Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("plimsoll-demo-").tempdir();
    let directory = directory.context("cannot make a directory for the demo's profile")?;
    for (name, content) in FILES {
        let path = directory.path().join(name);
        let written =
            path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, content));
        written.with_context(|| format!("cannot write the demo's profile to {}", path.display()))?;
    }
    Ok(directory)
}

/// Removes it; a removal that fails is an error, since the demo says that it leaves nothing.
pub(super) fn remove(directory: TempDir) -> io::Result<()> {
    directory.close()
}
