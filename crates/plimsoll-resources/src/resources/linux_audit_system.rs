//! `linux_audit_system`: whether the kernel's audit is on, and its rules.
//!
//! ```ruby
//! describe linux_audit_system do
//!   it { should be_enabled }
//!   it { should be_running }
//!   its('rules') { should include '-w /etc -p wa' }
//! end
//! ```
//!
//! `auditctl` is asked. Without it the resource fails.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;

struct Tool(&'static str);

pub(crate) const LINUX_AUDIT_SYSTEM: ResourceDef = ResourceDef {
    name: "linux_audit_system",
    class: "LinuxAuditSystem",
    doc: "The kernel's audit.",
    new: Some((0, 0, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("enabled?", 0, 0, |vm, this, _| Ok((status(vm, this, "enabled")? == Some(1)).into()), "Whether it is on."),
    def(
        "running?",
        0,
        0,
        |vm, this, _| Ok(status(vm, this, "pid")?.is_some_and(|pid| pid != 0).into()),
        "Whether its daemon runs.",
    ),
    def("rules", 0, 0, rules, "The rules, as auditctl prints them."),
    def("auditctl_utility", 0, 0, |vm, this, _| Ok(Value::str(tool(vm, this)?)), "The program that is asked."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("linux_audit_system")), "Its title."),
];

fn new(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    for tool in ["/usr/sbin/auditctl", "/sbin/auditctl", "auditctl"] {
        if command::exists(vm, tool.as_bytes())? {
            return base::set_state(vm, this, Tool(tool));
        }
    }
    let text = "Could not find `auditctl`. This resource requires `auditctl` utility to be available on the system.";
    Err(base::failed(vm, text))
}

fn tool(vm: &Interp, this: &Value) -> Res<&'static str> {
    Ok(base::state::<Tool>(vm, this)?.0)
}

/// A number of what `auditctl -s` prints.
fn status(vm: &Interp, this: &Value, name: &str) -> Res<Option<i64>> {
    let tool = tool(vm, this)?;
    let output = command::run(vm, format!("{tool} -s | grep {name}").as_bytes())?;
    if output.exit_status != 0 {
        let error = text::lossy(&output.stderr);
        return Err(base::failed(vm, &format!("Executing {tool} -s | grep enabled failed: {error}")));
    }
    Ok(text::words(&output.stdout).get(1).map(|number| text::to_i(number)))
}

fn rules(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let tool = tool(vm, this)?;
    let output = command::run(vm, format!("{tool} -l").as_bytes())?;
    if output.exit_status != 0 {
        return Err(base::failed(vm, &format!("Executing {tool} -l: {}", text::lossy(&output.stderr))));
    }
    Ok(give::texts(text::lines(text::strip(&output.stdout))))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const FOUND: &str = "sh -c 'type \"/sbin/auditctl\"'";

    #[test]
    fn a_present_auditctl_is_asked() {
        let target = MemoryTarget::new()
            .command(FOUND, "", "", 0)
            .command("/sbin/auditctl -s | grep enabled", "enabled 1\n", "", 0)
            .command("/sbin/auditctl -s | grep pid", "pid 0\n", "", 0)
            .command("/sbin/auditctl -l", "-w /etc -p wa\n-w /bin -p x\n", "", 0);
        let audit = Audit::debian(target);
        let system = audit.the("linux_audit_system");
        assert_eq!((audit.get(&system, "enabled?"), audit.get(&system, "running?")), ("true".into(), "false".into()));
        assert_eq!(audit.get(&system, "rules"), r#"["-w /etc -p wa", "-w /bin -p x"]"#);
        assert_eq!(audit.get(&system, "auditctl_utility"), r#""/sbin/auditctl""#);
    }

    #[test]
    fn what_is_unreadable_fails_and_malformed_answers_are_no() {
        let target = MemoryTarget::new()
            .command(FOUND, "", "", 0)
            .command("/sbin/auditctl -l", "", "You must be root to run this program.\n", 4)
            .command("/sbin/auditctl -s | grep enabled", "", "no", 1)
            .command("/sbin/auditctl -s | grep pid", "pid\n", "", 0);
        let audit = Audit::debian(target);
        let system = audit.the("linux_audit_system");
        assert!(audit.get(&system, "rules").contains("Executing /sbin/auditctl -l: You must be root"));
        assert!(audit.get(&system, "enabled?").contains("Executing /sbin/auditctl -s | grep enabled failed: no"));
        assert_eq!(audit.get(&system, "running?"), "false");
    }

    #[test]
    fn an_absent_auditctl_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        assert!(audit.why(&audit.the("linux_audit_system")).starts_with("failed: Could not find `auditctl`."));
    }
}
