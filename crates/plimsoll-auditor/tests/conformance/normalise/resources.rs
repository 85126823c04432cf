//! Reports on resources, reduced.

use std::sync::LazyLock;

use fancy_regex::Regex;
use serde_json::{Map, Value as Json, json};

use super::list;

/// A report, reduced.
pub(super) fn report(report: &Json, directory: &str) -> Json {
    let text = Text { directory };
    json!({ "profiles": list(report, "profiles").map(|profile| text.profile(profile)).collect::<Vec<_>>() })
}

struct Text<'a> {
    directory: &'a str,
}

/// Patterns and what stands for what they find, in the order in which they are used.
static REPLACED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let pairs = [
        (r"#<([A-Za-z_][\w:]*(?: \([^)]*\))?):0x[0-9a-f]+", "#<$1:0x…"),
        (r"#<Class:0x[0-9a-f]+>", "#<Class:0x…>"),
        (r"0x[0-9a-f]{12,16}", "0x…"),
        (r"\(generated from (.+?) [0-9a-f]{32}\)", "(generated from $1 …)"),
        // What the differ shows of a whole resource.
        (r"(?s)\n[-+ ]#<#<Class:.*", "\n…"),
        // What an unknown method was called on, and Ruby's suggestions.
        (r"(?s)(undefined (?:local variable or )?method [`'][^`'\n]+' for ).*", "$1…"),
    ];
    let pair = |(pattern, text)| (Regex::new(pattern).expect("the pattern is well formed"), text);
    pairs.map(pair).into()
});

impl Text<'_> {
    fn text(&self, text: &str) -> String {
        let directory = self.directory.trim_end_matches('/');
        // Names of profiles are made of their paths, with dots for slashes.
        let dotted = directory.replace('/', ".");
        let text = text.replace(self.directory, "<case>/").replace(directory, "<case>");
        let text = text.replace(&format!("{}.", dotted.trim_start_matches('.')), "<case>.").replace(&dotted, "<case>");
        REPLACED.iter().fold(text, |text, (found, instead)| found.replace_all(&text, *instead).into_owned())
    }

    fn deep(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => Json::String(self.text(text)),
            Json::Array(elements) => elements.iter().map(|element| self.deep(element)).collect(),
            Json::Object(map) => Json::Object(map.iter().map(|(k, v)| (k.clone(), self.deep(v))).collect()),
            other => other.clone(),
        }
    }

    /// These keys of an object, those that are there and not `null` (unless `nulls`).
    fn keep(&self, of: &Json, keys: &[&str], nulls: bool) -> Map<String, Json> {
        let found = keys.iter().filter_map(|key| Some(((*key).to_owned(), self.deep(of.get(key)?))));
        found.filter(|(_, value)| nulls || !value.is_null()).collect()
    }

    fn control(&self, control: &Json) -> Json {
        let mut kept = self.keep(control, &["id", "impact", "title", "tags", "descriptions"], true);
        let waived = control.get("waiver_data").filter(|data| data.as_object().is_some_and(|data| !data.is_empty()));
        kept.extend(waived.map(|data| ("waiver_data".to_owned(), self.deep(data))));
        let results = list(control, "results").map(|result| {
            let mut kept = self.keep(result, &["status", "code_desc", "message", "skip_message", "exception"], false);
            kept.extend(self.keep(result, &["resource_class", "resource_params", "resource_id"], true));
            Json::Object(kept)
        });
        kept.insert("results".to_owned(), results.collect());
        kept.into()
    }

    fn profile(&self, profile: &Json) -> Json {
        let keys = ["title", "name", "version", "status", "status_message", "skip_message", "parent_profile"];
        let mut kept = self.keep(profile, &keys, false);
        kept.retain(|_, value| value != "");
        kept.insert("controls".to_owned(), list(profile, "controls").map(|control| self.control(control)).collect());
        kept.into()
    }
}
