//! Writing XML elements, as far as JUnit needs them.

use std::io::{self, Write};

/// An element's attributes, in the order they are written.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

/// Writes XML, two spaces a level, attributes in single quotes.
pub(super) struct Xml<'a> {
    out: &'a mut dyn Write,
    open: Vec<&'static str>,
}

impl<'a> Xml<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> io::Result<Self> {
        writeln!(out, "<?xml version='1.0'?>")?;
        Ok(Xml { out, open: Vec::new() })
    }

    /// An element with content, until [`close`](Xml::close).
    pub(super) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) -> io::Result<()> {
        self.tag(name, attributes, ">")?;
        self.open.push(name);
        Ok(())
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.tag(name, attributes, "/>")
    }

    /// Ends the element opened last.
    pub(super) fn close(&mut self) -> io::Result<()> {
        match self.open.pop() {
            Some(name) => writeln!(self.out, "{}</{name}>", "  ".repeat(self.open.len())),
            None => Ok(()),
        }
    }

    fn tag(&mut self, name: &str, attributes: Attributes<'_>, end: &str) -> io::Result<()> {
        write!(self.out, "{}<{name}", "  ".repeat(self.open.len()))?;
        for (key, value) in attributes {
            write!(self.out, " {key}='{}'", escape(value))?;
        }
        writeln!(self.out, "{end}")
    }
}

/// Text as it may stand in an attribute. Characters that XML cannot hold at all become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | '\r' | '\t' => escaped.push(char),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            control if control < ' ' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::Xml;

    #[test]
    fn escapes_what_xml_cannot_hold() {
        let mut out = Vec::new();
        let mut xml = Xml::new(&mut out).unwrap();
        xml.open("a", &[("k", "<&'\">\u{1b}[0m\n")]).unwrap();
        xml.empty("b", &[]).unwrap();
        xml.close().unwrap();
        let expected = "<?xml version='1.0'?>\n<a k='&lt;&amp;&apos;&quot;&gt;\u{fffd}[0m\n'>\n  <b/>\n</a>\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
