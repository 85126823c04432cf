//! `cli`: each control with its results, for people; CINC's layout to the letter.

use super::FormatOptions;
use super::subject::{counted, expectation, is_anonymous, resource_title};
use crate::enhanced::EnhancedOutcome;
use crate::model::{Control, ControlResult, Profile, ProfileStatus, Report, ResultStatus};
use anstyle::{Ansi256Color, Style};
use std::io::{self, Write};

pub(super) fn write(report: &Report, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { color: options.color };
    for profile in &report.profiles {
        if profile.status == Some(ProfileStatus::Skipped) {
            let (platform, release) = (&report.platform.name, &report.platform.release);
            writeln!(out, "Skipping profile: '{}' on unsupported platform: '{platform}/{release}'.", profile.name)?;
        } else {
            page.profile(report, profile, out)?;
        }
    }
    writeln!(out)?;
    page.control_summary(report, out)?;
    page.result_summary(report, out)
}

/// How something came out, with its mark and colour.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Passed,
    Failed,
    Skipped,
    NotReviewed,
    NotApplicable,
    Error,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Mark::Passed => "✔",
            Mark::Failed => "×",
            Mark::Skipped => "↺",
            Mark::NotReviewed => "N/R",
            Mark::NotApplicable => "N/A",
            Mark::Error => "ERR",
        }
    }

    fn style(self) -> Style {
        let color = match self {
            Mark::Passed => 41,
            Mark::Failed => 9,
            Mark::Skipped => 247,
            Mark::NotReviewed => 214,
            Mark::NotApplicable => 117,
            Mark::Error => 21,
        };
        Ansi256Color(color).on_default()
    }

    fn of_result(result: &ControlResult) -> Mark {
        match result.status {
            ResultStatus::Passed => Mark::Passed,
            ResultStatus::Skipped => Mark::Skipped,
            // What names no status was not evaluated, and that is no success.
            ResultStatus::Failed | ResultStatus::Error | ResultStatus::NoStatus => Mark::Failed,
        }
    }

    /// In the list a skip marks its control before a failure does; the summary counts it the other way round.
    fn of_control(control: &Control) -> Mark {
        if let Some(outcome) = EnhancedOutcome::noted(control) {
            return outcome.into();
        }
        let has = |mark| control.results.iter().any(|result| Mark::of_result(result) == mark);
        match (has(Mark::Skipped), has(Mark::Failed)) {
            (true, _) => Mark::Skipped,
            (false, true) => Mark::Failed,
            (false, false) => Mark::Passed,
        }
    }
}

impl From<EnhancedOutcome> for Mark {
    fn from(outcome: EnhancedOutcome) -> Self {
        match outcome {
            EnhancedOutcome::Passed => Mark::Passed,
            EnhancedOutcome::Failed => Mark::Failed,
            EnhancedOutcome::NotReviewed => Mark::NotReviewed,
            EnhancedOutcome::NotApplicable => Mark::NotApplicable,
            EnhancedOutcome::Error => Mark::Error,
        }
    }
}

struct Page {
    color: bool,
}

impl Page {
    fn profile(&self, report: &Report, profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)?;
        header(report, profile, out)?;
        let with_results = || profile.controls.iter().filter(|control| !control.results.is_empty());
        let (mut declared, mut anonymous) = (Vec::new(), Vec::new());
        with_results()
            .for_each(|control| if is_anonymous(control) { &mut anonymous } else { &mut declared }.push(control));

