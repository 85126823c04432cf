//! `plimsoll profile json`

use std::path::PathBuf;

use clap::Args;

use crate::args::{CodeArgs, SelectArgs};
use crate::exit::Ending;
use crate::output;
use crate::screen;

/// Print what a profile is and which controls it has, as JSON
///
/// The layout is that of `cinc-auditor json --legacy-export`: the fields of inspec.yml, then controls, groups, inputs and the
/// checksum. The profile's files are run against a target on which there is nothing; none of its tests is.
#[derive(Debug, Args)]
pub(crate) struct JsonArgs {
    /// The profile: a directory or .tar.gz or .zip archive with an inspec.yml, or a single .rb file
    profile: PathBuf,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    code: CodeArgs,
    #[command(flatten)]
    select: SelectArgs,
}

pub(super) fn run(args: &JsonArgs) -> anyhow::Result<Ending> {
    let audit = args.select.narrow(args.code.read(std::slice::from_ref(&args.profile))?);
    let summary = super::on_thread(move || audit.summary())?;
    let mut text = serde_json::to_vec_pretty(&summary)?;
    text.push(b'\n');
    match &args.output {
        None => screen::print(&text)?,
        Some(file) => output::write(file, &text)?,
    }
    Ok(Ending::Passed)
}
