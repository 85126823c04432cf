//! `plimsoll exec`: CINC Auditor's command, with its flags and its exit codes.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use plimsoll_cluster::{AccessMode, Mode, ScanError, ScanOptions, WorkloadRef};
use plimsoll_report::exit;
use plimsoll_target::{LocalTarget, MockTarget, RootfsTarget, ShellOptions, Target};

use crate::args::{AuditArgs, ConnectArgs, ReportArgs};
use crate::audit::{Audited, MeasureArgs, Prepared};
use crate::container;
use crate::exit::Ending;
use crate::progress::Progress;
use crate::signals::Signals;

/// Run profiles as `cinc-auditor exec` does, with its flags and its exit codes
///
/// There is no threshold here: the exit code says what CINC Auditor's would.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExecArgs {
    /// Profiles: directories or .tar.gz archives with an inspec.yml, or single .rb files
    #[arg(value_name = "PROFILE", required = true)]
    profiles: Vec<PathBuf>,
    /// What is audited: local, rootfs:DIR, mock:FILE, or k8s:NAMESPACE/POD[/CONTAINER] with your own rights
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
  plimsoll exec baseline -t k8s:shop/web/app --input root_process_allowed=true

Exit codes:
  0 all passed, 100 a control failed, 101 nothing failed but something was skipped, 102 a profile did not load,
  1 wrong usage or no report";

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Local,
    Rootfs(PathBuf),
    Mock(PathBuf),
    Kubernetes { namespace: Option<String>, pod: String, container: Option<String> },
}

impl Place {
    fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        match (kind, rest) {
            ("local", "") => Ok(Self::Local),
            ("rootfs", directory) if !directory.is_empty() => Ok(Self::Rootfs(directory.into())),
            ("mock", file) if !file.is_empty() => Ok(Self::Mock(file.into())),
            ("k8s", name) => Self::kubernetes(name),
            _ => Err("targets are local, rootfs:DIR, mock:FILE and k8s:NAMESPACE/POD[/CONTAINER]".to_owned()),
        }
    }

    fn kubernetes(name: &str) -> Result<Self, String> {
        let parts: Vec<&str> = name.split('/').collect();
        let (namespace, pod, container) = match parts[..] {
            [pod] => (None, pod, None),
            [namespace, pod] => (Some(namespace), pod, None),
            [namespace, pod, container] => (Some(namespace), pod, Some(container)),
            _ => return Err("write k8s:NAMESPACE/POD or k8s:NAMESPACE/POD/CONTAINER".to_owned()),
        };
        if pod.is_empty() {
            return Err("it names no pod; write k8s:NAMESPACE/POD[/CONTAINER]".to_owned());
        }
        Ok(Self::Kubernetes {
            namespace: namespace.map(str::to_owned),
            pod: pod.to_owned(),
            container: container.map(str::to_owned),
        })
    }
}

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
    let audited = match audit_target(args, prepared, &progress)? {
        ControlFlow::Continue(audited) => audited,
        ControlFlow::Break(interrupted) => return Ok(interrupted),
    };
    outputs.write(&audited.report)?;
    if args.measure.timings {
        let duration = audited.report.statistics.duration.unwrap_or_default();
        crate::screen::note(format_args!("Timings\n  audit          {duration:>8.3} s"));
        container::note_counts(&audited);
    }
    Ok(Ending::Cinc(exit::exit_code(&audited.report, !args.no_distinct_exit)))
}

fn audit_target(
    args: &ExecArgs,
    prepared: Prepared,
    progress: &Arc<Progress>,
) -> anyhow::Result<ControlFlow<Ending, Audited>> {
    let timeout = args.audit.command_timeout;
    let target: Arc<dyn Target> = match &args.target {
        Place::Local => Arc::new(local(timeout)),
        Place::Rootfs(directory) => Arc::new(rootfs(directory, timeout)?),
        Place::Mock(file) => Arc::new(MockTarget::load(file)?),
        Place::Kubernetes { namespace, pod, container } => {
            let name = (namespace.as_deref(), pod.as_str(), container.as_deref());
            let runtime = super::runtime()?;
            let done = runtime.block_on(audit_pod(args, name, prepared, progress));
            runtime.shutdown_background();
            return done;
        }
    };
    prepared.run_on_thread(target).map(ControlFlow::Continue)
}

fn local(timeout: Option<Duration>) -> LocalTarget {
    timeout.map_or_else(LocalTarget::new, |timeout| LocalTarget::new().with_timeout(timeout))
}

fn rootfs(directory: &Path, timeout: Option<Duration>) -> anyhow::Result<RootfsTarget> {
    let target = RootfsTarget::open(directory)
        .with_context(|| format!("cannot audit the root file system {}", directory.display()))?;
    Ok(match timeout {
        Some(timeout) => target.with_timeout(timeout),
        None => target,
    })
}

async fn audit_pod(
    args: &ExecArgs,
    (namespace, pod, container): (Option<&str>, &str, Option<&str>),
    prepared: Prepared,
    progress: &Arc<Progress>,
) -> anyhow::Result<ControlFlow<Ending, Audited>> {
    let signals = Signals::listen(progress)?;
    let connection = args.connect.open().await?;
    let wanted = WorkloadRef::parse(pod, namespace.unwrap_or(connection.namespace()), container)?;
    let mut shell = ShellOptions::default();
    shell.command_timeout = args.audit.command_timeout.unwrap_or(shell.command_timeout);
    let options = ScanOptions { access: AccessMode::Existing, shell, mode: Mode::Exec, ..Default::default() };
    let scanned = container::audit(&connection, &wanted, &options, prepared, &signals, progress).await;
    match scanned.result {
        Ok(audited) => Ok(ControlFlow::Continue(audited?)),
        Err(ScanError::Interrupted) => Ok(ControlFlow::Break(signals.ending().unwrap_or(Ending::Failed))),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn targets_are_read_as_they_are_written() {
        let pod = |namespace: Option<&str>, container: Option<&str>| Place::Kubernetes {
            namespace: namespace.map(str::to_owned),
            pod: "web".into(),
            container: container.map(str::to_owned),
        };
        let cases = [
            ("local", Place::Local),
            ("local://", Place::Local),
            ("rootfs:/srv", Place::Rootfs("/srv".into())),
            ("mock:mock.json", Place::Mock("mock.json".into())),
            ("k8s:web", pod(None, None)),
            ("k8s:shop/web", pod(Some("shop"), None)),
            ("k8s://shop/web/app", pod(Some("shop"), Some("app"))),
        ];
        for (text, place) in cases {
            assert_eq!(Place::parse(text), Ok(place), "{text}");
        }
        for text in ["", "ssh://host", "local:x", "rootfs:", "k8s:", "k8s:a/b/c/d"] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
