//! inspec.yml.

use std::borrow::Cow;
use std::rc::Rc;

use plimsoll_report::model::Object;
use plimsoll_ruby::{Interp, Limits, NoHost, Sym, Value};
use serde_json::Value as Json;

use super::ProfileFiles;
use super::requirement;
use crate::error::AuditError;
use crate::yaml::Dates;

/// The version of InSpec that profiles may rely on.
pub(crate) const INSPEC_VERSION: &str = "5.22.95";

/// What inspec.yml says.
#[derive(Debug, Default, Clone)]
pub(crate) struct Metadata {
    /// The whole document.
    pub document: Object,
    /// The profile's name; without one its controls are listed but give no results.
    pub name: Option<String>,
    pub version: Option<String>,
    pub title: Option<String>,
    pub maintainer: Option<String>,
    pub summary: Option<String>,
    pub license: Option<String>,
    pub copyright: Option<String>,
    pub copyright_email: Option<String>,
    /// Conditions on the platform, any of which suffices.
    pub supports: Vec<Object>,
    /// The requirement on InSpec's version.
    pub inspec_version: Option<String>,
    /// Declared inputs.
    pub inputs: Vec<Object>,
    /// Dependencies.
    pub depends: Vec<Object>,
}

impl Metadata {
    /// Reads the inspec.yml of a profile; without one it is named after where it is.
    pub(crate) fn read(files: &ProfileFiles) -> Result<Self, AuditError> {
        let refuse = |why: String| AuditError::Profile { path: files.given.clone(), why };
        let Some(content) = files.get("inspec.yml") else { return Ok(Self::default().named(files)) };
        let text = std::str::from_utf8(content).map_err(|_| refuse("inspec.yml is not UTF-8".into()))?;
        let text = rendered(text).map_err(&refuse)?;
        let document =
            match crate::yaml::parse(&text, Dates::Refused).map_err(|why| refuse(format!("inspec.yml: {why}")))? {
                Json::Object(document) => without_colons(document),
                Json::Null => Object::new(),
                _ => return Err(refuse("inspec.yml is not a mapping".into())),
            };
        let text = |key: &str| document.get(key).and_then(plain_text);
        let objects = |key: &str| document.get(key).map(objects).unwrap_or_default();
        let metadata = Self {
            name: text("name"),
            version: text("version"),
            title: text("title"),
            maintainer: text("maintainer"),
            summary: text("summary"),
            license: text("license"),
            copyright: text("copyright"),
            copyright_email: text("copyright_email"),
            supports: supports(document.get("supports")),
            inspec_version: text("inspec_version"),
            // `attributes` is what inputs were called.
            inputs: if document.contains_key("inputs") { objects("inputs") } else { objects("attributes") },
            depends: depends(document.get("depends")).map_err(&refuse)?,
            document: document.clone(),
        };
        Ok(metadata.named(files))
    }

    /// A profile with neither name nor title is named after where it is.
    fn named(mut self, files: &ProfileFiles) -> Self {
        if self.name.is_none() && self.title.is_none() {
            let title = format!("tests from {}", files.given.display());
            self.name = Some(title.replace(['/', '\\'], "."));
            self.title = Some(title);
        }
        self
    }

    /// The name for messages.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Whether it may run on the InSpec whose behaviour this is; the error says what is wrong with the requirement.
    pub(crate) fn supports_inspec(&self) -> Result<bool, String> {
        self.inspec_version.as_deref().map_or(Ok(true), |wanted| requirement::is_met(wanted, INSPEC_VERSION))
    }

    /// Why it may not run on the InSpec whose behaviour this is.
    pub(crate) fn refuses_inspec(&self) -> String {
        format!("Profile `{}` is not supported on InSpec version ({INSPEC_VERSION}).", self.name())
    }
}

/// Keys written as Ruby's symbols, `:name`, are names.
fn without_colons(object: Object) -> Object {
    object
        .into_iter()
        .map(|(key, value)| (key.strip_prefix(':').map_or(key.clone(), str::to_owned), inside(value)))
        .collect()
}

fn inside(value: Json) -> Json {
    match value {
        Json::Object(object) => Json::Object(without_colons(object)),
        Json::Array(list) => Json::Array(list.into_iter().map(inside).collect()),
        other => other,
    }
}

fn plain_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn objects(value: &Json) -> Vec<Object> {
    match value {
        Json::Array(entries) => entries.iter().filter_map(Json::as_object).cloned().collect(),
        _ => Vec::new(),
    }
}

/// What it depends on. What can't be read as that is an error: without it the profile would be another one.
fn depends(value: Option<&Json>) -> Result<Vec<Object>, String> {
    let no_list =
        || "inspec.yml: `depends` is no list of mappings, each with a `name` and where it comes from".to_owned();
    match value {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(entries)) => {
            entries.iter().map(|entry| entry.as_object().cloned().ok_or_else(no_list)).collect()
        }
        Some(_) => Err(no_list()),
    }
}

/// `supports` as conditions; a bare name in the list is a platform family.
fn supports(value: Option<&Json>) -> Vec<Object> {
    let condition = |entry: &Json| match entry {
        Json::Object(entry) => Some(entry.iter().map(|(key, value)| property(key, value)).collect()),
        Json::Array(_) | Json::Null => None,
        name => Some(Object::from_iter([property("os-family", name)])),
    };
    match value {
        Some(Json::Array(entries)) => entries.iter().filter_map(condition).collect(),
        Some(Json::Object(entry)) => condition(&Json::Object(entry.clone())).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// `os-family` is what `platform-family` was called; a release is text even where it looks like a number.
fn property(key: &str, value: &Json) -> (String, Json) {
    let key = match key.trim_start_matches(':') {
        "os-family" => "platform-family",
        "os-name" => "platform-name",
        other => other,
    };
    let value = match (key, plain_text(value)) {
        ("release", Some(text)) => Json::String(text),
        _ => value.clone(),
    };
    (key.to_owned(), value)
}

/// The text with the ERB in it evaluated, as CINC Auditor does it: by an interpreter that sees nothing of this machine.
fn rendered(text: &str) -> Result<Cow<'_, str>, String> {
    if !text.contains("<%") {
        return Ok(Cow::Borrowed(text));
    }
    let vm = Interp::new(Rc::new(NoHost), Limits::default());
    vm.globals.borrow_mut().insert(Sym::new("$inspec_yml"), Value::str(text));
    let result = vm.eval_str("ERB.new($inspec_yml).result").and_then(|text| vm.to_s(&text));
    match result.map_err(|unwind| AuditError::internal(&vm, &unwind)) {
        Ok(text) => Ok(Cow::Owned(text.lossy())),
        Err(AuditError::Internal(why)) => Err(format!("inspec.yml: its ERB can't be evaluated: {why}")),
        Err(other) => Err(format!("inspec.yml: its ERB can't be evaluated: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_evaluated() {
        assert_eq!(rendered("name: a\n").unwrap(), "name: a\n");
        assert_eq!(rendered("name: <%= 'a' * 2 %>\n").unwrap(), "name: aa\n");
        let why = rendered("name: <%= nope %>\n").unwrap_err();
        assert!(
            why.starts_with("inspec.yml: its ERB can't be evaluated: NameError: undefined local variable"),
            "{why}"
        );
    }
}
