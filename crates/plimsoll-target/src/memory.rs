//! A target that exists in memory alone, for tests of what stands on top of targets.

use std::collections::BTreeMap;

use crate::commands::CommandTable;
use crate::resolve::{Names, parts, resolve};
use crate::{
    Answer, Entry, FileError, FileKind, FileResult, Output, PlatformOverride, Request, RunError, Stat, Target,
    TargetInfo, TransportError,
};

/// Files, directories, links and commands, put together by its builder methods.
///
/// ```
/// use plimsoll_target::{MemoryTarget, Target};
///
/// let target = MemoryTarget::new()
///     .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
///     .file_with("/etc/shadow", "root:*:::::::\n", 0o640, 0, 42)
///     .link("/bin", "usr/bin")
///     .command("id -u", "0\n", "", 0);
/// assert_eq!(target.stat(b"/etc/shadow", true).unwrap().unwrap().mode, 0o640);
/// ```
///
/// Parent directories come into being by themselves (root's, 0755). Symbolic links are followed as Linux does, in the
/// middle of a path too. A path put there again replaces what was there.
#[derive(Debug, Clone)]
pub struct MemoryTarget {
    root: Node,
    commands: CommandTable,
    no_shell: Option<String>,
    platform: Option<PlatformOverride>,
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    what: What,
    mode: u32,
    uid: u32,
    gid: u32,
    mtime: i64,
    denied: bool,
}

#[derive(Debug, Clone)]
enum What {
    Directory(BTreeMap<Vec<u8>, Node>),
    File(Vec<u8>),
    Link(Vec<u8>),
    Other(FileKind),
}

impl Node {
    fn new(what: What, mode: u32) -> Self {
        Self { what, mode, uid: 0, gid: 0, mtime: 0, denied: false }
    }

    fn directory() -> Self {
        Self::new(What::Directory(BTreeMap::new()), 0o755)
    }

    fn kind(&self) -> FileKind {
        match &self.what {
            What::Directory(_) => FileKind::Directory,
            What::File(_) => FileKind::File,
            What::Link(_) => FileKind::Symlink,
            What::Other(kind) => *kind,
        }
    }

    fn stat(&self) -> Stat {
        let (size, link) = match &self.what {
            What::File(content) => (content.len(), None),
            What::Link(to) => (to.len(), Some(to.clone())),
            What::Directory(_) | What::Other(_) => (0, None),
        };
        Stat {
            kind: self.kind(),
            mode: self.mode,
            uid: self.uid,
            gid: self.gid,
            size: size as u64,
            mtime: self.mtime,
            link,
            selinux: None,
        }
    }
}

impl Default for MemoryTarget {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryTarget {
    /// An empty root directory and no commands.
    pub fn new() -> Self {
        Self { root: Node::directory(), commands: CommandTable::default(), no_shell: None, platform: None }
    }

    /// A regular file, root's, mode 0644.
    #[must_use]
    pub fn file(self, path: impl AsRef<[u8]>, content: impl Into<Vec<u8>>) -> Self {
        self.file_with(path, content, 0o644, 0, 0)
    }

    /// A regular file with mode and owner.
    #[must_use]
    pub fn file_with(self, path: impl AsRef<[u8]>, content: impl Into<Vec<u8>>, mode: u32, uid: u32, gid: u32) -> Self {
        self.put(path.as_ref(), Node { uid, gid, ..Node::new(What::File(content.into()), mode) })
    }

    /// A directory, root's, mode 0755.
    #[must_use]
    pub fn dir(self, path: impl AsRef<[u8]>) -> Self {
        self.dir_with(path, 0o755, 0, 0)
    }

    /// A directory with mode and owner; what it holds already stays.
    #[must_use]
    pub fn dir_with(mut self, path: impl AsRef<[u8]>, mode: u32, uid: u32, gid: u32) -> Self {
        let node = self.slot(path.as_ref(), Node::directory);
        if !matches!(node.what, What::Directory(_)) {
            *node = Node::directory();
        }
        (node.mode, node.uid, node.gid) = (mode, uid, gid);
        self
    }

