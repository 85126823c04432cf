//! `rpmdb.sqlite`, the kind of database since Red Hat 9: the table `Packages` with a header in each row.
//!
//! What has been committed to the write-ahead log beside it, and not been copied into the file yet, is read as well.

use std::collections::{HashMap, HashSet};

use super::bytes::{Malformed, Order, range};
use super::wal;

const MAGIC: &[u8] = b"SQLite format 3\0";
/// The file's header stands at the start of its first page.
const HEADER: usize = 100;
const TABLE: &str = "Packages";

/// Kinds of pages of a table.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// Hands over each package's header, in the order of their numbers.
pub(super) fn each(
    content: &[u8],
    log: &[u8],
    mut visit: impl FnMut(&[u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let database = Database::open(content, log)?;
    let mut root = None;
    database.rows(1, &mut |row| {
        let columns = Columns::of(row)?;
        if columns.text(0)? == b"table" && columns.text(1)? == TABLE.as_bytes() {
            root = Some(columns.number(3)? as u32);
        }
        Ok(())
    })?;
    let root = root.ok_or_else(|| Malformed(format!("it has no table {TABLE}")))?;
    database.rows(root, &mut |row| visit(Columns::of(row)?.text(1)?))
}

struct Database<'a> {
    content: &'a [u8],
    /// Pages that are newer in the log.
    newer: HashMap<u32, &'a [u8]>,
    page_size: usize,
    /// The bytes of a page that are used.
    usable: usize,
    pages: u32,
}

impl<'a> Database<'a> {
    fn open(content: &'a [u8], log: &'a [u8]) -> Result<Self, Malformed> {
        if !content.starts_with(MAGIC) {
            return Err(Malformed::new("it does not begin as an SQLite database does"));
        }
        let page_size = match Order::Big.u16(content, 16)? {
            1 => 65536,
            size => usize::from(size),
        };
        let reserved = usize::from(range(content, 20, 1)?[0]);
        if !page_size.is_power_of_two() || page_size < 512 || reserved > page_size - 480 {
            return Err(Malformed(format!("pages of {page_size} bytes are not possible")));
        }
        let committed = wal::committed(log, page_size)?;
        let in_file = content.len() / page_size;
        let pages = match committed.pages {
            Some(pages) => pages,
            None => {
                // The count of pages is true when it was written together with the last change.
                let told = Order::Big.u32(content, 28)?;
                let is_true = told != 0 && range(content, 24, 4)? == range(content, 92, 4)?;
                if is_true && told as usize > in_file {
                    return Err(Malformed(format!("it is cut off: {in_file} of {told} pages are there")));
                }
                u32::try_from(in_file).unwrap_or(u32::MAX)
            }
        };
        Ok(Self { content, newer: committed.newest, page_size, usable: page_size - reserved, pages })
    }

    fn page(&self, number: u32) -> Result<&'a [u8], Malformed> {
        if number == 0 || number > self.pages {
            return Err(Malformed(format!("page {number} is named, and there are {}", self.pages)));
        }
        match self.newer.get(&number) {
            Some(page) => Ok(page),
            None => range(self.content, (number as usize - 1) * self.page_size, self.page_size),
        }
    }

    /// Hands over the rows of the table whose tree begins with this page.
    fn rows(&self, root: u32, visit: &mut impl FnMut(&[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
        let mut seen = HashSet::new();
        // The next page is the last one here.
        let mut waiting = vec![root];
        while let Some(number) = waiting.pop() {
            if !seen.insert(number) {
                return Err(Malformed(format!("page {number} is in a table twice")));
            }
            let page = self.page(number)?;
            let start = if number == 1 { HEADER } else { 0 };
            let cells = usize::from(Order::Big.u16(page, start + 3)?);
            let cell = |header: usize, at: usize| Order::Big.u16(page, start + header + at * 2).map(usize::from);
            match page[start] {
                LEAF => {
                    for at in 0..cells {
                        visit(&self.payload(page, cell(8, at)?)?)?;
                    }
                }
                INTERIOR => {
                    waiting.push(Order::Big.u32(page, start + 8)?);
                    for at in (0..cells).rev() {
                        waiting.push(Order::Big.u32(page, cell(12, at)?)?);
                    }
                }
                kind => return Err(Malformed(format!("page {number} has type {kind} and not that of a table's page"))),
            }
        }
        Ok(())
    }

    /// A row's record; what does not fit the page stands in a chain of others.
    fn payload(&self, page: &[u8], at: usize) -> Result<Vec<u8>, Malformed> {
        let (length, at) = varint(page, at)?;
        let (_, at) = varint(page, at)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > self.pages as usize * self.page_size {
            return Err(Malformed::new("a row is longer than the whole file"));
        }
        let here = self.in_page(length);
        let mut payload = range(page, at, here)?.to_vec();
        let mut next = if here < length { Order::Big.u32(page, at + here)? } else { 0 };
        while payload.len() < length {
            let page = self.page(next)?;
            let bytes = (length - payload.len()).min(self.usable - 4);
            payload.extend_from_slice(range(page, 4, bytes)?);
            next = Order::Big.u32(page, 0)?;
        }
        Ok(payload)
    }

    /// How many bytes of a record stand in the table's page.
    fn in_page(&self, length: usize) -> usize {
        let most = self.usable - 35;
        if length <= most {
            return length;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (length - least) % (self.usable - 4);
        if fitting <= most { fitting } else { least }
    }
}

/// A row's columns: what each is, and where.
struct Columns<'a> {
    row: &'a [u8],
    /// The type and the place of each.
    places: Vec<(u64, usize)>,
}

impl<'a> Columns<'a> {
    fn of(row: &'a [u8]) -> Result<Self, Malformed> {
        let (length, mut at) = varint(row, 0)?;
        let end = usize::try_from(length).unwrap_or(usize::MAX);
        let mut place = end;
        let mut places = Vec::new();
        while at < end {
            let (kind, next) = varint(row, at)?;
            places.push((kind, place));
            place = place.saturating_add(width(kind));
            at = next;
        }
        Ok(Self { row, places })
    }

    fn column(&self, at: usize) -> Result<(u64, &'a [u8]), Malformed> {
        let (kind, place) = *self.places.get(at).ok_or_else(|| Malformed::new("a row has too few columns"))?;
        Ok((kind, range(self.row, place, width(kind))?))
    }

    /// A text or a blob.
    fn text(&self, at: usize) -> Result<&'a [u8], Malformed> {
        let (kind, text) = self.column(at)?;
        if kind < 12 { Err(Malformed::new("a column is not a text")) } else { Ok(text) }
    }

    /// A whole number that is not negative.
    fn number(&self, at: usize) -> Result<u64, Malformed> {
        let (kind, bytes) = self.column(at)?;
        match kind {
            1..=6 => Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))),
            9 => Ok(1),
            _ => Err(Malformed::new("a column is not a number")),
        }
    }
}

/// How many bytes a column of this type takes.
fn width(kind: u64) -> usize {
    match kind {
        1..=4 => kind as usize,
        5 => 6,
        6 | 7 => 8,
        12.. => usize::try_from((kind - 12) / 2).unwrap_or(usize::MAX),
        _ => 0,
    }
}

/// A number of one to nine bytes, and what stands behind it.
fn varint(data: &[u8], at: usize) -> Result<(u64, usize), Malformed> {
    let mut number = 0;
    for place in 0..9 {
        let byte = range(data, at + place, 1)?[0];
        if place == 8 {
            return Ok((number << 8 | u64::from(byte), at + 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Ok((number, at + place + 1));
        }
    }
    unreachable!("the ninth byte is the last one")
}
