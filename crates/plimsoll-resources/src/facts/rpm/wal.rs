//! SQLite's write-ahead log: pages that have been changed and not been copied into the file yet.

use std::collections::HashMap;

use super::bytes::{Malformed, Order, range};

const MAGIC: u32 = 0x377f_0682;
const HEADER: usize = 32;
const FRAME: usize = 24;

/// What the log adds to the file.
#[derive(Default)]
pub(super) struct Committed<'a> {
    /// The newest content of each page in the log.
    pub newest: HashMap<u32, &'a [u8]>,
    /// How many pages the database has, when the log says so.
    pub pages: Option<u32>,
}

/// The pages up to the last commit. A log that was not written to its end, or is left from before, ends where its
/// checksums do: so SQLite reads it too.
pub(super) fn committed(log: &[u8], page_size: usize) -> Result<Committed<'_>, Malformed> {
    let mut committed = Committed::default();
    if log.len() < HEADER {
        return Ok(committed);
    }
    let number = |at: usize| Order::Big.u32(log, at);
    let magic = number(0)?;
    if magic & !1 != MAGIC {
        return Ok(committed);
    }
    let order = if magic & 1 == 1 { Order::Big } else { Order::Little };
    let mut sum = checksum(order, (0, 0), range(log, 0, 24)?)?;
    if sum != (number(24)?, number(28)?) {
        return Ok(committed);
    }
    if number(8)? as usize != page_size {
        return Err(Malformed::new("its log has pages of another size"));
    }
    let salt = range(log, 16, 8)?;
    let mut waiting = Vec::new();
    for frame in log[HEADER..].chunks_exact(FRAME + page_size) {
        let number = |at: usize| Order::Big.u32(frame, at);
        let page = &frame[FRAME..];
        sum = checksum(order, checksum(order, sum, &frame[..8])?, page)?;
        if frame[8..16] != *salt || sum != (number(16)?, number(20)?) {
            break;
        }
        waiting.push((number(0)?, page));
        let pages = number(4)?;
        if pages != 0 {
            committed.newest.extend(waiting.drain(..));
            committed.pages = Some(pages);
        }
    }
    Ok(committed)
}

fn checksum(order: Order, (mut first, mut second): (u32, u32), data: &[u8]) -> Result<(u32, u32), Malformed> {
    for at in (0..data.len()).step_by(8) {
        first = first.wrapping_add(order.u32(data, at)?).wrapping_add(second);
        second = second.wrapping_add(order.u32(data, at + 4)?).wrapping_add(first);
    }
    Ok((first, second))
}
