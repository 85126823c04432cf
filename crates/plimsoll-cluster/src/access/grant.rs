//! What a lease consists of: the three objects, exactly as they are created.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{ApiResource, DynamicObject};
use kube::{Api, Client};
use serde::{Deserialize, Serialize};

use super::{EXPIRES_AT, MANAGED_BY, MANAGER, RUN_ID};

/// The API group of roles and their bindings.
pub(super) const RBAC: &str = "rbac.authorization.k8s.io";

/// The kinds of object a lease is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ObjectKind {
    /// `rbac.authorization.k8s.io/v1` RoleBinding.
    RoleBinding,
    /// `rbac.authorization.k8s.io/v1` Role.
    Role,
    /// `v1` ServiceAccount.
    ServiceAccount,
    /// `v1` Pod: one made to be scanned.
    Pod,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoleBinding => "RoleBinding",
            Self::Role => "Role",
            Self::ServiceAccount => "ServiceAccount",
            Self::Pod => "Pod",
        })
    }
}

impl ObjectKind {
    /// The order in which they are created: nothing names what isn't there yet.
    pub(super) const CREATION: [Self; 3] = [Self::ServiceAccount, Self::Role, Self::RoleBinding];
    /// Everything that a run may create, in the order of removal: the rights end before the identity does.
    pub(super) const SWEPT: [Self; 4] = [Self::Pod, Self::RoleBinding, Self::Role, Self::ServiceAccount];

    /// The resource's name in requests and rules.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::RoleBinding => "rolebindings",
            Self::Role => "roles",
            Self::ServiceAccount => "serviceaccounts",
            Self::Pod => "pods",
        }
    }

    /// The API group, empty for the core one.
    pub(super) fn group(self) -> &'static str {
        match self {
            Self::RoleBinding | Self::Role => RBAC,
            Self::ServiceAccount | Self::Pod => "",
        }
    }

    fn resource(self) -> ApiResource {
        match self {
            Self::RoleBinding => ApiResource::erase::<RoleBinding>(&()),
            Self::Role => ApiResource::erase::<Role>(&()),
            Self::ServiceAccount => ApiResource::erase::<ServiceAccount>(&()),
            Self::Pod => ApiResource::erase::<Pod>(&()),
        }
    }

    /// Its API in one namespace.
    pub(super) fn api(self, client: &Client, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(client.clone(), namespace, &self.resource())
    }

    /// Its API in all namespaces.
    pub(super) fn api_everywhere(self, client: &Client) -> Api<DynamicObject> {
        Api::all_with(client.clone(), &self.resource())
    }
}

/// What a leased identity may do with its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    /// Look at it and exec into it.
    Exec,
    /// Add an ephemeral container to it.
    Debug,
}

impl Rights {
    /// The resources and verbs. Exec over WebSocket is a GET: `get` on `pods/exec` up to Kubernetes 1.34, `create` too from
    /// 1.35.
    pub(super) fn verbs(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Exec => &[("pods", &["get"]), ("pods/exec", &["get", "create"])],
            Self::Debug => &[("pods/ephemeralcontainers", &["patch"])],
        }
    }
}

/// The plan of one lease.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) namespace: String,
    pub(super) pod: String,
    pub(super) run_id: String,
    pub(super) expires_at: Timestamp,
}

impl Grant {
    /// The name of the identity and of what it is granted first.
    pub(super) fn name(&self) -> String {
        format!("plimsoll-{}", self.run_id)
    }

    /// The name of the role, and its binding, that grants these rights.
    pub(super) fn name_for(&self, rights: Rights) -> String {
        match rights {
            Rights::Exec => self.name(),
            Rights::Debug => format!("{}-debug", self.name()),
        }
    }

