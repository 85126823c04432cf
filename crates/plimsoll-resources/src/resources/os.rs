//! `os` and `platform`: which distribution the target is.
//!
//! Read from `/etc/os-release`, `/etc/debian_version`, `/etc/redhat-release` and their kin; the architecture from `uname`.
//!
//! ```ruby
//! describe os.family do
//!   it { should eq 'debian' }
//! end
//! only_if { os.linux? && os.release.to_i >= 12 }
//! ```

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Sym, Value, def};

use crate::backend::Backend;
use crate::declare::ResourceDef;
use crate::facts::platform::Platform;
use crate::give;
use crate::inspec;
use crate::text;

pub(crate) const PLATFORM: ResourceDef = ResourceDef {
    name: "platform",
    class: "PlatformResource",
    doc: "The distribution: name, families, release, architecture.",
    new: Some((0, 0, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const OS: ResourceDef = ResourceDef {
    name: "os",
    class: "OSResource",
    parent: Some("PlatformResource"),
    doc: "The distribution, with a question for each family: `os.debian?`, `os.redhat?`, `os.linux?`.",
    methods: OS_METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("name", 0, 0, |vm, _, _| Ok(Value::str(&of(vm)?.name)), "Its name: `debian`, `redhat`, `alpine` …"),
    def("family", 0, 0, |vm, _, _| Ok(Value::str(of(vm)?.family())), "The nearest family."),
    def("release", 0, 0, |vm, _, _| Ok(known(of(vm)?.release.as_deref())), "Its release."),
    def("arch", 0, 0, |vm, _, _| Ok(known(of(vm)?.arch.as_deref())), "Its architecture: `x86_64`."),
    def("families", 0, 0, |vm, _, _| Ok(give::texts(&of(vm)?.families)), "All families, the nearest first."),
    def("[]", 1, 1, aref, "One of name, family, release, arch."),
    def("platform?", 1, 1, |vm, _, args| is(vm, &args[0], Platform::is), "Whether it or a family is called so."),
    def("in_family?", 1, 1, |vm, _, args| is(vm, &args[0], Platform::in_family), "Whether it belongs to a family."),
    def("params", 0, 0, params, "All of it as a Hash."),
    def("supported?", 1, 1, supported, "Whether one of several sets of criteria fits, as in inspec.yml."),
    def("normalize", 1, 1, normalize, "A criterion's name as a Symbol."),
    def("resource_id", 0, 0, |vm, _, _| Ok(Value::str(&of(vm)?.name)), "Its name."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Platform Detection")), "Its title."),
];

const OS_METHODS: &[Def] = &[
    def("aix?", 0, 0, |vm, _, _| in_family(vm, "aix"), "Whether it is of the family."),
    def("redhat?", 0, 0, |vm, _, _| in_family(vm, "redhat"), "Whether it is of the family."),
    def("debian?", 0, 0, |vm, _, _| in_family(vm, "debian"), "Whether it is of the family."),
    def("suse?", 0, 0, |vm, _, _| in_family(vm, "suse"), "Whether it is of the family."),
    def("bsd?", 0, 0, |vm, _, _| in_family(vm, "bsd"), "Whether it is of the family."),
    def("solaris?", 0, 0, |vm, _, _| in_family(vm, "solaris"), "Whether it is of the family."),
    def("linux?", 0, 0, |vm, _, _| in_family(vm, "linux"), "Whether it is of the family."),
    def("unix?", 0, 0, |vm, _, _| in_family(vm, "unix"), "Whether it is of the family."),
    def("windows?", 0, 0, |vm, _, _| in_family(vm, "windows"), "Whether it is of the family."),
    def("hpux?", 0, 0, |vm, _, _| in_family(vm, "hpux"), "Whether it is of the family."),
    def("darwin?", 0, 0, |vm, _, _| in_family(vm, "darwin"), "Whether it is of the family."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Operating System Detection")), "Its title."),
];

/// What classes of libraries that inherit from these ask.
fn new(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    if let Some(head) = this.head() {
        head.set_ivar(Sym::new("@platform"), inspec::detected(vm));
    }
    Ok(Value::Nil)
}

fn of(vm: &Interp) -> Res<Rc<Platform>> {
    Platform::of(&Backend::of(vm))
}

/// What was not found out is called "unknown".
fn known(value: Option<&str>) -> Value {
    Value::str(value.unwrap_or("unknown"))
}

fn in_family(vm: &Interp, family: &str) -> Res {
    Ok(of(vm)?.in_family(family).into())
}

fn is(vm: &Interp, name: &Value, test: fn(&Platform, &str) -> bool) -> Res {
    let platform = of(vm)?;
    Ok(matches!(name, Value::Str(name) if test(&platform, &name.lossy())).into())
}

fn aref(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let platform = of(vm)?;
    let key = vm.to_name(&args[0])?;
    Ok(match &*key.text() {
        "name" => Value::str(&platform.name),
        "family" => Value::str(platform.family()),
        "release" => known(platform.release.as_deref()),
        "arch" => known(platform.arch.as_deref()),
        "family_hierarchy" | "families" => give::texts(&platform.families),
        other => match other.strip_suffix('?') {
            Some(family) => platform.is(family).into(),
            None => known(None),
        },
    })
}

fn params(vm: &Interp, _: &Value, _: Args<'_>) -> Res {
    let platform = of(vm)?;
    let hash = give::symbol_hash(
        vm,
        [
            ("name", Value::str(&platform.name)),
            ("families", give::texts(&platform.families)),
            ("release", known(platform.release.as_deref())),
            ("arch", known(platform.arch.as_deref())),
        ],
    )?;
    Ok(hash.into())
}

fn normal(vm: &Interp, key: &Value) -> Res<String> {
    Ok(vm.to_s(key)?.lossy().replace('-', "_"))
}

fn normalize(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    Ok(Value::sym(&normal(vm, &args[0])?))
}

fn supported(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    if !args[0].truthy() {
        return Err(vm.argument_error("`supports` is nil."));
    }
    let sets = vm.to_array(&args[0])?.to_vec();
    if sets.is_empty() {
        return Ok(true.into());
    }
    let platform = of(vm)?;
    for set in &sets {
        let criteria = vm.to_hash(set)?.entries();
        let fits = criteria.iter().map(|(key, value)| Ok(fits(&platform, &normal(vm, key)?, &vm.to_s(value)?.lossy())));
        if fits.collect::<Res<Vec<bool>>>()?.into_iter().all(|fits| fits) {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn fits(platform: &Platform, criterion: &str, value: &str) -> bool {
    match criterion {
        "os_family" | "platform_family" => platform.in_family(value),
        "os" | "platform" => platform.is(value),
        "os_name" | "platform_name" => like(&platform.name, value),
        "release" => like(platform.release.as_deref().unwrap_or("unknown"), value),
        _ => false,
    }
}

/// Whether a text is what was given, where `*` stands for anything; with a `*` the text may go on at both ends.
fn like(actual: &str, pattern: &str) -> bool {
    if !pattern.contains('*') {
        return actual == pattern;
    }
    let mut rest = actual.as_bytes();
    pattern.split('*').all(|part| match text::find(rest, part.as_bytes()) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    fn criteria(audit: &Audit, pairs: &[(&str, &str)]) -> Value {
        let pairs = pairs.iter().map(|(key, value)| (Value::sym(key), Value::str(value)));
        Value::array(vec![audit.vm.hash_from(pairs).unwrap().into()])
    }

    #[test]
    fn the_present_platform_is_told() {
        let audit = Audit::debian(MemoryTarget::new().command("uname -m", "x86_64\n", "", 0));
        let os = audit.the("os");
        assert_eq!(audit.get(&os, "name"), r#""debian""#);
        assert_eq!(audit.get(&os, "release"), r#""12.5""#);
        assert_eq!(audit.get(&os, "debian?"), "true");
        assert_eq!(audit.get(&os, "redhat?"), "false");
        assert_eq!(audit.ask(&os, "[]", &[Value::sym("arch")]), r#""x86_64""#);
        assert_eq!(audit.ask(&os, "[]", &[Value::str("nothing")]), r#""unknown""#);
        let platform = audit.the("platform");
        assert_eq!(audit.get(&platform, "families"), r#"["debian", "linux", "unix", "os"]"#);
        assert_eq!(audit.ask(&platform, "in_family?", &[Value::str("linux")]), "true");
        assert_eq!(
            audit.get(&platform, "params"),
            r#"{:name => "debian", :families => ["debian", "linux", "unix", "os"], :release => "12.5", :arch => "x86_64"}"#
        );
    }

    #[test]
    fn fits_criteria() {
        let audit = Audit::debian(MemoryTarget::new());
        let platform = audit.the("platform");
        let supported = |pairs: &[(&str, &str)]| audit.ask(&platform, "supported?", &[criteria(&audit, pairs)]);
        assert_eq!(supported(&[("os-family", "linux")]), "true");
        assert_eq!(supported(&[("platform", "redhat")]), "false");
        assert_eq!(supported(&[("platform-name", "deb*"), ("release", "12.*")]), "true");
        assert_eq!(supported(&[("platform", "debian"), ("release", "11")]), "false");
        assert_eq!(audit.ask(&platform, "supported?", &[Value::array(vec![])]), "true");
    }

    #[test]
    fn what_is_not_known_is_called_unknown() {
        let audit = Audit::of(MemoryTarget::new().without_shell("none"));
        let os = audit.the("os");
        assert_eq!((audit.get(&os, "name"), audit.get(&os, "release")), (r#""linux""#.into(), r#""unknown""#.into()));
    }

    #[test]
    fn what_is_absent_malformed_or_unreadable_tells_nothing() {
        let os_release = "/etc/os-release";
        for target in [
            MemoryTarget::new(),
            MemoryTarget::new().file(os_release, "oops\n\0=\n"),
            MemoryTarget::new().file(os_release, "ID=debian\n").denied(os_release),
        ] {
            let audit = Audit::of(target.command("uname -m", "", "", 1));
            for name in ["os", "platform"] {
                let platform = audit.the(name);
                assert_eq!(audit.get(&platform, "name"), r#""linux""#);
                assert_eq!(audit.get(&platform, "release"), r#""unknown""#);
                assert_eq!(audit.get(&platform, "arch"), r#""unknown""#);
            }
        }
    }
}
