//! XPath over a parsed XML document.

use plimsoll_ruby::xpath::{self, Found, Kind};
use roxmltree::{Attribute, Document, Node};

/// A part of a document.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    /// The document, an element, text, a comment or a processing instruction.
    Node(Node<'a, 'a>),
    /// An attribute and its element.
    Attribute(Node<'a, 'a>, Attribute<'a, 'a>),
}

/// Evaluates a path from the document's root; the error says what is wrong with it.
pub(crate) fn evaluate<'a>(document: &'a Document<'a>, path: &str) -> Result<Found<Item<'a>>, String> {
    let root = Item::Node(document.root());
    xpath::evaluate(root, root, path, &[])
}

impl xpath::Item for Item<'_> {
    type Key = (usize, usize);

    fn key(&self) -> Self::Key {
        match self {
            Self::Node(node) => (node.id().get_usize(), 0),
            Self::Attribute(owner, attribute) => {
                let at = owner.attributes().position(|other| other == *attribute).unwrap_or_default();
                (owner.id().get_usize(), at + 1)
            }
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Attribute(..) => Kind::Attribute,
            Self::Node(node) if node.is_element() => Kind::Element,
            Self::Node(node) if node.is_text() => Kind::Text,
            Self::Node(node) if node.is_comment() => Kind::Comment,
            Self::Node(node) if node.is_pi() => Kind::Instruction,
            Self::Node(_) => Kind::Root,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Attribute(_, attribute) => attribute.value().to_owned(),
            Self::Node(node) if node.is_text() || node.is_comment() => node.text().unwrap_or_default().to_owned(),
            Self::Node(node) => node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect(),
        }
    }

    fn local_name(&self) -> String {
        match self {
            Self::Node(node) => node.tag_name().name().to_owned(),
            Self::Attribute(_, attribute) => attribute.name().to_owned(),
        }
    }

    fn name(&self) -> String {
        let (owner, namespace) = match self {
            Self::Node(node) => (node, node.tag_name().namespace()),
            Self::Attribute(owner, attribute) => (owner, attribute.namespace()),
        };
        match namespace.and_then(|uri| owner.lookup_prefix(uri)) {
            Some(prefix) => format!("{prefix}:{}", self.local_name()),
            None => self.local_name(),
        }
    }

    fn namespace(&self) -> Option<String> {
        match self {
            Self::Node(node) => node.tag_name().namespace().map(str::to_owned),
            Self::Attribute(_, attribute) => attribute.namespace().map(str::to_owned),
        }
    }

    fn namespace_of(&self, prefix: Option<&str>) -> Option<String> {
        match (self, prefix) {
            (Self::Node(node), prefix) => node.lookup_namespace_uri(prefix).map(str::to_owned),
            (Self::Attribute(owner, _), Some(prefix)) => owner.lookup_namespace_uri(Some(prefix)).map(str::to_owned),
            // An attribute without a prefix is in no namespace.
            (Self::Attribute(..), None) => None,
        }
    }

    fn parent(&self) -> Option<Self> {
        match self {
            Self::Node(node) => node.parent().map(Self::Node),
            Self::Attribute(owner, _) => Some(Self::Node(*owner)),
        }
    }

    fn children(&self) -> Vec<Self> {
        match self {
            Self::Node(node) => node.children().map(Self::Node).collect(),
            Self::Attribute(..) => Vec::new(),
        }
    }

    fn attributes(&self) -> Vec<Self> {
        match self {
            Self::Node(node) => node.attributes().map(|attribute| Self::Attribute(*node, attribute)).collect(),
            Self::Attribute(..) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_ruby::xpath::Item as _;

    use super::*;

    const TEXT: &str = "<Server port='8005' a='x &lt; y'><!-- c --><S name='q'>t1<b/>t2 &amp; B</S><e/><e n='2'/>\
        <ns:x xmlns:ns='urn:n' ns:k='v'><ns:y>7</ns:y></ns:x><d xmlns='urn:d'><f>ff</f></d><w>  s  p </w></Server>";

    fn show(path: &str) -> String {
        let document = Document::parse(TEXT).unwrap();
        match evaluate(&document, path) {
            Ok(Found::Items(items)) => items.iter().map(Item::text).collect::<Vec<_>>().join("|"),
            Ok(other) => other.text(),
            Err(error) => format!("!{error}"),
        }
    }

    #[test]
    fn walks_paths() {
        for (path, expected) in [
            ("/Server/@port", "8005"),
            ("Server/attribute::port", "8005"),
            ("//@a", "x < y"),
            ("//S", "t1t2 & B"),
            ("//S/text()", "t1|t2 & B"),
            ("//S[@name='q']/@name", "q"),
            ("//S[@name!='q']", ""),
            ("//ns:y", "7"),
            ("//y", ""),
            ("//f", "ff"),
            ("//d/f", "ff"),
            ("//@ns:k", "v"),
            ("//@k", ""),
            ("//b/parent::S/@name", "q"),
            ("//b/../@name", "q"),
            ("//e[2]/@n", "2"),
            ("//e[last()]/@n", "2"),
            ("(//e)[position()=2]/@n", "2"),
            ("//*[@name or @port]/@port", "8005"),
            ("//e/following-sibling::f", ""),
            ("//w/preceding-sibling::S/@name", "q"),
            ("//comment()", " c "),
            ("//S/@name | //@port", "8005|q"),
            ("//*[local-name()='y']", "7"),
            ("//*[starts-with(name(),'ns:')]/@ns:k", "v"),
            ("/server", ""),
        ] {
            assert_eq!(show(path), expected, "{path}");
        }
    }

    #[test]
    fn evaluates_expressions() {
        for (path, expected) in [
            ("count(//e)", "2"),
            ("count(//none)", "0"),
            ("contains(//S, 't1')", "true"),
            ("not(//none)", "true"),
            ("1 + 2 * 3", "7"),
            ("7 mod 4 - 1", "2"),
            ("3 div 2", "1.5"),
            ("//ns:y > 5 and //ns:y <= 7", "true"),
            ("//e/@n = 2", "true"),
            ("normalize-space(//w)", "s p"),
            ("translate('abc','bc','B')", "aB"),
            ("substring('12345', 2, 3)", "234"),
            ("substring-after('a=b', '=')", "b"),
            ("concat('a', name(/*))", "aServer"),
            ("string-length('abc')", "3"),
            ("-(1)", "-1"),
            ("'lit'", "lit"),
        ] {
            assert_eq!(show(path), expected, "{path}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for path in ["//S[", "//S[@name='q", "nothing(1)", "1 +", "a b", "count(1)", "!"] {
            assert!(show(path).starts_with('!'), "{path}: {}", show(path));
        }
        let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
        assert_eq!(show(&deep), "!the path is nested too deeply");
    }
}
