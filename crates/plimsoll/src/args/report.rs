//! Where reports go, and in which formats.

use std::fmt::Write as _;

use clap::Args;
use plimsoll_report::format::{FORMATS, Reporter};

use crate::output::Outputs;

/// How results are reported.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct ReportArgs {
    /// Formats to report in, each with a file or to standard output: cli json:report.json
    #[arg(long = "reporter", value_name = "FORMAT[:FILE]", num_args = 1.., default_value = "cli", long_help = long_help())]
    reporters: Vec<String>,
}

fn long_help() -> String {
    let mut text = String::from("Formats to report in, each with a file or to standard output: cli json:report.json\n");
    for format in FORMATS {
        // Writing to a String does not fail.
        let _ = write!(text, "\n  {:<14} {}", format.name, format.about);
    }
    text
}

impl ReportArgs {
    /// Checks that each format is known and each file can be written.
    pub(crate) fn outputs(&self) -> anyhow::Result<Outputs> {
        let reporters = self.reporters.iter().map(|text| text.parse::<Reporter>()).collect::<Result<Vec<_>, _>>()?;
        Outputs::check(reporters)
    }
}
