//! What the caller must be allowed to do, asked before anything is created.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::Api;
use kube::api::PostParams;

use super::AccessError;
use super::grant::{ObjectKind, RBAC, Rights};
use crate::connection::Connection;
use crate::failure::ApiError;

/// Questions in flight at once: each may open a connection of its own.
const IN_FLIGHT: usize = 4;

/// One thing to be allowed to do in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// `get`, `create`, `delete` …
    pub verb: &'static str,
    /// API group, empty for the core one.
    pub group: &'static str,
    /// Resource, with subresource after a slash: `pods/exec`.
    pub resource: &'static str,
    /// The one object that is meant, where it is one.
    pub name: Option<String>,
    /// Namespace.
    pub namespace: String,
}

impl fmt::Display for Permission {
    /// `VERB RESOURCE[.GROUP][/NAME] in namespace NAMESPACE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        if let Some(name) = &self.name {
            write!(f, " \"{name}\"")?;
        }
        write!(f, " in namespace {}", self.namespace)
    }
}

impl Permission {
    fn new(verb: &'static str, group: &'static str, resource: &'static str, namespace: &str) -> Self {
        Self { verb, group, resource, name: None, namespace: namespace.into() }
    }

    fn on(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Asks the API server whether the identity of `connection` may.
    pub(super) async fn is_granted(&self, connection: &Connection) -> Result<bool, ApiError> {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, Some(subresource.to_owned())),
            None => (self.resource, None),
        };
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(ResourceAttributes {
                    verb: Some(self.verb.into()),
                    group: Some(self.group.into()),
                    resource: Some(resource.into()),
                    subresource,
                    name: self.name.clone(),
                    namespace: Some(self.namespace.clone()),
                    ..Default::default()
                }),
                ..Default::default()
            },
            ..Default::default()
        };
        let reviews: Api<SelfSubjectAccessReview> = Api::all(connection.client().clone());
        let params = PostParams::default();
        let answered =
            connection.call(&format!("ask whether you may {self}"), || reviews.create(&params, &review)).await?;
        Ok(answered.status.is_some_and(|status| status.allowed))
    }
}

