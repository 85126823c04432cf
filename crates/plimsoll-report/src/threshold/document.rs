//! A YAML (or JSON) document as a tree that knows its lines.
//!
//! A deserialised value has lost what a threshold's author needs to hear: the line of a mistake, keys given twice,
//! whether an odd key merely holds an anchor.

use granit_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// One value of the document.
#[derive(Debug)]
pub(super) struct Node {
    /// Line, counted from 1.
    pub line: usize,
    pub value: Value,
    /// Whether an alias refers to it.
    pub is_referred_to: bool,
}

#[derive(Debug)]
pub(super) enum Value {
    /// Text, not yet taken for a number or anything else. `plain` when it stands without quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Rc<Node>>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub line: usize,
    pub node: Rc<Node>,
}

/// What is wrong with a document, and on which line.
pub(super) type Problem = (usize, String);

impl Node {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { plain: true, text } if is_null(text) => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Whether a plain scalar means "nothing" in YAML.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Reads the one document that `text` holds; `None` when it holds none. The parser bounds how deep it may nest.
pub(super) fn parse(text: &str) -> Result<Option<Rc<Node>>, Problem> {
    let mut builder = Builder { referred_to: aliases(text)?, ..Builder::default() };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| (error.marker().line(), error.info()))?;
        builder.event(event, span.start.line())?;
    }
    Ok(builder.root)
}

/// The ids of all anchors that an alias refers to. A first pass, since aliases come after what they refer to.
fn aliases(text: &str) -> Result<HashSet<usize>, Problem> {
    let mut ids = HashSet::new();
    for next in Parser::new_from_str(text) {
        let (event, _) = next.map_err(|error| (error.marker().line(), error.info()))?;
        ids.extend(event.alias_id());
    }
    Ok(ids)
}

/// A collection that is not closed yet.
struct Open {
    line: usize,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Rc<Node>>),
    Map {
        entries: Vec<Entry>,
        /// The key that waits for its value.
        key: Option<(String, usize)>,
    },
}

#[derive(Default)]
struct Builder {
    root: Option<Rc<Node>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    referred_to: HashSet<usize>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, line: usize) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                allow_tag(tag.as_deref(), line)?;
                let plain = style == ScalarStyle::Plain;
                let value = Value::Scalar { text: text.into_owned(), plain };
                self.finish(line, anchor, value)
            }
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(node) => self.place(Rc::clone(node), line),
                None => Err((line, "an alias inside the value that it refers to".to_owned())),
            },
            Event::SequenceStart(_, anchor, tag) => {
                allow_tag(tag.as_deref(), line)?;
                self.open.push(Open { line, anchor, content: Content::List(Vec::new()) });
                Ok(())
            }
            Event::MappingStart(_, anchor, tag) => {
                allow_tag(tag.as_deref(), line)?;
                self.open.push(Open { line, anchor, content: Content::Map { entries: Vec::new(), key: None } });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { line, anchor, content: Content::List(items) }) => {
                    self.finish(line, anchor, Value::List(items))
                }
                Some(Open { line, anchor, content: Content::Map { entries, .. } }) => {
                    let entries = merge(entries)?;
                    self.finish(line, anchor, Value::Map(entries))
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn finish(&mut self, line: usize, anchor: usize, value: Value) -> Result<(), Problem> {
        let node = Rc::new(Node { line, value, is_referred_to: self.referred_to.contains(&anchor) });
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.place(node, line)
    }

    /// Puts a complete value where it belongs.
    fn place(&mut self, node: Rc<Node>, line: usize) -> Result<(), Problem> {
        match self.open.last_mut().map(|open| &mut open.content) {
            None if self.root.is_some() => Err((line, "a second document; a threshold is one document".to_owned())),
            None => {
                self.root = Some(node);
                Ok(())
            }
            Some(Content::List(items)) => {
                items.push(node);
                Ok(())
            }
            Some(Content::Map { entries, key }) => match key.take() {
                Some((key, line)) => {
                    entries.push(Entry { key, line, node });
                    Ok(())
                }
                None => match &node.value {
                    Value::Scalar { text, .. } if entries.iter().any(|entry| entry.key == *text) => {
                        Err((line, format!("the key `{text}` stands here a second time")))
                    }
                    Value::Scalar { text, .. } => {
                        *key = Some((text.clone(), line));
                        Ok(())
                    }
                    _ => Err((line, "a key must be a word".to_owned())),
                },
            },
        }
    }
}

/// Only YAML's own tags are understood; of those the value alone decides what it is.
fn allow_tag(tag: Option<&Tag>, line: usize) -> Result<(), Problem> {
    const KNOWN: [&str; 7] = ["str", "int", "float", "bool", "null", "map", "seq"];
    match tag {
        Some(tag) if !KNOWN.into_iter().any(|known| tag.is_yaml_core_schema_tag(known)) => {
            Err((line, format!("the tag `{}` means nothing in a threshold", tag.original())))
        }
        _ => Ok(()),
    }
}

/// Resolves merge keys (`<<`): what they bring in yields to keys that stand in the map itself.
fn merge(entries: Vec<Entry>) -> Result<Vec<Entry>, Problem> {
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.key == "<<");
    for merge in merges {
        let sources = match &merge.node.value {
            Value::List(items) => items.clone(),
            _ => vec![Rc::clone(&merge.node)],
        };
        for source in sources {
            let Value::Map(brought) = &source.value else {
                return Err((merge.line, format!("`<<` needs a map, here it gets {}", source.kind())));
            };
            for entry in brought {
                if !own.iter().any(|known| known.key == entry.key) {
                    own.push(entry.clone());
                }
            }
        }
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::{Value, parse};

    #[test]
    fn refuses_what_no_threshold_holds() {
        let cases = [
            ("[".repeat(100_000), "recursion limit exceeded"),
            ("a: 1\n--- \nb: 2\n".to_owned(), "a second document"),
            ("a: &x [*x]\n".to_owned(), "an alias inside the value that it refers to"),
            ("a: !own 1\n".to_owned(), "the tag `!own` means nothing"),
            ("? [a]\n: 1\n".to_owned(), "a key must be a word"),
            ("<<: 1\n".to_owned(), "`<<` needs a map, here it gets a single value"),
        ];
        for (text, expected) in cases {
            let (_, problem) = parse(&text).expect_err(expected);
            assert!(problem.starts_with(expected), "{problem}");
        }
    }

    #[test]
    fn a_merged_key_yields_to_one_that_stands_there() {
        let root = parse("x: &x {a: 1, b: 1}\ny:\n  <<: *x\n  b: 2\n").unwrap().unwrap();
        let Value::Map(entries) = &root.value else { panic!("{root:?}") };
        assert!(entries[0].node.is_referred_to && !entries[1].node.is_referred_to);
        let Value::Map(merged) = &entries[1].node.value else { panic!("{root:?}") };
        let text = |index: usize| match &merged[index].node.value {
            Value::Scalar { text, .. } => format!("{}={text}", merged[index].key),
            other => panic!("{other:?}"),
        };
        assert_eq!([text(0), text(1)], ["b=2", "a=1"]);
    }
}
