//! The source text of blocks.

use plimsoll_ruby::{Interp, ProcKind, RProc, Sym, ir};

fn code(block: &RProc) -> Option<&ir::Block> {
    match &block.kind {
        ProcKind::Ruby(code) => Some(&code.body),
        _ => None,
    }
}

/// The file and line in which a block begins.
pub(crate) fn location(block: &RProc) -> Option<(Sym, u32)> {
    code(block).map(|code| (code.file, code.line))
}

/// The whole lines from the one in which a block begins to its end: what a report shows as a control's code.
pub(crate) fn lines(vm: &Interp, block: &RProc) -> Option<String> {
    let code = code(block)?;
    let file = vm.host.read_file(code.file.bytes())?;
    let (start, end) = (code.span.0 as usize, code.span.1 as usize);
    let line_start = file.get(..start)?.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line_end = file.get(end..)?.iter().position(|byte| *byte == b'\n').map_or(file.len(), |at| end + at + 1);
    Some(String::from_utf8_lossy(&file[line_start..line_end]).into_owned())
}

/// What a block does, where that is a single line of source.
pub(crate) fn single_line(vm: &Interp, block: &RProc) -> Option<String> {
    let code = code(block)?;
    let file = vm.host.read_file(code.file.bytes())?;
    let text = String::from_utf8_lossy(file.get(code.span.0 as usize..code.span.1 as usize)?).into_owned();
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text.strip_prefix("do")?.strip_suffix("end")?,
    };
    let inner = inner.trim_start();
    let body = match inner.strip_prefix('|') {
        Some(parameters) => parameters.split_once('|')?.1,
        None => inner,
    };
    let mut lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.next()?;
    lines.next().is_none().then(|| line.to_owned())
}
