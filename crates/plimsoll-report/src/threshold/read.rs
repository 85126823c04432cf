//! From a document to a threshold.
//!
//! Every limit has a path, e.g. `failed.critical.max`. The nested form spells it in levels, the flat form in one key with
//! dots; here both come down to setting the limit at a path.

use super::document::{self, Node, Value};
use super::{Limits, Threshold, ThresholdError};
use crate::status::{ControlStatus, Severity};

const STATUS_KEYS: &str = "passed, failed, skipped, no_impact, error";

pub(super) fn threshold(text: &str, origin: &str) -> Result<Threshold, ThresholdError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at = |(line, problem)| ThresholdError::Form { origin: origin.to_owned(), line, problem };
    let empty = || ThresholdError::Empty { origin: origin.to_owned() };

    let root = document::parse(text).map_err(at)?.ok_or_else(empty)?;
    let mut threshold = Threshold::unlimited(origin);
    match &root.value {
        Value::Map(entries) => {
            for entry in entries {
                let path: Vec<&str> = entry.key.split('.').collect();
                set(&mut threshold, &path, entry.line, &entry.node).map_err(at)?;
            }
        }
        Value::Scalar { text, plain: true } if document::is_null(text) => return Err(empty()),
        _ => return Err(at((root.line, format!("a threshold is a map of limits, this is {}", root.kind())))),
    }
    if threshold.is_unlimited() { Err(empty()) } else { Ok(threshold) }
}

/// Sets what `node` says about `path`.
fn set(threshold: &mut Threshold, path: &[&str], line: usize, node: &Node) -> Result<(), document::Problem> {
    let status = path.first().and_then(|key| ControlStatus::from_key(key));
    let severity = path.get(1).and_then(|key| Severity::from_key(key));
    match (path, status, severity) {
        // Only of this form, so far; a later one must not be misread as this.
        (["version"], ..) => match number(path, node)? {
            1.0 => Ok(()),
            _ => Err((line, "only version 1 of the threshold form is known".to_owned())),
        },
        (["compliance", bound @ ("min" | "max")], ..) => {
            let percent = number(path, node)?;
            if percent > 100.0 {
                return Err((node.line, format!("`{}` is a percentage, {percent} is above 100", path.join("."))));
            }
            set_once(limit(&mut threshold.compliance, bound), path, line, percent)
        }
        (["compliance"], ..) | ([_], Some(_), _) | ([_, _], Some(_), Some(_)) => children(threshold, path, node),
        ([_, "total"], Some(status), _) => match &node.value {
            Value::Map(_) => children(threshold, path, node),
            _ => set_once(&mut threshold.status_mut(status).exactly, path, line, number(path, node)?),
        },
        ([_, "total", bound @ ("min" | "max")], Some(status), _) => {
            let count = number(path, node)?;
            set_once(limit(&mut threshold.status_mut(status).total, bound), path, line, count)
        }
        ([_, _, bound @ ("min" | "max")], Some(status), Some(severity)) => {
            let count = number(path, node)?;
            let limits = &mut threshold.status_mut(status).severity_mut(severity).count;
            set_once(limit(limits, bound), path, line, count)
        }
        ([_, _, "controls"], Some(status), Some(severity)) => {
            let ids = control_ids(path, node)?;
            set_once(&mut threshold.status_mut(status).severity_mut(severity).controls, path, line, ids)
        }
        // `x: &limits {…}` is how YAML keeps something to be used elsewhere.
        ([_], None, _) if node.is_referred_to => Ok(()),
        _ => Err((line, unknown(path))),
    }
}

fn children(threshold: &mut Threshold, path: &[&str], node: &Node) -> Result<(), document::Problem> {
    let Value::Map(entries) = &node.value else {
        let problem = format!("`{}` needs a map of limits, here it gets {}", path.join("."), node.kind());
        return Err((node.line, problem));
    };
    for entry in entries {
        let path: Vec<&str> = path.iter().copied().chain([entry.key.as_str()]).collect();
        set(threshold, &path, entry.line, &entry.node)?;
    }
    Ok(())
}

fn limit<'a>(limits: &'a mut Limits, bound: &str) -> &'a mut Option<f64> {
    if bound == "min" { &mut limits.min } else { &mut limits.max }
}

/// The nested and the flat form of one limit can stand in one file, but not say two things.
fn set_once<T>(place: &mut Option<T>, path: &[&str], line: usize, value: T) -> Result<(), document::Problem> {
    if place.is_some() {
        return Err((line, format!("`{}` is set a second time", path.join("."))));
    }
    *place = Some(value);
    Ok(())
}

