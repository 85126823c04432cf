//! A profile as `profile json` shows it: the layout of CINC's `json`.

use plimsoll_report::model::{Attribute, Control, ControlId, Group, Object, Profile};
use plimsoll_ruby::Interp;
use serde_json::{Value as Json, json};

use super::Loaded;
use crate::audit::{Audit, interpreter};
use crate::error::AuditError;
use crate::profile::Source;
use crate::results;

impl Audit {
    /// What the first profile is and which controls it has, in the layout of CINC's `json`. Its tests are not run.
    pub fn summary(&self) -> Result<Json, AuditError> {
        let path = self.profiles.first().ok_or_else(|| AuditError::Usage("there is no profile to show".to_owned()))?;
        let source = Source::read(path, &self.shelf)?;
        let vm = interpreter(std::slice::from_ref(&source), &self.limits);
        vm.on_own_stack(|| summary(&vm, &Loaded::new(&self.offline(&vm)?, &source)?))
    }
}

fn summary(vm: &Interp, loaded: &Loaded) -> Result<Json, AuditError> {
    let profiles = results::profiles(vm, std::slice::from_ref(&loaded.scope), &[], true);
    let profiles = profiles.map_err(|unwind| AuditError::internal(vm, &unwind))?;
    let mut document = loaded.scope.metadata.document.clone();
    for profile in profiles {
        describe(&mut document, profile);
    }
    let generator = json!({"name": "plimsoll", "version": env!("CARGO_PKG_VERSION")});
    document.insert("generator".into(), generator);
    Ok(Json::Object(document))
}

/// Adds to what inspec.yml says what was found.
fn describe(document: &mut Object, profile: Profile) {
    let mut set = |key: &str, value: Json| drop(document.insert(key.to_owned(), value));
    if !profile.name.is_empty() {
        set("name", profile.name.into());
    }
    for (key, value) in [("title", profile.title), ("version", profile.version)] {
        if let Some(value) = value {
            set(key, value.into());
        }
    }
    set("supports", profile.supports.into_iter().map(Json::Object).collect());
    if !profile.depends.is_empty() {
        set("depends", profile.depends.into_iter().map(Json::Object).collect());
    }
    // In the order of loading, which the groups have.
    let order: Vec<ControlId> = profile.groups.iter().flat_map(|group| group.controls.clone()).collect();
    let mut controls = profile.controls;
    controls.sort_by_key(|control| order.iter().position(|id| *id == control.id));
    set("controls", controls.into_iter().map(control).collect());
    set("groups", profile.groups.into_iter().map(group).collect());
    set("inputs", profile.attributes.into_iter().map(input).collect());
    set("sha256", profile.sha256.into());
    set("status_message", profile.status_message.unwrap_or_default().into());
    set("status", serde_json::to_value(profile.status).unwrap_or_default());
}

fn control(control: Control) -> Json {
    let descriptions: Object =
        control.descriptions.into_iter().map(|text| (text.label, Json::String(text.data))).collect();
    json!({
        "title": control.title,
        "desc": control.desc,
        "descriptions": descriptions,
        "impact": control.impact,
        "refs": control.refs,
        "tags": control.tags,
        "code": control.code,
        "source_location": {"ref": control.source_location.file, "line": control.source_location.line},
        "id": control.id,
    })
}

fn group(group: Group) -> Json {
    json!({"title": group.title, "controls": group.controls, "id": group.id})
}

fn input(input: Attribute) -> Json {
    json!({"name": input.name, "options": input.options})
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::Audit;

    #[test]
    fn controls_are_listed_though_their_file_asks_for_what_no_target_tells() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("control.rb");
        let source = "open = port.protocols(/tcp/).entries.map(&:port)\ncontrol('a') { describe(open) { it { should be_empty } } }\n";
        std::fs::write(&file, source).unwrap();
        let summary = Audit { profiles: vec![file], ..Audit::default() }.summary().unwrap();
        assert_eq!((&summary["controls"][0]["id"], &summary["status"]), (&json!("a"), &json!("loaded")));
    }

    #[test]
    fn controls_made_by_code_are_listed() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("inspec.yml", "name: p\nversion: 1.0.0\nsupports:\n  os-family: windows\ncustom: kept\n");
        write(
            "controls/a.rb",
            "title 'File'\n%w{1 2}.each do |n|\n  control \"a-#{n}\" do\n    impact 0.7\n    desc 'D'\n    desc 'fix', 'F'\n    describe(1) { it { should eq input('x', value: 3) } }\n  end\nend\n",
        );
        let audit = Audit { profiles: vec![directory.path().to_owned()], ..Audit::default() };
        let summary = audit.summary().unwrap();
        assert_eq!(summary["custom"], "kept");
        assert_eq!(summary["supports"], json!([{"platform-family": "windows"}]));
        assert_eq!(summary["status"], "loaded");
        let ids: Vec<_> = summary["controls"].as_array().unwrap().iter().map(|c| c["id"].clone()).collect();
        assert_eq!(ids, ["a-1", "a-2"]);
        let control = &summary["controls"][0];
        assert_eq!((&control["descriptions"], &control["impact"]), (&json!({"default": "D", "fix": "F"}), &json!(0.7)));
        assert_eq!(control["source_location"]["line"], 3);
        assert_eq!(summary["groups"], json!([{"title": "File", "controls": ["a-1", "a-2"], "id": "controls/a.rb"}]));
        // As CINC reckons it for these files.
        assert_eq!(summary["sha256"].as_str().map(str::len), Some(64));
    }
}
