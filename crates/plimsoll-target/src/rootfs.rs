//! A container's root file system in a directory of this machine.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::thread::CapabilitySet;

use crate::process::{self, DEFAULT_TIMEOUT};
use crate::tree::Tree;
use crate::{Answer, Command, Request, RunError, RunResult, Target, TargetInfo, TransportError};

/// Where `chroot` is looked for. Fixed, so that a PATH can't put another program in its place as root.
const CHROOT: [&str; 4] = ["/usr/sbin/chroot", "/usr/bin/chroot", "/sbin/chroot", "/bin/chroot"];
/// Where `unshare` is looked for.
const UNSHARE: [&str; 2] = ["/usr/bin/unshare", "/bin/unshare"];
/// The PATH of commands: what container runtimes set when an image sets none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A directory audited as if it were `/`.
///
/// Files are resolved by the kernel inside the directory: no link and no `..` leads out of it. Commands run in it by
/// `chroot` where this process may (CAP_SYS_CHROOT), else in a user namespace where the kernel allows one; in both
/// cases with `/` as working directory and only PATH in the environment. They are programs of that directory and run
/// with what rights this process has there; nothing of it is run before the first command is asked for.
pub struct RootfsTarget {
    directory: PathBuf,
    tree: Tree,
    /// Found when it is first needed: trying it runs the directory's own shell.
    runner: OnceLock<Result<Runner, String>>,
    timeout: Duration,
    /// A program that enters the directory, in place of `chroot`.
    entry: Option<Vec<OsString>>,
    environment: Vec<(OsString, OsString)>,
    info: TargetInfo,
}

