//! `documentation`: what was expected of each resource, as an outline, then the skipped and the failed results in full.

use super::subject::outline;
use super::{FormatOptions, examples};
use crate::model::{Control, Report, ResultStatus};
use std::io::{self, Write};

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    // Results of one control under one heading stand together; another control begins anew.
    let mut above: Option<(&Control, Vec<&str>)> = None;
    let mut failures = 0;
    for (control, result) in examples::of(report) {
        let (headings, expectation) = outline(result);
        let shared = match &above {
            Some((last, known)) if std::ptr::eq(*last, control) => common_prefix(known, &headings),
            _ => 0,
        };
        if shared == 0 {
            writeln!(out)?;
        }
        for (depth, heading) in headings.iter().enumerate().skip(shared) {
            writeln!(out, "{}{heading}", "  ".repeat(depth))?;
        }
        let indent = "  ".repeat(headings.len());
        match result.status {
            ResultStatus::Passed => writeln!(out, "{indent}{expectation}")?,
            ResultStatus::Skipped => {
                let reason = result.skip_message.as_deref().unwrap_or(expectation);
                writeln!(out, "{indent}{reason} (PENDING: {})", examples::pending_reason(result))?;
            }
            _ => {
                failures += 1;
                writeln!(out, "{indent}{expectation} (FAILED - {failures})")?;
            }
        }
        above = Some((control, headings));
    }
    writeln!(out)?;
    examples::closing(report, out)
}

fn common_prefix(left: &[&str], right: &[&str]) -> usize {
    left.iter().zip(right).take_while(|(a, b)| a == b).count()
}
