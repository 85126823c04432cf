//! Exit codes: how a command ended, and the number that says so.
//!
//! `plimsoll exec` has the codes of CINC Auditor instead, which stand in [`plimsoll_report::exit`]; only those of signals
//! are the same.

use std::process::ExitCode;

use plimsoll_auditor::AuditError;
use plimsoll_cluster::{ApiError, ScanError, ScanErrorKind};

/// The target is above the line.
pub(crate) const PASSED: u8 = 0;
/// The command line or a file it names is wrong, an output could not be written, what was created in the cluster could
/// not be proved gone, or there is a bug.
pub(crate) const FAILED: u8 = 1;
/// The target was evaluated and is below the line.
pub(crate) const GATE_NOT_MET: u8 = 2;
/// The target could not be evaluated: no connection, no permission, no such container, nothing that applies to it.
pub(crate) const NOT_EVALUATED: u8 = 3;
/// Ended by a signal: this plus the signal's number, as a shell says it; 130 for Ctrl-C, 143 for SIGTERM.
pub(crate) const SIGNALLED: u8 = 128;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Passed,
    Failed,
    GateNotMet,
    NotEvaluated,
    /// With this code of CINC Auditor's.
    Cinc(u8),
    /// By this signal.
    Signalled(u8),
}

impl Ending {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Passed => PASSED,
            Self::Failed => FAILED,
            Self::GateNotMet => GATE_NOT_MET,
            Self::NotEvaluated => NOT_EVALUATED,
            Self::Cinc(code) => code,
            Self::Signalled(signal) => SIGNALLED + signal,
        }
    }

    /// What an error means: what went wrong on the way to the target is no fault of the command line.
    pub(crate) fn of_error(error: &anyhow::Error) -> Self {
        if let Some(error) = error.downcast_ref::<ScanError>() {
            return match error.kind() {
                ScanErrorKind::Connection | ScanErrorKind::Permission | ScanErrorKind::Target => Self::NotEvaluated,
                ScanErrorKind::Interrupted | ScanErrorKind::Internal => Self::Failed,
            };
        }
        let lost = matches!(error.downcast_ref(), Some(AuditError::Transport(_)));
        if lost || error.is::<ApiError>() { Self::NotEvaluated } else { Self::Failed }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending.code())
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_cluster::ConnectError;

    use super::*;

    #[test]
    fn each_kind_of_error_has_its_code() {
        let transport = AuditError::Transport("gone".into());
        assert_eq!(Ending::of_error(&transport.into()).code(), 3);
        assert_eq!(Ending::of_error(&AuditError::Usage("no".into()).into()).code(), 1);
        assert_eq!(Ending::of_error(&ConnectError::NoContext { known: Vec::new() }.into()).code(), 1);
        assert_eq!(Ending::of_error(&ScanError::Panicked("oh".into()).into()).code(), 1);
        assert_eq!(Ending::of_error(&anyhow::anyhow!("anything else")).code(), 1);
        assert_eq!(Ending::Signalled(15).code(), 143);
    }
}
