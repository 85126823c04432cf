//! `profile check`: everything that is wrong with a profile, at once.

use std::path::PathBuf;

use plimsoll_report::model::Object;
use plimsoll_ruby::Interp;
use plimsoll_ruby::ir::Program;
use serde_json::Value as Json;

use super::{Loaded, Problem, Severity};
use crate::audit::{Audit, interpreter};
use crate::dsl::{Check, Rule};
use crate::error::AuditError;
use crate::input::{GivenInputs, Registry};
use crate::load::Loader;
use crate::profile::{INSPEC_VERSION, METADATA, Metadata, ProfileFiles, Source, Wanted, lock_of};

/// What a check of a profile found.
#[derive(Debug)]
pub struct Checked {
    /// The profile as it was given.
    pub location: PathBuf,
    /// Its name.
    pub profile: Option<String>,
    /// How many controls it has; those of profiles it includes count.
    pub controls: usize,
    /// What is wrong, errors first.
    pub problems: Vec<Problem>,
}

impl Checked {
    /// Whether the profile can be used as it is: there is no error.
    pub fn valid(&self) -> bool {
        self.of(Severity::Error).next().is_none()
    }

    /// The problems of a severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(move |problem| problem.severity == severity)
    }
}

impl Audit {
    /// Finds what is wrong with the first profile. An error means that there is no profile to look at.
    pub fn check_profile(&self) -> Result<Checked, AuditError> {
        let none = || AuditError::Usage("there is no profile to check".to_owned());
        let path = self.profiles.first().ok_or_else(none)?;
        let files = ProfileFiles::read(path)?;
        let mut problems = Problems { about: files.display(METADATA), found: Vec::new() };
        let metadata = match Metadata::read(&files) {
            Ok(metadata) => {
                problems.metadata(&metadata);
                metadata
            }
            Err(error) => {
                problems.error(reason(error));
                Metadata::default()
            }
        };
        problems.lock(&files, &metadata);
        problems.syntax(&files);
        let (name, parses) = (metadata.name.clone(), !problems.found.iter().any(|problem| problem.line.is_some()));
        let source = Source::read(path, &self.shelf).unwrap_or_else(|error| {
            problems.error(reason(error));
            Source::alone(files, metadata.clone())
        });
        let vm = interpreter(std::slice::from_ref(&source), &self.limits);
        let controls = vm.on_own_stack(|| -> Result<usize, AuditError> {
            let loader = self.offline(&vm)?;
            problems.inputs(&vm, &metadata);
            // A file that does not parse has been told of; without it, the others' names would not resolve.
            Ok(if parses { controls(&loader, &source, &mut problems) } else { 0 })
        })?;
        let mut problems = problems.found;
        // One thing may show in two ways.
        let mut told = Vec::new();
        problems.retain(|problem| {
            !told.contains(&problem.to_string()) && {
                told.push(problem.to_string());
                true
            }
        });
        problems.sort_by_key(|problem| problem.severity == Severity::Warning);
        Ok(Checked { location: path.clone(), profile: name, controls, problems })
    }
}

/// Looks at the controls; gives how many there are.
fn controls(loader: &Loader<'_>, source: &Source, problems: &mut Problems) -> usize {
    let loaded = match Loaded::new(loader, source) {
        Ok(loaded) => loaded,
        Err(AuditError::InputValue { .. } | AuditError::InputType { .. }) => return 0,
        Err(AuditError::InputRequired { .. }) => {
            // It is given when the profile is run.
            return 0;
        }
        Err(error) => {
            problems.error(reason(error));
            return 0;
        }
    };
    problems.unloaded(&loaded);
    if loaded.rules.is_empty() {
        problems.warn("No controls or tests were defined.".to_owned());
    }
    for rule in &loaded.rules {
        problems.rule(loader.vm, rule);
    }
    loaded.rules.len()
}

/// What went wrong, without the path that the problem's file names already.
fn reason(error: AuditError) -> String {
    match error {
        AuditError::Profile { why, .. } => why,
        other => other.to_string(),
    }
}

/// The problems found so far.
struct Problems {
    /// inspec.yml, by the name that messages give it.
    about: String,
    found: Vec<Problem>,
}

