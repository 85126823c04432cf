//! Runs every line of `snippets/*.rb` and `random/*.txt` and compares with what CRuby 3.1 gave (see `record.rb`, `random.rb`).

// The wall is around the interpreter; its tests read their data.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use plimsoll_ruby::{Host, Interp, Limits, Session, Unwind, UnwindKind, Value};

const MARK: &str = " #=> ";

/// A host with a clock and nothing else.
struct Clock;

impl Host for Clock {
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
    }
}

/// What a snippet gives: its value inspected, or `!! Class: message`.
fn outcome(vm: &Interp, code: &str, file: &str) -> String {
    let value = Session::new(vm, vm.main_object()).eval(vm, code, file);
    let text = value.and_then(|value| vm.inspect(&value)).map(|text| text.to_vec());
    let text = text.unwrap_or_else(|unwind| raised(vm, &unwind).into_bytes());
    String::from_utf8_lossy(&text).replace('\n', "\\n")
}

fn raised(vm: &Interp, unwind: &Unwind) -> String {
    match unwind.kind() {
        UnwindKind::Raise(error) => {
            let class = error.head.class().map_or_else(String::new, |class| class.real().name());
            // The message itself, without suggestions: so it is recorded.
            let error = Value::Obj(Rc::clone(error));
            let message = vm.send(&error, "original_message", &[]).or_else(|_| vm.send(&error, "message", &[]));
            let message = message.and_then(|message| vm.to_s(&message)).map_or_else(|_| "?".to_owned(), |m| m.lossy());
            format!("!! {class}: {message}")
        }
        UnwindKind::Limit(limit) => format!("!! {limit}"),
        other => format!("!! {other:?}"),
    }
}

#[test]
fn snippets_give_what_cruby_gives() {
    compare("tests/snippets", "rb");
}

#[test]
fn random_calls_give_what_cruby_gives() {
    compare("tests/random", "txt");
}

/// Runs the lines of a folder's files.
fn compare(folder: &str, extension: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let only = std::env::var("SNIPPETS").ok();
    let (mut report, mut run, mut failed) = (String::new(), 0, 0);
    for path in files.iter().filter(|path| path.extension().is_some_and(|found| found == extension)) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| !name.starts_with(only.as_str())) {
            continue;
        }
        let vm = Interp::new(Rc::new(Clock), Limits::default());
        for (number, line) in std::fs::read_to_string(path).unwrap().lines().enumerate() {
            let Some((code, expected)) = line.split_once(MARK) else {
                let blank = line.trim().is_empty() || line.starts_with('#');
                assert!(blank, "{name}:{}: record this snippet first: {line}", number + 1);
                continue;
            };
            run += 1;
            vm.renew_budget();
            // A panic is a difference like any other; the rest is still worth knowing.
            let attempt = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| outcome(&vm, code, &name)));
            let actual = attempt.unwrap_or_else(|_| "a panic".to_owned());
            if actual != expected {
                failed += 1;
                writeln!(report, "{name}:{}: {code}\n  expected {expected}\n  actual   {actual}", number + 1).unwrap();
            }
        }
    }
    assert!(failed == 0, "{failed} of {run} snippets differ:\n{report}");
}
