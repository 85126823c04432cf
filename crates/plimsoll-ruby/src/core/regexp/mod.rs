//! Regexp: patterns and searching with them.

mod emit;
mod parse;
mod program;

use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;

pub(crate) use parse::{EXTENDED, IGNORECASE, MULTILINE};
pub(crate) use program::{FIXEDENCODING, Hit, NOENCODING};

use emit::Mode;
use program::{BINARY, Failure, Program};

use super::matchdata::MatchData;
use super::string::text;
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RObject, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Regexp", &vm.c.object);
    vm.set_alloc(&class, |_, class| Ok(Value::Obj(RObject::with_native(Rc::clone(class), Regexp::default()))));
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
    let constants = [
        ("IGNORECASE", IGNORECASE),
        ("EXTENDED", EXTENDED),
        ("MULTILINE", MULTILINE),
        ("FIXEDENCODING", FIXEDENCODING),
        ("NOENCODING", NOENCODING),
    ];
    for (name, value) in constants {
        class.constants.borrow_mut().insert(Sym::new(name), Value::Int(i64::from(value)));
    }
}

const SINGLETON: &[Def] = &[
    def(
        "compile",
        1,
        3,
        |vm, r, a| vm.call_with(r, Sym::new("new"), a, crate::dispatch::CallStyle::Implicit),
        "The same as `new`",
    ),
    def("escape", 1, 1, |vm, _, a| escape_method(vm, a), "The text as a pattern that matches it alone"),
    def("quote", 1, 1, |vm, _, a| escape_method(vm, a), "The text as a pattern that matches it alone"),
    def("union", 0, -1, union, "A pattern that matches what any of the arguments matches"),
    def("last_match", 0, 1, last_match, "The last match, or one of its groups"),
    def("try_convert", 1, 1, try_convert, "The argument as a Regexp by `to_regexp`, or nil"),
];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 1, 3, initialize, "Takes a source or another Regexp, and options"),
    private_def("initialize_copy", 1, 1, initialize_copy, "Takes over another Regexp"),
    def("=~", 1, 1, match_operator, "Where it first matches; nil where it does not"),
    def("===", 1, 1, case_equal, "Whether it matches a String or Symbol"),
    def("~", 0, 0, |_, _, _| Ok(Value::Nil), "Matches the last line read, of which there is none"),
    def("match", 1, 2, match_method, "The first match"),
    def("match?", 1, 2, match_p, "Whether it matches, without setting `$~`"),
    def("source", 0, 0, |vm, r, _| Ok(source_value(this(vm, r)?)), "The pattern's text"),
    def(
        "to_s",
        0,
        0,
        |vm, r, _| Ok(Value::bytes(this(vm, r)?.embedded())),
        "`(?-mix:…)`, to be part of another pattern",
    ),
    def("inspect", 0, 0, inspect, "`/…/` with its options"),
    def("options", 0, 0, |vm, r, _| Ok(Value::Int(i64::from(this(vm, r)?.shown_options()))), "Its options as bits"),
    def("casefold?", 0, 0, |vm, r, _| Ok((this(vm, r)?.options & IGNORECASE != 0).into()), "Whether it ignores case"),
    def("==", 1, 1, equal, "Same source and options"),
    def("eql?", 1, 1, equal, "Same source and options"),
    def("hash", 0, 0, hash, "A hash code of source and options"),
    def("names", 0, 0, names, "The names of its groups"),
    def("named_captures", 0, 0, named_captures, "The names of its groups with their numbers"),
    def("encoding", 0, 0, encoding, "The encoding it is for"),
    def("fixed_encoding?", 0, 0, |vm, r, _| Ok(this(vm, r)?.is_fixed().into()), "Whether it matches one encoding only"),
];

/// A Ruby Regexp; empty until it is initialized.
#[derive(Default)]
pub(crate) struct Regexp(OnceCell<Compiled>);

