//! Holding a report against a threshold.

use super::{Limits, Threshold};
use crate::model::Report;
use crate::status::{ControlStatus, Severity};
use crate::summary::Summary;
use std::collections::BTreeSet;
use std::fmt;

/// What the gate says about one report.
#[derive(Debug, Clone, PartialEq)]
pub struct GateOutcome {
    /// Where the threshold comes from.
    pub threshold: String,
    /// The report's compliance, in percent.
    pub compliance: u32,
    /// What the threshold asks of it.
    pub compliance_limits: Limits,
    /// Everything that is not as it should be; empty when the gate lets the report pass.
    pub violations: Vec<Violation>,
}

/// Which side of a limit was crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// There is too little.
    Min,
    /// There is too much.
    Max,
    /// There is another number than the only one allowed.
    Exactly,
}

/// One limit that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Violation {
    /// The report holds no profile, so nothing was audited.
    NothingAudited,
    /// The compliance is too low, or too high.
    Compliance {
        /// Which limit.
        bound: Bound,
        /// The limit, in percent.
        limit: f64,
        /// The compliance, in percent.
        found: u32,
    },
    /// Too few or too many controls came to this.
    Count {
        /// What they came to.
        status: ControlStatus,
        /// Of this severity; of any severity when `None`.
        severity: Option<Severity>,
        /// Which limit.
        bound: Bound,
        /// The limit.
        limit: f64,
        /// The controls that came to it.
        found: Vec<String>,
    },
    /// Other controls came to this than those that the threshold lists.
    Controls {
        /// What they came to.
        status: ControlStatus,
        /// Of this severity.
        severity: Severity,
        /// Listed, but not found.
        missing: Vec<String>,
        /// Found, but not listed.
        unlisted: Vec<String>,
        /// Listed more than once.
        repeated: Vec<String>,
    },
}

/// The order in which SAF looks at bounds; that of exact totals is [`ControlStatus::ALL`].
const BOUND_ORDER: [ControlStatus; 5] = [
    ControlStatus::Passed,
    ControlStatus::Failed,
    ControlStatus::NotReviewed,
    ControlStatus::ProfileError,
    ControlStatus::NotApplicable,
];

impl Threshold {
    /// Holds a report against the threshold. Violations stand in the order in which SAF looks for them, which stops at
    /// the first.
    pub fn judge(&self, report: &Report) -> GateOutcome {
        let summary = Summary::of(report);
        let mut violations = Vec::new();
        if report.profiles.is_empty() {
            violations.push(Violation::NothingAudited);
        }
        self.judge_compliance(&summary, &mut violations);
        self.judge_totals(&summary, &mut violations);
        self.judge_severities(&summary, &mut violations);
        self.judge_control_lists(&summary, &mut violations);
        GateOutcome {
            threshold: self.origin.clone(),
            compliance: summary.compliance(),
            compliance_limits: self.compliance,
            violations,
        }
    }

    fn judge_compliance(&self, summary: &Summary, violations: &mut Vec<Violation>) {
        let found = summary.compliance();
        for (bound, limit) in crossed(self.compliance, f64::from(found)) {
            violations.push(Violation::Compliance { bound, limit, found });
        }
    }

    fn judge_totals(&self, summary: &Summary, violations: &mut Vec<Violation>) {
        let count = |status, bound, limit| {
            let found = Severity::ALL.into_iter().flat_map(|severity| summary.controls(status, severity)).cloned();
            Violation::Count { status, severity: None, bound, limit, found: found.collect() }
        };
        for status in ControlStatus::ALL {
            if let Some(limit) = self.status(status).exactly.filter(|limit| *limit != summary.total(status) as f64) {
                violations.push(count(status, Bound::Exactly, limit));
            }
        }
        for looked_for in [Bound::Min, Bound::Max] {
            for status in BOUND_ORDER {
                for (bound, limit) in crossed(self.status(status).total, summary.total(status) as f64) {
                    if bound == looked_for {
                        violations.push(count(status, bound, limit));
                    }
                }
            }
        }
    }

    fn judge_severities(&self, summary: &Summary, violations: &mut Vec<Violation>) {
        for severity in Severity::ALL {
            for status in BOUND_ORDER {
                let found = summary.controls(status, severity);
                for (bound, limit) in crossed(self.status(status).severity(severity).count, found.len() as f64) {
                    let (severity, found) = (Some(severity), found.to_vec());
                    violations.push(Violation::Count { status, severity, bound, limit, found });
                }
            }
        }
    }

