//! Holds the resources against InSpec's own: each answers every method.
//!
//! `testdata/methods.txt` lists InSpec's; `testdata/methods-left-out.txt` those that are not there, each with its reason. The
//! list is always true: what is missing and not listed fails, and what is listed and not missing fails too.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use plimsoll_ruby::{Interp, Limits, NoHost, Sym};
use plimsoll_target::MemoryTarget;

use super::{removed, unsupported};
use crate::{Backend, ResourceSet, install};

/// `name: word word …`, comments left out.
fn table(text: &'static str) -> BTreeMap<&'static str, &'static str> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once(':').expect("a name stands before a colon")).collect()
}

/// What InSpec's have and these have not: `name#method`.
fn missing(vm: &Interp, set: &ResourceSet) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    let refused = |name: &str| unsupported::ALL.iter().chain(removed::ALL).any(|resource| resource.name == name);
    for (name, methods) in table(include_str!("testdata/methods.txt")) {
        // One of another system, or one that was removed, can't be made: nobody calls its methods.
        let Some(class) = set.get(Sym::new(name)).filter(|_| !refused(name)) else { continue };
        let unknown = methods.split_whitespace().filter(|method| vm.find_method(&class, Sym::new(method)).is_none());
        missing.extend(unknown.map(|method| format!("{name}#{method}")));
    }
    missing
}

#[test]
fn every_resource_of_inspec_is_there() {
    let vm = Interp::new(Rc::new(NoHost), Limits::default());
    let set = install(&vm, Backend::new(std::sync::Arc::new(MemoryTarget::new())));
    let names = table(include_str!("testdata/methods.txt"));
    assert!(names.len() > 150, "the list is InSpec's");
    let missing: Vec<_> = names.into_keys().filter(|name| set.get(Sym::new(name)).is_none()).collect();
    assert!(missing.is_empty(), "{} are missing: {missing:?}", missing.len());
}

#[test]
fn every_method_of_inspec_is_there() {
    let vm = Interp::new(Rc::new(NoHost), Limits::default());
    let set = install(&vm, Backend::new(std::sync::Arc::new(MemoryTarget::new())));
    let left_out = table(include_str!("testdata/methods-left-out.txt"));
    assert!(left_out.values().all(|reason| !reason.trim().is_empty()), "each line has its reason");
    // A method's name alone is left out of every resource.
    let is_listed = |method: &str| {
        let anywhere = method.split_once('#').is_some_and(|(_, name)| left_out.contains_key(name));
        anywhere || left_out.contains_key(method)
    };
    let missing = missing(&vm, &set);
    let unlisted: Vec<_> = missing.iter().filter(|method| !is_listed(method)).collect();
    assert!(unlisted.is_empty(), "{} are missing: {unlisted:#?}", unlisted.len());
    let is_missing =
        |listed: &&&str| missing.iter().any(|method| method.ends_with(&format!("#{listed}")) || method == **listed);
    let untrue: Vec<_> = left_out.keys().filter(|listed| !is_missing(listed)).collect();
    assert!(untrue.is_empty(), "these are listed and there: {untrue:#?}");
}
