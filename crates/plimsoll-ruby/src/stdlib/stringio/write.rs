//! Writing.

use super::{Stream, invalid, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::string::text;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

pub(super) const METHODS: &[Def] = &[
    def("write", 0, -1, write, "Writes values, and tells how many bytes"),
    def("putc", 1, 1, putc, "Writes a character"),
    def("ungetc", 1, 1, ungetc, "Puts a character back before the place"),
    def("ungetbyte", 1, 1, ungetbyte, "Puts a byte back before the place"),
    def("truncate", 1, 1, truncate, "Makes the String so many bytes long"),
];

/// Methods that anything with `write` could have.
pub(super) const GENERIC: &[Def] = &[
    def("<<", 1, 1, append, "Writes a value"),
    def("print", 0, -1, print, "Writes values"),
    def("puts", 0, -1, puts, "Writes values, each on a line"),
    def("printf", 0, -1, printf, "Writes formatted values"),
    def("syswrite", 1, 1, |vm, r, a| vm.send(r, "write", a.values), "Writes a value, and tells how many bytes"),
    def(
        "write_nonblock",
        1,
        -1,
        |vm, r, a| vm.send(r, "write", &a.values[..1]),
        "Writes a value, and tells how many bytes",
    ),
];

/// Writes bytes at the place, what is there written over.
fn put(vm: &Interp, stream: &Stream, new: &[u8]) -> Res<()> {
    let string = stream.check_writable(vm)?;
    if new.is_empty() {
        return Ok(());
    }
    if stream.append.get() {
        stream.position.set(string.len());
    }
    let start = stream.position.get();
    let end = start.saturating_add(new.len());
    vm.reserve_string(end.max(string.len()))?;
    string.change(|bytes| {
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[start..end].copy_from_slice(new);
    });
    stream.position.set(end);
    Ok(())
}

fn write(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let stream = this(receiver);
    let mut total = 0;
    for value in args.values {
        let text = vm.to_s(value)?.to_vec();
        put(vm, &stream, &text)?;
        total += text.len();
    }
    Ok(total.into())
}

fn putc(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let stream = this(receiver);
    stream.check_writable(vm)?;
    let bytes = match &args[0] {
        Value::Str(string) => {
            let bytes = string.bytes();
            let first = text::chars(&bytes, string.encoding()).next();
            first.map(<[u8]>::to_vec).unwrap_or_default()
        }
        other => vec![vm.to_int(other)? as u8],
    };
    put(vm, &stream, &bytes)?;
    Ok(args[0].clone())
}

/// Puts bytes back before the place; there need not be any.
fn unget(vm: &Interp, stream: &Stream, back: &[u8]) -> Res<()> {
    let string = stream.check_readable(vm)?;
    vm.check_frozen(&Value::Str(string.clone()))?;
    let place = stream.position.get();
    vm.reserve_string(place.max(string.len()).saturating_add(back.len()))?;
    string.change(|bytes| match place.checked_sub(back.len()) {
        Some(start) => {
            if bytes.len() < place {
                bytes.resize(place, 0);
            }
            bytes[start..place].copy_from_slice(back);
        }
        None => {
            let end = place.min(bytes.len());
            bytes.splice(..end, back.iter().copied());
        }
    });
    stream.position.set(place.saturating_sub(back.len()));
    Ok(())
}

fn ungetc(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let stream = this(receiver);
    stream.check_readable(vm)?;
    let back = match &args[0] {
        Value::Nil => return Ok(Value::Nil),
        Value::Int(code) => {
            let encoded = u32::try_from(*code).ok().and_then(|code| text::encode(code, stream.encoding()));
            encoded.ok_or_else(|| vm.error("RangeError", format!("{code} out of char range")))?
        }
        other => vm.to_str(other)?.to_vec(),
    };
    unget(vm, &stream, &back)?;
    Ok(Value::Nil)
}

fn ungetbyte(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let stream = this(receiver);
    stream.check_readable(vm)?;
    let back = match &args[0] {
        Value::Nil => return Ok(Value::Nil),
        Value::Int(byte) => vec![*byte as u8],
        other => vm.to_str(other)?.to_vec(),
    };
    unget(vm, &stream, &back)?;
    Ok(Value::Nil)
}

fn truncate(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let string = this(receiver).check_writable(vm)?;
    let length = vm.to_int(&args[0])?;
    let wanted = usize::try_from(length).map_err(|_| invalid(vm, Some("negative length")))?;
    vm.reserve_string(wanted)?;
    string.change(|bytes| bytes.resize(wanted, 0));
    Ok(args[0].clone())
}

fn append(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    vm.send(receiver, "write", args.values)?;
    Ok(receiver.clone())
}

fn print(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        let last = vm.global(Sym::new("$_"))?;
        return print(vm, receiver, Args::new(&[last]));
    }
    let (between, end) = (vm.global(Sym::new("$,"))?, vm.global(Sym::new("$\\"))?);
    for (at, value) in args.values.iter().enumerate() {
        if at > 0 && !between.is_nil() {
            vm.send(receiver, "write", std::slice::from_ref(&between))?;
        }
        vm.send(receiver, "write", std::slice::from_ref(value))?;
    }
    if !end.is_nil() {
        vm.send(receiver, "write", &[end])?;
    }
    Ok(Value::Nil)
}

fn puts(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = Value::bytes(vm.puts_text(args.values)?);
    vm.send(receiver, "write", &[text])?;
    Ok(Value::Nil)
}

fn printf(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        return Ok(Value::Nil);
    }
    let text = vm.send(&vm.main_object(), "format", args.values)?;
    vm.send(receiver, "write", &[text])?;
    Ok(Value::Nil)
}
