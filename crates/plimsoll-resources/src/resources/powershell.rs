//! `powershell`: a script that PowerShell Core (`pwsh`) runs on the target.
//!
//! ```ruby
//! describe powershell('$PSVersionTable.PSVersion.Major') do
//!   its('strip') { should cmp >= 7 }
//! end
//! ```
//!
//! Skipped where there is no `pwsh`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::command::{self, Line};
use crate::base;
use crate::declare::ResourceDef;

pub(crate) const POWERSHELL: ResourceDef = ResourceDef {
    name: "powershell",
    class: "Powershell",
    parent: Some("Cmd"),
    doc: "A script, run by PowerShell on the target.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exist?", 0, 0, |_, _, _| Ok(Value::Nil), "Never known of a script."),
    def(
        "strip",
        0,
        0,
        |vm, this, _| vm.send(&vm.send(this, "stdout", &[])?, "strip", &[]),
        "What it printed, without blanks around.",
    ),
    def("resource_id", 0, 0, |_, _, _| Ok(Value::str("Powershell")), "Its title."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Powershell")), "Its title."),
];

/// Keeps progress bars out of the errors.
const QUIET: &str = "$ProgressPreference='SilentlyContinue';";

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let script = vm.to_str(&args[0])?.lossy();
    let units = QUIET.encode_utf16().chain(script.encode_utf16());
    let encoded = STANDARD.encode(units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let text = format!("pwsh -encodedCommand '{encoded}'").into_bytes();
    base::set_state(vm, this, Line { text, timeout: None, redact: Value::Nil, script: None })?;
    if command::exists(vm, b"pwsh")? {
        return Ok(Value::Nil);
    }
    Err(base::skipped(vm, "Can not find `pwsh` command"))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_powershell_is_handed_the_script_encoded() {
        let line = "pwsh -encodedCommand 'JABQAHIAbwBnAHIAZQBzAHMAUAByAGUAZgBlAHIAZQBuAGMAZQA9ACcAUwBpAGwAZQBuAHQAbAB5AEMAbwBuAHQAaQBuAHUAZQAnADsAMQA='";
        let target = MemoryTarget::new().command("sh -c 'type \"pwsh\"'", "", "", 0).command(line, " 1\r\n", "", 0);
        let audit = Audit::debian(target);
        let script = audit.on("powershell", "1");
        assert_eq!((audit.get(&script, "strip"), audit.get(&script, "exit_status")), (r#""1""#.into(), "0".into()));
        assert_eq!(audit.get(&script, "to_s"), r#""Powershell""#);
    }

    #[test]
    fn an_absent_powershell_skips() {
        let audit = Audit::debian(MemoryTarget::new());
        assert_eq!(audit.why(&audit.on("powershell", "1")), "skipped: Can not find `pwsh` command");
    }

    #[test]
    fn malformed_output_is_kept_and_an_unreadable_powershell_has_no_result() {
        let line = "pwsh -encodedCommand 'JABQAHIAbwBnAHIAZQBzAHMAUAByAGUAZgBlAHIAZQBuAGMAZQA9ACcAUwBpAGwAZQBuAHQAbAB5AEMAbwBuAHQAaQBuAHUAZQAnADsAMQA='";
        let target = MemoryTarget::new().command("sh -c 'type \"pwsh\"'", "", "", 0).command(line, [0xff, b' '], "", 0);
        let audit = Audit::debian(target);
        assert_eq!(audit.get(&audit.on("powershell", "1"), "stdout"), "\"\u{fffd} \"");
        let there = MemoryTarget::new().file_with("/usr/bin/pwsh", "", 0o755, 0, 0).without_shell("none");
        let bare = Audit::debian(there);
        let told = bare.get(&bare.on("powershell", "1"), "stdout");
        assert!(told.starts_with("!Inspec::Exceptions::ResourceFailed: Command `pwsh -encodedCommand"), "{told}");
    }
}