/// How commands get into the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Runner {
    Chroot(&'static str),
    UserNamespace(&'static str),
    Entry(Vec<OsString>),
}

impl RootfsTarget {
    /// Opens `directory`; fails when it is none or when the kernel can't confine paths to it (before Linux 5.6).
    pub fn open(directory: &Path) -> std::io::Result<Self> {
        let directory = directory.canonicalize()?;
        let info = TargetInfo { channel: "rootfs".into(), uri: format!("rootfs:{}", directory.display()), id: None };
        Ok(Self::new(Tree::below(&directory)?, directory, info))
    }

    /// The root directory of a process of this machine, even after that process has ended.
    pub fn of_process(pid: u32, info: TargetInfo) -> std::io::Result<Self> {
        // Not by its canonical path: what `/proc/PID/root` says it links to is a path inside that process's own root.
        let (tree, root) = Tree::below_held(Path::new(&format!("/proc/{pid}/root")))?;
        Ok(Self::new(tree, format!("/proc/{}/fd/{root}", std::process::id()).into(), info))
    }

    fn new(tree: Tree, directory: PathBuf, info: TargetInfo) -> Self {
        let environment = vec![("PATH".into(), PATH.into())];
        Self { directory, tree, runner: OnceLock::new(), timeout: DEFAULT_TIMEOUT, entry: None, environment, info }
    }

    /// A program with its first arguments that is called with the directory and a command line, and has to run `/bin/sh -c`
    /// with that line in the directory. In place of `chroot`, for where there is none; the kernel wants CAP_SYS_CHROOT of it.
    #[must_use]
    pub fn entered_by(self, program: impl IntoIterator<Item = OsString>) -> Self {
        Self { entry: Some(program.into_iter().collect()), ..self }
    }

    /// The environment of commands; PATH alone unless set.
    #[must_use]
    pub fn with_environment(self, environment: Vec<(OsString, OsString)>) -> Self {
        Self { environment, ..self }
    }

    /// How long a command may take that doesn't say so itself (an hour unless set).
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    fn run_command(&self, command: &Command) -> RunResult {
        let runner = self.runner.get_or_init(|| find_runner(&self.directory, &self.tree, self.entry.as_ref()));
        let runner = runner.as_ref().map_err(|reason| RunError::Unavailable(reason.clone()))?;
        let mut shell = runner.shell(&self.directory);
        shell.envs(self.environment.iter().map(|(name, value)| (name, value)));
        process::run(shell, &command.line, command.timeout.unwrap_or(self.timeout))
    }
}

impl Runner {
    /// The program and arguments that run the line after them by `/bin/sh` inside `directory`, with an empty environment.
    fn shell(&self, directory: &Path) -> Program {
        let mut program = match self {
            Self::Entry(entry) => {
                let mut words = entry.iter();
                let mut program = Program::new(words.next().map_or(OsStr::new(""), OsString::as_os_str));
                program.args(words).arg(directory);
                program
            }
            Self::Chroot(chroot) => {
                let mut program = Program::new(chroot);
                program.arg(directory).args(["/bin/sh", "-c"]);
                program
            }
            Self::UserNamespace(unshare) => {
                let mut root = std::ffi::OsString::from("--root=");
                root.push(directory);
                let mut program = Program::new(unshare);
                program.args(["--user", "--map-root-user"]).arg(root).args(["--wd=/", "/bin/sh", "-c"]);
                program
            }
        };
        program.env_clear().current_dir("/");
        program
    }

    fn works(&self, directory: &Path) -> bool {
        let done = process::run(self.shell(directory), b":", Duration::from_secs(10));
        matches!(done, Ok(output) if output.exit_status == 0)
    }
}

fn find_runner(directory: &Path, tree: &Tree, entry: Option<&Vec<OsString>>) -> Result<Runner, String> {
    if let Err(error) = tree.stat(b"/bin/sh", true) {
        return Err(format!("there is no usable /bin/sh: {error}"));
    }
    let may_chroot = rustix::thread::capabilities(None)
        .is_ok_and(|capabilities| capabilities.effective.contains(CapabilitySet::SYS_CHROOT));
    if let Some(entry) = entry {
        let runner = Some(Runner::Entry(entry.clone())).filter(|runner| may_chroot && runner.works(directory));
        return runner.ok_or_else(|| {
            "there is a /bin/sh, but it can't be run from here: that needs CAP_SYS_CHROOT and the container's own \
             architecture"
                .to_owned()
        });
    }
    let chroot = first_existing(&CHROOT).filter(|_| may_chroot).map(Runner::Chroot);
    let unshare = first_existing(&UNSHARE).map(Runner::UserNamespace);
    chroot.into_iter().chain(unshare).find(|runner| runner.works(directory)).ok_or_else(|| {
        format!(
            "neither chroot (needs CAP_SYS_CHROOT) nor a user namespace gets /bin/sh of {} to run; run as root, or \
             audit its files alone",
            directory.display()
        )
    })
}

fn first_existing(paths: &[&'static str]) -> Option<&'static str> {
    paths.iter().copied().find(|path| Path::new(path).exists())
}

impl Target for RootfsTarget {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let answer = |request: &Request| match request {
            Request::Run(command) => Some(Answer::Run(self.run_command(command))),
            files => self.tree.answer(files),
        };
        Ok(requests.iter().filter_map(answer).collect())
    }

    fn info(&self) -> TargetInfo {
        self.info.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::{FileError, FileKind};

    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("etc/deep")).unwrap();
        std::fs::write(root.path().join("etc/hostname"), "inside\n").unwrap();
        root
    }

    #[test]
    fn links_never_lead_out() {
        let root = root();
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(outside.path(), "outside").unwrap();
        let name = outside.path().file_name().unwrap();
        symlink("/etc/hostname", root.path().join("absolute")).unwrap();
        symlink("../../../../../../etc/hostname", root.path().join("etc/deep/dots")).unwrap();
        symlink(outside.path(), root.path().join("out")).unwrap();
        symlink("/..", root.path().join("up")).unwrap();
        let target = RootfsTarget::open(root.path()).unwrap();
        assert_eq!(target.read(b"/absolute").unwrap().unwrap(), b"inside\n");
        assert_eq!(target.read(b"/etc/deep/dots").unwrap().unwrap(), b"inside\n");
        assert_eq!(target.read(b"/../../etc/hostname").unwrap().unwrap(), b"inside\n");
        assert_eq!(target.read(b"/out").unwrap(), Err(FileError::NotFound));
        let through = [b"/up/", name.as_encoded_bytes()].concat();
        assert_eq!(target.read(&through).unwrap(), Err(FileError::NotFound));
        let names: Vec<_> = target.list(b"/up").unwrap().unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, [b"absolute".to_vec(), b"etc".to_vec(), b"out".to_vec(), b"up".to_vec()]);
    }

    #[test]
    fn metadata_is_the_links_or_the_files() {
        let root = root();
        symlink("etc", root.path().join("link")).unwrap();
        let target = RootfsTarget::open(root.path()).unwrap();
        let link = target.stat(b"/link", false).unwrap().unwrap();
        assert_eq!((link.kind, link.link), (FileKind::Symlink, Some(b"etc".to_vec())));
        assert_eq!(target.stat(b"/link", true).unwrap().unwrap().kind, FileKind::Directory);
    }

    #[test]
    fn without_a_shell_commands_say_so() {
        let root = root();
        let answer = RootfsTarget::open(root.path()).unwrap().run(b"true").unwrap();
        assert!(matches!(&answer, Err(RunError::Unavailable(reason)) if reason.contains("/bin/sh")), "{answer:?}");
    }

    #[test]
    #[allow(clippy::print_stderr)] // says why it tests nothing on a machine without busybox
    fn commands_run_inside_or_say_what_is_missing() {
        let root = root();
        if !Path::new("/usr/bin/busybox").exists() {
            eprintln!("skipped: no static busybox on this machine to put into a root");
            return;
        }
        std::fs::create_dir_all(root.path().join("bin")).unwrap();
        std::fs::create_dir_all(root.path().join("dev")).unwrap();
        std::fs::copy("/usr/bin/busybox", root.path().join("bin/busybox")).unwrap();
        for tool in ["sh", "cat", "env"] {
            symlink("busybox", root.path().join("bin").join(tool)).unwrap();
        }
        let long = format!("# {}\necho long", "x".repeat(200_000));
        let answer = RootfsTarget::open(root.path()).unwrap().run(b"cat /etc/hostname; pwd; env").unwrap();
        match answer {
            Ok(output) => {
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(text.starts_with("inside\n/\n"), "{text}");
                assert!(text.contains(&format!("PATH={PATH}\n")) && !text.contains("CARGO"), "{text}");
                // With `cat`, and without.
                for _ in 0..2 {
                    let output = RootfsTarget::open(root.path()).unwrap().run(long.as_bytes()).unwrap().unwrap();
                    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"long\n"[..], &b""[..]));
                    let _ = std::fs::remove_file(root.path().join("bin/cat"));
                }
            }
            Err(error) => {
                assert!(!rustix::process::geteuid().is_root(), "root may chroot, yet: {error}");
                assert!(error.to_string().contains("CAP_SYS_CHROOT"), "{error}");
            }
        }
    }
}
