//! Vendoring: what a profile depends on is copied into the profile, so that an audit fetches nothing.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::folder::{METADATA, VENDOR};
use super::lock::{self, Wanted};
use super::pack::{self, ArchiveFormat};
use super::source::check_version;
use super::{Metadata, ProfileFiles, archive};
use crate::error::AuditError;

/// Fetches what is elsewhere. An error is one sentence that says what failed and why.
pub trait Fetch {
    /// The commit that a branch or tag of a git repository stands for; without a name, that of its default branch.
    fn commit(&self, repository: &str, name: Option<&str>) -> Result<String, String>;

    /// Puts the files of a commit of a git repository into an empty directory.
    fn checkout(&self, repository: &str, commit: &str, into: &Path) -> Result<(), String>;

    /// The content behind a URL.
    fn download(&self, url: &str) -> Result<Vec<u8>, String>;
}

/// Copies everything that the profile in a directory depends on, directly or not, into its `vendor` directory, and writes
/// its inspec.lock. Gives the names of what was copied.
///
/// Nothing of the profile changes unless all could be fetched.
pub fn vendor(profile: &Path, fetch: &dyn Fetch, overwrite: bool) -> Result<Vec<String>, AuditError> {
    let refuse = |why: String| AuditError::Profile { path: profile.to_owned(), why };
    let io = |error: std::io::Error| refuse(format!("cannot write into it: {error}"));
    let (place, lock_file) = (profile.join(VENDOR), profile.join(lock::FILE));
    if !profile.join(METADATA).is_file() {
        return Err(refuse("only a directory with an inspec.yml can be vendored".to_owned()));
    }
    if !overwrite && (place.exists() || lock_file.exists()) {
        return Err(refuse("it is vendored already; --overwrite does it anew".to_owned()));
    }
    let metadata = Metadata::read(&ProfileFiles::read(profile)?)?;
    let new = Temporary::below(profile).map_err(io)?;
    let mut vendoring = Vendoring { fetch, store: &new.0, names: Vec::new() };
    let locked = vendoring.all(profile, &metadata, &mut Vec::new())?;
    if place.exists() {
        std::fs::remove_dir_all(&place).map_err(io)?;
    }
    let copies = new.0.join(VENDOR);
    if copies.exists() {
        std::fs::rename(&copies, &place).map_err(io)?;
    }
    std::fs::write(&lock_file, lock::write(&locked)).map_err(io)?;
    Ok(vendoring.names)
}

/// A directory that is gone in the end.
struct Temporary(PathBuf);

