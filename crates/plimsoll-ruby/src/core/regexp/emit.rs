//! Patterns written out for the regex engine.

use super::parse::{Anchor, BYTE, Class, Item, Kind, Node, Set};

/// What subjects are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Characters of valid UTF-8.
    Unicode,
    /// Single bytes.
    Bytes,
}

/// The pattern in the engine's language.
pub(super) fn emit(root: &Node, mode: Mode) -> String {
    let mut emitter = Emitter { out: String::new(), mode, behind: false };
    emitter.node(root, false);
    emitter.out
}

struct Emitter {
    out: String,
    mode: Mode,
    /// Inside a look-behind.
    behind: bool,
}

/// Extended grapheme clusters, after Unicode's annex 29.
const GRAPHEME: &str = concat!(
    r"(?>\r\n|[\p{gcb=Control}\r\n]|\p{gcb=Prepend}*(?:",
    r"\p{gcb=L}*(?:\p{gcb=V}+|\p{gcb=LV}\p{gcb=V}*|\p{gcb=LVT})\p{gcb=T}*|\p{gcb=L}+|\p{gcb=T}+|",
    r"\p{gcb=RI}\p{gcb=RI}|\p{Extended_Pictographic}(?:\p{gcb=Extend}*\p{gcb=ZWJ}\p{Extended_Pictographic})*|",
    r"[^\p{gcb=Control}\r\n])[\p{gcb=Extend}\p{gcb=ZWJ}\p{gcb=SpacingMark}]*|(?s:.))"
);

impl Emitter {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn wrapped(&mut self, open: &str, body: &Node, followed: bool) {
        self.push(open);
        self.node(body, followed);
        self.push(")");
    }

    /// Writes a node; `followed` tells that something that takes space must match after it.
    fn node(&mut self, node: &Node, followed: bool) {
        match node {
            Node::Empty => {}
            Node::Char(code) => self.char(*code),
            Node::Byte(byte) => self.push(&format!("\\x{byte:02X}")),
            Node::Any(false) => self.push("."),
            Node::Any(true) => self.push("(?s:.)"),
            Node::Class(class) => self.class(class),
            Node::Capture(body) => self.wrapped("(", body, followed),
            Node::Group(body) => self.wrapped("(?:", body, followed),
            Node::IgnoreCase(true, body) => self.wrapped("(?i:", body, followed),
            Node::IgnoreCase(false, body) => self.wrapped("(?-i:", body, followed),
            Node::Atomic(body) => self.wrapped("(?>", body, followed),
            Node::Absent(body) => {
                // Characters, as long as none of them ends what is to be absent.
                let outer = self.behind;
                self.behind = true;
                self.push("(?:(?s:.)");
                self.wrapped("(?<!", body, false);
                self.push(")*");
                self.behind = outer;
            }
            Node::Look { ahead, negative, body } => {
                let open = match (ahead, negative) {
                    (true, false) => "(?=",
                    (true, true) => "(?!",
                    (false, false) => "(?<=",
                    (false, true) => "(?<!",
                };
                let outer = self.behind;
                self.behind = outer || !ahead;
                self.wrapped(open, body, false);
                self.behind = outer;
            }
            Node::Concat(items) => {
                for (at, item) in items.iter().enumerate() {
                    let rest = &items[at + 1..];
                    let followed = followed || rest.iter().any(|node| least_length(node) > 0);
                    match item {
                        Node::Alternatives(_) => self.wrapped("(?:", item, followed),
                        _ => self.node(item, followed),
                    }
                }
            }
            Node::Alternatives(branches) => {
                for (at, branch) in branches.iter().enumerate() {
                    if at > 0 {
                        self.push("|");
                    }
                    self.node(branch, followed);
                }
            }
            Node::Repeat { body, min, max, kind } => self.repeat(body, *min, *max, *kind),
            Node::Anchor(anchor) => self.anchor(*anchor, followed),
            Node::Backref(groups) => {
                let groups: Vec<String> = groups.iter().rev().map(|group| format!("\\{group}")).collect();
                self.push(&format!("(?:{})", groups.join("|")));
            }
            Node::Call(group) => self.push(&format!("\\g<{group}>")),
            Node::Condition { group, then, otherwise } => {
                self.push(&format!("(?({group})"));
                self.wrapped("(?:", then, followed);
                self.push("|");
                self.wrapped("(?:", otherwise, followed);
                self.push(")");
            }
            Node::LineBreak if self.mode == Mode::Unicode => self.push(r"(?>\r\n|[\n-\r\x{85}\x{2028}\x{2029}])"),
            Node::LineBreak => self.push(r"(?>\r\n|[\n-\r])"),
            Node::Grapheme if self.mode == Mode::Unicode => self.push(GRAPHEME),
            Node::Grapheme => self.push(r"(?>\r\n|(?s:.))"),
            Node::Keep => self.push("\\K"),
        }
    }

