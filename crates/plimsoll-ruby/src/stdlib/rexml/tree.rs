//! The nodes of all documents of an interpreter, and what XPath asks of them.
//!
//! Nodes are numbers in one table: a parent and its children name each other, and nothing has to be freed before the
//! interpreter ends.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use super::entities;
use crate::value::{Charge, RObject};
use crate::xpath::{self, Kind};

/// A node's number.
pub(super) type Id = usize;

/// Text as it is written, or as it is meant: whichever was asked for last.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// With entities.
    Written(String),
    /// Without.
    Meant(String),
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Document,
    Element {
        name: String,
        attributes: Vec<Id>,
    },
    Attribute {
        name: String,
        value: Content,
    },
    /// `false` for text that a program has written: it is escaped when it is shown.
    Text {
        string: String,
        raw: bool,
    },
    Cdata(String),
    Comment(String),
    Instruction {
        target: String,
        content: Option<String>,
    },
    Declaration {
        version: String,
        encoding: Option<String>,
        standalone: Option<String>,
    },
    DocType {
        name: String,
        external: String,
        declarations: Vec<String>,
        entities: Vec<(String, String)>,
    },
}

struct Node {
    data: Data,
    parent: Option<Id>,
    children: Vec<Id>,
    /// The Ruby object that stands for it, while there is one.
    object: Weak<RObject>,
    _charge: Charge,
}

/// All nodes.
#[derive(Default)]
pub(super) struct Forest(RefCell<Vec<Node>>);

/// Bytes of a node beside its texts.
const SIZE: usize = 256;

impl Forest {
    pub(super) fn add(&self, data: Data) -> Id {
        let size = match &data {
            Data::Text { string, .. } | Data::Cdata(string) | Data::Comment(string) => SIZE + string.len(),
            Data::Attribute { value: Content::Written(text) | Content::Meant(text), .. } => SIZE + text.len(),
            _ => SIZE,
        };
        let node = Node { data, parent: None, children: Vec::new(), object: Weak::new(), _charge: Charge::new(size) };
        let mut nodes = self.0.borrow_mut();
        nodes.push(node);
        nodes.len() - 1
    }

    pub(super) fn data(&self, id: Id) -> Data {
        self.0.borrow()[id].data.clone()
    }

    pub(super) fn read<T>(&self, id: Id, read: impl FnOnce(&Data) -> T) -> T {
        read(&self.0.borrow()[id].data)
    }

    pub(super) fn change<T>(&self, id: Id, change: impl FnOnce(&mut Data) -> T) -> T {
        change(&mut self.0.borrow_mut()[id].data)
    }

    pub(super) fn parent(&self, id: Id) -> Option<Id> {
        self.0.borrow()[id].parent
    }

    pub(super) fn children(&self, id: Id) -> Vec<Id> {
        self.0.borrow()[id].children.clone()
    }

    pub(super) fn attributes(&self, id: Id) -> Vec<Id> {
        self.read(id, |data| if let Data::Element { attributes, .. } = data { attributes.clone() } else { Vec::new() })
    }

    pub(super) fn object(&self, id: Id) -> Option<Rc<RObject>> {
        self.0.borrow()[id].object.upgrade()
    }

    pub(super) fn set_object(&self, id: Id, object: &Rc<RObject>) {
        self.0.borrow_mut()[id].object = Rc::downgrade(object);
    }

    /// Takes a node out of its parent.
    pub(super) fn remove(&self, id: Id) {
        let mut nodes = self.0.borrow_mut();
        if let Some(parent) = nodes[id].parent.take() {
            nodes[parent].children.retain(|child| *child != id);
        }
    }

    /// Puts a node below another, at a place among its children.
    pub(super) fn insert(&self, parent: Id, at: usize, id: Id) {
        self.remove(id);
        let mut nodes = self.0.borrow_mut();
        let at = at.min(nodes[parent].children.len());
        nodes[parent].children.insert(at, id);
        nodes[id].parent = Some(parent);
    }

