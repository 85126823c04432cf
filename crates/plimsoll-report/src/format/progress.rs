//! `progress`: one letter for each result, then the skipped and the failed ones in full.

use super::{FormatOptions, examples};
use crate::model::{Report, ResultStatus};
use std::io::{self, Write};

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let letter = |status| match status {
        ResultStatus::Passed => '.',
        ResultStatus::Skipped => '*',
        _ => 'F',
    };
    let letters: String = examples::of(report).iter().map(|(_, result)| letter(result.status)).collect();
    writeln!(out, "\n{letters}\n")?;
    examples::closing(report, out)
}
