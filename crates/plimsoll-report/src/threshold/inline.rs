//! The form of a threshold that fits one argument: `{compliance.min: 80}, {failed.total.max: 2}`.

use super::{Threshold, ThresholdError, read};

const FORM: &str = "the inline form is `{compliance.min: 80}, {failed.total.max: 2}`";

/// Reads the inline form. Braces may be left out and keys may be quoted; values are numbers.
pub(super) fn threshold(text: &str) -> Result<Threshold, ThresholdError> {
    let mut flat = String::new();
    for part in split(text)? {
        let (key, value) = part.split_once(':').ok_or_else(|| problem(&format!("`{part}` is no limit")))?;
        let (key, value) = (unquote(key.trim()), value.trim());
        let is_path = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_');
        if !is_path {
            return Err(problem(&format!("`{key}` is no limit's name")));
        }
        if read::parse_number(value).is_none() {
            return Err(problem(&format!("`{key}` needs a number, not `{value}`")));
        }
        flat.extend([key, ": ", value, "\n"]);
    }
    read::threshold(&flat, "inline threshold").map_err(|error| match error {
        // Its line is one of our own making.
        ThresholdError::Form { origin, problem, .. } => ThresholdError::Form { origin, line: 1, problem },
        other => other,
    })
}

/// The `key: value` parts between commas, without their braces. Braces must pair up and don't nest.
fn split(text: &str) -> Result<Vec<&str>, ThresholdError> {
    let mut parts = Vec::new();
    let mut is_open = false;
    for piece in text.split(',') {
        let mut piece = piece.trim();
        if let Some(rest) = piece.strip_prefix('{')
            && !is_open
        {
            is_open = true;
            piece = rest;
        }
        if let Some(rest) = piece.strip_suffix('}')
            && is_open
        {
            is_open = false;
            piece = rest;
        }
        if piece.trim().is_empty() || piece.contains(['{', '}']) {
            return Err(problem(&format!("`{text}` cannot be read")));
        }
        parts.push(piece.trim());
    }
    if is_open { Err(problem(&format!("`{text}` lacks a closing brace"))) } else { Ok(parts) }
}

fn unquote(key: &str) -> &str {
    let inside = |quote| key.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(key)
}

fn problem(what: &str) -> ThresholdError {
    ThresholdError::Form { origin: "inline threshold".to_owned(), line: 1, problem: format!("{what}; {FORM}") }
}

#[cfg(test)]
mod tests {
    use super::threshold;

    #[test]
    fn braces_and_quotes_are_free() {
        let plain = threshold("compliance.min: 80, failed.total.max: 2").unwrap();
        for form in [
            "{compliance.min: 80}, {failed.total.max: 2}",
            "{compliance.min: 80, failed.total.max: 2}",
            "{\"compliance.min\": 80},{'failed.total.max' : 2}",
        ] {
            assert_eq!(threshold(form).unwrap(), plain, "{form}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for form in ["", "{", "{}", "hello", "{compliance.min: 80", "compliance.min: 80}", "{{compliance.min: 80}}"] {
            assert!(threshold(form).is_err(), "{form}");
        }
        for form in ["{compliance.min: 80}; {failed.total: 1}", "{a.b\n: 1}", "{compliance.min: 80},", "{version: 1}"] {
            assert!(threshold(form).is_err(), "{form}");
        }
    }
}
