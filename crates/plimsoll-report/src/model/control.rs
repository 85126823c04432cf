//! A control in the result document.

use super::{ControlResult, Impact, Object, null_as_default};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;

/// One control with its results.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Control {
    /// The id it was declared with.
    pub id: ControlId,
    /// Its `title`; written as `null` when there is none.
    #[serde(default)]
    pub title: Option<String>,
    /// Its default description; written as `null` when there is none.
    #[serde(default)]
    pub desc: Option<String>,
    /// All descriptions; the default one has the label `default`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub descriptions: Vec<Description>,
    /// How bad it is when the control fails, 0 to 1; 0 makes it not applicable.
    pub impact: Impact,
    /// References: objects of `ref`, `url`, `uri` and whatever else the profile gave.
    pub refs: Vec<serde_json::Value>,
    /// Tags; a tag without a value has `null`.
    pub tags: Object,
    /// The control's source text; empty for generated controls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where the control was declared.
    pub source_location: SourceLocation,
    /// The waiver that applies: the waiver file's entry plus `skipped_due_to_waiver` and `message`; empty when none.
    #[serde(default, deserialize_with = "null_as_default")]
    pub waiver_data: Object,
    /// One entry for each expectation, skip or error, in the order they ran.
    pub results: Vec<ControlResult>,
    /// A person's statement about a control that could not be tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation_data: Option<Attestation>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// The id of a control.
///
/// Nearly always text. Ruby also takes `control 101 do`, which CINC writes as a number; that survives here, while every
/// comparison is one of text. Derefs to `str`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ControlId {
    text: String,
    is_number: bool,
}

impl ControlId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Deref for ControlId {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&str> for ControlId {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), is_number: false }
    }
}

impl From<String> for ControlId {
    fn from(text: String) -> Self {
        Self { text, is_number: false }
    }
}

impl From<i64> for ControlId {
    fn from(number: i64) -> Self {
        Self { text: number.to_string(), is_number: true }
    }
}

impl fmt::Display for ControlId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for ControlId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.text.parse::<i64>() {
            Ok(number) if self.is_number => serializer.serialize_i64(number),
            _ => serializer.serialize_str(&self.text),
        }
    }
}

impl<'de> Deserialize<'de> for ControlId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a control id must be a string or an integer")]
        enum Form {
            Text(String),
            Number(i64),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Text(text) => text.into(),
            Form::Number(number) => number.into(),
        })
    }
}

/// One labelled description of a control, e.g. `fix` or `rationale`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Description {
    /// The label; `default` for the plain `desc`.
    pub label: String,
    /// The text.
    pub data: String,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// Where a control was declared.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SourceLocation {
    /// Line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The file, as the profile was given.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// A person's statement about a control, as `saf attest` records it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attestation {
    /// The control it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_id: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// How long it holds, e.g. `quarterly` or `30d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<String>,
    /// What the person found. HDF knows no other answers, and a document with another one is refused.
    pub status: AttestationStatus,
    /// When it was made (date or date and time).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// What an attestation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttestationStatus {
    /// The requirement is met.
    Passed,
    /// It is not.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::ControlId;

    #[test]
    fn an_id_stays_what_it_was() {
        for json in ["101", "\"101\"", "\"a-1\""] {
            let id: ControlId = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), json);
            assert_eq!(id.as_str(), json.trim_matches('"'));
        }
        for json in ["null", "1.5", "true", "[]"] {
            assert!(serde_json::from_str::<ControlId>(json).is_err(), "{json}");
        }
    }
}
