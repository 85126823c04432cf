//! `bash` and `ksh`: a script that is run by that shell on the target.
//!
//! ```ruby
//! describe bash('set -o pipefail; false | true') do
//!   its('exit_status') { should eq 1 }
//! end
//! ```
//!
//! Options: `path:` of the shell, `args:` before the script (`-c`), or `wrap:`, a proc that makes the whole command line of the
//! script.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::command::Line;
use crate::base;
use crate::declare::ResourceDef;
use crate::give;
use crate::text;

pub(crate) const BASH: ResourceDef = ResourceDef {
    name: "bash",
    class: "Bash",
    parent: Some("Cmd"),
    doc: "A script, run by bash on the target.",
    new: Some((1, 2, |vm, this, args| new(vm, this, args, "bash"))),
    methods: BASH_METHODS,
    ..ResourceDef::EMPTY
};

pub(crate) const KSH: ResourceDef = ResourceDef {
    name: "ksh",
    class: "Ksh",
    parent: Some("Cmd"),
    doc: "A script, run by the Korn shell on the target.",
    new: Some((1, 2, |vm, this, args| new(vm, this, args, "ksh"))),
    methods: KSH_METHODS,
    ..ResourceDef::EMPTY
};

const BASH_METHODS: &[Def] = &[
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(script(vm, this)?)), "The script."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "Bash command "), "Its title."),
];

const KSH_METHODS: &[Def] = &[
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(script(vm, this)?)), "The script."),
    def("to_s", 0, 0, |vm, this, _| titled(vm, this, "KornShell command "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>, shell: &str) -> Res {
    let script = vm.to_s(&args[0])?.to_vec();
    if let Some(other) = args.get(1).filter(|options| !matches!(options, Value::Hash(_))) {
        let shown = vm.inspect(other)?.lossy();
        let text = "All options for the command wrapper must be provided as a hash. You entered: ";
        return Err(vm.error("RuntimeError", format!("{text}{shown}. Please consult the documentation.")));
    }
    let option = |name: &str, usual: &str| match give::option(vm, args, 1, name)? {
        Some(value) => Ok::<Vec<u8>, plimsoll_ruby::Unwind>(vm.to_s(&value)?.to_vec()),
        None => Ok(usual.as_bytes().to_vec()),
    };
    let line = match give::option(vm, args, 1, "wrap")? {
        Some(wrap) => {
            let line = vm.call(&wrap, plimsoll_ruby::known::CALL, &[args[0].clone()])?;
            vm.to_s(&line)?.to_vec()
        }
        None => {
            let (path, before) = (option("path", shell)?, option("args", "-c")?);
            [&path[..], b" ", &before, b" ", &text::shell_escape(&script)].concat()
        }
    };
    base::set_state(vm, this, Line { text: line, timeout: None, redact: Value::Nil, script: Some(script) })
}

fn script(vm: &Interp, this: &Value) -> Res<Vec<u8>> {
    Ok(base::state::<Line>(vm, this)?.script.clone().unwrap_or_default())
}

fn titled(vm: &Interp, this: &Value, title: &str) -> Res {
    Ok(Value::bytes([title.as_bytes(), &script(vm, this)?].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn a_present_shell_is_handed_the_script() {
        let target = MemoryTarget::new().command("bash -c echo\\ \\$0\\ \\'x\\'", "x\n", "", 0);
        let audit = Audit::debian(target);
        let bash = audit.on("bash", "echo $0 'x'");
        assert_eq!(audit.get(&bash, "stdout"), r#""x\n""#);
        assert_eq!(audit.get(&bash, "to_s"), r#""Bash command echo $0 'x'""#);
        assert_eq!(audit.get(&bash, "resource_id"), r#""echo $0 'x'""#);
        let target = MemoryTarget::new().command("/opt/ksh -s true", "", "", 3);
        let audit = Audit::debian(target);
        let options = audit.options(&[("path", "/opt/ksh"), ("args", "-s")]);
        let ksh = audit.make("ksh", &[Value::str("true"), options]).unwrap();
        assert_eq!(
            (audit.get(&ksh, "exit_status"), audit.get(&ksh, "to_s")),
            ("3".into(), r#""KornShell command true""#.into())
        );
    }

    #[test]
    fn an_absent_shell_is_not_found_and_an_unreadable_one_has_no_result() {
        for name in ["bash", "ksh"] {
            let none = Audit::debian(MemoryTarget::new());
            let script = none.on(name, "true");
            assert_eq!(none.get(&script, "exit_status"), "127");
            assert_eq!(none.get(&script, "stderr"), format!("\"sh: 1: {name}: not found\\n\""));
            let there = MemoryTarget::new().file_with(format!("/bin/{name}"), "", 0o755, 0, 0).without_shell("none");
            let bare = Audit::debian(there);
            let told = bare.get(&bare.on(name, "true"), "stdout");
            assert!(told.contains("has no result: cannot run commands here: none"), "{told}");
        }
    }

    #[test]
    fn malformed_output_is_kept_as_it_is() {
        for name in ["bash", "ksh"] {
            let audit = Audit::debian(MemoryTarget::new().command(format!("{name} -c x"), [0xff, b'\n'], "", 0));
            assert_eq!(audit.get(&audit.on(name, "x"), "stdout"), "\"\u{fffd}\\n\"");
        }
    }

    #[test]
    fn options_must_be_a_hash() {
        let audit = Audit::debian(MemoryTarget::new());
        let error = audit.make("bash", &[Value::str("x"), Value::str("-c")]).unwrap_err();
        assert!(audit.message(&error).contains("must be provided as a hash. You entered: \"-c\"."));
    }
}
