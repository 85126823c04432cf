//! A report in a few lines: what is wrong with the target, and how much is right.

use anstyle::Style;
use plimsoll_report::Report;
use plimsoll_report::counted::{CountedControl, counted_controls};
use plimsoll_report::model::{ControlResult, ResultStatus};
use plimsoll_report::status::ControlStatus;

use crate::screen::{BAD, DIM, GOOD};

/// No longer than what a terminal shows on one line.
const WIDEST: usize = 100;

/// The lines: every control that did not pass with its first reason, then the counts.
pub(super) fn digest(report: &Report) -> Vec<String> {
    let counted = counted_controls(report);
    let mut lines = Vec::new();
    for status in [ControlStatus::Failed, ControlStatus::ProfileError] {
        for one in counted.iter().filter(|one| one.status == status) {
            lines.extend(finding(one));
        }
    }
    let counts = ControlStatus::ALL.iter().filter_map(|status| {
        let count = counted.iter().filter(|one| one.status == *status).count();
        (count > 0).then(|| format!("{}{count} {status}{:#}", style(*status), style(*status)))
    });
    lines.push(format!("{} controls: {}", counted.len(), counts.collect::<Vec<_>>().join(", ")));
    lines
}

fn style(status: ControlStatus) -> Style {
    match status {
        ControlStatus::Passed => GOOD,
        ControlStatus::Failed | ControlStatus::ProfileError => BAD,
        ControlStatus::NotReviewed | ControlStatus::NotApplicable => DIM,
    }
}

fn finding(one: &CountedControl<'_>) -> Vec<String> {
    let control = one.control;
    let title = control.title.as_deref().unwrap_or_default();
    let mut lines = vec![format!("{BAD}×{BAD:#} {} {DIM}{}{DIM:#} {title}", control.id, one.severity)];
    let failed = |result: &&ControlResult| !matches!(result.status, ResultStatus::Passed | ResultStatus::Skipped);
    lines.extend(control.results.iter().find(failed).map(|result| format!("    {DIM}{}{DIM:#}", reason(result))));
    lines
}

/// The first line of what was expected.
fn reason(result: &ControlResult) -> String {
    let line = result.code_desc.lines().next().unwrap_or_default();
    if line.chars().count() <= WIDEST {
        return line.to_owned();
    }
    let short: String = line.chars().take(WIDEST - 1).collect();
    format!("{short}…")
}

#[cfg(test)]
mod tests {
    use plimsoll_report::Report;

    use super::digest;

    #[test]
    fn what_failed_is_named_with_its_reason() {
        let control = |id: &str, impact: f64, status: &str| {
            serde_json::json!({"id": id, "title": "Title", "impact": impact, "refs": [], "tags": {}, "source_location": {},
                "results": [{"status": status, "start_time": "2026-01-01T00:00:00Z", "code_desc": "File /etc/shadow is expected to be secret\nreally"}]})
        };
        let report = serde_json::json!({"platform": {"name": "debian", "release": "12"}, "version": "1", "statistics": {},
            "profiles": [{"name": "p", "sha256": "", "attributes": [], "supports": [], "groups": [],
                "controls": [control("a", 0.5, "passed"), control("b", 1.0, "failed"), control("c", 0.0, "failed")]}]});
        let report = Report::from_json(report.to_string().as_bytes(), "test").unwrap();
        let plain = anstream::adapter::strip_str(&digest(&report).join("\n")).to_string();
        assert_eq!(
            plain,
            "× b critical Title\n    File /etc/shadow is expected to be secret\n\
             3 controls: 1 Passed, 1 Failed, 1 Not Applicable"
        );
    }
}
