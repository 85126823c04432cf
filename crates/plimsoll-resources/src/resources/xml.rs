//! `xml`: an XML document, asked by XPath.
//!
//! ```ruby
//! describe xml('/opt/tomcat/conf/server.xml') do
//!   its('/Server/@port') { should cmp '-1' }
//!   its(["//Connector[@secure='true']/@sslProtocol"]) { should cmp 'TLS' }
//! end
//! ```
//!
//! Given a path, `command: 'LINE'` or `content: 'TEXT'`. A property is an XPath: its values as an Array, the first text of
//! elements and what attributes say, as it is written. One with a dot in it is given as an Array of one.

use plimsoll_ruby::xpath::Found;
use plimsoll_ruby::{Def, Interp, Res, Value, def};
use roxmltree::{Document, Error, Node, ParsingOptions};

use super::json;
use crate::base;
use crate::declare::ResourceDef;
use crate::text;
use crate::xpath::{self, Item};

pub(crate) const XML: ResourceDef = ResourceDef {
    name: "xml",
    class: "XmlConfig",
    parent: Some("JsonConfig"),
    doc: "An XML document.",
    new: Some((1, 1, |vm, this, args| json::open(vm, this, args, "XML"))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("value", 1, 1, |vm, this, args| value(vm, this, &first_of(vm, &args[0])?), "The values of an XPath."),
    def("parse", 1, 1, |vm, _, args| check(vm, &json::text_of(vm, args)?), "Whether it is XML."),
];

/// How many nodes a document may have.
const MOST_NODES: u32 = 2_000_000;

/// The document; `None` for a text without an element, which REXML takes for an empty one.
fn document<'a>(vm: &Interp, text: &'a str) -> Res<Option<Document<'a>>> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    match Document::parse_with_options(text, options) {
        Ok(document) => Ok(Some(document)),
        Err(Error::NoRootNode) => Ok(None),
        Err(error) => Err(base::failed(vm, &format!("Unable to parse XML: {}", complaint(text, &error)))),
    }
}

/// The words REXML has for the commonest mistake; the parser's own for others.
fn complaint(text: &str, error: &Error) -> String {
    let Error::UnexpectedCloseTag(expected, found, position) = error else { return error.to_string() };
    let lines = text.split_inclusive('\n').take(position.row as usize - 1);
    let line_start: usize = lines.map(str::len).sum();
    let tag = &text[line_start..];
    let column = tag.char_indices().nth(position.col as usize - 1).map_or(tag.len(), |(at, _)| at);
    let end = tag[column..].find('>').map_or(text.len(), |at| line_start + column + at + 1);
    let rest: String = text[end..].chars().take(80).collect();
    let line = position.row;
    format!(
        "Missing end tag for '{expected}' (got '{found}')\nLine: {line}\nPosition: {end}\nLast 80 unconsumed characters:\n{rest}"
    )
}

fn check(vm: &Interp, content: &[u8]) -> Res {
    document(vm, decoded(content).trim_start()).map(|_| Value::Nil)
}

fn decoded(content: &[u8]) -> String {
    text::lossy(content).trim_start_matches('\u{feff}').to_owned()
}

fn first_of(vm: &Interp, keys: &Value) -> Res {
    Ok(vm.to_array(keys)?.get(0).unwrap_or_default())
}

fn value(vm: &Interp, this: &Value, key: &Value) -> Res {
    let path = vm.to_s(key)?.lossy();
    // Without a document CINC has not loaded what it would ask it by: no list of values, which a control might take for "none".
    let Value::Str(raw) = &json::raw_content(this) else {
        return Err(vm.error("NameError", "uninitialized constant xml::REXML"));
    };
    let raw = raw.to_vec();
    let content = decoded(&raw);
    let content = content.trim_start();
    let Some(document) = document(vm, content)? else { return Ok(Value::array(Vec::new())) };
    let found = xpath::evaluate(&document, &path);
    let found = found.map_err(|error| base::failed(vm, &format!("Unable to evaluate the XPath {path}: {error}")))?;
    let values = match found {
        Found::Items(items) => items.iter().map(|item| item_value(vm, content, item)).collect::<Res<Vec<_>>>()?,
        Found::Integer(number) => vec![Value::Int(number)],
        Found::Text(text) => vec![Value::str(text)],
        Found::Bool(value) => vec![value.into()],
        Found::Float(number) => {
            let shown = vm.to_s(&Value::Float(number))?.lossy();
            return Err(unknown(vm, "Float", &shown));
        }
    };
    Ok(Value::array(values))
}

