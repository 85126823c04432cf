//! Changing and repairing encodings.

use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use super::{changing, inspected, like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::encoding;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, RProc, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("encoding", 0, 0, |vm, r, _| Ok(encoding::value(vm, this(r).encoding())), "Its encoding"),
    def("force_encoding", 1, 1, force_encoding, "The same bytes in another encoding"),
    def("b", 0, 0, |_, r, _| Ok(Value::Str(RString::new(this(r).to_vec(), Encoding::Binary))), "A copy as plain bytes"),
    def("encode", 0, -1, |vm, r, a| encoded(vm, this(r), a).map(Value::Str), "Converted to another encoding"),
    def("encode!", 0, -1, encode_bang, "Converts to another encoding in place"),
    def("scrub", 0, 1, |vm, r, a| scrubbed(vm, this(r), a).map(|s| like(this(r), s)), "Invalid bytes replaced"),
    def("scrub!", 0, 1, scrub_bang, "Replaces invalid bytes in place"),
    def(
        "unicode_normalize",
        0,
        1,
        |vm, r, a| normalized(vm, r, a).map(|s| like(this(r), s)),
        "In a Unicode normal form",
    ),
    def("unicode_normalize!", 0, 1, normalize_bang, "Brings it into a Unicode normal form in place"),
    def("unicode_normalized?", 0, 1, is_normalized, "Whether it is in a Unicode normal form"),
];

fn force_encoding(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    string.set_encoding(encoding::of(vm, &args[0])?);
    Ok(receiver.clone())
}

