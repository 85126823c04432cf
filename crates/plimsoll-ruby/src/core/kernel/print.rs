//! `puts`, `print`, `p` and the streams they go to.

use std::rc::Rc;

use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::host::Stream;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{RObject, RString, Value};

pub(super) fn init(vm: &Interp) {
    super::functions(vm, FUNCTIONS);
    let io = vm.define_class(&vm.c.object, "IO", &vm.c.object);
    vm.define(&io, IO);
    for (stream, global, constant) in [(Stream::Stdout, "$stdout", "STDOUT"), (Stream::Stderr, "$stderr", "STDERR")] {
        let object = Value::Obj(RObject::with_native(Rc::clone(&io), stream));
        vm.globals.borrow_mut().insert(Sym::new(global), object.clone());
        vm.c.object.constants.borrow_mut().insert(Sym::new(constant), object);
    }
    vm.alias_global(Sym::new("$>"), Sym::new("$stdout"));
    for (name, value) in [
        ("$/", Value::str("\n")),
        ("$0", Value::str("main")),
        ("$VERBOSE", Value::Bool(false)),
        ("$DEBUG", Value::Bool(false)),
    ] {
        vm.globals.borrow_mut().insert(Sym::new(name), value);
    }
    vm.alias_global(Sym::new("$PROGRAM_NAME"), Sym::new("$0"));
}

const FUNCTIONS: &[Def] = &[
    private_def("puts", 0, -1, |vm, own, args| to_stdout(vm, own, "puts", args), "Prints values, each on a line."),
    private_def("print", 0, -1, |vm, own, args| to_stdout(vm, own, "print", args), "Prints values."),
    private_def("p", 0, -1, p, "Prints values as inspect shows them."),
    private_def("pp", 0, -1, p, "The same as p."),
    private_def("putc", 1, 1, |vm, own, args| to_stdout(vm, own, "putc", args), "Prints one character."),
    private_def("printf", 0, -1, printf, "Prints formatted values."),
    private_def("format", 1, -1, format, "Formatted values."),
    private_def("sprintf", 1, -1, format, "The same as format."),
    private_def("warn", 0, -1, warn, "Prints messages to $stderr."),
    private_def("gets", 0, -1, |_, _, _| Ok(Value::Nil), "nil: there is no input."),
];

const IO: &[Def] = &[
    def("puts", 0, -1, io_puts, "Prints values, each on a line."),
    def("print", 0, -1, io_print, "Prints values."),
    def("write", 0, -1, io_write, "Prints values and tells how many bytes."),
    def("<<", 1, 1, io_append, "Prints a value."),
    def("p", 0, -1, io_p, "Prints values as inspect shows them."),
    def("putc", 1, 1, io_putc, "Prints one character."),
    def("printf", 0, -1, io_printf, "Prints formatted values."),
    def("flush", 0, 0, |_, own, _| Ok(own.clone()), "Nothing is buffered."),
    def("fsync", 0, 0, |_, _, _| Ok(Value::Int(0)), "Nothing is buffered."),
    def("sync", 0, 0, |_, _, _| Ok(Value::Bool(true)), "true"),
    def("sync=", 1, 1, |_, _, args| Ok(args[0].clone()), "Nothing is buffered."),
    def("tty?", 0, 0, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("isatty", 0, 0, |_, _, _| Ok(Value::Bool(false)), "false"),
    def("fileno", 0, 0, io_fileno, "1 or 2."),
    def("inspect", 0, 0, io_inspect, "#<IO:<STDOUT>>"),
];

fn stdout(vm: &Interp) -> Res {
    vm.global(Sym::new("$stdout"))
}

/// Prints by the method of `$stdout`; what has nothing but `write` is written to.
fn to_stdout(vm: &Interp, own: &Value, method: &str, args: Args<'_>) -> Res {
    let out = stdout(vm)?;
    if out.native::<Stream>().is_some() {
        return match method {
            "puts" => io_puts(vm, &out, args),
            "print" => io_print(vm, &out, args),
            _ => io_putc(vm, &out, args),
        };
    }
    if !own.same(&out) {
        return vm.send(&out, method, args.values);
    }
    match method {
        "puts" if args.is_empty() => {
            vm.send(&out, "write", &[Value::str("\n")])?;
        }
        "puts" => {
            for value in args.values {
                let text = vm.puts_text(std::slice::from_ref(value))?;
                let own_end = matches!(value, Value::Str(text) if text.bytes().ends_with(b"\n"));
                match text.strip_suffix(b"\n").filter(|_| !own_end) {
                    Some(line) => vm.send(&out, "write", &[Value::bytes(line), Value::str("\n")])?,
                    None => vm.send(&out, "write", &[Value::bytes(text)])?,
                };
            }
        }
        _ => {
            vm.send(&out, "write", args.values)?;
        }
    }
    Ok(Value::Nil)
}

fn p(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let out = stdout(vm)?;
    for value in args.values {
        let text = Value::Str(vm.inspect(value)?);
        vm.send(&out, "write", &[text, Value::str("\n")])?;
    }
    Ok(match args.values {
        [] => Value::Nil,
        [only] => only.clone(),
        several => Value::array(several.to_vec()),
    })
}

fn format(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let pattern = vm.to_str(&args[0])?;
    let text = crate::core::format::format(vm, &vm.ascii_text(&pattern)?, &args.values[1..])?;
    Ok(Value::Str(RString::new(text, pattern.encoding())))
}

fn printf(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        return Ok(Value::Nil);
    }
    // The first argument is the stream to print to, unless it is the format.
    if vm.try_str(&args[0])?.is_none() {
        if args.len() == 1 {
            return Err(vm.argument_error("too few arguments"));
        }
        let text = format(vm, own, Args::new(&args.values[1..]))?;
        vm.send(&args[0], "write", &[text])?;
        return Ok(Value::Nil);
    }
    let text = format(vm, own, args)?;
    to_stdout(vm, &Value::Nil, "print", Args::new(&[text]))
}

