//! The project's chores. `cargo xtask --help` lists them.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a tool for people

mod bench;
mod cluster;
mod e2e;
mod fuzz;
mod home;
mod image;
mod kubectl;
mod ruby_spec;
mod target_cluster;

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
    /// End-to-end scenarios against a real cluster
    E2e(e2e::Arguments),
    /// How long a scan takes, beside one exec and one `kubectl exec` for each question
    Bench(bench::Arguments),
    /// Build the images that tests run
    Image(image::Arguments),
    /// Random programs for the interpreter (needs cargo-fuzz)
    Fuzz(fuzz::Arguments),
    /// How much of ruby/spec the interpreter passes, by folder, measured against CRuby 3.1
    RubySpec(ruby_spec::Arguments),
    /// Runs one file of ruby/spec for `ruby-spec`
    #[command(hide = true)]
    RubySpecWorker(ruby_spec::WorkerArguments),
}

fn main() -> ExitCode {
    let done = match Cli::parse().chore {
        Chore::Cluster(command) => cluster::run(&command),
        Chore::E2e(arguments) => e2e::run(&arguments),
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Image(arguments) => image::run(&arguments),
        Chore::Fuzz(arguments) => fuzz::run(&arguments),
        Chore::RubySpec(arguments) => ruby_spec::run(&arguments),
        Chore::RubySpecWorker(arguments) => ruby_spec::run_worker(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