impl Temporary {
    fn below(directory: &Path) -> std::io::Result<Self> {
        let path = directory.join(format!(".plimsoll-vendor-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It is hidden and no part of the profile; there is nobody to tell.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Vendoring<'a> {
    fetch: &'a dyn Fetch,
    /// Where the new `vendor` directory grows.
    store: &'a Path,
    names: Vec<String>,
}

impl Vendoring<'_> {
    /// Vendors what one profile depends on; `at` is where its relative paths begin, `trail` the sources on the way here.
    fn all(&mut self, at: &Path, metadata: &Metadata, trail: &mut Vec<Vec<String>>) -> Result<Vec<Wanted>, AuditError> {
        let mut locked: Vec<Wanted> = Vec::new();
        for entry in &metadata.depends {
            let mut wanted = Wanted::declared(entry);
            let refuse = |why: String| AuditError::Profile { path: at.to_owned(), why };
            let name = wanted.shown();
            let found = self.one(at, &mut wanted).map_err(|why| refuse(format!("its dependency `{name}`: {why}")))?;
            let keys = wanted.keys();
            if trail.contains(&keys) {
                return Err(refuse(format!("its dependency `{name}` depends on itself")));
            }
            let metadata = Metadata::read(&ProfileFiles::read(&found)?)?;
            check_version(&wanted.constraints, &name, &metadata).map_err(refuse)?;
            trail.push(keys);
            wanted.below = self.all(&found, &metadata, trail)?;
            trail.pop();
            let name = wanted.name.get_or_insert_with(|| metadata.name().to_owned());
            if locked.iter().any(|known| known.name.as_ref() == Some(name)) {
                return Err(refuse(format!("its inspec.yml lists the dependency `{name}` twice")));
            }
            self.names.push(name.clone());
            locked.push(wanted);
        }
        Ok(locked)
    }

    /// Copies one dependency and notes what it was resolved to. Gives the directory that its own relative paths begin at.
    fn one(&self, at: &Path, wanted: &mut Wanted) -> Result<PathBuf, String> {
        if let Some(path) = wanted.text("path") {
            let path = at.join(path);
            return self.local(&path, wanted);
        }
        if let Some(repository) = wanted.text("git").map(str::to_owned) {
            return self.git(at, &repository, wanted);
        }
        if let Some(url) = wanted.text("url").map(str::to_owned) {
            return self.url(&url, wanted);
        }
        Err("it has none of `path`, `git` and `url`, and nothing else can be fetched".to_owned())
    }

    fn local(&self, path: &Path, wanted: &mut Wanted) -> Result<PathBuf, String> {
        if path.is_file() {
            let bytes = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let place = self.unpack(&path.to_string_lossy(), &bytes)?;
            wanted.source.insert("sha256".into(), lock::sha256(&bytes).into());
            return Ok(place);
        }
        if !path.is_dir() {
            return Err(format!("there is no {}", path.display()));
        }
        let files = ProfileFiles::read(path).map_err(|error| error.to_string())?;
        let bytes = pack::bytes(&files, ArchiveFormat::TarGz).map_err(|error| error.to_string())?;
        let sha256 = lock::sha256(&bytes);
        copy(path, &self.place(&sha256))?;
        wanted.source.insert("sha256".into(), sha256.into());
        Ok(path.to_owned())
    }

    fn git(&self, at: &Path, repository: &str, wanted: &mut Wanted) -> Result<PathBuf, String> {
        // A repository on this machine may be named relative to the profile.
        let local = at.join(repository);
        let address = if local.exists() { local.to_string_lossy().into_owned() } else { repository.to_owned() };
        let name = ["branch", "tag"].iter().find_map(|key| wanted.text(key));
        let commit = match wanted.text("ref") {
            Some(commit) => commit.to_owned(),
            None => self.fetch.commit(&address, name)?,
        };
        let below = wanted.text("relative_path").unwrap_or_default().to_owned();
        let whole = self.store.join("git");
        clear(&whole)?;
        self.fetch.checkout(&address, &commit, &whole)?;
        let part = whole.join(&below);
        if !part.is_dir() || Path::new(&below).components().any(|c| !matches!(c, std::path::Component::Normal(_))) {
            return Err(format!("there is no directory `{below}` in the repository {repository}"));
        }
        let place = self.place(&lock::git_key(&commit, &below));
        copy(&part, &place)?;
        wanted.source.retain(|key, _| !matches!(key.as_str(), "branch" | "tag"));
        wanted.source.insert("ref".into(), commit.into());
        Ok(place)
    }

    fn url(&self, url: &str, wanted: &mut Wanted) -> Result<PathBuf, String> {
        if wanted.text("username").is_some() || wanted.text("password").is_some() {
            return Err("its `username` and `password` would be in the lock for all to read; \
                        download the archive and give its `path`"
                .to_owned());
        }
        let address = self.archive_address(url)?;
        let bytes = self.fetch.download(&address)?;
        let ending = if bytes.starts_with(b"PK") { "x.zip" } else { "x.tar.gz" };
        let place = self.unpack(ending, &bytes).map_err(|why| format!("{address}: {why}"))?;
        wanted.source.insert("url".into(), Json::from(address));
        wanted.source.insert("sha256".into(), lock::sha256(&bytes).into());
        Ok(place)
    }

    /// The address of the archive of what a page of GitHub or Bitbucket shows; other addresses are archives themselves.
    fn archive_address(&self, url: &str) -> Result<String, String> {
        let bare = url.trim_end_matches('/');
        let rest = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://")).unwrap_or_default();
        let parts: Vec<&str> = rest.strip_prefix("www.").unwrap_or(rest).split('/').collect();
        let head = |host: &str, owner: &str, name: &str| {
            let name = name.trim_end_matches(".git");
            let commit = self.fetch.commit(&format!("https://{host}/{owner}/{name}.git"), None)?;
            Ok::<_, String>((name.to_owned(), commit))
        };
        Ok(match parts[..] {
            ["github.com", owner, name] => {
                let (name, commit) = head("github.com", owner, name)?;
                format!("https://github.com/{owner}/{name}/archive/{commit}.tar.gz")
            }
            ["github.com", owner, name, "tree", commit] => {
                format!("https://github.com/{owner}/{name}/archive/{commit}.tar.gz")
            }
            ["bitbucket.org", owner, name] => {
                let (name, commit) = head("bitbucket.org", owner, name)?;
                format!("https://bitbucket.org/{owner}/{name}/get/{commit}.tar.gz")
            }
            ["bitbucket.org", owner, name, "branch" | "commits", commit] => {
                format!("https://bitbucket.org/{owner}/{name}/get/{commit}.tar.gz")
            }
            _ => url.to_owned(),
        })
    }

    fn place(&self, key: &str) -> PathBuf {
        self.store.join(VENDOR).join(key)
    }

    fn unpack(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
        let place = self.place(&lock::sha256(bytes));
        let files = archive::read(name, bytes, super::files::LARGEST);
        for (name, content) in files.map_err(|error| format!("it can't be unpacked: {error}"))? {
            write(&place.join(name), &content)?;
        }
        // Archives often hold the profile in a folder of its own.
        let inner: Vec<_> =
            std::fs::read_dir(&place).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        match &inner[..] {
            [only] if only.is_dir() => Ok(only.clone()),
            _ => Ok(place),
        }
    }
}

/// Copies a profile's files, without hidden ones.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let files = ProfileFiles::read(from).map_err(|error| error.to_string())?;
    for name in files.names() {
        write(&to.join(name), files.get(name).unwrap_or_default())?;
    }
    Ok(())
}

fn clear(directory: &Path) -> Result<(), String> {
    if directory.exists() {
        std::fs::remove_dir_all(directory).map_err(|error| error.to_string())?;
    }
    std::fs::create_dir_all(directory).map_err(|error| error.to_string())
}

fn write(path: &Path, content: &[u8]) -> Result<(), String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, content));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Fetch, vendor};
    use crate::profile::pack::{self, Archive, ArchiveFormat};
    use crate::profile::{ProfileFiles, Shelf, Source};

    /// Fetches from folders beside the profile.
    struct Folders<'a>(&'a Path);

    impl Fetch for Folders<'_> {
        fn commit(&self, repository: &str, name: Option<&str>) -> Result<String, String> {
            Ok(format!("commit-of-{}-{}", repository.rsplit('/').next().unwrap(), name.unwrap_or("default")))
        }

        fn checkout(&self, repository: &str, _: &str, into: &Path) -> Result<(), String> {
            if repository.ends_with("gone.git") {
                return Err("no such repository".into());
            }
            for (name, content) in [("inspec.yml", "name: git\nversion: 2.0.0\n"), ("sub/inspec.yml", "name: sub\n")] {
                super::write(&into.join(name), content.as_bytes())?;
            }
            Ok(())
        }

        fn download(&self, url: &str) -> Result<Vec<u8>, String> {
            let name = if url.contains("github.com") { "hub" } else { "web" };
            let files = ProfileFiles::read(&self.0.join(name)).unwrap();
            pack::bytes(&files, ArchiveFormat::Zip).map_err(|error| error.to_string())
        }
    }

    fn write(directory: &Path, name: &str, text: &str) {
        super::write(&directory.join(name), text.as_bytes()).unwrap();
    }

    const METADATA: &str = "
