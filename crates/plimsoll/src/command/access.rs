//! `plimsoll access`: what scans have in the cluster, and the sweep of what killed ones left there.

use clap::{Args, Subcommand};
use plimsoll_cluster::Connection;
use plimsoll_cluster::access::{GcOptions, GcReport, Swept, SweptFate, gc};

use crate::args::ConnectArgs;
use crate::exit::Ending;
use crate::screen;

/// See and sweep what scans created in the cluster
///
/// A scan takes its access back itself; only one that was killed outright leaves something, and that has an expiry.
#[derive(Debug, Args)]
pub(crate) struct AccessArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the ServiceAccounts, Roles and RoleBindings of all scans
    List {
        #[command(flatten)]
        scope: Scope,
    },
    /// Remove those whose lease has ended
    Gc {
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
        /// Remove those of running scans, too; these scans will fail
        #[arg(long)]
        all_runs: bool,
        #[command(flatten)]
        scope: Scope,
    },
}

#[derive(Debug, Args)]
struct Scope {
    /// In all namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    #[command(flatten)]
    connect: ConnectArgs,
}

impl Scope {
    fn namespace(&self, connection: &Connection) -> Option<String> {
        (!self.all_namespaces).then(|| connection.namespace().to_owned())
    }
}

pub(crate) fn run(args: &AccessArgs) -> anyhow::Result<Ending> {
    let runtime = super::runtime()?;
    let done = match &args.command {
        Command::List { scope } => runtime.block_on(list(scope)),
        Command::Gc { dry_run, all_runs, scope } => runtime.block_on(sweep(scope, *dry_run, *all_runs)),
    };
    runtime.shutdown_background();
    done
}

async fn list(scope: &Scope) -> anyhow::Result<Ending> {
    let report = look(scope, true, false).await?;
    if report.objects.is_empty() {
        screen::note("no scan has anything there");
    }
    for object in &report.objects {
        screen::say(listed(object))?;
    }
    Ok(Ending::Passed)
}

async fn sweep(scope: &Scope, dry_run: bool, all_runs: bool) -> anyhow::Result<Ending> {
    let report = look(scope, dry_run, all_runs).await?;
    if report.objects.is_empty() {
        screen::note("nothing to sweep");
    }
    for line in report.lines() {
        screen::say(line)?;
    }
    Ok(if report.is_clean() { Ending::Passed } else { Ending::Failed })
}

async fn look(scope: &Scope, dry_run: bool, all_runs: bool) -> anyhow::Result<GcReport> {
    let connection = scope.connect.open().await?;
    let options = GcOptions { namespace: scope.namespace(&connection), all_runs, dry_run };
    Ok(gc(&connection, &options).await?)
}

fn listed(object: &Swept) -> String {
    let lease = match (&object.expires_at, &object.fate) {
        (Some(end), SweptFate::Kept) => format!("lease until {end:.0}"),
        (Some(end), _) => format!("lease ended {end:.0}"),
        (None, _) => "no readable end of its lease".to_owned(),
    };
    format!("{} {}/{} (run {}): {lease}", object.kind, object.namespace, object.name, object.run_id)
}
