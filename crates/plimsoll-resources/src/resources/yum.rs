//! `yum`: the repositories of yum and dnf.
//!
//! ```ruby
//! describe yum do
//!   its('repos') { should include 'baseos/9/x86_64' }
//! end
//! describe yum.repo('epel') do
//!   it { should exist }
//!   it { should be_enabled }
//!   its('baseurl') { should match(/internal/) }
//! end
//! ```
//!
//! `yum -v repolist all` is asked.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RHash, RObject, Res, Value, def};
use regex::bytes::Regex;

use crate::declare::{Given, ResourceDef};
use crate::doubt;
use crate::text;
use crate::tool;

/// One repository: what `yum` tells of it, nothing when it has none of that name.
struct Repo {
    name: Value,
    info: Rc<RHash>,
}

pub(crate) const YUM: ResourceDef = ResourceDef {
    name: "yum",
    class: "Yum",
    doc: "The repositories of yum and dnf.",
    methods: METHODS,
    setup: Some(repo_class),
    parts: &[Given { by: "repo('NAME')", methods: REPO_METHODS }],
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def(
        "repositories",
        0,
        0,
        |vm, _, _| Ok(Value::array(repositories(vm)?.into_iter().map(Value::Hash).collect())),
        "All, as Hashes.",
    ),
    def("repos", 0, 0, repos, "Their names."),
    def("repo", 1, 1, |vm, _, args| repo(vm, &args[0]), "One of them, by its whole name or the part before the slash."),
    def("method_missing", 1, 1, |vm, _, args| repo(vm, &Value::Str(vm.to_s(&args[0])?)), "The same by its name."),
    def("resource_id", 0, 0, |_, _, _| Ok(Value::str("Yum repository")), "Its title."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Yum Repository")), "Its title."),
];

const REPO_METHODS: &[Def] = &[
    def("info", 0, 0, |vm, this, _| Ok(Value::Hash(Rc::clone(&of(vm, this)?.info))), "All that is known of it."),
    def("exist?", 0, 0, |vm, this, _| Ok((!of(vm, this)?.info.is_empty()).into()), "Whether it is there."),
    def(
        "enabled?",
        0,
        0,
        |vm, this, _| Ok(vm.equal(&field(vm, this, "status")?, &Value::str("enabled"))?.into()),
        "Whether it is used.",
    ),
    def("baseurl", 0, 0, |vm, this, _| field(vm, this, "baseurl"), "Where it is."),
    def("expire", 0, 0, |vm, this, _| field(vm, this, "expire"), "How long what is known of it is believed."),
    def("filename", 0, 0, |vm, this, _| field(vm, this, "filename"), "The file that names it."),
    def("mirrors", 0, 0, |vm, this, _| field(vm, this, "mirrors"), "Its mirrors."),
    def("pkgs", 0, 0, |vm, this, _| field(vm, this, "pkgs"), "How many packages it has."),
    def("size", 0, 0, |vm, this, _| field(vm, this, "size"), "Its size."),
    def("status", 0, 0, |vm, this, _| field(vm, this, "status"), "`enabled` or `disabled`."),
    def("updated", 0, 0, |vm, this, _| field(vm, this, "updated"), "When it was last changed."),
    def("to_s", 0, 0, repo_to_s, "Its title."),
];

fn repo_class(vm: &Interp, _: &Rc<RClass>) {
    let class = vm.define_class(&vm.class_named("Inspec::Resources"), "YumRepo", &vm.c.object);
    vm.define(&class, REPO_METHODS);
}

const LIST: &[u8] = b"yum -v repolist all";

/// `Repo-KEY : VALUE`, until an empty line or the total.
fn repositories(vm: &Interp) -> Res<Vec<Rc<RHash>>> {
    let pattern = |pattern: &str| Regex::new(pattern).expect("the pattern is written here");
    let (begins, pair) = (pattern(r"(?-u)^\s*Repo-id\s*:\s*(.*)\b"), pattern(r"(?-u)^\s*([^:]*?)\s*:\s*(.*?)\s*$"));
    let output = tool::run(vm, LIST)?;
    // Without yum there are no repositories of it.
    if ![0, tool::NOT_FOUND].contains(&output.exit_status) {
        let (line, error) = (text::lossy(LIST), text::lossy(text::strip(&output.stderr)));
        doubt::taken_for(vm, &format!("Can't tell the repositories: `{line}` says: {error}"), ())?;
    }
    let mut repositories = Vec::new();
    let mut open: Option<Rc<RHash>> = None;
    for line in output.stdout.split(|b| *b == b'\n') {
        if begins.is_match(line) && open.is_none() {
            open = Some(RHash::new());
        }
        if line.is_empty() || text::find(line, b"Total packages:").is_some() {
            repositories.extend(open.take());
        }
        let (Some(repository), Some(found)) = (&open, pair.captures(line)) else { continue };
        let key = text::lossy(&found[1]).replace("Repo-", "").to_lowercase();
        vm.hash_set(repository, Value::str(key), Value::bytes(&found[2]))?;
    }
    repositories.extend(open);
    Ok(repositories)
}

fn repos(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let id = |repository: Rc<RHash>| vm.hash_fetch(&repository, &Value::str("id"));
    Ok(Value::array(repositories(vm)?.into_iter().map(id).collect::<Res<Vec<_>>>()?))
}

fn repo(vm: &Interp, name: &Value) -> Res {
    let wanted = vm.to_s(name)?.to_vec();
    let mut info = RHash::new();
    for repository in repositories(vm)? {
        let id = vm.to_s(&vm.hash_fetch(&repository, &Value::str("id"))?)?.to_vec();
        let short = id.iter().position(|b| *b == b'/').map(|at| text::strip(&id[..at]));
        if id == wanted || short == Some(wanted.as_slice()) {
            info = repository;
            break;
        }
    }
    let class = vm.class_named("Inspec::Resources::YumRepo");
    Ok(RObject::with_native(class, Repo { name: name.clone(), info }).into())
}

fn of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Repo> {
    this.native::<Repo>().ok_or_else(|| vm.type_error("not a repository"))
}

fn field(vm: &Interp, this: &Value, name: &str) -> Res {
    vm.hash_fetch(&of(vm, this)?.info, &Value::str(name))
}

fn repo_to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = vm.to_s(&of(vm, this)?.name)?;
    Ok(Value::bytes([b"YumRepo ".as_slice(), &name.bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const PRINTED: &str = "Loaded plugins: x\nRepo-id : base/9/x86_64\nRepo-status : enabled\nRepo-baseurl : https://r/9/\n\n\
        Repo-id : extras\nRepo-status : disabled\nTotal packages: 7\n";

    #[test]
    fn present_and_absent_repositories_are_told_apart() {
        let audit = Audit::debian(MemoryTarget::new().command("yum -v repolist all", PRINTED, "", 0));
        let yum = audit.the("yum");
        assert_eq!(audit.get(&yum, "repos"), r#"["base/9/x86_64", "extras"]"#);
        let base = audit.vm.send(&yum, "repo", &[Value::str("base")]).unwrap();
        assert_eq!((audit.get(&base, "exist?"), audit.get(&base, "enabled?")), ("true".into(), "true".into()));
        assert_eq!(
            (audit.get(&base, "baseurl"), audit.get(&base, "mirrors")),
            (r#""https://r/9/""#.into(), "nil".into())
        );
        assert_eq!(audit.get(&base, "to_s"), r#""YumRepo base""#);
        let extras = audit.vm.send(&yum, "extras", &[]).unwrap();
        assert_eq!(audit.get(&extras, "enabled?"), "false");
        let ghost = audit.vm.send(&yum, "repo", &[Value::str("ghost")]).unwrap();
        assert_eq!((audit.get(&ghost, "exist?"), audit.get(&ghost, "enabled?")), ("false".into(), "false".into()));
    }

    #[test]
    fn with_an_absent_yum_there_are_none_and_with_an_unreadable_one_it_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        assert_eq!(audit.get(&audit.the("yum"), "repos"), "[]");
        let there = MemoryTarget::new().without_shell("none").file_with("/usr/bin/yum", "", 0o755, 0, 0);
        let audit = Audit::debian(there);
        assert!(audit.get(&audit.the("yum"), "repos").contains("Command `yum -v repolist all` has no result"));
        let line = "yum -v repolist all";
        let broken = Audit::debian(MemoryTarget::new().command(line, "", "Error: Failed to open /etc/yum.conf\n", 1));
        let told = broken.get(&broken.the("yum"), "repos");
        assert!(told.ends_with("`yum -v repolist all` says: Error: Failed to open /etc/yum.conf"), "{told}");
    }

    #[test]
    fn malformed_lines_are_no_repositories() {
        let printed = "Repo-status : enabled\nodd\nRepo-id : a\nodd\n: x\n";
        let audit = Audit::debian(MemoryTarget::new().command("yum -v repolist all", printed, "", 0));
        let yum = audit.the("yum");
        assert_eq!(audit.get(&yum, "repositories"), r#"[{"id" => "a", "" => "x"}]"#);
    }
}
