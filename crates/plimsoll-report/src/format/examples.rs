//! What `documentation` and `progress` end with: the skipped and failed results in full, and the counts.

use super::subject::{counted, location};
use crate::model::{Control, ControlResult, Report, ResultStatus};
use std::io::{self, Write};

/// All results in the report's order, each with its control.
pub(super) fn of(report: &Report) -> Vec<(&Control, &ControlResult)> {
    let controls = report.profiles.iter().flat_map(|profile| &profile.controls);
    controls.flat_map(|control| control.results.iter().map(move |result| (control, result))).collect()
}

/// Why a result is pending, in RSpec's words: a skipped control has no test, a skipped test was written.
pub(super) fn pending_reason(result: &ControlResult) -> &'static str {
    if result.resource.as_deref() == Some("No-op") { "Not yet implemented" } else { "No reason given" }
}

/// Writes the lists and the counts.
pub(super) fn closing(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let examples = of(report);
    let (pending, failed): (Vec<_>, Vec<_>) = examples
        .iter()
        .filter(|(_, result)| result.status != ResultStatus::Passed)
        .partition(|(_, result)| result.status == ResultStatus::Skipped);

    if !pending.is_empty() {
        writeln!(out, "Pending: (Failures listed here are expected and do not affect your suite's status)\n")?;
    }
    for (index, (control, result)) in pending.iter().enumerate() {
        let reason = result.skip_message.as_deref().unwrap_or_default();
        writeln!(out, "  {}) {} {reason}", index + 1, result.code_desc)?;
        writeln!(out, "     # {}\n     # {}\n", pending_reason(result), location(control))?;
    }
    if !failed.is_empty() {
        writeln!(out, "Failures:\n")?;
    }
    for (index, (control, result)) in failed.iter().enumerate() {
        failure(index + 1, control, result, out)?;
    }
    if let Some(seconds) = report.statistics.duration {
        writeln!(out, "Finished in {seconds:.5} seconds")?;
    }
    let total = counted(examples.len(), "example", "examples");
    write!(out, "{total}, {}", counted(failed.len(), "failure", "failures"))?;
    if !pending.is_empty() {
        write!(out, ", {} pending", pending.len())?;
    }
    writeln!(out)?;
    if !failed.is_empty() {
        writeln!(out, "\nFailed examples:\n")?;
        for (control, result) in failed {
            writeln!(out, "{} # {}", location(control), result.code_desc)?;
        }
    }
    writeln!(out)
}

fn failure(number: usize, control: &Control, result: &ControlResult, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {number}) {}\n     Failure/Error:", result.code_desc)?;
    if let Some(exception) = &result.exception {
        writeln!(out, "\n     {exception}:")?;
    }
    for line in result.message.as_deref().unwrap_or_default().lines() {
        let indent = if line.is_empty() { "" } else { "       " };
        writeln!(out, "{indent}{line}")?;
    }
    writeln!(out, "     # {}\n", location(control))
}
