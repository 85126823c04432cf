//! `plimsoll sidecar`: manifests with an agent in them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use plimsoll_cluster::inject;
use serde_json::Value;

use crate::args::HelperArgs;
use crate::exit::Ending;
use crate::screen;

/// Give pods an agent of their own, which `plimsoll scan` then uses
#[derive(Debug, Args)]
pub(crate) struct SidecarArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a manifest with the agent added to its pods, as JSON that kubectl takes
    Inject {
        /// The manifest: YAML or JSON with a Pod, Deployment, StatefulSet, DaemonSet or ReplicaSet, or a List of them; - for
        /// standard input
        #[arg(short, long, value_name = "FILE")]
        filename: PathBuf,
        /// The container that will be scanned; needed where the pods have several
        #[arg(short, long, value_name = "NAME")]
        container: Option<String>,
        #[command(flatten)]
        helper: HelperArgs,
    },
}

pub(crate) fn run(args: &SidecarArgs) -> anyhow::Result<Ending> {
    let Command::Inject { filename, container, helper } = &args.command;
    let text = read(filename).with_context(|| format!("cannot read the manifest {}", filename.display()))?;
    let manifests: Vec<Value> = serde_saphyr::from_multiple(&text)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .with_context(|| format!("the manifest {} is not YAML", filename.display()))?;
    let manifests: Vec<Value> = manifests.into_iter().filter(|manifest| !manifest.is_null()).collect();
    let mut manifest = match <[Value; 1]>::try_from(manifests) {
        Ok([one]) => one,
        Err(items) => serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items}),
    };
    inject(&mut manifest, container.as_deref(), &helper.image())?;
    screen::print((serde_json::to_string_pretty(&manifest)? + "\n").as_bytes())?;
    Ok(Ending::Passed)
}

fn read(file: &Path) -> std::io::Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
}
