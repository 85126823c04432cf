//! `docs/compatibility.md` lists the known differences by their reasons.

use std::fmt::Write;
use std::path::Path;

use libtest_mimic::Trial;

use crate::known::{Kind, Known};
use crate::suite::Suite;

const PAGE: &str = "../../docs/compatibility.md";
const BEGIN: &str = "<!-- differences: written by the conformance test, which tells what belongs here -->\n";
const END: &str = "<!-- end of differences -->";

/// A test that the page lists what the lists of known differences do.
pub(crate) fn lists_the_differences(suites: &[Suite]) -> Trial {
    let wanted = section(&suites.iter().map(Suite::known).collect::<Vec<_>>());
    Trial::test("compatibility_page_lists_the_differences", move || {
        let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE))?;
        let listed = page.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(listed, _)| listed);
        match listed {
            Some(listed) if listed == wanted => Ok(()),
            Some(_) => Err(format!("docs/compatibility.md should list:\n{BEGIN}{wanted}{END}").into()),
            None => Err(format!("docs/compatibility.md has no section between `{BEGIN}` and `{END}`").into()),
        }
    })
}

/// Reasons by kind, each with the cases that show it.
fn section(lists: &[Known]) -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        let mut reasons: Vec<(&str, Vec<&str>, usize)> = Vec::new();
        for (case, reason) in lists.iter().flat_map(|known| known.reasons(kind)) {
            let at = reasons.iter().position(|(known, ..)| *known == reason).unwrap_or_else(|| {
                reasons.push((reason, Vec::new(), 0));
                reasons.len() - 1
            });
            let (_, cases, count) = &mut reasons[at];
            *count += 1;
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
        if reasons.is_empty() {
            continue;
        }
        // Writing to a String does not fail.
        let _ = writeln!(text, "\n### {}\n", kind.heading());
        for (reason, cases, count) in reasons {
            let cases: Vec<String> = cases.iter().map(|case| format!("`{case}`")).collect();
            let _ = writeln!(text, "- {reason} ({count} in {})", cases.join(", "));
        }
    }
    text + "\n"
}
