//! `cargo xtask ruby-spec`: ruby/spec run by the interpreter, measured against what Debian's CRuby passes of it.
//!
//! Both run the same files under the same small mspec (`ruby_spec/mspec.rb`). An example counts when CRuby passes it and it
//! is not about what the interpreter refuses on purpose (`ruby_spec/refused.rb` says why, example by example).

mod runner;
mod worker;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use clap::Args;

use runner::{Outcome, Ran, Runner};
pub(crate) use worker::{Arguments as WorkerArguments, run as run_worker};

/// What is measured when nothing is chosen.
const FOLDERS: &[&str] = &[
    "language",
    "core/array",
    "core/basicobject",
    "core/comparable",
    "core/enumerable",
    "core/enumerator",
    "core/exception",
    "core/false",
    "core/float",
    "core/hash",
    "core/integer",
    "core/kernel",
    "core/matchdata",
    "core/method",
    "core/module",
    "core/nil",
    "core/proc",
    "core/range",
    "core/rational",
    "core/regexp",
    "core/set",
    "core/string",
    "core/struct",
    "core/symbol",
    "core/time",
    "core/true",
    "library/date",
    "library/erb",
    "library/set",
    "library/shellwords",
    "library/stringio",
    "library/uri",
];

#[derive(Args)]
pub(crate) struct Arguments {
    /// A checkout of ruby/spec
    suite: PathBuf,
    /// Measure this folder or file of the suite alone; may be given more than once
    #[arg(long = "folder", value_name = "FOLDER")]
    folders: Vec<String>,
    /// Print the examples that fail, each with its reason
    #[arg(long)]
    failures: bool,
    /// The CRuby that says what counts
    #[arg(long, default_value = "ruby", value_name = "PROGRAM")]
    ruby: PathBuf,
    /// How many files run at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..))]
    jobs: u8,
}

/// What came of the examples that a folder's files hold.
#[derive(Default)]
struct Score {
    passed: usize,
    failures: Vec<String>,
    refused: BTreeMap<String, usize>,
}

