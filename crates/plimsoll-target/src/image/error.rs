//! Why an image archive can't be audited.

use std::io;
use std::path::PathBuf;

/// Why an image archive can't be audited.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file itself can't be read.
    #[error("cannot read {}: {reason}", .file.display())]
    Unreadable {
        /// The archive.
        file: PathBuf,
        /// What the system or the tar format says.
        reason: io::Error,
    },
    /// The file is a tar archive, or something else, but no image.
    #[error("{} is no image archive: {reason}", .file.display())]
    NotAnImage {
        /// The archive.
        file: PathBuf,
        /// What was looked for, and what to do.
        reason: String,
    },
    /// The archive names something that is not in it.
    #[error("the archive has no {name}, which {named_by} names; it is incomplete: save the image again")]
    Missing {
        /// The file inside the archive.
        name: String,
        /// What names it.
        named_by: String,
    },
    /// A blob is not what its digest says.
    #[error("{name} does not match its digest: it should be {expected} and is {found}; save the image again")]
    Digest {
        /// The file inside the archive.
        name: String,
        /// The digest that it is named by.
        expected: String,
        /// The digest of what is there.
        found: String,
    },
    /// A JSON document of the archive can't be used.
    #[error("cannot use {name}: {reason}")]
    Document {
        /// The file inside the archive.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The archive holds several images, or none for this platform.
    #[error("{0}")]
    Choice(String),
    /// A layer can't be unpacked.
    #[error("cannot use layer {name}: {reason}")]
    Layer {
        /// The layer's file inside the archive.
        name: String,
        /// What is wrong with it, and with which of its entries.
        reason: String,
    },
}
