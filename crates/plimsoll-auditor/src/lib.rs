//! Profiles, controls, matchers and the runner.
//!
//! An [`Audit`] holds profiles against a target and ends with a report. It does not know where the target is, nor in
//! which format the report will be written.

mod ahead;
mod audit;
mod console;
mod convert;
mod dsl;
mod error;
mod evaluator;
mod event;
mod host;
mod input;
mod libraries;
mod load;
mod matchers;
mod offline;
mod parcel;
mod profile;
mod results;
mod run;
mod select;
mod source;
mod spec;
mod waiver;
mod yaml;

pub use audit::{Audit, STACK};
pub use console::{Answer, Console};
pub use error::AuditError;
pub use event::Event;
pub use host::Printer;
pub use input::GivenInputs;
pub use offline::{Checked, Problem, Severity};
pub use plimsoll_ruby::Limits;
pub use profile::{Archive, ArchiveFormat, Fetch, Packed, Shelf, vendor};
pub use waiver::{WaivedControls, Waivers};
