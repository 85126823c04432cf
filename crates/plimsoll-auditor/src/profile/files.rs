//! The files of a profile, read once into memory: nothing is read from disk while it runs.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::folder::{self, METADATA, VENDOR};
use super::{Packed, archive, lock};
use crate::error::AuditError;

/// The files of one profile.
pub(crate) struct ProfileFiles {
    /// As it was given.
    pub given: PathBuf,
    /// The folder that the files' paths begin at.
    root: PathBuf,
    /// File contents by their path inside the profile, sorted.
    files: BTreeMap<String, Vec<u8>>,
}

/// More than this is no profile.
pub(super) const LARGEST: u64 = 64 << 20;

impl ProfileFiles {
    /// No files at all.
    pub(crate) fn none() -> Self {
        Self { given: PathBuf::new(), root: PathBuf::new(), files: BTreeMap::new() }
    }

    /// Reads a profile's directory or archive, or a single `.rb` file.
    pub(crate) fn read(path: &Path) -> Result<Self, AuditError> {
        let refuse = |why: String| AuditError::Profile { path: path.to_owned(), why };
        let io = |error: std::io::Error| refuse(error.to_string());
        let text = path.to_string_lossy();
        if text.contains("://") {
            return Err(refuse("URLs are not fetched; download the profile and give its directory or archive".into()));
        }
        let given = clean(path);
        let metadata = std::fs::metadata(path).map_err(io)?;
        if metadata.is_dir() {
            let files = folder::read(path, LARGEST).map_err(refuse)?;
            return Self::whole(given, files, &refuse);
        }
        if metadata.len() > LARGEST {
            return Err(refuse(format!("it is larger than {} MiB", LARGEST >> 20)));
        }
        let content = std::fs::read(path).map_err(io)?;
        if archive::is_archive(&text) {
            let files = archive::read(&text, &content, LARGEST).map_err(|error| refuse(no_archive(&error)))?;
            return Self::whole(given, without_prefix(files), &refuse);
        }
        let Some(name) = path.file_name().filter(|_| text.ends_with(".rb")) else {
            return Err(refuse(
                "a profile is a directory or archive (.tar.gz, .zip) with inspec.yml, or one .rb file".into(),
            ));
        };
        let files = BTreeMap::from([(name.to_string_lossy().into_owned(), content)]);
        let root = given.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { given, root, files })
    }

    /// For an archive.
    pub(crate) fn packed(&self) -> Packed {
        Packed { given: self.given.clone(), root: self.root.clone(), files: self.files.clone() }
    }

    fn whole(
        given: PathBuf,
        files: BTreeMap<String, Vec<u8>>,
        refuse: &dyn Fn(String) -> AuditError,
    ) -> Result<Self, AuditError> {
        let (below, files) = without_folder(files);
        let is_profile = files.contains_key(METADATA) || files.keys().any(|name| is_flat_control(name));
        if !is_profile {
            return Err(refuse(nothing_there(&files)));
        }
        let root = given.join(below);
        Ok(Self { given, root, files })
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

    /// The control files in the order in which they are loaded: those below `controls`, or without inspec.yml those at
    /// the top.
    pub(crate) fn controls(&self) -> Vec<&str> {
        if self.files.contains_key(METADATA) {
            return self.ruby_below("controls");
        }
        self.names().filter(|name| is_flat_control(name)).collect()
    }

    /// The library files, sorted.
    pub(crate) fn libraries(&self) -> Vec<&str> {
        self.ruby_below("libraries")
    }

    fn ruby_below(&self, directory: &str) -> Vec<&str> {
        self.below(directory).into_iter().filter(|name| has_extension(name, "rb")).collect()
    }

    /// Where a file stands, as messages and reports name it.
    pub(crate) fn display(&self, name: &str) -> String {
        self.root.join(name).to_string_lossy().into_owned()
    }

    /// The path inside this profile of a file that messages name so; the name itself when it is another's.
    pub(crate) fn inside<'a>(&self, display: &'a str) -> &'a str {
        Path::new(display).strip_prefix(&self.root).ok().and_then(Path::to_str).unwrap_or(display)
    }

    /// Whether the file that messages name so is one of this profile's control files.
    pub(crate) fn has_control(&self, display: &str) -> bool {
        let inside = Path::new(display).strip_prefix(&self.root).ok().and_then(Path::to_str);
        inside.is_some_and(|name| self.controls().contains(&name))
    }

    /// A profile that is vendored in this one, in a folder or archive with this key for a name.
    pub(crate) fn vendored(&self, key: &str) -> Option<Result<Self, AuditError>> {
        let folder = format!("{VENDOR}/{key}");
        let given = self.root.join(&folder);
        let refuse = |why: String| AuditError::Profile { path: given.clone(), why };
        let prefix = format!("{folder}/");
        let inside = self.files.iter().filter_map(|(name, content)| Some((name.strip_prefix(&prefix)?, content)));
        let files: BTreeMap<_, _> = inside.map(|(name, content)| (name.to_owned(), content.clone())).collect();
        if !files.is_empty() {
            return Some(Self::whole(given.clone(), without_prefix(files), &refuse));
        }
        let archived = self.files.iter().find(|(name, _)| {
            name.strip_prefix(&folder).is_some_and(|ending| ending.starts_with('.') && archive::is_archive(ending))
        });
        let (name, content) = archived?;
        let files = archive::read(name, content, LARGEST).map_err(|error| refuse(no_archive(&error)));
        Some(files.and_then(|files| Self::whole(given.clone(), without_prefix(files), &refuse)))
    }

    /// SHA-256 in hex as CINC reckons it, given those of the profile's dependencies as YAML: over the files that make
    /// up the profile, each by its name.
    pub(crate) fn sha256(&self, dependencies: &[u8]) -> String {
        let counts = |name: &&str| has_extension(name, "rb") || name.starts_with("files/");
        let mut names: Vec<&str> = self.controls();
        if self.files.contains_key(METADATA) {
            names.extend(["libraries", "files"].iter().flat_map(|folder| self.below(folder)).filter(counts));
        }
        let mut parts: Vec<(&str, &[u8])> =
            names.into_iter().map(|name| (name, self.get(name).unwrap_or_default())).collect();
        parts.push((METADATA, self.get(METADATA).unwrap_or_default()));
        parts.push(("inspec.lock.deps", dependencies));
        parts.sort_by_key(|(name, _)| *name);
        let bytes: Vec<u8> =
            parts.iter().flat_map(|(name, content)| [name.as_bytes(), b"\0", content, b"\0"].concat()).collect();
        lock::sha256(&bytes)
    }
}