/// What an initialized Regexp holds.
pub(crate) struct Compiled {
    source: Rc<[u8]>,
    options: u32,
    program: Rc<Program>,
}

/// The Regexp that a value is.
pub(crate) fn of(value: &Value) -> Option<&Compiled> {
    value.native::<Regexp>()?.0.get()
}

fn this<'a>(vm: &Interp, receiver: &'a Value) -> Res<&'a Compiled> {
    of(receiver).ok_or_else(|| vm.type_error("uninitialized Regexp"))
}

/// A new frozen Regexp, as a literal makes it; `RegexpError` where the pattern is none.
pub(crate) fn compile(vm: &Interp, source: &[u8], flags: u32) -> Res<Value> {
    let value = new_regexp(vm, source, flags)?;
    if let Value::Obj(object) = &value {
        object.head.freeze();
    }
    Ok(value)
}

impl Interp {
    /// A new frozen Regexp, as a literal makes it; `RegexpError` where the pattern is none.
    pub(crate) fn compile_regexp(&self, source: &[u8], flags: u32) -> Res<Value> {
        compile(self, source, flags)
    }
}

fn new_regexp(vm: &Interp, source: &[u8], flags: u32) -> Res<Value> {
    let regexp = Regexp::default();
    let _ = regexp.0.set(compiled(vm, source, flags)?);
    Ok(Value::Obj(RObject::with_native(vm.class_named("Regexp"), regexp)))
}

fn compiled(vm: &Interp, source: &[u8], flags: u32) -> Res<Compiled> {
    match Program::of(source, flags, vm.limits.regex_steps) {
        Ok(program) => Ok(Compiled { source: source.into(), options: flags, program }),
        Err(reason) => Err(refused(vm, &reason, source)),
    }
}

fn refused(vm: &Interp, reason: &str, source: &[u8]) -> Unwind {
    let message = [reason.as_bytes(), b": /", source, b"/"].concat();
    vm.raise_value(&vm.class_named("RegexpError"), Value::bytes(message))
}

/// The text that is searched: the String itself, or for a series of searches a copy that no block can change.
pub(crate) struct Subject {
    string: Rc<RString>,
    is_copy: bool,
    checked: OnceCell<Mode>,
}

impl Deref for Subject {
    type Target = RString;

    fn deref(&self) -> &RString {
        &self.string
    }
}

impl Subject {
    /// The String itself, for one search.
    pub(crate) fn borrowed(string: &Rc<RString>) -> Self {
        let is_copy = string.head.is_frozen() && string.head.class().is_none();
        Self { string: Rc::clone(string), is_copy, checked: OnceCell::new() }
    }

    /// A frozen copy (or the String itself when it is frozen).
    fn frozen(&self) -> Rc<RString> {
        if self.is_copy {
            return Rc::clone(&self.string);
        }
        let copy = RString::new(self.string.to_vec(), self.string.encoding());
        copy.head.freeze();
        copy
    }
}

/// The text of a series of searches.
pub(crate) fn subject(string: &Rc<RString>) -> Subject {
    Subject { string: Subject::borrowed(string).frozen(), is_copy: true, checked: OnceCell::new() }
}

impl Compiled {
    /// Whether characters beyond ASCII bind it to one encoding.
    fn is_fixed(&self) -> bool {
        self.program.non_ascii && !self.is_binary() || self.program.unicode || self.options & FIXEDENCODING != 0
    }

    /// Whether what is beyond ASCII in it are bytes.
    fn is_binary(&self) -> bool {
        self.options & (NOENCODING | BINARY) != 0
    }

    /// The options that make a difference between two: `/n` alone makes none.
    fn compared_options(&self) -> u32 {
        self.shown_options() & !NOENCODING
    }

    fn shown_options(&self) -> u32 {
        self.options & !BINARY | if self.is_fixed() { FIXEDENCODING } else { 0 }
    }

