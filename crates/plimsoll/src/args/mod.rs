//! Flags that several commands have.

mod audit;
mod connect;
mod duration;
mod report;
mod threshold;

pub(crate) use audit::AuditArgs;
pub(crate) use connect::ConnectArgs;
pub(crate) use report::ReportArgs;
pub(crate) use threshold::ThresholdArgs;
