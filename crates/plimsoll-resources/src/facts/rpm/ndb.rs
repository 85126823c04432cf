//! `Packages.db`, SUSE's kind of database: a table of slots, each with the place of a package's header.

use super::bytes::{Malformed, Order, range};

const MAGIC: &[u8] = b"RpmP";
const SLOT_MAGIC: &[u8] = b"Slot";
const HEAD_MAGIC: &[u8] = b"BlbS";
const TAIL_MAGIC: &[u8] = b"BlbE";
const PAGE: usize = 4096;
/// The database's own header takes the place of the first two slots.
const HEADER: usize = 32;
const SLOT: usize = 16;
/// Places and lengths are counted in blocks.
const BLOCK: usize = 16;
/// Magic, package, time, length.
const HEAD: usize = 16;
/// Checksum, length, magic.
const TAIL: usize = 12;

/// Hands over each package's header, in the order of the file.
pub(super) fn each(content: &[u8], mut visit: impl FnMut(&[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
    let number = |at: usize| Order::Little.u32(content, at);
    if !content.starts_with(MAGIC) {
        return Err(Malformed::new("it does not begin as an ndb database does"));
    }
    let version = number(4)?;
    if version != 0 {
        return Err(Malformed(format!("version {version} of the format is not known")));
    }
    let table = (number(12)? as usize).saturating_mul(PAGE);
    let slots = range(content, HEADER, table.saturating_sub(HEADER))?;
    let mut used = Vec::new();
    for slot in slots.chunks_exact(SLOT) {
        if !slot.starts_with(SLOT_MAGIC) {
            return Err(Malformed::new("a slot is none"));
        }
        let field = |at: usize| Order::Little.u32(slot, at);
        let (package, block, blocks) = (field(4)?, field(8)? as usize, field(12)? as usize);
        if block != 0 {
            used.push((block, blocks, package));
        }
    }
    used.sort_unstable();
    for (block, blocks, package) in used {
        let blob = range(content, block.saturating_mul(BLOCK), blocks.saturating_mul(BLOCK))?;
        visit(header(blob, package)?)?;
    }
    Ok(())
}

/// What is between the head and the tail of a slot's blocks.
fn header(blob: &[u8], package: u32) -> Result<&[u8], Malformed> {
    let wrong = || Malformed(format!("the blocks of package {package} are not whole"));
    let number = |at: usize| Order::Little.u32(blob, at);
    if !blob.starts_with(HEAD_MAGIC) || !blob.ends_with(TAIL_MAGIC) || number(4)? != package {
        return Err(wrong());
    }
    let length = number(12)?;
    // The tail is at the end of the last block.
    if number(blob.len() - TAIL + 4)? != length || HEAD + length as usize + TAIL > blob.len() {
        return Err(wrong());
    }
    range(blob, HEAD, length as usize)
}