    fn char(&mut self, code: u32) {
        let Some(c) = char::from_u32(code) else { return };
        if self.mode == Mode::Bytes && !c.is_ascii() {
            self.push("(?:");
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                self.push(&format!("\\x{byte:02X}"));
            }
            self.push(")");
            return;
        }
        if matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$') {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    fn repeat(&mut self, body: &Node, min: u32, max: Option<u32>, kind: Kind) {
        self.push(if kind == Kind::Possessive { "(?>" } else { "" });
        let single = matches!(body, Node::Char(_) | Node::Any(_) | Node::Class(_) | Node::Capture(..) | Node::Group(_));
        if single {
            self.node(body, false);
        } else {
            self.wrapped("(?:", body, false);
        }
        match (min, max) {
            (0, None) => self.push("*"),
            (1, None) => self.push("+"),
            (0, Some(1)) => self.push("?"),
            (min, None) => self.push(&format!("{{{min},}}")),
            (min, Some(max)) if min == max => self.push(&format!("{{{min}}}")),
            (min, Some(max)) => self.push(&format!("{{{min},{max}}}")),
        }
        self.push(match kind {
            Kind::Greedy => "",
            Kind::Lazy => "?",
            Kind::Possessive => ")",
        });
    }

    fn anchor(&mut self, anchor: Anchor, followed: bool) {
        self.push(match anchor {
            // No line starts after the line end that ends the text. Where something must follow, that goes without
            // saying, and the engine is faster so.
            Anchor::LineStart if followed || self.behind => "(?m:^)",
            Anchor::LineStart => r"(?:(?m:^)(?!\z)|\A)",
            Anchor::LineEnd => "(?m:$)",
            Anchor::TextStart => r"\A",
            Anchor::TextEnd => r"\z",
            Anchor::TextEndLine => r"(?=\n?\z)",
            Anchor::SearchStart => r"\G",
            Anchor::Word => r"\b",
            Anchor::NotWord => r"\B",
        });
    }

    fn class(&mut self, class: &Class) {
        // A lone set is written as it is.
        if let ([items], false) = (&class.parts[..], class.negated)
            && let [Item::Set { set, negated }] = &items[..]
        {
            return self.set(set, *negated);
        }
        self.push(if class.negated { "[^" } else { "[" });
        for (at, items) in class.parts.iter().enumerate() {
            if at > 0 {
                self.push("&&");
            }
            let nested = class.parts.len() > 1;
            self.push(if nested { "[" } else { "" });
            for item in items {
                self.item(item);
            }
            if items.is_empty() {
                // An empty union: what is in no set.
                self.push(if self.mode == Mode::Unicode { r"[^\x{0}-\x{10FFFF}]" } else { r"[^\x00-\xFF]" });
            }
            self.push(if nested { "]" } else { "" });
        }
        self.push("]");
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Range(from, to) => {
                self.class_char(*from);
                if to > from {
                    self.push("-");
                    self.class_char(*to);
                }
            }
            Item::Class(class) => self.class(class),
            Item::Set { set, negated } => self.set(set, *negated),
        }
    }

    fn class_char(&mut self, code: u32) {
        if code >= BYTE {
            self.push(&format!("\\x{:02X}", code - BYTE));
        } else if char::from_u32(code).is_some_and(|c| c.is_ascii_alphanumeric()) {
            self.out.push(char::from(code as u8));
        } else if self.mode == Mode::Bytes {
            self.push(&format!("\\x{:02X}", code.min(0xff)));
        } else {
            self.push(&format!("\\x{{{code:X}}}"));
        }
    }

    fn set(&mut self, set: &Set, negated: bool) {
        let unicode = self.mode == Mode::Unicode;
        let members = match set {
            Set::Digit(u) if *u && unicode => r"\p{Nd}",
            Set::Digit(_) => "0-9",
            Set::Space(u) if *u && unicode => r"\p{White_Space}",
            Set::Space(_) => r" \t\n\x0B\x0C\r",
            Set::Word(u) if *u && unicode => r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}",
            Set::Word(_) => "0-9A-Za-z_",
            Set::Hex => "0-9A-Fa-f",
            Set::Posix(name, ascii) => posix(name, *ascii || !unicode),
            Set::Property(name) => {
                return if unicode {
                    self.push(&format!("[{}\\p{{{name}}}]", if negated { "^" } else { "" }));
                } else {
                    // Bytes above ASCII have no properties.
                    self.push(if negated { r"[\x00-\xFF]" } else { r"[^\x00-\xFF]" });
                };
            }
        };
        self.push(&format!("[{}{members}]", if negated { "^" } else { "" }));
    }
}

