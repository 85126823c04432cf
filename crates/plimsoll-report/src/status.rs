//! The status and severity of one control, by HDF's rules.

use crate::model::{Control, Object, ResultStatus};
use serde_json::Value;
use std::fmt;

/// What a control came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlStatus {
    /// At least one result passed and none failed.
    Passed,
    /// A result failed.
    Failed,
    /// Everything in it was skipped: a person must look.
    NotReviewed,
    /// Waived, or of impact 0.
    NotApplicable,
    /// It could not be evaluated.
    ProfileError,
}

impl ControlStatus {
    /// All of them, in the order in which tables show them.
    pub const ALL: [ControlStatus; 5] = [
        ControlStatus::Passed,
        ControlStatus::Failed,
        ControlStatus::NotReviewed,
        ControlStatus::NotApplicable,
        ControlStatus::ProfileError,
    ];

    /// The status of a control as it stands in its own profile. The first rule that matches decides:
    /// error, waived or impact 0, no results, failed, passed, skipped, and else an error again.
    pub fn of(control: &Control) -> ControlStatus {
        let any = |status| control.results.iter().any(|result| result.status == status);
        let is_error = control.results.iter().any(|r| r.backtrace.is_some()) || any(ResultStatus::Error);
        if is_error {
            ControlStatus::ProfileError
        } else if is_waived(control) || control.impact.value() == 0.0 {
            ControlStatus::NotApplicable
        } else if any(ResultStatus::Failed) {
            ControlStatus::Failed
        } else if any(ResultStatus::Passed) {
            ControlStatus::Passed
        } else if any(ResultStatus::Skipped) {
            ControlStatus::NotReviewed
        } else {
            ControlStatus::ProfileError
        }
    }

    /// The key of this status in threshold and summary files.
    pub fn key(self) -> &'static str {
        match self {
            ControlStatus::Passed => "passed",
            ControlStatus::Failed => "failed",
            ControlStatus::NotReviewed => "skipped",
            ControlStatus::NotApplicable => "no_impact",
            ControlStatus::ProfileError => "error",
        }
    }

    /// The status that a threshold file calls `key`.
    pub fn from_key(key: &str) -> Option<ControlStatus> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }
}

impl fmt::Display for ControlStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ControlStatus::Passed => "Passed",
            ControlStatus::Failed => "Failed",
            ControlStatus::NotReviewed => "Not Reviewed",
            ControlStatus::NotApplicable => "Not Applicable",
            ControlStatus::ProfileError => "Profile Error",
        })
    }
}

/// Whether a waiver took the control out of the run.
///
/// Producers write a boolean; HDF's readers take whatever JavaScript takes for true, so we do.
pub fn is_waived(control: &Control) -> bool {
    match control.waiver_data.get("skipped_due_to_waiver") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(_) => true,
    }
}

/// How bad it is when a control fails, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// 0.9 and above.
    Critical,
    /// Below 0.9.
    High,
    /// Below 0.7.
    Medium,
    /// Below 0.4.
    Low,
    /// Below 0.1.
    None,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::None];

    /// The severity of a control: from its tag `severityoverride`, else its tag `severity`, else its impact.
    ///
    /// A tag counts in any letter case. One that names no severity is passed over.
    pub fn of(control: &Control) -> Severity {
        from_tag(&control.tags, "severityoverride")
            .or_else(|| from_tag(&control.tags, "severity"))
            .unwrap_or_else(|| Severity::from_impact(control.impact.value()))
    }

    /// The severity that an impact stands for.
    pub fn from_impact(impact: f64) -> Severity {
        if impact < 0.1 {
            Severity::None
        } else if impact < 0.4 {
            Severity::Low
        } else if impact < 0.7 {
            Severity::Medium
        } else if impact < 0.9 {
            Severity::High
        } else {
            Severity::Critical
        }
    }

    /// The word for it in threshold and summary files.
    pub fn key(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::None => "none",
        }
    }

    /// The severity that a threshold file calls `key`.
    pub fn from_key(key: &str) -> Option<Severity> {
        Self::ALL.into_iter().find(|severity| severity.key() == key)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.key())
    }
}

fn from_tag(tags: &Object, name: &str) -> Option<Severity> {
    Severity::from_key(&tags.get(name)?.as_str()?.to_lowercase())
}
