//! Resources of other systems: Windows' and BSD's own. Profiles may name them; a control that does on a Linux fails and
//! says that they are not for this platform.

use std::rc::Rc;

use plimsoll_ruby::{Interp, RClass, Sym, Value};

use crate::declare::ResourceDef;

/// All of them.
pub(crate) const ALL: &[ResourceDef] = &[
    windows("audit_policy", "AuditPolicy"),
    windows("chocolatey_package", "ChocoPkg"),
    windows("iis_app", "IisApp"),
    windows("iis_app_pool", "IisAppPool"),
    windows("iis_site", "IisSite"),
    windows("iis_website", "IisSiteServerSpec"),
    windows("oneget", "OneGetPackage"),
    windows("registry_key", "RegistryKey"),
    windows("windows_registry_key", "WindowsRegistryKey"),
    windows("security_identifier", "SecurityIdentifier"),
    windows("security_policy", "SecurityPolicy"),
    windows("vbscript", "VBScript"),
    windows("windows_feature", "WindowsFeature"),
    windows("windows_firewall", "WindowsFirewall"),
    windows("windows_firewall_rule", "WindowsFirewallRule"),
    windows("windows_hotfix", "WindowsHotfix"),
    windows("windows_task", "WindowsTasks"),
    windows("wmi", "WMI"),
    ResourceDef { setup: Some(bsd_and_solaris), ..windows("ipfilter", "IpFilter") },
    ResourceDef { setup: Some(bsd_and_solaris), ..windows("ipnat", "IpNat") },
];

const fn windows(name: &'static str, class: &'static str) -> ResourceDef {
    ResourceDef {
        name,
        class,
        doc: "Not for Linux.",
        new: Some((0, -1, |_, _, _| Ok(Value::Nil))),
        setup: Some(|vm, class| only_on(vm, class, &["windows"])),
        ..ResourceDef::EMPTY
    }
}

fn bsd_and_solaris(vm: &Interp, class: &Rc<RClass>) {
    only_on(vm, class, &["bsd", "solaris"]);
}

/// What `supports platform: …` does in a library.
pub(super) fn only_on(vm: &Interp, class: &Rc<RClass>, platforms: &[&str]) {
    let condition = |name: &&str| {
        let pair = (Value::sym("platform"), Value::str(name));
        vm.hash_from([pair]).expect("a Symbol can be a key").into()
    };
    class.head.set_ivar(Sym::new("@supports"), Value::array(platforms.iter().map(condition).collect()));
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn none_is_made_on_linux() {
        let audit = Audit::debian(MemoryTarget::new());
        for resource in ALL {
            let error = audit.make(resource.name, &[Value::str("x")]).err().unwrap();
            let expected = format!(
                "ArgumentError: Unsupported resource/backend combination: {} / debian. Exiting.",
                resource.name
            );
            assert_eq!(audit.message(&error), expected);
        }
    }
}
