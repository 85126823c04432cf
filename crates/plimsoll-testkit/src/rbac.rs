//! Role-based access control: who may do what, and who may grant it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::attributes::Attributes;
use crate::identity::{Caller, service_account_user};
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::store::{Key, Store};

/// The API group of roles and bindings.
pub(crate) const GROUP: &str = "rbac.authorization.k8s.io";

/// One rule of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Rule {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) verbs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) api_groups: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resource_names: Vec<String>,
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub(crate) non_resource_urls: Vec<String>,
}

fn has(list: &[String], item: &str) -> bool {
    list.iter().any(|it| it == item)
}

impl Rule {
    /// The rules of a Role or ClusterRole object; malformed rules count as absent.
    pub(crate) fn of(role: &Value) -> Vec<Rule> {
        role.get("rules").and_then(|rules| Rule::deserialize_all(rules).ok()).unwrap_or_default()
    }

    pub(crate) fn deserialize_all(rules: &Value) -> Result<Vec<Rule>, serde_json::Error> {
        if rules.is_null() { Ok(Vec::new()) } else { Vec::<Rule>::deserialize(rules) }
    }

    fn allows(&self, wanted: &Attributes) -> bool {
        let verb = has(&self.verbs, "*") || has(&self.verbs, &wanted.verb);
        if !wanted.is_resource() {
            return verb && self.non_resource_urls.iter().any(|rule| covers_url(rule, &wanted.path));
        }
        verb && (has(&self.api_groups, "*") || has(&self.api_groups, &wanted.group))
            && covers_resource(&self.resources, &wanted.full_resource())
            && (self.resource_names.is_empty() || has(&self.resource_names, &wanted.name))
    }

    /// One rule for each single right.
    fn atoms(&self) -> Vec<Rule> {
        let mut atoms = Vec::new();
        for verb in &self.verbs {
            for group in &self.api_groups {
                for resource in &self.resources {
                    let atom = Rule {
                        verbs: vec![verb.clone()],
                        api_groups: vec![group.clone()],
                        resources: vec![resource.clone()],
                        ..Rule::default()
                    };
                    if self.resource_names.is_empty() {
                        atoms.push(atom);
                        continue;
                    }
                    atoms.extend(self.resource_names.iter().map(|name| {
                        let mut named = atom.clone();
                        named.resource_names = vec![name.clone()];
                        named
                    }));
                }
            }
            atoms.extend(self.non_resource_urls.iter().map(|url| Rule {
                verbs: vec![verb.clone()],
                non_resource_urls: vec![url.clone()],
                ..Rule::default()
            }));
        }
        atoms
    }

    /// Whether this rule gives everything that one single right gives.
    fn covers(&self, atom: &Rule) -> bool {
        let all = |own: &[String], wanted: &[String]| has(own, "*") || wanted.iter().all(|item| has(own, item));
        let names = self.resource_names.is_empty()
            || (!atom.resource_names.is_empty() && atom.resource_names.iter().all(|it| has(&self.resource_names, it)));
        all(&self.verbs, &atom.verbs)
            && all(&self.api_groups, &atom.api_groups)
            && atom.resources.iter().all(|wanted| covers_resource(&self.resources, wanted))
            && names
            && atom.non_resource_urls.iter().all(|url| self.non_resource_urls.iter().any(|own| covers_url(own, url)))
    }

    /// The form in which the real server lists missing rights.
    fn compact(&self) -> String {
        let lists = [
            ("APIGroups", &self.api_groups),
            ("Resources", &self.resources),
            ("NonResourceURLs", &self.non_resource_urls),
            ("ResourceNames", &self.resource_names),
            ("Verbs", &self.verbs),
        ];
        let parts: Vec<String> = lists
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(name, list)| format!("{name}:{}", quoted_list(list)))
            .collect();
        format!("{{{}}}", parts.join(", "))
    }
}

/// Go's `%q` of a list: `["a" "b"]`.
fn quoted_list(list: &[String]) -> String {
    format!("[{}]", list.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(" "))
}

fn covers_resource(own: &[String], wanted: &str) -> bool {
    let any_of_subresource = wanted.split_once('/').map(|(_, subresource)| format!("*/{subresource}"));
    has(own, "*") || has(own, wanted) || any_of_subresource.is_some_and(|pattern| has(own, &pattern))
}

fn covers_url(rule: &str, wanted: &str) -> bool {
    rule == wanted || rule.strip_suffix('*').is_some_and(|prefix| wanted.starts_with(prefix))
}

