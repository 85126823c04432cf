//! Encoding, and what each encoding's bytes mean.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Encoding, RObject, Value};

/// Defines the class, its constants and its errors.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Encoding", &vm.c.object);
    let error = vm.class_named("EncodingError");
    for name in ["CompatibilityError", "UndefinedConversionError", "InvalidByteSequenceError", "ConverterNotFoundError"]
    {
        vm.define_class(&class, name, &error);
    }
    vm.define(&vm.class_named("Encoding::UndefinedConversionError"), CONVERSION);
    vm.define(&vm.class_named("Encoding::UndefinedConversionError"), UNDEFINED);
    vm.define(&vm.class_named("Encoding::InvalidByteSequenceError"), CONVERSION);
    vm.define(&vm.class_named("Encoding::InvalidByteSequenceError"), INVALID);
    vm.define(&class, METHODS);
    super::without_new(vm, &class);
    vm.define_singleton(&class, SINGLETON);
    for encoding in Encoding::ALL {
        let value = Value::Obj(RObject::with_native(Rc::clone(&class), encoding));
        for name in encoding.names().iter().map(|name| name.replace(['-', '.'], "_")) {
            if name.starts_with(|first: char| first.is_ascii_uppercase()) {
                for name in [name.to_ascii_uppercase(), name] {
                    class.constants.borrow_mut().insert(Sym::new(&name), value.clone());
                }
            }
        }
    }
}

/// What both errors of conversions tell.
const CONVERSION: &[Def] = &[
    def("source_encoding_name", 0, 0, |_, r, _| Ok(told(r, "source_encoding_name")), "The encoding converted from"),
    def("destination_encoding_name", 0, 0, |_, r, _| Ok(told(r, "destination_encoding_name")), "The one converted to"),
    def("source_encoding", 0, 0, |vm, r, _| found(vm, r, "source_encoding_name"), "The encoding converted from"),
    def("destination_encoding", 0, 0, |vm, r, _| found(vm, r, "destination_encoding_name"), "The one converted to"),
];

const UNDEFINED: &[Def] =
    &[def("error_char", 0, 0, |_, r, _| Ok(told(r, "error_char")), "The character that the target does not have")];

const INVALID: &[Def] = &[
    def("error_bytes", 0, 0, |_, r, _| Ok(told(r, "error_bytes")), "The bytes that are no character"),
    def("readagain_bytes", 0, 0, |_, r, _| Ok(told(r, "readagain_bytes")), "The bytes after them that were looked at"),
    def("incomplete_input?", 0, 0, |_, r, _| Ok(told(r, "incomplete_input?")), "Whether the text ended too early"),
];

/// What was noted on an error when it was raised.
fn told(receiver: &Value, name: &str) -> Value {
    receiver.head().and_then(|head| head.ivar(Sym::new(name))).unwrap_or_default()
}

fn found(vm: &Interp, receiver: &Value, name: &str) -> Res {
    vm.send(&Value::Class(vm.class_named("Encoding")), "find", &[told(receiver, name)])
}

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("name", 0, 0, |_, r, _| Ok(Value::str(this(r).name())), "Its name"),
    def("to_s", 0, 0, |_, r, _| Ok(Value::str(this(r).name())), "Its name"),
    def("inspect", 0, 0, inspect, "`#<Encoding:NAME>`"),
    def("names", 0, 0, names, "Its name and its other names"),
    def(
        "ascii_compatible?",
        0,
        0,
        |_, r, _| Ok(this(r).is_ascii_compatible().into()),
        "Whether ASCII characters are the same bytes in it",
    ),
    def("replicate", 1, 1, |vm, _, _| Err(vm.unsupported("Encoding#replicate")), "Refused: new encodings"),
    def("dummy?", 0, 0, |_, r, _| Ok(this(r).is_dummy().into()), "Whether its characters can't be told without more"),
];

