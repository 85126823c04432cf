//! The line that a target must be above.

use clap::Args;
use plimsoll_report::Threshold;
use plimsoll_report::threshold::ThresholdError;

/// The line to be above.
#[derive(Debug, Args)]
#[command(next_help_heading = "Threshold")]
pub(crate) struct ThresholdArgs {
    /// A SAF threshold file (YAML or JSON), or preset:development, preset:staging, preset:production, preset:strict;
    /// compliance of at least 70 % unless given
    #[arg(long, value_name = "FILE|preset:NAME")]
    threshold: Option<String>,
    /// The threshold itself: '{compliance.min: 80}, {failed.critical.max: 0}'
    #[arg(long, value_name = "LIMITS", conflicts_with = "threshold")]
    threshold_inline: Option<String>,
}

impl ThresholdArgs {
    /// Reads the threshold.
    pub(crate) fn read(&self) -> Result<Threshold, ThresholdError> {
        match (&self.threshold, &self.threshold_inline) {
            (Some(argument), _) => Threshold::from_argument(argument),
            (None, Some(inline)) => Threshold::from_inline(inline),
            (None, None) => Ok(Threshold::default()),
        }
    }
}
