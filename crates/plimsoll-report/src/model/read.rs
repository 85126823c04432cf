//! Reading a result document.

use super::Report;

/// Why a result document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file holds nothing.
    #[error("{origin}: empty; expected an InSpec/HDF result document (JSON)")]
    Empty {
        /// The file's name, or what stands for it.
        origin: String,
    },
    /// It holds no profile, so there is nothing to say about it.
    #[error("{origin}: holds no profile, so nothing was audited; run the audit again and look at its errors")]
    NoProfile {
        /// The file's name, or what stands for it.
        origin: String,
    },
    /// It is no JSON, or JSON of another shape.
    #[error("{origin}: not an InSpec/HDF result document; write one with the `json` reporter")]
    Shape {
        /// The file's name, or what stands for it.
        origin: String,
        /// What the JSON reader missed, with line and column.
        source: serde_json::Error,
    },
}

impl Report {
    /// Reads a document. `origin` names it in errors, e.g. the file's path. A byte order mark is ignored.
    pub fn from_json(bytes: &[u8], origin: &str) -> Result<Report, ReadError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.trim_ascii().is_empty() {
            return Err(ReadError::Empty { origin: origin.to_owned() });
        }
        let report: Report =
            serde_json::from_slice(bytes).map_err(|source| ReadError::Shape { origin: origin.to_owned(), source })?;
        if report.profiles.is_empty() { Err(ReadError::NoProfile { origin: origin.to_owned() }) } else { Ok(report) }
    }
}