    /// How a subject is to be searched; an error where it can't be.
    fn mode(&self, vm: &Interp, subject: &Subject) -> Res<Mode> {
        if let Some(mode) = subject.checked.get() {
            return Ok(*mode);
        }
        let encoding = subject.encoding();
        let mode = if subject.is_ascii() {
            if self.is_binary() && self.program.non_ascii { Mode::Bytes } else { Mode::Unicode }
        } else {
            vm.check_valid(subject)?;
            let incompatible = |own: &str| {
                let text = format!("incompatible encoding regexp match ({own} regexp with {} string)", encoding.name());
                vm.error("Encoding::CompatibilityError", text)
            };
            match encoding {
                _ if !encoding.is_ascii_compatible() => {
                    return Err(incompatible(if self.is_fixed() { "UTF-8" } else { "US-ASCII" }));
                }
                Encoding::Utf8 if self.is_binary() && self.program.non_ascii => {
                    return Err(incompatible("ASCII-8BIT"));
                }
                Encoding::Utf8 => Mode::Unicode,
                _ if self.is_fixed() => return Err(incompatible("UTF-8")),
                _ => Mode::Bytes,
            }
        };
        let _ = subject.checked.set(mode);
        Ok(mode)
    }

    fn run(&self, vm: &Interp, subject: &Subject, from: usize, anchored: bool) -> Res<Option<Hit>> {
        let mode = self.mode(vm, subject)?;
        vm.tick()?;
        self.program.search(&subject.bytes(), mode, from, anchored).map_err(|failure| match failure {
            Failure::Steps => vm.limit("regex", format!("{} steps", vm.limits.regex_steps)),
            Failure::Pattern(reason) => refused(vm, &reason, &self.source),
        })
    }

    /// The first match at or after byte `from`.
    pub(crate) fn search(&self, vm: &Interp, subject: &Subject, from: usize) -> Res<Option<Hit>> {
        self.run(vm, subject, from, false)
    }

    /// The same, setting `$~`; `own` is the Regexp's value.
    pub(crate) fn search_recorded(
        &self,
        vm: &Interp,
        own: &Value,
        string: &Rc<RString>,
        from: usize,
    ) -> Res<Option<Hit>> {
        let subject = Subject::borrowed(string);
        let hit = self.search(vm, &subject, from)?;
        Self::record(vm, own, &subject, hit.as_ref());
        Ok(hit)
    }

    /// The last match that starts at or before byte `from`, setting `$~`.
    pub(crate) fn search_back_recorded(
        &self,
        vm: &Interp,
        own: &Value,
        string: &Rc<RString>,
        from: usize,
    ) -> Res<Option<Hit>> {
        let subject = Subject::borrowed(string);
        let mut at = from.min(string.len());
        let hit = loop {
            if let Some(hit) = self.run(vm, &subject, at, true)? {
                break Some(hit);
            }
            if at == 0 {
                break None;
            }
            at = text::previous(&string.bytes(), string.encoding(), at);
        };
        Self::record(vm, own, &subject, hit.as_ref());
        Ok(hit)
    }

    /// Whether it matches exactly at byte `from`, setting `$~`.
    pub(crate) fn match_at(&self, vm: &Interp, own: &Value, string: &Rc<RString>, from: usize) -> Res<bool> {
        let subject = Subject::borrowed(string);
        let hit = self.run(vm, &subject, from, true)?;
        Self::record(vm, own, &subject, hit.as_ref());
        Ok(hit.is_some())
    }

    fn record(vm: &Interp, own: &Value, subject: &Subject, hit: Option<&Hit>) -> Value {
        let value = match hit {
            Some(hit) => MatchData::value(vm, own.clone(), subject.frozen(), hit.clone()),
            None => Value::Nil,
        };
        vm.set_last_match(value.clone());
        value
    }

    /// Names with the numbers of their groups.
    pub(crate) fn names(&self) -> &[(String, Vec<usize>)] {
        &self.program.names
    }

