//! Running the program under test as a user does.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// No scan of these scenarios takes nearly this long.
const LIMIT: Duration = Duration::from_secs(120);

/// The audit's own verdict and the gate's: passed.
pub(crate) const PASSED: i32 = 0;
/// The command line is wrong.
pub(crate) const USAGE: i32 = 1;
/// The threshold is not met.
pub(crate) const GATE: i32 = 2;
/// The target could not be evaluated.
pub(crate) const NOT_EVALUATED: i32 = 3;

#[derive(Args)]
pub(crate) struct ProgramChoice {
    /// The program to test; without it, it is built
    #[arg(long, value_name = "FILE")]
    plimsoll: Option<PathBuf>,
    /// Build it with optimizations
    #[arg(long, conflicts_with = "plimsoll")]
    release: bool,
}

/// The program under test.
pub(crate) struct Plimsoll {
    program: PathBuf,
}

/// How one run ended.
pub(crate) struct Ended {
    /// The command line, for messages.
    line: String,
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run that has not ended yet. Dropping it kills it.
pub(crate) struct Running {
    line: String,
    child: Child,
    started: Instant,
    output: TempDir,
}

impl Plimsoll {
    /// The program that was chosen, or a fresh build.
    pub(crate) fn find(choice: &ProgramChoice) -> Result<Self> {
        let program = match &choice.plimsoll {
            Some(program) => fs::canonicalize(program).with_context(|| format!("no program {}", program.display()))?,
            None => build(choice.release)?,
        };
        Ok(Self { program })
    }

    /// Starts it on a cluster.
    pub(crate) fn start(&self, kubeconfig: &Path, arguments: &[&str]) -> Result<Running> {
        let output = tempfile::tempdir()?;
        let child = Command::new(&self.program)
            .args(arguments)
            .env("KUBECONFIG", kubeconfig)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(File::create(output.path().join("stdout"))?)
            .stderr(File::create(output.path().join("stderr"))?)
            .spawn()
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        Ok(Running { line: format!("plimsoll {}", arguments.join(" ")), child, started: Instant::now(), output })
    }
}

impl Running {
    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).with_context(|| format!("{} has ended already", self.line))
    }

    /// Waits until it has told this many lines on standard error; `false` if it ends before.
    pub(crate) fn has_told(&mut self, lines: usize) -> Result<bool> {
        let start = Instant::now();
        loop {
            let told = fs::read(self.output.path().join("stderr"))?;
            if String::from_utf8_lossy(&told).lines().count() >= lines {
                return Ok(true);
            }
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            ensure!(start.elapsed() < LIMIT, "{} told no more than {} bytes", self.line, told.len());
            sleep(Duration::from_millis(2));
        }
    }

    /// Waits so long after its start; `false` if it ends before.
    pub(crate) fn lasts(&mut self, time: Duration) -> Result<bool> {
        while self.started.elapsed() < time {
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            sleep(Duration::from_millis(2));
        }
        Ok(true)
    }

    /// Fails if it ended before it was meant to.
    pub(crate) fn expect_running(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            bail!("ended too early: {}", self.end()?.said());
        }
        Ok(())
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> Result<Ended> {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            ensure!(start.elapsed() < LIMIT, "{} did not end within {} s", self.line, LIMIT.as_secs());
            sleep(Duration::from_millis(10));
        };
        let read =
            |name| fs::read(self.output.path().join(name)).map(|text| String::from_utf8_lossy(&text).into_owned());
        Ok(Ended { line: self.line.clone(), code: status.code(), stdout: read("stdout")?, stderr: read("stderr")? })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Fails unless it ended with this exit code.
    pub(crate) fn expect_code(self, expected: i32) -> Result<Self> {
        ensure!(self.code == Some(expected), "expected exit code {expected}: {}", self.said());
        Ok(self)
    }

    /// Fails unless standard error holds each of these.
    pub(crate) fn expect_error(self, parts: &[&str]) -> Result<Self> {
        for part in parts {
            ensure!(self.stderr.contains(part), "the error does not say {part:?}: {}", self.said());
        }
        Ok(self)
    }

    /// Everything there is to know about it.
    pub(crate) fn said(&self) -> String {
        let code = self.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        let stream = |name: &str, text: &str| match text.trim_end() {
            "" => String::new(),
            text => format!("\n{name}: {text}"),
        };
        format!("`{}` ended with {code}{}{}", self.line, stream("stdout", &self.stdout), stream("stderr", &self.stderr))
    }
}

/// Builds the program with the cargo that runs this one; returns where it is.
fn build(release: bool) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "plimsoll", "--message-format", "json-render-diagnostics"]);
    if release {
        command.arg("--release");
    }
    let output = command.current_dir(project()).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    ensure!(output.status.success(), "plimsoll does not build");
    executable(&output.stdout)
}

/// Where cargo put the program, by its messages.
pub(crate) fn executable(messages: &[u8]) -> Result<PathBuf> {
    let messages = std::str::from_utf8(messages)?;
    let executable = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let ours = message["target"]["name"] == "plimsoll";
        message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
    });
    executable.context("cargo did not say where it put plimsoll")
}

/// The project's root.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a directory of the project")
}
