//! `bridge`: a network bridge and the interfaces that it joins.
//!
//! ```ruby
//! describe bridge('br0') do
//!   it { should exist }
//!   it { should have_interface 'eth0' }
//! end
//! ```
//!
//! Read from `/sys/class/net`.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::{FileError, FileKind};

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;

struct Bridge(Vec<u8>);

pub(crate) const BRIDGE: ResourceDef = ResourceDef {
    name: "bridge",
    class: "Bridge",
    doc: "A network bridge.",
    new: Some((1, 1, |vm, this, args| {
        base::set_state(vm, this, Bridge(give::text_arg(vm, args, 0)?.unwrap_or_default()))
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exists?", 0, 0, |vm, this, _| Ok(joined(vm, this)?.is_some().into()), "Whether there is such a bridge."),
    def(
        "interfaces",
        0,
        0,
        |vm, this, _| Ok(joined(vm, this)?.map_or(Value::Nil, give::texts)),
        "The interfaces that it joins; nil when it is not there.",
    ),
    def("has_interface?", 1, 1, has_interface, "Whether it joins this interface."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(base::state::<Bridge>(vm, this)?.0.clone())), "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

/// The interfaces of the bridge; `None` when it is not there.
fn joined(vm: &Interp, this: &Value) -> Res<Option<Vec<Vec<u8>>>> {
    let name = base::state::<Bridge>(vm, this)?.0.clone();
    let backend = Backend::of(vm);
    let path = |part: &str| [b"/sys/class/net/".as_slice(), &name, b"/", part.as_bytes()].concat();
    let unreadable =
        |path: &[u8], error: &FileError| base::failed(vm, &format!("Can't read {}: {error}", text::lossy(path)));
    match backend.stat(&path("bridge"), true)? {
        Ok(stat) if stat.kind == FileKind::Directory => {}
        Ok(_) | Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => return Ok(None),
        Err(error) => return Err(unreadable(&path("bridge"), &error)),
    }
    match backend.list(&path("brif"))? {
        Ok(entries) => Ok(Some(entries.into_iter().map(|entry| entry.name).collect())),
        Err(FileError::NotFound | FileError::NotADirectory | FileError::Loop) => Ok(Some(Vec::new())),
        Err(error) => Err(unreadable(&path("brif"), &error)),
    }
}

fn has_interface(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let wanted = vm.to_s(&args[0])?.to_vec();
    Ok(joined(vm, this)?.is_some_and(|names| names.contains(&wanted)).into())
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes([b"Bridge ".as_slice(), &base::state::<Bridge>(vm, this)?.0].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_bridge_is_told_of() {
        let target = MemoryTarget::new()
            .dir("/sys/class/net/br0/bridge")
            .file("/sys/class/net/br0/brif/eth1", "")
            .file("/sys/class/net/br0/brif/eth0", "");
        let audit = Audit::debian(target);
        let bridge = audit.on("bridge", "br0");
        assert_eq!(
            (audit.get(&bridge, "exists?"), audit.get(&bridge, "to_s")),
            ("true".into(), r#""Bridge br0""#.into())
        );
        assert_eq!(audit.get(&bridge, "interfaces"), r#"["eth0", "eth1"]"#);
        assert_eq!(audit.ask(&bridge, "has_interface?", &[Value::str("eth1")]), "true");
    }

    #[test]
    fn an_absent_or_malformed_bridge_is_none() {
        let target = MemoryTarget::new().dir("/sys/class/net/eth0").file("/sys/class/net/odd/bridge", "");
        let audit = Audit::debian(target);
        for other in ["eth0", "odd", "none"] {
            let other = audit.on("bridge", other);
            assert_eq!((audit.get(&other, "exists?"), audit.get(&other, "interfaces")), ("false".into(), "nil".into()));
            assert_eq!(audit.ask(&other, "has_interface?", &[Value::str("eth1")]), "false");
        }
    }

    #[test]
    fn an_unreadable_bridge_is_not_absent() {
        let bridge = MemoryTarget::new().dir("/sys/class/net/no/bridge").dir("/sys/class/net/no/brif");
        let audit = Audit::debian(bridge.denied("/sys/class/net/no/brif").denied("/sys/class/net/shut"));
        let ask = |name: &str, what: &str| audit.get(&audit.on("bridge", name), what);
        assert!(ask("no", "interfaces").contains("Can't read /sys/class/net/no/brif: permission denied"));
        assert!(ask("shut", "exists?").contains("Can't read /sys/class/net/shut/bridge: permission denied"));
    }
}
