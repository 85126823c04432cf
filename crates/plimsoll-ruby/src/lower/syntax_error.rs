//! Why a file is no Ruby program.

use ruby_prism as prism;

/// A file that can't be parsed, with the place that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}{}", shown(source_line, *column))]
pub struct SyntaxError {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in bytes, counted from 0.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// The text of the line.
    pub source_line: String,
}

impl SyntaxError {
    /// An error about a file as a whole.
    pub(crate) fn plain(file: &str, line: u32, message: String) -> Self {
        Self { file: file.to_owned(), line, column: 0, message, source_line: String::new() }
    }

    /// An error about a place.
    pub(crate) fn at(source: &[u8], file: &str, location: &prism::Location<'_>, message: String) -> Self {
        let start = (location.start() as usize).min(source.len());
        let begin = source[..start].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let end = source[start..].iter().position(|b| *b == b'\n').map_or(source.len(), |at| start + at);
        Self {
            file: file.to_owned(),
            line: location.start_line().max(1) as u32,
            column: location.start_column(),
            message,
            source_line: String::from_utf8_lossy(&source[begin..end]).into_owned(),
        }
    }

    /// What Prism found.
    pub(crate) fn from_diagnostic(source: &[u8], file: &str, error: &prism::Diagnostic<'_>) -> Self {
        let text = String::from_utf8_lossy(error.message());
        Self::at(source, file, &error.location(), format!("syntax error, {text}"))
    }
}

fn shown(source_line: &str, column: u32) -> String {
    if source_line.trim().is_empty() {
        return String::new();
    }
    let before: String =
        source_line.chars().take(column as usize).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("\n{source_line}\n{before}^")
}
