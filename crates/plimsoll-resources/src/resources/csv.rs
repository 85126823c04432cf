//! `csv`: a file of comma separated values.
//!
//! ```ruby
//! describe csv('/srv/users.csv') do
//!   its('name') { should include 'alice' }
//! end
//! describe csv('/srv/plain.csv', false).params do
//!   its('length') { should eq 3 }
//! end
//! ```
//!
//! The first line names the columns, unless the second argument is false. A property is a column: its values without the
//! empty ones. Numbers are Integers and Floats; dates stay text.

use plimsoll_ruby::{Args, CallStyle, Def, Interp, Res, Sym, Value, def};

use super::json;
use crate::base;
use crate::declare::ResourceDef;

pub(crate) const CSV: ResourceDef = ResourceDef {
    name: "csv",
    class: "CsvConfig",
    parent: Some("JsonConfig"),
    doc: "Comma separated values.",
    new: Some((1, 2, |vm, this, args| {
        let headers = args.get(1).is_none_or(Value::truthy);
        if let Some(head) = this.head() {
            head.set_ivar(Sym::new(HEADERS), headers.into());
        }
        json::open(vm, this, Args::new(&args.values[..1]), "CSV")
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

/// The instance variable that says whether the first line names the columns.
const HEADERS: &str = "@headers";

const METHODS: &[Def] = &[
    def("parse", 1, 1, read, "Reads the values."),
    def(
        "value",
        1,
        1,
        |vm, this, args| value(vm, this, &vm.to_array(&args[0])?.get(0).unwrap_or_default()),
        "A column.",
    ),
];

fn read(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let headers = this.head().and_then(|head| head.ivar(Sym::new(HEADERS)));
    let content = json::text_of(vm, args)?;
    if headers.is_none_or(|headers| headers.truthy()) {
        with_headers(vm, &content)
    } else {
        without_headers(vm, &content)
    }
}

fn value(vm: &Interp, this: &Value, key: &Value) -> Res {
    let params = json::params(this);
    let Value::Array(rows) = &params else { return Ok(Value::array(Vec::new())) };
    let key = Value::Str(vm.to_s(key)?);
    let mut values = Vec::new();
    for row in rows.to_vec() {
        match &row {
            Value::Hash(row) => values.extend(vm.hash_get(row, &key)?.filter(|value| !value.is_nil())),
            // Without column names everything is given.
            _ => return Ok(params),
        }
    }
    Ok(values.into())
}

fn with_headers(vm: &Interp, content: &[u8]) -> Res {
    let mut lines = parse(vm, content)?.into_iter();
    let names: Vec<Value> = lines.next().unwrap_or_default().into_iter().map(Field::text).collect();
    let mut rows = Vec::new();
    for line in lines {
        let mut values = line.into_iter().map(|field| field.value(vm)).collect::<Res<Vec<_>>>()?;
        values.resize(values.len().max(names.len()), Value::Nil);
        let row = plimsoll_ruby::RHash::new();
        for (at, value) in values.into_iter().enumerate() {
            let name = names.get(at).cloned().unwrap_or_default();
            if vm.hash_get(&row, &name)?.is_none() {
                vm.hash_set(&row, name, value)?;
            }
        }
        rows.push(row.into());
    }
    Ok(Value::array(rows))
}

fn without_headers(vm: &Interp, content: &[u8]) -> Res {
    let rows = parse(vm, content)?
        .into_iter()
        .map(|line| Ok(Value::array(line.into_iter().map(|field| field.value(vm)).collect::<Res<Vec<_>>>()?)));
    Ok(Value::array(rows.collect::<Res<Vec<_>>>()?))
}

/// A field as it stands; `None` when nothing does.
struct Field(Option<Vec<u8>>);

impl Field {
    fn text(self) -> Value {
        self.0.map_or(Value::Nil, Value::bytes)
    }

    /// A number where it reads as one; nil when empty.
    fn value(self, vm: &Interp) -> Res {
        let Some(text) = self.0.filter(|text| !text.is_empty()) else { return Ok(Value::Nil) };
        let text = Value::bytes(text);
        let lenient = vm.hash_from([(Value::sym("exception"), false.into())])?;
        for conversion in ["Integer", "Float"] {
            let values = [text.clone(), lenient.clone().into()];
            let args = Args { keywords: true, ..Args::new(&values) };
            let number = vm.call_with(&Value::Nil, Sym::new(conversion), args, CallStyle::Implicit)?;
            if !number.is_nil() {
                return Ok(number);
            }
        }
        Ok(text)
    }
}

/// All lines; one that is malformed fails the resource.
fn parse(vm: &Interp, content: &[u8]) -> Res<Vec<Vec<Field>>> {
    lines_of(vm, Reader { rest: content, line: 1, separator: b',', carriage_returns: false })
}

/// All lines as they stand, an empty one without fields.
pub(super) fn lines(
    vm: &Interp,
    content: &[u8],
    separator: u8,
    carriage_returns: bool,
) -> Res<Vec<Vec<Option<Vec<u8>>>>> {
    let lines = lines_of(vm, Reader { rest: content, line: 1, separator, carriage_returns })?;
    Ok(lines.into_iter().map(|line| line.into_iter().map(|field| field.0).collect()).collect())
}

fn lines_of(vm: &Interp, mut reader: Reader<'_>) -> Res<Vec<Vec<Field>>> {
    let mut lines = Vec::new();
    while !reader.rest.is_empty() {
        vm.tick()?;
        let fields = reader.line();
        let unparsable = |error| base::failed(vm, &format!("Unable to parse CSV: {error} in line {}.", reader.line));
        lines.push(fields.map_err(unparsable)?);
        reader.line += 1;
    }
    Ok(lines)
}

struct Reader<'t> {
    rest: &'t [u8],
    line: usize,
    separator: u8,
    /// Whether lines end in carriage returns alone.
    carriage_returns: bool,
}

impl Reader<'_> {
    fn line(&mut self) -> Result<Vec<Field>, &'static str> {
        let mut fields = Vec::new();
        if self.end_of_line() {
            return Ok(fields);
        }
        loop {
            fields.push(if self.rest.first() == Some(&b'"') { self.quoted()? } else { self.plain()? });
            if self.rest.first() == Some(&self.separator) {
                self.rest = &self.rest[1..];
            } else if self.end_of_line() {
                return Ok(fields);
            } else {
                return Err("Any value after quoted field isn't allowed");
            }
        }
    }

    fn end_of_line(&mut self) -> bool {
        let length = match self.rest {
            [] => 0,
            [b'\r', ..] if self.carriage_returns => 1,
            [b'\n', ..] if !self.carriage_returns => 1,
            [b'\r', b'\n', ..] if !self.carriage_returns => 2,
            _ => return false,
        };
        self.rest = &self.rest[length..];
        true
    }

    fn plain(&mut self) -> Result<Field, &'static str> {
        let newline = if self.carriage_returns { b'\r' } else { b'\n' };
        let is_end = |byte: &u8| *byte == self.separator || *byte == newline;
        let end = self.rest.iter().position(is_end).unwrap_or(self.rest.len());
        let ends_in_crlf = self.rest.get(end) == Some(&b'\n') && end > 0 && self.rest[end - 1] == b'\r';
        let (field, rest) = self.rest.split_at(if ends_in_crlf { end - 1 } else { end });
        if field.contains(&b'"') {
            return Err("Illegal quoting");
        }
        if field.contains(&b'\r') {
            return Err("Unquoted fields do not allow new line <\"\\r\">");
        }
        self.rest = rest;
        Ok(Field((!field.is_empty()).then(|| field.to_vec())))
    }

    fn quoted(&mut self) -> Result<Field, &'static str> {
        let mut field = Vec::new();
        let mut at = 1;
        loop {
            match self.rest[at..] {
                [] => return Err("Unclosed quoted field"),
                [b'"', b'"', ..] => {
                    field.push(b'"');
                    at += 2;
                }
                [b'"', ..] => break,
                [byte, ..] => {
                    field.push(byte);
                    at += 1;
                }
            }
        }
        self.rest = &self.rest[at + 1..];
        Ok(Field(Some(field)))
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const TEXT: &str = "name,role,logins\r\nalice,admin,12\r\nbob,dev,\r\n\"carol, \"\"jr\"\"\",dev,1.5\r\n";

    #[test]
    fn a_present_file_gives_columns() {
        let audit = Audit::debian(MemoryTarget::new().file("/u.csv", TEXT));
        let csv = audit.on("csv", "/u.csv");
        assert_eq!(audit.get(&csv, "name"), r#"["alice", "bob", "carol, \"jr\""]"#);
        assert_eq!(audit.get(&csv, "logins"), "[12, 1.5]");
        assert_eq!(audit.get(&csv, "none"), "[]");
        assert_eq!(audit.ask(&csv, "[]", &[Value::Int(0), Value::str("name")]), "[]");
        assert_eq!(audit.get(&csv, "to_s"), r#""CSV /u.csv""#);
        let plain = audit.make("csv", &[Value::str("/u.csv"), false.into()]).unwrap();
        let rows = r#"[["name", "role", "logins"], ["alice", "admin", 12], ["bob", "dev", nil], ["carol, \"jr\"", "dev", 1.5]]"#;
        assert_eq!(audit.get(&plain, "params"), rows);
        assert_eq!(audit.ask(&plain, "[]", &[Value::Int(0)]), rows);
    }

    #[test]
    fn short_and_long_lines_are_kept() {
        let audit = Audit::debian(MemoryTarget::new().file("/u.csv", "a,b\n1\n\n1,2,3\n"));
        let rows = r#"[{"a" => 1, "b" => nil}, {"a" => nil, "b" => nil}, {"a" => 1, "b" => 2, nil => 3}]"#;
        assert_eq!(audit.get(&audit.on("csv", "/u.csv"), "params"), rows);
    }

    #[test]
    fn an_absent_or_unreadable_file_skips_and_a_malformed_one_fails() {
        let target = MemoryTarget::new()
            .file("/quote", "a\nb\"c\n")
            .file("/open", "a\n\"b\n")
            .file("/after", "\"a\"b\n")
            .file("/no", "a")
            .denied("/no");
        let audit = Audit::debian(target);
        let why = |path: &str| audit.why(&audit.on("csv", path));
        assert_eq!(why("/quote"), "failed: Unable to parse CSV: Illegal quoting in line 2.");
        assert_eq!(why("/open"), "failed: Unable to parse CSV: Unclosed quoted field in line 2.");
        assert_eq!(why("/after"), "failed: Unable to parse CSV: Any value after quoted field isn't allowed in line 1.");
        assert_eq!(why("/none"), "skipped: Can't find file: /none");
        assert_eq!(why("/no"), "skipped: Can't read file: /no");
    }
}