const SINGLETON: &[Def] = &[
    def("default_external", 0, 0, |vm, _, _| Ok(value(vm, Encoding::Utf8)), "UTF-8"),
    def("default_internal", 0, 0, |_, _, _| Ok(Value::Nil), "None"),
    def("default_external=", 1, 1, |_, _, a| Ok(a[0].clone()), "Has no effect: texts from outside are UTF-8"),
    def("default_internal=", 1, 1, |_, _, a| Ok(a[0].clone()), "Has no effect: texts from outside are UTF-8"),
    def("find", 1, 1, |vm, _, a| of(vm, &a[0]).map(|e| value(vm, e)), "The encoding of a name"),
    def("list", 0, 0, list, "All encodings of Strings"),
    def("name_list", 0, 0, name_list, "The names of all encodings"),
    def("aliases", 0, 0, aliases, "Other names with the names they stand for"),
    def("locale_charmap", 0, 0, |_, _, _| Ok(Value::str("UTF-8")), "UTF-8"),
    def("compatible?", 2, 2, compatible, "The encoding in which two Strings can be joined"),
];

fn this(receiver: &Value) -> Encoding {
    *receiver.native::<Encoding>().expect("a method of Encoding runs on encodings alone")
}

/// The object of an encoding.
pub(crate) fn value(vm: &Interp, encoding: Encoding) -> Value {
    let class = vm.class_named("Encoding");
    let name = Sym::new(&encoding.name().replace('-', "_"));
    class.constants.borrow().get(&name).cloned().unwrap_or_default()
}

/// The encoding that an Encoding or a name means.
pub(crate) fn of(vm: &Interp, value: &Value) -> Res<Encoding> {
    match find(vm, value)? {
        Some(encoding) => Ok(encoding),
        None => Err(vm.argument_error(format!("unknown encoding name - {}", vm.to_s(value)?.lossy()))),
    }
}

/// The same, `None` for an unknown name.
pub(crate) fn find(vm: &Interp, value: &Value) -> Res<Option<Encoding>> {
    match value.native::<Encoding>() {
        Some(encoding) => Ok(Some(*encoding)),
        None => Ok(Encoding::named(&vm.to_str(value)?.lossy())),
    }
}

fn inspect(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let encoding = this(receiver);
    let dummy = if encoding.is_dummy() { " (dummy)" } else { "" };
    Ok(Value::str(format!("#<Encoding:{}{dummy}>", encoding.name())))
}

fn names(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(this(receiver).names().iter().map(Value::str).collect()))
}

fn list(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    Ok(Value::array(Encoding::ALL.into_iter().map(|encoding| value(vm, encoding)).collect()))
}

fn aliases(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let pairs = Encoding::ALL.into_iter().flat_map(|encoding| {
        encoding.names()[1..].iter().map(move |alias| (Value::str(alias), Value::str(encoding.name())))
    });
    vm.hash_from(pairs).map(Value::Hash)
}

fn name_list(_: &Interp, _: &Value, _: Args<'_>) -> Res {
    let names = Encoding::ALL.into_iter().flat_map(|encoding| encoding.names().iter().map(Value::str));
    Ok(Value::array(names.collect()))
}

fn compatible(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(match (&args[0], &args[1]) {
        (Value::Str(a), Value::Str(b)) => {
            super::string::text::compatible(a, b).map_or(Value::Nil, |encoding| value(vm, encoding))
        }
        (a, b) => match (a.native::<Encoding>(), b.native::<Encoding>()) {
            (Some(x), Some(y)) if x == y => a.clone(),
            _ => Value::Nil,
        },
    })
}

/// Why bytes could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// They are none of the map's.
    Invalid,
    /// They mean no character.
    Undefined,
}

/// What Windows-1252 has at 0x80–0x9F; 0 where nothing.
const WINDOWS_1252: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

const LATIN_9: [(u8, char); 8] =
    [(0xa4, '€'), (0xa6, 'Š'), (0xa8, 'š'), (0xb4, 'Ž'), (0xb8, 'ž'), (0xbc, 'Œ'), (0xbd, 'œ'), (0xbe, 'Ÿ')];

