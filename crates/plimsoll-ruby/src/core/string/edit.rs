//! Joining, cutting, padding and stripping.

use super::{bang, changing, in_utf8, like, text, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("+", 1, 1, plus, "Both joined"),
    def("*", 1, 1, times, "Repeated"),
    def("%", 1, 1, percent, "Formatted as by `format`"),
    def("<<", 1, 1, append, "Appends a String or a code point"),
    def("concat", 0, -1, concat, "Appends all arguments"),
    def("prepend", 0, -1, prepend, "Puts all arguments before"),
    def("insert", 2, 2, insert, "Inserts before the character of an index"),
    def("clear", 0, 0, clear, "Empties it"),
    def("reverse", 0, 0, |_, r, _| Ok(like(this(r), reversed(this(r)))), "Characters in reverse order"),
    def("reverse!", 0, 0, reverse_bang, "Reverses in place"),
    def("strip", 0, 0, |vm, r, _| stripped(vm, r, true, true), "Without white space at both ends"),
    def("lstrip", 0, 0, |vm, r, _| stripped(vm, r, true, false), "Without white space at the beginning"),
    def("rstrip", 0, 0, |vm, r, _| stripped(vm, r, false, true), "Without white space at the end"),
    def(
        "strip!",
        0,
        0,
        |vm, r, _| strip_bang(vm, r, true, true),
        "Strips both ends in place; nil when nothing changes",
    ),
    def(
        "lstrip!",
        0,
        0,
        |vm, r, _| strip_bang(vm, r, true, false),
        "Strips the beginning in place; nil when nothing changes",
    ),
    def(
        "rstrip!",
        0,
        0,
        |vm, r, _| strip_bang(vm, r, false, true),
        "Strips the end in place; nil when nothing changes",
    ),
    def(
        "chomp",
        0,
        1,
        |vm, r, a| in_utf8(vm, r, a, |vm, r, a| Ok(like(this(r), &this(r).bytes()[..chomped(vm, r, a)?]))),
        "Without a line end",
    ),
    def(
        "chomp!",
        0,
        -1,
        |vm, r, a| in_utf8(vm, r, a, chomp_bang),
        "Removes a line end in place; nil when there is none",
    ),
    def("chop", 0, 0, |_, r, _| Ok(like(this(r), &this(r).bytes()[..chopped(this(r))])), "Without the last character"),
    def("chop!", 0, 0, chop_bang, "Removes the last character in place; nil when empty"),
    def("center", 1, 2, |vm, r, a| padded(vm, r, a, Side::Both), "Padded at both sides"),
    def("ljust", 1, 2, |vm, r, a| padded(vm, r, a, Side::Right), "Padded at the right"),
    def("rjust", 1, 2, |vm, r, a| padded(vm, r, a, Side::Left), "Padded at the left"),
    def("delete_prefix", 1, 1, |vm, r, a| Ok(like(this(r), &this(r).bytes()[prefix(vm, r, a)?..])), "Without a prefix"),
    def("delete_prefix!", 1, 1, delete_prefix_bang, "Removes a prefix in place; nil when it has none"),
    def("delete_suffix", 1, 1, |vm, r, a| Ok(like(this(r), &this(r).bytes()[..suffix(vm, r, a)?])), "Without a suffix"),
    def("delete_suffix!", 1, 1, delete_suffix_bang, "Removes a suffix in place; nil when it has none"),
    def("setbyte", 2, 2, setbyte, "Sets one byte"),
    def("crypt", 1, 1, |vm, _, _| Err(vm.unsupported("String#crypt")), "Refused: hashes passwords"),
];

fn plus(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let other = vm.to_str(&args[0])?;
    let encoding = vm.joint_encoding(string, &other)?;
    vm.reserve_string(string.len() + other.len())?;
    Ok(Value::Str(RString::new([&*string.bytes(), &*other.bytes()].concat(), encoding)))
}

fn times(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver);
    let count = vm.to_int(&args[0])?;
    let Ok(count) = usize::try_from(count) else { return Err(vm.argument_error("negative argument")) };
    vm.reserve_string(string.len().saturating_mul(count))?;
    let count = if string.is_empty() { 0 } else { count };
    Ok(like(string, string.bytes().repeat(count)))
}

fn percent(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let values = match vm.try_array(&args[0])? {
        Some(array) => array.to_vec(),
        None => vec![args[0].clone()],
    };
    let string = this(receiver);
    let out = crate::core::format::format(vm, &vm.ascii_text(string)?, &values)?;
    let encoding = if out.is_ascii() { string.encoding() } else { Encoding::Utf8 };
    Ok(Value::Str(RString::new(out, encoding)))
}

fn append(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    match &args[0] {
        Value::Int(code) => append_code(vm, string, *code)?,
        big if crate::core::arithmetic::big(big).is_some() => {
            return Err(vm.error("RangeError", "bignum out of char range"));
        }
        value => {
            let other = vm.to_str(value)?;
            append_string(vm, string, &other)?;
        }
    }
    Ok(receiver.clone())
}

