//! Writing nodes: as they are, or indented.

use super::tree::{Content, Data, Forest, Id};
use crate::interp::Interp;
use crate::unwind::Res;

/// How nodes are indented.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pretty {
    pub(super) indentation: usize,
    /// Whether an element of nothing but short text stays on a line.
    pub(super) compact: bool,
    pub(super) width: usize,
}

/// How deep documents may nest.
const MOST_NESTED: usize = 2_000;

fn check(vm: &Interp, depth: usize) -> Res<()> {
    vm.tick()?;
    if depth > MOST_NESTED { Err(vm.limit("nesting of XML", MOST_NESTED.to_string())) } else { Ok(()) }
}

/// `name='value'`
pub(super) fn attribute(forest: &Forest, id: Id) -> String {
    let value = match forest.data(id) {
        Data::Attribute { value: Content::Written(value), .. } => value,
        _ => forest.written(id),
    };
    format!("{}='{}'", forest.name(id), value.replace('\'', "&apos;"))
}

fn start(forest: &Forest, id: Id, sorted: bool, out: &mut String) {
    out.push('<');
    out.push_str(&forest.name(id));
    let mut attributes = forest.attributes(id);
    if sorted {
        attributes.sort_by_key(|id| super::tree::split_name(&forest.name(*id)).1.to_owned());
    }
    for own in attributes {
        out.push(' ');
        out.push_str(&attribute(forest, own));
    }
}

/// What is written in one way only.
fn leaf(forest: &Forest, id: Id, out: &mut String) {
    match forest.data(id) {
        Data::Text { .. } => out.push_str(&forest.written(id)),
        Data::Cdata(text) => out.extend(["<![CDATA[", &text, "]]>"]),
        Data::Comment(text) => out.extend(["<!--", &text, "-->"]),
        Data::Instruction { target, content } => {
            out.extend(["<?", &target]);
            if let Some(content) = content {
                out.extend([" ", &content]);
            }
            out.push_str("?>");
        }
        Data::Declaration { version, encoding, standalone } => {
            out.push_str(&declaration(&version, encoding.as_deref(), standalone.as_deref()));
        }
        Data::DocType { name, external, declarations, .. } => {
            out.extend(["<!DOCTYPE ", &name]);
            if !external.is_empty() {
                out.extend([" ", &external]);
            }
            if !declarations.is_empty() {
                out.push_str(" [\n");
                for declaration in declarations {
                    out.extend([&declaration.replace('\'', "\""), "\n"]);
                }
                out.push(']');
            }
            out.push('>');
        }
        Data::Attribute { .. } => out.push_str(&attribute(forest, id)),
        Data::Document | Data::Element { .. } => {}
    }
}

fn declaration(version: &str, encoding: Option<&str>, standalone: Option<&str>) -> String {
    let mut out = format!("<?xml version='{version}'");
    for (name, value) in [("encoding", encoding), ("standalone", standalone)] {
        if let Some(value) = value {
            out.push_str(&format!(" {name}='{value}'"));
        }
    }
    out + "?>"
}

/// Writes a node as it is.
pub(super) fn plain(vm: &Interp, forest: &Forest, id: Id, depth: usize, out: &mut String) -> Res<()> {
    check(vm, depth)?;
    let children = forest.children(id);
    match forest.data(id) {
        Data::Document => children.into_iter().try_for_each(|child| plain(vm, forest, child, depth + 1, out)),
        Data::Element { name, .. } => {
            start(forest, id, true, out);
            if children.is_empty() {
                out.push_str("/>");
                return Ok(());
            }
            out.push('>');
            for child in children {
                plain(vm, forest, child, depth + 1, out)?;
            }
            out.extend(["</", &name, ">"]);
            vm.reserve_string(out.len())
        }
        _ => {
            leaf(forest, id, out);
            Ok(())
        }
    }
}

/// A text over several lines, none longer than `width` where it can be broken.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut rest: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    while rest.len() > width {
        let Some(place) = rest[..=width.min(rest.len() - 1)].iter().rposition(|c| *c == ' ') else { break };
        lines.push(rest[..place].iter().collect());
        rest.drain(..=place);
    }
    lines.push(rest.into_iter().collect());
    lines
}

/// Writes a node indented by `level` columns.
pub(super) fn indented(vm: &Interp, forest: &Forest, id: Id, style: Pretty, level: usize, out: &mut String) -> Res<()> {
    check(vm, level / style.indentation.max(1))?;
    let margin = |out: &mut String, level: usize| out.extend(std::iter::repeat_n(' ', level));
    let children = forest.children(id);
    match forest.data(id) {
        Data::Document => {
            for (at, child) in children.iter().enumerate() {
                let is_text = forest.read(*child, |data| matches!(data, Data::Text { .. }));
                if at > 0 && !is_text {
                    out.push('\n');
                }
                indented(vm, forest, *child, style, level, out)?;
            }
        }
        Data::Element { name, .. } => {
            margin(out, level);
            start(forest, id, false, out);
            if children.is_empty() {
                out.push_str("/>");
                return Ok(());
            }
            out.push('>');
            let mut on_a_line = false;
            if style.compact && children.iter().all(|child| forest.is_text(*child)) {
                let mut text = String::new();
                for child in &children {
                    indented(vm, forest, *child, style, 0, &mut text)?;
                }
                on_a_line = text.chars().count() < style.width;
                if on_a_line {
                    out.push_str(&text);
                }
            }
            if !on_a_line {
                out.push('\n');
                for child in children {
                    if forest.is_text(child) && forest.written(child).trim().is_empty() {
                        continue;
                    }
                    indented(vm, forest, child, style, level + style.indentation, out)?;
                    out.push('\n');
                }
                margin(out, level);
            }
            out.extend(["</", &name, ">"]);
            vm.reserve_string(out.len())?;
        }
        Data::Text { .. } => {
            let mut text = String::new();
            for c in forest.written(id).chars() {
                let c = if c.is_ascii_whitespace() { ' ' } else { c };
                if !(c == ' ' && text.ends_with(' ')) {
                    text.push(c);
                }
            }
            let lines = wrapped(&text, style.width.saturating_sub(level));
            margin(out, level);
            let mut between = String::from("\n");
            margin(&mut between, level);
            out.push_str(&lines.join(&between));
        }
        Data::Cdata(_) | Data::Comment(_) => {
            margin(out, level);
            leaf(forest, id, out);
        }
        _ => leaf(forest, id, out),
    }
    Ok(())
}
