//! Sweeping what killed processes left: found by label, judged by expiry.

use jiff::Timestamp;
use kube::api::{DynamicObject, ListParams};
use serde::Serialize;

use super::grant::ObjectKind;
use super::removal::Doomed;
use super::{EXPIRES_AT, MANAGED_BY, MANAGER, RUN_ID};
use crate::connection::Connection;
use crate::failure::{ApiError, Cause};

/// What to sweep.
#[derive(Debug, Clone, Default)]
pub struct GcOptions {
    /// The one namespace to look in; `None` looks everywhere.
    pub namespace: Option<String>,
    /// Sweep every run's objects, those of scans that are still running included.
    pub all_runs: bool,
    /// Only say what would be removed.
    pub dry_run: bool,
}

/// What was found, and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GcReport {
    /// Every object of ours that was found, in the order of removal.
    pub objects: Vec<Swept>,
    /// What the caller may not look for: there may be more.
    pub unseen: Vec<String>,
}

/// One object of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The run it belongs to.
    pub run_id: String,
    /// When its lease ends; `None` where the annotation is missing or unreadable.
    pub expires_at: Option<Timestamp>,
    /// What became of it.
    pub fate: SweptFate,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "reason")]
pub enum SweptFate {
    /// Its lease has not ended; it stays.
    Kept,
    /// Nothing readable says when its lease ends; it stays.
    Undated,
    /// It would be removed were this no dry run.
    WouldRemove,
    /// It is removed, and the API server has none of it any more.
    Removed,
    /// It could not be removed, or that it is gone could not be proved.
    Failed(String),
}

impl GcReport {
    /// Whether everything that had to go is gone.
    pub fn is_clean(&self) -> bool {
        self.unseen.is_empty() && !self.objects.iter().any(|object| matches!(object.fate, SweptFate::Failed(_)))
    }

    /// The report for a person, one line an object.
    pub fn lines(&self) -> Vec<String> {
        let unseen = self.unseen.iter().map(|unseen| format!("NOT looked for: {unseen}"));
        self.objects.iter().map(Swept::line).chain(unseen).collect()
    }
}

impl Swept {
    fn line(&self) -> String {
        let date = self.expires_at.map(|date| format!("{date:.0}"));
        let fate = match (&self.fate, date) {
            (SweptFate::Kept, Some(date)) => format!("kept: its lease lasts until {date}"),
            (SweptFate::Kept, None) => "kept".to_owned(),
            (SweptFate::Undated, _) => format!("kept: no readable {EXPIRES_AT}; --all-runs removes it"),
            (SweptFate::WouldRemove, Some(date)) => format!("would be removed (lease until {date})"),
            (SweptFate::WouldRemove, None) => "would be removed".to_owned(),
            (SweptFate::Removed, _) => "removed, verified gone".to_owned(),
            (SweptFate::Failed(why), _) => format!("NOT removed: {why}"),
        };
        format!("{} {}/{} (run {}): {fate}", self.kind, self.namespace, self.name, self.run_id)
    }
}

/// Finds the objects of all runs and removes those whose lease has ended.
///
/// An object that can't be removed is reported in its line; `Err` means that the objects could not even be listed.
pub async fn gc(connection: &Connection, options: &GcOptions) -> Result<GcReport, ApiError> {
    let now = Timestamp::now();
    let mut report = GcReport::default();
    for kind in ObjectKind::SWEPT {
        let listed = match list(connection, kind, options.namespace.as_deref()).await {
            // Whoever leases access need not be allowed to list pods; what else is left is swept all the same.
            Err(error) if kind == ObjectKind::Pod && error.cause == Cause::Forbidden => {
                report.unseen.push(error.to_string());
                continue;
            }
            listed => listed?,
        };
        for object in listed {
            let uid = object.metadata.uid.clone().unwrap_or_default();
            let mut swept = read(kind, &object, now, options.all_runs);
            if swept.fate == SweptFate::WouldRemove && !options.dry_run {
                swept.fate = remove(connection, &swept, &uid).await;
            }
            report.objects.push(swept);
        }
    }
    Ok(report)
}

