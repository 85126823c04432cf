//! The list of known differences.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Trial;

use crate::case::Case;
use crate::compare::Difference;

/// Known differences: by case, then by place and kind, the reason.
pub(crate) struct Known {
    cases: BTreeMap<String, BTreeMap<(String, String), String>>,
}

impl Known {
    /// Reads the list: lines `CASE | PLACE | WHAT | REASON`; blank lines and those that begin with `#` say nothing.
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("the list is there");
        let mut cases: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let parts: Vec<&str> = line.split(" | ").map(str::trim).collect();
            let [case, place, what, reason] = parts.as_slice() else {
                panic!("{}: not `CASE | PLACE | WHAT | REASON`: {line}", path.display());
            };
            assert!(!reason.is_empty(), "{}: no reason: {line}", path.display());
            let entry = cases.entry((*case).to_owned()).or_default();
            entry.insert(((*place).to_owned(), (*what).to_owned()), (*reason).to_owned());
        }
        Self { cases }
    }

    /// A test that every case in the list of a suite is one.
    pub(crate) fn names_cases<T>(&self, suite: &str, cases: &[(Case, T)]) -> Trial {
        let unknown: Vec<String> =
            self.cases.keys().filter(|name| !cases.iter().any(|(case, _)| case.name == **name)).cloned().collect();
        Trial::test(format!("{suite}/known_differences_name_cases"), move || {
            if unknown.is_empty() { Ok(()) } else { Err(format!("no such cases: {}", unknown.join(", ")).into()) }
        })
    }

    /// What is wrong with a case: differences that are not listed, and listed ones that are none.
    pub(crate) fn check(&self, case: &str, differences: &[Difference]) -> Vec<String> {
        let empty = BTreeMap::new();
        let listed = self.cases.get(case).unwrap_or(&empty);
        let mut problems = Vec::new();
        for Difference { place, what, shown } in differences {
            if !listed.contains_key(&(key(place), (*what).to_owned())) {
                problems.push(format!("differs: {case} | {} | {what} |{shown}", key(place)));
            }
        }
        for (place, what) in listed.keys() {
            let still = differences.iter().any(|d| key(&d.place) == *place && d.what == what);
            if !still {
                problems.push(format!("agrees now; take it off the list: {case} | {place} | {what}"));
            }
        }
        problems
    }
}

/// A place as the list writes it: on one line.
fn key(place: &str) -> String {
    place.replace('\n', "\\n").trim().to_owned()
}
