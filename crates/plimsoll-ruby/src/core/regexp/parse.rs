//! Ruby's (Onigmo's) pattern language, read into a tree.
//!
//! Errors carry CRuby's words; the caller adds the pattern.

use crate::core::string::text;

/// A pattern as read.
#[derive(Debug)]
pub(super) struct Tree {
    /// What is matched.
    pub(super) root: Node,
    /// Names of groups with the numbers that bear them, in the order of first mention.
    pub(super) names: Vec<(String, Vec<usize>)>,
    /// Number of capturing groups.
    pub(super) groups: usize,
    /// Whether the pattern names characters beyond ASCII.
    pub(super) non_ascii: bool,
    /// Whether it has `\u` or properties, which make it UTF-8.
    pub(super) unicode: bool,
}

/// One element of a pattern.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Empty,
    /// A character.
    Char(u32),
    /// A byte above 0x7F written `\xHH` where no character comes of it.
    Byte(u8),
    /// `.`; true where it matches newlines.
    Any(bool),
    Class(Class),
    Capture(Box<Node>),
    Group(Box<Node>),
    /// A part with case ignored, or not.
    IgnoreCase(bool, Box<Node>),
    Atomic(Box<Node>),
    Look {
        ahead: bool,
        negative: bool,
        body: Box<Node>,
    },
    Absent(Box<Node>),
    Concat(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeat {
        body: Box<Node>,
        min: u32,
        max: Option<u32>,
        kind: Kind,
    },
    Anchor(Anchor),
    /// Back references to groups of one name, or one number.
    Backref(Vec<usize>),
    /// `\g`
    Call(usize),
    Condition {
        group: usize,
        then: Box<Node>,
        otherwise: Box<Node>,
    },
    /// `\R`
    LineBreak,
    /// `\X`
    Grapheme,
    /// `\K`
    Keep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    TextEndLine,
    SearchStart,
    Word,
    NotWord,
}

/// A character class: a union of items, intersected with further unions.
#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    pub(super) negated: bool,
    /// The unions between `&&`.
    pub(super) parts: Vec<Vec<Item>>,
}

#[derive(Debug, Clone)]
pub(super) enum Item {
    /// Inclusive.
    Range(u32, u32),
    Class(Class),
    Set {
        set: Set,
        negated: bool,
    },
}

/// A named set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Set {
    /// `\d \s \w \h`, ASCII, or by Unicode.
    Digit(bool),
    Space(bool),
    Word(bool),
    Hex,
    /// A POSIX bracket or property by its lower-case name, ASCII only or by Unicode.
    Posix(&'static str, bool),
    /// A Unicode property as the regex engine names it.
    Property(String),
}

/// Regexp::IGNORECASE
pub(crate) const IGNORECASE: u32 = 1;
/// Regexp::EXTENDED
pub(crate) const EXTENDED: u32 = 2;
/// Regexp::MULTILINE
pub(crate) const MULTILINE: u32 = 4;

#[derive(Clone, Copy)]
struct Flags {
    ignore_case: bool,
    extended: bool,
    dot_all: bool,
    /// `(?u)`: shorthands by Unicode; `(?a)`: POSIX brackets ASCII.
    shorthand_unicode: bool,
    posix_ascii: bool,
}

struct Parser<'a> {
    source: &'a [u8],
    at: usize,
    depth: usize,
    groups: usize,
    names: Vec<(String, Vec<usize>)>,
    /// Groups without a name capture nothing once there are names.
    only_names: bool,
    /// How many groups the whole pattern has.
    total: usize,
    all_names: Vec<(String, Vec<usize>)>,
    non_ascii: bool,
    unicode: bool,
    bytes: bool,
}

type Parsed<T = Node> = Result<T, String>;

