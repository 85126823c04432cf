//! The difference between what was expected and what was found, as RSpec's messages show it.

use std::collections::HashMap;

use plimsoll_ruby::{Interp, Res, Value};

use super::format::{self, Inner};
use super::{is_matcher, pretty};
use crate::input::is_no_value;

/// The diff of two values: between Strings when one has several lines, between other objects unless there are numbers or
/// procs among them. Empty where RSpec shows none.
pub(super) fn between(vm: &Interp, actual: &Value, expected: &Value) -> Res<Vec<u8>> {
    if actual.is_nil() || expected.is_nil() {
        return Ok(Vec::new());
    }
    if [actual, expected].into_iter().any(is_no_value) {
        // RSpec flattens both, which an input without a value does not let happen to itself.
        vm.send(&Value::array(vec![actual.clone(), expected.clone()]), "flatten", &[Value::Int(1)])?;
    }
    let mut flat = Vec::new();
    flatten(actual, &mut flat);
    flatten(expected, &mut flat);
    if flat.iter().all(|value| matches!(value, Value::Str(_))) {
        let several = flat.iter().any(|value| matches!(value, Value::Str(text) if text.bytes().contains(&b'\n')));
        return Ok(if several { unified(&joined(vm, actual)?, &joined(vm, expected)?) } else { Vec::new() });
    }
    if flat.iter().any(|value| matches!(value, Value::Proc(_)) || vm.is_a(value, &vm.c.numeric)) {
        return Ok(Vec::new());
    }
    Ok(unified(&lines_of(vm, actual)?, &lines_of(vm, expected)?))
}

fn flatten(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Array(array) => array.to_vec().iter().for_each(|element| flatten(element, into)),
        other => into.push(other.clone()),
    }
}

/// A String, or an Array of Strings a line each.
fn joined(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let Value::Array(array) = value else { return Ok(vm.to_s(value)?.to_vec()) };
    let line = |element: &Value| -> Res<Vec<u8>> {
        Ok(match element {
            Value::Array(_) => vm.inspect(element)?.to_vec(),
            text => vm.to_s(text)?.lossy().replace('\n', "\\n").replace('\r', "\\r").into_bytes(),
        })
    };
    let lines: Res<Vec<_>> = array.to_vec().iter().map(line).collect();
    Ok(lines?.join(&b"\n"[..]))
}

/// An object as lines: a Hash by its pairs in the order of their keys' text, all else as `PP` lays it out.
fn lines_of(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    match value {
        Value::Hash(hash) => {
            let mut pairs = Vec::new();
            for (key, element) in hash.entries() {
                pairs.push((format::inspect(vm, &key, Inner::Plain)?, key, element));
            }
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            let line = |(_, key, element): &(Vec<u8>, Value, Value)| -> Res<Vec<u8>> {
                let key = format::inspect(vm, key, Inner::Surfaced)?;
                Ok([&key[..], b" => ", &format::inspect(vm, element, Inner::Surfaced)?, b","].concat())
            };
            let lines: Res<Vec<_>> = pairs.iter().map(line).collect();
            Ok(lines?.join(&b"\n"[..]))
        }
        Value::Str(text) if text.bytes().contains(&b'\n') => Ok(text.to_vec()),
        Value::Array(_) => pretty::lines(vm, value),
        other if super::is_a_named(vm, other, "Struct") || is_matcher(vm, other)? => {
            format::inspect(vm, other, Inner::Surfaced)
        }
        other => match pretty::while_inspected(vm, other) {
            Some(text) => Ok(text),
            None => Ok(vm.inspect(other)?.to_vec()),
        },
    }
}