    /// A symbolic link that says `to`.
    #[must_use]
    pub fn link(self, path: impl AsRef<[u8]>, to: impl Into<Vec<u8>>) -> Self {
        self.put(path.as_ref(), Node::new(What::Link(to.into()), 0o777))
    }

    /// A device, pipe or socket, root's, mode 0600; its content can't be read.
    #[must_use]
    pub fn special(self, path: impl AsRef<[u8]>, kind: FileKind) -> Self {
        self.put(path.as_ref(), Node::new(What::Other(kind), 0o600))
    }

    /// Sets when what is at `path` was last modified, in seconds since the epoch (0 unless set).
    #[must_use]
    pub fn mtime(mut self, path: impl AsRef<[u8]>, seconds: i64) -> Self {
        self.slot(path.as_ref(), Node::directory).mtime = seconds;
        self
    }

    /// Denies reading the file, or listing and entering the directory, at `path`.
    #[must_use]
    pub fn denied(mut self, path: impl AsRef<[u8]>) -> Self {
        self.slot(path.as_ref(), Node::directory).denied = true;
        self
    }

    /// A command line and its result.
    #[must_use]
    pub fn command(
        mut self,
        line: impl AsRef<[u8]>,
        stdout: impl Into<Vec<u8>>,
        stderr: impl Into<Vec<u8>>,
        exit_status: i32,
    ) -> Self {
        let output = Output { stdout: stdout.into(), stderr: stderr.into(), exit_status };
        self.commands.insert(line.as_ref().to_vec(), Ok(output));
        self
    }

    /// A command line that has no output.
    #[must_use]
    pub fn failing_command(mut self, line: impl AsRef<[u8]>, error: RunError) -> Self {
        self.commands.insert(line.as_ref().to_vec(), Err(error));
        self
    }

    /// What commands that aren't in the table answer; without it they exit with 127.
    #[must_use]
    pub fn otherwise(mut self, stdout: impl Into<Vec<u8>>, stderr: impl Into<Vec<u8>>, exit_status: i32) -> Self {
        self.commands.otherwise(Output { stdout: stdout.into(), stderr: stderr.into(), exit_status });
        self
    }

    /// A container without a shell: every command is [`RunError::Unavailable`] for this reason.
    #[must_use]
    pub fn without_shell(mut self, reason: impl Into<String>) -> Self {
        self.no_shell = Some(reason.into());
        self
    }

    /// A platform instead of detection.
    #[must_use]
    pub fn with_platform(mut self, platform: PlatformOverride) -> Self {
        self.platform = Some(platform);
        self
    }

    fn put(mut self, path: &[u8], node: Node) -> Self {
        *self.slot(path, Node::directory) = node;
        self
    }

    /// The place of `path`, made with its parents when missing. Links on the way are replaced by directories: a builder
    /// says where things are, it doesn't look them up.
    fn slot(&mut self, path: &[u8], make: fn() -> Node) -> &mut Node {
        let mut node = &mut self.root;
        for part in parts(path) {
            if !matches!(node.what, What::Directory(_)) {
                node.what = What::Directory(BTreeMap::new());
            }
            let What::Directory(entries) = &mut node.what else { unreachable!("it was just made a directory") };
            node = entries.entry(part.to_vec()).or_insert_with(make);
        }
        node
    }

    fn content(&self, path: &[u8]) -> FileResult<Vec<u8>> {
        let node = resolve(&self, path, true)?;
        match &node.what {
            What::Directory(_) => Err(FileError::IsADirectory),
            _ if node.denied => Err(FileError::PermissionDenied),
            What::File(content) => Ok(content.clone()),
            What::Link(_) | What::Other(_) => Err(FileError::Other("is not a regular file".into())),
        }
    }

    fn entries(&self, path: &[u8]) -> FileResult<Vec<Entry>> {
        let node = resolve(&self, path, true)?;
        match &node.what {
            What::Directory(_) if node.denied => Err(FileError::PermissionDenied),
            What::Directory(entries) => {
                Ok(entries.iter().map(|(name, node)| Entry { name: name.clone(), kind: node.kind() }).collect())
            }
            _ => Err(FileError::NotADirectory),
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        match request {
            Request::Run(command) => Answer::Run(match &self.no_shell {
                Some(reason) => Err(RunError::Unavailable(reason.clone())),
                None => self.commands.run(&command.line),
            }),
            Request::Stat { path, follow } => Answer::Stat(resolve(&self, path, *follow).map(Node::stat)),
            Request::Read { path } => Answer::Content(self.content(path)),
            Request::List { path } => Answer::Entries(self.entries(path)),
        }
    }
}

impl<'a> Names for &'a MemoryTarget {
    type Node = &'a Node;

