//! The list of known differences.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Trial;

use crate::case::Case;
use crate::compare::Difference;

/// Why there is a difference. A reason begins with its kind: `abort: CINC …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// CINC aborts or crashes; we go on and say what is wrong.
    Abort,
    /// We differ on purpose.
    Purpose,
    /// We fall short.
    Gap,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Abort, Self::Purpose, Self::Gap];

    fn word(self) -> &'static str {
        match self {
            Self::Abort => "abort",
            Self::Purpose => "purpose",
            Self::Gap => "gap",
        }
    }

    /// What the page puts over the differences of this kind.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Abort => "Where CINC aborts and Plimsoll goes on",
            Self::Purpose => "On purpose",
            Self::Gap => "Not supported",
        }
    }
}

/// A reason and its kind.
#[derive(Clone)]
struct Reason {
    kind: Kind,
    text: String,
}

impl Reason {
    fn parse(text: &str) -> Option<Self> {
        let (word, text) = text.split_once(": ")?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
        (!text.is_empty()).then(|| Self { kind, text: text.to_owned() })
    }
}

/// Known differences: by case, then by place and what differs, the reason.
#[derive(Clone)]
pub(crate) struct Known {
    cases: BTreeMap<String, BTreeMap<(String, String), Reason>>,
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
            let Some(reason) = Reason::parse(reason) else {
                panic!("{}: the reason begins with none of abort:, purpose: and gap: {line}", path.display());
            };
            let entry = cases.entry((*case).to_owned()).or_default();
            entry.insert(((*place).to_owned(), (*what).to_owned()), reason);
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

    /// Cases and reasons of a kind, one pair for each difference.
    pub(crate) fn reasons(&self, kind: Kind) -> impl Iterator<Item = (&str, &str)> {
        let all = self.cases.iter().flat_map(|(case, reasons)| reasons.values().map(move |reason| (case, reason)));
        all.filter(move |(_, reason)| reason.kind == kind).map(|(case, reason)| (case.as_str(), reason.text.as_str()))
    }

    /// Whether a difference is listed as one where CINC aborts, or as one that is meant.
    pub(crate) fn is_on_purpose(&self, case: &str, place: &str, what: &str) -> bool {
        let reason = self.cases.get(case).and_then(|places| places.get(&(key(place), what.to_owned())));
        reason.is_some_and(|reason| reason.kind != Kind::Gap)
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
