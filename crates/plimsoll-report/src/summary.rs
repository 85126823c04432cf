//! How many controls came to what, and how compliant that makes the target.

use crate::counted::{CountedControl, counted_controls};
use crate::model::Report;
use crate::status::{ControlStatus, Severity};

/// The counted controls of a report by status and severity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Ids, by status and then severity, each in the report's order.
    ids: [[Vec<String>; 5]; 5],
}

impl Summary {
    /// Counts a report's controls.
    pub fn of(report: &Report) -> Summary {
        counted_controls(report).into_iter().collect()
    }

    /// Ids of the controls of one status and severity, in the report's order. An id can stand there more than once.
    pub fn controls(&self, status: ControlStatus, severity: Severity) -> &[String] {
        &self.ids[status as usize][severity as usize]
    }

    /// How many controls have this status and severity.
    pub fn count(&self, status: ControlStatus, severity: Severity) -> usize {
        self.controls(status, severity).len()
    }

    /// How many controls have this status.
    pub fn total(&self, status: ControlStatus) -> usize {
        Severity::ALL.into_iter().map(|severity| self.count(status, severity)).sum()
    }

    /// How many controls count at all.
    pub fn controls_total(&self) -> usize {
        ControlStatus::ALL.into_iter().map(|status| self.total(status)).sum()
    }

    /// Percent of the applicable controls that passed, rounded half up; 0 when none is applicable.
    pub fn compliance(&self) -> u32 {
        let passed = self.total(ControlStatus::Passed);
        let applicable = self.controls_total() - self.total(ControlStatus::NotApplicable);
        if applicable == 0 { 0 } else { ((200 * passed + applicable) / (2 * applicable)) as u32 }
    }
}

impl<'a> FromIterator<CountedControl<'a>> for Summary {
    fn from_iter<I: IntoIterator<Item = CountedControl<'a>>>(controls: I) -> Self {
        let mut summary = Summary::default();
        for counted in controls {
            summary.ids[counted.status as usize][counted.severity as usize].push(counted.control.id.to_string());
        }
        summary
    }
}
