//! Holds docs/ruby.md against the code.

// The wall is around the interpreter; its tests read their data.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use plimsoll_ruby::{Encoding, Interp, Limits, NoHost};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The part of the page between `<!-- name -->` and `<!-- end -->`.
fn part(name: &str) -> String {
    let page = std::fs::read_to_string(root().join("docs/ruby.md")).unwrap();
    let (_, after) = page.split_once(&format!("<!-- {name} -->")).expect("the page has the part");
    after.split_once("<!-- end -->").expect("the part ends").0.to_owned()
}

/// What stands between backticks in a text.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What stands between backticks in the first column of a table.
fn first_column(table: &str) -> BTreeSet<String> {
    table.lines().filter_map(|line| line.split('|').nth(1)).flat_map(quoted).collect()
}

/// All source files of the crate.
fn sources(folder: &Path, all: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else {
            all.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The names in a table of `(name, …)` in the source of `require`.
fn listed(table: &str) -> BTreeSet<String> {
    let source = include_str!("../src/core/kernel/loading.rs");
    let (_, after) = source.split_once(&format!("const {table}: ")).expect("the table is there");
    let rows = after.split_once("];").expect("the table ends").0;
    rows.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next()).map(str::to_owned).collect()
}

fn require(name: &str) -> String {
    let vm = Interp::new(Rc::new(NoHost), Limits::default());
    let source = format!("begin; require '{name}'; rescue LoadError => e; e.message; end");
    let value = vm.eval_str(&source).and_then(|value| vm.inspect(&value));
    value.map_or_else(|unwind| format!("{unwind:?}"), |text| text.lossy())
}

#[test]
fn libraries_are_those_that_load() {
    let named = first_column(&part("libraries"));
    assert_eq!(named, listed("LIBRARIES"));
    for name in named {
        assert_eq!(require(&name), "true", "{name}");
    }
}

#[test]
fn refused_libraries_say_why() {
    let named = quoted(&part("refused libraries"));
    assert_eq!(named, listed("REFUSED"));
    for name in named {
        let why = require(&name);
        assert!(why.starts_with(&format!("\"cannot load such file -- {name} (")), "{why}");
    }
}

#[test]
fn encodings_are_those_of_strings() {
    let names: BTreeSet<String> = Encoding::ALL.iter().map(|encoding| encoding.name().to_owned()).collect();
    assert_eq!(quoted(&part("encodings")), names);
}

#[test]
fn refusals_are_those_of_the_code() {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut found = BTreeSet::new();
    for source in &all {
        for call in ["unsupported(\"", "Refused(\""] {
            found.extend(source.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
    assert_eq!(first_column(&part("refused")), found);
}

#[test]
fn limits_have_these_defaults() {
    let limits = Limits::default();
    let rows: Vec<(String, u64)> = part("limits")
        .lines()
        .filter_map(|line| {
            let mut columns = line.split('|').skip(1).map(str::trim);
            let name = columns.next()?.trim_matches('`').to_owned();
            Some((name, columns.next()?.parse().ok()?))
        })
        .collect();
    let Limits { steps, memory, depth, string, elements, regex_steps, time, source, nesting } = limits;
    let expected = [
        ("steps", steps),
        ("memory", memory as u64),
        ("depth", depth as u64),
        ("string", string as u64),
        ("elements", elements as u64),
        ("regex_steps", regex_steps as u64),
        ("time", time.as_secs()),
        ("source", source as u64),
        ("nesting", nesting as u64),
    ];
    assert_eq!(rows, expected.map(|(name, value)| (name.to_owned(), value)));
}