/// What to do with bytes or characters that can't be converted.
#[derive(Default)]
struct Options {
    replace_invalid: bool,
    replace_undefined: bool,
    replacement: Option<Vec<u8>>,
    fallback: Option<Value>,
    newline: Newline,
    xml: Option<Xml>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Newline {
    #[default]
    Keep,
    Universal,
    Crlf,
    Cr,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Xml {
    Text,
    Attribute,
}

impl Options {
    fn read(vm: &Interp, args: Args<'_>) -> Res<Self> {
        let mut options = Self::default();
        let is_replace = |value: &Option<Value>| matches!(value, Some(Value::Sym(s)) if s.bytes() == b"replace");
        let truthy = |name: &str| args.keyword(name).is_some_and(|v| v.truthy());
        let symbol = |name: &str| match args.keyword(name) {
            Some(Value::Sym(symbol)) => Some(symbol.bytes()),
            _ => None,
        };
        options.replace_invalid = is_replace(&args.keyword("invalid"));
        options.replace_undefined = is_replace(&args.keyword("undef"));
        if let Some(value) = args.keyword("replace").filter(|v| !v.is_nil()) {
            options.replacement = Some(vm.to_str(&value)?.to_vec());
        }
        options.fallback = args.keyword("fallback").filter(|v| !v.is_nil());
        if truthy("universal_newline") || symbol("newline") == Some(b"universal") {
            options.newline = Newline::Universal;
        } else if truthy("crlf_newline") || symbol("newline") == Some(b"crlf") {
            options.newline = Newline::Crlf;
        } else if truthy("cr_newline") || symbol("newline") == Some(b"cr") {
            options.newline = Newline::Cr;
        }
        options.xml = match symbol("xml") {
            Some(b"text") => Some(Xml::Text),
            Some(b"attr") => Some(Xml::Attribute),
            _ => match args.keyword("xml").filter(|value| !value.is_nil()) {
                Some(Value::Sym(other)) => {
                    return Err(vm.argument_error(format!("unexpected value for xml option: {other}")));
                }
                Some(_) => return Err(vm.argument_error("unexpected value for xml option")),
                None => None,
            },
        };
        Ok(options)
    }
}

fn encoded(vm: &Interp, string: &RString, args: Args<'_>) -> Res<Rc<RString>> {
    let options = Options::read(vm, args)?;
    let (positional, _) = args.split_keywords();
    let (source, target) = encodings(vm, string, positional)?;
    let bytes = string.to_vec();
    let decorated = options.newline != Newline::Keep || options.xml.is_some();
    let unchanged = source == target && !options.replace_invalid;
    let mut out = Vec::with_capacity(bytes.len());
    if unchanged && decorated && !text::is_valid(&bytes, string.encoding()) {
        return Err(invalid_bytes(vm, &bytes, source, source));
    }
    let bytes = if source.is_ascii_compatible() { decorate(bytes, &options) } else { bytes };
    if unchanged || (text::is_ascii(&bytes, source) && target.is_ascii_compatible()) {
        out = bytes;
    } else {
        transcode(vm, &bytes, source, target, &options, &mut out)?;
    }
    vm.reserve_string(out.len())?;
    Ok(RString::new(out, target))
}

/// The encodings to convert from and to.
fn encodings(vm: &Interp, string: &RString, names: &[Value]) -> Res<(Encoding, Encoding)> {
    let find = |value: Option<&Value>, default: Encoding| match value {
        Some(value) => encoding::find(vm, value),
        None => Ok(Some(default)),
    };
    let default = if names.is_empty() && string.encoding().is_foreign() { string.encoding() } else { Encoding::Utf8 };
    let (target, source) = (find(names.first(), default)?, find(names.get(1), string.encoding())?);
    if let (Some(source), Some(target)) = (source, target) {
        return Ok((source, target));
    }
    let name = |value: Option<&Value>, default: &str| match value {
        Some(value) => Ok::<_, crate::unwind::Unwind>(vm.to_s(value)?.lossy()),
        None => Ok(default.to_owned()),
    };
    let (to, from) = (name(names.first(), "UTF-8")?, name(names.get(1), string.encoding().name())?);
    Err(vm.error("Encoding::ConverterNotFoundError", format!("code converter not found ({from} to {to})")))
}

fn transcode(
    vm: &Interp,
    bytes: &[u8],
    source: Encoding,
    target: Encoding,
    options: &Options,
    out: &mut Vec<u8>,
) -> Res<()> {
    let Some((source, bytes)) = source.read_mark(bytes).or(bytes.is_empty().then_some((source, bytes))) else {
        return Err(invalid_bytes(vm, bytes, source, target));
    };
    if target.is_dummy() && !bytes.is_empty() {
        target.encode('\u{feff}', out);
    }
    let mut at = 0;
    while at < bytes.len() {
        let (len, decoded) = source.decode(&bytes[at..]);
        let unit = &bytes[at..at + len];
        at += len;
        match decoded {
            Ok(c) => {
                if target.encode(c, out) {
                    continue;
                }
                match (&options.fallback, options.xml) {
                    (_, Some(_)) => out.extend(format!("&#x{:X};", u32::from(c)).into_bytes()),
                    _ if options.replace_undefined => replacement(target, options, out),
                    (Some(fallback), _) => match fall_back(vm, fallback, c)? {
                        Some(text) => write_fallback(vm, &text, target, out)?,
                        None => return Err(undefined(vm, c, source, target)),
                    },
                    (None, None) => return Err(undefined(vm, c, source, target)),
                }
            }
            Err(encoding::Broken::Invalid) => {
                if !options.replace_invalid {
                    return Err(invalid_bytes(vm, &bytes[at - len..], source, target));
                }
                replacement(target, options, out);
            }
            Err(encoding::Broken::Undefined) => {
                if !options.replace_undefined {
                    let shown = shown_bytes(unit);
                    let (from, to) = (source.name(), target.name());
                    let text = match (from, to) {
                        ("ASCII-8BIT", "UTF-8") => format!("{shown} from ASCII-8BIT to UTF-8"),
                        (_, "UTF-8") => format!("{shown} to UTF-8 in conversion from {from} to UTF-8"),
                        _ => format!("{shown} to UTF-8 in conversion from {from} to UTF-8 to {to}"),
                    };
                    return Err(undefined_conversion(vm, text, from, "UTF-8", unit));
                }
                replacement(target, options, out);
            }
        }
    }
    Ok(())
}

/// A fallback's text must be one that the target has.
fn write_fallback(vm: &Interp, text: &[u8], target: Encoding, out: &mut Vec<u8>) -> Res<()> {
    for c in String::from_utf8_lossy(text).chars() {
        if !target.encode(c, out) {
            return Err(vm.argument_error("too big fallback string"));
        }
    }
    Ok(())
}

fn fall_back(vm: &Interp, fallback: &Value, c: char) -> Res<Option<Vec<u8>>> {
    let key = Value::str(c.to_string());
    let value = match fallback {
        Value::Hash(hash) => vm.hash_fetch(hash, &key)?,
        Value::Proc(block) => vm.call_block(block, &[key])?,
        other => match vm.call_if_responds(other, known::CALL, std::slice::from_ref(&key))? {
            Some(value) => value,
            None => vm.call(other, known::AREF, &[key])?,
        },
    };
    if value.is_nil() { Ok(None) } else { vm.to_str(&value).map(|text| Some(text.to_vec())) }
}

fn replacement(target: Encoding, options: &Options, out: &mut Vec<u8>) {
    match &options.replacement {
        Some(text) => out.extend_from_slice(text),
        None if target.is_unicode() => {
            target.encode('\u{fffd}', out);
        }
        None => out.push(b'?'),
    }
}

fn shown_bytes(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&inspected(bytes, Encoding::Binary)).into_owned()
}

fn undefined(vm: &Interp, c: char, source: Encoding, target: Encoding) -> crate::unwind::Unwind {
    let (code, from, to) = (u32::from(c), source.name(), target.name());
    let text = if source == Encoding::Utf8 {
        format!("U+{code:04X} from UTF-8 to {to}")
    } else {
        format!("U+{code:04X} to {to} in conversion from {from} to UTF-8 to {to}")
    };
    let mut shown = [0; 4];
    undefined_conversion(vm, text, "UTF-8", target.name(), c.encode_utf8(&mut shown).as_bytes())
}

/// The error, and what its methods tell of it.
fn undefined_conversion(vm: &Interp, text: String, from: &str, to: &str, character: &[u8]) -> crate::unwind::Unwind {
    let encoding = if from == "UTF-8" { Encoding::Utf8 } else { Encoding::Binary };
    let character = Value::Str(RString::new(character.to_vec(), encoding));
    conversion_error(
        vm,
        "Encoding::UndefinedConversionError",
        text,
        &[
            ("source_encoding_name", Value::str(from)),
            ("destination_encoding_name", Value::str(to)),
            ("error_char", character),
        ],
    )
}

fn conversion_error(vm: &Interp, class: &str, text: String, fields: &[(&str, Value)]) -> crate::unwind::Unwind {
    let exception = vm.exception(&vm.class_named(class), Value::str(text));
    for (name, value) in fields {
        exception.head.set_ivar(Sym::new(name), value.clone());
    }
    vm.raise_object(exception)
}

/// Whether bytes of UTF-16 are half a character, or the first of a pair of them.
fn begins_pair(bytes: &[u8], encoding: Encoding) -> bool {
    match bytes {
        [a, b] => (0xd8..0xdc).contains(if encoding == Encoding::Utf16Be { a } else { b }),
        other => other.len() == 1,
    }
}

/// The error for the invalid bytes that `bytes` start with.
fn invalid_bytes(vm: &Interp, bytes: &[u8], source: Encoding, target: Encoding) -> crate::unwind::Unwind {
    let start = (0..bytes.len()).step_by(source.unit()).find(|&at| source.decode(&bytes[at..]).1.is_err()).unwrap_or(0);
    let bytes = &bytes[start..];
    let len = match source.decode(bytes) {
        (_, Ok(_)) => source.unit().min(bytes.len()),
        (len, Err(_)) => len,
    };
    let shown = shown_bytes(&bytes[..len]);
    let name = source.name();
    // What follows a beginning that it can't go on with.
    let again = match source {
        Encoding::Utf8 if encoding::sequence_len(bytes[0]) > 0 => Some(bytes.get(len..=len).unwrap_or_default()),
        Encoding::Utf16Be | Encoding::Utf16Le if begins_pair(&bytes[..len], source) => {
            Some(&bytes[len..(len + 2).min(bytes.len())])
        }
        _ => None,
    };
    let text = match again {
        None => format!("{shown} on {name}"),
        Some([]) => format!("incomplete {shown} on {name}"),
        Some(next) => format!("{shown} followed by {} on {name}", shown_bytes(next)),
    };
    let again = again.unwrap_or_default();
    let binary = |bytes: &[u8]| Value::Str(RString::new(bytes.to_vec(), Encoding::Binary));
    let to = if source.name() == "UTF-8" { target.name() } else { "UTF-8" };
    let incomplete = text.starts_with("incomplete");
    conversion_error(
        vm,
        "Encoding::InvalidByteSequenceError",
        text,
        &[
            ("source_encoding_name", Value::str(source.name())),
            ("destination_encoding_name", Value::str(to)),
            ("error_bytes", binary(&bytes[..len])),
            ("readagain_bytes", binary(again)),
            ("incomplete_input?", incomplete.into()),
        ],
    )
}

fn decorate(bytes: Vec<u8>, options: &Options) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    if options.xml == Some(Xml::Attribute) {
        out.push(b'"');
    }
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match (byte, options.newline, options.xml) {
            (b'\r', Newline::Universal, _) => {
                if bytes.get(at) == Some(&b'\n') {
                    at += 1;
                }
                out.push(b'\n');
            }
            (b'\n', Newline::Crlf, _) => out.extend(b"\r\n"),
            (b'\n', Newline::Cr, _) => out.push(b'\r'),
            (b'&', _, Some(_)) => out.extend(b"&amp;"),
            (b'<', _, Some(_)) => out.extend(b"&lt;"),
            (b'>', _, Some(_)) => out.extend(b"&gt;"),
            (b'"', _, Some(Xml::Attribute)) => out.extend(b"&quot;"),
            _ => out.push(byte),
        }
    }
    if options.xml == Some(Xml::Attribute) {
        out.push(b'"');
    }
    out
}

