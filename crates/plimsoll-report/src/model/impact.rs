//! The impact of a control.

use serde::{Deserialize, Serialize};

/// How bad it is when a control fails: a number from 0 to 1.
///
/// `impact 1` and `impact 1.0` mean the same but are written as the profile has them, as CINC does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged, expecting = "impact must be a number")]
pub enum Impact {
    /// Written without a decimal point.
    Integer(i64),
    /// Written with one.
    Float(f64),
}

impl Impact {
    /// The number itself.
    pub fn value(self) -> f64 {
        match self {
            Impact::Integer(value) => value as f64,
            Impact::Float(value) => value,
        }
    }
}

/// CINC's default for a control that names none.
impl Default for Impact {
    fn default() -> Self {
        Impact::Float(0.5)
    }
}

impl From<f64> for Impact {
    fn from(value: f64) -> Self {
        Impact::Float(value)
    }
}

impl From<i64> for Impact {
    fn from(value: i64) -> Self {
        Impact::Integer(value)
    }
}

/// Equal as numbers: `1` is `1.0`.
impl PartialEq for Impact {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}
