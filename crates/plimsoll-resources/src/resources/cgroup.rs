//! `cgroup`: the parameters of a control group.
//!
//! ```ruby
//! describe cgroup('app') do
//!   its('cpuset.cpus') { should eq 0 }
//!   its('memory.limit_in_bytes') { should be <= 500000 }
//!   its('memory.numa_stat') { should match /total=0/ }
//! end
//! ```
//!
//! `cgget` is asked; without it the resource fails. A value of digits alone is an Integer. A parameter that the group does
//! not have fails.

use std::cell::RefCell;
use std::sync::LazyLock;

use plimsoll_ruby::{Args, Def, Interp, Res, Value, def};
use regex::bytes::Regex;

use super::command;
use crate::base;
use crate::declare::ResourceDef;
use crate::doubt;
use crate::give;
use crate::text;

struct Group {
    tool: &'static str,
    name: Vec<u8>,
    /// The parameters that it has.
    known: Vec<Vec<u8>>,
    /// The parts of a parameter's name that were asked for so far.
    asked: RefCell<Vec<Vec<u8>>>,
}

pub(crate) const CGROUP: ResourceDef = ResourceDef {
    name: "cgroup",
    class: "Cgroup",
    doc: "A control group.",
    new: Some((1, 1, new)),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("method_missing", 1, 1, part, "A parameter; its name has parts: `cpuset.cpus`."),
    def("resource_id", 0, 0, |vm, this, _| title(vm, this, b""), "Its name."),
    def("to_s", 0, 0, |vm, this, _| title(vm, this, b"cgroup "), "Its title."),
];

fn new(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let name = give::text_arg(vm, args, 0)?.unwrap_or_default();
    let group = |tool, known| Group { tool, name: name.clone(), known, asked: RefCell::default() };
    match find_tool(vm).and_then(|tool| Ok((tool, parameters(vm, tool, &name)?))) {
        Ok((tool, known)) => base::set_state(vm, this, group(tool, known)),
        Err(unwind) => {
            base::set_state(vm, this, group("cgget", Vec::new()))?;
            Err(unwind)
        }
    }
}

fn find_tool(vm: &Interp) -> Res<&'static str> {
    for tool in ["/usr/sbin/cgget", "/sbin/cgget", "cgget"] {
        if command::exists(vm, tool.as_bytes())? {
            return Ok(tool);
        }
    }
    Err(base::failed(vm, "Could not find `cgget`"))
}

fn ask(vm: &Interp, line: &[&[u8]]) -> Res<Vec<u8>> {
    let output = command::run(vm, &line.concat())?;
    if output.exit_status == 0 {
        return Ok(output.stdout);
    }
    Err(base::failed(vm, &format!("Executing cgget failed: {}", text::lossy(&output.stderr))))
}

/// What follows a parameter's name, and the further lines of its value.
static VALUES: LazyLock<[Regex; 2]> =
    LazyLock::new(|| [r"(?m-u):.*", r"(?m-u)^\s+.*"].map(|pattern| Regex::new(pattern).expect("a fixed pattern")));

fn parameters(vm: &Interp, tool: &str, name: &[u8]) -> Res<Vec<Vec<u8>>> {
    let mut printed = ask(vm, &[tool.as_bytes(), b" -n -a ", name])?;
    for values in VALUES.iter() {
        printed = values.replace_all(&printed, b"".as_slice()).into_owned();
    }
    Ok(text::lines(&printed).into_iter().filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect())
}

/// A part of a parameter's name: gives the value when the name is whole, itself when more must follow.
fn part(vm: &Interp, this: &Value, args: Args<'_>) -> Res {
    let group = base::state::<Group>(vm, this)?;
    let part = vm.to_name(&args[0])?.bytes().to_vec();
    let level = group.asked.borrow().len();
    group.asked.borrow_mut().push(part.clone());
    let query = group.asked.borrow().join(&b'.');
    let fits = |known: &Vec<u8>| text::split(known, b'.').get(level).is_some_and(|known| *known == part);
    if !group.known.iter().any(fits) {
        group.asked.borrow_mut().clear();
        let query = text::lossy(&query);
        return Err(base::failed(vm, &format!("The query {query} does not appear to be valid.")));
    }
    if !group.known.contains(&query) {
        return Ok(this.clone());
    }
    group.asked.borrow_mut().clear();
    value(vm, &group, &query)
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m-u)^\d+$").expect("a fixed pattern"));

