//! Holds the tests of resources against the states of what they look at: it is there, it is not, it can't be made sense of,
//! it can't be looked at.
//!
//! A test's name has the words of the states that it is about: `an_absent_or_unreadable_file_skips`. For every resource and
//! state such a test stands in the resource's file and names the resource. [`CANNOT`] lists the states that one can't be in.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use plimsoll_ruby::{Interp, Limits, NoHost};
use plimsoll_target::MemoryTarget;

use super::{ALL, Listed, removed, unsupported};
use crate::{Backend, install};

const STATES: [&str; 4] = ["present", "absent", "malformed", "unreadable"];

/// Resources, states that they can't be in, and why.
const CANNOT: &[(&str, &[&str], &str)] = &[
    (
        "mongodb",
        &["absent", "malformed", "unreadable"],
        "It tells the usual path of a distribution and looks at nothing else.",
    ),
    (
        "mysql",
        &["absent", "malformed", "unreadable"],
        "It tells the usual paths of a distribution and looks at nothing else.",
    ),
    ("noop", &["absent", "malformed", "unreadable"], "It looks at nothing."),
    ("opa", &["absent", "unreadable"], "It takes the text of an answer and looks at nothing."),
    ("parse_config", &["unreadable"], "It takes a text and looks at nothing."),
    ("ssl", &["absent", "malformed", "unreadable"], "It has a fixed table and opens no connection."),
];

/// The tests of a file: their names and what they do.
fn tests(source: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    source.split("    #[test]\n    fn ").skip(1).filter_map(|text| {
        let (name, rest) = text.split_once('(')?;
        // What follows the closing brace belongs to no test.
        Some((name, rest.split_once("\n    }\n")?.0))
    })
}

/// Whether a file has a test of a resource in a state.
fn is_tested(source: &'static str, resource: &str, state: &str) -> bool {
    let quoted = format!("\"{resource}\"");
    tests(source).any(|(name, body)| name.split('_').any(|word| word == state) && body.contains(&quoted))
}

fn names(listed: &'static Listed) -> impl Iterator<Item = &'static str> {
    std::iter::once(listed.def.name).chain(listed.def.aliases.iter().copied())
}

#[test]
fn every_name_of_the_registry_is_held_here_or_refused() {
    let vm = Interp::new(Rc::new(NoHost), Limits::default());
    let set = install(&vm, Backend::new(Arc::new(MemoryTarget::new())));
    let held: BTreeSet<&str> = ALL.iter().flat_map(names).collect();
    let refused = |name: &str| unsupported::ALL.iter().chain(removed::ALL).any(|def| def.name == name);
    let other: Vec<String> = set.names().iter().map(|name| name.text().into_owned()).collect();
    let other: Vec<&String> = other.iter().filter(|name| !held.contains(name.as_str()) && !refused(name)).collect();
    assert!(other.is_empty(), "{other:?}");
    assert!(held.len() > 130, "the list has all resources");
}

#[test]
fn every_resource_is_tested_in_every_state() {
    let cannot = |name: &str, state: &str| CANNOT.iter().any(|(of, states, _)| *of == name && states.contains(&state));
    let mut untested = BTreeSet::new();
    let mut untrue = BTreeSet::new();
    for listed in ALL {
        for name in names(listed) {
            for state in STATES {
                match (is_tested(listed.source, name, state), cannot(name, state)) {
                    (false, false) => untested.insert(format!("{name}: {state}")),
                    (true, true) => untrue.insert(format!("{name}: {state}")),
                    _ => continue,
                };
            }
        }
    }
    assert!(untested.is_empty(), "{} are not tested: {untested:#?}", untested.len());
    assert!(untrue.is_empty(), "these can't be, and are tested: {untrue:#?}");
}

#[test]
fn what_cannot_be_has_a_reason() {
    for (name, states, reason) in CANNOT {
        assert!(ALL.iter().any(|listed| listed.def.name == *name), "{name} is a resource");
        assert!(states.iter().all(|state| STATES.contains(state)), "{name}: {states:?}");
        assert!(reason.ends_with('.'), "{name} has a reason");
    }
}