    /// The user name by which the API server knows the identity.
    pub(super) fn identity(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name())
    }

    /// Whether `object` was made by this run.
    pub(super) fn owns(&self, object: &DynamicObject) -> bool {
        let labels = object.metadata.labels.as_ref();
        labels.and_then(|labels| labels.get(RUN_ID)).is_some_and(|run_id| *run_id == self.run_id)
    }

    /// The object of `kind` that grants `rights`.
    pub(super) fn object(&self, kind: ObjectKind, rights: Rights) -> DynamicObject {
        let typed = match kind {
            ObjectKind::Role => serde_json::to_value(self.role(rights)),
            ObjectKind::RoleBinding => serde_json::to_value(self.binding(rights)),
            ObjectKind::ServiceAccount | ObjectKind::Pod => serde_json::to_value(self.service_account()),
        };
        typed.and_then(serde_json::from_value).expect("a Kubernetes object is JSON with metadata")
    }

    /// What every object of the run carries.
    pub(super) fn metadata(&self, name: String) -> ObjectMeta {
        ObjectMeta {
            name: Some(name),
            namespace: Some(self.namespace.clone()),
            labels: Some(BTreeMap::from([(MANAGED_BY.into(), MANAGER.into()), (RUN_ID.into(), self.run_id.clone())])),
            annotations: Some(BTreeMap::from([(EXPIRES_AT.into(), self.expires_at.to_string())])),
            ..Default::default()
        }
    }

    fn service_account(&self) -> ServiceAccount {
        ServiceAccount {
            metadata: self.metadata(self.name()),
            automount_service_account_token: Some(false),
            ..Default::default()
        }
    }

    fn role(&self, rights: Rights) -> Role {
        let rule = |(resource, verbs): &(&str, &[&str])| PolicyRule {
            api_groups: Some(vec![String::new()]),
            resources: Some(vec![(*resource).to_owned()]),
            resource_names: Some(vec![self.pod.clone()]),
            verbs: verbs.iter().map(ToString::to_string).collect(),
            ..Default::default()
        };
        let rules = rights.verbs().iter().map(rule).collect();
        Role { metadata: self.metadata(self.name_for(rights)), rules: Some(rules) }
    }

    fn binding(&self, rights: Rights) -> RoleBinding {
        let name = self.name_for(rights);
        RoleBinding {
            metadata: self.metadata(name.clone()),
            role_ref: RoleRef { api_group: Some(RBAC.into()), kind: "Role".into(), name },
            subjects: Some(vec![Subject {
                kind: "ServiceAccount".into(),
                name: self.name(),
                namespace: Some(self.namespace.clone()),
                ..Default::default()
            }]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            namespace: "shop".into(),
            pod: "web".into(),
            run_id: "abc123".into(),
            expires_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_role_names_one_pod_and_nothing_more() {
        let role = serde_json::to_value(grant().object(ObjectKind::Role, Rights::Exec)).unwrap();
        assert_eq!(
            role["rules"],
            serde_json::json!([
                {"apiGroups": [""], "resources": ["pods"], "resourceNames": ["web"], "verbs": ["get"]},
                {"apiGroups": [""], "resources": ["pods/exec"], "resourceNames": ["web"], "verbs": ["get", "create"]},
            ])
        );
    }

    #[test]
    fn a_debug_container_takes_a_role_of_its_own_on_the_same_pod() {
        let role = serde_json::to_value(grant().object(ObjectKind::Role, Rights::Debug)).unwrap();
        assert_eq!(
            role["rules"],
            serde_json::json!([{"apiGroups": [""], "resources": ["pods/ephemeralcontainers"], "resourceNames": ["web"],
                "verbs": ["patch"]}])
        );
        let binding = serde_json::to_value(grant().object(ObjectKind::RoleBinding, Rights::Debug)).unwrap();
        assert_eq!(binding["roleRef"]["name"], "plimsoll-abc123-debug");
        assert_eq!(binding["subjects"][0]["name"], "plimsoll-abc123");
    }

    #[test]
    fn every_object_is_labelled_and_dated() {
        for kind in ObjectKind::CREATION {
            let object = grant().object(kind, Rights::Exec);
            assert!(grant().owns(&object), "{kind}");
            assert_eq!(object.metadata.labels.as_ref().unwrap()[MANAGED_BY], MANAGER);
            assert_eq!(object.metadata.annotations.as_ref().unwrap()[EXPIRES_AT], "1970-01-01T00:00:00Z");
            assert_eq!(object.types.as_ref().unwrap().kind, kind.to_string());
        }
    }

    #[test]
    fn the_service_account_mounts_no_token() {
        let account = serde_json::to_value(grant().object(ObjectKind::ServiceAccount, Rights::Exec)).unwrap();
        assert_eq!(account["automountServiceAccountToken"], false);
    }
}
