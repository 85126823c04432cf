//! `plimsoll demo`: the whole way of a scan on a machine that has nothing but this binary.

mod baseline;
mod digest;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;
use plimsoll_auditor::Audit;
use plimsoll_cluster::access::Receipt;
use plimsoll_cluster::{ConnectOptions, Connection, ScanError, ScanOptions, WorkloadRef};
use plimsoll_report::Threshold;
use plimsoll_testkit::{
    Container, Isolation, Pod, SampleContainer, SampleError, SampleKind, Server, ServerConfig, sample_root,
};

use crate::audit::Prepared;
use crate::container;
use crate::exit::Ending;
use crate::progress::Progress;
use crate::screen::{self, DIM};
use crate::signals::Signals;
use crate::verdict::Verdict;

/// See two real scans on this machine; needs no cluster, no network and no root
///
/// Starts an API server inside this process and two sample containers, made of this machine's own shell and tools in user
/// namespaces: a decent one and a poor one. Both are scanned the way `plimsoll scan` does it, with the example profile
/// container-baseline. At the end nothing is left, neither processes nor files.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Don't tell the steps of the scans
    #[arg(short, long)]
    quiet: bool,
}

const NAMESPACE: &str = "demo";
/// What everything that scans create is labelled with.
const OURS: &str = "app.kubernetes.io/managed-by=plimsoll";

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Ending> {
    let runtime = super::runtime()?;
    let profile = baseline::unpack()?;
    let shown = runtime.block_on(show(profile.path(), args.quiet));
    // Ends every task before its files go.
    drop(runtime);
    let removed = baseline::remove(profile).context("cannot remove the demo's profile");
    let ending = shown?;
    removed?;
    Ok(ending)
}

async fn show(profile: &Path, quiet: bool) -> anyhow::Result<Ending> {
    let progress = Arc::new(Progress::new(quiet));
    let signals = Signals::listen(&progress)?;
    let server = Server::start(ServerConfig::default()).await?;
    let done = scans(&server, profile, &signals, &progress).await;
    let left = server.leftovers(OURS);
    // Ends what runs in the containers; the containers themselves went with their pods' owner, the server.
    server.shutdown().await;
    let ending = done?;
    anyhow::ensure!(
        left.is_empty(),
        "left in the demo's cluster: {}; this is a bug, please report it",
        left.join(", ")
    );
    Ok(ending)
}

async fn scans(server: &Server, profile: &Path, signals: &Signals, progress: &Arc<Progress>) -> anyhow::Result<Ending> {
    for (name, container) in samples().await? {
        if container.isolation() != Isolation::Namespaces {
            screen::note(format_args!("{name} runs in {}; some controls see less there", container.isolation()));
        }
        server.add_pod(&Pod::new(name).namespace(NAMESPACE).container(Container::new("app", container)));
    }
    let options = ConnectOptions { namespace: Some(NAMESPACE.into()), ..ConnectOptions::default() };
    let connection = Connection::from_kubeconfig(&server.kubeconfig("admin"), &options).await?;
    for name in ["web", "legacy"] {
        if let Some(interrupted) = signals.ending() {
            return Ok(interrupted);
        }
        screen::say(format_args!(
            "{DIM}$ plimsoll scan pod/{name} -n {NAMESPACE} --profile examples/profiles/container-baseline{DIM:#}"
        ))?;
        if let Some(interrupted) = scan(&connection, name, profile, signals, progress).await? {
            return Ok(interrupted);
        }
        screen::say("")?;
    }
    screen::say("That was the demo: two containers, two verdicts, and nothing left of either scan.")?;
    screen::say("Next, with a kubeconfig: plimsoll scan pod/NAME -n NAMESPACE --profile PATH")?;
    Ok(Ending::Passed)
}

/// Makes and starts both samples side by side.
async fn samples() -> anyhow::Result<Vec<(&'static str, SampleContainer)>> {
    let start = |kind| tokio::task::spawn_blocking(move || sample_root(kind)?.start());
    let started: [Result<SampleContainer, SampleError>; 2] = {
        let (web, legacy) = tokio::join!(start(SampleKind::Web), start(SampleKind::Legacy));
        [web?, legacy?]
    };
    let [web, legacy] = started;
    Ok(vec![("web", web?), ("legacy", legacy?)])
}

/// Scans one pod and prints what comes of it; gives how the demo ends if it was interrupted.
async fn scan(
    connection: &Connection,
    pod: &str,
    profile: &Path,
    signals: &Signals,
    progress: &Arc<Progress>,
) -> anyhow::Result<Option<Ending>> {
    let wanted = WorkloadRef::parse(pod, NAMESPACE, None)?;
    let audit = Audit { profiles: vec![profile.to_owned()], ..Audit::default() };
    let prepared = Prepared::new(audit, progress);
    let scanned = container::audit(connection, &wanted, &ScanOptions::default(), prepared, signals, progress).await;
    let audited = match scanned.result {
        Ok(audited) => audited,
        Err(ScanError::Interrupted) => return Ok(Some(signals.ending().unwrap_or(Ending::Failed))),
        Err(error) => return Err(error.into()),
    };
    let report = audited?.report;
    for line in digest::digest(&report) {
        screen::say(format_args!("  {line}"))?;
    }
    let verdict = Verdict::of(&report, &Threshold::default());
    screen::say(&verdict)?;
    for line in scanned.receipt.iter().flat_map(Receipt::lines) {
        screen::say(line)?;
    }
    ensure!(
        verdict.ending() != Ending::NotEvaluated,
        "the sample {pod} could not be evaluated; this is a bug, please report it"
    );
    Ok(None)
}
