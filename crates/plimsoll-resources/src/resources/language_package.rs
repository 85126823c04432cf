//! `gem`, `pip`, `npm`, `cpan` and `cran`: packages of Ruby, Python, Node.js, Perl and R.
//!
//! ```ruby
//! describe gem('rake') do
//!   it { should be_installed }
//!   its('version') { should cmp >= '13.0' }
//! end
//! describe pip('jinja2', '/srv/app/venv/bin/pip') do
//!   its('version') { should eq '3.1.2' }
//! end
//! describe npm('tar', path: '/srv/app') do
//!   it { should_not be_installed }
//! end
//! ```
//!
//! What the package manager of the target prints. `gem` takes the program as a second argument (`:chef` stands for Chef's
//! own), `cpan` a directory of modules.

use std::rc::Rc;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, Def, Interp, RHash, Res, Value, def};
use regex::bytes::Regex;

use super::command;
use crate::base;
use crate::config_text;
use crate::config_text::Options;
use crate::declare::ResourceDef;
use crate::doubt::{self, Once};
use crate::give;
use crate::json_text;
use crate::text;
use crate::tool;

/// Whose package it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Gem,
    Pip,
    Npm,
    Cpan,
    Cran,
}

struct Package {
    manager: Manager,
    name: Vec<u8>,
    /// The program, directory or library that was given.
    place: Option<Vec<u8>>,
    info: Once<Rc<RHash>>,
}

