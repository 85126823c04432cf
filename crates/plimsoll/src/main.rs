//! The command line: `plimsoll scan`, `exec`, `shell`, `profile`, `gate`, `access`, `sidecar`, `demo`, `docs`.
//!
//! Here is where things are printed and where outcomes become exit codes; everything else is done by the other crates.
#![allow(clippy::print_stdout, clippy::print_stderr)] // the command line prints

mod agent;
mod args;
mod audit;
mod cli;
mod command;
mod container;
mod exit;
mod output;
mod place;
mod progress;
mod record;
mod screen;
mod signals;
mod verdict;

use std::process::ExitCode;

use clap::Parser as _;

use cli::Cli;
use exit::Ending;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => {
            // Printing help into a closed pipe is no failure of ours.
            let _ = refusal.print();
            return if refusal.use_stderr() { Ending::Failed } else { Ending::Passed }.into();
        }
    };
    log();
    match cli.run() {
        Ok(ending) => ending.into(),
        Err(error) => {
            screen::error(&error);
            cli.ending_of(&error).into()
        }
    }
}

/// What the libraries log goes to standard error when `PLIMSOLL_LOG` asks for it, e.g. `PLIMSOLL_LOG=debug`.
fn log() {
    if let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("PLIMSOLL_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
}
