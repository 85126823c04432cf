//! inspec.lock: which sources a profile's dependencies were vendored from.

use plimsoll_report::model::Object;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::yaml::Dates;

/// The name of the file in a profile.
pub(crate) const FILE: &str = "inspec.lock";

/// The only version of its layout that there is.
const VERSION: i64 = 1;

/// A dependency: as inspec.yml declares it, or as inspec.lock has it resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The name it is included by; the profile's own unless given.
    pub name: Option<String>,
    /// `path`, or `url`, or `git` with `ref` and its kin; `sha256` where it is known.
    pub source: Object,
    /// Requirements on its version.
    pub constraints: Vec<String>,
    /// What it depends on itself, where the lock says it.
    pub below: Vec<Wanted>,
}

impl Wanted {
    /// An entry of `depends` in inspec.yml.
    pub(crate) fn declared(entry: &Object) -> Self {
        let mut source = entry.clone();
        let name = source.shift_remove("name").as_ref().and_then(Json::as_str).map(str::to_owned);
        let constraints = texts(source.shift_remove("version").as_ref());
        Self { name, source, constraints, below: Vec::new() }
    }

    /// A text of the source.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.source.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    /// The name for messages.
    pub(crate) fn shown(&self) -> String {
        let place = ["path", "url", "git"].iter().find_map(|key| self.text(key));
        self.name.clone().or_else(|| place.map(str::to_owned)).unwrap_or_else(|| "?".to_owned())
    }

    /// The names that its copy may have in a vendor directory, as CINC gives them.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> =
            ["sha256", "ref"].iter().filter_map(|key| self.text(key)).map(str::to_owned).collect();
        if let Some(git) = self.text("git") {
            let below = self.text("relative_path").unwrap_or_default();
            let pinned = self.text("ref").filter(|_| !below.is_empty());
            keys.extend(pinned.map(|commit| git_key(commit, below)));
            keys.push(sha256(format!("{git}{below}").as_bytes()));
        }
        keys
    }
}

/// The name in a vendor directory of what lies `below` the top of a commit.
pub(crate) fn git_key(commit: &str, below: &str) -> String {
    if below.is_empty() { commit.to_owned() } else { sha256(format!("{commit}{below}").as_bytes()) }
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads an inspec.lock.
pub(crate) fn parse(text: &str) -> Result<Vec<Wanted>, String> {
    let document = crate::yaml::parse(text, Dates::Text)?;
    match document.get("lockfile_version").and_then(Json::as_i64) {
        Some(VERSION) => Ok(entries(document.get("depends"))),
        Some(other) => Err(format!("it has lockfile_version {other}; only {VERSION} is known")),
        None => Err("it has no lockfile_version".to_owned()),
    }
}

fn entries(list: Option<&Json>) -> Vec<Wanted> {
    let entry = |entry: &Json| Wanted {
        name: entry.get("name").and_then(Json::as_str).map(str::to_owned),
        source: entry.get("resolved_source").and_then(Json::as_object).cloned().unwrap_or_default(),
        constraints: texts(entry.get("version_constraints")),
        below: entries(entry.get("dependencies")),
    };
    list.and_then(Json::as_array).map(|list| list.iter().map(entry).collect()).unwrap_or_default()
}

fn texts(value: Option<&Json>) -> Vec<String> {
    match value {
        Some(Json::String(one)) => vec![one.clone()],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Writes an inspec.lock.
pub(crate) fn write(depends: &[Wanted]) -> String {
    let mut text = format!("---\nlockfile_version: {VERSION}\n");
    write_list(&mut text, "", "depends", depends);
    text
}

fn write_list(text: &mut String, indent: &str, key: &str, list: &[Wanted]) {
    if list.is_empty() {
        text.push_str(&format!("{indent}{key}: []\n"));
        return;
    }
    text.push_str(&format!("{indent}{key}:\n"));
    for wanted in list {
        text.push_str(&format!("{indent}- name: {}\n", scalar(wanted.name.as_deref().unwrap_or_default())));
        text.push_str(&format!("{indent}  resolved_source:\n"));
        for (key, value) in &wanted.source {
            text.push_str(&format!(
                "{indent}    {key}: {}\n",
                value.as_str().map_or_else(|| value.to_string(), scalar)
            ));
        }
        let constraints: Vec<String> = wanted.constraints.iter().map(|constraint| scalar(constraint)).collect();
        text.push_str(&format!("{indent}  version_constraints: [{}]\n", constraints.join(", ")));
        if !wanted.below.is_empty() {
            write_list(text, &format!("{indent}  "), "dependencies", &wanted.below);
        }
    }
}

/// A text, quoted as JSON does it, which YAML understands.
fn scalar(text: &str) -> String {
    Json::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Wanted, parse, write};

    fn wanted(name: &str, source: &serde_json::Value, below: Vec<Wanted>) -> Wanted {
        let source = source.as_object().unwrap().clone();
        Wanted { name: Some(name.to_owned()), source, constraints: vec![">= 1.0".into()], below }
    }

    #[test]
    fn what_is_written_is_read() {
        let below = wanted("b: #", &json!({"url": "https://e.org/\"x\".zip", "sha256": "12e4"}), Vec::new());
        let all = vec![wanted("a", &json!({"git": "g", "ref": "0123"}), vec![below])];
        assert_eq!(parse(&write(&all)), Ok(all));
        assert_eq!(parse(&write(&[])), Ok(Vec::new()));
    }

    #[test]
    fn other_layouts_are_refused() {
        assert!(parse("depends: []\n").unwrap_err().contains("no lockfile_version"));
        assert!(parse("lockfile_version: 2\n").unwrap_err().contains("lockfile_version 2"));
    }

    #[test]
    fn copies_are_named_as_cinc_names_them() {
        let git = json!({"git": "https://e.org/repo.git"});
        let mut source = git.clone();
        source["ref"] = "5f1ea3faebb8aad96bcd6e3093e79dc0704d6090".into();
        source["relative_path"] = "sub".into();
        let keys = wanted("a", &source, Vec::new()).keys();
        assert_eq!(keys[1], "75a05fea35177ea0f445abe378062afaacde040d3ef1f5b243b4f665ed7de788");
        let keys = wanted("a", &git, Vec::new()).keys();
        assert_eq!(keys, ["5e710e3e1af942dd92b4d1e2bb82d2c89bbb1c93621c96a4c2cba4ff8959a154"]);
    }
}
