//! Ruby's `PP`: values on lines of at most 79 columns. Diffs compare these lines.

use plimsoll_ruby::{Interp, Res, Value};

use super::format::{self, Inner};
use super::is_a_named;

const WIDTH: usize = 79;

/// A document to lay out.
enum Doc {
    Text(Vec<u8>),
    /// A blank (or nothing), or a new line.
    Break(&'static str),
    /// Parts that stand on one line where they fit; else each break of the group is a new line.
    Group(usize, Vec<Doc>),
}

/// A value on lines, without the last newline. Matchers stand by their description in parentheses.
pub(super) fn lines(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let mut out = Layout::default();
    out.put(&document(vm, value)?, 0, false);
    Ok(out.text)
}

fn document(vm: &Interp, value: &Value) -> Res<Doc> {
    Ok(match value {
        Value::Array(array) => {
            let mut parts = vec![Doc::Text(b"[".to_vec())];
            for (at, element) in array.to_vec().iter().enumerate() {
                separate(&mut parts, at);
                parts.push(document(vm, element)?);
            }
            parts.push(Doc::Text(b"]".to_vec()));
            Doc::Group(1, parts)
        }
        Value::Hash(hash) => {
            let mut parts = vec![Doc::Text(b"{".to_vec())];
            for (at, (key, element)) in format::sorted_pairs(vm, hash.entries())?.into_iter().enumerate() {
                separate(&mut parts, at);
                let arrow = Doc::Text(b"=>".to_vec());
                let value = Doc::Group(1, vec![Doc::Break(""), document(vm, &element)?]);
                parts.push(Doc::Group(0, vec![document(vm, &key)?, arrow, value]));
            }
            parts.push(Doc::Text(b"}".to_vec()));
            Doc::Group(1, parts)
        }
        other => Doc::Text(match while_inspected(vm, other) {
            Some(text) => text,
            None => format::inspect_object(vm, other, Inner::Surfaced)?,
        }),
    })
}

/// PP marks what it shows as being inspected: an Enumerator, which has no other way to show itself, is cut short by that.
pub(super) fn while_inspected(vm: &Interp, value: &Value) -> Option<Vec<u8>> {
    is_a_named(vm, value, "Enumerator").then(|| format!("#<{}: ...>", vm.real_class_of(value).name()).into_bytes())
}

fn separate(parts: &mut Vec<Doc>, at: usize) {
    if at > 0 {
        parts.push(Doc::Text(b",".to_vec()));
        parts.push(Doc::Break(" "));
    }
}

#[derive(Default)]
struct Layout {
    text: Vec<u8>,
    column: usize,
}

impl Layout {
    /// `broken`: whether the group around it is broken, so that its breaks are new lines.
    fn put(&mut self, doc: &Doc, indent: usize, broken: bool) {
        match doc {
            Doc::Text(text) => {
                self.column += width(text);
                self.text.extend_from_slice(text);
            }
            Doc::Break(_) if broken => {
                self.text.push(b'\n');
                self.text.extend(std::iter::repeat_n(b' ', indent));
                self.column = indent;
            }
            Doc::Break(blank) => {
                self.column += blank.len();
                self.text.extend_from_slice(blank.as_bytes());
            }
            Doc::Group(by, parts) => {
                let broken = self.column + flat(doc) > WIDTH;
                for part in parts {
                    self.put(part, indent + by, broken);
                }
            }
        }
    }
}

/// The width of a document on one line.
fn flat(doc: &Doc) -> usize {
    match doc {
        Doc::Text(text) => width(text),
        Doc::Break(blank) => blank.len(),
        Doc::Group(_, parts) => parts.iter().map(flat).sum(),
    }
}

fn width(text: &[u8]) -> usize {
    String::from_utf8_lossy(text).chars().count()
}
