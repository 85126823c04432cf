//! `xml`: an XML file, asked by XPath.
