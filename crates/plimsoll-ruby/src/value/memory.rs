//! Counting the bytes that live values hold.
//!
//! An interpreter stays on one thread, so the count is the thread's: an interpreter remembers what the count was when it
//! began and limits the difference.

use std::cell::Cell;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// Bytes held by the live values of this thread.
pub fn live_bytes() -> usize {
    LIVE.with(Cell::get)
}

/// A value's share of the count; given back when it is dropped.
#[derive(Default)]
pub(crate) struct Charge(Cell<usize>);

impl Charge {
    /// A share of `bytes`.
    pub(crate) fn new(bytes: usize) -> Self {
        let charge = Self::default();
        charge.set(bytes);
        charge
    }

    /// Changes the share to `bytes`.
    pub(crate) fn set(&self, bytes: usize) {
        let before = self.0.replace(bytes);
        // A value may be dropped while its thread ends, after the counter.
        let _ = LIVE.try_with(|live| live.set(live.get().wrapping_sub(before).wrapping_add(bytes)));
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.set(0);
    }
}
