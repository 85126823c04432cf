//! `cargo xtask bench`: how long scans take on a real cluster, beside what the same questions take when each is an exec of
//! its own, as other transports do it, and beside what they take in the container without any way there.

mod profile;
mod questions;
mod ways;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use crate::e2e::plimsoll::{Plimsoll, ProgramChoice};
use crate::e2e::world::World;
use crate::image::Image;
use crate::target_cluster::ClusterChoice;
use questions::Questions;
use ways::Ways;

/// What an audit may take at most: this much of the commands' own time, and so many round trips.
const OF_OWN_TIME: f64 = 1.2;
const ROUND_TRIPS: u32 = 3;

/// The pod that is scanned.
const POD: &str = "debian";

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    cluster: ClusterChoice,
    #[command(flatten)]
    program: ProgramChoice,
    /// How often each way is measured; medians are shown
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Measure whole scans with this profile in place of the generated one; may be given several times
    #[arg(long, value_name = "DIR")]
    profile: Vec<PathBuf>,
}

/// One scan.
struct Scan {
    /// From the command line to the exit status.
    whole: Duration,
    /// The audit alone.
    audit: Duration,
    controls: usize,
    results: usize,
    round_trips: u32,
    questions: Questions,
}

/// Medians for one profile.
struct Measured {
    whole: Duration,
    audit: Duration,
    /// What the commands of the profile and of its resources take in the container, one after the other.
    commands: Duration,
    last: Scan,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let kubectl = arguments.cluster.prepare(&[Image::Debian, Image::Busybox, Image::Static], None)?;
    let program = Plimsoll::find(&arguments.program)?;
    let world = World::create(kubectl, program)?;
    let done = measure(&world, arguments);
    world.remove()?;
    Ok(if done? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether what is promised was kept.
fn measure(world: &World, arguments: &Arguments) -> Result<bool> {
    println!("medians of {}; load average {}", arguments.runs, load()?);
    if arguments.profile.is_empty() {
        return generated(world, arguments.runs);
    }
    let ways = Ways::open(world, POD)?;
    for profile in &arguments.profile {
        let profile = profile.to_string_lossy();
        let (mut scans, mut own) = (Vec::new(), Vec::new());
        for _ in 0..arguments.runs {
            let scan = scan(world, &profile)?;
            own.push(ways.inside(&scan.questions.commands)?);
            scans.push(scan);
        }
        let measured = Measured::of(scans, own)?;
        println!("\n{profile}");
        measured.print();
    }
    Ok(true)
}

/// The generated profile: the scan and the other ways in turn, so that what else the machine does falls on all of them.
fn generated(world: &World, runs: u32) -> Result<bool> {
    let directory = tempfile::tempdir()?;
    profile::write(directory.path())?;
    let ways = Ways::open(world, POD)?;
    let (mut scans, mut commands) = (Vec::new(), Vec::new());
    let (mut inside, mut execs, mut kubectls) = (Vec::new(), Vec::new(), Vec::new());
    for run in 1..=runs {
        eprintln!("run {run} of {runs}");
        let scan = scan(world, &directory.path().to_string_lossy())?;
        let lines = scan.questions.all.clone();
        commands.push(ways.inside(&scan.questions.commands)?);
        inside.push(ways.inside(&lines)?);
        execs.push(ways.one_exec_each(&lines)?);
        kubectls.push(ways.one_kubectl_each(&lines)?);
        scans.push(scan);
    }
    let measured = Measured::of(scans, commands)?;
    let (round_trip, inside) = (ways.round_trip()?, median(inside));
    println!("\ngenerated profile");
    measured.print();
    let times = |time: Duration| time.as_secs_f64() / measured.audit.as_secs_f64();
    let line = |what: &str, time: Duration| {
        println!("  {what:<34} {:>8.3} s  {:>6.1} audits", time.as_secs_f64(), times(time));
    };
    println!("every question as a command");
    line("in the container, no way there", inside);
    line("one exec each", median(execs));
    line("one kubectl exec each", median(kubectls));
    println!("  a round trip in an open session    {:>8.2} ms", round_trip.as_secs_f64() * 1000.0);
    let limit = inside.mul_f64(OF_OWN_TIME) + round_trip * ROUND_TRIPS;
    let kept = measured.audit <= limit;
    println!(
        "the audit takes at most {OF_OWN_TIME} times the commands' own time and {ROUND_TRIPS} round trips ({:.3} s): {}",
        limit.as_secs_f64(),
        if kept { "yes" } else { "NO" }
    );
    Ok(kept)
}

/// Scans, as a user does.
fn scan(world: &World, profile: &str) -> Result<Scan> {
    let directory = tempfile::tempdir()?;
    let report = directory.path().join("report.json");
    let record = directory.path().join("requests.jsonl");
    let reporter = format!("json:{}", report.display());
    let pod = format!("pod/{POD}");
    let record_path = record.to_string_lossy();
    let arguments = [
        "scan",
        &pod,
        "-n",
        &world.namespace,
        "--profile",
        profile,
        "--mode",
        "exec",
        "--timings",
        "--reporter",
        &reporter,
        "--record",
        &record_path,
    ];
    let start = Instant::now();
    let ended = world.plimsoll(&arguments)?;
    let whole = start.elapsed();
    ensure!(matches!(ended.code, Some(0 | 2)), "the scan reached no verdict: {}", ended.said());
    let report: Value = serde_json::from_slice(&std::fs::read(&report)?)?;
    let audit = report["statistics"]["duration"].as_f64().context("the report has no duration")?;
    let controls: Vec<&Value> = list(&report["profiles"]).flat_map(|profile| list(&profile["controls"])).collect();
    Ok(Scan {
        whole,
        audit: Duration::try_from_secs_f64(audit)?,
        controls: controls.len(),
        results: controls.iter().map(|control| list(&control["results"]).count()).sum(),
        round_trips: round_trips(&ended.stderr).context("the scan told no round trips")?,
        questions: questions::read(&record)?,
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The last number of `… questions, … of them for the target, in 12 round trips`.
fn round_trips(told: &str) -> Option<u32> {
    let line = told.lines().find(|line| line.ends_with("round trips") || line.ends_with("round trip"))?;
    line.split_whitespace().rev().find_map(|word| word.parse().ok())
}

impl Measured {
    fn of(mut scans: Vec<Scan>, own: Vec<Duration>) -> Result<Self> {
        let whole = median(scans.iter().map(|scan| scan.whole).collect());
        let audit = median(scans.iter().map(|scan| scan.audit).collect());
        let last = scans.pop().context("nothing was measured")?;
        Ok(Self { whole, audit, commands: median(own), last })
    }

    fn print(&self) {
        let Scan { controls, results, round_trips, questions, .. } = &self.last;
        println!(
            "  {controls} controls, {results} results; {} questions, {} of them commands, in {round_trips} round trips",
            questions.all.len(),
            questions.commands.len()
        );
        for (what, time) in
            [("whole scan", self.whole), ("its audit", self.audit), ("its commands' own time", self.commands)]
        {
            println!("  {what:<34} {:>8.3} s", time.as_secs_f64());
        }
    }
}

fn load() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg").context("no load average")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    #[test]
    fn round_trips_are_read_from_what_a_scan_tells() {
        let told = "Timings\n  audit 0.5 s\n  422 questions, 175 of them for the target, in 137 round trips\nAccess\n";
        assert_eq!(super::round_trips(told), Some(137));
        assert_eq!(super::round_trips("1 question, for the target, in 1 round trip\n"), Some(1));
        assert_eq!(super::round_trips("none\n"), None);
    }
}
