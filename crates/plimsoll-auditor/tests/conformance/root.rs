//! The targets of the cases: the files of an archive with their owners and modes, and a table of commands.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use plimsoll_target::{FileKind, MemoryTarget};
use serde::Deserialize;
use tar::{Archive, EntryType};

/// What the cases are held against.
pub(crate) type Root = MemoryTarget;

/// The files of an archive.
pub(crate) fn read(archive: &Path) -> Root {
    let bytes = std::fs::read(archive).expect("the root is there");
    let mut archive = Archive::new(GzDecoder::new(bytes.as_slice()));
    let mut target = MemoryTarget::new();
    for entry in archive.entries().expect("the root is a tar archive") {
        let mut entry = entry.expect("the root is whole");
        let header = entry.header().clone();
        let path = entry.path_bytes().into_owned();
        let path = [b"/", path.strip_prefix(b"./").unwrap_or(&path)].concat();
        let path = path.strip_suffix(b"/").unwrap_or(&path).to_vec();
        let mode = header.mode().expect("entries have modes") & 0o7777;
        let owner = |id: std::io::Result<u64>| u32::try_from(id.expect("entries have owners")).expect("ids fit");
        let (uid, gid) = (owner(header.uid()), owner(header.gid()));
        let mtime = i64::try_from(header.mtime().expect("entries have times")).expect("times fit");
        target = match header.entry_type() {
            EntryType::Directory => target.dir_with(&path, mode, uid, gid),
            EntryType::Fifo => target.special(&path, FileKind::Pipe),
            EntryType::Symlink => target.link(&path, entry.link_name_bytes().expect("links lead somewhere")),
            _ => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).expect("the root is whole");
                target.file_with(&path, content, mode, uid, gid)
            }
        }
        .mtime(&path, mtime);
    }
    target
}

/// Adds the files below a folder, which stands for the root directory: root's, mode 0644.
pub(crate) fn with_files(root: Root, folder: &Path) -> Root {
    let Ok(entries) = std::fs::read_dir(folder) else { return root };
    let mut waiting: Vec<_> = entries.collect();
    let mut root = root;
    while let Some(entry) = waiting.pop() {
        let path = entry.expect("the files can be listed").path();
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).expect("the files can be listed"));
            continue;
        }
        let inside = path.strip_prefix(folder).expect("it stands below the folder");
        let content = std::fs::read(&path).expect("the files can be read");
        root = root.file(format!("/{}", inside.display()), content);
    }
    root
}

/// Adds the commands that a folder has.
pub(crate) fn with_commands(root: Root, folder: &Path) -> Root {
    commands(folder).into_iter().fold(root, |root, command| command.record(root))
}

/// One command of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    cmd: String,
    #[serde(default)]
    stdout: String,
    /// Standard output that is not UTF-8, as hexadecimal digits.
    #[serde(default)]
    stdout_hex: String,
    #[serde(default)]
    stderr: String,
    #[serde(default)]
    exit_status: i32,
}

impl Recorded {
    fn record(self, target: Root) -> Root {
        let digits = self.stdout_hex.as_bytes().chunks(2);
        let hex =
            digits.map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).expect("digits are hexadecimal"));
        let stdout: Vec<u8> = self.stdout.bytes().chain(hex).collect();
        target.command(self.cmd, stdout, self.stderr, self.exit_status)
    }
}

fn commands(folder: &Path) -> Vec<Recorded> {
    // A case without commands needs the files alone.
    let Ok(text) = std::fs::read(folder.join("commands.json")) else { return Vec::new() };
    serde_json::from_slice(&text).expect("the commands are a table")
}
