//! `junit2`: JUnit XML that follows the common schema, for CI systems.

use super::FormatOptions;
use super::junit::{class_name, is_failure, target};
use super::subject::resource_title;
use super::xml::Xml;
use crate::model::{ControlResult, Profile, Report, ResultStatus};
use std::io::{self, Write};

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Xml::new(out)?;
    xml.open("testsuites", &[])?;
    for (index, profile) in report.profiles.iter().enumerate() {
        suite(report, profile, index + 1, &mut xml)?;
    }
    xml.close()
}

fn suite(report: &Report, profile: &Profile, id: usize, xml: &mut Xml<'_>) -> io::Result<()> {
    let results = || profile.controls.iter().flat_map(|control| &control.results);
    let count = |wanted: fn(&ControlResult) -> bool| results().filter(|result| wanted(result)).count().to_string();
    // An empty sum is -0.0.
    let time = results().filter_map(|result| result.run_time).fold(0.0, |sum, time| sum + time);
    xml.open(
        "testsuite",
        &[
            ("name", &profile.name),
            ("tests", &count(|_| true)),
            ("id", &id.to_string()),
            ("errors", &count(|result| is_failure(result.status) && is_error(result))),
            ("failures", &count(|result| is_failure(result.status) && !is_error(result))),
            ("skipped", &count(|result| result.status == ResultStatus::Skipped)),
            ("hostname", target(report)),
            ("timestamp", timestamp(report)),
            ("package", ""),
            ("time", &format!("{time:.6}")),
        ],
    )?;
    xml.empty("properties", &[])?;
    for control in &profile.controls {
        let class = class_name(profile, control);
        for result in &control.results {
            let time = format!("{:.6}", result.run_time.unwrap_or_default());
            case(result, &[("name", &result.code_desc), ("classname", &class), ("time", &time)], xml)?;
        }
    }
    xml.empty("system-out", &[])?;
    xml.empty("system-err", &[])?;
    xml.close()
}

fn case(result: &ControlResult, attributes: &[(&str, &str)], xml: &mut Xml<'_>) -> io::Result<()> {
    match result.status {
        ResultStatus::Passed => xml.empty("testcase", attributes),
        ResultStatus::Skipped => {
            xml.open("testcase", attributes)?;
            xml.empty("skipped", &[])?;
            xml.close()
        }
        _ => {
            xml.open("testcase", attributes)?;
            let message = result.message.as_deref().unwrap_or_default();
            xml.empty("failure", &[("message", message), ("type", resource_title(result))])?;
            xml.close()
        }
    }
}

/// Something was raised, rather than an expectation not met.
fn is_error(result: &ControlResult) -> bool {
    result.backtrace.is_some()
}

/// When the audit began, in the schema's form: without a zone. CINC writes the time of writing, which is not a fact of
/// the report.
fn timestamp(report: &Report) -> &str {
    let controls = report.profiles.iter().flat_map(|profile| &profile.controls);
    let first = controls.flat_map(|control| &control.results).map(|result| result.start_time.as_str()).min();
    first.and_then(|time| time.get(..19)).unwrap_or("1970-01-01T00:00:00")
}