/// A unified diff from expected (`-`) to actual (`+`) with three lines of context, as the diff-lcs library writes it: it
/// sometimes counts a line that is not there. Empty when there is no difference.
fn unified(actual: &[u8], expected: &[u8]) -> Vec<u8> {
    // What is not UTF-8 stands as a question mark.
    let valid =
        |text: &[u8]| text.utf8_chunks().map(|chunk| chunk.valid().to_owned() + mark(chunk.invalid())).collect();
    let (actual, expected): (String, String) = (valid(actual), valid(expected));
    let (actual, expected) = (actual.as_bytes(), expected.as_bytes());
    let (old, new) = (split(expected), split(actual));
    let mut out = b"\n".to_vec();
    let mut last: Option<Hunk> = None;
    let mut shift = 0;
    for piece in pieces(&old, &new) {
        let hunk = Hunk::new(&old, &piece, &mut shift);
        last = Some(match last {
            // RSpec's differ leaves an empty line for every hunk that it joins to the next one.
            Some(before) if hunk.overlaps(&before) => {
                out.push(b'\n');
                hunk.after(before)
            }
            Some(before) => {
                out.extend(before.text(&old, &new));
                out.push(b'\n');
                hunk
            }
            None => hunk,
        });
    }
    match last {
        Some(last) => [&out[..], &last.text(&old, &new), b"\n"].concat(),
        None => Vec::new(),
    }
}

fn mark(invalid: &[u8]) -> &'static str {
    if invalid.is_empty() { "" } else { "?" }
}

/// The lines of a text; empty ones at its end do not count.
fn split(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect()
}

/// Neighbouring lines that were removed from the old text and inserted into the new one.
#[derive(Debug, Default, Clone)]
struct Piece {
    removed: Vec<usize>,
    inserted: Vec<usize>,
}

/// What differs, piece by piece.
fn pieces(old: &[&[u8]], new: &[&[u8]]) -> Vec<Piece> {
    let matched = common(old, new);
    let mut pieces = Vec::new();
    let mut piece = Piece::default();
    let mut next = 0;
    for (at, partner) in matched.iter().enumerate() {
        let Some(partner) = *partner else {
            piece.removed.push(at);
            continue;
        };
        piece.inserted.extend(next..partner);
        next = partner + 1;
        pieces.push(std::mem::take(&mut piece));
    }
    piece.inserted.extend(next..new.len());
    pieces.push(piece);
    pieces.retain(|piece| !piece.removed.is_empty() || !piece.inserted.is_empty());
    pieces
}

/// A longest common subsequence: for each old line its partner among the new ones. Of several the one that Hunt and
/// McIlroy's algorithm finds.
fn common(old: &[&[u8]], new: &[&[u8]]) -> Vec<Option<usize>> {
    let mut matched = vec![None; old.len()];
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - prefix;
    let suffix = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    for (at, partner) in matched.iter_mut().take(prefix).enumerate() {
        *partner = Some(at);
    }
    for at in 1..=suffix {
        matched[old.len() - at] = Some(new.len() - at);
    }
    let mut positions: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (at, line) in new.iter().enumerate().take(new.len() - suffix).skip(prefix) {
        positions.entry(line).or_default().push(at);
    }
    // `thresholds[k]`: the smallest end in the new text of a common subsequence of length k + 1; `links[k]` leads to it.
    let mut thresholds: Vec<usize> = Vec::new();
    let mut links: Vec<usize> = Vec::new();
    let mut chain: Vec<(Option<usize>, usize, usize)> = Vec::new();
    for (at, line) in old.iter().enumerate().take(old.len() - suffix).skip(prefix) {
        for &partner in positions.get(line).into_iter().flatten().rev() {
            let k = thresholds.partition_point(|end| *end < partner);
            if thresholds.get(k) == Some(&partner) {
                continue;
            }
            chain.push((k.checked_sub(1).map(|before| links[before]), at, partner));
            if k == thresholds.len() {
                thresholds.push(partner);
                links.push(chain.len() - 1);
            } else {
                thresholds[k] = partner;
                links[k] = chain.len() - 1;
            }
        }
    }
    let mut link = links.last().copied();
    while let Some((before, at, partner)) = link.map(|link| chain[link]) {
        matched[at] = Some(partner);
        link = before;
    }
    matched
}

/// One hunk; line numbers count from 0, and the ends are inclusive.
struct Hunk {
    pieces: Vec<Piece>,
    start_old: isize,
    end_old: isize,
    start_new: isize,
    end_new: isize,
}