        for control in &declared {
            let mark = Mark::of_control(control);
            self.marked(mark, 2, &control_title(control), out)?;
            for result in &control.results {
                self.result(result, &result.code_desc, out)?;
            }
        }
        if !declared.is_empty() {
            writeln!(out)?;
        }
        for control in &anonymous {
            match EnhancedOutcome::noted(control) {
                Some(outcome) => self.marked(outcome.into(), 2, anonymous_title(control), out)?,
                None => writeln!(out, "  {}", anonymous_title(control))?,
            }
            for result in &control.results {
                self.result(result, expectation(result), out)?;
            }
        }
        if with_results().next().is_none() {
            writeln!(out, "     No tests executed.")?;
        }
        Ok(())
    }

    fn result(&self, result: &ControlResult, what: &str, out: &mut dyn Write) -> io::Result<()> {
        let mark = Mark::of_result(result);
        let what = match (mark, &result.skip_message) {
            (Mark::Skipped, Some(reason)) => reason,
            _ => what,
        };
        match &result.message {
            Some(message) => self.marked(mark, 5, &format!("{what}\n{message}"), out),
            None => self.marked(mark, 5, what, out),
        }
    }

    /// A text after its mark, every line of it indented.
    fn marked(&self, mark: Mark, indent: usize, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let mut block = String::new();
        for line in format!("{}  {}", mark.sign(), text.trim_start()).split_inclusive('\n') {
            block.push_str(&" ".repeat(indent));
            block.push_str(line);
        }
        writeln!(out, "{}", self.colored(mark, &block))
    }

    fn colored(&self, mark: Mark, text: &str) -> String {
        let style = if self.color { mark.style() } else { Style::new() };
        format!("{style}{text}{style:#}")
    }

    fn control_summary(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        // Overlays of overlays list what they include alike: what is the same to the letter counts once.
        let mut all: Vec<&Control> = Vec::new();
        for control in report.profiles.iter().flat_map(|profile| &profile.controls) {
            if !control.results.is_empty() || !all.contains(&control) {
                all.push(control);
            }
        }
        let outcomes: Vec<EnhancedOutcome> = all.into_iter().filter_map(EnhancedOutcome::noted).collect();
        if !outcomes.is_empty() {
            return self.outcome_summary(&outcomes, out);
        }
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        let controls = report.profiles.iter().flat_map(|profile| &profile.controls);
        for control in controls.filter(|control| !control.results.is_empty() && !is_anonymous(control)) {
            let has = |mark| control.results.iter().any(|result| Mark::of_result(result) == mark);
            match (has(Mark::Failed), has(Mark::Skipped)) {
                (true, _) => failed += 1,
                (false, true) => skipped += 1,
                (false, false) => passed += 1,
            }
        }
        if passed + failed + skipped == 0 {
            return Ok(());
        }
        let passed = (Mark::Passed, passed, counted(passed, "successful control", "successful controls"));
        let failed = (Mark::Failed, failed, counted(failed, "control failure", "control failures"));
        let skipped = (Mark::Skipped, skipped, counted(skipped, "control skipped", "controls skipped"));
        self.summary("Profile Summary", [passed, failed, skipped], out)
    }

    /// CINC counts every control here, generated ones and those without results too.
    fn outcome_summary(&self, outcomes: &[EnhancedOutcome], out: &mut dyn Write) -> io::Result<()> {
        let counts = EnhancedOutcome::ALL.map(|wanted| {
            let count = outcomes.iter().filter(|outcome| **outcome == wanted).count();
            let (one, many) = match wanted {
                EnhancedOutcome::Passed => ("successful control", "successful controls"),
                EnhancedOutcome::Failed => ("control failure", "control failures"),
                EnhancedOutcome::NotReviewed => ("control not reviewed", "controls not reviewed"),
                EnhancedOutcome::NotApplicable => ("control not applicable", "controls not applicable"),
                EnhancedOutcome::Error => ("control has error", "controls have error"),
            };
            (wanted.into(), count, counted(count, one, many))
        });
        self.summary("Profile Summary", counts, out)
    }

    fn result_summary(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let controls = report.profiles.iter().flat_map(|profile| &profile.controls);
        let marks: Vec<Mark> = controls.flat_map(|control| &control.results).map(Mark::of_result).collect();
        let count = |wanted| marks.iter().filter(|mark| **mark == wanted).count();
        let (passed, failed, skipped) = (count(Mark::Passed), count(Mark::Failed), count(Mark::Skipped));
        let passed = (Mark::Passed, passed, format!("{passed} successful"));
        let failed = (Mark::Failed, failed, counted(failed, "failure", "failures"));
        let skipped = (Mark::Skipped, skipped, format!("{skipped} skipped"));
        self.summary("Test Summary", [passed, failed, skipped], out)
    }

    /// A line of counts; a count of nothing stays uncoloured.
    fn summary<const N: usize>(
        &self,
        title: &str,
        counts: [(Mark, usize, String); N],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let words = counts.map(|(mark, count, text)| if count > 0 { self.colored(mark, &text) } else { text });
        writeln!(out, "{title}: {}", words.join(", "))
    }
}

fn header(report: &Report, profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let name = match &profile.title {
        Some(title) => format!("{title} ({})", profile.name),
        None => profile.name.clone(),
    };
    let failure = profile.status_message.as_deref().filter(|_| profile.status == Some(ProfileStatus::Failed));
    let target = report.plimsoll.as_ref().and_then(|plimsoll| plimsoll.target.as_deref());
    let lines = [
        ("Profile:", Some(name.as_str())),
        ("Version:", Some(profile.version.as_deref().unwrap_or("(not specified)"))),
        ("Failure Message:", failure),
        ("Target:", target),
        ("Target ID:", report.platform.target_id.as_deref()),
    ];
    let given = || lines.iter().filter_map(|(key, value)| Some((key, (*value)?)));
    let width = given().map(|(key, _)| key.len()).max().unwrap_or_default();
    for (key, value) in given() {
        writeln!(out, "{key:width$} {value}")?;
    }
    writeln!(out)
}

fn control_title(control: &Control) -> String {
    let title = control.title.as_deref().or_else(|| control.results.first().map(resource_title)).unwrap_or_default();
    let mut text = format!("{}: {title}", control.id);
    if control.results.len() > 1 {
        for (mark, word) in [(Mark::Failed, "failed"), (Mark::Skipped, "skipped")] {
            let count = control.results.iter().filter(|result| Mark::of_result(result) == mark).count();
            if count > 0 {
                text = format!("{text} ({count} {word})");
            }
        }
    }
    text
}

fn anonymous_title(control: &Control) -> &str {
    control.title.as_deref().or_else(|| control.results.first().map(resource_title)).unwrap_or_default()
}
