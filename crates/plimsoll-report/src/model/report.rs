//! The document's top level.

use super::{Object, Profile};
use serde::{Deserialize, Serialize};

/// The result of one audit of one target: what CINC's `json` reporter writes, which is also HDF's exec JSON.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// What was audited, as the target names itself.
    pub platform: Platform,
    /// The profiles that were run: first the one that was asked for, then what it depends on; further roots follow.
    pub profiles: Vec<Profile>,
    /// How long it took.
    pub statistics: Statistics,
    /// Version of the program that wrote the document; readers expect that of InSpec's format, e.g. `5.22.95`.
    pub version: String,
    /// What Plimsoll knows beyond HDF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plimsoll: Option<Extension>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// The operating system of the target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Platform {
    /// For example `debian`.
    pub name: String,
    /// For example `12.11`.
    pub release: String,
    /// A UUID that stays the same for the same target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// Numbers about the run itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Statistics {
    /// Seconds from the first control to the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// Keys of other producers.
    #[serde(flatten)]
    pub extra: Object,
}

/// What Plimsoll adds to an HDF document, under the key `plimsoll`. Other readers ignore it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Extension {
    /// The target as a person names it, e.g. `k8s://shop/cart-7d9f/app` or `local://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The way to the target: `exec`, `debug`, `sidecar`, `local`, `rootfs`, `image` or `replay`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// What evaluated the profile, with its version, e.g. `plimsoll 0.1.0` or `cinc-auditor 5.22.95`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The id all objects of this run are labelled with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Anything further; kept as it was read.
    #[serde(flatten)]
    pub extra: Object,
}
