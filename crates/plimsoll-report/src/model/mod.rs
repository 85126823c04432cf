//! The HDF/InSpec result document as Rust types.
//!
//! The types follow the JSON that CINC Auditor writes: same keys, same order, same choice between a missing key and
//! `null`. Keys that nobody here knows are kept in `extra` and written back after the known ones, so a document of
//! another producer survives being read and written. Nothing in these types depends on a clock or on hashing order:
//! the same report always gives the same bytes.
//!
//! Reading is as strict as the HDF schema: a document that a reader of HDF would refuse (a control without `results`,
//! an `impact` that is no number, `tags: null`) is an error, because what cannot be read cannot be judged.

mod control;
mod impact;
mod profile;
mod read;
mod report;
mod result;

pub use control::{Attestation, AttestationStatus, Control, ControlId, Description, SourceLocation};
pub use impact::Impact;
pub use profile::{Attribute, Group, Profile, ProfileStatus};
pub use read::ReadError;
pub use report::{Extension, Platform, Report, Statistics};
pub use result::{ControlResult, ResultStatus};

/// A JSON object that keeps the order of its keys.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// Reads `null` as the empty value; for keys that producers write as `null` where they mean "none".
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}
