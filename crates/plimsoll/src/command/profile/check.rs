//! `plimsoll profile check`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plimsoll_auditor::{Checked, Problem, Severity};
use serde_json::{Value, json};

use crate::args::CodeArgs;
use crate::exit::Ending;
use crate::screen::{self, BAD, GOOD};

/// Find everything that is wrong with a profile, at once
///
/// Syntax, metadata, dependencies, inputs and every control are looked at; each problem is told with file and line.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The profile: a directory or .tar.gz or .zip archive with an inspec.yml
    profile: PathBuf,
    /// How to tell
    #[arg(long, value_name = "FORMAT", default_value = "doc")]
    format: Format,
    #[command(flatten)]
    code: CodeArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Doc,
    /// In the layout of `cinc-auditor check --format json`
    Json,
}

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<Ending> {
    let audit = args.code.read(std::slice::from_ref(&args.profile))?;
    let checked = super::on_thread(move || audit.check_profile())?;
    match args.format {
        Format::Doc => tell(&checked)?,
        Format::Json => screen::say(as_json(&checked))?,
    }
    Ok(if checked.valid() { Ending::Passed } else { Ending::Failed })
}

fn tell(checked: &Checked) -> std::io::Result<()> {
    screen::say(format_args!("Location :   {}", checked.location.display()))?;
    screen::say(format_args!("Profile :    {}", checked.profile.as_deref().unwrap_or_default()))?;
    screen::say(format_args!("Controls :   {}", checked.controls))?;
    screen::say(format_args!("Valid :      {}\n", checked.valid()))?;
    for problem in &checked.problems {
        match problem.severity {
            Severity::Error => screen::say(format_args!(" {BAD}×{BAD:#}  {problem}"))?,
            Severity::Warning => screen::say(format_args!(" !  {problem}"))?,
        }
    }
    let (errors, warnings) = (checked.of(Severity::Error).count(), checked.of(Severity::Warning).count());
    if errors + warnings == 0 {
        return screen::say(format_args!("{GOOD}No errors or warnings{GOOD:#}"));
    }
    screen::say(format_args!("\nSummary:     {errors} errors, {warnings} warnings"))
}

fn as_json(checked: &Checked) -> Value {
    let entries = |severity| -> Vec<Value> { checked.of(severity).map(entry).collect() };
    json!({
        "summary": {
            "valid": checked.valid(),
            "location": checked.location.display().to_string(),
            "profile": checked.profile,
            "controls": checked.controls,
        },
        "errors": entries(Severity::Error),
        "warnings": entries(Severity::Warning),
        "offenses": [],
    })
}

fn entry(problem: &Problem) -> Value {
    json!({
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "control_id": problem.control,
        "msg": problem.message,
    })
}
