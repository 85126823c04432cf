//! Files of keys and values, read as InSpec reads them: one assignment a line, `[groups]`, comments.

use std::rc::Rc;

use plimsoll_ruby::{Interp, RHash, Res, Value};

use crate::text;

/// How a line is taken apart into key and values.
pub(crate) type Assignment<'a> = &'a dyn Fn(&[u8]) -> Res<Option<Pair>>;

/// Which group a line opens.
pub(crate) type Group<'a> = &'a dyn Fn(&[u8]) -> Res<Option<Value>>;

/// How a value is cut into several.
pub(crate) type Split<'a> = &'a dyn Fn(&Value) -> Res<Vec<Value>>;

/// A key and what follows it.
pub(crate) struct Pair {
    pub key: Value,
    /// One value for each further group of the pattern.
    pub values: Vec<Value>,
}

/// The options of `parse_config`.
pub(crate) struct Options<'a> {
    pub assignment: Assignment<'a>,
    /// The group that a line opens; `None` inside when groups are not wanted.
    pub group: Option<Group<'a>>,
    pub comment: Vec<u8>,
    /// Whether only whole lines are comments.
    pub standalone_comments: bool,
    /// A character (or several) that separates lines too.
    pub line_separator: Option<Vec<u8>>,
    /// How many values a key has.
    pub key_values: usize,
    /// Whether all values of a key are kept.
    pub multiple_values: bool,
    /// Cuts a value into several.
    pub split_values: Option<Split<'a>>,
}

impl<'a> Options<'a> {
    /// The defaults with this pattern.
    pub(crate) fn new(assignment: Assignment<'a>) -> Self {
        Self {
            assignment,
            group: Some(&bracketed),
            comment: b"#".to_vec(),
            standalone_comments: false,
            line_separator: None,
            key_values: 1,
            multiple_values: false,
            split_values: None,
        }
    }
}

/// `/^\s*([^=]*?)\s*=\s*(.*?)\s*$/`, the usual pattern, for any separator.
pub(crate) fn key_and_value(separator: u8) -> impl Fn(&[u8]) -> Res<Option<Pair>> {
    move |line| {
        let Some(at) = line.iter().position(|b| *b == separator) else { return Ok(None) };
        let key = text::strip(&line[..at]);
        let value = text::strip(&line[at + 1..]);
        Ok(Some(Pair { key: Value::bytes(key), values: vec![Value::bytes(value)] }))
    }
}

/// `/^\s*(\S+)\s+(\S*)\s*$/`: two words.
pub(crate) fn two_words(line: &[u8]) -> Res<Option<Pair>> {
    let words = text::words(line);
    let ends_in_space = line.last().is_some_and(text::is_space);
    Ok(match words.as_slice() {
        [key, value] => Some(Pair { key: Value::bytes(*key), values: vec![Value::bytes(*value)] }),
        [key] if ends_in_space => Some(Pair { key: Value::bytes(*key), values: vec![Value::str("")] }),
        _ => None,
    })
}

/// `/^\s*(\S+)\s+(.*?)\s*$/`: a word and the rest of the line.
pub(crate) fn word_and_rest(line: &[u8]) -> Res<Option<Pair>> {
    let start = line.iter().position(|b| !text::is_space(b)).unwrap_or(line.len());
    let line = &line[start..];
    let Some(end) = line.iter().position(text::is_space).filter(|end| *end > 0) else { return Ok(None) };
    let (key, rest) = (&line[..end], text::strip(&line[end..]));
    Ok(Some(Pair { key: Value::bytes(key), values: vec![Value::bytes(rest)] }))
}

/// `/\[([^\]]+)\]\s*$/`: a group in brackets at the end of the line.
pub(crate) fn bracketed(line: &[u8]) -> Res<Option<Value>> {
    let line = text::strip(line);
    let Some(inner) = line.strip_suffix(b"]") else { return Ok(None) };
    let start = inner.iter().rposition(|b| *b == b']').map_or(0, |at| at + 1);
    let Some(open) = inner[start..].iter().position(|b| *b == b'[') else { return Ok(None) };
    let name = &inner[start + open + 1..];
    Ok((!name.is_empty()).then(|| Value::bytes(name)))
}