/// Reads a pattern.
///
/// `bytes` allows bytes above 0x7F that make up no character.
pub(super) fn parse(source: &[u8], options: u32, bytes: bool) -> Parsed<Tree> {
    let (total, names) = survey(source, options & EXTENDED != 0);
    let only_names = !names.is_empty();
    let mut parser = Parser {
        source,
        at: 0,
        depth: 0,
        groups: 0,
        names: Vec::new(),
        only_names,
        total: if only_names { names.iter().map(|(_, g)| g.len()).sum() } else { total },
        all_names: names,
        non_ascii: false,
        unicode: false,
        bytes,
    };
    let flags = Flags {
        ignore_case: options & IGNORECASE != 0,
        extended: options & EXTENDED != 0,
        dot_all: options & MULTILINE != 0,
        shorthand_unicode: false,
        posix_ascii: false,
    };
    let root = parser.alternatives(flags)?;
    if parser.at < source.len() {
        return Err("unmatched close parenthesis".to_owned());
    }
    let root = if flags.ignore_case { Node::IgnoreCase(true, Box::new(root)) } else { root };
    Ok(Tree { root, names: parser.names, groups: parser.groups, non_ascii: parser.non_ascii, unicode: parser.unicode })
}

/// Counts groups and collects names before reading: references may come before what they name.
fn survey(source: &[u8], extended: bool) -> (usize, Vec<(String, Vec<usize>)>) {
    let (mut plain, mut named) = (0, 0);
    let mut names: Vec<(String, Vec<usize>)> = Vec::new();
    let mut at = 0;
    let mut class_depth = 0;
    while at < source.len() {
        match source[at] {
            b'\\' => at += 1,
            b'[' => class_depth += 1,
            b']' if class_depth > 0 => class_depth -= 1,
            b'#' if extended && class_depth == 0 => {
                while at < source.len() && source[at] != b'\n' {
                    at += 1;
                }
            }
            b'(' if class_depth == 0 => match source.get(at + 1) {
                Some(b'?') => {
                    let rest = &source[at + 2..];
                    let close = match rest {
                        [b'<', next, ..] if *next != b'=' && *next != b'!' => Some(b'>'),
                        [b'\'', ..] => Some(b'\''),
                        [b'#', ..] => {
                            at += rest.iter().position(|&b| b == b')').unwrap_or(rest.len());
                            None
                        }
                        _ => None,
                    };
                    if let Some(close) = close
                        && let Some(end) = rest[1..].iter().position(|&b| b == close)
                    {
                        named += 1;
                        let name = String::from_utf8_lossy(&rest[1..=end]).into_owned();
                        match names.iter_mut().find(|(n, _)| *n == name) {
                            Some((_, numbers)) => numbers.push(named),
                            None => names.push((name, vec![named])),
                        }
                    }
                }
                _ => plain += 1,
            },
            _ => {}
        }
        at += 1;
    }
    (plain, names)
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn looking_at(&self, bytes: &[u8]) -> bool {
        self.source[self.at..].starts_with(bytes)
    }

    /// One character of the source.
    fn character(&mut self) -> Parsed<u32> {
        let rest = &self.source[self.at..];
        let Some(len) = text::utf8_len(rest) else {
            if self.bytes {
                self.at += 1;
                self.non_ascii = true;
                return Ok(BYTE + u32::from(rest[0]));
            }
            return Err("invalid multibyte character".to_owned());
        };
        self.at += len;
        if len > 1 {
            self.non_ascii = true;
        }
        Ok(text::code_point(&rest[..len], crate::value::Encoding::Utf8).unwrap_or(0))
    }

    fn alternatives(&mut self, flags: Flags) -> Parsed {
        self.depth += 1;
        if self.depth > 200 {
            return Err("too deep nest level".to_owned());
        }
        let mut branches = vec![self.branch(flags)?];
        while self.eat(b'|') {
            branches.push(self.branch(flags)?);
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Alternatives(branches) })
    }

    fn branch(&mut self, flags: Flags) -> Parsed {
        let mut items = Vec::new();
        loop {
            if flags.extended {
                self.skip_blanks();
            }
            match self.peek() {
                None | Some(b'|' | b')') => break,
                _ => {}
            }
            let Some(atom) = self.atom(flags)? else { continue };
            items.push(self.quantified(atom, flags)?);
        }
        Ok(match items.len() {
            0 => Node::Empty,
            1 => items.remove(0),
            _ => Node::Concat(items),
        })
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t'..=b'\r' => self.at += 1,
                b'#' => {
                    while self.peek().is_some_and(|b| b != b'\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
    }

    fn quantified(&mut self, mut atom: Node, flags: Flags) -> Parsed {
        loop {
            if flags.extended {
                self.skip_blanks();
            }
            let start = self.at;
            let (min, max, braces) = match self.peek() {
                Some(b'*') => (0, None, false),
                Some(b'+') => (1, None, false),
                Some(b'?') => (0, Some(1), false),
                Some(b'{') => match self.interval()? {
                    Some((min, max)) => (min, max, true),
                    None => return Ok(atom),
                },
                _ => return Ok(atom),
            };
            if !braces {
                self.at = start + 1;
            }
            let mut kind = Kind::Greedy;
            let (mut min, mut max) = (min, max);
            if max.is_some_and(|most| most < min) {
                return Err("upper is smaller than lower in repeat range".to_owned());
            }
            if self.peek() == Some(b'?') {
                self.at += 1;
                if braces && max == Some(min) {
                    // `x{2}?` is an optional `x{2}`.
                    atom = repeat(atom, min, max, Kind::Greedy);
                    (min, max) = (0, Some(1));
                } else {
                    kind = Kind::Lazy;
                }
            } else if !braces && self.eat(b'+') {
                kind = Kind::Possessive;
            }
            atom = repeat(atom, min, max, kind);
        }
    }

    /// `{n}`, `{n,}`, `{,m}`, `{n,m}`; anything else after a brace is text.
    fn interval(&mut self) -> Parsed<Option<(u32, Option<u32>)>> {
        let start = self.at;
        self.at += 1;
        let low = self.decimal()?;
        let result = if self.eat(b',') {
            let high = self.decimal()?;
            (low.is_some() || high.is_some()).then(|| (low.unwrap_or(0), high))
        } else {
            low.map(|low| (low, Some(low)))
        };
        match result {
            Some((low, high)) if self.eat(b'}') => Ok(Some((low, high))),
            _ => {
                self.at = start;
                Ok(None)
            }
        }
    }

    fn decimal(&mut self) -> Parsed<Option<u32>> {
        let mut value: Option<u32> = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            let next = value.unwrap_or(0) * 10 + u32::from(digit - b'0');
            if next > 100_000 {
                return Err("too big number for repeat range".to_owned());
            }
            value = Some(next);
        }
        Ok(value)
    }

    /// One atom; `None` for what matches nothing by itself (a comment).
    fn atom(&mut self, flags: Flags) -> Parsed<Option<Node>> {
        let byte = self.peek().expect("the caller has looked");
        let node = match byte {
            b'(' => return self.group(flags),
            b'[' => {
                self.at += 1;
                Node::Class(self.class(flags)?)
            }
            b'.' => {
                self.at += 1;
                Node::Any(flags.dot_all)
            }
            b'^' => {
                self.at += 1;
                Node::Anchor(Anchor::LineStart)
            }
            b'$' => {
                self.at += 1;
                Node::Anchor(Anchor::LineEnd)
            }
            b'*' | b'+' | b'?' => return Err("target of repeat operator is not specified".to_owned()),
            b'{' => {
                let start = self.at;
                if self.interval()?.is_some() {
                    return Err("target of repeat operator is not specified".to_owned());
                }
                self.at = start + 1;
                Node::Char(u32::from(b'{'))
            }
            b'\\' => {
                self.at += 1;
                self.escape(flags)?
            }
            _ => match self.character()? {
                byte @ BYTE.. => Node::Byte((byte - BYTE) as u8),
                code => Node::Char(code),
            },
        };
        Ok(Some(node))
    }

    fn close(&mut self) -> Parsed<()> {
        if self.eat(b')') { Ok(()) } else { Err("end pattern with unmatched parenthesis".to_owned()) }
    }

    fn group(&mut self, flags: Flags) -> Parsed<Option<Node>> {
        self.at += 1;
        if !self.eat(b'?') {
            // Groups are numbered by where they open.
            self.groups += usize::from(!self.only_names);
            let body = Box::new(self.alternatives(flags)?);
            self.close()?;
            return Ok(Some(if self.only_names { Node::Group(body) } else { Node::Capture(body) }));
        }
        let Some(kind) = self.peek() else { return Err("end pattern in group".to_owned()) };
        self.at += 1;
        let wrap = |this: &mut Self, make: &dyn Fn(Box<Node>) -> Node| {
            let body = Box::new(this.alternatives(flags)?);
            this.close()?;
            Ok(Some(make(body)))
        };
        match kind {
            b':' => wrap(self, &Node::Group),
            b'=' => wrap(self, &|body| Node::Look { ahead: true, negative: false, body }),
            b'!' => wrap(self, &|body| Node::Look { ahead: true, negative: true, body }),
            b'>' => wrap(self, &Node::Atomic),
            b'~' => wrap(self, &Node::Absent),
            b'#' => {
                while let Some(byte) = self.peek() {
                    self.at += 1;
                    match byte {
                        b')' => return Ok(None),
                        b'\\' => self.at += 1,
                        _ => {}
                    }
                }
                Err("end pattern in group".to_owned())
            }
            b'<' if matches!(self.peek(), Some(b'=' | b'!')) => {
                let negative = self.peek() == Some(b'!');
                self.at += 1;
                let body = Box::new(self.alternatives(flags)?);
                self.close()?;
                let branches: &[Node] = match &*body {
                    Node::Alternatives(branches) => branches,
                    single => std::slice::from_ref(single),
                };
                if branches.iter().any(|branch| fixed_length(branch).is_none()) {
                    return Err("invalid pattern in look-behind".to_owned());
                }
                Ok(Some(Node::Look { ahead: false, negative, body }))
            }
            b'<' | b'\'' => {
                let name = self.name(if kind == b'<' { b'>' } else { b'\'' })?;
                if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                    return Err(format!("invalid group name <{name}>"));
                }
                self.groups += 1;
                let number = self.groups;
                match self.names.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, numbers)) => numbers.push(number),
                    None => self.names.push((name, vec![number])),
                }
                wrap(self, &Node::Capture)
            }
            b'(' => self.condition(flags),
            _ => {
                self.at -= 1;
                self.options(flags)
            }
        }
    }

    fn name(&mut self, close: u8) -> Parsed<String> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            if byte == close {
                let name = String::from_utf8_lossy(&self.source[start..self.at]).into_owned();
                self.at += 1;
                return if name.is_empty() { Err("group name is empty".to_owned()) } else { Ok(name) };
            }
            if byte == b')' {
                break;
            }
            self.at += 1;
        }
        let name = String::from_utf8_lossy(&self.source[start..self.at]).into_owned();
        Err(if name.is_empty() { "group name is empty".to_owned() } else { format!("invalid group name <{name}>") })
    }

    fn condition(&mut self, flags: Flags) -> Parsed<Option<Node>> {
        let group = match self.peek() {
            Some(b'0'..=b'9') => {
                let number = self.decimal()?.unwrap_or(0) as usize;
                self.known_group(number)?
            }
            Some(open @ (b'<' | b'\'')) => {
                self.at += 1;
                let name = self.name(if open == b'<' { b'>' } else { b'\'' })?;
                match name.parse() {
                    Ok(number) => self.known_group(number)?,
                    Err(_) => *self.numbers(&name)?.last().expect("a name has a number"),
                }
            }
            _ => return Err("invalid conditional pattern".to_owned()),
        };
        self.close()?;
        let body = self.alternatives(flags)?;
        self.close()?;
        let (then, otherwise) = match body {
            Node::Alternatives(mut branches) if branches.len() == 2 => {
                let second = branches.remove(1);
                (branches.remove(0), second)
            }
            Node::Alternatives(_) => return Err("invalid conditional pattern".to_owned()),
            single => (single, Node::Empty),
        };
        Ok(Some(Node::Condition { group, then: Box::new(then), otherwise: Box::new(otherwise) }))
    }

    fn known_group(&self, number: usize) -> Parsed<usize> {
        if number == 0 || number > self.total {
            return Err("invalid backref number/name".to_owned());
        }
        Ok(number)
    }

    fn numbers(&self, name: &str) -> Parsed<Vec<usize>> {
        match self.all_names.iter().find(|(n, _)| n == name) {
            Some((_, numbers)) => Ok(numbers.clone()),
            None => Err(format!("undefined name <{name}> reference")),
        }
    }

    /// `(?imx-imx)` for the rest of the group, `(?imx-imx:…)` for a part.
    fn options(&mut self, outer: Flags) -> Parsed<Option<Node>> {
        let mut flags = outer;
        let mut on = true;
        loop {
            let Some(byte) = self.peek() else { return Err("end pattern in group".to_owned()) };
            self.at += 1;
            match byte {
                b'-' => on = false,
                b'i' => flags.ignore_case = on,
                b'm' => flags.dot_all = on,
                b'x' => flags.extended = on,
                b'u' if on => (flags.shorthand_unicode, flags.posix_ascii) = (true, false),
                b'a' if on => (flags.shorthand_unicode, flags.posix_ascii) = (false, true),
                b'd' if on => (flags.shorthand_unicode, flags.posix_ascii) = (false, false),
                b')' | b':' => {
                    // What follows `)`, alternatives and all, is read with the new options.
                    let body = self.alternatives(flags)?;
                    if byte == b':' {
                        self.close()?;
                    }
                    let body = if flags.ignore_case == outer.ignore_case {
                        body
                    } else {
                        Node::IgnoreCase(flags.ignore_case, Box::new(body))
                    };
                    return Ok(Some(Node::Group(Box::new(body))));
                }
                _ => return Err("undefined group option".to_owned()),
            }
        }
    }

    fn set(set: Set, negated: bool) -> Node {
        Node::Class(Class { negated: false, parts: vec![vec![Item::Set { set, negated }]] })
    }

    fn escape(&mut self, flags: Flags) -> Parsed {
        let Some(byte) = self.peek() else { return Err("too short escape sequence".to_owned()) };
        if let Some(anchor) = anchor(byte) {
            self.at += 1;
            return Ok(Node::Anchor(anchor));
        }
        if let Some((set, negated)) = shorthand(byte, flags) {
            self.at += 1;
            return Ok(Self::set(set, negated));
        }
        match byte {
            b'p' | b'P' if self.source.get(self.at + 1) == Some(&b'{') => {
                let (set, negated) = self.property(flags)?;
                Ok(Self::set(set, negated))
            }
            b'R' => {
                self.at += 1;
                Ok(Node::LineBreak)
            }
            b'X' => {
                self.at += 1;
                Ok(Node::Grapheme)
            }
            b'K' => {
                self.at += 1;
                Ok(Node::Keep)
            }
            b'k' if matches!(self.source.get(self.at + 1), Some(b'<' | b'\'')) => {
                self.at += 2;
                let close = if self.source[self.at - 1] == b'<' { b'>' } else { b'\'' };
                let name = self.name(close)?;
                self.reference(&name).map(Node::Backref)
            }
            b'g' if matches!(self.source.get(self.at + 1), Some(b'<' | b'\'')) => {
                self.at += 2;
                let close = if self.source[self.at - 1] == b'<' { b'>' } else { b'\'' };
                let name = self.name(close)?;
                if name == "0" {
                    return Ok(Node::Call(0));
                }
                let numbers = self.reference(&name)?;
                Ok(Node::Call(*numbers.last().expect("a reference has a number")))
            }
            b'1'..=b'9' => {
                let start = self.at;
                let number = self.decimal()?.unwrap_or(0) as usize;
                if number <= 9 || number <= self.total {
                    if self.only_names {
                        return Err("numbered backref/call is not allowed. (use name)".to_owned());
                    }
                    return Ok(Node::Backref(vec![self.known_group(number)?]));
                }
                self.at = start;
                if matches!(byte, b'8' | b'9') {
                    self.at += 1;
                    return Ok(Node::Char(u32::from(byte)));
                }
                let code = self.code()?;
                self.node_of(code)
            }
            _ => {
                let code = self.code()?;
                self.node_of(code)
            }
        }
    }

    /// Bytes written by escapes may make up a character together.
    fn node_of(&mut self, code: Code) -> Parsed {
        Ok(match code {
            Code::Char(c) => Node::Char(c),
            Code::Byte(byte) if byte < 0x80 => Node::Char(u32::from(byte)),
            Code::Byte(first) => {
                self.non_ascii = true;
                let mut bytes = vec![first];
                let start = self.at;
                while text::utf8_len(&bytes).is_none() && bytes.len() < 4 {
                    if !(self.looking_at(b"\\x") || self.looking_at(b"\\2") || self.looking_at(b"\\3")) {
                        break;
                    }
                    self.at += 1;
                    let Ok(Code::Byte(next)) = self.code() else { break };
                    bytes.push(next);
                }
                match text::utf8_len(&bytes) {
                    Some(_) if !self.bytes => {
                        Node::Char(text::code_point(&bytes, crate::value::Encoding::Utf8).unwrap_or(0))
                    }
                    _ if self.bytes => {
                        self.at = start;
                        Node::Byte(first)
                    }
                    _ => return Err("invalid multibyte escape".to_owned()),
                }
            }
        })
    }

    fn reference(&mut self, name: &str) -> Parsed<Vec<usize>> {
        if let Ok(number) = name.parse::<i64>() {
            if self.only_names {
                return Err("numbered backref/call is not allowed. (use name)".to_owned());
            }
            // Below zero counts back from here.
            let number = if number < 0 { self.groups as i64 + 1 + number } else { number };
            return Ok(vec![self.known_group(usize::try_from(number).unwrap_or(0))?]);
        }
        self.numbers(name)
    }

    /// A character written by an escape, after the backslash.
    fn code(&mut self) -> Parsed<Code> {
        let byte = self.peek().ok_or("too short escape sequence")?;
        self.at += 1;
        let simple = |c: u32| Ok(Code::Char(c));
        match byte {
            b'n' => simple(10),
            b't' => simple(9),
            b'r' => simple(13),
            b'f' => simple(12),
            b'v' => simple(11),
            b'a' => simple(7),
            b'e' => simple(27),
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                let mut count = 1;
                while count < 3
                    && let Some(digit @ b'0'..=b'7') = self.peek()
                {
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                    count += 1;
                }
                if value > 0xff { Err("too big number".to_owned()) } else { Ok(Code::Byte(value as u8)) }
            }
            b'x' => {
                let digits = self.hex(2);
                if digits.is_empty() {
                    return Err("invalid hex escape".to_owned());
                }
                Ok(Code::Byte(u8::from_str_radix(&digits, 16).unwrap_or(0)))
            }
            b'u' => {
                self.unicode = true;
                if self.eat(b'{') {
                    while self.eat(b' ') {}
                    let digits = self.hex(6);
                    while self.eat(b' ') {}
                    if !digits.is_empty() && self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                        return Err("invalid Unicode range".to_owned());
                    }
                    if digits.is_empty() || !self.eat(b'}') {
                        return Err("invalid Unicode list".to_owned());
                    }
                    return self.unicode_char(&digits);
                }
                let digits = self.hex(4);
                if digits.len() != 4 {
                    return Err("invalid Unicode escape".to_owned());
                }
                self.unicode_char(&digits)
            }
            b'c' => self.control(),
            b'C' if self.eat(b'-') => self.control(),
            b'M' => Err("invalid multibyte escape".to_owned()),
            b'C' => Err("too short control escape".to_owned()),
            _ => {
                self.at -= 1;
                Ok(Code::Char(self.character()?))
            }
        }
    }

    fn unicode_char(&mut self, digits: &str) -> Parsed<Code> {
        let code = u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
        if char::from_u32(code).is_none() {
            return Err("invalid Unicode range".to_owned());
        }
        if code >= 0x80 {
            self.non_ascii = true;
        }
        Ok(Code::Char(code))
    }

    fn control(&mut self) -> Parsed<Code> {
        let byte = self.peek().ok_or("too short control escape")?;
        self.at += 1;
        Ok(Code::Char(if byte == b'?' { 0x7f } else { u32::from(byte & 0x1f) }))
    }

    fn hex(&mut self, most: usize) -> String {
        let mut digits = String::new();
        while digits.len() < most
            && let Some(digit) = self.peek().filter(u8::is_ascii_hexdigit)
        {
            digits.push(char::from(digit));
            self.at += 1;
        }
        digits
    }

    /// `p{Name}`, `p{^Name}`, `P{Name}`
    fn property(&mut self, flags: Flags) -> Parsed<(Set, bool)> {
        let mut negated = self.source[self.at] == b'P';
        self.at += 2;
        if self.eat(b'^') {
            negated = !negated;
        }
        let start = self.at;
        while self.peek().is_some_and(|b| b != b'}') {
            self.at += 1;
        }
        let name = String::from_utf8_lossy(&self.source[start..self.at]).into_owned();
        if !self.eat(b'}') {
            return Err(format!("invalid character property name {{{name}}}"));
        }
        let plain: String =
            name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect();
        let set = match posix_name(&plain) {
            Some(posix) => Set::Posix(posix, flags.posix_ascii),
            None if known_property(&plain) => Set::Property(plain),
            None => return Err(format!("invalid character property name {{{name}}}")),
        };
        Ok((set, negated))
    }

    /// After `[`.
    fn class(&mut self, flags: Flags) -> Parsed<Class> {
        self.depth += 1;
        if self.depth > 200 {
            return Err("too deep nest level".to_owned());
        }
        let mut class = Class { negated: self.eat(b'^'), parts: Vec::new() };
        let mut items: Vec<Item> = Vec::new();
        let unclosed = || "premature end of char-class".to_owned();
        if self.looking_at(b"]") {
            // A bracket right at the start is text where another one closes the class.
            if !self.source[self.at + 1..].contains(&b']') {
                return Err("empty char-class".to_owned());
            }
            self.at += 1;
            items.push(Item::Range(u32::from(b']'), u32::from(b']')));
        }
        loop {
            let Some(byte) = self.peek() else { return Err(unclosed()) };
            if byte == b']' {
                self.at += 1;
                break;
            }
            if self.looking_at(b"&&") {
                self.at += 2;
                class.parts.push(std::mem::take(&mut items));
                continue;
            }
            if self.looking_at(b"[:")
                && let Some(item) = self.posix_bracket(flags)?
            {
                items.push(item);
                continue;
            }
            if byte == b'[' {
                self.at += 1;
                items.push(Item::Class(self.class(flags)?));
                continue;
            }
            let Some(from) = self.class_char(flags, &mut items)? else { continue };
            if self.peek() == Some(b'-') && self.source.get(self.at + 1).is_some_and(|&b| b != b']') {
                let mark = self.at;
                self.at += 1;
                if self.peek() == Some(b'[') || self.looking_at(b"&&") {
                    // `a-[…]`: the hyphen is text.
                    self.at = mark;
                    items.push(Item::Range(from, from));
                    continue;
                }
                match self.class_char(flags, &mut items)? {
                    Some(to) if to < from => return Err("empty range in char class".to_owned()),
                    Some(to) => items.push(Item::Range(from, to)),
                    None => return Err("char-class value at end of range".to_owned()),
                }
                continue;
            }
            items.push(Item::Range(from, from));
        }
        class.parts.push(items);
        self.depth -= 1;
        Ok(class)
    }

    /// A character of a class; a set is added to the items instead.
    fn class_char(&mut self, flags: Flags, items: &mut Vec<Item>) -> Parsed<Option<u32>> {
        if !self.eat(b'\\') {
            return self.character().map(Some);
        }
        let Some(byte) = self.peek() else { return Err("premature end of char-class".to_owned()) };
        if let Some((set, negated)) = shorthand(byte, flags) {
            self.at += 1;
            items.push(Item::Set { set, negated });
            return Ok(None);
        }
        match byte {
            b'p' | b'P' if self.source.get(self.at + 1) == Some(&b'{') => {
                let (set, negated) = self.property(flags)?;
                items.push(Item::Set { set, negated });
                Ok(None)
            }
            b'b' => {
                self.at += 1;
                Ok(Some(8))
            }
            b'R' | b'X' => {
                self.at += 1;
                Ok(Some(u32::from(byte)))
            }
            _ => {
                let code = self.code()?;
                match self.node_of(code)? {
                    Node::Char(c) => Ok(Some(c)),
                    // Kept apart from characters, for patterns over bytes.
                    Node::Byte(byte) => Ok(Some(BYTE + u32::from(byte))),
                    _ => unreachable!("an escape gives a character or a byte"),
                }
            }
        }
    }

    fn posix_bracket(&mut self, flags: Flags) -> Parsed<Option<Item>> {
        let rest = &self.source[self.at + 2..];
        let negated = rest.first() == Some(&b'^');
        let rest = &rest[usize::from(negated)..];
        let letters = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if !rest[letters..].starts_with(b":]") {
            return Ok(None);
        }
        let name = String::from_utf8_lossy(&rest[..letters]);
        let Some(set) = posix_name(&name).filter(|n| !matches!(*n, "any" | "assigned")) else { return Ok(None) };
        self.at += 2 + usize::from(negated) + letters + 2;
        Ok(Some(Item::Set { set: Set::Posix(set, flags.posix_ascii), negated }))
    }
}

