//! Writing a profile's files into an archive: the same files give the same bytes.

use std::fs::File;
use std::io::{self, Cursor, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};

use super::ProfileFiles;
use super::folder::METADATA;
use crate::error::AuditError;

/// What the archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// `.tar.gz`
    TarGz,
    /// `.zip`
    Zip,
}

impl ArchiveFormat {
    /// What the file's name ends in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
        }
    }
}

/// A profile's files, ready to be written.
pub struct Archive {
    files: ProfileFiles,
    /// Its name, with the version: `web-baseline-1.2.0`.
    pub name: String,
    /// Whether the profile depends on others.
    pub depends: bool,
}

impl Archive {
    /// Takes all files of a profile except hidden ones.
    pub fn of(profile: &Path) -> Result<Self, AuditError> {
        let files = ProfileFiles::read(profile)?;
        let metadata = super::Metadata::read(&files)?;
        let refuse = |why: &str| AuditError::Profile { path: profile.to_owned(), why: why.to_owned() };
        if files.get(METADATA).is_none() {
            return Err(refuse("it has no inspec.yml, and only a profile with one can be put into an archive"));
        }
        let version = metadata.version.as_deref().ok_or_else(|| refuse("its inspec.yml has no version"))?;
        let name = metadata.name.as_deref().ok_or_else(|| refuse("its inspec.yml has no name"))?;
        let slug = |c: char| match c {
            ' ' => '-',
            c if c.is_ascii_alphanumeric() || c == '-' || c == '_' => c,
            _ => '_',
        };
        let name = name.trim().to_lowercase().chars().map(slug).collect::<String>() + "-" + version;
        Ok(Self { files, name, depends: !metadata.depends.is_empty() })
    }

    /// The paths in it, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.names()
    }

    /// Writes it to a file, which is there whole or not at all.
    pub fn write(&self, format: ArchiveFormat, path: &Path) -> io::Result<()> {
        let bytes = bytes(&self.files, format)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = folder.join(format!(".plimsoll-{}", std::process::id()));
        let written = File::create(&temporary)
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&temporary, path));
        if written.is_err() {
            // It may not even be there.
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }
}

/// The bytes of an archive of these files: entries sorted, without times and owners.
pub(crate) fn bytes(files: &ProfileFiles, format: ArchiveFormat) -> io::Result<Vec<u8>> {
    match format {
        ArchiveFormat::TarGz => tar_gz(files),
        ArchiveFormat::Zip => zip(files),
    }
}

fn tar_gz(files: &ProfileFiles) -> io::Result<Vec<u8>> {
    let gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(gzip);
    for name in files.names() {
        let content = files.get(name).unwrap_or_default();
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, name, content)?;
    }
    archive.into_inner()?.finish()
}

fn zip(files: &ProfileFiles) -> io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().unix_permissions(0o644).last_modified_time(zip::DateTime::default());
    for name in files.names() {
        archive.start_file(name, options)?;
        archive.write_all(files.get(name).unwrap_or_default())?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::{Archive, ArchiveFormat};
    use crate::profile::ProfileFiles;

    #[test]
    fn the_same_files_give_the_same_bytes_and_can_be_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let profile = directory.path().join("p");
        std::fs::create_dir_all(profile.join("controls/.hidden")).unwrap();
        std::fs::write(profile.join("inspec.yml"), "name: My Pröfile!\nversion: 1.0.0\n").unwrap();
        std::fs::write(profile.join("controls/a.rb"), "control 'a' do\nend\n").unwrap();
        std::fs::write(profile.join("controls/.hidden/b.rb"), "").unwrap();
        let archive = Archive::of(&profile).unwrap();
        assert_eq!(archive.name, "my-pr_file_-1.0.0");
        for format in [ArchiveFormat::TarGz, ArchiveFormat::Zip] {
            let path = directory.path().join(format!("p.{}", format.extension()));
            archive.write(format, &path).unwrap();
            let first = std::fs::read(&path).unwrap();
            archive.write(format, &path).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), first);
            let files = ProfileFiles::read(&path).unwrap();
            assert_eq!(files.names().collect::<Vec<_>>(), ["controls/a.rb", "inspec.yml"]);
            assert_eq!(files.get("controls/a.rb"), Some(b"control 'a' do\nend\n".as_slice()));
        }
    }

    #[test]
    fn without_a_version_there_is_no_name_for_it() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("inspec.yml"), "name: p\n").unwrap();
        let error = Archive::of(directory.path()).err().unwrap().to_string();
        assert!(error.contains("no version"), "{error}");
    }
}
