//! Loading: the parser's events as Ruby values.

use std::rc::Rc;

use granit_parser::{Event, Options as ParserOptions, Parser, ScalarStyle, ScanError, Span, StrInput};
use rustc_hash::FxHashMap;

use super::error;
use super::scalar::{Moment, Scalar, Zone, read};
use crate::args::Args;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{RArray, RHash, RRange, Value};

/// What may be loaded, and how.
#[derive(Clone)]
pub(super) struct Options {
    /// Names of the classes that are allowed besides the plain ones; `None` for all.
    classes: Option<Vec<String>>,
    /// Symbols that are allowed; empty for all, where Symbol is.
    symbols: Vec<Sym>,
    aliases: bool,
    symbolize_names: bool,
    freeze: bool,
    /// The file that errors name.
    pub(super) file: Option<String>,
    /// What an empty text gives.
    pub(super) fallback: Value,
}

impl Options {
    /// `safe_load`
    pub(super) fn safe() -> Self {
        Self {
            classes: Some(Vec::new()),
            symbols: Vec::new(),
            aliases: false,
            symbolize_names: false,
            freeze: false,
            file: None,
            fallback: Value::Nil,
        }
    }

    /// `load`
    pub(super) fn load() -> Self {
        Self { classes: Some(vec!["Symbol".to_owned()]), ..Self::safe() }
    }

    /// `unsafe_load`
    pub(super) fn unsafe_load() -> Self {
        Self { classes: None, aliases: true, fallback: Value::Bool(false), ..Self::safe() }
    }

    /// The same, changed by keywords.
    pub(super) fn with(mut self, vm: &Interp, keywords: Option<&Rc<RHash>>) -> Res<Self> {
        let Some(keywords) = keywords else { return Ok(self) };
        for (key, value) in keywords.entries() {
            let Value::Sym(key) = key else { continue };
            match key.text().as_ref() {
                "permitted_classes" => {
                    let mut names = Vec::new();
                    for class in vm.to_array(&value)?.to_vec() {
                        names.push(vm.to_s(&class)?.lossy());
                    }
                    self.classes = Some(names);
                }
                "permitted_symbols" => {
                    for symbol in vm.to_array(&value)?.to_vec() {
                        self.symbols.push(vm.to_name(&symbol)?);
                    }
                }
                "aliases" => self.aliases = value.truthy(),
                "symbolize_names" => self.symbolize_names = value.truthy(),
                "freeze" => self.freeze = value.truthy(),
                "filename" => self.file = if value.is_nil() { None } else { Some(vm.to_s(&value)?.lossy()) },
                "fallback" => self.fallback = value,
                "strict_integer" => {}
                other => return Err(vm.argument_error(format!("unknown keyword: :{other}"))),
            }
        }
        Ok(self)
    }
}

/// The values of a text's documents, or of the first alone.
pub(super) fn documents(vm: &Interp, text: &[u8], options: &Options, first: bool) -> Res<Vec<Value>> {
    vm.reserve_string(text.len())?;
    let source = match std::str::from_utf8(text) {
        Ok(source) => source,
        Err(bad) => {
            let before = String::from_utf8_lossy(&text[..bad.valid_up_to()]).into_owned();
            let (line, column) = place(&before);
            let wrong = Wrong { problem: "invalid leading UTF-8 octet".into(), context: None, line, column };
            return Err(syntax_error(vm, options, &wrong));
        }
    };
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    // libyaml takes no tab for indentation, where the parser is more generous.
    if let Some(tab) = leading_tab(source) {
        let (line, column) = place(&source[..tab]);
        let context = Some("while scanning for the next token");
        let problem = "found character that cannot start any token".to_owned();
        return Err(syntax_error(vm, options, &Wrong { problem, context, line, column }));
    }
    let mut settings = ParserOptions::default();
    settings.emit_unresolved_aliases = true;
    settings.emit_comments = false;
    let parser = Parser::new_from_str_with_options(source, settings);
    let mut loader = Loader { vm, options, source, parser, anchors: FxHashMap::default() };
    let mut documents = Vec::new();
    loop {
        match loader.next()? {
            (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
            (Event::StreamEnd, _) => return Ok(documents),
            (event, span) => {
                let value = loader.node(event, span)?;
                documents.push(value);
                loader.anchors.clear();
                if first {
                    return Ok(documents);
                }
            }
        }
    }
}

/// Where a tab stands before the first content.
fn leading_tab(source: &str) -> Option<usize> {
    let content = source.find(|c: char| !c.is_ascii_whitespace())?;
    let line = source[..content].rfind('\n').map_or(0, |at| at + 1);
    source[line..content].find('\t').map(|at| line + at)
}

fn place(before: &str) -> (usize, usize) {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column)
}

