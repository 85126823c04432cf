//! A directory of a target, taken for `/`.

use std::collections::VecDeque;

use crate::request::check_path;
use crate::{Answer, FileError, FileKind, FileResult, Request, RunError, Stat, Target, TargetInfo, TransportError};

/// As many links as Linux follows on one path.
const MOST_LINKS: usize = 40;

/// What lies below a directory of another target, as if that were `/`: links are resolved here, so that none leads out.
///
/// For a container that can be seen from another one and has no shell of its own. Commands can't be run in it. Each part of a
/// path is asked for on its own: put a [`crate::Cached`] between this and the target.
pub struct Rerooted<T> {
    target: T,
    root: Vec<u8>,
    /// What `/proc/self` stands for.
    process: u32,
    info: TargetInfo,
}

impl<T: Target> Rerooted<T> {
    /// What lies below `root`, an absolute path without a slash at its end. `process` is what `/proc/self` stands for there:
    /// the tool that would follow it has ended before anything else is asked.
    pub fn new(target: T, root: impl Into<Vec<u8>>, process: u32, info: TargetInfo) -> Self {
        Self { target, root: root.into(), process, info }
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

    fn one(&self, request: &Request) -> Result<Answer, TransportError> {
        let (path, follow) = match request {
            Request::Run(_) => {
                let why = "the container has no shell, and the debug container's can't be used in its place";
                return Ok(Answer::Run(Err(RunError::Unavailable(why.into()))));
            }
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
