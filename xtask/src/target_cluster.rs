//! Which cluster scenarios and benchmarks run against, and how images get into it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::cluster::{self, Node};
use crate::home::Home;
use crate::image::Image;
use crate::kubectl::Kubectl;

#[derive(Args)]
pub(crate) struct ClusterChoice {
    /// The cluster to run against; without it, and without KUBECONFIG, the one of `cargo xtask cluster`
    #[arg(long, env = "KUBECONFIG", value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Don't load images: the cluster has them (`cargo xtask image` makes them)
    #[arg(long)]
    images_loaded: bool,
}

impl ClusterChoice {
    /// Connects, and loads the images that the cluster does not have; of the agent's one with the program `agent` in it, if
    /// there is one.
    pub(crate) fn prepare(&self, images: &[Image], agent: Option<&Path>) -> Result<Kubectl> {
        let home = Home::locate()?;
        let node = Node::new(&home)?;
        let own = self.kubeconfig.as_ref().is_none_or(|chosen| *chosen == node.kubeconfig());
        let kubectl = if own {
            if !node.is_ready() {
                bail!("no cluster runs here: start it with `cargo xtask cluster up`, or set KUBECONFIG to another");
            }
            Kubectl::new(node.kubectl(), node.kubeconfig())
        } else {
            let program = cluster::program("kubectl").context("kubectl is not installed")?;
            Kubectl::new(program, self.kubeconfig.clone().unwrap_or_default())
        };
        let context = kubectl.run(&["config", "current-context"])?.trim().to_owned();
        println!("cluster: {context} ({})", kubectl.kubeconfig().display());
        if self.images_loaded {
            return Ok(kubectl);
        }
        let _lock = home.lock()?;
        let own_images = tempfile::tempdir()?;
        for image in images {
            let archive = match agent.filter(|_| *image == Image::Agent) {
                Some(program) => Image::archive_of_agent(program, own_images.path())?,
                None => image.archive(&home)?,
            };
            if own {
                node.load(*image, &archive)?;
            } else {
                load(&context, &archive)?;
            }
        }
        Ok(kubectl)
    }
}

/// Hands an archive to the tool that the context's name says runs the cluster.
fn load(context: &str, archive: &Path) -> Result<()> {
    let archive = archive.to_string_lossy();
    let command = if let Some(name) = context.strip_prefix("kind-") {
        vec!["kind", "load", "image-archive", &archive, "--name", name]
    } else if let Some(name) = context.strip_prefix("k3d-") {
        vec!["k3d", "image", "import", &archive, "--cluster", name]
    } else if context == "minikube" {
        vec!["minikube", "image", "load", &archive]
    } else {
        bail!(
            "how context {context} loads images is not known: load what `cargo xtask image` makes by its own means, \
             then say --images-loaded"
        );
    };
    let output = Command::new(command[0]).args(&command[1..]).output();
    let output = output.with_context(|| format!("cannot run {}", command[0]))?;
    if !output.status.success() {
        bail!("{} failed: {}", command.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