/// Fields without which a profile has no identity.
const NEEDED: [&str; 2] = ["name", "version"];

/// Fields that a reader of a report wants.
const WANTED: [&str; 5] = ["title", "summary", "maintainer", "copyright", "license"];

/// All keys of an inspec.yml that mean something.
const KEYS: [&str; 18] = [
    "name",
    "version",
    "title",
    "summary",
    "maintainer",
    "copyright",
    "license",
    "description",
    "maintainer_email",
    "copyright_email",
    "supports",
    "depends",
    "inputs",
    "attributes",
    "inspec_version",
    "gem_dependencies",
    "entitlement_id",
    "references",
];

/// The keys of one input.
const INPUT_KEYS: [&str; 12] = [
    "name",
    "title",
    "description",
    "type",
    "value",
    "default",
    "required",
    "sensitive",
    "priority",
    "pattern",
    "profile",
    "options",
];

impl Problems {
    /// An error in inspec.yml, or about the profile as a whole.
    fn error(&mut self, message: String) {
        self.found.push(Problem::of_file(Severity::Error, &self.about, message));
    }

    fn warn(&mut self, message: String) {
        self.found.push(Problem::of_file(Severity::Warning, &self.about, message));
    }

    fn metadata(&mut self, metadata: &Metadata) {
        let document = &metadata.document;
        let missing = |field: &&&str| document.get(**field).is_none_or(Json::is_null);
        for field in NEEDED.iter().filter(missing) {
            self.error(format!("Missing profile {field} in inspec.yml"));
        }
        if metadata.name().contains(['/', '\\']) && document.contains_key("name") {
            let name = metadata.name();
            self.error(format!(
                "The profile name ({name}) contains a slash which is not permitted. Please remove all slashes from \
                 `inspec.yml`."
            ));
        }
        if metadata.version.as_deref().is_some_and(|version| !is_semver(version)) {
            self.error("Version needs to be in SemVer format".to_owned());
        }
        match (metadata.supports_inspec(), metadata.inspec_version.as_deref()) {
            (Ok(true), _) | (_, None) => {}
            (Ok(false), Some(wanted)) => self.warn(format!(
                "The current inspec version {INSPEC_VERSION} cannot satisfy profile inspec_version constraint {wanted}"
            )),
            (Err(why), Some(_)) => self.error(format!("inspec_version: {why}")),
        }
        for field in WANTED.iter().filter(missing) {
            self.warn(format!("Missing profile {field} in inspec.yml"));
        }
        if let Some(license) = metadata.license.as_deref().filter(|license| !is_license(license)) {
            self.warn(format!(
                "License '{license}' needs to be in SPDX format or marked as 'Proprietary'. See \
                 https://spdx.org/licenses/."
            ));
        }
        for field in ["inputs", "attributes"] {
            let is_list = |value: &Json| value.as_array().is_some_and(|list| list.iter().all(Json::is_object));
            if document.get(field).is_some_and(|value| !value.is_null() && !is_list(value)) {
                self.error(format!("`{field}` is no list of mappings, one for each input: none is declared"));
            }
        }
        if document.get("supports").is_some_and(|value| !(value.is_null() || value.is_array() || value.is_object())) {
            self.error("`supports` is no list of conditions: the profile would run on every platform".to_owned());
        }
        self.unknown_keys("", document, &KEYS);
        for input in &metadata.inputs {
            let name = input.get("name").and_then(Json::as_str).unwrap_or("?");
            self.unknown_keys(&format!("input '{name}': "), input, &INPUT_KEYS);
        }
    }

    /// Keys that mean nothing but resemble one that does: most likely a typing error.
    fn unknown_keys(&mut self, of: &str, document: &Object, known: &[&str]) {
        for key in document.keys().filter(|key| !known.contains(&key.as_str())) {
            if let Some(meant) = known.iter().find(|known| resemble(key, known)) {
                self.warn(format!("{of}the key `{key}` means nothing; `{meant}` does"));
            }
        }
    }

