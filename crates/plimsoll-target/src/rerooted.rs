//! A directory of a target, taken for `/`.

use std::collections::VecDeque;
use std::sync::OnceLock;

use crate::process::{LONGEST_ARGUMENT, as_argument};
use crate::request::check_path;
use crate::shell::quote;
use crate::{
    Answer, Command, FileError, FileKind, FileResult, Output, Request, RunError, RunResult, Stat, Target, TargetInfo,
    TransportError,
};

/// As many links as Linux follows on one path.
const MOST_LINKS: usize = 40;

/// What lies below a directory of another target, as if that were `/`: links are resolved here, so that none leads out.
///
/// For a container that can be seen from another one. Commands run in it by the other one's `chroot` where it has a shell and that
/// may be done. Each part of a path is asked for on its own: put a [`crate::Cached`] between this and the target.
pub struct Rerooted<T> {
    target: T,
    root: Vec<u8>,
    /// What `/proc/self` stands for.
    process: u32,
    /// What precedes the words of a command, found when it is first needed: trying it runs a program of the container's.
    entry: OnceLock<Result<Vec<u8>, String>>,
    info: TargetInfo,
}

impl<T: Target> Rerooted<T> {
    /// What lies below `root`, an absolute path without a slash at its end. `process` is what `/proc/self` stands for there:
    /// the tool that would follow it has ended before anything else is asked.
    pub fn new(target: T, root: impl Into<Vec<u8>>, process: u32, info: TargetInfo) -> Self {
        Self { target, root: root.into(), process, entry: OnceLock::new(), info }
    }

    /// The target that is asked.
    pub fn target(&self) -> &T {
        &self.target
    }

    fn outside(&self, inside: &[Vec<u8>]) -> Vec<u8> {
        inside.iter().fold(self.root.clone(), |path, part| [path, part.clone()].join(&b'/'))
    }

    /// Where `path` is in the other target, with every link on the way resolved, and the last one if `follow`.
    fn resolve(&self, path: &[u8], follow: bool) -> Result<FileResult<Vec<u8>>, TransportError> {
        let mut left: VecDeque<Vec<u8>> = parts(path).collect();
        let must_be_directory = path.ends_with(b"/");
        let mut at: Vec<Vec<u8>> = Vec::new();
        let mut links = 0;
        while let Some(part) = left.pop_front() {
            if part == b".." {
                at.pop();
                continue;
            }
            at.push(part);
            if left.is_empty() && !follow && !must_be_directory {
                break;
            }
            match self.target.stat(&self.outside(&at), false)? {
                Ok(Stat { kind: FileKind::Symlink, link: Some(link), .. }) => {
                    let link = if at == [b"proc".to_vec(), b"self".to_vec()] {
                        self.process.to_string().into_bytes()
                    } else {
                        link
                    };
                    links += 1;
                    if links > MOST_LINKS {
                        return Ok(Err(FileError::Loop));
                    }
                    at.pop();
                    if link.starts_with(b"/") {
                        at.clear();
                    }
                    for part in parts(&link).collect::<Vec<_>>().into_iter().rev() {
                        left.push_front(part);
                    }
                }
                Ok(Stat { kind, .. }) if kind != FileKind::Directory && (!left.is_empty() || must_be_directory) => {
                    return Ok(Err(FileError::NotADirectory));
                }
                Ok(_) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(if at.is_empty() { [self.root.as_slice(), b"/"].concat() } else { self.outside(&at) }))
    }

    fn run_command(&self, command: &Command) -> Result<RunResult, TransportError> {
        if self.entry.get().is_none() {
            let found = self.find_entry()?;
            let _ = self.entry.set(found);
        }
        let entry = match self.entry.get() {
            Some(Ok(entry)) => entry,
            Some(Err(why)) => return Ok(Err(RunError::Unavailable(why.clone()))),
            None => return Err(TransportError::new("nobody knows how to enter the container")),
        };
        let bytes = command.line.len();
        if bytes > LONGEST_ARGUMENT {
            let why = format!("a command line of {bytes} bytes can't be handed on to the container's shell");
            return Ok(Err(RunError::Unavailable(why)));
        }
        let line = [entry, quote(&as_argument(&command.line)).as_slice()].concat();
        match self.target.one(Request::Run(Command { line, timeout: command.timeout }))? {
            Answer::Run(result) => Ok(result),
            other => Err(TransportError::mismatch("run", &other)),
        }
    }

    /// What makes the target's shell run what follows by the container's: with the environment of the process that is looked at,
    /// by a `chroot` that is not looked for in that one's PATH.
    fn find_entry(&self) -> Result<Result<Vec<u8>, String>, TransportError> {
        if let Err(error) = self.stat(b"/bin/sh", true)? {
            return Ok(Err(format!("there is no usable /bin/sh: {error}")));
        }
        let environment = self.target.read(format!("/proc/{}/environ", self.process).as_bytes())?;
        let mut entry = b"exec env -i".to_vec();
        for variable in environment.unwrap_or_default().split(|byte| *byte == 0).filter(|pair| pair.contains(&b'=')) {
            entry.push(b' ');
            entry.extend(quote(variable));
        }
        entry.extend(b" \"$(command -v chroot)\" ");
        entry.extend(quote(&self.root));
        entry.extend(b" /bin/sh -c ");
        Ok(match self.target.run(&[entry.as_slice(), b":"].concat())? {
            Ok(Output { exit_status: 0, .. }) => Ok(entry),
            _ => Err("there is a /bin/sh, but it can't be run from here: that needs `chroot` in the debug image, \
                      CAP_SYS_CHROOT and the container's own architecture"
                .to_owned()),
        })
    }

    fn one(&self, request: &Request) -> Result<Answer, TransportError> {
        let (path, follow) = match request {
            Request::Run(command) => return Ok(Answer::Run(self.run_command(command)?)),
            Request::Stat { path, follow } => (path, *follow),
            Request::Read { path } | Request::List { path } => (path, true),
        };
        let place = match check_path(path) {
            Ok(()) => self.resolve(path, follow)?,
            Err(error) => Err(error),
        };
        Ok(match request {
            Request::Stat { .. } => Answer::Stat(then(place, |place| self.target.stat(place, false))?),
            Request::List { .. } => Answer::Entries(then(place, |place| self.target.list(place))?),
            _ => Answer::Content(then(place, |place| self.target.read(place))?),
        })
    }
}

/// Asks for what a path has been resolved to, if it could be.
fn then<A>(
    place: FileResult<Vec<u8>>,
    ask: impl FnOnce(&[u8]) -> Result<FileResult<A>, TransportError>,
) -> Result<FileResult<A>, TransportError> {
    place.map_or_else(|error| Ok(Err(error)), |place| ask(&place))
}

fn parts(path: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").map(<[u8]>::to_vec)
}

impl<T: Target> Target for Rerooted<T> {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        requests.iter().map(|request| self.one(request)).collect()
    }

