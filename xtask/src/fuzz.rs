//! `cargo xtask fuzz`: random programs for the interpreter, by libFuzzer, until one ends neither in a value nor in an error.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

/// Words of the language that methods.txt doesn't list.
const WORDS: &str = "alias and BEGIN begin break case class def defined? do else elsif END end ensure false for if in module next nil \
                     not or redo rescue retry return self super then true undef unless until when while yield __method__ |x| |x,y| \
                     &. :: => -> ** .. ... <<~A <=> === =~ #{ %w[ %i[ /x/ {} [] \"\" && || ||= += * _1 ?a 0x 1e9 1r 2i";

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// Any bytes, parsed
    Parse,
    /// Any bytes, run as a program
    Eval,
    /// Every method of the core classes with all kinds of arguments
    Calls,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Eval => "eval",
            Self::Calls => "calls",
        }
    }
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// What is fuzzed
    target: Target,
    /// How long
    #[arg(long, default_value_t = 600, value_name = "N")]
    seconds: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let installed =
        Command::new("cargo").args(["fuzz", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    ensure!(installed?.success(), "cargo-fuzz is not installed: run `cargo install cargo-fuzz`");

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let ruby = root.join("crates/plimsoll-ruby");
    let place = target.join("fuzz");
    let (corpus, artifacts) = (place.join(arguments.target.name()), place.join("artifacts"));
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }

    let mut command = Command::new("cargo");
    command.args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir"]).arg(ruby.join("fuzz"));
    command.arg("--target-dir").arg(&target).arg(arguments.target.name()).arg(&corpus);
    // `calls` reads choices off its bytes; the others read text.
    let text = !matches!(arguments.target, Target::Calls);
    if text {
        command.arg(seeds(&ruby, &place)?);
    }
    command.args(["--", "-rss_limit_mb=2048", "-timeout=10"]).arg(format!("-max_total_time={}", arguments.seconds));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    if text {
        command.arg(format!("-dict={}", dictionary(&ruby, &place)?.display()));
    }
    let status = command.status().context("cannot start cargo fuzz")?;
    if !status.success() {
        eprintln!("what ended it is in {}: add it to crates/plimsoll-ruby/tests, then mend it", artifacts.display());
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A file for each snippet of the tests.
fn seeds(ruby: &Path, place: &Path) -> Result<PathBuf> {
    let seeds = place.join("seeds");
    fs::create_dir_all(&seeds)?;
    for entry in fs::read_dir(ruby.join("tests/snippets"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a snippet file has a name")?.to_string_lossy();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let snippets = text.lines().filter_map(|line| line.split_once(" #=> "));
        for (number, (code, _)) in snippets.enumerate() {
            fs::write(seeds.join(format!("{name}-{number}")), code)?;
        }
    }
    Ok(seeds)
}

/// The names of methods and classes, and the words of the language.
fn dictionary(ruby: &Path, place: &Path) -> Result<PathBuf> {
    let methods = fs::read_to_string(ruby.join("tests/methods.txt"))?;
    let words: BTreeSet<&str> = methods.split_whitespace().chain(WORDS.split_whitespace()).collect();
    let quoted =
        |word: &&str| format!("\"{}\"\n", word.trim_end_matches('#').replace('\\', "\\\\").replace('"', "\\\""));
    let path = place.join("dictionary");
    fs::write(&path, words.iter().filter(|word| **word != "#").map(quoted).collect::<String>())?;
    Ok(path)
}