/// What is wrong with a text, in libyaml's words.
struct Wrong {
    problem: String,
    context: Option<&'static str>,
    line: usize,
    column: usize,
}

fn syntax_error(vm: &Interp, options: &Options, wrong: &Wrong) -> Unwind {
    let Wrong { problem, context, line, column } = wrong;
    let file = options.file.as_deref().unwrap_or("<unknown>");
    let what = context.map_or_else(|| problem.clone(), |context| format!("{problem} {context}"));
    let message = format!("({file}): {what} at line {line} column {column}");
    let exception = vm.exception(&vm.class_named("Psych::SyntaxError"), Value::str(message));
    let object = Value::Obj(Rc::clone(&exception));
    let fields = [
        ("@file", options.file.as_ref().map(Value::str).into()),
        ("@line", (*line).into()),
        ("@column", (*column).into()),
        ("@offset", Value::Int(0)),
        ("@problem", Value::str(problem)),
        ("@context", context.map(Value::str).into()),
    ];
    for (name, value) in fields {
        super::super::set_ivar(&object, name, value);
    }
    vm.raise_object(exception)
}

/// The parser's complaint in libyaml's words and with its place.
fn libyaml(error: &ScanError, source: &str) -> Wrong {
    use granit_parser::ErrorKind as Kind;
    let mark = error.marker();
    let (line, column) = (mark.line(), mark.col() + 1);
    let at_end = || {
        let (line, column) = place(source);
        (line, if source.ends_with('\n') { 1 } else { column })
    };
    let wrong = |problem: &str, context: Option<&'static str>, (line, column): (usize, usize)| Wrong {
        problem: problem.to_owned(),
        context,
        line,
        column,
    };
    let here = (line, column);
    match error.kind() {
        Kind::MappingValueNotAllowed | Kind::InvalidColonPlacement => {
            wrong("mapping values are not allowed in this context", None, here)
        }
        Kind::BlockSequenceEntryNotAllowed => {
            wrong("block sequence entries are not allowed in this context", None, here)
        }
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => {
            wrong("could not find expected ':'", Some("while scanning a simple key"), here)
        }
        Kind::UnexpectedCharacter { .. } | Kind::TabNotAllowed | Kind::TabInBlockIndentation => {
            wrong("found character that cannot start any token", Some("while scanning for the next token"), here)
        }
        Kind::UnexpectedEofFlowSequence | Kind::UnexpectedEofFlowMapping | Kind::UnclosedFlowCollection { .. }
            if source.trim_end().ends_with(['[', ',', '{']) =>
        {
            let (line, _) = place(source.trim_end());
            wrong("did not find expected node content", Some("while parsing a flow node"), (line + 1, 1))
        }
        Kind::UnexpectedEofFlowSequence
        | Kind::ExpectedFlowSequenceSeparator
        | Kind::UnclosedFlowCollection { open: '[', .. } => {
            wrong("did not find expected ',' or ']'", Some("while parsing a flow sequence"), opener(source, '[', here))
        }
        Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping
        | Kind::ExpectedFlowMappingSeparator
        | Kind::UnclosedFlowCollection { .. } => {
            wrong("did not find expected ',' or '}'", Some("while parsing a flow mapping"), opener(source, '{', here))
        }
        Kind::ExpectedBlockMappingKey => {
            wrong("did not find expected key", Some("while parsing a block mapping"), (1, 1))
        }
        Kind::ExpectedBlockSequenceEntry => {
            wrong("did not find expected '-' indicator", Some("while parsing a block collection"), (1, 1))
        }
        Kind::ExpectedNodeContent => {
            wrong("did not find expected node content", Some("while parsing a flow node"), at_end())
        }
        Kind::ExpectedDocumentStart => wrong("did not find expected <document start>", None, here),
        Kind::UnclosedQuotedScalar | Kind::InvalidQuotedScalarIndent => {
            let before = &source[..mark.byte_offset().unwrap_or(source.len()).min(source.len())];
            let opened = before.rfind(['"', '\'']).map_or(here, |at| place(&source[..at]));
            wrong("found unexpected end of stream", Some("while scanning a quoted scalar"), opened)
        }
        _ => wrong(&error.info(), None, here),
    }
}