/// What an identity with these rights can do.
pub(super) fn granted(rights: Rights, namespace: &str, pod: &str) -> Vec<Permission> {
    let each = |(resource, verbs): &(&'static str, &'static [&'static str])| {
        let resource = *resource;
        verbs.iter().map(|verb| Permission::new(verb, "", resource, namespace).on(pod)).collect::<Vec<_>>()
    };
    rights.verbs().iter().flat_map(each).collect()
}

/// What making, using and removing the objects takes.
fn needed(namespace: &str, rights: Rights) -> Vec<Permission> {
    let kinds: &[ObjectKind] = match rights {
        Rights::Exec => &ObjectKind::CREATION,
        Rights::Debug => &[ObjectKind::Role, ObjectKind::RoleBinding],
    };
    let verbs = ["create", "get", "delete"].into_iter();
    let objects = verbs
        .flat_map(|verb| kinds.iter().map(move |kind| Permission::new(verb, kind.group(), kind.plural(), namespace)));
    let token = Permission::new("create", "", "serviceaccounts/token", namespace);
    objects.chain((rights == Rights::Exec).then_some(token)).collect()
}

/// Checks that the caller may create, use and remove a lease with these rights on `pod`; the error lists all that is
/// missing.
pub(super) async fn preflight(
    connection: &Connection,
    rights: Rights,
    namespace: &str,
    pod: &str,
) -> Result<(), AccessError> {
    let mut missing = refused(connection, needed(namespace, rights)).await?;
    // RBAC lets nobody grant what he may not do himself, unless he may escalate and bind.
    let not_ours = refused(connection, granted(rights, namespace, pod)).await?;
    if !not_ours.is_empty() {
        let beyond = ["escalate", "bind"].map(|verb| Permission::new(verb, RBAC, "roles", namespace));
        if !refused(connection, beyond.to_vec()).await?.is_empty() {
            missing.extend(not_ours);
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(AccessError::Missing { namespace: namespace.into(), missing }) }
}

/// Checks that the caller may do all of this.
pub(super) async fn require(
    connection: &Connection,
    doing: &'static str,
    permissions: Vec<Permission>,
) -> Result<(), AccessError> {
    let missing = refused(connection, permissions).await?;
    if missing.is_empty() { Ok(()) } else { Err(AccessError::NotAllowed { doing, missing }) }
}

/// What making a pod to scan takes.
pub(super) fn pod_permissions(namespace: &str) -> Vec<Permission> {
    ["create", "get", "delete"].map(|verb| Permission::new(verb, "", "pods", namespace)).into()
}

/// Those of `permissions` that the caller hasn't, in their order.
async fn refused(connection: &Connection, permissions: Vec<Permission>) -> Result<Vec<Permission>, ApiError> {
    let asked = futures::stream::iter(permissions).map(|permission| async move {
        permission.is_granted(connection).await.map(|granted| (!granted).then_some(permission))
    });
    let answers: Vec<Option<Permission>> = asked.buffered(IN_FLIGHT).try_collect().await?;
    Ok(answers.into_iter().flatten().collect())
}

/// The message for a person: what is missing, and what to ask for.
pub(super) fn explain(namespace: &str, missing: &[Permission]) -> String {
    let mut text = format!("you may not grant a scan its access in namespace {namespace}. Missing:\n");
    list(&mut text, missing);
    text.push_str("Scan with your own rights instead (--access existing), or ask for a Role there with these rules:\n");
    list_rules(&mut text, missing);
    text.truncate(text.trim_end().len());
    text
}

/// The same for what the caller does himself.
pub(super) fn explain_own(doing: &str, missing: &[Permission]) -> String {
    let mut text = format!("you may not {doing}. Missing:\n");
    list(&mut text, missing);
    text.push_str("Ask for a Role there with these rules:\n");
    list_rules(&mut text, missing);
    text.truncate(text.trim_end().len());
    text
}

fn list(text: &mut String, missing: &[Permission]) {
    for permission in missing {
        let _ = writeln!(text, "  {permission}");
    }
}

fn list_rules(text: &mut String, missing: &[Permission]) {
    for (group, resource, name, verbs) in rules(missing) {
        let names = name.map(|name| format!(", resourceNames: [\"{name}\"]")).unwrap_or_default();
        let verbs = verbs.join("\", \"");
        let _ = writeln!(
            text,
            "  - {{apiGroups: [\"{group}\"], resources: [\"{resource}\"]{names}, verbs: [\"{verbs}\"]}}"
        );
    }
}

type Rule<'a> = (&'a str, &'a str, Option<&'a str>, Vec<&'a str>);

/// The missing permissions as policy rules, one a resource.
fn rules(missing: &[Permission]) -> Vec<Rule<'_>> {
    let mut by_resource: BTreeMap<(&str, &str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for permission in missing {
        let key = (permission.group, permission.resource, permission.name.as_deref());
        by_resource.entry(key).or_default().push(permission.verb);
    }
    by_resource.into_iter().map(|((group, resource, name), verbs)| (group, resource, name, verbs)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_lists_every_permission_and_the_rules_to_ask_for() {
        let missing = [
            Permission::new("create", RBAC, "roles", "shop"),
            Permission::new("delete", RBAC, "roles", "shop"),
            Permission::new("create", "", "pods/exec", "shop").on("web"),
        ];
        assert_eq!(
            explain("shop", &missing),
            "you may not grant a scan its access in namespace shop. Missing:\n\
             \x20 create roles.rbac.authorization.k8s.io in namespace shop\n\
             \x20 delete roles.rbac.authorization.k8s.io in namespace shop\n\
             \x20 create pods/exec \"web\" in namespace shop\n\
             Scan with your own rights instead (--access existing), or ask for a Role there with these rules:\n\
             \x20 - {apiGroups: [\"\"], resources: [\"pods/exec\"], resourceNames: [\"web\"], verbs: [\"create\"]}\n\
             \x20 - {apiGroups: [\"rbac.authorization.k8s.io\"], resources: [\"roles\"], verbs: [\"create\", \"delete\"]}"
        );
    }

    #[test]
    fn all_that_a_lease_does_is_asked() {
        let needed: Vec<String> =
            needed("n", Rights::Exec).iter().map(|one| format!("{} {}", one.verb, one.resource)).collect();
        assert_eq!(needed.len(), 10);
        for one in ["create serviceaccounts/token", "delete rolebindings", "get roles", "create serviceaccounts"] {
            assert!(needed.iter().any(|there| there == one), "{one}");
        }
    }
}
