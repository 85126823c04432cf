//! Thresholds: the line a target must be above, and the gate that holds it there.
//!
//! A threshold comes from a file ([`Threshold::from_path`]), from one argument ([`Threshold::from_inline`]), from a
//! [`Preset`], or is the [default](Threshold::default). [`Threshold::judge`] holds a report against it.
//!
//! A threshold that does not say what its author meant lets everything through, so reading one fails closed: a key that
//! means nothing, a value that is no number, an empty file are errors.

mod document;
mod error;
mod gate;
mod inline;
mod preset;
mod read;

pub use error::ThresholdError;
pub use gate::{Bound, GateOutcome, Violation};
pub use preset::Preset;

use crate::status::{ControlStatus, Severity};
use std::path::Path;

/// What a report must keep to. Everything that is not limited is free; all limits hold at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Where it comes from, for messages: a file's path, `preset production`, `default` …
    pub origin: String,
    /// Limits of the compliance, in percent.
    pub compliance: Limits,
    statuses: [StatusLimits; 5],
}

/// A lower and an upper bound, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// At least this.
    pub min: Option<f64>,
    /// At most this.
    pub max: Option<f64>,
}

/// Limits for the controls of one status.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatusLimits {
    /// Exactly this many controls.
    pub exactly: Option<f64>,
    /// Bounds of their number.
    pub total: Limits,
    severities: [SeverityLimits; 5],
}

/// Limits for the controls of one status and severity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeverityLimits {
    /// Bounds of their number.
    pub count: Limits,
    /// Exactly these controls.
    pub controls: Option<Vec<String>>,
}

impl Threshold {
    /// The compliance that is asked for when nobody says anything, in percent.
    pub const DEFAULT_COMPLIANCE: f64 = 70.0;

    /// A threshold without any limit, to be filled in.
    pub fn unlimited(origin: impl Into<String>) -> Threshold {
        Threshold { origin: origin.into(), compliance: Limits::default(), statuses: Default::default() }
    }

    /// Reads what a command line names: `preset:production`, or a file's path.
    pub fn from_argument(argument: &str) -> Result<Threshold, ThresholdError> {
        match argument.strip_prefix("preset:") {
            Some(name) => Ok(name.parse::<Preset>()?.threshold()),
            None => Threshold::from_path(Path::new(argument)),
        }
    }

    /// Reads a threshold file, YAML or JSON.
    pub fn from_path(path: &Path) -> Result<Threshold, ThresholdError> {
        let origin = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Threshold::from_text(&text, &origin),
            Err(source) => Err(ThresholdError::Unreadable { origin, source }),
        }
    }

    /// Reads the content of a threshold file, in nested or in flat form. `origin` names it in messages.
    pub fn from_text(text: &str, origin: &str) -> Result<Threshold, ThresholdError> {
        read::threshold(text, origin)
    }

    /// Reads the one-argument form: `{compliance.min: 80}, {failed.total.max: 2}`.
    pub fn from_inline(text: &str) -> Result<Threshold, ThresholdError> {
        inline::threshold(text)
    }

    /// The limits of one status.
    pub fn status(&self, status: ControlStatus) -> &StatusLimits {
        &self.statuses[status as usize]
    }

    /// The limits of one status, to be changed.
    pub fn status_mut(&mut self, status: ControlStatus) -> &mut StatusLimits {
        &mut self.statuses[status as usize]
    }

    /// Whether nothing is limited.
    pub fn is_unlimited(&self) -> bool {
        self.compliance == Limits::default() && self.statuses.iter().all(|status| *status == StatusLimits::default())
    }
}

/// Compliance of at least 70 percent, the common default of SAF's users.
impl Default for Threshold {
    fn default() -> Self {
        let mut threshold = Threshold::unlimited("default");
        threshold.compliance.min = Some(Threshold::DEFAULT_COMPLIANCE);
        threshold
    }
}

impl StatusLimits {
    /// The limits of one severity.
    pub fn severity(&self, severity: Severity) -> &SeverityLimits {
        &self.severities[severity as usize]
    }

    /// The limits of one severity, to be changed.
    pub fn severity_mut(&mut self, severity: Severity) -> &mut SeverityLimits {
        &mut self.severities[severity as usize]
    }
}
