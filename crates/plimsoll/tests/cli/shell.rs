//! `shell`: code against a target, at once and line by line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Ended, Files, command, plimsoll};

fn files() -> Files {
    Files::new(&[
        ("mock.json", r#"{"root": "root", "commands": [{"cmd": "uptime", "stdout": "up\n"}]}"#),
        ("root/etc/motd", "Welcome\n"),
        ("test.rb", "describe file('/etc/motd') do\n  its('content') { should eq 'x' }\nend\n"),
        ("lib/inspec.yml", "name: lib\n"),
        (
            "lib/libraries/own.rb",
            "class Own < Inspec.resource(1)\n  name 'own'\n  include ObjectTraverser\n  def x\n    \
             extract_value(['a', 0], { 'a' => [7] })\n  end\nend\nclass Named < PlatformResource\n  name 'named'\nend\n",
        ),
    ])
}

fn shell(files: &Files, more: &[&str]) -> Ended {
    let target = format!("mock:{}", files.arg("mock.json"));
    plimsoll(&[&["shell", "-t", &target], more].concat())
}

#[test]
fn code_is_evaluated_at_once() {
    let files = files();
    let value = shell(&files, &["-c", "file('/etc/motd').content"]).code(0);
    assert_eq!(value.stdout, "\"Welcome\\n\"\n");
    shell(&files, &["-c", "puts command('uptime').stdout; nil"]).code(0).prints(&["up\n", "nil"]);
    shell(&files, &["-c", "raise 'no'"]).code(1).says(&["RuntimeError: no"]);
    shell(&files, &[&files.arg("test.rb")]).code(100).prints(&["File /etc/motd", "content is expected to eq \"x\""]);
    shell(&files, &["-c", "own.x", "--depends", &files.arg("lib")]).code(0).prints(&["7"]);
    shell(&files, &["-c", "loop {}", "--limit", "steps=5000"]).code(1).says(&["steps limit exceeded (5000)"]);
    shell(&files, &["-c", "1", "--limit", "speed=1"]).code(1).says(&["there is no limit `speed`"]);
}

#[test]
fn lines_go_on_and_errors_do_not_end_it() {
    let files = files();
    let target = format!("mock:{}", files.arg("mock.json"));
    let mut child = command(["shell", "-t", &target])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let typed = "x = [1,\n  2]\nnobody\ndescribe x do\n  its('size') { should eq 2 }\nend\nx.sum\nhelp file\nhelp nothing\nexit\n";
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap()).code(0);
    ended
        .prints(&["[1, 2]", "size is expected to eq 2", "\n3\n", "there is no resource `nothing`"])
        .says(&["NameError"]);
}

#[test]
fn ctrl_c_ends_what_runs_and_not_the_shell() {
    let mut child =
        command(["shell"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut input = child.stdin.take().unwrap();
    for endless in ["loop {}", "command('sleep 100').exit_status"] {
        // What it prints tells that it runs.
        writeln!(input, "puts 'begun'; {endless}").unwrap();
        assert_eq!(lines.next().as_deref(), Some("begun"));
        std::thread::sleep(Duration::from_millis(200));
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        writeln!(input, "1 + 1").unwrap();
        assert_eq!(lines.next().as_deref(), Some("2"));
    }
    drop(input);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8(ended.stderr).unwrap().matches("Interrupt: ").count(), 2);
}
