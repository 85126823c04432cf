//! The database of dpkg: `/var/lib/dpkg/status`, and `status.d` in distroless images.

use std::collections::HashMap;
use std::rc::Rc;

use plimsoll_ruby::Res;
use plimsoll_target::{Answer, FileError, FileResult, Request};

use crate::backend::Backend;
use crate::text;

const STATUS: &str = "/var/lib/dpkg/status";
const STATUS_D: &str = "/var/lib/dpkg/status.d";

/// A package that dpkg knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Package {
    pub name: Vec<u8>,
    pub version: Vec<u8>,
    pub arch: Vec<u8>,
    /// What is wanted: `install`, `hold`, `deinstall`, `purge`, `unknown`.
    pub want: Vec<u8>,
    /// Whether something is wrong: `ok`, `reinstreq`.
    pub flag: Vec<u8>,
    /// How far it is: `installed`, `config-files`, `half-configured` …
    pub state: Vec<u8>,
}

impl Package {
    /// The three letters of `dpkg-query`'s `${db:Status-Abbrev}`, the last one a space when all is well.
    pub(crate) fn abbreviation(&self) -> [u8; 3] {
        let want = match &self.want[..] {
            b"install" => b'i',
            b"hold" => b'h',
            b"deinstall" => b'r',
            b"purge" => b'p',
            _ => b'u',
        };
        let state = match &self.state[..] {
            b"installed" => b'i',
            b"config-files" => b'c',
            b"half-installed" => b'H',
            b"unpacked" => b'U',
            b"half-configured" => b'F',
            b"triggers-awaited" => b'W',
            b"triggers-pending" => b't',
            _ => b'n',
        };
        let flag = if self.flag == b"reinstreq" { b'R' } else { b' ' };
        [want, state, flag]
    }

    fn is_known(&self) -> bool {
        !self.name.is_empty() && self.state != b"not-installed"
    }
}

/// All packages that dpkg knows.
pub(crate) struct Dpkg {
    /// Why they can't be told, if they can't; `NotFound` when there is no database.
    pub packages: FileResult<Vec<Package>>,
    by_name: HashMap<Vec<u8>, Vec<usize>>,
}

impl Dpkg {
    /// Where the database is, for messages.
    pub(crate) const PATH: &str = STATUS;

    /// Read once per audit.
    pub(crate) fn of(backend: &Backend) -> Res<Rc<Self>> {
        backend.fact(|backend| Ok(Self::new(read(backend)?)))
    }

    fn new(packages: FileResult<Vec<Package>>) -> Self {
        let mut by_name: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (at, package) in packages.as_deref().unwrap_or_default().iter().enumerate() {
            by_name.entry(package.name.clone()).or_default().push(at);
        }
        Self { packages, by_name }
    }

    /// The packages of a name, one for each architecture.
    pub(crate) fn named(&self, name: &[u8]) -> Result<impl Iterator<Item = &Package>, &FileError> {
        let packages = self.packages.as_deref()?;
        Ok(self.by_name.get(name).into_iter().flatten().map(|at| &packages[*at]))
    }
}

fn read(backend: &Backend) -> Res<FileResult<Vec<Package>>> {
    let status = backend.read(STATUS.as_bytes())?;
    let parts = match backend.list(STATUS_D.as_bytes())? {
        Ok(entries) => entries,
        Err(FileError::NotFound) => return Ok(status.map(|content| parse(&content))),
        Err(error) => return Ok(Err(error)),
    };
    let mut packages = match status {
        Ok(content) => parse(&content),
        Err(FileError::NotFound) => Vec::new(),
        Err(error) => return Ok(Err(error)),
    };
    // Beside each description there is a list of checksums.
    let names = parts.into_iter().map(|entry| entry.name).filter(|name| !name.ends_with(b".md5sums"));
    let path = |name: Vec<u8>| [STATUS_D.as_bytes(), b"/", &name].concat();
    let requests: Vec<Request> = names.map(|name| Request::Read { path: path(name) }).collect();
    for answer in backend.ask(&requests)? {
        match answer {
            Answer::Content(Ok(content)) => packages.extend(parse(&content)),
            Answer::Content(Err(error)) => return Ok(Err(error)),
            _ => {}
        }
    }
    Ok(Ok(packages))
}

/// The paragraphs of a status file. One without a status describes an installed package (distroless images).
fn parse(content: &[u8]) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut package = Package::default();
    let mut finish = |package: &mut Package| {
        let mut done = std::mem::take(package);
        if done.want.is_empty() && !done.name.is_empty() {
            (done.want, done.flag, done.state) = (b"install".to_vec(), b"ok".to_vec(), b"installed".to_vec());
        }
        if done.is_known() {
            packages.push(done);
        }
    };
    for line in content.split(|b| *b == b'\n') {
        if text::strip(line).is_empty() {
            finish(&mut package);
            continue;
        }
        let Some(at) = line.iter().position(|b| *b == b':').filter(|_| !text::is_space(&line[0])) else { continue };
        let value = text::strip(&line[at + 1..]);
        match &line[..at] {
            b"Package" => package.name = value.to_vec(),
            b"Version" => package.version = value.to_vec(),
            b"Architecture" => package.arch = value.to_vec(),
            b"Status" => {
                let words = text::words(value);
                let word = |at: usize| words.get(at).map_or_else(Vec::new, |word| word.to_vec());
                (package.want, package.flag, package.state) = (word(0), word(1), word(2));
                // A status that says nothing is one all the same.
                if package.want.is_empty() {
                    package.want = b"unknown".to_vec();
                }
            }
            _ => {}
        }
    }
    finish(&mut package);
    packages
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plimsoll_target::MemoryTarget;

    use super::*;

    fn packages(target: MemoryTarget) -> FileResult<Vec<Package>> {
        Dpkg::of(&Backend::new(Arc::new(target))).unwrap().packages.clone()
    }

    const TEXT: &str = "Package: bash\nStatus: install ok installed\nVersion: 5.2-1\nArchitecture: amd64\n\
        Description: a shell\n Status: never\n\nPackage: nis\nStatus: deinstall ok config-files\nVersion: 4\n\n\
        Package: gone\nStatus: unknown ok not-installed\n\nPackage: half\nStatus: install reinstreq half-installed\n";

    #[test]
    fn reads_the_status_file() {
        let known = packages(MemoryTarget::new().file(STATUS, TEXT)).unwrap();
        let names: Vec<_> = known.iter().map(|p| (text::lossy(&p.name), text::lossy(&p.abbreviation()))).collect();
        let named = |name: &str, letters: &str| (name.to_owned(), letters.to_owned());
        assert_eq!(names, [named("bash", "ii "), named("nis", "rc "), named("half", "iHR")]);
        assert_eq!(known[0].version, b"5.2-1");
    }

    #[test]
    fn reads_the_directory_of_distroless_images() {
        let target = MemoryTarget::new()
            .file("/var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n")
            .file("/var/lib/dpkg/status.d/base.md5sums", "Package: no\n");
        let known = packages(target).unwrap();
        assert_eq!((known.len(), &known[0].abbreviation()), (1, b"ii "));
    }

    #[test]
    fn tells_a_missing_database_from_an_unreadable_one() {
        assert_eq!(packages(MemoryTarget::new()), Err(FileError::NotFound));
        assert_eq!(packages(MemoryTarget::new().file(STATUS, "").denied(STATUS)), Err(FileError::PermissionDenied));
        assert_eq!(packages(MemoryTarget::new().file(STATUS, "")), Ok(vec![]));
    }
}
