//! The header of a package, as every kind of database keeps it: an index of tags, then the data they point into.

use super::Package;
use super::bytes::{Malformed, Order, range};

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const ARCH: u32 = 1022;

const INT32: u32 = 4;
const STRING: u32 = 6;

/// Two counts stand before the index: its entries, and the bytes of data.
const COUNTS: usize = 8;
/// An entry: tag, type, place in the data, number of values.
const ENTRY: usize = 16;

/// What rpm prints for a tag that a package does not have.
const NONE: &[u8] = b"(none)";

/// The package that a header describes.
pub(super) fn parse(blob: &[u8]) -> Result<Package, Malformed> {
    let count = |at: usize| Order::Big.u32(blob, at).map(|count| count as usize);
    let (entries, length) = (count(0)?, count(4)?);
    let index_length = entries.checked_mul(ENTRY).ok_or_else(|| Malformed::new("a header is larger than memory"))?;
    let index = range(blob, COUNTS, index_length)?;
    let data = range(blob, COUNTS + index_length, length)?;
    let mut package = Package { arch: NONE.to_vec(), ..Package::default() };
    for entry in index.chunks_exact(ENTRY) {
        let number = |at: usize| Order::Big.u32(entry, at);
        let (tag, kind, place) = (number(0)?, number(4)?, number(8)? as usize);
        match (tag, kind) {
            (NAME, STRING) => package.name = string(data, place)?,
            (VERSION, STRING) => package.version = string(data, place)?,
            (RELEASE, STRING) => package.release = string(data, place)?,
            (ARCH, STRING) => package.arch = string(data, place)?,
            (EPOCH, INT32) => package.epoch = Some(Order::Big.u32(data, place)?),
            _ => {}
        }
    }
    if package.name.is_empty() || package.version.is_empty() || package.release.is_empty() {
        return Err(Malformed::new("a header has no name, version or release"));
    }
    Ok(package)
}

/// The text at a place, up to its NUL byte.
fn string(data: &[u8], place: usize) -> Result<Vec<u8>, Malformed> {
    let rest = data.get(place..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == 0);
    end.map(|end| rest[..end].to_vec()).ok_or_else(|| Malformed::new("a text in a header has no end"))
}
