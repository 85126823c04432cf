//! Reduces a report to what the cases compare: no times, no addresses, no paths of the machine it was made on.

mod dsl;
mod resources;

use serde_json::Value as Json;

/// How the reports of a set of cases were reduced.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// Every field of profiles and controls; only what differs from run to run is taken out.
    Dsl,
    /// Results and the main fields of controls; what Ruby says of an unknown method is cut after the method's name.
    Resources,
}

impl Form {
    /// A report, reduced; `directory`, where it was made, is taken out of every text.
    pub(crate) fn reduce(self, report: &Json, directory: &str) -> Json {
        match self {
            Self::Dsl => dsl::report(report, directory),
            Self::Resources => resources::report(report, directory),
        }
    }
}

fn list<'a>(of: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    of.get(key).and_then(Json::as_array).into_iter().flatten()
}
