//! The kinds of object this server stores: one line each, read by routing, discovery and validation.

/// One stored kind: where it lives in the API and what its names may look like.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    /// `Pod`: what objects call themselves.
    pub(crate) name: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) short: &'static [&'static str],
    pub(crate) namespaced: bool,
    pub(crate) names: Names,
}

/// The rule an object's name must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// `a-z0-9-`, at most 63 bytes (namespaces).
    Label,
    /// `a-z0-9.-`, at most 253 bytes (most kinds).
    Subdomain,
    /// Anything that can be one segment of a path (RBAC objects).
    PathSegment,
}

const RBAC: &str = "rbac.authorization.k8s.io";

const fn kind(
    group: &'static str,
    name: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
    names: Names,
) -> Kind {
    Kind { group, version: "v1", name, plural, singular, short, namespaced, names }
}

/// Every stored kind. Adding one is adding a line.
pub(crate) static KINDS: &[Kind] = &[
    kind("", "Namespace", "namespaces", "namespace", &["ns"], false, Names::Label),
    kind("", "Node", "nodes", "node", &["no"], false, Names::Subdomain),
    kind("", "Pod", "pods", "pod", &["po"], true, Names::Subdomain),
    kind("", "ServiceAccount", "serviceaccounts", "serviceaccount", &["sa"], true, Names::Subdomain),
    kind("", "Secret", "secrets", "secret", &[], true, Names::Subdomain),
    kind("", "ConfigMap", "configmaps", "configmap", &["cm"], true, Names::Subdomain),
    kind("", "Event", "events", "event", &["ev"], true, Names::Subdomain),
    kind("apps", "Deployment", "deployments", "deployment", &["deploy"], true, Names::Subdomain),
    kind("apps", "ReplicaSet", "replicasets", "replicaset", &["rs"], true, Names::Subdomain),
    kind("apps", "StatefulSet", "statefulsets", "statefulset", &["sts"], true, Names::Subdomain),
    kind("apps", "DaemonSet", "daemonsets", "daemonset", &["ds"], true, Names::Subdomain),
    kind("batch", "Job", "jobs", "job", &[], true, Names::Subdomain),
    kind("batch", "CronJob", "cronjobs", "cronjob", &["cj"], true, Names::Subdomain),
    kind("networking.k8s.io", "NetworkPolicy", "networkpolicies", "networkpolicy", &["netpol"], true, Names::Subdomain),
    kind(RBAC, "Role", "roles", "role", &[], true, Names::PathSegment),
    kind(RBAC, "RoleBinding", "rolebindings", "rolebinding", &[], true, Names::PathSegment),
    kind(RBAC, "ClusterRole", "clusterroles", "clusterrole", &[], false, Names::PathSegment),
    kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", "clusterrolebinding", &[], false, Names::PathSegment),
];

/// Kinds that are asked, never stored: `(group, kind, plural, namespaced)`.
pub(crate) static REVIEWS: &[(&str, &str, &str, bool)] = &[
    ("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false),
    ("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false),
    ("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews", false),
    ("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", true),
    ("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", false),
];

impl Kind {
    /// The kind that a group and a plural name, if stored here.
    pub(crate) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
    }

    /// The kind of an object by what it says of itself.
    pub(crate) fn of(object: &serde_json::Value) -> Option<&'static Kind> {
        let version = object.get("apiVersion")?.as_str()?;
        let name = object.get("kind")?.as_str()?;
        KINDS.iter().find(|kind| kind.name == name && kind.api_version() == version)
    }

    /// `v1` or `group/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `pods` or `roles.rbac.authorization.k8s.io`: how messages name the resource.
    pub(crate) fn qualified(&self) -> String {
        qualified(self.group, self.plural)
    }
}

/// A resource with its group as messages write it.
pub(crate) fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}
