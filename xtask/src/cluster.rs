//! `cargo xtask cluster`: a single-node Kubernetes on this machine, built from its Go modules.
//!
//! Every process listens on loopback alone, on ports that were free. All state is below one directory, and all processes
//! live in a process and a mount namespace of their own: `down` ends the first of them and the kernel the rest, so nothing
//! is left behind, also after a `kill -9` of any of them or of this program.

mod build;
mod components;
mod init;
mod kernel;
mod node;
mod packages;
mod pki;
mod processes;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Subcommand;

pub(crate) use node::Node;
pub(crate) use packages::find as program;

use crate::home::{self, Home};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start the cluster and wait until it is ready; the first time it is built, which takes minutes
    Up,
    /// Say which of its parts run
    Status,
    /// Stop it and remove everything it left on this machine but the build
    Down,
    /// Say whether this machine can run it, and if not, why
    Check,
    /// Install what it needs with apt-get
    Install,
    /// The cluster's first process
    #[command(hide = true)]
    Init,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Up => up()?,
        Command::Status => return status(),
        Command::Down => down()?,
        Command::Check => check()?,
        Command::Install => packages::install()?,
        Command::Init => init::run(&Node::new(&Home::locate()?)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn up() -> Result<()> {
    check()?;
    let home = Home::locate()?;
    let _lock = home.lock()?;
    let node = Node::new(&home)?;
    if node.is_ready() {
        println!("already running");
    } else {
        build::kubernetes(&home)?;
        let start = Instant::now();
        node.remove()?; // what an interrupted start or a crash left
        node.start()?;
        println!("started in {:.1} s", start.elapsed().as_secs_f64());
    }
    println!("use it:    export KUBECONFIG={}", node.kubeconfig().display());
    println!("kubectl:   {}", node.kubectl().display());
    println!("remove it: cargo xtask cluster down");
    println!("ready");
    Ok(())
}

fn status() -> Result<ExitCode> {
    if !home::is_root() {
        bail!("only root sees the processes of the cluster");
    }
    let node = Node::new(&Home::locate()?)?;
    let mut all = true;
    for (name, process) in node.components() {
        match process {
            Some(pid) => println!("{name:<24} runs, process {pid}"),
            None => println!("{name:<24} does not run"),
        }
        all &= process.is_some();
    }
    let ready = all && node.is_ready();
    println!("{}", if ready { "ready" } else { "not ready" });
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn down() -> Result<()> {
    let home = Home::locate()?;
    if !home::is_root() {
        bail!("stopping the cluster needs root: it was started by root");
    }
    let _lock = home.lock()?;
    Node::new(&home)?.remove()?;
    println!("removed");
    Ok(())
}

/// Fails with every reason why the cluster can't run here, and what to do about each.
fn check() -> Result<()> {
    let mut reasons = Vec::new();
    if cfg!(not(target_os = "linux")) {
        reasons.push("it needs Linux".to_owned());
    }
    if home::is_root() {
        reasons.extend(init::impossible());
    } else {
        reasons.push("it needs root: the kubelet and containerd mount file systems".to_owned());
    }
    reasons.extend(packages::missing());
    if reasons.is_empty() {
        return Ok(());
    }
    bail!("the cluster can't run on this machine:\n  {}", reasons.join("\n  "));
}
