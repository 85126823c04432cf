//! The database of rpm, read without rpm; rpm is asked where the database is of a kind that can't be read.

mod bdb;
mod bytes;
mod header;
mod label;
mod ndb;
mod sqlite;
#[cfg(test)]
mod tests;
mod wal;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use plimsoll_ruby::{Interp, Res};
use plimsoll_target::{Answer, FileError, FileKind, Request};

use crate::backend::Backend;
use crate::doubt;
use crate::text;
use bytes::Malformed;

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Package {
    pub name: Vec<u8>,
    pub epoch: Option<u32>,
    pub version: Vec<u8>,
    pub release: Vec<u8>,
    /// `(none)` for a package without one (a key).
    pub arch: Vec<u8>,
}

/// All installed packages, in the order that rpm lists them in.
pub(crate) struct Rpm {
    pub packages: Vec<Package>,
    by_name: HashMap<Vec<u8>, Vec<usize>>,
}

/// Where the databases of the distributions are: the usual place, the one of Fedora and SUSE, the one of OSTree.
const DIRECTORIES: [&str; 3] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"];

/// The kinds of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Ndb,
    Bdb,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Sqlite, Self::Ndb, Self::Bdb];

    fn file(self) -> &'static str {
        match self {
            Self::Sqlite => "rpmdb.sqlite",
            Self::Ndb => "Packages.db",
            Self::Bdb => "Packages",
        }
    }
}

/// A database that is there.
struct Place {
    kind: Kind,
    path: Vec<u8>,
}

/// The databases that were read in this audit, by their directories.
#[derive(Default)]
struct Known(RefCell<HashMap<Option<Vec<u8>>, Rc<Rpm>>>);

impl Rpm {
    /// Whether the target has a database.
    pub(crate) fn is_there(backend: &Backend) -> Res<bool> {
        Ok(place(backend, None)?.is_some())
    }

    /// The packages of a database (the usual one, where no directory is given); read once per audit.
    pub(crate) fn at(vm: &Interp, directory: Option<&[u8]>) -> Res<Rc<Self>> {
        let known = Backend::of(vm).fact(|_| Ok(Known::default()))?;
        let key = directory.map(<[u8]>::to_vec);
        if let Some(rpm) = known.0.borrow().get(&key) {
            return Ok(Rc::clone(rpm));
        }
        let rpm = Rc::new(Self::new(packages(vm, directory)?));
        known.0.borrow_mut().insert(key, Rc::clone(&rpm));
        Ok(rpm)
    }

    fn new(packages: Vec<Package>) -> Self {
        let mut by_name: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (at, package) in packages.iter().enumerate() {
            by_name.entry(package.name.clone()).or_default().push(at);
        }
        Self { packages, by_name }
    }

    fn named(&self, name: &[u8]) -> impl Iterator<Item = &Package> {
        self.by_name.get(name).into_iter().flatten().map(|at| &self.packages[*at])
    }
}

/// The first database of a directory, or of the usual ones.
fn place(backend: &Backend, directory: Option<&[u8]>) -> Res<Option<Place>> {
    let directories = match directory {
        Some(directory) => vec![directory],
        None => DIRECTORIES.map(str::as_bytes).to_vec(),
    };
    let path = |directory: &[u8], kind: Kind| [directory, b"/", kind.file().as_bytes()].concat();
    let places =
        directories.iter().flat_map(|directory| Kind::ALL.map(|kind| Place { kind, path: path(directory, kind) }));
    let places: Vec<Place> = places.collect();
    let requests: Vec<Request> =
        places.iter().map(|place| Request::Stat { path: place.path.clone(), follow: true }).collect();
    let answers = backend.ask(&requests)?;
    // One that may not be looked at is there: that it can't be read is said when it is read.
    let is_there = |answer: &Answer| match answer {
        Answer::Stat(Ok(stat)) => stat.kind == FileKind::File,
        Answer::Stat(Err(error)) => !matches!(error, FileError::NotFound | FileError::NotADirectory),
        _ => false,
    };
    Ok(places.into_iter().zip(answers).find(|(_, answer)| is_there(answer)).map(|(place, _)| place))
}

