//! The pages of resources for users, in Markdown: the doc comment of a resource's file, then what it answers.

use std::fmt::Write as _;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use plimsoll_ruby::{Def, Interp, Limits, NoHost};
use plimsoll_target::MemoryTarget;

use crate::declare::ResourceDef;
use crate::filter_table::{AllDescribed, Described};
use crate::resources::{self, removed, unsupported};
use crate::{Backend, ResourceSet};

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
    let tables = tables(def);
    let own_table = tables.iter().find(|table| table.given_by.is_none());
    let further = own_table.map_or(&[][..], |table| &table.properties[..]);
    let own = methods(def).into_iter().map(Answer::of);
    answers(&mut text, "", own.chain(further.iter().copied().map(Answer::plain)));
    for (at, table) in tables.iter().filter(|table| !table.columns.is_empty()).enumerate() {
        columns(&mut text, table, at == 0);
        let of = table.given_by.map(|property| format!(" of `{property}`"));
        if let Some(of) = of {
            answers(&mut text, &of, table.properties.iter().copied().map(Answer::plain));
        }
    }
    for part in def.parts {
        let shown = part.methods.iter().filter(|method| !is_inner(method.name));
        answers(&mut text, &format!(" of `{}`", part.by), shown.map(Answer::of));
    }
    Some(text)
}

/// What every resource has by name, with its tables.
static TABLES: LazyLock<HashMap<&'static str, Vec<Described>>> = LazyLock::new(|| {
    let vm = Interp::new(Rc::new(NoHost), Limits::default());
    let described = Rc::new(AllDescribed(RefCell::default()));
    vm.set_extension(Rc::clone(&described));
    let mut tables = HashMap::new();
    crate::install_each(&vm, Backend::new(Arc::new(MemoryTarget::new())), |vm: &Interp, set: &ResourceSet, def| {
        crate::declare::install(vm, set, def);
        let of_this = std::mem::take(&mut *described.0.borrow_mut());
        if !of_this.is_empty() {
            tables.insert(def.class, of_this);
        }
    });
    tables
});

