//! Programs that want everything: each file of `hostile/` ends in one of the errors that its first line names (a limit, a class or
//! a message), within twice its time and twice its memory.
//!
//! They run one after the other, in a process of their own: what they take is read off the process.

// The wall is around the interpreter; its tests read their data.
#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};
use plimsoll_ruby::{Interp, Limits, NoHost, UnwindKind, Value};

const TIME: Duration = Duration::from_secs(2);
const MEMORY: usize = 64 << 20;

/// The stack that every evaluation has, apart from what its values hold.
const STACK: usize = 256 << 20;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the programs are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let trials = files.into_iter().map(|file| {
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || ends_within_its_limits(&file))
    });
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn ends_within_its_limits(file: &Path) -> Result<(), Failed> {
    let source = std::fs::read_to_string(file)?;
    let expected =
        source.lines().next().and_then(|line| line.strip_prefix("# ")).ok_or("the first line names the ends")?;
    let limits = Limits {
        steps: 5_000_000,
        memory: MEMORY,
        string: MEMORY / 4,
        elements: 1_000_000,
        regex_steps: 1_000_000,
        time: TIME,
        ..Limits::default()
    };
    let before = forget_peak()?;
    let start = Instant::now();
    let end = end_of(&source, limits);
    let (took, held) = (start.elapsed(), peak()?.saturating_sub(before));
    if !expected.split(' ').any(|word| end.starts_with(word) || end.ends_with(word)) {
        return Err(format!("ended in {end:?}, not in {expected}").into());
    }
    if took > 2 * TIME {
        return Err(format!("took {took:?}, more than twice {TIME:?}").into());
    }
    if held > STACK + 2 * MEMORY {
        return Err(format!("held {held} bytes, more than twice {MEMORY} and its stack's {STACK}").into());
    }
    Ok(())
}

/// The limit that ended a program, or `Class: message` of its error.
fn end_of(source: &str, limits: Limits) -> String {
    let vm = Interp::new(Rc::new(NoHost), limits);
    let program = match vm.parse(source.as_bytes(), "hostile.rb") {
        Ok(program) => program,
        Err(error) => return error.to_string(),
    };
    match vm.run_main(&program) {
        Ok(_) => "its last line".to_owned(),
        Err(unwind) => match unwind.into_kind() {
            UnwindKind::Limit(limit) => limit.limit.to_owned(),
            UnwindKind::Raise(error) => {
                let error = Value::Obj(error);
                let message = vm.message_of(&error).map(|message| message.lossy()).unwrap_or_default();
                format!("{}: {message}", vm.real_class_of(&error).name())
            }
            other => format!("{other:?}"),
        },
    }
}

/// Makes the process's peak of resident memory what it holds now, and tells that (bytes).
fn forget_peak() -> std::io::Result<usize> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    peak()
}

/// The most memory the process held since (bytes).
fn peak() -> std::io::Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    Ok(line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or_default() << 10)
}
