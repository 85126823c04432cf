//! `package`: one package of the distribution's package manager.
//!
//! ```ruby
//! describe package('openssh-server') do
//!   it { should_not be_installed }
//! end
//! describe package('openssl') do
//!   its('version') { should cmp >= '3.0.2' }
//! end
//! ```
//!
//! Read from the databases of dpkg (Debian, Ubuntu, distroless), apk (Alpine, Wolfi) and rpm (Red Hat and its kin,
//! Fedora, Amazon, SUSE); pacman is asked. None of the tools has to be in the container. Without a database of
//! dpkg or apk nothing is installed; one that can't be read fails the test. `rpm_dbpath: '/path'` names another database of rpm.

use std::cmp::Ordering;
use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::FileError;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::apk::Apk;
use crate::facts::dpkg::Dpkg;
use crate::facts::platform::Platform;
use crate::facts::rpm::Rpm;
use crate::give;
use crate::text;
use crate::tool;

pub(crate) const PACKAGE: ResourceDef = ResourceDef {
    name: "package",
    class: "Package",
    doc: "One package of the distribution.",
    new: Some((1, 2, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def(
        "installed?",
        0,
        2,
        |vm, this, _| Ok(info(vm, this)?.is_some_and(|i| i.installed).into()),
        "Whether it is installed.",
    ),
    def(
        "held?",
        0,
        2,
        |vm, this, _| Ok(info(vm, this)?.is_some_and(|i| i.held == Some(true)).into()),
        "Whether dpkg holds it back.",
    ),
    def("latest?", 0, 2, latest, "Whether it has the version that the repository offers."),
    def("version", 0, 0, |vm, this, _| Ok(give::text(info(vm, this)?.and_then(|i| i.version))), "Its version."),
    def("latest_version", 0, 0, latest_version, "The version that the repository offers."),
    def("info", 0, 0, info_hash, "All of it as a Hash."),
    def("resource_id", 0, 0, resource_id, "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

/// Who knows the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manager {
    Dpkg,
    Rpm,
    Apk,
    Pacman,
}

impl Manager {
    /// The package manager of the target's distribution.
    pub(super) fn of(vm: &Interp) -> Res<Option<Self>> {
        let backend = Backend::of(vm);
        let platform = Platform::of(&backend)?;
        Ok(match () {
            () if platform.in_family("debian") => Some(Self::Dpkg),
            () if ["redhat", "suse", "fedora"].iter().any(|family| platform.in_family(family)) => Some(Self::Rpm),
            () if platform.name == "arch" => Some(Self::Pacman),
            () if platform.name == "alpine" => Some(Self::Apk),
            // Distributions that CINC does not know are served by the database they have.
            () if Apk::of(&backend)?.packages.is_ok() => Some(Self::Apk),
            () if Rpm::is_there(&backend)? => Some(Self::Rpm),
            () if Dpkg::of(&backend)?.packages.is_ok() => Some(Self::Dpkg),
            () => None,
        })
    }
}

struct Package {
    name: Vec<u8>,
    given: Value,
    manager: Manager,
    /// Another rpm database.
    dbpath: Option<Vec<u8>>,
}

/// What a package manager says about a package.
struct Info {
    name: Vec<u8>,
    installed: bool,
    held: Option<bool>,
    version: Option<Vec<u8>>,
    kind: &'static str,
    /// The version without release and epoch, where it is one.
    number: Option<Vec<u8>>,
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = vm.to_s(&args[0])?.to_vec();
    let Some(manager) = Manager::of(vm)? else {
        return Err(base::skipped(vm, "The `package` resource is not supported on your OS yet."));
    };
    let dbpath = match give::option(vm, args, 1, "rpm_dbpath")? {
        Some(path) if manager == Manager::Rpm => Some(vm.to_s(&path)?.to_vec()),
        _ => None,
    };
    if let Some(path) = &dbpath
        && Backend::of(vm).list(path)?.is_err()
    {
        let path = text::lossy(path);
        let text = format!("The following requirements are not met for this resource: RPMDB {path} does not exist");
        return Err(base::skipped(vm, &text));
    }
    base::set_state(vm, this, Package { name, given: args[0].clone(), manager, dbpath })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Package>> {
    base::state::<Package>(vm, this)
}

fn info(vm: &Interp, this: &Value) -> Res<Option<Info>> {
    // A skipped resource has no package manager to ask.
    let Some(package) = base::resource_data(vm, this)?.state::<Package>() else { return Ok(None) };
    match package.manager {
        Manager::Dpkg => dpkg(vm, &package.name),
        Manager::Apk => apk(vm, &package.name),
        Manager::Rpm => rpm(vm, &package),
        Manager::Pacman => pacman(vm, &package.name),
    }
}

/// What there is without a database: nothing. One that can't be read is an error.
pub(super) fn nothing<T: Default>(vm: &Interp, path: &str, error: &FileError) -> Res<T> {
    match error {
        FileError::NotFound | FileError::NotADirectory => Ok(T::default()),
        error => Err(base::failed(vm, &format!("Can't read the package database {path}: {error}"))),
    }
}

/// As `dpkg -s NAME`: a name that several architectures have installed is ambiguous and tells nothing.
fn dpkg(vm: &Interp, name: &[u8]) -> Res<Option<Info>> {
    let dpkg = Dpkg::of(&Backend::of(vm))?;
    let (name, arch) = match name.iter().position(|b| *b == b':') {
        Some(at) => (&name[..at], Some(&name[at + 1..])),
        None => (name, None),
    };
    let named = match dpkg.named(name) {
        Ok(named) => named,
        Err(error) => return nothing(vm, Dpkg::PATH, error),
    };
    let mut found = named.filter(|p| arch.is_none_or(|arch| p.arch == arch));
    let (Some(package), None) = (found.next(), found.next()) else { return Ok(None) };
    let version = Some(package.version.clone()).filter(|version| !version.is_empty());
    Ok(Some(Info {
        name: package.name.clone(),
        installed: package.state == b"installed",
        held: Some(package.want == b"hold"),
        number: version.as_deref().and_then(highest_version),
        version,
        kind: "deb",
    }))
}

/// As `apk info -vv | grep NAME`: the first line that the name is found in counts, cut at its first dash.
fn apk(vm: &Interp, name: &[u8]) -> Res<Option<Info>> {
    let apk = Apk::of(&Backend::of(vm))?;
    let line = apk.line_with(name).or_else(|error| nothing(vm, Apk::PATH, error))?;
    let Some(line) = line else { return Ok(None) };
    let end = text::find(line, b" - ").unwrap_or(line.len());
    let dash = line[..end].iter().position(|b| *b == b'-').unwrap_or(end);
    let version = line[..end].get(dash + 1..).unwrap_or_default().to_vec();
    Ok(Some(Info {
        name: line[..dash].to_vec(),
        installed: true,
        held: None,
        number: highest_version(&version),
        version: Some(version),
        kind: "pkg",
    }))
}

fn rpm(vm: &Interp, package: &Package) -> Res<Option<Info>> {
    let rpms = Rpm::at(vm, package.dbpath.as_deref())?;
    // Of several versions, CINC reads all and keeps the last.
    let found = rpms.find(&package.name);
    let Some(found) = found.last() else { return Ok(None) };
    Ok(Some(Info {
        name: found.name.clone(),
        installed: true,
        held: None,
        version: Some([&found.version[..], b"-", &found.release].concat()),
        kind: "rpm",
        number: Some(found.version.clone()),
    }))
}

fn pacman(vm: &Interp, name: &[u8]) -> Res<Option<Info>> {
    let line = [b"pacman -Qi ".as_slice(), name].concat();
    let output = tool::ask(vm, &line)?;
    if output.exit_status == 127 {
        return Err(doubt::unanswered(vm, &format!("Can't ask pacman: {}", text::lossy(text::strip(&output.stderr)))));
    }
    if output.exit_status != 0 {
        return Ok(None);
    }
    let field = |key: &[u8]| {
        let lines = output.stdout.split(|b| *b == b'\n');
        let mut values = lines.filter_map(|line| {
            let at = line.iter().position(|b| *b == b':')?;
            (text::strip(&line[..at]) == key).then(|| text::strip(&line[at + 1..]).to_vec())
        });
        values.next()
    };
    let version = field(b"Version");
    Ok(Some(Info {
        name: field(b"Name").unwrap_or_default(),
        installed: true,
        held: None,
        number: version.as_deref().and_then(highest_version),
        version,
        kind: "pacman",
    }))
}

/// The highest of the version numbers with three parts and more in a text.
fn highest_version(text: &[u8]) -> Option<Vec<u8>> {
    let runs = text.split(|b| !b.is_ascii_digit() && *b != b'.');
    let numbers = runs.filter_map(|run| {
        let parts: Vec<&[u8]> = run.split(|b| *b == b'.').filter(|part| !part.is_empty()).collect();
        (parts.len() >= 3).then(|| parts.join(&b'.'))
    });
    numbers.max_by(|a, b| compare_numbers(a, b))
}

fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let parts = |text: &[u8]| text.split(|b| *b == b'.').map(text::to_i).collect::<Vec<_>>();
    parts(a).cmp(&parts(b))
}

fn latest_version(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let package = of(vm, this)?;
    let name = text::lossy(&package.name);
    let line = match package.manager {
        Manager::Dpkg => format!("apt list {name} -a"),
        Manager::Rpm => format!("yum list {name}"),
        Manager::Apk => format!("apk info {name}"),
        Manager::Pacman => format!("pacman -Ss {name} | grep {name} | grep installed"),
    };
    let output = super::command::run(vm, line.as_bytes())?;
    if output.exit_status != 0 {
        let error = text::lossy(&output.stderr);
        return Err(base::failed(vm, &format!("Failed to fetch latest version. Error: {error}")));
    }
    Ok(give::text(highest_version(&output.stdout)))
}

fn latest(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let Some(number) = info(vm, this)?.and_then(|info| info.number) else { return Ok(false.into()) };
    let latest = latest_version(vm, this, args)?;
    Ok(vm.equal(&Value::bytes(number), &latest)?.into())
}

fn info_hash(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let Some(info) = info(vm, this)? else { return Ok(vm.hash_from([])?.into()) };
    let mut fields = vec![("name", Value::bytes(info.name)), ("installed", info.installed.into())];
    if let Some(held) = info.held {
        fields.push(("held", held.into()));
    }
    fields.push(("version", give::text(info.version)));
    fields.push(("type", Value::str(info.kind)));
    fields.push(("only_version_no", give::text(info.number)));
    Ok(give::symbol_hash(vm, fields)?.into())
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let package = base::resource_data(vm, this)?.state::<Package>();
    let given = match package {
        Some(package) => package.given.clone(),
        None => base::resource_data(vm, this)?.params.borrow().first().cloned().unwrap_or_default(),
    };
    Ok(if given.is_nil() { Value::str("System Package") } else { given })
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let given = base::resource_data(vm, this)?.params.borrow().first().cloned().unwrap_or_default();
    let name = if given.is_nil() { Vec::new() } else { vm.to_s(&given)?.to_vec() };
    Ok(Value::bytes([b"System Package ".as_slice(), &name].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const STATUS: &str = "Package: openssl\nStatus: install ok installed\nVersion: 3.0.11-1~deb12u2\nArchitecture: amd64\n\n\
        Package: bash\nStatus: hold ok installed\nVersion: 5.2.15-2+b2\nArchitecture: amd64\n\n\
        Package: nis\nStatus: deinstall ok config-files\nVersion: 4.5\nArchitecture: amd64\n\n\
        Package: libc6\nStatus: install ok installed\nVersion: 2.36\nArchitecture: amd64\n\n\
        Package: libc6\nStatus: install ok installed\nVersion: 2.36\nArchitecture: i386\n";

    fn debian() -> Audit {
        Audit::debian(MemoryTarget::new().file("/var/lib/dpkg/status", STATUS))
    }

    #[test]
    fn present_and_absent_packages_of_dpkg_are_told_apart() {
        let audit = debian();
        let openssl = audit.on("package", "openssl");
        assert_eq!(audit.get(&openssl, "installed?"), "true");
        assert_eq!(audit.get(&openssl, "version"), r#""3.0.11-1~deb12u2""#);
        assert_eq!(audit.get(&openssl, "held?"), "false");
        assert_eq!(audit.get(&openssl, "to_s"), r#""System Package openssl""#);
        assert_eq!(
            audit.get(&openssl, "info"),
            r#"{:name => "openssl", :installed => true, :held => false, :version => "3.0.11-1~deb12u2", :type => "deb", :only_version_no => "3.0.11"}"#
        );
        assert_eq!(audit.get(&audit.on("package", "bash"), "held?"), "true");
        let nis = audit.on("package", "nis");
        assert_eq!((audit.get(&nis, "installed?"), audit.get(&nis, "version")), ("false".into(), r#""4.5""#.into()));
        let none = audit.on("package", "none");
        assert_eq!((audit.get(&none, "installed?"), audit.get(&none, "version")), ("false".into(), "nil".into()));
    }

    #[test]
    fn a_name_of_several_architectures_is_ambiguous() {
        let audit = debian();
        assert_eq!(audit.get(&audit.on("package", "libc6"), "installed?"), "false");
        assert_eq!(audit.get(&audit.on("package", "libc6:i386"), "installed?"), "true");
    }

    #[test]
    fn knows_packages_of_apk() {
        let db = "P:busybox\nV:1.36.1-r15\nT:toolbox\n\nP:ssl_client\nV:1.36.1-r15\nT:for wget\n";
        let target = MemoryTarget::new().file("/etc/alpine-release", "3.19\n").file("/lib/apk/db/installed", db);
        let audit = Audit::of(target);
        assert_eq!(audit.get(&audit.on("package", "busybox"), "version"), r#""1.36.1-r15""#);
        assert_eq!(audit.get(&audit.on("package", "ssl"), "installed?"), "true");
        assert_eq!(audit.get(&audit.on("package", "bash"), "installed?"), "false");
    }

    #[test]
    fn knows_packages_of_rpm() {
        let list = "rpm -qa --queryformat '%{NAME}  %{VERSION}-%{RELEASE}  %{ARCH}\\n'";
        let lines = "kernel  5.14.1-70.el9  x86_64\nkernel  5.14.0-362.el9  x86_64\nbash  5.1.8-6.el9  x86_64\n";
        let target = MemoryTarget::new().file("/etc/redhat-release", "Rocky Linux release 9.3\n");
        let audit = Audit::of(target.command(list, lines, "", 0));
        let bash = audit.on("package", "bash");
        assert_eq!(
            audit.get(&bash, "info"),
            r#"{:name => "bash", :installed => true, :version => "5.1.8-6.el9", :type => "rpm", :only_version_no => "5.1.8"}"#
        );
        assert_eq!(audit.get(&audit.on("package", "kernel"), "version"), r#""5.14.0-362.el9""#);
        assert_eq!(audit.get(&audit.on("package", "zsh"), "installed?"), "false");
        let silent = Audit::of(MemoryTarget::new().file("/etc/redhat-release", "Rocky Linux release 9.3\n"));
        let told = silent.get(&silent.on("package", "zsh"), "installed?");
        assert!(told.contains("Can't tell what is installed"), "{told}");
    }

    #[test]
    fn with_an_absent_database_nothing_is_installed_and_an_unreadable_one_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        let bash = audit.on("package", "bash");
        assert_eq!((audit.get(&bash, "installed?"), audit.get(&bash, "version")), ("false".into(), "nil".into()));
        let denied = Audit::debian(MemoryTarget::new().file("/var/lib/dpkg/status", "").denied("/var/lib/dpkg/status"));
        assert!(denied.get(&denied.on("package", "bash"), "installed?").contains("permission denied"));
        let busybox = Audit::of(MemoryTarget::new());
        let skipped = busybox.on("package", "bash");
        assert_eq!(busybox.why(&skipped), "skipped: The `package` resource is not supported on your OS yet.");
        assert_eq!(busybox.get(&skipped, "to_s"), r#""System Package bash""#);
    }

    #[test]
    fn finds_version_numbers() {
        let highest = |text: &str| highest_version(text.as_bytes()).map(|v| text::lossy(&v));
        assert_eq!(highest("1:9.2p1-2"), None);
        assert_eq!(highest("x 1.2.3 y 1.10.0"), Some("1.10.0".into()));
    }

    #[test]
    fn malformed_stanzas_have_what_they_have() {
        let status = "oops\n\nPackage: a\n\nPackage: b\nStatus: install\nVersion\n\nStatus: install ok installed\n";
        let audit = Audit::debian(MemoryTarget::new().file("/var/lib/dpkg/status", status));
        // A stanza without a status is one of a distroless image.
        for (name, installed) in [("a", "true"), ("b", "false")] {
            let package = audit.on("package", name);
            assert_eq!(audit.get(&package, "installed?"), installed);
            assert_eq!(audit.get(&package, "version"), "nil");
        }
    }

    #[test]
    fn pacman_is_asked() {
        let target = MemoryTarget::new()
            .file("/etc/arch-release", "")
            .command("pacman -Qi bash", "Name            : bash\nVersion         : 5.2.037-1\n", "", 0)
            .command("pacman -Qi none", "", "error: package 'none' was not found\n", 1)
            .command("pacman -Qi no", "", "error: could not open /var/lib/pacman/local: Permission denied\n", 1);
        let audit = Audit::of(target);
        let bash = audit.on("package", "bash");
        assert_eq!(
            (audit.get(&bash, "installed?"), audit.get(&bash, "version")),
            ("true".into(), r#""5.2.037-1""#.into())
        );
        assert_eq!(audit.get(&audit.on("package", "none"), "installed?"), "false");
        assert!(audit.get(&audit.on("package", "no"), "installed?").contains("Command `pacman -Qi no` may not look"));
        assert!(audit.get(&audit.on("package", "x"), "installed?").contains("Can't ask pacman"));
    }
}
