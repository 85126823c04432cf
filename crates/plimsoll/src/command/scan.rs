//! `plimsoll scan`: one running container, from its name to a verdict and a receipt.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use plimsoll_auditor::AuditError;
use plimsoll_cluster::access::{LeaseOptions, Receipt};
use plimsoll_cluster::{AccessMode, Mode, ScanError, ScanOptions, Subject, WorkloadRef};
use plimsoll_report::Threshold;
use plimsoll_target::ShellOptions;

use crate::args::{AuditArgs, ConnectArgs, HelperArgs, ReportArgs, ThresholdArgs, parse_duration};
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
    /// The pod: pod/NAME, or NAME; or `image` and an image's name, of which a pod is made that is removed afterwards
    #[arg(value_name = "POD | image IMAGE", num_args = 1..=2, required = true)]
    subject: Vec<String>,
    /// The way into the container
    #[arg(long, value_name = "MODE", default_value = "auto")]
    mode: ModeChoice,
    /// In auto mode, where nothing else works: scan a copy of the pod, which runs the container's program once more
    #[arg(long)]
    allow_copy: bool,
    /// What a pod made from an image runs in place of the image's own program: words, up to the next flag
    #[arg(long, value_name = "WORD", num_args = 1..)]
    image_command: Vec<String>,
    #[command(flatten)]
    helper: HelperArgs,
    /// The container; needed where the pod has several and names no default
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,
    /// Profiles: directories or .tar.gz and .zip archives with an inspec.yml, or single .rb files
    #[arg(long = "profile", value_name = "PATH", num_args = 1.., required = true)]
    profiles: Vec<PathBuf>,
    /// Whose rights are used
    #[arg(long, value_name = "MODE", default_value = "lease")]
    access: AccessChoice,
    /// How long the scan may take. Whatever becomes of this process, what it has put into the cluster ends then: debug
    /// containers and pods by themselves, and the rest is what `plimsoll access gc` removes
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1h")]
    deadline: Duration,
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
  plimsoll scan distroless -n shop --profile baseline --mode debug
  plimsoll scan image registry.example/web:1 -n ci --profile baseline --mode sidecar

Exit codes:
  0 above the line, 2 below the line, 3 could not be evaluated, 1 wrong usage or not all done,
  130 Ctrl-C, 143 SIGTERM";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeChoice {
    /// The pod's own agent if it has one; else exec if the container has a usable shell, else debug, else the container's own
    /// tools, else what is allowed
    Auto,
    /// Ask a shell in the container; where it has none, its own tools (stat, cat, find …): commands that need a shell have no
    /// result then
    Exec,
    /// Add a debug container that looks into it; its entry stays in the pod's spec as long as the pod lives
    Debug,
    /// Ask an agent in the pod: one that `plimsoll sidecar inject` put there, or for an image one in the pod that is made
    Sidecar,
    /// Make a copy of the pod with an agent in it, scan that, remove it
    Copy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AccessChoice {
    /// A ServiceAccount, Role and RoleBinding made for this scan and removed after it
    Lease,
    /// Your own: nothing is created
    Existing,
}

impl ScanArgs {
    fn subject(&self, namespace: &str) -> anyhow::Result<Subject> {
        match self.subject.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["image"] | ["image", ""] => {
                anyhow::bail!("name the image: `plimsoll scan image IMAGE`; a pod that is called image is pod/image")
            }
            ["image", image] => Ok(Subject::Image { namespace: namespace.to_owned(), image: image.to_owned() }),
            [pod] => Ok(Subject::Container(WorkloadRef::parse(pod, namespace, self.container.as_deref())?)),
            _ => anyhow::bail!("name one pod (pod/NAME), or an image (image IMAGE)"),
        }
    }

    fn mode(&self) -> Mode {
        match self.mode {
            ModeChoice::Auto => Mode::Auto,
            ModeChoice::Exec => Mode::Exec,
            ModeChoice::Debug => Mode::Debug,
            ModeChoice::Sidecar => Mode::Sidecar,
            ModeChoice::Copy => Mode::Copy,
        }
    }

    /// What fits together: of an image there is no running container to be got into.
    fn check(&self) -> anyhow::Result<()> {
        // Whatever the namespace will be.
        let image = matches!(self.subject("default")?, Subject::Image { .. });
        if image && !matches!(self.mode, ModeChoice::Auto | ModeChoice::Sidecar) {
            anyhow::bail!("an image is scanned with --mode sidecar: a pod is made of it that has the agent in it");
        }
        if image && self.container.is_some() {
            anyhow::bail!("--container is for pods: the pod that is made of an image has one container to scan");
        }
        if !image && !self.image_command.is_empty() {
            anyhow::bail!("--image-command is for `plimsoll scan image IMAGE`: a pod that runs has its program");
        }
        if self.allow_copy && self.mode != ModeChoice::Auto {
            anyhow::bail!("--allow-copy is for --mode auto; --mode copy scans a copy whatever else would work");
        }
        Ok(())
    }
}

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<Ending> {
    // Everything that can be wrong here is found before the cluster hears of us.
    args.check()?;
    let threshold = args.threshold.read()?;
    let audit = args.audit.read(&args.profiles)?;
    let outputs = args.report.outputs()?;
    let progress = Arc::new(Progress::new(args.quiet));
    let prepared = Prepared::new(audit, &progress).within(args.audit.command_timeout).measured(&args.measure)?;
    let runtime = super::runtime()?;
    let scanned = runtime.block_on(scan(args, prepared, &progress));
    runtime.shutdown_background();
    let (scanned, signals) = scanned?;
    let ending = conclude(&scanned, &outputs, &threshold, &signals);
    if args.measure.timings {
        container::note_timings(&scanned);
    }
    let receipts: Vec<&Receipt> = scanned.earlier.iter().chain(&scanned.receipt).collect();
    for receipt in &receipts {
        note_receipt(receipt);
    }
    match ending {
        // A verdict stands, but a run that may have left something is no success.
        Ok(Ending::Passed) if !receipts.iter().all(|receipt| receipt.is_clean()) => Ok(Ending::Failed),
        ending => ending,
    }
}

async fn scan(args: &ScanArgs, prepared: Prepared, progress: &Arc<Progress>) -> anyhow::Result<(Scanned, Signals)> {
    let signals = Signals::listen(progress)?;
    let connection = args.connect.open().await?;
    let subject = args.subject(connection.namespace())?;
    let access = match args.access {
        AccessChoice::Lease => AccessMode::Lease,
        AccessChoice::Existing => AccessMode::Existing,
    };
    let mut shell = ShellOptions::default();
    shell.command_timeout = args.audit.command_timeout.unwrap_or(shell.command_timeout);
    let options = ScanOptions {
        access,
        lease: LeaseOptions { duration: args.deadline, ..LeaseOptions::default() },
        shell,
        mode: args.mode(),
        helper: args.helper.image(),
        allow_copy: args.allow_copy,
        command: args.image_command.clone(),
    };
    let scanned = container::audit(&connection, subject, &options, prepared, &signals, progress).await;
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
