//! Reports on the language, reduced.

use std::sync::LazyLock;

use fancy_regex::Regex;
use serde_json::{Map, Value as Json, json};

use super::list;

/// A report, reduced; `directory` is taken out of every text.
pub(super) fn report(report: &Json, directory: &str) -> Json {
    let text = Text { directory };
    let profiles = list(report, "profiles").map(|profile| text.profile(profile));
    json!({ "profiles": profiles.collect::<Vec<_>>() })
}

struct Text<'a> {
    directory: &'a str,
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is well formed")
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"0x0[0-9a-f]{15}\b"));
static IDENTITY: LazyLock<Regex> = LazyLock::new(|| pattern(r"#<([A-Z]\w*):\d+> => "));
static BACKTRACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)( with backtrace:)\n.*?(?=\n\n|\z)"));
static GENERATED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\(generated from .*?) [0-9a-f]{32}\)$"));
static OBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"#<(?:Inspec::|RSpec::|#<Class:|Class:|Train::|Module:|Proc:|Method:|UnboundMethod:|Binding|Thread)")
});
static CLASS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^#<([A-Za-z:]*[A-Za-z])"));

impl Text<'_> {
    fn text(&self, text: &str) -> String {
        // Names of profiles are made of their paths, with dots for slashes.
        let text = text.replace(self.directory, "").replace(&self.directory.replace('/', "."), "");
        let text = IDENTITY.replace_all(&text, "#<$1:N> => ");
        let text = BACKTRACE.replace_all(&text, "$1 ...");
        ADDRESS.replace_all(&collapse(&text), "0xX").into_owned()
    }

    fn deep(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => Json::String(self.text(text)),
            Json::Array(elements) => elements.iter().map(|element| self.deep(element)).collect(),
            Json::Object(map) => Json::Object(map.iter().map(|(k, v)| (k.clone(), self.deep(v))).collect()),
            other => other.clone(),
        }
    }

    fn id(&self, id: &Json) -> Json {
        match id {
            Json::String(id) => Json::String(GENERATED.replace(&self.text(id), "$1)").into_owned()),
            other => other.clone(),
        }
    }

    /// These keys of an object, those that are there and not `null` (unless `nulls`).
    fn keep(&self, of: &Json, keys: &[&str], nulls: bool) -> Map<String, Json> {
        let found = keys.iter().filter_map(|key| Some(((*key).to_owned(), self.deep(of.get(key)?))));
        found.filter(|(_, value)| nulls || !value.is_null()).collect()
    }

    fn result(&self, result: &Json) -> Json {
        let mut kept = self.keep(result, &["status", "code_desc", "message", "skip_message", "exception"], false);
        let backtrace = result.get("backtrace").and_then(Json::as_array).is_some_and(|lines| !lines.is_empty());
        if backtrace || result.get("has_backtrace") == Some(&Json::Bool(true)) {
            kept.insert("has_backtrace".to_owned(), Json::Bool(true));
        }
        kept.extend(self.keep(result, &["resource_class", "resource_id", "resource_params"], true));
        kept.into()
    }

    fn control(&self, control: &Json) -> Json {
        let mut kept = Map::new();
        kept.insert("id".to_owned(), self.id(&control["id"]));
        let keys = ["title", "desc", "descriptions", "impact", "refs", "tags", "waiver_data"];
        kept.extend(self.keep(control, &keys, true));
        kept.insert("results".to_owned(), list(control, "results").map(|result| self.result(result)).collect());
        kept.into()
    }

    fn profile(&self, profile: &Json) -> Json {
        let keys = ["name", "title", "version", "status", "status_message", "skip_message", "parent_profile"];
        let mut kept = self.keep(profile, &keys, false);
        kept.extend(self.keep(profile, &["attributes", "depends"], true));
        let groups = list(profile, "groups").map(|group| {
            let controls: Vec<Json> = list(group, "controls").map(|id| self.id(id)).collect();
            json!({
                "id": self.deep(&group["id"]),
                "title": group.get("title").cloned().unwrap_or_default(),
                "controls": controls,
            })
        });
        kept.insert("groups".to_owned(), groups.collect());
        kept.insert("controls".to_owned(), list(profile, "controls").map(|control| self.control(control)).collect());
        kept.into()
    }
}

/// `#<Inspec::Rule:0x… @ivars…>` → `#<Inspec::Rule>`
fn collapse(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Ok(Some(found)) = OBJECT.find(rest) {
        out.push_str(&rest[..found.start()]);
        rest = &rest[found.start()..];
        let end = object_end(rest);
        let object = &rest[..end.unwrap_or(rest.len())];
        out.push_str(&match (end, object.starts_with("#<#<Class:")) {
            (None, _) => {
                let class: String = object
                    .chars()
                    .enumerate()
                    .take_while(|(at, c)| *at < 2 || c.is_ascii_alphabetic() || *c == ':')
                    .map(|(_, c)| c)
                    .collect();
                let class = if class == "#<" { "#<#<Class>".to_owned() } else { class };
                format!("{class} TRUNCATED>")
            }
            (Some(_), true) => "#<#<Class>>".to_owned(),
            (Some(_), false) => {
                let class = CLASS.captures(object).ok().flatten().map_or("?", |c| c.get(1).map_or("?", |m| m.as_str()));
                format!("#<{class}>")
            }
        });
        rest = &rest[object.len()..];
    }
    out + rest
}

/// Where the `#<…>` that `text` begins with ends, quoted text and nested objects passed over.
fn object_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut quoted, mut at) = (0, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' if quoted => quoted = false,
            _ if quoted => {}
            b'"' if depth > 0 => quoted = true,
            b'#' if bytes.get(at + 1) == Some(&b'<') => {
                depth += 1;
                at += 1;
            }
            b'>' if !matches!(bytes[at - 1], b'=' | b'-') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