/// Added to bytes above 0x7F that stand in classes without being characters.
pub(super) const BYTE: u32 = 0x100_0000;

enum Code {
    Char(u32),
    Byte(u8),
}

fn anchor(byte: u8) -> Option<Anchor> {
    Some(match byte {
        b'A' => Anchor::TextStart,
        b'z' => Anchor::TextEnd,
        b'Z' => Anchor::TextEndLine,
        b'G' => Anchor::SearchStart,
        b'b' => Anchor::Word,
        b'B' => Anchor::NotWord,
        _ => return None,
    })
}

fn shorthand(byte: u8, flags: Flags) -> Option<(Set, bool)> {
    let unicode = flags.shorthand_unicode;
    Some(match byte {
        b'd' => (Set::Digit(unicode), false),
        b'D' => (Set::Digit(unicode), true),
        b's' => (Set::Space(unicode), false),
        b'S' => (Set::Space(unicode), true),
        b'w' => (Set::Word(unicode), false),
        b'W' => (Set::Word(unicode), true),
        b'h' => (Set::Hex, false),
        b'H' => (Set::Hex, true),
        _ => return None,
    })
}

fn posix_name(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 17] = [
        "alnum",
        "alpha",
        "ascii",
        "blank",
        "cntrl",
        "digit",
        "graph",
        "lower",
        "print",
        "punct",
        "space",
        "upper",
        "xdigit",
        "word",
        "any",
        "assigned",
        "xposixpunct",
    ];
    NAMES.iter().find(|known| **known == name).copied()
}

