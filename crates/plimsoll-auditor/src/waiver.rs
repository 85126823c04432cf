//! Waivers: controls whose failure somebody has accepted for a while.

use plimsoll_report::model::Object;
use serde_json::Value as Json;

use crate::error::AuditError;

/// One control's entry of a waiver file.
#[derive(Debug, Clone)]
pub(crate) struct Waiver {
    /// What a report shows of it: the entry itself, `skipped_due_to_waiver` and `message`.
    pub data: Object,
    /// Whether its checks are replaced by a skip.
    pub skips: bool,
}

/// The waivers of a run, by control id; of several files the later one wins.
#[derive(Debug, Default, Clone)]
pub struct Waivers(indexmap::IndexMap<String, Object>);

impl Waivers {
    /// Adds a waiver file: a YAML or JSON mapping of control ids to `justification`, `expiration_date` and `run`.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), AuditError> {
        let refuse = |why: String| AuditError::Waiver { file: name.to_owned(), why };
        let entries = match crate::yaml::parse(text).map_err(refuse)? {
            Json::Object(entries) => entries,
            Json::Null => return Err(refuse("it is empty".into())),
            _ => return Err(refuse("it is not a mapping of control ids to waivers".into())),
        };
        for (id, entry) in entries {
            let Json::Object(entry) = entry else {
                return Err(refuse(format!("the waiver of `{id}` has no fields; give it a justification")));
            };
            if !entry.get("justification").is_some_and(Json::is_string) {
                return Err(refuse(format!("the waiver of `{id}` has no `justification`")));
            }
            if let Some(date) = entry.get("expiration_date").and_then(Json::as_str)
                && expiry(date).is_none()
            {
                return Err(refuse(format!("cannot read the expiration_date `{date}` of `{id}`; write YYYY-MM-DD")));
            }
            self.0.insert(id, entry);
        }
        Ok(())
    }

    /// The waiver of a control at this time (seconds since the epoch).
    pub(crate) fn of(&self, id: &str, now: i64) -> Option<Waiver> {
        let mut data = self.0.get(id)?.clone();
        let expired = data
            .get("expiration_date")
            .and_then(Json::as_str)
            .and_then(|date| expiry(date).map(|at| (date.to_owned(), at)))
            .filter(|(_, at)| *at < now);
        // `run: false` (or a word for it) skips; without `run` too, as long as nothing says to run.
        let runs = match data.get("run") {
            Some(Json::Bool(run)) => *run,
            Some(Json::String(word)) => matches!(word.to_lowercase().as_str(), "true" | "yes" | "y" | "t"),
            None | Some(_) => true,
        };
        let skips = expired.is_none() && !runs;
        let message = expired.map_or_else(String::new, |(date, _)| {
            format!("Waiver expired on {date} 00:00:00 +0000, evaluating control normally")
        });
        data.insert("skipped_due_to_waiver".into(), Json::Bool(skips));
        data.insert("message".into(), Json::String(message));
        Some(Waiver { data, skips })
    }
}

/// Seconds since the epoch of a date, or of a date and time, in UTC unless it says otherwise.
fn expiry(text: &str) -> Option<i64> {
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.as_second());
    }
    let moment = match text.parse::<jiff::civil::DateTime>() {
        Ok(moment) => moment,
        Err(_) => text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    moment.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_second())
}
