//! A profile on disk: its files and what inspec.yml says.

mod files;
mod metadata;

pub(crate) use files::ProfileFiles;
pub(crate) use metadata::Metadata;
