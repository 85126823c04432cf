//! `junit`: JUnit XML in the form of older InSpec, which some readers still expect. [`junit2`](super::junit2) follows
//! the common schema.

use super::FormatOptions;
use super::xml::Xml;
use crate::model::{Control, Profile, Report, ResultStatus};
use std::io::{self, Write};

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Xml::new(out)?;
    xml.open("testsuites", &[])?;
    for profile in &report.profiles {
        suite(report, profile, &mut xml)?;
    }
    xml.close()
}

fn suite(report: &Report, profile: &Profile, xml: &mut Xml<'_>) -> io::Result<()> {
    let results = || profile.controls.iter().flat_map(|control| &control.results);
    let tests = results().count().to_string();
    let failed = results().filter(|result| is_failure(result.status)).count().to_string();
    let attributes = [("name", profile.name.as_str()), ("tests", &tests), ("failed", &failed), ("failures", &failed)];
    if results().next().is_none() {
        return xml.empty("testsuite", &attributes);
    }
    xml.open("testsuite", &attributes)?;
    let target = target(report);
    for control in &profile.controls {
        let class = class_name(profile, control);
        for result in &control.results {
            let time = result.run_time.unwrap_or_default().to_string();
            let attributes =
                [("name", result.code_desc.as_str()), ("classname", &class), ("target", target), ("time", &time)];
            match result.status {
                ResultStatus::Passed => xml.empty("testcase", &attributes)?,
                ResultStatus::Skipped => {
                    xml.open("testcase", &attributes)?;
                    xml.empty("skipped", &[])?;
                    xml.close()?;
                }
                _ => {
                    xml.open("testcase", &attributes)?;
                    xml.empty("failure", &[("message", result.message.as_deref().unwrap_or_default())])?;
                    xml.close()?;
                }
            }
        }
    }
    xml.close()
}

/// What is neither passed nor skipped counts as failed, so that no reader takes it for a success.
pub(super) fn is_failure(status: ResultStatus) -> bool {
    !matches!(status, ResultStatus::Passed | ResultStatus::Skipped)
}

/// InSpec names a control without a title `Anonymous`.
pub(super) fn class_name(profile: &Profile, control: &Control) -> String {
    let control = if control.title.is_some() { control.id.as_str() } else { "Anonymous" };
    format!("{}.{control}", profile.name)
}

pub(super) fn target(report: &Report) -> &str {
    report.plimsoll.as_ref().and_then(|plimsoll| plimsoll.target.as_deref()).unwrap_or_default()
}
