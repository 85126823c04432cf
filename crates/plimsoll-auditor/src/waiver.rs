//! Waivers: controls whose failure somebody has accepted for a while.

use std::path::Path;

use indexmap::IndexMap;
use plimsoll_report::model::Object;
use plimsoll_ruby::{Interp, Res, Sym, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::AuditError;
use crate::yaml::Dates;

/// What becomes of the controls that waiver files name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaivedControls {
    /// They are evaluated; those whose waiver says so are skipped then.
    #[default]
    Evaluated,
    /// They are left out altogether, whatever their waiver says.
    LeftOut,
    /// Those whose waiver skips them are listed as skipped, but nothing of theirs is evaluated.
    Retained,
}

/// What is said about one control.
#[derive(Debug, Clone)]
pub(crate) struct Waiver {
    /// What a report shows of it: the entry itself, `skipped_due_to_waiver` and `message`.
    pub data: Object,
    /// Whether its checks are replaced by a skip.
    pub skips: bool,
}

/// The waivers of a run, by control id; of several files the later one wins.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Waivers {
    files: usize,
    entries: IndexMap<String, Option<Object>>,
}

impl Waivers {
    /// Adds a waiver file; its name's end tells what it is: `.yml`, `.yaml`, `.json` or `.csv`.
    pub fn read_file(&mut self, path: &Path) -> Result<(), AuditError> {
        let name = path.display().to_string();
        let refuse = |why: String| AuditError::Waiver { file: name.clone(), why };
        let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
        let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("yml" | "yaml" | "json") => self.add_file(&name, &text),
            Some("csv") => self.add_csv(&name, &text),
            _ => Err(refuse("its name ends in none of .yml, .yaml, .json and .csv".into())),
        }
    }

    /// Adds a waiver file that has been read: a YAML or JSON mapping of control ids to `justification`,
    /// `expiration_date` and `run`.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), AuditError> {
        let refuse = |why: String| AuditError::Waiver { file: name.to_owned(), why };
        let entries = match crate::yaml::parse(text, Dates::Text).map_err(refuse)? {
            Json::Object(entries) => entries,
            Json::Null => Object::new(),
            _ => return Err(refuse("it is not a mapping of control ids to waivers".into())),
        };
        self.files += 1;
        for (id, entry) in entries {
            let entry = match entry {
                Json::Object(entry) => Some(entry),
                Json::Null => None,
                _ => return Err(refuse(format!("the waiver of `{id}` is not a mapping of its fields"))),
            };
            if let Some(fields) = &entry {
                check(fields).map_err(|why| refuse(format!("the waiver of `{id}` {why}")))?;
            }
            self.entries.insert(id, entry);
        }
        Ok(())
    }

    /// Adds a table with the columns `control_id` and `justification`, and perhaps `run` and `expiration_date`.
    fn add_csv(&mut self, name: &str, text: &str) -> Result<(), AuditError> {
        let refuse = |why: String| AuditError::Waiver { file: name.to_owned(), why };
        let mut rows = csv_rows(text).map_err(refuse)?.into_iter();
        let columns = rows.next().unwrap_or_default();
        for column in ["control_id", "justification"] {
            if !columns.iter().any(|found| found == column) {
                return Err(refuse(format!("it has no column `{column}`")));
            }
        }
        self.files += 1;
        for row in rows {
            let fields =
                columns.iter().cloned().zip(row).filter(|(column, value)| !column.is_empty() && !value.is_empty());
            let mut entry: Object = fields.map(|(column, value)| (column, Json::String(value))).collect();
            let Some(Json::String(id)) = entry.shift_remove("control_id") else { continue };
            if !entry.is_empty() {
                self.entries.insert(id, Some(entry));
            }
        }
        Ok(())
    }

    /// Whether no waiver file was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.files == 0
    }

    /// Whether there is an entry for a control.
    pub(crate) fn names(&self, id: &str) -> bool {
        self.entries.contains_key(id)
    }

    /// The entry of a control. Entries without fields stop the profile that asks for any.
    pub(crate) fn entry(&self, vm: &Interp, id: &str) -> Res<Option<Object>> {
        if let Some((empty, _)) = self.entries.iter().find(|(_, entry)| entry.is_none()) {
            let text = format!("the waiver of `{empty}` has no fields; give it a justification");
            return Err(vm.error("RuntimeError", text));
        }
        Ok(self.entries.get(id).cloned().flatten())
    }
}