/// The tables that a resource is or gives, those of its parents too.
fn tables(def: &'static ResourceDef) -> Vec<&'static Described> {
    lineage(def).filter_map(|def| TABLES.get(def.class)).flatten().collect()
}

/// A resource and what it inherits from.
fn lineage(def: &'static ResourceDef) -> impl Iterator<Item = &'static ResourceDef> {
    let named = |class: &str| resources::ALL.iter().map(|listed| listed.def).find(|def| def.class == class);
    std::iter::successors(Some(def), move |def| def.parent.and_then(named))
}

/// What all resources have in common.
const PRINCIPLES: &str = "\
A resource is made by its name, in a control: `describe file('/etc/passwd')`. Its properties are asked with `its('mode')`, its \
matchers with `it { should exist }`.

Facts come from the target's files where they can; commands are run where a resource's page says so. What is not there is \
absent: a package is not installed, a configuration file skips its tests. What can't be looked at is never taken for absent: \
the test fails, or is skipped, and tells why.";

/// All pages, one after the other, below a list of them.
pub fn reference() -> String {
    let mut text = format!("# Resources\n\n{PRINCIPLES}\n\n");
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
    for method in lineage(def).flat_map(|def| def.methods) {
        if !is_inner(method.name) && !methods.iter().any(|known| known.name == method.name) {
            methods.push(method);
        }
    }
    methods
}

/// Whether a method is none that a profile names.
fn is_inner(name: &str) -> bool {
    matches!(name, "method_missing" | "to_s" | "inspect" | "resource_id")
}

/// A matcher or property, as a page shows it.
struct Answer {
    name: &'static str,
    /// Whether it must be given something.
    takes: bool,
    doc: &'static str,
}

impl Answer {
    fn of(method: &'static Def) -> Self {
        // What a matcher of two things and more is asked stands in a chain: `be_readable.by('owner')`.
        let chained = method.min > 1 && method.name.ends_with('?') && !method.name.starts_with("has_");
        Self { name: method.name, takes: method.min > 0 && !chained, doc: method.doc }
    }

    fn plain((name, doc): (&'static str, &'static str)) -> Self {
        Self { name, takes: false, doc }
    }

    fn row(&self, shown: fn(&str) -> String) -> String {
        let given = if self.takes { "(…)" } else { "" };
        format!("| `{}{given}` | {} |", shown(self.name), self.doc.replace('|', "\\|"))
    }
}

/// Matchers and properties, each with what it tells.
fn answers(text: &mut String, of: &str, all: impl Iterator<Item = Answer>) {
    let (matchers, properties): (Vec<_>, Vec<_>) = all.partition(|answer| answer.name.ends_with('?'));
    let rows = |all: Vec<Answer>, shown| all.iter().map(|answer| answer.row(shown)).collect();
    table(text, &format!("Matchers{of}"), "", ["matcher", "holds"], rows(matchers, matcher));
    table(text, &format!("Properties{of}"), "", ["property", "gives"], rows(properties, str::to_owned));
}

/// The columns of a table, and how they are used.
fn columns(text: &mut String, described: &Described, with_use: bool) {
    let Some(first) = described.columns.first() else { return };
    let of = described.given_by.map_or_else(String::new, |property| format!(" of `{property}`"));
    let field = first.field;
    let use_ = format!(
        "A column gives a field of all rows, `where({field}: …)` and `where {{ {field} == … }}` choose rows. `entries` are the \
         rows, `count` tells how many there are; `exist` holds where there is one.\n\n"
    );
    let row = |column: &crate::filter_table::Column| {
        let note = if column.simple { ", each value once" } else { "" };
        format!("| `{}` | `{}`{note} |", column.name, column.field)
    };
    let use_ = if with_use { use_.as_str() } else { "" };
    table(text, &format!("Columns{of}"), use_, ["column", "field"], described.columns.iter().map(row).collect());
}

fn table(text: &mut String, title: &str, intro: &str, [left, right]: [&str; 2], rows: Vec<String>) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(text, "\n## {title}\n\n{intro}| {left} | {right} |\n|---|---|\n");
    for row in rows {
        let _ = writeln!(text, "{row}");
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
        assert!(page.contains("| `be_owned_by(…)` |") && page.contains("| `mode` | Its permission bits. |"), "{page}");
        assert_eq!(page.matches("| `exist` |").count(), 1);
        assert!(!page.contains("to_s") && !page.contains("//!"));
        assert!(super::page("ip6tables").unwrap().contains("have_rule"));
        assert_eq!(super::page("no_such_resource"), None);
    }

    #[test]
    fn a_page_has_the_columns_of_tables_and_what_the_objects_answer_that_it_gives() {
        let port = page("port").unwrap();
        assert!(
            port.contains("\n## Columns\n\n") && port.contains("\n| `ports` | `port`, each value once |\n"),
            "{port}"
        );
        assert!(port.contains("| `be_listening` | Whether something listens. |"), "{port}");
        let docker = page("docker").unwrap();
        assert!(docker.contains("\n## Columns of `images`\n") && docker.contains("\n| `tags` | `tag` |\n"), "{docker}");
        assert!(docker.contains("\n## Matchers of `containers`\n\n"), "{docker}");
        let deny = page("etc_hosts_deny").unwrap();
        assert!(deny.contains("| `client_list` | `client_list` |"), "{deny}");
        let yum = page("yum").unwrap();
        assert!(yum.contains("\n## Properties of `repo('NAME')`\n") && yum.contains("| `baseurl` |"), "{yum}");
        let tables = ["users", "groups", "packages", "processes", "mount", "passwd", "shadow", "auditd", "crontab"];
        let without: Vec<_> = tables.iter().filter(|name| !page(name).unwrap().contains("\n## Columns\n")).collect();
        assert_eq!(without, [&"mount"], "only mount is no table");
    }

    #[test]
    fn the_reference_has_all_of_them() {
        let reference = reference();
        assert!(reference.starts_with("# Resources\n\nA resource is made by its name"));
        assert!(reference.contains("\n\n- `aide_conf`: What AIDE checks.\n"));
        assert!(reference.contains("\n## windows_task\n") && reference.contains("\n### Matchers\n"));
    }
}
