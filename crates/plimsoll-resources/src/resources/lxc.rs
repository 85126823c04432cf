//! `lxc`: a container of LXD.
//!
//! ```ruby
//! describe lxc('ubuntu-container') do
//!   it { should exist }
//!   it { should be_running }
//!   its('status') { should cmp 'Running' }
//!   its('architecture') { should eq 'x86_64' }
//! end
//! ```
//!
//! What `lxc info` prints; without `lxc` the resource fails.

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::text;
use crate::yaml_text;

struct Container {
    name: Vec<u8>,
    info: Value,
}

pub(crate) const LXC: ResourceDef = ResourceDef {
    name: "lxc",
    class: "Lxc",
    doc: "A container of LXD.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("exists?", 0, 0, exists, "Whether there is such a container."),
    def("running?", 0, 0, is_running, "Whether it runs."),
    def("name", 0, 0, |vm, this, _| told(vm, this, "Name"), "Its name."),
    def("status", 0, 0, |vm, this, _| told(vm, this, "Status"), "Its status: `Running` or `Stopped`."),
    def("type", 0, 0, |vm, this, _| told(vm, this, "Type"), "`container` or `virtual-machine`"),
    def("architecture", 0, 0, |vm, this, _| told(vm, this, "Architecture"), "Its architecture."),
    def("pid", 0, 0, |vm, this, _| told(vm, this, "PID"), "The number of its first process."),
    def("created_at", 0, 0, |vm, this, _| told(vm, this, "Created"), "When it was made, as text."),
    def("last_used_at", 0, 0, |vm, this, _| told(vm, this, "Last Used"), "When it was last used, as text."),
    def("resources", 0, 0, |vm, this, _| told(vm, this, "Resources"), "What it uses."),
    def("container_info", 0, 0, |vm, this, _| info(vm, this), "All that is told of it."),
    def("container_name", 0, 0, |vm, this, _| title(vm, this, b""), "Its name as it was given."),
    def("resource_id", 0, 0, |vm, this, _| title(vm, this, b""), "Its name as it was given."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, b"lxc "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = give::text_arg(vm, args, 0)?.unwrap_or_default();
    match ask(vm, &name) {
        Ok(info) => base::set_state(vm, this, Container { name, info }),
        Err(unwind) => {
            base::set_state(vm, this, Container { name, info: Value::Nil })?;
            Err(unwind)
        }
    }
}

fn ask(vm: &Interp, name: &[u8]) -> Res {
    let mut tool = None;
    for candidate in ["/usr/sbin/lxc", "/sbin/lxc", "lxc"] {
        if command::exists(vm, candidate.as_bytes())? {
            tool = Some(candidate);
            break;
        }
    }
    let Some(tool) = tool else { return Err(base::failed(vm, "Could not find `lxc`")) };
    let output = command::run(vm, &[tool.as_bytes(), b" info ", name].concat())?;
    if output.exit_status == 0 {
        let told = yaml_text::parse(vm, &output.stdout)?;
        let unreadable = |why: &str| doubt::unanswered(vm, &format!("Can't read what lxc prints: {why}"));
        let told = told.map_err(|error| unreadable(&error))?;
        return if matches!(told, Value::Hash(_)) { Ok(told) } else { Err(unreadable("it is no list of properties")) };
    }
    if text::find(&output.stderr, b"Error: Instance not found").is_some() {
        return Ok(vm.hash_from([])?.into());
    }
    let (name, error) = (text::lossy(name), text::lossy(&output.stderr));
    Err(base::failed(vm, &format!("Unable to retrieve information for {name}.\n{error}")))
}

fn info(vm: &Interp, this: &Value) -> Res {
    Ok(base::state::<Container>(vm, this)?.info.clone())
}

fn told(vm: &Interp, this: &Value, key: &str) -> Res {
    vm.send(&info(vm, this)?, "[]", &[Value::str(key)])
}

fn exists(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok((!vm.send(&info(vm, this)?, "empty?", &[])?.truthy()).into())
}

fn is_running(vm: &Interp, this: &Value, _: Args<'_>) -> Res {
    Ok(match told(vm, this, "Status")? {
        Value::Str(status) => status.bytes().eq_ignore_ascii_case(b"running").into(),
        _ => false.into(),
    })
}

fn title(vm: &Interp, this: &Value, title: &[u8]) -> Res {
    Ok(Value::bytes([title, &base::state::<Container>(vm, this)?.name].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const FOUND: &str = "sh -c 'type \"/usr/sbin/lxc\"'";

    #[test]
    fn a_present_container_is_told_of() {
        let printed = "Name: web\nStatus: RUNNING\nType: container\nArchitecture: x86_64\nPID: 1378\n\
            Created: 2022/08/16 12:07 UTC\nResources:\n  Processes: 3\n";
        let target = MemoryTarget::new().command(FOUND, "", "", 0).command("/usr/sbin/lxc info web", printed, "", 0);
        let audit = Audit::debian(target);
        let web = audit.on("lxc", "web");
        assert_eq!((audit.get(&web, "exists?"), audit.get(&web, "running?")), ("true".into(), "true".into()));
        assert_eq!((audit.get(&web, "pid"), audit.get(&web, "last_used_at")), ("1378".into(), "nil".into()));
        assert_eq!(audit.get(&web, "created_at"), r#""2022/08/16 12:07 UTC""#);
        assert_eq!(audit.get(&web, "resources"), r#"{"Processes" => 3}"#);
        assert_eq!(audit.get(&web, "to_s"), r#""lxc web""#);
    }

    #[test]
    fn absent_malformed_and_unreadable_containers_are_told_apart() {
        let target = MemoryTarget::new()
            .command(FOUND, "", "", 0)
            .command("/usr/sbin/lxc info bad", "a: [\n", "", 0)
            .command("/usr/sbin/lxc info odd", "text\n", "", 0)
            .command("/usr/sbin/lxc info gone", "", "Error: Instance not found\n", 1)
            .command("/usr/sbin/lxc info denied", "", "permission denied", 1);
        let audit = Audit::debian(target);
        let gone = audit.on("lxc", "gone");
        assert_eq!((audit.get(&gone, "exists?"), audit.get(&gone, "running?")), ("false".into(), "false".into()));
        let denied = audit.why(&audit.on("lxc", "denied"));
        assert_eq!(denied, "failed: Unable to retrieve information for denied.\npermission denied");
        assert!(audit.why(&audit.on("lxc", "bad")).starts_with("failed: Can't read what lxc prints: "));
        assert_eq!(
            audit.why(&audit.on("lxc", "odd")),
            "failed: Can't read what lxc prints: it is no list of properties"
        );
    }

    #[test]
    fn without_lxc_it_fails() {
        let audit = Audit::debian(MemoryTarget::new());
        assert_eq!(audit.why(&audit.on("lxc", "web")), "failed: Could not find `lxc`");
    }
}
