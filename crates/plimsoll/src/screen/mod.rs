//! What is printed: reports and answers on standard output, everything said beside them on standard error.

mod harmless;

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};

use anstyle::{AnsiColor, Style};

use harmless::harmless;

/// Failures.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Successes.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is only beside the point.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Writes a report to standard output: byte by byte as it is, but to a terminal only what is harmless there. That nobody
/// reads it to its end is no failure.
pub(crate) fn print(bytes: &[u8]) -> io::Result<()> {
    let out = io::stdout().lock();
    if out.is_terminal() {
        finish(out, harmless(&String::from_utf8_lossy(bytes)).as_bytes())
    } else {
        finish(out, bytes)
    }
}

/// Prints one line on standard output; without its styles where that is no terminal.
pub(crate) fn say(line: impl Display) -> io::Result<()> {
    finish(anstream::stdout().lock(), (harmless(&line.to_string()) + "\n").as_bytes())
}

fn finish(mut out: impl Write, bytes: &[u8]) -> io::Result<()> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Prints one line on standard error; when that is closed there is nobody left to tell.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{}", harmless(&line.to_string()));
}

/// Prints an error and what caused it, one a line.
pub(crate) fn error(error: &anyhow::Error) {
    note(format_args!("{BAD}error:{BAD:#} {error}"));
    for cause in error.chain().skip(1) {
        note(format_args!("  because: {cause}"));
    }
}

/// Whether standard output takes colours: a terminal, unless `NO_COLOR` or a flag says otherwise.
pub(crate) fn colored() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether somebody watches standard error, on a terminal where a line can be wiped.
pub(crate) fn watched() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}