fn posix(name: &str, ascii: bool) -> &'static str {
    match (name, ascii) {
        ("alnum", true) => "0-9A-Za-z",
        ("alnum", false) => r"\p{Alphabetic}\p{Nd}",
        ("alpha", true) => "A-Za-z",
        ("alpha", false) => r"\p{Alphabetic}",
        ("ascii", _) => r"\x00-\x7F",
        ("blank", true) => r" \t",
        ("blank", false) => r"\t\p{Zs}",
        ("cntrl", true) => r"\x00-\x1F\x7F",
        ("cntrl", false) => r"\p{Cc}",
        ("digit", true) => "0-9",
        ("digit", false) => r"\p{Nd}",
        ("graph", true) => r"\x21-\x7E",
        ("graph", false) => r"[^\p{White_Space}\p{Cc}\p{Cn}]",
        ("lower", true) => "a-z",
        ("lower", false) => r"\p{Lowercase}",
        ("print", true) => r"\x20-\x7E",
        ("print", false) => r"[^\p{White_Space}\p{Cc}\p{Cn}]\p{Zs}",
        ("punct" | "xposixpunct", true) => r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E",
        ("punct" | "xposixpunct", false) => r"\p{P}\x24\x2B\x3C-\x3E\x5E\x60\x7C\x7E",
        ("space", true) => r" \t\n\x0B\x0C\r",
        ("space", false) => r"\p{White_Space}",
        ("upper", true) => "A-Z",
        ("upper", false) => r"\p{Uppercase}",
        ("word", true) => "0-9A-Za-z_",
        ("word", false) => r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}",
        ("xdigit", _) => "0-9A-Fa-f",
        ("assigned", false) => r"\P{Cn}",
        ("any" | "assigned", true) => r"\x00-\xFF",
        _ => r"\x{0}-\x{10FFFF}",
    }
}

/// The fewest characters that a node matches.
fn least_length(node: &Node) -> usize {
    match node {
        Node::Char(_) | Node::Byte(_) | Node::Any(_) | Node::Class(_) | Node::LineBreak | Node::Grapheme => 1,
        Node::Capture(body) | Node::Group(body) | Node::IgnoreCase(_, body) | Node::Atomic(body) => least_length(body),
        Node::Concat(items) => items.iter().map(least_length).sum(),
        Node::Alternatives(branches) => branches.iter().map(least_length).min().unwrap_or(0),
        Node::Repeat { body, min, .. } => usize::from(*min > 0) * least_length(body),
        Node::Condition { then, otherwise, .. } => least_length(then).min(least_length(otherwise)),
        Node::Empty
        | Node::Look { .. }
        | Node::Absent(_)
        | Node::Anchor(_)
        | Node::Backref(_)
        | Node::Call(_)
        | Node::Keep => 0,
    }
}
