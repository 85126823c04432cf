//! `apache`, `script` and `linux_kernel_parameter`: resources that InSpec 4 removed.
//!
//! CINC Auditor ends the run where a profile uses one, without a report and with exit code 3. So does Plimsoll: it says
//! where, and what to use instead.

use plimsoll_ruby::{Interp, Res};

use crate::base;
use crate::declare::ResourceDef;

/// All of them.
pub(crate) const ALL: &[ResourceDef] = &[
    ResourceDef {
        name: "apache",
        class: "Apache",
        doc: "Removed. Use `apache_conf`.",
        new: Some((0, 0, |vm, _, _| gone(vm, "The apache resource is deprecated"))),
        ..ResourceDef::EMPTY
    },
    ResourceDef {
        name: "script",
        class: "LegacyPowershell",
        doc: "Removed. Use `powershell`.",
        new: Some((1, 1, |vm, _, _| gone(vm, "The `script` resource is deprecated. Please use `powershell` instead"))),
        ..ResourceDef::EMPTY
    },
    ResourceDef {
        name: "linux_kernel_parameter",
        class: "LinuxKernelParameter",
        doc: "Removed. Use `kernel_parameter`.",
        new: Some((1, 1, |vm, _, _| {
            gone(vm, "The `linux_kernel_parameter` resource is deprecated. Please use `kernel_parameter`")
        })),
        ..ResourceDef::EMPTY
    },
];

fn gone(vm: &Interp, what: &str) -> Res {
    Err(base::removed(vm, what))
}

#[cfg(test)]
mod tests {
    use plimsoll_ruby::{UnwindKind, Value};
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn each_ends_the_audit() {
        let audit = Audit::debian(MemoryTarget::new());
        for resource in ALL {
            let args = [Value::str("x")];
            let args = if resource.name == "apache" { &args[..0] } else { &args };
            let unwind = audit.make(resource.name, args).err().unwrap();
            let UnwindKind::Halt(error) = unwind.kind() else { panic!("{} can be rescued", resource.name) };
            let text = error.to_string();
            assert!(text.contains(resource.name) && text.contains("removed in InSpec 4.0"), "{text}");
        }
    }
}