fn number(path: &[&str], node: &Node) -> Result<f64, document::Problem> {
    let key = path.join(".");
    let Value::Scalar { text, .. } = &node.value else {
        return Err((node.line, format!("`{key}` needs a number, here it gets {}", node.kind())));
    };
    match parse_number(text) {
        Some(value) if value < 0.0 => Err((node.line, format!("`{key}` needs a number of 0 or more, not {text}"))),
        Some(value) => Ok(value),
        None if document::is_null(text) => Err((node.line, format!("`{key}` needs a number, here it gets nothing"))),
        None => Err((node.line, format!("`{key}` needs a number, not `{text}`"))),
    }
}

/// A finite number in YAML's notations: decimal, `0x`, `0o`. Leading zeros are decimal.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).ok().map(f64::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u32::from_str_radix(digits, 8).ok().map(f64::from);
    }
    // Rust reads `inf` and `nan` too, which limit nothing.
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|value: &f64| is_decimal && value.is_finite())
}

fn control_ids(path: &[&str], node: &Node) -> Result<Vec<String>, document::Problem> {
    let key = path.join(".");
    let Value::List(items) = &node.value else {
        return Err((node.line, format!("`{key}` needs a list of control ids, here it gets {}", node.kind())));
    };
    let id = |item: &Node| match &item.value {
        Value::Scalar { text, plain } if !(*plain && document::is_null(text)) => Ok(text.clone()),
        _ => Err((item.line, format!("`{key}` needs control ids, here it gets {}", item.kind()))),
    };
    items.iter().map(|item| id(item)).collect()
}

/// What to say about a key that means nothing: the first part that is wrong, and what could stand there.
fn unknown(path: &[&str]) -> String {
    let key = path.join(".");
    let knows_status = path.first().is_some_and(|key| ControlStatus::from_key(key).is_some());
    let knows_severity = path.get(1).is_some_and(|key| Severity::from_key(key).is_some());
    match path {
        [] | [_] => format!("unknown key `{key}`; known are compliance, {STATUS_KEYS}"),
        ["compliance", ..] => format!("unknown key `{key}`; `compliance` has min and max"),
        [first, ..] if !knows_status => format!("unknown key `{first}`; known are compliance, {STATUS_KEYS}"),
        [_, "total", ..] => format!("unknown key `{key}`; `total` has min and max, or is a number"),
        [status, ..] if !knows_severity => {
            format!("unknown key `{key}`; `{status}` has total, critical, high, medium, low and none")
        }
        [_, severity, ..] => format!("unknown key `{key}`; `{severity}` has min, max and controls"),
    }
}

#[cfg(test)]
mod tests {
    use super::threshold;
    use crate::threshold::Threshold;

    fn message(text: &str) -> String {
        threshold(text, "t.yml").expect_err(text).to_string()
    }

    #[test]
    fn errors_name_the_line_and_what_is_expected() {
        let cases = [
            ("compliance:\n  min: 80\nfaild:\n  total: 0\n", "t.yml:3: unknown key `faild`; known are compliance,"),
            ("failed:\n  hihg:\n    max: 0\n", "t.yml:2: unknown key `failed.hihg`; `failed` has total, critical,"),
            ("failed:\n  high:\n    MAX: 0\n", "t.yml:3: unknown key `failed.high.MAX`; `high` has min, max"),
            ("failed:\n  total:\n    max: 10%\n", "t.yml:3: `failed.total.max` needs a number, not `10%`"),
            ("compliance: {min: 101}", "t.yml:1: `compliance.min` is a percentage, 101 is above 100"),
            ("compliance:\n  min: 1\ncompliance.min: 2\n", "t.yml:3: `compliance.min` is set a second time"),
            ("failed.total: 1\nfailed.total: 2\n", "t.yml:2: the key `failed.total` stands here a second time"),
            ("version: 2\ncompliance.min: 2\n", "t.yml:1: only version 1"),
            ("# nothing\n", "t.yml: sets no limit"),
            ("compliance: {}\n", "t.yml: sets no limit"),
        ];
        for (text, expected) in cases {
            assert!(message(text).starts_with(expected), "{text:?} gives {}", message(text));
        }
    }

    #[test]
    fn flat_and_nested_form_mean_the_same() {
        let nested = threshold("failed:\n  total: {min: 1, max: 2}\n  high: {max: 0}\n", "t").unwrap();
        let flat = threshold("failed.total.min: 1\nfailed.total.max: 2\nfailed.high.max: 0\n", "t").unwrap();
        let mixed = threshold("failed:\n  total: {min: 1, max: 2}\nfailed.high.max: 0\n", "t").unwrap();
        assert_eq!(nested, flat);
        assert_eq!(nested, mixed);
        assert_ne!(nested, Threshold { origin: "t".into(), ..Threshold::default() });
    }
}
