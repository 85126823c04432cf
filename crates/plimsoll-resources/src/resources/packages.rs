//! `packages`: all packages whose names match.
//!
//! ```ruby
//! describe packages(/^xserver-xorg/) do
//!   its('names') { should be_empty }
//! end
//! describe packages('openssl').where { status != 'installed' } do
//!   its('entries') { should be_empty }
//! end
//! ```
//!
//! A String is looked for anywhere in the names. The status is `installed`, or dpkg's letters (`rc`: removed, its settings kept).

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, Res, Sym, Value, def, known, struct_class};

use super::package::{Manager, nothing};
use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::facts::apk::Apk;
use crate::facts::dpkg::Dpkg;
use crate::facts::platform::Platform;
use crate::facts::rpm::Rpm;
use crate::filter_table::{Columns, Key, is_regexp};
use crate::text;

struct Packages {
    pattern: Value,
    rows: Vec<Value>,
}

pub(crate) const PACKAGES: ResourceDef = ResourceDef {
    name: "packages",
    class: "Packages",
    doc: "All packages whose names match.",
    new: Some((1, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[def("to_s", 0, 0, to_s, "Its title.")];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .simple("statuses", "status")
        .column("names", "name")
        .column("versions", "version")
        .column("architectures", "architecture")
        .install(vm, class, |vm, this| {
            let data = base::resource_data(vm, this)?;
            Ok(data.state::<Packages>().map_or(Value::Nil, |packages| Value::array(packages.rows.clone())))
        });
}

/// Which names are wanted.
enum Pattern {
    Part(Vec<u8>),
    Regexp(Value),
}

impl Pattern {
    fn fits(&self, vm: &Interp, name: &[u8]) -> Res<bool> {
        match self {
            Self::Part(part) => Ok(text::find(name, part).is_some()),
            Self::Regexp(regexp) => Ok(vm.call(regexp, known::MATCH, &[Value::bytes(name)])?.truthy()),
        }
    }
}

struct Row {
    status: Vec<u8>,
    name: Vec<u8>,
    version: Vec<u8>,
    arch: Vec<u8>,
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let Some(manager) = Manager::of(vm)?.filter(|manager| *manager != Manager::Pacman) else {
        let name = &Platform::of(&Backend::of(vm))?.name;
        let text = format!("The packages resource is not yet supported on OS {name}");
        return vm.send(this, "skip_resource", &[Value::str(text)]);
    };
    let pattern = match &args[0] {
        Value::Str(part) => Pattern::Part(part.to_vec()),
        other if is_regexp(vm, other) => Pattern::Regexp(other.clone()),
        _ => {
            let text = "Invalid name argument to packages resource, please use a \"string\" or /regexp/";
            return Err(vm.error("RuntimeError", text));
        }
    };
    let record = records(vm);
    let mut rows = Vec::new();
    for row in all(vm, manager)? {
        if pattern.fits(vm, &row.name)? {
            let fields = [row.status, row.name, row.version, row.arch].map(Value::bytes);
            rows.push(vm.new_instance(&record, Args::new(&fields))?);
        }
    }
    base::set_state(vm, this, Packages { pattern: args[0].clone(), rows })
}

struct Records(Rc<RClass>);

/// The class of the rows: InSpec has a Struct of this name.
fn records(vm: &Interp) -> Rc<RClass> {
    if let Some(known) = vm.extension::<Records>() {
        return Rc::clone(&known.0);
    }
    let name = "Inspec::Resources::PkgsManagement::PackageStruct";
    let class = struct_class(vm, Some(name), &["status", "name", "version", "architecture"].map(Sym::new));
    vm.set_extension(Rc::new(Records(Rc::clone(&class))));
    class
}

fn all(vm: &Interp, manager: Manager) -> Res<Vec<Row>> {
    let backend = Backend::of(vm);
    let installed = || b"installed".to_vec();
    Ok(match manager {
        Manager::Dpkg => {
            let known = Dpkg::of(&backend)?.packages.clone();
            let mut packages = known.or_else(|error| nothing(vm, Dpkg::PATH, &error))?;
            packages.sort_by(|a, b| (&a.name, &a.arch).cmp(&(&b.name, &b.arch)));
            let row = |package: crate::facts::dpkg::Package| {
                let letters = package.abbreviation();
                let version = package.version.rsplit(|b| *b == b':').next().unwrap_or_default().to_vec();
                let status = if letters[1] == b'i' { installed() } else { text::strip(&letters).to_vec() };
                Row { status, name: package.name, version, arch: package.arch }
            };
            packages.into_iter().map(row).collect()
        }
        Manager::Apk => {
            let known = Apk::of(&backend)?.packages.clone();
            let mut packages = known.or_else(|error| nothing(vm, Apk::PATH, &error))?;
            packages.sort_by(|a, b| a.name.cmp(&b.name));
            let row = |package: crate::facts::apk::Package| {
                // CINC takes the part before the last dash, and so loses the release.
                let version = package.version.rsplit(|b| *b == b'-').nth(1).unwrap_or_default().to_vec();
                Row { status: installed(), name: package.name, version, arch: package.arch }
            };
            packages.into_iter().map(row).collect()
        }
        Manager::Rpm => {
            let row = |package: &crate::facts::rpm::Package| Row {
                status: installed(),
                name: package.name.clone(),
                version: [&package.version[..], b"-", &package.release].concat(),
                arch: package.arch.clone(),
            };
            Rpm::at(vm, None)?.packages.iter().map(row).collect()
        }
        Manager::Pacman => Vec::new(),
    })
}

/// CINC shows the pattern that a String is made into.
fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let data = base::resource_data(vm, this)?;
    let Some(packages) = data.state::<Packages>() else { return Ok(Value::str("Packages nil")) };
    let shown = match &packages.pattern {
        Value::Str(part) => [b"/".as_slice(), &escaped(&part.to_vec()), b"/"].concat(),
        regexp => vm.inspect(regexp)?.to_vec(),
    };
    Ok(Value::bytes([b"Packages ".as_slice(), &shown].concat()))
}

/// A text as `Regexp.escape(…).inspect` shows it.
fn escaped(part: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(part.len());
    for byte in part {
        match byte {
            b'.' | b'*' | b'?' | b'+' | b'^' | b'$' | b'|' | b'\\' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'-'
            | b' ' | b'/' | b'#' => escaped.extend([b'\\', *byte]),
            b'\t' => escaped.extend(b"\\t"),
            b'\n' => escaped.extend(b"\\n"),
            _ => escaped.push(*byte),
        }
    }
    // `inspect` alone escapes the slash, `escape` does not know it; `#` is escaped by both or none.
    escaped
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    const STATUS: &str = "Package: vim\nStatus: install ok installed\nVersion: 2:9.0\nArchitecture: amd64\n\n\
        Package: vim-old\nStatus: deinstall ok config-files\nVersion: 8\nArchitecture: all\n\n\
        Package: bash\nStatus: install ok installed\nVersion: 5.2\nArchitecture: amd64\n";

    #[test]
    fn present_packages_are_found_by_a_part_of_their_names() {
        let audit = Audit::debian(MemoryTarget::new().file("/var/lib/dpkg/status", STATUS));
        let vim = audit.on("packages", "vim");
        assert_eq!(audit.get(&vim, "names"), r#"["vim", "vim-old"]"#);
        assert_eq!(audit.get(&vim, "statuses"), r#"["installed", "rc"]"#);
        assert_eq!(audit.get(&vim, "versions"), r#"["9.0", "8"]"#);
        assert_eq!(audit.get(&vim, "architectures"), r#"["amd64", "all"]"#);
        assert_eq!(audit.get(&vim, "to_s"), r#""Packages /vim/""#);
        assert_eq!(audit.get(&audit.on("packages", "none"), "names"), "[]");
        assert!(audit.make("packages", &[Value::Int(1)]).is_err());
    }

    #[test]
    fn with_an_absent_database_nothing_is_installed_and_an_unreadable_one_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        assert_eq!(audit.get(&audit.on("packages", "vim"), "names"), "[]");
        let denied = Audit::debian(MemoryTarget::new().file("/var/lib/dpkg/status", "").denied("/var/lib/dpkg/status"));
        assert!(denied.why(&denied.on("packages", "vim")).starts_with("failed: Can't read the package database"));
        let busybox = Audit::of(MemoryTarget::new());
        let skipped = busybox.on("packages", "vim");
        assert_eq!(busybox.why(&skipped), "skipped: The packages resource is not yet supported on OS linux");
        assert_eq!(busybox.get(&skipped, "names"), "[]");
    }

    #[test]
    fn malformed_stanzas_have_what_they_have() {
        let status = "oops\n\nPackage: vim\n\nStatus: install ok installed\n";
        let audit = Audit::debian(MemoryTarget::new().file("/var/lib/dpkg/status", status));
        let vim = audit.on("packages", "vim");
        assert_eq!((audit.get(&vim, "names"), audit.get(&vim, "versions")), (r#"["vim"]"#.into(), r#"[""]"#.into()));
    }
}
