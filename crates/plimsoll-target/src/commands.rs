//! Recorded commands and what they answered.

use std::collections::HashMap;

use crate::{Output, RunResult};

/// Answers command lines from a table; an unknown one is answered as by a shell that doesn't find it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandTable {
    known: HashMap<Vec<u8>, RunResult>,
    otherwise: Option<Output>,
}

impl CommandTable {
    /// Records a line; a later record of the same line replaces an earlier one.
    pub(crate) fn insert(&mut self, line: Vec<u8>, result: RunResult) {
        self.known.insert(line, result);
    }

    /// What unknown lines answer.
    pub(crate) fn otherwise(&mut self, output: Output) {
        self.otherwise = Some(output);
    }

    pub(crate) fn run(&self, line: &[u8]) -> RunResult {
        self.known.get(line).cloned().unwrap_or_else(|| Ok(self.otherwise.clone().unwrap_or_else(|| not_found(line))))
    }
}

/// What dash says when the line's first word is no command.
fn not_found(line: &[u8]) -> Output {
    let name = line.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
    let stderr = [b"sh: 1: ".as_slice(), name, b": not found\n"].concat();
    Output { stdout: Vec::new(), stderr, exit_status: 127 }
}
