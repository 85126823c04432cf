//! `command`: a command line that is run on the target.
//!
//! ```ruby
//! describe command('id -u') do
//!   its('stdout') { should eq "0\n" }
//!   its('stderr') { should eq '' }
//!   its('exit_status') { should eq 0 }
//! end
//! ```
//!
//! It is run when a property is asked for, and once. `exist` tells whether the text is the name of a program. Options: `timeout:`
//! in seconds, after which the test fails, and `redact_regex:`, whose match is left out of reports but for its first and second
//! group (`/(-p).*( )/`).

use std::rc::Rc;
use std::time::Duration;

use plimsoll_ruby::{Args, Def, Interp, RObject, Res, Value, def};
use plimsoll_target::{Command, Output, RunError, RunResult};

use crate::backend::Backend;
use crate::base;
use crate::declare::{Given, ResourceDef};
use crate::facts::platform::Platform;
use crate::facts::program;
use crate::give;
use crate::tool;

/// What is run, and how it is shown.
pub(super) struct Line {
    pub text: Vec<u8>,
    pub timeout: Option<Duration>,
    /// What is replaced in its title.
    pub redact: Value,
    /// The script of `bash` and its kin, as it was given.
    pub script: Option<Vec<u8>>,
}

pub(crate) const COMMAND: ResourceDef = ResourceDef {
    name: "command",
    class: "Cmd",
    doc: "A command line, run on the target.",
    new: Some((1, 2, new)),
    methods: METHODS,
    parts: &[Given { by: "result", methods: RESULT_METHODS }],
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("stdout", 0, 0, |vm, this, _| Ok(Value::bytes(output(vm, this)?.stdout)), "What it printed."),
    def("stderr", 0, 0, |vm, this, _| Ok(Value::bytes(output(vm, this)?.stderr)), "What it printed as errors."),
    def("exit_status", 0, 0, |vm, this, _| Ok(i64::from(output(vm, this)?.exit_status).into()), "Its exit status."),
    def("exist?", 0, 0, |vm, this, _| Ok(exists(vm, &of(vm, this)?.text)?.into()), "Whether there is such a program."),
    def("command", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.text.clone())), "The command line."),
    def(
        "result",
        0,
        0,
        |vm, this, _| result_object(vm, &of(vm, this)?.text, Ok(output(vm, this)?)),
        "All of its result.",
    ),
    def("resource_id", 0, 0, to_s, "Its title."),
    def("to_s", 0, 0, to_s, "Its title, with what `redact_regex` matches left out."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    if args[0].is_nil() {
        let text = "InSpec `command` was called with `nil` as the argument. This is not supported. Please provide a valid \
                    command instead.";
        return Err(vm.error("RuntimeError", text));
    }
    let mut line = vm.to_s(&args[0])?.to_vec();
    let timeout = match give::option(vm, args, 1, "timeout")? {
        Some(seconds) => Some(Duration::from_secs(vm.to_int(&seconds)?.max(0) as u64)),
        None => None,
    };
    let redact = give::option(vm, args, 1, "redact_regex")?.filter(Value::truthy).unwrap_or_default();
    let refused = redact.truthy() && vm.real_class_of(&redact).own_name().as_deref() != Some("Regexp");
    if refused {
        // The line may hold what should not be shown.
        line = b"ERROR".to_vec();
    }
    let redact = if refused { Value::Nil } else { redact };
    base::set_state(vm, this, Line { text: line, timeout, redact, script: None })?;
    if refused {
        return Err(base::failed(vm, "The `redact_regex` option must be a regular expression"));
    }
    Ok(Value::Nil)
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Line>> {
    base::state::<Line>(vm, this)
}

fn output(vm: &Interp, this: &Value) -> Res<Output> {
    let line = of(vm, this)?;
    let command = Command { timeout: line.timeout, ..Command::new(line.text.clone()) };
    let result = Backend::of(vm).run_command(command)?;
    tool::answered(vm, &line.text, result)
}

/// Runs a line that another resource needs.
pub(super) fn run(vm: &Interp, line: &[u8]) -> Res<Output> {
    tool::run(vm, line)
}

/// Whether the target has a program of this name.
pub(super) fn exists(vm: &Interp, name: &[u8]) -> Res<bool> {
    let backend = Backend::of(vm);
    let line = if Platform::of(&backend)?.name == "alpine" {
        [b"which \"".as_slice(), name, b"\""].concat()
    } else {
        [b"sh -c 'type \"".as_slice(), name, b"\"'"].concat()
    };
    match backend.run(&line)? {
        Ok(output) => Ok(output.exit_status == 0),
        // No shell to ask: look where it would look.
        Err(RunError::Unavailable(_)) => Ok(program::find(&backend, name)?.is_some()),
        Err(error) => tool::answered(vm, &line, Err(error)).map(|_| false),
    }
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let line = of(vm, this)?;
    let title = Value::bytes([b"Command: `".as_slice(), &line.text, b"`"].concat());
    if line.redact.is_nil() {
        return Ok(title);
    }
    vm.send(&title, "gsub", &[line.redact.clone(), Value::str("\\1REDACTED\\2")])
}

/// What `inspec.backend.run_command` gives.
struct CommandResult(Output);

const RESULT_METHODS: &[Def] = &[
    def("stdout", 0, 0, |vm, this, _| Ok(Value::bytes(result_of(vm, this)?.stdout.clone())), "What it printed."),
    def(
        "stderr",
        0,
        0,
        |vm, this, _| Ok(Value::bytes(result_of(vm, this)?.stderr.clone())),
        "What it printed as errors.",
    ),
    def("exit_status", 0, 0, |vm, this, _| Ok(i64::from(result_of(vm, this)?.exit_status).into()), "Its exit status."),
];

pub(crate) fn install_result(vm: &Interp) {
    let class = vm.define_class(&vm.class_named("Inspec::Backend"), "CommandResult", &vm.c.object);
    vm.define(&class, RESULT_METHODS);
}

/// The result of a command as an object.
pub(crate) fn result_object(vm: &Interp, line: &[u8], result: RunResult) -> Res {
    let output = tool::answered(vm, line, result)?;
    Ok(RObject::with_native(vm.class_named("Inspec::Backend::CommandResult"), CommandResult(output)).into())
}

fn result_of<'v>(vm: &Interp, this: &'v Value) -> Res<&'v Output> {
    this.native::<CommandResult>().map(|result| &result.0).ok_or_else(|| vm.type_error("not a command result"))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use super::*;
    use crate::testing::Audit;

    #[test]
    fn present_programs_run_and_absent_ones_are_not_found() {
        let target = MemoryTarget::new()
            .command("id -u", "0\n", "warn", 3)
            .command("sh -c 'type \"id\"'", "id is /bin/id\n", "", 0)
            .command("sh -c 'type \"no\"'", "", "not found", 127);
        let audit = Audit::debian(target);
        let id = audit.on("command", "id -u");
        assert_eq!(audit.get(&id, "stdout"), r#""0\n""#);
        assert_eq!(audit.get(&id, "stderr"), r#""warn""#);
        assert_eq!(audit.get(&id, "exit_status"), "3");
        assert_eq!(audit.get(&id, "to_s"), r#""Command: `id -u`""#);
        assert_eq!(audit.get(&audit.on("command", "id"), "exist?"), "true");
        assert_eq!(audit.get(&audit.on("command", "no"), "exist?"), "false");
    }

    #[test]
    fn nil_is_refused() {
        let audit = Audit::debian(MemoryTarget::new());
        let error = audit.make("command", &[Value::Nil]).err().unwrap();
        assert!(audit.message(&error).starts_with("RuntimeError: InSpec `command` was called with `nil`"));
    }

    #[test]
    fn without_a_shell_what_is_present_is_unreadable_and_what_is_absent_is_not_found() {
        let target = MemoryTarget::new().without_shell("the image has none").file_with("/usr/bin/app", "", 0o755, 0, 0);
        let audit = Audit::debian(target);
        let app = audit.on("command", "app");
        assert_eq!(audit.get(&app, "exist?"), "true");
        assert!(audit.get(&app, "stdout").contains("cannot run commands here: the image has none"));
        let sshd = audit.on("command", "sshd -T");
        assert_eq!(audit.get(&audit.on("command", "sshd"), "exist?"), "false");
        assert_eq!(audit.get(&sshd, "exit_status"), "127");
        assert_eq!(audit.get(&sshd, "stderr"), r#""sh: sshd: not found\n""#);
    }

    #[test]
    fn a_timeout_fails() {
        let error = RunError::TimedOut(Duration::from_secs(2));
        let audit = Audit::debian(MemoryTarget::new().failing_command("sleep 9", error));
        let told = audit.get(&audit.on("command", "sleep 9"), "exit_status");
        assert_eq!(told, "!Inspec::Exceptions::ResourceFailed: Command `sleep 9` timed out after 2 seconds");
    }

    #[test]
    fn malformed_output_is_kept_as_it_is() {
        let audit = Audit::debian(MemoryTarget::new().command("odd", [0xff, 0, b'\n'], [0xc3, b'('], -1));
        let odd = audit.on("command", "odd");
        assert_eq!(
            (audit.get(&odd, "stdout"), audit.get(&odd, "stderr")),
            ("\"\u{fffd}\\0\\n\"".into(), "\"\u{fffd}(\"".into())
        );
        assert_eq!(audit.get(&odd, "exit_status"), "-1");
    }
}
