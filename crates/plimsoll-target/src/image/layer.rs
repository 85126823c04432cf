//! A layer: what it adds to and takes away from those below it.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::archive::Blob;
use super::digest::Digest;
use super::error::ImageError;
use super::tape::{self, walk};
use super::zstd;
use crate::FileKind;
use crate::resolve::parts;

/// The largest file whose content is kept while layers are read.
const MAX_HELD_FILE: u64 = 1 << 20;
/// How much content is kept of all files together.
const MAX_HELD: u64 = 256 << 20;
/// How many entries all layers may have together.
const MAX_ENTRIES: usize = 4_000_000;
/// The longest path, as in Linux.
const MAX_PATH: usize = 4096;

/// What reading layers may still take.
pub(super) struct Budget {
    held: u64,
    entries: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { held: MAX_HELD, entries: MAX_ENTRIES }
    }
}

/// A verified tar, as it is or compressed.
pub(super) struct Layer {
    name: String,
    blob: Blob,
    packing: Packing,
}

#[derive(Clone, Copy)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

/// One entry of a layer.
pub(super) struct Change {
    /// The names that lead to it from the root; none for the root itself.
    pub(super) path: Vec<Vec<u8>>,
    pub(super) what: What,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mtime: i64,
}

pub(super) enum What {
    Directory,
    File {
        content: Content,
        size: u64,
    },
    Symlink(Vec<u8>),
    /// Another name of the file at this path.
    HardLink(Vec<Vec<u8>>),
    Special(FileKind),
    /// Nothing of the layers below stays at the path.
    Whiteout,
    /// Nothing of the layers below stays in the directory at the path.
    Opaque,
}

/// Where a file's content is.
pub(super) enum Content {
    Held(Arc<[u8]>),
    /// In the entry of this number.
    Entry(usize),
}

impl Layer {
    pub(super) fn new(name: String, blob: Blob) -> Self {
        // By what it is: media types are left as they were by tools that compress anew.
        let packing = if blob.starts_with(&[0x1f, 0x8b]) {
            Packing::Gzip
        } else if blob.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Packing::Zstd
        } else {
            Packing::None
        };
        Self { name, blob, packing }
    }

    /// The tar.
    fn reader(&self) -> Box<dyn Read> {
        match self.packing {
            Packing::None => Box::new(self.blob.reader()),
            Packing::Gzip => Box::new(MultiGzDecoder::new(self.blob.reader())),
            Packing::Zstd => Box::new(zstd::Frames::new(self.blob.reader())),
        }
    }

    /// Checks the digest of the tar.
    pub(super) fn verify(&self, digest: &Digest) -> Result<(), ImageError> {
        digest.verify(&self.name, self.reader()).map_err(|error| self.unusable(error.to_string()))?
    }

    /// What is wrong with this layer.
    pub(super) fn unusable(&self, reason: String) -> ImageError {
        ImageError::Layer { name: self.name.clone(), reason }
    }

    /// All entries, in the order of the tar. Contents of small files are kept while the budget lasts: to find the others
    /// takes unpacking the layer again.
    pub(super) fn changes(&self, budget: &mut Budget) -> Result<Vec<Change>, ImageError> {
        let mut changes = Vec::new();
        walk(self.reader(), |number, entry| {
            budget.entries = budget.entries.checked_sub(1).ok_or_else(|| {
                io::Error::other(format!("the image's layers have more than {MAX_ENTRIES} entries together"))
            })?;
            let name = entry.path_bytes().into_owned();
            let change = change(number, entry, &name, budget)
                .map_err(|error| io::Error::other(format!("{}: {error}", String::from_utf8_lossy(&name))))?;
            changes.extend(change);
            Ok(ControlFlow::Continue(()))
        })
        .map_err(|error| self.unusable(error.to_string()))?;
        Ok(changes)
    }

    /// The content of an entry.
    pub(super) fn content(&self, wanted: usize) -> io::Result<Vec<u8>> {
        let mut content = None;
        walk(self.reader(), |number, entry| {
            if number < wanted {
                return Ok(ControlFlow::Continue(()));
            }
            content = Some(whole(entry)?);
            Ok(ControlFlow::Break(()))
        })?;
        content.ok_or_else(|| io::Error::other("the archive was changed while it was audited"))
    }
}

