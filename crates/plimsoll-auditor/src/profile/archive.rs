//! Profiles in archives.

use std::collections::BTreeMap;
use std::io::{Cursor, Error, Read, Result};

use flate2::read::GzDecoder;

/// The files of an archive by their paths.
type Files = BTreeMap<String, Vec<u8>>;

/// What the names of archives end in.
const ENDINGS: [&str; 3] = [".tar.gz", ".tgz", ".zip"];

/// Whether a file of this name is an archive.
pub(crate) fn is_archive(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The files of an archive; links and devices are left out, and so is what would lie outside of it. At most `largest`
/// bytes.
pub(crate) fn read(name: &str, bytes: &[u8], largest: u64) -> Result<Files> {
    let mut room = Room { files: Files::new(), left: largest, largest };
    let is_zip = name.rsplit_once('.').is_some_and(|(_, ending)| ending == "zip");
    if is_zip { zip(bytes, &mut room) } else { tar_gz(bytes, &mut room) }?;
    Ok(room.files)
}

/// The files so far, and how much more there may be.
struct Room {
    files: Files,
    left: u64,
    largest: u64,
}

impl Room {
    fn add(&mut self, path: &str, content: &mut dyn Read) -> Result<()> {
        let path = path.trim_start_matches("./");
        let inside = !path.starts_with('/') && !path.split(['/', '\\']).any(|part| part == "..");
        if path.is_empty() || !inside || path.contains("PaxHeader/") {
            return Ok(());
        }
        let mut bytes = Vec::new();
        content.take(self.left + 1).read_to_end(&mut bytes)?;
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or_else(|| Error::other(format!("it is larger than {} MiB", self.largest >> 20)))?;
        // Of equal names the last one counts.
        self.files.insert(path.to_owned(), unix_lines(bytes));
        Ok(())
    }
}

fn tar_gz(bytes: &[u8], room: &mut Room) -> Result<()> {
    for entry in tar::Archive::new(GzDecoder::new(bytes)).entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() {
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            room.add(&path, &mut entry)?;
        }
    }
    Ok(())
}

fn zip(bytes: &[u8], room: &mut Room) -> Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        if entry.is_file() {
            let path = entry.name()?.into_owned();
            room.add(&path, &mut entry)?;
        }
    }
    Ok(())
}

/// CINC reads texts in archives with whatever line ends they have.
fn unix_lines(bytes: Vec<u8>) -> Vec<u8> {
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains('\r') => text.replace("\r\n", "\n").replace('\r', "\n").into_bytes(),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::read;

    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in files {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(content.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let archive = zip(&[("a/b", "1"), ("../c", "2"), ("/d", "3"), ("a/../../e", "4"), ("./f", "x\r\ny\r")]);
        let files = read("p.zip", &archive, 100).unwrap();
        let files: Vec<_> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        assert_eq!(files, [("a/b", b"1".as_slice()), ("f", b"x\ny\n")]);
    }

    #[test]
    fn too_much_is_refused() {
        let archive = zip(&[("a", "12345"), ("b", "123456")]);
        assert!(read("p.zip", &archive, 10).unwrap_err().to_string().contains("larger"));
        assert!(read("p.zip", b"no archive", 10).is_err());
        assert!(read("p.tar.gz", b"no archive", 10).is_err());
    }
}
