//! What a result is about and what was expected of it, in words.

use crate::model::{Control, ControlResult};

/// What InSpec writes before the place of an error in a control's body.
const SOURCE_ERROR: &str = "Control Source Code Error ";

/// How the resource of a result names itself, e.g. `File /etc/passwd`.
///
/// A document read from a file does not say. Then it is what stands before the expectation, up to the resource's id if
/// that is part of it: what follows the id is a property.
pub(super) fn resource_title(result: &ControlResult) -> &str {
    if let Some(title) = &result.resource_title {
        return title;
    }
    let desc = &result.code_desc;
    if let Some(place) = desc.strip_prefix(SOURCE_ERROR) {
        return place.trim_end();
    }
    let before = desc[..expectation_start(desc).unwrap_or(desc.len())].trim_end();
    let id = result.resource_id.as_ref().and_then(|id| id.as_str()).unwrap_or_default();
    match end_of_word(before, id) {
        Some(end) => &before[..end],
        None => before,
    }
}

/// Where `word` ends in `text`, if it stands there between blanks.
fn end_of_word(text: &str, word: &str) -> Option<usize> {
    let is_apart = |start: usize| {
        let end = start + word.len();
        (start == 0 || text[..start].ends_with(' ')) && (end == text.len() || text[end..].starts_with(' '))
    };
    let (start, _) = text.match_indices(word).find(|(start, _)| !word.is_empty() && is_apart(*start))?;
    Some(start + word.len())
}

/// What was expected, without the resource: `mode is expected to cmp == "0644"`.
pub(super) fn expectation(result: &ControlResult) -> &str {
    if let Some(expectation) = &result.expectation {
        return expectation;
    }
    let title = resource_title(result);
    match result.code_desc.strip_prefix(title) {
        Some(rest) if !rest.trim().is_empty() => rest.trim_start(),
        _ => &result.code_desc,
    }
}

/// The headings over an expectation and the expectation itself: `["File /etc/passwd", "mode"]`, `is expected to …`.
pub(super) fn outline(result: &ControlResult) -> (Vec<&str>, &str) {
    let title = resource_title(result);
    if result.code_desc.starts_with(SOURCE_ERROR) {
        return (vec![SOURCE_ERROR.trim_end(), title], "could not be evaluated");
    }
    let expectation = expectation(result);
    match expectation_start(expectation) {
        Some(start) if start > 0 => (vec![title, expectation[..start].trim_end()], &expectation[start..]),
        _ => (vec![title], expectation),
    }
}

fn expectation_start(text: &str) -> Option<usize> {
    ["is expected to", "is expected not to", "should "].iter().filter_map(|phrase| text.find(phrase)).min()
}

/// Whether the control was made for a `describe` that stands outside of every control.
pub(super) fn is_anonymous(control: &Control) -> bool {
    control.id.starts_with("(generated from ")
}

/// `1 failure`, `2 failures`.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Where a control was declared: `controls/ssh.rb:12`.
pub(super) fn location(control: &Control) -> String {
    let file = control.source_location.file.as_deref().unwrap_or("unknown");
    match control.source_location.line {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{expectation, outline, resource_title};
    use crate::model::ControlResult;

    fn result(code_desc: &str, id: &str) -> ControlResult {
        let resource_id = Some(id.into());
        ControlResult { code_desc: code_desc.to_owned(), resource_id, ..ControlResult::default() }
    }

    #[test]
    fn a_title_ends_at_the_resource_id() {
        let cases = [
            ("File /etc/passwd mode is expected to cmp == 1", "/etc/passwd", "File /etc/passwd"),
            ("Package a version is expected to eq 1", "a", "Package a"),
            ("Command: `true` exit_status is expected not to eq 1", "Command: `true`", "Command: `true`"),
            ("1 is expected to eq 1", "", "1"),
            ("no expectation", "", "no expectation"),
            ("Control Source Code Error a.rb:3 ", "a.rb:3", "a.rb:3"),
        ];
        for (code_desc, id, title) in cases {
            assert_eq!(resource_title(&result(code_desc, id)), title, "{code_desc}");
        }
    }

    #[test]
    fn a_given_title_wins() {
        let given = ControlResult { resource_title: Some("A b".into()), ..result("A b c is expected to be 1", "A") };
        assert_eq!(resource_title(&given), "A b");
        assert_eq!(expectation(&given), "c is expected to be 1");
        assert_eq!(outline(&given), (vec!["A b", "c"], "is expected to be 1"));
    }
}