    pub(super) fn append(&self, parent: Id, id: Id) {
        self.insert(parent, usize::MAX, id);
    }

    /// Gives an element an attribute, in the place of one of its name.
    pub(super) fn set_attribute(&self, element: Id, name: &str, value: Content) -> Id {
        let new = self.add(Data::Attribute { name: name.to_owned(), value });
        self.0.borrow_mut()[new].parent = Some(element);
        let place = self.attributes(element).iter().position(|id| self.name(*id) == name);
        self.change(element, |data| {
            if let Data::Element { attributes, .. } = data {
                match place {
                    Some(at) => attributes[at] = new,
                    None => attributes.push(new),
                }
            }
        });
        new
    }

    pub(super) fn delete_attribute(&self, element: Id, id: Id) {
        self.change(element, |data| {
            if let Data::Element { attributes, .. } = data {
                attributes.retain(|own| *own != id);
            }
        });
    }

    /// A copy of a node without its children.
    pub(super) fn copied(&self, id: Id) -> Id {
        let data = self.data(id);
        let copy = self.add(match data {
            Data::Element { name, .. } => Data::Element { name, attributes: Vec::new() },
            other => other,
        });
        for attribute in self.attributes(id) {
            if let Data::Attribute { name, value } = self.data(attribute) {
                self.set_attribute(copy, &name, value);
            }
        }
        copy
    }

    /// A copy of a node with all that is in it.
    pub(super) fn deep_copied(&self, id: Id) -> Id {
        let copy = self.copied(id);
        let mut open = vec![(id, copy)];
        while let Some((from, to)) = open.pop() {
            for child in self.children(from) {
                let own = self.copied(child);
                self.append(to, own);
                open.push((child, own));
            }
        }
        copy
    }

    /// The name of an element or attribute as it is written.
    pub(super) fn name(&self, id: Id) -> String {
        self.read(id, |data| match data {
            Data::Element { name, .. }
            | Data::Attribute { name, .. }
            | Data::DocType { name, .. }
            | Data::Instruction { target: name, .. } => name.clone(),
            _ => String::new(),
        })
    }

    pub(super) fn is_element(&self, id: Id) -> bool {
        self.read(id, |data| matches!(data, Data::Element { .. }))
    }

    pub(super) fn is_text(&self, id: Id) -> bool {
        self.read(id, |data| matches!(data, Data::Text { .. } | Data::Cdata(_)))
    }

    /// The node that everything else is in.
    pub(super) fn top(&self, id: Id) -> Id {
        std::iter::successors(Some(id), |id| self.parent(*id)).last().unwrap_or(id)
    }

    /// Entities that the document declares.
    pub(super) fn entities(&self, id: Id) -> Vec<(String, String)> {
        let declared = self.children(self.top(id)).into_iter().find_map(|child| {
            self.read(
                child,
                |data| if let Data::DocType { entities, .. } = data { Some(entities.clone()) } else { None },
            )
        });
        declared.unwrap_or_default()
    }

    /// A text or attribute without entities.
    pub(super) fn value(&self, id: Id) -> String {
        match self.data(id) {
            Data::Text { string, raw: true } | Data::Attribute { value: Content::Written(string), .. } => {
                entities::meant(&string, &self.entities(id))
            }
            Data::Text { string, .. }
            | Data::Cdata(string)
            | Data::Comment(string)
            | Data::Attribute { value: Content::Meant(string), .. } => string,
            _ => String::new(),
        }
    }

    /// A text or attribute with entities.
    pub(super) fn written(&self, id: Id) -> String {
        match self.data(id) {
            Data::Text { string, raw: false } | Data::Attribute { value: Content::Meant(string), .. } => {
                entities::written(&string)
            }
            Data::Text { string, .. }
            | Data::Cdata(string)
            | Data::Comment(string)
            | Data::Attribute { value: Content::Written(string), .. } => string,
            _ => String::new(),
        }
    }