fn encode_bang(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let new = encoded(vm, string, args)?;
    string.replace(new.to_vec());
    string.set_encoding(new.encoding());
    Ok(receiver.clone())
}

fn scrubbed(vm: &Interp, string: &RString, args: Args<'_>) -> Res<Vec<u8>> {
    if args.get(0).is_some_and(|value| !value.is_nil()) && args.block.is_some() {
        return Err(vm.argument_error("both of block and replacement given"));
    }
    let bytes = string.to_vec();
    let encoding = string.encoding();
    if text::is_valid(&bytes, encoding) {
        return Ok(bytes);
    }
    let fixed = match args.get(0).filter(|v| !v.is_nil()) {
        Some(value) => {
            let replacement = vm.to_str(value)?;
            if !text::is_valid(&replacement.bytes(), replacement.encoding()) {
                let shown =
                    String::from_utf8_lossy(&inspected(&replacement.bytes(), replacement.encoding())).into_owned();
                return Err(vm.argument_error(format!("replacement must be valid byte sequence '{shown}'")));
            }
            Some(replacement.to_vec())
        }
        None => None,
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let len = text::char_len(rest, encoding);
        if text::is_valid(&rest[..len], encoding) {
            out.extend_from_slice(&rest[..len]);
            at += len;
            continue;
        }
        let broken = match encoding {
            Encoding::Utf8 => encoding::broken_len(rest),
            _ => len,
        };
        match (&fixed, args.block) {
            (Some(text), _) => out.extend_from_slice(text),
            (None, Some(block)) => out.extend(scrub_by(vm, block, &rest[..broken], encoding)?),
            (None, None) if encoding.is_unicode() => {
                encoding.encode(char::REPLACEMENT_CHARACTER, &mut out);
            }
            (None, None) => out.push(b'?'),
        }
        at += broken;
    }
    Ok(out)
}

