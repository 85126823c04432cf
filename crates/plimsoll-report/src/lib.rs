//! What an audit ends with: the HDF/InSpec result document, and everything that is said from it.
//!
//! - [`model`]: the document itself, read and written as CINC Auditor and the HDF readers do
//! - more rooms follow: status and summary, thresholds, output formats, exit codes

pub mod model;

pub use model::Report;
