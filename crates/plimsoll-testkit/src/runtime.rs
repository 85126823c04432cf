//! What runs inside containers: how an exec request becomes a process on this machine.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use thiserror::Error;

/// A place where commands can be started, standing for one container.
pub trait ContainerRuntime: Send + Sync {
    /// The process to start for a command inside this container. The server sets its stdin, stdout, stderr and
    /// process group.
    fn prepare(&self, command: &[String]) -> Result<Command, ExecError>;
}

/// Why a command cannot be started in a container, in the words of a real runtime.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExecError {
    /// A path that does not exist.
    #[error("exec: {0:?}: stat {0}: no such file or directory")]
    NoSuchFile(String),
    /// A bare name that is in no directory of the container's `PATH`.
    #[error("exec: {0:?}: executable file not found in $PATH")]
    NotInPath(String),
    /// A file without execute permission, or a directory.
    #[error("exec: {0:?}: permission denied")]
    NotExecutable(String),
    /// An empty command.
    #[error("process.args must not be empty")]
    Empty,
    /// Anything else, in the system's words.
    #[error("{0}")]
    Other(String),
}

/// The `PATH` of containers that set none.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A container that is a directory of this machine: commands run as plain local processes of the current user.
///
/// They see the machine's files and processes. Good for tests of transports, useless for isolation.
#[derive(Debug, Clone)]
pub struct LocalProcess {
    directory: PathBuf,
    environment: BTreeMap<OsString, OsString>,
}

impl LocalProcess {
    /// Commands start in `directory` with a `PATH` and nothing else in their environment.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), environment: BTreeMap::from([("PATH".into(), DEFAULT_PATH.into())]) }
    }

    /// Set an environment variable.
    #[must_use]
    pub fn env(mut self, key: &str, value: &str) -> Self {
        self.environment.insert(key.into(), value.into());
        self
    }
}

impl ContainerRuntime for LocalProcess {
    fn prepare(&self, command: &[String]) -> Result<Command, ExecError> {
        let path = self.environment.get(std::ffi::OsStr::new("PATH")).and_then(|path| path.to_str()).unwrap_or("");
        let program = locate(Path::new("/"), &self.directory, path, command)?;
        let mut prepared = Command::new(program);
        prepared.args(&command[1..]).env_clear().envs(&self.environment).current_dir(&self.directory);
        Ok(prepared)
    }
}

/// A container without a single program in it: every command is refused as a distroless image refuses a shell.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrograms;

impl ContainerRuntime for NoPrograms {
    fn prepare(&self, command: &[String]) -> Result<Command, ExecError> {
        let program = command.first().ok_or(ExecError::Empty)?.clone();
        Err(if program.contains('/') { ExecError::NoSuchFile(program) } else { ExecError::NotInPath(program) })
    }
}

/// Find a command's program below `root`, as a runtime does: paths as they are, bare names along `path`.
///
/// The result is the path on this machine; `directory` is where relative paths start, inside the root.
pub(crate) fn locate(root: &Path, directory: &Path, path: &str, command: &[String]) -> Result<PathBuf, ExecError> {
    let program = command.first().filter(|program| !program.is_empty()).ok_or(ExecError::Empty)?;
    if program.contains('/') {
        let found = resolve(root, &directory.join(program)).ok_or_else(|| ExecError::NoSuchFile(program.clone()))?;
        return if executable(&found) { Ok(found) } else { Err(ExecError::NotExecutable(program.clone())) };
    }
    path.split(':')
        .filter(|part| !part.is_empty())
        .filter_map(|part| resolve(root, &Path::new(part).join(program)))
        .find(|found| executable(found))
        .ok_or_else(|| ExecError::NotInPath(program.clone()))
}

fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Follow a path below `root` with every symbolic link read as the container would; `None` when nothing is there.
fn resolve(root: &Path, path: &Path) -> Option<PathBuf> {
    use std::path::Component;
    // The kernel gives up after this many links, too.
    let mut links_left = 40;
    let mut todo: Vec<OsString> = components(path);
    let mut done = PathBuf::new();
    while let Some(part) = todo.pop() {
        if Path::new(&part).components().next() == Some(Component::ParentDir) {
            done.pop();
            continue;
        }
        let here = root.join(&done).join(&part);
        if let Ok(target) = std::fs::read_link(&here) {
            links_left -= 1;
            if links_left == 0 {
                return None;
            }
            if target.is_absolute() {
                done.clear();
            }
            todo.extend(components(&target));
        } else {
            here.symlink_metadata().ok()?;
            done.push(part);
        }
    }
    Some(root.join(done))
}

/// The components of a path, last one first, without the root and `.`.
fn components(path: &Path) -> Vec<OsString> {
    use std::path::Component;
    let parts = path.components().rev();
    parts
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| part.as_os_str().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{ContainerRuntime, ExecError, LocalProcess, NoPrograms, locate, resolve};

    fn command(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn links_never_lead_out_of_the_root() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        std::fs::create_dir_all(at("usr/bin")).unwrap();
        std::fs::write(at("usr/bin/tool"), "").unwrap();
        symlink("/usr/bin", at("bin")).unwrap();
        symlink("../../../../usr/bin/tool", at("usr/up")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let found = Some(at("usr/bin/tool"));
        assert_eq!(resolve(root.path(), Path::new("/bin/tool")), found);
        assert_eq!(resolve(root.path(), Path::new("/usr/up")), found);
        assert_eq!(resolve(root.path(), Path::new("/loop")), None);
        assert_eq!(resolve(root.path(), Path::new("/etc/passwd")), None);
    }

    #[test]
    fn missing_programs_are_worded_as_the_runtimes_do() {
        let local = LocalProcess::new("/");
        let error = |words: &[&str]| local.prepare(&command(words)).unwrap_err().to_string();
        assert_eq!(error(&["/nowhere/sh"]), r#"exec: "/nowhere/sh": stat /nowhere/sh: no such file or directory"#);
        assert_eq!(error(&["no-such-tool"]), r#"exec: "no-such-tool": executable file not found in $PATH"#);
        assert_eq!(error(&["/etc"]), r#"exec: "/etc": permission denied"#);
        assert_eq!(NoPrograms.prepare(&command(&["/bin/sh"])).unwrap_err(), ExecError::NoSuchFile("/bin/sh".into()));
    }

    #[test]
    fn a_file_that_may_not_be_executed_is_denied() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("data"), "").unwrap();
        let denied = locate(root.path(), Path::new("/"), "", &command(&["/data"]));
        assert_eq!(denied, Err(ExecError::NotExecutable("/data".into())));
    }
}