    /// The group of a name: the last one that took part.
    pub(crate) fn named_group(&self, name: &[u8], hit: &Hit) -> Option<usize> {
        let (_, numbers) = self.program.names.iter().find(|(n, _)| n.as_bytes() == name)?;
        let took_part = numbers.iter().rev().find(|n| hit.groups.get(**n).copied().flatten().is_some());
        took_part.or(numbers.last()).copied()
    }

    /// The group that an index or a name means in a match; `None` when the index is beyond the groups.
    pub(crate) fn group_number(&self, vm: &Interp, index: &Value, hit: &Hit) -> Res<Option<usize>> {
        let name = match index {
            Value::Str(name) => name.to_vec(),
            Value::Sym(name) => name.bytes().to_vec(),
            other => {
                let number = vm.to_int(other)?;
                let total = hit.groups.len() as i64;
                // From the end only groups are counted, not the whole match.
                let (number, first) = if number < 0 { (number + total, 1) } else { (number, 0) };
                return Ok((first..total).contains(&number).then_some(number as usize));
            }
        };
        match self.named_group(&name, hit) {
            Some(number) => Ok(Some(number)),
            None => {
                let name = String::from_utf8_lossy(&name);
                Err(vm.error("IndexError", format!("undefined group name reference: {name}")))
            }
        }
    }

    /// The source with bare slashes escaped, as between slashes.
    fn between_slashes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.source.len());
        let mut at = 0;
        while at < self.source.len() {
            let len = text::char_len(&self.source[at..], Encoding::Utf8);
            let ch = &self.source[at..at + len];
            at += len;
            match ch {
                b"\\" if at < self.source.len() => {
                    let len = text::char_len(&self.source[at..], Encoding::Utf8);
                    out.push(b'\\');
                    out.extend_from_slice(&self.source[at..at + len]);
                    at += len;
                }
                b"/" => out.extend(b"\\/"),
                [byte] if *byte >= 0x80 || (*byte < 0x20 && !matches!(byte, b'\t'..=b'\r')) || *byte == 0x7f => {
                    out.extend(format!("\\x{byte:02X}").into_bytes());
                }
                _ => out.extend_from_slice(ch),
            }
        }
        out
    }

    /// `(?-mix:…)`
    pub(crate) fn embedded(&self) -> Vec<u8> {
        if let Some((inner, options)) = self.unwrapped() {
            let compiled = Compiled { source: inner.into(), options, program: Rc::clone(&self.program) };
            return compiled.with_options();
        }
        self.with_options()
    }

    fn with_options(&self) -> Vec<u8> {
        let (on, off) = flag_letters(self.options);
        let minus = if off.is_empty() { "" } else { "-" };
        let mut out = format!("(?{on}{minus}{off}:").into_bytes();
        out.extend(self.between_slashes());
        out.push(b')');
        out
    }

    /// A source that is nothing but `(?mix-mix:…)`: what is in it, and its options.
    fn unwrapped(&self) -> Option<(&[u8], u32)> {
        let rest = self.source.strip_prefix(b"(?")?.strip_suffix(b")")?;
        let colon = rest.iter().position(|b| *b == b':')?;
        let mut options = self.options & !(IGNORECASE | EXTENDED | MULTILINE) | (self.options & 7);
        let mut on = true;
        for flag in &rest[..colon] {
            let bit = match flag {
                b'-' => {
                    on = false;
                    continue;
                }
                b'm' => MULTILINE,
                b'i' => IGNORECASE,
                b'x' => EXTENDED,
                _ => return None,
            };
            options = if on { options | bit } else { options & !bit };
        }
        let inner = &rest[colon + 1..];
        parse::parse(inner, options, true).ok()?;
        Some((inner, options))
    }
}

fn flag_letters(options: u32) -> (String, String) {
    let (mut on, mut off) = (String::new(), String::new());
    for (bit, letter) in [(MULTILINE, 'm'), (IGNORECASE, 'i'), (EXTENDED, 'x')] {
        if options & bit != 0 { on.push(letter) } else { off.push(letter) }
    }
    (on, off)
}

