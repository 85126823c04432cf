//! `cargo xtask e2e`: scenarios with the built program against a real cluster.
//!
//! Every run has a namespace of its own. After each scenario nothing of ours may be left in any namespace.

mod fidelity;
mod interruption;
mod permissions;
pub(crate) mod plimsoll;
mod scans;
mod targets;
mod ways;
pub(crate) mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;

use crate::image::Image;
use crate::target_cluster::ClusterChoice;
use plimsoll::{Plimsoll, ProgramChoice};
use world::World;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    cluster: ClusterChoice,
    #[command(flatten)]
    program: ProgramChoice,
    /// The agent's program, built for musl; without it, the agent's image is built, which takes minutes
    #[arg(long, value_name = "FILE", conflicts_with = "images_loaded")]
    agent: Option<PathBuf>,
    /// Run only scenarios whose name contains this
    #[arg(long, default_value = "")]
    filter: String,
    /// Leave a scenario out, by its whole name; can be repeated
    #[arg(long, value_name = "NAME")]
    skip: Vec<String>,
    /// Say which scenarios there are
    #[arg(long)]
    list: bool,
}

/// One story with an expected end.
#[derive(Clone, Copy)]
struct Scenario {
    name: &'static str,
    run: fn(&World) -> Result<()>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut scenarios: Vec<_> = [
        scans::SCENARIOS,
        fidelity::SCENARIOS,
        targets::SCENARIOS,
        permissions::SCENARIOS,
        interruption::SCENARIOS,
        ways::SCENARIOS,
    ]
    .concat();
    for name in &arguments.skip {
        if !scenarios.iter().any(|scenario| scenario.name == name) {
            bail!("no scenario is called {name}: --list names them");
        }
    }
    scenarios.retain(|scenario| scenario.name.contains(&arguments.filter));
    if scenarios.is_empty() {
        bail!("no scenario's name contains {:?}: --list names them", arguments.filter);
    }
    if arguments.list {
        for scenario in scenarios {
            println!("{}", scenario.name);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let images = [Image::Debian, Image::Busybox, Image::Static, Image::Agent];
    let kubectl = arguments.cluster.prepare(&images, arguments.agent.as_deref())?;
    let program = Plimsoll::find(&arguments.program)?;
    let world = World::create(kubectl, program)?;
    let (mut passed, mut failed) = (0, 0);
    for scenario in scenarios {
        if arguments.skip.iter().any(|name| name == scenario.name) {
            println!("skipped  {}", scenario.name);
            continue;
        }
        let start = Instant::now();
        let outcome = (scenario.run)(&world);
        let outcome = outcome.and(world.expect_nothing_left());
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => {
                passed += 1;
                println!("ok       {:<44} {seconds:6.1} s", scenario.name);
            }
            Err(error) => {
                failed += 1;
                println!("FAILED   {:<44} {seconds:6.1} s", scenario.name);
                println!("{}", indent(&format!("{error:#}")));
                // The next scenario starts clean, whatever this one left.
                world.remove_what_is_left()?;
            }
        }
    }
    world.remove()?;
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("         {line}")).collect::<Vec<_>>().join("\n")
}