fn item_value(vm: &Interp, content: &str, item: &Item<'_>) -> Res {
    match item {
        Item::Attribute(_, attribute) => Ok(Value::str(&content[attribute.range_value()])),
        Item::Node(node) if node.is_element() || node.is_root() => {
            let text = node.children().find(Node::is_text).and_then(|text| text.text());
            Ok(text.map_or(Value::Nil, Value::str))
        }
        Item::Node(node) if node.is_text() => Err(unknown(vm, "REXML::Text", &content[node.range()])),
        Item::Node(node) if node.is_comment() => Err(unknown(vm, "REXML::Comment", node.text().unwrap_or_default())),
        Item::Node(node) => Err(unknown(vm, "REXML::Instruction", &content[node.range()])),
    }
}

fn unknown(vm: &Interp, class: &str, shown: &str) -> plimsoll_ruby::Unwind {
    base::failed(vm, &format!("Unknown XML object received ({class}): {shown}"))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const TEXT: &str = "\n<?xml version='1.0'?>\n<Server port='8005'>\n <Connector port='1' p='%h &quot;'/>\
        <Connector port='2'/><D>a &amp; b<E/>c</D></Server>\n";

    #[test]
    fn a_present_document_answers_paths() {
        let audit = Audit::debian(MemoryTarget::new().file("/s.xml", TEXT));
        let xml = audit.on("xml", "/s.xml");
        assert_eq!(audit.why(&xml), "fine");
        for (path, expected) in [
            ("/Server/@port", r#"["8005"]"#),
            ("Server/Connector/attribute::port", r#"["1", "2"]"#),
            ("//@p", r#"["%h &quot;"]"#),
            ("//D", r#"["a & b"]"#),
            ("//E", "[nil]"),
            ("//None", "[]"),
            ("count(//Connector)", "[2]"),
            ("//Connector/@port = '2'", "[true]"),
            ("name(/*)", r#"["Server"]"#),
        ] {
            assert_eq!(audit.get(&xml, path), expected, "{path}");
            assert_eq!(audit.ask(&xml, "[]", &[Value::str(path)]), expected, "{path}");
        }
        let text = audit.get(&xml, "//E/following-sibling::text()");
        assert_eq!(text, "!Inspec::Exceptions::ResourceFailed: Unknown XML object received (REXML::Text): c");
        assert!(audit.get(&xml, "//D[").contains("Unable to evaluate the XPath //D["));
        assert_eq!(audit.get(&xml, "to_s"), r#""XML /s.xml""#);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips_and_a_malformed_one_fails() {
        let target = MemoryTarget::new().file("/bad.xml", "<a><b></a> x").file("/no", "<a/>").denied("/no");
        let audit = Audit::debian(target.file("/text", "nothing"));
        assert_eq!(audit.why(&audit.on("xml", "/none.xml")), "skipped: Can't find file: /none.xml");
        let no_list = "!NameError: uninitialized constant xml::REXML";
        assert_eq!(audit.get(&audit.on("xml", "/none.xml"), "//a"), no_list);
        assert_eq!(audit.why(&audit.on("xml", "/no")), "skipped: Can't read file: /no");
        let bad = audit.why(&audit.on("xml", "/bad.xml"));
        let words = "Missing end tag for 'b' (got 'a')\nLine: 1\nPosition: 10\nLast 80 unconsumed characters:\n x";
        assert_eq!(bad, format!("failed: Unable to parse XML: {words}"));
    }
}
