//! The process exit code that a report stands for, as CINC Auditor gives it.

use crate::enhanced::EnhancedOutcome;
use crate::model::{Control, ProfileStatus, Report, ResultStatus};

/// All controls passed, or there were none.
pub const PASSED: u8 = 0;
/// The command line is wrong, or the audit could not be done at all.
pub const USAGE: u8 = 1;
/// A profile uses what InSpec has no more.
pub const REMOVED: u8 = 3;
/// At least one control failed.
pub const FAILED: u8 = 100;
/// Nothing failed, but something was skipped.
pub const SKIPPED: u8 = 101;
/// A profile could not be loaded.
pub const PROFILE_FAILED: u8 = 102;

/// The exit code for a report.
///
/// A profile that could not be loaded weighs more than a failed control, that more than a skip. With `distinct` off
/// (`--no-distinct-exit`) there are only two answers: what failed gives 1, all else 0.
pub fn exit_code(report: &Report, distinct: bool) -> u8 {
    match (detailed(report), distinct) {
        (code, true) => code,
        (PASSED | SKIPPED, false) => PASSED,
        (_, false) => USAGE,
    }
}

fn detailed(report: &Report) -> u8 {
    let was = |status| report.profiles.iter().any(|profile| profile.status == Some(status));
    let asked_for = || report.profiles.iter().filter(|profile| profile.parent_profile.is_none());
    let any = |is: fn(&Control) -> bool| report.profiles.iter().flat_map(|profile| &profile.controls).any(is);
    if was(ProfileStatus::Failed) {
        PROFILE_FAILED
    } else if any(has_failed) {
        FAILED
    } else if any(|control| control.results.iter().any(|result| result.status == ResultStatus::Skipped))
        || asked_for().any(|profile| profile.status == Some(ProfileStatus::Skipped))
    {
        SKIPPED
    } else {
        PASSED
    }
}

/// With enhanced outcomes a failure without impact is none.
fn has_failed(control: &Control) -> bool {
    let failed = |status| !matches!(status, ResultStatus::Passed | ResultStatus::Skipped);
    match EnhancedOutcome::noted(control) {
        Some(outcome) => matches!(outcome, EnhancedOutcome::Failed | EnhancedOutcome::Error),
        None => control.results.iter().any(|result| failed(result.status)),
    }
}

#[cfg(test)]
mod tests {
    use super::{EnhancedOutcome, FAILED, PASSED, PROFILE_FAILED, SKIPPED, USAGE, exit_code};
    use crate::model::{Control, ControlResult, Impact, Profile, ProfileStatus, Report, ResultStatus};

    fn report(status: ProfileStatus, results: &[ResultStatus]) -> Report {
        let results = results.iter().map(|&status| ControlResult { status, ..ControlResult::default() }).collect();
        let controls = vec![Control { results, ..Control::default() }];
        Report { profiles: vec![Profile { status: Some(status), controls, ..Profile::default() }], ..Report::default() }
    }

    #[test]
    fn a_failure_without_impact_is_none_where_outcomes_are_enhanced() {
        let mut report = report(ProfileStatus::Loaded, &[ResultStatus::Failed]);
        let control = &mut report.profiles[0].controls[0];
        control.impact = Impact::Float(0.0);
        EnhancedOutcome::note(control);
        assert_eq!(exit_code(&report, true), PASSED);
        let control = &mut report.profiles[0].controls[0];
        control.impact = Impact::Float(0.5);
        EnhancedOutcome::note(control);
        assert_eq!(exit_code(&report, true), FAILED);
    }

    #[test]
    fn the_worst_decides() {
        use ProfileStatus::{Failed as NotLoaded, Loaded, Skipped as Unsupported};
        use ResultStatus::{Failed, NoStatus, Passed, Skipped};
        let cases: [(ProfileStatus, &[ResultStatus], u8, u8); 7] = [
            (Loaded, &[], PASSED, PASSED),
            (Loaded, &[Passed], PASSED, PASSED),
            (Loaded, &[Passed, Skipped], SKIPPED, PASSED),
            (Loaded, &[Skipped, Failed, Passed], FAILED, USAGE),
            (Loaded, &[NoStatus], FAILED, USAGE),
            (Unsupported, &[], SKIPPED, PASSED),
            (NotLoaded, &[Failed], PROFILE_FAILED, USAGE),
        ];
        for (status, results, distinct, plain) in cases {
            let report = report(status, results);
            assert_eq!(exit_code(&report, true), distinct, "{status:?} {results:?}");
            assert_eq!(exit_code(&report, false), plain, "{status:?} {results:?}");
        }
    }
}
