//! Programs timed side by side with CRuby.
//!
//! Each program of `benches/programs` is run in turn by both interpreters on one machine, its own processor time alone (no start-up,
//! no parsing); the best of the rounds counts. Without a `ruby` in the path only our own times are shown.

// The wall is around the interpreter; what measures it reads, runs and prints.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout)]

use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use plimsoll_ruby::{Interp, Limits, NoHost};
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 5;

/// What CRuby runs: the program's file is its argument, its own seconds are what it prints.
const TIMED: &str = "code = RubyVM::InstructionSequence.compile_file(ARGV[0]); \
                     t = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID); code.eval; \
                     puts Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - t";

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/programs");
    let mut programs: Vec<_> = std::fs::read_dir(directory)
        .expect("the programs are there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "rb"))
        .filter(|path| {
            wanted.is_empty() || wanted.iter().any(|name| path.file_stem().is_some_and(|s| s == name.as_str()))
        })
        .collect();
    programs.sort();
    println!("{:<24} {:>10} {:>10} {:>7}", "program", "ours", "CRuby", "ratio");
    for path in programs {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let file = path.to_string_lossy().into_owned();
        let source = std::fs::read(&path).expect("a readable program");
        let (mut ours, mut theirs) = (Duration::MAX, None::<Duration>);
        for _ in 0..ROUNDS {
            ours = ours.min(run(&source, &file));
            if let Some(time) = cruby(&file) {
                theirs = Some(theirs.map_or(time, |best| best.min(time)));
            }
        }
        let (theirs, ratio) = match theirs {
            Some(theirs) => (format!("{theirs:.1?}"), format!("{:.2}", ours.as_secs_f64() / theirs.as_secs_f64())),
            None => ("-".to_owned(), "-".to_owned()),
        };
        println!("{name:<24} {:>10} {theirs:>10} {ratio:>7}", format!("{ours:.1?}"));
    }
}

fn run(source: &[u8], file: &str) -> Duration {
    let vm = Interp::new(Rc::new(NoHost), Limits { steps: u64::MAX, ..Limits::default() });
    let program = vm.parse(source, file).expect("the program parses");
    let start = processor_time();
    if let Err(unwind) = vm.run_main(&program) {
        panic!("{file}: {unwind:?}");
    }
    processor_time().saturating_sub(start)
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

fn cruby(file: &str) -> Option<Duration> {
    let output = Command::new("ruby").args(["--disable-gems", "-e", TIMED, file]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok().map(Duration::from_secs_f64)
}
