//! Every public method that CRuby 3.1 lists for its core classes (`methods.txt`, see `methods.rb`) is there. Some are there to
//! refuse by name.

// The wall is around the interpreter; its tests read their data.
#![allow(clippy::disallowed_methods)]

use std::path::Path;
use std::rc::Rc;

use plimsoll_ruby::{Interp, Limits, NoHost, Value};

/// What is neither implemented nor refused by name, each for a reason.
const MISSING: &[&str] = &[];

#[test]
fn every_public_method_of_the_core_classes_is_there() {
    let vm = Interp::new(Rc::new(NoHost), Limits::default());
    let requires = vm.eval_str("require 'date'; require 'ostruct'; require 'set'; require 'time'");
    assert!(requires.is_ok(), "{requires:?}");
    let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/methods.txt")).unwrap();
    let (mut known, mut missing) = (0, Vec::new());
    for line in list.lines() {
        let (owner, names) = line.split_once(' ').unwrap();
        let (class, question) = match owner.strip_suffix('#') {
            Some(class) => (class, "public_method_defined?"),
            None => (owner.trim_end_matches('.'), "respond_to?"),
        };
        for name in names.split(' ') {
            known += 1;
            let answer = vm.eval_str(&format!("{class}.{question}(:'{name}')"));
            if !matches!(answer, Ok(Value::Bool(true))) {
                missing.push(format!("{owner}{name}"));
            }
        }
    }
    let there = known - missing.len();
    assert!(missing == MISSING, "{there} of {known} are there; missing: {}", missing.join(" "));
}
