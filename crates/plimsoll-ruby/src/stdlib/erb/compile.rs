//! From a template to the program that writes it.

use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

/// What is left out around tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Trim {
    /// Whether lines that begin with `%` are code.
    percent: bool,
    newline: Newline,
}

/// Which line ends after a tag are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Newline {
    #[default]
    Kept,
    /// `>`: those after a tag.
    AfterTag,
    /// `<>`: those of lines that begin and end with a tag.
    OfTagLine,
    /// `-`: those after `-%>`, and blanks before `<%-`.
    Explicit,
}

impl Trim {
    /// The mode that a text or a number says.
    pub(super) fn of(vm: &Interp, mode: &Value) -> Res<Self> {
        let text = match mode {
            Value::Int(1) => ">".to_owned(),
            Value::Int(2) => "<>".to_owned(),
            Value::Str(text) => text.lossy(),
            Value::Nil | Value::Int(0) => return Ok(Self::default()),
            other => {
                let shown = vm.inspect(other)?.lossy();
                return Err(vm.argument_error(format!("Invalid ERB trim mode: {shown}")));
            }
        };
        let percent = text.contains('%');
        let newline = if text.contains('-') {
            Newline::Explicit
        } else if text.contains("<>") {
            Newline::OfTagLine
        } else if text.contains('>') {
            Newline::AfterTag
        } else {
            Newline::Kept
        };
        Ok(Self { percent, newline })
    }

    /// Whether the template is read line by line.
    fn by_line(self) -> bool {
        self.percent || matches!(self.newline, Newline::AfterTag | Newline::OfTagLine)
    }
}

/// An open tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Code,
    Insert,
    Comment,
}

struct Compiler<'a> {
    variable: &'a str,
    trim: Trim,
    program: Vec<u8>,
    /// Commands that stand on the current line.
    line: Vec<Vec<u8>>,
    /// Text, or what is in the open tag.
    content: Vec<u8>,
    open: Option<Tag>,
}

/// The program of a template, as ERB writes it.
pub(super) fn program(vm: &Interp, template: &[u8], trim: Trim, variable: &str) -> Res<Vec<u8>> {
    let start = format!("{variable} = +''").into_bytes();
    let mut compiler =
        Compiler { variable, trim, program: Vec::new(), line: vec![start], content: Vec::new(), open: None };
    if trim.by_line() {
        for line in template.split_inclusive(|byte| *byte == b'\n') {
            vm.tick()?;
            compiler.line(line);
        }
    } else {
        compiler.scan(template, false);
    }
    compiler.put();
    compiler.line.push(variable.as_bytes().to_vec());
    compiler.end_line(false);
    vm.reserve_string(compiler.program.len())?;
    Ok(compiler.program)
}

/// A text as a literal.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = b"\"".to_vec();
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            b'\n' => out.extend(b"\\n"),
            b'\t' => out.extend(b"\\t"),
            b'\r' => out.extend(b"\\r"),
            0x1b => out.extend(b"\\e"),
            b'#' if matches!(text.get(at + 1), Some(b'{' | b'$' | b'@')) => out.extend(b"\\#"),
            b' '..=b'~' => out.push(*byte),
            other => out.extend(format!("\\x{other:02X}").bytes()),
        }
    }
    out.push(b'"');
    out
}

fn newlines(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte == b'\n').collect()
}

impl Compiler<'_> {
    /// Ends the line of commands.
    fn end_line(&mut self, newline: bool) {
        let line = std::mem::take(&mut self.line).join(&b"; "[..]);
        self.program.extend(line);
        if newline {
            self.program.push(b'\n');
        }
    }

    /// A command that writes the text so far.
    fn put(&mut self) {
        if self.content.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.content);
        let command = [self.variable.as_bytes(), b".<< ", &quoted(&text), b".freeze", &newlines(&text)].concat();
        self.line.push(command);
    }

    /// A command for what is in the tag that ends.
    fn close(&mut self) {
        let Some(tag) = self.open.take() else { return };
        let mut code = std::mem::take(&mut self.content);
        match tag {
            Tag::Code if code.ends_with(b"\n") => {
                code.pop();
                self.line.push(code);
                self.end_line(true);
            }
            Tag::Code => self.line.push(code),
            Tag::Insert => self.line.push([self.variable.as_bytes(), b".<<((", &code, b").to_s)"].concat()),
            Tag::Comment => {
                let skipped = newlines(&code);
                if !skipped.is_empty() {
                    self.line.push(skipped);
                }
            }
        }
    }

    /// A line of a template that is read line by line.
    fn line(&mut self, line: &[u8]) {
        if self.trim.percent && self.open.is_none() && line.starts_with(b"%") {
            if line.starts_with(b"%%") {
                return self.scan(&line[1..], false);
            }
            self.put();
            let code = line[1..].strip_suffix(b"\n").unwrap_or(&line[1..]);
            self.line.push(code.strip_suffix(b"\r").unwrap_or(code).to_vec());
            return self.end_line(true);
        }
        self.scan(line, self.open.is_none() && line.starts_with(b"<%") && !line.starts_with(b"<%%"));
    }

    /// Text with tags; `begins` tells whether it is a line that begins with a tag.
    fn scan(&mut self, text: &[u8], begins: bool) {
        let mut rest = text;
        while let Some(&byte) = rest.first() {
            if self.open.is_some() {
                rest = self.inside(rest, begins);
                continue;
            }
            let at = text.len() - rest.len();
            let line_begins = at == 0 || text[at - 1] == b'\n';
            let explicit = self.trim.newline == Newline::Explicit;
            if line_begins && explicit {
                let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                if rest[blank..].starts_with(b"<%-") {
                    rest = &rest[blank..];
                }
            }
            if rest.starts_with(b"<%%") {
                self.content.extend(b"<%");
                rest = &rest[3..];
            } else if rest.starts_with(b"<%") {
                self.put();
                let (tag, length) = match rest.get(2) {
                    Some(b'=') => (Tag::Insert, 3),
                    Some(b'#') => (Tag::Comment, 3),
                    Some(b'-') if explicit => (Tag::Code, 3),
                    _ => (Tag::Code, 2),
                };
                self.open = Some(tag);
                rest = &rest[length..];
            } else {
                self.content.push(byte);
                rest = &rest[1..];
                if byte == b'\n' && self.trim.by_line() {
                    self.put();
                }
            }
        }
    }

    /// What is in a tag, from one byte up to the tag's end; gives the rest.
    fn inside<'t>(&mut self, rest: &'t [u8], begins: bool) -> &'t [u8] {
        if rest.starts_with(b"%%>") {
            self.content.extend(b"%>");
            return &rest[3..];
        }
        if self.trim.newline == Newline::Explicit && rest.starts_with(b"-%>") {
            self.close();
            return match rest[3..].strip_prefix(b"\n") {
                Some(after) => {
                    self.end_line(true);
                    after
                }
                None => &rest[3..],
            };
        }
        if !rest.starts_with(b"%>") {
            self.content.push(rest[0]);
            return &rest[1..];
        }
        self.close();
        let drops = match self.trim.newline {
            Newline::AfterTag => true,
            Newline::OfTagLine => begins,
            Newline::Kept | Newline::Explicit => false,
        };
        match rest[2..].strip_prefix(b"\n") {
            Some(after) if drops => {
                self.end_line(true);
                after
            }
            _ => &rest[2..],
        }
    }
}