fn scrub_by(vm: &Interp, block: &Rc<RProc>, bytes: &[u8], encoding: Encoding) -> Res<Vec<u8>> {
    let new = vm.call_block(block, &[Value::Str(RString::new(bytes.to_vec(), encoding))])?;
    Ok(vm.to_str(&new)?.to_vec())
}

fn scrub_bang(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if !this(receiver).is_valid() {
        let new = scrubbed(vm, changing(vm, receiver)?, args)?;
        this(receiver).replace(new);
    }
    Ok(receiver.clone())
}

fn normalized(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<Vec<u8>> {
    let string = this(receiver);
    let form = match args.get(0) {
        None => "nfc".to_owned(),
        Some(Value::Sym(form)) => form.text().into_owned(),
        Some(other) => vm.to_s(other)?.lossy(),
    };
    if !matches!(&*form, "nfc" | "nfd" | "nfkc" | "nfkd") {
        return Err(vm.argument_error(format!("Invalid normalization form {form}.")));
    }
    if !string.encoding().is_unicode() && string.encoding() != Encoding::UsAscii {
        let text = format!("Unicode Normalization not appropriate for {}", string.encoding().name());
        return Err(vm.error("Encoding::CompatibilityError", text));
    }
    vm.check_valid(string)?;
    let text = string.lossy();
    let out: String = match &*form {
        "nfc" => text.nfc().collect(),
        "nfd" => text.nfd().collect(),
        "nfkc" => text.nfkc().collect(),
        _ => text.nfkd().collect(),
    };
    Ok(text::encoded(&out, string.encoding()).unwrap_or_default())
}

fn normalize_bang(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    changing(vm, receiver)?;
    let new = normalized(vm, receiver, args)?;
    this(receiver).replace(new);
    Ok(receiver.clone())
}

fn is_normalized(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let new = normalized(vm, receiver, args)?;
    Ok((*this(receiver).bytes() == *new).into())
}
