//! How a path leads through directories and links to what it names, as Linux does it, in trees that no kernel holds.

use crate::request::check_path;
use crate::{FileError, FileResult};

/// How many links a path may lead through, as in Linux.
const MAX_LINKS: usize = 40;

/// A tree of names. No link and no `..` leads out of it.
pub(crate) trait Names {
    /// One place of the tree.
    type Node: Copy;

    fn root(&self) -> Self::Node;

    /// Whether names can be looked up in the node.
    fn enter(&self, node: Self::Node) -> FileResult<()>;

    /// What a directory has under `name`.
    fn child(&self, directory: Self::Node, name: &[u8]) -> Option<Self::Node>;

    /// Where a symbolic link points; `None` where the node is none.
    fn link(&self, node: Self::Node) -> Option<&[u8]>;

    fn is_directory(&self, node: Self::Node) -> bool;
}

/// The names of which a path consists; `.` and empty ones say nothing.
pub(crate) fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".")
}

/// What is at the absolute `path`, links on the way followed, and the last one too where `follow` says so.
pub(crate) fn resolve<N: Names>(names: &N, path: &[u8], follow: bool) -> FileResult<N::Node> {
    check_path(path)?;
    let mut links = 0;
    let mut here = names.root();
    let mut above = Vec::new();
    let mut rest: Vec<Vec<u8>> = parts(path).rev().map(<[u8]>::to_vec).collect();
    let ends_in_slash = path.ends_with(b"/");
    while let Some(part) = rest.pop() {
        names.enter(here)?;
        if part == b".." {
            here = above.pop().unwrap_or(here);
            continue;
        }
        let next = names.child(here, &part).ok_or(FileError::NotFound)?;
        match names.link(next) {
            Some(to) if follow || ends_in_slash || !rest.is_empty() => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(FileError::Loop);
                }
                if to.starts_with(b"/") {
                    here = above.first().copied().unwrap_or(here);
                    above.clear();
                }
                rest.extend(parts(to).rev().map(<[u8]>::to_vec));
            }
            _ => above.push(std::mem::replace(&mut here, next)),
        }
    }
    if ends_in_slash && !names.is_directory(here) {
        return Err(FileError::NotADirectory);
    }
    Ok(here)
}
