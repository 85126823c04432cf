//! What objects must look like to be stored.

use serde_json::{Value, json};

use crate::kinds::{Kind, Names};
use crate::rbac::{GROUP, Rule};
use crate::refusal::{FieldFault, Refusal};

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
                         '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used \
                         for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
                     start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for \
                     validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
                           '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or \
                           'my_value',  or '12345', regex used for validation is \
                           '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED_NAME: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and \
                              end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex \
                              used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/// Fill in what the real server fills in for this kind.
pub(crate) fn default(kind: &Kind, object: &mut Value) {
    match kind.name {
        "RoleBinding" | "ClusterRoleBinding" => default_binding(object),
        "Secret" => default_secret(object),
        "Pod" => default_pod(object),
        "Namespace" => {
            let name = object["metadata"]["name"].clone();
            object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
            object["spec"] = json!({ "finalizers": ["kubernetes"] });
            object["status"] = json!({ "phase": "Active" });
        }
        _ => {}
    }
}

fn default_binding(object: &mut Value) {
    if object["roleRef"].is_object() && object["roleRef"]["apiGroup"].as_str().is_none_or(str::is_empty) {
        object["roleRef"]["apiGroup"] = GROUP.into();
    }
    for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        let group = if subject["kind"] == "ServiceAccount" { "" } else { GROUP };
        if subject.is_object() && subject["apiGroup"].is_null() && !group.is_empty() {
            subject["apiGroup"] = group.into();
        }
    }
}

fn default_secret(object: &mut Value) {
    use base64::Engine;
    if object.get("type").is_none() {
        object["type"] = "Opaque".into();
    }
    let plain = object.as_object_mut().and_then(|map| map.shift_remove("stringData"));
    for (key, value) in plain.as_ref().and_then(Value::as_object).into_iter().flatten() {
        let text = value.as_str().unwrap_or_default();
        object["data"][key] = base64::engine::general_purpose::STANDARD.encode(text).into();
    }
}

fn default_pod(object: &mut Value) {
    if object.get("status").is_none() {
        object["status"] = json!({ "phase": "Pending", "qosClass": "BestEffort" });
    }
    let spec = &mut object["spec"];
    for (key, value) in [
        ("restartPolicy", json!("Always")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("dnsPolicy", json!("ClusterFirst")),
        ("serviceAccountName", json!("default")),
        ("enableServiceLinks", json!(true)),
    ] {
        if spec.get(key).is_none() {
            spec[key] = value;
        }
    }
}

/// Refuse with 422 what the real server refuses.
pub(crate) fn check(kind: &Kind, object: &Value) -> Result<(), Refusal> {
    let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let mut faults = Vec::new();
    check_name(kind.names, "metadata.name", name, &mut faults);
    check_metadata(object, &mut faults);
    match kind.name {
        "Role" | "ClusterRole" => check_rules(kind, object, &mut faults),
        "RoleBinding" | "ClusterRoleBinding" => check_binding(kind, object, &mut faults),
        "Pod" => check_pod(object, &mut faults),
        _ => {}
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::invalid(kind.group, kind.name, name, &faults)) }
}

fn check_name(names: Names, field: &str, name: &str, faults: &mut Vec<FieldFault>) {
    let label = |part: &str| {
        let bytes = part.as_bytes();
        let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
    };
    if name.is_empty() {
        faults.push(FieldFault::required(field, "name or generateName is required"));
        return;
    }
    let (limit, fits, detail) = match names {
        Names::Label => (63, label(name), LABEL),
        Names::Subdomain => (253, name.split('.').all(label), SUBDOMAIN),
        Names::PathSegment => {
            let fits = !matches!(name, "." | "..") && !name.contains(['/', '%']);
            (usize::MAX, fits, "may not be '.' or '..' or contain '/' or '%'")
        }
    };
    if name.len() > limit {
        faults.push(FieldFault::invalid(field, name, format!("must be no more than {limit} bytes")));
    }
    if !fits {
        faults.push(FieldFault::invalid(field, name, detail));
    }
}

fn check_metadata(object: &Value, faults: &mut Vec<FieldFault>) {
    for (map, checks_value) in [("labels", true), ("annotations", false)] {
        let entries = object.pointer(&format!("/metadata/{map}")).and_then(Value::as_object);
        for (key, value) in entries.into_iter().flatten() {
            let field = format!("metadata.{map}");
            check_qualified_name(&field, key, faults);
            let Some(value) = value.as_str() else {
                faults.push(FieldFault::invalid_literal(field, value, "must be a string"));
                continue;
            };
            if checks_value {
                check_label_value(&field, value, faults);
            }
        }
    }
}

fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn check_qualified_name(field: &str, key: &str, faults: &mut Vec<FieldFault>) {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if let Some(prefix) = prefix {
        let mut inner = Vec::new();
        check_name(Names::Subdomain, field, prefix, &mut inner);
        if !inner.is_empty() {
            faults.push(FieldFault::invalid(field, key, format!("prefix part {SUBDOMAIN}")));
        }
    }
    if name.len() > 63 {
        faults.push(FieldFault::invalid(field, key, "name part must be no more than 63 bytes"));
    }
    if !is_name_part(name) {
        faults.push(FieldFault::invalid(field, key, QUALIFIED_NAME));
    }
}

