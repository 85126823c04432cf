//! `mount`: what is mounted at a directory.
//!
//! ```ruby
//! describe mount('/tmp') do
//!   it { should be_mounted }
//!   its('type') { should eq 'tmpfs' }
//!   its('options') { should include 'noexec' }
//! end
//! ```
//!
//! Read from `/proc/mounts`; where there is none, `mount` is asked. Of several mounts at one place the last one counts.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::FileError;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::facts::mount::Mounts;
use crate::give;
use crate::inspec;
use crate::text;

struct Mount {
    path: Vec<u8>,
    file: Value,
}

pub(crate) const MOUNT: ResourceDef = ResourceDef {
    name: "mount",
    class: "Mount",
    doc: "What is mounted at a directory.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def(
        "mounted?",
        0,
        0,
        |vm, this, _| Ok((!mine(vm, this)?.is_empty()).into()),
        "Whether something is mounted there.",
    ),
    def("count", 0, 0, |vm, this, _| Ok(mine(vm, this)?.len().into()), "How many things are mounted there."),
    def("device", 0, 0, |vm, this, _| property(vm, this, "device"), "What is mounted."),
    def("type", 0, 0, |vm, this, _| property(vm, this, "type"), "The type of its file system."),
    def("options", 0, 0, |vm, this, _| property(vm, this, "options"), "The options it is mounted with."),
    def(
        "method_missing",
        1,
        1,
        |vm, this, args| property(vm, this, &vm.to_name(&args[0])?.text()),
        "Anything else is nil.",
    ),
    def("file", 0, 0, |vm, this, _| Ok(of(vm, this)?.file.clone()), "The directory."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.path.clone())), "The path."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = vm.to_s(&args[0])?.to_vec();
    let file = inspec::resource_with(vm, "file", &args.values[..1])?;
    base::set_state(vm, this, Mount { path, file })
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Mount>> {
    base::state::<Mount>(vm, this)
}

fn mine(vm: &Interp, this: &Value) -> Res<Vec<Vec<u8>>> {
    let file = of(vm, this)?.file.clone();
    let path = vm.send(&file, "path", &[])?;
    lines(vm, &vm.to_s(&path)?.to_vec())
}

/// The command line that CINC asks for a mount point.
pub(super) fn question(path: &[u8]) -> Vec<u8> {
    [b"mount | grep -- ' on ".as_slice(), path, b" '"].concat()
}

/// The lines that `mount` prints for a mount point.
pub(super) fn lines(vm: &Interp, path: &[u8]) -> Res<Vec<Vec<u8>>> {
    let backend = Backend::of(vm);
    match &Mounts::of(&backend)?.0 {
        Ok(mounts) => {
            let here = mounts.iter().filter(|mount| mount.point == path);
            Ok(here.map(crate::facts::mount::Mount::line).collect())
        }
        Err(FileError::NotFound) => {
            let output = super::command::run(vm, &question(path))?;
            // What the pipe ends with is grep's; what mount complains of stands beside it.
            if output.stdout.is_empty() && (output.exit_status == 127 || !output.stderr.is_empty()) {
                let error = text::lossy(text::strip(&output.stderr));
                let text = format!("Can't tell what is mounted: there is no /proc/mounts, and mount says: {error}");
                return doubt::taken_for(vm, &text, Vec::new());
            }
            Ok(text::lines(&output.stdout).into_iter().map(<[u8]>::to_vec).collect())
        }
        Err(error) => doubt::taken_for(vm, &format!("Can't tell what is mounted: /proc/mounts: {error}"), Vec::new()),
    }
}

