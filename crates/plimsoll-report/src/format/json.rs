//! `json`: the report itself, on one line. This is InSpec's JSON and HDF's exec JSON.

use super::FormatOptions;
use crate::model::Report;
use std::io::{self, Write};

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(out, report).map_err(io::Error::from)
}