const CONTEXT: isize = 3;

impl Hunk {
    /// `shift`: how many more lines the new text has so far; changed by this piece.
    fn new(old: &[&[u8]], piece: &Piece, shift: &mut isize) -> Self {
        let before = *shift;
        let size = piece.inserted.len() as isize - piece.removed.len() as isize;
        *shift += size;
        let after = *shift;
        let first = |lines: &[usize]| lines.first().map(|at| *at as isize);
        let last = |lines: &[usize]| lines.last().map(|at| *at as isize);
        let (a1, a2) = (first(&piece.removed), last(&piece.removed));
        let (b1, b2) = (first(&piece.inserted), last(&piece.inserted));
        let mut hunk = Self {
            pieces: vec![piece.clone()],
            start_old: a1.or(b1.map(|b| b - before)).unwrap_or_default(),
            start_new: b1.or(a1.map(|a| a + before)).unwrap_or_default(),
            end_old: a2.or(b2.map(|b| b - after)).unwrap_or_default(),
            end_new: b2.or(a2.map(|a| a + after)).unwrap_or_default(),
        };
        let start = CONTEXT.min(hunk.start_old);
        hunk.start_old -= start;
        hunk.start_new -= start;
        let lines = old.len() as isize;
        let end = CONTEXT.min(lines - hunk.end_old);
        let end = if end >= lines { size.abs() } else { end };
        hunk.end_old += end;
        hunk.end_new += end;
        hunk
    }

    fn overlaps(&self, before: &Self) -> bool {
        self.start_old - before.end_old <= 1 || self.start_new - before.end_new <= 1
    }

    /// This hunk and the one before it as one.
    fn after(self, before: Self) -> Self {
        let pieces = before.pieces.into_iter().chain(self.pieces).collect();
        Self { pieces, start_old: before.start_old, start_new: before.start_new, ..self }
    }

    fn text(&self, old: &[&[u8]], new: &[&[u8]]) -> Vec<u8> {
        let (low, high) = (self.start_old.max(0) as usize, (self.end_old + 1).clamp(0, old.len() as isize) as usize);
        let kept = old.get(low..high).unwrap_or_default();
        let mut lines: Vec<Vec<u8>> = kept.iter().map(|line| [b" ", *line].concat()).collect();
        let (mut added, mut removed) = (0, 0);
        for piece in &self.pieces {
            for at in &piece.removed {
                if let Some(line) = lines.get_mut(at - low + added) {
                    line[0] = b'-';
                }
                removed += 1;
            }
            for at in &piece.inserted {
                let place = (*at as isize - self.start_new + removed).clamp(0, lines.len() as isize) as usize;
                lines.insert(place, [b"+", new[*at]].concat());
                added += 1;
            }
        }
        let header =
            format!("@@ -{} +{} @@\n", range(self.start_old, self.end_old), range(self.start_new, self.end_new));
        [header.as_bytes(), &lines.join(&b"\n"[..])].concat()
    }
}

fn range(start: isize, end: isize) -> String {
    let (start, end) = (start + 1, end + 1);
    let length = end - start + 1;
    if length <= 1 { end.to_string() } else { format!("{start},{length}") }
}

#[cfg(test)]
mod tests {
    use super::unified;

    fn diff(actual: &str, expected: &str) -> String {
        String::from_utf8(unified(actual.as_bytes(), expected.as_bytes())).unwrap()
    }

    #[test]
    fn diffs_look_like_those_of_diff_lcs() {
        assert_eq!(diff("[:name, :options]", "[]"), "\n@@ -1 +1 @@\n-[]\n+[:name, :options]\n");
        assert_eq!(diff("a => 1,\nb => 2,", "\"x\""), "\n@@ -1,2 +1,3 @@\n-\"x\"\n+a => 1,\n+b => 2,\n");
        assert_eq!(diff("a\nb\n", "a\nc\n"), "\n@@ -1,3 +1,3 @@\n a\n-c\n+b\n");
        assert_eq!(diff("same", "same\n"), "");
    }
}