/// What the database says; rpm itself, where there is none in a known place or it can't be read.
fn packages(vm: &Interp, directory: Option<&[u8]>) -> Res<Vec<Package>> {
    let backend = Backend::of(vm);
    let problem = match place(&backend, directory)? {
        Some(place) => match read(&backend, &place)? {
            Ok(packages) => return Ok(packages),
            Err(problem) => problem,
        },
        None => "there is no package database where rpm keeps it".to_owned(),
    };
    match query(vm, directory)? {
        Ok(packages) => Ok(packages),
        Err(error) => {
            Err(doubt::unanswered(vm, &format!("Can't tell what is installed: {problem}; rpm was asked: {error}")))
        }
    }
}

/// The packages of a database, or why they can't be told.
fn read(backend: &Backend, place: &Place) -> Res<Result<Vec<Package>, String>> {
    let beside = |suffix: &str| Request::Read { path: [&place.path[..], suffix.as_bytes()].concat() };
    let mut requests = vec![beside("")];
    if place.kind == Kind::Sqlite {
        requests.extend([beside("-wal"), beside("-journal")]);
    }
    let mut files = Vec::new();
    for (answer, request) in backend.ask(&requests)?.into_iter().zip(&requests) {
        let Request::Read { path } = request else { continue };
        let Answer::Content(content) = answer else { continue };
        let is_main = *path == place.path;
        match content {
            Ok(content) => files.push(content),
            Err(FileError::NotFound) if !is_main => files.push(Vec::new()),
            Err(error) => return Ok(Err(format!("{} can't be read: {error}", text::lossy(path)))),
        }
    }
    let mut packages = Vec::new();
    let visit = |blob: &[u8]| {
        packages.push(header::parse(blob)?);
        Ok(())
    };
    let result = match place.kind {
        // A journal that is not empty belongs to a change that was not ended.
        Kind::Sqlite if files[2].iter().any(|byte| *byte != 0) => Err(Malformed::new("a change of it has not ended")),
        Kind::Sqlite => sqlite::each(&files[0], &files[1], visit),
        Kind::Ndb => ndb::each(&files[0], visit),
        Kind::Bdb => bdb::each(&files[0], visit),
    };
    let named = |problem: Malformed| format!("{} can't be read: {problem}", text::lossy(&place.path));
    Ok(result.map(|()| packages).map_err(named))
}

/// Asks rpm for everything at once. An empty list is no answer: what rpm says of a database that it can't find or read.
fn query(vm: &Interp, directory: Option<&[u8]>) -> Res<Result<Vec<Package>, String>> {
    let mut line = b"rpm -qa --queryformat '%{NAME}  %{VERSION}-%{RELEASE}  %{ARCH}\\n'".to_vec();
    if let Some(directory) = directory {
        line.extend_from_slice(b" --dbpath ");
        line.extend_from_slice(&text::shell_escape(directory));
    }
    let output = match Backend::of(vm).run(&line)? {
        Ok(output) => output,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let error = text::strip(&output.stderr);
    if output.exit_status != 0 || !error.is_empty() {
        return Ok(Err(format!("exit status {}: {}", output.exit_status, text::lossy(error))));
    }
    let packages: Vec<Package> = text::lines(&output.stdout).into_iter().filter_map(parse).collect();
    Ok(if packages.is_empty() { Err("it lists nothing".to_owned()) } else { Ok(packages) })
}

/// A line of the query.
fn parse(line: &[u8]) -> Option<Package> {
    let fields: Vec<&[u8]> = text::words(line);
    let dash = fields.get(1)?.iter().rposition(|b| *b == b'-')?;
    Some(Package {
        name: fields[0].to_vec(),
        epoch: None,
        version: fields[1][..dash].to_vec(),
        release: fields[1][dash + 1..].to_vec(),
        arch: fields.get(2).map_or_else(Vec::new, |arch| arch.to_vec()),
    })
}