name: top
depends:
  - name: near
    path: ../near
  - name: repo
    git: https://e.org/repo.git
    branch: main
    version: '>= 2.0'
  - name: part
    git: https://e.org/repo.git
    relative_path: sub
  - url: https://e.org/web.zip
  - name: hub
    url: https://github.com/me/hub
";

    fn stage() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path();
        write(at, "top/inspec.yml", METADATA);
        write(at, "near/inspec.yml", "name: near\nversion: 1.0.0\ndepends:\n  - path: ../far\n");
        write(at, "far/inspec.yml", "name: far\nversion: 1.0.0\n");
        write(at, "far/controls/a.rb", "");
        write(at, "web/inspec.yml", "name: web\nversion: 1.0.0\n");
        write(at, "hub/inspec.yml", "name: hub\nversion: 1.0.0\n");
        directory
    }

    #[test]
    fn what_is_vendored_needs_nothing_else() {
        let directory = stage();
        let top = directory.path().join("top");
        let error = Source::read(&top, &Shelf::Disk).err().unwrap().to_string();
        assert!(error.contains("https://e.org/repo.git") && error.contains("plimsoll profile vendor"), "{error}");
        let names = vendor(&top, &Folders(directory.path()), false).unwrap();
        assert_eq!(names, ["far", "near", "repo", "part", "web", "hub"]);
        for name in ["near", "far", "web", "hub"] {
            std::fs::remove_dir_all(directory.path().join(name)).unwrap();
        }
        let source = Source::read(&top, &Shelf::Disk).unwrap();
        let names: Vec<_> = source.dependencies.iter().map(|d| (d.name.as_str(), d.source.metadata.name())).collect();
        assert_eq!(names, [("near", "near"), ("repo", "git"), ("part", "sub"), ("web", "web"), ("hub", "hub")]);
        assert_eq!(source.dependencies[0].source.dependencies[0].name, "far");
        let lock = std::fs::read_to_string(top.join("inspec.lock")).unwrap();
        assert!(lock.contains("archive/commit-of-hub.git-default.tar.gz") && !lock.contains("branch"), "{lock}");
        let hidden = std::fs::read_dir(&top).unwrap().flatten();
        assert!(hidden.into_iter().all(|entry| !entry.file_name().to_string_lossy().starts_with('.')));
        // In an archive of it, too.
        write(&top, "inspec.yml", &METADATA.replace("name: top", "name: top\nversion: 1.0.0"));
        let archive = directory.path().join("top.tar.gz");
        Archive::of(&top).unwrap().write(ArchiveFormat::TarGz, &archive).unwrap();
        std::fs::remove_dir_all(&top).unwrap();
        assert_eq!(Source::read(&archive, &Shelf::Disk).unwrap().dependencies.len(), 5);
    }

    #[test]
    fn a_vendored_profile_stays_as_it_is() {
        let directory = stage();
        let top = directory.path().join("top");
        let fetch = Folders(directory.path());
        vendor(&top, &fetch, false).unwrap();
        let lock = std::fs::read(top.join("inspec.lock")).unwrap();
        assert!(vendor(&top, &fetch, false).unwrap_err().to_string().contains("--overwrite"));
        write(&top, "inspec.yml", &METADATA.replace("repo.git", "gone.git"));
        assert!(vendor(&top, &fetch, true).unwrap_err().to_string().contains("no such repository"));
        assert_eq!(std::fs::read(top.join("inspec.lock")).unwrap(), lock);
        assert_eq!(std::fs::read_dir(top.join("vendor")).unwrap().count(), 6);
        write(&top, "inspec.yml", "name: top\ndepends:\n  - path: ../near\n    version: '> 1.0.0'\n");
        assert!(vendor(&top, &fetch, true).unwrap_err().to_string().contains("`> 1.0.0`"));
    }

    #[test]
    fn a_circle_is_refused() {
        let directory = stage();
        write(directory.path(), "far/inspec.yml", "name: far\nversion: 1.0.0\ndepends:\n  - path: ../near\n");
        let error = vendor(&directory.path().join("near"), &Folders(directory.path()), false).unwrap_err().to_string();
        assert!(error.contains("depends on itself"), "{error}");
    }
}
