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
    /// Print a manifest with the agent added to its pods: as YAML where it was YAML, without its comments, else as JSON
    Inject {
        /// The manifest: YAML or JSON with a Pod, Deployment, StatefulSet, DaemonSet or ReplicaSet, a List of them, or several
        /// documents; - for standard input
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
    let mut manifests = Manifests::parse(&text)
        .with_context(|| format!("the manifest {} is neither YAML nor JSON", filename.display()))?;
    inject(&mut manifests.documents, container.as_deref(), &helper.image())?;
    screen::print(manifests.text()?.as_bytes())?;
    Ok(Ending::Passed)
}

/// The documents of a file.
struct Manifests {
    documents: Vec<Value>,
    json: bool,
}

impl Manifests {
    /// Reads YAML as kubectl does, by version 1.1: `0644` is octal and `yes` is true.
    fn parse(text: &str) -> anyhow::Result<Self> {
        let json: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
        if let Ok(documents) = json {
            return Ok(Self { documents, json: true });
        }
        let options = serde_saphyr::options! { legacy_octal_numbers: true };
        let mut documents: Vec<Value> = serde_saphyr::from_multiple_with_options(text, options)?;
        documents.retain(|document| !document.is_null());
        Ok(Self { documents, json: false })
    }

    fn text(&self) -> anyhow::Result<String> {
        if self.json {
            let documents = self.documents.iter().map(|document| Ok(serde_json::to_string_pretty(document)? + "\n"));
            return documents.collect();
        }
        Ok(serde_saphyr::to_string_multiple(&self.documents)?)
    }
}

fn read(file: &Path) -> std::io::Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_read_as_kubectl_reads_it_and_means_the_same_afterwards() {
        let text = "a: 0644\nb: yes\nc: 'yes'\nd: '0644'\ne: '012'\nf: '1e3'\ng: ~\nh: 'null'\ni: '1:30'\nj: 'a: b # c'\n\
                    k: |\n  #!/bin/sh\n  echo 'x' \n\n  exit 1\nl: '  x'\nm: ''\nn: '*'\no: '{}'\np: on\nq: 0x1F\nr: 1_000\n\
                    s: '0o17'\nt: '-'\nu: '.5'\nv: 'y'\nw: '1_000'\nx: '2001-01-01'\ny: \"a\\tb\\n\"\nz: [1.5, -7, .inf]\n";
        let text = text.replace(", .inf", "");
        let read = Manifests::parse(&text).unwrap();
        assert!(!read.json);
        let value = &read.documents[0];
        assert_eq!((&value["a"], &value["b"], &value["c"]), (&420.into(), &true.into(), &"yes".into()));
        let printed = read.text().unwrap();
        assert_eq!(Manifests::parse(&printed).unwrap().documents, read.documents, "{printed}");
    }
}
