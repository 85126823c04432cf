//! Reading lines.

use super::{Stream, this};
use crate::args::Args;
use crate::class::{Def, def};
use crate::core::enumerable::block_or_enumerator;
use crate::core::string::text;
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::{RString, Value};

pub(super) const METHODS: &[Def] = &[
    def("gets", 0, -1, gets, "The next line; nil at the end"),
    def("each", 0, -1, each, "Yields the lines"),
    def("each_line", 0, -1, each_line, "Yields the lines"),
    def("readlines", 0, -1, readlines, "All other lines"),
];

/// Where lines end.
struct Lines {
    /// `None` for nowhere; empty for paragraphs.
    separator: Option<Vec<u8>>,
    /// Most bytes of a line.
    limit: Option<usize>,
    chomp: bool,
}

impl Lines {
    fn of(vm: &Interp, args: Args<'_>) -> Res<Self> {
        let (values, _) = args.split_keywords();
        let chomp = args.keyword("chomp").is_some_and(|chomp| chomp.truthy());
        let separator = |value: &Value| -> Res<Option<Vec<u8>>> {
            if value.is_nil() { Ok(None) } else { Ok(Some(vm.to_str(value)?.to_vec())) }
        };
        let limit = |value: &Value| -> Res<Option<usize>> {
            if value.is_nil() { Ok(None) } else { Ok(usize::try_from(vm.to_int(value)?).ok()) }
        };
        let default = || separator(&vm.global(Sym::new("$/"))?);
        let (separator, limit) = match values {
            [] => (default()?, None),
            [Value::Nil] => (None, None),
            [one] => match vm.try_str(one)? {
                Some(text) => (Some(text.to_vec()), None),
                None => (default()?, limit(one)?),
            },
            [first, second] => (separator(first)?, limit(second)?),
            several => return Err(vm.arity_error(several.len(), 0, 2)),
        };
        Ok(Self { separator, limit, chomp })
    }

    fn check_limit(&self, vm: &Interp, method: &str) -> Res<()> {
        if self.limit == Some(0) {
            return Err(vm.argument_error(format!("invalid limit: 0 for {method}")));
        }
        Ok(())
    }
}

/// How many bytes of `rest` the line takes, line end included.
fn line_length(rest: &[u8], separator: &[u8]) -> usize {
    if !separator.is_empty() {
        let found = rest.windows(separator.len()).position(|w| w == separator);
        return found.map_or(rest.len(), |at| at + separator.len());
    }
    rest.windows(2).position(|w| w == b"\n\n").map_or(rest.len(), |at| at + 2)
}

/// How many bytes of a line are its end.
fn line_end(line: &[u8], separator: Option<&[u8]>) -> usize {
    match separator {
        Some(b"") => usize::from(line.ends_with(b"\n\n")),
        None | Some(b"\n") if line.ends_with(b"\r\n") => 2,
        None => usize::from(line.ends_with(b"\n")),
        Some(separator) if line.ends_with(separator) => separator.len(),
        Some(_) => 0,
    }
}

/// The next line.
fn next(vm: &Interp, stream: &Stream, lines: &Lines) -> Res<Option<Value>> {
    vm.tick()?;
    let string = stream.check_readable(vm)?;
    let encoding = stream.encoding();
    if lines.limit == Some(0) {
        return Ok(Some(RString::new(Vec::new(), encoding).into()));
    }
    let line = {
        let bytes = string.bytes();
        let Some(mut rest) = bytes.get(stream.position.get()..).filter(|rest| !rest.is_empty()) else {
            return Ok(None);
        };
        if lines.separator.as_deref() == Some(b"") {
            let blank = rest.iter().take_while(|byte| **byte == b'\n').count();
            stream.advance(blank);
            rest = &rest[blank..];
            if rest.is_empty() {
                return Ok(None);
            }
        }
        // A limit does not cut a character.
        let mut most = lines.limit.unwrap_or(rest.len()).min(rest.len());
        while most < rest.len() && !text::on_boundary(rest, most, encoding) {
            most += 1;
        }
        let rest = &rest[..most];
        let length = lines.separator.as_deref().map_or(rest.len(), |separator| line_length(rest, separator));
        stream.advance(length);
        let line = &rest[..length];
        let end = if lines.chomp { line_end(line, lines.separator.as_deref()) } else { 0 };
        line[..length - end].to_vec()
    };
    stream.line.set(stream.line.get() + 1);
    Ok(Some(RString::new(line, encoding).into()))
}

fn gets(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let lines = Lines::of(vm, args)?;
    let line: Value = next(vm, &this(receiver), &lines)?.into();
    vm.set_global(Sym::new("$_"), line.clone())?;
    Ok(line)
}

fn yield_lines(vm: &Interp, receiver: &Value, args: Args<'_>, method: &str) -> Res {
    let stream = this(receiver);
    stream.check_readable(vm)?;
    let lines = Lines::of(vm, args)?;
    lines.check_limit(vm, method)?;
    let block = args.need_block(vm)?;
    while let Some(line) = next(vm, &stream, &lines)? {
        vm.call_block(block, &[line])?;
    }
    Ok(receiver.clone())
}

fn each(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let _ = block_or_enumerator!(vm, receiver, args, "each");
    yield_lines(vm, receiver, args, "each_line")
}

fn each_line(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let _ = block_or_enumerator!(vm, receiver, args, "each_line");
    yield_lines(vm, receiver, args, "each_line")
}

fn readlines(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let stream = this(receiver);
    stream.check_readable(vm)?;
    let lines = Lines::of(vm, args)?;
    lines.check_limit(vm, "readlines")?;
    let mut all = Vec::new();
    while let Some(line) = next(vm, &stream, &lines)? {
        crate::core::enumerable::push(vm, &mut all, line)?;
    }
    Ok(Value::array(all))
}
