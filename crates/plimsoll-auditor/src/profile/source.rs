//! A profile with the profiles it depends on, as they are on disk.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use plimsoll_report::model::Object;
use serde_json::Value as Json;

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
    /// Reads a profile and everything it depends on.
    pub(crate) fn read(path: &Path, shelf: &Shelf) -> Result<Rc<Self>, AuditError> {
        Self::read_below(path, shelf, &mut Vec::new())
    }

    /// The files of it and of everything it depends on.
    pub(crate) fn all_files(&self) -> Vec<Rc<ProfileFiles>> {
        let below = self.dependencies.iter().flat_map(|dependency| dependency.source.all_files());
        std::iter::once(Rc::clone(&self.files)).chain(below).collect()
    }

    /// `trail`: the profiles on the way here.
    fn read_below(path: &Path, shelf: &Shelf, trail: &mut Vec<PathBuf>) -> Result<Rc<Self>, AuditError> {
        let files = shelf.read(path)?;
        let metadata = Metadata::read(&files)?;
        let refuse = |why: String| AuditError::Profile { path: files.given.clone(), why };
        let place = shelf.place(path).map_err(|error| refuse(error.to_string()))?;
        if trail.contains(&place) {
            let way: Vec<_> = trail.iter().map(|place| place.display().to_string()).collect();
            return Err(refuse(format!("it depends on itself ({} -> {})", way.join(" -> "), place.display())));
        }
        trail.push(place);
        let mut dependencies: Vec<Dependency> = Vec::new();
        for entry in &metadata.depends {
            let path = dependency_path(&files, entry, shelf).map_err(refuse)?;
            let source = Self::read_below(&path, shelf, trail)?;
            let name = entry.get("name").and_then(Json::as_str).map(str::to_owned);
            let name = name.unwrap_or_else(|| source.metadata.name().to_owned());
            if dependencies.iter().any(|known| known.name == name) {
                return Err(refuse(format!("its inspec.yml lists the dependency `{name}` twice")));
            }
            check_version(entry, &name, &source.metadata).map_err(refuse)?;
            dependencies.push(Dependency { name, path, source });
        }
        trail.pop();
        Ok(Rc::new(Self { files: Rc::new(files), metadata, dependencies }))
    }
}

/// Where a dependency is: a path relative to the profile.
fn dependency_path(files: &ProfileFiles, entry: &Object, shelf: &Shelf) -> Result<PathBuf, String> {
    let name = entry.get("name").and_then(Json::as_str).unwrap_or("?");
    let Some(path) = entry.get("path").and_then(Json::as_str) else {
        return Err(format!("its dependency `{name}` is not on disk: only dependencies with a `path` can be used"));
    };
    let path = files.given.join(path);
    if shelf.has(&path) { Ok(path) } else { Err(format!("its dependency `{name}` is not there: {}", path.display())) }
}

fn check_version(entry: &Object, name: &str, metadata: &Metadata) -> Result<(), String> {
    let wanted: Vec<&str> = match entry.get("version") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let version = metadata.version.as_deref().unwrap_or_default();
    for requirement in wanted {
        if !requirement::is_met(requirement, version)? {
            return Err(format!("its dependency `{name}` has version {version}, which is not `{requirement}`"));
        }
    }
    Ok(())
}
