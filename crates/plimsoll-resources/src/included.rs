//! Configuration files that name others to be read after them.

use std::collections::VecDeque;

use plimsoll_ruby::{Interp, Res};

use crate::content;

/// Reads a file and those that it includes, each once, in the order in which they are named. `visit` is given the directory of
/// a file and its text, and gives the paths of those it includes; texts it has taken are added to `all`.
pub(crate) fn read(
    vm: &Interp,
    path: &[u8],
    all: &mut Vec<u8>,
    visit: impl Fn(&[u8], &[u8]) -> Res<Vec<Vec<u8>>>,
) -> Res<()> {
    let mut known: Vec<Vec<u8>> = Vec::new();
    let mut waiting = VecDeque::from([path.to_vec()]);
    while let Some(path) = waiting.pop_front() {
        if known.contains(&path) {
            continue;
        }
        let text = content::read(vm, &path, false)?;
        let directory = path.iter().rposition(|b| *b == b'/').map_or(b".".as_slice(), |at| &path[..at.max(1)]);
        waiting.extend(visit(directory, &text)?);
        all.extend(text);
        known.push(path);
    }
    Ok(())
}
