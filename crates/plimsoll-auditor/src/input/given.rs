//! Values of inputs that whoever runs the audit gives.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::AuditError;
use crate::yaml::Dates;

/// Values given from outside, for every profile of the run.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct GivenInputs {
    /// From `--input-file`, in order.
    pub files: Vec<(String, Json)>,
    /// From `--input NAME=VALUE`, in order.
    pub command_line: Vec<(String, Json)>,
}

impl GivenInputs {
    /// Adds a `--input NAME=VALUE`.
    pub fn add_pair(&mut self, pair: &str) -> Result<(), AuditError> {
        let Some((name, value)) = pair.split_once('=') else {
            let advice = if has_extension(Path::new(pair)) {
                "--input takes one value; use --input-file to load a YAML file"
            } else {
                "write --input NAME=VALUE"
            };
            return Err(AuditError::Usage(format!("input `{pair}` has no `=`: {advice}")));
        };
        if name.is_empty() {
            return Err(AuditError::Usage(format!("input `{pair}` has no name: write --input NAME=VALUE")));
        }
        self.command_line.push((name.to_owned(), parse_value(value)));
        Ok(())
    }

    /// Adds the values of an `--input-file`.
    pub fn read_file(&mut self, path: &Path) -> Result<(), AuditError> {
        let name = path.display().to_string();
        let refuse = |why: String| AuditError::InputFile { file: name.clone(), why };
        if !has_extension(path) {
            return Err(refuse("its name ends neither in .yml nor in .yaml".into()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
        self.add_file(&name, &text)
    }

    /// Adds the values of an `--input-file` that has been read: a YAML or JSON mapping of names to values.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), AuditError> {
        match crate::yaml::parse(text, Dates::Text)
            .map_err(|why| AuditError::InputFile { file: name.to_owned(), why })?
        {
            Json::Null => Ok(()),
            Json::Object(map) => {
                self.files.extend(map);
                Ok(())
            }
            _ => Err(AuditError::InputFile {
                file: name.to_owned(),
                why: "it is not a mapping of input names to values".into(),
            }),
        }
    }
}

fn has_extension(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("yml") || extension.eq_ignore_ascii_case("yaml"))
}

/// A value as the command line gives it: booleans, numbers and `[…]`/`{…}` are what they look like, the rest is text.
fn parse_value(text: &str) -> Json {
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Json::Bool(text.eq_ignore_ascii_case("true"));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if is_number(digits)
        && let Ok(int) = text.parse::<i64>()
    {
        return int.into();
    }
    if let Some((whole, fraction)) = digits.split_once('.')
        && is_number(whole)
        && is_number(fraction)
        && let Some(number) = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64)
    {
        return Json::Number(number);
    }
    let bracketed = (text.starts_with('[') || text.starts_with('{')) && (text.ends_with(']') || text.ends_with('}'));
    if bracketed && let Ok(value) = crate::yaml::parse(text, Dates::Text) {
        return value;
    }
    Json::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{GivenInputs, parse_value};

    #[test]
    fn values_are_what_they_look_like() {
        for (text, value) in [
            ("42", json!(42)),
            ("-3.50", json!(-3.5)),
            ("True", json!(true)),
            ("1e3", json!("1e3")),
            ("a=b,", json!("a=b")),
            ("[1, two, {k: v}]", json!([1, "two", {"k": "v"}])),
            ("{\"x\": null}", json!({"x": null})),
            ("[broken", json!("[broken")),
            ("", json!("")),
        ] {
            assert_eq!(parse_value(text), value, "{text}");
        }
    }

    #[test]
    fn a_pair_needs_a_value_and_a_file_a_mapping() {
        let mut given = GivenInputs::default();
        let error = given.add_pair("inputs.yml").unwrap_err().to_string();
        assert!(error.contains("--input-file"), "{error}");
        let error = given.add_pair("=1").unwrap_err().to_string();
        assert!(error.contains("has no name"), "{error}");
        let error = given.add_file("inputs.yml", "- a\n").unwrap_err().to_string();
        assert!(error.contains("inputs.yml") && error.contains("mapping"), "{error}");
        given.add_pair("x=a=b").unwrap();
        assert_eq!(given.command_line, [("x".to_owned(), json!("a=b"))]);
    }
}
