//! `cargo xtask bench`: how long a scan takes on a real cluster, and how long the same questions take when each is an exec
//! of its own, as other transports do it.

mod questions;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use plimsoll_cluster::channel::exec_once;
use plimsoll_cluster::{ConnectOptions, Connection, Workload, WorkloadRef, resolve};
use serde_json::Value;

use crate::e2e::plimsoll::{Plimsoll, ProgramChoice};
use crate::e2e::world::{Profile, World};
use crate::image::Image;
use crate::target_cluster::ClusterChoice;

/// What one scan may take at most, as a part of what the same questions take one exec each.
const OF_KUBECTL: f64 = 20.0;
const OF_EXECS: f64 = 8.0;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    cluster: ClusterChoice,
    #[command(flatten)]
    program: ProgramChoice,
    /// How often each way is measured; medians are shown
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// Medians for one container.
struct Row {
    pod: &'static str,
    questions: usize,
    scan: Duration,
    audit: Duration,
    execs: Duration,
    kubectl: Duration,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let kubectl = arguments.cluster.prepare(&[Image::Debian, Image::Busybox, Image::Static])?;
    let program = Plimsoll::find(&arguments.program)?;
    let world = World::create(kubectl, program)?;
    let rows: Result<Vec<_>> =
        ["busybox", "debian"].into_iter().map(|pod| measure(&world, pod, arguments.runs)).collect();
    world.remove()?;
    let rows = rows?;
    print(&rows, arguments.runs);
    let met = rows.iter().all(|row| row.times(row.kubectl) >= OF_KUBECTL && row.times(row.execs) >= OF_EXECS);
    println!(
        "the audit takes at most 1/{OF_KUBECTL} of kubectl's time and 1/{OF_EXECS} of the execs': {}",
        if met { "yes" } else { "NO" }
    );
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures the three ways in turn, so that what else the machine does falls on all of them.
fn measure(world: &World, pod: &'static str, runs: u32) -> Result<Row> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (connection, workload) = runtime.block_on(connect(world, pod))?;
    let (mut scans, mut audits, mut execs, mut kubectls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut count = 0;
    for run in 1..=runs {
        eprintln!("{pod}: run {run} of {runs}");
        let (scan, audit, questions) = scan(world, pod)?;
        count = questions.len();
        scans.push(scan);
        audits.push(audit);
        execs.push(runtime.block_on(one_exec_each(&connection, &workload, &questions))?);
        kubectls.push(one_kubectl_each(world, pod, &questions)?);
    }
    Ok(Row {
        pod,
        questions: count,
        scan: median(scans),
        audit: median(audits),
        execs: median(execs),
        kubectl: median(kubectls),
    })
}

/// Scans; returns the time of the whole, the time of the audit alone, and what was asked of the container.
fn scan(world: &World, pod: &str) -> Result<(Duration, Duration, Vec<String>)> {
    let directory = tempfile::tempdir()?;
    let report = directory.path().join("report.json");
    let record = directory.path().join("requests.jsonl");
    let reporter = format!("json:{}", report.display());
    let more = ["--reporter", &reporter, "--record", &record.to_string_lossy()];
    let start = Instant::now();
    let ended = world.scan(pod, Profile::Baseline, &more)?;
    let whole = start.elapsed();
    ensure!(matches!(ended.code, Some(0 | 2)), "the scan reached no verdict: {}", ended.said());
    let report: Value = serde_json::from_slice(&std::fs::read(&report)?)?;
    let audit = report["statistics"]["duration"].as_f64().context("the report has no duration")?;
    Ok((whole, Duration::try_from_secs_f64(audit)?, questions::read(&record)?))
}

async fn connect(world: &World, pod: &str) -> Result<(Connection, Workload)> {
    let kubeconfig = Some(world.kubectl.kubeconfig().to_owned());
    let connection = Connection::open(&ConnectOptions { kubeconfig, ..ConnectOptions::default() }).await?;
    let workload = resolve(&connection, &WorkloadRef::parse(pod, &world.namespace, None)?).await?;
    Ok((connection, workload))
}

async fn one_exec_each(connection: &Connection, workload: &Workload, questions: &[String]) -> Result<Duration> {
    let start = Instant::now();
    for line in questions {
        let command = ["/bin/sh", "-c", line].map(str::to_owned);
        exec_once(connection, workload, &command).await?;
    }
    Ok(start.elapsed())
}

fn one_kubectl_each(world: &World, pod: &str, questions: &[String]) -> Result<Duration> {
    let start = Instant::now();
    for line in questions {
        // Its exit status is the command's own: a question may well be answered with "no".
        world.kubectl.attempt(&["-n", &world.namespace, "exec", pod, "--", "/bin/sh", "-c", line])?;
    }
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

impl Row {
    /// How many audits fit into a time.
    fn times(&self, other: Duration) -> f64 {
        other.as_secs_f64() / self.audit.as_secs_f64()
    }
}

fn print(rows: &[Row], runs: u32) {
    println!("container baseline, medians of {runs}; in parentheses: how many audits fit into that time");
    println!(
        "{:<9} {:>9} {:>10} {:>10} {:>22} {:>22}",
        "pod", "questions", "scan", "audit", "one exec each", "one kubectl exec each"
    );
    for row in rows {
        let compared = |time: Duration| format!("{:.2} s ({:.0})", time.as_secs_f64(), row.times(time));
        println!(
            "{:<9} {:>9} {:>8.2} s {:>8.2} s {:>22} {:>22}",
            row.pod,
            row.questions,
            row.scan.as_secs_f64(),
            row.audit.as_secs_f64(),
            compared(row.execs),
            compared(row.kubectl)
        );
    }
}
