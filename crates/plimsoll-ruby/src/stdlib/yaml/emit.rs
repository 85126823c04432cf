//! Writing YAML as libyaml does: which style a scalar can have, where lines are folded, how collections are indented.

/// How the text is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Blanks per level.
    pub(super) indent: usize,
    /// Columns after which a line is folded at the next blank.
    pub(super) width: usize,
    /// Characters from which on a text of one line is folded as a block.
    pub(super) fold: Option<usize>,
}

impl Default for Layout {
    fn default() -> Self {
        Self { indent: 2, width: 80, fold: None }
    }
}

/// How a scalar is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

/// What is to be written.
pub(super) enum Node {
    Scalar(Scalar),
    Sequence { tag: Option<String>, anchor: Option<usize>, items: Vec<Node> },
    Mapping { tag: Option<String>, anchor: Option<usize>, pairs: Vec<(Node, Node)> },
    Alias(usize),
}

/// A scalar with what it needs to be read back.
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) tag: Option<String>,
    /// Whether its type shows when it is written without quotes.
    pub(super) plain: bool,
    /// Whether its type shows when it is written with quotes.
    pub(super) quoted: bool,
    pub(super) style: Style,
    pub(super) anchor: Option<usize>,
}

impl Scalar {
    /// A text of this style without a tag.
    pub(super) fn plain(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), tag: None, plain: true, quoted: true, style, anchor: None }
    }
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Sequence,
    SimpleKey,
    Mapping,
}

/// The text of one document.
pub(super) fn emit(node: &Node, layout: Layout) -> String {
    let mut emitter = Emitter {
        layout,
        out: String::from("---"),
        column: 3,
        whitespace: false,
        indention: false,
        indent: -1,
        open_ended: false,
    };
    emitter.node(node, Context::Root);
    emitter.write_indent();
    if emitter.open_ended {
        emitter.indicator("...", true, false, false);
        emitter.write_indent();
    }
    emitter.out
}

struct Emitter {
    layout: Layout,
    out: String,
    column: usize,
    /// Whether the last character was a blank.
    whitespace: bool,
    /// Whether there are only blanks and indicators in the line so far.
    indention: bool,
    indent: i64,
    open_ended: bool,
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank(c: Option<&char>) -> bool {
    c.is_none_or(|c| matches!(c, ' ' | '\t') || is_break(*c))
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// What a text allows.
struct Allowed {
    multiline: bool,
    plain: bool,
    single: bool,
    block: bool,
}

fn analyze(text: &[char]) -> Allowed {
    if text.is_empty() {
        return Allowed { multiline: false, plain: true, single: true, block: false };
    }
    let mut indicators = text.starts_with(&['-', '-', '-']) || text.starts_with(&['.', '.', '.']);
    let (mut breaks, mut special) = (false, false);
    let (mut break_space, mut space_break) = (false, false);
    let (mut after_space, mut after_break) = (false, false);
    for (at, &c) in text.iter().enumerate() {
        let next_blank = is_blank(text.get(at + 1));
        indicators |= if at == 0 {
            match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => true,
                '?' | ':' | '-' => next_blank,
                _ => false,
            }
        } else {
            match c {
                ':' => next_blank,
                '#' => is_blank(text.get(at - 1)),
                _ => false,
            }
        };
        special |= !is_printable(c);
        breaks |= is_break(c);
        break_space |= c == ' ' && after_break;
        space_break |= is_break(c) && after_space;
        after_space = c == ' ';
        after_break = is_break(c);
    }
    let edge = |c: Option<&char>| c.is_some_and(|c| *c == ' ' || is_break(*c));
    let trailing_space = text.last() == Some(&' ');
    let edges = edge(text.first()) || edge(text.last());
    let unfit = space_break || special;
    Allowed {
        multiline: breaks,
        plain: !(edges || break_space || unfit || breaks || indicators),
        single: !(break_space || unfit),
        block: !(trailing_space || unfit),
    }
}

impl Emitter {
    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn write_break(&mut self, c: char) {
        if c == '\n' {
            self.put_break();
        } else {
            self.out.push(c);
            self.column = 0;
        }
    }