impl Score {
    fn counted(&self) -> usize {
        self.passed + self.failures.len()
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let suite = arguments.suite.canonicalize().with_context(|| format!("cannot find {}", arguments.suite.display()))?;
    let reference = Runner::cruby(&arguments.ruby, &suite)?;
    let interpreter = Runner::interpreter(&suite)?;
    let chosen: Vec<&str> = if arguments.folders.is_empty() {
        FOLDERS.to_vec()
    } else {
        arguments.folders.iter().map(|folder| folder.trim_end_matches('/')).collect()
    };
    let mut files = Vec::new();
    for folder in &chosen {
        let found = spec_files(&suite, folder)?;
        ensure!(
            !found.is_empty() || arguments.folders.is_empty(),
            "{} has no spec files in {folder}: name a folder as it stands in the suite, like core/string",
            suite.display()
        );
        files.extend(found.into_iter().map(|file| (*folder, file)));
    }
    let scores = measure(&files, &reference, &interpreter, arguments.jobs)?;
    if arguments.failures {
        for failure in scores.values().flat_map(|score| &score.failures) {
            println!("{failure}");
        }
        println!();
    }
    print_table(&chosen, &scores);
    Ok(ExitCode::SUCCESS)
}

/// The spec files below a folder (or the one file), relative to the suite, sorted.
fn spec_files(suite: &Path, folder: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut waiting = vec![suite.join(folder)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for entry in path.read_dir().with_context(|| format!("cannot list {}", path.display()))? {
                waiting.push(entry?.path());
            }
        } else if path.to_string_lossy().ends_with("_spec.rb") && path.is_file() {
            found.push(path.strip_prefix(suite)?.to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(found)
}

fn measure<'a>(
    files: &[(&'a str, String)],
    reference: &Runner,
    interpreter: &Runner,
    jobs: u8,
) -> Result<BTreeMap<&'a str, Score>> {
    let next = AtomicUsize::new(0);
    let scores = Mutex::new(BTreeMap::<&str, Score>::new());
    let work = || -> Result<()> {
        while let Some((folder, file)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let wanted = reference.run(file)?;
            let ours = interpreter.run(file)?;
            compare(file, &wanted, &ours, scores.lock().expect("no worker panics").entry(folder).or_default());
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
    })?;
    let mut scores = scores.into_inner().expect("no worker panics");
    for score in scores.values_mut() {
        score.failures.sort();
    }
    Ok(scores)
}

/// Examples are matched by their names, those of the same name by their order.
fn compare(file: &str, wanted: &Ran, ours: &Ran, score: &mut Score) {
    let mut by_name: HashMap<&str, Vec<&Outcome>> = HashMap::new();
    for (name, outcome) in ours.examples.iter().rev() {
        by_name.entry(name).or_default().push(outcome);
    }
    for (name, outcome) in &wanted.examples {
        let got = by_name.get_mut(name.as_str()).and_then(Vec::pop);
        match outcome {
            Outcome::Failed(_) => {}
            Outcome::Refused(reason) => *score.refused.entry(reason.clone()).or_default() += 1,
            Outcome::Passed => match got {
                Some(Outcome::Passed) => score.passed += 1,
                Some(Outcome::Failed(reason) | Outcome::Refused(reason)) => {
                    score.failures.push(format!("{file}: {name}: {reason}"));
                }
                None => {
                    let reason = ours.load_failure.as_deref().unwrap_or("the example was not found");
                    score.failures.push(format!("{file}: {name}: {reason}"));
                }
            },
        }
    }
}

fn print_table(folders: &[&str], scores: &BTreeMap<&str, Score>) {
    println!("| folder | examples | passed | |");
    println!("|---|---:|---:|---:|");
    let mut refused = BTreeMap::<&str, usize>::new();
    let (mut passed, mut counted) = (0, 0);
    for folder in folders {
        let Some(score) = scores.get(folder) else {
            println!("| {folder} | – | – | not in this suite |");
            continue;
        };
        println!("{}", row(folder, score.passed, score.counted()));
        passed += score.passed;
        counted += score.counted();
        for (reason, count) in &score.refused {
            *refused.entry(reason).or_default() += count;
        }
    }
    println!("{}", row("all", passed, counted));
    println!("\n| left out: about | examples |\n|---|---:|");
    for (reason, count) in refused {
        println!("| {reason} | {count} |");
    }
}

fn row(folder: &str, passed: usize, counted: usize) -> String {
    let share =
        if counted == 0 { "–".to_owned() } else { format!("{:.1} %", passed as f64 * 100.0 / counted as f64) };
    format!("| {folder} | {counted} | {passed} | {share} |")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(examples: &[(&str, Outcome)]) -> Ran {
        let examples = examples.iter().map(|(name, outcome)| ((*name).to_owned(), outcome.clone())).collect();
        Ran { examples, load_failure: Some("SyntaxError".to_owned()) }
    }

    #[test]
    fn what_cruby_passes_counts_and_a_missing_example_fails() {
        let wanted = ran(&[
            ("a", Outcome::Passed),
            ("a", Outcome::Passed),
            ("b", Outcome::Failed("no".to_owned())),
            ("c", Outcome::Refused("threads".to_owned())),
            ("d", Outcome::Passed),
        ]);
        let ours = ran(&[("a", Outcome::Passed), ("b", Outcome::Passed), ("a", Outcome::Failed("why".to_owned()))]);
        let mut score = Score::default();
        compare("x_spec.rb", &wanted, &ours, &mut score);
        assert_eq!((score.passed, score.counted()), (1, 3));
        assert_eq!(score.failures, ["x_spec.rb: a: why", "x_spec.rb: d: SyntaxError"]);
        assert_eq!(score.refused, BTreeMap::from([("threads".to_owned(), 1)]));
    }
}
