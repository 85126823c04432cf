//! `plimsoll gate`: reports that are there already, held against a threshold.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use plimsoll_report::Report;

use crate::args::ThresholdArgs;
use crate::exit::Ending;
use crate::screen;
use crate::verdict::Verdict;

/// Hold reports that you have already (InSpec JSON, HDF) against a threshold
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct GateArgs {
    /// Reports as the `json` reporter writes them; - for standard input
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,
    #[command(flatten)]
    threshold: ThresholdArgs,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll gate web.json --threshold preset:staging
  plimsoll gate *.json --threshold-inline '{compliance.min: 90}, {failed.critical.max: 0}'

Exit codes:
  0 all reports are above the line, 1 a file can't be used, 2 a report is below the line,
  3 a report says nothing: its profile did not load, or no control ran";

pub(crate) fn run(args: &GateArgs) -> anyhow::Result<Ending> {
    let threshold = args.threshold.read()?;
    let reports = args.reports.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut ending = Ending::Passed;
    for (path, report) in args.reports.iter().zip(&reports) {
        let verdict = Verdict::of(report, &threshold);
        screen::say(format_args!("{}: {verdict}", path.display()))?;
        ending = match (ending, verdict.ending()) {
            (Ending::NotEvaluated, _) | (_, Ending::NotEvaluated) => Ending::NotEvaluated,
            (Ending::Passed, other) => other,
            (before, _) => before,
        };
    }
    Ok(ending)
}

fn read(path: &Path) -> anyhow::Result<Report> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read the report from standard input")?;
    } else {
        bytes = std::fs::read(path).with_context(|| format!("cannot read the report {}", path.display()))?;
    }
    Ok(Report::from_json(&bytes, &path.display().to_string())?)
}
