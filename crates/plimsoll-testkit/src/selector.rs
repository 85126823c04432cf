//! Label and field selectors.

use serde_json::Value;

use crate::kinds::Kind;
use crate::refusal::Refusal;

/// Which objects a list, watch or collection delete is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<(String, bool, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selector {
    /// Parse both selectors; an empty text selects everything.
    pub(crate) fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Self, Refusal> {
        let fields = parse_fields(fields)?;
        for (field, _, _) in &fields {
            if !supports(kind, field) {
                let gvr = format!("{}, Resource={}", kind.api_version(), kind.plural);
                return Err(Refusal::bad_request(format!(
                    "Unable to find {gvr:?} that match label selector {labels:?}, field selector {:?}: \
                     field label not supported: {field}",
                    render(&fields)
                )));
            }
        }
        Ok(Self { labels: parse_labels(labels)?, fields })
    }

    /// Labels alone, for any kind.
    pub(crate) fn labels(text: &str) -> Result<Self, Refusal> {
        Ok(Self { labels: parse_labels(text)?, fields: Vec::new() })
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let label = |key: &str| object.pointer("/metadata/labels")?.get(key)?.as_str();
        self.labels.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => label(key).is_some_and(|value| values.iter().any(|it| it == value)),
            Requirement::NotIn(key, values) => label(key).is_none_or(|value| values.iter().all(|it| it != value)),
            Requirement::Exists(key) => label(key).is_some(),
            Requirement::Absent(key) => label(key).is_none(),
        }) && self.fields.iter().all(|(field, equal, wanted)| (field_of(object, field) == *wanted) == *equal)
    }
}

fn field_of(object: &Value, field: &str) -> String {
    let pointer = format!("/{}", field.replace('.', "/"));
    match object.pointer(&pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

fn supports(kind: &Kind, field: &str) -> bool {
    let own: &[&str] = match kind.name {
        "Pod" => &["spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase", "status.podIP"],
        "Event" => &["involvedObject.kind", "involvedObject.name", "involvedObject.uid", "reason", "type"],
        "Secret" => &["type"],
        "Namespace" => &["status.phase"],
        _ => &[],
    };
    field == "metadata.name" || (field == "metadata.namespace" && kind.namespaced) || own.contains(&field)
}

fn render(fields: &[(String, bool, String)]) -> String {
    let parts = fields.iter().map(|(field, equal, value)| format!("{field}{}{value}", if *equal { "=" } else { "!=" }));
    parts.collect::<Vec<_>>().join(",")
}

fn parse_fields(text: &str) -> Result<Vec<(String, bool, String)>, Refusal> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (field, equal, value) = if let Some((field, value)) = part.split_once("!=") {
                (field, false, value)
            } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (field, true, value)
            } else {
                return Err(Refusal::bad_request(format!(
                    "invalid field selector: invalid selector: {text:?}; can't understand {part:?}"
                )));
            };
            Ok((field.trim().to_owned(), equal, value.trim().to_owned()))
        })
        .collect()
}

fn parse_labels(text: &str) -> Result<Vec<Requirement>, Refusal> {
    split_outside_parentheses(text).into_iter().map(|part| parse_requirement(part.trim(), text)).collect()
}

/// Commas separate requirements, except inside the parentheses of `in (a,b)`.
fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn parse_requirement(part: &str, whole: &str) -> Result<Requirement, Refusal> {
    let set = |text: &str| -> Option<Vec<String>> {
        let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(inner.split(',').map(|value| value.trim().to_owned()).collect())
    };
    let requirement = if let Some((key, value)) = part.split_once("!=") {
        Some(Requirement::NotIn(key.trim().to_owned(), vec![value.trim().to_owned()]))
    } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        Some(Requirement::In(key.trim().to_owned(), vec![value.trim().to_owned()]))
    } else if let Some((key, values)) = part.split_once(" notin ") {
        set(values).map(|values| Requirement::NotIn(key.trim().to_owned(), values))
    } else if let Some((key, values)) = part.split_once(" in ") {
        set(values).map(|values| Requirement::In(key.trim().to_owned(), values))
    } else if let Some(key) = part.strip_prefix('!') {
        Some(Requirement::Absent(key.trim().to_owned()))
    } else {
        Some(Requirement::Exists(part.to_owned()))
    };
    requirement
        .filter(|it| !key_of(it).contains(char::is_whitespace) && !key_of(it).is_empty())
        .ok_or_else(|| Refusal::bad_request(format!("unable to parse requirement: {part:?} in selector {whole:?}")))
}

fn key_of(requirement: &Requirement) -> &str {
    match requirement {
        Requirement::In(key, _) | Requirement::NotIn(key, _) | Requirement::Exists(key) | Requirement::Absent(key) => {
            key
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Selector;
    use crate::kinds::Kind;

    #[test]
    fn label_selectors_select_as_kubernetes_does() {
        let object = json!({ "metadata": { "labels": { "app": "web", "tier": "front" } } });
        for (selector, expected) in [
            ("", true),
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app=db", false),
            ("app!=db", true),
            ("missing!=x", true),
            ("app in (web, db)", true),
            ("app in (db),tier", false),
            ("app notin (db)", true),
            ("tier", true),
            ("!tier", false),
            ("!missing", true),
        ] {
            assert_eq!(Selector::labels(selector).unwrap().matches(&object), expected, "{selector}");
        }
        assert!(Selector::labels("app in web").is_err());
        assert!(Selector::labels("a b").is_err());
    }

    #[test]
    fn field_selectors_know_each_kinds_fields() {
        let pods = Kind::find("", "v1", "pods").unwrap();
        let pod =
            json!({ "metadata": { "name": "a" }, "spec": { "nodeName": "n1" }, "status": { "phase": "Running" } });
        let matches = |text| Selector::parse(pods, "", text).map(|selector| selector.matches(&pod));
        assert!(matches("metadata.name=a,spec.nodeName=n1").unwrap());
        assert!(!matches("status.phase!=Running").unwrap());
        assert_eq!(
            matches("spec.color=red").unwrap_err().message,
            "Unable to find \"v1, Resource=pods\" that match label selector \"\", field selector \"spec.color=red\": \
             field label not supported: spec.color"
        );
    }
}
