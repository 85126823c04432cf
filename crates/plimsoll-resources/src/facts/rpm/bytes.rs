//! Numbers and ranges of a database, never beyond its end.

use std::fmt;

/// Why a database is not one that rpm wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed(pub String);

impl Malformed {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The order of the bytes in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The number of two bytes at a place.
    pub(super) fn u16(self, data: &[u8], at: usize) -> Result<u16, Malformed> {
        let bytes = array::<2>(data, at)?;
        Ok(if self == Self::Big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    /// The number of four bytes at a place.
    pub(super) fn u32(self, data: &[u8], at: usize) -> Result<u32, Malformed> {
        let bytes = array::<4>(data, at)?;
        Ok(if self == Self::Big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

fn array<const N: usize>(data: &[u8], at: usize) -> Result<[u8; N], Malformed> {
    let bytes = range(data, at, N)?;
    Ok(std::array::from_fn(|at| bytes[at]))
}

/// The bytes at a place, all of them.
pub(super) fn range(data: &[u8], at: usize, length: usize) -> Result<&[u8], Malformed> {
    let end = at.checked_add(length);
    end.and_then(|end| data.get(at..end)).ok_or_else(|| {
        Malformed(format!("it ends after {} bytes, where {length} more from byte {at} on are expected", data.len()))
    })
}
