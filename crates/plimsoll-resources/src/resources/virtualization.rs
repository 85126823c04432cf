//! `virtualization`: whether the target is a container, a virtual machine or their host.
//!
//! ```ruby
//! only_if('not for containers') { virtualization.system != 'docker' }
//! describe virtualization do
//!   its('system') { should eq 'kubepods' }
//!   its('role') { should eq 'guest' }
//! end
//! ```
//!
//! Read from `/proc`, `/sys` and the marks that container runtimes leave. Without any of them the system is physical.

use plimsoll_ruby::{Def, Interp, Res, Value, def};
use plimsoll_target::{Answer, Request};
use regex::bytes::Regex;

use super::command;
use crate::backend::Backend;
use crate::base;
use crate::declare::ResourceDef;
use crate::text;

/// The system's name and the role in it, where one is recognised.
struct Found(Option<(String, &'static str)>);

pub(crate) const VIRTUALIZATION: ResourceDef = ResourceDef {
    name: "virtualization",
    class: "Virtualization",
    doc: "Whether the target is a container, a virtual machine or their host.",
    new: Some((0, 0, |vm, this, _| base::set_state(vm, this, Found(detect(vm)?)))),
    methods: METHODS,
    ..ResourceDef::EMPTY
};

const METHODS: &[Def] = &[
    def("system", 0, 0, |vm, this, _| system(vm, this, Value::Nil), "Its name: `docker`, `kubepods`, `kvm` …"),
    def("role", 0, 0, |vm, this, _| Ok(role(vm, this)?.map_or(Value::Nil, Value::str)), "`guest` or `host`."),
    def("virtual_system?", 0, 0, |vm, this, _| Ok((role(vm, this)? == Some("guest")).into()), "Whether it is a guest."),
    def("physical_system?", 0, 0, |vm, this, _| Ok(role(vm, this)?.is_none().into()), "Whether it is neither."),
    def("params", 0, 0, |_, _, _| Ok(Value::Nil), "Nothing: ask for `system` and `role`."),
    def("resource_id", 0, 0, |vm, this, _| system(vm, this, Value::str("virtualization")), "The system's name."),
    def("to_s", 0, 0, |_, _, _| Ok(Value::str("Virtualization Detection")), "Its title."),
];

fn system(vm: &Interp, this: &Value, otherwise: Value) -> Res {
    Ok(base::state::<Found>(vm, this)?.0.as_ref().map_or(otherwise, |(system, _)| Value::str(system)))
}

fn role(vm: &Interp, this: &Value) -> Res<Option<&'static str>> {
    Ok(base::state::<Found>(vm, this)?.0.as_ref().map(|(_, role)| *role))
}

/// What is read.
const FILES: [&str; 8] = [
    "/proc/xen/capabilities",
    "/proc/modules",
    "/proc/self/cgroup",
    "/proc/1/environ",
    "/proc/self/status",
    "/proc/cpuinfo",
    "/proc/bus/pci/devices",
    "/sys/devices/virtual/dmi/id/product_name",
];

/// What need only be there.
const MARKS: [&str; 9] = [
    "/proc/xen/capabilities",
    "/proc/self/cgroup",
    "/.dockerenv",
    "/.dockerinit",
    "/dev/lxd/sock",
    "/var/lib/lxd/devlxd",
    "/sys/devices/virtual/misc/kvm",
    "/proc/bc/0",
    "/proc/vz",
];

/// The files' contents and which marks are there, asked in one round trip.
struct Clues {
    contents: Vec<Vec<u8>>,
    marks: Vec<bool>,
}

impl Clues {
    fn gather(backend: &Backend) -> Res<Self> {
        let read = FILES.iter().map(|path| Request::Read { path: path.as_bytes().to_vec() });
        let stat = MARKS.iter().map(|path| Request::Stat { path: path.as_bytes().to_vec(), follow: true });
        let mut clues = Self { contents: Vec::new(), marks: Vec::new() };
        for answer in backend.ask(&read.chain(stat).collect::<Vec<_>>())? {
            match answer {
                Answer::Content(content) => clues.contents.push(content.unwrap_or_default()),
                Answer::Stat(stat) => clues.marks.push(stat.is_ok()),
                Answer::Run(_) | Answer::Entries(_) => {}
            }
        }
        Ok(clues)
    }

    fn content(&self, path: &str) -> &[u8] {
        let at = FILES.iter().position(|known| *known == path);
        at.and_then(|at| self.contents.get(at)).map_or(b"", Vec::as_slice)
    }

    fn has(&self, path: &str) -> bool {
        let at = MARKS.iter().position(|known| *known == path);
        at.and_then(|at| self.marks.get(at)).copied().unwrap_or_default()
    }

    /// What the first group of a pattern matches in a file; the whole match where it has none.
    fn find(&self, path: &str, pattern: &str) -> Option<String> {
        let pattern = Regex::new(pattern).expect("the pattern is written here");
        let groups = pattern.captures(self.content(path))?;
        groups.get(1).or_else(|| groups.get(0)).map(|found| text::lossy(found.as_bytes()))
    }
}

/// The first system that is recognised.
fn detect(vm: &Interp) -> Res<Option<(String, &'static str)>> {
    let clues = Clues::gather(&Backend::of(vm))?;
    let is = |system: &str, role| Ok(Some((system.to_owned(), role)));
    let guest_if = |guest: bool| if guest { "guest" } else { "host" };
    if clues.has("/proc/xen/capabilities") {
        return is("xen", guest_if(clues.find("/proc/xen/capabilities", "(?i)control_d").is_none()));
    }
    if clues.has("/.dockerenv") || clues.has("/.dockerinit") {
        return is("docker", "guest");
    }
    if let Some(module) = clues.find("/proc/modules", "(?m-u)^vbox(drv|guest)") {
        return is("vbox", guest_if(module == "guest"));
    }
    if clues.has("/dev/lxd/sock") {
        return is("lxd", "guest");
    }
    if clues.has("/var/lib/lxd/devlxd") {
        return is("lxd", "host");
    }
    if let Some(found) = container(vm, &clues)? {
        return Ok(Some(found));
    }
    if let Some(context) = clues.find("/proc/self/status", r"(?m-u)^(?:s_context|VxID):\s*(\d+)$") {
        return is("linux-vserver", guest_if(context != "0"));
    }
    let virtual_cpu = "QEMU Virtual CPU|Common KVM processor|Common 32-bit KVM processor";
    if clues.find("/proc/cpuinfo", virtual_cpu).is_some() {
        return is("kvm", "guest");
    }
    if clues.has("/sys/devices/virtual/misc/kvm") {
        return is("kvm", guest_if(clues.find("/proc/cpuinfo", "hypervisor").is_some()));
    }
    if clues.has("/proc/bc/0") {
        return is("openvz", "host");
    }
    if clues.has("/proc/vz") {
        return is("openvz", "guest");
    }
    if command::exists(vm, b"nova")? {
        return is("openstack", "host");
    }
    if clues.find("/proc/bus/pci/devices", "1ab84000").is_some() {
        return is("parallels", "guest");
    }
    let product = "/sys/devices/virtual/dmi/id/product_name";
    if clues.find(product, "(?m)^VMware").is_some() {
        return is("vmware", "guest");
    }
    if text::strip(clues.content(product)) == b"Virtual Machine" {
        return is("hyper-v", "guest");
    }
    Ok(None)
}

/// A container, by the names of its control groups or its environment.
fn container(vm: &Interp, clues: &Clues) -> Res<Option<(String, &'static str)>> {
    let groups = "/proc/self/cgroup";
    let patterns = [
        r"(?m-u)^\d+:[^:]+:/(lxc|docker)/.+$",
        r"(?m-u)^\d+:[^:]+:/[^/]+/(lxc|docker)-.+$",
        r"(?m-u)^\d+:[^:]+:/(kubepods)/.+$",
    ];
    if let Some(system) = patterns.iter().find_map(|pattern| clues.find(groups, pattern)) {
        return Ok(Some((system, "guest")));
    }
    if clues.has(groups) && text::find(clues.content("/proc/1/environ"), b"container=podman").is_some() {
        return Ok(Some(("podman".into(), "guest")));
    }
    let is_host = clues.find(groups, r"(?m-u)\d:[^:]+:/$").is_some() && command::exists(vm, b"lxc-version")?;
    Ok(is_host.then(|| ("lxc".into(), "host")))
}

#[cfg(test)]
mod tests {
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    fn told(target: MemoryTarget) -> String {
        let audit = Audit::debian(target);
        let virtualization = audit.the("virtualization");
        ["system", "role", "virtual_system?", "physical_system?"].map(|q| audit.get(&virtualization, q)).join(" ")
    }

    #[test]
    fn present_marks_of_containers_are_recognised() {
        let audit = Audit::debian(MemoryTarget::new().file("/.dockerenv", ""));
        assert_eq!(audit.get(&audit.the("virtualization"), "resource_id"), r#""docker""#);
        let groups = |line: &str| MemoryTarget::new().file("/proc/self/cgroup", line);
        let guest = |system: &str| format!("{system:?} \"guest\" true false");
        assert_eq!(told(MemoryTarget::new().file("/.dockerenv", "")), guest("docker"));
        assert_eq!(told(groups("12:pids:/docker/0123abc\n")), guest("docker"));
        assert_eq!(told(groups("1:name=systemd:/system.slice/docker-0123.scope\n")), guest("docker"));
        assert_eq!(told(groups("2:cpu:/kubepods/besteffort/pod1/x\n")), guest("kubepods"));
        let podman = groups("0::/\n").file("/proc/1/environ", "PATH=/bin\0container=podman\0");
        assert_eq!(told(podman), guest("podman"));
    }

    #[test]
    fn what_is_absent_malformed_or_unreadable_is_no_clue() {
        let clues = ["/proc/self/cgroup", "/proc/self/status", "/proc/modules", "/proc/1/environ", "/proc/cpuinfo"];
        let odd = clues.iter().fold(MemoryTarget::new(), |target, path| target.file(path, "oops\n::/docker/\n"));
        let denied =
            clues.iter().fold(MemoryTarget::new(), |target, path| target.file(path, "1:x:/docker/1\n").denied(path));
        for target in [MemoryTarget::new(), odd, denied] {
            let audit = Audit::debian(target);
            let virtualization = audit.the("virtualization");
            assert_eq!(
                (audit.why(&virtualization), audit.get(&virtualization, "system")),
                ("fine".into(), "nil".into())
            );
        }
    }

    #[test]
    fn recognises_machines() {
        let cpu = |text: &str| MemoryTarget::new().file("/proc/cpuinfo", text).dir("/sys/devices/virtual/misc/kvm");
        assert_eq!(told(cpu("flags: hypervisor\n")), "\"kvm\" \"guest\" true false");
        assert_eq!(told(cpu("flags: sse\n")), "\"kvm\" \"host\" false false");
        let product = |name: &str| MemoryTarget::new().file("/sys/devices/virtual/dmi/id/product_name", name);
        assert_eq!(told(product("VMware7,1\n")), "\"vmware\" \"guest\" true false");
        assert_eq!(told(product("Virtual Machine\n")), "\"hyper-v\" \"guest\" true false");
        assert_eq!(told(product("PowerEdge\n")), "nil nil false true");
        let vserver = MemoryTarget::new().file("/proc/self/status", "Name: x\nVxID: 12\n");
        assert_eq!(told(vserver), "\"linux-vserver\" \"guest\" true false");
    }

    #[test]
    fn without_clues_it_is_physical() {
        assert_eq!(told(MemoryTarget::new().file("/proc/self/cgroup", "0::/\n")), "nil nil false true");
        assert_eq!(told(MemoryTarget::new().without_shell("none")), "nil nil false true");
    }
}
