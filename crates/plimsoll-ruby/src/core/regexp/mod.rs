//! Regexp: patterns and searching with them.

mod compiled;
mod emit;
mod parse;
mod pattern;
mod program;

use std::rc::Rc;

pub(crate) use compiled::{Compiled, Regexp, Subject, compile, of, subject};
pub(crate) use parse::{EXTENDED, IGNORECASE, MULTILINE};
pub(crate) use pattern::Pattern;
pub(crate) use program::{FIXEDENCODING, Hit, NOENCODING};

use compiled::{compiled, flag_letters, new_regexp, this};
use emit::Mode;
use program::{BINARY, Program};

use super::string::text;
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
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
