//! A profile on disk: its files, what inspec.yml says, and the profiles it depends on.

mod archive;
mod files;
mod folder;
mod lock;
mod metadata;
mod pack;
mod requirement;
mod shelf;
mod source;
mod vendor;

pub(crate) use files::ProfileFiles;
pub(crate) use folder::METADATA;
pub(crate) use lock::Wanted;
pub(crate) use metadata::{INSPEC_VERSION, Metadata};
pub use pack::{Archive, ArchiveFormat};
pub use shelf::{Packed, Shelf};
pub(crate) use source::Source;
pub use vendor::{Fetch, vendor};

/// The inspec.lock of a profile, if it has one: its dependencies as they were resolved.
pub(crate) fn lock_of(files: &ProfileFiles) -> Option<Result<Vec<Wanted>, String>> {
    files.get(lock::FILE).map(|text| lock::parse(&String::from_utf8_lossy(text)))
}
