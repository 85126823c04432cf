//! Profiles, controls, matchers and the runner.
//!
//! An [`Audit`] holds profiles against a target and ends with a report. It does not know where the target is, nor in
//! which format the report will be written.

mod audit;
mod convert;
mod dsl;
mod error;
mod event;
mod host;
mod input;
mod load;
mod matchers;
mod parcel;
mod profile;
mod results;
mod run;
mod select;
mod source;
mod spec;
mod waiver;
mod yaml;

pub use audit::{Audit, STACK, WaivedControls};
pub use error::AuditError;
pub use event::Event;
pub use input::GivenInputs;
pub use plimsoll_ruby::Limits;
pub use profile::{Packed, Shelf};
pub use waiver::Waivers;
