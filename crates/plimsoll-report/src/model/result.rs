//! The result of one expectation.

use super::Object;
use serde::{Deserialize, Serialize};

/// What one `it`, `its`, skip or error of a control came to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ControlResult {
    /// Passed, failed or skipped.
    #[serde(default, deserialize_with = "super::null_as_default")]
    pub status: ResultStatus,
    /// What was expected, e.g. `File /etc/passwd is expected to exist`.
    pub code_desc: String,
    /// Seconds it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_time: Option<f64>,
    /// When it began (RFC 3339).
    pub start_time: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Ruby class of what was raised, when that was not a plain failed expectation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Where it was raised. Its presence, even empty, makes the control a profile error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backtrace: Option<Vec<String>>,
    /// The resource's description; CINC writes it for skips alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_message: Option<String>,
    /// Name of the resource, e.g. `file`, or of the Ruby class of a plain subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_class: Option<String>,
    /// The resource's arguments in Ruby's notation, e.g. `["/etc/passwd"]`, as one string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_params: Option<serde_json::Value>,
    /// What identifies the resource, e.g. its path; a few resources give a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<serde_json::Value>,
    /// How the resource names itself, e.g. `File /etc/passwd`. CINC's formats for people show it but its document does
    /// not hold it; whoever evaluates can give it here, else it is taken from `code_desc`.
    #[serde(skip)]
    pub resource_title: Option<String>,
    /// What was expected of it, e.g. `mode is expected to cmp == "0644"`; as with the title.
    #[serde(skip)]
    pub expectation: Option<String>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// The status of one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultStatus {
    /// The expectation holds.
    Passed,
    /// It does not, or could not be evaluated.
    Failed,
    /// It was not evaluated.
    Skipped,
    /// The producer says that it could not be evaluated. CINC never writes it; HDF allows it.
    Error,
    /// The document names no status.
    #[default]
    NoStatus,
}