fn value(vm: &Interp, group: &Group, query: &[u8]) -> Res {
    let printed = ask(vm, &[group.tool.as_bytes(), b" -n -r ", query, b" ", &group.name])?;
    let parts = text::split(&printed, b':');
    if parts.is_empty() {
        return Ok(Value::Nil);
    }
    let Some(value) = parts.get(1) else {
        return Err(doubt::unanswered(vm, &format!("Can't read what cgget prints: {:?}", text::lossy(&printed))));
    };
    let value: Vec<u8> = text::strip(value).iter().copied().filter(|byte| *byte != b'\t').collect();
    Ok(if NUMBER.is_match(&value) { Value::Int(text::to_i(&value)) } else { Value::bytes(value) })
}

fn title(vm: &Interp, this: &Value, title: &[u8]) -> Res {
    Ok(Value::bytes([title, &base::state::<Group>(vm, this)?.name].concat()))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    const FOUND: &str = "sh -c 'type \"/usr/sbin/cgget\"'";

    #[test]
    fn present_groups_give_parameters_and_malformed_values_fail() {
        let all = "cpuset.cpus: 0\nmemory.numa_stat: total=0\n\tfile=0\nmemory.limit_in_bytes: 499712\n";
        let target = MemoryTarget::new()
            .command(FOUND, "", "", 0)
            .command("/usr/sbin/cgget -n -a foo", all, "", 0)
            .command("/usr/sbin/cgget -n -r cpuset.cpus foo", "cpuset.cpus: 0\n", "", 0)
            .command("/usr/sbin/cgget -n -r memory.numa_stat foo", "memory.numa_stat: total=0 N0=0\n\tfile=0\n", "", 0)
            .command("/usr/sbin/cgget -n -r memory.limit_in_bytes foo", "malformed\n", "", 0);
        let audit = Audit::debian(target);
        let group = audit.on("cgroup", "foo");
        let down = |first: &str, second: &str| audit.get(&audit.vm.send(&group, first, &[]).unwrap(), second);
        assert_eq!(down("cpuset", "cpus"), "0");
        assert_eq!(down("memory", "numa_stat"), r#""total=0 N0=0\nfile=0""#);
        assert!(down("memory", "limit_in_bytes").contains("Can't read what cgget prints"));
        assert!(down("memory", "none").contains("The query memory.none does not appear to be valid."));
        assert!(audit.get(&group, "pids").contains("The query pids does not appear to be valid."));
        assert_eq!(down("cpuset", "cpus"), "0");
        assert_eq!(audit.get(&group, "to_s"), r#""cgroup foo""#);
    }

    #[test]
    fn an_absent_group_or_tool_fails() {
        let target =
            MemoryTarget::new().command(FOUND, "", "", 0).command("/usr/sbin/cgget -n -a foo", "", "no such group", 96);
        let audit = Audit::debian(target);
        assert_eq!(audit.why(&audit.on("cgroup", "foo")), "failed: Executing cgget failed: no such group");
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.on("cgroup", "foo")), "failed: Could not find `cgget`");
    }

    #[test]
    fn an_unreadable_group_fails() {
        let error = "cgget: cannot read group '/root': Permission denied";
        let target = MemoryTarget::new()
            .command(FOUND, "", "", 0)
            .command("/usr/sbin/cgget -n -a foo", "pids.max: 9\n", "", 0)
            .command("/usr/sbin/cgget -n -r pids.max foo", "", error, 1)
            .command("/usr/sbin/cgget -n -a no", "", error, 1);
        let audit = Audit::debian(target);
        assert_eq!(audit.why(&audit.on("cgroup", "no")), format!("failed: Executing cgget failed: {error}"));
        let pids = audit.vm.send(&audit.on("cgroup", "foo"), "pids", &[]).unwrap();
        assert!(audit.get(&pids, "max").ends_with(error));
    }
}
