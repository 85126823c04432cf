//! The commands, and which of them was asked for.

use clap::{Parser, Subcommand};
use plimsoll_auditor::AuditError;

use crate::command::{access, agent, demo, docs, exec, gate, profile, scan, shell, sidecar};
use crate::exit::Ending;

/// Says whether running Kubernetes containers are above the line: audits them against InSpec profiles, without anything
/// installed in them and without anything left behind.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, max_term_width = 110, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes:
  0    above the line
  1    wrong command line or file, output not written, access not proved gone, or a bug
  2    below the line: the threshold is not met
  3    could not be evaluated: no connection, no permission, no such container
  130  Ctrl-C; 143 for SIGTERM
  exec has CINC Auditor's: 0 passed, 100 failed, 101 skipped, 102 a profile did not load, 1 anything else

Environment:
  KUBECONFIG    the kubeconfig files, as for kubectl
  NO_COLOR      no colours
  PLIMSOLL_LOG  what to log to standard error: debug, or plimsoll_cluster=trace";

// Parsed once and taken apart at once: its size does not matter.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::ScanArgs),
    Exec(exec::ExecArgs),
    Shell(shell::ShellArgs),
    Profile(profile::ProfileArgs),
    Gate(gate::GateArgs),
    Access(access::AccessArgs),
    Sidecar(sidecar::SidecarArgs),
    Demo(demo::DemoArgs),
    Docs(docs::DocsArgs),
    #[command(hide = true)]
    Agent(agent::AgentArgs),
}

impl Cli {
    /// Does what was asked for.
    pub(crate) fn run(&self) -> anyhow::Result<Ending> {
        match &self.command {
            Command::Scan(args) => scan::run(args),
            Command::Exec(args) => exec::run(args),
            Command::Shell(args) => shell::run(args),
            Command::Profile(args) => profile::run(args),
            Command::Gate(args) => gate::run(args),
            Command::Access(args) => access::run(args),
            Command::Sidecar(args) => sidecar::run(args),
            Command::Demo(args) => demo::run(args),
            Command::Docs(args) => docs::run(args),
            Command::Agent(args) => agent::run(args),
        }
    }

    /// How it ends with an error.
    pub(crate) fn ending_of(&self, error: &anyhow::Error) -> Ending {
        match self.command {
            Command::Exec(_) | Command::Shell(_) => {
                let code = error.downcast_ref().map_or(plimsoll_report::exit::USAGE, AuditError::exit_code);
                Ending::Cinc(code)
            }
            // The target is this program's own there: that it can't be evaluated is no verdict on anything of the user's.
            Command::Demo(_) => Ending::Failed,
            _ => Ending::of_error(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
