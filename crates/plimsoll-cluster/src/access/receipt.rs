//! What a lease left in the cluster: nothing, and the proof of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ObjectKind;

/// What became of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The run's id.
    pub run_id: String,
    /// Namespace of the pod and of all objects.
    pub namespace: String,
    /// The pod that access was granted to.
    pub pod: String,
    /// When the lease itself would have ended.
    pub expires_at: Timestamp,
    /// How many tokens were issued.
    pub tokens: u32,
    /// When the last of them expires. A token is void as soon as its ServiceAccount is gone.
    pub token_expires_at: Option<Timestamp>,
    /// Every object of the lease, in the order of removal.
    pub objects: Vec<ObjectReceipt>,
    /// Every debug container that was added to the pod.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<ContainerReceipt>,
}

/// What became of one debug container. It can be ended; its entry in the pod's spec can't be removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerReceipt {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The identity it ran with, and how that was found.
    pub identity: String,
    /// Whether the image has a shell of its own in place of this program's agent.
    pub shell: bool,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// Whether it has an entry in the pod's spec, which stays there as long as the pod does.
    pub entry: bool,
    /// How it ended, as its status says.
    pub ended: Option<String>,
    /// Whether it is proved that it does not run.
    pub verified: bool,
    /// What could not be done or proved.
    pub problem: Option<String>,
}

/// What became of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReceipt {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its name.
    pub name: String,
    /// Its UID, once known.
    pub uid: Option<String>,
    /// When it was created; `None` if it never was, or if the API server never said.
    pub created: Option<Timestamp>,
    /// When the API server agreed to remove it, or said that it was gone.
    pub removed: Option<Timestamp>,
    /// Whether the API server was asked for it afterwards and had none.
    pub verified: bool,
    /// What could not be done or proved.
    pub problem: Option<String>,
}

impl Receipt {
    /// Whether there was nothing to be taken back.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.containers.is_empty()
    }

    /// Whether it is proved that nothing is left.
    pub fn is_clean(&self) -> bool {
        self.objects.iter().all(|object| object.verified) && self.containers.iter().all(|one| one.verified)
    }

    /// What may be left, as `KIND NAME in namespace NAMESPACE`.
    pub fn left(&self) -> Vec<String> {
        let running = self.containers.iter().filter(|container| !container.verified);
        let running = running.map(|one| format!("{} in pod {}/{}", one.called(), self.namespace, self.pod));
        let doubtful = self.objects.iter().filter(|object| !object.verified);
        let doubtful =
            doubtful.map(|object| format!("{} {} in namespace {}", object.kind, object.name, self.namespace));
        running.chain(doubtful).collect()
    }

    /// The receipt for a person, one line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("Access for run {} to pod {}/{}", self.run_id, self.namespace, self.pod)];
        lines.extend(self.containers.iter().map(ContainerReceipt::line));
        lines.extend(self.objects.iter().map(ObjectReceipt::line));
        if let Some(expiry) = self.token_expires_at {
            let token = if self.tokens == 1 { "token".to_owned() } else { format!("{} tokens", self.tokens) };
            let account = self.objects.iter().find(|object| object.kind == ObjectKind::ServiceAccount);
            let fate = if account.is_some_and(|account| account.verified) {
                "void with its ServiceAccount, would have expired"
            } else {
                "expires"
            };
            lines.push(format!("  {token}: {fate} {expiry:.0}"));
        }
        if self.is_clean() {
            lines.push(match self.containers.iter().filter(|container| container.entry).count() {
                0 => "  nothing is left in the cluster".into(),
                1 => "  nothing that runs is left; the entry in the pod's spec goes with the pod".into(),
                entries => format!("  nothing that runs is left; {entries} entries in the pod's spec go with the pod"),
            });
        } else {
            lines.push(format!(
                "  MAY BE LEFT: {}; `plimsoll access gc -n {} --all-runs` removes it",
                self.left().join(", "),
                self.namespace
            ));
        }
        lines
    }
}

impl ContainerReceipt {
    /// Its name, and that it ends by itself.
    pub(super) fn called(&self) -> String {
        format!("debug container {} (ends by itself at {:.0})", self.name, self.ends_at)
    }

