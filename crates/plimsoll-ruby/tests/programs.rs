//! Runs each `programs/NAME.rb` and compares what it prints with `NAME.out`.
//!
//! To add one: write the program, then `ruby --disable=did_you_mean,error_highlight NAME.rb > NAME.out` with
//! Ruby 3.1, and read the output.

#![allow(clippy::disallowed_methods)] // the test reads its data; the wall is the library's

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use plimsoll_ruby::{Host, Interp, Limits, Stream, UnwindKind, Value};

/// A host that keeps what is printed.
#[derive(Default)]
struct Output(RefCell<Vec<u8>>);

impl Host for Output {
    fn print(&self, _: Stream, text: &[u8]) {
        self.0.borrow_mut().extend_from_slice(text);
    }
}

fn run(source: &[u8], file: &str) -> String {
    let host = Rc::new(Output::default());
    let vm = Interp::new(Rc::<Output>::clone(&host), Limits::default());
    let program = vm.parse(source, file).unwrap();
    let failure = match vm.run_main(&program) {
        Ok(_) => String::new(),
        Err(unwind) => match unwind.into_kind() {
            UnwindKind::Raise(error) => {
                let text = vm.send(&Value::Obj(error), "full_message", &[]).and_then(|text| vm.to_s(&text));
                text.map_or_else(|_| "an error that can't be shown".to_owned(), |text| text.lossy())
            }
            other => format!("{other:?}"),
        },
    };
    String::from_utf8_lossy(&host.0.take()).into_owned() + &failure
}

#[test]
fn programs_print_what_they_print_in_cruby() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rb"));
    files.sort();
    assert!(!files.is_empty());
    let mut differences = String::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(path.with_extension("out")).unwrap();
        let actual = run(&std::fs::read(&path).unwrap(), &name);
        if actual == expected {
            continue;
        }
        let pairs = actual.lines().zip(expected.lines()).enumerate();
        let first = pairs.into_iter().find(|(_, (ours, theirs))| ours != theirs);
        let shown = match first {
            Some((line, (ours, theirs))) => format!("line {}:\n  ours   {ours}\n  theirs {theirs}", line + 1),
            None => format!("{} lines, expected {}", actual.lines().count(), expected.lines().count()),
        };
        differences.push_str(&format!("{name}: {shown}\n"));
    }
    assert!(differences.is_empty(), "{differences}");
}
