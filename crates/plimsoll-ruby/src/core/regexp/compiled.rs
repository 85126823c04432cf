//! What a Regexp is compiled to, and searching with it.

use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;

use super::super::matchdata::MatchData;
use super::emit::Mode;
use super::parse::{self, EXTENDED, IGNORECASE, MULTILINE};
use super::program::{BINARY, FIXEDENCODING, Failure, Hit, NOENCODING, Program};
use crate::core::string::text;
use crate::interp::Interp;
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RObject, RString, Value};

/// A Ruby Regexp; empty until it is initialized.
#[derive(Default)]
pub(crate) struct Regexp(pub(super) OnceCell<Compiled>);

/// What an initialized Regexp holds.
pub(crate) struct Compiled {
    pub(super) source: Rc<[u8]>,
    pub(super) options: u32,
    pub(super) program: Rc<Program>,
}

/// The Regexp that a value is.
pub(crate) fn of(value: &Value) -> Option<&Compiled> {
    value.native::<Regexp>()?.0.get()
}

pub(super) fn this<'a>(vm: &Interp, receiver: &'a Value) -> Res<&'a Compiled> {
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

pub(super) fn new_regexp(vm: &Interp, source: &[u8], flags: u32) -> Res<Value> {
    let regexp = Regexp::default();
    let _ = regexp.0.set(compiled(vm, source, flags)?);
    Ok(Value::Obj(RObject::with_native(vm.class_named("Regexp"), regexp)))
}

pub(super) fn compiled(vm: &Interp, source: &[u8], flags: u32) -> Res<Compiled> {
    match Program::of(source, flags, vm.limits.regex_steps) {
        Ok(program) => Ok(Compiled { source: source.into(), options: flags, program }),
        Err(reason) => Err(refused(vm, &reason, source)),
    }
}

pub(super) fn refused(vm: &Interp, reason: &str, source: &[u8]) -> Unwind {
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
    pub(super) fn frozen(&self) -> Rc<RString> {
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
    pub(super) fn is_fixed(&self) -> bool {
        self.program.non_ascii && !self.is_binary() || self.program.unicode || self.options & FIXEDENCODING != 0
    }

    /// Whether what is beyond ASCII in it are bytes.
    pub(super) fn is_binary(&self) -> bool {
        self.options & (NOENCODING | BINARY) != 0
    }

    /// The options that make a difference between two: `/n` alone makes none.
    pub(super) fn compared_options(&self) -> u32 {
        self.shown_options() & !NOENCODING
    }

    pub(super) fn shown_options(&self) -> u32 {
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

    pub(super) fn record(vm: &Interp, own: &Value, subject: &Subject, hit: Option<&Hit>) -> Value {
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
    pub(super) fn between_slashes(&self) -> Vec<u8> {
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

    pub(super) fn with_options(&self) -> Vec<u8> {
        let (on, off) = flag_letters(self.options);
        let minus = if off.is_empty() { "" } else { "-" };
        let mut out = format!("(?{on}{minus}{off}:").into_bytes();
        out.extend(self.between_slashes());
        out.push(b')');
        out
    }

    /// A source that is nothing but `(?mix-mix:…)`: what is in it, and its options.
    pub(super) fn unwrapped(&self) -> Option<(&[u8], u32)> {
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

pub(super) fn flag_letters(options: u32) -> (String, String) {
    let (mut on, mut off) = (String::new(), String::new());
    for (bit, letter) in [(MULTILINE, 'm'), (IGNORECASE, 'i'), (EXTENDED, 'x')] {
        if options & bit != 0 { on.push(letter) } else { off.push(letter) }
    }
    (on, off)
}
