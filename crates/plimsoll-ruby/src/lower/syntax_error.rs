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

/// How much of a line is shown on either side of what is wrong, in characters: one may be a whole file, or none at all.
const AROUND: usize = 100;

fn shown(source_line: &str, column: u32) -> String {
    if source_line.trim().is_empty() {
        return String::new();
    }
    let at = column as usize;
    let start = at.saturating_sub(AROUND);
    let line: String = source_line.chars().skip(start).take(at - start + AROUND).collect();
    let before: String = line.chars().take(at - start).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("\n{line}\n{before}^")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn the_wrong_place_is_shown_with_what_stands_around_it() {
        assert_eq!(shown("\tx = )", 5), "\n\tx = )\n\t    ^");
        assert_eq!(shown("  ", 1), "");
        let long = shown(&("a".repeat(5000) + ")" + &"b".repeat(5000)), 5000);
        let (line, mark) = long.trim_start().split_once('\n').unwrap();
        assert_eq!((line.len(), line.find(')')), (200, Some(100)));
        assert_eq!(mark.find('^'), Some(100));
    }
}
