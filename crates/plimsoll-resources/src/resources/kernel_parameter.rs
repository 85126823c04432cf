//! `kernel_parameter`: a setting of the kernel, as `sysctl` shows it.
//!
//! ```ruby
//! describe kernel_parameter('net.ipv4.ip_forward') do
//!   its('value') { should eq 0 }
//! end
//! ```
//!
//! Read from `/proc/sys`. A value of digits alone is an Integer; an unknown parameter is nil.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::FileError;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::text;
use crate::tool;

struct Parameter(Option<Vec<u8>>);

pub(crate) const KERNEL_PARAMETER: ResourceDef = ResourceDef {
    name: "kernel_parameter",
    class: "KernelParameter",
    doc: "A setting of the kernel.",
    new: Some((0, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("value", 0, 0, value, "Its value."),
    def("resource_id", 0, 0, resource_id, "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    base::set_state(vm, this, Parameter(give::text_arg(vm, args, 0)?))
}

/// The file of a parameter: the first of `.` and `/` in its name separates, the other one stands for it.
fn path(name: &[u8]) -> Vec<u8> {
    let slashes = name.iter().find(|b| matches!(b, b'.' | b'/')) == Some(&b'/');
    let swap = |byte: &u8| match byte {
        b'.' if !slashes => b'/',
        b'/' if !slashes => b'.',
        other => *other,
    };
    b"/proc/sys/".iter().copied().chain(name.iter().map(swap)).collect()
}

fn value(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let parameter = base::state::<Parameter>(vm, this)?;
    let Some(name) = parameter.0.as_deref().filter(|name| !name.is_empty()) else { return Ok(Value::Nil) };
    let backend = Backend::of(vm);
    let printed = match backend.read(&path(name))? {
        Ok(content) => content,
        Err(FileError::IsADirectory) => return Ok(Value::Nil),
        Err(FileError::NotFound | FileError::NotADirectory) => {
            if backend.stat(b"/proc/sys", true)?.is_ok() {
                return Ok(Value::Nil);
            }
            let line = [b"/sbin/sysctl -q -n ".as_slice(), name].concat();
            let output = tool::ask(vm, &line)?;
            match output.exit_status {
                0 => output.stdout,
                tool::NOT_FOUND => {
                    return unreadable(vm, name, "there is neither /proc/sys nor /sbin/sysctl");
                }
                _ => return Ok(Value::Nil),
            }
        }
        Err(error) => return unreadable(vm, name, &error.to_string()),
    };
    Ok(give::integer_or_text(Some(text::strip(&printed))))
}

fn unreadable(vm: &Interp, name: &[u8], why: &str) -> Res {
    doubt::taken_for(vm, &format!("Can't read kernel parameter {}: {why}", text::lossy(name)), Value::Nil)
}

fn resource_id(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = base::state::<Parameter>(vm, this)?.0.clone();
    Ok(Value::bytes(name.unwrap_or_else(|| b"Kernel Parameter".to_vec())))
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let name = base::state::<Parameter>(vm, this)?.0.clone().unwrap_or_default();
    Ok(Value::bytes([b"Kernel Parameter ".as_slice(), &name].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn present_malformed_absent_and_unreadable_parameters_are_told_apart() {
        let target = MemoryTarget::new()
            .file("/proc/sys/net/ipv4/ip_forward", "1\n")
            .file("/proc/sys/net/ipv4/conf/eth0.7/rp_filter", "2\n")
            .file("/proc/sys/kernel/core_pattern", "core\n")
            .file("/proc/sys/kernel/printk", "4\t4\t1\t7\n")
            .file("/proc/sys/vm/secret", "")
            .denied("/proc/sys/vm/secret");
        let audit = Audit::debian(target);
        let value = |name: &str| audit.get(&audit.on("kernel_parameter", name), "value");
        assert_eq!(value("net.ipv4.ip_forward"), "1");
        assert_eq!(value("net/ipv4/conf/eth0.7/rp_filter"), "2");
        assert_eq!(value("net.ipv4.conf.eth0/7.rp_filter"), "2");
        assert_eq!(value("kernel.core_pattern"), r#""core""#);
        assert_eq!(value("kernel.printk"), r#""4\t4\t1\t7""#);
        assert_eq!(value("no.such"), "nil");
        assert_eq!(value("net.ipv4"), "nil");
        assert!(value("vm.secret").contains("Can't read kernel parameter vm.secret: permission denied"));
        let named = audit.on("kernel_parameter", "a.b");
        assert_eq!(audit.get(&named, "to_s"), r#""Kernel Parameter a.b""#);
    }

    #[test]
    fn where_proc_is_absent_sysctl_is_asked() {
        let target = MemoryTarget::new()
            .command("/sbin/sysctl -q -n kernel.x", " 3 \n", "", 0)
            .command("/sbin/sysctl -q -n kernel.y", "", "sysctl: cannot stat /proc/sys/kernel/y: No such file", 255)
            .command("/sbin/sysctl -q -n kernel.z", "", "sysctl: permission denied on key 'kernel.z'", 255);
        let audit = Audit::debian(target);
        let value = |name: &str| audit.get(&audit.on("kernel_parameter", name), "value");
        assert_eq!((value("kernel.x"), value("kernel.y")), ("3".into(), "nil".into()));
        assert!(value("kernel.z").contains("may not look: sysctl: permission denied on key 'kernel.z'"));
        assert!(value("kernel.none").ends_with("kernel.none: there is neither /proc/sys nor /sbin/sysctl"));
    }
}
