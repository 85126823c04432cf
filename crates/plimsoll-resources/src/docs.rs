//! The pages of resources for users, in Markdown: the doc comment of a resource's file, then what it answers.

use std::fmt::Write as _;

use plimsoll_ruby::Def;

use crate::declare::ResourceDef;
use crate::resources::{self, removed, unsupported};

/// What every line of a file's doc comment begins with.
const MARK: &[u8] = b"//!";

/// How many bytes the doc comment at the beginning of a file has.
pub(crate) const fn length(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut at = 0;
    while begins_with_mark(bytes, at) {
        while at < bytes.len() && bytes[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    at
}

const fn begins_with_mark(bytes: &[u8], at: usize) -> bool {
    at + MARK.len() <= bytes.len() && bytes[at] == MARK[0] && bytes[at + 1] == MARK[1] && bytes[at + 2] == MARK[2]
}

/// The doc comment at the beginning of a file.
pub(crate) const fn comment<const LENGTH: usize>(source: &str) -> [u8; LENGTH] {
    let bytes = source.as_bytes();
    let mut comment = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        comment[at] = bytes[at];
        at += 1;
    }
    comment
}

/// The names of all resources, in alphabetical order, with a line on each.
pub fn names() -> Vec<(&'static str, &'static str)> {
    let of = |def: &'static ResourceDef| {
        std::iter::once(def.name).chain(def.aliases.iter().copied()).map(|name| (name, def.doc))
    };
    let mut names: Vec<_> = all().flat_map(|(def, _)| of(def)).collect();
    names.sort_unstable();
    names
}

/// These names as text, a line on each.
pub fn list() -> String {
    let mut list = String::new();
    for (name, line) in names() {
        let _ = writeln!(list, "{name:<24} {line}");
    }
    list
}

/// The page of a resource, in Markdown; `None` when there is no such resource.
pub fn page(name: &str) -> Option<String> {
    let (def, page) = all().find(|(def, _)| def.name == name || def.aliases.contains(&name))?;
    let mut text = format!("# {}\n\n{}\n", def.name, def.doc);
    if !def.aliases.is_empty() {
        let _ = write!(text, "\nAlso called `{}`.\n", def.aliases.join("`, `"));
    }
    if !page.is_empty() {
        let _ = write!(text, "\n{page}\n");
    }
    let methods = methods(def);
    let (matchers, properties): (Vec<&Def>, Vec<&Def>) =
        methods.into_iter().partition(|method| method.name.ends_with('?'));
    table(&mut text, "Matchers", &matchers, matcher);
    table(&mut text, "Properties", &properties, str::to_owned);
    Some(text)
}

/// All pages, one after the other, below a list of them.
pub fn reference() -> String {
    let mut text = "# Resources\n\n".to_owned();
    for (name, line) in names() {
        let _ = writeln!(text, "- `{name}`: {line}");
    }
    let mut names: Vec<_> = all().map(|(def, _)| def.name).collect();
    names.sort_unstable();
    for page in names.into_iter().filter_map(page) {
        // The pages are chapters of this one.
        let _ = write!(text, "\n{}", page.replace("\n## ", "\n### ").replacen("# ", "## ", 1));
    }
    text
}

/// Every resource with the text of its file's doc comment.
fn all() -> impl Iterator<Item = (&'static ResourceDef, String)> {
    let listed = resources::ALL.iter().map(|listed| (listed.def, text(listed.page)));
    let without = removed::ALL.iter().chain(unsupported::ALL).map(|def| (def, String::new()));
    listed.chain(without)
}

/// A doc comment without its marks.
fn text(comment: &[u8]) -> String {
    let comment = String::from_utf8_lossy(comment);
    let lines = comment.lines().map(|line| line.trim_start_matches("//!"));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// What it answers, with what it inherits; a resource's own stands before its parent's.
fn methods(def: &'static ResourceDef) -> Vec<&'static Def> {
    let mut methods: Vec<&Def> = Vec::new();
    let mut at = Some(def);
    while let Some(def) = at {
        for method in def.methods {
            let is_inner = matches!(method.name, "method_missing" | "to_s" | "inspect" | "resource_id");
            if !is_inner && !methods.iter().any(|known| known.name == method.name) {
                methods.push(method);
            }
        }
        at = def.parent.and_then(|class| resources::ALL.iter().map(|listed| listed.def).find(|def| def.class == class));
    }
    methods
}

fn table(text: &mut String, title: &str, methods: &[&Def], shown: impl Fn(&str) -> String) {
    if methods.is_empty() {
        return;
    }
    let _ = write!(text, "\n## {title}\n\n| | |\n|---|---|\n");
    for method in methods {
        let _ = writeln!(text, "| `{}` | {} |", shown(method.name), method.doc.replace('|', "\\|"));
    }
}

/// What a profile writes for a method that ends in a question mark.
fn matcher(method: &str) -> String {
    let name = method.trim_end_matches('?');
    match name.strip_prefix("has_") {
        Some(rest) => format!("have_{rest}"),
        None if matches!(name, "exist" | "exists") => "exist".to_owned(),
        None => format!("be_{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_has_a_page_that_names_it_and_shows_its_use() {
        let refused: Vec<&str> = removed::ALL.iter().chain(unsupported::ALL).map(|def| def.name).collect();
        let mut without = Vec::new();
        for (def, text) in all().filter(|(def, _)| !refused.contains(&def.name)) {
            let names_it = text.contains(&format!("`{}`", def.name)) || text.contains(&format!("{}(", def.name));
            if !names_it || !text.contains("```ruby\n") {
                without.push(def.name);
            }
        }
        assert!(without.is_empty(), "{without:?}");
        assert!(names().iter().all(|(name, line)| page(name).is_some() && line.ends_with('.')));
    }

    #[test]
    fn a_page_has_what_the_comment_says_and_what_the_resource_answers() {
        let page = page("directory").unwrap();
        assert!(page.starts_with("# directory\n\nA directory"), "{page}");
        assert!(page.contains("\n`file` and `directory`: what is at a path.\n"), "{page}");
        assert!(page.contains("describe file('/etc/shadow') do\n  it { should be_file }\n"), "{page}");
        assert!(page.contains("| `be_owned_by` |") && page.contains("| `mode` | Its permission bits. |"), "{page}");
        assert_eq!(page.matches("| `exist` |").count(), 1);
        assert!(!page.contains("to_s") && !page.contains("//!"));
        assert!(super::page("ip6tables").unwrap().contains("have_rule"));
        assert_eq!(super::page("no_such_resource"), None);
    }

    #[test]
    fn the_reference_has_all_of_them() {
        let reference = reference();
        assert!(reference.starts_with("# Resources\n\n- `aide_conf`: "));
        assert!(reference.contains("\n## windows_task\n") && reference.contains("\n### Matchers\n"));
    }
}
