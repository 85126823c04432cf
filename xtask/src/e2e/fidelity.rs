//! Commands that other ways of running commands get wrong, as a profile: each control states the one right answer.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use plimsoll_testkit::{Exit, FidelityCase, Written, fidelity_cases};

use super::Scenario;
use super::plimsoll::PASSED;
use super::scans::statuses_of;
use super::world::{World, file};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "exact-by-exec-in-debian", run: |world| is_exact(world, "debian", "exec") },
    Scenario { name: "exact-by-exec-in-busybox", run: |world| is_exact(world, "busybox", "exec") },
    Scenario { name: "exact-by-exec-without-rights", run: |world| is_exact(world, "hardened", "exec") },
    Scenario { name: "exact-by-debug-in-debian", run: |world| is_exact(world, "debian", "debug") },
    Scenario { name: "exact-by-debug-in-busybox", run: |world| is_exact(world, "busybox", "debug") },
];

fn is_exact(world: &World, pod: &str, mode: &str) -> Result<()> {
    let cases: Vec<FidelityCase> = fidelity_cases().into_iter().filter(|case| !case.line.is_empty()).collect();
    let (_profile, profile) = file("exact.rb", &controls(&cases))?;
    let (directory, threshold) = file("threshold.yml", "compliance:\n  min: 0\n")?;
    let report = directory.path().join("report.json");
    let reporter = format!("json:{}", report.display());
    let arguments = ["scan", pod, "-n", &world.namespace, "--mode", mode, "--profile", &profile];
    let more = ["--threshold", &threshold, "--reporter", &reporter];
    world.plimsoll(&[&arguments[..], &more].concat())?.expect_code(PASSED)?;
    let statuses = statuses_of(&report)?;
    // And one for what this machine must not expand.
    ensure!(statuses.len() == cases.len() + 1, "{} controls, {} in the report", cases.len() + 1, statuses.len());
    let wrong: Vec<_> = statuses.iter().filter(|(_, status)| *status != "passed").map(|(id, _)| id.as_str()).collect();
    ensure!(wrong.is_empty(), "not what the command wrote:\n{}", wrong.join("\n"));
    Ok(())
}

/// A control for each case.
fn controls(cases: &[FidelityCase]) -> String {
    // Set where the program runs, and nowhere else.
    let mut text = "control 'host' do\n  describe command('echo \"<$KUBECONFIG>\"') do\n    its('stdout') { should eq \"<>\\n\" }\n  end\nend\n"
        .to_owned();
    for (number, case) in cases.iter().enumerate() {
        let line = literal(&case.line);
        let id =
            format!("{number:03} {}: {}", case.why, String::from_utf8_lossy(&case.line[..case.line.len().min(60)]));
        // Writing to a String does not fail.
        let _ = writeln!(text, "control {} do\n  describe command({line}) do", literal(id.as_bytes()));
        for (name, written) in [("stdout", &case.stdout), ("stderr", &case.stderr)] {
            let _ = match written {
                Written::Exactly(bytes) => writeln!(text, "    its('{name}') {{ should eq {} }}", literal(bytes)),
                Written::Zeros(count) => writeln!(
                    text,
                    "    its('{name}.length') {{ should eq {count} }}\n    its('{name}.squeeze.length') {{ should be <= 1 }}"
                ),
                Written::Words => writeln!(text, "    its('{name}') {{ should_not eq '' }}"),
                Written::Anything => Ok(()),
            };
        }
        let _ = match case.exit {
            Exit::Status(status) => writeln!(text, "    its('exit_status') {{ should eq {status} }}"),
            Exit::Failure => writeln!(text, "    its('exit_status') {{ should_not eq 0 }}"),
            Exit::Any => writeln!(text, "    its('exit_status') {{ should be >= 0 }}"),
        };
        text.push_str("  end\nend\n");
    }
    text
}

/// A string of Ruby's that is these bytes.
fn literal(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' | b'#' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => {
                let _ = write!(text, "\\x{other:02x}");
            }
        }
    }
    text.push('"');
    text
}
