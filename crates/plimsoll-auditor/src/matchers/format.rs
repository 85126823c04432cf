//! How values stand in descriptions and failure messages: RSpec's formatting, phrases and diffs.

use plimsoll_resources::ResourceData;
use plimsoll_ruby::{Interp, Res, Sym, Value};

use super::{description, is_matcher};

/// Longer texts lose their middle, as RSpec's do.
const LONGEST: usize = 200;

/// A value as RSpec shows it: `inspect`, with matchers by their description, resources by `to_s`, and long texts cut.
pub(crate) fn format_value(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let text = inspect(vm, value)?;
    Ok(abbreviate(text))
}

fn abbreviate(text: Vec<u8>) -> Vec<u8> {
    let Ok(valid) = std::str::from_utf8(&text) else { return text };
    let chars: Vec<char> = valid.chars().collect();
    if chars.len() < LONGEST {
        return text;
    }
    let start: String = chars[..=LONGEST / 2].iter().collect();
    let end: String = chars[chars.len() - LONGEST / 2..].iter().collect();
    format!("{start}...{end}").into_bytes()
}

fn inspect(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    match value {
        Value::Array(array) if needs_care(vm, &array.to_vec())? => {
            let mut parts = Vec::new();
            for element in array.to_vec() {
                parts.push(inspect(vm, &element)?);
            }
            Ok([b"[", &parts.join(&b", "[..])[..], b"]"].concat())
        }
        Value::Hash(hash) if needs_care(vm, &hash.values())? => {
            let mut parts = Vec::new();
            for (key, element) in hash.entries() {
                parts.push([&inspect(vm, &key)?[..], b"=>", &inspect(vm, &element)?].concat());
            }
            Ok([b"{", &parts.join(&b", "[..])[..], b"}"].concat())
        }
        Value::Obj(_) if value.native::<ResourceData>().is_some() => Ok(vm.to_s(value)?.to_vec()),
        Value::Obj(_) if is_matcher(vm, value)? => match description(vm, value)? {
            Some(text) => Ok([b"(", &text[..], b")"].concat()),
            None => Ok(vm.inspect(value)?.to_vec()),
        },
        _ => Ok(vm.inspect(value)?.to_vec()),
    }
}

