//! `etc_fstab`: the lines of `/etc/fstab`.
//!
//! ```ruby
//! describe etc_fstab.where { mount_point == '/tmp' } do
//!   it { should be_configured }
//!   its('mount_options.flatten') { should include 'noexec' }
//! end
//! describe etc_fstab do
//!   its('home_mount_options') { should include 'nodev' }
//! end
//! ```

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, RClass, RProc, Res, Value, def};

use crate::base;
use crate::config_text;
use crate::content;
use crate::declare::ResourceDef;
use crate::filter_table::{Columns, Key};
use crate::give;
use crate::text;

struct Fstab(Value);

pub(crate) const ETC_FSTAB: ResourceDef = ResourceDef {
    name: "etc_fstab",
    class: "EtcFstab",
    doc: "The lines of /etc/fstab.",
    new: Some((0, 1, new)),
    methods: METHODS,
    setup: Some(columns),
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("params", 0, 0, |vm, this, _| rows(vm, this), "The lines as Hashes."),
    def("nfs_file_systems", 0, 0, nfs_file_systems, "The lines whose type has `nfs` in it."),
    def("home_mount_options", 0, 0, home_mount_options, "The options of /home."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("File System Table File (fstab)")), "Its title."),
];

fn columns(vm: &Interp, class: &Rc<RClass>) {
    Columns::new(Key::Str)
        .column("device_name", "device_name")
        .column("mount_point", "mount_point")
        .column("file_system_type", "file_system_type")
        .column("mount_options", "mount_options")
        .column("dump_options", "dump_options")
        .column("file_system_options", "file_system_options")
        .property("configured?", "Whether there is such a line.", |vm, table, _| vm.send(table, "exist?", &[]))
        .install(vm, class, rows);
}

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let path = give::text_arg(vm, args, 0)?.unwrap_or_else(|| b"/etc/fstab".to_vec());
    let content = content::read(vm, &path, false)?;
    let mut rows = Vec::new();
    for line in content.split(|b| *b == b'\n') {
        let (line, _) = config_text::first_line(line, b"#", false);
        if !line.is_empty() {
            rows.push(row(vm, line)?);
        }
    }
    base::set_state(vm, this, Fstab(Value::array(rows)))
}

fn row(vm: &Interp, line: &[u8]) -> Res {
    let fields = text::words(line);
    let Some(options) = fields.get(3) else {
        // As CINC has it: a line without options skips the resource.
        return vm.send(&Value::Nil, "split", &[Value::str(",")]);
    };
    let number = |at: usize| Value::Int(fields.get(at).map_or(0, |field| text::to_i(field)));
    let row = give::string_hash(
        vm,
        [
            ("device_name", give::text(fields.first())),
            ("mount_point", give::text(fields.get(1))),
            ("file_system_type", give::text(fields.get(2))),
            ("mount_options", give::texts(text::split(options, b','))),
            ("dump_options", number(4)),
            ("file_system_options", number(5)),
        ],
    )?;
    Ok(row.into())
}

/// The lines; none when the file could not be read.
fn rows(vm: &Interp, this: &Value) -> Res {
    match base::resource_data(vm, this)?.state::<Fstab>() {
        Some(fstab) => Ok(fstab.0.clone()),
        None => Ok(Value::array(Vec::new())),
    }
}

fn nfs_file_systems(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let block = RProc::native(|vm, row, _| {
        let regexp = vm.send(&vm.class_named("Regexp").into(), "new", &[Value::str("nfs")])?;
        vm.send(&vm.send(row, "file_system_type", &[])?, "match", &[regexp])
    });
    let args = Args::default().with_block(Some(&block));
    vm.call_with(this, plimsoll_ruby::Sym::new("where"), args, plimsoll_ruby::CallStyle::Implicit)
}

fn home_mount_options(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    for row in vm.to_array(&rows(vm, this)?)?.to_vec() {
        let row = vm.to_hash(&row)?;
        let point = vm.hash_get(&row, &Value::str("mount_point"))?.unwrap_or_default();
        if vm.equal(&point, &Value::str("/home"))? {
            return Ok(vm.hash_get(&row, &Value::str("mount_options"))?.unwrap_or_default());
        }
    }
    Ok(Value::Nil)
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const TEXT: &str = "# device\n\n/dev/sda1 / ext4 errors=remount-ro 0 1\n\
        /dev/sda2 /home ext4 defaults,nodev 0 2 # mine\nnas:/x /srv nfs4 ro\n";

    #[test]
    fn a_present_file_gives_columns() {
        let audit = Audit::debian(MemoryTarget::new().file("/etc/fstab", TEXT));
        let fstab = audit.the("etc_fstab");
        assert_eq!(audit.get(&fstab, "mount_point"), r#"["/", "/home", "/srv"]"#);
        assert_eq!(audit.get(&fstab, "mount_options"), r#"[["errors=remount-ro"], ["defaults", "nodev"], ["ro"]]"#);
        assert_eq!(audit.get(&fstab, "file_system_options"), "[1, 2, 0]");
        assert_eq!(audit.get(&fstab, "configured?"), "true");
        assert_eq!(audit.get(&fstab, "home_mount_options"), r#"["defaults", "nodev"]"#);
        let nfs = audit.vm.send(&fstab, "nfs_file_systems", &[]).unwrap();
        assert_eq!(audit.get(&nfs, "device_name"), r#"["nas:/x"]"#);
        assert_eq!(audit.get(&nfs, "to_s"), r#""File System Table File (fstab) with file_system_type match /nfs/""#);
    }

    #[test]
    fn an_absent_unreadable_or_malformed_file_skips() {
        let why = |target: MemoryTarget| {
            let audit = Audit::debian(target);
            audit.why(&audit.the("etc_fstab"))
        };
        assert_eq!(why(MemoryTarget::new()), "skipped: Can't find file: /etc/fstab");
        let denied = MemoryTarget::new().file("/etc/fstab", TEXT).denied("/etc/fstab");
        assert_eq!(why(denied), "skipped: Can't read file: /etc/fstab");
        let short = MemoryTarget::new().file("/etc/fstab", "/dev/sda1 / ext4\n");
        assert_eq!(why(short), "skipped: undefined method `split' for nil:NilClass");
    }
}
