//! The cluster side of one scan: find the container, lease access to it, open a channel, take the access back.
//!
//! [`scan`] strings the steps together; each is usable alone. This crate knows nothing of profiles, matchers or
//! reports: what runs against the target is a closure of the caller's.

pub mod access;
pub mod agent;
pub mod channel;
mod connection;
mod debug;
mod failure;
mod route;
mod scan;
mod sidecar;
mod startup;
mod workload;

pub use connection::{ConnectError, ConnectOptions, Connection, DEFAULT_REQUEST_TIMEOUT};
pub use debug::{DEBUG_CHANNEL, HelperImage};
pub use failure::{ApiError, Cause};
pub use route::{COPY_CHANNEL, SIDECAR_CHANNEL};
pub use scan::{
    AccessMode, Event, Ground, Mode, Outcome, ScanError, ScanErrorKind, ScanOptions, Step, Subject, Timing, scan,
};
pub use sidecar::{InjectError, inject};
pub use workload::{Choice, Workload, WorkloadError, WorkloadRef, resolve};
