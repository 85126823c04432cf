//! The thread that asks ahead.

use std::sync::mpsc;
use std::thread::JoinHandle;

use crate::Request;

/// Carries requests away, in order. Those that come while others are carried go together then.
pub(super) struct Messenger {
    /// Closed to end the thread.
    requests: Option<mpsc::Sender<Vec<Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Messenger {
    /// `carry` must not panic.
    pub(super) fn new(carry: impl Fn(Vec<Request>) + Send + 'static) -> Self {
        let (requests, given) = mpsc::channel::<Vec<Request>>();
        let thread = std::thread::spawn(move || {
            while let Ok(first) = given.recv() {
                carry([first].into_iter().chain(given.try_iter()).flatten().collect());
            }
        });
        Self { requests: Some(requests), thread: Some(thread) }
    }

    pub(super) fn take(&self, requests: Vec<Request>) {
        let taken = self.requests.as_ref().is_some_and(|queue| queue.send(requests).is_ok());
        debug_assert!(taken, "the thread waits until this is dropped");
    }
}

impl Drop for Messenger {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
