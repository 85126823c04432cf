//! What is wrong with a command line is told at once, with exit code 1, and costs nothing.

use crate::program::{Files, plimsoll};
use crate::stage::Stage;

#[test]
fn a_wrong_command_line_exits_with_1_and_help_with_0() {
    plimsoll(&[]).code(1).says(&["Usage: plimsoll <COMMAND>"]);
    plimsoll(&["scna"]).code(1).says(&["scna"]);
    plimsoll(&["scan", "web"]).code(1).says(&["--profile"]);
    plimsoll(&["gate", "a", "--threshold", "b", "--threshold-inline", "c"]).code(1).says(&["cannot be used with"]);
    plimsoll(&["exec", "p", "-t", "ssh://host"]).code(1).says(&["rootfs:DIR"]);
    plimsoll(&["scan", "web", "--profile", "p", "--command-timeout", "0"]).code(1).says(&["longer than 0"]);
    plimsoll(&["--version"]).code(0).prints(&["plimsoll "]);
    plimsoll(&["--help"]).code(0).prints(&["Exit codes:", "scan", "exec", "gate", "access"]);
    plimsoll(&["help", "gate"]).code(0).prints(&["--threshold-inline"]);
    plimsoll(&["scan", "--help"]).code(0).prints(&["--threshold", "--context", "junit2", "Examples:"]);
}

#[test]
fn bad_input_costs_no_request() {
    let stage = Stage::new();
    let threshold =
        Files::new(&[("threshold.yml", "compliance:\n  minimum: 70\n"), ("waivers.yml", "shell-01:\n  run: false\n")]);
    let typo = threshold.arg("threshold.yml");
    let waivers = threshold.arg("waivers.yml");
    let nowhere = threshold.arg("none/report.json");
    let unwritable = format!("json:{nowhere}");
    let cases: [(&str, &[&str], &str); 10] = [
        ("none.rb", &[], "none.rb"),
        ("torn.rb", &[], "torn.rb"),
        ("good.rb", &["--reporter", "jsn"], "there is no reporter `jsn`"),
        ("good.rb", &["--reporter", "cli", "json"], "both cli and json"),
        ("good.rb", &["--reporter", &unwritable], "there is no directory"),
        ("good.rb", &["--threshold", &typo], "minimum"),
        ("good.rb", &["--threshold", "none.yml"], "none.yml"),
        ("good.rb", &["--threshold", "preset:none"], "there is no preset `none`"),
        ("good.rb", &["--waiver-file", &waivers], "shell-01"),
        ("good.rb", &["--input", "novalue"], "novalue"),
    ];
    for (profile, more, said) in cases {
        let ended = stage.scan("pod/web", profile, more).code(1).says(&["error: ", said]);
        assert_eq!(ended.stdout, "", "{more:?}");
    }
    stage.expect_no_request();
}

#[test]
fn tls_verification_can_not_be_turned_off() {
    let stage = Stage::new();
    for flag in ["--insecure-skip-tls-verify", "--insecure-skip-tls-verify=true"] {
        stage.scan("pod/web", "good.rb", &[flag]).code(1).says(&[flag.split('=').next().unwrap(), "refused by design"]);
    }
    stage.expect_no_request();
}

#[test]
fn a_missing_kubeconfig_is_told() {
    let stage = Stage::new();
    let none = stage.files.arg("none");
    stage.scan("pod/web", "good.rb", &["--kubeconfig", &none]).code(1).says(&["no kubeconfig", &none]);
    stage.scan("pod/web", "good.rb", &["--context", "other"]).code(1).says(&["no context \"other\""]);
}
