//! `sys_info`: names and make of the system.
//!
//! ```ruby
//! describe sys_info do
//!   its('hostname') { should eq 'web1' }
//!   its('fqdn') { should eq 'web1.example.com' }
//! end
//! ```
//!
//! `hostname` is asked; where there is none, the kernel tells the name.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::RunError;

use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::facts;
use crate::give;
use crate::text;
use crate::tool;

pub(crate) const SYS_INFO: ResourceDef = ResourceDef {
    name: "sys_info",
    class: "System",
    doc: "Names and make of the system.",
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("hostname", 0, 1, hostname, "Its name; 'full', 'domain', 'ip_address' or 'short' for a form of it."),
    def("fqdn", 0, 0, |vm, _, _| name(vm, Some(b'f')), "Its full name."),
    def("domain", 0, 0, |vm, _, _| name(vm, Some(b'd')), "Its domain."),
    def("ip_address", 0, 0, |vm, _, _| name(vm, Some(b'I')), "Its addresses."),
    def("short", 0, 0, |vm, _, _| name(vm, Some(b's')), "Its name without the domain."),
    def("manufacturer", 0, 0, |vm, _, _| identity(vm, "/sys/class/dmi/id/sys_vendor"), "Who made it."),
    def("model", 0, 0, |vm, _, _| identity(vm, "/sys/class/dmi/id/product_name"), "What it is."),
    def("resource_id", 0, 0, |_, _, _| Ok(Value::str("sys_info")), "Its name."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("System Information")), "Its title."),
];

fn hostname(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let form = match give::text_arg(vm, args, 0)?.as_deref() {
        None => None,
        Some(b"f" | b"long" | b"fqdn" | b"full") => Some(b'f'),
        Some(b"d" | b"domain") => Some(b'd'),
        Some(b"i" | b"ip_address") => Some(b'I'),
        Some(b"s" | b"short") => Some(b's'),
        Some(_) => {
            let text = "The `sys_info.hostname` resource is not supported with that option on your OS.";
            return vm.send(this, "skip_resource", &[Value::str(text)]);
        }
    };
    name(vm, form)
}

fn name(vm: &Interp, form: Option<u8>) -> Res {
    let backend = Backend::of(vm);
    let line = form.map_or_else(|| "hostname".to_owned(), |form| format!("hostname -{}", char::from(form)));
    match backend.run(line.as_bytes())? {
        Ok(output) if output.exit_status != 127 => {
            tool::permitted(vm, line.as_bytes(), &output)?;
            Ok(Value::bytes(text::chomp(&output.stdout)))
        }
        Ok(_) | Err(RunError::Unavailable(_)) => of_kernel(vm, &backend, form),
        Err(error) => Err(base::failed(vm, &format!("Command `{line}`: {error}"))),
    }
}

/// The name that the kernel knows, or the part of it that is asked for.
fn of_kernel(vm: &Interp, backend: &Backend, form: Option<u8>) -> Res {
    let mut name = None;
    for path in ["/proc/sys/kernel/hostname", "/etc/hostname"] {
        if name.is_none() {
            name = facts::present(vm, path, backend.read(path.as_bytes())?)?;
        }
    }
    let (Some(name), false) = (name, form == Some(b'I')) else {
        return Err(base::failed(vm, "Can't tell the system's name: there is no `hostname`"));
    };
    let name = text::strip(&name);
    let dot = name.iter().position(|b| *b == b'.');
    Ok(Value::bytes(match (form, dot) {
        (Some(b's'), Some(dot)) => &name[..dot],
        (Some(b'd'), Some(dot)) => &name[dot + 1..],
        (Some(b'd'), None) => b"",
        _ => name,
    }))
}

fn identity(vm: &Interp, path: &str) -> Res {
    let content = facts::present(vm, path, Backend::of(vm).read(path.as_bytes())?)?;
    Ok(Value::bytes(text::chomp(&content.unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn present_and_absent_names_are_told() {
        let target = MemoryTarget::new()
            .command("hostname", "web1\n", "", 0)
            .command("hostname -f", "web1.example.com\n", "", 0)
            .file("/sys/class/dmi/id/sys_vendor", "QEMU\n");
        let audit = Audit::debian(target);
        let system = audit.the("sys_info");
        assert_eq!(audit.get(&system, "hostname"), r#""web1""#);
        assert_eq!(audit.get(&system, "fqdn"), r#""web1.example.com""#);
        assert_eq!(audit.get(&system, "manufacturer"), r#""QEMU""#);
        assert_eq!(audit.get(&system, "model"), r#""""#);
        audit.vm.send(&system, "hostname", &[Value::str("odd")]).unwrap();
        assert!(audit.why(&system).contains("not supported with that option"));
    }

    #[test]
    fn where_hostname_is_absent_the_kernel_tells() {
        let audit = Audit::debian(MemoryTarget::new().file("/proc/sys/kernel/hostname", "pod-1.ns\n"));
        let system = audit.the("sys_info");
        assert_eq!(
            (audit.get(&system, "short"), audit.get(&system, "domain")),
            (r#""pod-1""#.into(), r#""ns""#.into())
        );
        let none = Audit::debian(MemoryTarget::new());
        assert!(none.get(&none.the("sys_info"), "hostname").contains("there is no `hostname`"));
    }

    #[test]
    fn malformed_names_are_kept_and_unreadable_ones_fail() {
        let name = "/proc/sys/kernel/hostname";
        let odd = Audit::debian(MemoryTarget::new().file(name, ".\n").command("hostname -s", "a b\n\n", "", 0));
        let system = odd.the("sys_info");
        assert_eq!((odd.get(&system, "short"), odd.get(&system, "domain")), (r#""a b\n""#.into(), r#""""#.into()));
        let denied =
            MemoryTarget::new().file(name, "x").denied(name).command("hostname -f", "", "Operation not permitted", 1);
        let denied =
            Audit::debian(denied.file("/sys/class/dmi/id/sys_vendor", "").denied("/sys/class/dmi/id/sys_vendor"));
        let system = denied.the("sys_info");
        assert!(denied.get(&system, "hostname").ends_with("Can't read /proc/sys/kernel/hostname: permission denied"));
        assert!(denied.get(&system, "fqdn").ends_with("Command `hostname -f` may not look: Operation not permitted"));
        assert!(
            denied.get(&system, "manufacturer").ends_with("Can't read /sys/class/dmi/id/sys_vendor: permission denied")
        );
    }
}
