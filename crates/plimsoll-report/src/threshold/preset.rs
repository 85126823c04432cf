//! Thresholds with a name.

use super::{Threshold, ThresholdError};
use crate::status::ControlStatus::{Failed, NotReviewed, ProfileError};
use crate::status::Severity;
use std::fmt;
use std::str::FromStr;

/// A threshold for one stage of a system's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Compliance 70, no critical, at most 3 high and 5 medium failures.
    Development,
    /// Compliance 85, no critical, at most 1 high and 3 medium failures, at most 2 controls not reviewed.
    Staging,
    /// Compliance 95, no critical or high, at most 1 medium failure, nothing skipped or in error.
    Production,
    /// Compliance 100, nothing failed, skipped or in error.
    Strict,
}

/// One preset in numbers: what is `None` is not limited.
struct Row {
    compliance: f64,
    failed: [(Severity, Option<f64>); 4],
    skipped: Option<f64>,
    error: Option<f64>,
}

impl Preset {
    /// All of them, the mildest first.
    pub const ALL: [Preset; 4] = [Preset::Development, Preset::Staging, Preset::Production, Preset::Strict];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Development => "development",
            Preset::Staging => "staging",
            Preset::Production => "production",
            Preset::Strict => "strict",
        }
    }

    /// Its limits.
    pub fn threshold(self) -> Threshold {
        let row = self.row();
        let mut threshold = Threshold::unlimited(format!("preset {self}"));
        threshold.compliance.min = Some(row.compliance);
        for (severity, max) in row.failed {
            threshold.status_mut(Failed).severity_mut(severity).count.max = max;
        }
        threshold.status_mut(NotReviewed).total.max = row.skipped;
        threshold.status_mut(ProfileError).total.max = row.error;
        threshold
    }

    fn row(self) -> Row {
        let failed = |critical, high, medium, low| {
            [
                (Severity::Critical, Some(critical)),
                (Severity::High, Some(high)),
                (Severity::Medium, Some(medium)),
                (Severity::Low, low),
            ]
        };
        match self {
            Preset::Development => {
                Row { compliance: 70.0, failed: failed(0.0, 3.0, 5.0, None), skipped: None, error: None }
            }
            Preset::Staging => {
                Row { compliance: 85.0, failed: failed(0.0, 1.0, 3.0, None), skipped: Some(2.0), error: None }
            }
            Preset::Production => {
                Row { compliance: 95.0, failed: failed(0.0, 0.0, 1.0, None), skipped: Some(0.0), error: Some(0.0) }
            }
            Preset::Strict => Row {
                compliance: 100.0,
                failed: failed(0.0, 0.0, 0.0, Some(0.0)),
                skipped: Some(0.0),
                error: Some(0.0),
            },
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Preset {
    type Err = ThresholdError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Preset::ALL
            .into_iter()
            .find(|preset| preset.name() == name)
            .ok_or_else(|| ThresholdError::UnknownPreset { name: name.to_owned() })
    }
}
