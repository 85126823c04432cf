//! `markdown`: a summary that fits a CI job's page: counts by severity, then what needs someone's attention.

use super::FormatOptions;
use crate::counted::{CountedControl, counted_controls};
use crate::model::{Report, ResultStatus};
use crate::status::{ControlStatus, Severity};
use crate::summary::Summary;
use std::io::{self, Write};

/// The columns of the table.
const COLUMNS: [(ControlStatus, &str); 5] = [
    (ControlStatus::Passed, "✅ Passed"),
    (ControlStatus::Failed, "❌ Failed"),
    (ControlStatus::NotReviewed, "↩️ Not reviewed"),
    (ControlStatus::NotApplicable, "➖ Not applicable"),
    (ControlStatus::ProfileError, "⚠️ Error"),
];

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::of(report);
    let names: Vec<&str> = report
        .profiles
        .iter()
        .filter(|profile| profile.parent_profile.is_none())
        .map(|profile| profile.title.as_deref().unwrap_or(&profile.name))
        .collect();
    writeln!(out, "## {}: {} % compliant\n", inline(&names.join(", ")), summary.compliance())?;
    if let Some(target) = report.plimsoll.as_ref().and_then(|plimsoll| plimsoll.target.as_deref()) {
        writeln!(out, "Target {} ({} {})\n", code(target), report.platform.name, report.platform.release)?;
    }
    table(&summary, out)?;
    let controls = counted_controls(report);
    for (status, title) in [(ControlStatus::Failed, "Failed"), (ControlStatus::ProfileError, "Could not be evaluated")]
    {
        attention(title, status, &controls, out)?;
    }
    Ok(())
}

fn table(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| | {} |", COLUMNS.map(|(_, title)| title).join(" | "))?;
    writeln!(out, "|---|{}", "--:|".repeat(COLUMNS.len()))?;
    let totals = COLUMNS.map(|(status, _)| summary.total(status).to_string());
    writeln!(out, "| **Total** | {} |", totals.join(" | "))?;
    for severity in Severity::ALL {
        let counts = COLUMNS.map(|(status, _)| summary.count(status, severity));
        if counts.iter().any(|count| *count > 0) {
            writeln!(out, "| {severity} | {} |", counts.map(|count| count.to_string()).join(" | "))?;
        }
    }
    Ok(())
}

/// The controls of one status, the worst first, each with its first failure.
fn attention(
    title: &str,
    status: ControlStatus,
    controls: &[CountedControl<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut found: Vec<_> = controls.iter().filter(|counted| counted.status == status).collect();
    if found.is_empty() {
        return Ok(());
    }
    found.sort_by_key(|counted| counted.severity as usize);
    writeln!(out, "\n### {title}\n")?;
    for counted in found {
        let control = counted.control;
        let heading = control.title.as_deref().unwrap_or_default();
        let line = format!("- **{}** ({}) {}", inline(&control.id), counted.severity, inline(heading));
        writeln!(out, "{}", line.trim_end())?;
        if control.results.is_empty() {
            writeln!(out, "  - has no results")?;
        }
        let failures = control.results.iter().filter(|r| r.backtrace.is_some() || r.status != ResultStatus::Passed);
        for result in failures.take(3) {
            writeln!(out, "  - {}", inline(&result.code_desc))?;
        }
    }
    Ok(())
}

/// Text from a profile or a target, on one line and without meaning to Markdown.
fn inline(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => escaped.extend(['\\', char]),
            other => escaped.push(other),
        }
    }
    escaped
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}