/// What `sub`, `gsub` and `scan` search for: a Regexp, or a String as it stands.
pub(crate) enum Pattern {
    /// A Regexp's value.
    Regexp(Value),
    /// A text.
    Text(Rc<RString>),
}

impl Pattern {
    /// A Regexp or String; else TypeError.
    pub(crate) fn of(vm: &Interp, value: &Value) -> Res<Self> {
        if of(value).is_some() {
            return Ok(Self::Regexp(value.clone()));
        }
        match vm.try_str(value)? {
            Some(string) => Ok(Self::Text(string)),
            None => Err(Self::wrong_type(vm, value)),
        }
    }

    /// A Regexp, compiled from a String if it is one; else TypeError.
    pub(crate) fn regexp(vm: &Interp, value: &Value) -> Res {
        if of(value).is_some() {
            return Ok(value.clone());
        }
        match vm.try_str(value)? {
            Some(string) => new_regexp(vm, &string.to_vec(), 0),
            None => Err(Self::wrong_type(vm, value)),
        }
    }

    /// TypeError: `wrong argument type X (expected Regexp)`.
    pub(crate) fn wrong_type(vm: &Interp, value: &Value) -> Unwind {
        vm.type_error(format!("wrong argument type {} (expected Regexp)", vm.type_word(value)))
    }

    /// The first match at or after byte `from`.
    pub(crate) fn search(&self, vm: &Interp, subject: &Subject, from: usize) -> Res<Option<Hit>> {
        match self {
            Self::Regexp(value) => this(vm, value)?.search(vm, subject, from),
            Self::Text(needle) => {
                vm.joint_encoding(subject, needle)?;
                let at = text::find(&subject.bytes(), &needle.bytes(), from, subject.encoding());
                Ok(at.map(|at| Hit { groups: smallvec::smallvec![Some((at, at + needle.len()))] }))
            }
        }
    }

    /// Sets `$~`; gives its value.
    pub(crate) fn record(&self, vm: &Interp, subject: &Subject, hit: Hit) -> Value {
        let own = match self {
            Self::Regexp(value) => value.clone(),
            Self::Text(text) => Value::Str(Rc::clone(text)),
        };
        let value = MatchData::value(vm, own, subject.frozen(), hit);
        vm.set_last_match(value.clone());
        value
    }

    /// The group of a name.
    pub(crate) fn named_group(&self, name: &[u8], hit: &Hit) -> Option<usize> {
        match self {
            Self::Regexp(value) => of(value)?.named_group(name, hit),
            Self::Text(_) => None,
        }
    }
}

/// The extended grapheme clusters of valid UTF-8.
pub(crate) fn graphemes(bytes: &[u8]) -> Vec<&[u8]> {
    const STEPS: usize = 10_000_000;
    let Ok(program) = Program::of(b"\\X", 0, STEPS) else { return Vec::new() };
    let mut found = Vec::new();
    let mut at = 0;
    while let Ok(Some(hit)) = program.search(bytes, Mode::Unicode, at, false) {
        found.push(&bytes[hit.start()..hit.end()]);
        at = hit.end();
    }
    found
}

/// The text as a pattern that matches it alone.
pub(crate) fn escape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        let letter = match byte {
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            0x0c => b'f',
            0x0b => b'v',
            b' ' | b'[' | b']' | b'{' | b'}' | b'(' | b')' | b'|' | b'-' | b'*' | b'.' | b'\\' | b'?' | b'+' | b'^'
            | b'$' | b'#' => byte,
            other => {
                out.push(other);
                continue;
            }
        };
        out.extend([b'\\', letter]);
    }
    out
}

