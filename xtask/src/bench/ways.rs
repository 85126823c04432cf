//! The ways to have command lines run in a container.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use plimsoll_cluster::access::Access;
use plimsoll_cluster::channel::{ExecTarget, exec_once};
use plimsoll_cluster::{ConnectOptions, Connection, Workload, WorkloadRef, resolve};
use plimsoll_target::{ShellOptions, Target};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::median;
use crate::e2e::world::World;

/// How often a round trip is measured.
const ROUND_TRIPS: usize = 50;

/// A container that command lines are run in.
pub(super) struct Ways<'w> {
    world: &'w World,
    pod: &'static str,
    runtime: Runtime,
    connection: Connection,
    workload: Workload,
}

impl<'w> Ways<'w> {
    pub(super) fn open(world: &'w World, pod: &'static str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (connection, workload) = runtime.block_on(async {
            let kubeconfig = Some(world.kubectl.kubeconfig().to_owned());
            let connection = Connection::open(&ConnectOptions { kubeconfig, ..ConnectOptions::default() }).await?;
            let workload = resolve(&connection, &WorkloadRef::parse(pod, &world.namespace, None)?).await?;
            anyhow::Ok((connection, workload))
        })?;
        Ok(Self { world, pod, runtime, connection, workload })
    }

    /// One exec for all of them: a shell in the container runs each in a process of its own and tells how long that took.
    pub(super) fn inside(&self, lines: &[String]) -> Result<Duration> {
        let mut script = "read begin rest </proc/uptime\n".to_owned();
        for line in lines {
            writeln!(script, "sh -c {} </dev/null >/dev/null 2>&1", super::questions::quote(line))?;
        }
        script += "read end rest </proc/uptime\necho \"$begin $end\"\n";
        let arguments = ["-n", &self.world.namespace, "exec", "-i", self.pod, "--", "sh"];
        let mut process =
            self.world.kubectl.command(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut stdin = process.stdin.take().context("kubectl has no stdin")?;
        stdin.write_all(script.as_bytes())?;
        drop(stdin);
        let output = process.wait_with_output()?;
        ensure!(output.status.success(), "the script was not run to its end");
        let told = String::from_utf8(output.stdout)?;
        let (begin, end) = told.trim().split_once(' ').context("the script told no times")?;
        Ok(Duration::try_from_secs_f64(end.parse::<f64>()? - begin.parse::<f64>()?)?)
    }

    /// An exec for each, over one open client.
    pub(super) fn one_exec_each(&self, lines: &[String]) -> Result<Duration> {
        let start = Instant::now();
        self.runtime.block_on(async {
            for line in lines {
                let command = ["/bin/sh", "-c", line].map(str::to_owned);
                exec_once(&self.connection, &self.workload, &command).await?;
            }
            Ok(start.elapsed())
        })
    }

    /// A kubectl for each.
    pub(super) fn one_kubectl_each(&self, lines: &[String]) -> Result<Duration> {
        let start = Instant::now();
        for line in lines {
            // Its exit status is the command's own: a question may well be answered with "no".
            let arguments = ["-n", &self.world.namespace, "exec", self.pod, "--", "/bin/sh", "-c", line];
            self.world.kubectl.attempt(&arguments)?;
        }
        Ok(start.elapsed())
    }

    /// What it takes to ask an open session for something that its shell answers by itself.
    pub(super) fn round_trip(&self) -> Result<Duration> {
        let access = Access::Existing(self.connection.clone());
        let stop = CancellationToken::new();
        let opened = ExecTarget::open(access, &self.workload, ShellOptions::default(), &stop);
        let target = self.runtime.block_on(opened)?;
        let mut times = Vec::new();
        for _ in 0..ROUND_TRIPS {
            let start = Instant::now();
            target.read(b"/dev/null")?.context("no answer")?;
            times.push(start.elapsed());
        }
        self.runtime.block_on(target.close());
        Ok(median(times))
    }
}
