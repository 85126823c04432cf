//! What is printed: reports and answers on standard output, everything said beside them on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use plimsoll_report::GateOutcome;

/// Failures.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Successes.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is only beside the point.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Writes to standard output. That nobody reads it to its end is no failure.
pub(crate) fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Prints one line on standard output.
pub(crate) fn say(line: impl Display) -> io::Result<()> {
    print(format!("{line}\n").as_bytes())
}

/// Prints one line on standard error; when that is closed there is nobody left to tell.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Prints an error and what caused it, one a line.
pub(crate) fn error(error: &anyhow::Error) {
    note(format_args!("{BAD}error:{BAD:#} {error}"));
    for cause in error.chain().skip(1) {
        note(format_args!("  because: {cause}"));
    }
}

/// The gate's verdict and everything that is below the line.
pub(crate) fn verdict(outcome: &GateOutcome) -> String {
    let text = outcome.to_string();
    let style = if outcome.passed() { GOOD } else { BAD };
    match text.split_once(':') {
        Some((verdict, rest)) => format!("{style}{verdict}{style:#}:{rest}"),
        None => text,
    }
}

/// Whether standard output takes colours: a terminal, unless `NO_COLOR` or a flag says otherwise.
pub(crate) fn colored() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether somebody watches standard error.
pub(crate) fn watched() -> bool {
    io::stderr().is_terminal()
}