/// Cuts a comment off the first line of `rest`: the line, and where the next one begins.
pub(crate) fn first_line<'t>(rest: &'t [u8], comment: &[u8], standalone: bool) -> (&'t [u8], usize) {
    let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    let comment_at = text::find(rest, comment).unwrap_or(end + 1);
    let line = if comment_at < end && comment_at != 0 {
        let before = &rest[..comment_at];
        if standalone && !before.iter().all(text::is_space) { &rest[..end] } else { before }
    } else if comment_at > end && end != 0 {
        &rest[..end]
    } else {
        b"".as_slice()
    };
    (line, end + 1)
}

/// Reads a text into a Hash.
pub(crate) fn parse(vm: &Interp, content: &[u8], options: &Options<'_>) -> Res<Rc<RHash>> {
    let mut content = content.to_vec();
    if let Some(separator) = &options.line_separator {
        for byte in &mut content {
            if separator.contains(byte) {
                *byte = b'\n';
            }
        }
    }
    let params = RHash::new();
    let mut values = Rc::clone(&params);
    let mut rest = content.as_slice();
    while !rest.is_empty() {
        vm.tick()?;
        let (line, next) = first_line(rest, &options.comment, options.standalone_comments);
        rest = rest.get(next..).unwrap_or_default();
        if let Some(pair) = (options.assignment)(line)? {
            assign(vm, &values, pair, options)?;
        } else if let Some(name) = options.group.map_or(Ok(None), |group| group(line))? {
            values = crate::mash::new(vm);
            vm.hash_set(&params, name, Value::Hash(Rc::clone(&values)))?;
        } else if !line.iter().all(text::is_space) {
            let key = Value::bytes(text::strip(line));
            let empty = || if options.multiple_values { Value::array(Vec::new()) } else { Value::str("") };
            if !options.multiple_values || vm.hash_get(&values, &key)?.is_none() {
                vm.hash_set(&values, key, empty())?;
            }
        }
    }
    Ok(params)
}

fn assign(vm: &Interp, into: &RHash, pair: Pair, options: &Options<'_>) -> Res<()> {
    let value = if options.key_values == 1 {
        pair.values.first().cloned().unwrap_or_default()
    } else {
        let count = options.key_values.max(1);
        Value::array((0..count).map(|at| pair.values.get(at).cloned().unwrap_or_default()).collect())
    };
    if !options.multiple_values {
        return vm.hash_set(into, pair.key, value);
    }
    let list = match vm.hash_get(into, &pair.key)? {
        Some(Value::Array(list)) => list,
        _ => {
            let list = plimsoll_ruby::RArray::new(Vec::new());
            vm.hash_set(into, pair.key, Value::Array(Rc::clone(&list)))?;
            list
        }
    };
    match options.split_values {
        Some(split) => split(&value)?.into_iter().for_each(|part| list.push(part)),
        None => list.push(value),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, show};

    fn read(content: &str, options: &Options<'_>) -> String {
        let vm = testing::vm();
        show(&vm, &parse(&vm, content.as_bytes(), options).unwrap().into())
    }

    #[test]
    fn reads_assignments_groups_and_comments() {
        let usual = key_and_value(b'=');
        let text = "a = 1 # one\n# b = 2\nc=d=e\n[main]\nx = y\nword\n";
        let expected = r#"{"a" => "1", "c" => "d=e", "main" => {"x" => "y", "word" => ""}}"#;
        assert_eq!(read(text, &Options::new(&usual)), expected);
        let words = Options { group: None, multiple_values: true, ..Options::new(&word_and_rest) };
        assert_eq!(read("Port 22\nPort  23 24 \nbare\n", &words), r#"{"Port" => ["22", "23 24"], "bare" => []}"#);
    }

    #[test]
    fn cuts_comments_as_inspec_does() {
        assert_eq!(first_line(b"a # b\nc", b"#", false), (b"a ".as_slice(), 6));
        assert_eq!(first_line(b"a # b\nc", b"#", true), (b"a # b".as_slice(), 6));
        assert_eq!(first_line(b"# b\nc", b"#", false), (b"".as_slice(), 4));
        assert_eq!(first_line(b"\nc # d", b"#", false), (b"".as_slice(), 1));
    }

    #[test]
    fn takes_lines_apart() {
        let words = |line: &str| two_words(line.as_bytes()).unwrap().is_some();
        assert!(words("UMASK 022") && !words("a b c") && !words("UMASK") && words("UMASK "));
        assert!(bracketed(b"[a] b").unwrap().is_none());
        assert!(bracketed(b" [a b] ").unwrap().is_some());
    }
}
