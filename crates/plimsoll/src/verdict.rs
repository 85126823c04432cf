//! What a report comes to: above the line, below it, or no statement about the target at all.

use std::fmt;

use plimsoll_report::model::ProfileStatus;
use plimsoll_report::{GateOutcome, Report, Summary, Threshold};

use crate::exit::Ending;
use crate::screen::{BAD, GOOD};

/// The verdict on one report.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The report was held against the threshold.
    Judged(GateOutcome),
    /// The report says nothing about the target, for this reason.
    NotEvaluated(String),
}

impl Verdict {
    /// Holds the report against the threshold.
    ///
    /// A threshold of nothing but upper limits lets an empty report through; what was not evaluated must not pass.
    pub(crate) fn of(report: &Report, threshold: &Threshold) -> Self {
        match unevaluated(report) {
            Some(reason) => Self::NotEvaluated(reason),
            None => Self::Judged(threshold.judge(report)),
        }
    }

    /// How a command ends with it.
    pub(crate) fn ending(&self) -> Ending {
        match self {
            Self::Judged(outcome) if outcome.passed() => Ending::Passed,
            Self::Judged(_) => Ending::GateNotMet,
            Self::NotEvaluated(_) => Ending::NotEvaluated,
        }
    }
}

/// For a terminal: one line with the verdict, then one for each violation.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEvaluated(reason) => write!(f, "{BAD}Not evaluated{BAD:#}: {reason}"),
            Self::Judged(outcome) => {
                let text = outcome.to_string();
                let style = if outcome.passed() { GOOD } else { BAD };
                let (verdict, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                write!(f, "{style}{verdict}{style:#}{rest}")
            }
        }
    }
}

/// Why the report says nothing about the target, if it doesn't.
fn unevaluated(report: &Report) -> Option<String> {
    let asked_for = || report.profiles.iter().filter(|profile| profile.parent_profile.is_none());
    let said = |text: &Option<String>| text.as_deref().unwrap_or("the report does not say why").to_owned();
    if let Some(failed) = asked_for().find(|profile| profile.status == Some(ProfileStatus::Failed)) {
        return Some(format!("the profile {} did not load: {}", failed.name, said(&failed.status_message)));
    }
    let skipped = |profile: &_| -> bool { matches!(profile, Some(ProfileStatus::Skipped)) };
    if let Some(first) = asked_for().next()
        && asked_for().all(|profile| skipped(&profile.status))
    {
        return Some(said(&first.status_message));
    }
    let none = Summary::of(report).controls_total() == 0;
    none.then(|| "no control was run; check --controls and --tags".to_owned())
}

#[cfg(test)]
mod tests {
    use plimsoll_report::model::Profile;

    use super::*;

    #[test]
    fn what_was_not_evaluated_does_not_pass_an_upper_limit() {
        use ProfileStatus::{Failed, Loaded, Skipped};
        let threshold = Threshold::from_inline("{failed.total.max: 5}").unwrap();
        let profile = |status: &ProfileStatus| Profile {
            name: "p".into(),
            status: Some(*status),
            status_message: Some("because".into()),
            ..Profile::default()
        };
        let cases: [(&[ProfileStatus], &str); 4] = [
            (&[Loaded, Failed], "Not evaluated: the profile p did not load: because"),
            (&[Skipped, Skipped], "Not evaluated: because"),
            (&[Loaded], "Not evaluated: no control was run; check --controls and --tags"),
            (&[], "Not evaluated: no control was run; check --controls and --tags"),
        ];
        for (statuses, said) in cases {
            let report = Report { profiles: statuses.iter().map(profile).collect(), ..Report::default() };
            let verdict = Verdict::of(&report, &threshold);
            assert_eq!(anstream::adapter::strip_str(&verdict.to_string()).to_string(), said, "{statuses:?}");
            assert_eq!(verdict.ending(), Ending::NotEvaluated, "{statuses:?}");
        }
    }
}
