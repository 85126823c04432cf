//! The encodings of Strings.

/// The encodings that Strings can be in, in CRuby's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// ASCII-8BIT: bytes.
    Binary,
    /// UTF-8, possibly with invalid bytes.
    Utf8,
    /// US-ASCII.
    UsAscii,
    /// UTF-16BE.
    Utf16Be,
    /// UTF-16LE.
    Utf16Le,
    /// UTF-32BE.
    Utf32Be,
    /// UTF-32LE.
    Utf32Le,
    /// UTF-16, whose first two bytes tell the order of the others.
    Utf16,
    /// UTF-32, whose first four bytes tell the order of the others.
    Utf32,
    /// ISO-8859-1.
    Latin1,
    /// ISO-8859-15.
    Latin9,
    /// Windows-1252.
    Windows1252,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Binary,
        Self::Utf8,
        Self::UsAscii,
        Self::Utf16Be,
        Self::Utf16Le,
        Self::Utf32Be,
        Self::Utf32Le,
        Self::Utf16,
        Self::Utf32,
        Self::Latin1,
        Self::Latin9,
        Self::Windows1252,
    ];

    /// Its name in Ruby.
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Its name and its other names.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Binary => &["ASCII-8BIT", "BINARY"],
            Self::Utf8 => &["UTF-8", "CP65001", "locale", "external", "filesystem"],
            Self::UsAscii => &["US-ASCII", "ASCII", "ANSI_X3.4-1968", "646"],
            Self::Utf16Be => &["UTF-16BE", "UCS-2BE"],
            Self::Utf16Le => &["UTF-16LE"],
            Self::Utf32Be => &["UTF-32BE", "UCS-4BE"],
            Self::Utf32Le => &["UTF-32LE", "UCS-4LE"],
            Self::Utf16 => &["UTF-16"],
            Self::Utf32 => &["UTF-32"],
            Self::Latin1 => &["ISO-8859-1", "ISO8859-1"],
            Self::Latin9 => &["ISO-8859-15", "ISO8859-15"],
            Self::Windows1252 => &["Windows-1252", "CP1252"],
        }
    }

    /// The encoding of one of its names, in either case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.names().iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Length in bytes of its shortest character.
    pub fn unit(self) -> usize {
        match self {
            Self::Utf16 | Self::Utf16Be | Self::Utf16Le => 2,
            Self::Utf32 | Self::Utf32Be | Self::Utf32Le => 4,
            _ => 1,
        }
    }

    /// Whether ASCII characters are the same bytes in it.
    pub fn is_ascii_compatible(self) -> bool {
        self.unit() == 1
    }

    /// Whether it has every character.
    pub fn is_unicode(self) -> bool {
        self == Self::Utf8 || self.unit() > 1
    }

    /// Whether its byte order is told by the text itself: it is read through UTF-16BE, UTF-16LE and their like.
    pub fn is_dummy(self) -> bool {
        matches!(self, Self::Utf16 | Self::Utf32)
    }

    /// Whether text in it is first brought to UTF-8 by what looks at letters.
    pub(crate) fn is_foreign(self) -> bool {
        !matches!(self, Self::Binary | Self::Utf8 | Self::UsAscii)
    }
}
