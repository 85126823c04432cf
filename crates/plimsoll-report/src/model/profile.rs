//! A profile in the result document.

use super::{Control, ControlId, Object, null_as_default};
use serde::{Deserialize, Serialize};

/// One profile with the results of its controls.
///
/// An overlay lists the controls of its base profile too, with empty results; the real ones stand under the base, whose
/// [`parent_profile`](Profile::parent_profile) names the overlay.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The profile's `name` from inspec.yml.
    pub name: String,
    /// The profile's `version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of the profile's content, in hex.
    pub sha256: String,
    /// `title` from inspec.yml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `maintainer` from inspec.yml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<String>,
    /// `summary` from inspec.yml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// `license` from inspec.yml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// `copyright` from inspec.yml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copyright: Option<String>,
    /// `copyright_email` from inspec.yml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copyright_email: Option<String>,
    /// The platforms the profile supports, one condition each, e.g. `{"platform-family": "debian"}`.
    #[serde(deserialize_with = "null_as_default")]
    pub supports: Vec<Object>,
    /// The inputs with the values the run used; sensitive ones masked.
    #[serde(deserialize_with = "null_as_default")]
    pub attributes: Vec<Attribute>,
    /// Name of the profile that pulled this one in; none for a profile that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_profile: Option<String>,
    /// The dependencies as inspec.yml gives them (`name`, `path`, `url`, `git` …), each with `status` and, when it was
    /// not loaded, `status_message` or `skip_message`. Left out when there are none.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub depends: Vec<Object>,
    /// Which file holds which controls.
    #[serde(deserialize_with = "null_as_default")]
    pub groups: Vec<Group>,
    /// The controls, those of dependencies first.
    pub controls: Vec<Control>,
    /// Whether the profile could be loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ProfileStatus>,
    /// Why it could not; empty when it could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_message: Option<String>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// Whether a profile was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileStatus {
    /// Loaded and run.
    Loaded,
    /// A file of it raised while it was loaded; its controls have no results.
    Failed,
    /// It does not support the target's platform.
    Skipped,
}

/// An input of a profile.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Attribute {
    /// The input's name.
    pub name: String,
    /// `type`, `required`, `value`, `sensitive`, `pattern`, `description`: those that were given.
    #[serde(default, deserialize_with = "null_as_default")]
    pub options: Object,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// The controls of one file of a profile.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Group {
    /// The file's path inside the profile, e.g. `controls/ssh.rb`.
    pub id: String,
    /// Ids of its controls, in source order.
    pub controls: Vec<ControlId>,
    /// The file's `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}