/// What an entry means; `None` where it means nothing to the file system.
fn change(
    number: usize,
    entry: &mut tape::Entry<'_, impl Read>,
    name: &[u8],
    budget: &mut Budget,
) -> io::Result<Option<Change>> {
    let kind = entry.header().entry_type();
    if matches!(kind, EntryType::XGlobalHeader) {
        return Ok(None);
    }
    let mut path = inside(name)?;
    let mark = path.last().and_then(|last| last.strip_prefix(b".wh.")).map(<[u8]>::to_vec);
    let what = match (mark, kind) {
        (Some(mark), _) => {
            path.pop();
            match &mark[..] {
                b".wh..opq" => What::Opaque,
                // Notes of AUFS to itself.
                _ if mark.starts_with(b".wh.") => return Ok(None),
                b"" | b"." | b".." => return Err(io::Error::other("it takes away nothing that can be named")),
                _ => {
                    path.push(mark);
                    What::Whiteout
                }
            }
        }
        (None, EntryType::Directory) => What::Directory,
        // How the oldest archives say that it is a directory.
        (None, EntryType::Regular) if name.ends_with(b"/") => What::Directory,
        (None, EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse) => file(number, entry, budget)?,
        (None, EntryType::Symlink) => What::Symlink(target(entry)?),
        (None, EntryType::Link) => What::HardLink(inside(&target(entry)?)?),
        (None, EntryType::Char) => What::Special(FileKind::CharacterDevice),
        (None, EntryType::Block) => What::Special(FileKind::BlockDevice),
        (None, EntryType::Fifo) => What::Special(FileKind::Pipe),
        (None, other) => return Err(io::Error::other(format!("its tar type {other:?} is not known"))),
    };
    if path.is_empty() && !matches!(what, What::Directory | What::Opaque) {
        return Err(io::Error::other("it would take the place of the root directory"));
    }
    let mut mtime = i64::try_from(entry.header().mtime()?).map_err(io::Error::other)?;
    for extension in entry.pax_extensions()?.into_iter().flatten() {
        let extension = extension?;
        match (extension.key_bytes(), extension.value()) {
            (b"mtime", Ok(value)) => mtime = seconds(value).unwrap_or(mtime),
            (key, _) if key.starts_with(b"GNU.sparse.") => {
                return Err(io::Error::other("it is stored as a sparse file in PAX format, which is not supported"));
            }
            _ => {}
        }
    }
    let header = entry.header();
    let id = |id: u64| u32::try_from(id).map_err(io::Error::other);
    Ok(Some(Change {
        path,
        what,
        mode: header.mode()? & 0o7777,
        uid: id(header.uid()?)?,
        gid: id(header.gid()?)?,
        mtime,
    }))
}

/// Whole seconds of a decimal number, rounded down.
fn seconds(decimal: &str) -> Option<i64> {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let seconds: i64 = whole.parse().ok()?;
    let below = whole.starts_with('-') && fraction.bytes().any(|digit| digit != b'0');
    seconds.checked_sub(i64::from(below))
}

fn file(number: usize, entry: &mut tape::Entry<'_, impl Read>, budget: &mut Budget) -> io::Result<What> {
    let size = entry.size();
    if size > MAX_HELD_FILE || size > budget.held {
        return Ok(What::File { content: Content::Entry(number), size });
    }
    budget.held -= size;
    Ok(What::File { content: Content::Held(whole(entry)?.into()), size })
}

/// The content of an entry, which is as long as its header says.
fn whole(entry: &mut tape::Entry<'_, impl Read>) -> io::Result<Vec<u8>> {
    let size = entry.size();
    let mut content = Vec::new();
    entry.take(size).read_to_end(&mut content)?;
    if content.len() as u64 == size {
        return Ok(content);
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("it ends after {} of {size} bytes", content.len())))
}

fn target(entry: &tape::Entry<'_, impl Read>) -> io::Result<Vec<u8>> {
    match entry.link_name_bytes() {
        Some(target) if !target.is_empty() && target.len() < MAX_PATH && !target.contains(&0) => {
            Ok(target.into_owned())
        }
        _ => Err(io::Error::other("it is a link that names nothing")),
    }
}

/// The names of a path, `..` taken back; an error where it leads out of the root.
fn inside(path: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    if path.len() >= MAX_PATH {
        return Err(io::Error::other(format!("its path is longer than {MAX_PATH} bytes")));
    }
    let mut names = Vec::new();
    for part in parts(path) {
        if part == b".." {
            names.pop().ok_or_else(|| io::Error::other("the path leads out of the image"))?;
        } else {
            names.push(part.to_vec());
        }
    }
    Ok(names)
}
