//! Profiles in folders.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The name of the file that says what a profile is.
pub(crate) const METADATA: &str = "inspec.yml";

/// The folder of a profile that holds what it depends on.
pub(crate) const VENDOR: &str = "vendor";

/// The folders of a profile whose files an audit reads by itself.
const READ: [&str; 4] = ["controls", "libraries", "files", VENDOR];

/// The files of a folder and of those in it, by their paths; hidden ones are left out. At most `largest` bytes. The error
/// says what is wrong with which file.
pub(super) fn read(folder: &Path, largest: u64) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let root = folder.canonicalize().map_err(|error| error.to_string())?;
    let mut reading = Reading { root, files: BTreeMap::new(), left: largest, largest };
    reading.folder(folder, "")?;
    Ok(reading.files)
}

struct Reading {
    /// Where the folder really is.
    root: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
    left: u64,
    largest: u64,
}

impl Reading {
    fn folder(&mut self, folder: &Path, below: &str) -> Result<(), String> {
        let failed =
            |error: std::io::Error| if below.is_empty() { error.to_string() } else { format!("{below}: {error}") };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let name = if below.is_empty() { name } else { format!("{below}/{name}") };
            let failed = |error: std::io::Error| format!("{name}: {error}");
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                self.folder(&entry.path(), &name)?;
            } else if kind.is_file() {
                let metadata = entry.metadata().map_err(failed)?;
                self.file(&entry.path(), &metadata, name)?;
            } else if kind.is_symlink() {
                self.link(&entry.path(), name)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, metadata: &Metadata, name: String) -> Result<(), String> {
        let left = self.left.checked_sub(metadata.len());
        self.left = left.ok_or_else(|| format!("it is larger than {} MiB", self.largest >> 20))?;
        let content = std::fs::read(path).map_err(|error| format!("{name}: {error}"))?;
        self.files.insert(name, content);
        Ok(())
    }

    /// A link to another file of the profile is that file. It may lead anywhere, and what is not the profile's is not the
    /// profile's to read; but a control must not get lost silently. Links to folders are not followed.
    fn link(&mut self, path: &Path, name: String) -> Result<(), String> {
        let Ok(file) = path.canonicalize() else { return Ok(()) };
        let metadata = file.metadata().map_err(|error| format!("{name}: {error}"))?;
        if !metadata.is_file() {
            return Ok(());
        }
        if file.starts_with(&self.root) {
            return self.file(&file, &metadata, name);
        }
        let folder = name.split_once('/').map(|(folder, _)| folder);
        if name == METADATA || folder.is_some_and(|folder| READ.contains(&folder)) {
            let file = file.display();
            return Err(format!(
                "{name} is a link to {file}, outside of the profile; put a copy of the file in its place"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_lead_to_files_of_the_profile_or_nowhere() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("x.rb"), "x").unwrap();
        let profile = tempfile::tempdir().unwrap();
        let at = |name: &str| profile.path().join(name);
        std::fs::create_dir(at("controls")).unwrap();
        std::fs::write(at("controls/a.rb"), "a").unwrap();
        symlink("a.rb", at("controls/b.rb")).unwrap();
        symlink("nowhere", at("controls/c.rb")).unwrap();
        symlink("..", at("controls/up")).unwrap();
        symlink(outside.path().join("x.rb"), at("README")).unwrap();
        let files = read(profile.path(), 2).unwrap();
        let files: Vec<_> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        assert_eq!(files, [("controls/a.rb", b"a".as_slice()), ("controls/b.rb", b"a")]);
        assert!(read(profile.path(), 1).unwrap_err().contains("larger"));
        symlink(outside.path().join("x.rb"), at("controls/d.rb")).unwrap();
        let why = read(profile.path(), 2).unwrap_err();
        assert!(why.starts_with("controls/d.rb is a link to ") && why.contains("outside of the profile"), "{why}");
    }
}
