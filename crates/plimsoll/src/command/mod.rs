//! The commands, one file each: its flags, and what it does with them.

pub(crate) mod access;
pub(crate) mod agent;
pub(crate) mod demo;
pub(crate) mod docs;
pub(crate) mod exec;
pub(crate) mod gate;
pub(crate) mod profile;
pub(crate) mod scan;
pub(crate) mod shell;
pub(crate) mod sidecar;

use tokio::runtime::{Builder, Runtime};

/// The runtime that a command's connections live in. The audit has a thread of its own beside it.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
