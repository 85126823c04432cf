//! What an audit ends with: the HDF/InSpec result document, and everything that is said from it.
//!
//! - [`model`]: the document itself, read and written as CINC Auditor and the HDF readers do
//! - [`status`], [`counted`], [`summary`]: what each control came to, which of them count, how many there are
//! - [`enhanced`]: the same in the words of `--enhanced-outcomes`
//! - [`threshold`]: the line a target must be above, and the gate
//! - [`format`](mod@format): one file for each way to write a report down
//! - [`exit`]: the process exit code that a report stands for

pub mod counted;
pub mod enhanced;
pub mod exit;
pub mod format;
pub mod model;
pub mod status;
pub mod summary;
pub mod threshold;

pub use model::Report;
pub use summary::Summary;
pub use threshold::{GateOutcome, Threshold};