    /// What a prefix means at an element; the empty one is the default namespace.
    pub(super) fn namespace(&self, element: Id, prefix: &str) -> Option<String> {
        if prefix == "xml" {
            return Some("http://www.w3.org/XML/1998/namespace".to_owned());
        }
        let wanted = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        let mut at = Some(element);
        while let Some(id) = at {
            if let Some(found) = self.attributes(id).into_iter().find(|attribute| self.name(*attribute) == wanted) {
                return Some(self.value(found));
            }
            at = self.parent(id);
        }
        None
    }
}

/// `p:name` as prefix and name; an empty prefix where there is none.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// A node with its forest, as XPath sees it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) forest: &'a Forest,
    pub(super) id: Id,
}

impl Place<'_> {
    fn at(self, id: Id) -> Self {
        Self { id, ..self }
    }
}

impl xpath::Item for Place<'_> {
    type Key = Vec<usize>;

    fn key(&self) -> Self::Key {
        let mut key = Vec::new();
        let mut id = self.id;
        while let Some(parent) = self.forest.parent(id) {
            // Attributes come after their element and before what is in it.
            let attribute = self.forest.attributes(parent).iter().position(|own| *own == id);
            let child = || self.forest.children(parent).iter().position(|own| *own == id).unwrap_or(0);
            key.push(attribute.unwrap_or_else(|| child() + 1_000_000));
            id = parent;
        }
        key.push(id);
        key.reverse();
        key
    }

    fn kind(&self) -> Kind {
        self.forest.read(self.id, |data| match data {
            Data::Document => Kind::Root,
            Data::Element { .. } => Kind::Element,
            Data::Attribute { .. } => Kind::Attribute,
            Data::Text { .. } | Data::Cdata(_) => Kind::Text,
            Data::Comment(_) => Kind::Comment,
            Data::Instruction { .. } => Kind::Instruction,
            Data::Declaration { .. } | Data::DocType { .. } => Kind::Other,
        })
    }

    fn text(&self) -> String {
        match self.kind() {
            Kind::Root | Kind::Element => {
                let children = self.children().into_iter();
                let inner = children.filter(|c| matches!(c.kind(), Kind::Element | Kind::Text));
                inner.map(|child| child.text()).collect()
            }
            // As REXML has it: text counts as it is written.
            Kind::Text => self.forest.written(self.id),
            _ => self.forest.value(self.id),
        }
    }

    fn local_name(&self) -> String {
        split_name(&self.forest.name(self.id)).1.to_owned()
    }

    fn name(&self) -> String {
        self.forest.name(self.id)
    }

    fn namespace(&self) -> Option<String> {
        let name = self.forest.name(self.id);
        match (self.kind(), split_name(&name).0) {
            (Kind::Attribute, "") => None,
            (Kind::Attribute, prefix) => self.forest.namespace(self.forest.parent(self.id)?, prefix),
            (_, prefix) => self.forest.namespace(self.id, prefix),
        }
    }

    fn namespace_of(&self, prefix: Option<&str>) -> Option<String> {
        match (self.kind(), prefix) {
            (Kind::Attribute, None) => None,
            (Kind::Attribute, Some(prefix)) => self.forest.namespace(self.forest.parent(self.id)?, prefix),
            (_, prefix) => self.forest.namespace(self.id, prefix.unwrap_or_default()),
        }
    }

    fn parent(&self) -> Option<Self> {
        self.forest.parent(self.id).map(|id| self.at(id))
    }

    fn children(&self) -> Vec<Self> {
        self.forest.children(self.id).into_iter().map(|id| self.at(id)).collect()
    }

    fn attributes(&self) -> Vec<Self> {
        let all = self.forest.attributes(self.id).into_iter();
        all.filter(|id| !self.forest.name(*id).starts_with("xmlns")).map(|id| self.at(id)).collect()
    }
}