/// All objects of `kind` that carry our labels, page by page.
async fn list(
    connection: &Connection,
    kind: ObjectKind,
    namespace: Option<&str>,
) -> Result<Vec<DynamicObject>, ApiError> {
    let (api, place) = match namespace {
        Some(namespace) => (kind.api(connection.client(), namespace), format!("namespace {namespace}")),
        None => (kind.api_everywhere(connection.client()), "all namespaces".to_owned()),
    };
    let doing = format!("list {} in {place}", kind.plural());
    let mut params = ListParams::default().labels(&format!("{MANAGED_BY}={MANAGER},{RUN_ID}")).limit(500);
    let mut found = Vec::new();
    loop {
        let page = connection.call(&doing, || api.list(&params)).await?;
        found.extend(page.items);
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => params = params.continue_token(&token),
            None => return Ok(found),
        }
    }
}

/// What an object says of itself, and what is due with it at `now`.
fn read(kind: ObjectKind, object: &DynamicObject, now: Timestamp, all_runs: bool) -> Swept {
    let metadata = &object.metadata;
    let of = |map: &Option<std::collections::BTreeMap<String, String>>, key: &str| {
        map.as_ref().and_then(|map| map.get(key)).cloned()
    };
    let expires_at: Option<Timestamp> = of(&metadata.annotations, EXPIRES_AT).and_then(|date| date.parse().ok());
    let fate = match expires_at {
        _ if all_runs => SweptFate::WouldRemove,
        Some(date) if date <= now => SweptFate::WouldRemove,
        Some(_) => SweptFate::Kept,
        None => SweptFate::Undated,
    };
    Swept {
        kind,
        namespace: metadata.namespace.clone().unwrap_or_default(),
        name: metadata.name.clone().unwrap_or_default(),
        run_id: of(&metadata.labels, RUN_ID).unwrap_or_default(),
        expires_at,
        fate,
    }
}

async fn remove(connection: &Connection, swept: &Swept, uid: &str) -> SweptFate {
    let doomed = Doomed { kind: swept.kind, namespace: &swept.namespace, name: &swept.name, uid };
    let removal = doomed.remove(connection).await;
    if removal.verified {
        SweptFate::Removed
    } else {
        SweptFate::Failed(removal.problem.unwrap_or_else(|| "not proved gone".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(expires_at: Option<&str>) -> DynamicObject {
        let annotations = expires_at.map(|date| serde_json::json!({EXPIRES_AT: date}));
        serde_json::from_value(serde_json::json!({"metadata": {
            "name": "plimsoll-x", "namespace": "shop", "labels": {RUN_ID: "x"}, "annotations": annotations,
        }}))
        .unwrap()
    }

    fn fate(expires_at: Option<&str>, all_runs: bool) -> SweptFate {
        let now = "2026-01-01T12:00:00Z".parse().unwrap();
        read(ObjectKind::Role, &object(expires_at), now, all_runs).fate
    }

    #[test]
    fn only_what_is_past_its_expiry_goes_unless_all_runs_are_meant() {
        assert_eq!(fate(Some("2026-01-01T11:59:59Z"), false), SweptFate::WouldRemove);
        assert_eq!(fate(Some("2026-01-01T12:00:00Z"), false), SweptFate::WouldRemove);
        assert_eq!(fate(Some("2026-01-01T12:00:01Z"), false), SweptFate::Kept);
        assert_eq!(fate(Some("soon"), false), SweptFate::Undated);
        assert_eq!(fate(None, false), SweptFate::Undated);
        for date in [Some("2026-01-01T12:00:01Z"), None] {
            assert_eq!(fate(date, true), SweptFate::WouldRemove);
        }
    }

    #[test]
    fn every_line_names_the_object_and_its_fate() {
        let now = Timestamp::UNIX_EPOCH;
        let kept = read(ObjectKind::Role, &object(Some("2026-01-01T12:00:00Z")), now, false);
        let report = GcReport { objects: vec![kept], ..Default::default() };
        assert_eq!(report.lines(), ["Role shop/plimsoll-x (run x): kept: its lease lasts until 2026-01-01T12:00:00Z"]);
    }
}
