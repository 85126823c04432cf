//! Something that is wrong with a profile.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The profile does not load, or not as it was meant.
    Error,
    /// The profile can be used.
    Warning,
}

/// Something that is wrong with a profile, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: Option<u32>,
    /// The column, counted from 1.
    pub column: Option<u32>,
    /// The control that it is about.
    pub control: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl Problem {
    /// Something wrong with a file as a whole.
    pub(super) fn of_file(severity: Severity, file: &str, message: String) -> Self {
        Self { severity, file: Some(file.to_owned()), line: None, column: None, control: None, message }
    }

    pub(super) fn at(self, line: u32, column: Option<u32>) -> Self {
        Self { line: Some(line), column, ..self }
    }
}

/// `FILE:LINE:COLUMN: MESSAGE`, as far as the place is known.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            for number in [self.line, self.column].into_iter().flatten() {
                write!(f, "{number}:")?;
            }
            write!(f, " ")?;
        }
        write!(f, "{}", self.message)
    }
}
