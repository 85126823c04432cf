//! The ways to write a report down, one file each.
//!
//! All formats have one input, the [`Report`], and one signature. Where CINC Auditor has a reporter of the same name the
//! layout is CINC's. A new format is a new file, an entry in [`FORMATS`] and a snapshot.

mod cli;
mod documentation;
mod examples;
mod json;
mod json_automate;
mod json_min;
mod junit;
mod junit2;
mod markdown;
mod progress;
mod reporter;
mod subject;
mod xml;
mod yaml;

pub use reporter::{Reporter, UnknownFormat};

use crate::model::Report;
use std::io::{self, Write};

/// One way to write a report down.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name on the command line, e.g. `json-min`.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    writer: Writer,
}

type Writer = fn(&Report, &FormatOptions, &mut dyn Write) -> io::Result<()>;

/// What does not depend on the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FormatOptions {
    /// Whether the formats for people may use colours.
    pub color: bool,
}

/// All formats, those for people first.
pub const FORMATS: &[Format] = &[
    Format { name: "cli", about: "each control with its results, for people", writer: cli::write },
    Format { name: "documentation", about: "what was expected, as an outline", writer: documentation::write },
    Format { name: "progress", about: "one letter for each result, then the failures", writer: progress::write },
    Format { name: "markdown", about: "a summary for a job's page", writer: markdown::write },
    Format { name: "json", about: "the full report (InSpec JSON, HDF)", writer: json::write },
    Format { name: "json-min", about: "one flat entry for each result", writer: json_min::write },
    Format { name: "json-automate", about: "the full report, dependencies merged in", writer: json_automate::write },
    Format { name: "yaml", about: "the full report as YAML", writer: yaml::write },
    Format { name: "junit2", about: "JUnit XML that follows the common schema", writer: junit2::write },
    Format { name: "junit", about: "JUnit XML as older InSpec wrote it", writer: junit::write },
];

impl Format {
    /// The format of this name.
    pub fn by_name(name: &str) -> Result<&'static Format, UnknownFormat> {
        let named = |format: &&Format| format.name == name;
        FORMATS.iter().find(named).ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }

    /// Writes a report down. Nothing is flushed.
    pub fn write(&self, report: &Report, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
        (self.writer)(report, options, out)
    }
}
