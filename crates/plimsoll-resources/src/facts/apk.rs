//! The database of apk, Alpine's and Wolfi's package manager.

use std::rc::Rc;

use memchr::{memchr, memmem, memrchr};
use plimsoll_ruby::Res;
use plimsoll_target::{FileError, FileResult};

use crate::backend::Backend;
use crate::text;

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Package {
    pub name: Vec<u8>,
    /// With its release: `1.36.1-r15`.
    pub version: Vec<u8>,
    pub arch: Vec<u8>,
    pub description: Vec<u8>,
    /// The package it was built from.
    pub origin: Vec<u8>,
}

impl Package {
    /// The line of `apk info -vv`.
    fn line(&self) -> Vec<u8> {
        [&self.name[..], b"-", &self.version, b" - ", &self.description].concat()
    }
}

/// All installed packages.
pub(crate) struct Apk {
    /// Why they can't be told, if they can't; `NotFound` when there is no database.
    pub packages: FileResult<Vec<Package>>,
    /// What `apk info -vv` prints.
    listing: Vec<u8>,
}

impl Apk {
    /// Where the database is, for messages.
    pub(crate) const PATH: &str = "/lib/apk/db/installed";

    /// Read once per audit.
    pub(crate) fn of(backend: &Backend) -> Res<Rc<Self>> {
        backend.fact(|backend| {
            let mut content = backend.read(Self::PATH.as_bytes())?;
            if content == Err(FileError::NotFound) {
                content = backend.read(b"/usr/lib/apk/db/installed")?;
            }
            Ok(Self::new(content.map(|content| parse(&content))))
        })
    }

    fn new(packages: FileResult<Vec<Package>>) -> Self {
        let mut lines: Vec<Vec<u8>> = packages.as_deref().unwrap_or_default().iter().map(Package::line).collect();
        lines.sort();
        Self { packages, listing: lines.join(&b'\n') }
    }

    /// The first line of `apk info -vv` that a text is in.
    pub(crate) fn line_with(&self, text: &[u8]) -> Result<Option<&[u8]>, &FileError> {
        self.packages.as_ref()?;
        let Some(at) = memmem::find(&self.listing, text) else { return Ok(None) };
        let start = memrchr(b'\n', &self.listing[..at]).map_or(0, |newline| newline + 1);
        let end = memchr(b'\n', &self.listing[at..]).map_or(self.listing.len(), |newline| at + newline);
        Ok(Some(&self.listing[start..end]))
    }
}

fn parse(content: &[u8]) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut package = Package::default();
    for line in content.split(|b| *b == b'\n').chain([b"".as_slice()]) {
        match line {
            [] if !package.name.is_empty() => packages.push(std::mem::take(&mut package)),
            [b'P', b':', value @ ..] => package.name = value.to_vec(),
            [b'V', b':', value @ ..] => package.version = value.to_vec(),
            [b'A', b':', value @ ..] => package.arch = value.to_vec(),
            [b'T', b':', value @ ..] => package.description = text::strip(value).to_vec(),
            [b'o', b':', value @ ..] => package.origin = value.to_vec(),
            _ => {}
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_target::MemoryTarget;

    use super::*;

    const TEXT: &str = "C:Q1x\nP:musl\nV:1.2.4-r2\nA:x86_64\nT:the musl c library\no:musl\n\nP:busybox\nV:1.36.1-r15\n";

    #[test]
    fn reads_the_database() {
        for path in [Apk::PATH, "/usr/lib/apk/db/installed"] {
            let target = MemoryTarget::new().file(path, TEXT);
            let apk = Apk::of(&Backend::new(Arc::new(target))).unwrap();
            let known = apk.packages.as_ref().unwrap();
            assert_eq!(known.len(), 2);
            assert_eq!(known[0].line(), b"musl-1.2.4-r2 - the musl c library");
        }
        let none = Apk::of(&Backend::new(Arc::new(MemoryTarget::new()))).unwrap();
        assert_eq!(none.packages, Err(FileError::NotFound));
    }
}
