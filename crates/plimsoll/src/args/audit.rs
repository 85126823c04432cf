//! What is audited, and with which inputs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use plimsoll_auditor::{Audit, GivenInputs, Waivers};

use super::duration;

/// What the profiles are given, and which of their controls run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Audit")]
pub(crate) struct AuditArgs {
    /// Values of inputs; they win over input files
    #[arg(long = "input", value_name = "NAME=VALUE", num_args = 1..)]
    inputs: Vec<String>,
    /// YAML or JSON files with values of inputs
    #[arg(long = "input-file", value_name = "FILE", num_args = 1..)]
    input_files: Vec<PathBuf>,
    /// YAML or JSON files with waived controls
    #[arg(long = "waiver-file", value_name = "FILE", num_args = 1..)]
    waiver_files: Vec<PathBuf>,
    /// Run these controls only: ids, or /regular expressions/
    #[arg(long, value_name = "ID", num_args = 1..)]
    controls: Vec<String>,
    /// Run controls with one of these tags only: names, values, or /regular expressions/
    #[arg(long, value_name = "TAG", num_args = 1..)]
    tags: Vec<String>,
    /// How long one command in the target may take: seconds, or 90s, 5m; an hour unless given
    #[arg(long, value_name = "TIME", value_parser = duration::parse_positive)]
    pub(crate) command_timeout: Option<Duration>,
}

impl AuditArgs {
    /// Reads every file that is named. What is wrong with one is told before any target is touched.
    pub(crate) fn read(&self, profiles: &[PathBuf]) -> anyhow::Result<Audit> {
        let mut inputs = GivenInputs::default();
        for file in &self.input_files {
            inputs.add_file(&file.to_string_lossy(), &text("input file", file)?)?;
        }
        for pair in &self.inputs {
            inputs.add_pair(pair)?;
        }
        let mut waivers = Waivers::default();
        for file in &self.waiver_files {
            waivers.add_file(&file.to_string_lossy(), &text("waiver file", file)?)?;
        }
        let audit = Audit {
            profiles: profiles.to_vec(),
            inputs,
            waivers,
            controls: self.controls.clone(),
            tags: self.tags.clone(),
            ..Audit::default()
        };
        on_audit_stack(|| audit.check())??;
        Ok(audit)
    }
}

/// Profiles are parsed and run on a stack that bears their nesting.
fn on_audit_stack<T: Send>(work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(plimsoll_auditor::STACK);
        let thread = thread.spawn_scoped(scope, work).context("could not start the thread that reads profiles")?;
        thread
            .join()
            .map_err(|_| anyhow::anyhow!("reading the profiles panicked; this is a bug in Plimsoll, please report it"))
    })
}

fn text(what: &str, file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read the {what} {}", file.display()))
}
