//! Reading what is typed, with history and lines that go on.

use std::sync::atomic::Ordering;

use plimsoll_auditor::Console;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Completer, Config, Editor, Helper, Highlighter, Hinter};

use super::{help, show};
use crate::exit::Ending;
use crate::screen;
use crate::signals;

const PROMPT: &str = "plimsoll> ";

/// Tells the editor whether what is typed goes on in the next line.
#[derive(Completer, Helper, Highlighter, Hinter)]
struct Ruby;

impl Validator for Ruby {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let more = Console::is_incomplete(context.input());
        Ok(if more { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

/// Evaluates line after line until there are no more. What was typed is remembered only as long as this runs.
pub(super) fn talk(console: &Console<'_>, target: &str) -> anyhow::Result<Ending> {
    let config = Config::builder().auto_add_history(true).build();
    let mut editor: Editor<Ruby, MemHistory> = Editor::with_history(config, MemHistory::new())?;
    editor.set_helper(Some(Ruby));
    screen::note(format_args!("On {target}. `help` says what there is; Ctrl-D ends it."));
    let mut typed = String::new();
    let mut line = 1;
    loop {
        match editor.readline(PROMPT) {
            Ok(text) => {
                typed.push_str(&text);
                // Where nobody types, lines come one by one.
                if Console::is_incomplete(&typed) {
                    typed.push('\n');
                    continue;
                }
                let code = std::mem::take(&mut typed);
                match code.trim() {
                    "" => {}
                    "exit" | "quit" => return Ok(Ending::Passed),
                    asked if asked == "help" || asked.starts_with("help ") => help::tell(&asked["help".len()..])?,
                    _ => evaluate(console, &code, line)?,
                }
                line += 1;
            }
            Err(ReadlineError::Interrupted) => typed.clear(),
            Err(ReadlineError::Eof) => {
                if !typed.trim().is_empty() {
                    evaluate(console, &typed, line)?;
                }
                return Ok(Ending::Passed);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Evaluates what was typed. Ctrl-C ends that, and not the shell.
fn evaluate(console: &Console<'_>, code: &str, line: usize) -> anyhow::Result<()> {
    let flag = console.interrupt();
    let interrupt = move || {
        flag.store(true, Ordering::Relaxed);
        plimsoll_target::interrupt_commands();
    };
    let answer = signals::interruptible(interrupt, || console.eval(code, &format!("shell:{line}")))?;
    show(&answer)
}
