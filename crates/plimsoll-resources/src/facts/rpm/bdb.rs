//! `Packages`, the kind of database up to Red Hat 8: a hash table of Berkeley DB, a package's header in each value.

use super::bytes::{Malformed, Order, range};

const MAGIC: u32 = 0x0006_1561;
const PAGE_HEADER: usize = 26;
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH: u8 = 13;
/// A value in the page itself, and one in pages of its own.
const IN_PAGE: u8 = 1;
const OFF_PAGE: u8 = 3;

struct Table<'a> {
    content: &'a [u8],
    order: Order,
    page_size: usize,
}

/// Hands over each package's header, bucket by bucket.
pub(super) fn each(content: &[u8], mut visit: impl FnMut(&[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
    let table = Table::open(content)?;
    let buckets = table.number(72)? as usize;
    let mut pages_left = content.len() / table.page_size;
    for bucket in 0..=buckets {
        let level = (bucket + 1).next_power_of_two().trailing_zeros() as usize;
        if level >= 32 {
            return Err(Malformed::new("it has more buckets than a hash table may have"));
        }
        let mut page = table.number(96 + level * 4)? as usize + bucket;
        while page != 0 {
            pages_left = pages_left.checked_sub(1).ok_or_else(|| Malformed::new("its pages go in a circle"))?;
            page = table.page_of_values(page, &mut visit)?;
        }
    }
    Ok(())
}

impl<'a> Table<'a> {
    fn open(content: &'a [u8]) -> Result<Self, Malformed> {
        let orders = [Order::Little, Order::Big];
        let order = orders.into_iter().find(|order| order.u32(content, 12) == Ok(MAGIC));
        let order = order.ok_or_else(|| Malformed::new("it does not begin as a hash table of Berkeley DB does"))?;
        let page_size = order.u32(content, 20)? as usize;
        if !(512..=65536).contains(&page_size) || !page_size.is_power_of_two() {
            return Err(Malformed(format!("pages of {page_size} bytes are not possible")));
        }
        let flags = range(content, 24, 3)?;
        if flags[0] != 0 || flags[2] != 0 {
            return Err(Malformed::new("its pages are encrypted or have checksums, which rpm does not use"));
        }
        let last = order.u32(content, 32)?;
        if content.len() / page_size <= last as usize {
            return Err(Malformed(format!(
                "it is cut off: {} bytes for {} pages of {page_size}",
                content.len(),
                last + 1
            )));
        }
        Ok(Self { content, order, page_size })
    }

    fn number(&self, at: usize) -> Result<u32, Malformed> {
        self.order.u32(self.content, at)
    }

    fn page(&self, number: usize) -> Result<&'a [u8], Malformed> {
        range(self.content, number.saturating_mul(self.page_size), self.page_size)
    }

    /// Hands over the values of a page; the number of the bucket's next page, 0 at its end.
    fn page_of_values(
        &self,
        number: usize,
        visit: &mut impl FnMut(&[u8]) -> Result<(), Malformed>,
    ) -> Result<usize, Malformed> {
        let page = self.page(number)?;
        if page[25] != HASH && page[25] != HASH_UNSORTED {
            return Err(Malformed(format!("page {number} has type {} and not that of a hash table's page", page[25])));
        }
        let items = usize::from(self.order.u16(page, 20)?);
        let place = |item: usize| self.order.u16(page, PAGE_HEADER + item * 2).map(usize::from);
        // Keys and values take turns, and are laid down from the end of the page.
        for value in (1..items).step_by(2) {
            let (key_at, at) = (place(value - 1)?, place(value)?);
            let item = range(page, at, key_at.saturating_sub(at))?;
            let key_end = if value == 1 { self.page_size } else { place(value - 2)? };
            let key = range(page, key_at, key_end.saturating_sub(key_at))?;
            match item.first() {
                // Under the number 0 rpm keeps the last number it gave.
                _ if key == [IN_PAGE, 0, 0, 0, 0] => {}
                Some(&IN_PAGE) => visit(&item[1..])?,
                Some(&OFF_PAGE) => visit(&self.overflow(item)?)?,
                _ => return Err(Malformed(format!("a value of page {number} has an unknown type"))),
            }
        }
        Ok(self.order.u32(page, 16)? as usize)
    }

    /// A value that has pages of its own.
    fn overflow(&self, item: &[u8]) -> Result<Vec<u8>, Malformed> {
        let (mut number, length) = (self.order.u32(item, 4)? as usize, self.order.u32(item, 8)? as usize);
        let mut value = Vec::with_capacity(length.min(self.content.len()));
        while number != 0 && value.len() < length {
            let page = self.page(number)?;
            let bytes = usize::from(self.order.u16(page, 22)?);
            if page[25] != OVERFLOW || bytes == 0 {
                return Err(Malformed(format!("page {number} does not go on with a value")));
            }
            value.extend_from_slice(range(page, PAGE_HEADER, bytes)?);
            number = self.order.u32(page, 16)? as usize;
        }
        if value.len() == length { Ok(value) } else { Err(Malformed::new("a value is shorter than it says")) }
    }
}