fn escape_method(vm: &Interp, args: Args<'_>) -> Res {
    let text = match &args[0] {
        Value::Sym(name) => return Ok(Value::bytes(escape(name.bytes()))),
        other => vm.to_str(other)?,
    };
    let bytes = escape(&text.bytes());
    let encoding = if bytes.is_ascii() { Encoding::UsAscii } else { text.encoding() };
    Ok(Value::Str(RString::new(bytes, encoding)))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(regexp) = receiver.native::<Regexp>() else { return Err(vm.type_error("uninitialized Regexp")) };
    let made = match of(&args[0]) {
        Some(other) => {
            Compiled { source: Rc::clone(&other.source), options: other.options, program: Rc::clone(&other.program) }
        }
        None => {
            let source = vm.to_str(&args[0])?;
            if source.encoding().is_foreign() && !source.is_ascii() {
                return Err(vm.unsupported(&format!("a regular expression in {}", source.encoding().name())));
            }
            let mut options = match args.get(1) {
                None | Some(Value::Nil | Value::Bool(false)) => 0,
                Some(Value::Int(bits)) => *bits as u32 & 0xff,
                Some(_) => IGNORECASE,
            };
            if let Some(Value::Str(kind)) = args.get(2)
                && matches!(kind.bytes().first(), Some(b'n' | b'N'))
            {
                options |= NOENCODING;
            }
            if source.encoding() == Encoding::Binary && !source.is_ascii() {
                options |= BINARY;
            }
            compiled(vm, &source.to_vec(), options)?
        }
    };
    vm.check_frozen(receiver).map_err(|_| vm.error("FrozenError", "can't modify literal regexp"))?;
    regexp.0.set(made).map_err(|_| vm.type_error("already initialized regexp"))?;
    Ok(Value::Nil)
}

fn initialize_copy(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    this(vm, &args[0])?;
    initialize(vm, receiver, Args::new(&args.values[..1]))?;
    Ok(receiver.clone())
}

fn source_value(regexp: &Compiled) -> Value {
    let encoding = if regexp.is_binary() && !regexp.source.is_ascii() {
        Encoding::Binary
    } else if regexp.source.is_ascii() && !regexp.is_fixed() {
        Encoding::UsAscii
    } else {
        Encoding::Utf8
    };
    Value::Str(RString::new(regexp.source.to_vec(), encoding))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let regexp = this(vm, receiver)?;
    let (on, _) = flag_letters(regexp.options);
    let mut out = vec![b'/'];
    out.extend(regexp.between_slashes());
    out.push(b'/');
    out.extend(on.bytes());
    if regexp.options & NOENCODING != 0 {
        out.push(b'n');
    }
    Ok(Value::bytes(out))
}

fn equal(_: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(match (of(receiver), of(&args[0])) {
        (Some(a), Some(b)) => (a.source == b.source && a.compared_options() == b.compared_options()).into(),
        _ => receiver.same(&args[0]).into(),
    })
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let regexp = this(vm, receiver)?;
    let code = vm.hash_code(&Value::bytes(&*regexp.source))? ^ u64::from(regexp.compared_options());
    Ok(Value::Int(code as i64 >> 1))
}

fn names(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(this(vm, receiver)?.names().iter().map(|(name, _)| Value::str(name)).collect()))
}

fn named_captures(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let entries = this(vm, receiver)?
        .names()
        .iter()
        .map(|(name, numbers)| (Value::str(name), Value::array(numbers.iter().map(|n| Value::from(*n)).collect())));
    vm.hash_from(entries.collect::<Vec<_>>()).map(Value::Hash)
}

fn encoding(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let regexp = this(vm, receiver)?;
    let encoding = if regexp.is_fixed() {
        Encoding::Utf8
    } else if regexp.is_binary() && regexp.program.non_ascii {
        Encoding::Binary
    } else {
        Encoding::UsAscii
    };
    Ok(super::encoding::value(vm, encoding))
}

