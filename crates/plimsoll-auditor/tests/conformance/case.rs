//! One case: what is run, and what CINC said to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_auditor::{Audit, AuditError, GivenInputs, WaivedControls, Waivers};
use plimsoll_report::exit;
use plimsoll_report::model::Report;
use plimsoll_target::Target;
use serde::Deserialize;
use serde_json::Value as Json;

/// A case.
pub(crate) struct Case {
    /// The folder's name, with the root's before it where there are several.
    pub name: String,
    /// The folder, with a slash at its end: CINC ran there, so its reports name files relative to it.
    pub directory: String,
    /// CINC's report, normalised; `None` where it wrote none.
    pub expected: Option<Json>,
    /// CINC's exit code.
    pub exit_code: u8,
    args: CommandLine,
}

/// `args.json`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CommandLine {
    inputs: BTreeMap<String, String>,
    input_files: Vec<String>,
    waiver_files: Vec<String>,
    controls: Vec<String>,
    tags: Vec<String>,
    targets: Vec<String>,
    extra: Vec<String>,
}

/// What became of a case.
pub(crate) struct Outcome {
    /// The report as JSON, or why there is none.
    pub report: Result<Json, String>,
    /// The exit code.
    pub exit_code: u8,
}

impl Case {
    /// All cases below a folder, by name; their names begin with `prefix`.
    pub(crate) fn all(folder: &Path, prefix: &str) -> Vec<Self> {
        let entries = std::fs::read_dir(folder).expect("the cases are there");
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("the cases can be listed").path()).collect();
        folders.sort();
        folders.iter().map(|folder| Self::read(folder, prefix)).collect()
    }

    fn read(folder: &Path, prefix: &str) -> Self {
        let json = |name: &str| {
            let text = std::fs::read(folder.join(name)).ok()?;
            // Ruby writes bytes that are not UTF-8 as they are.
            Some(String::from_utf8_lossy(&text).into_owned())
        };
        let args = json("args.json").map(|text| serde_json::from_str(&text).expect("args.json has known keys"));
        let expected: Option<Json> =
            json("expected.json").map(|text| serde_json::from_str(&text).expect("expected.json is JSON"));
        let exit_code = json("rc").expect("every case has an exit code");
        Self {
            name: format!("{prefix}{}", folder.file_name().expect("cases are folders").to_string_lossy()),
            directory: format!("{}/", folder.display()),
            expected: expected.filter(|report| report.get("no_report").is_none()),
            exit_code: exit_code.trim().parse().expect("rc is a number"),
            args: args.unwrap_or_default(),
        }
    }

    /// Runs the case.
    pub(crate) fn run(&self, target: Arc<dyn Target>) -> Outcome {
        let distinct = !self.has("--no-distinct-exit");
        match self.audit().and_then(|audit| audit.run(target, &mut |_| {})) {
            Ok(report) => Outcome { exit_code: exit::exit_code(&report, distinct), report: Ok(json(&report)) },
            Err(error) => Outcome { exit_code: error.exit_code(), report: Err(error.to_string()) },
        }
    }

    fn has(&self, flag: &str) -> bool {
        self.args.extra.iter().any(|given| given == flag)
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.directory)
    }

    fn audit(&self) -> Result<Audit, AuditError> {
        let targets = match self.args.targets.as_slice() {
            [] if Path::new(&self.path("profile")).is_dir() => vec!["profile".to_owned()],
            [] => vec!["control.rb".to_owned()],
            given => given.to_vec(),
        };
        let mut inputs = GivenInputs::default();
        for file in &self.args.input_files {
            inputs.read_file(Path::new(&self.path(file)))?;
        }
        for (name, value) in &self.args.inputs {
            inputs.add_pair(&format!("{name}={value}"))?;
        }
        let mut waivers = Waivers::default();
        for file in &self.args.waiver_files {
            waivers.read_file(Path::new(&self.path(file)))?;
        }
        Ok(Audit {
            profiles: targets.iter().map(|target| self.path(target).into()).collect(),
            inputs,
            waivers,
            controls: self.args.controls.clone(),
            tags: self.args.tags.clone(),
            waived: match (self.has("--filter-waived-controls"), self.has("--retain-waiver-data")) {
                (true, false) => WaivedControls::LeftOut,
                (true, true) => WaivedControls::Retained,
                (false, _) => WaivedControls::Evaluated,
            },
            enhanced_outcomes: self.has("--enhanced-outcomes"),
            diffs: !self.has("--no-diff"),
            ..Audit::default()
        })
    }
}

fn json(report: &Report) -> Json {
    serde_json::to_value(report).expect("reports are JSON")
}