/// The rights of `wanted` that `owned` does not hold, compacted to one rule for each resource.
fn missing(owned: &[Rule], wanted: &[Rule]) -> Vec<Rule> {
    let mut compacted: Vec<Rule> = Vec::new();
    for atom in wanted.iter().flat_map(Rule::atoms).filter(|atom| !owned.iter().any(|own| own.covers(atom))) {
        let same = |rule: &&mut Rule| {
            !rule.resources.is_empty()
                && rule.api_groups == atom.api_groups
                && rule.resources == atom.resources
                && rule.resource_names == atom.resource_names
        };
        match compacted.iter_mut().find(same) {
            Some(rule) if !has(&rule.verbs, &atom.verbs[0]) => rule.verbs.extend(atom.verbs),
            Some(_) => {}
            None => compacted.push(atom),
        }
    }
    compacted.sort_by_key(Rule::compact);
    compacted
}

/// An answer with its reason (empty for a plain "no").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) allowed: bool,
    pub(crate) reason: String,
}

/// A binding that concerns a caller, resolved to the rules it gives.
struct Grant {
    rules: Vec<Rule>,
    reason: String,
}

/// Decides on what the store says, as of `delay` ago: the real authorizer reads a cache, too.
pub(crate) struct Authorizer<'a> {
    store: &'a Store,
    delay: Duration,
    now: Instant,
}

impl<'a> Authorizer<'a> {
    pub(crate) fn new(store: &'a Store, delay: Duration) -> Self {
        Self { store, delay, now: Instant::now() }
    }

    pub(crate) fn decide(&self, caller: &Caller, wanted: &Attributes) -> Decision {
        if caller.is_master() {
            return Decision { allowed: true, reason: String::new() };
        }
        let grant = self
            .grants(caller, &wanted.namespace)
            .into_iter()
            .find(|grant| grant.rules.iter().any(|rule| rule.allows(wanted)));
        Decision { allowed: grant.is_some(), reason: grant.map(|grant| grant.reason).unwrap_or_default() }
    }

    /// Refuse with 403 unless the caller may.
    pub(crate) fn require(&self, caller: &Caller, wanted: &Attributes) -> Result<(), Refusal> {
        if self.decide(caller, wanted).allowed {
            return Ok(());
        }
        Err(Refusal::forbidden(&wanted.group, &wanted.resource, &wanted.name, &wanted.denial(&caller.name)))
    }

    /// All rules that hold for a caller in a namespace (empty: cluster-wide ones alone).
    pub(crate) fn rules(&self, caller: &Caller, namespace: &str) -> Vec<Rule> {
        self.grants(caller, namespace).into_iter().flat_map(|grant| grant.rules).collect()
    }

    /// Refuse a role or binding that gives rights its author does not have.
    pub(crate) fn confirm_no_escalation(
        &self,
        caller: &Caller,
        kind: &Kind,
        namespace: &str,
        name: &str,
        granted: &[Rule],
    ) -> Result<(), Refusal> {
        let missing = missing(&self.rules(caller, namespace), granted);
        if caller.is_master() || missing.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = missing.iter().map(Rule::compact).collect();
        let why = format!(
            "user {:?} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
            caller.name,
            quoted_list(&caller.groups),
            list.join("\n")
        );
        Err(Refusal::forbidden(kind.group, kind.plural, name, &why))
    }

    fn grants(&self, caller: &Caller, namespace: &str) -> Vec<Grant> {
        let mut grants = self.grants_of("clusterrolebindings", caller, "");
        if !namespace.is_empty() {
            grants.extend(self.grants_of("rolebindings", caller, namespace));
        }
        grants
    }

    fn grants_of(&self, plural: &str, caller: &Caller, namespace: &str) -> Vec<Grant> {
        let Some(kind) = Kind::find(GROUP, "v1", plural) else { return Vec::new() };
        let mut grants = Vec::new();
        for (binding, written) in self.store.list_written(kind, namespace) {
            let Some(subject) = subject_for(binding, caller, namespace) else { continue };
            let Some(role) = self.role_of(binding, namespace).filter(|_| self.effective(written)) else { continue };
            grants.push(Grant { rules: Rule::of(role), reason: reason(kind, binding, &subject) });
        }
        grants
    }

    fn role_of(&self, binding: &Value, namespace: &str) -> Option<&'a Value> {
        let reference = binding.get("roleRef")?;
        let plural = if reference.get("kind")? == "Role" { "roles" } else { "clusterroles" };
        let kind = Kind::find(GROUP, "v1", plural)?;
        let name = reference.get("name")?.as_str()?;
        let (role, written) = self.store.get_written(&Key::new(kind, namespace, name))?;
        self.effective(written).then_some(role)
    }

    fn effective(&self, written: Option<Instant>) -> bool {
        written.is_none_or(|written| self.now.duration_since(written) >= self.delay)
    }
}