pub(crate) const GEM: ResourceDef = ResourceDef {
    name: "gem",
    class: "GemPackage",
    doc: "A package of Ruby.",
    new: Some((1, 2, new_gem)),
    methods: GEM_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const PIP: ResourceDef = ResourceDef {
    name: "pip",
    class: "PipPackage",
    doc: "A package of Python.",
    new: Some((1, 2, |vm, this, args| keep(vm, this, args, Manager::Pip, give::text_arg(vm, args, 1)?))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const NPM: ResourceDef = ResourceDef {
    name: "npm",
    class: "NpmPackage",
    doc: "A package of Node.js.",
    new: Some((1, 2, |vm, this, args| {
        let path = give::text_option(vm, args, 1, "path")?;
        keep(vm, this, args, Manager::Npm, path)
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const CPAN: ResourceDef = ResourceDef {
    name: "cpan",
    class: "CpanPackage",
    doc: "A module of Perl.",
    new: Some((1, 2, |vm, this, args| {
        keep(vm, this, args, Manager::Cpan, give::text_arg(vm, args, 1)?)?;
        needs(vm, this, "perl")
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const CRAN: ResourceDef = ResourceDef {
    name: "cran",
    class: "CranPackage",
    doc: "A package of R.",
    new: Some((1, 1, |vm, this, args| {
        keep(vm, this, args, Manager::Cran, None)?;
        needs(vm, this, "Rscript")
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("info", 0, 0, |vm, this, _| Ok(Value::Hash(info(vm, this)?)), "All that is known of it."),
    def("installed?", 0, 0, is_installed, "Whether it is installed."),
    def("version", 0, 0, |vm, this, _| field(vm, this, "version"), "Its version; of several the first one."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.name.clone())), "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

const GEM_METHODS: &[Def] = &[
    def("info", 0, 0, |vm, this, _| Ok(Value::Hash(info(vm, this)?)), "All that is known of it."),
    def("installed?", 0, 0, is_installed, "Whether it is installed."),
    def("version", 0, 0, |vm, this, _| field(vm, this, "version"), "The first of its versions."),
    def("versions", 0, 0, |vm, this, _| field(vm, this, "versions"), "All of its versions."),
    def("gem_binary", 0, 0, |vm, this, _| Ok(give::text(of(vm, this)?.place.as_ref())), "The program `gem`."),
    def("resource_id", 0, 0, gem_id, "Its name and version."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn keep(vm: &Interp, this: &Value, args: Args<'_>, manager: Manager, place: Option<Vec<u8>>) -> Res {
    let name = give::text_arg(vm, args, 0)?.unwrap_or_default();
    base::set_state(vm, this, Package { manager, name, place, info: Once::default() })
}

fn new_gem(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let program = match args.get(1) {
        Some(Value::Sym(name)) if name.bytes() == b"chef" => b"/opt/chef/embedded/bin/gem".to_vec(),
        Some(Value::Sym(name)) if name.bytes() == b"chef_server" => b"/opt/opscode/embedded/bin/gem".to_vec(),
        _ => give::text_arg(vm, args, 1)?.unwrap_or_else(|| b"gem".to_vec()),
    };
    keep(vm, this, args, Manager::Gem, Some(program))?;
    if info(vm, this)?.is_empty() {
        return vm.send(this, "skip_resource", &[Value::str("Unable to retrieve gem information")]);
    }
    Ok(Value::Nil)
}

/// Skips the resource when the program it asks is not there.
fn needs(vm: &Interp, this: &Value, program: &str) -> Res {
    if command::exists(vm, program.as_bytes())? {
        return Ok(Value::Nil);
    }
    vm.send(this, "skip_resource", &[Value::str(format!("{program} not found"))])
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Package>> {
    base::state::<Package>(vm, this)
}

fn info(vm: &Interp, this: &Value) -> Res<Rc<RHash>> {
    let package = of(vm, this)?;
    let look = || match package.manager {
        Manager::Gem => gem(vm, &package),
        Manager::Pip => pip(vm, &package),
        Manager::Npm => npm(vm, &package),
        Manager::Cpan => cpan(vm, &package),
        Manager::Cran => cran(vm, &package),
    };
    package.info.get(vm, look).cloned()
}

/// `rake (13.0.6, 12.3.3)`
static GEM_LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m-u)^\s*([^(]*?)\s*\((.*?)\)\s*$").expect("a fixed pattern"));

/// Nothing when `gem` fails.
fn gem(vm: &Interp, package: &Package) -> Res<Rc<RHash>> {
    let program = package.place.as_deref().unwrap_or(b"gem");
    let line = [program, b" list --local -a -q ^", &package.name, b"$"].concat();
    let output = tool::ask(vm, &line)?;
    if output.exit_status != 0 {
        return Ok(RHash::new());
    }
    let kind = ("type", Value::str("gem"));
    let Some(found) = GEM_LINE.captures(&output.stdout) else {
        return give::symbol_hash(vm, [("installed", false.into()), kind]);
    };
    let versions: Vec<&[u8]> = text::split(&found[2], b',').into_iter().map(text::strip).collect();
    let first = give::text(versions.first());
    let rest = [("name", Value::bytes(&found[1])), ("version", first), ("versions", give::texts(versions))];
    give::symbol_hash(vm, [("installed", true.into()), kind].into_iter().chain(rest))
}

fn pip(vm: &Interp, package: &Package) -> Res<Rc<RHash>> {
    let program = package.place.as_deref().unwrap_or(b"pip");
    let output = tool::ask(vm, &[program, b" show ", &package.name].concat())?;
    let info = give::symbol_hash(vm, [("type", Value::str("pip"))])?;
    if output.exit_status == 0 {
        let usual = config_text::key_and_value(b':');
        let told = config_text::parse(vm, &output.stdout, &Options::new(&usual))?;
        for (key, name) in [("name", "Name"), ("version", "Version")] {
            vm.hash_set(&info, Value::sym(key), vm.hash_get(&told, &Value::str(name))?.unwrap_or_default())?;
        }
        vm.hash_set(&info, Value::sym("installed"), true.into())?;
    }
    Ok(info)
}

fn npm(vm: &Interp, package: &Package) -> Res<Rc<RHash>> {
    let npm = match &package.place {
        Some(path) => [b"cd ".as_slice(), &text::shell_escape(path), b" && npm"].concat(),
        None => b"npm -g".to_vec(),
    };
    let line = [b"sh -c '".as_slice(), &npm, b" ls --json ", &package.name, b"'"].concat();
    let output = tool::ask(vm, &line)?;
    let installed = output.exit_status == 0;
    let name = Value::bytes(package.name.clone());
    let fields = [("name", name.clone()), ("type", Value::str("npm")), ("installed", installed.into())];
    let info = give::symbol_hash(vm, fields)?;
    if installed {
        let told = json_text::parse(vm, &output.stdout)?;
        let told = told.map_err(|error| doubt::unanswered(vm, &format!("Can't read what npm prints: {error}")))?;
        let mut at = told;
        for key in [Value::str("dependencies"), name, Value::str("version")] {
            at = match &at {
                Value::Hash(hash) => vm.hash_get(hash, &key)?.unwrap_or_default(),
                _ => Value::Nil,
            };
        }
        vm.hash_set(&info, Value::sym("version"), at)?;
    }
    Ok(info)
}

fn cpan(vm: &Interp, package: &Package) -> Res<Rc<RHash>> {
    let place = match &package.place {
        Some(path) => [b"PERL5LIB=".as_slice(), path, b" "].concat(),
        None => Vec::new(),
    };
    let script = br#"perl -le 'eval "require $ARGV[0]" and print $ARGV[0]->VERSION or exit 1' "#;
    let output = tool::ask(vm, &[&place[..], script, &package.name].concat())?;
    let installed = output.exit_status == 0;
    let name = Value::bytes(package.name.clone());
    let fields = [("type", Value::str("cpan")), ("name", name), ("installed", installed.into())];
    let info = give::symbol_hash(vm, fields)?;
    if installed {
        vm.hash_set(&info, Value::sym("version"), Value::bytes(text::strip(&output.stdout)))?;
    }
    Ok(info)
}

/// `[1] ‘0.5.1’`
static CRAN_LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^\[\d+\]\s+['\u{2018}](.+)['\u{2019}]$").expect("a fixed pattern"));

fn cran(vm: &Interp, package: &Package) -> Res<Rc<RHash>> {
    let line = [b"Rscript -e 'packageVersion(\"".as_slice(), &package.name, b"\")'"].concat();
    let output = tool::ask(vm, &line)?;
    let name = Value::bytes(package.name.clone());
    let info = give::symbol_hash(vm, [("type", Value::str("cran")), ("name", name)])?;
    if output.exit_status == 0 {
        let found = CRAN_LINE.captures(text::chomp(&output.stdout));
        vm.hash_set(&info, Value::sym("installed"), found.is_some().into())?;
        if let Some(found) = found {
            vm.hash_set(&info, Value::sym("version"), Value::bytes(&found[1]))?;
        }
    }
    Ok(info)
}

fn field(vm: &Interp, this: &Value, name: &str) -> Res {
    Ok(vm.hash_sym(&*info(vm, this)?, name)?.unwrap_or_default())
}

fn is_installed(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(field(vm, this, "installed")?.truthy().into())
}

fn gem_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let version = vm.to_s(&field(vm, this, "version")?)?.to_vec();
    Ok(Value::bytes([&of(vm, this)?.name[..], b"-", &version].concat()))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let package = of(vm, this)?;
    let title = match package.manager {
        Manager::Gem => "gem package ",
        Manager::Pip => "Pip Package ",
        Manager::Npm => "Npm Package ",
        Manager::Cpan => "Perl Module ",
        Manager::Cran => "R Module ",
    };
    Ok(Value::bytes([title.as_bytes(), &package.name].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn tells(audit: &Audit, package: &Value) -> String {
        format!("{} {}", audit.get(package, "installed?"), audit.get(package, "version"))
    }

    #[test]
    fn present_package_managers_are_asked() {
        let target = MemoryTarget::new()
            .command("gem list --local -a -q ^rake$", "rake (13.0.6, 12.3.3)\n", "", 0)
            .command("gem list --local -a -q ^none$", "\n", "", 0)
            .command("pip show Jinja2", "Name: Jinja2\nVersion: 3.1.2\nHome-page: http://x\n", "", 0)
            .command(
                "sh -c 'cd /srv/a\\ b && npm ls --json tar'",
                r#"{"dependencies":{"tar":{"version":"6.1"}}}"#,
                "",
                0,
            )
            .command("sh -c 'type \"perl\"'", "", "", 0)
            .command(
                r#"PERL5LIB=/l perl -le 'eval "require $ARGV[0]" and print $ARGV[0]->VERSION or exit 1' DBI"#,
                "1.643\n",
                "",
                0,
            )
            .command("sh -c 'type \"Rscript\"'", "", "", 0)
            .command("Rscript -e 'packageVersion(\"DBI\")'", "[1] \u{2018}1.1.3\u{2019}\n", "", 0);
        let audit = Audit::debian(target);
        let rake = audit.on("gem", "rake");
        assert_eq!(tells(&audit, &rake), r#"true "13.0.6""#);
        assert_eq!(audit.get(&rake, "versions"), r#"["13.0.6", "12.3.3"]"#);
        assert_eq!(audit.get(&rake, "resource_id"), r#""rake-13.0.6""#);
        assert_eq!(tells(&audit, &audit.on("gem", "none")), "false nil");
        assert_eq!(tells(&audit, &audit.on("pip", "Jinja2")), r#"true "3.1.2""#);
        let path = audit.vm.hash_from([(Value::sym("path"), Value::str("/srv/a b"))]).unwrap();
        let tar = audit.make("npm", &[Value::str("tar"), path.into()]).unwrap();
        assert_eq!(tells(&audit, &tar), r#"true "6.1""#);
        let dbi = audit.make("cpan", &[Value::str("DBI"), Value::str("/l")]).unwrap();
        assert_eq!(tells(&audit, &dbi), r#"true "1.643""#);
        assert_eq!(tells(&audit, &audit.on("cran", "DBI")), r#"true "1.1.3""#);
    }

    #[test]
    fn with_an_absent_manager_nothing_is_installed() {
        let audit = Audit::debian(MemoryTarget::new());
        assert_eq!(audit.why(&audit.on("gem", "rake")), "skipped: Unable to retrieve gem information");
        assert_eq!(tells(&audit, &audit.on("pip", "x")), "false nil");
        assert_eq!(tells(&audit, &audit.on("npm", "x")), "false nil");
        assert_eq!(audit.why(&audit.on("cpan", "x")), "skipped: perl not found");
        assert_eq!(audit.why(&audit.on("cran", "x")), "skipped: Rscript not found");
    }

    #[test]
    fn of_malformed_output_npm_fails_and_the_others_know_nothing() {
        let audit = Audit::debian(MemoryTarget::new().command("sh -c 'npm -g ls --json tar'", "oops", "", 0));
        let told = audit.get(&audit.on("npm", "tar"), "installed?");
        assert!(told.starts_with("!Inspec::Exceptions::Unanswered: Can't read what npm prints"), "{told}");
        let target = MemoryTarget::new()
            .command("gem list --local -a -q ^x$", "oops\n", "", 0)
            .command("pip show x", "oops\n", "", 0)
            .command("sh -c 'type \"perl\"'", "", "", 0)
            .command(r#"perl -le 'eval "require $ARGV[0]" and print $ARGV[0]->VERSION or exit 1' x"#, "oops\n", "", 0)
            .command("sh -c 'type \"Rscript\"'", "", "", 0)
            .command("Rscript -e 'packageVersion(\"x\")'", "oops\n", "", 0);
        let audit = Audit::debian(target);
        // As in CINC, pip's exit status alone tells that it is installed, and perl's module may call its version anything.
        for (name, expected) in
            [("gem", "false nil"), ("pip", "true nil"), ("cpan", r#"true "oops""#), ("cran", "false nil")]
        {
            assert_eq!(tells(&audit, &audit.on(name, "x")), expected, "{name}");
        }
    }

    #[test]
    fn what_is_unreadable_is_not_absent() {
        let refused = || MemoryTarget::new().otherwise("", "Permission denied @ dir_initialize", 1);
        let found =
            refused().command("sh -c 'type \"perl\"'", "", "", 0).command("sh -c 'type \"Rscript\"'", "", "", 0);
        for name in ["pip", "npm", "cpan", "cran"] {
            let audit = Audit::debian(found.clone());
            let told = audit.get(&audit.on(name, "x"), "installed?");
            assert!(told.ends_with("` may not look: Permission denied @ dir_initialize"), "{told}");
        }
        let why = "failed: Command `gem list --local -a -q ^x$` may not look: Permission denied @ dir_initialize";
        let audit = Audit::debian(refused());
        assert_eq!(audit.why(&audit.on("gem", "x")), why);
    }
}
