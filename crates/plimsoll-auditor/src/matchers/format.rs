//! How values stand in descriptions and failure messages: RSpec's formatting and phrases.

use std::rc::Rc;

use plimsoll_resources::ResourceData;
use plimsoll_ruby::{Interp, Res, Value};

use super::{description_inside, is_matcher};

/// Longer texts lose their middle, as RSpec's do.
const LONGEST: usize = 200;

/// How matchers inside a value are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inner {
    /// By their description.
    Plain,
    /// By their description in parentheses.
    Surfaced,
}

/// A value as RSpec shows it: `inspect`, with matchers by their description, resources by `to_s`, and long texts cut.
pub(crate) fn format_value(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    Ok(abbreviate(inspect(vm, value, Inner::Plain)?))
}

/// The same with matchers in parentheses.
pub(super) fn format_surfaced(vm: &Interp, value: &Value) -> Res<Vec<u8>> {
    Ok(abbreviate(inspect(vm, value, Inner::Surfaced)?))
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

/// A value in full.
pub(super) fn inspect(vm: &Interp, value: &Value, inner: Inner) -> Res<Vec<u8>> {
    let address = value.head().map_or(0, |head| std::ptr::from_ref(head) as usize);
    match value {
        Value::Array(array) => {
            let elements = || -> Res<Vec<u8>> {
                let parts: Res<Vec<_>> = array.to_vec().iter().map(|element| inspect(vm, element, inner)).collect();
                Ok([b"[", &parts?.join(&b", "[..])[..], b"]"].concat())
            };
            vm.guard("format", address, 0, elements).unwrap_or_else(|| Ok(b"[...]".to_vec()))
        }
        Value::Hash(hash) => {
            let pairs = || -> Res<Vec<u8>> {
                let mut parts = Vec::new();
                for (key, element) in sorted_pairs(vm, hash.entries())? {
                    parts.push([&inspect(vm, &key, inner)?[..], b"=>", &inspect(vm, &element, inner)?].concat());
                }
                Ok([b"{", &parts.join(&b", "[..])[..], b"}"].concat())
            };
            vm.guard("format", address, 0, pairs).unwrap_or_else(|| Ok(b"{...}".to_vec()))
        }
        // Among surfaced values a Struct is taken for the text that shows it.
        other if inner == Inner::Surfaced && super::is_a_named(vm, other, "Struct") => {
            Ok(vm.inspect(&Value::bytes(format_value(vm, other)?))?.to_vec())
        }
        other => inspect_object(vm, other, inner),
    }
}

/// Entries of a Hash whose keys are all Strings or Symbols are shown in the order of their text.
pub(super) fn sorted_pairs(vm: &Interp, mut pairs: Vec<(Value, Value)>) -> Res<Vec<(Value, Value)>> {
    if pairs.iter().all(|(key, _)| matches!(key, Value::Str(_) | Value::Sym(_))) {
        let text = |key: &Value| vm.to_s(key).map(|text| text.to_vec());
        let mut keyed = Vec::new();
        for (key, value) in pairs {
            keyed.push((text(&key)?, key, value));
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        pairs = keyed.into_iter().map(|(_, key, value)| (key, value)).collect();
    }
    Ok(pairs)
}

/// What is no collection.
pub(super) fn inspect_object(vm: &Interp, value: &Value, inner: Inner) -> Res<Vec<u8>> {
    let Value::Obj(_) = value else { return Ok(vm.inspect(value)?.to_vec()) };
    if value.native::<ResourceData>().is_some() {
        return Ok(vm.to_s(value)?.to_vec());
    }
    if is_matcher(vm, value)?
        && let Some(text) = description_inside(vm, value)?
    {
        return Ok(if inner == Inner::Surfaced { [b"(", &text[..], b")"].concat() } else { text });
    }
    if super::is_a_named(vm, value, "Time") {
        let format = Value::str("%Y-%m-%d %H:%M:%S.%N %z");
        return Ok(vm.to_s(&vm.send(value, "strftime", &[format])?)?.to_vec());
    }
    Ok(vm.inspect(value)?.to_vec())
}

/// `before`, the value, `middle`, `rest`.
pub(crate) fn phrase(vm: &Interp, before: &str, value: &Value, middle: &str, rest: &[u8]) -> Res<Vec<u8>> {
    Ok([before.as_bytes(), &format_value(vm, value)?, middle.as_bytes(), rest].concat())
}

/// ` a`, ` a and b`, ` a, b, and c`: an English list, with its leading blank.
pub(super) fn join_list(parts: &[Vec<u8>]) -> Vec<u8> {
    match parts.split_last() {
        None => Vec::new(),
        Some((only, [])) => [b" ", &only[..]].concat(),
        Some((last, [first])) => [b" ", &first[..], b" and ", last].concat(),
        Some((last, first)) => [b" ", &first.join(&b", "[..])[..], b", and ", last].concat(),
    }
}

/// Values in an English list.
pub(crate) fn list(vm: &Interp, values: &[Value]) -> Res<Vec<u8>> {
    let parts: Res<Vec<_>> = values.iter().map(|value| format_value(vm, value)).collect();
    Ok(join_list(&parts?))
}

/// The same with matchers in parentheses.
pub(super) fn list_surfaced(vm: &Interp, values: &[Value]) -> Res<Vec<u8>> {
    let parts: Res<Vec<_>> = values.iter().map(|value| format_surfaced(vm, value)).collect();
    Ok(join_list(&parts?))
}

/// RSpec's `EnglishPhrasing.list`: one object, or the elements of what `Array()` makes of it.
pub(super) fn list_of(vm: &Interp, expected: &Value) -> Res<Vec<u8>> {
    match expected {
        Value::Array(array) => list(vm, &array.to_vec()),
        Value::Range(_) => list(vm, &vm.collect(expected)?),
        Value::Obj(_) if !is_matcher(vm, expected)? && !super::is_a_named(vm, expected, "Struct") => {
            let kernel = Value::Class(Rc::clone(&vm.c.kernel));
            let elements = vm.send(&kernel, "Array", std::slice::from_ref(expected))?;
            list(vm, &vm.collect(&elements)?)
        }
        other => list(vm, std::slice::from_ref(other)),
    }
}

/// `a=>b` with blanks around the arrow, where there are none.
pub(super) fn spaced_arrows(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let arrow = text[at..].starts_with(b"=>");
        let tight = |byte: Option<&u8>| byte.is_some_and(|byte| !byte.is_ascii_whitespace());
        if arrow && tight(out.last()) && tight(text.get(at + 2)) {
            out.extend_from_slice(b" => ");
            at += 2;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// A name as words: `be_a_kind_of` is "be a kind of".
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::{join_list, spaced_arrows};

    #[test]
    fn lists_are_english() {
        let list = |parts: &[&str]| {
            let parts: Vec<_> = parts.iter().map(|part| part.as_bytes().to_vec()).collect();
            String::from_utf8(join_list(&parts)).unwrap()
        };
        assert_eq!([list(&[]), list(&["a"])], ["", " a"]);
        assert_eq!([list(&["a", "b"]), list(&["a", "b", "c"])], [" a and b", " a, b, and c"]);
    }

    #[test]
    fn arrows_get_blanks_where_they_have_none() {
        assert_eq!(spaced_arrows(b"{:a=>1, b => 2}"), b"{:a => 1, b => 2}");
    }
}
