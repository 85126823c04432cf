//! The server's clock: the machine's, plus what a test has advanced it by.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// Now, as this server sees it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: Mutex<Duration>,
}

impl Clock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.ahead.lock().expect("the clock's lock is held for one statement at a time") += by;
    }

    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + *self.ahead.lock().expect("the clock's lock is held for one statement at a time")
    }

    /// Now in the API's form: `2026-01-31T12:00:00Z`.
    pub(crate) fn timestamp(&self) -> String {
        timestamp(self.now())
    }
}

/// A time in the API's form.
pub(crate) fn timestamp(time: SystemTime) -> String {
    let seconds = unix_seconds(time);
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

/// Seconds since 1970.
pub(crate) fn unix_seconds(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