/// Where the last collection before a place was opened.
fn opener(source: &str, bracket: char, here: (usize, usize)) -> (usize, usize) {
    match source.rfind(bracket) {
        Some(at) => place(&source[..at]),
        None => here,
    }
}

struct Loader<'s> {
    vm: &'s Interp,
    options: &'s Options,
    source: &'s str,
    parser: Parser<'s, StrInput<'s>>,
    anchors: FxHashMap<usize, Value>,
}

impl<'s> Loader<'s> {
    fn next(&mut self) -> Res<(Event<'s>, Span)> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(bad)) => Err(syntax_error(self.vm, self.options, &libyaml(&bad, self.source))),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'s>, span: Span) -> Res {
        self.vm.tick()?;
        self.vm.check_stack()?;
        let value = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag_name(&tag));
                let value = self.scalar(&text, style, tag.as_deref())?;
                self.remember(anchor, &value);
                value
            }
            Event::SequenceStart(_, anchor, tag) => {
                let tag = tag.map(|tag| tag_name(&tag));
                if let Some(class) = tag.as_deref().and_then(|tag| tag.strip_prefix("!ruby/array:")) {
                    self.permit(class)?;
                }
                self.sequence(anchor)?
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = tag.map(|tag| tag_name(&tag));
                self.mapping(anchor, tag.as_deref())?
            }
            Event::Alias(id) => {
                let name = span.slice(self.source).unwrap_or_default().trim_start_matches('*').to_owned();
                match self.anchors.get(&id).cloned() {
                    Some(value) if self.options.aliases => value,
                    _ => return Err(error(self.vm, "BadAlias", &format!("Unknown alias: {name}"))),
                }
            }
            Event::UnresolvedAlias(name) => {
                return Err(error(self.vm, "BadAlias", &format!("Unknown alias: {name}")));
            }
            _ => Value::Nil,
        };
        Ok(value)
    }

    fn finished(&self, value: Value) -> Value {
        if self.options.freeze
            && let Some(head) = value.head()
        {
            head.freeze();
        }
        value
    }

    fn remember(&mut self, anchor: usize, value: &Value) {
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
    }

    fn sequence(&mut self, anchor: usize) -> Res {
        let list = RArray::new(Vec::new());
        self.remember(anchor, &Value::Array(Rc::clone(&list)));
        loop {
            match self.next()? {
                (Event::SequenceEnd | Event::StreamEnd, _) => return Ok(self.finished(Value::Array(list))),
                (event, span) => {
                    let value = self.node(event, span)?;
                    self.vm.reserve_elements(list.len() + 1)?;
                    list.push(value);
                }
            }
        }
    }

    fn mapping(&mut self, anchor: usize, tag: Option<&str>) -> Res {
        let object = match tag {
            Some("!set" | "tag:yaml.org,2002:set") => {
                self.permit("Psych::Set")?;
                None
            }
            Some(tag) => match tag.strip_prefix("!ruby/") {
                Some(kind) => self.object(kind)?,
                None => None,
            },
            None => None,
        };
        let hash = RHash::new();
        let whole = object.clone().unwrap_or_else(|| Value::Hash(Rc::clone(&hash)));
        self.remember(anchor, &whole);
        loop {
            let (event, span) = match self.next()? {
                (Event::MappingEnd | Event::StreamEnd, _) => break,
                next => next,
            };
            let merges = matches!(&event, Event::Scalar(text, _, _, tag) if text == "<<" && tag.is_none());
            let key = self.node(event, span)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            if !(merges && self.merge(&hash, &value)?) {
                self.vm.hash_set(&hash, self.key(key)?, value)?;
            }
        }
        if let Some(object) = object {
            return self.revived(object, &hash);
        }
        Ok(self.finished(whole))
    }

    fn key(&self, key: Value) -> Res {
        match &key {
            Value::Str(name) if self.options.symbolize_names => Ok(Value::Sym(self.vm.intern(&name.bytes())?)),
            _ => Ok(key),
        }
    }

    /// `<<: …`; tells whether there was something to merge.
    fn merge(&self, hash: &RHash, value: &Value) -> Res<bool> {
        let add = |other: &RHash| -> Res<()> {
            for (key, value) in other.entries() {
                self.vm.hash_set(hash, key, value)?;
            }
            Ok(())
        };
        match value {
            Value::Hash(other) => add(other)?,
            Value::Array(others) => {
                let others = others.to_vec();
                if !others.iter().all(|other| matches!(other, Value::Hash(_))) {
                    return Ok(false);
                }
                for other in others.iter().rev() {
                    if let Value::Hash(other) = other {
                        add(other)?;
                    }
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Refuses a class that is not allowed.
    fn permit(&self, class: &str) -> Res<()> {
        match &self.options.classes {
            Some(classes) if !classes.iter().any(|allowed| allowed == class) => {
                Err(error(self.vm, "DisallowedClass", &format!("Tried to load unspecified class: {class}")))
            }
            _ => Ok(()),
        }
    }

    fn class(&self, name: &str) -> Res {
        self.permit(name)?;
        let mut at = Value::Class(Rc::clone(&self.vm.c.object));
        for part in name.split("::") {
            let found = match &at {
                Value::Class(module) => module.constants.borrow().get(&Sym::new(part)).cloned(),
                _ => None,
            };
            let Some(found) = found else {
                return Err(self.vm.argument_error(format!("undefined class/module {name}")));
            };
            at = found;
        }
        Ok(at)
    }

    /// The empty object of a mapping tagged `!ruby/…`; `None` where it is a Hash all the same.
    fn object(&self, kind: &str) -> Res<Option<Value>> {
        let (kind, name) = kind.split_once(':').unwrap_or((kind, ""));
        match kind {
            "object" | "struct" | "exception" => {
                let name = if name.is_empty() { "Object" } else { name };
                let class = self.class(name)?;
                Ok(Some(self.vm.call(&class, known::ALLOCATE, &[])?))
            }
            "range" => {
                self.permit("Range")?;
                Ok(None)
            }
            "hash" | "hash-with-ivars" => {
                if !name.is_empty() {
                    self.permit(name)?;
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Fills an object with what its mapping says.
    fn revived(&self, object: Value, fields: &RHash) -> Res {
        let vm = self.vm;
        if vm.responds(&object, Sym::new("init_with"))? {
            return Err(vm.unsupported("init_with"));
        }
        let is_struct = vm.is_a(&object, &vm.class_named("Struct"));
        for (name, value) in fields.entries() {
            let name = vm.to_s(&name)?.lossy();
            if is_struct {
                vm.send(&object, &format!("{name}="), &[value])?;
            } else {
                super::super::set_ivar(&object, &format!("@{name}"), value);
            }
        }
        Ok(object)
    }

    fn text(&self, text: &str) -> Value {
        self.finished(Value::str(text))
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&str>) -> Res {
        let vm = self.vm;
        let Some(tag) = tag else {
            return if style == ScalarStyle::Plain { self.resolved(text) } else { Ok(self.text(text)) };
        };
        match tag {
            "!binary" | "tag:yaml.org,2002:binary" => {
                let unpacked = vm.send(&Value::str(text), "unpack1", &[Value::str("m")])?;
                Ok(unpacked)
            }
            "!str" | "!ruby/string" | "tag:yaml.org,2002:str" => Ok(self.text(text)),
            "!float" | "tag:yaml.org,2002:float" => {
                let number = self.resolved(text)?;
                let kernel = Value::Class(Rc::clone(&vm.c.kernel));
                vm.send(&kernel, "Float", &[number])
            }
            "!ruby/regexp" => {
                self.permit("Regexp")?;
                self.regexp(text)
            }
            "!ruby/range" => {
                self.permit("Range")?;
                self.range(text)
            }
            tag if tag.starts_with("!ruby/sym") => self.symbol(text),
            "!ruby/class" | "!ruby/module" => self.class(text),
            _ => self.resolved(text),
        }
    }

    fn regexp(&self, text: &str) -> Res {
        let inner = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
        let (pattern, flags) = inner.unwrap_or((text, ""));
        let bits = flags.chars().fold(0, |bits, flag| {
            bits | match flag {
                'i' => 1,
                'x' => 2,
                'm' => 4,
                'n' => 32,
                _ => 0,
            }
        });
        self.vm.send(&Value::Class(self.vm.class_named("Regexp")), "new", &[Value::str(pattern), Value::Int(bits)])
    }

    fn range(&self, text: &str) -> Res {
        let (begin, end, exclusive) = match (text.split_once("..."), text.split_once("..")) {
            (Some((begin, end)), _) => (begin, end, true),
            (None, Some((begin, end))) => (begin, end, false),
            (None, None) => return Err(self.vm.argument_error("bad value for range")),
        };
        Ok(Value::Range(RRange::new(self.resolved(begin)?, self.resolved(end)?, exclusive)))
    }

    fn symbol(&self, name: &str) -> Res {
        let symbol = self.vm.intern(name.as_bytes())?;
        if self.options.symbols.is_empty() {
            self.permit("Symbol")?;
        } else if !self.options.symbols.contains(&symbol) {
            return Err(error(self.vm, "DisallowedClass", "Tried to load unspecified class: Symbol"));
        }
        Ok(Value::Sym(symbol))
    }

    fn resolved(&self, text: &str) -> Res {
        let vm = self.vm;
        Ok(match read(text) {
            Scalar::Nil => Value::Nil,
            Scalar::Bool(bool) => Value::Bool(bool),
            Scalar::Int(int) => vm.integer(int),
            Scalar::Float(float) => Value::Float(float),
            Scalar::Symbol(name) => return self.symbol(&name),
            Scalar::Date(parts) => {
                self.permit("Date")?;
                let parts = parts.map(Value::Int);
                self.or_text(vm.new_instance(&vm.class_named("Date"), Args::new(&parts)), text)?
            }
            Scalar::Time(moment) => {
                self.permit("Time")?;
                self.or_text(self.time(&moment), text)?
            }
            Scalar::Text => self.text(text),
        })
    }

    /// A value; the text itself where the value does not exist (the 31st of February).
    fn or_text(&self, value: Res, text: &str) -> Res {
        match value {
            Err(unwind) => match unwind.exception() {
                Some(exception)
                    if self.vm.is_a(&Value::Obj(Rc::clone(exception)), &self.vm.class_named("ArgumentError")) =>
                {
                    Ok(self.text(text))
                }
                _ => Err(unwind),
            },
            value => value,
        }
    }

    fn time(&self, moment: &Moment) -> Res {
        let vm = self.vm;
        let class = Value::Class(vm.class_named("Time"));
        let mut parts: Vec<Value> = moment.date.iter().chain(&moment.time).map(|part| Value::Int(*part)).collect();
        let digits: String = moment.fraction.chars().take(9).collect();
        let nanoseconds: i64 = format!("{digits:0<9}").parse().unwrap_or(0);
        let rational = |numerator: i64, denominator: i64| {
            let kernel = Value::Class(Rc::clone(&vm.c.kernel));
            vm.send(&kernel, "Rational", &[Value::Int(numerator), Value::Int(denominator)])
        };
        if let Zone::Offset(offset) = moment.zone {
            if nanoseconds != 0 {
                let fraction = rational(nanoseconds, 1_000_000_000)?;
                parts[5] = vm.call(&fraction, known::PLUS, &[Value::Int(moment.time[2])])?;
            }
            parts.push(Value::Int(offset));
            return vm.call(&class, known::NEW, &parts);
        }
        let microseconds = rational(nanoseconds, 1_000)?;
        parts.push(microseconds.clone());
        let utc = vm.send(&class, "utc", &parts)?;
        if moment.zone == Zone::Utc {
            return Ok(utc);
        }
        let seconds = vm.call(&utc, known::TO_I, &[])?;
        vm.send(&class, "at", &[seconds, microseconds])
    }
}

/// A tag as Psych names it.
fn tag_name(tag: &granit_parser::Tag) -> String {
    format!("{}{}", tag.handle(), tag.suffix())
}
