//! `plimsoll exec`: CINC Auditor's command, with its flags and its exit codes.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use plimsoll_report::exit;

use crate::args::{AuditArgs, ConnectArgs, ReportArgs};
use crate::audit::{MeasureArgs, Prepared};
use crate::container;
use crate::exit::Ending;
use crate::place::Place;
use crate::progress::Progress;

/// Run profiles as `cinc-auditor exec` does, with its flags and its exit codes
///
/// There is no threshold here: the exit code says what CINC Auditor's would.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExecArgs {
    /// Profiles: directories or .tar.gz and .zip archives with an inspec.yml, or single .rb files
    #[arg(value_name = "PROFILE", required = true)]
    profiles: Vec<PathBuf>,
    /// What is audited: local, rootfs:DIR, image:FILE (an OCI or Docker archive or an OCI layout; image:FILE#NAME where it holds
    /// several images), mock:FILE, or k8s:NAMESPACE/POD[/CONTAINER] with your own rights
    #[arg(short, long, value_name = "TARGET", default_value = "local", value_parser = Place::parse)]
    target: Place,
    /// Colour the report even where standard output is no terminal
    #[arg(long, overrides_with = "no_color")]
    color: bool,
    /// Don't colour the report
    #[arg(long, overrides_with = "color")]
    no_color: bool,
    /// Exit with 1 when something failed and with 0 otherwise, instead of 100, 101 and 102
    #[arg(long, overrides_with = "distinct_exit")]
    no_distinct_exit: bool,
    /// Tell failures, skips and profiles that did not load apart by 100, 101 and 102 (the default)
    #[arg(long, overrides_with = "no_distinct_exit")]
    distinct_exit: bool,
    #[command(flatten)]
    audit: AuditArgs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    measure: MeasureArgs,
    #[command(flatten)]
    connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll exec examples/profiles/container-baseline
  plimsoll exec baseline -t rootfs:/srv/images/web --reporter cli json:web.json
  plimsoll exec baseline -t image:web.tar
  plimsoll exec baseline -t k8s:shop/web/app --input root_process_allowed=true

Exit codes:
  0 all passed, 100 a control failed, 101 nothing failed but something was skipped, 102 a profile did not load,
  1 wrong usage or no report";

pub(crate) fn run(args: &ExecArgs) -> anyhow::Result<Ending> {
    if args.no_color {
        anstream::ColorChoice::Never.write_global();
    } else if args.color {
        anstream::ColorChoice::Always.write_global();
    }
    let audit = args.audit.read(&args.profiles)?;
    let outputs = args.report.outputs()?;
    let progress = Arc::new(Progress::controls_only());
    let prepared = Prepared::new(audit, &progress).measured(&args.measure)?;
    let job = move |target| prepared.run(target);
    let audited = match args.target.reach(&args.connect, args.audit.command_timeout, &progress, job)? {
        ControlFlow::Continue(audited) => audited?,
        ControlFlow::Break(interrupted) => {
            crate::screen::note("no report was written: the audit was not finished");
            return Ok(interrupted);
        }
    };
    outputs.write(&audited.report)?;
    if args.measure.timings {
        let duration = audited.report.statistics.duration.unwrap_or_default();
        crate::screen::note(format_args!("Timings\n  audit          {duration:>8.3} s"));
        container::note_counts(&audited);
    }
    Ok(Ending::Cinc(exit::exit_code(&audited.report, !args.no_distinct_exit)))
}
