//! `plimsoll profile vendor`

use std::path::{Path, PathBuf};

use clap::Args;

use super::fetch::Network;
use crate::exit::Ending;
use crate::screen;

/// Copy everything that a profile depends on into it, so that audits fetch nothing
///
/// Dependencies by `path`, `url` (https) and `git` (through the `git` program) are put into the profile's `vendor` directory,
/// and inspec.lock says what they were. Nothing changes unless all could be fetched.
#[derive(Debug, Args)]
pub(crate) struct VendorArgs {
    /// The profile: a directory with an inspec.yml
    #[arg(default_value = ".")]
    profile: PathBuf,
    /// Do it anew where it has been done already
    #[arg(long)]
    overwrite: bool,
}

pub(super) fn run(args: &VendorArgs) -> anyhow::Result<Ending> {
    vendor(&args.profile, args.overwrite)?;
    Ok(Ending::Passed)
}

/// Vendors, and tells what was copied.
pub(super) fn vendor(profile: &Path, overwrite: bool) -> anyhow::Result<()> {
    let names = plimsoll_auditor::vendor(profile, &Network::new()?, overwrite)?;
    if names.is_empty() {
        screen::note(format_args!("{} depends on nothing", profile.display()));
    }
    for name in names {
        screen::note(format_args!("vendored {name}"));
    }
    Ok(())
}
