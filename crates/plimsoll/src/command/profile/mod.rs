//! `plimsoll profile`: looking at profiles, checking, vendoring and packing them.

mod archive;
mod check;
mod fetch;
mod json;
mod vendor;

use clap::{Args, Subcommand};
use plimsoll_auditor::AuditError;

use crate::exit::Ending;

/// Look at profiles, check them, vendor what they depend on, pack them
///
/// Needs no target and runs no test.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0 done (check: no error was found), 1 not done (check: an error was found)";

#[derive(Debug, Subcommand)]
enum Command {
    Json(json::JsonArgs),
    Check(check::CheckArgs),
    Vendor(vendor::VendorArgs),
    Archive(archive::ArchiveArgs),
}

pub(crate) fn run(args: &ProfileArgs) -> anyhow::Result<Ending> {
    match &args.command {
        Command::Json(args) => json::run(args),
        Command::Check(args) => check::run(args),
        Command::Vendor(args) => vendor::run(args),
        Command::Archive(args) => archive::run(args),
    }
}

/// Runs what evaluates a profile's code on a thread with enough stack.
fn on_thread<T: Send + 'static>(job: impl FnOnce() -> Result<T, AuditError> + Send + 'static) -> anyhow::Result<T> {
    let thread = std::thread::Builder::new().name("profile".into()).stack_size(plimsoll_auditor::STACK);
    match thread.spawn(job)?.join() {
        Ok(done) => Ok(done?),
        Err(_) => anyhow::bail!("reading the profile panicked; this is a bug in Plimsoll, please report it"),
    }
}
