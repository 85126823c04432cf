//! The files of a profile, read once into memory: nothing is read from disk while it runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::AuditError;

/// The files of one profile.
pub(crate) struct ProfileFiles {
    /// As it was given.
    pub given: PathBuf,
    /// File contents by their path inside the profile, sorted.
    files: BTreeMap<String, Vec<u8>>,
    /// Whether it is a single control file without inspec.yml.
    pub single: bool,
}

/// More than this is no profile.
const LARGEST: u64 = 64 << 20;

impl ProfileFiles {
    /// Reads a profile's directory, or a single `.rb` file.
    pub(crate) fn read(path: &Path) -> Result<Self, AuditError> {
        let refuse = |why: String| AuditError::Profile { path: path.to_owned(), why };
        let text = path.to_string_lossy();
        if text.contains("://") {
            return Err(refuse("URLs are not fetched; download the profile and give its directory".into()));
        }
        let metadata = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?;
        let mut files = BTreeMap::new();
        if metadata.is_dir() {
            let mut total = 0;
            collect(path, "", &mut files, &mut total).map_err(|error| refuse(error.to_string()))?;
            let has_profile = files.contains_key("inspec.yml") || files.keys().any(|name| name.ends_with(".rb"));
            if !has_profile {
                return Err(refuse("there is no inspec.yml and no control file in it".into()));
            }
            return Ok(Self { given: path.to_owned(), files, single: false });
        }
        if path.extension().is_none_or(|extension| extension != "rb") {
            return Err(refuse("a profile is a directory with inspec.yml, or one .rb file".into()));
        }
        let content = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        files.insert(text.into_owned(), content);
        Ok(Self { given: path.to_owned(), files, single: true })
    }

    /// The content of a file.
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Paths below a directory of the profile, sorted.
    pub(crate) fn below(&self, directory: &str) -> Vec<&str> {
        let prefix = format!("{directory}/");
        self.files.keys().filter(|name| name.starts_with(&prefix)).map(String::as_str).collect()
    }

    /// All paths, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The control files in the order in which they are loaded.
    pub(crate) fn controls(&self) -> Vec<&str> {
        if self.single {
            return self.names().collect();
        }
        let below =
            |directory| self.below(directory).into_iter().filter(|name| name.ends_with(".rb")).collect::<Vec<_>>();
        let controls = below("controls");
        if !controls.is_empty() {
            return controls;
        }
        let tests = below("test");
        if !tests.is_empty() || self.files.contains_key("inspec.yml") {
            return tests;
        }
        self.names().filter(|name| name.ends_with(".rb") && !name.contains('/')).collect()
    }

    /// The library files in the order in which they are loaded.
    pub(crate) fn libraries(&self) -> Vec<&str> {
        self.below("libraries").into_iter().filter(|name| name.ends_with(".rb")).collect()
    }

    /// Where a file stands, as messages and reports name it.
    pub(crate) fn display(&self, name: &str) -> String {
        if self.single { name.to_owned() } else { self.given.join(name).to_string_lossy().into_owned() }
    }

    /// SHA-256 over the names and contents of all files, in hex.
    pub(crate) fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (name, content) in &self.files {
            hash.update(format!("{name}\0{}\0", content.len()));
            hash.update(content);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn collect(
    directory: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
    total: &mut u64,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        // A link may lead anywhere: a profile holds its files itself.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &path, files, total)?;
        } else if kind.is_file() {
            *total += entry.metadata()?.len();
            if *total > LARGEST {
                return Err(std::io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20)));
            }
            files.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}
