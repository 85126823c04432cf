//! `plimsoll profile archive`

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;
use plimsoll_auditor::{Archive, ArchiveFormat};

use crate::exit::Ending;
use crate::screen;

/// Pack a profile into one file
///
/// All files but hidden ones go in. The same files give the same archive, byte for byte. What the profile depends on is
/// vendored first, unless it has an inspec.lock already.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArgs {
    /// The profile: a directory with an inspec.yml
    profile: PathBuf,
    /// The file to write; NAME-VERSION.tar.gz in the current directory unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A .zip archive instead of .tar.gz
    #[arg(long)]
    zip: bool,
    /// Known from CINC: this is the default
    #[arg(long, hide = true, conflicts_with = "zip")]
    tar: bool,
    /// Replace the file if it is there
    #[arg(long)]
    overwrite: bool,
}

pub(super) fn run(args: &ArchiveArgs) -> anyhow::Result<Ending> {
    let mut archive = Archive::of(&args.profile)?;
    if archive.depends && !args.profile.join("inspec.lock").exists() {
        super::vendor::vendor(&args.profile, false)?;
        archive = Archive::of(&args.profile)?;
    }
    let format = if args.zip { ArchiveFormat::Zip } else { ArchiveFormat::TarGz };
    let named = || PathBuf::from(format!("{}.{}", archive.name, format.extension()));
    let file = args.output.clone().unwrap_or_else(named);
    ensure!(args.overwrite || !file.exists(), "{} exists already; --overwrite replaces it", file.display());
    archive.write(format, &file).with_context(|| format!("cannot write {}", file.display()))?;
    screen::say(file.display())?;
    Ok(Ending::Passed)
}