fn check_label_value(field: &str, value: &str, faults: &mut Vec<FieldFault>) {
    if value.len() > 63 {
        faults.push(FieldFault::invalid(field, value, "must be no more than 63 bytes"));
    }
    if !value.is_empty() && !is_name_part(value) {
        faults.push(FieldFault::invalid(field, value, LABEL_VALUE));
    }
}

fn check_rules(kind: &Kind, object: &Value, faults: &mut Vec<FieldFault>) {
    let rules = match Rule::deserialize_all(object.get("rules").unwrap_or(&Value::Null)) {
        Ok(rules) => rules,
        Err(error) => {
            faults.push(FieldFault::invalid_literal("rules", &object["rules"], error.to_string()));
            return;
        }
    };
    for (index, rule) in rules.iter().enumerate() {
        let field = |name: &str| format!("rules[{index}].{name}");
        if rule.verbs.is_empty() {
            faults.push(FieldFault::required(field("verbs"), "verbs must contain at least one value"));
        }
        if !rule.non_resource_urls.is_empty() {
            if kind.namespaced {
                let detail = "namespaced rules cannot apply to non-resource URLs";
                let list = format!("{:?}", rule.non_resource_urls);
                faults.push(FieldFault::invalid_literal(field("nonResourceURLs"), list, detail));
            }
            continue;
        }
        if rule.api_groups.is_empty() {
            let detail = "resource rules must supply at least one api group";
            faults.push(FieldFault::required(field("apiGroups"), detail));
        }
        if rule.resources.is_empty() {
            let detail = "resource rules must supply at least one resource";
            faults.push(FieldFault::required(field("resources"), detail));
        }
    }
}

fn check_binding(kind: &Kind, object: &Value, faults: &mut Vec<FieldFault>) {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let reference = object.get("roleRef").cloned().unwrap_or_default();
    let role_kind = text(&reference, "kind");
    let known = role_kind == "ClusterRole" || (kind.namespaced && role_kind == "Role");
    if !known {
        faults.push(FieldFault::invalid("roleRef.kind", &role_kind, "supported values: \"Role\", \"ClusterRole\""));
    }
    if text(&reference, "name").is_empty() {
        faults.push(FieldFault::required("roleRef.name", ""));
    }
    for (index, subject) in object.get("subjects").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let field = |name: &str| format!("subjects[{index}].{name}");
        if text(subject, "name").is_empty() {
            faults.push(FieldFault::required(field("name"), ""));
        }
        match text(subject, "kind").as_str() {
            "ServiceAccount" if text(subject, "namespace").is_empty() => {
                faults.push(FieldFault::required(field("namespace"), ""));
            }
            "ServiceAccount" | "User" | "Group" => {}
            other => {
                let detail = "supported values: \"ServiceAccount\", \"User\", \"Group\"";
                faults.push(FieldFault::invalid(field("kind"), other, detail));
            }
        }
    }
}

fn check_pod(object: &Value, faults: &mut Vec<FieldFault>) {
    let containers = object.pointer("/spec/containers").and_then(Value::as_array);
    if containers.is_none_or(Vec::is_empty) {
        faults.push(FieldFault::required("spec.containers", ""));
    }
    for (index, container) in containers.into_iter().flatten().enumerate() {
        let field = format!("spec.containers[{index}].name");
        match container.get("name").and_then(Value::as_str) {
            Some(name) if !name.is_empty() => check_name(Names::Label, &field, name, faults),
            _ => faults.push(FieldFault::required(field, "")),
        }
    }
}

/// What is wrong with a debug container that is asked for once more, and differently.
pub(crate) fn debug_container_changed() -> FieldFault {
    let detail = "existing ephemeral containers may not be changed";
    FieldFault::invalid_literal("spec.ephemeralContainers", "", detail)
}

/// Refuse debug containers that have no name of their own or nothing to look at.
pub(crate) fn check_debug_containers(pod: &Value, added: &[Value]) -> Result<(), Refusal> {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_there = |name: &str| containers.iter().any(|container| container["name"] == name);
    let mut faults = Vec::new();
    for (index, entry) in added.iter().enumerate() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let field = |key: &str| format!("spec.ephemeralContainers[{index}].{key}");
        check_name(Names::Label, &field("name"), text("name"), &mut faults);
        if is_there(text("name")) {
            faults.push(FieldFault::invalid(field("name"), text("name"), "must not be the name of another container"));
        }
        if text("image").is_empty() {
            faults.push(FieldFault::required(field("image"), ""));
        }
        let target = text("targetContainerName");
        if !target.is_empty() && !is_there(target) {
            faults.push(FieldFault::invalid(field("targetContainerName"), target, "there is no such container"));
        }
    }
    let name = pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::invalid("", "Pod", name, &faults)) }
}

/// Refuse changes of what may not change.
pub(crate) fn check_update(kind: &Kind, before: &Value, after: &Value) -> Result<(), Refusal> {
    let name = before.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    if before.get("roleRef") != after.get("roleRef") {
        let reference = after.get("roleRef").cloned().unwrap_or_default();
        let fault = FieldFault::invalid_literal("roleRef", reference, "cannot change roleRef");
        return Err(Refusal::invalid(kind.group, kind.name, name, &[fault]));
    }
    Ok(())
}
