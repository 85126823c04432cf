//! The archive itself, a tar or a directory: which files it holds and where they lie.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ResolveFlags};
use tar::EntryType;

use super::digest::Digest;
use super::error::ImageError;
use super::tape::walk;
use crate::resolve::parts;

/// The largest JSON document that is read.
const MAX_DOCUMENT: u64 = 8 << 20;
/// How many files an image archive may consist of.
const MAX_FILES: usize = 100_000;
/// How many links lead from a name to a file: Docker once stored a layer that two images share as a link.
const MAX_LINKS: usize = 8;

/// A tar file or a directory.
pub(super) struct Archive {
    path: PathBuf,
    store: Store,
}

enum Store {
    /// And where its files lie.
    Tar(Arc<File>, HashMap<String, Member>),
    Directory(OwnedFd),
}

enum Member {
    File { start: u64, length: u64 },
    Link(String),
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, ImageError> {
        let unreadable = |reason| ImageError::Unreadable { file: path.to_owned(), reason };
        let file = File::open(path).map_err(unreadable)?;
        let not_an_image = |reason: &str| ImageError::NotAnImage { file: path.to_owned(), reason: reason.to_owned() };
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Ok(Self { path: path.to_owned(), store: Store::Directory(file.into()) });
        }
        if !metadata.is_file() {
            return Err(not_an_image("it is neither a file nor a directory"));
        }
        let length = metadata.len();
        let whole = Blob { file: Arc::new(file), start: 0, length };
        if whole.starts_with(&[0x1f, 0x8b]) {
            return Err(not_an_image("it is compressed by gzip; unpack it by gunzip first"));
        }
        let members = members(&whole).map_err(unreadable)?;
        Ok(Self { path: path.to_owned(), store: Store::Tar(whole.file, members) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn has(&self, name: &str) -> bool {
        match &self.store {
            Store::Tar(_, members) => members.contains_key(name),
            Store::Directory(directory) => file_below(directory, name).is_ok(),
        }
    }

    /// The file of that name, which `named_by` names.
    pub(super) fn blob(&self, name: &str, named_by: &str) -> Result<Blob, ImageError> {
        let missing = || ImageError::Missing { name: name.to_owned(), named_by: named_by.to_owned() };
        let mut at = clean(name.as_bytes());
        let (file, members) = match &self.store {
            Store::Tar(file, members) => (file, members),
            Store::Directory(directory) => {
                return match file_below(directory, &at) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing()),
                    file => file.map_err(|error| self.failed(io::Error::new(error.kind(), format!("{name}: {error}")))),
                };
            }
        };
        for _ in 0..MAX_LINKS {
            match members.get(&at) {
                Some(&Member::File { start, length }) => return Ok(Blob { file: Arc::clone(file), start, length }),
                Some(Member::Link(to)) => at.clone_from(to),
                None => break,
            }
        }
        Err(missing())
    }

    /// The blob with this digest, verified, and the name it has in the archive.
    pub(super) fn verified(&self, digest: &Digest, named_by: &str) -> Result<(String, Blob), ImageError> {
        let name = digest.blob_name();
        let blob = self.blob(&name, named_by)?;
        digest.verify(&name, blob.reader()).map_err(|error| self.failed(error))??;
        Ok((name, blob))
    }

    /// An error of reading the archive.
    pub(super) fn failed(&self, reason: io::Error) -> ImageError {
        ImageError::Unreadable { file: self.path.clone(), reason }
    }
}

/// A file of a directory; the kernel sees to it that no link leads out of it.
fn file_below(directory: &OwnedFd, name: &str) -> io::Result<Blob> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let inside = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let file = File::from(rustix::fs::openat2(directory, name, flags, Mode::empty(), inside)?);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(Blob { file: Arc::new(file), start: 0, length: metadata.len() })
}

fn members(whole: &Blob) -> io::Result<HashMap<String, Member>> {
    let mut members = HashMap::new();
    walk(whole.reader(), |_, entry| {
        let name = clean(&entry.path_bytes());
        let (start, length) = (entry.raw_file_position(), entry.size());
        let member = match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {
                if start.checked_add(length).is_none_or(|end| end > whole.length) {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("it ends within {name}")));
                }
                Member::File { start, length }
            }
            EntryType::Symlink => {
                let to = entry.link_name_bytes().unwrap_or_default().into_owned();
                let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
                Member::Link(clean(&[directory.as_bytes(), b"/", &to].concat()))
            }
            EntryType::Link => Member::Link(clean(&entry.link_name_bytes().unwrap_or_default())),
            _ => return Ok(ControlFlow::Continue(())),
        };
        members.insert(name, member);
        if members.len() > MAX_FILES {
            return Err(io::Error::other(format!("it holds more than {MAX_FILES} files")));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(members)
}

/// A name without `.`, `..` and doubled slashes. Names are only compared with each other: none leads to a file elsewhere.
fn clean(name: &[u8]) -> String {
    let mut kept = Vec::new();
    for part in parts(name) {
        if part == b".." {
            kept.pop();
        } else {
            kept.push(String::from_utf8_lossy(part));
        }
    }
    kept.join("/")
}

/// A part of the archive.
#[derive(Clone)]
pub(super) struct Blob {
    file: Arc<File>,
    start: u64,
    length: u64,
}

impl Blob {
    /// Reads it from its beginning.
    pub(super) fn reader(&self) -> BlobReader {
        BlobReader { file: Arc::clone(&self.file), at: self.start, end: self.start + self.length }
    }

    pub(super) fn starts_with(&self, magic: &[u8]) -> bool {
        let mut start = Vec::new();
        self.reader().take(magic.len() as u64).read_to_end(&mut start).is_ok() && start == magic
    }

    /// A JSON document.
    pub(super) fn document(&self, name: &str) -> Result<Vec<u8>, ImageError> {
        let unusable = |reason: String| ImageError::Document { name: name.to_owned(), reason };
        if self.length > MAX_DOCUMENT {
            return Err(unusable(format!("it is larger than {MAX_DOCUMENT} bytes")));
        }
        let mut bytes = Vec::new();
        self.reader().read_to_end(&mut bytes).map_err(|error| unusable(error.to_string()))?;
        Ok(bytes)
    }
}

/// Reads a part of the archive; several can do so at once.
pub(super) struct BlobReader {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = (self.end - self.at).min(buffer.len() as u64) as usize;
        let count = self.file.read_at(&mut buffer[..most], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
