//! `json-automate`: the full report with the profiles that were asked for alone; what their controls took from a base
//! profile stands in them.

use super::FormatOptions;
use crate::counted;
use crate::model::{Profile, Report};
use std::io::{self, Write};

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let merged = Report { profiles: counted::merged_profiles(report), ..without_profiles(report) };
    serde_json::to_writer(out, &merged).map_err(io::Error::from)
}

fn without_profiles(report: &Report) -> Report {
    Report {
        platform: report.platform.clone(),
        profiles: Vec::<Profile>::new(),
        statistics: report.statistics.clone(),
        version: report.version.clone(),
        plimsoll: report.plimsoll.clone(),
        extra: report.extra.clone(),
    }
}
