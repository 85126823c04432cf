//! Removing one object and proving that it is gone.

use std::time::Duration;

use jiff::Timestamp;
use kube::Api;
use kube::api::{DeleteParams, DynamicObject, Preconditions};

use super::grant::ObjectKind;
use crate::connection::{Backoff, Connection};
use crate::failure::Cause;

/// How long an object may take to go once its removal is accepted (finalizers).
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a pod may take: its node has to end its containers first.
const POD_PATIENCE: Duration = Duration::from_secs(40);

/// What became of an object that was to be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Removal {
    /// When the API server accepted the removal or said that it was gone.
    pub(super) removed: Option<Timestamp>,
    /// Whether the API server, asked for it afterwards, had none.
    pub(super) verified: bool,
    /// What could not be done or proved.
    pub(super) problem: Option<String>,
}

/// Why it is not proved that an object is gone.
enum Doubt {
    /// It is there.
    There(String),
    /// Nobody could say.
    Unknown(String),
}

/// One object: its kind, where it is, and the UID that makes it this one and no later one of the same name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doomed<'a> {
    pub(super) kind: ObjectKind,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) uid: &'a str,
}

impl Doomed<'_> {
    /// Removes it, repeating what fails in passing, then asks for it until it is gone.
    pub(super) async fn remove(&self, connection: &Connection) -> Removal {
        let api = self.kind.api(connection.client(), self.namespace);
        let mut removal = Removal::default();
        match self.delete(connection, &api).await {
            Ok(()) => removal.removed = Some(Timestamp::now()),
            Err(problem) => removal.problem = Some(problem),
        }
        match self.verify(connection, &api).await {
            Ok(()) => {
                removal.verified = true;
                removal.problem = None;
            }
            Err(doubt) => {
                removal.problem = Some(match (removal.problem, doubt) {
                    (None, Doubt::There(why) | Doubt::Unknown(why)) => why,
                    (Some(first), Doubt::There(why)) => format!("{first}; {why}"),
                    // Most often for the same reason.
                    (Some(first), Doubt::Unknown(_)) => format!("{first}; whether it is gone can't be verified"),
                });
            }
        }
        removal
    }

    async fn delete(&self, connection: &Connection, api: &Api<DynamicObject>) -> Result<(), String> {
        let params = DeleteParams {
            preconditions: Some(Preconditions { uid: Some(self.uid.into()), resource_version: None }),
            ..Default::default()
        };
        let doing = format!("remove {} {}", self.kind, self.name);
        match connection.call(&doing, || api.delete(self.name, &params)).await {
            Ok(_) => Ok(()),
            // Gone already, or an object of another UID has the name now: ours is gone either way.
            Err(error) if matches!(error.cause, Cause::NotFound | Cause::Conflict) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn verify(&self, connection: &Connection, api: &Api<DynamicObject>) -> Result<(), Doubt> {
        let doing = format!("verify that {} {} is gone", self.kind, self.name);
        let patience = if self.kind == ObjectKind::Pod { POD_PATIENCE } else { PATIENCE };
        let deadline = tokio::time::Instant::now() + patience;
        let mut pause = Backoff::new();
        loop {
            let found = connection.call(&doing, || api.get_opt(self.name)).await;
            let found = found.map_err(|error| Doubt::Unknown(error.to_string()))?;
            let still_there = match found {
                Some(object) if object.metadata.uid.as_deref() == Some(self.uid) => object,
                _ => return Ok(()),
            };
            let wait = pause.next();
            if tokio::time::Instant::now() + wait >= deadline || still_there.metadata.deletion_timestamp.is_none() {
                return Err(Doubt::There(still_there_because(&still_there)));
            }
            tokio::time::sleep(wait).await;
        }
    }
}

fn still_there_because(object: &DynamicObject) -> String {
    match (&object.metadata.deletion_timestamp, object.metadata.finalizers.as_deref().unwrap_or_default()) {
        (None, _) => "it is still there".into(),
        (Some(_), []) => "it is being deleted and still there".into(),
        (Some(_), finalizers) => format!("it waits for its finalizers: {}", finalizers.join(", ")),
    }
}
