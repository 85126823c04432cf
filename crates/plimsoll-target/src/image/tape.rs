//! Walks a tar archive, entry by entry, within limits.

use std::cell::Cell;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use tar::EntryType;

/// The largest header of one entry: long names and extended attributes included.
const MAX_HEADER: u64 = 1 << 20;
/// The largest archive, unpacked.
const MAX_UNPACKED: u64 = 64 << 30;

/// An entry of a walk.
pub(super) type Entry<'a, R> = tar::Entry<'a, Metered<R>>;

/// Shows each entry with its number until `visit` breaks off. Names of any length and compressed emptiness cost neither
/// memory nor time without end: what exceeds a limit is an error.
pub(super) fn walk<R: Read>(
    reader: R,
    mut visit: impl FnMut(usize, &mut Entry<'_, R>) -> io::Result<ControlFlow<()>>,
) -> io::Result<()> {
    let allowance = Rc::new(Cell::new(MAX_HEADER));
    let mut archive =
        tar::Archive::new(Metered { inner: reader, allowance: Rc::clone(&allowance), left: MAX_UNPACKED });
    for (number, entry) in archive.entries()?.enumerate() {
        let mut entry = entry.map_err(|error| without_content(number, error))?;
        // What is not read of the entry is read over before the next header.
        let stored = match entry.header().entry_type() {
            EntryType::GNUSparse => entry.header().entry_size()?,
            _ => entry.size(),
        };
        allowance.set(stored.saturating_add(MAX_HEADER));
        if visit(number, &mut entry)?.is_break() {
            return Ok(());
        }
    }
    // What was cut off after the tar's own end is noticed too.
    allowance.set(u64::MAX);
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

/// An error without the bytes that were read in place of a header: they may be anything, of any file.
fn without_content(number: usize, error: io::Error) -> io::Error {
    if !error.to_string().contains("when getting cksum") {
        return error;
    }
    let what = if number == 0 { "it is no tar archive" } else { "a header in it is damaged" };
    io::Error::new(error.kind(), what)
}

/// Fails once more is read than was allowed.
pub(super) struct Metered<R> {
    inner: R,
    allowance: Rc<Cell<u64>>,
    left: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance.get() == 0 {
            return Err(io::Error::other(format!("a header is larger than {MAX_HEADER} bytes")));
        }
        if self.left == 0 {
            return Err(io::Error::other(format!("unpacked it is larger than {MAX_UNPACKED} bytes")));
        }
        let most = self.allowance.get().min(self.left).min(buffer.len() as u64) as usize;
        let count = self.inner.read(&mut buffer[..most])?;
        self.allowance.set(self.allowance.get() - count as u64);
        self.left -= count as u64;
        Ok(count)
    }
}
