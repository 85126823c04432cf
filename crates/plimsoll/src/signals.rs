//! Ctrl-C and its kin: the first one ends the work in good order, the second one ends it at once.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_cluster::access::LeaseWatch;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::Ending;
use crate::progress::Progress;
use crate::screen;

/// What Ctrl-C ends in place of everything, once.
static INTERRUPTIBLE: Mutex<Option<Box<dyn Fn() + Send>>> = Mutex::new(None);

/// Does a job that the first Ctrl-C ends, by `interrupt`, and nothing else with it.
pub(crate) fn interruptible<T>(interrupt: impl Fn() + Send + 'static, job: impl FnOnce() -> T) -> T {
    *INTERRUPTIBLE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(interrupt));
    let done = job();
    drop(take_interruptible());
    done
}

fn take_interruptible() -> Option<Box<dyn Fn() + Send>> {
    INTERRUPTIBLE.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Listens for signals as long as it lives in a runtime.
#[derive(Clone, Default)]
pub(crate) struct Signals {
    /// Cancelled by the first signal.
    pub(crate) stop: CancellationToken,
    first: Arc<AtomicU8>,
    /// What is leased at the moment.
    lease: Arc<Mutex<Option<LeaseWatch>>>,
}

impl Signals {
    /// Begins to listen for SIGINT, SIGTERM and SIGHUP.
    pub(crate) fn listen(progress: &Arc<Progress>) -> std::io::Result<Self> {
        let signals = Self::default();
        let sources = Sources {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        };
        tokio::spawn(signals.clone().follow(sources, Arc::clone(progress)));
        Ok(signals)
    }

    /// Notes the lease whose objects would be left by an end at once.
    pub(crate) fn watch(&self, lease: &LeaseWatch) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = Some(lease.clone());
    }

    /// How this run ends if a signal came.
    pub(crate) fn ending(&self) -> Option<Ending> {
        match self.first.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(Ending::Signalled(signal)),
        }
    }

    async fn follow(self, mut sources: Sources, progress: Arc<Progress>) {
        let first = loop {
            let signal = sources.next().await;
            match take_interruptible() {
                Some(interrupt) if i32::from(signal) == SignalKind::interrupt().as_raw_value() => interrupt(),
                _ => break signal,
            }
        };
        self.first.store(first, Ordering::Relaxed);
        progress.clear();
        let leased = if self.left().is_empty() { "" } else { " and taking back the access" };
        screen::note(format_args!("interrupted: ending the audit{leased}; once more to leave at once"));
        self.stop.cancel();
        let second = sources.next().await;
        progress.clear();
        let left = self.left();
        if left.is_empty() {
            screen::note("left at once; nothing of this run is in the cluster");
        } else {
            screen::note("left at once; this may still be in the cluster:");
            for object in left {
                screen::note(format_args!("  {object}"));
            }
            screen::note(
                "`plimsoll access gc` removes it once its lease has ended, `plimsoll access gc --all-runs` now",
            );
        }
        std::process::exit(Ending::Signalled(second).code().into());
    }

    fn left(&self) -> Vec<String> {
        let lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        lease.as_ref().map(LeaseWatch::may_be_left).unwrap_or_default()
    }
}

struct Sources {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Sources {
    /// The number of the next signal.
    async fn next(&mut self) -> u8 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.hang_up.recv() => SignalKind::hangup(),
        };
        // 1, 2 or 15.
        kind.as_raw_value().unsigned_abs() as u8
    }
}