/// What keeps an entry from being one: the texts of dates are read when a control asks for its waiver.
fn check(fields: &Object) -> Result<(), String> {
    if !fields.contains_key("justification") {
        return Err("has no `justification`".to_owned());
    }
    match fields.get("expiration_date") {
        None | Some(Json::Null | Json::Bool(false) | Json::String(_)) => Ok(()),
        Some(other) => Err(format!("has an `expiration_date` that is no date, {other}; write it as YYYY-MM-DD")),
    }
}

impl Waiver {
    /// What an entry means now.
    pub(crate) fn new(vm: &Interp, entry: Object) -> Res<Self> {
        let now = i64::try_from(vm.host.now().as_secs()).unwrap_or(i64::MAX);
        let mut data = entry;
        data.insert("skipped_due_to_waiver".into(), Json::Bool(false));
        data.insert("message".into(), Json::String(String::new()));
        if let Some(date) = data.get("expiration_date").and_then(Json::as_str) {
            let expiry = vm.call(&vm.class_named("Time").into(), Sym::new("parse"), &[Value::str(date)])?;
            if matches!(vm.call(&expiry, Sym::new("to_i"), &[])?, Value::Int(expiry) if expiry < now) {
                let message = format!("Waiver expired on {}, evaluating control normally", vm.to_s(&expiry)?.lossy());
                data.insert("message".into(), Json::String(message));
                return Ok(Self { data, skips: false });
            }
        }
        let runs = data.get("run").map(truth);
        if let Some(runs) = runs {
            data.insert("run".into(), runs.map_or(Json::Null, Json::Bool));
        }
        // Without `run` nothing is skipped; what is no word for yes or no is no.
        let skips = runs.is_some_and(|runs| runs != Some(true));
        data.insert("skipped_due_to_waiver".into(), Json::Bool(skips));
        Ok(Self { data, skips })
    }
}

/// The words for yes and no.
fn truth(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::String(word) => match word.as_str() {
            "true" | "True" | "TRUE" | "yes" | "y" | "YES" | "Y" => Some(true),
            "false" | "False" | "FALSE" | "no" | "n" | "NO" | "N" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The rows of a CSV text.
fn csv_rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let (mut row, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    if quoted {
        return Err(format!("a quoted field is not closed (row {})", rows.len() + 1));
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows.retain(|row| row.len() > 1 || row.first().is_some_and(|field| !field.is_empty()));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use plimsoll_ruby::{Interp, Limits, NoHost};

    use super::{Waiver, Waivers, csv_rows};

    #[test]
    fn tables_are_read_with_their_quotes() {
        let rows = csv_rows("a,b\r\n\"x,\"\"y\"\"\n\",2\n\n,\nlast,").unwrap();
        assert_eq!(rows, [vec!["a", "b"], vec!["x,\"y\"\n", "2"], vec!["", ""], vec!["last", ""]]);
        assert!(csv_rows("a,\"b").is_err());
    }

    #[test]
    fn dates_are_what_ruby_takes_for_dates() {
        let vm = Interp::new(Rc::new(NoHost), Limits::default());
        let waiver = |date: &str| {
            let fields = [("justification", "J".into()), ("expiration_date", date.into()), ("run", false.into())];
            Waiver::new(&vm, fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
        };
        for (past, future) in
            [("1969-01-02", "2130-01-02"), ("31/12/1969", "31/12/2130"), ("2 Jan 1969", "Jan 2, 2130")]
        {
            assert!(!waiver(past).unwrap().skips && waiver(future).unwrap().skips, "{past} {future}");
        }
        assert!(waiver("next tuesday").is_err());
    }

    #[test]
    fn a_waiver_needs_a_justification() {
        let mut waivers = Waivers::default();
        let error = waivers.add_file("w.yml", "c-1:\n  run: false\n").unwrap_err().to_string();
        assert!(error.contains("w.yml") && error.contains("c-1") && error.contains("justification"), "{error}");
        let error =
            waivers.add_file("w.yml", "c: {justification: J, expiration_date: 20300101}").unwrap_err().to_string();
        assert!(error.contains("`c`") && error.contains("20300101; write it as YYYY-MM-DD"), "{error}");
        let error = waivers.add_file("w.yml", "- c-1\n").unwrap_err().to_string();
        assert!(error.contains("mapping"), "{error}");
        let error = waivers.add_csv("w.csv", "control_id,run\nc-1,false\n").unwrap_err().to_string();
        assert!(error.contains("justification"), "{error}");
    }
}
