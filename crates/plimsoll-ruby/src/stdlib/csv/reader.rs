//! Taking a text apart into records.

use super::options::Options;
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::Value;

/// A record: its fields, and the line it ends in.
pub(super) struct Record {
    /// The fields, `None` for those that are not there.
    fields: Vec<Field>,
    pub(super) line: usize,
    /// What is wrong with it; told when it is its turn.
    pub(super) broken: Option<String>,
}

struct Field {
    text: Option<Value>,
}

impl Record {
    /// The fields as values.
    pub(super) fn values(&self) -> Vec<Value> {
        self.fields.iter().map(|field| field.text.clone().unwrap_or_default()).collect()
    }
}

/// The row separator that occurs first outside of quotes.
fn row_separator(text: &[u8], options: &Options) -> Vec<u8> {
    if let Some(separator) = &options.row_separator {
        return separator.clone();
    }
    let mut quoted = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            byte if Some(*byte) == options.quote => quoted = !quoted,
            b'\n' if !quoted => return b"\n".to_vec(),
            b'\r' if !quoted && text.get(at + 1) == Some(&b'\n') => return b"\r\n".to_vec(),
            b'\r' if !quoted => return b"\r".to_vec(),
            _ => {}
        }
    }
    b"\n".to_vec()
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    rows: Vec<u8>,
    options: &'t Options,
}

/// The records of a text. The first that is no CSV ends the list and says why.
pub(super) fn read(vm: &Interp, text: &[u8], options: &Options) -> Res<Vec<Record>> {
    let rows = row_separator(text, options);
    let mut scanner = Scanner { text, at: 0, line: 1, rows, options };
    let mut records = Vec::new();
    while scanner.at < text.len() {
        vm.tick()?;
        vm.reserve_elements(records.len() + 1)?;
        if scanner.skips_line(vm)? {
            continue;
        }
        let record = scanner.record(vm);
        let blank = record.fields.is_empty() && record.broken.is_none();
        let ends = record.broken.is_some();
        if !(blank && options.skip_blanks) {
            records.push(record);
        }
        if ends {
            break;
        }
    }
    Ok(records)
}

impl Scanner<'_> {
    fn starts_with(&self, what: &[u8]) -> bool {
        self.text[self.at..].starts_with(what)
    }

    fn at_row_end(&self) -> bool {
        self.at >= self.text.len() || self.starts_with(&self.rows)
    }

    fn end_row(&mut self) {
        if self.at < self.text.len() {
            self.at += self.rows.len();
            self.line += 1;
        }
    }

    /// Skips a line that the caller does not want.
    fn skips_line(&mut self, vm: &Interp) -> Res<bool> {
        if self.options.skip_lines.is_nil() {
            return Ok(false);
        }
        let rest = &self.text[self.at..];
        let length = rest.windows(self.rows.len()).position(|w| w == self.rows).unwrap_or(rest.len());
        let line = Value::bytes(&rest[..length]);
        let skips = match &self.options.skip_lines {
            Value::Str(text) => rest[..length].windows(text.len().max(1)).any(|w| w == &*text.bytes()),
            pattern => vm.send(pattern, "match", &[line])?.truthy(),
        };
        if skips {
            self.at += length;
            self.end_row();
        }
        Ok(skips)
    }

    fn record(&mut self, vm: &Interp) -> Record {
        let mut fields = Vec::new();
        if self.at_row_end() {
            let line = self.line;
            self.end_row();
            return Record { fields, line, broken: None };
        }
        loop {
            match self.field(vm) {
                Ok(field) => fields.push(field),
                Err((what, line)) => return Record { fields, line, broken: Some(what) },
            }
            if self.at < self.text.len() && self.starts_with(&self.options.separator) {
                self.at += self.options.separator.len();
                if self.at_row_end() {
                    fields.push(Field { text: self.nothing() });
                } else {
                    continue;
                }
            }
            let line = self.line;
            self.end_row();
            return Record { fields, line, broken: None };
        }
    }

    fn nothing(&self) -> Option<Value> {
        (!self.options.nil_value.is_nil()).then(|| self.options.nil_value.clone())
    }

    fn skip_blanks(&mut self) {
        while self.options.strip && matches!(self.text.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn field(&mut self, vm: &Interp) -> Result<Field, (String, usize)> {
        self.skip_blanks();
        if self.options.quote.is_some() && self.text.get(self.at).copied() == self.options.quote {
            return self.quoted();
        }
        let start = self.at;
        while !self.at_row_end() && !self.starts_with(&self.options.separator) {
            let byte = self.text[self.at];
            if Some(byte) == self.options.quote && !self.options.liberal {
                return Err(("Illegal quoting".to_owned(), self.line));
            }
            if matches!(byte, b'\r' | b'\n') {
                let shown = if byte == b'\r' { "\\r" } else { "\\n" };
                return Err((format!("Unquoted fields do not allow new line <\"{shown}\">"), self.line));
            }
            self.at += 1;
        }
        let mut bytes = &self.text[start..self.at];
        while self.options.strip && matches!(bytes.last(), Some(b' ' | b'\t')) {
            bytes = &bytes[..bytes.len() - 1];
        }
        if bytes.is_empty() {
            return Ok(Field { text: self.nothing() });
        }
        self.checked(vm, bytes)
    }

    fn checked(&self, _: &Interp, bytes: &[u8]) -> Result<Field, (String, usize)> {
        if std::str::from_utf8(bytes).is_err() {
            return Err(("Invalid byte sequence in UTF-8".to_owned(), self.line));
        }
        Ok(Field { text: Some(Value::bytes(bytes)) })
    }

    fn quoted(&mut self) -> Result<Field, (String, usize)> {
        let first_line = self.line;
        let opened = self.at;
        self.at += 1;
        let mut out = Vec::new();
        loop {
            match self.text.get(self.at).copied() {
                None => return Err(("Unclosed quoted field".to_owned(), first_line)),
                byte if byte == self.options.quote => {
                    self.at += 1;
                    if self.text.get(self.at).copied() != self.options.quote {
                        break;
                    }
                    out.extend(self.options.quote);
                    self.at += 1;
                }
                Some(byte) => {
                    if byte == b'\n' {
                        self.line += 1;
                    }
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
        self.skip_blanks();
        if !self.at_row_end() && !self.starts_with(&self.options.separator) {
            if !self.options.liberal {
                return Err(("Any value after quoted field isn't allowed".to_owned(), self.line));
            }
            while !self.at_row_end() && !self.starts_with(&self.options.separator) {
                self.at += 1;
            }
            return Ok(Field { text: Some(Value::bytes(&self.text[opened..self.at])) });
        }
        if std::str::from_utf8(&out).is_err() {
            return Err(("Invalid byte sequence in UTF-8".to_owned(), self.line));
        }
        let text = match &self.options.empty_value {
            Some(value) if out.is_empty() => value.clone(),
            _ => Value::bytes(out),
        };
        Ok(Field { text: Some(text) })
    }
}
