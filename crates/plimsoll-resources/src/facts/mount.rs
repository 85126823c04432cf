//! What is mounted: `/proc/mounts`.

use std::rc::Rc;

use plimsoll_ruby::Res;
use plimsoll_target::{FileError, FileResult};

use crate::backend::Backend;
use crate::text;

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    pub device: Vec<u8>,
    pub point: Vec<u8>,
    pub kind: Vec<u8>,
    pub options: Vec<u8>,
}

impl Mount {
    /// The line that `mount` prints.
    pub(crate) fn line(&self) -> Vec<u8> {
        [&self.device[..], b" on ", &self.point, b" type ", &self.kind, b" (", &self.options, b")"].concat()
    }
}

/// All mounts in the order they were made; `NotFound` where there is no `/proc`.
pub(crate) struct Mounts(pub FileResult<Vec<Mount>>);

impl Mounts {
    /// Read once per audit.
    pub(crate) fn of(backend: &Backend) -> Res<Rc<Self>> {
        backend.fact(|backend| {
            for path in ["/proc/mounts", "/proc/self/mounts", "/etc/mtab"] {
                match backend.read(path.as_bytes())? {
                    Err(FileError::NotFound | FileError::NotADirectory) => {}
                    other => return Ok(Self(other.map(|content| parse(&content)))),
                }
            }
            Ok(Self(Err(FileError::NotFound)))
        })
    }
}

fn parse(content: &[u8]) -> Vec<Mount> {
    let parse = |line: &[u8]| {
        let fields: Vec<&[u8]> = text::words(line);
        let field = |at: usize| fields.get(at).map(|field| unescape(field));
        Some(Mount { device: field(0)?, point: field(1)?, kind: field(2)?, options: field(3)? })
    };
    text::lines(content).into_iter().filter_map(parse).collect()
}

/// Blanks, tabs, newlines and backslashes are written as `\040` and so on.
pub(crate) fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut at = 0;
    while at < field.len() {
        let octal = field.get(at + 1..at + 4).filter(|_| field[at] == b'\\');
        let code = octal.and_then(|octal| u8::from_str_radix(std::str::from_utf8(octal).ok()?, 8).ok());
        match code {
            Some(code) => {
                plain.push(code);
                at += 4;
            }
            None => {
                plain.push(field[at]);
                at += 1;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_mounts() {
        let mounts = parse(b"overlay / overlay rw,relatime 0 0\ntmpfs /a\\040b tmpfs ro 0 0\nbad\n");
        assert_eq!(mounts.len(), 2);
        assert_eq!(mounts[0].line(), b"overlay on / type overlay (rw,relatime)");
        assert_eq!(mounts[1].point, b"/a b");
    }
}
