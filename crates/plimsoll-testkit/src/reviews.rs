//! Questions about rights: the access review kinds, which are answered and never stored.

use serde_json::{Value, json};

use crate::attributes::Attributes;
use crate::identity::Caller;
use crate::kinds::REVIEWS;
use crate::rbac::{Authorizer, Rule};
use crate::refusal::{FieldFault, Refusal};

/// Whether a request creates a review.
pub(crate) fn is_review(attributes: &Attributes) -> bool {
    attributes.version == "v1"
        && REVIEWS.iter().any(|(group, _, plural, _)| *group == attributes.group && *plural == attributes.resource)
}

/// Answer one review: the object that was sent, with its status.
pub(crate) fn answer(
    attributes: &Attributes,
    mut review: Value,
    caller: &Caller,
    authorizer: &Authorizer<'_>,
) -> Result<Value, Refusal> {
    let kind = REVIEWS.iter().find(|it| it.2 == attributes.resource).map_or("", |it| it.1);
    review["kind"] = kind.into();
    review["apiVersion"] = format!("{}/v1", attributes.group).into();
    if review.get("metadata").is_none_or(Value::is_null) {
        review["metadata"] = json!({});
    }
    let spec = review.get("spec").cloned().unwrap_or_default();
    review["status"] = match kind {
        "SelfSubjectAccessReview" => decide(kind, &spec, caller, authorizer)?,
        "SubjectAccessReview" | "LocalSubjectAccessReview" => decide(kind, &spec, &subject(&spec), authorizer)?,
        "SelfSubjectRulesReview" => rules(&spec, caller, authorizer)?,
        _ => json!({ "userInfo": caller.info() }),
    };
    Ok(review)
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn subject(spec: &Value) -> Caller {
    let groups = spec.get("groups").and_then(Value::as_array).into_iter().flatten();
    Caller {
        name: text(spec, "user"),
        uid: text(spec, "uid"),
        groups: groups.filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
    }
}

fn decide(kind: &str, spec: &Value, caller: &Caller, authorizer: &Authorizer<'_>) -> Result<Value, Refusal> {
    let wanted = match (spec.get("resourceAttributes"), spec.get("nonResourceAttributes")) {
        (Some(resource), None) => Attributes {
            verb: text(resource, "verb"),
            group: text(resource, "group"),
            version: text(resource, "version"),
            resource: text(resource, "resource"),
            subresource: text(resource, "subresource"),
            namespace: text(resource, "namespace"),
            name: text(resource, "name"),
            path: String::new(),
        },
        (None, Some(path)) => {
            Attributes { verb: text(path, "verb"), path: text(path, "path"), ..Attributes::default() }
        }
        _ => {
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            let fault = FieldFault::invalid_literal("spec.resourceAttributes", "null", detail);
            return Err(Refusal::invalid("authorization.k8s.io", kind, "", &[fault]));
        }
    };
    let decision = authorizer.decide(caller, &wanted);
    let mut status = json!({ "allowed": decision.allowed });
    if !decision.reason.is_empty() {
        status["reason"] = decision.reason.into();
    }
    Ok(status)
}

fn rules(spec: &Value, caller: &Caller, authorizer: &Authorizer<'_>) -> Result<Value, Refusal> {
    let namespace = text(spec, "namespace");
    if namespace.is_empty() {
        return Err(Refusal::bad_request("no namespace on request"));
    }
    let everything = [
        Rule { verbs: star(), api_groups: star(), resources: star(), ..Rule::default() },
        Rule { verbs: star(), non_resource_urls: star(), ..Rule::default() },
    ];
    let mut rules = authorizer.rules(caller, &namespace);
    if caller.is_master() {
        rules.extend(everything);
    }
    let (paths, resources): (Vec<Rule>, Vec<Rule>) =
        rules.into_iter().partition(|rule| !rule.non_resource_urls.is_empty());
    Ok(json!({ "resourceRules": resources, "nonResourceRules": paths, "incomplete": false }))
}

fn star() -> Vec<String> {
    vec!["*".to_owned()]
}
