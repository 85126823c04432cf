//! `zfs_pool`, `zfs` and `zfs_dataset`: pools and datasets of ZFS.
//!
//! ```ruby
//! describe zfs_pool('tank') do
//!   it { should exist }
//!   its('failmode') { should eq 'continue' }
//! end
//! describe zfs('tank') do
//!   it { should have_property({ 'failmode' => 'wait', 'capacity' => '0' }) }
//! end
//! describe zfs_dataset('tank/tmp') do
//!   it { should be_mounted }
//!   its('exec') { should eq 'off' }
//! end
//! ```
//!
//! `zpool` and `zfs` are asked; without them the resource is skipped. Every property of a pool or dataset is one of the
//! resource, as text; one that it does not have is 0.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, HashDefault, Interp, RHash, Res, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::inspec;
use crate::text;

struct Zfs {
    name: Vec<u8>,
    tool: Vec<u8>,
    /// `nil` when there is no such pool or dataset.
    params: Value,
}

pub(crate) const ZFS_POOL: ResourceDef = ResourceDef {
    name: "zfs_pool",
    class: "ZfsPool",
    doc: "A pool of ZFS.",
    new: Some((1, 1, |vm, this, args| new(vm, this, args, b"zpool"))),
    methods: POOL_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const ZFS: ResourceDef = ResourceDef {
    name: "zfs",
    class: "Zfs",
    parent: Some("ZfsPool"),
    doc: "A pool of ZFS, compared with several properties at once.",
    new: None,
    methods: ZFS_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const ZFS_DATASET: ResourceDef = ResourceDef {
    name: "zfs_dataset",
    class: "ZfsDataset",
    doc: "A dataset of ZFS.",
    new: Some((1, 1, |vm, this, args| new(vm, this, args, b"zfs"))),
    methods: DATASET_METHODS,
    ..ResourceDef::EMPTY
};

const POOL_METHODS: &[Def] = &[
    def("exists?", 0, 0, |vm, this, _| Ok(exists(vm, this)?.into()), "Whether there is such a pool."),
    def("gather", 0, 0, |vm, this, _| gather(vm, &*of(vm, this)?), "All of its properties."),
    def("method_missing", 1, 1, property, "A property."),
    def("resource_id", 0, 0, |vm, this, _| title(vm, this, b""), "Its name."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, b"ZFS Pool "), "Its title."),
];

const ZFS_METHODS: &[Def] = &[
    def("has_property?", 1, 1, has_property, "Whether all properties in a Hash are as it says."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, b"zfs "), "Its title."),
];