impl Encoding {
    /// The first character of non-empty bytes and its length.
    pub(crate) fn decode(self, bytes: &[u8]) -> (usize, Result<char, Broken>) {
        let first = bytes[0];
        match self {
            Self::Utf8 => match super::string::text::utf8_len(bytes) {
                Some(len) => (len, char_of(&bytes[..len])),
                None => (broken_len(bytes), Err(Broken::Invalid)),
            },
            Self::Binary if first >= 0x80 => (1, Err(Broken::Undefined)),
            Self::UsAscii if first >= 0x80 => (1, Err(Broken::Invalid)),
            Self::Binary | Self::UsAscii | Self::Latin1 => (1, Ok(char::from(first))),
            Self::Latin9 => {
                let found = LATIN_9.iter().find(|(byte, _)| *byte == first);
                (1, Ok(found.map_or(char::from(first), |(_, c)| *c)))
            }
            Self::Windows1252 => match first {
                0x80..=0x9f => match char::from_u32(u32::from(WINDOWS_1252[usize::from(first) - 0x80])) {
                    Some('\0') | None => (1, Err(Broken::Undefined)),
                    Some(c) => (1, Ok(c)),
                },
                _ => (1, Ok(char::from(first))),
            },
            Self::Utf16 | Self::Utf16Be => decode_utf16(bytes, u16::from_be_bytes),
            Self::Utf16Le => decode_utf16(bytes, u16::from_le_bytes),
            Self::Utf32 | Self::Utf32Be => decode_utf32(bytes, u32::from_be_bytes),
            Self::Utf32Le => decode_utf32(bytes, u32::from_le_bytes),
        }
    }

    /// What bytes in an encoding are that tells its byte order: another one's, after its mark. `None` without a mark.
    pub(crate) fn read_mark(self, bytes: &[u8]) -> Option<(Self, &[u8])> {
        let orders: &[(Self, &[u8])] = match self {
            Self::Utf16 => &[(Self::Utf16Be, b"\xfe\xff"), (Self::Utf16Le, b"\xff\xfe")],
            Self::Utf32 => &[(Self::Utf32Be, b"\0\0\xfe\xff"), (Self::Utf32Le, b"\xff\xfe\0\0")],
            other => return Some((other, bytes)),
        };
        orders.iter().find_map(|(encoding, mark)| Some((*encoding, bytes.strip_prefix(*mark)?)))
    }

    /// Writes a character; false when the map has none.
    pub(crate) fn encode(self, c: char, out: &mut Vec<u8>) -> bool {
        let code = u32::from(c);
        let byte = match self {
            Self::Utf8 => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return true;
            }
            Self::Utf16 | Self::Utf16Be => {
                out.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
                return true;
            }
            Self::Utf16Le => {
                out.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_le_bytes()));
                return true;
            }
            Self::Utf32 | Self::Utf32Be => {
                out.extend(code.to_be_bytes());
                return true;
            }
            Self::Utf32Le => {
                out.extend(code.to_le_bytes());
                return true;
            }
            _ if code < 0x80 => Some(code as u8),
            Self::Binary | Self::UsAscii => None,
            Self::Latin1 => u8::try_from(code).ok(),
            Self::Latin9 => match LATIN_9.iter().find(|(_, known)| *known == c) {
                Some((byte, _)) => Some(*byte),
                None => u8::try_from(code).ok().filter(|byte| !LATIN_9.iter().any(|(b, _)| b == byte)),
            },
            Self::Windows1252 => match WINDOWS_1252.iter().position(|&known| u32::from(known) == code) {
                Some(at) => Some(0x80 + at as u8),
                None => u8::try_from(code).ok().filter(|byte| *byte >= 0xa0),
            },
        };
        out.extend(byte);
        byte.is_some()
    }
}

fn char_of(bytes: &[u8]) -> Result<char, Broken> {
    std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next()).ok_or(Broken::Invalid)
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (usize, Result<char, Broken>) {
    let (units, _) = bytes.as_chunks::<2>();
    let Some(high) = units.first().map(|pair| unit(*pair)) else { return (bytes.len(), Err(Broken::Invalid)) };
    if let Some(c) = char::from_u32(u32::from(high)) {
        return (2, Ok(c));
    }
    match units.get(1).map(|pair| char::decode_utf16([high, unit(*pair)]).next()) {
        Some(Some(Ok(c))) => (4, Ok(c)),
        _ => (2, Err(Broken::Invalid)),
    }
}

fn decode_utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> (usize, Result<char, Broken>) {
    match bytes.first_chunk::<4>() {
        None => (bytes.len(), Err(Broken::Invalid)),
        Some(four) => (4, char::from_u32(unit(*four)).ok_or(Broken::Invalid)),
    }
}

/// How many bytes a UTF-8 character with this first byte has; 0 when none starts so.
pub(crate) fn sequence_len(first: u8) -> usize {
    match first {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 0,
    }
}

/// How many bytes that are no UTF-8 character belong together: the longest beginning of one.
pub(crate) fn broken_len(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Ok(_) => 1,
        Err(error) if error.valid_up_to() > 0 => 1,
        Err(error) => error.error_len().unwrap_or(bytes.len()),
    }
}
