//! The shells of this machine, and sessions with them.

use std::path::Path;
use std::process::Stdio;

use plimsoll_target::{ShellOptions, ShellSession, ShellStreams, ShellTarget, TargetInfo};
use tokio::process::Child;

/// Each shell of this machine: the words that start it.
pub(crate) fn shells() -> Vec<Vec<String>> {
    let known = [&["dash"][..], &["bash"], &["busybox", "sh"], &["mksh"]];
    let mut found = Vec::new();
    for words in known {
        let places = ["/bin", "/usr/bin"].map(|directory| Path::new(directory).join(words[0]));
        match places.iter().find(|path| path.exists()) {
            Some(path) => {
                let rest = words[1..].iter().map(ToString::to_string);
                found.push(std::iter::once(path.display().to_string()).chain(rest).collect());
            }
            None => eprintln!("skipped: {} is not on this machine", words.join(" ")),
        }
    }
    assert!(!found.is_empty(), "this machine has no shell to test with");
    found
}

pub(crate) fn spawn(shell: &[String]) -> Child {
    program(shell).spawn().unwrap()
}

/// A runtime starts a container's shell as the leader of a group of its own.
pub(crate) fn program(shell: &[String]) -> tokio::process::Command {
    let mut program = tokio::process::Command::new(&shell[0]);
    program.args(&shell[1..]).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).process_group(0);
    program
}

pub(crate) fn streams(mut child: Child) -> ShellStreams {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    ShellStreams::new(stdin.unwrap(), stdout.unwrap(), stderr.unwrap()).keeping(child)
}

pub(crate) fn options(shell: &[String]) -> ShellOptions {
    ShellOptions { shell: shell.to_vec(), ..ShellOptions::default() }
}

pub(crate) async fn open(shell: &[String]) -> ShellSession {
    ShellSession::start(streams(spawn(shell)), options(shell)).await.unwrap()
}

/// A target over shells that `program` makes, on a runtime of its own, and its runtime.
pub(crate) fn target_of(
    shell: &[String],
    options: ShellOptions,
    program: impl Fn() -> tokio::process::Command + Send + Sync + 'static,
) -> (tokio::runtime::Runtime, ShellTarget) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let connect = Box::new(move || {
        let child = program().spawn().unwrap();
        Box::pin(async move { Ok(streams(child)) }) as std::pin::Pin<Box<_>>
    });
    let info = TargetInfo { channel: "test".into(), uri: format!("test:{}", shell.join(" ")), id: None };
    let target = runtime.block_on(ShellTarget::connect(info, options, connect)).unwrap();
    (runtime, target)
}

/// A target over local shells.
pub(crate) fn target(shell: &[String], options: ShellOptions) -> (tokio::runtime::Runtime, ShellTarget) {
    let words = shell.to_vec();
    target_of(shell, options, move || program(&words))
}
