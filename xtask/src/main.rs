//! The project's chores. `cargo xtask --help` lists them.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a tool for people

mod cluster;
mod home;
mod image;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// A single-node Kubernetes on this machine, for tests
    #[command(subcommand)]
    Cluster(cluster::Command),
    /// Build the images that tests run
    Image(image::Arguments),
}

fn main() -> ExitCode {
    let done = match Cli::parse().chore {
        Chore::Cluster(command) => cluster::run(&command),
        Chore::Image(arguments) => image::run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
