//! `--enhanced-outcomes`: what a control came to in CINC Auditor's finer words.

use crate::model::{Control, ResultStatus};

/// What a control came to. The words are CINC's, and so are the rules: those of HDF are [`crate::ControlStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnhancedOutcome {
    /// Nothing failed.
    Passed,
    /// A result failed.
    Failed,
    /// Everything was skipped.
    NotReviewed,
    /// Its impact is 0.
    NotApplicable,
    /// Something in it raised.
    Error,
}

/// The key in a control that names its outcome.
const KEY: &str = "status";

/// The resource of results that stand for a whole control: what they raise is no error.
const NO_OP: &str = "noop";

impl EnhancedOutcome {
    /// All of them, in the order of CINC's summary.
    pub const ALL: [Self; 5] = [Self::Passed, Self::Failed, Self::NotReviewed, Self::NotApplicable, Self::Error];

    /// What a control came to. The first rule that matches decides.
    pub fn of(control: &Control) -> Self {
        let results = &control.results;
        let raised = results.iter().any(|result| {
            result.exception.is_some() && result.backtrace.is_some() && result.resource_class.as_deref() != Some(NO_OP)
        });
        if results.is_empty() {
            Self::Passed
        } else if raised {
            Self::Error
        } else if control.impact.value() == 0.0 {
            Self::NotApplicable
        } else if results.iter().all(|result| result.status == ResultStatus::Skipped) {
            Self::NotReviewed
        } else if results.iter().all(|result| matches!(result.status, ResultStatus::Passed | ResultStatus::Skipped)) {
            Self::Passed
        } else {
            Self::Failed
        }
    }

    /// CINC's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReviewed => "not_reviewed",
            Self::NotApplicable => "not_applicable",
            Self::Error => "error",
        }
    }

    /// Notes in a control what it came to.
    pub fn note(control: &mut Control) {
        let word = Self::of(control).word();
        control.extra.insert(KEY.to_owned(), word.into());
    }

    /// What is noted in a control, if anything is.
    pub fn noted(control: &Control) -> Option<Self> {
        let word = control.extra.get(KEY)?.as_str()?;
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::EnhancedOutcome::{self, Error, Failed, NotApplicable, NotReviewed, Passed};
    use crate::model::{Control, ControlResult, Impact, ResultStatus};

    fn result(status: ResultStatus) -> ControlResult {
        ControlResult { status, ..ControlResult::default() }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let raised = ControlResult {
            exception: Some("RuntimeError".into()),
            backtrace: Some(Vec::new()),
            ..result(ResultStatus::Failed)
        };
        let no_op = ControlResult { resource_class: Some("noop".into()), ..raised.clone() };
        let (passed, skipped) = (result(ResultStatus::Passed), result(ResultStatus::Skipped));
        let failed = result(ResultStatus::Failed);
        let cases = [
            (0.5, vec![], Passed),
            (0.0, vec![raised.clone()], Error),
            (0.0, vec![no_op], NotApplicable),
            (0.0, vec![failed.clone()], NotApplicable),
            (0.5, vec![skipped.clone(), skipped.clone()], NotReviewed),
            (0.5, vec![skipped, passed], Passed),
            (0.5, vec![failed], Failed),
        ];
        for (impact, results, wanted) in cases {
            let mut control = Control { impact: Impact::Float(impact), results, ..Control::default() };
            assert_eq!(EnhancedOutcome::of(&control), wanted);
            assert_eq!(EnhancedOutcome::noted(&control), None);
            EnhancedOutcome::note(&mut control);
            assert_eq!(EnhancedOutcome::noted(&control), Some(wanted));
        }
    }
}
