//! This machine as a target.

use std::time::Duration;

use crate::process::{self, DEFAULT_TIMEOUT};
use crate::tree::Tree;
use crate::{Answer, Command, Request, RunResult, Target, TargetInfo, TransportError};

/// This machine: commands by its `sh`, files by its file system, with the identity of this process.
#[derive(Debug, Clone)]
pub struct LocalTarget {
    timeout: Duration,
}

impl LocalTarget {
    /// This machine; commands may take an hour, as with InSpec.
    pub fn new() -> Self {
        Self { timeout: DEFAULT_TIMEOUT }
    }

    /// How long a command may take that doesn't say so itself.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout }
    }

    fn run_command(&self, command: &Command) -> RunResult {
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c");
        process::run(shell, &command.line, command.timeout.unwrap_or(self.timeout))
    }
}

impl Default for LocalTarget {
    fn default() -> Self {
        Self::new()
    }
}

impl Target for LocalTarget {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let answer = |request: &Request| match request {
            Request::Run(command) => Some(Answer::Run(self.run_command(command))),
            files => Tree::Machine.answer(files),
        };
        Ok(requests.iter().filter_map(answer).collect())
    }

    fn info(&self) -> TargetInfo {
        TargetInfo { channel: "local".into(), uri: "local".into(), id: None }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{FileError, FileKind, RunError};

    fn run(line: &str) -> RunResult {
        LocalTarget::new().run(line.as_bytes()).unwrap()
    }

    #[test]
    fn output_is_exact_and_streams_stay_apart() {
        let output = run("printf ' a\\0b\\n\\n'; printf err >&2; exit 3").unwrap();
        assert_eq!(output.stdout, b" a\0b\n\n");
        assert_eq!(output.stderr, b"err");
        assert_eq!(output.exit_status, 3);
    }

    #[test]
    fn a_signal_is_told_as_a_shell_tells_it() {
        assert_eq!(run("kill -9 $$").unwrap().exit_status, 137);
    }

    #[test]
    fn stdin_is_empty() {
        assert_eq!(run("cat; echo end").unwrap().stdout, b"end\n");
    }

    #[test]
    fn a_background_child_does_not_hold_the_answer_up() {
        let start = Instant::now();
        assert_eq!(run("sleep 5 & echo hi").unwrap().stdout, b"hi\n");
        assert!(start.elapsed() < Duration::from_secs(3));
    }

    #[test]
    fn a_timeout_ends_the_command_and_its_children() {
        let directory = tempfile::tempdir().unwrap();
        let mark = directory.path().join("alive");
        let line = format!("(sleep 0.6; touch {0}) & sleep 0.6; touch {0}", mark.display());
        let command = Command { line: line.into(), timeout: Some(Duration::from_millis(100)) };
        let answer = LocalTarget::new().one(Request::Run(command)).unwrap();
        assert_eq!(answer, Answer::Run(Err(RunError::TimedOut(Duration::from_millis(100)))));
        std::thread::sleep(Duration::from_millis(900));
        assert!(!mark.exists());
    }

    #[test]
    fn large_output_on_both_streams_arrives_whole() {
        let output = run("head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero").unwrap();
        assert_eq!((output.stdout.len(), output.stderr.len()), (3_000_000, 3_000_000));
    }

    #[test]
    fn files_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).into_os_string().into_encoded_bytes();
        std::fs::write(directory.path().join("file"), b"x\0y").unwrap();
        std::os::unix::fs::symlink("file", directory.path().join("link")).unwrap();
        std::os::unix::fs::symlink("loop", directory.path().join("loop")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            directory.path().join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let target = LocalTarget::new();
        assert_eq!(target.read(&path("link")).unwrap().unwrap(), b"x\0y");
        assert_eq!(target.read(&path("none")).unwrap(), Err(FileError::NotFound));
        assert_eq!(target.read(&path("")).unwrap(), Err(FileError::IsADirectory));
        assert_eq!(target.read(&path("file/x")).unwrap(), Err(FileError::NotADirectory));
        assert_eq!(target.read(&path("loop")).unwrap(), Err(FileError::Loop));
        assert!(matches!(target.read(&path("pipe")).unwrap(), Err(FileError::Other(text)) if text.contains("pipe")));
        assert_eq!(target.read(b"/dev/null").unwrap().unwrap(), b"");
        assert!(matches!(target.read(b"etc/passwd").unwrap(), Err(FileError::Other(_))));
        let link = target.stat(&path("link"), false).unwrap().unwrap();
        assert_eq!((link.kind, link.link.as_deref()), (FileKind::Symlink, Some(b"file".as_slice())));
        assert_eq!(target.stat(&path("link"), true).unwrap().unwrap().size, 3);
        let names: Vec<_> = target.list(&path("")).unwrap().unwrap().into_iter().map(|entry| entry.kind).collect();
        assert_eq!(names, [FileKind::File, FileKind::Symlink, FileKind::Symlink, FileKind::Pipe]);
        assert_eq!(target.list(&path("file")).unwrap(), Err(FileError::NotADirectory));
    }
}