    fn root(&self) -> &'a Node {
        &self.root
    }

    fn enter(&self, node: &'a Node) -> FileResult<()> {
        match node.what {
            What::Directory(_) if node.denied => Err(FileError::PermissionDenied),
            What::Directory(_) => Ok(()),
            _ => Err(FileError::NotADirectory),
        }
    }

    fn child(&self, directory: &'a Node, name: &[u8]) -> Option<&'a Node> {
        match &directory.what {
            What::Directory(entries) => entries.get(name),
            _ => None,
        }
    }

    fn link(&self, node: &'a Node) -> Option<&[u8]> {
        match &node.what {
            What::Link(to) => Some(to),
            _ => None,
        }
    }

    fn is_directory(&self, node: &'a Node) -> bool {
        node.kind() == FileKind::Directory
    }
}

impl Target for MemoryTarget {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        Ok(requests.iter().map(|request| self.answer(request)).collect())
    }

    fn info(&self) -> TargetInfo {
        TargetInfo { channel: "memory".into(), uri: "memory".into(), id: None }
    }

    fn platform(&self) -> Option<PlatformOverride> {
        self.platform.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_as_linux_does() {
        let target = MemoryTarget::new()
            .file("/usr/bin/sh", "#")
            .link("/bin", "usr/bin")
            .link("/usr/lib/up", "../../bin/sh")
            .link("/abs", "/usr/../usr/bin/sh")
            .link("/dangling", "nowhere")
            .link("/loop", "/loop");
        assert_eq!(target.read(b"/bin/sh").unwrap().unwrap(), b"#");
        assert_eq!(target.read(b"/usr/lib/up").unwrap().unwrap(), b"#");
        assert_eq!(target.read(b"/abs").unwrap().unwrap(), b"#");
        assert_eq!(target.read(b"/../../bin/../bin/./sh").unwrap().unwrap(), b"#");
        assert_eq!(target.read(b"/dangling").unwrap(), Err(FileError::NotFound));
        assert_eq!(target.stat(b"/loop", true).unwrap(), Err(FileError::Loop));
        assert_eq!(target.stat(b"/loop", false).unwrap().unwrap().link.unwrap(), b"/loop");
        assert_eq!(target.stat(b"/bin", false).unwrap().unwrap().kind, FileKind::Symlink);
        assert_eq!(target.stat(b"/bin/", false).unwrap().unwrap().kind, FileKind::Directory);
        assert_eq!(target.read(b"/bin/sh/x").unwrap(), Err(FileError::NotADirectory));
    }

    #[test]
    fn directories_keep_what_they_hold() {
        let target = MemoryTarget::new().file("/tmp/b", "").file("/tmp/a", "").dir_with("/tmp", 0o1777, 0, 0);
        assert_eq!(target.stat(b"/tmp", true).unwrap().unwrap().mode, 0o1777);
        let names: Vec<_> = target.list(b"/tmp").unwrap().unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, [b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(target.read(b"/tmp").unwrap(), Err(FileError::IsADirectory));
        assert_eq!(target.list(b"/tmp/a").unwrap(), Err(FileError::NotADirectory));
    }

    #[test]
    fn denial_and_missing_shell_are_told() {
        let target = MemoryTarget::new()
            .file("/etc/shadow", "x")
            .denied("/etc/shadow")
            .file("/root/key", "x")
            .denied("/root")
            .without_shell("there is no shell in the image");
        assert_eq!(target.read(b"/etc/shadow").unwrap(), Err(FileError::PermissionDenied));
        assert!(target.stat(b"/etc/shadow", true).unwrap().is_ok());
        assert_eq!(target.stat(b"/root/key", true).unwrap(), Err(FileError::PermissionDenied));
        assert_eq!(target.run(b"id").unwrap(), Err(RunError::Unavailable("there is no shell in the image".into())));
    }
}
