//! inspec.yml.

use plimsoll_report::model::Object;
use serde_json::Value as Json;

use super::ProfileFiles;
use crate::error::AuditError;

/// What inspec.yml says; keys are taken in any letter case.
#[derive(Debug, Default, Clone)]
pub(crate) struct Metadata {
    pub name: String,
    pub version: Option<String>,
    pub title: Option<String>,
    pub maintainer: Option<String>,
    pub summary: Option<String>,
    pub license: Option<String>,
    pub copyright: Option<String>,
    pub copyright_email: Option<String>,
    /// Conditions on the platform, any of which suffices.
    pub supports: Vec<Object>,
    /// Declared inputs.
    pub inputs: Vec<Object>,
    /// Dependencies.
    pub depends: Vec<Object>,
}

impl Metadata {
    /// Reads the inspec.yml of a profile; a single file has none and is named after itself.
    pub(crate) fn read(files: &ProfileFiles) -> Result<Self, AuditError> {
        let refuse = |why: String| AuditError::Profile { path: files.given.clone(), why };
        let Some(content) = files.get("inspec.yml") else {
            let title = format!("tests from {}", files.given.display());
            return Ok(Self { name: title.clone(), title: Some(title), ..Self::default() });
        };
        let text = std::str::from_utf8(content).map_err(|_| refuse("inspec.yml is not UTF-8".into()))?;
        let document = crate::yaml::parse(text).map_err(|why| refuse(format!("inspec.yml: {why}")))?;
        let Json::Object(document) = document else { return Err(refuse("inspec.yml is not a mapping".into())) };
        let document: Object = document.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect();
        let text = |key: &str| document.get(key).and_then(plain_text);
        let objects = |key: &str| document.get(key).map(objects).unwrap_or_default();
        let mut inputs = objects("attributes");
        inputs.extend(objects("inputs"));
        Ok(Self {
            name: text("name").ok_or_else(|| refuse("inspec.yml has no `name`".into()))?,
            version: text("version"),
            title: text("title"),
            maintainer: text("maintainer"),
            summary: text("summary"),
            license: text("license"),
            copyright: text("copyright"),
            copyright_email: text("copyright_email"),
            supports: supports(document.get("supports")),
            inputs,
            depends: objects("depends"),
        })
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
        Json::Object(entry) => vec![entry.clone()],
        _ => Vec::new(),
    }
}

/// `supports` as conditions; a bare name is a platform.
fn supports(value: Option<&Json>) -> Vec<Object> {
    let entries = match value {
        Some(Json::Array(entries)) => entries.clone(),
        Some(Json::Null) | None => Vec::new(),
        Some(one) => vec![one.clone()],
    };
    let condition = |entry: &Json| match entry {
        Json::Object(entry) => Some(entry.iter().map(|(k, v)| (rename(k), v.clone())).collect()),
        Json::String(name) => Some(Object::from_iter([("platform".to_owned(), Json::String(name.clone()))])),
        _ => None,
    };
    entries.iter().filter_map(condition).collect()
}

/// `os-family` is what `platform-family` was called.
fn rename(key: &str) -> String {
    let key = key.trim_start_matches(':');
    match key {
        "os-family" => "platform-family".to_owned(),
        "os-name" => "platform-name".to_owned(),
        other => other.to_owned(),
    }
}