    fn lock(&mut self, files: &ProfileFiles, metadata: &Metadata) {
        let declared: Vec<Wanted> = metadata.depends.iter().map(Wanted::declared).collect();
        let locked = match lock_of(files) {
            None => {
                if declared.iter().any(|wanted| wanted.text("path").is_none()) {
                    self.error("Your profile needs to be vendored with `plimsoll profile vendor`.".to_owned());
                } else if !declared.is_empty() {
                    self.warn(
                        "There is no inspec.lock: what it depends on is read from where it lies. `plimsoll profile \
                         vendor` puts a copy into the profile."
                            .to_owned(),
                    );
                }
                return;
            }
            Some(Err(why)) => return self.error(format!("inspec.lock: {why}")),
            Some(Ok(locked)) => locked,
        };
        let again = "Please re-vendor with `plimsoll profile vendor --overwrite`.";
        if locked.len() != declared.len() {
            self.error(format!("inspec.yml and inspec.lock are out-of-sync. {again}"));
        }
        for name in declared.into_iter().filter_map(|wanted| wanted.name) {
            if !locked.iter().any(|wanted| wanted.name.as_ref() == Some(&name)) {
                self.error(format!("Cannot find {name} in lockfile. {again}"));
            }
        }
    }

    fn syntax(&mut self, files: &ProfileFiles) {
        for name in files.libraries().into_iter().chain(files.controls()) {
            let display = files.display(name);
            for error in Program::problems(files.get(name).unwrap_or_default(), &display) {
                let problem = Problem::of_file(Severity::Error, &display, error.message);
                self.found.push(problem.at(error.line, Some(error.column + 1)));
            }
        }
    }

    fn inputs(&mut self, vm: &Interp, metadata: &Metadata) {
        let (registry, given) = (Registry::default(), GivenInputs::default());
        for declared in &metadata.inputs {
            if let Err(error) = registry.bind(vm, metadata.name(), std::slice::from_ref(declared), &given) {
                self.error(error.to_string());
            }
        }
    }

    /// What kept files of the profile, or of one it depends on, from being loaded.
    fn unloaded(&mut self, loaded: &Loaded) {
        let progress = &loaded.scope.progress;
        let message = progress.message.borrow();
        if message.is_empty() {
            return;
        }
        let problem = match progress.raised_at.borrow().as_deref().and_then(place) {
            Some((file, line)) => Problem::of_file(Severity::Error, &file, message.clone()).at(line, None),
            None => Problem::of_file(Severity::Error, &self.about, message.clone()),
        };
        self.found.push(problem);
    }

    fn rule(&mut self, vm: &Interp, rule: &Rule) {
        let id = &rule.id;
        let file = rule.file().map_or_else(|| self.about.clone(), |file| file.display.clone());
        let mut say = |severity, line, message| {
            let problem = Problem::of_file(severity, &file, message).at(line, None);
            self.found.push(Problem { control: Some(id.clone()), ..problem });
        };
        let line = rule.line;
        if id.is_empty() {
            say(Severity::Error, line, "Avoid controls with empty IDs".to_owned());
        }
        if id.starts_with("(generated ") {
            return;
        }
        let is_empty = |value: &plimsoll_ruby::Value| vm.to_s(value).is_ok_and(|text| text.to_vec().is_empty());
        let mut warn = |line, what: &str| say(Severity::Warning, line, format!("Control {id} {what}"));
        if is_empty(&rule.title()) {
            warn(line, "has no title");
        }
        if !rule.descriptions().iter().any(|(label, text)| label == "default" && !is_empty(text)) {
            warn(line, "has no descriptions");
        }
        let impact = match rule.impact() {
            plimsoll_ruby::Value::Int(impact) => impact as f64,
            plimsoll_ruby::Value::Float(impact) => impact,
            _ => 0.5,
        };
        if impact > 1.0 {
            warn(line, "has impact > 1.0");
        }
        if impact < 0.0 {
            warn(line, "has impact < 0.0");
        }
        let checks = rule.all_checks();
        // Tests that are made for what is on a target may be none without one.
        if checks.is_empty() && !rule.code_in(&rule.scope).contains("describe") {
            warn(line, "has no tests defined");
        }
        for check in &checks {
            // Most of what is raised without a target is for the want of it; a name that nobody knows is not.
            if let Check::SourceError { message, backtrace, .. } = check
                && (message.starts_with(b"undefined local variable or method") || is_own(message))
            {
                let line = backtrace.first().and_then(|entry| place(entry)).map_or(line, |(_, line)| line);
                let text = String::from_utf8_lossy(message);
                let text = text.split(" for ").next().unwrap_or_default().to_owned();
                warn(line, &format!("can't be evaluated: {text}"));
            }
        }
    }
}

