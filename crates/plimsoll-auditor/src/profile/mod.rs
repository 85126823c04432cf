//! A profile on disk: its files, what inspec.yml says, and the profiles it depends on.

mod archive;
mod files;
mod metadata;
mod requirement;
mod shelf;
mod source;

pub(crate) use files::ProfileFiles;
pub(crate) use metadata::{INSPEC_VERSION, Metadata};
pub use shelf::{Packed, Shelf};
pub(crate) use source::Source;