/// The subject of a binding that stands for this caller, as reasons name it.
fn subject_for(binding: &Value, caller: &Caller, binding_namespace: &str) -> Option<String> {
    binding.get("subjects")?.as_array()?.iter().find_map(|subject| {
        let name = subject.get("name")?.as_str()?;
        let namespace = subject.get("namespace").and_then(Value::as_str).unwrap_or(binding_namespace);
        match subject.get("kind")?.as_str()? {
            "User" if name == caller.name => Some(format!("User {name:?}")),
            "Group" if has(&caller.groups, name) => Some(format!("Group {name:?}")),
            "ServiceAccount" if service_account_user(namespace, name) == caller.name => {
                Some(format!("ServiceAccount \"{name}/{namespace}\""))
            }
            _ => None,
        }
    })
}

fn reason(kind: &Kind, binding: &Value, subject: &str) -> String {
    let text = |pointer: &str| binding.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mut name = text("/metadata/name").to_owned();
    if kind.namespaced {
        name = format!("{name}/{}", text("/metadata/namespace"));
    }
    format!(
        "RBAC: allowed by {} {name:?} of {} {:?} to {subject}",
        kind.name,
        text("/roleRef/kind"),
        text("/roleRef/name")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Rule, missing};
    use crate::attributes::Attributes;

    fn rule(value: serde_json::Value) -> Rule {
        serde_json::from_value(value).unwrap()
    }

    fn wanted(verb: &str, group: &str, resource: &str, subresource: &str, name: &str) -> Attributes {
        Attributes {
            verb: verb.into(),
            group: group.into(),
            resource: resource.into(),
            subresource: subresource.into(),
            name: name.into(),
            ..Attributes::default()
        }
    }

    #[test]
    fn a_rule_allows_exactly_what_it_says() {
        let named =
            json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods", "pods/exec"], "resourceNames": ["a"] });
        let open = json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] });
        let plain = json!({ "verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"] });
        let any_sub = json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["*/log"] });
        let cases = [
            (&named, wanted("get", "", "pods", "", "a"), true),
            (&named, wanted("get", "", "pods", "exec", "a"), true),
            (&named, wanted("get", "", "pods", "log", "a"), false),
            (&named, wanted("get", "", "pods", "", "b"), false),
            (&named, wanted("get", "apps", "pods", "", "a"), false),
            (&named, wanted("create", "", "pods", "exec", "a"), false),
            (&named, wanted("get", "", "pods", "", ""), false),
            (&open, wanted("delete", "apps", "deployments", "scale", "x"), true),
            (&plain, wanted("list", "", "pods", "", ""), true),
            (&plain, wanted("get", "", "pods", "exec", "a"), false),
            (&any_sub, wanted("get", "", "pods", "log", "a"), true),
            (&any_sub, wanted("get", "", "pods", "", "a"), false),
        ];
        for (value, attributes, expected) in cases {
            assert_eq!(rule(value.clone()).allows(&attributes), expected, "{value} {attributes:?}");
        }
    }

    #[test]
    fn paths_are_allowed_by_exact_match_or_prefix() {
        let urls = rule(json!({ "verbs": ["get"], "nonResourceURLs": ["/healthz", "/api/*"] }));
        let path = |path: &str| Attributes { verb: "get".into(), path: path.into(), ..Attributes::default() };
        assert!(urls.allows(&path("/healthz")));
        assert!(urls.allows(&path("/api/v1")));
        assert!(!urls.allows(&path("/healthz/etcd")));
    }

    #[test]
    fn missing_rights_are_listed_by_resource_and_sorted() {
        let owned = [rule(json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"] }))];
        let granted = [rule(json!({
            "verbs": ["get", "create"], "apiGroups": [""], "resources": ["pods", "pods/exec"], "resourceNames": ["a"]
        }))];
        let texts: Vec<String> = missing(&owned, &granted).iter().map(Rule::compact).collect();
        assert_eq!(
            texts,
            [
                r#"{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["create"]}"#,
                r#"{APIGroups:[""], Resources:["pods/exec"], ResourceNames:["a"], Verbs:["get" "create"]}"#,
            ]
        );
    }

    #[test]
    fn a_right_on_named_objects_does_not_cover_all_objects() {
        let owned =
            [rule(json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"] }))];
        let all = [rule(json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"] }))];
        assert_eq!(missing(&owned, &all).len(), 1);
        assert!(missing(&all, &owned).is_empty());
    }
}
