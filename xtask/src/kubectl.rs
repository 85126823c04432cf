//! kubectl against one cluster: what sets scenarios up and asks what became of them, independent of Plimsoll's own client.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A kubectl that talks to one cluster.
#[derive(Clone)]
pub(crate) struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
}

impl Kubectl {
    pub(crate) fn new(program: PathBuf, kubeconfig: PathBuf) -> Self {
        Self { program, kubeconfig }
    }

    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// A kubectl process still to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--kubeconfig").arg(&self.kubeconfig).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs it, whatever it answers.
    pub(crate) fn attempt(&self, arguments: &[&str]) -> Result<Output> {
        self.command(arguments).output().with_context(|| format!("cannot run {}", self.program.display()))
    }

    /// Runs it and returns what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String> {
        printed(self.attempt(arguments)?, arguments)
    }

    /// Creates or changes objects.
    pub(crate) fn apply(&self, objects: &[Value]) -> Result<()> {
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let arguments = ["apply", "-f", "-"];
        let mut process = self
            .command(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        if let Some(mut input) = process.stdin.take() {
            input.write_all(list.to_string().as_bytes())?;
        }
        printed(process.wait_with_output()?, &arguments).map(drop)
    }
}

fn printed(output: Output, arguments: &[&str]) -> Result<String> {
    if !output.status.success() {
        bail!("kubectl {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}
