//! Reading YAML files of a profile or of whoever runs it, as Ruby's Psych reads them.

use serde_json::Value as Json;

/// Parses YAML (or JSON, which is YAML) into a JSON value; the error says what is wrong, with line and column.
pub(crate) fn parse(text: &str) -> Result<Json, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Ok(Json::Null);
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| error.to_string())
}

/// Psych's leniency: the last of duplicate keys wins, `0644` is octal, indentation is not strict.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        legacy_octal_numbers: true,
        strict_indentation: false,
    }
}
