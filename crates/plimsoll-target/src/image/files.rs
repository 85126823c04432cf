//! The file system that layers make together.

use std::collections::BTreeMap;

use super::layer::{Change, Content, What};
use crate::resolve::{Names, resolve};
use crate::{Entry, FileError, FileKind, FileResult, Stat};

/// The root directory's number.
const ROOT: usize = 0;

/// Files by number; a file with several hard links is in several directories.
pub(super) struct Files {
    nodes: Vec<Node>,
}

pub(super) struct Node {
    pub(super) is: Is,
    mode: u32,
    uid: u32,
    gid: u32,
    mtime: i64,
}

pub(super) enum Is {
    Directory(BTreeMap<Vec<u8>, usize>),
    /// Its content, the number of the layer that has it, and its size in bytes.
    File(Content, usize, u64),
    Symlink(Vec<u8>),
    Special(FileKind),
}

impl Node {
    fn directory() -> Self {
        Self { is: Is::Directory(BTreeMap::new()), mode: 0o755, uid: 0, gid: 0, mtime: 0 }
    }

    pub(super) fn kind(&self) -> FileKind {
        match self.is {
            Is::Directory(_) => FileKind::Directory,
            Is::File(..) => FileKind::File,
            Is::Symlink(_) => FileKind::Symlink,
            Is::Special(kind) => kind,
        }
    }

    pub(super) fn stat(&self) -> Stat {
        let (size, link) = match &self.is {
            Is::File(_, _, size) => (*size, None),
            Is::Symlink(to) => (to.len() as u64, Some(to.clone())),
            Is::Directory(_) | Is::Special(_) => (0, None),
        };
        let Self { mode, uid, gid, mtime, .. } = *self;
        Stat { kind: self.kind(), mode, uid, gid, size, mtime, link, selinux: None }
    }
}

impl Files {
    /// An empty root directory.
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::directory()] }
    }

    /// Puts layer number `layer` on top. An error names the path that has no place.
    pub(super) fn apply(&mut self, layer: usize, changes: Vec<Change>) -> Result<(), String> {
        // What a layer takes away is what is below it, wherever in the layer it says so.
        let (removals, additions): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| matches!(change.what, What::Whiteout | What::Opaque));
        for removal in removals {
            self.remove(&removal);
        }
        for addition in additions {
            let path = display(&addition.path);
            self.add(layer, addition).map_err(|reason| format!("{path}: {reason}"))?;
        }
        Ok(())
    }

    /// Takes away what is there; nothing need be.
    fn remove(&mut self, change: &Change) {
        let (directory, name) = match change.path.split_last() {
            _ if matches!(change.what, What::Opaque) => (change.path.as_slice(), None),
            Some((name, parents)) => (parents, Some(name)),
            None => return,
        };
        let Ok(node) = resolve(&*self, &joined(directory), true) else { return };
        let Is::Directory(entries) = &mut self.nodes[node].is else { return };
        match name {
            Some(name) => drop(entries.remove(name)),
            None => entries.clear(),
        }
    }

    fn add(&mut self, layer: usize, change: Change) -> Result<(), String> {
        let Change { path, what, mode, uid, gid, mtime } = change;
        let Some((name, parents)) = path.split_last() else {
            let root = &mut self.nodes[ROOT];
            (root.mode, root.uid, root.gid, root.mtime) = (mode, uid, gid, mtime);
            return Ok(());
        };
        let parent = self.directory(parents)?;
        let is = match what {
            What::HardLink(to) => {
                let linked = self.linked(&to)?;
                self.put(parent, name, linked);
                return Ok(());
            }
            What::Directory => match self.child(parent, name).map(|node| (node, self.is_directory(node))) {
                Some((node, true)) => {
                    let node = &mut self.nodes[node];
                    (node.mode, node.uid, node.gid, node.mtime) = (mode, uid, gid, mtime);
                    return Ok(());
                }
                _ => Is::Directory(BTreeMap::new()),
            },
            What::File { content, size } => Is::File(content, layer, size),
            What::Symlink(to) => Is::Symlink(to),
            What::Special(kind) => Is::Special(kind),
            What::Whiteout | What::Opaque => return Err("it is nothing that can be added".into()),
        };
        let node = self.insert(Node { is, mode, uid, gid, mtime });
        self.put(parent, name, node);
        Ok(())
    }

    /// The directory at this path, made with its parents where there is none.
    fn directory(&mut self, path: &[Vec<u8>]) -> Result<usize, String> {
        let mut here = ROOT;
        for (index, name) in path.iter().enumerate() {
            here = match self.child(here, name) {
                Some(next) if self.is_directory(next) => next,
                Some(_) => {
                    let so_far = &path[..=index];
                    let found = resolve(&*self, &joined(so_far), true).and_then(|node| self.enter(node).map(|()| node));
                    found.map_err(|error| format!("{} on the way to it: {error}", display(so_far)))?
                }
                None => {
                    let made = self.insert(Node::directory());
                    self.put(here, name, made);
                    made
                }
            };
        }
        Ok(here)
    }

    /// The file that a hard link names.
    fn linked(&self, path: &[Vec<u8>]) -> Result<usize, String> {
        let found = resolve(self, &joined(path), false)
            .and_then(|node| if self.is_directory(node) { Err(FileError::IsADirectory) } else { Ok(node) });
        found.map_err(|error| format!("it is a hard link to {}: {error}", display(path)))
    }

    fn insert(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn put(&mut self, directory: usize, name: &[u8], node: usize) {
        if let Is::Directory(entries) = &mut self.nodes[directory].is {
            entries.insert(name.to_vec(), node);
        }
    }

    /// What is at `path`, the last link followed where `follow` says so.
    pub(super) fn find(&self, path: &[u8], follow: bool) -> FileResult<&Node> {
        resolve(self, path, follow).map(|node| &self.nodes[node])
    }

    pub(super) fn list(&self, path: &[u8]) -> FileResult<Vec<Entry>> {
        match &self.find(path, true)?.is {
            Is::Directory(entries) => Ok(entries
                .iter()
                .map(|(name, node)| Entry { name: name.clone(), kind: self.nodes[*node].kind() })
                .collect()),
            _ => Err(FileError::NotADirectory),
        }
    }
}

impl Names for Files {
    type Node = usize;

    fn root(&self) -> usize {
        ROOT
    }

    fn enter(&self, node: usize) -> FileResult<()> {
        if self.is_directory(node) { Ok(()) } else { Err(FileError::NotADirectory) }
    }

    fn child(&self, directory: usize, name: &[u8]) -> Option<usize> {
        match &self.nodes[directory].is {
            Is::Directory(entries) => entries.get(name).copied(),
            _ => None,
        }
    }

    fn link(&self, node: usize) -> Option<&[u8]> {
        match &self.nodes[node].is {
            Is::Symlink(to) => Some(to),
            _ => None,
        }
    }

    fn is_directory(&self, node: usize) -> bool {
        matches!(self.nodes[node].is, Is::Directory(_))
    }
}

fn joined(path: &[Vec<u8>]) -> Vec<u8> {
    [b"/", path.join(&b'/').as_slice()].concat()
}

fn display(path: &[Vec<u8>]) -> String {
    String::from_utf8_lossy(&joined(path)).into_owned()
}
