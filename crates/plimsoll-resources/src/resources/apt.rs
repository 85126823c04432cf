//! `apt` and `ppa`: the repositories that packages of Debian and Ubuntu come from.
//!
//! ```ruby
//! describe apt('http://deb.debian.org/debian') do
//!   it { should exist }
//!   it { should be_enabled }
//! end
//! describe ppa('nginx/stable') do
//!   it { should_not exist }
//! end
//! ```
//!
//! Files below `/etc/apt`: lines of `*.list` and stanzas of `*.sources`. A repository that is commented out exists and is
//! not enabled.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Unwind, Value, def};
use plimsoll_target::{FileError, FileKind};

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::find::{self, Wanted};
use crate::facts::platform::Platform;
use crate::give;
use crate::text;

struct Repository {
    name: Option<Vec<u8>>,
    url: Option<Vec<u8>>,
}

pub(crate) const APT: ResourceDef = ResourceDef {
    name: "apt",
    class: "AptRepository",
    doc: "A repository of packages.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const PPA: ResourceDef = ResourceDef {
    name: "ppa",
    class: "PpaRepository",
    parent: Some("AptRepository"),
    doc: "A personal package archive.",
    new: None,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exists?", 0, 0, |vm, this, _| Ok((!states(vm, this)?.is_empty()).into()), "Whether it is listed."),
    def("enabled?", 0, 0, is_enabled, "Whether it is listed and never commented out."),
    def("resource_id", 0, 0, resource_id, "Its URL."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = give::text_arg(vm, args, 0)?;
    let is_debian = Platform::of(&Backend::of(vm))?.in_family("debian");
    let url = if is_debian { name.as_deref().map(url_of) } else { None };
    base::set_state(vm, this, Repository { name, url })?;
    if is_debian {
        return Ok(Value::Nil);
    }
    vm.send(this, "skip_resource", &[Value::str("The `apt` resource is not supported on your OS yet.")])
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Repository>> {
    base::state::<Repository>(vm, this)
}

fn is_url(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"http://").or_else(|| text.strip_prefix(b"https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.iter().any(text::is_space))
}

/// The URL of `OWNER/ARCHIVE`, `ppa:OWNER/ARCHIVE` or a URL.
fn url_of(name: &[u8]) -> Vec<u8> {
    if is_url(name) {
        return name.to_vec();
    }
    let name = name.strip_prefix(b"ppa:").unwrap_or(name);
    let parts = text::split(name, b'/');
    let owner = parts.first().copied().unwrap_or_default();
    let archive = parts.get(1).copied().unwrap_or(b"ppa");
    [b"http://ppa.launchpad.net/".as_slice(), owner, b"/", archive, b"/ubuntu"].concat()
}

/// Whether each mention of the repository is active.
fn states(vm: &Interp, this: &Value) -> Res<Vec<bool>> {
    let repository = of(vm, this)?;
    let Some(url) = &repository.url else { return Ok(Vec::new()) };
    let sources = Backend::of(vm).fact(|backend| sources(vm, backend))?;
    Ok(sources.0.iter().filter(|source| source.url == *url).map(|source| source.is_active).collect())
}

fn is_enabled(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let states = states(vm, this)?;
    Ok((!states.is_empty() && states.iter().all(|active| *active)).into())
}

/// Where binary packages come from.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    url: Vec<u8>,
    is_active: bool,
}

/// All that is listed.
struct Sources(Vec<Source>);

const DIRECTORY: &[u8] = b"/etc/apt";

fn sources(vm: &Interp, backend: &Backend) -> Res<Sources> {
    let mut all = Vec::new();
    match backend.list(DIRECTORY)? {
        Ok(_) => {}
        Err(FileError::NotFound) => return Ok(Sources(all)),
        Err(error) => return Err(unknown(vm, DIRECTORY, &error)),
    }
    for path in find::find(vm, DIRECTORY, Wanted { kind: Some(FileKind::File), depth: None })? {
        let read: fn(&[u8]) -> Vec<Source> = match () {
            () if path.ends_with(b".list") => lines_of,
            () if path.ends_with(b".sources") => stanzas_of,
            () => continue,
        };
        match backend.read(&path)? {
            Ok(content) => all.extend(read(&content)),
            Err(error) => return Err(unknown(vm, &path, &error)),
        }
    }
    Ok(Sources(all))
}

fn unknown(vm: &Interp, path: &[u8], error: &FileError) -> Unwind {
    doubt::unanswered(vm, &format!("Can't tell which repositories there are: {}: {error}", text::lossy(path)))
}

/// `deb [options] URL DISTRIBUTION COMPONENTS…`, perhaps behind `#`.
fn lines_of(content: &[u8]) -> Vec<Source> {
    let source = |line: &[u8]| {
        let uncommented = line.iter().position(|b| *b != b'#' && !b.is_ascii_whitespace()).unwrap_or(line.len());
        let is_active = !line[..uncommented].contains(&b'#');
        let rest = text::strip(&line[uncommented..]);
        let rest = text::strip(rest.strip_prefix(b"deb").filter(|rest| rest.first().is_some_and(text::is_space))?);
        let rest = match rest.strip_prefix(b"[") {
            Some(options) => &options[options.iter().position(|b| *b == b']')? + 1..],
            None => rest,
        };
        let words = text::words(rest);
        let url: Vec<u8> = words.first()?.iter().copied().filter(|b| *b != b'"').collect();
        (words.len() > 2 && is_url(&url)).then_some(Source { url, is_active })
    };
    text::lines(content).into_iter().filter_map(source).collect()
}

/// Stanzas of `Types:`, `URIs:` and, sometimes, `Enabled: no`.
fn stanzas_of(content: &[u8]) -> Vec<Source> {
    let mut all = Vec::new();
    for stanza in text::lines(content).split(|line| text::strip(line).is_empty()) {
        let values = |name: &[u8]| -> Vec<&[u8]> {
            let mut inside = false;
            let mut values = Vec::new();
            for line in stanza.iter().filter(|line| !line.starts_with(b"#")) {
                if let Some(colon) = line.iter().position(|b| *b == b':').filter(|_| !text::is_space(&line[0])) {
                    inside = text::strip(&line[..colon]).eq_ignore_ascii_case(name);
                    if inside {
                        values.extend(text::words(&line[colon + 1..]));
                    }
                } else if inside {
                    values.extend(text::words(line));
                }
            }
            values
        };
        if !values(b"types").contains(&b"deb".as_slice()) {
            continue;
        }
        let is_active = !values(b"enabled").first().is_some_and(|word| word.eq_ignore_ascii_case(b"no"));
        all.extend(values(b"uris").into_iter().map(|url| Source { url: url.to_vec(), is_active }));
    }
    all
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let repository = of(vm, this)?;
    let id = repository.url.as_deref().or(repository.name.as_deref()).unwrap_or(b"apt repository");
    Ok(Value::bytes(id))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let repository = of(vm, this)?;
    Ok(Value::bytes([b"Apt Repository ".as_slice(), repository.url.as_deref().unwrap_or_default()].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const LIST: &str = "deb http://a/debian stable main\n# deb [arch=amd64] \"http://b/debian\" stable main\n\
        deb-src http://c/debian stable main\ndeb cdrom:[x]/ a b\ndeb http://a/debian stable/\n";
    const SOURCES: &str = "# c\nTypes: deb deb-src\nURIs: http://d/debian\n https://e/debian\nSuites: stable\n\n\
        Types: deb\nURIs: http://f/debian\nEnabled: no\n";

    fn audit() -> Audit {
        let target = MemoryTarget::new()
            .file("/etc/apt/sources.list", LIST)
            .file("/etc/apt/sources.list.d/x.sources", SOURCES)
            .file("/etc/apt/sources.list.d/y.list.bak", "deb http://z/ a b\n");
        Audit::debian(target)
    }

    #[test]
    fn present_absent_and_malformed_lines_are_told_apart() {
        let audit = audit();
        let tells = |url: &str| {
            let apt = audit.on("apt", url);
            format!("{} {}", audit.get(&apt, "exists?"), audit.get(&apt, "enabled?"))
        };
        assert_eq!(tells("http://a/debian"), "true true");
        assert_eq!(tells("http://b/debian"), "true false");
        assert_eq!(tells("http://c/debian"), "false false");
        assert_eq!(tells("https://e/debian"), "true true");
        assert_eq!(tells("http://f/debian"), "true false");
        assert_eq!(tells("http://z/"), "false false");
    }

    #[test]
    fn present_and_absent_archives_are_told_apart() {
        let audit = audit();
        let title = |name: &str| audit.get(&audit.on("ppa", name), "to_s");
        assert_eq!(title("ppa:o/a"), r#""Apt Repository http://ppa.launchpad.net/o/a/ubuntu""#);
        assert_eq!(title("o"), r#""Apt Repository http://ppa.launchpad.net/o/ppa/ubuntu""#);
        let list = "deb http://ppa.launchpad.net/o/a/ubuntu jammy main\ndeb http://ppa.launchpad.net/o/b/ubuntu\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/apt/sources.list.d/o.list", list));
        let exists = |name: &str| audit.get(&audit.on("ppa", name), "exists?");
        assert_eq!((exists("ppa:o/a"), exists("o/c")), ("true".into(), "false".into()));
    }

    #[test]
    fn a_malformed_line_lists_no_archive() {
        let list = "deb http://ppa.launchpad.net/o/b/ubuntu\n[deb] http://ppa.launchpad.net/o/b/ubuntu a b\n";
        let audit = Audit::debian(MemoryTarget::new().file("/etc/apt/sources.list", list));
        assert_eq!(audit.get(&audit.on("ppa", "o/b"), "exists?"), "false");
    }

    #[test]
    fn absent_files_list_nothing_and_unreadable_ones_fail() {
        let denied = MemoryTarget::new().file("/etc/apt/sources.list", LIST).denied("/etc/apt/sources.list");
        let audit = Audit::debian(denied);
        let told = audit.get(&audit.on("apt", "http://a/debian"), "exists?");
        assert!(told.starts_with("!Inspec::Exceptions::Unanswered: Can't tell which repositories"), "{told}");
        assert_eq!(audit.get(&audit.on("ppa", "o/a"), "exists?"), told);
        let unlisted = MemoryTarget::new().file("/etc/apt/sources.list.d/a.list", LIST);
        let unlisted = Audit::debian(unlisted.denied("/etc/apt/sources.list.d"));
        let told = unlisted.get(&unlisted.on("apt", "http://a/debian"), "exists?");
        assert!(told.ends_with("Can't look for files in /etc/apt/sources.list.d: permission denied"), "{told}");
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.get(&none.on("apt", "http://a/debian"), "exists?"), "false");
        assert_eq!(none.get(&none.on("ppa", "o/a"), "exists?"), "false");
        let other = Audit::of(MemoryTarget::new());
        assert_eq!(other.why(&other.on("apt", "x")), "skipped: The `apt` resource is not supported on your OS yet.");
    }
}