    fn judge_control_lists(&self, summary: &Summary, violations: &mut Vec<Violation>) {
        for severity in Severity::ALL {
            for status in BOUND_ORDER {
                let Some(listed) = &self.status(status).severity(severity).controls else { continue };
                let found: BTreeSet<&String> = summary.controls(status, severity).iter().collect();
                let mut missing = BTreeSet::new();
                let mut repeated = BTreeSet::new();
                let mut seen = BTreeSet::new();
                for id in listed {
                    if !seen.insert(id) {
                        repeated.insert(id);
                    } else if !found.contains(id) {
                        missing.insert(id);
                    }
                }
                let unlisted: Vec<String> = found.difference(&seen).map(|id| (*id).clone()).collect();
                if !(missing.is_empty() && unlisted.is_empty() && repeated.is_empty()) {
                    let owned = |ids: BTreeSet<&String>| ids.into_iter().cloned().collect();
                    let (missing, repeated) = (owned(missing), owned(repeated));
                    violations.push(Violation::Controls { status, severity, missing, unlisted, repeated });
                }
            }
        }
    }
}

/// The bounds that a number crosses.
fn crossed(limits: Limits, found: f64) -> impl Iterator<Item = (Bound, f64)> {
    let below = limits.min.filter(|min| found < *min).map(|min| (Bound::Min, min));
    let above = limits.max.filter(|max| found > *max).map(|max| (Bound::Max, max));
    below.into_iter().chain(above)
}

impl GateOutcome {
    /// Whether the report may pass.
    pub fn passed(&self) -> bool {
        self.violations.is_empty()
    }

    /// The compliance beside what it should be: `compliance 83 % (needs ≥ 70)`.
    pub fn compliance_line(&self) -> String {
        let mut needs = Vec::new();
        needs.extend(self.compliance_limits.min.map(|min| format!("≥ {min}")));
        needs.extend(self.compliance_limits.max.map(|max| format!("≤ {max}")));
        let needs = if needs.is_empty() { String::new() } else { format!(" (needs {})", needs.join(" and ")) };
        format!("compliance {} %{needs}", self.compliance)
    }
}

/// One line with the verdict, then one for each violation.
impl fmt::Display for GateOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed() { "Gate passed" } else { "Gate failed" };
        write!(f, "{verdict}: {} [{}]", self.compliance_line(), self.threshold)?;
        for violation in &self.violations {
            write!(f, "\n  {violation}")?;
        }
        Ok(())
    }
}

impl Violation {
    /// The limit's path in a threshold file, e.g. `failed.critical.max`; `profiles` when nothing was audited.
    pub fn key(&self) -> String {
        match self {
            Violation::NothingAudited => "profiles".to_owned(),
            Violation::Compliance { bound, .. } => format!("compliance{}", bound.suffix()),
            Violation::Count { status, severity, bound, .. } => {
                format!("{}.{}{}", status.key(), severity.map_or("total", Severity::key), bound.suffix())
            }
            Violation::Controls { status, severity, .. } => format!("{}.{severity}.controls", status.key()),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.key())?;
        match self {
            Violation::NothingAudited => write!(f, "the report holds no profile, so nothing was audited"),
            Violation::Compliance { bound, limit, found } => {
                write!(f, "compliance is {found} %, {} {limit} % needed", bound.words())
            }
            Violation::Count { status, severity, bound, limit, found } => {
                let severity = severity.map(|severity| format!("{severity} ")).unwrap_or_default();
                let noun = if found.len() == 1 { "control is" } else { "controls are" };
                write!(f, "{} {severity}{noun} {status}, {} {limit} ", found.len(), bound.words())?;
                match bound {
                    // Those that are missing cannot be named.
                    Bound::Min => write!(f, "needed"),
                    _ if found.is_empty() => write!(f, "allowed"),
                    _ => write!(f, "allowed: {}", listing(found)),
                }
            }
            Violation::Controls { status, missing, unlisted, repeated, .. } => {
                let mut parts = Vec::new();
                for (ids, what) in [
                    (missing, format!("listed but not {status}")),
                    (unlisted, format!("{status} but not listed")),
                    (repeated, "listed more than once".to_owned()),
                ] {
                    if !ids.is_empty() {
                        parts.push(format!("{what}: {}", listing(ids)));
                    }
                }
                f.write_str(&parts.join("; "))
            }
        }
    }
}

impl Bound {
    fn suffix(self) -> &'static str {
        match self {
            Bound::Min => ".min",
            Bound::Max => ".max",
            Bound::Exactly => "",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Bound::Min => "at least",
            Bound::Max => "at most",
            Bound::Exactly => "exactly",
        }
    }
}

/// The first ids, and how many more there are: a line must stay readable for a profile of hundreds of controls.
fn listing(ids: &[String]) -> String {
    const SHOWN: usize = 8;
    let first = ids.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN { format!("{first} and {} more", ids.len() - SHOWN) } else { first }
}