/// The text to match against: a String, a Symbol's name, or what `to_str` gives; `None` for nil.
fn text_of(vm: &Interp, value: &Value) -> Res<Option<Rc<RString>>> {
    match value {
        Value::Nil => Ok(None),
        Value::Sym(name) => Ok(Some(super::symbol::name_string(*name))),
        other => vm.to_str(other).map(Some),
    }
}

fn match_operator(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let regexp = this(vm, receiver)?;
    let Some(string) = text_of(vm, &args[0])? else {
        vm.set_last_match(Value::Nil);
        return Ok(Value::Nil);
    };
    let hit = regexp.search_recorded(vm, receiver, &string, 0)?;
    Ok(hit.map(|hit| text::index_of(&string.bytes(), string.encoding(), hit.start())).into())
}

fn case_equal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let regexp = this(vm, receiver)?;
    let string = match &args[0] {
        Value::Sym(name) => Some(super::symbol::name_string(*name)),
        other => vm.try_str(other)?,
    };
    let Some(string) = string else {
        vm.set_last_match(Value::Nil);
        return Ok(false.into());
    };
    Ok(regexp.search_recorded(vm, receiver, &string, 0)?.is_some().into())
}

/// Where a search for `match(text, position)` starts; `None` beyond the text.
fn start(vm: &Interp, string: &RString, position: Option<&Value>) -> Res<Option<usize>> {
    let position = match position {
        Some(value) => vm.to_int(value)?,
        None => return Ok(Some(0)),
    };
    Ok(text::signed_offset(&string.bytes(), string.encoding(), position))
}

fn match_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let regexp = this(vm, receiver)?;
    let string = text_of(vm, &args[0])?;
    let from = match &string {
        Some(string) => start(vm, string, args.get(1))?,
        None => None,
    };
    let (Some(string), Some(from)) = (string, from) else {
        vm.set_last_match(Value::Nil);
        return Ok(Value::Nil);
    };
    let subject = Subject::borrowed(&string);
    let hit = regexp.search(vm, &subject, from)?;
    let found = Compiled::record(vm, receiver, &subject, hit.as_ref());
    match args.block {
        Some(block) if found.truthy() => vm.call_block(block, &[found]),
        _ => Ok(found),
    }
}

fn match_p(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let regexp = this(vm, receiver)?;
    let Some(string) = text_of(vm, &args[0])? else { return Ok(false.into()) };
    let Some(from) = start(vm, &string, args.get(1))? else { return Ok(false.into()) };
    Ok(regexp.search(vm, &Subject::borrowed(&string), from)?.is_some().into())
}

fn union(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let patterns = match args.values {
        [one] => match vm.try_array(one)? {
            Some(array) => array.to_vec(),
            None => vec![one.clone()],
        },
        many => many.to_vec(),
    };
    let text = |value: &Value| -> Res<Vec<u8>> { Ok(escape(&vm.to_str(value)?.bytes())) };
    match &patterns[..] {
        [] => new_regexp(vm, b"(?!)", 0),
        [one] if of(one).is_some() => Ok(one.clone()),
        [Value::Sym(name)] => new_regexp(vm, &escape(name.bytes()), 0),
        [one] => new_regexp(vm, &text(one)?, 0),
        many => {
            let mut parts = Vec::new();
            for pattern in many {
                parts.push(match of(pattern) {
                    Some(regexp) => regexp.embedded(),
                    None => text(pattern)?,
                });
            }
            new_regexp(vm, &parts.join(&b'|'), 0)
        }
    }
}

fn last_match(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let found = vm.last_match();
    match args.get(0) {
        Some(_) if found.is_nil() => Ok(Value::Nil),
        Some(index) => vm.call(&found, crate::symbol::known::AREF, std::slice::from_ref(index)),
        None => Ok(found),
    }
}

fn try_convert(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    if of(&args[0]).is_some() {
        return Ok(args[0].clone());
    }
    Ok(vm.call_if_responds(&args[0], Sym::new("to_regexp"), &[])?.unwrap_or_default())
}
