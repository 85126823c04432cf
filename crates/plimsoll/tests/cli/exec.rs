//! `exec` over a recorded target: reports, inputs, waivers, and CINC's exit codes.

use serde_json::Value;

use crate::program::{Files, plimsoll};

const MOCK: &str = r#"{
  "root": "root",
  "commands": [{"cmd": "uptime", "stdout": "up 3 days\n"}],
  "platform": {"name": "debian", "family": "debian", "release": "12"}
}"#;

const CONTROLS: &str = r"
control 'motd' do
  title 'Greets'
  describe file('/etc/motd') do
    its('content') { should match input('greeting', value: 'Welcome') }
  end
end

control 'uptime' do
  tag 'slow'
  describe command('uptime') do
    its('stdout') { should match(/up/) }
  end
end
";

/// A target to replay, and profiles.
fn files() -> Files {
    Files::new(&[
        ("mock.json", MOCK),
        ("root/etc/motd", "Welcome aboard\n"),
        ("pass.rb", CONTROLS),
        ("skip.rb", "describe file('/etc/motd') do\n  skip 'not today'\nend\n"),
        ("raise.rb", "raise 'by design'\n"),
        ("waivers.yml", "motd:\n  justification: known\n  run: false\n"),
        ("inputs.yml", "greeting: Farewell\n"),
    ])
}

fn exec(files: &Files, profile: &str, more: &[&str]) -> crate::program::Ended {
    let target = format!("mock:{}", files.arg("mock.json"));
    let profile = files.arg(profile);
    plimsoll(&[&["exec", &profile, "-t", &target], more].concat())
}

#[test]
fn exit_codes_are_those_of_cinc() {
    let files = files();
    exec(&files, "pass.rb", &[]).code(0).prints(&["motd: Greets", "2 successful controls"]);
    exec(&files, "pass.rb", &["--input", "greeting=Farewell"]).code(100).prints(&["1 control failure"]);
    exec(&files, "pass.rb", &["--input", "greeting=Farewell", "--no-distinct-exit"]).code(1);
    exec(&files, "skip.rb", &[]).code(101);
    exec(&files, "skip.rb", &["--no-distinct-exit"]).code(0);
    exec(&files, "raise.rb", &[]).code(102);
    exec(&files, "none.rb", &[]).code(1).says(&["none.rb"]);
    let profile = files.arg("pass.rb");
    plimsoll(&["exec", &profile, "-t", "mock:none.json"]).code(1).says(&["none.json"]);
    plimsoll(&["exec", &profile, "-t", "rootfs:/nowhere"]).code(1).says(&["/nowhere"]);
}

#[test]
fn what_runs_can_be_chosen_and_given_values() {
    let files = files();
    let ids = |more: &[&str]| -> Vec<(String, String)> {
        let ended = exec(&files, "pass.rb", &[&["--reporter", "json"], more].concat());
        let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:#?}"));
        let controls = report["profiles"][0]["controls"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        controls.iter().map(|control| (text(&control["id"]), text(&control["results"][0]["status"]))).collect()
    };
    let pairs = |expected: &[(&str, &str)]| -> Vec<(String, String)> {
        expected.iter().map(|(id, status)| ((*id).to_owned(), (*status).to_owned())).collect()
    };
    assert_eq!(ids(&[]), pairs(&[("motd", "passed"), ("uptime", "passed")]));
    assert_eq!(ids(&["--controls", "motd"]), pairs(&[("motd", "passed")]));
    assert_eq!(ids(&["--controls", "/^up/"]), pairs(&[("uptime", "passed")]));
    assert_eq!(ids(&["--tags", "slow"]), pairs(&[("uptime", "passed")]));
    let inputs = files.arg("inputs.yml");
    assert_eq!(ids(&["--controls", "motd", "--input-file", &inputs]), pairs(&[("motd", "failed")]));
    let both = ["--controls", "motd", "--input-file", &inputs, "--input", "greeting=Welcome"];
    assert_eq!(ids(&both), pairs(&[("motd", "passed")]));
    let waivers = files.arg("waivers.yml");
    assert_eq!(ids(&["--waiver-file", &waivers]), pairs(&[("motd", "skipped"), ("uptime", "passed")]));
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let files = files();
    let colored = |more: &[&str]| exec(&files, "pass.rb", more).code(0).stdout.contains('\x1b');
    assert!(!colored(&[]));
    assert!(colored(&["--color"]));
    assert!(!colored(&["--color", "--no-color"]));
}

#[test]
fn a_report_can_go_to_a_file() {
    let files = files();
    let file = files.arg("report.json");
    let ended = exec(&files, "pass.rb", &["--reporter", &format!("json:{file}")]).code(0);
    assert_eq!(ended.stdout, "");
    let report: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(report["plimsoll"]["channel"], "mock");
    assert_eq!(report["plimsoll"]["engine"].as_str().map(|text| text.starts_with("plimsoll ")), Some(true));
    assert!(files.names().iter().all(|name| !name.starts_with('.')), "{:?}", files.names());
}
