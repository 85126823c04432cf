//! Flags that several commands have.

mod audit;
mod connect;
mod duration;
mod helper;
mod limit;
mod report;
mod threshold;

pub(crate) use audit::{AuditArgs, CodeArgs, SelectArgs};
pub(crate) use connect::ConnectArgs;
pub(crate) use duration::parse_positive as parse_duration;
pub(crate) use helper::HelperArgs;
pub(crate) use report::ReportArgs;
pub(crate) use threshold::ThresholdArgs;