    fn write_indent(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn indicator(&mut self, text: &str, need_whitespace: bool, is_whitespace: bool, is_indention: bool) {
        if need_whitespace && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = is_whitespace;
        self.indention = self.indention && is_indention;
    }

    /// One level deeper; gives the level before.
    fn deeper(&mut self, flow: bool, indentless: bool) -> i64 {
        let before = self.indent;
        if self.indent < 0 {
            self.indent = if flow { self.layout.indent as i64 } else { 0 };
        } else if !indentless {
            self.indent += self.layout.indent as i64;
        }
        before
    }

    fn properties(&mut self, anchor: Option<usize>, tag: Option<&str>) {
        if let Some(anchor) = anchor {
            self.indicator(&format!("&{anchor}"), true, false, false);
        }
        if let Some(tag) = tag {
            let short =
                tag.strip_prefix("tag:yaml.org,2002:").map_or_else(|| tag.to_owned(), |name| format!("!!{name}"));
            self.indicator(&short, true, false, false);
        }
    }

    fn node(&mut self, node: &Node, context: Context) {
        self.open_ended = false;
        match node {
            Node::Alias(id) => self.indicator(&format!("*{id}"), true, false, false),
            Node::Scalar(scalar) => self.scalar(scalar, context),
            Node::Sequence { tag, anchor, items } => {
                self.properties(*anchor, tag.as_deref());
                if items.is_empty() {
                    self.indicator("[", true, true, false);
                    self.indicator("]", false, false, false);
                } else {
                    self.sequence(items, context);
                }
            }
            Node::Mapping { tag, anchor, pairs } => {
                self.properties(*anchor, tag.as_deref());
                if pairs.is_empty() {
                    self.indicator("{", true, true, false);
                    self.indicator("}", false, false, false);
                } else {
                    self.mapping(pairs);
                }
            }
        }
    }

    fn sequence(&mut self, items: &[Node], context: Context) {
        let before = self.deeper(false, context == Context::Mapping && !self.indention);
        for item in items {
            self.write_indent();
            self.indicator("-", true, false, true);
            self.node(item, Context::Sequence);
        }
        self.indent = before;
    }

    fn mapping(&mut self, pairs: &[(Node, Node)]) {
        let before = self.deeper(false, false);
        for (key, value) in pairs {
            self.write_indent();
            if is_simple_key(key) {
                self.node(key, Context::SimpleKey);
                self.indicator(":", false, false, false);
            } else {
                self.indicator("?", true, false, true);
                self.node(key, Context::Mapping);
                self.write_indent();
                self.indicator(":", true, false, true);
            }
            self.node(value, Context::Mapping);
        }
        self.indent = before;
    }

    fn scalar(&mut self, scalar: &Scalar, context: Context) {
        let text: Vec<char> = scalar.text.chars().collect();
        let allowed = analyze(&text);
        let simple = context == Context::SimpleKey;
        let untagged = scalar.tag.is_none();
        let mut style = scalar.style;
        if simple && allowed.multiline {
            style = Style::Double;
        }
        if style == Style::Plain && (!allowed.plain || (text.is_empty() && simple) || (untagged && !scalar.plain)) {
            style = Style::Single;
        }
        if style == Style::Single && !allowed.single {
            style = Style::Double;
        }
        if matches!(style, Style::Literal | Style::Folded) && (!allowed.block || simple) {
            style = Style::Double;
        }
        // A tag is left out where the text shows its type.
        let shown = match (&scalar.tag, style) {
            (Some(_), Style::Plain) if scalar.plain => None,
            (Some(_), style) if style != Style::Plain && scalar.quoted => None,
            (Some(tag), _) if tag == "tag:yaml.org,2002:null" => Some("!".to_owned()),
            (Some(tag), _) => Some(tag.clone()),
            (None, style) if style != Style::Plain && !scalar.quoted => Some("!".to_owned()),
            (None, _) => None,
        };
        self.properties(scalar.anchor, shown.as_deref());
        let before = self.deeper(true, false);
        match style {
            Style::Plain => self.plain(&text, !simple),
            Style::Single => self.single(&text, !simple),
            Style::Double => self.double(&text, !simple),
            Style::Literal => self.literal(&text),
            Style::Folded => self.folded(&text),
        }
        self.indent = before;
    }

    /// Whether the line is long enough to be folded at this blank.
    fn folds_at(&self, text: &[char], at: usize, fold: bool, after_space: bool) -> bool {
        fold && !after_space && self.column > self.layout.width && at != 0 && at + 1 != text.len()
    }

    /// A blank, or the end of a line in its place.
    fn blank(&mut self, text: &[char], at: usize, fold: bool, after_space: bool) {
        if self.folds_at(text, at, fold, after_space) && text.get(at + 1) != Some(&' ') {
            self.write_indent();
        } else {
            self.put(' ');
        }
    }

    fn plain(&mut self, text: &[char], fold: bool) {
        if !self.whitespace && !text.is_empty() {
            self.put(' ');
        }
        let mut spaces = false;
        for (at, &c) in text.iter().enumerate() {
            if c == ' ' {
                self.blank(text, at, fold, spaces);
                spaces = true;
            } else {
                self.put(c);
                self.indention = false;
                spaces = false;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn single(&mut self, text: &[char], fold: bool) {
        self.indicator("'", true, false, false);
        let (mut spaces, mut breaks) = (false, false);
        for (at, &c) in text.iter().enumerate() {
            if c == ' ' {
                self.blank(text, at, fold, spaces);
                spaces = true;
            } else if is_break(c) {
                if !breaks && c == '\n' {
                    self.put_break();
                }
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
        if breaks {
            self.write_indent();
        }
        self.indicator("'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn double(&mut self, text: &[char], fold: bool) {
        self.indicator("\"", true, false, false);
        let mut spaces = false;
        for (at, &c) in text.iter().enumerate() {
            if !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                escape(c).chars().for_each(|c| self.put(c));
                spaces = false;
            } else if c == ' ' {
                if self.folds_at(text, at, fold, spaces) {
                    self.write_indent();
                    if text.get(at + 1) == Some(&' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    /// What stands after `|` or `>`: the indentation where the text hides it, and what becomes of the breaks at its end.
    fn block_hints(&mut self, text: &[char]) {
        if text.first().is_some_and(|c| *c == ' ' || is_break(*c)) {
            let hint = self.layout.indent.to_string();
            self.indicator(&hint, false, false, false);
        }
        let ends = text.last().is_some_and(|c| is_break(*c));
        let empty_line = ends && text.len().checked_sub(2).is_none_or(|at| is_break(text[at]));
        if !ends {
            self.indicator("-", false, false, false);
        } else if empty_line {
            self.indicator("+", false, false, false);
            self.open_ended = true;
        }
    }

    fn literal(&mut self, text: &[char]) {
        self.indicator("|", true, false, false);
        self.block_hints(text);
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for &c in text {
            if is_break(c) {
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                breaks = false;
            }
        }
    }

    fn folded(&mut self, text: &[char]) {
        self.indicator(">", true, false, false);
        self.block_hints(text);
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let (mut breaks, mut leading_spaces) = (true, true);
        for (at, &c) in text.iter().enumerate() {
            if is_break(c) {
                if !breaks && !leading_spaces && c == '\n' {
                    let after = text[at..].iter().find(|c| !is_break(**c));
                    if !is_blank(after) {
                        self.put_break();
                    }
                }
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                    leading_spaces = c == ' ' || c == '\t';
                }
                if !breaks && c == ' ' && text.get(at + 1) != Some(&' ') && self.column > self.layout.width {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                self.indention = false;
                breaks = false;
            }
        }
    }
}

/// Whether a key fits before a colon in the same line.
fn is_simple_key(key: &Node) -> bool {
    const LONGEST: usize = 128;
    match key {
        Node::Alias(_) => true,
        Node::Sequence { items, .. } => items.is_empty(),
        Node::Mapping { pairs, .. } => pairs.is_empty(),
        Node::Scalar(scalar) => {
            let extra = scalar.tag.as_ref().filter(|_| !scalar.plain).map_or(0, String::len);
            scalar.text.len() + extra <= LONGEST && !scalar.text.chars().any(is_break)
        }
    }
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            let code = u32::from(c);
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
