//! `os_env`: a variable of the environment that commands are run in.
//!
//! ```ruby
//! describe os_env('PATH') do
//!   its('split') { should_not include '' }
//!   its('split') { should_not include '.' }
//! end
//! ```
//!
//! `env` is asked; without a shell the environment of the first process counts.

use std::rc::Rc;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use plimsoll_target::RunError;

use crate::backend::Backend;
use crate::base;
use crate::config_text::{self, Options};
use crate::declare::ResourceDef;
use crate::facts::platform::Platform;
use crate::give;
use crate::text;

struct Variable(Option<Vec<u8>>);

pub(crate) const OS_ENV: ResourceDef = ResourceDef {
    name: "os_env",
    class: "OsEnv",
    doc: "A variable of the environment.",
    new: Some((0, 2, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("content", 0, 0, content, "Its value; nil when it is not set."),
    def("split", 0, 0, split, "Its value cut at colons."),
    def("resource_id", 0, 0, |vm, this, _| Ok(Value::bytes(of(vm, this)?.0.clone().unwrap_or_default())), "Its name."),
    def("to_s", 0, 0, to_s, "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    base::set_state(vm, this, Variable(give::text_arg(vm, args, 0)?))
}

fn of(vm: &Interp, this: &Value) -> Res<Rc<Variable>> {
    base::state::<Variable>(vm, this)
}

fn content(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    let Some(name) = of(vm, this)?.0.clone() else { return Ok(Value::Nil) };
    let backend = Backend::of(vm);
    let printed = match backend.run(b"env")? {
        Ok(output) => {
            if output.exit_status != 0 {
                let os = &Platform::of(&backend)?.name;
                let status = output.exit_status;
                let text = format!("Can't read environment variables on {os}. Tried `env` which returned {status}");
                vm.send(this, "skip_resource", &[Value::str(text)])?;
            }
            output.stdout
        }
        Err(RunError::Unavailable(_)) => of_first_process(vm, &backend)?,
        Err(error) => return Err(base::failed(vm, &format!("Can't read environment variables: {error}"))),
    };
    let usual = config_text::key_and_value(b'=');
    let params = config_text::parse(vm, &printed, &Options::new(&usual))?;
    vm.hash_fetch(&params, &Value::bytes(name))
}

/// The environment of the first process, one variable a line.
fn of_first_process(vm: &Interp, backend: &Backend) -> Res<Vec<u8>> {
    match backend.read(b"/proc/1/environ")? {
        Ok(environment) => Ok(environment.iter().map(|b| if *b == 0 { b'\n' } else { *b }).collect()),
        Err(error) => Err(base::failed(vm, &format!("Can't read environment variables: /proc/1/environ: {error}"))),
    }
}

fn split(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    match content(vm, this, args)? {
        Value::Str(value) if !value.is_empty() => Ok(give::texts(value.to_vec().split(|b| *b == b':'))),
        _ => Ok(Value::array(Vec::new())),
    }
}

fn to_s(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(match &of(vm, this)?.0 {
        Some(name) => Value::str(format!("Environment variable {}", text::lossy(name))),
        None => Value::str("Environment variables"),
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn present_and_absent_variables_are_told_apart() {
        let audit = Audit::debian(MemoryTarget::new().command("env", "PATH=/bin:/usr/bin:\nHOME=/root\n", "", 0));
        let path = audit.on("os_env", "PATH");
        assert_eq!(audit.get(&path, "content"), r#""/bin:/usr/bin:""#);
        assert_eq!(audit.get(&path, "split"), r#"["/bin", "/usr/bin", ""]"#);
        assert_eq!(audit.get(&path, "to_s"), r#""Environment variable PATH""#);
        let none = audit.on("os_env", "NONE");
        assert_eq!((audit.get(&none, "content"), audit.get(&none, "split")), ("nil".into(), "[]".into()));
    }

    #[test]
    fn an_absent_env_skips() {
        let audit = Audit::debian(MemoryTarget::new());
        let path = audit.on("os_env", "PATH");
        assert_eq!(audit.get(&path, "content"), "nil");
        assert!(audit.why(&path).ends_with("Tried `env` which returned 127"));
    }

    #[test]
    fn without_a_shell_the_first_process_tells_and_an_unreadable_one_fails() {
        let target = MemoryTarget::new().file("/proc/1/environ", "A=1\0PATH=/x\0").without_shell("none");
        let audit = Audit::debian(target);
        assert_eq!(audit.get(&audit.on("os_env", "PATH"), "content"), r#""/x""#);
        let audit = Audit::debian(MemoryTarget::new().without_shell("none"));
        assert!(audit.get(&audit.on("os_env", "PATH"), "content").contains("/proc/1/environ: no such file"));
    }

    #[test]
    fn malformed_lines_are_variables_without_a_value() {
        let audit = Audit::debian(MemoryTarget::new().command("env", "ODD\nA==b\n=c\n", "", 0));
        let content = |name: &str| audit.get(&audit.on("os_env", name), "content");
        assert_eq!((content("ODD"), content("A")), (r#""""#.into(), r#""=b""#.into()));
    }
}
