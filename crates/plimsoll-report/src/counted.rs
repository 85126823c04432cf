//! Which controls of a report count, and with which value.
//!
//! A report of an overlay lists most controls twice: under the overlay, where they have no results, and under the base
//! profile that they come from. Counted is what the profiles that were asked for contain, each control with the value
//! that it has in the deepest base profile. SAF does the same for the first profile and forgets the others; here every
//! profile that nothing pulled in is counted, and nothing is lost when two controls share an id.

use crate::model::{Control, Profile, Report};
use crate::status::{ControlStatus, Severity};
use std::collections::{HashMap, HashSet};

/// A control that counts.
#[derive(Debug, Clone, Copy)]
pub struct CountedControl<'a> {
    /// The profile it got its results in.
    pub profile: &'a Profile,
    /// The control there.
    pub control: &'a Control,
    /// What it came to.
    pub status: ControlStatus,
    /// How bad that is.
    pub severity: Severity,
}

/// The controls of a report that count, in the report's order.
pub fn counted_controls(report: &Report) -> Vec<CountedControl<'_>> {
    let links = Links::of(report);
    let mut seen = HashSet::new();
    let mut counted = Vec::new();
    for root in links.roots() {
        for index in 0..report.profiles[root].controls.len() {
            for place in links.origins((root, index)) {
                if seen.insert(place) {
                    let profile = &report.profiles[place.0];
                    let control = &profile.controls[place.1];
                    counted.push(CountedControl {
                        profile,
                        control,
                        status: ControlStatus::of(control),
                        severity: Severity::of(control),
                    });
                }
            }
        }
    }
    counted
}

/// The profiles that were asked for, with what their controls came to in base profiles and what these depend on.
pub(crate) fn merged_profiles(report: &Report) -> Vec<Profile> {
    let links = Links::of(report);
    let merged = |root: usize| {
        let mut profile = report.profiles[root].clone();
        for (index, control) in profile.controls.iter_mut().enumerate() {
            if control.results.is_empty() {
                let mut origins = links.origins((root, index));
                // The deepest profile is listed last and has the last word.
                origins.sort_unstable();
                for (profile, index) in origins {
                    merge(control, &report.profiles[profile].controls[index]);
                }
            }
        }
        for base in links.below(root) {
            profile.depends.extend(report.profiles[base].depends.iter().cloned());
        }
        profile
    };
    links.roots().into_iter().map(merged).collect()
}

/// Adds what an overlaid control came to where it has results; what else it says counts more than what the overlay says.
fn merge(control: &mut Control, base: &Control) {
    control.results.extend(base.results.iter().cloned());
    if base.code.as_ref().is_some_and(|code| !code.is_empty()) {
        control.code.clone_from(&base.code);
    }
    if !base.waiver_data.is_empty() {
        control.waiver_data.clone_from(&base.waiver_data);
    }
    control.extra.extend(base.extra.iter().map(|(key, value)| (key.clone(), value.clone())));
}

/// A control's place: index of its profile, index in that profile.
type Place = (usize, usize);

/// How the profiles of a report hang together.
struct Links<'a> {
    report: &'a Report,
    /// For each profile the indexes of those it pulled in.
    bases: Vec<Vec<usize>>,
    /// For each profile its controls by id.
    by_id: Vec<HashMap<&'a str, Vec<usize>>>,
}

impl<'a> Links<'a> {
    fn of(report: &'a Report) -> Self {
        let mut bases = vec![Vec::new(); report.profiles.len()];
        for (index, profile) in report.profiles.iter().enumerate() {
            if let Some(overlay) = overlay_of(report, index, profile) {
                bases[overlay].push(index);
            }
        }
        let by_id = report
            .profiles
            .iter()
            .map(|profile| {
                let mut ids: HashMap<&str, Vec<usize>> = HashMap::new();
                for (index, control) in profile.controls.iter().enumerate() {
                    ids.entry(control.id.as_str()).or_default().push(index);
                }
                ids
            })
            .collect();
        Links { report, bases, by_id }
    }

    /// The profiles that were asked for. In a document where every profile claims another as its parent, all of them
    /// are: better counted twice than not at all.
    fn roots(&self) -> Vec<usize> {
        let pulled_in: HashSet<usize> = self.bases.iter().flatten().copied().collect();
        let all = 0..self.report.profiles.len();
        let roots: Vec<usize> = all.clone().filter(|index| !pulled_in.contains(index)).collect();
        if roots.is_empty() { all.collect() } else { roots }
    }

    /// All profiles that one pulled in, directly or not, in the report's order.
    fn below(&self, root: usize) -> Vec<usize> {
        let mut below = Vec::new();
        let mut open = vec![root];
        while let Some(profile) = open.pop() {
            let bases = self.bases[profile].iter().filter(|base| **base != root);
            let new: Vec<usize> = bases.copied().filter(|base| !below.contains(base)).collect();
            below.extend(&new);
            open.extend(new);
        }
        below.sort_unstable();
        below
    }

    /// Where a control's results stand: in the base profiles that have a control of this id, else where it is.
    fn origins(&self, start: Place) -> Vec<Place> {
        let id = self.report.profiles[start.0].controls[start.1].id.as_str();
        let mut origins = Vec::new();
        let mut visited = HashSet::from([start.0]);
        let mut open = vec![start];
        while let Some(place) = open.pop() {
            let mut below: Vec<Place> = Vec::new();
            for &base in &self.bases[place.0] {
                if let Some(indexes) = self.by_id[base].get(id)
                    && visited.insert(base)
                {
                    below.extend(indexes.iter().map(|&index| (base, index)));
                }
            }
            if below.is_empty() {
                origins.push(place);
            } else {
                open.extend(below.into_iter().rev());
            }
        }
        origins
    }
}

/// The profile that pulled `profile` in: the one it names as its parent, else one that lists it as a dependency.
fn overlay_of(report: &Report, index: usize, profile: &Profile) -> Option<usize> {
    let parent = profile.parent_profile.as_deref()?;
    let others = || report.profiles.iter().enumerate().filter(move |(other, _)| *other != index);
    let named = others().find(|(_, other)| other.name == parent);
    let lists_it = |other: &Profile| other.depends.iter().any(|d| d.get("name").is_some_and(|n| *n == *profile.name));
    named.or_else(|| others().find(|(_, other)| lists_it(other))).map(|(overlay, _)| overlay)
}
