//! `plimsoll scan`: one running container, from its name to a verdict and a receipt.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use plimsoll_auditor::AuditError;
use plimsoll_cluster::access::{LeaseOptions, Receipt};
use plimsoll_cluster::{AccessMode, ScanError, ScanOptions, WorkloadRef};
use plimsoll_report::Threshold;
use plimsoll_target::ShellOptions;

use crate::args::{AuditArgs, ConnectArgs, ReportArgs, ThresholdArgs};
use crate::audit::{Audited, MeasureArgs, Prepared};
use crate::container::{self, Scanned};
use crate::exit::Ending;
use crate::output::Outputs;
use crate::progress::Progress;
use crate::screen;
use crate::signals::Signals;
use crate::verdict::Verdict;

/// Audit a running container, judge the result, leave nothing behind
///
/// Makes an identity that may look at this one pod and exec into it, audits the container over one open session, takes
/// the identity back and proves that it is gone. Reports go to standard output or to files; steps, verdict and receipt
/// go to standard error.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ScanArgs {
    /// The pod: pod/NAME, or NAME
    pod: String,
    /// The container; needed where the pod has several and names no default
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,
    /// Profiles: directories or .tar.gz archives with an inspec.yml, or single .rb files
    #[arg(long = "profile", value_name = "PATH", num_args = 1.., required = true)]
    profiles: Vec<PathBuf>,
    /// Whose rights are used
    #[arg(long, value_name = "MODE", default_value = "lease")]
    access: AccessChoice,
    /// Don't tell the steps; verdict and receipt are still printed
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    audit: AuditArgs,
    #[command(flatten)]
    threshold: ThresholdArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    #[command(flatten)]
    connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll scan pod/web -n shop --profile examples/profiles/container-baseline
  plimsoll scan web -n shop -c app --profile baseline --threshold preset:production
  plimsoll scan web -n shop --profile baseline --reporter cli json:web.json
  plimsoll scan web --profile baseline --input root_process_allowed=true --access existing

Exit codes:
  0 above the line, 2 below the line, 3 could not be evaluated, 1 wrong usage or not all done,
  130 Ctrl-C, 143 SIGTERM";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AccessChoice {
    /// A ServiceAccount, Role and RoleBinding made for this scan and removed after it
    Lease,
    /// Your own: nothing is created
    Existing,
}

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<Ending> {
    // Everything that can be wrong here is found before the cluster hears of us.
    let threshold = args.threshold.read()?;
    let audit = args.audit.read(&args.profiles)?;
    let outputs = args.report.outputs()?;
    let progress = Arc::new(Progress::new(args.quiet));
    let prepared = Prepared::new(audit, &progress).measured(&args.measure)?;
    let runtime = super::runtime()?;
    let scanned = runtime.block_on(scan(args, prepared, &progress));
    runtime.shutdown_background();
    let (scanned, signals) = scanned?;
    let ending = conclude(&scanned, &outputs, &threshold, &signals);
    if args.measure.timings {
        container::note_timings(&scanned);
    }
    let Some(receipt) = &scanned.receipt else { return ending };
    note_receipt(receipt);
    match ending {
        // A verdict stands, but a run that may have left something is no success.
        Ok(Ending::Passed) if !receipt.is_clean() => Ok(Ending::Failed),
        ending => ending,
    }
}

async fn scan(args: &ScanArgs, prepared: Prepared, progress: &Arc<Progress>) -> anyhow::Result<(Scanned, Signals)> {
    let signals = Signals::listen(progress)?;
    let connection = args.connect.open().await?;
    let wanted = WorkloadRef::parse(&args.pod, connection.namespace(), args.container.as_deref())?;
    let access = match args.access {
        AccessChoice::Lease => AccessMode::Lease(LeaseOptions::default()),
        AccessChoice::Existing => AccessMode::Existing,
    };
    let mut shell = ShellOptions::default();
    shell.command_timeout = args.audit.command_timeout.unwrap_or(shell.command_timeout);
    let options = ScanOptions { access, shell };
    let scanned = container::audit(&connection, &wanted, &options, prepared, &signals, progress).await;
    Ok((scanned, signals))
}

/// Reports, judges, and says what it comes to. Errors are printed here: the receipt comes after them.
fn conclude(scanned: &Scanned, outputs: &Outputs, threshold: &Threshold, signals: &Signals) -> anyhow::Result<Ending> {
    match &scanned.result {
        Ok(Ok(Audited { report, .. })) => {
            let written = outputs.write(report);
            let verdict = Verdict::of(report, threshold);
            screen::note(&verdict);
            match (written, verdict.ending()) {
                (Err(error), Ending::NotEvaluated) => Ok(told(&error, Ending::NotEvaluated)),
                (Err(error), _) => Ok(told(&error, Ending::Failed)),
                (Ok(()), ending) => Ok(ending),
            }
        }
        Err(ScanError::Interrupted) => Ok(signals.ending().unwrap_or(Ending::Failed)),
        Err(error) => {
            let error = anyhow::Error::new(error.clone());
            Ok(told(&error, Ending::of_error(&error)))
        }
        Ok(Err(error)) => {
            let lost = matches!(error, AuditError::Transport(_));
            let error = anyhow::anyhow!("{error}");
            Ok(told(&error, if lost { Ending::NotEvaluated } else { Ending::Failed }))
        }
    }
}

fn told(error: &anyhow::Error, ending: Ending) -> Ending {
    screen::error(error);
    ending
}

/// Prints what became of the lease.
fn note_receipt(receipt: &Receipt) {
    for line in receipt.lines() {
        screen::note(line);
    }
}
