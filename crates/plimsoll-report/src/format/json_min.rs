//! `json-min`: one flat entry for each result, for scripts that only ask what failed.

use super::FormatOptions;
use crate::model::{Report, ResultStatus, Statistics};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    controls: Vec<Entry<'a>>,
    statistics: &'a Statistics,
    version: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    profile_id: &'a str,
    profile_sha256: &'a str,
    status: ResultStatus,
    code_desc: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backtrace: Option<&'a [String]>,
}

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut controls = Vec::new();
    for profile in &report.profiles {
        for control in &profile.controls {
            controls.extend(control.results.iter().map(|result| Entry {
                id: &control.id,
                profile_id: &profile.name,
                profile_sha256: &profile.sha256,
                status: result.status,
                code_desc: &result.code_desc,
                message: result.message.as_deref(),
                skip_message: result.skip_message.as_deref(),
                resource: result.resource.as_deref(),
                exception: result.exception.as_deref(),
                backtrace: result.backtrace.as_deref(),
            }));
        }
    }
    let document = Document { controls, statistics: &report.statistics, version: &report.version };
    serde_json::to_writer(out, &document).map_err(io::Error::from)
}