/// Whether a collection holds matchers, resources or further collections.
fn needs_care(vm: &Interp, elements: &[Value]) -> Res<bool> {
    for element in elements {
        let special = match element {
            Value::Array(_) | Value::Hash(_) => true,
            Value::Obj(_) => element.native::<ResourceData>().is_some() || is_matcher(vm, element)?,
            _ => false,
        };
        if special {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `before`, the value, `middle`, `rest`.
pub(crate) fn phrase(vm: &Interp, before: &str, value: &Value, middle: &str, rest: &[u8]) -> Res<Vec<u8>> {
    Ok([before.as_bytes(), &format_value(vm, value)?, middle.as_bytes(), rest].concat())
}

/// ` a`, ` a and b`, ` a, b, and c`: expected values in an English list, with its leading blank.
pub(crate) fn list(vm: &Interp, values: &[Value]) -> Res<Vec<u8>> {
    let mut parts = Vec::new();
    for value in values {
        parts.push(format_value(vm, value)?);
    }
    let mut text = b" ".to_vec();
    match parts.split_last() {
        None => {}
        Some((only, [])) => text.extend_from_slice(only),
        Some((last, [first])) => text.extend([&first[..], b" and ", last].concat()),
        Some((last, first)) => text.extend([&first.join(&b", "[..])[..], b", and ", last].concat()),
    }
    Ok(text)
}

/// RSpec's `EnglishPhrasing.list`: one object, or the elements of an Array.
pub(crate) fn list_of(vm: &Interp, expected: &Value) -> Res<Vec<u8>> {
    match expected {
        Value::Array(array) => list(vm, &array.to_vec()),
        Value::Range(range) if !range.begin.is_nil() && !range.end.is_nil() => {
            let values = vm.collect(expected)?;
            list(vm, &values)
        }
        other => list(vm, std::slice::from_ref(other)),
    }
}

/// The diff RSpec adds to a failure: between multi-line Strings, or between objects that are neither numbers nor procs.
pub(crate) fn diff(vm: &Interp, actual: &Value, expected: &Value) -> Res<Vec<u8>> {
    if actual.is_nil() || expected.is_nil() {
        return Ok(Vec::new());
    }
    let mut flat = Vec::new();
    flatten(actual, &mut flat);
    flatten(expected, &mut flat);
    if flat.iter().all(|v| matches!(v, Value::Str(_))) {
        let multiline = flat.iter().any(|v| matches!(v, Value::Str(s) if s.bytes().contains(&b'\n')));
        if !multiline {
            return Ok(Vec::new());
        }
        return Ok(unified(&joined(actual), &joined(expected)));
    }
    let numeric = Value::Class(std::rc::Rc::clone(&vm.c.numeric));
    for value in &flat {
        if matches!(value, Value::Proc(_)) || vm.case_equal(&numeric, value)? {
            return Ok(Vec::new());
        }
    }
    Ok(unified(&lines_of(vm, actual)?, &lines_of(vm, expected)?))
}

fn flatten(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Array(array) => array.to_vec().iter().for_each(|v| flatten(v, into)),
        other => into.push(other.clone()),
    }
}

fn joined(value: &Value) -> Vec<u8> {
    match value {
        Value::Str(text) => text.to_vec(),
        Value::Array(array) => {
            let parts: Vec<_> = array.to_vec().iter().map(joined).collect();
            parts.join(&b","[..])
        }
        _ => Vec::new(),
    }
}

/// An object as lines to compare: a Hash by its sorted pairs, an Array by its elements.
fn lines_of(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    match value {
        Value::Hash(hash) => {
            for (key, element) in hash.entries() {
                lines.push([&inspect(vm, &key)?[..], b" => ", &inspect(vm, &element)?, b","].concat());
            }
            lines.sort();
        }
        Value::Array(array) if !array.is_empty() => {
            for element in array.to_vec() {
                lines.push([&inspect(vm, &element)?[..], b","].concat());
            }
        }
        Value::Str(text) => return Ok(text.to_vec()),
        other => {
            if matches!(other, Value::Obj(_)) && vm.responds(other, Sym::new("description"))? && is_matcher(vm, other)?
            {
                return Ok(description(vm, other)?.unwrap_or_default());
            }
            lines.push(inspect(vm, other)?);
        }
    }
    Ok(lines.join(&b"\n"[..]))
}

/// A unified diff from expected (`-`) to actual (`+`), without file names, with three lines of context.
fn unified(actual: &[u8], expected: &[u8]) -> Vec<u8> {
    let actual = String::from_utf8_lossy(actual);
    let expected = String::from_utf8_lossy(expected);
    // RSpec splits without regard to a missing end of line.
    let closed = |text: &str| if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let (old, new) = (closed(&expected), closed(&actual));
    if old == new {
        return b"\nThe diff is empty, are your objects producing identical `#inspect` output?".to_vec();
    }
    let diff = similar::TextDiff::from_lines(&old, &new);
    let mut out = String::from("\n");
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        out.push_str(&header(&hunk.header().to_string()));
        out.push('\n');
        for change in hunk.iter_changes() {
            let sign = match change.tag() {
                similar::ChangeTag::Delete => '-',
                similar::ChangeTag::Insert => '+',
                similar::ChangeTag::Equal => ' ',
            };
            out.push(sign);
            out.push_str(change.value());
        }
    }
    out.into_bytes()
}

/// RSpec's differ counts one line more than there is, on both sides.
fn header(header: &str) -> String {
    let part = |side: &str| {
        let (start, length) = side[1..].split_once(',').unwrap_or((&side[1..], "1"));
        let (start, length): (usize, usize) = (start.parse().unwrap_or(1), length.parse().unwrap_or(1));
        format!("{}{},{}", &side[..1], start.max(1), length + 1)
    };
    let sides: Vec<&str> = header.split_whitespace().collect();
    match sides.as_slice() {
        ["@@", old, new, "@@"] => format!("@@ {} {} @@", part(old), part(new)),
        _ => header.to_owned(),
    }
}
