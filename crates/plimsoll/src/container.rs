//! Auditing one container of a cluster.

use plimsoll_auditor::AuditError;
use plimsoll_cluster::{Connection, Event, Ground, Outcome, ScanOptions, Subject, scan};

use crate::audit::{Audited, Prepared};
use crate::progress::Progress;
use crate::screen;
use crate::signals::Signals;

/// What a scan ends with: nothing of the audit, why the audit ended without a report, or its report.
pub(crate) type Scanned = Outcome<Result<Audited, AuditError>>;

/// Reaches a container and does a job with it: steps are told as they happen, signals are heeded, and all that is leased is
/// taken back.
pub(crate) async fn reach<T: Send + 'static>(
    connection: &Connection,
    subject: impl Into<Subject>,
    options: &ScanOptions,
    signals: &Signals,
    progress: &Progress,
    job: impl FnOnce(Ground) -> T + Send + 'static,
) -> Outcome<T> {
    let on_event = |event: &Event<'_>| {
        if let Event::Leasing { watch, .. } = event {
            signals.watch(watch);
        }
        progress.step(event);
    };
    scan(connection, subject, options, &signals.stop, &on_event, job).await
}

/// Scans a container.
pub(crate) async fn audit(
    connection: &Connection,
    subject: impl Into<Subject>,
    options: &ScanOptions,
    prepared: Prepared,
    signals: &Signals,
    progress: &Progress,
) -> Scanned {
    let mut outcome =
        reach(connection, subject, options, signals, progress, move |ground| prepared.run_on(ground)).await;
    if let (Ok(Ok(audited)), Some(receipt)) = (&mut outcome.result, &outcome.receipt) {
        audited.report.plimsoll.get_or_insert_default().run_id = Some(receipt.run_id.clone());
    }
    outcome
}

/// Prints how long each step took, and how much was asked of the container.
pub(crate) fn note_timings(outcome: &Scanned) {
    screen::note("Timings");
    for timing in &outcome.timings {
        screen::note(format_args!("  {:<14} {:>8.3} s", timing.step.to_string(), timing.took.as_secs_f64()));
    }
    if let Ok(Ok(audited)) = &outcome.result {
        note_counts(audited);
    }
}

/// Prints how much was asked of the target.
pub(crate) fn note_counts(audited: &Audited) {
    let counts = audited.counts;
    screen::note(format_args!(
        "  {} questions, {} of them for the target, in {} round trips",
        counts.asked, counts.forwarded, counts.round_trips
    ));
}
