//! What an audit tells while it runs.

use plimsoll_report::model::ControlResult;
use serde::{Deserialize, Serialize};

/// One step of an audit, in order. For each profile: `ProfileStarted`, its controls, `ProfileFinished`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Event {
    /// The profiles are loaded; this many controls will run.
    Loaded {
        /// Profiles.
        profiles: usize,
        /// Controls with at least one describe block.
        controls: usize,
    },
    /// A control begins.
    ControlStarted {
        /// The profile's name.
        profile: String,
        /// The control's id.
        id: String,
    },
    /// A control has ended, with everything it found.
    ControlFinished {
        /// The profile's name.
        profile: String,
        /// The control's id.
        id: String,
        /// Its results, in the order of the report.
        results: Vec<ControlResult>,
    },
}
