//! What is audited, and with which inputs.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use plimsoll_auditor::{Audit, AuditError, GivenInputs, Limits, WaivedControls, Waivers};

use super::{duration, limit};

/// With what the code of profiles runs, and within which limits.
#[derive(Debug, Args)]
#[command(next_help_heading = "Audit")]
pub(crate) struct CodeArgs {
    /// Values of inputs; they win over input files
    #[arg(long = "input", value_name = "NAME=VALUE", num_args = 1..)]
    inputs: Vec<String>,
    /// YAML files with values of inputs
    #[arg(long = "input-file", value_name = "FILE", num_args = 1..)]
    input_files: Vec<PathBuf>,
    /// Change a limit within which the profiles' code runs, for each control: NAME=NUMBER
    #[arg(long = "limit", value_name = "NAME=VALUE", num_args = 1.., long_help = limit::help())]
    limits: Vec<limit::Limit>,
}

/// Which controls are meant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Audit")]
pub(crate) struct SelectArgs {
    /// These controls only: ids, or /regular expressions/
    #[arg(long, value_name = "ID", num_args = 1..)]
    controls: Vec<String>,
    /// Controls with one of these tags only: names, values, or /regular expressions/
    #[arg(long, value_name = "TAG", num_args = 1..)]
    tags: Vec<String>,
}

/// How an audit is done.
#[derive(Debug, Args)]
#[command(next_help_heading = "Audit")]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    code: CodeArgs,
    #[command(flatten)]
    select: SelectArgs,
    /// YAML, JSON or CSV files with waived controls
    #[arg(long = "waiver-file", value_name = "FILE", num_args = 1..)]
    waiver_files: Vec<PathBuf>,
    /// Leave out the controls that the waiver files name
    #[arg(long, requires = "waiver_files")]
    filter_waived_controls: bool,
    /// With --filter-waived-controls: list those whose waiver skips them as skipped; their code is not run
    #[arg(long)]
    retain_waiver_data: bool,
    /// Say of each control whether it passed, failed, was not reviewed, is not applicable or has an error
    #[arg(long)]
    enhanced_outcomes: bool,
    /// Don't show in messages how what was found differs from what was expected
    #[arg(long, overrides_with = "diff")]
    no_diff: bool,
    /// Show it (the default)
    #[arg(long, overrides_with = "no_diff")]
    diff: bool,
    /// How long one command in the target may take: seconds, or 90s, 5m; an hour unless given
    #[arg(long, value_name = "TIME", value_parser = duration::parse_positive)]
    pub(crate) command_timeout: Option<Duration>,
}

impl CodeArgs {
    /// Reads every file that is named, but not the profiles.
    pub(crate) fn read(&self, profiles: &[PathBuf]) -> Result<Audit, AuditError> {
        let mut inputs = GivenInputs::default();
        self.input_files.iter().try_for_each(|file| inputs.read_file(file))?;
        self.inputs.iter().try_for_each(|pair| inputs.add_pair(pair))?;
        let mut limits = Limits::default();
        self.limits.iter().for_each(|limit| limit.apply(&mut limits));
        Ok(Audit { profiles: profiles.to_vec(), inputs, limits, ..Audit::default() })
    }
}

impl SelectArgs {
    /// Narrows an audit to the controls that are meant.
    pub(crate) fn narrow(&self, audit: Audit) -> Audit {
        Audit { controls: self.controls.clone(), tags: self.tags.clone(), ..audit }
    }
}

impl AuditArgs {
    /// Reads every file that is named. What is wrong with one is told before any target is touched.
    pub(crate) fn read(&self, profiles: &[PathBuf]) -> Result<Audit, AuditError> {
        let mut waivers = Waivers::default();
        self.waiver_files.iter().try_for_each(|file| waivers.read_file(file))?;
        let audit = Audit {
            waivers,
            waived: match (self.filter_waived_controls, self.retain_waiver_data) {
                (true, false) => WaivedControls::LeftOut,
                (true, true) => WaivedControls::Retained,
                (false, _) => WaivedControls::Evaluated,
            },
            enhanced_outcomes: self.enhanced_outcomes,
            diffs: !self.no_diff,
            ..self.select.narrow(self.code.read(profiles)?)
        };
        audit.check()?;
        Ok(audit)
    }
}
