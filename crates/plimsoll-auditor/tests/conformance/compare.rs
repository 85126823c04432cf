//! Holds our report against CINC's.

use std::fmt;

use serde_json::Value as Json;

use crate::case::{Case, Outcome};
use crate::known::Known;
use crate::normalise::Form;

/// One thing in which the reports differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where: `exit code`, a profile, `PROFILE/CONTROL` or `PROFILE/CONTROL[INDEX]`.
    pub place: String,
    /// In what; of a result the gravest alone: `status`, then `code_desc`, `message`, `resource`.
    pub what: &'static str,
    /// CINC's and ours.
    pub shown: String,
}

/// How much there was to agree on, and how much we agree on.
#[derive(Debug, Default, Clone)]
pub(crate) struct Totals {
    cases: usize,
    exit_codes: usize,
    controls: usize,
    fields: usize,
    results: usize,
    statuses: usize,
    code_descs: usize,
    messages: usize,
    resources: usize,
}

impl Totals {
    /// Whether there is nothing to tell.
    pub(crate) fn is_empty(&self) -> bool {
        self.cases == 0
    }

    /// Adds those of another case.
    pub(crate) fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.exit_codes += other.exit_codes;
        self.controls += other.controls;
        self.fields += other.fields;
        self.results += other.results;
        self.statuses += other.statuses;
        self.code_descs += other.code_descs;
        self.messages += other.messages;
        self.resources += other.resources;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |name: &str, of: usize, all: usize| {
            format!("{name} {of}/{all} ({:.2} %)", 100.0 * of as f64 / all.max(1) as f64)
        };
        let parts = [
            part("status", self.statuses, self.results),
            part("code_desc", self.code_descs, self.results),
            part("message", self.messages, self.results),
            part("resource", self.resources, self.results),
            part("control fields", self.fields, self.controls),
            part("exit code", self.exit_codes, self.cases),
        ];
        f.write_str(&parts.join(", "))
    }
}

/// How far a set of cases agrees.
#[derive(Debug, Default, Clone)]
pub(crate) struct Agreement {
    /// Of everything.
    pub all: Totals,
    /// Of everything but where CINC aborts or we differ on purpose.
    pub rest: Totals,
}

impl Agreement {
    /// Adds that of another case.
    pub(crate) fn add(&mut self, other: &Self) {
        self.all.add(&other.all);
        self.rest.add(&other.rest);
    }

    fn count(&mut self, on_purpose: bool, add: impl Fn(&mut Totals)) {
        add(&mut self.all);
        if !on_purpose {
            add(&mut self.rest);
        }
    }
}

/// Everything in which a case differs from CINC's report, and the counts.
pub(crate) fn compare(case: &Case, form: Form, outcome: &Outcome, known: &Known) -> (Vec<Difference>, Agreement) {
    let mut held = Held { case: &case.name, known, differences: Vec::new(), agreement: Agreement::default() };
    let agrees = case.exit_code == outcome.exit_code;
    held.agreement.count(!agrees && known.is_on_purpose(&case.name, "exit code", "rc"), |totals| {
        totals.cases += 1;
        totals.exit_codes += usize::from(agrees);
    });
    if case.exit_code != outcome.exit_code {
        held.differ("exit code", "rc", &Json::from(case.exit_code), &Json::from(outcome.exit_code));
    }
    let none = Json::Null;
    let ours = outcome.report.as_ref().map(|report| form.reduce(report, &case.directory));
    match (&case.expected, &ours) {
        (Some(expected), Ok(ours)) => held.reports(expected, ours),
        (Some(expected), Err(error)) => {
            held.differ("report", "report", &Json::from("a report"), &Json::from(error.as_str()));
            held.reports(expected, &none);
            held.differences.retain(|difference| difference.place == "report" || difference.what == "rc");
        }
        // CINC crashed. What we say instead shows in the exit code.
        (None, _) => {}
    }
    (held.differences, held.agreement)
}

struct Held<'a> {
    case: &'a str,
    known: &'a Known,
    differences: Vec<Difference>,
    agreement: Agreement,
}

const PROFILE_FIELDS: &[&str] = &[
    "name",
    "title",
    "version",
    "status",
    "status_message",
    "skip_message",
    "parent_profile",
    "attributes",
    "depends",
    "groups",
];

