//! `filesystem`: the size of a file system and what is free of it.
//!
//! ```ruby
//! describe filesystem('/var') do
//!   its('percent_free') { should be >= 20 }
//!   its('type') { should cmp 'ext4' }
//! end
//! ```
//!
//! `df` is asked.

use plimsoll_ruby::{Def, Interp, Res, Value, def};

use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;
use crate::tool;

struct Partition(Vec<u8>);

pub(crate) const FILESYSTEM: ResourceDef = ResourceDef {
    name: "filesystem",
    class: "FileSystemResource",
    doc: "The size of a file system.",
    new: Some((1, 1, |vm, this, args| {
        base::set_state(vm, this, Partition(give::text_arg(vm, args, 0)?.unwrap_or_default()))
    })),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("size_kb", 0, 0, |vm, this, _| Ok(Value::Int(ask(vm, this)?.size)), "Its size in KiB."),
    def("size", 0, 0, |vm, this, _| Ok(Value::Int(ask(vm, this)?.size)), "The same."),
    def("free_kb", 0, 0, |vm, this, _| Ok(Value::Int(ask(vm, this)?.free)), "What is free, in KiB."),
    def("percent_free", 0, 0, percent_free, "How much of a hundred is free."),
    def("type", 0, 0, |vm, this, _| Ok(Value::bytes(ask(vm, this)?.kind)), "Its type."),
    def("name", 0, 0, |vm, this, _| ask(vm, this).and_then(|_| partition(vm, this)), "Where it is mounted."),
    def("partition", 0, 0, |vm, this, _| partition(vm, this), "Where it is mounted."),
    def("info", 0, 0, |vm, this, _| info(vm, this), "All of it as a Hash."),
    def("resource_id", 0, 0, |vm, this, _| partition(vm, this), "Where it is mounted."),
    def(
        "to_s",
        0,
        0,
        |vm, this, _| Ok(Value::bytes([b"FileSystem ", path(vm, this)?.as_slice()].concat())),
        "Its title.",
    ),
];

/// What `df` prints of it.
struct Usage {
    kind: Vec<u8>,
    size: i64,
    free: i64,
}

fn path(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(base::state::<Partition>(vm, this)?.0.clone())
}

fn partition(vm: &Interp, this: &Value) -> Res {
    Ok(Value::bytes(path(vm, this)?))
}

fn ask(vm: &Interp, this: &Value) -> Res<Usage> {
    let path = path(vm, this)?;
    let output = tool::run_words(vm, &[b"df", &path, b"-PT"])?;
    let lines = text::lines(&output.stdout);
    let fields = lines.get(1).map(|line| text::words(line)).filter(|_| output.exit_status == 0).unwrap_or_default();
    let [_, kind, size, _, free, ..] = fields.as_slice() else {
        return Err(base::failed(vm, &format!("Unable to get available space for partition {}", text::lossy(&path))));
    };
    Ok(Usage { kind: kind.to_vec(), size: text::to_i(size), free: text::to_i(free) })
}

fn percent_free(vm: &Interp, this: &Value, _: plimsoll_ruby::Args<'_>) -> Res {
    let usage = ask(vm, this)?;
    vm.send(&Value::Int(100 * usage.free), "/", &[Value::Int(usage.size)])
}

fn info(vm: &Interp, this: &Value) -> Res {
    let usage = ask(vm, this)?;
    let info = give::symbol_hash(
        vm,
        [
            ("name", partition(vm, this)?),
            ("size_kb", Value::Int(usage.size)),
            ("free_kb", Value::Int(usage.free)),
            ("type", Value::bytes(usage.kind)),
        ],
    )?;
    Ok(info.into())
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const HEADER: &str = "Filesystem Type 1024-blocks Used Available Capacity Mounted on\n";

    #[test]
    fn a_present_file_system_is_told_of_and_an_absent_one_fails() {
        let target = MemoryTarget::new()
            .command("df / -PT", format!("{HEADER}/dev/sda1 ext4 1000 750 250 75% /\n"), "", 0)
            .command("df /proc -PT", format!("{HEADER}proc proc 0 0 0 - /proc\n"), "", 0)
            .command("df /none -PT", "", "df: /none: No such file", 1);
        let audit = Audit::debian(target);
        let root = audit.on("filesystem", "/");
        assert_eq!((audit.get(&root, "size_kb"), audit.get(&root, "free_kb")), ("1000".into(), "250".into()));
        assert_eq!((audit.get(&root, "percent_free"), audit.get(&root, "type")), ("25".into(), r#""ext4""#.into()));
        assert_eq!(audit.get(&root, "to_s"), r#""FileSystem /""#);
        let empty = audit.get(&audit.on("filesystem", "/proc"), "percent_free");
        assert_eq!(empty, "!ZeroDivisionError: divided by 0");
        let failed = "!Inspec::Exceptions::ResourceFailed: Unable to get available space for partition";
        assert_eq!(audit.get(&audit.on("filesystem", "/none"), "size_kb"), format!("{failed} /none"));
    }

    #[test]
    fn malformed_and_unreadable_answers_fail() {
        let failed = "!Inspec::Exceptions::ResourceFailed: Unable to get available space for partition";
        let target = MemoryTarget::new()
            .command("df /odd -PT", format!("{HEADER}/dev/sda1 ext4\n"), "", 0)
            .command("df /text -PT", format!("{HEADER}/dev/sda1 ext4 many few some\n"), "", 0)
            .command("df /no -PT", "", "df: /no: Permission denied\n", 1);
        let audit = Audit::debian(target);
        assert_eq!(audit.get(&audit.on("filesystem", "/odd"), "size"), format!("{failed} /odd"));
        assert_eq!(audit.get(&audit.on("filesystem", "/text"), "size_kb"), "0");
        assert_eq!(audit.get(&audit.on("filesystem", "/no"), "type"), format!("{failed} /no"));
        let bare = Audit::debian(MemoryTarget::new().without_shell("none"));
        assert_eq!(bare.get(&bare.on("filesystem", "/x"), "free_kb"), format!("{failed} /x"));
    }
}
