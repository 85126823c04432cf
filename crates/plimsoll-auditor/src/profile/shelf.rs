//! Where profiles are read from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ProfileFiles;
use crate::error::AuditError;

/// Where profiles are read from.
#[derive(Debug, Clone, Default)]
pub enum Shelf {
    /// This machine's file system.
    #[default]
    Disk,
    /// What an archive held, by the path that each profile is asked for by.
    Packed(BTreeMap<PathBuf, Packed>),
}

/// A profile's files, out of an archive.
#[derive(Debug, Clone)]
pub struct Packed {
    /// As it was given where it was packed.
    pub(crate) given: PathBuf,
    /// The folder that the files' paths begin at.
    pub(crate) root: PathBuf,
    /// File contents by their path inside the profile.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Shelf {
    /// Whether there is something at this path.
    pub(crate) fn has(&self, path: &Path) -> bool {
        match self {
            Self::Disk => path.exists(),
            Self::Packed(packed) => packed.contains_key(path),
        }
    }

    /// The files of the profile at this path.
    pub(crate) fn read(&self, path: &Path) -> Result<ProfileFiles, AuditError> {
        match self {
            Self::Disk => ProfileFiles::read(path),
            Self::Packed(packed) => packed
                .get(path)
                .cloned()
                .map(Into::into)
                .ok_or_else(|| AuditError::Profile { path: path.to_owned(), why: "it is not in the archive".into() }),
        }
    }
}
