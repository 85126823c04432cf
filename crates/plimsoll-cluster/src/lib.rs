//! The cluster side of one scan: find the container, lease access to it, open a channel, take the access back.
//!
//! [`scan`] strings the steps together; each is usable alone. This crate knows nothing of profiles, matchers or
//! reports: what runs against the target is a closure of the caller's.

pub mod access;
pub mod channel;
mod connection;
mod failure;
mod scan;
mod workload;

pub use connection::{ConnectError, ConnectOptions, Connection, DEFAULT_REQUEST_TIMEOUT};
pub use failure::{ApiError, Cause};
pub use scan::{AccessMode, Event, Outcome, ScanError, ScanErrorKind, ScanOptions, Step, Timing, scan};
pub use workload::{Choice, Workload, WorkloadError, WorkloadRef, resolve};
