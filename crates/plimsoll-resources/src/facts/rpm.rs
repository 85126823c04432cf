//! The database of rpm.

use std::rc::Rc;

use plimsoll_ruby::{Interp, Res};
use plimsoll_target::FileError;

use crate::backend::Backend;
use crate::base;
use crate::text;

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Package {
    pub name: Vec<u8>,
    pub version: Vec<u8>,
    pub release: Vec<u8>,
    pub arch: Vec<u8>,
}

impl Package {
    /// Whether `rpm -q` finds it by this name: NAME, NAME-VERSION, NAME-VERSION-RELEASE, each with .ARCH or not.
    pub(crate) fn is(&self, wanted: &[u8]) -> bool {
        let suffix = [b".".as_slice(), &self.arch].concat();
        let plain = wanted.strip_suffix(suffix.as_slice()).unwrap_or(wanted);
        let full = [&self.name[..], b"-", &self.version, b"-", &self.release].concat();
        let versioned = &full[..self.name.len() + 1 + self.version.len()];
        [self.name.as_slice(), versioned, &full].iter().any(|name| *name == wanted || *name == plain)
    }
}

/// Where the databases of the distributions are.
const DIRECTORIES: [&str; 2] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm"];
/// The files of the kinds of database.
const FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];

/// All installed packages.
pub(crate) struct Rpm;

struct Installed(Rc<Vec<Package>>);

impl Rpm {
    /// Whether the target has a database.
    pub(crate) fn is_there(backend: &Backend) -> Res<bool> {
        for directory in DIRECTORIES {
            for file in FILES {
                if backend.stat(format!("{directory}/{file}").as_bytes(), true)?.is_ok() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The packages of a database (the usual one, where none is given), in its order.
    pub(crate) fn at(vm: &Interp, directory: Option<&[u8]>) -> Res<Rc<Vec<Package>>> {
        let backend = Backend::of(vm);
        match directory {
            Some(directory) => Ok(Rc::new(query(vm, Some(directory))?)),
            None => Ok(Rc::clone(&backend.fact(|_| Ok(Installed(Rc::new(query(vm, None)?))))?.0)),
        }
    }
}

/// Asks rpm for everything at once.
fn query(vm: &Interp, directory: Option<&[u8]>) -> Res<Vec<Package>> {
    let mut line = b"rpm -qa --queryformat '%{NAME}  %{VERSION}-%{RELEASE}  %{ARCH}\\n'".to_vec();
    if let Some(directory) = directory {
        line.extend_from_slice(b" --dbpath ");
        line.extend_from_slice(&text::shell_escape(directory));
    }
    let output = match Backend::of(vm).run(&line)? {
        Ok(output) => output,
        Err(error) => return Err(base::failed(vm, &format!("Can't ask rpm for packages: {error}"))),
    };
    if output.exit_status != 0 {
        let error = text::lossy(text::strip(&output.stderr));
        let error = if error.is_empty() { FileError::NotFound.to_string() } else { error };
        return Err(base::failed(vm, &format!("Can't ask rpm for packages: {error}")));
    }
    Ok(text::lines(&output.stdout).into_iter().filter_map(parse).collect())
}

/// A line of the query.
fn parse(line: &[u8]) -> Option<Package> {
    let fields: Vec<&[u8]> = text::words(line);
    let dash = fields.get(1)?.iter().rposition(|b| *b == b'-')?;
    Some(Package {
        name: fields[0].to_vec(),
        version: fields[1][..dash].to_vec(),
        release: fields[1][dash + 1..].to_vec(),
        arch: fields.get(2).map_or_else(Vec::new, |arch| arch.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_rpm_finds_them() {
        let package = parse(b"openssl-libs  3.0.7-24.el9  x86_64").unwrap();
        for name in ["openssl-libs", "openssl-libs.x86_64", "openssl-libs-3.0.7", "openssl-libs-3.0.7-24.el9.x86_64"] {
            assert!(package.is(name.as_bytes()), "{name}");
        }
        assert!(!package.is(b"openssl"));
    }
}
