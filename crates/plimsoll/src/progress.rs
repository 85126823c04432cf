//! What is told while a scan runs: a calm line for each step, and the control at hand where somebody watches.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plimsoll_cluster::{Choice, Event, Step, Workload};

use crate::screen::{self, DIM};

/// No longer than a narrow terminal: what wraps can't be wiped.
const WIDEST_ID: usize = 60;

/// Tells how a run goes, on standard error.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Whether steps are told.
    steps: bool,
    /// Whether somebody watches.
    watched: bool,
    counter: Mutex<Counter>,
}

#[derive(Debug, Default)]
struct Counter {
    done: usize,
    of: usize,
    /// Whether a line stands there that must be wiped.
    shown: bool,
}

impl Progress {
    /// With `quiet` nothing is told.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { steps: !quiet, watched: !quiet && screen::watched(), counter: Mutex::default() }
    }

    /// For commands without steps: only the control at hand is shown.
    pub(crate) fn controls_only() -> Self {
        Self { steps: false, ..Self::new(false) }
    }

    /// Tells of a scan's step.
    pub(crate) fn step(&self, event: &Event<'_>) {
        if !self.steps {
            return;
        }
        match event {
            Event::Resolved { workload } => self.line(&described(workload)),
            Event::Leasing { run_id, identity: true, .. } => self.line(&format!("granting access for run {run_id}")),
            Event::Chosen { channel, why } => self.line(&format!("way in: {channel} ({why})")),
            Event::Note { text } => self.line(text),
            Event::Finished { step: Step::Deploy, took } => self.timed("pod runs", *took),
            Event::Finished { step: Step::Grant, took } => self.timed("access granted", *took),
            Event::Finished { step: Step::Open, took } => self.timed("channel open", *took),
            Event::Finished { step: Step::Audit, took } => self.timed("audit ended", *took),
            Event::Finished { step: Step::Revoke, took } => self.timed("access taken back", *took),
            Event::Failed { step, took } => self.timed(&format!("failed to {step}"), *took),
            _ => {}
        }
    }

    /// Tells how the audit itself goes.
    pub(crate) fn control(&self, event: &plimsoll_auditor::Event) {
        use plimsoll_auditor::Event::{ControlFinished, ControlStarted, Loaded};
        if !self.watched {
            return;
        }
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Loaded { controls, .. } => *counter = Counter { of: *controls, ..Counter::default() },
            ControlStarted { id, .. } => {
                counter.done += 1;
                counter.show(id);
            }
            ControlFinished { .. } => {
                if counter.done >= counter.of {
                    counter.wipe();
                }
            }
        }
    }

    /// Wipes the control at hand, so that something else can be printed.
    pub(crate) fn clear(&self) {
        self.counter.lock().unwrap_or_else(PoisonError::into_inner).wipe();
    }

    fn timed(&self, what: &str, took: Duration) {
        self.line(&format!("{what} {DIM}({:.2} s){DIM:#}", took.as_secs_f64()));
    }

    fn line(&self, text: &str) {
        self.clear();
        screen::note(text);
    }
}

impl Counter {
    fn show(&mut self, id: &str) {
        let id: String = id.chars().filter(|c| !c.is_control()).take(WIDEST_ID).collect();
        let width = self.of.to_string().len();
        let _ = write!(std::io::stderr().lock(), "\r\x1b[2K[{:>width$}/{}] {id}", self.done, self.of);
        self.shown = true;
    }

    fn wipe(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K");
        }
    }
}

fn described(workload: &Workload) -> String {
    let chosen = match workload.chosen {
        Choice::Annotated => ", the pod's default container",
        Choice::Named | Choice::Only => "",
    };
    format!("container {workload} ({} on {}{chosen})", workload.image, workload.node)
}