fn known_property(name: &str) -> bool {
    let pattern = format!(r"\p{{{name}}}");
    fancy_regex::Regex::new(&pattern).is_ok()
}

fn repeat(body: Node, min: u32, max: Option<u32>, kind: Kind) -> Node {
    match body {
        // Repeating what takes no space does nothing more than having it, or not having it.
        body @ (Node::Anchor(_) | Node::Look { .. } | Node::Keep | Node::Empty) => {
            if min == 0 {
                Node::Empty
            } else {
                body
            }
        }
        body => Node::Repeat { body: Box::new(body), min, max, kind },
    }
}

/// The length in characters of the longest alternative, where nothing repeats a varying number of times.
fn fixed_length(node: &Node) -> Option<usize> {
    match node {
        Node::Empty | Node::Anchor(_) | Node::Look { .. } | Node::Keep => Some(0),
        Node::Char(_) | Node::Byte(_) | Node::Any(_) | Node::Class(_) => Some(1),
        Node::Capture(body) | Node::Group(body) | Node::IgnoreCase(_, body) | Node::Atomic(body) => fixed_length(body),
        Node::Concat(items) => items.iter().map(fixed_length).sum(),
        Node::Alternatives(branches) => {
            let lengths: Option<Vec<usize>> = branches.iter().map(fixed_length).collect();
            lengths?.into_iter().max()
        }
        Node::Repeat { body, min, max, .. } if *max == Some(*min) => Some(fixed_length(body)? * *min as usize),
        _ => None,
    }
}
