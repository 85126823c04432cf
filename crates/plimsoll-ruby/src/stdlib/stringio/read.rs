//! Reading bytes and characters.

use super::{Stream, end_of_file, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::block_or_enumerator;
use crate::core::string::text;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{Encoding, RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("read", 0, 2, read, "The rest, or so many bytes; nil at the end"),
    def("getc", 0, 0, |vm, r, _| getc(vm, r), "The next character; nil at the end"),
    def("getbyte", 0, 0, |vm, r, _| getbyte(vm, r), "The next byte; nil at the end"),
    def("each_byte", 0, 0, each_byte, "Yields the bytes"),
    def("each_char", 0, 0, each_char, "Yields the characters"),
    def("each_codepoint", 0, 0, each_codepoint, "Yields the characters' numbers"),
];

/// Methods that raise at the end of the text.
pub(super) const GENERIC: &[Def] = &[
    def("readchar", 0, 0, |vm, r, _| or_end(vm, vm.send(r, "getc", &[])?), "The next character"),
    def("readbyte", 0, 0, |vm, r, _| or_end(vm, vm.send(r, "getbyte", &[])?), "The next byte"),
    def("readline", 0, -1, readline, "The next line"),
    def("sysread", 0, 2, |vm, r, a| or_end(vm, vm.send(r, "read", a.values)?), "So many bytes"),
    def("readpartial", 0, 2, |vm, r, a| or_end(vm, vm.send(r, "read", a.values)?), "So many bytes"),
    def("read_nonblock", 0, -1, read_nonblock, "So many bytes"),
];

fn or_end(vm: &Interp, value: Value) -> Res {
    if value.is_nil() { Err(end_of_file(vm)) } else { Ok(value) }
}

fn readline(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    or_end(vm, vm.call_with(receiver, Sym::new("gets"), args, crate::CallStyle::Implicit)?)
}

fn read_nonblock(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (values, _) = args.split_keywords();
    let value = vm.send(receiver, "read", values)?;
    let raises = args.keyword("exception").is_none_or(|raises| raises.truthy());
    if raises { or_end(vm, value) } else { Ok(value) }
}

fn read(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let stream = this(receiver);
    let string = stream.check_readable(vm)?;
    let buffer = match args.get(1) {
        Some(buffer) if !buffer.is_nil() => {
            let buffer = vm.to_str(buffer)?;
            vm.check_frozen(&Value::Str(buffer.clone()))?;
            Some(buffer)
        }
        _ => None,
    };
    let wanted = match args.get(0) {
        Some(length) if !length.is_nil() => {
            let length = vm.to_int(length)?;
            let wanted = usize::try_from(length);
            Some(wanted.map_err(|_| vm.argument_error(format!("negative length {length} given")))?)
        }
        _ => None,
    };
    let rest = stream.rest(&string);
    if rest.is_empty() && wanted.is_some_and(|wanted| wanted > 0) {
        if let Some(buffer) = buffer {
            buffer.replace(Vec::new());
        }
        return Ok(Value::Nil);
    }
    let taken = rest[..rest.len().min(wanted.unwrap_or(rest.len()))].to_vec();
    stream.advance(taken.len());
    let encoding = if wanted.is_some() { Encoding::Binary } else { stream.encoding() };
    Ok(match buffer {
        Some(buffer) => {
            buffer.replace(taken);
            if wanted.is_none() {
                buffer.set_encoding(encoding);
            }
            buffer.into()
        }
        None => RString::new(taken, encoding).into(),
    })
}

/// The bytes of the next character.
fn next_char(stream: &Stream, string: &RString) -> Option<Vec<u8>> {
    let bytes = string.bytes();
    let rest = bytes.get(stream.position.get()..).filter(|rest| !rest.is_empty())?;
    let ch = rest[..text::char_len(rest, stream.encoding())].to_vec();
    stream.advance(ch.len());
    Some(ch)
}

fn getc(vm: &Interp, receiver: &Value) -> Res {
    let stream = this(receiver);
    let string = stream.check_readable(vm)?;
    Ok(next_char(&stream, &string).map(|ch| RString::new(ch, stream.encoding())).into())
}

fn getbyte(vm: &Interp, receiver: &Value) -> Res {
    let stream = this(receiver);
    let string = stream.check_readable(vm)?;
    let byte = string.bytes().get(stream.position.get()).copied();
    if byte.is_some() {
        stream.advance(1);
    }
    Ok(byte.map(|byte| Value::Int(i64::from(byte))).into())
}

fn each_byte(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_byte");
    loop {
        let byte = getbyte(vm, receiver)?;
        if byte.is_nil() {
            return Ok(receiver.clone());
        }
        vm.call_block(block, &[byte])?;
    }
}

fn each_char(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_char");
    loop {
        let ch = getc(vm, receiver)?;
        if ch.is_nil() {
            return Ok(receiver.clone());
        }
        vm.call_block(block, &[ch])?;
    }
}

fn each_codepoint(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let block = block_or_enumerator!(vm, receiver, args, "each_codepoint");
    loop {
        let ch = getc(vm, receiver)?;
        if ch.is_nil() {
            return Ok(receiver.clone());
        }
        let code = vm.send(&ch, "ord", &[])?;
        vm.call_block(block, &[code])?;
    }
}