fn no_archive(error: &std::io::Error) -> String {
    format!("it can't be unpacked: {error}")
}

/// Why a folder is no profile, and where one may be.
fn nothing_there(files: &BTreeMap<String, Vec<u8>>) -> String {
    let why = "there is no inspec.yml and no control file in it";
    let below = files.keys().filter_map(|name| name.strip_suffix("/inspec.yml"));
    match below.min_by_key(|folder| folder.len()) {
        Some(folder) => format!("{why}; did you mean the profile below it, {folder}?"),
        None if files.keys().any(|name| name.starts_with("controls/")) => {
            format!("{why}; a profile with a controls folder needs an inspec.yml, even if it only says `name: …`")
        }
        None => why.to_owned(),
    }
}

impl From<Packed> for ProfileFiles {
    fn from(Packed { given, root, files }: Packed) -> Self {
        Self { given, root, files }
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

/// Whether a file at the top of a folder without inspec.yml is a control file.
fn is_flat_control(name: &str) -> bool {
    has_extension(name, "rb") && !name.contains('/') && name != "metadata.rb"
}

/// A path without `.` and, as far as that is possible without looking, without `..`.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// Archives often hold the profile in a folder of its own: the one of the inspec.yml that is nearest to the top.
fn without_prefix(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let metadata = files.keys().filter(|name| name.ends_with("/inspec.yml")).min_by_key(|name| name.len());
    let Some(prefix) = metadata.and_then(|name| name.strip_suffix(METADATA)).map(str::to_owned) else { return files };
    if files.contains_key(METADATA) {
        return files;
    }
    files.into_iter().filter_map(|(name, content)| Some((name.strip_prefix(&prefix)?.to_owned(), content))).collect()
}

/// Without an inspec.yml, files that are all in one folder are taken from there.
fn without_folder(files: BTreeMap<String, Vec<u8>>) -> (String, BTreeMap<String, Vec<u8>>) {
    let folder = files.keys().next().and_then(|name| name.rsplit_once('/')).map(|(folder, _)| format!("{folder}/"));
    match folder {
        Some(folder) if files.keys().all(|name| name.starts_with(&folder)) => {
            let inner = files.into_iter().map(|(name, content)| (name[folder.len()..].to_owned(), content)).collect();
            (folder, inner)
        }
        _ => (String::new(), files),
    }
}
