//! Reading XML text.

use std::collections::HashSet;

use super::entities;
use super::tree::{Content, Data, Forest, Id, split_name};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::Value;

/// Reads a text into a document.
pub(super) fn read(vm: &Interp, forest: &Forest, document: Id, text: &str) -> Res<()> {
    let mut reader = Reader {
        vm,
        forest,
        text,
        at: 0,
        open: vec![document],
        prefixes: Vec::new(),
        prolog: true,
        after_doctype: false,
    };
    while reader.at < text.len() {
        vm.tick()?;
        vm.reserve(0)?;
        reader.next()?;
    }
    match reader.open.last() {
        Some(last) if *last != document => {
            let path = super::nodes::path_of(forest, *last);
            Err(reader.error(&format!("No close tag for {path}")))
        }
        _ => Ok(()),
    }
}

struct Reader<'a> {
    vm: &'a Interp,
    forest: &'a Forest,
    text: &'a str,
    at: usize,
    /// The document and the elements that are open.
    open: Vec<Id>,
    /// Prefixes that the open elements declare.
    prefixes: Vec<HashSet<String>>,
    /// Whether no doctype and no element has been seen.
    prolog: bool,
    /// Whether a doctype has been seen and no element.
    after_doctype: bool,
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')
}

/// The name that a text begins with.
fn name(text: &str) -> Option<&str> {
    text.chars().next().filter(|c| is_name_start(*c))?;
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    Some(&text[..end])
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn context(&self) -> Id {
        self.open[self.open.len() - 1]
    }

    /// A ParseException about what has been read.
    fn error(&self, message: &str) -> Unwind {
        let begins = self.text[..self.at].ends_with('>');
        self.error_with(message, if begins { "" } else { self.chunk() })
    }

    /// A ParseException about what comes next.
    fn error_ahead(&self, message: &str) -> Unwind {
        self.error_with(message, self.chunk())
    }

    /// What has been looked at and not been read: REXML reads up to the next `>`.
    fn chunk(&self) -> &'a str {
        let rest = self.rest();
        rest.find('>').map_or(rest, |end| &rest[..=end])
    }

    fn error_with(&self, message: &str, chunk: &str) -> Unwind {
        let position = self.at + chunk.len();
        let line = self.text[..position].matches('\n').count() + 1;
        let shown: String = chunk.chars().take(81).map(|c| if c == '\n' { ' ' } else { c }).collect();
        let text = format!("{message}\nLine: {line}\nPosition: {position}\nLast 80 unconsumed characters:\n{shown}");
        let error = self.vm.exception(&self.vm.class_named("REXML::ParseException"), Value::from(text));
        error.head.set_ivar(Sym::new("@line"), line.into());
        error.head.set_ivar(Sym::new("@position"), position.into());
        self.vm.raise_object(error)
    }

    fn add(&mut self, data: Data) -> Id {
        let id = self.forest.add(data);
        self.forest.append(self.context(), id);
        id
    }

    fn next(&mut self) -> Res<()> {
        let rest = self.rest();
        if rest.starts_with("</") {
            return self.close();
        }
        if let Some(inner) = rest.strip_prefix("<!--") {
            let Some(end) = inner.find("-->") else { return Err(self.error_ahead("Malformed comment")) };
            let comment = &inner[..end];
            self.at += end + 7;
            if !self.prolog && (comment.contains("--") || comment.ends_with('-')) {
                return Err(self.error("Malformed comment"));
            }
            self.add(Data::Comment(comment.to_owned()));
            self.skip_blanks();
            return Ok(());
        }
        if let Some(inner) = rest.strip_prefix("<![CDATA[") {
            let Some(end) = inner.find("]]>") else { return Err(self.error_ahead("Malformed node")) };
            self.at += end + 12;
            self.add(Data::Cdata(inner[..end].to_owned()));
            return Ok(());
        }
        if rest.starts_with("<!DOCTYPE") && self.prolog {
            return self.doctype();
        }
        if rest.starts_with("<!") {
            return Err(self.error_ahead("Declarations can only occur in the doctype declaration."));
        }
        if rest.starts_with("<?") {
            return self.instruction();
        }
        if rest.starts_with('<') {
            return self.element();
        }
        let end = rest.find('<').unwrap_or(rest.len());
        self.at += end;
        self.characters(&rest[..end])
    }

    /// White space between a doctype and the root is not kept.
    fn skip_blanks(&mut self) {
        if self.after_doctype {
            self.at = self.text.len() - self.rest().trim_start().len();
        }
    }

    fn characters(&mut self, text: &str) -> Res<()> {
        if let Some(illegal) = entities::illegal(text) {
            let shown = self.vm.inspect(&Value::str(text))?.lossy();
            return Err(self.error(&format!("Illegal character \"{illegal}\" in raw string {shown}")));
        }
        let string = text.replace("\r\n", "\n").replace('\r', "\n");
        let last = self.forest.children(self.context()).last().copied();
        let merged = last.is_some_and(|last| {
            self.forest.change(last, |data| match data {
                Data::Text { string: own, .. } => {
                    own.push_str(&string);
                    true
                }
                _ => false,
            })
        });
        if !merged {
            self.add(Data::Text { string, raw: true });
        }
        Ok(())
    }

    fn close(&mut self) -> Res<()> {
        let rest = self.rest();
        let given = rest
            .find('>')
            .and_then(|end| Some((name(&rest[2..end]).filter(|n| n.len() == rest[2..end].trim_end().len())?, end)));
        let expected = (self.open.len() > 1).then(|| self.forest.name(self.context()));
        if let Some((_, end)) = given {
            self.at += end + 1;
        }
        match (expected, given) {
            (None, Some((name, _))) => Err(self.error(&format!("Unexpected top-level end tag (got '{name}')"))),
            (Some(expected), Some((name, _))) if expected == name => {
                self.open.pop();
                self.prefixes.pop();
                Ok(())
            }
            (expected, given) => {
                let expected = expected.unwrap_or_default();
                Err(match given {
                    Some((name, _)) => self.error(&format!("Missing end tag for '{expected}' (got '{name}')")),
                    None => self.error_ahead(&format!("Missing end tag for '{expected}'")),
                })
            }
        }
    }

    fn instruction(&mut self) -> Res<()> {
        let inner = &self.rest()[2..];
        let invalid = "Invalid processing instruction node";
        let Some(end) = inner.find("?>") else { return Err(self.error_ahead(invalid)) };
        let Some(target) = name(inner) else { return Err(self.error_ahead(invalid)) };
        let content = inner[target.len()..end].trim_start();
        self.at += end + 4;
        if target == "xml" && self.prolog {
            let value = |key: &str| -> Option<String> {
                let after = content.split_once(&format!("{key}="))?.1;
                let quote = after.chars().next()?;
                after[1..].split(quote).next().map(str::to_owned)
            };
            let version = value("version").unwrap_or_else(|| "1.0".to_owned());
            self.add(Data::Declaration { version, encoding: value("encoding"), standalone: value("standalone") });
        } else {
            let content = (!content.is_empty()).then(|| content.to_owned());
            self.add(Data::Instruction { target: target.to_owned(), content });
        }
        Ok(())
    }

    fn doctype(&mut self) -> Res<()> {
        let inner = self.rest()["<!DOCTYPE".len()..].trim_start();
        let Some(name) = name(inner) else { return Err(self.error_ahead("Malformed DOCTYPE: name is missing")) };
        let after = &inner[name.len()..];
        let end =
            after.find(['[', '>']).ok_or_else(|| self.error_ahead("Malformed DOCTYPE: garbage after external ID"))?;
        let external = after[..end].trim().to_owned();
        let (mut declarations, mut declared) = (Vec::new(), Vec::new());
        let mut rest = &after[end..];
        if let Some(mut subset) = rest.strip_prefix('[') {
            loop {
                subset = subset.trim_start();
                if let Some(after) = subset.strip_prefix(']') {
                    rest = after.trim_start();
                    break;
                }
                let close = if subset.starts_with("<!--") { "-->" } else { ">" };
                let Some(end) = subset.find(close) else { return Err(self.error_ahead("Malformed DOCTYPE: no end")) };
                let declaration = &subset[..end + close.len()];
                if let Some(entity) = declaration.strip_prefix("<!ENTITY") {
                    let entity = entity.trim_end_matches('>').trim();
                    if let Some((name, value)) = entity.split_once(char::is_whitespace) {
                        let value = value.trim();
                        if value.starts_with(['"', '\'']) && value.len() > 1 {
                            declared.push((name.to_owned(), value[1..value.len() - 1].to_owned()));
                        }
                    }
                }
                declarations.push(declaration.to_owned());
                subset = &subset[end + close.len()..];
            }
        }
        let Some(rest) = rest.strip_prefix('>') else { return Err(self.error_ahead("Malformed DOCTYPE: no end")) };
        self.at = self.text.len() - rest.len();
        self.add(Data::DocType { name: name.to_owned(), external, declarations, entities: declared });
        self.prolog = false;
        self.after_doctype = true;
        self.skip_blanks();
        Ok(())
    }

    fn element(&mut self) -> Res<()> {
        let rest = self.rest();
        let Some(name) = name(&rest[1..]) else { return Err(self.error_ahead("malformed XML: missing tag start")) };
        let mut at = 1 + name.len();
        let mut attributes: Vec<(String, String)> = Vec::new();
        let closed = loop {
            let after = rest[at..].trim_start();
            at = rest.len() - after.len();
            if after.starts_with('>') {
                at += 1;
                break false;
            }
            if after.starts_with("/>") {
                at += 2;
                break true;
            }
            if after.is_empty() {
                return Err(self.error_ahead("Start tag isn't ended"));
            }
            let (attribute, value, length) = self.attribute(after, at)?;
            if attributes.iter().any(|(own, _)| *own == attribute) {
                self.at += rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
                let shown = self.vm.inspect(&Value::str(&attribute))?.lossy();
                return Err(self.error(&format!("Duplicate attribute {shown}")));
            }
            attributes.push((attribute, value));
            at += length;
        };
        self.at += at;
        self.prolog = false;
        self.after_doctype = false;
        if self.open.len() == 1 && self.forest.children(self.open[0]).iter().any(|id| self.forest.is_element(*id)) {
            return Err(self.error("attempted adding second root element to document"));
        }
        self.check_prefixes(name, &attributes)?;
        let id = self.add(Data::Element { name: name.to_owned(), attributes: Vec::new() });
        for (name, value) in attributes {
            if let Some(illegal) = entities::illegal(&value) {
                let shown = self.vm.inspect(&Value::str(&value))?.lossy();
                return Err(self.error(&format!("Illegal character \"{illegal}\" in raw string {shown}")));
            }
            self.forest.set_attribute(id, &name, Content::Written(value));
        }
        if closed {
            self.prefixes.pop();
        } else {
            self.open.push(id);
        }
        Ok(())
    }

    /// An attribute that a text begins with: name, value and how much it takes.
    fn attribute(&mut self, text: &str, at: usize) -> Res<(String, String, usize)> {
        let fail = |reader: &mut Self, message: String| {
            let tag_end = reader.rest()[at..].find('>').map_or(reader.rest().len(), |end| at + end + 1);
            reader.at += tag_end;
            reader.error(&message)
        };
        let Some(name) = name(text) else {
            let shown = text.split('>').next().unwrap_or_default().trim_end_matches('/').to_owned();
            return Err(fail(self, format!("Invalid attribute name: <{shown}>")));
        };
        let after = text[name.len()..].trim_start();
        let Some(after) = after.strip_prefix('=') else {
            return Err(fail(self, format!("Missing attribute equal: <{name}>")));
        };
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Err(fail(self, format!("Missing attribute value start quote: <{name}>")));
        };
        let Some(end) = after[1..].find(quote) else {
            return Err(fail(self, format!("Missing attribute value end quote: <{name}>: <{quote}>")));
        };
        let length = text.len() - after.len() + end + 2;
        Ok((name.to_owned(), after[1..=end].to_owned(), length))
    }

    fn check_prefixes(&mut self, name: &str, attributes: &[(String, String)]) -> Res<()> {
        let mut declared = HashSet::new();
        let mut used = vec![split_name(name).0];
        for (name, _) in attributes {
            match split_name(name) {
                ("xmlns", local) => drop(declared.insert(local.to_owned())),
                (prefix, _) => used.push(prefix),
            }
        }
        self.prefixes.push(declared);
        for prefix in used {
            let known = matches!(prefix, "" | "xml") || self.prefixes.iter().any(|known| known.contains(prefix));
            if !known {
                let class = self.vm.class_named("REXML::UndefinedNamespaceException");
                return Err(self.vm.raise(&class, format!("Undefined prefix {prefix} found")));
            }
        }
        Ok(())
    }
}