    fn info(&self) -> TargetInfo {
        self.info.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::{LocalTarget, RootfsTarget};

    #[test]
    fn own_process_is_the_one_that_is_looked_at() {
        let info = TargetInfo { channel: "x".into(), uri: "x".into(), id: None };
        let target = Rerooted::new(LocalTarget::new(), "", std::process::id(), info);
        let own = target.read(b"/proc/self/cmdline").unwrap().unwrap();
        assert_eq!(own, std::fs::read("/proc/self/cmdline").unwrap());
    }

    #[test]
    #[allow(clippy::print_stderr)] // says why it tests nothing on a machine without busybox
    fn commands_run_inside_or_say_what_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let info = TargetInfo { channel: "x".into(), uri: "x".into(), id: None };
        let target =
            || Rerooted::new(LocalTarget::new(), root.path().to_str().unwrap(), std::process::id(), info.clone());
        let answer = target().run(b"true").unwrap();
        assert!(matches!(&answer, Err(RunError::Unavailable(why)) if why.contains("no usable /bin/sh")), "{answer:?}");
        if !std::path::Path::new("/usr/bin/busybox").exists() {
            eprintln!("skipped: no static busybox on this machine to put into a root");
            return;
        }
        std::fs::create_dir_all(root.path().join("bin")).unwrap();
        std::fs::write(root.path().join("name"), "inside\n").unwrap();
        std::fs::copy("/usr/bin/busybox", root.path().join("bin/busybox")).unwrap();
        for tool in ["sh", "cat"] {
            symlink("busybox", root.path().join("bin").join(tool)).unwrap();
        }
        let line = b"/bin/cat '/name'; pwd; echo \"$CARGO_PKG_NAME\"; echo '$x' >&2; exit 3";
        match target().run(line).unwrap() {
            Ok(output) => {
                assert_eq!(String::from_utf8(output.stdout).unwrap(), "inside\n/\nplimsoll-target\n");
                assert_eq!((output.stderr.as_slice(), output.exit_status), (&b"$x\n"[..], 3));
            }
            Err(error) => {
                assert!(!rustix::process::geteuid().is_root(), "root may chroot, yet: {error}");
                assert!(error.to_string().contains("CAP_SYS_CHROOT"), "{error}");
            }
        }
    }

    /// Every answer must be the one that the kernel gives when it confines the path itself.
    #[test]
    fn answers_are_those_of_a_confined_root() {
        let root = tempfile::tempdir().unwrap();
        let inside = |path: &str| root.path().join(path);
        std::fs::create_dir_all(inside("etc/deep")).unwrap();
        std::fs::write(inside("etc/hostname"), "inside\n").unwrap();
        symlink("/etc/hostname", inside("absolute")).unwrap();
        symlink("../../../../etc/hostname", inside("etc/deep/dots")).unwrap();
        symlink("/etc/passwd", inside("out")).unwrap();
        symlink("/..", inside("up")).unwrap();
        symlink("loop", inside("loop")).unwrap();
        symlink("etc", inside("folder")).unwrap();
        let info = TargetInfo { channel: "x".into(), uri: "x".into(), id: None };
        let ours = Rerooted::new(LocalTarget::new(), root.path().to_str().unwrap(), 1, info);
        let kernels = RootfsTarget::open(root.path()).unwrap();
        let paths = [
            "/",
            "/etc",
            "/etc/",
            "/absolute",
            "/etc/deep/dots",
            "/out",
            "/up",
            "/up/etc/hostname",
            "/loop",
            "/folder",
            "/folder/",
            "/folder/hostname",
            "/etc/hostname/",
            "/etc/hostname/x",
            "/none",
            "/none/x",
            "/../../etc/hostname",
            "/./etc//deep/..",
            "relative",
        ];
        for path in paths.map(|path| path.as_bytes().to_vec()) {
            let requests = [
                Request::Stat { path: path.clone(), follow: true },
                Request::Stat { path: path.clone(), follow: false },
                Request::Read { path: path.clone() },
                Request::List { path: path.clone() },
            ];
            let shown = String::from_utf8_lossy(&path).into_owned();
            assert_eq!(ours.ask(&requests).unwrap(), kernels.ask(&requests).unwrap(), "{shown}");
        }
    }
}