fn property(vm: &Interp, this: &Value, name: &str) -> Res {
    let lines = mine(vm, this)?;
    let Some(line) = lines.last() else { return Ok(Value::Nil) };
    // DEVICE on POINT type TYPE (OPTIONS): the device and the point may hold blanks.
    let device = text::find(line, b" on ").map(|at| &line[..at]);
    let after_type = text::find(line, b" type ").map_or(b"".as_slice(), |at| &line[at + b" type ".len()..]);
    let words = text::words(after_type);
    Ok(match name {
        "device" => give::text(device),
        "type" => give::text(words.first()),
        "options" => {
            let options = words.get(1).copied().unwrap_or_default();
            let options: Vec<u8> = options.iter().copied().filter(|b| !matches!(b, b'(' | b')')).collect();
            give::texts(text::split(&options, b','))
        }
        _ => Value::Nil,
    })
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(Value::bytes([b"Mount ".as_slice(), &of(vm, this)?.path].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const MOUNTS: &str = "overlay / overlay rw,relatime 0 0\ntmpfs /tmp tmpfs rw 0 0\ntmpfs /tmp tmpfs rw,noexec 0 0\n";

    #[test]
    fn present_and_absent_mounts_are_told_apart() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/mounts", MOUNTS));
        let tmp = audit.on("mount", "/tmp");
        assert_eq!(audit.get(&tmp, "mounted?"), "true");
        assert_eq!(audit.get(&tmp, "count"), "2");
        assert_eq!(audit.get(&tmp, "device"), r#""tmpfs""#);
        assert_eq!(audit.get(&tmp, "options"), r#"["rw", "noexec"]"#);
        assert_eq!(audit.get(&audit.on("mount", "/"), "type"), r#""overlay""#);
        let opt = audit.on("mount", "/opt");
        assert_eq!((audit.get(&opt, "mounted?"), audit.get(&opt, "options")), ("false".into(), "nil".into()));
        assert_eq!(audit.get(&opt, "to_s"), r#""Mount /opt""#);
    }

    #[test]
    fn its_file_tells_what_mount_would_print() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/mounts", MOUNTS));
        let told = |path: &str| {
            let file = audit.vm.send(&audit.on("mount", path), "file", &[]).unwrap();
            let answer = audit.vm.send(&file, "mounted", &[]).unwrap();
            (audit.get(&answer, "stdout"), audit.get(&answer, "exit_status"))
        };
        assert_eq!(told("/"), (r#""overlay on / type overlay (rw,relatime)\n""#.into(), "0".into()));
        assert_eq!(told("/opt"), (r#""""#.into(), "1".into()));
    }

    #[test]
    fn where_proc_is_absent_mount_is_asked() {
        let line = "mount | grep -- ' on /tmp '";
        let audit = Audit::debian(MemoryTarget::new().command(line, "tmpfs on /tmp type tmpfs (rw,nosuid)\n", "", 0));
        assert_eq!(audit.get(&audit.on("mount", "/tmp"), "options"), r#"["rw", "nosuid"]"#);
        let told = audit.get(&audit.on("mount", "/opt"), "mounted?");
        assert!(told.contains("there is no /proc/mounts, and mount says: sh: 1: mount: not found"), "{told}");
        let line = "mount | grep -- ' on /opt '";
        let other = Audit::debian(MemoryTarget::new().command(line, "", "", 1));
        assert_eq!(other.get(&other.on("mount", "/opt"), "mounted?"), "false");
    }

    #[test]
    fn malformed_lines_are_no_mounts_and_an_unreadable_list_fails() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/mounts", "tmpfs /tmp\nx /a\\04 ext4 rw\n\0\n"));
        assert_eq!(audit.get(&audit.on("mount", "/tmp"), "mounted?"), "false");
        assert_eq!(audit.get(&audit.on("mount", "/a\\04"), "options"), r#"["rw"]"#);
        let denied = Audit::debian(MemoryTarget::new().file("/proc/mounts", MOUNTS).denied("/proc/mounts"));
        let told = denied.get(&denied.on("mount", "/tmp"), "mounted?");
        assert!(told.ends_with("Can't tell what is mounted: /proc/mounts: permission denied"), "{told}");
    }
}