const CONTROL_FIELDS: &[&str] = &["title", "desc", "descriptions", "impact", "refs", "tags", "waiver_data"];

fn list<'a>(of: &'a Json, key: &str) -> &'a [Json] {
    of.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// Numbers by value: `1` is `1.0`.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

impl Held<'_> {
    fn differ(&mut self, place: &str, what: &'static str, expected: &Json, ours: &Json) {
        let shown = format!("\n    CINC: {expected}\n    ours: {ours}");
        self.differences.push(Difference { place: place.to_owned(), what, shown });
    }

    fn reports(&mut self, expected: &Json, ours: &Json) {
        let (expected, ours) = (list(expected, "profiles"), list(ours, "profiles"));
        for (at, profile) in expected.iter().enumerate() {
            self.profile(profile, ours.get(at).unwrap_or(&Json::Null));
        }
        for profile in ours.iter().skip(expected.len()) {
            self.differ(&text(&profile["name"]), "profile", &Json::Null, &profile["name"]);
        }
    }

    fn profile(&mut self, expected: &Json, ours: &Json) {
        let name = text(&expected["name"]);
        for field in PROFILE_FIELDS {
            let (a, b) = (expected.get(field).unwrap_or(&Json::Null), ours.get(field).unwrap_or(&Json::Null));
            if !same(a, b) {
                self.differ(&name, field, a, b);
            }
        }
        let mut left: Vec<&Json> = list(ours, "controls").iter().collect();
        for control in list(expected, "controls") {
            let found = left.iter().position(|candidate| same(&candidate["id"], &control["id"]));
            let found = found.map(|at| left.remove(at));
            let place = format!("{name}/{}", text(&control["id"]));
            if found.is_none() {
                self.differ(&place, "control", &control["id"], &Json::Null);
            }
            self.control(&place, control, found);
        }
        for control in left {
            self.differ(&format!("{name}/{}", text(&control["id"])), "control", &Json::Null, &control["id"]);
        }
    }

    fn control(&mut self, place: &str, expected: &Json, ours: Option<&Json>) {
        let results = list(expected, "results");
        let Some(ours) = ours else {
            return self.agreement.count(false, |totals| {
                totals.controls += 1;
                totals.results += results.len();
            });
        };
        let (mut agree, mut on_purpose) = (true, true);
        for field in CONTROL_FIELDS {
            let (a, b) = (expected.get(field).unwrap_or(&Json::Null), ours.get(field).unwrap_or(&Json::Null));
            if !same(a, b) {
                agree = false;
                on_purpose &= self.known.is_on_purpose(self.case, place, field);
                self.differ(place, field, a, b);
            }
        }
        self.agreement.count(!agree && on_purpose, |totals| {
            totals.controls += 1;
            totals.fields += usize::from(agree);
        });
        let found = list(ours, "results");
        for at in 0..results.len().max(found.len()) {
            let (a, b) = (results.get(at).unwrap_or(&Json::Null), found.get(at).unwrap_or(&Json::Null));
            self.result(&format!("{place}[{at}]"), a, b);
        }
    }

    fn result(&mut self, place: &str, expected: &Json, ours: &Json) {
        let agree = |keys: &[&str]| keys.iter().all(|key| expected.get(key) == ours.get(key));
        let what = if !agree(&["status"]) {
            "status"
        } else if !agree(&["code_desc"]) {
            "code_desc"
        } else if !agree(&["message", "skip_message", "exception"]) {
            "message"
        } else if !agree(&["resource_class", "resource_params", "resource_id"]) {
            "resource"
        } else {
            ""
        };
        if expected.is_null() {
            return self.differ(place, "status", expected, ours);
        }
        let on_purpose = !what.is_empty() && self.known.is_on_purpose(self.case, place, what);
        self.agreement.count(on_purpose, |totals| {
            totals.results += 1;
            totals.statuses += usize::from(what != "status");
            totals.code_descs += usize::from(!matches!(what, "status" | "code_desc"));
            totals.messages += usize::from(!matches!(what, "status" | "code_desc" | "message"));
            totals.resources += usize::from(what.is_empty());
        });
        if !what.is_empty() {
            self.differ(place, what, expected, ours);
        }
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
