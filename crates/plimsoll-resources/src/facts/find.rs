//! Finding files, as the shell expands patterns and `find` walks directories; names are sorted.

use plimsoll_ruby::{Interp, Res};
use plimsoll_target::{Entry, FileError, FileKind, Stat};

use crate::backend::Backend;
use crate::doubt;
use crate::text;

/// What is looked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted {
    /// Only this type; a link is a link, whatever it leads to.
    pub kind: Option<FileKind>,
    /// How far below the starting points: 1 is what a directory holds.
    pub depth: Option<usize>,
}

/// The paths below what `pattern` names; nothing when a starting point does not exist. A directory that can't be listed fails
/// the resource: nobody knows what it holds.
pub(crate) fn find(vm: &Interp, pattern: &[u8], wanted: Wanted) -> Res<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for start in expand(vm, pattern)? {
        let Some(stat) = told(vm, &start, Backend::of(vm).stat(&start, false)?)? else { return Ok(Vec::new()) };
        walk(vm, start, &stat, 0, wanted, &mut found)?;
    }
    Ok(found)
}

/// What a question about a path says; `None` where nothing is there.
fn told<T>(vm: &Interp, path: &[u8], result: Result<T, FileError>) -> Res<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => Ok(None),
        Err(error) => Err(doubt::unanswered(vm, &format!("Can't look for files in {}: {error}", text::lossy(path)))),
    }
}

/// What a directory holds: nothing where there is none.
pub(crate) fn entries(vm: &Interp, directory: &[u8]) -> Res<Vec<Entry>> {
    Ok(told(vm, directory, Backend::of(vm).list(directory)?)?.unwrap_or_default())
}

fn walk(vm: &Interp, path: Vec<u8>, stat: &Stat, depth: usize, wanted: Wanted, found: &mut Vec<Vec<u8>>) -> Res<()> {
    if wanted.kind.is_none_or(|kind| kind == stat.kind) {
        found.push(path.clone());
    }
    if stat.kind != FileKind::Directory || wanted.depth == Some(depth) {
        return Ok(());
    }
    for entry in entries(vm, &path)? {
        let below = join(&path, &entry.name);
        if let Some(stat) = told(vm, &below, Backend::of(vm).stat(&below, false)?)? {
            walk(vm, below, &stat, depth + 1, wanted, found)?;
        }
    }
    Ok(())
}

/// `DIRECTORY/NAME`
pub(crate) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if directory.ends_with(b"/") { b"" } else { b"/" };
    [directory, slash, name].concat()
}

/// The paths that a pattern stands for; one that matches nothing stands for itself, as in a shell.
fn expand(vm: &Interp, pattern: &[u8]) -> Res<Vec<Vec<u8>>> {
    if !pattern.iter().any(|b| matches!(b, b'*' | b'?' | b'[')) {
        return Ok(vec![pattern.to_vec()]);
    }
    let mut paths: Vec<Vec<u8>> = vec![Vec::new()];
    for part in pattern.split(|b| *b == b'/').skip_while(|part| part.is_empty()) {
        let mut next = Vec::new();
        for path in paths {
            if part.is_empty() || !part.iter().any(|b| matches!(b, b'*' | b'?' | b'[')) {
                next.push(join(&path, part));
                continue;
            }
            let directory: &[u8] = if path.is_empty() { b"/" } else { &path };
            for entry in entries(vm, directory)? {
                let hidden = entry.name.starts_with(b".") && !part.starts_with(b".");
                if !hidden && matches(part, &entry.name) {
                    next.push(join(&path, &entry.name));
                }
            }
        }
        paths = next;
    }
    let mut existing = Vec::new();
    for path in paths {
        if told(vm, &path, Backend::of(vm).stat(&path, false)?)?.is_some() {
            existing.push(path);
        }
    }
    Ok(if existing.is_empty() { vec![pattern.to_vec()] } else { existing })
}

/// Whether a name fits a pattern of `*`, `?` and `[…]`.
pub(crate) fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|at| matches(rest, &name[at..])),
        (Some((b'?', rest)), Some((_, name))) => matches(rest, name),
        (Some((b'[', rest)), Some((byte, name))) => match rest.iter().skip(1).position(|b| *b == b']') {
            Some(end) => in_set(&rest[..=end], *byte) && matches(&rest[end + 2..], name),
            None => *byte == b'[' && matches(rest, name),
        },
        (Some((wanted, rest)), Some((byte, name))) => wanted == byte && matches(rest, name),
        _ => false,
    }
}

fn in_set(set: &[u8], byte: u8) -> bool {
    let (negated, set) = match set.split_first() {
        Some((b'!' | b'^', rest)) => (true, rest),
        _ => (false, set),
    };
    let mut at = 0;
    let mut found = false;
    while at < set.len() {
        if set.get(at + 1) == Some(&b'-') && at + 2 < set.len() {
            found |= (set[at]..=set[at + 2]).contains(&byte);
            at += 3;
        } else {
            found |= set[at] == byte;
            at += 1;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn target() -> MemoryTarget {
        MemoryTarget::new()
            .file("/etc/a/b.conf", "")
            .file("/etc/a/c.conf", "")
            .file("/etc/a/.hidden.conf", "")
            .file("/etc/a/d/e.conf", "")
            .link("/etc/a/link.conf", "b.conf")
    }

    fn found(pattern: &str, wanted: Wanted) -> Vec<String> {
        let audit = Audit::of(target());
        find(&audit.vm, pattern.as_bytes(), wanted).unwrap().iter().map(|path| text::lossy(path)).collect()
    }

    #[test]
    fn a_directory_that_may_not_be_listed_is_not_empty() {
        let audit = Audit::of(target().denied("/etc/a/d"));
        for pattern in ["/etc/a", "/etc/a/d/*.conf", "/etc/a/d"] {
            let error = find(&audit.vm, pattern.as_bytes(), Wanted::default()).unwrap_err();
            let told = "Inspec::Exceptions::Unanswered: Can't look for files in /etc/a/d: permission denied";
            assert_eq!(audit.message(&error), told);
        }
        assert_eq!(find(&audit.vm, b"/etc/a/*.conf", Wanted::default()).unwrap().len(), 3);
    }

    #[test]
    fn patterns_are_expanded() {
        assert_eq!(found("/etc/a/*.conf", Wanted::default()), ["/etc/a/b.conf", "/etc/a/c.conf", "/etc/a/link.conf"]);
        assert_eq!(found("/etc/*/[b-c].conf", Wanted::default()), ["/etc/a/b.conf", "/etc/a/c.conf"]);
        assert_eq!(found("/etc/a/[!b].conf", Wanted::default()), ["/etc/a/c.conf"]);
        assert!(found("/etc/none/*.conf", Wanted::default()).is_empty());
        assert!(found("/etc/none", Wanted::default()).is_empty());
    }

    #[test]
    fn directories_are_walked() {
        let files = Wanted { kind: Some(FileKind::File), depth: None };
        assert_eq!(
            found("/etc/a", files),
            ["/etc/a/.hidden.conf", "/etc/a/b.conf", "/etc/a/c.conf", "/etc/a/d/e.conf"]
        );
        let near = Wanted { depth: Some(1), ..files };
        assert_eq!(found("/etc/a/", near), ["/etc/a/.hidden.conf", "/etc/a/b.conf", "/etc/a/c.conf"]);
        let links = Wanted { kind: Some(FileKind::Symlink), depth: Some(1) };
        assert_eq!(found("/etc/a", links), ["/etc/a/link.conf"]);
    }
}