/// Appends one String to another, in place.
fn append_string(vm: &Interp, string: &RString, other: &RString) -> Res<()> {
    let encoding = vm.joint_encoding(string, other)?;
    vm.reserve_string(string.len() + other.len())?;
    // A copy, since both may be the same String.
    let bytes = other.to_vec();
    string.change(|content| content.extend_from_slice(&bytes));
    string.set_encoding(encoding);
    Ok(())
}

fn append_code(vm: &Interp, string: &RString, code: i64) -> Res<()> {
    let Ok(code) = u32::try_from(code) else {
        return Err(vm.error("RangeError", format!("{code} out of char range")));
    };
    if string.encoding() == Encoding::UsAscii && (128..256).contains(&code) {
        string.set_encoding(Encoding::Binary);
    }
    let Some(bytes) = text::encode(code, string.encoding()) else {
        let text = match string.encoding() {
            encoding if encoding.is_unicode() && code <= 0x10_ffff => {
                format!("invalid codepoint 0x{code:X} in {}", encoding.name())
            }
            _ => format!("{code} out of char range"),
        };
        return Err(vm.error("RangeError", text));
    };
    vm.reserve_string(string.len() + bytes.len())?;
    string.change(|content| content.extend_from_slice(&bytes));
    Ok(())
}

fn concat(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    changing(vm, receiver)?;
    // Copies, since the String itself may be among the arguments.
    let mut parts = Vec::new();
    for value in args.values {
        parts.push(match value {
            Value::Str(string) => Value::Str(RString::new(string.to_vec(), string.encoding())),
            other => other.clone(),
        });
    }
    for part in &parts {
        append(vm, receiver, Args::new(std::slice::from_ref(part)))?;
    }
    Ok(receiver.clone())
}

fn prepend(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let front = RString::new(Vec::new(), string.encoding());
    for value in args.values {
        append_string(vm, &front, &*vm.to_str(value)?)?;
    }
    let encoding = vm.joint_encoding(&front, string)?;
    string.replace([&*front.bytes(), &*string.to_vec()].concat());
    string.set_encoding(encoding);
    Ok(receiver.clone())
}

fn insert(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let index = vm.to_int(&args[0])?;
    let other = vm.to_str(&args[1])?;
    let encoding = vm.joint_encoding(string, &other)?;
    let at = {
        let bytes = string.bytes();
        if index < 0 {
            let count = text::count(&bytes, string.encoding()) as i64;
            usize::try_from(index + count + 1).ok().and_then(|at| text::offset(&bytes, string.encoding(), at))
        } else {
            text::offset(&bytes, string.encoding(), index as usize)
        }
    };
    // An index below zero means the place after its character.
    let shown = if index < 0 { index + 1 } else { index };
    let Some(at) = at else { return Err(vm.error("IndexError", format!("index {shown} out of string"))) };
    let bytes = other.to_vec();
    vm.reserve_string(string.len() + bytes.len())?;
    string.change(|content| content.splice(at..at, bytes).for_each(drop));
    string.set_encoding(encoding);
    Ok(receiver.clone())
}

fn clear(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    changing(vm, receiver)?.replace(Vec::new());
    Ok(receiver.clone())
}

fn reversed(string: &RString) -> Vec<u8> {
    let bytes = string.bytes();
    if text::single_byte(&bytes, string.encoding()) {
        return bytes.iter().rev().copied().collect();
    }
    let chars: Vec<&[u8]> = text::chars(&bytes, string.encoding()).collect();
    chars.into_iter().rev().flatten().copied().collect()
}

fn reverse_bang(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let new = reversed(changing(vm, receiver)?);
    this(receiver).replace(new);
    Ok(receiver.clone())
}

/// White space as `strip` understands it.
fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t'..=b'\r' | b' ')
}

fn strip_range(vm: &Interp, string: &RString, left: bool, right: bool) -> Res<(usize, usize)> {
    let bytes = string.bytes();
    let single = text::single_byte(&bytes, string.encoding());
    let start = if left { bytes.iter().position(|&b| !is_blank(b)).unwrap_or(bytes.len()) } else { 0 };
    // At the left only the first character that stays is looked at.
    if right || (!single && start < bytes.len() && text::utf8_len(&bytes[start..]).is_none()) {
        vm.check_valid(string)?;
    }
    let end = if right { bytes.iter().rposition(|&b| !is_blank(b)).map_or(start, |at| at + 1) } else { bytes.len() };
    Ok((start, end.max(start)))
}

fn stripped(vm: &Interp, receiver: &Value, left: bool, right: bool) -> Res {
    in_utf8(vm, receiver, Args::default(), |vm, receiver, _| {
        let string = this(receiver);
        let (start, end) = strip_range(vm, string, left, right)?;
        Ok(like(string, &string.bytes()[start..end]))
    })
}

fn strip_bang(vm: &Interp, receiver: &Value, left: bool, right: bool) -> Res {
    in_utf8(vm, receiver, Args::default(), |vm, receiver, _| {
        let string = changing(vm, receiver)?;
        let (start, end) = strip_range(vm, string, left, right)?;
        let new = (end - start != string.len()).then(|| string.bytes()[start..end].to_vec());
        bang(vm, receiver, new)
    })
}