    fn line(&self) -> String {
        let fate = match (self.entry, &self.ended, self.verified) {
            (false, _, true) => "never added".to_owned(),
            (true, Some(ended), true) => format!("ended, verified ({ended})"),
            (_, _, true) => "never ran".to_owned(),
            (_, _, false) => format!("NOT proved to have ended; ends by itself at {:.0}", self.ends_at),
        };
        let problem = self.problem.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default();
        format!("  debug container {} of {} as {}: {fate}{problem}", self.name, self.image, self.identity)
    }
}

impl ObjectReceipt {
    fn line(&self) -> String {
        let fate = match (self.created, self.removed, self.verified) {
            (None, None, true) => "never created",
            (_, Some(_), true) => "removed, verified gone",
            (_, None, true) => "gone",
            (_, Some(_), false) => "removal accepted, NOT verified",
            (_, None, false) => "NOT removed",
        };
        let problem = self.problem.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default();
        format!("  {} {}: {fate}{problem}", self.kind, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(verified: bool) -> Receipt {
        let object = |kind, verified: bool, problem: Option<&str>| ObjectReceipt {
            kind,
            name: "plimsoll-abc".into(),
            uid: Some("u".into()),
            created: Some(Timestamp::UNIX_EPOCH),
            removed: verified.then_some(Timestamp::UNIX_EPOCH),
            verified,
            problem: problem.map(Into::into),
        };
        Receipt {
            run_id: "abc".into(),
            namespace: "shop".into(),
            pod: "web".into(),
            expires_at: Timestamp::UNIX_EPOCH,
            tokens: 1,
            token_expires_at: Some(Timestamp::UNIX_EPOCH),
            objects: vec![
                object(ObjectKind::RoleBinding, true, None),
                object(ObjectKind::Role, verified, (!verified).then_some("HTTP 500")),
                object(ObjectKind::ServiceAccount, true, None),
            ],
            containers: Vec::new(),
        }
    }

    #[test]
    fn a_clean_receipt_says_so() {
        assert!(receipt(true).is_clean());
        assert_eq!(
            receipt(true).lines(),
            [
                "Access for run abc to pod shop/web",
                "  RoleBinding plimsoll-abc: removed, verified gone",
                "  Role plimsoll-abc: removed, verified gone",
                "  ServiceAccount plimsoll-abc: removed, verified gone",
                "  token: void with its ServiceAccount, would have expired 1970-01-01T00:00:00Z",
                "  nothing is left in the cluster",
            ]
        );
    }

    #[test]
    fn a_receipt_in_doubt_names_what_may_be_left_and_how_to_remove_it() {
        let doubtful = receipt(false);
        assert!(!doubtful.is_clean());
        assert_eq!(doubtful.left(), ["Role plimsoll-abc in namespace shop"]);
        let lines = doubtful.lines();
        assert_eq!(lines[2], "  Role plimsoll-abc: NOT removed (HTTP 500)");
        assert!(lines[5].starts_with("  MAY BE LEFT: Role plimsoll-abc") && lines[5].contains("access gc -n shop"));
    }

    #[test]
    fn an_ended_debug_container_is_said_to_keep_its_entry() {
        let container = ContainerReceipt {
            name: "plimsoll-abc".into(),
            image: "plimsoll.dev/agent:1".into(),
            identity: "uid 0 (assumed)".into(),
            shell: false,
            ends_at: Timestamp::UNIX_EPOCH,
            entry: true,
            ended: Some("Completed, exit code 0".into()),
            verified: true,
            problem: None,
        };
        let mut receipt = Receipt { containers: vec![container], ..receipt(true) };
        assert!(receipt.is_clean());
        let lines = receipt.lines();
        let line = "  debug container plimsoll-abc of plimsoll.dev/agent:1 as uid 0 (assumed): ended, verified (Completed, exit code 0)";
        assert_eq!(lines[1], line);
        assert_eq!(lines.last().unwrap(), "  nothing that runs is left; the entry in the pod's spec goes with the pod");
        receipt.containers[0].verified = false;
        assert_eq!(
            receipt.left(),
            ["debug container plimsoll-abc (ends by itself at 1970-01-01T00:00:00Z) in pod shop/web"]
        );
    }

    #[test]
    fn a_receipt_reads_back_from_its_json() {
        let json = serde_json::to_string(&receipt(false)).unwrap();
        assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt(false));
    }
}
