//! Characters, bytes, code points and lines.

use super::edit::without_line_end;
use super::{like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerator::{self, SizeFn};
use crate::core::regexp;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("chars", 0, 0, |vm, r, a| all(vm, r, a, characters), "All characters"),
    def("each_char", 0, 0, |vm, r, a| each(vm, r, a, "each_char", characters), "Yields each character"),
    def("bytes", 0, 0, |vm, r, a| all(vm, r, a, bytes), "All bytes as Integers"),
    def("each_byte", 0, 0, |vm, r, a| each(vm, r, a, "each_byte", bytes), "Yields each byte"),
    def("codepoints", 0, 0, |vm, r, a| all(vm, r, a, codepoints), "All code points"),
    def("each_codepoint", 0, 0, |vm, r, a| each(vm, r, a, "each_codepoint", codepoints), "Yields each code point"),
    def("grapheme_clusters", 0, 0, |vm, r, a| all(vm, r, a, graphemes), "What readers see as characters"),
    def(
        "each_grapheme_cluster",
        0,
        0,
        |vm, r, a| each(vm, r, a, "each_grapheme_cluster", graphemes),
        "Yields what readers see as characters",
    ),
    def("lines", 0, 2, |vm, r, a| all(vm, r, a, lines), "All lines"),
    def("each_line", 0, 2, |vm, r, a| each(vm, r, a, "each_line", lines), "Yields each line"),
];

type Parts = fn(&Interp, &RString, Args<'_>) -> Res<Vec<Value>>;

/// The parts as an Array, or each yielded to a block.
fn all(vm: &Interp, receiver: &Value, args: Args<'_>, parts: Parts) -> Res {
    let parts = parts(vm, this(receiver), args)?;
    vm.reserve_elements(parts.len())?;
    match args.block {
        None => Ok(Value::array(parts)),
        Some(block) => {
            for part in parts {
                vm.call_block(block, &[part])?;
            }
            Ok(receiver.clone())
        }
    }
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>, name: &str, parts: Parts) -> Res {
    if args.block.is_some() {
        return all(vm, receiver, args, parts);
    }
    let size: Option<SizeFn> = match name {
        "each_byte" => Some(|_, receiver, _| Ok(this(receiver).len().into())),
        "each_char" | "each_codepoint" => Some(|_, receiver, _| {
            let string = this(receiver);
            Ok(text::count(&string.bytes(), string.encoding()).into())
        }),
        "each_grapheme_cluster" => {
            Some(|vm, receiver, _| Ok(graphemes(vm, this(receiver), Args::default())?.len().into()))
        }
        _ => None,
    };
    Ok(enumerator::of(vm, receiver, name, args, size))
}

fn characters(_: &Interp, string: &RString, _: Args<'_>) -> Res<Vec<Value>> {
    let bytes = string.bytes();
    Ok(text::chars(&bytes, string.encoding()).map(|ch| like(string, ch)).collect())
}

fn bytes(_: &Interp, string: &RString, _: Args<'_>) -> Res<Vec<Value>> {
    Ok(string.bytes().iter().map(|&b| Value::Int(i64::from(b))).collect())
}

fn codepoints(vm: &Interp, string: &RString, _: Args<'_>) -> Res<Vec<Value>> {
    vm.check_valid(string)?;
    let bytes = string.bytes();
    let codes = text::chars(&bytes, string.encoding()).filter_map(|ch| text::code_point(ch, string.encoding()));
    Ok(codes.map(|code| Value::Int(i64::from(code))).collect())
}

fn graphemes(vm: &Interp, string: &RString, args: Args<'_>) -> Res<Vec<Value>> {
    if !string.encoding().is_ascii_compatible() && string.is_valid() {
        let text = RString::new(string.to_utf8(), Encoding::Utf8);
        return Ok(graphemes(vm, &text, args)?.iter().map(|part| back(string, part)).collect());
    }
    let bytes = string.bytes();
    if text::single_byte(&bytes, string.encoding()) && !bytes.contains(&b'\r') || !string.is_valid() {
        drop(bytes);
        return characters(vm, string, args);
    }
    Ok(regexp::graphemes(&bytes).into_iter().map(|part| like(string, part)).collect())
}

fn lines(vm: &Interp, string: &RString, args: Args<'_>) -> Res<Vec<Value>> {
    if string.is_empty() {
        return Ok(Vec::new());
    }
    let chomp = args.keyword("chomp").is_some_and(|v| v.truthy());
    let (positional, _) = args.split_keywords();
    let global = vm.globals.borrow().get(&Sym::new("$/")).cloned();
    let separator = match positional.first().or(global.as_ref()) {
        None => RString::new(b"\n".to_vec(), Encoding::Utf8),
        Some(Value::Nil) => return Ok(vec![like(string, string.to_vec())]),
        Some(value) => {
            let separator = vm.to_str(value)?;
            if !positional.is_empty() {
                vm.joint_encoding(string, &separator)?;
            }
            separator
        }
    };
    if !string.encoding().is_ascii_compatible() {
        vm.check_valid(string)?;
        let text = string.to_utf8();
        let lines = split_lines(&text, &separator.to_utf8(), chomp).into_iter();
        return Ok(lines.map(|line| back(string, &Value::bytes(line))).collect());
    }
    let bytes = string.bytes();
    Ok(split_lines(&bytes, &separator.bytes(), chomp).into_iter().map(|line| like(string, line)).collect())
}

/// A part of a String's text in UTF-8, brought back to the String's encoding.
fn back(string: &RString, part: &Value) -> Value {
    let text = this(part).lossy();
    like(string, text::encoded(&text, string.encoding()).expect("it came from this encoding"))
}

/// Lines with their ends, or without them; an empty separator means paragraphs.
pub(crate) fn split_lines<'a>(bytes: &'a [u8], separator: &[u8], chomp: bool) -> Vec<&'a [u8]> {
    if separator.is_empty() {
        return split_paragraphs(bytes, chomp);
    }
    let mut lines = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at..].starts_with(separator) {
            at += 1;
            continue;
        }
        at += separator.len();
        let line = &bytes[start..at];
        lines.push(if chomp { &line[..without_line_end(line, separator)] } else { line });
        start = at;
    }
    if start < bytes.len() {
        let line = &bytes[start..];
        let keep = if chomp && separator != b"\n" { without_line_end(line, separator) } else { line.len() };
        lines.push(&line[..keep]);
    }
    lines
}

/// Paragraphs with two of the line ends behind them, or with one when chomped; further empty lines belong to none.
fn split_paragraphs(bytes: &[u8], chomp: bool) -> Vec<&[u8]> {
    let line_end = |at: usize| match bytes.get(at..) {
        Some([b'\n', ..]) => 1,
        Some([b'\r', b'\n', ..]) => 2,
        _ => 0,
    };
    let mut paragraphs = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let second = if bytes[at] == b'\n' { line_end(at + 1) } else { 0 };
        if second == 0 {
            at += 1;
            continue;
        }
        let end = at + 1 + second;
        paragraphs.push(&bytes[start..if chomp { end - second } else { end }]);
        at = end;
        while line_end(at) > 0 {
            at += line_end(at);
        }
        start = at;
    }
    if start < bytes.len() {
        paragraphs.push(&bytes[start..]);
    }
    paragraphs
}
