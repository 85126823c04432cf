//! A recorded target: files from a directory, commands from a table.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::commands::CommandTable;
use crate::tree::Tree;
use crate::{Answer, Output, PlatformOverride, Request, Target, TargetInfo, TransportError};

/// A target replayed from a directory (its root file system) and a table of commands.
pub struct MockTarget {
    name: String,
    tree: Tree,
    commands: CommandTable,
    platform: Option<PlatformOverride>,
}

/// One recorded command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecordedCommand {
    /// The line, compared byte by byte.
    pub cmd: String,
    /// Its result.
    #[serde(flatten)]
    pub output: RecordedOutput,
}

/// A recorded result; what is absent is empty or 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RecordedOutput {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status.
    pub exit_status: i32,
}

impl From<RecordedOutput> for Output {
    fn from(recorded: RecordedOutput) -> Self {
        Self {
            stdout: recorded.stdout.into_bytes(),
            stderr: recorded.stderr.into_bytes(),
            exit_status: recorded.exit_status,
        }
    }
}

/// The file that describes a recorded target.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MockFile {
    root: PathBuf,
    commands: Commands,
    otherwise: Option<RecordedOutput>,
    platform: Option<PlatformOverride>,
}

/// The table itself, or the file that holds it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`commands` is neither a list of {cmd, stdout, stderr, exit_status} nor a file's name")]
enum Commands {
    Here(Vec<RecordedCommand>),
    In(PathBuf),
}

/// Why a recorded target can't be used.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// A file or the root directory can't be opened.
    #[error("mock target: {}: {error}", .path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("mock target: {}: {error}", .path.display())]
    Parse {
        /// Which.
        path: PathBuf,
        /// What is wrong and where.
        error: serde_json::Error,
    },
}

impl MockTarget {
    /// Loads `file`: JSON `{"root": DIR, "commands": [{cmd, stdout, stderr, exit_status}…] or a file's name,
    /// "otherwise": {stdout, stderr, exit_status}, "platform": {name, family, release, arch}}`, the last two optional.
    /// Paths in it are relative to `file`.
    pub fn load(file: &Path) -> Result<Self, MockError> {
        let base = file.parent().unwrap_or(Path::new(""));
        let mock: MockFile = read_json(file)?;
        let commands = match mock.commands {
            Commands::Here(commands) => commands,
            Commands::In(path) => read_json(&base.join(path))?,
        };
        let target = Self::new(&base.join(mock.root), commands, mock.otherwise, mock.platform)?;
        Ok(Self { name: file.display().to_string(), ..target })
    }

    /// A target of the files below `root` and these commands. Without `otherwise` an unknown command exits with 127;
    /// `platform` replaces detection.
    pub fn new(
        root: &Path,
        commands: impl IntoIterator<Item = RecordedCommand>,
        otherwise: Option<RecordedOutput>,
        platform: Option<PlatformOverride>,
    ) -> Result<Self, MockError> {
        let tree = Tree::below(root).map_err(|error| MockError::Open { path: root.into(), error })?;
        let mut table = CommandTable::default();
        for RecordedCommand { cmd, output } in commands {
            table.insert(cmd.into_bytes(), Ok(output.into()));
        }
        if let Some(output) = otherwise {
            table.otherwise(output.into());
        }
        Ok(Self { name: root.display().to_string(), tree, commands: table, platform })
    }
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, MockError> {
    let bytes = std::fs::read(path).map_err(|error| MockError::Open { path: path.into(), error })?;
    serde_json::from_slice(&bytes).map_err(|error| MockError::Parse { path: path.into(), error })
}

impl Target for MockTarget {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let answer = |request: &Request| match request {
            Request::Run(command) => Some(Answer::Run(self.commands.run(&command.line))),
            files => self.tree.answer(files),
        };
        Ok(requests.iter().filter_map(answer).collect())
    }

    fn info(&self) -> TargetInfo {
        TargetInfo { channel: "mock".into(), uri: format!("mock:{}", self.name), id: None }
    }

    fn platform(&self) -> Option<PlatformOverride> {
        self.platform.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(json: &str) -> Result<MockTarget, MockError> {
        load_in(&tempfile::tempdir().unwrap(), json)
    }

    fn load_in(directory: &tempfile::TempDir, json: &str) -> Result<MockTarget, MockError> {
        std::fs::create_dir_all(directory.path().join("root/etc")).unwrap();
        std::fs::write(directory.path().join("root/etc/motd"), "hello").unwrap();
        std::fs::write(directory.path().join("table.json"), r#"[{"cmd": "id", "stdout": "uid=0\n"}]"#).unwrap();
        let file = directory.path().join("mock.json");
        std::fs::write(&file, json).unwrap();
        MockTarget::load(&file)
    }

    #[test]
    fn replays_files_and_commands() {
        let directory = tempfile::tempdir().unwrap();
        let target = load_in(
            &directory,
            r#"{"root": "root", "commands": [{"cmd": "false", "stdout": "", "stderr": "no", "exit_status": 1}],
                "platform": {"name": "alpine", "family": "linux", "release": "3.20"}}"#,
        )
        .unwrap();
        assert_eq!(target.read(b"/etc/motd").unwrap().unwrap(), b"hello");
        let output = target.run(b"false").unwrap().unwrap();
        assert_eq!((output.stderr.as_slice(), output.exit_status), (b"no".as_slice(), 1));
        let unknown = target.run(b" frob --all").unwrap().unwrap();
        assert_eq!((unknown.stderr.as_slice(), unknown.exit_status), (b"sh: 1: frob: not found\n".as_slice(), 127));
        assert_eq!(target.platform().unwrap().name, "alpine");
    }

    #[test]
    fn a_table_may_stand_in_a_file_and_otherwise_answers_the_rest() {
        let target =
            load(r#"{"root": "root", "commands": "table.json", "otherwise": {"stdout": "?", "exit_status": 0}}"#);
        let target = target.unwrap();
        assert_eq!(target.run(b"id").unwrap().unwrap().stdout, b"uid=0\n");
        assert_eq!(target.run(b"who").unwrap().unwrap().stdout, b"?");
        assert_eq!(target.platform(), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let missing = load(r#"{"root": "nowhere", "commands": []}"#).err().unwrap().to_string();
        assert!(missing.contains("nowhere"), "{missing}");
        let unknown = load(r#"{"root": "root", "commands": [], "platfrom": {}}"#).err().unwrap().to_string();
        assert!(unknown.contains("platfrom") && unknown.contains("mock.json"), "{unknown}");
    }
}
