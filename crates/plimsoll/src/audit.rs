//! Running an audit against a target.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use plimsoll_auditor::{Audit, AuditError, Event};
use plimsoll_cluster::Ground;
use plimsoll_report::Report;
use plimsoll_target::{CacheCounts, Cached, Target};

use crate::output::create_private;
use crate::progress::Progress;
use crate::record::Recorded;

/// What is noted about an audit beside its report.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measurements")]
pub(crate) struct MeasureArgs {
    /// Say at the end how long each step took, and how much was asked of the target
    #[arg(long)]
    pub(crate) timings: bool,
    /// Write every request that reaches the target to this file, one JSON object a line. Command lines may hold inputs
    /// that are secret: the file is readable for its owner alone
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

/// An audit that is ready to run: everything it needs has been read.
pub(crate) struct Prepared {
    pub(crate) audit: Audit,
    pub(crate) record: Option<File>,
    pub(crate) command_timeout: Option<Duration>,
    pub(crate) progress: Arc<Progress>,
}

/// What an audit ends with.
#[derive(Debug)]
pub(crate) struct Audited {
    pub(crate) report: Report,
    pub(crate) counts: CacheCounts,
}

impl Prepared {
    pub(crate) fn new(audit: Audit, progress: &Arc<Progress>) -> Self {
        Self { audit, record: None, command_timeout: None, progress: Arc::clone(progress) }
    }

    /// With what `measure` asks for.
    pub(crate) fn measured(self, measure: &MeasureArgs) -> anyhow::Result<Self> {
        let record = measure.record.as_deref().map(|path: &Path| create_private(path)).transpose()?;
        Ok(Self { record, ..self })
    }

    /// With the time that one command may take; targets that are asked from here have their own.
    pub(crate) fn within(self, command_timeout: Option<Duration>) -> Self {
        Self { command_timeout, ..self }
    }

    /// Runs it where a scan leads to. Blocks.
    pub(crate) fn run_on(self, ground: Ground) -> Result<Audited, AuditError> {
        match ground {
            Ground::Target(target) => self.run(target),
            Ground::Agent(agent) => self.run_by(*agent),
        }
    }

    /// Writes down what an agent asked.
    pub(crate) fn note(&mut self, lines: &str) -> Result<(), String> {
        let Some(file) = &mut self.record else { return Ok(()) };
        file.write_all(lines.as_bytes()).map_err(|error| format!("cannot write the record of requests: {error}"))
    }

    /// Runs it. Blocks; needs a thread with [`plimsoll_auditor::STACK`] bytes of stack.
    pub(crate) fn run(self, target: Arc<dyn Target>) -> Result<Audited, AuditError> {
        let target = match self.record {
            Some(file) => Arc::new(Recorded::new(target, file)),
            None => target,
        };
        let progress = &self.progress;
        let result = run(&self.audit, target, &mut |event| progress.control(&event));
        progress.clear();
        result
    }
}

/// Runs an audit on a target whose answers are remembered.
pub(crate) fn run(
    audit: &Audit,
    target: Arc<dyn Target>,
    on_event: &mut dyn FnMut(Event),
) -> Result<Audited, AuditError> {
    let target = Arc::new(Cached::new(target));
    let mut report = audit.run(Arc::clone(&target) as Arc<dyn Target>, on_event)?;
    let engine = concat!("plimsoll ", env!("CARGO_PKG_VERSION")).to_owned();
    report.plimsoll.get_or_insert_default().engine = Some(engine);
    Ok(Audited { report, counts: target.counts() })
}