/// How many bytes `chomp` keeps.
fn chomped(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<usize> {
    let string = this(receiver);
    let separator = match args.get(0) {
        None => b"\n".to_vec(),
        Some(Value::Nil) => return Ok(string.len()),
        Some(value) => vm.to_str(value)?.to_vec(),
    };
    Ok(without_line_end(&string.bytes(), &separator))
}

/// Length without the line end: `"\n"` stands for any of CR, LF and CRLF, an empty separator for all LF and CRLF.
pub(super) fn without_line_end(bytes: &[u8], separator: &[u8]) -> usize {
    let cut = |bytes: &[u8], ends: &[&[u8]]| {
        ends.iter().find(|e| bytes.ends_with(e)).map_or(bytes.len(), |e| bytes.len() - e.len())
    };
    match separator {
        b"\n" => cut(bytes, &[b"\r\n", b"\n", b"\r"]),
        b"" => {
            let mut len = bytes.len();
            loop {
                let shorter = cut(&bytes[..len], &[b"\r\n", b"\n"]);
                if shorter == len {
                    return len;
                }
                len = shorter;
            }
        }
        other => cut(bytes, &[other]),
    }
}

fn chomp_bang(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    if string.is_empty() {
        return Ok(Value::Nil);
    }
    if args.len() > 1 {
        return Err(vm.arity_error(args.len(), 0, 1));
    }
    let len = chomped(vm, receiver, args)?;
    let new = (len != string.len()).then(|| string.bytes()[..len].to_vec());
    bang(vm, receiver, new)
}

fn chopped(string: &RString) -> usize {
    let bytes = string.bytes();
    match bytes.len() {
        0 => 0,
        len if bytes.ends_with(b"\r\n") => len - 2,
        len => text::previous(&bytes, string.encoding(), len),
    }
}

fn chop_bang(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let len = chopped(string);
    let new = (len != string.len()).then(|| string.bytes()[..len].to_vec());
    bang(vm, receiver, new)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Both,
}

fn padded(vm: &Interp, receiver: &Value, args: Args<'_>, side: Side) -> Res {
    in_utf8(vm, receiver, args, |vm, receiver, args| padded_text(vm, receiver, args, side))
}

fn padded_text(vm: &Interp, receiver: &Value, args: Args<'_>, side: Side) -> Res {
    let string = this(receiver);
    let width = vm.to_int(&args[0])?;
    let pad = match args.get(1) {
        Some(value) => vm.to_str(value)?,
        None => RString::new(b" ".to_vec(), string.encoding()),
    };
    if pad.is_empty() {
        return Err(vm.argument_error("zero width padding"));
    }
    let encoding = vm.joint_encoding(string, &pad)?;
    let bytes = string.bytes();
    let missing = width.saturating_sub(text::count(&bytes, string.encoding()) as i64).max(0) as usize;
    vm.reserve_string(bytes.len().saturating_add(missing.saturating_mul(pad.len().min(4))))?;
    let (left, right) = match side {
        Side::Left => (missing, 0),
        Side::Right => (0, missing),
        Side::Both => (missing / 2, missing - missing / 2),
    };
    let pad_bytes = pad.bytes();
    let padding = |count: usize| text::chars(&pad_bytes, pad.encoding()).cycle().take(count).flatten().copied();
    let out = padding(left).chain(bytes.iter().copied()).chain(padding(right)).collect();
    Ok(Value::Str(RString::new(out, encoding)))
}

fn prefix(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<usize> {
    let string = this(receiver);
    let prefix = vm.to_str(&args[0])?;
    vm.joint_encoding(string, &prefix)?;
    let bytes = string.bytes();
    let has = bytes.starts_with(&prefix.bytes()) && text::on_boundary(&bytes, prefix.len(), string.encoding());
    Ok(if has { prefix.len() } else { 0 })
}

fn suffix(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res<usize> {
    let string = this(receiver);
    let suffix = vm.to_str(&args[0])?;
    vm.joint_encoding(string, &suffix)?;
    let bytes = string.bytes();
    let at = bytes.len().checked_sub(suffix.len());
    let has = at.filter(|&at| bytes.ends_with(&suffix.bytes()) && text::on_boundary(&bytes, at, string.encoding()));
    Ok(has.unwrap_or(bytes.len()))
}

fn delete_prefix_bang(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let start = prefix(vm, receiver, args)?;
    let new = (start > 0).then(|| string.bytes()[start..].to_vec());
    bang(vm, receiver, new)
}

fn delete_suffix_bang(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let end = suffix(vm, receiver, args)?;
    let new = (end < string.len()).then(|| string.bytes()[..end].to_vec());
    bang(vm, receiver, new)
}

fn setbyte(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = changing(vm, receiver)?;
    let (index, byte) = (vm.to_int(&args[0])?, vm.to_int(&args[1])?);
    let len = string.len() as i64;
    let at = if index < 0 { index + len } else { index };
    if !(0..len).contains(&at) {
        return Err(vm.error("IndexError", format!("index {index} out of string")));
    }
    string.change(|content| content[at as usize] = byte as u8);
    Ok(args[1].clone())
}
