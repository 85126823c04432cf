//! Where the chores keep what they build and run: one directory per user.

use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The cache directory: `$PLIMSOLL_CACHE`, else `/var/cache/plimsoll` for root, else `plimsoll` in the user's caches.
pub(crate) struct Home {
    cache: PathBuf,
}

impl Home {
    /// Finds the cache directory and creates it, readable by its owner alone.
    pub(crate) fn locate() -> Result<Self> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = match variable("PLIMSOLL_CACHE") {
            Some(chosen) => std::path::absolute(chosen)?,
            None if is_root() => PathBuf::from("/var/cache/plimsoll"),
            None => match variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache"))) {
                Some(caches) => caches.join("plimsoll"),
                None => bail!("neither PLIMSOLL_CACHE nor HOME is set: set PLIMSOLL_CACHE to a directory of yours"),
            },
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&cache)
            .with_context(|| format!("cannot create {}", cache.display()))?;
        Ok(Self { cache })
    }

    /// A place in the cache.
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.cache.join(name)
    }

    /// Waits until no other chore builds or runs here; the lock ends with the returned file, even after a `kill -9`.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.join("lock");
        let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        if file.try_lock().is_err() {
            eprintln!("waiting for another cargo xtask to finish with {}", self.cache.display());
            file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        Ok(file)
    }
}

/// Whether this process may do what only root may.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
