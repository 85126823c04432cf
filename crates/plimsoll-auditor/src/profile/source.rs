//! A profile with the profiles it depends on, as they are on disk.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::lock::Wanted;
use super::{Metadata, ProfileFiles, Shelf, requirement};
use crate::error::AuditError;

/// A profile that has been read.
pub(crate) struct Source {
    pub files: Rc<ProfileFiles>,
    pub metadata: Metadata,
    /// What it depends on, in the order of inspec.yml.
    pub dependencies: Vec<Dependency>,
}

/// A profile that another one depends on.
pub(crate) struct Dependency {
    /// The name it is included by, which need not be its own.
    pub name: String,
    /// The path it was asked for by.
    pub path: PathBuf,
    pub source: Rc<Source>,
}

impl Source {
    /// A profile without what it depends on.
    pub(crate) fn alone(files: ProfileFiles, metadata: Metadata) -> Rc<Self> {
        Rc::new(Self { files: Rc::new(files), metadata, dependencies: Vec::new() })
    }

    /// Reads a profile and everything it depends on.
    pub(crate) fn read(path: &Path, shelf: &Shelf) -> Result<Rc<Self>, AuditError> {
        let mut reader = Reader { asked: path, shelf, trail: Vec::new() };
        reader.read(shelf.read(path)?, &[])
    }

    /// The files of it and of everything it depends on.
    pub(crate) fn all_files(&self) -> Vec<Rc<ProfileFiles>> {
        let below = self.dependencies.iter().flat_map(|dependency| dependency.source.all_files());
        std::iter::once(Rc::clone(&self.files)).chain(below).collect()
    }
}

/// Reads one profile and what it depends on.
struct Reader<'a> {
    /// The profile that was asked for.
    asked: &'a Path,
    shelf: &'a Shelf,
    /// The profiles on the way to the one at hand, itself included, each of which may have vendored what is needed.
    trail: Vec<Rc<ProfileFiles>>,
}

impl Reader<'_> {
    /// `locked`: what a profile above has in its lock for this one to depend on.
    fn read(&mut self, files: ProfileFiles, locked: &[Wanted]) -> Result<Rc<Source>, AuditError> {
        let metadata = Metadata::read(&files)?;
        let refuse = |why: String| AuditError::Profile { path: files.given.clone(), why };
        if self.trail.iter().any(|above| above.given == files.given) {
            let way: Vec<_> = self.trail.iter().map(|above| above.given.display().to_string()).collect();
            return Err(refuse(format!("it depends on itself ({} -> {})", way.join(" -> "), files.given.display())));
        }
        let own = match super::lock_of(&files) {
            Some(lock) if locked.is_empty() => Some(lock.map_err(|why| refuse(format!("inspec.lock: {why}")))?),
            _ => None,
        };
        let declared: Vec<Wanted> = metadata.depends.iter().map(Wanted::declared).collect();
        let wanted = if locked.is_empty() { own.as_deref().unwrap_or(&declared) } else { locked };
        let files = Rc::new(files);
        self.trail.push(Rc::clone(&files));
        let mut dependencies: Vec<Dependency> = Vec::new();
        for wanted in wanted {
            let (path, found) = self.find(wanted, &files)?;
            let source = self.read(found, &wanted.below)?;
            let name = wanted.name.clone().unwrap_or_else(|| source.metadata.name().to_owned());
            let refuse = |why: String| AuditError::Profile { path: files.given.clone(), why };
            if dependencies.iter().any(|known| known.name == name) {
                return Err(refuse(format!("its inspec.yml lists the dependency `{name}` twice")));
            }
            check_version(&wanted.constraints, &name, &source.metadata).map_err(refuse)?;
            dependencies.push(Dependency { name, path, source });
        }
        self.trail.pop();
        Ok(Rc::new(Source { files, metadata, dependencies }))
    }

    /// The files of a dependency: a vendored copy, or where its `path` says relative to the profile.
    fn find(&self, wanted: &Wanted, profile: &ProfileFiles) -> Result<(PathBuf, ProfileFiles), AuditError> {
        for key in wanted.keys() {
            if let Some(copy) = self.trail.iter().rev().find_map(|store| store.vendored(&key)) {
                return copy.map(|copy| (copy.given.clone(), copy));
            }
        }
        let refuse = |why: String| AuditError::Profile { path: profile.given.clone(), why };
        let name = wanted.shown();
        if let Some(path) = wanted.text("path") {
            let path = profile.given.join(path);
            let missing = || refuse(format!("its dependency `{name}` is not there: {}", path.display()));
            return if self.shelf.has(&path) { Ok((path.clone(), self.shelf.read(&path)?)) } else { Err(missing()) };
        }
        for (key, place) in [("git", "the git repository"), ("url", "the URL")] {
            if let Some(address) = wanted.text(key) {
                let asked = self.asked.display();
                return Err(refuse(format!(
                    "its dependency `{name}` comes from {place} {address} and is not vendored; fetch it once with \
                     `plimsoll profile vendor {asked}`"
                )));
            }
        }
        Err(refuse(format!(
            "its dependency `{name}` has none of `path`, `git` and `url`; download it and give its `path` in inspec.yml"
        )))
    }
}

/// Refuses a dependency whose version does not meet the requirements.
pub(super) fn check_version(constraints: &[String], name: &str, metadata: &Metadata) -> Result<(), String> {
    let version = metadata.version.as_deref().unwrap_or_default();
    for requirement in constraints {
        if !requirement::is_met(requirement, version)? {
            return Err(format!("its dependency `{name}` has version {version}, which is not `{requirement}`"));
        }
    }
    Ok(())
}
