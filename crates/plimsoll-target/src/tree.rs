//! A file tree on this machine: all of it, or what lies below one directory as if that were `/`.

use std::ffi::OsStr;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::request::check_path;
use crate::{Answer, Entry, FileError, FileKind, FileResult, Request, Stat};

/// The largest file that is handed out.
pub(crate) const MAX_FILE: u64 = 64 << 20;

/// Where paths start from.
pub(crate) enum Tree {
    /// This machine's own `/`.
    Machine,
    /// A directory that is taken for `/`: neither links nor `..` lead out of it.
    Below(OwnedFd),
}

impl Tree {
    /// The tree below `directory`. Fails where the kernel can't confine path resolution (before Linux 5.6).
    pub(crate) fn below(directory: &Path) -> std::io::Result<Self> {
        Self::below_held(directory).map(|(tree, _)| tree)
    }

    /// The same, and the number of the descriptor that holds the directory for as long as the tree lives.
    pub(crate) fn below_held(directory: &Path) -> std::io::Result<(Self, i32)> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(directory, flags, Mode::empty())?;
        let held = root.as_raw_fd();
        let tree = Self::Below(root);
        tree.open(b"/", OFlags::PATH)?;
        Ok((tree, held))
    }

    /// Answers a file request; `None` to [`Request::Run`].
    pub(crate) fn answer(&self, request: &Request) -> Option<Answer> {
        match request {
            Request::Run(_) => None,
            Request::Stat { path, follow } => Some(Answer::Stat(self.stat(path, *follow))),
            Request::Read { path } => Some(Answer::Content(self.read(path))),
            Request::List { path } => Some(Answer::Entries(self.list(path))),
        }
    }

    pub(crate) fn stat(&self, path: &[u8], follow: bool) -> FileResult<Stat> {
        check_path(path)?;
        let nofollow = if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
        let file = self.open(path, OFlags::PATH | nofollow).map_err(file_error)?;
        let stat = rustix::fs::fstat(&file).map_err(file_error)?;
        let kind = kind_of(FileType::from_raw_mode(stat.st_mode));
        let link = match kind {
            FileKind::Symlink => Some(rustix::fs::readlinkat(&file, "", Vec::new()).map_err(file_error)?.into_bytes()),
            _ => None,
        };
        Ok(Stat {
            kind,
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            size: stat.st_size as u64,
            mtime: stat.st_mtime,
            link,
            selinux: selinux_label(&file),
        })
    }

    pub(crate) fn read(&self, path: &[u8]) -> FileResult<Vec<u8>> {
        check_path(path)?;
        // Opening a device can do things and opening a pipe can wait forever, so look before opening for real.
        let place = self.open(path, OFlags::PATH).map_err(file_error)?;
        let stat = rustix::fs::fstat(&place).map_err(file_error)?;
        match kind_of(FileType::from_raw_mode(stat.st_mode)) {
            FileKind::File => {}
            FileKind::Directory => return Err(FileError::IsADirectory),
            FileKind::CharacterDevice if is_null_device(stat.st_rdev) => return Ok(Vec::new()),
            kind => return Err(not_readable(kind)),
        }
        let file = self.open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY).map_err(file_error)?;
        let mut content = Vec::with_capacity((stat.st_size as u64).min(MAX_FILE) as usize);
        std::fs::File::from(file)
            .take(MAX_FILE + 1)
            .read_to_end(&mut content)
            .map_err(|error| Errno::from_io_error(&error).map_or(FileError::Other(error.to_string()), file_error))?;
        if content.len() as u64 > MAX_FILE { Err(FileError::TooLarge(MAX_FILE)) } else { Ok(content) }
    }

    pub(crate) fn list(&self, path: &[u8]) -> FileResult<Vec<Entry>> {
        check_path(path)?;
        let directory = self.open(path, OFlags::RDONLY | OFlags::DIRECTORY).map_err(file_error)?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&directory).map_err(file_error)? {
            let entry = entry.map_err(file_error)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Not every file system tells types with names.
                FileType::Unknown => {
                    rustix::fs::statat(&directory, entry.file_name(), rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
                        .map_or(FileKind::Unknown, |stat| kind_of(FileType::from_raw_mode(stat.st_mode)))
                }
                known => kind_of(known),
            };
            entries.push(Entry { name: name.to_vec(), kind });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn open(&self, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::CLOEXEC;
        let path = OsStr::from_bytes(path);
        match self {
            Self::Machine => rustix::fs::openat(CWD, path, flags, Mode::empty()),
            Self::Below(root) => open_below(root, path, flags),
        }
    }
}

/// The kernel answers EAGAIN when something on the way was renamed meanwhile; it says to try again.
fn open_below(root: &OwnedFd, path: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let mut result = Err(Errno::AGAIN);
    for _ in 0..16 {
        result = rustix::fs::openat2(root, path, flags, Mode::empty(), resolve);
        if !matches!(result, Err(Errno::AGAIN)) {
            break;
        }
    }
    result
}

fn selinux_label(file: &OwnedFd) -> Option<String> {
    let path = format!("/proc/self/fd/{}", file.as_fd().as_raw_fd());
    let mut label = [0_u8; 512];
    let length = rustix::fs::getxattr(path, "security.selinux", &mut label).ok()?;
    let label = label[..length].strip_suffix(&[0]).unwrap_or(&label[..length]);
    String::from_utf8(label.to_vec()).ok().filter(|label| !label.is_empty())
}

fn is_null_device(device: u64) -> bool {
    (rustix::fs::major(device), rustix::fs::minor(device)) == (1, 3)
}

fn kind_of(kind: FileType) -> FileKind {
    match kind {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Directory,
        FileType::Symlink => FileKind::Symlink,
        FileType::BlockDevice => FileKind::BlockDevice,
        FileType::CharacterDevice => FileKind::CharacterDevice,
        FileType::Fifo => FileKind::Pipe,
        FileType::Socket => FileKind::Socket,
        FileType::Unknown => FileKind::Unknown,
    }
}

/// Why something that is neither file nor directory is not read: it may never end or may change by being read.
pub(crate) fn not_readable(kind: FileKind) -> FileError {
    let what = match kind {
        FileKind::BlockDevice => "is a block device, not a regular file",
        FileKind::CharacterDevice => "is a character device, not a regular file",
        FileKind::Pipe => "is a named pipe, not a regular file",
        FileKind::Socket => "is a socket, not a regular file",
        _ => "is not a regular file",
    };
    FileError::Other(what.into())
}

fn file_error(errno: Errno) -> FileError {
    match errno {
        Errno::NOENT => FileError::NotFound,
        Errno::NOTDIR => FileError::NotADirectory,
        Errno::ISDIR => FileError::IsADirectory,
        Errno::ACCESS | Errno::PERM => FileError::PermissionDenied,
        Errno::LOOP => FileError::Loop,
        other => FileError::Other(std::io::Error::from(other).to_string()),
    }
}