fn warn(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (messages, _) = args.split_keywords();
    if messages.is_empty() || vm.global(Sym::new("$VERBOSE"))?.is_nil() {
        return Ok(Value::Nil);
    }
    let out = vm.global(Sym::new("$stderr"))?;
    let text = Value::bytes(vm.puts_text(messages)?);
    vm.send(&out, "write", &[text])?;
    Ok(Value::Nil)
}

impl Interp {
    /// Prints to the host's standard error.
    pub(crate) fn print_error(&self, text: &[u8]) {
        self.host.print(Stream::Stderr, text);
    }

    /// What `puts` prints for these values.
    pub fn puts_text(&self, values: &[Value]) -> Res<Vec<u8>> {
        let mut text = Vec::new();
        if values.is_empty() {
            text.push(b'\n');
        }
        for value in values {
            self.put_line(value, &mut text)?;
        }
        Ok(text)
    }

    fn put_line(&self, value: &Value, text: &mut Vec<u8>) -> Res<()> {
        if let Some(array) = self.try_array(value)? {
            let address = Rc::as_ptr(&array) as usize;
            let lines = self.guard("puts", address, 0, || {
                let mut at = 0;
                while let Some(element) = array.get(at) {
                    self.put_line(&element, text)?;
                    at += 1;
                }
                Ok(())
            });
            if let Some(result) = lines {
                return result;
            }
            text.extend_from_slice(b"[...]\n");
            return Ok(());
        }
        let line = self.to_s(value)?;
        text.extend_from_slice(&line.bytes());
        if line.bytes().last() != Some(&b'\n') {
            text.push(b'\n');
        }
        self.reserve_string(text.len())
    }
}

fn emit(vm: &Interp, own: &Value, text: &[u8]) {
    if let Some(stream) = own.native::<Stream>() {
        vm.host.print(*stream, text);
    }
}

fn io_puts(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let text = vm.puts_text(args.values)?;
    emit(vm, own, &text);
    Ok(Value::Nil)
}

fn io_print(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    io_write(vm, own, args)?;
    Ok(Value::Nil)
}

fn io_write(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    let mut text = Vec::new();
    for value in args.values {
        text.extend_from_slice(&vm.to_s(value)?.bytes());
    }
    emit(vm, own, &text);
    Ok(Value::from(text.len()))
}

fn io_append(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    io_write(vm, own, args)?;
    Ok(own.clone())
}

fn io_p(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    for value in args.values {
        let text = vm.inspect(value)?.to_vec();
        emit(vm, own, &[&text[..], b"\n"].concat());
    }
    Ok(args.or_nil(0))
}

fn io_putc(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    match &args[0] {
        Value::Str(string) => {
            let text = string.lossy();
            let first: String = text.chars().take(1).collect();
            emit(vm, own, first.as_bytes());
        }
        other => emit(vm, own, &[vm.to_int(other)? as u8]),
    }
    Ok(args[0].clone())
}

fn io_printf(vm: &Interp, own: &Value, args: Args<'_>) -> Res {
    if args.is_empty() {
        return Ok(Value::Nil);
    }
    let text = format(vm, own, args)?;
    io_print(vm, own, Args::new(&[text]))
}

fn io_fileno(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    Ok(Value::Int(if own.native::<Stream>() == Some(&Stream::Stderr) { 2 } else { 1 }))
}

fn io_inspect(_: &Interp, own: &Value, _: Args<'_>) -> Res {
    let name = if own.native::<Stream>() == Some(&Stream::Stderr) { "STDERR" } else { "STDOUT" };
    Ok(Value::str(format!("#<IO:<{name}>>")))
}
