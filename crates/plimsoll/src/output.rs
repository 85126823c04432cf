//! Where reports are written: standard output, or files that appear whole or not at all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use plimsoll_report::Report;
use plimsoll_report::format::{FormatOptions, Reporter};

use crate::screen;

/// The outputs of one run, each checked before the run begins.
#[derive(Debug)]
pub(crate) struct Outputs(Vec<Output>);

/// One report to be written.
#[derive(Debug)]
struct Output {
    reporter: Reporter,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Stdout,
    /// A file that is replaced in one step.
    File(PathBuf),
    /// Something that is no regular file (a pipe, a device) and can only be written to.
    Stream(PathBuf),
}

impl Outputs {
    /// Checks that each file can be written and no two reports go to the same place. Nothing is created yet.
    pub(crate) fn check(reporters: Vec<Reporter>) -> anyhow::Result<Self> {
        let mut outputs: Vec<Output> = Vec::new();
        for reporter in reporters {
            let place = match &reporter.file {
                None => Place::Stdout,
                Some(file) => place(file).with_context(|| {
                    format!("cannot write the {} report to {}", reporter.format.name, file.display())
                })?,
            };
            if let Some(other) = outputs.iter().find(|other| other.place.path() == place.path()) {
                let (one, two) = (other.reporter.format.name, reporter.format.name);
                let place = place.path().map_or("standard output".into(), |path| path.display().to_string());
                bail!("both {one} and {two} would go to {place}; give one of them a file of its own: {two}:FILE");
            }
            outputs.push(Output { reporter, place });
        }
        Ok(Self(outputs))
    }

    /// Writes the report to every output; an output that fails does not keep the others from being written.
    pub(crate) fn write(&self, report: &Report) -> anyhow::Result<()> {
        let mut failed = None;
        for output in &self.0 {
            if let Err(error) = output.write(report) {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

impl Output {
    fn write(&self, report: &Report) -> anyhow::Result<()> {
        let format = self.reporter.format;
        let color = matches!(self.place, Place::Stdout) && screen::colored();
        let mut bytes = Vec::new();
        format.write(report, &FormatOptions { color }, &mut bytes)?;
        if matches!(self.place, Place::Stdout) && !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        self.place.write(&bytes).with_context(|| match self.place.path() {
            Some(path) => format!("cannot write the {} report to {}", format.name, path.display()),
            None => format!("cannot write the {} report to standard output", format.name),
        })
    }
}

impl Place {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdout => None,
            Self::File(path) | Self::Stream(path) => Some(path),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => screen::print(bytes),
            Self::File(path) => replace(path, bytes),
            Self::Stream(path) => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        }
    }
}

/// Where a file really is, and that it can be written.
fn place(file: &Path) -> anyhow::Result<Place> {
    // A link stays a link: what it points at is replaced, or made.
    let mut file = file.read_link().map_or_else(|_| file.to_path_buf(), |to| directory_of(file).join(to));
    if let Ok(metadata) = file.metadata() {
        ensure!(!metadata.is_dir(), "it is a directory; name a file in it");
        if !metadata.is_file() {
            return Ok(Place::Stream(file));
        }
        file = file.canonicalize()?;
        OpenOptions::new().write(true).open(&file)?;
    }
    let directory = directory_of(&file);
    ensure!(directory.is_dir(), "there is no directory {}; create it first", directory.display());
    // Has no name: nothing can be left of it.
    tempfile::tempfile_in(directory)
        .with_context(|| format!("nothing can be created in the directory {}", directory.display()))?;
    Ok(Place::File(directory.canonicalize()?.join(file.file_name().context("it names no file")?)))
}

fn directory_of(file: &Path) -> &Path {
    file.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes beside the file, then puts it in the file's place: a reader finds the old content or the new, never a part.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let permissions = path.metadata().map_or_else(|_| Permissions::from_mode(0o666), |old| old.permissions());
    let existed = path.exists();
    let mut file = tempfile::Builder::new()
        .prefix(".plimsoll-")
        .permissions(permissions.clone())
        .tempfile_in(directory_of(path))?;
    if existed {
        // Beyond what the umask let through.
        file.as_file().set_permissions(permissions)?;
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Writes what is no report to a file, whole or not at all.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    place(file).and_then(|place| Ok(place.write(bytes)?)).with_context(|| format!("cannot write {}", file.display()))
}

/// Creates a file that is written while the audit runs; only its owner may read it.
pub(crate) fn create_private(path: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str]) -> anyhow::Result<Outputs> {
        Outputs::check(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn refusal(text: &str) -> String {
        format!("{:#}", check(&[text]).unwrap_err())
    }

    #[test]
    fn what_can_not_be_written_is_told_first() {
        let directory = tempfile::tempdir().unwrap();
        let missing = refusal(&format!("json:{}/none/report.json", directory.path().display()));
        assert!(missing.contains("there is no directory") && missing.contains("/none; create it first"), "{missing}");
        let taken = refusal(&format!("json:{}", directory.path().display()));
        assert!(taken.contains("it is a directory"), "{taken}");
        let twice = format!("{:#}", check(&["cli", "json"]).unwrap_err());
        assert!(twice.contains("both cli and json would go to standard output"), "{twice}");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn two_names_of_one_file_are_one_place() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("report");
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, directory.path().join("link")).unwrap();
        let both = [format!("json:{}", file.display()), format!("yaml:{}/link", directory.path().display())];
        assert!(check(&[&both[0], &both[1]]).unwrap_err().to_string().contains("would go to"));
    }

    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("report"), directory.path().join("link"));
        std::os::unix::fs::symlink("report", &link).unwrap();
        for old in ["", "old"] {
            std::fs::write(&file, old).unwrap();
            if old.is_empty() {
                std::fs::remove_file(&file).unwrap();
            }
            write(&link, b"new").unwrap();
            assert!(link.is_symlink() && std::fs::read(&file).unwrap() == b"new");
        }
        write(Path::new("/dev/stderr"), b"").unwrap();
    }

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_mode() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("report.json");
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        let mut held = File::open(&file).unwrap();
        check(&[&format!("json:{}", file.display())]).unwrap().write(&Report::default()).unwrap();
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("{\"platform\""));
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        let mut old = String::new();
        io::Read::read_to_string(&mut held, &mut old).unwrap();
        assert_eq!(old, "old", "who had it open still reads the old one");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
