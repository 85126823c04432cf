//! `profile`: what a profile is, what is wrong with it, vendoring and packing it.

use std::process::Command;

use serde_json::Value;

use crate::program::{Files, plimsoll};

const METADATA: &str =
    "name: top\nversion: 1.2.0\ntitle: T\nsummary: S\nmaintainer: M\ncopyright: C\nlicense: Apache-2.0\n";

const CONTROL: &str = "control 'c-1' do\n  title 'T'\n  desc 'D'\n  describe(1) { it { should eq 1 } }\nend\n";

#[test]
fn a_profile_is_shown_as_json() {
    let files = Files::new(&[("p/inspec.yml", METADATA), ("p/controls/a.rb", CONTROL)]);
    let shown = plimsoll(&["profile", "json", &files.arg("p")]).code(0);
    let profile: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&profile["name"], &profile["controls"][0]["id"]), (&"top".into(), &"c-1".into()));
    assert_eq!(profile["groups"][0]["id"], "controls/a.rb");
    let file = files.arg("out.json");
    plimsoll(&["profile", "json", &files.arg("p"), "-o", &file]).code(0);
    assert_eq!(std::fs::read_to_string(file).unwrap(), shown.stdout);
    plimsoll(&["profile", "json", &files.arg("none")]).code(1).says(&["none", "No such file"]);
}

#[test]
fn a_check_tells_all_problems_at_once() {
    let files = Files::new(&[
        ("good/inspec.yml", METADATA),
        ("good/controls/a.rb", CONTROL),
        ("bad/inspec.yml", "name: bad\nversion: x\n"),
        ("bad/controls/a.rb", "control 'a' do\n  x = )\nend\n"),
        ("bad/controls/b.rb", "control 'b' do\n"),
        ("deep/README.md", "none here"),
        ("deep/sub/profile/inspec.yml", METADATA),
    ]);
    plimsoll(&["profile", "check", &files.arg("good")]).code(0).prints(&["Valid :      true", "No errors or warnings"]);
    let bad = files.arg("bad");
    let told = plimsoll(&["profile", "check", &bad]).code(1);
    told.prints(&["SemVer", "bad/controls/a.rb:2:", "bad/controls/b.rb:", "Missing profile title"]);
    let told = plimsoll(&["profile", "check", &bad, "--format", "json"]).code(1);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["summary"]["valid"], false);
    assert!(told["errors"].as_array().unwrap().iter().any(|error| error["line"] == 2));
    plimsoll(&["profile", "check", &files.arg("deep")]).code(1).says(&["no inspec.yml", "sub/profile"]);
}

#[test]
fn the_example_profile_is_without_problems() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/profiles/container-baseline");
    plimsoll(&["profile", "check", example]).code(0).prints(&["Controls :   30", "No errors or warnings"]);
}

/// Makes a git repository of a directory.
fn repository(files: &Files, name: &str) {
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "--quiet", "-m", "m"],
        &["tag", "v1"],
    ] {
        let done = Command::new("git").args(arguments).current_dir(files.path(name)).status().unwrap();
        assert!(done.success(), "git {arguments:?}");
    }
}

#[test]
fn a_profile_is_vendored_and_packed() {
    if Command::new("git").arg("--version").output().is_err() {
        return; // Only this machine lacks it.
    }
    let depends = "depends:\n  - name: near\n    path: ../near\n  - name: far\n    git: GIT\n    tag: v1\n";
    let control = "include_controls 'near'\ninclude_controls 'far'\n";
    let files = Files::new(&[
        ("near/inspec.yml", "name: near\nversion: 1.0.0\n"),
        ("near/controls/a.rb", "describe(1) { it { should eq 1 } }\n"),
        ("far/inspec.yml", "name: far\nversion: 2.0.0\n"),
        ("far/controls/a.rb", "describe(2) { it { should eq 2 } }\n"),
        ("top/controls/a.rb", control),
        ("mock.json", r#"{"root": ".", "commands": []}"#),
    ]);
    repository(&files, "far");
    let metadata = format!("{METADATA}{depends}").replace("GIT", &format!("file://{}", files.arg("far")));
    std::fs::write(files.path("top/inspec.yml"), metadata).unwrap();
    let (top, target) = (files.arg("top"), format!("mock:{}", files.arg("mock.json")));
    plimsoll(&["exec", &top, "-t", &target]).code(1).says(&["`far`", "plimsoll profile vendor"]);
    plimsoll(&["profile", "check", &top]).code(1).prints(&["needs to be vendored"]);
    plimsoll(&["profile", "vendor", &top]).code(0).says(&["vendored near", "vendored far"]);
    plimsoll(&["profile", "vendor", &top]).code(1).says(&["--overwrite"]);
    plimsoll(&["profile", "vendor", &top, "--overwrite"]).code(0);
    for name in ["near", "far"] {
        std::fs::remove_dir_all(files.path(name)).unwrap();
    }
    plimsoll(&["exec", &top, "-t", &target]).code(0);
    for (name, more) in [("top.tar.gz", None), ("top.zip", Some("--zip"))] {
        let file = files.arg(name);
        let arguments: Vec<&str> = ["profile", "archive", &top, "-o", &file].into_iter().chain(more).collect();
        plimsoll(&arguments).code(0).prints(&[name]);
        plimsoll(&arguments).code(1).says(&["--overwrite"]);
        let first = std::fs::read(&file).unwrap();
        plimsoll(&[&arguments[..], &["--overwrite"]].concat()).code(0);
        assert_eq!(std::fs::read(&file).unwrap(), first, "{name}");
        plimsoll(&["exec", &file, "-t", &target, "--reporter", "json"]).code(0).prints(&["\"name\":\"far\""]);
    }
}
