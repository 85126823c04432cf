//! Just enough of the ELF format to learn which loader a program asks for.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The kind of program header that names the loader.
const PT_INTERP: u32 = 3;

/// What a program needs to be loaded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// It is linked statically.
    Static,
    /// This loader loads it.
    Dynamic(PathBuf),
}

/// Look into a file; `None` when it is not an ELF file of this machine's byte order.
pub(super) fn inspect(path: &Path) -> io::Result<Option<Program>> {
    let mut file = File::open(path)?;
    let mut header = [0; 64];
    if file.read_exact(&mut header).is_err() || header[..4] != *b"\x7fELF" {
        return Ok(None);
    }
    let wide = header[4] == 2;
    let little = header[5] == 1;
    if little != cfg!(target_endian = "little") {
        return Ok(None);
    }
    let (table, size, count) = if wide {
        (word(&header, 32, 8), half(&header, 54), half(&header, 56))
    } else {
        (word(&header, 28, 4), half(&header, 42), half(&header, 44))
    };
    for index in 0..count {
        let mut entry = vec![0; size.max(56)];
        file.seek(SeekFrom::Start(table + (index * size) as u64))?;
        file.read_exact(&mut entry[..size])?;
        if word(&entry, 0, 4) == u64::from(PT_INTERP) {
            let (offset, length) = if wide {
                (word(&entry, 8, 8), word(&entry, 32, 8))
            } else {
                (word(&entry, 4, 4), word(&entry, 16, 4))
            };
            let mut name = vec![0; length.min(4096) as usize];
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(&mut name)?;
            let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
            return Ok(Some(Program::Dynamic(PathBuf::from(OsStr::from_bytes(&name[..end])))));
        }
    }
    Ok(Some(Program::Static))
}

/// A number of `width` bytes in this machine's byte order.
fn word(bytes: &[u8], at: usize, width: usize) -> u64 {
    let part = bytes[at..at + width].iter();
    let fold = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
    if cfg!(target_endian = "little") { part.rev().fold(0, fold) } else { part.fold(0, fold) }
}

fn half(bytes: &[u8], at: usize) -> usize {
    word(bytes, at, 2) as usize
}

#[cfg(test)]
mod tests {
    use super::{Program, inspect};

    #[test]
    fn the_running_test_is_a_program_and_a_text_is_not() {
        let this = std::env::current_exe().unwrap();
        let program = inspect(&this).unwrap().expect("a test is an ELF file");
        if let Program::Dynamic(loader) = program {
            assert!(loader.exists(), "{}", loader.display());
        }
        let text = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(text.path(), "#!/bin/sh\n").unwrap();
        assert_eq!(inspect(text.path()).unwrap(), None);
    }
}
