//! One file's examples run in a process of their own, CRuby's or ours: what crashes or never ends fails one example, and the
//! next process goes on behind it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// How long a process may say nothing before it counts as hanging.
const SILENCE: Duration = Duration::from_secs(60);

/// The Ruby side.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ruby_spec");

/// What became of an example.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    Passed,
    Failed(String),
    Refused(String),
}

/// The examples of one file, in order.
#[derive(Default)]
pub(super) struct Ran {
    pub(super) examples: Vec<(String, Outcome)>,
    /// Why the file could not be loaded as far as its end.
    pub(super) load_failure: Option<String>,
}

/// A way to run the examples of a file.
pub(super) struct Runner {
    program: PathBuf,
    arguments: Vec<String>,
    suite: PathBuf,
    /// Where results are kept, and what they depend on besides the file.
    cache: Option<(PathBuf, String)>,
}

impl Runner {
    /// CRuby; its results are kept in the build directory until the runner or the spec file changes.
    pub(super) fn cruby(ruby: &Path, suite: &Path) -> Result<Self> {
        let version = Command::new(ruby).arg("--version").output();
        let version = version.with_context(|| format!("cannot run {}: install CRuby 3.1", ruby.display()))?.stdout;
        let version = String::from_utf8_lossy(&version).into_owned();
        ensure!(version.starts_with("ruby 3.1."), "the measure is CRuby 3.1, but {} is {version}", ruby.display());
        let mut key = Sha256::new_with_prefix(version);
        for name in ["mspec.rb", "cruby.rb", "refused.rb"] {
            let path = Path::new(SOURCES).join(name);
            key.update(fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
        }
        let key = format!("{:x}", key.finalize());
        let this = std::env::current_exe()?;
        let cache = this.parent().and_then(Path::parent).context("xtask has no build directory")?.join("ruby-spec");
        Ok(Self {
            program: ruby.to_owned(),
            arguments: vec!["--disable-gems".to_owned(), format!("{SOURCES}/cruby.rb")],
            suite: suite.to_owned(),
            cache: Some((cache, key)),
        })
    }

    /// The interpreter, as this program's own worker.
    pub(super) fn interpreter(suite: &Path) -> Result<Self> {
        Ok(Self {
            program: std::env::current_exe()?,
            arguments: vec!["ruby-spec-worker".to_owned()],
            suite: suite.to_owned(),
            cache: None,
        })
    }

    /// Runs the examples of a file, named relative to the suite.
    pub(super) fn run(&self, file: &str) -> Result<Ran> {
        let Some((folder, key)) = &self.cache else { return Ok(Ran::read(&self.transcript(file)?)) };
        let text = fs::read(self.suite.join(file)).with_context(|| format!("cannot read {file}"))?;
        let header = format!("KEY {:x}", Sha256::new_with_prefix(key).chain_update(text).finalize());
        let kept = folder.join(file.replace('/', "."));
        if let Ok(transcript) = fs::read_to_string(&kept)
            && transcript.lines().next() == Some(&header)
        {
            return Ok(Ran::read(&transcript));
        }
        let transcript = self.transcript(file)?;
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&kept, format!("{header}\n{transcript}"))
            .with_context(|| format!("cannot write {}", kept.display()))?;
        Ok(Ran::read(&transcript))
    }

    /// What the processes printed, one line an event; a crash is written as the failure of the example that was running.
    fn transcript(&self, file: &str) -> Result<String> {
        let mut text = String::new();
        loop {
            let first = text.lines().filter(|line| line.starts_with("RUN ")).count();
            let mut child = Command::new(&self.program)
                .args(&self.arguments)
                .arg(&self.suite)
                .args([file, &first.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .with_context(|| format!("cannot run {}", self.program.display()))?;
            let mut printed = String::new();
            let crash = listen(&mut child, &mut printed);
            text.push_str(&printed);
            match crash {
                None => return Ok(text),
                Some(why) if printed.lines().last().is_some_and(|line| line.starts_with("RUN ")) => {
                    text.push_str(&format!("FAIL {why}\n"));
                }
                Some(why) => {
                    text.push_str(&format!("LOAD {why}\n"));
                    return Ok(text);
                }
            }
        }
    }
}

/// Collects what the process prints as far as `END`. If it never gets there: why.
fn listen(child: &mut Child, printed: &mut String) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().expect("it is piped"));
    let reader = std::thread::spawn(move || {
        for line in out.split(b'\n').map_while(Result::ok) {
            let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
        }
    });
    let hangs = loop {
        match receiver.recv_timeout(SILENCE) {
            Ok(line) if line == "END" => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            Ok(line) => printed.push_str(&format!("{line}\n")),
            Err(RecvTimeoutError::Timeout) => break true,
            Err(RecvTimeoutError::Disconnected) => break false,
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    let _ = reader.join();
    if hangs {
        return Some("it never ends".to_owned());
    }
    let mut complaint = Vec::new();
    let _ = child.stderr.take().expect("it is piped").read_to_end(&mut complaint);
    let complaint = String::from_utf8_lossy(&complaint).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("the process died: {complaint}"))
}

impl Ran {
    fn read(transcript: &str) -> Self {
        let mut ran = Self::default();
        let mut name = None;
        for line in transcript.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let outcome = match word {
                "PASS" => Outcome::Passed,
                "FAIL" => Outcome::Failed(rest.to_owned()),
                "REFUSED" => Outcome::Refused(rest.to_owned()),
                "RUN" => {
                    name = Some(rest.to_owned());
                    continue;
                }
                "LOAD" => {
                    ran.load_failure.get_or_insert_with(|| rest.to_owned());
                    continue;
                }
                _ => continue,
            };
            if let Some(name) = name.take() {
                ran.examples.push((name, outcome));
            }
        }
        ran
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_tells_every_example() {
        let ran = Ran::read("LOAD no\nRUN a b\nPASS\nRUN c\nFAIL why not\nRUN d\nREFUSED threads\nRUN lost\n");
        assert_eq!(ran.load_failure.as_deref(), Some("no"));
        let expected = [
            ("a b".to_owned(), Outcome::Passed),
            ("c".to_owned(), Outcome::Failed("why not".to_owned())),
            ("d".to_owned(), Outcome::Refused("threads".to_owned())),
        ];
        assert_eq!(ran.examples, expected);
    }
}
