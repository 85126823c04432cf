//! `yaml`: the full report as YAML, with keys written as Ruby symbols (`:name:`), since that is what CINC's readers know.

use super::FormatOptions;
use crate::model::Report;
use serde_json::Value;
use std::io::{self, Write};

pub(super) fn write(report: &Report, _: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let value = serde_json::to_value(report).map_err(io::Error::from)?;
    let mut text = String::from("---");
    block(&value, 0, Keys::Symbols, &mut text);
    out.write_all(text.as_bytes())
}

/// How the keys of a map are written. Ruby keeps symbols and strings apart, and so does its YAML.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    Symbols,
    Strings,
}

/// A value after `key:` or `-`: on the same line when it is short, else on the lines that follow.
fn block(value: &Value, indent: usize, keys: Keys, text: &mut String) {
    match value {
        Value::Null => text.push('\n'),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(map) if map.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) => {
            text.push('\n');
            for item in items {
                text.push_str(&" ".repeat(indent));
                text.push('-');
                in_list(item, indent + 2, keys, text);
            }
        }
        Value::Object(map) => {
            text.push('\n');
            for (key, value) in map {
                text.push_str(&" ".repeat(indent));
                entry(key, value, indent, keys, text);
            }
        }
        Value::String(string) if is_literal(string) => literal(string, indent.max(2), text),
        Value::String(string) => {
            text.push(' ');
            text.push_str(&scalar(string));
            text.push('\n');
        }
        other => text.extend([" ", &other.to_string(), "\n"]),
    }
}

/// A value after `-`: the first key of a map stands on the dash's line.
fn in_list(item: &Value, indent: usize, keys: Keys, text: &mut String) {
    match item {
        Value::Object(map) if !map.is_empty() => {
            for (index, (key, value)) in map.iter().enumerate() {
                text.push_str(&if index == 0 { " ".to_owned() } else { " ".repeat(indent) });
                entry(key, value, indent, keys, text);
            }
        }
        other => block(other, indent, keys, text),
    }
}

fn entry(key: &str, value: &Value, indent: usize, keys: Keys, text: &mut String) {
    // A tag without a value was given as a string; all else in a report is a symbol in Ruby.
    let is_bare_tag = value.is_null() && !matches!(key, "title" | "desc");
    if keys == Keys::Strings || is_bare_tag {
        text.push_str(&scalar(key));
    } else if is_plain(key) {
        text.extend([":", key]);
    } else {
        text.push_str(&quoted(&format!(":{key}")));
    }
    text.push(':');
    let keys = if key == "waiver_data" { Keys::Strings } else { keys };
    let deeper = if value.is_array() { indent } else { indent + 2 };
    block(value, deeper, keys, text);
}

/// Text of several lines is readable as a literal block, if a block can hold it.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.trim_matches('\n').is_empty()
        && text.chars().all(|c| c == '\n' || c == '\t' || !is_special(c))
}

fn literal(string: &str, indent: usize, text: &mut String) {
    // A block whose first line is empty or indented must say how deep it is.
    text.push_str(if string.starts_with([' ', '\n', '\t']) { " |2" } else { " |" });
    let body = string.trim_end_matches('\n');
    text.push_str(match string.len() - body.len() {
        0 => "-\n",
        1 => "\n",
        _ => "+\n",
    });
    for line in string.strip_suffix('\n').unwrap_or(string).split('\n') {
        if !line.is_empty() {
            text.push_str(&" ".repeat(indent));
            text.push_str(line);
        }
        text.push('\n');
    }
}

/// Text on one line, quoted only where it would otherwise be read as something else.
fn scalar(text: &str) -> String {
    if is_plain(text) && !is_other_type(text) { text.to_owned() } else { quoted(text) }
}

/// YAML's double-quoted form is a superset of JSON's strings.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\x7f").replace('\u{85}', "\\N")
}

fn is_plain(text: &str) -> bool {
    let starts_plain =
        text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '(') || c > '\u{a0}');
    starts_plain
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(is_special)
}

fn is_special(char: char) -> bool {
    char.is_control() || matches!(char, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// What YAML 1.1 or 1.2 would read as something else than text: numbers, times, booleans, nothing.
fn is_other_type(text: &str) -> bool {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_digit()) || WORDS.contains(&text.to_lowercase().as_str())
}