/// Whether a method was missed by the control itself: its name is that of no resource.
fn is_own(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message);
    text.starts_with("undefined method") && text.contains("for #<Inspec::Rule")
}

/// File and line of a line of a backtrace.
fn place(entry: &str) -> Option<(String, u32)> {
    let mut parts = entry.splitn(3, ':');
    let (file, line) = (parts.next()?, parts.next()?);
    Some((file.to_owned(), line.parse().ok()?))
}

/// `MAJOR.MINOR.PATCH`, perhaps with a pre-release and a build; two numbers will do.
fn is_semver(version: &str) -> bool {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = release.split('.').collect();
    matches!(numbers.len(), 2 | 3) && numbers.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn is_license(license: &str) -> bool {
    let proprietary = license.strip_prefix("Proprietary").is_some_and(|rest| {
        rest.trim_start_matches([',', ';']).chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_')
    });
    proprietary || spdx::license_id(license).is_some()
}

/// Whether one word is likely to be meant as the other: the same in other case, or with one letter more, less or other.
fn resemble(word: &str, other: &str) -> bool {
    let word = word.to_ascii_lowercase().replace('-', "_");
    if word == other {
        return true;
    }
    let (short, long) = if word.len() <= other.len() {
        (word.as_bytes(), other.as_bytes())
    } else {
        (other.as_bytes(), word.as_bytes())
    };
    if long.len() - short.len() > 1 || short.len() < 4 {
        return false;
    }
    let start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let skipped = usize::from(short.len() == long.len());
    short[start + skipped..] == long[start + 1..]
}

#[cfg(test)]
mod tests {
    use super::{Checked, Severity, is_license, is_semver, resemble};
    use crate::Audit;

    fn check(files: &[(&str, &str)]) -> (Checked, String) {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let audit = Audit { profiles: vec![directory.path().to_owned()], ..Audit::default() };
        let checked = audit.check_profile().unwrap();
        let prefix = format!("{}/", directory.path().display());
        let lines: Vec<String> = checked.problems.iter().map(|p| p.to_string().replace(&prefix, "")).collect();
        (checked, lines.join("\n"))
    }

    const WHOLE: &str = "name: p\nversion: 1.0.0\ntitle: T\nsummary: S\nmaintainer: M\ncopyright: C\nlicense: MIT\n";

    #[test]
    fn nothing_is_said_of_a_good_profile() {
        let control = "control 'a' do\n  title 'T'\n  desc 'D'\n  describe(1) { it { should eq 1 } }\nend\n";
        let metadata = format!("{WHOLE}inputs:\n  - name: map\n    type: Hash\n    value: {{a: [1, {{b: 2}}]}}\n");
        let (checked, said) = check(&[("inspec.yml", &metadata), ("controls/a.rb", control)]);
        assert_eq!((said.as_str(), checked.valid(), checked.controls), ("", true, 1));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let metadata = "name: a/b\nversion: one\nlicence: MIT\nlicense: Mine\ndepend: []\ninspec_version: '> 99'\n\
             depends:\n  - name: x\n    url: https://e.org/x.zip\n\
             inputs:\n  - name: n\n    type: Numeric\n    value: many\n    requird: true\n  - name: t\n    type: Color\n";
        let files = [
            ("inspec.yml", metadata),
            ("controls/a.rb", "control 'a' do\n  x = )\nend\n"),
            ("controls/b.rb", "puts 1\n\ncontrol 'b' do\n"),
            ("libraries/c.rb", "class C\n"),
        ];
        let (checked, said) = check(&files);
        for expected in [
            "inspec.yml: The profile name (a/b) contains a slash",
            "inspec.yml: Version needs to be in SemVer format",
            "inspec.yml: Missing profile maintainer in inspec.yml",
            "`licence` means nothing; `license` does",
            "`depend` means nothing; `depends` does",
            "License 'Mine' needs to be in SPDX format",
            "cannot satisfy profile inspec_version constraint > 99",
            "needs to be vendored with `plimsoll profile vendor`",
            "Input 'n' with value 'many' does not validate to type 'Numeric'",
            "input 'n': the key `requird` means nothing; `required` does",
            "type `Color` is not one of",
            "controls/a.rb:2:",
            "controls/b.rb:",
            "libraries/c.rb:",
        ] {
            assert!(said.contains(expected), "{expected} is missing in:\n{said}");
        }
        assert!(!checked.valid());
        assert!(checked.problems.is_sorted_by_key(|problem| problem.severity == Severity::Warning));
    }

    #[test]
    fn fields_of_the_wrong_kind_are_told() {
        let (_, said) =
            check(&[("inspec.yml", &format!("{WHOLE}inputs: a\nsupports: linux\n")), ("controls/a.rb", "")]);
        assert!(said.contains("`inputs` is no list of mappings") && said.contains("`supports` is no list"), "{said}");
        for depends in ["x", "[x]", "{name: x, path: y}"] {
            let (checked, said) = check(&[("inspec.yml", &format!("{WHOLE}depends: {depends}\n"))]);
            assert!(!checked.valid() && said.contains("`depends` is no list of mappings"), "{said}");
            assert!(!said.contains("Missing"), "{said}");
        }
    }

    #[test]
    fn tests_that_depend_on_the_target_are_tests() {
        let control = "control 'a' do\n  title 'T'\n  desc 'D'\n  users.usernames.each { |name| describe(user(name)) { it { should exist } } }\nend\n";
        let (_, said) = check(&[("inspec.yml", WHOLE), ("controls/a.rb", control)]);
        assert_eq!(said, "");
    }

    #[test]
    fn controls_are_looked_at_one_by_one() {
        let controls = "control 'a' do\n  impact 1.5\nend\ncontrol 'b' do\n  title 'T'\n  desc 'D'\n\n  describe nothng('/x') do\n    it { should exist }\n  end\nend\n";
        let (checked, said) = check(&[("inspec.yml", WHOLE), ("controls/a.rb", controls)]);
        assert!(checked.valid());
        let expected = [
            "controls/a.rb:1: Control a has no title",
            "controls/a.rb:1: Control a has no descriptions",
            "controls/a.rb:1: Control a has impact > 1.0",
            "controls/a.rb:1: Control a has no tests defined",
        ];
        assert_eq!(said.lines().take(4).collect::<Vec<_>>(), expected, "{said}");
        assert!(said.contains("controls/a.rb:8: Control b can't be evaluated: undefined"), "{said}");
    }

    #[test]
    fn what_raises_is_told_with_its_line() {
        let (checked, said) = check(&[("inspec.yml", WHOLE), ("controls/a.rb", "\nraise 'by design'\n")]);
        assert!(!checked.valid());
        assert!(said.contains("controls/a.rb:2: Failed to load source for controls/a.rb: by design"), "{said}");
        let (_, said) = check(&[("inspec.yml", WHOLE), ("libraries/a.rb", "\n\nraise 'lib'\n")]);
        assert!(said.contains("libraries/a.rb:3") && said.contains("lib"), "{said}");
    }

    #[test]
    fn words_are_compared() {
        for (word, other) in [("Name", "name"), ("depend", "depends"), ("licence", "license"), ("titel", "title")] {
            assert_eq!(resemble(word, other), word != "titel", "{word}");
        }
        assert!(!resemble("nist", "name") && !resemble("id", "name"));
        assert!(is_semver("1.0.0") && is_semver("1.0.0-rc1") && !is_semver("1") && !is_semver("1.x.0"));
        assert!(is_license("Apache-2.0") && is_license("Proprietary, all rights") && !is_license("Apache 2 license"));
    }
}