const DATASET_METHODS: &[Def] = &[
    def("exists?", 0, 0, |vm, this, _| Ok(exists(vm, this)?.into()), "Whether there is such a dataset."),
    def("mounted?", 0, 0, is_mounted, "Whether something is mounted at its mount point."),
    def(
        "exec",
        0,
        0,
        |vm, this, _| value(vm, this, Value::str("exec")),
        "Whether programs on it may run: `on` or `off`.",
    ),
    def("gather", 0, 0, |vm, this, _| gather(vm, &*of(vm, this)?), "All of its properties."),
    def("method_missing", 1, 1, property, "A property."),
    def("resource_id", 0, 0, |vm, this, _| title(vm, this, b""), "Its name."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, b"ZFS Dataset "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>, tool: &[u8]) -> Res {
    let name = give::text_arg(vm, args, 0)?.unwrap_or_default();
    let found = command::run(vm, &[b"which ".as_slice(), tool].concat())?;
    let mut zfs = Zfs { name, tool: text::strip(&found.stdout).to_vec(), params: Value::Nil };
    if found.exit_status != 0 {
        base::set_state(vm, this, zfs)?;
        return vm.send(this, "skip_resource", &[Value::str("zfs is not installed")]);
    }
    let gathered = gather(vm, &zfs);
    zfs.params = gathered.as_ref().map_or(Value::Nil, Clone::clone);
    base::set_state(vm, this, zfs)?;
    gathered.map(|_| Value::Nil)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Zfs>> {
    base::state::<Zfs>(vm, this)
}

fn line(zfs: &Zfs) -> Vec<u8> {
    [&zfs.tool[..], b" get -Hp all ", &zfs.name].concat()
}

fn exists(vm: &Interp, this: &Value) -> Res<bool> {
    Ok(told(vm, &*of(vm, this)?)?.is_some())
}

/// What is told of the pool or dataset; `None` where there is none. Anything else that the tool complains of is no answer.
fn told(vm: &Interp, zfs: &Zfs) -> Res<Option<Vec<u8>>> {
    let line = line(zfs);
    let output = command::run(vm, &line)?;
    if output.exit_status == 0 {
        return Ok(Some(output.stdout));
    }
    let says = |words: &str| text::find(&output.stderr, words.as_bytes()).is_some();
    if says("no such pool") || says("does not exist") {
        return Ok(None);
    }
    let (line, error) = (text::lossy(&line), text::lossy(text::strip(&output.stderr)));
    doubt::taken_for(vm, &format!("Can't tell about it: `{line}` says: {error}"), None)
}

fn gather(vm: &Interp, zfs: &Zfs) -> Res {
    let Some(printed) = told(vm, zfs)? else { return Ok(Value::Nil) };
    let params = RHash::new();
    *params.default.borrow_mut() = HashDefault::Value(Value::Int(0));
    for line in text::lines(text::chomp(&printed)) {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
        let field = |at: usize| Value::bytes(fields.get(at).copied().unwrap_or_default());
        vm.hash_set(&params, field(1), field(2))?;
    }
    Ok(Value::Hash(params))
}

fn value(vm: &Interp, this: &Value, name: Value) -> Res {
    vm.send(&of(vm, this)?.params, "[]", &[name])
}

fn property(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    value(vm, this, Value::bytes(vm.to_name(&args[0])?.bytes()))
}

fn has_property(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    if vm.send(&args[0], "empty?", &[])?.truthy() {
        return Err(base::skipped(vm, "Provide a valid key-value pair of the zfs properties."));
    }
    vm.send(&args[0], "<=", &[of(vm, this)?.params.clone()])
}

fn is_mounted(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    if !exists(vm, this)? {
        return Ok(false.into());
    }
    let place = value(vm, this, Value::str("mountpoint"))?;
    vm.send(&inspec::resource_with(vm, "mount", &[place])?, "mounted?", &[])
}

fn title(vm: &Interp, this: &Value, title: &[u8]) -> Res {
    Ok(Value::bytes([title, &of(vm, this)?.name].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn present_absent_and_malformed_pools_are_told_of() {
        let target = MemoryTarget::new()
            .command("which zpool", "/sbin/zpool\n", "", 0)
            .command(
                "/sbin/zpool get -Hp all tank",
                "tank\tfailmode\twait\tdefault\ntank\tcapacity\t0\t-\nmalformed\n",
                "",
                0,
            )
            .command("/sbin/zpool get -Hp all gone", "", "cannot open 'gone': no such pool\n", 1);
        let audit = Audit::debian(target);
        let pool = audit.on("zfs_pool", "tank");
        assert_eq!((audit.get(&pool, "exists?"), audit.get(&pool, "failmode")), ("true".into(), r#""wait""#.into()));
        assert_eq!((audit.get(&pool, "nothing"), audit.get(&pool, "to_s")), ("0".into(), r#""ZFS Pool tank""#.into()));
        let gone = audit.on("zfs_pool", "gone");
        assert_eq!(audit.get(&gone, "exists?"), "false");
        assert!(audit.get(&gone, "failmode").starts_with("!NoMethodError: undefined method `[]' for nil"));
        let zfs = audit.on("zfs", "tank");
        let has = |pairs: &[(&str, &str)]| {
            let pairs = audit.vm.hash_from(pairs.iter().map(|(k, v)| (Value::str(k), Value::str(v)))).unwrap();
            audit.ask(&zfs, "has_property?", &[pairs.into()])
        };
        assert_eq!(
            (has(&[("failmode", "wait"), ("capacity", "0")]), has(&[("capacity", "1")])),
            ("true".into(), "false".into())
        );
        assert!(has(&[]).ends_with("Provide a valid key-value pair of the zfs properties."));
        assert_eq!(audit.get(&zfs, "to_s"), r#""zfs tank""#);
    }

    #[test]
    fn present_absent_and_malformed_datasets_are_told_of() {
        let target = MemoryTarget::new()
            .file("/proc/self/mounts", "tank/tmp /tmp zfs rw,noexec 0 0\n")
            .file("/proc/mounts", "tank/tmp /tmp zfs rw,noexec 0 0\n")
            .command("which zfs", "/sbin/zfs\n", "", 0)
            .command(
                "/sbin/zfs get -Hp all tank/tmp",
                "tank/tmp\tmountpoint\t/tmp\tlocal\ntank/tmp\texec\toff\tlocal\nmalformed\n",
                "",
                0,
            )
            .command("/sbin/zfs get -Hp all gone", "", "cannot open 'gone': dataset does not exist\n", 1);
        let audit = Audit::debian(target);
        let dataset = audit.on("zfs_dataset", "tank/tmp");
        assert_eq!((audit.get(&dataset, "exec"), audit.get(&dataset, "mounted?")), (r#""off""#.into(), "true".into()));
        assert_eq!(audit.get(&audit.on("zfs_dataset", "gone"), "mounted?"), "false");
        assert_eq!(audit.get(&dataset, "resource_id"), r#""tank/tmp""#);
    }

    #[test]
    fn unreadable_pools_and_datasets_fail() {
        let error = "/dev/zfs and /proc/self/mounts must be accessible: Permission denied";
        for (name, tool) in [("zfs_pool", "zpool"), ("zfs", "zpool"), ("zfs_dataset", "zfs")] {
            let line = format!("/sbin/{tool} get -Hp all tank");
            let found = MemoryTarget::new().command(format!("which {tool}"), format!("/sbin/{tool}\n"), "", 0);
            let audit = Audit::debian(found.command(&line, "", error, 1));
            let tank = audit.on(name, "tank");
            let why = format!("Can't tell about it: `{line}` says: {error}");
            assert_eq!(audit.why(&tank), format!("failed: {why}"));
            assert_eq!(audit.get(&tank, "exists?"), format!("!Inspec::Exceptions::Unanswered: {why}"));
        }
    }

    #[test]
    fn with_an_absent_zfs_it_is_skipped() {
        let audit = Audit::debian(MemoryTarget::new());
        for name in ["zfs_pool", "zfs", "zfs_dataset"] {
            assert_eq!(audit.why(&audit.on(name, "tank")), "skipped: zfs is not installed");
        }
    }
}
